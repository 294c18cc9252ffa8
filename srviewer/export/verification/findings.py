"""What a check of a data set finds wrong, and what it looked at."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field

# Kinds of findings, in the order in which they are told.
INCOMPLETE = "incomplete"
SETTINGS = "recipe and choice"
MANIFEST = "manifest"
MISSING = "missing"
UNREADABLE = "unreadable"
SHAPE = "size and type"
HR, LR = "HR", "LR"
METRICS = "metrics"
EXTRA = "extra"
LIST = "list"
META_TEXT = "text of an image"
SOURCE = "source image"
KINDS = (
    INCOMPLETE, SETTINGS, MANIFEST, MISSING, UNREADABLE, SHAPE, HR, LR, METRICS, EXTRA, LIST,
    META_TEXT, SOURCE,
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """Something that is wrong.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    name : str
        The file, the pair or the row.
    what : str
        What is wrong.
    expected, found : str
        Empty where the two say nothing more.
    """

    kind: str
    name: str
    what: str
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        more = f": expected {self.expected}, found {self.found}" if self.expected else ""
        return f"{self.name}: {self.what}{more}"

    @property
    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Checked:
    """What came of checking a part of a data set.

    Attributes
    ----------
    pairs : int
    findings : tuple of Finding
    counts : Counter of str
        How many pairs each check was made on.
    """

    pairs: int
    findings: tuple[Finding, ...]
    counts: Counter[str] = field(default_factory=Counter)
