"""What the survey of one image keeps, in its file and in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.alignment import verdict
from srviewer.pipeline.alignment.windows import VERDICTS
from srviewer.pipeline.arrays import Mask
from srviewer.pipeline.features import Matches
from srviewer.pipeline.patching import Windows, lay_windows
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.pipeline.texts import parse_json
from srviewer.pipeline.textures import TEXTURES
from srviewer.pipeline.window_alignment import rejected_by
from srviewer.runs.marks import FileMark

Counts = NDArray[np.uint16] | NDArray[np.uint32]
Small = NDArray[np.float32]
_MOST_COUNT = 1 << 24  # the pixels of the largest window; nothing is counted beyond them


@dataclass(frozen=True)
class Outline:
    """What is small in the survey of an image, and quick to list.

    Attributes
    ----------
    size, clean_size : (int, int)
        Width and height in pixels.
    keypoints_hr, keypoints_lr, matches : int
    rows, columns : int
        The grid of windows.
    notes : tuple of str
    seconds : float
        What the survey took.
    encoded : mapping of str to float
        Mean bytes of a pair by format and LR layout, as ``png upscaled``, of a sample of windows.
    """

    size: tuple[int, int]
    clean_size: tuple[int, int]
    keypoints_hr: int
    keypoints_lr: int
    matches: int
    rows: int
    columns: int
    notes: tuple[str, ...]
    seconds: float
    encoded: Mapping[str, float]

    @property
    def windows(self) -> int:
        """How many windows there are."""
        return self.rows * self.columns

    @classmethod
    def from_row(cls, values: Sequence[object]) -> Outline:
        """Return what a survey's file keeps as `values`, sizes as two numbers each.

        Raises
        ------
        ValueError
            For what no survey writes there, as SQLite takes anything anywhere.
        """
        *counts, notes, seconds, encoded = values
        if any(type(one) is not int or not 0 <= one < 1 << 40 for one in counts):
            raise ValueError("a count is no whole number from 0")
        width, height, clean_width, clean_height, *others = counts
        told, means = parse_json(notes), parse_json(encoded)
        if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
            raise ValueError("its notes are no list of texts")
        if not isinstance(means, dict) or not all(map(_is_measured, means.values())):
            raise ValueError("its mean bytes are no numbers by format")
        if not _is_measured(seconds):
            raise ValueError("its seconds are no number")
        sizes = (width, height), (clean_width, clean_height)
        found: list[Any] = [*sizes, *others, tuple(told), seconds, means]
        return cls(*found)


def _is_measured(value: object) -> bool:
    return isinstance(value, (int, float)) and 0 <= value < 1e18  # nan is not


Content = Mapping[str, NDArray[Any]]
"""What is large in the survey of an image, by name; windows go as the pipeline lays them.

hr_points, lr_points : ndarray of float32, shape (M, 2)
    Where the matches are, as the pipeline has them.
psnr, ssim : ndarray of float32, shape (N,)
    dB, inf where HR and its upscaled LR are identical; -1..1.
those of LEVELS : ndarray of uint16 or uint32, shape (N,)
    What each texture measure finds in each scope, in whole numbers.
alignment, moved, u95 : ndarray of uint8 and float32, shape (N,) and (N, 2)
    How the windows of a given pair lie, as `WindowAlignment` has it.
of pair : ndarray of uint8, shape (1,)
    Which of the `VERDICTS` on a pair as a whole it has.
passing ... : ndarray of bool, shape (N,) or (M,)
    Where there are knobs that answers do not follow: the windows that these let through, for each
    of LEVELS, and the matches for each test of consistency.
"""
POINTS = ("hr_points", "lr_points")
LEVELS = tuple(
    f"{texture} {scope}" for texture in TEXTURES for scope in KNOBS["keypoint_scope"].choices
)

_NEEDED = frozenset((*POINTS, "psnr", "ssim", *LEVELS))


def read_content(outline: Outline, parts: Iterable[tuple[object, object, object]]) -> Content:
    """Return the content of which a survey's file keeps name, type and bytes of each part.

    The arrays cannot be written to.

    Raises
    ------
    ValueError
        For bytes that do not fit the outline, and numbers that are never measured.
    """
    content: dict[str, NDArray[Any]] = {}
    for name, kind, blob in parts:
        if not isinstance(name, str) or not isinstance(blob, bytes):
            raise ValueError("a part without a name or bytes")
        if not isinstance(kind, str) or kind not in _kinds_of(name):
            raise ValueError(f"its {name} are no numbers that are measured")
        part = np.frombuffer(blob, kind)
        content[name] = part.reshape(_shape_of(name, outline, len(part)))
        if not _can_be_measured(name, part):
            raise ValueError(f"its {name} are no numbers that are measured")
    if missing := _NEEDED - content.keys():
        raise ValueError(f"without its {min(missing)}")
    return content


_MOST = {
    "alignment": len(VERDICTS) - 1,
    "of pair": len(verdict.VERDICTS) - 1,
    **dict.fromkeys(LEVELS, _MOST_COUNT),
}


def _can_be_measured(name: str, part: NDArray[Any]) -> bool:
    if part.dtype.kind != "f":
        # Small ones cannot be too large, and are most of what is loaded.
        return part.dtype == np.uint16 or bool(part.max(initial=0) <= _MOST.get(name, 1))
    if name in POINTS:
        return bool(np.isfinite(part).all())
    # A displacement need not be known. The least number is nan where one of them is.
    return name == "moved" or not np.isnan(part.min(initial=0))


def _kinds_of(name: str) -> tuple[str, ...]:
    """Return the types that a part may have."""
    if name in ("alignment", "of pair"):
        return ("|u1",)
    if name.startswith("passing "):
        return ("|b1",)
    return ("<u2", "<u4") if name in LEVELS else ("<f4",)


def _shape_of(name: str, outline: Outline, count: int) -> tuple[int, ...]:
    """Return the shape of a part of so many numbers."""
    if name == "of pair":
        return (1,)
    if name in (*POINTS, "moved"):
        return (outline.matches if name in POINTS else outline.windows, 2)
    if name.startswith("passing ") and count == outline.matches:
        return (outline.matches,)
    return (outline.windows,)


def level_name(recipe: Recipe) -> str:
    """Return which levels the recipe's threshold is held against."""
    return f"{recipe.texture} {recipe.keypoint_scope}"


def narrow(counts: NDArray[Any]) -> Counts:
    """Return whole numbers from 0 in the smaller type that holds them."""
    small = int(counts.max(initial=0)) <= np.iinfo(np.uint16).max
    return counts.astype(np.uint16) if small else counts.astype(np.uint32)


@dataclass(frozen=True, eq=False)
class Record:
    """All that the survey keeps of an image."""

    mark: FileMark
    outline: Outline
    content: Content = field(repr=False)
    likeness: bytes = b""


@dataclass(frozen=True)
class SurveyFailure:
    """An image of which nothing is known but why."""

    name: str
    path: Path
    cause: str


@dataclass(frozen=True)
class SurveyedImage(Outline):
    """An image, where it is, and all that its survey keeps.

    Attributes
    ----------
    name : str
        Its path in the folder that was given, with ``/``, as in an export's manifest.
    path : Path
    sha256 : str
        Of its file, or of both files of a given pair.
    content : Content
    likeness : bytes
        What it looks like, as `srviewer.runs.copies.likeness` tells; empty where not known.
    lr : Path or None
        The file of its given LR.
    """

    name: str
    path: Path
    sha256: str
    content: Content = field(repr=False, compare=False)
    likeness: bytes = field(default=b"", repr=False)
    lr: Path | None = None

    @cached_property
    def match_points(self) -> Matches:
        """The matches as far as the tests and the box look at them: where they are."""
        none = np.empty(0, np.int32)  # what nobody keeps cannot be read by mistake
        return Matches(none, none, none.astype(np.float32), *map(self.content.__getitem__, POINTS))

    def lay_windows(self, recipe: Recipe) -> Windows:
        """Return the windows as the pipeline lays them."""
        return lay_windows(self.clean_size, patch=recipe.patch, stride=recipe.stride)

    def on_grid(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return a value a window in the grid of windows, shape (rows, columns)."""
        return values.reshape(self.rows, self.columns)

    def rejected_for(self, keep_windows: str) -> dict[str, Mask]:
        """Return which windows `keep_windows` rejects, by how they lie; none of a made pair."""
        lies = self.content.get("alignment")
        return {} if lies is None else rejected_by(lies, keep_windows)

    @property
    def of_pair(self) -> str:
        """The verdict on a given pair as a whole; empty of a made one."""
        which = self.content.get("of pair")
        return "" if which is None else verdict.VERDICTS[int(which[0])]

    @property
    def pair_note(self) -> str:
        """What is wrong with a given pair, in a sentence; empty where nothing is."""
        begins = f"{verdict.said(self.of_pair)}: "
        return next((note for note in self.notes if note.startswith(begins)), "")

    @cached_property
    def finite(self) -> bool:
        """Whether the PSNR of every window is finite."""
        return bool(np.isfinite(self.content["psnr"]).all())
