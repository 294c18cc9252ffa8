"""``srviewer align``: how given LR lie on their HR, in words and figures."""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

from srviewer.commands.flag_types import number, path
from srviewer.commands.lr_flags import add_pair_by_flag, is_by_order
from srviewer.commands.outcomes import (
    DONE,
    INTERRUPTED,
    SOME_FAILED,
    complain,
    deliver,
    print_json,
)
from srviewer.commands.recipe_flags import add_recipe_flags, usable_recipe
from srviewer.runs.tasks import MOST_JOBS

HELP = "whether a given LR lies on its HR: what is wrong, and by how much"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("hr", type=path, metavar="HR", help="image, or folder of images")
    parser.add_argument("lr", type=path, metavar="LR", help="its LR, or the folder of theirs")
    parser.add_argument("--json", action="store_true", help="one JSON object a line and pair")
    add_pair_by_flag(parser)
    parser.add_argument(
        "--jobs",
        type=partial(number, most=MOST_JOBS),
        metavar="N",
        help="processes; default: the cores, fewer where memory is short",
    )
    add_recipe_flags(parser)


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Align one pair after the other and print what comes of it."""
    recipe = usable_recipe(options)
    if os.path.isdir(options.hr):
        return _folders(options, recipe, cancel)
    from srviewer.commands.align_report import print_alignment
    from srviewer.pipeline.progress import Progress
    from srviewer.survey.aligning import align_files
    from srviewer.terminal import inside_image

    with inside_image("aligning") as report:
        found = align_files(options.hr, options.lr, recipe, Progress(report, cancel))
    show = print_json if options.json else print_alignment
    return deliver(DONE, lambda: show(found))


def _folders(options: argparse.Namespace, recipe: Any, cancel: threading.Event) -> int:
    from srviewer.commands.align_report import print_alignments, worst_first
    from srviewer.pipeline.progress import Progress
    from srviewer.runs.inputs import GivenLR
    from srviewer.survey.aligning import AlignState, align_pairs
    from srviewer.terminal import RunReport

    lr = GivenLR(options.lr, is_by_order(options))
    progress = RunReport[AlignState]("aligning", _words, unit="pairs")
    with progress as report:
        state, found = align_pairs(
            options.hr,
            lr,
            recipe,
            jobs=options.jobs,
            progress=Progress(report.work, cancel),
            on_state=report.show,
        )
    if state.cancelled:
        code = complain("interrupted", INTERRUPTED)
    else:
        code = SOME_FAILED if state.failures else DONE
    ranked = worst_first(found)
    if options.json:
        return deliver(code, lambda: _print_lines(ranked))
    return deliver(code, lambda: print_alignments(ranked, state))


def _print_lines(ranked: Sequence[dict[str, Any]]) -> None:
    for one in ranked:
        print_json(one)


def _words(state: Any) -> str:
    return f"{state.verdicts.get('aligned', 0):,} aligned"
