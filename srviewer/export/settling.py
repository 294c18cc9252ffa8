"""How an export is written in the end: as was asked, as its trainer needs, as is there already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from srviewer.errors import Keyed, OptionError
from srviewer.export.options import OPTIONS, USUAL_FORMAT, Options, resolve
from srviewer.export.profiles import PROFILES
from srviewer.pipeline.recipe import Recipe

_KEPT = ("profile", "layout", "lists")  # of a folder's data set, where none is named


class How(NamedTuple):
    """A format with its options."""

    format: str
    options: Options


def settled(format: str | None, options: Options, recipe: Recipe, there: How | None = None) -> How:
    """Return in which format and with which options pairs are written.

    Parameters
    ----------
    format : str, optional
        The one that is named.
    options : Options
        Those that are named; a profile among them says what others are.
    recipe : Recipe
    there : How, optional
        What the folder holds: it stays so where nothing else is named.

    Raises
    ------
    OptionError
        For options that exclude each other, or are not what the profile's trainer reads.
    """
    if options.profile is None:
        kept = (
            _KEPT if format else [*_KEPT, *(knob.name for knob in OPTIONS.values() if knob.formats)]
        )
        chosen = format or (there.format if there else USUAL_FORMAT)
        if there is not None and chosen == there.format:
            unsaid = {key: getattr(there.options, key) for key in kept
                      if getattr(options, key) is None}  # fmt: skip
            options = replace(options, **unsaid)
        return How(chosen, resolve(chosen, options, recipe))
    profile, named = PROFILES[options.profile], options.profile
    chosen = format or profile.formats[0]
    if format is None and there is not None and there.format in profile.formats:
        chosen = there.format
    if chosen not in profile.formats:
        raise _refused("format", chosen, " or ".join(profile.formats), named)
    wanted: dict[str, Any] = {}
    for key, value in profile.options.items():
        found = getattr(options, key)
        if chosen not in OPTIONS[key].formats:
            continue
        if found not in (None, value):
            raise _refused(key, found, value, named)
        wanted[key] = value
    if recipe.lr_layout not in profile.lr_layouts:
        raise _refused("lr_layout", recipe.lr_layout, profile.lr_layouts[0], named)
    return How(chosen, resolve(chosen, replace(options, **wanted), recipe))


def _refused(key: str, value: object, allowed: str, profile: str) -> OptionError:
    cause = f"not what {PROFILES[profile].label} reads, which it is exported for ({profile})"
    return OptionError(cause, key=key, value=value, allowed=allowed)


def unusual(options: Options, recipe: Recipe) -> str:
    """Return in words what of `recipe` the profile's trainer is not made for; empty where nothing.

    The pairs are what the recipe says all the same.
    """
    if options.profile is None:
        return ""
    profile, patch = PROFILES[options.profile], recipe.patch
    if profile.whole is not None:
        (low, high), most = profile.whole, profile.whole[1]
    elif profile.crop is not None:
        (low, high), most = (side * recipe.scale for side in profile.crop), patch
    else:
        return ""
    if low <= patch <= most:
        return ""
    usual = f"{low}" if low == high else f"{low} to {high}"
    words = f"{profile.label} is usually trained with patches of {usual} px, not {patch}"
    return Keyed(f"{words}: it may fail, or learn little; set patch = {high}", "patch")


def read_by(how: How) -> str:
    """Return in a line who reads pairs that are written so, and how."""
    profile = how.options.profile
    if profile is not None:
        return f"{PROFILES[profile].label}: {PROFILES[profile].reads}; see how-to-train.md"
    layout, split = how.options.layout, bool(how.options.validation_share)
    if layout == "div2k":
        return "EDSR-PyTorch, as DIV2K"
    if layout is not None:
        folders = "train/hr and train/lr" if split and layout != "earlier" else "hr and lr"
        some = "BasicSR by meta_info_file, " if how.options.lists == "names" else ""
        return f"{some}others by the folders {folders}; --for TRAINER sets what one needs"
    return {
        "lmdb": "BasicSR and neosr, as hr.lmdb and lr.lmdb",
        "hdf5": "yjn870's SRCNN and FSRCNN for PyTorch, by --train-file",
        "srcnn-hdf5": "SRCNN's Caffe training, layer HDF5Data",
        "webdataset": 'webdataset; load_dataset("webdataset", data_dir=...) of datasets',
    }.get(how.format, how.format)
