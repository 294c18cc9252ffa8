"""``srviewer verify``: a data set, read back and checked."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path

from srviewer.commands.export import add_worker_flags
from srviewer.commands.outcomes import DONE, SOME_FAILED, WRONG_USE, complain, print_json
from srviewer.errors import ExportError

HELP = "read a data set back and check every pair"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="the data set")
    parser.add_argument(
        "--images",
        nargs="+",
        type=Path,
        default=[],
        metavar="INPUT",
        help="the images and folders that were exported: every pair is compared with its image",
    )
    add_worker_flags(parser)
    parser.add_argument("--json", action="store_true", help="all that is wrong as a JSON object")


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Verify, with progress on stderr and what is wrong on stdout."""
    from srviewer.commands.check_report import VerifyReport, print_verify_summary, verify_summary
    from srviewer.export.verification.verifying import verify
    from srviewer.pipeline.progress import Progress

    code = wrong_use(options.folder, options.images)
    if code:
        return code
    with VerifyReport(everything=options.json) as report:
        state = verify(
            options.folder,
            images=options.images,
            jobs=options.jobs,
            scheduler=options.scheduler,
            progress=Progress(cancel=cancel),
            on_state=report.show,
            on_finding=report.find,
        )
    if options.json:
        print_json(verify_summary(state, report))
    else:
        print_verify_summary(state, report)
    return SOME_FAILED if state.wrong else DONE


def wrong_use(folder: Path, images: list[Path]) -> int:
    """Complain where `folder` is no data set or one of `images` is not there; 0 if all is well."""
    from srviewer.export.verification.verifying import require_data_set

    try:
        require_data_set(folder)
    except ExportError as error:
        return complain(error, WRONG_USE)
    for path in images:
        if not path.exists():
            return complain(f"{path}: no such image or folder", WRONG_USE)
    return DONE
