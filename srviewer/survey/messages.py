"""What is said of a survey: how far it is, what it lacks, what a threshold gives."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from srviewer.pipeline.recipe import KNOBS, Value
from srviewer.runs.copies import listed, told
from srviewer.survey.answer import Answer, ImageChange, Step, Suggestion, Uneven
from srviewer.survey.runner import SurveyState
from srviewer.wording import counted, duration, rate_text, time_left

_LISTED = 30  # images that a step changes
_COPIES = 3  # groups of a kind
_CARRYING = 2  # images that are named of those that carry a set


def running(state: SurveyState | None, *, paused: bool = False) -> str:
    """Return how far a survey is, how fast unless it is paused, and how long it will take."""
    what = "Paused" if paused else "Surveying"
    if state is None:
        return f"{what}: starting"
    words = f"{what}: {state.done:,} of {counted(state.images, 'image')}"
    if paused:
        return words
    if state.rate:
        words += f", {rate_text(state.rate, 'images', 1)}"
    return ", ".join(filter(None, (words, time_left(state.seconds_left))))


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
    named = "; ".join(
        f"{KNOBS[key].named(old)} surveyed, {KNOBS[key].said(new)} now"
        for key, (old, new) in differences.items()
    )
    return f"This recipe needs a survey of its own: {named}."


def not_surveyed(pending: int, count: int) -> str:
    """Return how many of `count` images are not surveyed yet."""
    if pending == count:
        return f"{counted(count, 'image')} not surveyed yet"
    return f"{pending:,} of {counted(count, 'image')} not surveyed yet"


def threshold(key: str, value: float) -> str:
    """Return a knob and its value as people read them."""
    return KNOBS[key].named(value)


def of_the_list(
    count: int, pending: int | None, state: SurveyState | None, *, runs: bool, paused: bool
) -> str:
    """Return what the list of `count` images says of all of them, with a link that surveys them.

    Parameters
    ----------
    count : int
    pending : int or None
        How many are not surveyed, where that is known.
    state : SurveyState or None
        How far the survey is that `runs`.
    runs, paused : bool
    """
    if count < 2:
        return ""
    if runs:
        done = f"{state.done:,} of {state.images:,}" if state is not None else "starting"
        return f"Survey {'paused' if paused else 'runs'}: {done}"
    return f'{not_surveyed(pending, count)}: <a href="survey">Survey</a>' if pending else ""


def totals(answer: Answer, *, grows: bool = False) -> list[str]:
    """Return lines on the pairs of a set: of how many, how good, of which images.

    It `grows` while a survey runs.
    """
    t = answer.totals
    share = f", {100 * t.pairs / t.candidates:.0f}\N{NO-BREAK SPACE}%" if t.candidates else ""
    lines = [f"of {counted(t.candidates, 'window')} in the boxes{share}"]
    if t.mean_psnr is not None or t.mean_ssim is not None:
        psnr = "infinite" if t.mean_psnr is None else f"{t.mean_psnr:.2f} dB"
        ssim = "" if t.mean_ssim is None else f", SSIM {t.mean_ssim:.3f}"
        lines.append(f"mean PSNR {psnr}{ssim}")
    if t.excluded:
        lines.append(f"{t.excluded:,} excluded by hand")
    if t.infinite:
        lines.append(f"{t.infinite:,} identical to their reduction")
    some = int((answer.kept > 0).sum())
    which = f"{some:,} of " if some != t.images else ""
    lines.append(f"from {which}{counted(t.images, 'image')}")
    equal, likely = answer.copies.equal, answer.copies.likely
    lines += [told(names) for names in equal[:_COPIES]]
    lines += [f"likely copies: {listed(names)}" for names in likely[:_COPIES]]
    left = max(len(equal) - _COPIES, 0) + max(len(likely) - _COPIES, 0)
    lines += [counted(left, "more group of copies", "more groups of copies")] if left else []
    missing = ((t.failed, "failed"), (t.pending, "to come" if grows else "not surveyed yet"))
    if any(count for count, _ in missing):
        lines.append(", ".join(f"{count:,} {what}" for count, what in missing if count))
    return lines


def since(before: Answer, step: Step) -> str:
    """Return what the pairs of a set are fewer or more than `before`, where one knob was other."""
    more = step.pairs - before.totals.pairs
    told = f"{abs(more):,} {'more' if more > 0 else 'fewer'} than at" if more else "as many as at"
    parts = [f"{told} {KNOBS[step.key].said(getattr(before.recipe, step.key))}"]
    for found, one, many in (
        (step.lost, "falls to none", "images fall to none"),
        (step.won, "comes back", "images come back"),
    ):
        if found:
            name = before.images[found[0].index].path.name
            parts.append(f"{name} {one}" if len(found) == 1 else f"{len(found):,} {many}")
    return "; ".join(parts)


def carried_by(answer: Answer, one: Uneven) -> str:
    """Return how much of the pairs those images give that carry a set."""
    names = [answer.images[index].path.name for index in one.images[:_CARRYING]]
    more = len(one.images) - len(names)
    which = f"{', '.join(names)} and {more:,} more" if more else " and ".join(names)
    gives = "gives" if len(one.images) == 1 else "give"
    return f"{which} {gives} {100 * one.share:.0f}\N{NO-BREAK SPACE}% of the pairs"


def uneven(answer: Answer, one: Uneven, most: int | None = None) -> tuple[str, str]:
    """Return which images carry a set and what would even that out, and what that costs.

    Parameters
    ----------
    answer : Answer
    one : Uneven
    most : int, optional
        How many pairs an image are chosen at most.
    """
    chosen = most is not None and most <= one.most
    limit = most if chosen and most is not None else one.most
    left = int(np.minimum(answer.kept, limit).sum())
    does = "evens" if chosen else "would even"
    words = f"{carried_by(answer, one)}; at most {limit:,} an image {does} that out"
    return words, f"{left:,} of {answer.totals.pairs:,} pairs stay"


def suggestion(one: Suggestion) -> str:
    """Return what a threshold that is suggested gives."""
    named = threshold(one.key, one.value)
    if one.enough:
        return f"{named} gives {counted(one.pairs, 'pair')}."
    if not one.most:
        return "No threshold gives any pair: no window lies in a box."
    most = counted(one.most, "pair")
    return f"No threshold gives so many: {named} gives {most}, the most with these boxes."


def changes(answer: Answer, changed: Sequence[ImageChange]) -> list[str]:
    """Return a line for each of the first images that a step changes."""
    lines = [
        f"{answer.images[one.index].name}: {counted(one.before, 'pair')}, then {one.after:,}"
        for one in changed[:_LISTED]
    ]
    rest = len(changed) - _LISTED
    return [*lines, f"and {rest:,} more"] if rest > 0 else lines
