"""``srviewer reproduce``: a data set made again, and compared."""

from __future__ import annotations

import argparse
import threading
from typing import TYPE_CHECKING, Any

from srviewer.commands.common_flags import add_worker_flags, followed
from srviewer.commands.flag_types import path
from srviewer.commands.lr_flags import add_lr_flags, given_lr
from srviewer.commands.outcomes import DONE, SOME_FAILED, deliver_summary
from srviewer.commands.verify import print_first, require_inputs
from srviewer.errors import shown_path
from srviewer.streams import tell

if TYPE_CHECKING:
    from srviewer.export.verification.reproducing import Reproduced

HELP = "make a data set again and say whether the bytes are the same"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("folder", type=path, metavar="DIR", help="the data set")
    parser.add_argument(
        "images",
        nargs="+",
        type=path,
        metavar="INPUT",
        help="the images and folders that were exported",
    )
    parser.add_argument(
        "--keep",
        type=path,
        metavar="DIR2",
        help="a new folder that what is made stays in; else it is removed after the comparison",
    )
    add_lr_flags(parser)
    add_worker_flags(parser)
    parser.add_argument("--json", action="store_true", help="the differences as a JSON object")


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Make it again, with progress on stderr and the differences on stdout."""
    from srviewer.commands.export import export_report
    from srviewer.export.verification.reproducing import reproduce

    require_inputs(options.folder, options.images)
    with export_report() as report:
        done = reproduce(
            options.folder,
            options.images,
            lr=given_lr(options),
            keep=options.keep,
            on_cause=lambda cause: tell(f"note: {cause}"),
            **followed(options, report, cancel),
        )
    code = DONE if done.same else SOME_FAILED
    return deliver_summary(options, code, _summary(done), lambda: _print_summary(done))


def _summary(done: Reproduced) -> dict[str, Any]:
    return {
        "folder": str(done.out),
        "kept": str(done.kept) if done.kept else None,
        "same": done.same,
        "images": done.export.images,
        "pairs": done.pairs,
        "files": done.files,
        "bytes": done.bytes,
        "differences": [
            {"name": one.name, "what": one.what, "same_values": one.only_bytes}
            for one in done.differences
        ],
        "images_missing_or_changed": [str(one) for one in done.causes],
        "other_versions": list(done.versions),
        "failed": [{"image": f.image, "cause": f.cause} for f in done.export.failures],
        "seconds": round(done.export.seconds, 3),
    }


def _print_summary(done: Reproduced) -> None:
    from srviewer.export.verification import messages

    values = [one for one in done.differences if not one.only_bytes]
    packed = [one for one in done.differences if one.only_bytes]
    print_first(values, len(values), " differences")
    print_first(packed, len(packed), " differences of bytes alone")
    print(f"{shown_path(done.out)}: {messages.reproduced(done)}")
    for line in messages.causes(done):
        print(f"  {line}")
    if done.kept:
        print(f"  what was made is in {shown_path(done.kept)}")
