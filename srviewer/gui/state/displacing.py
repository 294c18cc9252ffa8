"""How displacements are shown, in the panel and on the picture: by which rule, which, how large."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.displacement import MatchClass, classes_of, classes_under

RULES = ("radial", "position")
FACTORS = (1, 2, 5, 10, 20, 50, 100, 200)
"""How many times larger than they are arrows may be drawn."""


@dataclass(frozen=True)
class DisplacementLook:
    """How displacements are shown.

    Attributes
    ----------
    rule : str
        One of `RULES`, whose classes are shown; empty for that of the recipe.
    shown : frozenset of MatchClass
    factor : int
        How many times larger than they are arrows are drawn.
    """

    rule: str = ""
    shown: frozenset[MatchClass] = frozenset(MatchClass)
    factor: int = 10

    def rule_in(self, a: Analysis) -> str:
        """Return the rule whose classes are shown of `a`."""
        return self.rule or str(a.recipe.consistency)

    def classes(self, a: Analysis) -> NDArray[np.uint8]:
        """Return the `MatchClass` of each match of `a`."""
        if self.rule_in(a) == a.recipe.consistency:
            return classes_of(a.consistent.kept, a.consistent.inlier)
        return classes_of_rule(a, self.rule)


def classes_of_rule(a: Analysis, rule: str) -> NDArray[np.uint8]:
    """Return the `MatchClass` of each match were `rule` in use, with the recipe's thresholds."""
    recipe = a.recipe
    return classes_under(
        a.consistent,
        rule,
        error_margin=recipe.error_margin,
        position_tolerance=recipe.position_tolerance,
    )


class Displacing(QObject):
    """The `look` that panel and picture share; `changed` tells of another."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.look = DisplacementLook()

    def use_rule(self, rule: str) -> None:
        """Show the classes of `rule`, one of `RULES`; of the recipe's where it is empty."""
        self.use(replace(self.look, rule=rule))

    def show_classes(self, shown: Iterable[MatchClass]) -> None:
        """Show these classes and no others."""
        self.use(replace(self.look, shown=frozenset(shown)))

    def magnify(self, factor: int) -> None:
        """Draw arrows so many times larger than they are."""
        self.use(replace(self.look, factor=factor))

    def use(self, look: DisplacementLook) -> None:
        """Show displacements so."""
        if look != self.look:
            self.look = look
            self.changed.emit()
