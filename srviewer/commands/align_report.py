"""What ``srviewer align`` shows: a pair in figures, or a folder of them, the worst first."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from math import hypot
from typing import Any

from srviewer.errors import shown_path
from srviewer.pipeline.alignment.verdict import WORST_FIRST
from srviewer.survey.aligning import AlignState
from srviewer.terminal import failed_row, print_run_summary
from srviewer.wording import counted, time_taken

_PM = "\N{PLUS-MINUS SIGN}"
_PIPED = 110  # columns, in which long sentences go on in a next line


def worst_first(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the pairs sorted by how bad they are: by verdict, then by displacement."""
    rank = WORST_FIRST.index
    return sorted(found, key=lambda one: (rank(one["verdict"]), -_length(one), one["hr"]))


def _reason(found: dict[str, Any]) -> str:
    """Return why it has its verdict, which stands beside it, and what else is told of it."""
    return "; ".join((found["reason"], *found["remarks"]))


def _length(found: dict[str, Any]) -> float:
    shift = found["shift"]
    return 0.0 if shift is None else hypot(shift["dx"], shift["dy"])


def print_alignment(found: dict[str, Any]) -> None:
    """Print what is known of one pair."""
    wide, matches = found["intervals"] or {}, found["matches"]
    print_run_summary(
        f"{shown_path(found['hr'])}\n{shown_path(found['lr'])}",
        [("verdict", found["verdict"], _reason(found))],
        [
            ("sizes", _sizes(**found["sizes"]), f"scale x{found['scale']}"),
            ("matches", f"{matches['total']:,}", f"{matches['inliers']:,} agree with the model"),
            ("model", found["model"], _residual(found)),
            *_figures(found, wide),
        ],
        [*_estimators(found["estimators"]), *_tone(found["tone"], wide)],
        [("note", note, "") for note in found["notes"]],
    )


def _sizes(hr: list[int], lr: list[int]) -> str:
    return f"{hr[0]} x {hr[1]} px, LR {lr[0]} x {lr[1]} px"


def _residual(found: dict[str, Any]) -> str:
    residual = found["residual"]
    return "" if residual is None else f"its matches miss it by {residual:.3f} LR px (RMS)"


def _figures(found: dict[str, Any], wide: dict[str, float]) -> list[tuple[str, str, str]]:
    if found["shift"] is None:
        return []
    shift, size = found["shift"], found["magnification"]
    return [
        ("shift", f"{shift['dx']:+.4f}, {shift['dy']:+.4f} LR px", f"{_PM}{shift['u95']:.4f}"),
        (
            "magnification",
            f"{size['x']:.5f}, {size['y']:.5f} HR px",
            f"{_PM}{max(wide['magnification_x'], wide['magnification_y']):.5f}",
        ),
        ("rotation", f"{found['rotation']:+.4f} degrees", f"{_PM}{wide['rotation']:.4f}"),
    ]


def _estimators(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    names = {"sift": "shift by SIFT", "ecc": "shift by ECC"}
    rows = [
        (words, f"{found[key]['dx']:+.4f}, {found[key]['dy']:+.4f} LR px", "")
        for key, words in names.items()
        if found[key] is not None
    ]
    apart = found["disagreement"]
    return [*rows, ("they disagree by", "" if apart is None else f"{apart:.4f} LR px", "")]


def _tone(tone: dict[str, float] | None, wide: dict[str, float]) -> list[tuple[str, str, str]]:
    if tone is None:
        return []
    return [
        ("gain", f"{tone['gain']:.4f}", f"{_PM}{wide['gain']:.4f}"),
        ("offset", f"{tone['offset']:+.2f} grey levels", f"{_PM}{wide['offset']:.2f}"),
        ("gamma", f"{tone['gamma']:.4f}", f"{_PM}{wide['gamma']:.4f}"),
    ]


def _most(scales: Iterable[int]) -> int | None:
    """Return the one that more than half are, None where there is none."""
    counts = Counter(scales)
    return next((one for one, count in counts.items() if 2 * count > counts.total()), None)


def _other_scale(scale: int, usual: int | None) -> str:
    return "" if usual in (None, scale) else f"; scale x{scale}, where most have x{usual}"


def print_alignments(ranked: Sequence[dict[str, Any]], state: AlignState) -> None:
    """Print a line for each pair, the worst first, and how many there are of each cause."""
    head = "Cancelled" if state.cancelled else "Alignment"
    folder = os.path.commonpath([os.path.dirname(one["hr"]) for one in ranked]) if ranked else ""
    usual = _most(one["scale"] for one in ranked)
    print_run_summary(
        f"{head}\n{shown_path(folder)}" if folder else head,
        [
            (
                shown_path(os.path.relpath(one["hr"], folder or None)),
                one["verdict"],
                _reason(one) + _other_scale(one["scale"], usual),
            )
            for one in ranked
        ],
        [
            *(
                (verdict, counted(state.verdicts.get(verdict, 0), "pair"), "")
                for verdict in WORST_FIRST
                if state.verdicts.get(verdict)
            ),
            failed_row(len(state.failures)),
            ("time", time_taken(state.seconds), ""),
        ],
        piped=_PIPED,
    )
