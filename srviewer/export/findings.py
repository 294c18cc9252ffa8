"""What a check of a data set finds wrong, and what it looked at."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from srviewer.errors import cut


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
