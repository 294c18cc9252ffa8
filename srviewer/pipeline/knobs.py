"""What a knob is, of the recipe or of an export: its type, range and words."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from textwrap import indent
from typing import Any, NamedTuple, get_args, get_type_hints

from srviewer.errors import RecipeError, SrviewerError

Value = bool | int | float | str


class Range(NamedTuple):
    """What a number may be, both ends included; see `Knob` for the parts."""

    low: float
    high: float
    usual: float = 0
    step: float = 1


@dataclass(frozen=True)
class Knob:
    """One knob, as the flags, the controls and the file describe it.

    Attributes
    ----------
    name : str
        The field of the recipe, or of the options of an export.
    kind : type
        ``bool``, ``int``, ``float`` or ``str``.
    default : bool, int, float, str or None
        Where it is None, None is allowed too.
    group : str
        The stage of the pipeline that reads it, or what about an export it decides.
    label, help, unit : str
        Words for people; `unit` is empty for a choice or a count without unit.
    short : str
        What it is called where a new value follows, if that is not its label.
    choices : tuple of str
        The allowed values of a ``str`` knob.
    low, high : float
        The allowed range, both ends included.
    usual : float
        The end of a slider, where `high` is far beyond what people use.
    step : float
        What one step of a control changes; 0 where that grows with the value.
    percent : bool
        Whether people read it in percent.
    slider : bool
        Whether its control has a slider: people tune it by eye.
    allowed_words : str
        What may be given, where there is more to say than the range.
    none : str
        What a control shows for None, or for the lowest value.
    instead : bool, int, float, str or None
        What None stands for, where that is always the same: a control shows this.
    choice_names : mapping of str to str
        What a control shows for each of the choices, in its order, where that is not its words.
    formats : tuple of str
        The export formats that alone have it; empty where all do.
    flag : str
        What its flag is called, where that is not `name`.
    error : type
        What a value that is not allowed raises.
    """

    name: str
    kind: type
    default: Any
    group: str
    label: str
    help: str
    short: str = ""
    unit: str = ""
    choices: tuple[str, ...] = ()
    low: float = 0
    high: float = 0
    usual: float = 0
    step: float = 1
    percent: bool = False
    slider: bool = False
    allowed_words: str = ""
    none: str = ""
    instead: Value | None = None
    choice_names: Mapping[str, str] | None = None
    formats: tuple[str, ...] = ()
    flag: str = ""
    error: type[SrviewerError] = RecipeError

    @property
    def optional(self) -> bool:
        """Whether a control can be left without a value."""
        return self.default is None and self.instead is None

    @property
    def shown_choices(self) -> Mapping[str, str]:
        """Each choice and what a control shows for it: words, no identifiers."""
        return self.choice_names or {choice: choice.replace("_", " ") for choice in self.choices}

    @property
    def flag_help(self) -> str:
        """What the command line says of its flag."""
        unit = f" [{self.unit}]" if self.unit else ""
        default = self.instead or self.none if self.default is None else self.default
        formats = f"; only with {' or '.join(self.formats)}" if self.formats else ""
        return f"{self.help}{unit}; {self.allowed}; default {default}{formats}"

    @property
    def allowed(self) -> str:
        """What may be given, in words."""
        if self.allowed_words:
            return self.allowed_words
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.kind is bool:
            return "true or false"
        if self.kind is int:
            return f"a whole number from {self.low} to {self.high}"
        return f"a number from {self.low:.7g} to {self.high:.7g}"

    def said(self, value: Value | None) -> str:
        """Return `value` as people read it, with its unit: ``5 %``, ``33 px``, ``on``."""
        if value is None or (self.none and value == self.low and self.kind is not str):
            return self.none
        if isinstance(value, str):
            return self.shown_choices.get(value, value)
        if self.kind is bool:
            return "on" if value else "off"
        if self.percent:
            return f"{100 * value:.7g} %"
        unit = "" if self.unit in self.label.lower() else self.unit
        return f"{value:,} {unit}".rstrip() if self.kind is int else f"{value:.7g} {unit}".rstrip()

    def named(self, value: Value | None) -> str:
        """Return its label with `value`, as people read them: ``Keypoints, at least 10``."""
        return f"{self.label} {self.said(value)}"

    def from_text(self, text: str | bool) -> Value:
        """Return the value that a flag gives as `text`; its range is not looked at.

        Raises
        ------
        SrviewerError
            The knob's `error`, for a text that is no number where one is needed.
        """
        try:
            value: Value = self.kind(text)
        except ValueError as error:
            raise self.error(key=self.name, value=text, allowed=self.allowed) from error
        return value

    def checked(self, value: object) -> Value | None:
        """Return `value` as the knob keeps it.

        Raises
        ------
        SrviewerError
            The knob's `error`, where it is of another type, or out of range.
        """
        if value is None and self.default is None:
            return None
        kept = value
        if self.kind is float and isinstance(value, int) and not isinstance(value, bool):
            kept = float(value) if self.low <= value <= self.high else value  # 1e400 has no float
        allowed = type(kept) is self.kind and (not self.choices or kept in self.choices)
        if allowed and isinstance(kept, (int, float)) and self.kind is not bool:
            allowed = self.low <= kept <= self.high  # nan is not
        if not allowed:
            raise self.error(key=self.name, value=value, allowed=self.allowed)
        return kept  # type: ignore[return-value]


def declare(
    group: str, default: Any, label: str, help: str, range: Range | None = None, **more: Any
) -> Any:
    """Return a field that is the knob of these words; `more` are parts of `Knob`."""
    limits = range._asdict() if range else {}
    words = {"group": group, "label": label, "help": help}
    return field(default=default, metadata=words | limits | more)


def knobs_of(declared: type, **more: Any) -> dict[str, Knob]:
    """Return by name the knobs that are the fields of a dataclass; `more` are parts of each."""
    kinds = get_type_hints(declared)
    found = {}
    for spec in fields(declared):
        kind = next(iter(get_args(kinds[spec.name])), kinds[spec.name])  # int of int | None
        found[spec.name] = Knob(spec.name, kind, spec.default, **spec.metadata, **more)
    return found


def documented(knobs: Mapping[str, Knob]) -> str:
    """Return the part of a docstring that says what each of `knobs` is."""
    words = (f"{one.name} : {one.kind.__name__}\n    {one.flag_help}." for one in knobs.values())
    return indent("\n".join(["Attributes", "-" * len("Attributes"), *words]), 4 * " ")
