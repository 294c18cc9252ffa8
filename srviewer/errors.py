"""Every error that a person can meet.

SrviewerError
├── ReadError            an image file that cannot be read
├── ImageTooSmallError   an image with less room than one patch
├── PairSizeError        an HR and a given LR whose sizes do not fit
├── StraightenError      a given pair whose sides fit too badly to be straightened
├── NotEnoughMemoryError an image that needs more memory than is free
├── RecipeError          a knob with a wrong name, type, value or combination
├── ExclusionError       a list of what is excluded by hand that cannot be read
├── RunError             a run over many images that cannot go on: its workers, its inputs
│   └── RunStopped       ... with any further image either: a full disk, a lost cluster
├── ExportError          an output folder or a file in it that cannot be written
│   ├── OptionError      an option of an export with a wrong value or combination
│   ├── InUseError       ... because another export is writing into it
│   ├── NotADataSetError a folder that no export has written into
│   └── ConflictError    ... because it holds other pairs, which only a person may replace
├── MisplacedError       an output that would lie among, or in the place of, what is read
├── SessionError         a session file that cannot be read
├── SurveyError          a survey file that cannot be used, or a recipe that it cannot answer for
├── DisplayError         the window cannot be opened on this machine
└── Cancelled            a person asked to stop

An error carries what it is about in fields; only the edge puts them together to a sentence: `str`
for the command line, which calls a knob by its key, `told` for the window, which has labels.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypeVar

E = TypeVar("E", bound="SrviewerError")
Trim = tuple[int, ...]
_UNKNOWN: Any = object()
_AS_THEY_ARE: Mapping[str, str] = MappingProxyType({})  # keys have no other names
_NO_FIGURES: Mapping[str, float] = MappingProxyType({})
_MOST_SHOWN = 80  # characters of a value
_MOST_OF_A_PATH = 400
_MOST_OF_A_SENTENCE = 1000
# What a terminal obeys, other ends of a line, and what turns the direction of the text around; a
# null character, which a terminal leaves out, is left in.
_UNPRINTABLE = re.compile(r"[\x01-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def cut(text: str, most: int = _MOST_SHOWN) -> str:
    """Return `text` as a message can hold it: in one line, and no longer than `most`."""
    if len(text) > most:
        text = f"{text[: most - 4]} ..."
    return printable(text)


def printable(text: str) -> str:
    """Return `text` in one line, with what a terminal would obey as Python writes it."""
    return _UNPRINTABLE.sub(lambda found: repr(found[0])[1:-1], text)


def shown_path(path: str | Path) -> str:
    """Return `path` as a message can hold it."""
    return cut(str(path), _MOST_OF_A_PATH)


def shown(value: object) -> str:
    """Return `value` as Python writes it, cut; a number too long to be written is only told."""
    try:
        return cut(repr(value))
    except (ValueError, RecursionError):
        return f"<{type(value).__name__}>"


def reason(error: BaseException) -> str:
    """Return what the system says of what it refused, or a library of what it could not do."""
    return getattr(error, "strerror", None) or str(error)


class Keyed(str):
    """Words that name keys, as files and flags do; `renamed` says them as somebody else does.

    Parameters
    ----------
    words : str
    *keys : str
        Those that `words` name.
    """

    keys: tuple[str, ...]

    def __new__(cls, words: str, *keys: str) -> Self:
        """Keep `keys` beside the words."""
        made = super().__new__(cls, words)
        made.keys = keys
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Be pickled with its keys, as a failure in another process is."""
        return type(self), (str(self), *self.keys)


def renamed(words: str, names: Mapping[str, str]) -> str:
    """Return `words` with `names` in the place of the keys that they name."""
    keys = words.keys if isinstance(words, Keyed) else ()
    if not keys:
        return words
    named = "|".join(re.escape(key) for key in keys)
    return re.sub(rf"\b({named})\b", lambda found: names.get(found[0], found[0]), words)


class SrviewerError(Exception):
    """Base of all errors whose sentence is meant for the person at the screen.

    Parameters
    ----------
    cause : str
        What went wrong, and what to do about it, in words; may be left out where `key`, `value`
        and `allowed` say it all.
    path : str or Path, optional
        The file or folder that it is about.
    key : str, optional
        The knob, option or field that it is about.
    value : object, optional
        What that was set to.
    allowed : str, optional
        What it may be set to, in words.
    """

    def __init__(
        self,
        cause: str = "",
        *,
        path: str | Path | None = None,
        key: str | None = None,
        value: object = _UNKNOWN,
        allowed: str | None = None,
    ) -> None:
        super().__init__(cause)
        self.cause = cause
        self.path = None if path is None else Path(path)
        self.key = key
        self.has_value = value is not _UNKNOWN
        self.value = value if self.has_value else None
        self.allowed = allowed

    @property
    def sentence(self) -> str:
        """What is wrong, for a place that shows the path already."""
        return self.worded(_AS_THEY_ARE)

    def worded(self, names: Mapping[str, str]) -> str:
        """Return what `sentence` says, with other `names` for its keys."""
        subject = None if self.key is None else cut(names.get(self.key, self.key))
        if subject is not None and self.has_value:
            subject = f"{subject} = {shown(self.value)}"
        allowed = f"allowed is {renamed(self.allowed, names)}" if self.allowed else ""
        cause = renamed(self.cause, names)
        reason = "; ".join(part for part in (cause, allowed) if part)
        # What libraries say of a file may have anything of that file in it.
        return cut(": ".join(part for part in (subject, reason) if part), _MOST_OF_A_SENTENCE)

    def __str__(self) -> str:
        return self.told(_AS_THEY_ARE)

    def told(self, names: Mapping[str, str]) -> str:
        """Return what `str` says, with other `names` for its keys."""
        sentence = self.worded(names)
        return sentence if self.path is None else f"{shown_path(self.path)}: {sentence}"

    def about(self, path: str | Path) -> Self:
        """Return the error with `path` as what it is about, itself where it names one already."""
        return self if self.path is not None else self.turned_into(type(self), path)

    def turned_into(self, kind: type[E], path: str | Path | None = None) -> E:
        """Return it as an error of another kind, about `path` where it names no file."""
        value = self.value if self.has_value else _UNKNOWN
        path = path if self.path is None else self.path
        return kind(self.cause, path=path, key=self.key, value=value, allowed=self.allowed)


class ReadError(SrviewerError):
    """An image file that cannot be read."""


class ImageTooSmallError(SrviewerError):
    """An image whose clean size has less room than one patch."""


class PairSizeError(SrviewerError):
    """An HR and a given LR whose sizes do not fit.

    Parameters
    ----------
    cause : str
    hr, lr : (int, int)
        What would have to be trimmed of each at the right and at the bottom, in its own pixels.
    **fields
        As of `SrviewerError`.
    """

    def __init__(
        self, cause: str = "", *, hr: Trim = (0, 0), lr: Trim = (0, 0), **fields: Any
    ) -> None:
        super().__init__(cause, **fields)
        self.hr, self.lr = hr, lr


class StraightenError(SrviewerError):
    """A given pair that is not straightened: nothing fits, or not well enough.

    Parameters
    ----------
    cause : str
    figures : mapping of str to float
        Those that were looked at, by name.
    **fields
        As of `SrviewerError`.
    """

    def __init__(
        self, cause: str = "", *, figures: Mapping[str, float] = _NO_FIGURES, **fields: Any
    ) -> None:
        super().__init__(cause, **fields)
        self.figures = dict(figures)


class NotEnoughMemoryError(SrviewerError):
    """An image whose analysis needs more memory than is free."""


class RecipeError(SrviewerError):
    """A recipe knob with a wrong name, type, value or combination."""


class ExclusionError(SrviewerError):
    """A list of what is excluded by hand that cannot be read, or holds a line that is none."""


class RunError(SrviewerError):
    """A run over many images that cannot begin or go on: its workers, or its inputs."""


class RunStopped(RunError):  # noqa: N818 - it says what happens
    """An error after which no further image could be done either, such as a full disk."""


class ExportError(SrviewerError):
    """An output folder or a file in it that cannot be written."""


class OptionError(ExportError):
    """An option of an export with a wrong value or combination."""


class InUseError(ExportError):
    """An output folder that another export is writing into."""


class NotADataSetError(ExportError):
    """A folder that no export has written into."""


class ConflictError(ExportError):
    """An output folder that holds other pairs; they are replaced only where a person says so.

    Attributes
    ----------
    pairs : int
        How many, 0 where that is not known.
    """

    pairs = 0

    def worded(self, names: Mapping[str, str]) -> str:
        """Return what is there, and what a person can do about it."""
        replace = names.get("--overwrite", "--overwrite")
        return f"{super().worded(names)}; choose another folder, or {replace}"


class MisplacedError(SrviewerError):
    """An output that would lie among the images that it is made of, or in the place of one."""


class SessionError(SrviewerError):
    """A session file that cannot be read, or holds what makes no sense."""


class SurveyError(SrviewerError):
    """A survey file that cannot be used, or a recipe that it has no answer for."""


class DisplayError(SrviewerError):
    """The window cannot be opened on this machine."""


class Cancelled(SrviewerError):  # noqa: N818 - it is no fault
    """A person asked to stop."""
