"""The images of a set as rows: their numbers, order, filter and CSV. Pure functions of arrays."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum
from pathlib import Path

import numpy as np

from srviewer.gui.data_set.findings import Findings
from srviewer.pipeline.arrays import Floats, Ints, Mask
from srviewer.runs.inputs import Input
from srviewer.survey.answer import Answer
from srviewer.survey.images import SurveyedImage, SurveyFailure
from srviewer.survey.whole_set import WholeSet


class State(IntEnum):
    """What came of an image; it sorts from best to worst."""

    PAIRS = 0
    NO_PAIRS = 1
    FAILED = 2
    PENDING = 3


STATE_WORDS = {
    State.PAIRS: "with pairs",
    State.NO_PAIRS: "no pairs",
    State.FAILED: "failed",
    State.PENDING: "not surveyed yet",
}


class Show(Enum):
    """Which images are listed; the value is what a person reads."""

    ALL = "all images"
    PAIRS = "with pairs"
    NO_PAIRS = "without pairs"
    FAILED = "failed"
    PENDING = "not surveyed yet"


_SHOWN = {
    Show.PAIRS: State.PAIRS,
    Show.NO_PAIRS: State.NO_PAIRS,
    Show.FAILED: State.FAILED,
    Show.PENDING: State.PENDING,
}


@dataclass(frozen=True, eq=False)
class Rows:
    """All images of a set; arrays have an entry a row, nan where a number is not known.

    Attributes
    ----------
    paths : tuple of Path
    names : tuple of str
    states : ndarray of int64, shape (n,)
        Each a `State`.
    notes : tuple of str
        Why there is nothing of an image, or what was noted of it.
    numbers : dict of str to ndarray of float64, shape (n,) each
        By the names of `COLUMNS`.
    surveyed : int
        The first rows are the answer's images, in its order.
    """

    paths: tuple[Path, ...]
    names: tuple[str, ...]
    states: Ints
    notes: tuple[str, ...]
    numbers: dict[str, Floats]
    surveyed: int

    def __len__(self) -> int:
        return len(self.paths)


@dataclass(frozen=True)
class Column:
    """A number that is known of each image.

    Attributes
    ----------
    name : str
        In a CSV file, and in what is remembered.
    title, help : str
        For people.
    decimals, exact : int
        On screen and in a CSV file.
    widest : str
        Text that there is to be room for.
    zoom : float
        What the number is multiplied with, 100 for percent.
    """

    name: str
    title: str
    help: str
    decimals: int = 0
    exact: int = 0
    widest: str = "00,000"
    zoom: float = 1.0

    def text(self, value: float) -> str:
        """Return `value` as it stands on screen, a dash where it is not known."""
        if np.isnan(value):
            return "\N{EN DASH}"
        return f"{value * self.zoom:,.{self.decimals}f}"


COLUMNS = (
    Column("pixels", "Size, px", "width x height; sorted by the pixels", widest="0000 x 0000"),
    Column("keypoints_hr", "KP HR", "keypoints of HR"),
    Column("keypoints_lr", "KP LR", "keypoints of LR"),
    Column("matches", "Matches", "matches between HR and LR"),
    Column("consistent", "Consistent", "matches that hold under the recipe"),
    Column("windows", "Windows", "windows inside the box"),
    Column("pairs", "Pairs", "kept pairs"),
    Column("area_used", "Area, %", "share of the image that its box covers", 0, 4, "100.0", 100.0),
    Column("mean_psnr", "PSNR, dB", "mean PSNR of the kept pairs", 2, 4, "00.00"),
    Column("mean_ssim", "SSIM", "mean SSIM of the kept pairs", 3, 6, "0.000"),
)  # fmt: skip
NAMES = ("image", *(column.name for column in COLUMNS), "note")


def make_rows(whole: WholeSet | None, findings: Findings | None) -> Rows:
    """Return all images of `whole`; what depends on the recipe comes from `findings` of it."""
    if whole is None:
        return Rows((), (), np.empty(0, np.int64), (), _unknown(0), 0)
    images, failures, pending = whole.images, whole.failures, whole.pending
    answer = findings.answer if findings is not None and findings.whole is whole else None
    every: tuple[SurveyedImage | SurveyFailure | Input, ...] = (*images, *failures, *pending)
    states = np.full(len(every), State.PENDING, np.int64)
    states[len(images) : len(images) + len(failures)] = State.FAILED
    numbers = _unknown(len(states))
    notes = [""] * len(images)
    for name in ("keypoints_hr", "keypoints_lr", "matches"):
        numbers[name][: len(images)] = [getattr(image, name) for image in images]
    numbers["pixels"][: len(images)] = [image.size[0] * image.size[1] for image in images]
    if answer is not None:
        _fill_answer(answer, numbers, states)
        notes = [_note(answer, index) for index in range(len(images))]
    return Rows(
        tuple(one.path for one in every),
        tuple(one.name for one in every),
        states,
        (
            *notes,
            *(f"failed: {one.cause}" for one in failures),
            *(STATE_WORDS[State.PENDING] for _ in pending),
        ),
        numbers,
        len(images),
    )


def _unknown(count: int) -> dict[str, Floats]:
    return {column.name: np.full(count, np.nan) for column in COLUMNS}


def _fill_answer(answer: Answer, numbers: dict[str, Floats], states: Ints) -> None:
    found = slice(0, len(answer.images))
    numbers["consistent"][found] = answer.consistent
    numbers["windows"][found] = answer.candidates
    numbers["pairs"][found] = answer.kept
    numbers["area_used"][found] = answer.areas_used
    numbers["mean_psnr"][found] = answer.mean_psnr
    numbers["mean_ssim"][found] = answer.mean_ssim
    states[found] = np.where(answer.kept > 0, State.PAIRS, State.NO_PAIRS)


def _note(answer: Answer, index: int) -> str:
    why = why_no_pairs(answer, index)
    return "; ".join(filter(None, (why, *answer.images[index].notes)))


def why_no_pairs(answer: Answer, index: int) -> str:
    """Return why nothing of an image is kept; empty where something is."""
    if answer.kept[index]:
        return ""
    reason, candidates = answer.reasons[index], int(answer.candidates[index])
    if reason:
        return f"no box: {reason}"
    if not candidates:
        return "no window lies wholly inside the box"
    recipe = answer.recipe
    if recipe.texture == "sift":
        enough = f"{recipe.min_keypoints} keypoint{'s' * (recipe.min_keypoints != 1)}"
    else:
        enough = f"{100 * recipe.min_edge_density:.4g} % edge pixels"
    if recipe.min_matches:
        enough += f" and {recipe.min_matches} match{'es' * (recipe.min_matches != 1)}"
    return f"no window has {enough}"


def order_of(rows: Rows, name: str, *, descending: bool) -> Ints:
    """Return the rows sorted by the column `name` of `NAMES`; what is not known comes last."""
    if name in rows.numbers:
        values = rows.numbers[name]
        keys = -values if descending else values
        return np.argsort(keys, kind="stable")  # nan comes last
    texts = [text.casefold() for text in (rows.notes if name == "note" else rows.names)]
    places = np.argsort(np.array(texts, dtype=object), kind="stable")
    if name == "note":  # the worst first: that is what a person looks for there
        order = np.lexsort((np.argsort(places), -rows.states))
        return order[::-1] if descending else order
    return places[::-1] if descending else places


def shown_of(rows: Rows, show: Show) -> Mask:
    """Return which rows the filter lets through, shape (n,)."""
    if show is Show.ALL:
        return np.ones(len(rows), bool)
    mask: Mask = rows.states == _SHOWN[show]
    return mask


def why_empty(show: Show, count: int) -> str:
    """Return in words why none of `count` images is listed."""
    if not count:
        return "No images in the list."
    return {
        Show.PAIRS: f"None of the {count:,} images has pairs under this recipe.",
        Show.NO_PAIRS: "Every surveyed image has pairs under this recipe.",
        Show.FAILED: "No image has failed.",
        Show.PENDING: "All images are surveyed.",
    }.get(show, "")


def csv_of(rows: Rows, chosen: Ints, size: Callable[[int], tuple[int, int] | None]) -> str:
    """Return the `chosen` rows as CSV: a header, then a line each, in the order given.

    Parameters
    ----------
    rows : Rows
    chosen : ndarray of int64
    size : callable
        Returns width and height of a row's image, None where they are not known.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["image", "width", "height", *NAMES[2:-1], "state", "note"])
    for row in chosen.tolist():
        fields = []
        for column in COLUMNS[1:]:
            value = float(rows.numbers[column.name][row])
            fields.append("" if np.isnan(value) else f"{value:.{column.exact}f}")
        sides = size(row) or ("", "")
        state = STATE_WORDS[State(int(rows.states[row]))]
        note = rows.notes[row].removeprefix("failed: ")
        writer.writerow([rows.names[row], *sides, *fields, state, note])
    return out.getvalue()
