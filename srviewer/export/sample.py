"""The painted sample: pairs of it have no place among those of photographs.

It is there to look at the window with, and is known by its content, whatever it is called.
"""

import contextlib
from collections.abc import Collection, Iterable
from pathlib import Path

from srviewer.errors import ConflictError, MisplacedError, ReadError
from srviewer.runs.data_sets import is_data_set
from srviewer.runs.folders import files_in
from srviewer.runs.marks import fingerprint

SAMPLE = "3fd4179794caea7c9b02f4c46850ec077a0c92cdeae4767ee1eb778e96533bb8"
HOLDS_SAMPLE = "holds pairs of the painted sample"
_BYTES = 1_155_785  # so that few other files are read to tell


def is_sample(path: Path) -> bool:
    """Tell whether the file `path` is the painted sample."""
    with contextlib.suppress(OSError, ValueError, ReadError):
        return path.stat().st_size == _BYTES and fingerprint(path) == SAMPLE
    return False


def require_no_mixture(out: Path, *, sample: bool, held: Collection[str]) -> None:
    """Raise where an export would put the sample's pairs and those of photographs together.

    Parameters
    ----------
    out : Path
    sample : bool
        Whether the sample is among the images to export.
    held : collection of str
        The SHA-256 of the images whose pairs `out` holds.

    Raises
    ------
    MisplacedError
        Where the sample would come to photographs.
    ConflictError
        Where photographs would come to the sample, which may be replaced.
    """
    if sample and held and SAMPLE not in held:
        raise MisplacedError(f"holds pairs of other images; {_ALONE}", path=out)
    if not sample and set(held) == {SAMPLE}:
        raise ConflictError(HOLDS_SAMPLE, path=out)


def require_no_other_files(out: Path, images: Iterable[Path]) -> None:
    """Raise where the sample is among `images` and `out` holds a person's files.

    Raises
    ------
    MisplacedError
    """
    if not is_data_set(out) and _has_files(out) and any(map(is_sample, images)):
        raise MisplacedError(f"is not empty; {_ALONE}", path=out)


_ALONE = "the painted sample's pairs go into an empty folder, or one that holds no others"


def _has_files(out: Path) -> bool:
    try:
        return next(files_in(out), None) is not None
    except OSError:  # what is wrong is said when it is to be written to
        return False
