"""``srviewer align``: how given LR lie on their HR, in words and figures."""

import argparse
import csv
import io
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from srviewer.commands.common_flags import add_jobs_flag
from srviewer.commands.flag_types import path
from srviewer.commands.lr_flags import add_pair_by_flag, is_by_order, lr_file_of
from srviewer.commands.outcomes import DONE, INTERRUPTED, SOME_FAILED, complain, deliver, print_json
from srviewer.commands.recipe_flags import add_recipe_flags, usable_recipe
from srviewer.errors import ExportError, reason

HELP = "whether a given LR lies on its HR: what is wrong, and by how much"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("hr", type=path, metavar="HR", help="image, or folder of images")
    parser.add_argument("lr", type=path, metavar="LR", help="its LR, or the folder of theirs")
    parser.add_argument("--json", action="store_true", help="one JSON object a line and pair")
    parser.add_argument(
        "--windows",
        type=path,
        metavar="F.csv",
        help="also write how every window lies to this file: x, y, verdict, dx, dy, u95",
    )
    add_pair_by_flag(parser)
    add_jobs_flag(parser)
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
        found = align_files(
            *(options.hr, lr_file_of(options), recipe, Progress(report, cancel)),
            every_window=options.windows is not None,
        )
    if options.windows is not None:
        _write_windows(options.windows, [found])
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
            every_window=options.windows is not None,
        )
    if state.cancelled:
        code = complain("interrupted", INTERRUPTED)
    else:
        code = SOME_FAILED if state.failures else DONE
    if options.windows is not None:
        _write_windows(options.windows, found, of_many=True)
    ranked = worst_first(found)
    if options.json:
        return deliver(code, lambda: _print_lines(ranked))
    return deliver(code, lambda: print_alignments(ranked, state))


def _write_windows(file: Path, found: Sequence[dict[str, Any]], *, of_many: bool = False) -> None:
    """Write the windows of all pairs as CSV, those `of_many` with their HR; out of `found`."""
    from srviewer.runs.folders import write_text
    from srviewer.runs.names import escaped
    from srviewer.survey.aligning import ROWS

    text = io.StringIO()
    columns = [*(["hr"] if of_many else []), "x", "y", "verdict", "dx", "dy", "u95"]
    lines = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    lines.writeheader()
    for one in found:
        hr = escaped(one["hr"])
        lines.writerows({"hr": hr, **row} for row in one.pop(ROWS))
    try:
        write_text(file.absolute().parent, file.name, text.getvalue())
    except OSError as error:
        raise ExportError(reason(error), path=file) from error


def _print_lines(ranked: Sequence[dict[str, Any]]) -> None:
    for one in ranked:
        print_json(one)


def _words(state: Any) -> str:
    return f"{state.verdicts.get('aligned', 0):,} aligned"
