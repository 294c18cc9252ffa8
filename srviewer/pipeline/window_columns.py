"""The columns of windows: what is known of each. A new one is an entry of `COLUMNS`."""

from collections.abc import Callable

import numpy as np

from srviewer.pipeline.alignment.windows import VERDICTS, WindowAlignment
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.columns import Column, Values
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.pipeline.textures import TEXTURES, TextureMeasure
from srviewer.pipeline.verdicts import Verdict, verdict_words
from srviewer.wording import UNKNOWN

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
        measure.help,
        values,
        unit="%" if measure.share else "",
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


X = WindowColumn("x", "left HR pixel of the window", lambda a: a.windows.x, title="x", unit="px")
Y = WindowColumn("y", "top HR pixel of the window", lambda a: a.windows.y, title="y", unit="px")
MATCHES = WindowColumn(
    "matches", "consistent matches in the window", lambda a: a.patches.matches, spare=2
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
    "of the upscaled LR against HR; low: much lost",
    lambda a: a.quality.psnr,
    title="PSNR",
    unit="dB",
    decimals=2,
    exact=4,
    spare=1,
)
SSIM = WindowColumn(
    "ssim",
    "of the upscaled LR against HR, at most 1",
    lambda a: a.quality.ssim,
    title="SSIM",
    decimals=3,
    exact=6,
    spare=3,
)


def _lying(
    name: str, help: str, which: Callable[[WindowAlignment], Values], *, shown: bool = False
) -> WindowColumn:
    """Return a column of what is known of how the windows of a given pair lie."""

    def values(a: Analysis) -> Values:
        return which(a.alignment) if a.has("alignment") else np.full(len(a.windows), np.nan)

    return WindowColumn(
        name,
        help,
        values,
        unit="LR px",
        decimals=2,
        exact=3,
        unknown=(UNKNOWN, "nan"),
        shown=shown,
        spare=4,
    )


def _lies(a: Analysis, window: int) -> str:
    """Return how a window lies, as files have it; empty where it is not known."""
    return VERDICTS[int(a.alignment.verdict[window])] if a.has("alignment") else ""


LIES = dict(zip(VERDICTS, ("aligned", "moved", "other content", "not known"), strict=True))
"""How a window lies, as a table says it."""
GIVEN_COLUMNS = (
    _lying(
        "moved",
        "how far LR's content lies from its place",
        lambda w: np.hypot(w.moved[:, 0], w.moved[:, 1]),
        shown=True,
    ),
    _lying("dx", "how far LR's content lies right of its place", lambda w: w.moved[:, 0]),
    _lying("dy", "how far LR's content lies below its place", lambda w: w.moved[:, 1]),
    _lying("u95", "radius around dx, dy that holds the truth in 95 of 100", lambda w: w.u95),
    WindowColumn(
        "alignment",
        "how the window of a given pair lies: aligned, moved, of other content, or not known",
        lambda a: a.alignment.verdict if a.has("alignment") else np.zeros(len(a.windows), int),
        title="Lies",
        text=lambda a, window: LIES.get(_lies(a, window), UNKNOWN),
        csv=_lies,
        left=True,
        widest=max(LIES.values(), key=len),
        spare=1,
    ),
)
"""What analyses of given pairs have something for."""
ONLY_WITH |= dict.fromkeys((one.name for one in GIVEN_COLUMNS), "a given LR")
VERDICT = WindowColumn(
    "verdict",
    "why the window is kept or not; the first reason that holds",
    _verdict_ranks,
    text=lambda a, window: verdict_words(a.texture.measure)[verdict_of(a, window)],
    left=True,
    mark=verdict_of,
    widest="few keypoints",
)
_ALWAYS = (column for column in _BY_TEXTURE.values() if column.name not in ONLY_WITH)
_SOMETIMES = (column for column in _BY_TEXTURE.values() if column.name in ONLY_WITH)
COLUMNS = (X, Y, *_ALWAYS, MATCHES, *_SOMETIMES, PSNR, SSIM, *GIVEN_COLUMNS, VERDICT)
NUMBERS = COLUMNS[:-1]


def columns_of(recipe: Recipe, *, given: bool = False) -> tuple[WindowColumn, ...]:
    """Return the columns that an analysis under `recipe` has something for, of `given` pairs."""
    mine = _BY_TEXTURE[recipe.texture]
    return tuple(
        one
        for one in COLUMNS
        if one.name not in ONLY_WITH or one is mine or (given and one in GIVEN_COLUMNS)
    )
