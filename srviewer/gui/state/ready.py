"""Which images of the list stay ready to be looked at: those looked at last, as memory allows."""

from __future__ import annotations

from collections.abc import Collection
from itertools import accumulate

from srviewer.gui.state.entry import Entry

_MOST = 4  # analyses of the images looked at last
_MOST_PIXELS = 50_000_000  # of all of them, but for the current one: about 1 GB


class Ready:
    """Lets go of the pixels and the analyses of images that were looked at long ago."""

    def __init__(self) -> None:
        self._recent: list[Entry] = []  # the newest first

    def keep(self, entry: Entry) -> None:
        """Keep `entry`, which is looked at now, and of the others as many as there is room for."""
        self._recent = [entry, *(other for other in self._recent if other is not entry)]
        sizes = (one.image.size if one.image else (0, 0) for one in self._recent)
        pixels = accumulate(width * height for width, height in sizes)
        kept = max(1, sum(total <= _MOST_PIXELS for total in [*pixels][:_MOST]))
        for old in self._recent[kept:]:
            old.image = old.analysis = None
        del self._recent[kept:]

    def only(self, entries: Collection[Entry]) -> None:
        """Forget those that are not among `entries`."""
        there = {id(one) for one in entries}
        self._recent = [one for one in self._recent if id(one) in there]
