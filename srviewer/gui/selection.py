"""What a person asks about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Selected:
    """A match or a window, by its number in the analysis."""

    kind: Literal["match", "window"]
    index: int
