"""How a command ends: exit codes, complaints and results on the standard streams."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from srviewer.runs.state import RunState

DONE, SOME_FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


def complain(message: object, code: int) -> int:
    """Print `message` on stderr and return `code`."""
    print(f"srviewer: {message}", file=sys.stderr)
    return code


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
