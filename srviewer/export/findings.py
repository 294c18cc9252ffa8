"""What a check of a data set finds wrong, what it looked at, and how far it is."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from srviewer.errors import cut
from srviewer.runs.state import RunState


class Kind(StrEnum):
    """What a finding is about, in the order in which they are told."""

    INCOMPLETE = "incomplete"
    SETTINGS = "recipe and choice"
    MANIFEST = "manifest"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    SHAPE = "size and type"
    CHECKSUM = "checksum"
    HR = "HR"
    LR = "LR"
    METRICS = "metrics"
    EXTRA = "extra"
    META_TEXT = "text of an image"
    SOURCE = "source image"


class Check(StrEnum):
    """What pairs were checked for, and the outcome that is no finding."""

    READ = "readable and of the right size"
    HASHED = "the bytes that the export wrote, by checksum"
    COMPARED = "row, HR and LR compared with what the export makes of the image"
    PACKED_OTHERWISE = "patches of other bytes and the same values, as another version packs them"
    MEASURED = "PSNR and SSIM computed again from HR and LR"


_LONGEST = 1000  # characters of what is told: names and values come from the data set


@dataclass(frozen=True)
class Finding:
    """Something that is wrong.

    Attributes
    ----------
    kind : Kind
    name : str
        The file, the pair or the row.
    what : str
        What is wrong.
    expected, found : str
        Empty where the two say nothing more.
    """

    kind: Kind
    name: str
    what: str
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        more = f": expected {self.expected}, found {self.found}" if self.expected else ""
        return cut(f"{self.name}: {self.what}{more}", _LONGEST)


@dataclass(frozen=True)
class Checked:
    """What came of checking a part of a data set.

    Attributes
    ----------
    findings : tuple of Finding
    counts : Counter of Check
        On how many pairs each check was made.
    """

    findings: tuple[Finding, ...]
    counts: Counter[Check] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True)
class VerifyState(RunState):
    """How far a verification is, and what it has found; `done` counts pairs.

    Attributes
    ----------
    out : Path
    format : str
        Empty where the data set does not say.
    pairs : int
        Rows in the manifest, of `images`.
    in_all : int
        Images that were exported, those without pairs too.
    checksums : bool
        Whether the data set has them.
    wrong : Counter of Kind
        Findings by kind.
    checked : Counter of Check
        On how many pairs each check was made.
    not_found : tuple of str
        Images of the data set that were not among those given.
    not_in_set : tuple of str
        Images that were given and are not in the data set.
    """

    out: Path
    format: str = ""
    pairs: int = 0
    in_all: int = 0
    checksums: bool = False
    wrong: Counter[Kind] = field(default_factory=Counter)
    checked: Counter[Check] = field(default_factory=Counter)
    not_found: tuple[str, ...] = ()
    not_in_set: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """How many pairs there are."""
        return self.pairs

    @property
    def rate(self) -> float:
        """Pairs a second."""
        return self.done / self.seconds if self.seconds else 0.0
