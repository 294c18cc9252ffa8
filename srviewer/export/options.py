"""What a person may say about an export besides the recipe; no image library is needed here."""

from __future__ import annotations

import importlib
import importlib.util
import json
import tomllib
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from srviewer.errors import ExportError, OptionError
from srviewer.pipeline.recipe import Recipe

FOLDER_FORMATS = ("bmp", "png", "tiff", "webp")
CONTAINER_FORMATS = ("lmdb", "hdf5", "srcnn-hdf5", "webdataset")
FORMATS = FOLDER_FORMATS + CONTAINER_FORMATS
CHANNELS = ("rgb", "y")

HELP = {
    "bmp": "folders hr/ and lr/ of BMP",
    "png": "folders hr/ and lr/ of PNG",
    "tiff": "folders hr/ and lr/ of TIFF",
    "webp": "folders hr/ and lr/ of lossless WebP",
    "lmdb": "hr.lmdb and lr.lmdb as BasicSR reads them",
    "hdf5": "pairs.h5 with lr and hr, as PyTorch's SRCNN reads it",
    "srcnn-hdf5": "pairs.h5 with data and label in 0..1, as SRCNN's Caffe training reads it",
    "webdataset": "tar shards, as webdataset and Hugging Face's datasets read them",
}

# What a format needs beyond the standard installation: the package, and our extra that brings it.
_NEEDS = {"lmdb": ("lmdb", "lmdb"), "hdf5": ("h5py", "hdf5"), "srcnn-hdf5": ("h5py", "hdf5")}

BOUNDS = {
    "shard_size": (1, 1_000_000),
    "label_border": (0, 1024),
    "max_per_image": (1, 1_000_000_000),
    "max_pairs": (1, 1_000_000_000),
    "seed": (0, 2**32 - 1),
}
_ONLY_IN = {
    "channels": ("hdf5", "srcnn-hdf5"),
    "shard_size": ("webdataset",),
    "label_border": ("srcnn-hdf5",),
}
_DEFAULTS: dict[str, Value] = {"channels": "y", "shard_size": 1000}
_MADE_WITH = "made_with"
_SRCNN_BORDER = 6  # px that its convolutions of 9, 1 and 5 px take from each side together

Value = int | float | str


@dataclass(frozen=True)
class Options:
    """How pairs are written and which; None stands for the format's default, or for no limit.

    Attributes
    ----------
    channels : {'rgb', 'y'}, optional
        Of the HDF5 formats.
    shard_size : int, optional
        Pairs in a shard of format webdataset.
    label_border : int, optional
        Pixels that format srcnn-hdf5 cuts from each side of a label: what the convolutions
        without padding of SRCNN's 9-1-5 do not reach, 6; with LR in its own size none.
    max_per_image, max_pairs : int, optional
        At most so many pairs an image and in all, those with the most keypoints.
    validation_share : float
        The share of the images whose pairs are for validation, below 1; 0 for no split.
    seed : int
        Decides which images those are.
    """

    channels: str | None = None
    shard_size: int | None = None
    label_border: int | None = None
    max_per_image: int | None = None
    max_pairs: int | None = None
    validation_share: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        values: dict[str, Any] = vars(self)
        fits = {
            key: values[key] is None or (type(values[key]) is int and low <= values[key] <= high)
            for key, (low, high) in BOUNDS.items()
        }  # true and false are no whole numbers
        fits["channels"] = self.channels in (None, *CHANNELS)
        share = self.validation_share
        fits["validation_share"] = type(share) in (int, float) and 0 <= share < 1  # not so of nan
        for key, does_fit in fits.items():
            if not does_fit:
                raise OptionError(key=key, value=values[key], allowed=_allowed(key))


def _allowed(key: str) -> str:
    if key == "channels":
        return f"one of {', '.join(CHANNELS)}"
    if key == "validation_share":
        return "a number from 0 (no split) to below 1"
    low, high = BOUNDS[key]
    return f"a whole number from {low} to {high}"


def from_texts(texts: dict[str, str | None]) -> Options:
    """Return the options that flags give as text; those that are None stay at their default."""
    values: dict[str, Value] = {}
    for key, text in texts.items():
        if text is None:
            continue
        kind = str if key == "channels" else float if key == "validation_share" else int
        try:
            values[key] = kind(text)
        except ValueError as error:
            raise OptionError(key=key, value=text, allowed=_allowed(key)) from error
    return Options(**values)  # type: ignore[arg-type]


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
    native = recipe.lr_layout == "native"
    defaults: dict[str, Value] = _DEFAULTS | {"label_border": 0 if native else _SRCNN_BORDER}
    filled: dict[str, Value] = {}
    for key, formats in _ONLY_IN.items():
        value = getattr(options, key)
        if format in formats:
            filled[key] = defaults[key] if value is None else value
        elif value is not None:
            cause = f"allowed with format {' or '.join(formats)} only, not with {format}"
            raise OptionError(cause, key=key, value=value)
    border, most = filled.get("label_border", 0), (recipe.patch - 1) // 2
    if int(border) > most:
        allowed = f"a whole number from 0 to {most} with patch = {recipe.patch}"
        raise OptionError(key="label_border", value=border, allowed=allowed)
    return replace(options, **filled)  # type: ignore[arg-type]


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
        del found["validation_share"], found["seed"]
    return {"format": format} | found


def export_toml(format: str, options: Options, versions: dict[str, str]) -> str:
    """Return the record of an export as TOML.

    Parameters
    ----------
    format : str
    options : Options
    versions : mapping of str to str
        Of srviewer and of the libraries that decide the pixels.
    """
    lines = [f"{key} = {json.dumps(value)}" for key, value in recorded(format, options).items()]
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
    """

    format: str
    options: Options
    made_with: dict[str, str]


def read_record(path: Path) -> Record:
    """Return what `export_toml` recorded in the file `path`.

    Raises
    ------
    ExportError
        Naming the file.
    """
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ExportError(error.strerror or str(error), path=path) from error
    except (ValueError, RecursionError) as error:
        raise ExportError(f"not a TOML file: {error}", path=path) from error
    kind, made_with = found.pop("format", None), found.pop(_MADE_WITH, None)
    if kind not in FORMATS:
        raise ExportError(key="format", allowed=f"one of {', '.join(FORMATS)}", path=path)
    versions = made_with if isinstance(made_with, dict) else {}
    try:
        options = Options(**found)
    except TypeError as error:
        raise ExportError(str(error), path=path) from error
    except ExportError as error:
        raise error.about(path) from error
    return Record(kind, options, {name: str(version) for name, version in versions.items()})
