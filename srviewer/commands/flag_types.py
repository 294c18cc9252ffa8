"""Types of flags: what argparse makes of their texts, and what it refuses in words."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from srviewer.errors import shown

if TYPE_CHECKING:
    from srviewer.runs.inputs import Rooted


def path(text: str) -> Path:
    """Return the path that a flag gives as `text`."""
    if not text or "\0" in text:  # the empty one would be the folder that one happens to be in
        raise argparse.ArgumentTypeError(f"{shown(text)}: allowed is the name of a file or folder")
    return Path(text)


def source(text: str) -> Path | Rooted:
    """Return the image or folder that is given as `text`, or the image of a folder."""
    from srviewer.runs.inputs import as_given

    path(text)
    return as_given(text)


def number(text: str, most: int | None = None) -> int:
    """Return the whole number, from 1 and up to `most`, that a flag gives as `text`."""
    value = int(text) if text.isdecimal() and len(text) <= 18 else 0
    if not 1 <= value <= (most or value):
        allowed = f"a whole number from 1 to {most}" if most else "a whole number from 1"
        raise argparse.ArgumentTypeError(f"{shown(text)}: allowed is {allowed}")
    return value


def size(text: str, least: tuple[int, int], most: int) -> tuple[int, int]:
    """Return the width and height that a flag gives as `text`, from `least` up to `most` each."""
    found = re.fullmatch(r"([0-9]{1,5})x([0-9]{1,5})", text)
    sides = (int(found[1]), int(found[2])) if found else (0, 0)
    if not all(low <= side <= most for low, side in zip(least, sides, strict=True)):
        allowed = f"WIDTHxHEIGHT from {least[0]}x{least[1]} to {most}x{most}"
        raise argparse.ArgumentTypeError(f"{shown(text)}: allowed is {allowed}")
    return sides
