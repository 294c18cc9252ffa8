"""``srviewer verify``: a data set, read back and checked."""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srviewer.commands.common_flags import add_worker_flags
from srviewer.commands.flag_types import path
from srviewer.commands.lr_flags import add_lr_flags, given_lr
from srviewer.commands.outcomes import DONE, SOME_FAILED, deliver_summary
from srviewer.errors import OptionError, reason
from srviewer.wording import rate_text

if TYPE_CHECKING:
    from srviewer.export.findings import Finding, Kind, VerifyState

HELP = "read a data set back and check every pair"
_MOST = 20  # lines of a kind


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("folder", type=path, metavar="DIR", help="the data set")
    parser.add_argument(
        "--images",
        nargs="+",
        type=path,
        default=[],
        metavar="INPUT",
        help="the images and folders that were exported: every pair is compared with its image",
    )
    add_lr_flags(parser)
    add_worker_flags(parser)
    parser.add_argument("--json", action="store_true", help="all that is wrong as a JSON object")


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Verify, with progress on stderr and what is wrong on stdout."""
    from srviewer.export.findings import Kind
    from srviewer.export.verification.verifying import verify
    from srviewer.pipeline.progress import Progress
    from srviewer.terminal import RunReport

    require_inputs(options.folder, options.images)
    found: dict[Kind, list[Finding]] = {kind: [] for kind in Kind}

    def find(finding: Finding) -> None:
        if options.json or len(found[finding.kind]) < _MOST:
            found[finding.kind].append(finding)

    def words(state: VerifyState) -> str:
        wrong = f"  {state.wrong.total():,} wrong" if state.wrong else ""
        return f"{rate_text(state.rate, 'pairs')}{wrong}"

    with RunReport("verifying", words, unit="pairs") as report:
        state = verify(
            options.folder,
            images=options.images,
            lr=given_lr(options),
            jobs=options.jobs,
            scheduler=options.scheduler,
            progress=Progress(cancel=cancel),
            on_state=report.show,
            on_finding=find,
        )
    code, summary = SOME_FAILED if state.wrong else DONE, _summary(state, found)
    return deliver_summary(options, code, summary, lambda: _print_summary(state, found))


def require_inputs(folder: Path, images: list[Path]) -> None:
    """Raise an error where `folder` is no data set or one of `images` is not there."""
    from srviewer.export.verification.beginning import require_data_set

    require_data_set(folder)
    for image in images:
        try:
            os.stat(image)
        except FileNotFoundError as error:
            raise OptionError("no such image or folder", path=image) from error
        except OSError as error:
            raise OptionError(reason(error), path=image) from error


def print_first(lines: Iterable[object], count: int, what: str = "") -> None:
    """Print the first of `count` `lines`, and how many there are beyond them."""
    for line in list(lines)[:_MOST]:
        print(f"  {line}")
    if count > _MOST:
        print(f"  and {count - _MOST:,} more{what}")


def _summary(state: VerifyState, found: dict[Kind, list[Finding]]) -> dict[str, Any]:
    from srviewer.export.verification.messages import not_checked

    return {
        "folder": str(state.out),
        "format": state.format,
        "images": state.images,
        "pairs": state.pairs,
        "wrong": state.wrong.total(),
        "wrong_by_kind": dict(state.wrong),
        "findings": [vars(one) for mine in found.values() for one in mine],
        "checked": dict(state.checked),
        "not_checked": not_checked(state),
        "seconds": round(state.seconds, 3),
        "pairs_per_second": round(state.rate, 1),
    }


def _print_summary(state: VerifyState, found: dict[Kind, list[Finding]]) -> None:
    from srviewer.export.verification import messages

    for kind, mine in found.items():
        if mine:
            print(f"{kind}: {state.wrong[kind]:,}")
            print_first(mine, state.wrong[kind])
    print(messages.verified_what(state))
    for line in messages.checked(state):
        print(f"  {line}")
    for line in messages.not_checked(state):
        print(f"  not checked: {line}")
    print(messages.verified(state))
