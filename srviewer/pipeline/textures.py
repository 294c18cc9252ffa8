"""What windows can be kept or rejected by: a new measure is an entry of `TEXTURES`.

All else follows from the entry: the stage, the verdict and its words, the columns, charts, heat
map and captions, and what a survey keeps. The recipe has its name among the choices of `texture`,
and its threshold.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.errors import Keyed
from srviewer.pipeline.arrays import Image, Ints, Mask, Points
from srviewer.pipeline.features import SIFT_KNOBS, SiftSettings
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.patching import Counts, Windows, count_points, window_sums
from srviewer.pipeline.progress import UNHEARD, Counted, Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.threads import run_in_threads
from srviewer.wording import counted

NOT_COUNTED = -1
_AT_ONCE = 32  # windows: SIFT takes 7 ms for so many of 33 px


@dataclass(frozen=True, eq=False)
class Look:
    """What a measure is given.

    Attributes
    ----------
    grey : ndarray of uint8, shape (H, W)
        HR in grey.
    windows : Windows
    wanted : ndarray of bool, shape (N,)
        Windows to measure alone.
    points : ndarray of float32, shape (M, 2)
        The keypoints of HR, in HR pixels.
    knobs : mapping of str to value
        What the measure reads of the recipe.
    progress : Progress
    """

    grey: Image
    windows: Windows
    wanted: Mask
    points: Points
    knobs: Mapping[str, Any]
    progress: Progress = UNHEARD


@dataclass(frozen=True, eq=False)
class TextureMeasure:
    """One way to tell how much there is in a window, in whole numbers from 0: its level.

    Attributes
    ----------
    name : str
        The choice of the recipe's `texture`.
    threshold : str
        The knob that rejects windows; in percent where `share` is set.
    alone, of_image : callable
        Takes a `Look` and returns the level of each window, int32 of shape (N,): looked at
        alone, -1 where that is not wanted, or in what is found in the whole image.
    quantity : str
        What a level is, as its column, its distribution and conditions are called: ``edges``.
    thing, things : str
        One of what a level counts, and several.
    help : str
        Of the column.
    rejected : str
        What a window with too little is called.
    headings : tuple of str
        Of its chart; shorter ones follow for where there is less room.
    reads, reads_alone : tuple of str
        The knobs that it reads besides, in either scope and of windows alone only.
    share : bool
        Whether the threshold is held against level / pixels instead of the level.
    instant : bool
        Whether `of_image` takes but milliseconds.
    always : bool
        Whether `of_image` is measured under other measures too.
    """

    name: str
    threshold: str
    alone: Callable[[Look], Counts]
    of_image: Callable[[Look], Counts]
    quantity: str
    thing: str
    things: str
    help: str
    rejected: str
    headings: tuple[str, ...]
    reads: tuple[str, ...] = ()
    reads_alone: tuple[str, ...] = ()
    share: bool = False
    instant: bool = False
    always: bool = False

    @property
    def axis(self) -> str:
        """What people read, with its unit."""
        return f"{self.things}, %" if self.share else self.things

    def levels(self, look: Look, scope: str) -> Counts:
        """Return the level of each window in the `scope` of the recipe."""
        return self.alone(look) if scope == "patch" else self.of_image(look)

    def values(self, levels: Counts, patch: int) -> NDArray[Any]:
        """Return what the threshold is held against: a share is nan where not counted."""
        if not self.share:
            return levels
        return np.where(levels == NOT_COUNTED, np.nan, levels / patch**2)

    def amount(self, value: float, percent: str = "{:.1f} %") -> str:
        """Return a value as a number in words; `percent` is how a share is written."""
        return percent.format(100 * value) if self.share else str(value)

    def words(self, value: float, percent: str = "{:.1f} %") -> str:
        """Return a value with what it counts, as ``12 keypoints``."""
        if self.share:
            return f"{self.amount(value, percent)} {self.things}"
        return counted(int(value), self.thing, self.things)


@dataclass(frozen=True, eq=False)
class Texture:
    """How much there is in each window.

    Attributes
    ----------
    name : str
        Of the measure that decides.
    values : mapping of str to ndarray, shape (N,)
        What each measure that is known found, by its name: levels, int32, -1 where not counted,
        or shares, float64, nan where not counted. Keypoints are always known: by the recipe's
        `keypoint_scope` where they decide, otherwise the image's own.
    """

    name: str
    values: Mapping[str, NDArray[Any]]

    @property
    def measure(self) -> TextureMeasure:
        """The measure that decides."""
        return TEXTURES[self.name]

    @property
    def deciding(self) -> NDArray[Any]:
        """What the threshold is held against, shape (N,)."""
        return self.values[self.name]

    @property
    def keypoints(self) -> Counts:
        """The keypoints in each window, shape (N,)."""
        return self.values[SIFT.name]


def look_into(look: Look, name: str, scope: str) -> Texture:
    """Return what the measure `name` finds in the `scope`, and what is always known."""
    others = (one for one in TEXTURES.values() if one.always and one.name != name)
    levels = {one.name: one.of_image(look) for one in others}
    levels[name] = TEXTURES[name].levels(look, scope)
    patch = look.windows.patch
    return Texture(name, {one: TEXTURES[one].values(mine, patch) for one, mine in levels.items()})


def count_alone(look: Look, count: Callable[[Sequence[Image]], Iterable[int]]) -> Counts:
    """Count something in each wanted window alone, some windows at a time, in threads.

    `count` takes windows, views of HR in grey of shape (patch, patch), and returns what it counts
    in each; the others get -1. Progress is told of some windows at a time and asked before.
    """
    index = np.flatnonzero(look.wanted)
    counts = np.full(len(look.windows), NOT_COUNTED, np.int32)
    told = Counted(look.progress, "texture", len(index))

    def count_some(some: Ints) -> None:
        look.progress.check()
        counts[some] = list(count([look.grey[look.windows.pixels(one)] for one in some]))
        told.add(len(some))

    starts = range(0, len(index), _AT_ONCE)
    run_in_threads(count_some, [index[start : start + _AT_ONCE] for start in starts])
    return counts


def measure_of(recipe: Recipe) -> TextureMeasure:
    """Return the measure that decides under `recipe`."""
    return TEXTURES[recipe.texture]


# The measures


def _keypoints_alone(look: Look) -> Counts:
    settings = SiftSettings.of(look.knobs)
    return count_alone(look, lambda patches: map(len, settings.create().detect(patches)))


def _keypoints_of_image(look: Look) -> Counts:
    return count_points(look.windows, look.points)


def _edges(grey: Image, look: Look) -> Image:
    """Return the edges in `grey` of shape (H, W), not 0 on an edge."""
    edges: Image = cv2.Canny(grey, look.knobs["canny_low"], look.knobs["canny_high"])
    return edges


def _edges_alone(look: Look) -> Counts:
    def count(patches: Sequence[Image]) -> list[int]:
        return [cv2.countNonZero(_edges(np.ascontiguousarray(one), look)) for one in patches]

    return count_alone(look, count)


def _edges_of_image(look: Look) -> Counts:
    edges = _edges(look.grey, look)
    edges &= 1  # in place: it is 0 or 255
    return window_sums(cv2.integral(edges), look.windows).astype(np.int32)


SIFT = TextureMeasure(
    "sift",
    "min_keypoints",
    _keypoints_alone,
    _keypoints_of_image,
    quantity="keypoints",
    thing="keypoint",
    things="keypoints",
    help="keypoints in the window",
    rejected="few keypoints",
    headings=("Keypoints a window", "Keypoints"),
    reads_alone=SIFT_KNOBS,
    instant=True,
    always=True,
)
CANNY = TextureMeasure(
    "canny",
    "min_edge_density",
    _edges_alone,
    _edges_of_image,
    quantity="edges",
    thing="edge pixel",
    things="edge pixels",
    help=Keyed("share of edge pixels (texture canny)", "texture"),
    rejected="few edges",
    headings=("Edge density",),
    reads=("canny_low", "canny_high"),
    share=True,
)
TEXTURES = {one.name: one for one in (SIFT, CANNY)}
"""The measures by the choices of the recipe's `texture`."""
