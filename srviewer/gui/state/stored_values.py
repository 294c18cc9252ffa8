"""What is stored by the window's settings becomes a value again; None where it makes no sense."""

import base64
import binascii
import contextlib
import os
from collections.abc import Callable, Container
from dataclasses import asdict, replace
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QByteArray

from srviewer.errors import OptionError, RecipeError
from srviewer.export.options import Options
from srviewer.gui.state.displacing import FACTORS, RULES, DisplacementLook
from srviewer.gui.state.layers import TOPS, Layer, Scale
from srviewer.pipeline.displacement import MatchClass
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipe_file import from_toml
from srviewer.pipeline.resizing import available_libraries

E = TypeVar("E", bound=Enum)


def one_of(names: Container[str]) -> Callable[[Any], Any]:
    """Return what lets these names through."""
    return lambda value: value if isinstance(value, str) and value in names else None


def up_to(most: int) -> Callable[[Any], int | None]:
    """Return what lets whole numbers from 1 to `most` through."""
    return lambda value: value if type(value) is int and 1 <= value <= most else None


def a_text(value: Any) -> str | None:
    """Return a text that is not empty."""
    return value if isinstance(value, str) and value else None


def a_truth(value: Any) -> bool | None:
    """Return true or false."""
    return value if isinstance(value, bool) else None


def is_list(value: Any) -> bool:
    """Tell whether it is a list."""
    return isinstance(value, list)


def list_of(*kinds: type) -> Callable[[Any], list[Any] | None]:
    """Return what lets lists through that have a value of each of these types."""
    wanted = list(kinds)
    return lambda value: value if is_list(value) and [*map(type, value)] == wanted else None


def by_value(kind: type[E]) -> Callable[[Any], E | None]:
    """Return what finds a member of `kind` by its value."""
    return lambda value: next((one for one in kind if one.value == value), None)


def a_scale(value: Any) -> Scale | None:
    """Return the colours of the difference."""
    fits = isinstance(value, dict) and value.keys() == {"top", "signed"}
    if not fits or value["top"] not in TOPS or not isinstance(value["signed"], bool):
        return None
    return Scale(int(value["top"]), value["signed"])


def opacities(value: Any) -> dict[Layer, float] | None:
    """Return how opaque layers are drawn."""
    fits = isinstance(value, dict) and all(
        name in Layer.__members__ and type(one) in (int, float) and 0 <= one <= 1
        for name, one in value.items()
    )
    return {Layer[name]: float(one) for name, one in value.items()} if fits else None


def displacement_look(value: Any) -> DisplacementLook | None:
    """Return how displacements are shown."""
    keys = {"rule", "shown", "factor"}
    if not isinstance(value, dict) or value.keys() != keys or texts(value["shown"]) is None:
        return None
    known = value["rule"] in ("", *RULES) and value["factor"] in FACTORS
    if not known or not set(value["shown"]) <= MatchClass.__members__.keys():
        return None
    shown = frozenset(MatchClass[name] for name in value["shown"])
    return DisplacementLook(value["rule"], shown, int(value["factor"]))


def texts(value: Any) -> list[str] | None:
    """Return texts."""
    return value if isinstance(value, list) and all(isinstance(one, str) for one in value) else None


def a_path(value: Any) -> Path | None:
    """Return a file or folder; the disk is not asked, which may be far away."""
    name = a_text(value)
    return Path(name) if name and os.path.isabs(name) else None


def export_options(value: Any) -> Options:
    """Return options of an export, those left out that are not allowed."""
    options = Options()
    for key, one in value.items() if isinstance(value, dict) else ():
        with contextlib.suppress(OptionError, TypeError):
            options = replace(options, **{key: one})
    return options


def all_options(value: Any) -> bool:
    """Tell whether all of them are allowed."""
    kept = asdict(export_options(value))
    return isinstance(value, dict) and all(key in kept and kept[key] == value[key] for key in value)


def a_recipe(value: Any) -> Recipe | None:
    """Return a recipe that can be used here."""
    try:
        recipe = from_toml(value, "settings") if isinstance(value, str) else None
    except RecipeError:
        return None
    return recipe if recipe and recipe.resizer in available_libraries() else None


def qt_state(value: Any) -> QByteArray | None:
    """Return a state of Qt."""
    try:
        data = base64.b64decode(a_text(value) or "", validate=True)
    except (binascii.Error, ValueError):
        return None
    return QByteArray(data) if data else None


def as_text(state: QByteArray) -> str:
    """Return a state of Qt as it is stored."""
    return base64.b64encode(state.data()).decode()
