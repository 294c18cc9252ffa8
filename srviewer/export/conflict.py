"""What keeps an export from adding to the pairs that a folder holds."""

from __future__ import annotations

from collections.abc import Mapping

from srviewer.export.options import recorded
from srviewer.export.target import Target
from srviewer.runs.versions import reads_otherwise


def conflict(there: Target, here: Target, made_with: Mapping[str, str]) -> str:
    """Return in words why pairs of `here` cannot be added to those of `there`, empty if they can.

    Parameters
    ----------
    there, here : Target
        Of one folder: how the pairs in it were written, and how others would be.
    made_with : mapping of str to str
        The versions that those in it were made with.
    """
    if reads_otherwise(made_with):
        return "holds pairs of another version, which read images otherwise"
    if there.format != here.format and there.recipe == here.recipe:
        return f"holds pairs in format {there.format}, not {here.format}"
    what, differences = "pairs of another recipe", there.recipe.differences(here.recipe)
    if not differences:
        what = "another choice of pairs"
        theirs, mine = (recorded(one.format, one.options) for one in (there, here))
        keys = (key for key in {**theirs, **mine} if theirs.get(key) != mine.get(key))
        differences = {key: (theirs.get(key, "none"), mine.get(key, "none")) for key in keys}
    words = (f"{key} {one} there, {other} here" for key, (one, other) in differences.items())
    return f"holds {what} ({'; '.join(words)})" if differences else ""
