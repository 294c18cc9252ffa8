"""What the data set view says: how far a survey is, what a threshold gives, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from srviewer.pipeline.recipe import KNOBS, Value
from srviewer.survey.runner import SurveyState
from srviewer.wording import counted, duration

if TYPE_CHECKING:
    from srviewer.gui.data_set.data_set import DataSet

_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def running(state: SurveyState | None) -> str:
    """Return how far a survey is, how fast, and how long it will take."""
    if state is None:
        return "Surveying: starting"
    words = f"Surveying: {state.done:,} of {counted(state.images, 'image')}"
    if state.rate:
        words += f", {state.rate:.1f} images/s"
    if state.seconds_left is not None:
        words += f", {duration(state.seconds_left)} left"
    return words


def failed_so_far(state: SurveyState) -> str:
    """Return how many images failed, and why the last did; empty where none has."""
    if not state.failures:
        return ""
    last = state.failures[-1]
    which = "" if len(state.failures) == 1 else ", the last"
    return f"{len(state.failures):,} failed{which}: {Path(last.image).name}: {last.cause}"


def outcome(state: SurveyState) -> str:
    """Return what came of a survey."""
    known = state.done - len(state.failures)
    words = f"{known:,} of {counted(state.images, 'image')} surveyed"
    if state.failures:
        words += f", {len(state.failures):,} failed"
    if state.surveyed:
        words += f"; this run {state.surveyed:,} in {duration(state.seconds)}"
    return f"survey cancelled: {words}" if state.cancelled else f"survey: {words}"


def needs_survey(differences: Mapping[str, tuple[Value, Value]]) -> str:
    """Return what the recipe has that was surveyed otherwise."""
    named = ", ".join(f"{key} {old} surveyed, {new} now" for key, (old, new) in differences.items())
    return f"This recipe needs a survey of its own: {named}."


def not_surveyed(pending: int, count: int) -> str:
    """Return how many of `count` images are not surveyed yet."""
    if pending == count:
        return f"{counted(count, 'image')} not surveyed yet"
    return f"{pending:,} of {counted(count, 'image')} not surveyed yet"


def size(bytes: int) -> str:
    """Return a number of bytes with three figures at most, in decimal units."""
    for factor, unit in _UNITS:
        if bytes >= 0.9995 * factor:
            value = bytes / factor
            digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
            return f"{value:,.{digits}f} {unit}"
    return f"{bytes:,} B"


def threshold(key: str, value: float) -> str:
    """Return a knob and its value as people read them."""
    return f"{key} {value_text(key, value)}"


def value_text(key: str, value: float) -> str:
    """Return the value of the knob `key`."""
    return f"{100 * value:.4g} %" if KNOBS[key].percent else f"{value:g}"


def of_the_list(data_set: DataSet) -> str:
    """Return what the list of images says of all of them, with a link that surveys them."""
    count, pending, state = data_set.count, data_set.pending, data_set.state
    if count < 2:
        return ""
    if data_set.survey.running:
        done = f"{state.done:,} of {state.images:,}" if state is not None else "starting"
        return f"Survey {'paused' if data_set.survey.paused else 'runs'}: {done}"
    if not pending:
        return ""
    return f'{not_surveyed(pending, count)}: <a href="survey">Survey</a>'


def pairs(count: int) -> str:
    """Return ``1 pair``, ``2 pairs``."""
    return f"{count:,} pair" if count == 1 else f"{count:,} pairs"
