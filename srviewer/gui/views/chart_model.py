"""What a chart says of a distribution, whatever it is the distribution of: title, axis, figures."""

from dataclasses import dataclass
from html import escape
from typing import Literal

from srviewer.gui.state.chart_choices import CountScale
from srviewer.pipeline.distributions import Distribution
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.pipeline.textures import TEXTURES
from srviewer.pipeline.thresholds import CUT, Threshold, threshold_in


@dataclass(frozen=True)
class Kind:
    """How distributions of one name are shown.

    Attributes
    ----------
    headings : tuple of str
        What it is; shorter ones follow for where there is less room.
    axis : str
        What the values are, with their unit.
    counted : {'match', 'window'}
    zoom : float
        What the axis multiplies its numbers with, 100 for percent.
    mean : str
        How a mean is written.
    short_axis : str
        What the values are where there is less room.
    """

    headings: tuple[str, ...]
    axis: str
    counted: Literal["match", "window"] = "window"
    zoom: float = 1.0
    mean: str = "{}"
    short_axis: str = ""


KINDS = {
    "ratio": Kind(
        ("Distance ratio of the matches", "Distance ratio", "Ratio"),
        "distance ratio HR / LR",
        "match",
        short_axis="HR / LR",
    ),
    "displacement": Kind(
        ("Displacement of the matches", "Displacement"),
        "displacement, LR px",
        "match",
        short_axis="LR px",
    ),
    **{
        one.quantity: Kind(one.headings, one.axis, zoom=100.0 if one.share else 1.0)
        for one in TEXTURES.values()
    },
    "psnr": Kind(("PSNR",), "PSNR, dB", mean="{:.2f} dB"),
    "ssim": Kind(("SSIM",), "SSIM", mean="{:.3f}"),
}


@dataclass(frozen=True, eq=False)
class ChartModel:
    """All that a chart shows.

    Attributes
    ----------
    distribution : Distribution
    kind : Kind
    threshold : Threshold or None
    value : str
        The figure that counts most.
    details : tuple of str
        The other figures, in full and shorter.
    """

    distribution: Distribution
    kind: Kind
    threshold: Threshold | None
    value: str
    details: tuple[str, ...]

    @property
    def words(self) -> str:
        """What it shows in a sentence, for who does not see it."""
        total, kept = self.distribution.totals
        if self.threshold is None:
            figures = f"{self.value} {self.details[0]}".strip()
        else:
            figures = f"{kept:,} of {total:,} kept, {self.threshold.needed}"
            figures = _joined(figures, _misaligned(self.distribution))
        return f"{self.kind.headings[0]}: {figures}"


def chart_model(d: Distribution, recipe: Recipe) -> ChartModel:
    """Return what a chart shows of `d`, with the threshold where `recipe` has it."""
    kind = KINDS[d.name]
    total, kept = d.totals
    if d.name in CUT:
        threshold = threshold_in(d.name, recipe)
        what = "matches" if kind.counted == "match" else "windows"
        lying, off = _misaligned(d), _off_the_axis(d)
        in_full, share = share_text(kept, total, what), share_text(kept, total, "")
        details = (_joined(in_full, lying, off), *_shorter(share, lying, off))
        if d.steps:  # they tell more than the share in percent
            steps = "; ".join(step.words for step in d.steps)
            short = ", ".join(step.short for step in d.steps)
            # Why windows beyond the threshold are rejected comes before what another would keep.
            why = [_joined(share, lying), f"{kept:,} of {total:,}; {lying}"] if lying else []
            least = f"{kept:,} kept; {short}"
            more = _shorter(in_full, lying, steps, off)[:-1]
            details = (*more, *why, _joined(f"{kept:,} of {total:,}", short), least, *details)
        return ChartModel(d, kind, threshold, threshold.text, details)
    start = f"mean of {kept:,} kept" if kept else "none kept"
    of_all = "" if d.mean_of_all is None else f"; all {kind.mean.format(d.mean_of_all)}"
    same = f"; {d.identical:,} identical" if d.identical else ""
    value = "" if d.mean is None else kind.mean.format(d.mean)
    told = start + (of_all or f" of {total:,}") + same
    lying = _misaligned(d)
    texts = _shorter(told, lying, _off_the_axis(d))
    if lying:  # before the mean of all
        instead = _joined(start, lying), f"{kept:,} kept; {lying}"
        texts = (*texts[:-1], *instead, texts[-1])
    return ChartModel(d, kind, None, value, (*texts, start + same, start))


def _misaligned(d: Distribution) -> str:
    return f"alignment rejects {d.misaligned:,}" if d.misaligned else ""


def _off_the_axis(d: Distribution) -> str:
    return f"{d.beyond:,} off the axis" if d.beyond else ""


def _shorter(*parts: str) -> tuple[str, ...]:
    """Return all parts that say something, and shorter texts that leave out those at the end."""
    said = [part for part in parts if part]
    return tuple(_joined(*said[:count]) for count in range(len(said), 0, -1))


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))


def share_text(some: int, total: int, what: str) -> str:
    """Return "130 of 506 windows, 26 %", or without `what` "130 of 506, 26 %"."""
    percent = 100 * some / total
    # A few of thousands are neither none nor all.
    rounded = round(percent) if some in (0, total) else min(max(round(percent), 1), 99)
    sign = "< " if 0 < percent < 0.5 else "> " if 99.5 < percent < 100 else ""
    return f"{some:,} of {total:,} {what}".rstrip() + f", {sign}{rounded} %"


def help_of(model: ChartModel, scale: CountScale, *, lists_bars: bool) -> str:
    """Return the tooltip of a chart: what is drawn, and what a click and keys do there.

    With `lists_bars` a bar's windows can be listed, though none is known by itself.
    """
    lines = []
    threshold, counted = model.threshold, model.kind.counted
    if threshold is not None:
        pulled = "either edge of the band" if len(threshold.sides) == 2 else "the line"
        keys = "press Shift+Left and Shift+Right"
        lines.append(f"Drag {pulled}, or {keys}, to set {KNOBS[threshold.key].label}.")
    if model.distribution.members is not None:
        lines.append(
            f"Click a bar to go to the {counted} nearest to that value; Up and Down go on."
        )
    elif lists_bars:
        lines.append("Click a bar to list its windows below; Up and Down go on to the next.")
    d = model.distribution
    if d.beyond:
        go = " Click at the border to go to one of them." if d.members is not None else ""
        go = " Click at the border to list them." if lists_bars else go
        low, high = (f"{model.kind.zoom * end:.4g}" for end in d.range)
        are = "is" if d.beyond == 1 else "are"
        lines.append(f"{d.beyond:,} {are} off the axis: not within {low} to {high}.{go}")
    lines.append(scale.help)
    lines.append("A right click, or the menu key, has other scales and the whole range.")
    title = escape(f"{model.kind.headings[0]} {model.value}: {model.details[0]}")
    return "<p>" + "<br>".join([title, *lines]) + "</p>"
