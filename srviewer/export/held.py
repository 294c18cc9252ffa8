"""What a folder holds before an export writes to it, found without a lock or a change."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from srviewer.errors import Cancelled, ExportError, SrviewerError, reason
from srviewer.export.manifest import EXPORT, MANIFEST, RECIPE
from srviewer.export.run_file import RunFile
from srviewer.export.settings_there import images_there, target_there, versions_there
from srviewer.export.target import Target
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.runs.data_sets import RUN_FILE
from srviewer.runs.database import BESIDE
from srviewer.runs.folders import files_in, find, is_file
from srviewer.runs.marks import FileMark

MOST_COUNTED = 10_000  # of a person's files
_OURS = (RUN_FILE, *(f"{RUN_FILE}{ending}" for ending in BESIDE))


@dataclass(frozen=True)
class Held:
    """What a folder holds.

    Attributes
    ----------
    out : Path
    exists : bool
    there : Target, optional
        How the pairs that are there were written; None where it is no data set.
    made_with : mapping of str to str
        The versions that they were made with.
    marks : mapping of str to FileMark
        Of the images that they were made of, by name.
    pairs : int
    of_image : mapping of str to int
        How many of these are of each image, by name.
    failed : mapping of str to (FileMark, str)
        The images that nothing came of, by name: their files as they were, and why.
    in_work : bool
        Whether an export writes there or was killed: more may be done than can be seen.
    files : int
        Those in a folder that is no data set, up to `MOST_COUNTED`.
    problem : str
        Why nothing can be written there, or nothing be told of it; empty where nothing is wrong.
    """

    out: Path
    exists: bool = True
    there: Target | None = None
    made_with: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, FileMark] = field(default_factory=dict)
    pairs: int = 0
    of_image: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, tuple[FileMark, str]] = field(default_factory=dict)
    in_work: bool = False
    files: int = 0
    problem: str = ""

    @cached_property
    def contents(self) -> frozenset[str]:
        """The SHA-256 of the images."""
        return frozenset(mark.sha256 for mark in self.marks.values())


def look(out: Path, progress: Progress = UNHEARD) -> Held:
    """Return what the folder `out` holds; whatever is wrong with it is its `problem`.

    Raises
    ------
    Cancelled
    """
    try:
        return _look(out, progress)
    except Cancelled:
        raise
    except SrviewerError as error:
        return Held(out, problem=str(error))
    except (OSError, ValueError) as error:
        path = getattr(error, "filename", out)
        return Held(out, problem=str(ExportError(reason(error), path=path)))


def _look(out: Path, progress: Progress) -> Held:
    _require_room(out)
    try:
        os.lstat(out)
    except FileNotFoundError:
        return Held(out, exists=False)
    with contextlib.ExitStack() as stack:
        run_file = None
        if is_file(out, RUN_FILE):
            run_file = stack.enter_context(RunFile(out, looking=True))
        wal = find(out, f"{RUN_FILE}-wal")
        in_work = wal is not None and wal.st_size > 0
        if not any(find(out, name) for name in (RECIPE, EXPORT, MANIFEST)):
            return Held(out, in_work=in_work, files=_count_files(out, progress))
        there, made_with = target_there(out, run_file), versions_there(out, run_file)
        images = list(progress.each(images_there(out, run_file)))
        pairs = {one.name: one.pairs for one in images}
        return Held(
            out,
            there=there,
            made_with=made_with,
            marks={one.name: one.mark for one in images if one.mark},
            pairs=sum(pairs.values()),
            of_image=pairs,
            failed=run_file.failures() if run_file else {},
            in_work=in_work,
        )


def _require_room(out: Path) -> None:
    """Raise where no folder `out` can be made, or nothing be written into it."""
    nearest = out.absolute()
    while not os.path.lexists(nearest) and nearest != nearest.parent:
        nearest = nearest.parent
    if not os.path.isdir(nearest):
        raise ExportError("not a folder", path=nearest)
    if not os.access(nearest, os.W_OK):
        raise ExportError("cannot be written to", path=nearest)
    if nearest == out.absolute():
        os.scandir(out).close()


def _count_files(out: Path, progress: Progress) -> int:
    """Return how many files there are that are not ours, as far as they can be seen."""
    count = 0
    try:
        for name in progress.each(files_in(out)):
            count += name not in _OURS
            if count >= MOST_COUNTED:
                break
    except OSError:  # a folder of somebody else's, in which there may be any number
        count = max(count, 1)
    return count
