"""Text from outside, such as recipes, records and settings: all of it is read within limits.

What a program wrote for itself may come back from anyone. So size and depth are looked at before
a parser sees the text: `tomllib` takes 83 s for a key of 100,000 dots, and both it and `json` end
in a `RecursionError` over deep nesting, or worse where the stack is small.
"""

import errno
import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from srviewer.errors import SrviewerError, cut, reason
from srviewer.pipeline.formats.opening import open_plain
from srviewer.wording import size_text

MOST_BYTES = 64 * 1024  # a recipe has 4,000
MOST_DEPTH = 16  # of brackets; ours have one
MOST_DOTS = 64  # in a line, outside strings and comments

# Both languages hide brackets in strings; what one of them does not know is an error right there.
_HIDDEN = re.compile(
    r"""
    \"{3} (?: \\. | (?!\"{3}). )* (?: \"{3,5} | \Z )
    | '{3} (?: (?!'{3}). )* (?: '{3,5} | \Z )
    | " (?: \\. | [^"\\\n] )* "?
    | ' [^'\n]* '?
    | \# [^\n]*
    """,
    re.VERBOSE | re.DOTALL,
)
_BRACKET = re.compile(r"[\[{\]}]")


def read_bytes(path: Path, error: type[SrviewerError], most: int = MOST_BYTES) -> bytes:
    """Return what the plain file `path` holds.

    Raises
    ------
    SrviewerError
        An `error`, where it is missing, no plain file, or larger than `most`.
    """
    with open_plain(path, error=error) as file:
        try:
            data = file.read(most + 1)
            if data is None:  # what looks like a file and is none, such as the kernel's log
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            _require_size(len(data), most)
        except (OSError, ValueError) as failure:
            raise error(reason(failure), path=path) from failure
    return data


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of `file`; `ValueError` at one that is longer than any of ours."""
    while line := file.readline(MOST_BYTES + 1):
        _require_size(len(line), MOST_BYTES)
        yield line


def read_text(path: Path, error: type[SrviewerError]) -> str:
    """Return the TOML text in the plain file `path`, without a byte order mark.

    Raises
    ------
    SrviewerError
        An `error`, where `read_bytes` raises one, and for what is not UTF-8.
    """
    try:
        return read_bytes(path, error).decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        raise error("not a TOML file: it is not UTF-8 text", path=path) from failure


def parse_toml(text: str, source: Path | str, error: type[SrviewerError]) -> dict[str, Any]:
    """Return the table that the TOML `text` is, or raise `error` about its `source`."""
    text = text.removeprefix("\ufeff")
    try:
        _require_bounds(text)
        return tomllib.loads(text)
    except (ValueError, RecursionError) as failure:
        raise error(f"not a TOML file: {cut(str(failure))}", path=source) from failure


def parse_json(text: object, most: int = MOST_BYTES) -> Any:
    """Return what the JSON `text` says.

    Raises
    ------
    ValueError
        For what is no text, no JSON or beyond the limits, and for numbers that JSON has not.
    """
    if not isinstance(text, str):
        raise ValueError(f"no text: {type(text).__name__}")
    try:
        _require_bounds(text, most)
        return json.loads(text, parse_constant=_refuse)
    except RecursionError as failure:  # the caller was deep already
        raise ValueError("nested too deeply") from failure


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def _require_size(size: int, most: int = MOST_BYTES) -> None:
    if size > most:
        raise ValueError(f"more than {size_text(most)} of text")


def _require_bounds(text: str, most: int = MOST_BYTES) -> None:
    """Raise `ValueError` for a text that is larger or deeper than any of ours."""
    _require_size(len(text), most)
    if sum(map(text.count, "[{")) <= MOST_DEPTH and text.count(".") <= MOST_DOTS:
        return  # wherever they are; a survey has two short texts an image
    plain = _HIDDEN.sub('""', text)
    depth = 0
    for bracket in _BRACKET.findall(plain):
        depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
        if depth > MOST_DEPTH:
            raise ValueError(f"nested more than {MOST_DEPTH} deep")
    if any(line.count(".") > MOST_DOTS for line in plain.split("\n")):
        raise ValueError(f"more than {MOST_DOTS} dots in a line")
