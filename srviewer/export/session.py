"""A session: the images, the recipe, what is excluded, what is looked at and what is exported.

The file is JSON. It may come from anyone, so it is read within limits and each value is checked;
where its images lie below its own folder, both can be moved together.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from srviewer.errors import RecipeError, SessionError, SrviewerError
from srviewer.export.options import FORMATS, Options
from srviewer.pipeline.exclusions import NONE, Exclusions
from srviewer.pipeline.exclusions import from_text as from_exclusions
from srviewer.pipeline.exclusions import to_text as to_exclusions
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.pipeline.texts import parse_json, read_bytes
from srviewer.runs.rooted import Rooted, rooted
from srviewer.runs.tasks import MOST_JOBS

T = TypeVar("T")

SUFFIX = ".srviewer"
MOST_BYTES = 64 << 20  # 100,000 images have 5 MB of names
_VERSION = 1
_KIND = "srviewer session"
_LONGEST_NAME = 200  # characters of a preset's name
_FARTHEST = 1e9  # HR pixels: no image has as many
SCOPES = ("this", "all")


@dataclass(frozen=True)
class Look:
    """What is looked at, and how.

    Attributes
    ----------
    image : int or None
        Which of the images.
    stage : str
        Empty where it is not told.
    layers : tuple of str or None
        By name; None for those that belong to the stage.
    arrangement : str or None
        None leaves it to the image's shape.
    camera : (float, float, float) or None
        The HR point in the middle, and screen pixels for an HR pixel; None for all of the image.
    data_set : bool
        The data set, and not the picture.
    panels : tuple of str or None
        Those that are open; None where it is not told.
    """

    image: int | None = None
    stage: str = ""
    layers: tuple[str, ...] | None = None
    arrangement: str | None = None
    camera: tuple[float, float, float] | None = None
    data_set: bool = False
    panels: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ExportChoices:
    """What is chosen for an export.

    Attributes
    ----------
    folder : Path or None
    format : str
    scope : {'this', 'all'} or None
        None follows what is looked at.
    options : Options
        For this format and the others.
    jobs : int or None
    """

    folder: Path | None = None
    format: str = FORMATS[0]
    scope: str | None = None
    options: Options = field(default_factory=Options)
    jobs: int | None = None


@dataclass(frozen=True)
class Session:
    """All that a session file holds.

    Attributes
    ----------
    images : tuple of Path or Rooted
        As they were opened: by themselves, with a folder, or with a given LR.
    preset : str
        The name of what the recipe started from.
    base : Recipe
        What that preset is.
    recipe : Recipe
    exclusions : Exclusions
    look : Look
    export : ExportChoices
    """

    images: tuple[Path | Rooted, ...] = ()
    preset: str = "article"
    base: Recipe = field(default_factory=Recipe)
    recipe: Recipe = field(default_factory=Recipe)
    exclusions: Exclusions = NONE
    look: Look = field(default_factory=Look)
    export: ExportChoices = field(default_factory=ExportChoices)


def to_text(session: Session, folder: Path) -> str:
    """Return `session` as the text of a file in `folder`."""
    export, differences = session.export, Recipe().differences(session.base)
    told = {
        "kind": _KIND,
        "version": _VERSION,
        "images": _images_told(session.images, folder),
        "preset": session.preset,
        "preset_recipe": {name: mine for name, (_, mine) in differences.items()},
        "recipe": asdict(session.recipe),
        "excluded": to_exclusions(session.exclusions) if session.exclusions else "",
        "look": asdict(session.look),
        "export": {
            "folder": None if export.folder is None else _told(export.folder, folder),
            "format": export.format,
            "scope": export.scope,
            "options": asdict(export.options),
            "jobs": export.jobs,
        },
    }
    return json.dumps(told, indent=1) + "\n"


def _images_told(images: tuple[Path | Rooted, ...], folder: Path) -> list[dict[str, Any]]:
    """Return the images with their folders; neighbours of one folder stand together."""
    told: list[dict[str, Any]] = []
    for one in map(rooted, images):
        root, lr = one.root, one.lr
        name = _told(one.path, folder) if root is None else str(one.path.relative_to(root))
        of = None if root is None else _told(root, folder)
        if not told or told[-1]["folder"] != of or ("lr" in told[-1]) != (lr is not None):
            told.append({"folder": of, "names": []} | ({} if lr is None else {"lr": []}))
        told[-1]["names"].append(name)
        if lr is not None:
            told[-1]["lr"].append(_told(lr, folder))
    return told


def _told(path: Path, folder: Path) -> str:
    path, folder = path.absolute(), folder.absolute()
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def read_session(path: Path) -> Session:
    """Read the session in the file `path`.

    Raises
    ------
    SessionError
        Where it cannot be read, is too large, or holds what makes no sense.
    """
    try:
        text = read_bytes(path, SessionError, MOST_BYTES).decode("utf-8-sig")
        return from_text(text, path.absolute().parent)
    except UnicodeDecodeError as failure:
        raise SessionError("not a session: it is not UTF-8 text", path=path) from failure
    except SessionError as error:
        raise error.about(path) from None
    except SrviewerError as error:  # of a recipe in it, of options, of what is excluded
        error.path = None
        raise error.turned_into(SessionError, path) from error


def from_text(text: str, folder: Path) -> Session:
    """Return the session that `text` of a file in `folder` holds.

    Raises
    ------
    SrviewerError
        Where it is none, or holds a value that is not allowed.
    """
    try:
        found = parse_json(text, MOST_BYTES)
    except ValueError as failure:
        raise SessionError(f"not a session: {failure}") from failure
    if not isinstance(found, dict) or found.get("kind") != _KIND:
        raise SessionError(f"not a session: no kind {_KIND!r} in it")
    version = _part(found, "version", int, 0)
    if version != _VERSION:
        allowed = f"{_VERSION}; another srviewer wrote it"
        raise SessionError(key="version", value=version, allowed=allowed)
    images = _images(_part(found, "images", list, []), folder)
    base = _recipe(_part(found, "preset_recipe", dict, {}), Recipe())
    return Session(
        images=images,
        preset=_part(found, "preset", str, "article")[:_LONGEST_NAME],
        base=base,
        recipe=_recipe(_part(found, "recipe", dict, {}), base),
        exclusions=from_exclusions(_part(found, "excluded", str, ""), "excluded"),
        look=_look(_part(found, "look", dict, {}), len(images)),
        export=_export(_part(found, "export", dict, {}), folder),
    )


def _recipe(values: dict[str, Any], base: Recipe) -> Recipe:
    for key in values:
        if key not in KNOBS:
            raise RecipeError("unknown", key=key, allowed=", ".join(KNOBS))
    return base.replace(**values)


def _images(told: list[Any], folder: Path) -> tuple[Path | Rooted, ...]:
    found: list[Path | Rooted] = []
    for group in told:
        if not isinstance(group, dict):
            raise SessionError(key="images", value=group, allowed="objects of folder and names")
        root = _part(group, "folder", str, None)
        names = _names(group, "names") or ()
        lrs = _names(group, "lr")
        if lrs is not None and not (len(lrs) == len(names) and all(map(_is_name, lrs))):
            allowed = "the name of a file for each of names"
            raise SessionError(key="lr", value=group["lr"], allowed=allowed)
        for name, lr in zip(names, lrs or [None] * len(names), strict=True):
            if not _is_name(name) or (root is not None and not _is_below(name)):
                allowed = "names of files, in their folder where one is told"
                raise SessionError(key="names", value=name, allowed=allowed)
            of = None if root is None else folder / root
            path = (of or folder) / name
            found.append(Rooted(path, of, None if lr is None else folder / lr).source)
    return tuple(found)


def _is_name(name: str) -> bool:
    return bool(name) and "\0" not in name


def _is_below(name: str) -> bool:
    return not os.path.isabs(name) and ".." not in Path(name).parts


def _look(told: dict[str, Any], images: int) -> Look:
    image = _part(told, "image", int, None)
    if image is not None and not 0 <= image < images:
        allowed = f"a whole number from 0 to {images - 1}" if images else "null without images"
        raise SessionError(key="image", value=image, allowed=allowed)
    camera = _part(told, "camera", list, None)
    if camera is not None and not (len(camera) == 3 and all(map(_is_place, camera))):
        raise SessionError(key="camera", value=camera, allowed="three numbers: x, y, zoom above 0")
    if camera is not None and camera[2] <= 0:
        raise SessionError(key="camera", value=camera, allowed="a zoom above 0")
    return Look(
        image=image,
        stage=_part(told, "stage", str, ""),
        layers=_names(told, "layers"),
        arrangement=_part(told, "arrangement", str, None),
        camera=None if camera is None else (*map(float, camera),),  # type: ignore[arg-type]
        data_set=_part(told, "data_set", bool, False),
        panels=_names(told, "panels"),
    )


def _is_place(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) < _FARTHEST  # nan is not


def _export(told: dict[str, Any], folder: Path) -> ExportChoices:
    out = _part(told, "folder", str, None)
    kind, scope = _part(told, "format", str, FORMATS[0]), _part(told, "scope", str, None)
    if kind not in FORMATS:
        raise SessionError(key="format", value=kind, allowed=f"one of {', '.join(FORMATS)}")
    if scope is not None and scope not in SCOPES:
        raise SessionError(key="scope", value=scope, allowed=f"one of {', '.join(SCOPES)}")
    jobs = _part(told, "jobs", int, None)
    if jobs is not None and not 1 <= jobs <= MOST_JOBS:
        allowed = f"a whole number from 1 to {MOST_JOBS}"
        raise SessionError(key="jobs", value=jobs, allowed=allowed)
    options = _part(told, "options", dict, {})
    for key in options.keys() - asdict(Options()).keys():
        raise SessionError("unknown", key=key, allowed=", ".join(asdict(Options())))
    place = None if not out or "\0" in out else folder / out
    return ExportChoices(place, kind, scope, Options(**options), jobs)


def _part(table: dict[str, Any], key: str, kind: type[T], missing: Any) -> Any:
    """Return the value of `key`, `missing` where it is not there or null."""
    value = table.get(key)
    if value is None:
        return missing
    if type(value) is not kind:
        raise SessionError(key=key, value=value, allowed=_KINDS[kind])
    return value


_KINDS: dict[type, str] = {
    int: "a whole number",
    str: "a text",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}


def _names(table: dict[str, Any], key: str) -> tuple[str, ...] | None:
    names = _part(table, key, list, None)
    if names is not None and not all(isinstance(name, str) for name in names):
        raise SessionError(key=key, value=names, allowed="a list of texts")
    return None if names is None else tuple(names)
