"""What a knob of the recipe is: its type, range and words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from srviewer.errors import RecipeError

Value = bool | int | float | str


class Range(NamedTuple):
    """What a number may be, both ends included; see `Knob` for the parts."""

    low: float
    high: float
    usual: float
    step: float = 1


@dataclass(frozen=True)
class Knob:
    """One knob of the recipe, as the flags, the controls and the file describe it.

    Attributes
    ----------
    name : str
        The recipe's field.
    kind : type
        ``bool``, ``int``, ``float`` or ``str``.
    default : bool, int, float or str
    group : str
        The stage of the pipeline that reads it.
    label, help, unit : str
        Words for people; `unit` is empty for a choice or a count without unit.
    choices : tuple of str
        The allowed values of a ``str`` knob.
    low, high : float
        The allowed range, both ends included.
    usual : float
        The end of a slider, where `high` is far beyond what people use.
    step : float
        What one step of a control changes.
    percent : bool
        Whether people read it in percent.
    """

    name: str
    kind: type
    default: Value
    group: str
    label: str
    help: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    low: float = 0
    high: float = 0
    usual: float = 0
    step: float = 1
    percent: bool = False

    @property
    def allowed(self) -> str:
        """What may be given, in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.kind is bool:
            return "true or false"
        kind = "a whole number" if self.kind is int else "a number"
        return f"{kind} from {self.low:.7g} to {self.high:.7g}"

    def checked(self, value: object) -> Value:
        """Return `value` as the knob keeps it.

        Raises
        ------
        RecipeError
            Where it is of another type, or out of range.
        """
        kept = value
        if self.kind is float and isinstance(value, int) and not isinstance(value, bool):
            kept = float(value)
        allowed = type(kept) is self.kind and (not self.choices or kept in self.choices)
        if allowed and isinstance(kept, (int, float)) and self.kind is not bool:
            allowed = self.low <= kept <= self.high  # nan is not
        if not allowed:
            raise RecipeError(key=self.name, value=value, allowed=self.allowed)
        return kept  # type: ignore[return-value]


def declare(
    group: str, default: Value, label: str, help: str, range: Range | None = None, **more: Any
) -> Any:
    """Return a field of the recipe that is the knob of these words; `more` are parts of `Knob`."""
    limits = range._asdict() if range else {}
    words = {"group": group, "label": label, "help": help}
    return field(default=default, metadata=words | limits | more)
