"""Folders within a data set."""

from __future__ import annotations

from pathlib import Path


def make_below(top: Path, folder: Path) -> None:
    """Make `folder` and those above it below `top`, but not `top`, which may have vanished.

    Raises
    ------
    OSError
        `FileNotFoundError` where `top` does not exist.
    """
    if folder != top:
        make_below(top, folder.parent)
        folder.mkdir(exist_ok=True)


def remove_file(path: Path, top: Path) -> None:
    """Remove the file `path`, and the folders above it below `top` that are empty then."""
    path.unlink()
    folder = path.parent
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
