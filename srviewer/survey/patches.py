"""The pixels of single windows of a surveyed set, read when somebody wants to look at them."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple

from srviewer.errors import ReadError
from srviewer.pipeline.analysis import failures_of
from srviewer.pipeline.arrays import AnyImage, Image
from srviewer.pipeline.pairing import Pair
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.reading import read_source
from srviewer.pipeline.recipe import Recipe, Value
from srviewer.pipeline.stages import knobs_read, values_read
from srviewer.pipeline.straightening import pair_of
from srviewer.survey.record import SurveyedImage

_KEPT_PIXELS = 16_000_000  # of all pairs that are held beside the last: about 150 MB

PairKey = tuple[tuple[str, Value], ...]


class Patch(NamedTuple):
    """A window's own pixels, RGB.

    Attributes
    ----------
    hr : ndarray of uint8, shape (patch, patch, 3)
    lr : ndarray
        The same place of LR.
    upscaled : ndarray, shape (patch, patch, 3)
    """

    hr: Image
    lr: AnyImage
    upscaled: AnyImage

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return self.hr.nbytes + self.lr.nbytes + self.upscaled.nbytes


def patch_of(pair: Pair, here: tuple[slice, slice]) -> Patch:
    """Return what a pair has in the rows and columns `here` of HR, as views."""
    in_lr = tuple(slice(one.start // pair.scale, -(-one.stop // pair.scale)) for one in here)
    return Patch(pair.hr[here], pair.lr[in_lr], pair.upscaled[here])


def pair_key(recipe: Recipe) -> PairKey:
    """Return what the pixels of HR and LR depend on."""
    return values_read(recipe, "pair")


class PatchReader:
    """Reads images, and holds the pairs that were looked at last: for one thread."""

    def __init__(self) -> None:
        self._pairs: OrderedDict[tuple[str, PairKey], Pair] = OrderedDict()

    def read(
        self,
        image: SurveyedImage,
        windows: Sequence[int],
        recipe: Recipe,
        progress: Progress = UNHEARD,
    ) -> dict[int, Patch]:
        """Return the pixels of `windows` of `image`, by their numbers in it.

        Raises
        ------
        ReadError
            Where the image cannot be read, or is another by now than that which was surveyed.
        Cancelled
        """
        pair = self._pair(image, recipe, progress)
        laid, found = image.lay_windows(recipe), {}
        for window in windows:
            parts = patch_of(pair, laid.pixels(window))
            found[window] = Patch(*(part.copy() for part in parts))  # a view would hold the image
        return found

    def _pair(self, image: SurveyedImage, recipe: Recipe, progress: Progress) -> Pair:
        key = (image.sha256, pair_key(recipe))
        if key not in self._pairs:
            knobs: dict[str, Any] = {name: getattr(recipe, name) for name in knobs_read("pair")}
            colour = knobs.pop("colour")
            source = read_source(image.path, image.lr, colour=colour, progress=progress)
            if source.content != image.sha256:
                cause = "it has changed since it was surveyed; survey again"
                raise ReadError(cause, path=image.path)
            with failures_of(image.path):
                self._pairs[key] = pair_of(source, progress=progress, **knobs)
        self._pairs.move_to_end(key)
        while len(self._pairs) > 1 and self._held() > _KEPT_PIXELS:
            self._pairs.popitem(last=False)
        return self._pairs[key]

    def _held(self) -> int:
        return sum(pair.size[0] * pair.size[1] for pair in self._pairs.values())
