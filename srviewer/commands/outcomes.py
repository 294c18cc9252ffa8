"""How a command ends: exit codes, complaints and results on the standard streams."""

from __future__ import annotations

import json
import sys

DONE, SOME_FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


def complain(message: object, code: int) -> int:
    """Print `message` on stderr and return `code`."""
    print(f"srviewer: {message}", file=sys.stderr)
    return code


def print_json(value: dict[str, object]) -> None:
    """Print `value` as one line of JSON, escaped where stdout cannot hold its letters."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value)
    print(text, flush=True)
