"""How displacements are shown, in the panel and on the picture: by which rule, which, how large."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
