"""The columns of windows: what is known of each. A new one is an entry of `COLUMNS`."""

from __future__ import annotations

import numpy as np

from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.columns import Column, Values
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.verdicts import VERDICT_WORDS, Verdict

_NOT_COUNTED = ("not counted", "nan")

WindowColumn = Column[Analysis]


def _edges(a: Analysis) -> Values:
    density = a.texture.edge_density
    return np.full(len(a.windows), np.nan) if density is None else density * 100


def _verdict_ranks(a: Analysis) -> Values:
    """Return the verdicts as numbers that sort kept first and outside the box last."""
    ranks = np.argsort(list(VERDICT_WORDS)).astype(np.int16)
    return ranks[a.patches.verdict]


def verdict_of(a: Analysis, window: int) -> Verdict:
    """Return the verdict on a window."""
    return Verdict(int(a.patches.verdict[window]))


X = WindowColumn("x", "x", "px", "left HR pixel of the window", lambda a: a.windows.x)
Y = WindowColumn("y", "y", "px", "top HR pixel of the window", lambda a: a.windows.y)
KEYPOINTS = WindowColumn(
    "keypoints", "Keypoints", "", "keypoints in the window", lambda a: a.texture.keypoints
)
MATCHES = WindowColumn(
    "matches", "Matches", "", "consistent matches in the window", lambda a: a.patches.matches
)
EDGES = WindowColumn(
    "edges",
    "Edges",
    "%",
    "share of edge pixels (texture canny)",
    _edges,
    decimals=1,
    exact=4,
    unknown=_NOT_COUNTED,
    header="edges_percent",
)
PSNR = WindowColumn(
    "psnr",
    "PSNR",
    "dB",
    "of the upscaled LR against HR; low: much lost",
    lambda a: a.quality.psnr,
    decimals=2,
    exact=4,
)
SSIM = WindowColumn(
    "ssim",
    "SSIM",
    "",
    "of the upscaled LR against HR, at most 1",
    lambda a: a.quality.ssim,
    decimals=3,
    exact=6,
)
VERDICT = WindowColumn(
    "verdict",
    "Verdict",
    "",
    "why the window is kept or not; the first reason that holds",
    _verdict_ranks,
    text=lambda a, window: VERDICT_WORDS[verdict_of(a, window)],
    left=True,
    mark=verdict_of,
)
COLUMNS = (X, Y, KEYPOINTS, MATCHES, EDGES, PSNR, SSIM, VERDICT)
NUMBERS = COLUMNS[:-1]


def columns_of(recipe: Recipe) -> tuple[WindowColumn, ...]:
    """Return the columns that an analysis under `recipe` has something for."""
    canny = recipe.texture == "canny"
    return tuple(one for one in COLUMNS if canny or one is not EDGES)


def texture_column(recipe: Recipe) -> WindowColumn:
    """Return what `recipe` keeps or rejects windows by."""
    return EDGES if recipe.texture == "canny" else KEYPOINTS
