"""Windows and images that a person excluded by hand, and the text file that holds them.

They are known by the content of the image file, so that they stay with it under another name. A
window is known by its place, its patch and its scale: under another patch or scale it would be
another window, so that the exclusion says nothing of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain, repeat
from pathlib import Path
from typing import NamedTuple

import numpy as np

from srviewer.errors import ExclusionError, cut
from srviewer.pipeline.arrays import Ints, Mask
from srviewer.pipeline.patching import Windows
from srviewer.pipeline.recipe import KNOBS
from srviewer.pipeline.texts import read_bytes
from srviewer.wording import counted

MOST_BYTES = 64 << 20  # of a file: about 700,000 windows
_LONGEST_LINE = 4096  # bytes: a name may take 1,000
_LONGEST_NAME = 200  # characters of a name in a comment
_MOST_PLACE = 100_000_000  # px: no image that is read has such a side
_WHOLE = "image"
_CONTENT = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_HEAD = """\
# srviewer: excluded by hand
# a window: SHA-256 of the image file, x, y, patch [HR px of the clean image], scale
# an image: SHA-256 of the image file, the word image
"""


class Window(NamedTuple):
    """A window by its place: HR pixels of the clean image, and the scale."""

    x: int
    y: int
    patch: int
    scale: int


def windows_at(x: Ints, y: Ints, patch: int, scale: int) -> frozenset[Window]:
    """Return the windows whose corners are at `x` and `y`, shape (n,) each."""
    parts = zip(x.tolist(), y.tolist(), repeat(patch), repeat(scale), strict=False)
    return frozenset(map(partial(tuple.__new__, Window), parts))  # 300,000 in a tenth of a second


_RANGES = {
    "x": (0, _MOST_PLACE),
    "y": (0, _MOST_PLACE),
    **{key: (int(KNOBS[key].low), int(KNOBS[key].high)) for key in ("patch", "scale")},
}


@dataclass(frozen=True)
class Excluded:
    """What is excluded of one image.

    Attributes
    ----------
    whole : bool
        Whether all its windows are, under every recipe.
    windows : frozenset of Window
        Those that are excluded each; they stay so when the image is included again.
    """

    whole: bool = False
    windows: frozenset[Window] = frozenset()

    def __bool__(self) -> bool:
        return self.whole or bool(self.windows)

    def mask(self, windows: Windows, scale: int) -> Mask:
        """Return which of `windows` are excluded under `scale`, shape (N,)."""
        return np.full(len(windows), True) if self.whole else self.each(windows, scale)

    def each(self, windows: Windows, scale: int) -> Mask:
        """Return which of `windows` are excluded each, also where the whole image is."""
        excluded = np.zeros(len(windows), bool)
        if self.windows:
            excluded[self._indices(windows, scale)] = True
        return excluded

    @cached_property
    def _places(self) -> Ints:
        numbers = chain.from_iterable(self.windows)
        return np.fromiter(numbers, np.int64, 4 * len(self.windows)).reshape(-1, 4)

    def _indices(self, windows: Windows, scale: int) -> Ints:
        mine = self._places[(self._places[:, 2:] == (windows.patch, scale)).all(axis=1), :2]
        (column, row), beside = mine.T // windows.stride, mine % windows.stride
        found = ~beside.any(axis=1) & (column < windows.columns) & (row < windows.rows)
        indices: Ints = (row * windows.columns + column)[found]
        return indices

    def changed(self, windows: Iterable[Window], *, exclude: bool) -> Excluded:
        """Return it with `windows` excluded, or included again."""
        them = frozenset(windows)
        return replace(self, windows=self.windows | them if exclude else self.windows - them)

    def with_image(self, whole: bool) -> Excluded:
        """Return it with the `whole` image excluded, or not."""
        return replace(self, whole=whole)

    def notes(self, windows: Windows, scale: int) -> tuple[str, ...]:
        """Return in words what says nothing of `windows`: exclusions of other ones."""
        if self.whole:
            return ()
        kinds = Counter((window.patch, window.scale) for window in self.windows)
        here = kinds.pop((windows.patch, scale), 0)
        found = [
            f"{counted(count, 'exclusion')} {_are(count)} of other windows: "
            f"patch {patch}, scale {other}"
            for (patch, other), count in sorted(kinds.items())
        ]
        off = here - len(self._indices(windows, scale))
        if off:
            found.append(
                f"{counted(off, 'exclusion')} {_are(off)} of places where no window lies: "
                f"stride {windows.stride}"
            )
        return tuple(found)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


NOTHING = Excluded()


@dataclass(frozen=True)
class Exclusions:
    """What is excluded of all images.

    Attributes
    ----------
    by_content : mapping of str to Excluded
        By the SHA-256 of the image file; an image of which nothing is excluded is not in it.
    """

    by_content: Mapping[str, Excluded] = field(default_factory=dict)

    def __post_init__(self) -> None:
        some = {sha256: mine for sha256, mine in self.by_content.items() if mine}
        object.__setattr__(self, "by_content", some)

    def __bool__(self) -> bool:
        return bool(self.by_content)

    def __hash__(self) -> int:
        return hash(frozenset(self.by_content.items()))

    def __str__(self) -> str:
        if not self:
            return "none"
        images = sum(mine.whole for mine in self.by_content.values())
        windows = sum(len(mine.windows) for mine in self.by_content.values())
        told = [(windows, "window"), (images, "image")]
        return " and ".join(counted(count, what) for count, what in told if count)

    def of(self, sha256: str) -> Excluded:
        """Return what is excluded of the image of this content."""
        return self.by_content.get(sha256, NOTHING)

    def only(self, contents: Collection[str]) -> Exclusions:
        """Return those of the images of these contents."""
        mine = {sha256: one for sha256, one in self.by_content.items() if sha256 in contents}
        return Exclusions(mine)

    def without(self, others: Exclusions) -> Exclusions:
        """Return those that are not among `others`."""
        left = {}
        for sha256, mine in self.by_content.items():
            other = others.of(sha256)
            left[sha256] = Excluded(mine.whole and not other.whole, mine.windows - other.windows)
        return Exclusions(left)

    def changed(self, sha256: str, excluded: Excluded) -> Exclusions:
        """Return them with `excluded` of the image of this content."""
        return Exclusions({**self.by_content, sha256: excluded})


NONE = Exclusions()


def to_text(exclusions: Exclusions, names: Mapping[str, str] | None = None) -> str:
    """Return `exclusions` as text, a line each, in an order of their own.

    Parameters
    ----------
    exclusions : Exclusions
    names : mapping of str to str, optional
        How images are called, by content, which is a comment.
    """
    lines = [_HEAD]
    for sha256, mine in sorted(exclusions.by_content.items()):
        name = (names or {}).get(sha256)
        comment = f"  # {cut(name, _LONGEST_NAME)}" if name else ""
        if mine.whole:
            lines.append(f"{sha256} {_WHOLE}{comment}\n")
        for x, y, patch, scale in sorted(mine.windows, key=lambda one: (one[2:], one.y, one.x)):
            lines.append(f"{sha256} {x} {y} {patch} {scale}{comment}\n")
    return "".join(lines)


def from_text(text: str, source: Path | str) -> Exclusions:
    """Return the exclusions that `text` holds.

    Raises
    ------
    ExclusionError
        About `source`, with the line, the value and what is allowed.
    """
    wholes: set[str] = set()
    windows: dict[str, set[Window]] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        parts = line.partition("#")[0].split()
        if not parts:
            continue
        sha256, *rest = parts
        try:
            if not _CONTENT.fullmatch(sha256.lower()):
                raise ExclusionError(
                    key="SHA-256", value=sha256, allowed="64 digits from 0 to 9 and a to f"
                )
            if rest == [_WHOLE]:
                wholes.add(sha256.lower())
            else:
                windows.setdefault(sha256.lower(), set()).add(_window(rest))
        except ExclusionError as error:
            error.key = f"line {number:,}" if error.key is None else f"line {number:,}, {error.key}"
            raise error.about(source) from None
    contents = sorted({*wholes, *windows})
    return Exclusions(
        {one: Excluded(one in wholes, frozenset(windows.get(one, ()))) for one in contents}
    )


def _window(words: list[str]) -> Window:
    if len(words) != len(_RANGES):
        allowed = f"after the SHA-256 the word {_WHOLE}, or x, y, patch and scale"
        raise ExclusionError(value=" ".join(words), allowed=allowed)
    for word, (name, (low, high)) in zip(words, _RANGES.items(), strict=True):
        if not _NUMBER.fullmatch(word) or not low <= int(word) <= high:
            allowed = f"a whole number from {low} to {high}"
            raise ExclusionError(key=name, value=word, allowed=allowed)
    return Window(*map(int, words))


def load_exclusions(path: Path | str) -> Exclusions:
    """Read the exclusions in the file `path`.

    Raises
    ------
    ExclusionError
        Where it cannot be read, is too large, or holds a line that is none.
    """
    path = Path(path)
    data = read_bytes(path, ExclusionError, MOST_BYTES)
    for number, line in enumerate(data.split(b"\n"), 1):
        if len(line) > _LONGEST_LINE:
            allowed = f"at most {_LONGEST_LINE:,}"
            cause = f"{len(line):,} bytes"
            raise ExclusionError(cause, path=path, key=f"line {number:,}", allowed=allowed)
    try:
        return from_text(data.decode("utf-8-sig"), path)
    except UnicodeDecodeError as failure:
        raise ExclusionError("not exclusions: it is not UTF-8 text", path=path) from failure
