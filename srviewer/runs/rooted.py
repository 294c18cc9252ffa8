"""An image as a run is given it: with the folder that it is taken from, and its given LR."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Rooted:
    """An image and the folder that it is taken from, perhaps without the folder's other images.

    Attributes
    ----------
    path : Path
        Its file, below `root`.
    root : Path or None
        The folder; None for an image that was given as a plain file.
    lr : Path or None
        The file of its given LR; None where the recipe's resizer is to make one.
    """

    path: Path
    root: Path | None
    lr: Path | None = None

    def absolute(self) -> Rooted:
        """Return it with absolute paths."""
        root, lr = (path and path.absolute() for path in (self.root, self.lr))
        return Rooted(self.path.absolute(), root, lr)

    @property
    def source(self) -> Path | Rooted:
        """It as a run is given it: by its path, where nothing else is told."""
        return self.path if self.root is None and self.lr is None else self

    @property
    def files(self) -> tuple[Path, ...]:
        """Its file, and that of its given LR."""
        return (self.path,) if self.lr is None else (self.path, self.lr)

    @property
    def name(self) -> PurePosixPath:
        """Where it is in the folder."""
        return PurePosixPath(self.path.relative_to(self.root or self.path.parent).as_posix())


def rooted(source: Path | Rooted) -> Rooted:
    """Return what a run is given as an image with all that is told of it."""
    return source if isinstance(source, Rooted) else Rooted(source, None)
