"""Where the files of a data set of folders lie, and how they are called."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

TRAIN, VALIDATION = "train", "validation"
SETS = (TRAIN, VALIDATION)
"""The two sides of a split, by the names of their folders."""
LAYOUTS = ("folders", "flat", "div2k", "hub", "earlier")

_LONGEST, _DIGITS = 200, 8  # bytes of a flat name; of its hash where it would be longer
_PLACE = r"_x\d{5,}_y\d{5,}"
_FLAT = "~"  # in the place of a slash: no plain name has it


def flat(stem: str) -> str:
    """Return `stem` without folders, as a name that no other stem gives."""
    name = stem.replace("/", _FLAT)
    data = name.encode("utf-8", "surrogateescape")
    if len(data) <= _LONGEST:
        return name
    digits = hashlib.sha256(stem.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return f"{data[: _LONGEST - _DIGITS - 1].decode('utf-8', 'ignore')}{_FLAT}{digits}"


@dataclass(frozen=True)
class Layout:
    """Where the patches of a folder format lie; the set is that of a split, empty without one.

    Attributes
    ----------
    suffix : str
        Of the files, without its dot.
    folders : tuple of (str, (str, str))
        Each set with its folders of HR and LR, relative to the data set.
    before : tuple of (str, str)
        What names begin with, by the set.
    lr_ending : str
        What the names of LR end with and those of HR do not.
    is_flat : bool
        Whether there are no folders below those.
    """

    suffix: str
    folders: tuple[tuple[str, tuple[str, str]], ...]
    before: tuple[tuple[str, str], ...] = ()
    lr_ending: str = ""
    is_flat: bool = False

    @property
    def sets(self) -> tuple[str, ...]:
        """The sets that there may be."""
        return tuple(name for name, _ in self.folders)

    @property
    def first(self) -> str:
        """The set in which pairs wait for the end, when it is known which is theirs."""
        return self.sets[0]

    @cached_property
    def _of_set(self) -> dict[str, tuple[str, str]]:
        return dict(self.folders)

    @cached_property
    def _before(self) -> dict[str, str]:
        return dict(self.before)

    def root(self, which: str, side: str) -> str:
        """Return the folder of `side`, ``hr`` or ``lr``, of a set."""
        return self._of_set[which][side == "lr"]

    @cached_property
    def roots(self) -> tuple[tuple[str, str], ...]:
        """Each folder of patches once, with its side."""
        found = {pair[lr]: "lr" if lr else "hr" for _, pair in self.folders for lr in (0, 1)}
        return tuple(found.items())

    def _called(self, stem: str, which: str) -> str:
        return f"{self._before.get(which, '')}{flat(stem) if self.is_flat else stem}"

    def places(self, stem: str, x: int, y: int, which: str) -> tuple[str, str]:
        """Return where HR and LR of a pair lie in the data set, with ``/``."""
        name = f"{self._called(stem, which)}_x{x:05d}_y{y:05d}"
        hr, lr = self._of_set[which]
        return f"{hr}/{name}.{self.suffix}", f"{lr}/{name}{self.lr_ending}.{self.suffix}"

    def parents(self, stem: str) -> Iterator[str]:
        """Yield the folders in which files of the image with `stem` may lie."""
        below = "" if self.is_flat else stem.rpartition("/")[0]
        for root, _ in self.roots:
            yield f"{root}/{below}".rstrip("/")

    def starts(self, stem: str) -> frozenset[str]:
        """Return what the files of the image with `stem` are called, as `start_of` finds it."""
        return frozenset(self._called(stem, which).rpartition("/")[2] for which in self.sets)

    def start_of(self, name: str) -> str | None:
        """Return what a patch's file `name` begins with, None for any other file."""
        pattern = rf"(.*){_PLACE}(?:{re.escape(self.lr_ending)})?\.{re.escape(self.suffix)}"
        found = re.fullmatch(pattern, name, re.DOTALL)
        return found[1] if found else None

    def side_of(self, name: str) -> str:
        """Return on which side the file `name` is, empty where it is not called as a patch is."""
        for root, side in self.roots:
            if name.startswith(f"{root}/") and self.start_of(name.rpartition("/")[2]) is not None:
                return side
        return ""

    def set_of(self, hr: str) -> str:
        """Return the set in which HR lies as `hr`."""
        for which in self.sets:
            begins = f"{self.root(which, 'hr')}/{self._before.get(which, '')}"
            if hr.startswith(begins):
                return which
        return self.first

    def below(self, hr: str) -> str:
        """Return `hr` relative to the folder that it lies in."""
        return hr.removeprefix(f"{self.root(self.set_of(hr), 'hr')}/")


_HR_LR = ("hr", "lr")
_IN_SETS = tuple((name, (f"{name}/hr", f"{name}/lr")) for name in SETS)


def layout_of(name: str, format: str, scale: int, *, splits: bool) -> Layout:
    """Return the layout `name` of a folder format.

    Parameters
    ----------
    name : str
        The option ``layout``.
    format : str
    scale : int
        How many times smaller LR is; it is part of DIV2K's names.
    splits : bool
        Whether some images are for validation.
    """
    suffix = "tif" if format == "tiff" and name != LAYOUTS[-1] else format
    if name == "div2k":
        # EDSR takes a range of the sorted names: what is for training comes first.
        lr = f"DIV2K/DIV2K_train_LR_bicubic/X{scale}"
        folders = tuple((each, ("DIV2K/DIV2K_train_HR", lr)) for each in SETS)
        before = tuple((each, f"{each}_") for each in SETS)
        return Layout(suffix, folders, before, f"x{scale}", is_flat=True)
    # Without a folder of their own, datasets take names like test.png for splits.
    in_sets = name == "hub" or (splits and name != LAYOUTS[-1])
    return Layout(suffix, _IN_SETS if in_sets else (("", _HR_LR),), is_flat=name == "flat")
