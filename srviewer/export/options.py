"""What a person may say about an export besides the recipe; no image library is needed here."""

import importlib
import importlib.util
import json
import math
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from srviewer.errors import ExportError, Keyed, OptionError, cut, shown
from srviewer.export.layout import LAYOUTS
from srviewer.export.profiles import PROFILES
from srviewer.pipeline.knobs import Range, Value, declare, knobs_of
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.pipeline.texts import parse_toml, read_text

_FOLDERS = {
    "png": "PNG",
    "bmp": "BMP",
    "tiff": "TIFF, deflated, with the ending .tif",
    "webp": "lossless WebP",
}
FOLDERS = tuple(_FOLDERS)
"""The formats of a file each for HR and LR."""
HELP = {
    **{name: f"folders hr/ and lr/ of {what}" for name, what in _FOLDERS.items()},
    "lmdb": "hr.lmdb and lr.lmdb as BasicSR reads them",
    "hdf5": "pairs.h5 with lr and hr, as PyTorch's SRCNN reads it",
    "srcnn-hdf5": "pairs.h5 with data and label in 0..1, as SRCNN's Caffe training reads it",
    "webdataset": "tar shards, as webdataset and Hugging Face's datasets read them",
    "parquet": "Parquet shards of pictures and columns, as Hugging Face's datasets read them",
}
FORMATS = tuple(HELP)
USUAL_FORMAT = FORMATS[0]

# What a format needs beyond the standard installation: the package, and our extra that brings it.
_NEEDS = {
    "lmdb": ("lmdb", "lmdb"),
    "hdf5": ("h5py", "hdf5"),
    "srcnn-hdf5": ("h5py", "hdf5"),
    "parquet": ("pyarrow", "parquet"),
}

SHUFFLED = ("srcnn-hdf5",)
"""The formats whose rows come in an order of the seed."""
WITH_CARD = (*FOLDERS, "webdataset", "parquet")
"""The formats that Hugging Face's datasets load."""
_OF_ONE_SIZE = ("srcnn-hdf5",)  # the formats whose pairs are values of one array

_MADE_WITH, _LR, _GIVEN = "made_with", "lr", "given"
_SRCNN_BORDER = 6  # px that its convolutions of 9, 1 and 5 px take from each side together

_format, _choice = partial(declare, "Format"), partial(declare, "Choice")


@dataclass(frozen=True)
class Options:
    """How pairs are written and which; None stands for the format's default, or for no limit.

    Attributes
    ----------
    channels : {'rgb', 'y'}, optional
        Of the HDF5 formats.
    shard_size : int, optional
        Pairs in a shard of format webdataset or parquet.
    axes : {'nchw', 'nhwc'}, optional
        Where the channels of format srcnn-hdf5 are: before height and width, as Caffe has them, or
        after, as TensorFlow.
    label_border : int, optional
        Pixels that format srcnn-hdf5 cuts from each side of a label: what the convolutions
        without padding of SRCNN's 9-1-5 do not reach, 6; with LR in its own size none.
    max_per_image, max_pairs : int, optional
        At most so many pairs an image and in all, those with the most keypoints.
    validation_share : float
        The share of the images whose pairs are for validation, below 1; 0 for no split.
    whole : {'none', 'validation', 'all'}
        Which images give one pair of all that is in their box, instead of windows: those for
        validation, as trainers evaluate on whole images, or all. One without a kept window gives
        none.
    seed : int
        Decides which images are for validation, where those with equal content are on one side,
        and the order of the rows of srcnn-hdf5.
    card : bool
        Write a dataset card, and for folders lists of pictures, by which Hugging Face's datasets
        load the pairs; format parquet always has one.
    duplicates : {'keep', 'drop'}
        Whether all images with equal content are taken, or the first by name alone.
    profile : str, optional
        The trainer that reads the pairs, of `srviewer.export.profiles.PROFILES`.
    layout : {'folders', 'flat', 'div2k', 'hub', 'earlier'}, optional
        Of the folder formats: where files lie and how they are called. `earlier` is that of
        versions before there was any choice: no folders for a split, and TIFF as LZW.
    lists : {'names', 'pairs'}, optional
        Of the folder formats: what a line of their lists holds.
    """

    channels: str | None = _format(
        None,
        "Channels",
        "the brightness Y alone, as SRCNN takes it, or the colours RGB",
        choices=("rgb", "y"),
        choice_names={"y": "Y", "rgb": "RGB"},
        instead="y",
        formats=("hdf5", "srcnn-hdf5"),
    )
    shard_size: int | None = _format(
        None,
        "Pairs a shard",
        "pairs in each of the files",
        Range(1, 1_000_000, step=0),
        instead=1000,
        formats=("webdataset", "parquet"),
    )
    label_border: int | None = _format(
        None,
        "Label border",
        "cut from each side of a label: what convolutions without padding do not reach",
        Range(0, 1024),
        unit="px",
        none=f"{_SRCNN_BORDER}, or 0 with LR in its own size",
        formats=("srcnn-hdf5",),
    )
    max_per_image: int | None = _choice(
        None,
        "Pairs an image, at most",
        "so many of each image, those with the most keypoints",
        Range(1, 1_000_000_000, step=0),
        none="all",
    )
    max_pairs: int | None = _choice(
        None,
        "Pairs in all, at most",
        "so many of all images, those with the most keypoints",
        Range(1, 1_000_000_000, step=0),
        none="all",
    )
    validation_share: float = _choice(
        0.0,
        "For validation",
        "the share of the images whose pairs are for validation and not for training",
        Range(0, math.nextafter(1, 0), step=0.01),
        percent=True,
        none="none",
        allowed_words="a number from 0 (no split) to below 1",
    )
    seed: int = _choice(
        0,
        "Seed",
        "decides which images are for validation, and the order of rows for Caffe",
        Range(0, 2**32 - 1),
    )
    duplicates: str = _choice(
        "keep",
        "Equal images",
        "of images with equal content take all, or the first by name alone",
        choices=("keep", "drop"),
        choice_names={"keep": "keep all", "drop": "drop all but one"},
    )
    profile: str | None = _format(
        None,
        "For",
        "the trainer that reads the pairs: sets format, layout and lists to what it takes",
        choices=tuple(PROFILES),
        choice_names={name: profile.label for name, profile in PROFILES.items()},
        none="any trainer",
        flag="for",
    )
    layout: str | None = _format(
        None,
        "Layout",
        "hr/ and lr/ with the subfolders of the images (a split has train/hr, train/lr, "
        "validation/hr and validation/lr), the same without subfolders, the names of DIV2K, "
        "train/hr and train/lr without a split too, or what earlier versions wrote",
        choices=LAYOUTS,
        choice_names={
            "folders": "with subfolders",
            "flat": "flat names",
            "div2k": "as DIV2K",
            "hub": "always in train",
            "earlier": "of earlier versions",
        },
        none="as is usual",
        formats=FOLDERS,
    )
    lists: str | None = _format(
        None,
        "Lists",
        "a line holds the name and the shape of HR, as BasicSR takes it, or HR and LR, as "
        "Real-ESRGAN does",
        choices=("names", "pairs"),
        choice_names={"names": "names", "pairs": "HR, LR"},
        none="as is usual",
        formats=FOLDERS,
    )
    whole: str = _choice(
        "none",
        "Whole images",
        "one pair of all that is in the box instead of windows: of the images for validation, or "
        "of all images",
        choices=("none", "validation", "all"),
        choice_names={"none": "none", "validation": "for validation", "all": "all"},
    )
    card: bool = _choice(
        False,
        "Dataset card",
        "README.md, train/, and metadata.csv for folders, by which Hugging Face's datasets load "
        "the pairs; parquet always has the first",
    )
    axes: str | None = _format(
        None,
        "Axes",
        "of the values: channels before height and width as Caffe has them, or after as TensorFlow",
        choices=("nchw", "nhwc"),
        choice_names={"nchw": "N C H W (Caffe)", "nhwc": "N H W C (TensorFlow)"},
        instead="nchw",
        formats=("srcnn-hdf5",),
    )

    def __post_init__(self) -> None:
        for knob in OPTIONS.values():
            object.__setattr__(self, knob.name, knob.checked(getattr(self, knob.name)))


OPTIONS = knobs_of(Options, error=OptionError)
LABELS = {name: knob.label for name, knob in (OPTIONS | KNOBS).items()} | {
    "set --for TRAINER": "set For",
    "--overwrite": "replace what it holds",
    "with --lr": "as pairs in the list",
    "leave --lr away": "open the images without LR",
}
"""What the window calls each knob and option, by its key, and what it has in a flag's place."""


_USUAL = {"layout": "folders", "lists": "names"}
EARLIER = Options(layout="earlier", lists="names")
"""What decided how pairs were written before there was any choice of it."""


def of_format(format: str, options: Options) -> Options:
    """Return `options` without those that only other formats have, or that `format` refuses."""
    others = [knob.name for knob in OPTIONS.values() if knob.formats and format not in knob.formats]
    mine = replace(options, **dict.fromkeys(others))  # type: ignore[arg-type]
    usual: dict[str, Any] = {key: OPTIONS[key].default for key in refused(format, mine)}
    return replace(mine, **usual)


def refused(format: str, options: Options) -> dict[str, str]:
    """Return which options nobody can choose with `format` and the others, each with the reason."""
    found = {}
    if format in _OF_ONE_SIZE:
        found["whole"] = f"not allowed with format {format}, whose pairs are all of one size"
    if format not in WITH_CARD:
        loaded = ", ".join(WITH_CARD)
        found["card"] = f"allowed with what Hugging Face's datasets load only: {loaded}"
    elif options.layout == "div2k":
        found["card"] = "not with layout div2k, which datasets do not load"
    return found


def usual_border(recipe: Recipe) -> int:
    """Return the `label_border` that None stands for."""
    return 0 if recipe.lr_layout == "native" else _SRCNN_BORDER


def resolve(format: str, options: Options, recipe: Recipe) -> Options:
    """Return `options` with the defaults of `format` filled in.

    Raises
    ------
    OptionError
        For an unknown format, for an option that another format has, and for labels of which
        nothing would be left.
    """
    if format not in FORMATS:
        raise OptionError(key="format", value=format, allowed=f"one of {', '.join(FORMATS)}")
    filled: dict[str, Any] = {}
    for knob in OPTIONS.values():
        value = getattr(options, knob.name)
        if value is None and format in knob.formats:
            usual = _USUAL | {"label_border": usual_border(recipe)}
            filled[knob.name] = usual.get(knob.name, knob.instead)
        elif value is not None and knob.formats and format not in knob.formats:
            cause = f"allowed with format {' or '.join(knob.formats)} only, not with {format}"
            raise OptionError(cause, key=knob.name, value=value)
    resolved = replace(options, **filled)
    if options.whole == "validation" and not options.validation_share:
        cause = "allowed with a validation_share above 0 only"
        raise OptionError(Keyed(cause, "validation_share"), key="whole", value=options.whole)
    for key, cause in refused(format, options).items():
        if (value := getattr(options, key)) != OPTIONS[key].default:
            raise OptionError(cause, key=key, value=value)
    if options.whole == "validation" and options.max_pairs is not None:
        # Which images are for validation would depend on how many pairs each gives.
        cause = Keyed(
            "not allowed with whole = validation; set max_per_image", "whole", "max_per_image"
        )
        raise OptionError(cause, key="max_pairs", value=options.max_pairs)
    border, most = resolved.label_border or 0, (recipe.patch - 1) // 2
    if border > most:
        allowed = f"a whole number from 0 to {most} with patch = {recipe.patch}"
        raise OptionError(key="label_border", value=border, allowed=Keyed(allowed, "patch"))
    return resolved


def install_line(format: str) -> str | None:
    """Return the line that installs what `format` lacks, None where it lacks nothing."""
    if format not in _NEEDS:
        return None
    package, extra = _NEEDS[format]
    with suppress(ValueError):  # what Python says of a module that is there and yet is not
        if importlib.util.find_spec(package) is not None:
            return None
    return f"pip install 'srviewer[{extra}]'"


def require_package(format: str) -> None:
    """Raise `ExportError` where the package that `format` needs cannot be imported."""
    if format in _NEEDS:
        package, extra = _NEEDS[format]
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise ExportError(
                f"format {format} needs the package {package} ({error}); "
                f"pip install 'srviewer[{extra}]'"
            ) from error


def recorded(format: str, options: Options) -> dict[str, Value]:
    """Return what decides how and which pairs are written, without what has no effect."""
    found = {key: value for key, value in asdict(options).items() if value is not None}
    if not options.validation_share:
        del found["validation_share"]
        if format not in SHUFFLED:
            del found["seed"]
    for key, usual in (("duplicates", "keep"), ("whole", "none"), ("card", False)):
        if found[key] == usual:
            del found[key]
    return {"format": format} | found


def export_toml(
    format: str, options: Options, versions: dict[str, str], *, given: bool = False
) -> str:
    """Return the record of an export as TOML.

    Parameters
    ----------
    format : str
    options : Options
    versions : mapping of str to str
        Of srviewer and of the libraries that decide the pixels.
    given : bool
        Whether LR were given, not made.
    """
    lines = [f"{key} = {json.dumps(value)}" for key, value in recorded(format, options).items()]
    lines += [f"{_LR} = {json.dumps(_GIVEN)}"] if given else []
    if versions:
        lines += ["", f"[{_MADE_WITH}]"]
        lines += [f"{library} = {json.dumps(version)}" for library, version in versions.items()]
    return "\n".join(["# how these pairs were written and which were chosen", *lines]) + "\n"


class Record(NamedTuple):
    """What the record of an export tells.

    Attributes
    ----------
    format : str
    options : Options
    made_with : dict of str to str
        The versions of the libraries; empty where it tells none.
    given : bool
        Whether LR were given, not made.
    """

    format: str
    options: Options
    made_with: dict[str, str]
    given: bool = False


def read_record(path: Path, text: str | None = None) -> Record:
    """Return what `export_toml` recorded in the file `path`, or in its `text` where it is known.

    Raises
    ------
    ExportError
        Naming the file.
    """
    text = read_text(path, ExportError) if text is None else text
    found = parse_toml(text, path, ExportError)
    kind, made_with = found.pop("format", None), found.pop(_MADE_WITH, None)
    lr = found.pop(_LR, None)
    if lr not in (None, _GIVEN):
        raise ExportError(key=_LR, value=lr, allowed=_GIVEN, path=path)
    if kind not in FORMATS:
        allowed = f"one of {', '.join(FORMATS)}"
        raise ExportError(key="format", value=kind, allowed=allowed, path=path)
    for key in found.keys() - OPTIONS.keys():
        raise ExportError("unknown", key=key, allowed=", ".join(OPTIONS), path=path)
    versions = made_with if isinstance(made_with, dict) else {}
    try:
        options = Options(**found)
    except ExportError as error:
        raise error.about(path) from error
    if kind in FOLDERS and options.layout is None:
        options = replace(options, layout=EARLIER.layout, lists=EARLIER.lists)
    told = {name: of if isinstance(of, str) else shown(of) for name, of in versions.items()}
    told = {cut(name): cut(version) for name, version in told.items()}
    return Record(kind, options, told, lr == _GIVEN)
