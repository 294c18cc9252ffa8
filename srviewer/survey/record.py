"""What the survey of one image keeps, in its file and in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import Points
from srviewer.pipeline.features import Matches
from srviewer.pipeline.patching import Windows, lay_windows
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.texts import parse_json
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


@dataclass(frozen=True, eq=False)
class Content:
    """What is large in the survey of an image; windows go row by row, as the pipeline lays them.

    Attributes
    ----------
    hr_points, lr_points : ndarray of float32, shape (M, 2)
        Where the matches are, as the pipeline has them.
    keypoints_patch, keypoints_image : ndarray of uint16 or uint32, shape (N,)
        Keypoints of each window in both scopes.
    edges_patch, edges_image : ndarray of uint16 or uint32, shape (N,)
        Edge pixels of each window in both scopes.
    psnr, ssim : ndarray of float32, shape (N,)
        dB, inf where HR and its upscaled LR are identical; -1..1.
    """

    hr_points: Points
    lr_points: Points
    keypoints_patch: Counts
    keypoints_image: Counts
    edges_patch: Counts
    edges_image: Counts
    psnr: Small
    ssim: Small

    def to_bytes(self) -> dict[str, bytes]:
        """Return each array's bytes, little-endian."""
        return {
            name: array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
            for name, array in vars(self).items()
        }

    @classmethod
    def from_bytes(cls, outline: Outline, blobs: Mapping[str, bytes]) -> Content:
        """Return what `to_bytes` took apart; the arrays are views that cannot be written to.

        Raises
        ------
        ValueError
            For bytes that do not fit the outline, and numbers that are never measured.
        """
        matches, windows = outline.matches, outline.windows
        arrays: dict[str, Any] = {}
        for name in CONTENT_NAMES:
            blob = blobs[name]
            if name in ("hr_points", "lr_points"):
                arrays[name] = np.frombuffer(blob, "<f4").reshape(matches, 2)
                fits = np.isfinite(arrays[name]).all()
            elif name in ("psnr", "ssim"):
                arrays[name] = np.frombuffer(blob, "<f4").reshape(windows)
                fits = not np.isnan(arrays[name]).any()
            else:
                kind = "<u2" if len(blob) == 2 * windows else "<u4"
                arrays[name] = np.frombuffer(blob, kind).reshape(windows)
                fits = arrays[name].max(initial=0) <= _MOST_COUNT
            if not fits:
                raise ValueError(f"its {name} are no numbers that are measured")
        return cls(**arrays)


CONTENT_NAMES = tuple(part.name for part in fields(Content))


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
    content : Content
    likeness : bytes
        What it looks like, as `srviewer.runs.copies.likeness` tells; empty where not known.
    """

    name: str
    path: Path
    sha256: str
    content: Content = field(repr=False, compare=False)
    likeness: bytes = field(default=b"", repr=False)

    @cached_property
    def match_points(self) -> Matches:
        """The matches as far as the tests and the box look at them: where they are."""
        points = self.content
        index = np.arange(len(points.hr_points), dtype=np.int32)
        distance = np.zeros(len(index), np.float32)
        return Matches(index, index, distance, points.hr_points, points.lr_points)

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
        """Return what the recipe's threshold is held against, in whole numbers, a window each.

        Keypoints, or with texture canny edge pixels; by the recipe's scope.
        """
        what = "keypoints" if recipe.texture == "sift" else "edges"
        levels: Counts = getattr(self.content, f"{what}_{recipe.keypoint_scope}")
        return levels
