"""Programs that survey the same images into one file at once: they share the work.

Before an image is begun it is looked up again, as another program may have done it meanwhile,
and it is claimed. An image that another program has claimed is left for last: by then it is done,
or that program is gone and it is begun after all. So claims need no clock and no end, and one
that a killed program leaves behind does no harm.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass

from srviewer.errors import ReadError
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.runs.inputs import Input
from srviewer.runs.marks import mark_file
from srviewer.survey.file import SurveyFile


@dataclass(frozen=True)
class Known:
    """An image was dealt with before: its record is there, or else why it failed."""

    cause: str | None = None


@dataclass(frozen=True)
class Claimed:
    """Another program seems to be at an image."""


class Finder:
    """Looks up images in a survey file, and claims them.

    Parameters
    ----------
    file : SurveyFile
    retry_failed : bool
        Whether images that failed before are begun again.
    """

    def __init__(self, file: SurveyFile, *, retry_failed: bool) -> None:
        self._file = file
        self._retry_failed = retry_failed
        self._owner = f"{os.getpid()} {uuid.uuid4()}"

    def find(self, image: Input, progress: Progress = UNHEARD) -> Known | None:
        """Return what is known of `image`, None where it is to be surveyed.

        Raises
        ------
        Cancelled
        """
        try:
            found = image.path.stat()
        except OSError:
            return None  # the survey will say what is wrong with it
        mark = self._file.known_mark(image.path, found.st_size, found.st_mtime_ns)
        if mark is None:
            # Only what has the size of a known file can be a copy of it.
            if not self._file.has_size(found.st_size):
                return None
            try:
                mark = mark_file(image.path, progress)
            except ReadError:
                return None
            self._file.note_file(image.path, mark)
        if self._file.has(mark.sha256):
            return Known()
        cause = None if self._retry_failed else self._file.failure(mark.sha256)
        return None if cause is None else Known(cause)

    def begin(self, image: Input, *, last: bool) -> Known | Claimed | None:
        """Claim `image` and return None, or return why it is not to be begun now.

        Parameters
        ----------
        image : Input
        last : bool
            Whether other programs' claims do not count any more.
        """
        found = self.find(image)
        if found is not None:
            return found
        return None if self._file.claim(image.path, self._owner, anyway=last) else Claimed()

    def release(self) -> None:
        """Give up the claims that are left."""
        self._file.release(self._owner)
