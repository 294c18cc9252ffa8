"""How far a verification is, and what it has found."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from srviewer.export.findings import Check, Kind
from srviewer.runs.state import RunState


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
