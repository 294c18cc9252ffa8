"""``srviewer export``: the pairs of images, written to a data set."""

from __future__ import annotations

import argparse
import contextlib
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from srviewer.commands.common_flags import (
    add_exclude_flag,
    add_worker_flags,
    exclusions_of,
    followed,
    tell_strangers,
)
from srviewer.commands.flag_types import path, source
from srviewer.commands.lr_flags import add_lr_flags, at_scale_of_pairs, given_lr
from srviewer.commands.outcomes import DONE, SOME_FAILED, WRONG_USE, deliver_summary, run_code
from srviewer.commands.recipe_flags import add_flag, add_recipe_flags, given, usable_recipe
from srviewer.errors import shown_path
from srviewer.export.options import FORMATS, OPTIONS, USUAL_FORMAT, Options
from srviewer.export.options import HELP as FORMAT_HELP
from srviewer.runs.workers import begin_early
from srviewer.streams import tell
from srviewer.wording import counted, rate_text

if TYPE_CHECKING:
    from srviewer.export.export_run import ExportState
    from srviewer.pipeline.exclusions import Exclusions
    from srviewer.pipeline.recipe import Recipe
    from srviewer.runs.inputs import GivenLR
    from srviewer.terminal import RunReport

HELP = "write the pairs of images to a data set"
_NEEDED = "srviewer.export.runner"  # by those who do the work


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "inputs",
        nargs="+",
        type=source,
        metavar="INPUT",
        help="image or folder; FOLDER/./NAME is one image of a folder, as if all were given",
    )
    parser.add_argument(
        "--out", required=True, type=path, metavar="DIR", help="the data set's folder"
    )
    add_worker_flags(parser)
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="say what the folder holds, and what would be added or replaced; write nothing",
    )
    add_lr_flags(parser)
    add_exclude_flag(parser)
    add_writing_flags(parser)
    add_recipe_flags(parser)


def add_writing_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say how pairs are written, and which."""
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace pairs of another recipe, format or choice",
    )
    parser.add_argument("--json", action="store_true", help="the summary as a JSON object")
    group = parser.add_argument_group("format and choice of pairs")
    group.add_argument(
        "--format",
        choices=FORMATS,
        help="; ".join(f"{name}: {words}" for name, words in FORMAT_HELP.items())
        + f"; default: what the folder holds, {USUAL_FORMAT} in a new one",
    )
    for knob in sorted(OPTIONS.values(), key=lambda knob: not knob.flag):
        add_flag(group, knob)


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Export, with progress on stderr and a summary on stdout."""
    if options.dry_run:
        return _tell_plan(options, cancel)
    begun = None if options.scheduler else begin_early(options.inputs, options.jobs, _NEEDED)
    with contextlib.closing(begun) if begun else contextlib.nullcontext():
        from srviewer.export.runner import export

        recipe, lr, chosen, exclusions = _settings(options, cancel)
        with export_report() as report:
            state = export(
                options.inputs,
                options.out,
                recipe,
                format=options.format,
                options=chosen,
                lr=lr,
                exclusions=exclusions,
                overwrite=options.overwrite,
                begun=begun,
                **followed(options, report, cancel),
            )

    if exclusions and state.in_set is not None:
        from srviewer.export.settings_there import exclusions_there

        tell_strangers(options, exclusions, exclusions_there(options.out).by_content)

    return deliver_export(options, state)


def deliver_export(options: argparse.Namespace, state: ExportState) -> int:
    """Print what came of an export into ``options.out``, and return the exit code."""
    from srviewer.export.settings_there import how_there
    from srviewer.export.settling import read_by

    how = how_there(options.out)
    reads = read_by(how) if how else ""
    summary = {**_summary(state), "read_by": reads}
    show = partial(_print_summary, state, reads)
    return deliver_summary(options, run_code(state), summary, show)


def _settings(
    options: argparse.Namespace, cancel: threading.Event
) -> tuple[Recipe, GivenLR | None, Options, Exclusions]:
    recipe, lr = at_scale_of_pairs(options, usable_recipe(options), cancel), given_lr(options)
    return recipe, lr, Options(**given(options, OPTIONS)), exclusions_of(options)


def _tell_plan(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Print what an export would do; the exit code is that which it would end with at once."""
    from srviewer.export.held import look
    from srviewer.export.plan import compare, plan
    from srviewer.pipeline.progress import Progress

    recipe, lr, chosen, exclusions = _settings(options, cancel)
    progress = Progress(cancel=cancel)
    held = look(options.out, progress)
    coming = compare(held, options.inputs, progress, lr=lr)
    found = plan(held, coming, recipe, options.format, chosen, exclusions)
    stays = bool(held.problem) or (bool(found.replaces) and not options.overwrite)
    code = WRONG_USE if found.refused else SOME_FAILED if stays or coming.failed else DONE
    for failure in coming.failed:
        tell(f"failed: {shown_path(failure.image)}: {failure.cause}")
    summary = {
        "out": str(options.out),
        "plan": found.words,
        "pairs": held.pairs,
        "images": len(held.marks),
        "kept": found.coming.kept,
        "changed": found.coming.changed,
        "new": found.coming.new,
        "refused": found.refused,
        "replaces": found.replaces,
        "failed": [{"image": one.image, "cause": one.cause} for one in coming.failed],
    }
    words = f"{shown_path(options.out)}: {found.words}"
    return deliver_summary(options, code, summary, lambda: print(words))


def export_report() -> RunReport[ExportState]:
    """Return the report of an export."""
    from srviewer.terminal import RunReport

    return RunReport(
        "exporting",
        lambda state: f"{counted(state.pairs, 'pair')}  {rate_text(state.rate, 'pairs')}",
    )


def _summary(state: ExportState) -> dict[str, Any]:
    from srviewer.terminal import run_summary

    held = state.for_validation
    return {
        "out": str(state.out),
        "exported": state.exported,
        "pairs": state.pairs,
        "pairs_in_set": state.in_set,
        **({"validation_images": held[0], "validation_pairs": held[1]} if held else {}),
        "pairs_per_second": round(state.rate, 1),
        **run_summary(state),
    }


def _print_summary(state: ExportState, reads: str) -> None:
    from srviewer.export.messages import outcome_rows
    from srviewer.terminal import failed_row, print_run_summary

    stopped = state.done < state.images
    rows = [*outcome_rows(state), ("read by", reads, ""), failed_row(len(state.failures))]
    print_run_summary("Cancelled" if state.cancelled else "Stopped" if stopped else "Done", rows)
