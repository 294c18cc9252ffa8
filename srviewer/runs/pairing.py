"""Which LR belongs to which HR, by the names of their files; nothing is ever guessed."""

from __future__ import annotations

import difflib
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path

from srviewer.errors import RunError, cut, shown_path
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.runs.rooted import Rooted
from srviewer.runs.searching import images_in, real
from srviewer.wording import counted

_LR_WORDS = ["lr", "lq", "lrbi", "lrbd", "lrdn", "low", "lowres", "small", "input"]
_LR_WORDS += ["bicubic", "bic", "down", "downscaled"]
_HR_WORDS = ["hr", "hq", "gt", "high", "highres", "hires", "large", "target", "orig", "original"]
_WORDS = "|".join(sorted([*_LR_WORDS, *_HR_WORDS], key=len, reverse=True))
_TIMES = r"x[0-9]{1,2}([dmw][0-9]?)?|[0-9]{1,2}x"  # DIV2K's difficult, mild and wild
# What ends a name after a sign between, or at once where digits or capitals tell it apart.
_AT_THE_END = (
    re.compile(rf"(^|[_\-. @])({_WORDS}|lr[0-9]|{_TIMES})$", re.IGNORECASE),
    re.compile(rf"({_TIMES}|lrbi|lrbd|lrdn)$", re.IGNORECASE),
    re.compile(r"(?<=[0-9])(lr|hr|lq|hq|gt)$", re.IGNORECASE),
    re.compile(r"(?<=[a-z0-9])(LR|HR|LQ|HQ|GT)$"),
)
_AT_THE_BEGINNING = re.compile(rf"^({_WORDS})[_\-. ]", re.IGNORECASE)
_MOST_STRIPPED = 3  # words of a name, as of baby_SRF_4_LR
_MOST_NEAREST = 200  # of those without a partner: to find it takes a look at all names
_NAMED = 3
_MOST_TOLD = 20  # images without a partner


@dataclass(frozen=True)
class Unpaired:
    """An image without a partner.

    Attributes
    ----------
    path : Path
    side : {'HR', 'LR'}
        What it is itself.
    nearest : str
        The name on the other side that is most like its own; empty where none is.
    possible : tuple of str
        The names of both sides that could belong together; empty where there is no partner at all.
    """

    path: Path
    side: str
    nearest: str = ""
    possible: tuple[str, ...] = ()

    @property
    def cause(self) -> str:
        """Why it is in no pair, in words."""
        other = "LR" if self.side == "HR" else "HR"
        if self.possible:
            names = ", ".join(map(cut, self.possible[:_NAMED]))
            more = ", ..." if len(self.possible) > _NAMED else ""
            return f"its {other} cannot be told by its name: {names}{more} may belong together"
        near = f"; the nearest name is {cut(self.nearest)}" if self.nearest else ""
        return f"no {other} has its name{near}"


@dataclass(frozen=True)
class Pairing:
    """What belongs together.

    Attributes
    ----------
    pairs : tuple of Rooted
        Each HR with its LR, sorted.
    without_partner : tuple of Unpaired
    """

    pairs: tuple[Rooted, ...]
    without_partner: tuple[Unpaired, ...] = ()

    def told(self) -> list[str]:
        """Return, a line each, why the first of those without a partner have none."""
        alone = self.without_partner[:_MOST_TOLD]
        return [f"{shown_path(one.path)}: {one.cause}" for one in alone]

    def require_pairs(self) -> None:
        """Raise where nothing belongs together.

        Raises
        ------
        RunError
        """
        if self.without_partner and not self.pairs:
            more = len(self.without_partner) - _NAMED
            words = [*self.told()[:_NAMED], *([f"and {more:,} more"] if more > 0 else [])]
            raise RunError(f"nothing to pair: {'; '.join(words)}")


def pair_images(
    hr: Sequence[Path],
    lr: Path,
    by_order: bool = False,
    *,
    leave_out: Path | None = None,
    progress: Progress = UNHEARD,
    on_note: Callable[[Path, str], object] = lambda folder, words: None,
) -> Pairing:
    """Return which LR belong to the images and folders `hr`.

    By equal names, or those that differ by usual endings (``x4``, ``_LR``, ``LRBI``, ``_gt``, in
    any case), first in the same subfolders, then in any. Of several that could be meant none is
    taken. Both sides may be one folder: then the names tell which images are LR.

    Parameters
    ----------
    hr : sequence of Path
    lr : Path
        The file of one LR for one file, or a folder.
    by_order : bool
        Pair the first of both sides in the order of their names, the second, and so on.
    leave_out, progress, on_note
        As `srviewer.runs.searching.images_in` takes them; `on_note` is given the folder too.

    Raises
    ------
    RunError
        Where one file is to be the LR of several images, `lr` is not there, or there are not as
        many LR as HR, which have no common order then.
    Cancelled
    """
    if not os.path.isdir(lr):
        if not os.path.lexists(lr):
            raise RunError("no such file or folder", path=lr)
        if len(hr) != 1 or os.path.isdir(hr[0]):
            given = "a folder" if len(hr) == 1 else counted(len(hr), "image or folder")
            raise RunError(f"one file cannot be the LR of {given}; give a folder", path=lr)
        return Pairing((Rooted(hr[0], None, lr),))

    def search(folder: Path, others: Sequence[Path]) -> list[Path]:
        found = images_in(folder, leave_out, progress, lambda words: on_note(folder, words))
        inner = [real(one) for one in others if real(folder) in real(one).parents]
        return [one for one in found if not any(i in real(one).parents for i in inner)]

    low = [Rooted(path, lr) for path in search(lr, hr)]
    folders = [one for one in hr if os.path.isdir(one)]
    high = [Rooted(path, folder) for folder in folders for path in search(folder, [lr])]
    high += [Rooted(image, None) for image in hr if image not in folders]
    high = list({real(one.path): one for one in reversed(high)}.values())  # each once
    if any(real(given) == real(lr) for given in hr):
        low = [one for one in low if _is_low(one.path.stem)]
        high = [one for one in high if not _is_low(one.path.stem)]
    high, low = sorted(high, key=_order), sorted(low, key=_order)
    return _in_order(high, low, lr) if by_order else _by_name(high, low, bool(folders))


def _order(one: Rooted) -> tuple[str, ...]:
    return one.name.parts


def _in_order(high: list[Rooted], low: list[Rooted], lr: Path) -> Pairing:
    if len(high) != len(low):
        raise RunError(
            f"{counted(len(low), 'image')} for {counted(len(high), 'HR image')}: only equal "
            "numbers can be paired by order",
            path=lr,
        )
    return Pairing(tuple(_pair(*pair) for pair in zip(high, low, strict=True)))


def _pair(high: Rooted, low: Rooted) -> Rooted:
    return Rooted(high.path, high.root, low.path)


def _by_name(high: list[Rooted], low: list[Rooted], wants_all: bool) -> Pairing:
    every = high, low
    groups: list[_Group] = []
    for keys in _passes():
        found = _groups(high, low, keys)
        gone = {one for group in found for side in group for one in side}
        high, low = ([one for one in side if one not in gone] for side in (high, low))
        groups += found
    groups, high, low = _with_rivals(groups, high, low)
    clear = [(*mine, *theirs) for mine, theirs in groups if len(mine) == len(theirs) == 1]
    pairs = [Rooted(hr.path, hr.root, lr.path) for hr, lr in clear]
    alone = []
    for mine, theirs in groups:
        if len(mine) + len(theirs) > 2:
            names = tuple(str(one.name) for one in (*mine, *theirs))
            alone += [Unpaired(one.path, "HR", possible=names) for one in mine]
            alone += [Unpaired(one.path, "LR", possible=names) for one in theirs if wants_all]
    alone += _with_nearest(high, low, every[1], "HR")
    alone += _with_nearest(low, high, every[0], "LR") if wants_all else []
    return Pairing(tuple(sorted(pairs, key=_order)), tuple(alone))


_Key = Callable[[Rooted], object]
_Group = tuple[list[Rooted], list[Rooted]]
"""HR and LR that belong together by their names: one of each, or more, of which none is taken."""


def _groups(high: list[Rooted], low: list[Rooted], keys: tuple[_Key, _Key]) -> list[_Group]:
    """Return those of both sides that have a key in common."""
    groups: defaultdict[object, _Group] = defaultdict(lambda: ([], []))
    for side, images in enumerate((high, low)):
        for one in images:
            key = keys[side](one)
            if key is not None:
                groups[key][side].append(one)
    return [group for group in groups.values() if all(group)]


def _with_rivals(
    groups: list[_Group], high: list[Rooted], low: list[Rooted]
) -> tuple[list[_Group], list[Rooted], list[Rooted]]:
    """Put those that are left into the pairs that they could belong to as well, by their names.

    Where names are equal but for the file's ending there is no doubt.
    """
    rivals: defaultdict[object, _Group] = defaultdict(lambda: ([], []))
    for side, images in enumerate((high, low)):
        for one in images:
            rivals[_core(one)][side].append(one)
    found, taken = [], set[Rooted]()
    for mine, theirs in groups:
        more: _Group = ([], [])
        if mine[0].path.stem != theirs[0].path.stem:
            for core in {_core(mine[0]), _core(theirs[0])}:
                for own, others in zip(more, rivals.get(core, ()), strict=False):
                    own.extend(one for one in others if one not in taken)
        taken |= {*more[0], *more[1]}
        found.append(([*mine, *more[0]], [*theirs, *more[1]]))
    left_high, left_low = ([one for one in side if one not in taken] for side in (high, low))
    return found, left_high, left_low


def _core(one: Rooted) -> object:
    """Return the folder and what is left of a name without all words that a sign sets apart."""
    stem = one.path.stem
    while (match := _AT_THE_END[0].search(stem) or _AT_THE_BEGINNING.search(stem)) and match[0]:
        stem = stem[: match.start()] + stem[match.end() :]
    return str(one.name.parent).casefold(), stem.casefold()


def have_one_name(high: Path, low: Path) -> bool:
    """Tell whether the names of two files say that they are HR and LR of one image."""
    found = _by_name([Rooted(high, None)], [Rooted(low, None)], wants_all=False)
    return bool(found.pairs)


def _passes() -> Iterator[tuple[_Key, _Key]]:
    """Yield by what HR and LR are alike, from the most alike: what is found is not asked again."""

    def name(one: Rooted) -> object:
        return one.name

    def stem(level: int, *, in_folder: bool) -> _Key:
        def key(one: Rooted) -> object:
            found = _stripped(one.path.stem)
            if level >= len(found) or not (in_folder or found[level]):
                return None
            folder = str(one.name.parent).casefold() if in_folder else ""
            return folder, found[level]

        return key

    yield name, name
    levels = sorted(
        product(range(_MOST_STRIPPED + 1), repeat=2), key=lambda both: (sum(both), both)
    )
    for in_folder in (True, False):
        for high, low in levels:
            yield stem(high, in_folder=in_folder), stem(low, in_folder=in_folder)


@lru_cache(1 << 16)
def _stripped(stem: str) -> tuple[str, ...]:
    """Return `stem`, and what is left of it without its last usual ending, without two, and so on.

    All in small letters; a stem that is nothing but a usual ending leaves nothing.
    """
    found = [stem]
    while len(found) <= _MOST_STRIPPED:
        matches = (ending.search(found[-1]) for ending in (*_AT_THE_END, _AT_THE_BEGINNING))
        match = next(filter(None, matches), None)
        if match is None:
            break
        found.append(found[-1][: match.start()] + found[-1][match.end() :])
    return tuple(one.casefold() for one in found)


def _is_low(stem: str) -> bool:
    """Tell whether the endings of `stem` say that it is an LR."""
    found = _stripped(stem)
    taken = "".join(stem.casefold().removeprefix(found[-1])).replace("-", "_").replace(".", "_")
    words = {word for word in re.split(r"[_ ]", taken) if word}
    if words.intersection(_HR_WORDS):
        return False
    return len(found) > 1


def _with_nearest(
    alone: list[Rooted], others: list[Rooted], every: list[Rooted], side: str
) -> list[Unpaired]:
    """Name what is most like each of `alone` among the others that are left, or among `every`."""
    names = [
        ([str(one.name) for one in some], least) for some, least in ((others, 0.6), (every, 0))
    ]
    found = []
    for number, one in enumerate(alone):
        look = names if number < _MOST_NEAREST else []
        near = (difflib.get_close_matches(str(one.name), some, 1, least) for some, least in look)
        found.append(Unpaired(one.path, side, "".join(next(filter(None, near), []))))
    return found
