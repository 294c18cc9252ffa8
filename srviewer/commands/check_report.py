"""What ``srviewer verify`` and ``srviewer reproduce`` show: progress, then what is wrong."""

from __future__ import annotations

import sys
import time
from collections import Counter
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from srviewer.export.verification.findings import KINDS, Finding
from srviewer.export.verification.pair_checks import LUMA_ONLY, TOO_SMALL, WITH_IMAGE, WITHIN
from srviewer.export.verification.pair_metrics import PSNR, PSNR_LIMIT, SSIM
from srviewer.export.verification.reproducing import Reproduced
from srviewer.export.verification.verifying import VerifyState

_MOST = 20  # lines of a kind
_A_LINE_EVERY = 1.0  # seconds, where there is no terminal

_WORDS = {
    WITH_IMAGE: "every pixel of HR and LR, PSNR and SSIM compared with the image",
    WITHIN: "LR compared with reduced HR, where the patch alone decides it",
    LUMA_ONLY: "LR compared with reduced HR by luma, which is all that is stored: this finds LR "
    "of another place, hardly LR of a similar filter",
    PSNR: "PSNR computed again from HR and LR",
    SSIM: "SSIM computed again from HR and LR",
    PSNR_LIMIT: "PSNR checked within the limits that what is stored of HR and LR sets",
}


class VerifyReport:
    """Progress of a verification on stderr; keeps what is wrong.

    Parameters
    ----------
    everything : bool
        Keep all findings, not only those that are printed.
    """

    def __init__(self, everything: bool) -> None:
        self.findings: dict[str, list[Finding]] = {kind: [] for kind in KINDS}
        self._everything = everything
        self._said = 0.0
        console = Console(stderr=True, highlight=False)
        self._bar: Progress | None = None
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("pairs  {task.fields[more]}"),
                TimeRemainingColumn(),
                TextColumn("left"),
                console=console,
            )
            self._task = self._bar.add_task("verifying", total=None, more="")

    def __enter__(self) -> VerifyReport:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def find(self, finding: Finding) -> None:
        """Keep `finding`."""
        mine = self.findings[finding.kind]
        if self._everything or len(mine) < _MOST:
            mine.append(finding)

    def show(self, state: VerifyState) -> None:
        """Show how far it is."""
        wrong = f"  {state.wrong.total():,} wrong" if state.wrong else ""
        more = f"{state.rate:,.0f} pairs/s{wrong}"
        if self._bar:
            self._bar.update(self._task, total=state.pairs, completed=state.done, more=more)
            return
        now = time.monotonic()
        if now - self._said >= _A_LINE_EVERY or state.done == state.pairs:
            self._said = now
            left = state.seconds_left
            time_left = "" if left is None else f"  {left:.0f} s left"
            _say(f"{state.done:,}/{state.pairs:,} pairs  {more}{time_left}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _not_checked(state: VerifyState) -> list[str]:
    """Return what could not be checked, and what would."""
    checked = state.checked
    read = checked[WITH_IMAGE] + checked[WITHIN] + checked[LUMA_ONLY] + checked[TOO_SMALL]
    lines = []
    if checked[TOO_SMALL]:
        lines.append(
            f"{checked[TOO_SMALL]:,} pairs: that LR is the reduction of HR, since the filter looks "
            "beyond the patch for each pixel"
        )
    for name, done in (("PSNR", checked[PSNR] + checked[PSNR_LIMIT]), ("SSIM", checked[SSIM])):
        left = read - checked[WITH_IMAGE] - done
        if left:
            lines.append(f"{left:,} pairs: {name}, which what is stored does not decide")
    if read > checked[WITH_IMAGE]:
        lines.append("what depends on the image beyond the patch: give --images FOLDER to check it")
    if state.not_found:
        names = ", ".join(state.not_found[:3]) + (", ..." if len(state.not_found) > 3 else "")
        lines.append(f"{len(state.not_found):,} images are not among those given: {names}")
    if state.pairs:
        lines.append("how many keypoints and matches a pair has: srviewer reproduce checks that")
    return lines


def verify_summary(state: VerifyState, report: VerifyReport) -> dict[str, Any]:
    """Return the end of a verification as a JSON object."""
    return {
        "folder": str(state.out),
        "format": state.format,
        "images": state.images,
        "pairs": state.pairs,
        "wrong": state.wrong.total(),
        "wrong_by_kind": dict(state.wrong),
        "findings": [one.as_dict for kind in KINDS for one in report.findings[kind]],
        "checked": {_WORDS.get(key, key): count for key, count in state.checked.items()
                    if key in _WORDS},
        "not_checked": _not_checked(state),
        "seconds": round(state.seconds, 3),
        "pairs_per_second": round(state.rate, 1),
    }  # fmt: skip


def print_verify_summary(state: VerifyState, report: VerifyReport) -> None:
    """Print the end of a verification in words."""
    for kind in KINDS:
        count = state.wrong[kind]
        if count:
            print(f"{kind}: {count:,}")
            for finding in report.findings[kind][:_MOST]:
                print(f"  {finding}")
            _and_more(count)
    print(f"{state.out}: {state.pairs:,} pairs of {state.images:,} images, {state.format}")
    for key, words in _WORDS.items():
        if state.checked[key]:
            print(f"  checked: {state.checked[key]:,} pairs: {words}")
    for line in _not_checked(state):
        print(f"  not checked: {line}")
    count = state.wrong.total()
    print("nothing is wrong" if not count else f"wrong: {_things(count)}", end="")
    print(f"; {state.seconds:.1f} s, {state.rate:,.0f} pairs/s")


def _things(count: int) -> str:
    return f"{count:,} thing" if count == 1 else f"{count:,} things"


def _and_more(count: int) -> None:
    if count > _MOST:
        print(f"  and {count - _MOST:,} more")


def tell_cause(cause: str) -> None:
    """Say on stderr why what is made again may differ."""
    _say(f"note: {cause}")


def reproduce_summary(done: Reproduced) -> dict[str, Any]:
    """Return the end of a reproduction as a JSON object."""
    return {
        "folder": str(done.out),
        "kept": str(done.kept) if done.kept else None,
        "same": done.same,
        "images": done.images,
        "pairs": done.pairs,
        "files": done.files,
        "bytes": done.bytes,
        "differences": [
            {"name": one.name, "what": one.what, "same_values": one.only_bytes}
            for one in done.differences
        ],
        "images_missing_or_changed": list(done.causes),
        "failed": [{"image": f.image, "cause": f.cause} for f in done.failures],
        "seconds": round(done.seconds, 3),
    }


def print_reproduce_summary(done: Reproduced) -> None:
    """Print the end of a reproduction in words."""
    kinds: Counter[bool] = Counter()
    for one in done.differences:
        kinds[one.only_bytes] += 1
        if kinds[one.only_bytes] <= _MOST:
            print(f"  {one}")
    for only_bytes, words in ((False, "differences"), (True, "differences of bytes alone")):
        if kinds[only_bytes] > _MOST:
            print(f"  and {kinds[only_bytes] - _MOST:,} more {words}")
    made = f"{done.pairs:,} pairs of {done.images:,} images made again in {done.seconds:.1f} s"
    size = f"{done.files:,} files, {done.bytes / 1e6:,.1f} MB"
    if done.same:
        print(f"{done.out}: {made}: every byte is the same ({size})")
    elif not kinds[False]:
        print(f"{done.out}: {made}: the values are the same, the bytes of {kinds[True]:,} files "
              f"are not ({size})")  # fmt: skip
    else:
        print(f"{done.out}: {made}: not the same, {kinds.total():,} differences ({size})")
    if done.differences and done.causes:
        print(f"  a likely cause: {len(done.causes):,} images are missing or have changed, each "
              "is named above")  # fmt: skip
    if done.kept:
        print(f"  what was made is in {done.kept}")
