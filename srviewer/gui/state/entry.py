"""An image in the list."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from srviewer.errors import SrviewerError
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.exclusions import Excluded
from srviewer.pipeline.reading import SourceImage
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.rooted import Rooted


@dataclass(eq=False)
class Entry:
    """An image in the list, and what is known of it.

    Attributes
    ----------
    path : Path
    image, analysis
        None until they are known, and again when other images have been looked at.
    error : SrviewerError or None
        Why it cannot be used.
    root : Path or None
        The folder that was opened, below which its pairs keep their subfolders; None where the
        file itself was opened.
    size : (int, int) or None
        Its width and height in pixels, once they are known.
    kept : (Recipe, Excluded, int) or None
        How many pairs it had when it was analysed last, under which recipe, and what of it was
        excluded.
    sha256 : str
        What tells its content as it was read last, empty until then.
    lr : Path or None
        The file of its given LR; None where the recipe's resizer makes one.
    """

    path: Path
    image: SourceImage | None = None
    analysis: Analysis | None = None
    error: SrviewerError | None = None
    root: Path | None = None
    size: tuple[int, int] | None = None
    kept: tuple[Recipe, Excluded, int] | None = None
    sha256: str = ""
    lr: Path | None = None

    @property
    def source(self) -> Path | Rooted:
        """What an export takes of it."""
        plain = self.root is None and self.lr is None
        return self.path if plain else Rooted(self.path, self.root, self.lr)

    def give(self, lr: Path | None) -> None:
        """Take `lr` as its given LR, or None: of another pair nothing is known."""
        if lr != self.lr:
            self.lr, self.sha256 = lr, ""
            self.image = self.analysis = self.error = self.size = self.kept = None
