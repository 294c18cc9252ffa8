"""How an export is written in the end: as was asked, as its trainer needs, as is there already."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from srviewer.errors import Keyed, OptionError, shown
from srviewer.export.options import OPTIONS, USUAL_FORMAT, Options, resolve
from srviewer.export.profiles import PROFILES, Profile
from srviewer.pipeline.recipe import Recipe, adapted

STAYS = ("layout", "lists")
"""Options that stay as they are in a folder's data set, where none is named."""


class How(NamedTuple):
    """A format with its options."""

    format: str
    options: Options


def settled(
    format: str | None,
    options: Options,
    recipe: Recipe,
    there: How | None = None,
    *,
    of_images: bool = True,
) -> How:
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
    of_images : bool
        Whether the pairs are made of images, so that they can be what the profile needs.

    Raises
    ------
    OptionError
        For options that exclude each other, or are not what the profile's trainer reads.
    """
    kept = there.options.profile if there is not None and options.profile is None else None
    if there is not None and kept is not None and format in (None, there.format):
        with suppress(OptionError):  # what is named otherwise will be a conflict
            mine = replace(options, profile=kept)
            return _for_trainer(kept, there.format, mine, recipe, of_images=of_images)
    if options.profile is None:
        return _for_anyone(format, options, recipe, there)
    formats = PROFILES[options.profile].formats
    there_too = format is None and there is not None and there.format in formats
    chosen = there.format if there is not None and there_too else format or formats[0]
    return _for_trainer(options.profile, chosen, options, recipe, of_images=of_images)


def _for_anyone(format: str | None, options: Options, recipe: Recipe, there: How | None) -> How:
    """Return how pairs are written of which no trainer is named."""
    chosen = format or (there.format if there else USUAL_FORMAT)
    if there is not None and chosen == there.format:
        of_formats = [knob.name for knob in OPTIONS.values() if knob.formats]
        kept = STAYS if format else (*STAYS, *of_formats)
        unsaid = {key: getattr(there.options, key) for key in kept if getattr(options, key) is None}
        options = replace(options, **unsaid)
    return How(chosen, resolve(chosen, options, recipe))


def _for_trainer(
    name: str, format: str, options: Options, recipe: Recipe, *, of_images: bool
) -> How:
    """Return how pairs are written that a trainer reads.

    Raises
    ------
    OptionError
        Where something else is named than it reads.
    """
    profile = PROFILES[name]
    if format not in profile.formats:
        raise _refused("format", format, " or ".join(profile.formats), name)
    wanted: dict[str, Any] = {}
    for key, value in profile.options.items():
        found, knob = getattr(options, key), OPTIONS[key]
        if knob.formats and format not in knob.formats:
            continue
        if found not in (knob.default, value):
            raise _refused(key, found, f"{value}", name)
        wanted[key] = value
    if profile.whole is not None and options.whole == "all":
        raise _refused("whole", "all", "none or validation", name)
    if of_images:
        options = for_split(options)
    if recipe.lr_layout not in profile.lr_layouts:
        raise _refused("lr_layout", recipe.lr_layout, profile.lr_layouts[0], name)
    return How(format, resolve(format, replace(options, **wanted), recipe))


def for_split(options: Options) -> Options:
    """Return `options` with what the profile's trainer needs where images are held back."""
    if options.profile is None or not options.validation_share:
        return options
    needs: dict[str, Any] = {
        key: value
        for key, value in PROFILES[options.profile].of_split.items()
        if getattr(options, key) == OPTIONS[key].default
    }
    return replace(options, **needs)


def _refused(key: str, value: object, allowed: str, profile: str) -> OptionError:
    cause = f"not what {PROFILES[profile].label} reads, which it is exported for ({profile})"
    return OptionError(cause, key=key, value=value, allowed=allowed)


def unusual(options: Options, recipe: Recipe, out: Path) -> str:
    """Return in words what the profile's trainer is not made for, or lacks; empty where nothing.

    The pairs are what recipe and options say all the same.
    """
    if options.profile is None:
        return ""
    profile = PROFILES[options.profile]
    told = (
        unusual_place(profile, out),
        _unusual_layout(profile, recipe),
        unusual_patch(profile, recipe),
        _lacking(profile, options),
    )
    words = f"{profile.label}: {'; '.join(filter(None, told))}"
    return Keyed(words, "lr_layout", "patch", "validation_share") if any(told) else ""


def suited(options: Options, recipe: Recipe) -> Recipe:
    """Return `recipe` with the LR layout and the patch that the profile's trainer is made for.

    What would exclude them moves along. Without a profile it stays as it is.
    """
    if options.profile is None:
        return recipe
    profile = PROFILES[options.profile]
    if recipe.lr_layout not in profile.lr_layouts or _unusual_layout(profile, recipe):
        native = "native" in profile.lr_layouts
        recipe = adapted(recipe, "lr_layout", "native" if native else profile.lr_layouts[0])
    if unusual_patch(profile, recipe):
        recipe = adapted(recipe, "patch", _usual_patches(profile, recipe)[1])
    return recipe


def _lacking(profile: Profile, options: Options) -> str:
    """Return in words what the trainer validates on and will not find."""
    found = (getattr(options, key) == value for key, value in profile.of_split.items())
    if not profile.of_split or (options.validation_share and all(found)):
        return ""
    cause = "it also evaluates on complete pictures, of which there will be none"
    return f"{cause}: exports of images with validation_share = 0.1 make them, conversions cannot"


def unusual_place(profile: Profile, out: Path) -> str:
    """Return in words what the trainer does not take as it is in the path; empty where nothing."""
    place = str(out.absolute())
    found = ", ".join(shown(part) for part in profile.not_in_path if part in place)
    if not found:
        return ""
    words = f"{found} in the folder's path is not taken as it is"
    return f"{words}; choose another folder, or it may fail, or load other pairs"


def unusual_patch(profile: Profile, recipe: Recipe) -> str:
    """Return in words what patches the trainer usually has; empty where these are such."""
    patch, (low, high) = recipe.patch, _usual_patches(profile, recipe)
    if low <= patch <= (patch if profile.whole is None else high):
        return ""
    usual = f"{low}" if low == high else f"{low} to {high}"
    words = f"patches of {usual} px are usual, not {patch}"
    # What to do comes first, as the end is cut where there is little room.
    return f"{words}; set patch = {high}, or it may fail, or learn little"


def _usual_patches(profile: Profile, recipe: Recipe) -> tuple[int, int]:
    """Return the least and the greatest patch that the trainer usually has; larger ones it crops.

    Where it takes any it is the recipe's own.
    """
    if profile.whole is not None:
        return profile.whole
    if profile.crop is not None:
        return profile.crop[0] * recipe.scale, profile.crop[1] * recipe.scale
    return recipe.patch, recipe.patch


def _unusual_layout(profile: Profile, recipe: Recipe) -> str:
    """Return in words that LR is of HR's size although the trainer's networks enlarge it."""
    if profile.crop is None or recipe.lr_layout == "native":
        return ""
    return "set lr_layout = native, as its usual networks enlarge LR themselves"


def read_by(how: How) -> str:
    """Return in a line who reads pairs that are written so, and how."""
    profile = how.options.profile
    if profile is not None:
        return f"{PROFILES[profile].label}: {PROFILES[profile].reads}; see how-to-train.md"
    options = how.options
    layout, split = options.layout, bool(options.validation_share)
    by_card = "load_dataset of datasets" if options.card or how.format == "parquet" else ""
    if layout == "div2k":
        return "EDSR-PyTorch, as DIV2K"
    if layout is not None:
        in_train = layout == "hub" or (split and layout != "earlier")
        folders = "train/hr and train/lr" if in_train else "hr and lr"
        some = "BasicSR by meta_info_file" if options.lists == "names" else ""
        others = f"others by the folders {folders}; set --for TRAINER to what reads them"
        return Keyed(", ".join(filter(None, (by_card, some, others))), "set --for TRAINER")
    if options.axes == "nhwc":
        return "SRCNN-TensorFlow, by its read_data"
    if how.format == "hdf5" and options.channels == "rgb":
        return "RDN-pytorch and others that take lr/0, lr/1, ..."
    file = "--eval-file" if options.whole == "all" else "--train-file"
    return by_card or {
        "lmdb": "BasicSR and neosr, as hr.lmdb and lr.lmdb",
        "hdf5": f"yjn870's SRCNN and FSRCNN for PyTorch, by {file}",
        "srcnn-hdf5": "SRCNN's Caffe training, layer HDF5Data",
        "webdataset": "webdataset, by the names of its shards; datasets with them as data_files",
    }.get(how.format, how.format)
