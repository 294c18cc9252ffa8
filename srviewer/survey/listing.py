"""The images of a set as a list: their columns, order, filter and CSV.

A new column is an entry of `COLUMNS`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from enum import Enum, IntEnum
from pathlib import Path

import numpy as np

from srviewer.pipeline.alignment.verdict import SAMPLED, SHIFTED, WORST_FIRST
from srviewer.pipeline.alignment.windows import ALIGNED
from srviewer.pipeline.arrays import Floats, Ints, Mask
from srviewer.pipeline.columns import Column
from srviewer.pipeline.textures import measure_of
from srviewer.pipeline.verdicts import EXCLUDED_WORDS, Verdict
from srviewer.pipeline.window_alignment import NOT_MOVED
from srviewer.runs.inputs import Input
from srviewer.survey.answer import Answer
from srviewer.survey.record import SurveyedImage, SurveyFailure
from srviewer.survey.whole_set import WholeSet
from srviewer.wording import UNKNOWN, counted, number_text


class State(IntEnum):
    """What came of an image; it sorts from best to worst."""

    PAIRS = 0
    NO_PAIRS = 1
    FAILED = 2
    PENDING = 3


_TOLD: dict[State, tuple[str, Verdict | None]] = {  # in words, and by whose mark
    State.PAIRS: ("with pairs", Verdict.KEPT),
    State.NO_PAIRS: ("no pairs", Verdict.OUTSIDE_BOX),
    State.FAILED: ("failed", Verdict.LITTLE_TEXTURE),  # a cross
    State.PENDING: ("not surveyed yet", None),
}


class Show(Enum):
    """Which images are listed; the value is what a person reads."""

    ALL = "all images"
    PAIRS = "with pairs"
    NO_PAIRS = "without pairs"
    FAILED = "failed"
    PENDING = "not surveyed yet"


_LYING_ELSE = {  # what `keep_windows` rejects, of many and of one
    NOT_MOVED: (("have", "have moved"), ("has", "has moved")),
    ALIGNED: (("have", "are not aligned"), ("has", "is not aligned")),
}
_NEARLY, _NEAREST = (ALIGNED, SHIFTED), "nearest neighbour"
_OF_IMAGE = frozenset(one.name for one in fields(SurveyedImage))


@dataclass(frozen=True, eq=False)
class ListedImages:
    """All images of a set, those that are surveyed first.

    Attributes
    ----------
    paths : tuple of Path
    names : tuple of str
    sizes : tuple of (int, int) or None
        Width and height.
    states : ndarray of int64, shape (n,)
        Each a `State`.
    notes : tuple of str
        Why there is nothing of an image, or what was noted of it.
    surveyed : sequence of SurveyedImage
    answer : Answer or None
        What the recipe makes of those.
    """

    paths: tuple[Path, ...] = ()
    names: tuple[str, ...] = ()
    sizes: tuple[tuple[int, int] | None, ...] = ()
    states: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    notes: tuple[str, ...] = ()
    surveyed: Sequence[SurveyedImage] = ()
    answer: Answer | None = None
    _numbers: dict[str, Floats] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.paths)

    def numbers(self, what: str) -> Floats:
        """Return a number of each image, nan where it is not known, shape (n,).

        `what` is an attribute of `SurveyedImage`, or else of `Answer`.
        """
        if what not in self._numbers:
            found = self._numbers[what] = np.full(len(self), np.nan)
            if what in _OF_IMAGE:
                found[: len(self.surveyed)] = [getattr(image, what) for image in self.surveyed]
            elif self.answer is not None:
                found[: len(self.surveyed)] = getattr(self.answer, what)
        return self._numbers[what]

    def state(self, image: int) -> State:
        """Return what came of an image."""
        return State(int(self.states[image]))

    def note(self, image: int) -> str:
        """Return what is to be said of an image."""
        what = "failed: " if self.state(image) is State.FAILED else ""
        return what + self.notes[image]


ImageColumn = Column[ListedImages]


def _number(
    name: str,
    title: str,
    help: str,
    decimals: int = 0,
    exact: int = 0,
    widest: str = "00,000",
    *,
    of: str = "",
    percent: bool = False,
    bold: bool = False,
    spare: int = 0,
) -> ImageColumn:
    what = of or name

    def text(images: ListedImages, image: int) -> str:
        if images.state(image) is State.PENDING:
            return ""
        value = float(images.numbers(what)[image]) * (100 if percent else 1)
        return number_text(value, decimals, grouped=True, unknown=UNKNOWN)

    def csv(images: ListedImages, image: int) -> str:
        return number_text(float(images.numbers(what)[image]), exact)

    return ImageColumn(
        name,
        help,
        lambda images: images.numbers(what),
        title=title,
        text=text,
        csv=csv,
        widest=widest,
        bold=bold,
        spare=spare,
    )


def _size(images: ListedImages, image: int) -> str:
    size = images.sizes[image]
    unknown = "" if images.state(image) is State.PENDING else UNKNOWN
    return "{} x {}".format(*size) if size else unknown


def _side(name: str, number: int) -> ImageColumn:
    def text(images: ListedImages, image: int) -> str:
        size = images.sizes[image]
        return str(size[number]) if size else ""

    return ImageColumn(name, "", _areas, title=name, unit="px", text=text, shown=False)


def _areas(images: ListedImages) -> Floats:
    return np.array([size[0] * size[1] if size else np.nan for size in images.sizes], float)


def _name_ranks(images: ListedImages) -> Ints:
    return np.argsort(_by_text(images.names))


def _note_ranks(images: ListedImages) -> Ints:
    """Rank the worst first: that is what a person looks for there."""
    texts = np.argsort(_by_text([images.note(image) for image in range(len(images))]))
    return np.argsort(np.lexsort((texts, -images.states)))


def _by_text(texts: Sequence[str]) -> Ints:
    """Return the order of `texts`; what sorts an order ranks what it is the order of."""
    return np.argsort(np.array([text.casefold() for text in texts], dtype=object), kind="stable")


def _pair_ranks(images: ListedImages) -> Floats:
    """Rank given pairs by what is wrong, the worst first; nan of others."""
    ranks = np.full(len(images), np.nan)
    for row, image in enumerate(images.surveyed):
        if image.of_pair:
            named = (image.of_pair, SHIFTED) if SAMPLED in image.pair_note else (image.of_pair,)
            ranks[row] = min(map(WORST_FIRST.index, named))
    return ranks


def _of_pair(images: ListedImages, image: int) -> str:
    return images.surveyed[image].of_pair if image < len(images.surveyed) else ""


def how_it_lies(images: ListedImages, image: int) -> str:
    """Return the verdict on a given pair, or what is worse about an LR that lies nearly right."""
    verdict = _of_pair(images, image)
    if verdict in _NEARLY and SAMPLED in images.surveyed[image].pair_note:
        return _NEAREST
    return verdict


COLUMNS = (
    ImageColumn(
        "image",
        "the image's place in its folder; click it, or press Enter, to look at the image",
        _name_ranks,
        text=lambda images, image: images.names[image],
        left=True,
        mark=lambda images, image: _TOLD[images.state(image)][1],
    ),
    ImageColumn(
        "pixels",
        "width x height; sorted by the pixels",
        _areas,
        title="Size, px",
        text=_size,
        header="",
        widest="0000 x 0000",
        spare=5,
    ),
    _side("width", 0),
    _side("height", 1),
    _number("keypoints_hr", "Keypoints HR", "keypoints of HR", spare=7),
    _number("keypoints_lr", "Keypoints LR", "keypoints of LR", spare=8),
    _number("matches", "Matches", "matches between HR and LR", spare=3),
    _number("consistent", "Consistent", "matches that hold under the recipe", spare=4),
    _number("windows", "Windows", "windows inside the box", of="candidates", spare=1),
    _number("pairs", "Pairs", "kept pairs", of="kept", bold=True),
    _number(
        "share",
        "Share, %",
        "how much of all kept pairs the image gives",
        1,
        exact=4,
        widest="100.0",
        of="shares",
        percent=True,
    ),
    _number(
        "area_used",
        "Area, %",
        "share of the image that its box covers",
        exact=4,
        widest="100.0",
        of="areas_used",
        percent=True,
        spare=6,
    ),
    ImageColumn(
        "pair",
        "how LR of a given pair lies on its HR, the reason in its note; sorted by the worst first",
        _pair_ranks,
        title="LR is",
        text=how_it_lies,
        csv=_of_pair,
        widest=_NEAREST,
    ),
    _number(
        "aligned",
        "Aligned, %",
        "share of the windows in the box of a given pair that lie in their place; 0 without a box",
        1,
        exact=4,
        widest="100.0",
        percent=True,
    ),
    _number("mean_psnr", "PSNR, dB", "mean PSNR of the kept pairs", 2, 4, "00.00", spare=1),
    _number("mean_ssim", "SSIM", "mean SSIM of the kept pairs", 3, 6, "0.000", spare=2),
    ImageColumn(
        "state",
        "",
        lambda images: images.states,
        text=lambda images, image: _TOLD[images.state(image)][0],
        shown=False,
    ),
    ImageColumn(
        "note",
        "why an image has no pairs or failed, and what was noted of it",
        _note_ranks,
        text=ListedImages.note,
        csv=lambda images, image: images.notes[image],
        left=True,
    ),
)
SHOWN_COLUMNS = tuple(column for column in COLUMNS if column.shown)
NAMES = tuple(column.name for column in SHOWN_COLUMNS)


def shown_columns(images: ListedImages) -> tuple[ImageColumn, ...]:
    """Return the columns that a table of `images` shows; made pairs lie as they should."""
    made = not np.isfinite(images.numbers("aligned")).any()
    return tuple(one for one in SHOWN_COLUMNS if not (made and one.name in ("pair", "aligned")))


def list_images(whole: WholeSet | None, answer: Answer | None) -> ListedImages:
    """Return all images of `whole`; what depends on the recipe comes from its `answer`."""
    if whole is None:
        return ListedImages()
    images, failures, pending = whole.images, whole.failures, whole.pending
    every: tuple[SurveyedImage | SurveyFailure | Input, ...] = (*images, *failures, *pending)
    states = np.full(len(every), State.PENDING, np.int64)
    states[len(images) : len(images) + len(failures)] = State.FAILED
    notes = [""] * len(images)
    if answer is not None:
        states[: len(images)] = np.where(answer.kept > 0, State.PAIRS, State.NO_PAIRS)
        notes = [_note(answer, index) for index in range(len(images))]
    notes += [failure.cause for failure in failures] + [_TOLD[State.PENDING][0]] * len(pending)
    return ListedImages(
        tuple(one.path for one in every),
        tuple(one.name for one in every),
        tuple(image.size for image in images) + (None,) * (len(failures) + len(pending)),
        states,
        tuple(notes),
        images,
        answer,
    )


def records_of(images: ListedImages) -> list[dict[str, str | float | None]]:
    """Return what a CSV file has of `images` as objects; numbers as such, None where not known."""
    written = [column for column in COLUMNS if column.header != ""]
    rows = range(len(images))
    fields = [column.fields(images, rows) for column in written]
    return [
        {column.name: _as_value(column, text) for column, text in zip(written, texts, strict=True)}
        for texts in zip(*fields, strict=True)
    ]


def _as_value(column: ImageColumn, text: str) -> str | float | None:
    if column.left or column.name in ("state", "pair"):
        return text
    if not text:
        return None
    return float(text) if "." in text else int(text)


def _note(answer: Answer, index: int) -> str:
    image, why = answer.images[index], why_no_pairs(answer, index)
    others = (note for note in image.notes if note != image.pair_note)
    first = (why, image.pair_note) if answer.excluded[index] else (image.pair_note, why)
    return "; ".join(filter(None, (*first, *others)))


def why_no_pairs(answer: Answer, index: int) -> str:
    """Return why nothing of an image is kept; empty where something is."""
    if answer.kept[index]:
        return ""
    reason, candidates = answer.reasons[index], int(answer.candidates[index])
    if reason:
        return f"no box: {reason}"
    if not candidates:
        return "no window lies wholly inside the box"
    recipe, measure = answer.recipe, measure_of(answer.recipe)
    enough = measure.words(getattr(recipe, measure.threshold), "{:.4g} %")
    if recipe.min_matches:
        enough += f" and {counted(recipe.min_matches, 'match', 'matches')}"
    if excluded := int(answer.excluded[index]):
        return f"{EXCLUDED_WORDS}: {counted(excluded, 'window')} that would be kept otherwise"
    if rejected := int(answer.misaligned[index]):
        have, lie = _LYING_ELSE[recipe.keep_windows][rejected == 1]
        return f"{counted(rejected, 'window')} {have} {enough}, but {lie}"
    return f"no window has {enough}"


def shown_of(images: ListedImages, show: Show) -> Mask:
    """Return which images the filter lets through, shape (n,)."""
    mask: Mask = images.states == State.__members__.get(show.name, -1)
    return mask | (show is Show.ALL)


def why_empty(show: Show, count: int) -> str:
    """Return in words why none of `count` images is listed."""
    if not count:
        return "No images in the list."
    none = "No image" if count == 1 else f"None of the {count:,} images"
    return {
        Show.PAIRS: f"{none} has pairs under this recipe.",
        Show.NO_PAIRS: "Every surveyed image has pairs under this recipe.",
        Show.FAILED: "No image has failed.",
        Show.PENDING: "All images are surveyed.",
    }.get(show, "")
