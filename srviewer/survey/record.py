"""What the survey of one image keeps, in its file and in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import Mask, Points
from srviewer.pipeline.features import Matches
from srviewer.pipeline.patching import Windows, lay_windows
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.pipeline.textures import TEXTURES
from srviewer.runs.marks import FileMark

Counts = NDArray[np.uint16] | NDArray[np.uint32]
Small = NDArray[np.float32]


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


@dataclass(frozen=True, eq=False)
class Content:
    """What is large in the survey of an image; windows go row by row, as the pipeline lays them.

    Attributes
    ----------
    hr_points, lr_points : ndarray of float32, shape (M, 2)
        Where the matches are, as the pipeline has them.
    psnr, ssim : ndarray of float32, shape (N,)
        dB, inf where HR and its upscaled LR are identical; -1..1.
    levels : mapping of str to ndarray of uint16 or uint32, shape (N,)
        What each texture measure finds in each scope, in whole numbers, as ``canny patch``.
    passing : mapping of str to ndarray of bool, shape (N,) or (M,)
        Where there are knobs that answers do not follow: the windows that these let through, by
        measure and scope, and the matches by the test of consistency; others pass as a whole.
    """

    hr_points: Points
    lr_points: Points
    psnr: Small
    ssim: Small
    levels: Mapping[str, Counts]
    passing: Mapping[str, Mask] = field(default_factory=dict)

    def to_bytes(self) -> dict[str, bytes]:
        """Return each array's bytes, little-endian, by its name."""
        arrays: dict[str, Any] = dict(vars(self))
        for kind in _KINDS:
            arrays |= {f"{kind} {name}": array for name, array in arrays.pop(kind).items()}
        return {
            name: array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
            for name, array in arrays.items()
        }

    @classmethod
    def from_bytes(cls, outline: Outline, blobs: Mapping[str, bytes]) -> Content:
        """Return what `to_bytes` took apart; the arrays are views that cannot be written to.

        Raises
        ------
        ValueError
            For bytes that do not fit the outline, or where some are missing.
        """
        matches, windows = outline.matches, outline.windows
        plain: dict[str, Any] = {}
        kinds: dict[str, dict[str, Any]] = {kind: {} for kind in _KINDS}
        for name, blob in blobs.items():
            kind, _, of = name.partition(" ")
            if kind == "levels":
                width = "<u2" if len(blob) == 2 * windows else "<u4"
                kinds[kind][of] = np.frombuffer(blob, width).reshape(windows)
            elif kind == "passing":
                kinds[kind][of] = np.frombuffer(blob, bool)
            elif name.endswith("points"):
                plain[name] = np.frombuffer(blob, "<f4").reshape(matches, 2)
            else:
                plain[name] = np.frombuffer(blob, "<f4").reshape(windows)
        if missing := {*_PLAIN, *LEVELS} - {*plain, *kinds["levels"]}:
            raise ValueError(missing)
        return cls(**plain, levels=kinds["levels"], passing=kinds["passing"])


_KINDS = ("levels", "passing")
_PLAIN = tuple(part.name for part in fields(Content) if part.name not in _KINDS)
LEVELS = tuple(
    f"{texture} {scope}" for texture in TEXTURES for scope in KNOBS["keypoint_scope"].choices
)
"""The names of the levels that there are of each image."""


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
    content : Content
    """

    name: str
    path: Path
    sha256: str
    content: Content = field(repr=False, compare=False)

    @cached_property
    def match_points(self) -> Matches:
        """The matches as far as the tests and the box look at them: where they are."""
        none = np.empty(0, np.int32)  # what nobody keeps cannot be read by mistake
        points = self.content
        return Matches(none, none, none.astype(np.float32), points.hr_points, points.lr_points)

    def lay_windows(self, recipe: Recipe) -> Windows:
        """Return the windows as the pipeline lays them."""
        return lay_windows(self.clean_size, patch=recipe.patch, stride=recipe.stride)

    def on_grid(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return a value a window in the grid of windows, shape (rows, columns)."""
        return values.reshape(self.rows, self.columns)

    @cached_property
    def finite(self) -> bool:
        """Whether the PSNR of every window is finite."""
        return bool(np.isfinite(self.content.psnr).all())

    def levels(self, recipe: Recipe) -> Counts:
        """Return what the recipe's threshold is held against, in whole numbers, a window each."""
        return self.content.levels[level_name(recipe)]
