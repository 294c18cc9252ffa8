"""How a command ends: exit codes, complaints and results on the standard streams."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from srviewer.errors import (
    ExclusionError,
    InUseError,
    MisplacedError,
    NotADataSetError,
    OptionError,
    RecipeError,
    SrviewerError,
    reason,
)
from srviewer.streams import silence, tell

if TYPE_CHECKING:
    from srviewer.runs.state import RunState

DONE, SOME_FAILED, WRONG_USE, IN_USE, NOT_A_DATA_SET, INTERRUPTED = 0, 1, 2, 3, 4, 130
CODES = {
    DONE: "done",
    SOME_FAILED: "something failed, or is not as it should be; it is named, the rest is done",
    WRONG_USE: "wrong use",
    IN_USE: "the folder is in use by another export or survey",
    NOT_A_DATA_SET: "not a data set",
    INTERRUPTED: "interrupted, with nothing half-written",
}
_CODES_OF = {
    InUseError: IN_USE,
    NotADataSetError: NOT_A_DATA_SET,
    RecipeError: WRONG_USE,
    ExclusionError: WRONG_USE,
    OptionError: WRONG_USE,
    MisplacedError: WRONG_USE,
}


class OutputEnded(Exception):  # noqa: N818 - whoever reads it may have enough
    """Nobody takes what is printed on stdout any more; `code` is the exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def complain(message: object, code: int) -> int:
    """Print `message` on stderr and return `code`."""
    tell(f"srviewer: {message}")
    return code


def code_of(error: SrviewerError) -> int:
    """Return the exit code of a command that ends with `error`."""
    import sqlite3

    from srviewer.runs.database import sqlite_code

    found = (code for kind, code in _CODES_OF.items() if isinstance(error, kind))
    is_kept = sqlite_code(error) == sqlite3.SQLITE_BUSY
    return IN_USE if is_kept else next(found, SOME_FAILED)


def deliver(code: int, show: Callable[[], object]) -> int:
    """Print by `show` what came of work that ended with `code`, and return the code.

    Raises
    ------
    OutputEnded
        Where stdout takes no more: with `code` where its reader has left, as `head` does, and
        with a complaint where it cannot be written, as on a full disk.
    """
    try:
        show()
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
        raise OutputEnded(code) from None
    except OSError as error:
        silence(sys.stdout)
        failed = complain(f"the output cannot be written: {reason(error)}", SOME_FAILED)
        raise OutputEnded(code or failed) from None
    return code


def deliver_summary(
    options: argparse.Namespace, code: int, summary: dict[str, Any], show: Callable[[], object]
) -> int:
    """`deliver` the `summary` as JSON where that was asked for, else what `show` prints."""
    return deliver(code, (lambda: print_json(summary)) if options.json else show)


def run_code(state: RunState) -> int:
    """Return the exit code of a run that ended with `state`, and complain where it was stopped."""
    if state.cancelled:
        return complain("interrupted; the same command does what is missing", INTERRUPTED)
    return SOME_FAILED if state.failures else DONE


def print_json(value: dict[str, object]) -> None:
    """Print `value` as one line of JSON, escaped where stdout cannot hold its letters."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value)
    print(text, flush=True)
