"""``srviewer convert``: a data set, written in another form."""

import argparse
import threading

from srviewer.commands.common_flags import add_worker_flags, followed
from srviewer.commands.export import add_writing_flags, deliver_export, export_report
from srviewer.commands.flag_types import path
from srviewer.commands.recipe_flags import given
from srviewer.export.options import OPTIONS

HELP = "write a data set in another form, without its images"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("folder", type=path, metavar="DIR", help="the data set")
    parser.add_argument(
        "--out", required=True, type=path, metavar="DIR", help="the folder of what is made of it"
    )
    add_worker_flags(parser)
    add_writing_flags(parser)


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Convert, with progress on stderr and a summary on stdout."""
    from srviewer.export.converting import convert

    with export_report() as report:
        state = convert(
            options.folder,
            options.out,
            format=options.format,
            named=given(options, OPTIONS),
            overwrite=options.overwrite,
            **followed(options, report, cancel),
        )
    return deliver_export(options, state)
