"""``srviewer reproduce``: a data set made again, and compared."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path

from srviewer.commands.export import add_worker_flags
from srviewer.commands.outcomes import DONE, SOME_FAILED, print_json
from srviewer.commands.verify import wrong_use

HELP = "make a data set again and say whether the bytes are the same"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="the data set")
    parser.add_argument(
        "images",
        nargs="+",
        type=Path,
        metavar="INPUT",
        help="the images and folders that were exported",
    )
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="DIR2",
        help="a new folder that what is made stays in; else it is removed after the comparison",
    )
    add_worker_flags(parser)
    parser.add_argument("--json", action="store_true", help="the differences as a JSON object")


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Make it again, with progress on stderr and the differences on stdout."""
    from srviewer.commands.check_report import (
        print_reproduce_summary,
        reproduce_summary,
        tell_cause,
    )
    from srviewer.commands.export import export_report
    from srviewer.export.verification.reproducing import reproduce
    from srviewer.pipeline.progress import Progress

    code = wrong_use(options.folder, options.images)
    if code:
        return code
    with export_report() as report:
        done = reproduce(
            options.folder,
            options.images,
            jobs=options.jobs,
            scheduler=options.scheduler,
            keep=options.keep,
            progress=Progress(report.work, cancel),
            on_cause=tell_cause,
            on_state=report.show,
        )
    if options.json:
        print_json(reproduce_summary(done))
    else:
        print_reproduce_summary(done)
    return DONE if done.same else SOME_FAILED
