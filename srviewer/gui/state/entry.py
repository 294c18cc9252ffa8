"""An image in the list."""

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from srviewer.errors import SrviewerError
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.exclusions import Excluded
from srviewer.pipeline.reading import SourceImage
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.rooted import Rooted, rooted


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
        return Rooted(self.path, self.root, self.lr).source

    def give(self, lr: Path | None) -> None:
        """Take `lr` as its given LR, or None: of another pair nothing is known."""
        if lr != self.lr:
            self.lr, self.sha256 = lr, ""
            self.image = self.analysis = self.error = self.size = self.kept = None


def with_images(
    entries: Sequence[Entry],
    images: Iterable[Path | Rooted],
    *,
    replace: bool,
    look_at: Path | None = None,
) -> tuple[list[Entry], Entry | None]:
    """Return `entries` with images added, or those in their place, and which to look at.

    That is the one at `look_at`, or else the first of the images.

    One that is there already is exported from the outermost of the folders it came with; what is
    known of it stays known.
    """
    # Known by their absolute paths: a file may come in two spellings.
    before = {os.path.abspath(entry.path): entry for entry in entries}
    known = {} if replace else dict(before)
    first: Entry | None = None
    named: Entry | None = None
    for image in map(rooted, images):
        path, root = os.path.abspath(image.path), image.root
        entry = known.get(path)
        if entry is None:
            entry = known[path] = before.get(path) or Entry(image.path)
            entry.path, entry.root = image.path, root
        elif root is not None and (entry.root is None or _is_above(root, entry.root)):
            # As the command line does with both; the path is spelled as its folder is.
            entry.path, entry.root = image.path, root
        if image.lr is not None or replace:
            entry.give(image.lr)
        first = first or entry
        if look_at is not None and image.path.absolute() == look_at:
            named = entry
    return list(known.values()), named or first


def _is_above(folder: Path, other: Path) -> bool:
    return Path(os.path.abspath(folder)) < Path(os.path.abspath(other))


_MOST = 4  # analyses of the images looked at last
_MOST_PIXELS = 50_000_000  # of all of them, but for the current one: about 1 GB


class Ready:
    """Lets go of the pixels and the analyses of images that were looked at long ago."""

    def __init__(self) -> None:
        self._recent: list[Entry] = []  # the newest first

    def keep(self, entry: Entry) -> None:
        """Keep `entry`, which is looked at now, and of the others as many as there is room for."""
        self._recent = [entry, *(other for other in self._recent if other is not entry)]
        sizes = (one.image.size if one.image else (0, 0) for one in self._recent)
        pixels = accumulate(width * height for width, height in sizes)
        kept = max(1, sum(total <= _MOST_PIXELS for total in [*pixels][:_MOST]))
        for old in self._recent[kept:]:
            old.image = old.analysis = None
        del self._recent[kept:]

    def only(self, entries: Collection[Entry]) -> None:
        """Forget those that are not among `entries`."""
        there = {id(one) for one in entries}
        self._recent = [one for one in self._recent if id(one) in there]
