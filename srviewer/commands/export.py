"""``srviewer export``: the pairs of images, written to a data set."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path

from srviewer.commands.outcomes import DONE, INTERRUPTED, SOME_FAILED, complain, print_json
from srviewer.commands.recipe_flags import add_recipe_flags, usable_recipe
from srviewer.export.options import CHANNELS, FORMATS, from_texts
from srviewer.export.options import HELP as FORMAT_HELP

HELP = "write the pairs of images to a data set"

_CHOICES = {
    "channels": f"of the HDF5 formats, one of {', '.join(CHANNELS)}; default y",
    "shard_size": "pairs in a shard of format webdataset; default 1000",
    "label_border": "px that format srcnn-hdf5 cuts from each side of a label; default 6, "
    "none with LR in its own size",
    "max_per_image": "at most so many pairs of an image, those with the most keypoints",
    "max_pairs": "at most so many pairs in all, those with the most keypoints",
    "validation_share": "share of the images whose pairs are for validation, from 0 to below 1",
    "seed": "which images those are; default 0",
}


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="image or folder")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR")
    parser.add_argument(
        "--format",
        default="bmp",
        choices=FORMATS,
        help="; ".join(f"{name}: {words}" for name, words in FORMAT_HELP.items()) + "; default bmp",
    )
    add_worker_flags(parser)
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace pairs of another recipe, format or choice",
    )
    parser.add_argument("--json", action="store_true", help="the summary as a JSON object")
    group = parser.add_argument_group("format and choice of pairs")
    for key, words in _CHOICES.items():
        flag = "--" + key.replace("_", "-")
        metavar = key.rpartition("_")[2].upper()
        group.add_argument(flag, dest=f"export_{key}", metavar=metavar, help=words)
    add_recipe_flags(parser)


def add_worker_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say who does the work."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--jobs",
        type=_jobs,
        metavar="N",
        help="processes; default: the cores, fewer where memory is short",
    )
    group.add_argument(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        help="let the workers of this Dask scheduler do it; they share the folders",
    )


def _jobs(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r}: allowed is a whole number from 1 to 1024")
    return int(text)


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Export, with progress on stderr and a summary on stdout."""
    from srviewer.export.runner import export
    from srviewer.pipeline.progress import Progress
    from srviewer.terminal import export_report, export_summary, print_export_summary

    recipe = usable_recipe(options)
    chosen = from_texts({key: getattr(options, f"export_{key}") for key in _CHOICES})
    with export_report() as report:
        state = export(
            options.inputs,
            options.out,
            recipe,
            format=options.format,
            options=chosen,
            jobs=options.jobs,
            scheduler=options.scheduler,
            overwrite=options.overwrite,
            progress=Progress(report.work, cancel),
            on_state=report.show,
        )
    if options.json:
        print_json(export_summary(state))
    else:
        print_export_summary(state)
    if state.cancelled:
        return complain("interrupted; the same command does what is missing", INTERRUPTED)
    return SOME_FAILED if state.failures else DONE
