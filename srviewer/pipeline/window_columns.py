"""The columns of windows: what is known of each. A new one is an entry of `COLUMNS`."""

from __future__ import annotations

import numpy as np

from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.columns import Column, Values
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.pipeline.textures import TEXTURES, TextureMeasure
from srviewer.pipeline.verdicts import Verdict, verdict_words

_NOT_COUNTED = ("not counted", "nan")

WindowColumn = Column[Analysis]


def _texture_column(measure: TextureMeasure) -> WindowColumn:
    """Return the column of what a measure finds, nan where it was not looked for."""

    def values(a: Analysis) -> Values:
        found = a.texture.values.get(measure.name)
        if found is None:
            return np.full(len(a.windows), np.nan)
        return found * 100 if measure.share else found

    return WindowColumn(
        measure.quantity,
        measure.quantity.capitalize(),
        "%" if measure.share else "",
        measure.help,
        values,
        decimals=int(measure.share),
        exact=4 if measure.share else 0,
        unknown=_NOT_COUNTED,
        header=f"{measure.quantity}_percent" if measure.share else None,
    )


def _verdict_ranks(a: Analysis) -> Values:
    """Return the verdicts as numbers that sort kept first and outside the box last."""
    ranks = np.argsort(list(verdict_words(a.texture.measure))).astype(np.int16)
    return ranks[a.patches.verdict]


def verdict_of(a: Analysis, window: int) -> Verdict:
    """Return the verdict on a window."""
    return Verdict(int(a.patches.verdict[window]))


X = WindowColumn("x", "x", "px", "left HR pixel of the window", lambda a: a.windows.x)
Y = WindowColumn("y", "y", "px", "top HR pixel of the window", lambda a: a.windows.y)
MATCHES = WindowColumn(
    "matches",
    "Matches",
    "",
    "consistent matches in the window",
    lambda a: a.patches.matches,
    spare=2,
)
_BY_TEXTURE = {one.name: _texture_column(one) for one in TEXTURES.values()}
ONLY_WITH = {
    one.quantity: f"{KNOBS['texture'].label} {one.name}"
    for one in TEXTURES.values()
    if not one.always
}
"""By name the columns that are known under one texture measure only, and which: for the window."""
PSNR = WindowColumn(
    "psnr",
    "PSNR",
    "dB",
    "of the upscaled LR against HR; low: much lost",
    lambda a: a.quality.psnr,
    decimals=2,
    exact=4,
    spare=1,
)
SSIM = WindowColumn(
    "ssim",
    "SSIM",
    "",
    "of the upscaled LR against HR, at most 1",
    lambda a: a.quality.ssim,
    decimals=3,
    exact=6,
    spare=3,
)
VERDICT = WindowColumn(
    "verdict",
    "Verdict",
    "",
    "why the window is kept or not; the first reason that holds",
    _verdict_ranks,
    text=lambda a, window: verdict_words(a.texture.measure)[verdict_of(a, window)],
    left=True,
    mark=verdict_of,
    widest="few keypoints",
)
_ALWAYS = (column for column in _BY_TEXTURE.values() if column.name not in ONLY_WITH)
_SOMETIMES = (column for column in _BY_TEXTURE.values() if column.name in ONLY_WITH)
COLUMNS = (X, Y, *_ALWAYS, MATCHES, *_SOMETIMES, PSNR, SSIM, VERDICT)
NUMBERS = COLUMNS[:-1]


def columns_of(recipe: Recipe) -> tuple[WindowColumn, ...]:
    """Return the columns that an analysis under `recipe` has something for."""
    mine = _BY_TEXTURE[recipe.texture]
    return tuple(one for one in COLUMNS if one.name not in ONLY_WITH or one is mine)
