"""What keeps an export from adding to the pairs that a folder holds."""

from collections.abc import Collection, Mapping

from srviewer.errors import Keyed
from srviewer.export.options import recorded
from srviewer.export.target import Target
from srviewer.pipeline.exclusions import Exclusions
from srviewer.runs.versions import reads_otherwise


def conflict(
    there: Target, here: Target, made_with: Mapping[str, str], contents: Collection[str]
) -> str:
    """Return in words why pairs of `here` cannot be added to those of `there`, empty if they can.

    Parameters
    ----------
    there, here : Target
        Of one folder: how the pairs in it were written, and how others would be.
    made_with : mapping of str to str
        The versions that those in it were made with.
    contents : collection of str
        The SHA-256 of the images whose pairs are there; only their exclusions matter.
    """
    if reads_otherwise(made_with):
        return "holds pairs of another version, which read images otherwise"
    if there.format != here.format and there.recipe == here.recipe:
        return f"holds pairs in format {there.format}, not {here.format}"
    if there.given != here.given:
        origins = ("given" if one.given else "made" for one in (there, here))
        return "holds pairs whose LR were {}, not {}".format(*origins)
    what, differences = "pairs of another recipe", there.recipe.differences(here.recipe)
    if not differences:
        what = "another choice of pairs"
        theirs, mine = (recorded(one.format, one.options) for one in (there, here))
        # For whom they are decides what is said of them alone.
        both = (key for key in {**theirs, **mine} if key != "profile")
        keys = (key for key in both if theirs.get(key) != mine.get(key))
        differences = {key: (theirs.get(key, "none"), mine.get(key, "none")) for key in keys}
    if not differences:
        return _exclusions_differ(*(one.exclusions.only(contents) for one in (there, here)))
    words = (f"{key} {one} there, {other} here" for key, (one, other) in differences.items())
    return Keyed(f"holds {what} ({'; '.join(words)})", *differences)


def _exclusions_differ(there: Exclusions, here: Exclusions) -> str:
    """Return in words how the exclusions of the same images differ, empty if they do not."""
    alone = (("there", "here", there.without(here)), ("here", "there", here.without(there)))
    words = [f"{found} excluded {one}, not {other}" for one, other, found in alone if found]
    return f"holds pairs with other exclusions by hand ({'; '.join(words)})" if words else ""
