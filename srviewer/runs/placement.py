"""Where what a run writes must not be: among the images that it reads, or in their place."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from srviewer.errors import MisplacedError
from srviewer.runs.inputs import Input, Rooted
from srviewer.runs.searching import identity, real


def require_apart(out: Path, images: Iterable[Path | str | Rooted | Input]) -> None:
    """Raise where `out` is, or lies above, a folder that one of `images` is in.

    It is judged by where both really are, whatever links, letters or ``..`` lead there.

    Parameters
    ----------
    out : Path
        The folder that a run is about to write to; it need not exist.
    images : iterable of Path, Rooted or Input
        Images and folders, as they were given or found.

    Raises
    ------
    MisplacedError
        Naming both.
    """
    place, there = real(out), identity(out)
    looked_at: set[Path] = set()
    for given in images:
        for folder in _folders_of(given):
            if folder in looked_at:
                continue
            looked_at.add(folder)
            found = real(folder)
            for above in (found, *found.parents):
                if above == place or (there is not None and identity(above) == there):
                    raise MisplacedError(_words(out, folder, is_same=above == found), path=out)


def require_no_input(path: Path, images: Iterable[Path]) -> None:
    """Raise where writing the file `path` would put it in the place of one of `images`.

    Raises
    ------
    MisplacedError
    """
    place, there = real(path), identity(path)
    for image in images:
        if real(image) == place or (there is not None and identity(image) == there):
            cause = "this is an image that is looked at; choose another name"
            raise MisplacedError(cause, path=path)


def _words(out: Path, folder: Path, *, is_same: bool) -> str:
    if is_same and os.path.normpath(out) == os.path.normpath(folder):
        where = "is the folder of the images"
    else:
        where = f"is {'' if is_same else 'above '}the folder of the images {folder}"
    return f"{where}; choose another, such as a new folder in it"


def _folders_of(given: Path | str | Rooted | Input) -> Iterator[Path]:
    """Yield the folders that an input is in, also where a link only seems to be there."""
    if isinstance(given, (Rooted, Input)) and given.lr is not None:
        yield from _folders_of(given.lr)
    if isinstance(given, Rooted) and given.root is not None:
        yield given.root
    path = Path(given) if isinstance(given, str) else given
    path = path if isinstance(path, Path) else path.path
    if os.path.isdir(path):
        yield path
        return
    yield path.parent
    if os.path.islink(path):
        yield real(path).parent
