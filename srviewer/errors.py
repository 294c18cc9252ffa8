"""Every error that a person can meet.

SrviewerError
├── ReadError            an image file that cannot be read
├── ImageTooSmallError   an image with less room than one patch
├── RecipeError          a knob with a wrong name, type, value or combination
├── MatchingError        more keypoints than the matcher can number
├── ExportError          an output folder or a file in it that cannot be written
│   ├── OptionError      an option of an export with a wrong value or combination
│   ├── ExportStopped    ... so that no further image could be written either
│   └── ConflictError    ... because it holds other pairs, which only a person may replace
├── SurveyError          a survey file that cannot be used, or a recipe that it cannot answer for
├── DisplayError         the window cannot be opened on this machine
└── Cancelled            a person asked to stop

A message names the file or the key, the value, and what is allowed: it is shown as it is.
"""

from __future__ import annotations


class SrviewerError(Exception):
    """Base of all errors whose message is meant for the person at the screen."""


class ReadError(SrviewerError):
    """An image file that cannot be read."""

    def __init__(self, path: object, cause: str) -> None:
        super().__init__(f"{path}: {cause}")
        self.path = path
        self.cause = cause

    def __reduce__(self) -> tuple[type[ReadError], tuple[object, str]]:
        """Keep both arguments when the error travels from a worker process."""
        return type(self), (self.path, self.cause)


class ImageTooSmallError(SrviewerError):
    """An image whose clean size has less room than one patch."""


class RecipeError(SrviewerError):
    """A recipe knob with a wrong name, type, value or combination."""


class MatchingError(SrviewerError):
    """More keypoints than the matcher can number."""


class ExportError(SrviewerError):
    """An output folder or a file in it that cannot be written."""


class OptionError(ExportError):
    """An option of an export with a wrong value or combination."""


class ExportStopped(ExportError):  # noqa: N818 - it says what happens
    """An error after which no further image could be written either, such as a full disk."""


class ConflictError(ExportError):
    """An output folder that holds other pairs; they are replaced only where a person says so."""


class SurveyError(SrviewerError):
    """A survey file that cannot be used, or a recipe that it has no answer for."""


class DisplayError(SrviewerError):
    """The window cannot be opened on this machine."""


class Cancelled(SrviewerError):  # noqa: N818 - it is no fault
    """A person asked to stop."""
