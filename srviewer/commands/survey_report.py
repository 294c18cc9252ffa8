"""What ``srviewer survey`` shows: progress on stderr, and the set in numbers."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from srviewer.survey.answer import Answer, Curve
from srviewer.survey.runner import SurveyState
from srviewer.survey.sizes import expected_sizes
from srviewer.terminal import RunReport

_NEAR = 5  # thresholds shown on each side of the recipe's
_UNITS = ("kB", "MB", "GB", "TB")


def survey_report() -> RunReport[SurveyState]:
    """Return the report of a survey that runs."""
    return RunReport("surveying", lambda state: f"{state.windows:,} windows")


def survey_summary(state: SurveyState, answer: Answer, wanted: int | None) -> dict[str, Any]:
    """Return the end of a survey and what it says of the set as a JSON object."""
    totals, curve = answer.totals, answer.curve()
    key = answer.threshold_key
    empty = [image.name for image, kept in zip(answer.images, answer.kept, strict=True) if not kept]
    found: dict[str, Any] = {
        "file": str(state.file),
        "images": state.images,
        "known": totals.images,
        "surveyed": state.surveyed,
        "already_done": state.already,
        "pending": totals.pending,
        "windows": totals.windows,
        "candidates": totals.candidates,
        "pairs": totals.pairs,
        "images_without_pairs": empty,
        "mean_psnr": totals.mean_psnr,
        "mean_ssim": totals.mean_ssim,
        "threshold": {"key": key, "value": getattr(answer.recipe, key)},
        "pairs_by_threshold": _near(curve, getattr(answer.recipe, key)),
        "bytes": {
            name: {"bytes": size.bytes, "about": size.about}
            for name, size in expected_sizes(answer).items()
        },
        "seconds": round(state.seconds, 3),
        "failed": [{"image": f.image, "cause": f.cause} for f in state.failures],
        "cancelled": state.cancelled,
    }
    if wanted is not None:
        suggestion = answer.suggest(wanted)
        found["suggestion"] = {
            "wanted": wanted,
            "key": key,
            "value": suggestion.value,
            "pairs": suggestion.pairs,
            "most": suggestion.most,
            "enough": suggestion.enough,
        }
    return found


def _near(curve: Curve, threshold: float) -> list[list[float]]:
    """Return [threshold, pairs] around `threshold`: whole keypoints, or steps of density."""
    if curve.key == "min_keypoints":
        first = max(0, int(threshold) - _NEAR)
        near = [*range(first, int(threshold) + _NEAR + 1)]
        return [[value, curve.at(value)] for value in near]
    steps = (round(threshold + 0.01 * number, 9) for number in range(-_NEAR, _NEAR + 1))
    return [[value, curve.at(value)] for value in steps if 0 <= value <= 1]


def print_survey_summary(summary: dict[str, Any]) -> None:
    """Print what `survey_summary` returns in words."""
    title = "Cancelled" if summary["cancelled"] else "Survey"
    table = Table(title=title, show_header=False)
    table.title_justify = "left"
    new = f"{summary['surveyed']:,} surveyed now"
    table.add_row("images", f"{summary['known']:,} of {summary['images']:,}", new)
    if summary["failed"]:
        table.add_row("failed", f"{len(summary['failed']):,}", "each is named above with its cause")
    table.add_row("windows", f"{summary['windows']:,}", f"{summary['candidates']:,} in the boxes")
    key, value = summary["threshold"]["key"], summary["threshold"]["value"]
    table.add_row("pairs", f"{summary['pairs']:,}", f"{key} {value:g}")
    none = len(summary["images_without_pairs"])
    if none:
        table.add_row("images without a pair", f"{none:,}", "")
    for name, digits, unit in (("PSNR", ".4f", " dB"), ("SSIM", ".6f", "")):
        mean = summary[f"mean_{name.lower()}"]
        table.add_row(f"mean {name}", "none" if mean is None else f"{mean:{digits}}{unit}", "")
    table.add_section()
    for threshold, pairs in summary["pairs_by_threshold"]:
        here = "the recipe's" if np.isclose(threshold, value, rtol=0, atol=1e-9) else ""
        table.add_row(f"{key} {threshold:g}", f"{pairs:,} pairs", here)
    table.add_section()
    for name, size in summary["bytes"].items():
        table.add_row(name, ("about " if size["about"] else "") + bytes_text(size["bytes"]), "")
    table.add_section()
    if "suggestion" in summary:
        table.add_row("suggestion", *_suggestion(summary["suggestion"]))
    table.add_row("time", f"{summary['seconds']:.1f} s", "")
    table.add_row("file", Text(summary["file"]), "")
    stream = sys.stdout
    Console(file=stream, width=None if stream.isatty() else 200, highlight=False).print(table)


def _suggestion(suggestion: dict[str, Any]) -> tuple[str, str]:
    if not suggestion["enough"]:
        return "none", f"{suggestion['wanted']:,} pairs; most are {suggestion['most']:,}"
    return f"{suggestion['key']} {suggestion['value']:g}", f"{suggestion['pairs']:,} pairs"


def bytes_text(count: float) -> str:
    """Return `count` bytes in words, as ``1.2 GB``."""
    if count < 1000:
        return f"{count:.0f} bytes"
    for unit in _UNITS:
        count /= 1000
        if count < 999.5 or unit == _UNITS[-1]:
            break
    return f"{count:,.0f} {unit}" if count >= 100 else f"{count:.3g} {unit}"
