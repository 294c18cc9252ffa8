"""How given pairs lie as their files are, for as long as somebody keeps it."""

from collections import OrderedDict

from srviewer.pipeline.alignment.alignment import Alignment, align
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.reading import SourceImage

_MOST = 200


class KnownAlignments:
    """How the pairs lie that were looked at last: what is known of one is some arrays of cells."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[str, ...], Alignment] = OrderedDict()

    def get(self, key: tuple[str, ...]) -> Alignment | None:
        """Return what is known of the pair of `key`."""
        return self._found.get(key)

    def keep(self, key: tuple[str, ...], found: Alignment) -> None:
        """Keep it, and let go of the oldest beyond the most."""
        self._found[key] = found
        while len(self._found) > _MOST:
            self._found.popitem(last=False)


def how_it_lies(
    image: SourceImage, progress: Progress = UNHEARD, known: KnownAlignments | None = None
) -> Alignment:
    """Return how the given LR of `image` lies, from `known` where its files are.

    Of its recipe only what no warp depends on may be another's: the warp is of the images alone.
    """
    assert image.lr is not None
    files = image.sha256, image.lr.sha256
    key = (*files, image.colour, image.lr.colour)
    found = known.get(key) if known is not None and all(files) else None
    if found is None:
        found = align(image.rgb, image.lr.rgb, progress=progress)
        if known is not None and all(files):
            known.keep(key, found)
    return found
