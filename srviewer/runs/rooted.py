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

    @property
    def name(self) -> PurePosixPath:
        """Where it is in the folder."""
        return PurePosixPath(self.path.relative_to(self.root or self.path.parent).as_posix())
