"""What ``srviewer survey`` shows: the set in numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from srviewer.export.options import Options
from srviewer.pipeline.alignment.windows import VERDICTS
from srviewer.pipeline.columns import csv_of
from srviewer.pipeline.recipe import KNOBS
from srviewer.runs.copies import listed
from srviewer.survey import messages
from srviewer.survey.answer import Answer, Curve, unevenness
from srviewer.survey.listing import COLUMNS, list_images, records_of
from srviewer.survey.runner import SurveyState
from srviewer.survey.sizes import expected_sizes
from srviewer.survey.whole_set import WholeSet
from srviewer.terminal import (
    alignment_row,
    excluded_row,
    failed_row,
    mean_rows,
    print_run_summary,
    run_summary,
)
from srviewer.wording import counted, size_text, time_taken

_MOST = 10  # lines on copies of a kind
_NEAR = 5  # thresholds shown on each side of the recipe's


def survey_summary(
    state: SurveyState,
    whole: WholeSet,
    answer: Answer,
    wanted: int | None,
    options: Options | None = None,
) -> dict[str, Any]:
    """Return the end of a survey and what its `answer` says of the `whole` set as a JSON object."""
    totals, curve = answer.totals, answer.curve()
    key = answer.threshold_key
    empty = [image.name for image, kept in zip(answer.images, answer.kept, strict=True) if not kept]
    found: dict[str, Any] = {
        "file": str(state.file),
        "known": totals.images,
        "surveyed": state.surveyed,
        "pending": totals.pending,
        "windows": totals.windows,
        "candidates": totals.candidates,
        "pairs": totals.pairs,
        "excluded": totals.excluded,
        **_alignment(answer),
        "images_without_pairs": empty,
        "uneven": _uneven(answer),
        "by_image": records_of(list_images(whole, answer)),
        "copies": {"equal": answer.copies.equal, "likely": answer.copies.likely},
        "mean_psnr": totals.mean_psnr,
        "mean_ssim": totals.mean_ssim,
        "threshold": {"key": key, "value": getattr(answer.recipe, key)},
        "pairs_by_threshold": _near(curve, getattr(answer.recipe, key)),
        "bytes": {
            name: {"pairs": size.pairs, "bytes": size.bytes, "about": size.about}
            for name, size in expected_sizes(answer, options).items()
        },
        **run_summary(state),
    }
    if wanted is not None:
        suggestion = curve.suggest(wanted)
        found["suggestion"] = {**vars(suggestion), "enough": suggestion.enough}
    return found


def print_images(whole: WholeSet, answer: Answer) -> None:
    """Print what is known of each image as CSV."""
    images = list_images(whole, answer)
    print(csv_of(COLUMNS, images, np.arange(len(images))), end="")


def _uneven(answer: Answer) -> dict[str, Any] | None:
    """Return which images carry the set, and the --max-per-image that would even it out."""
    found = unevenness(answer.kept)
    if found is None:
        return None
    return {
        "images": [answer.images[index].name for index in found.images],
        "share": round(found.share, 4),
        "max_per_image": found.most,
        "pairs": found.pairs,
        "words": messages.carried_by(answer, found),
    }


def _alignment(answer: Answer) -> dict[str, dict[str, int]]:
    """Return how many windows in the boxes of given pairs lie how; nothing without given pairs."""
    counts = answer.lying.sum(axis=0)
    return {"alignment": dict(zip(VERDICTS, counts.tolist(), strict=True))} if counts.any() else {}


def _near(curve: Curve, threshold: float) -> list[list[float]]:
    """Return [threshold, pairs] around `threshold`: whole numbers, or steps of a share."""
    knob = KNOBS[curve.key]
    step = 1 if knob.kind is int else 0.01
    steps = (round(threshold + step * number, 9) for number in range(-_NEAR, _NEAR + 1))
    return [[value, int(curve.at(value))] for value in steps if knob.low <= value <= knob.high]


def print_survey_summary(summary: dict[str, Any]) -> None:
    """Print what `survey_summary` returns in words."""
    key, value = summary["threshold"]["key"], summary["threshold"]["value"]
    none = len(summary["images_without_pairs"])
    suggestion = [_suggestion(summary["suggestion"])] if "suggestion" in summary else []
    print_run_summary(
        "Cancelled" if summary["cancelled"] else "Survey",
        [
            (
                "images",
                f"{summary['known']:,} of {summary['images']:,}",
                f"{summary['surveyed']:,} surveyed now",
            ),
            failed_row(len(summary["failed"])),
            ("windows", f"{summary['windows']:,}", f"{summary['candidates']:,} in the boxes"),
            ("pairs", f"{summary['pairs']:,}", f"{key} {value:g}"),
            excluded_row(summary["excluded"]),
            alignment_row(summary.get("alignment", {})),
            ("images without a pair", f"{none:,}" if none else "", ""),
            *_uneven_rows(summary["uneven"]),
            *_copies(**summary["copies"]),
            *mean_rows(summary),
        ],
        [
            (
                f"{key} {threshold:g}",
                counted(pairs, "pair"),
                "the recipe's" if np.isclose(threshold, value, rtol=0, atol=1e-9) else "",
            )
            for threshold, pairs in summary["pairs_by_threshold"]
        ],
        [
            (
                name,
                ("about " if size["about"] else "") + size_text(size["bytes"]),
                counted(size["pairs"], "pair") if size["pairs"] != summary["pairs"] else "",
            )
            for name, size in summary["bytes"].items()
        ],
        [*suggestion, ("time", time_taken(summary["seconds"]), ""), ("file", summary["file"], "")],
    )


def _uneven_rows(told: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    if told is None:
        return []
    cure = f"--max-per-image {told['max_per_image']} would even that out"
    return [
        ("uneven", f"{100 * told['share']:.0f} %", told["words"]),
        ("", counted(told["pairs"], "pair"), cure),
    ]


def _copies(
    equal: Sequence[Sequence[str]], likely: Sequence[Sequence[str]]
) -> list[tuple[str, str, str]]:
    rows = [("equal content", f"{len(names):,} images", listed(names)) for names in equal[:_MOST]]
    rows += [("likely copies", f"{len(names):,} images", listed(names)) for names in likely[:_MOST]]
    left = max(len(equal) - _MOST, 0) + max(len(likely) - _MOST, 0)
    return [*rows, ("more copies", f"{left:,} more" if left else "", "--json names all")]


def _suggestion(told: dict[str, Any]) -> tuple[str, str, str]:
    if not told["enough"]:
        return "suggestion", "none", f"{counted(told['wanted'], 'pair')}; most are {told['most']:,}"
    return "suggestion", f"{told['key']} {told['value']:g}", counted(told["pairs"], "pair")
