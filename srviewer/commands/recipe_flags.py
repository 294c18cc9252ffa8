"""The flags of a recipe, made from its knobs, and the recipe that they ask for."""

from __future__ import annotations

import argparse
from pathlib import Path

from srviewer.errors import RecipeError
from srviewer.pipeline.recipe import KNOBS, PRESETS, Knob, Recipe, Value, preset


def add_recipe_flags(parser: argparse.ArgumentParser) -> None:
    """Add ``--recipe``, ``--preset`` and one flag for each knob."""
    group = parser.add_argument_group("recipe")
    group.add_argument("--recipe", type=Path, metavar="F", help="a recipe as TOML")
    group.add_argument("--preset", metavar="P", help=f"one of {', '.join(PRESETS)}")
    for knob in KNOBS.values():
        flag = "--" + knob.name.replace("_", "-")
        # Flags are checked as recipe values, so that one message serves them and the file.
        if knob.kind is bool:
            action: type[argparse.Action] | str = argparse.BooleanOptionalAction
            more: dict[str, object] = {}
        else:
            action, more = "store", {"metavar": knob.kind.__name__.upper()}
        words = f"{knob.help} [{knob.unit}]" if knob.unit else knob.help
        group.add_argument(
            flag,
            dest=f"knob_{knob.name}",
            action=action,
            default=None,
            help=f"{words}; {knob.allowed}; default {knob.default}".replace("%", "%%"),
            **more,  # type: ignore[arg-type]
        )


def recipe_of(options: argparse.Namespace) -> Recipe:
    """Return the recipe that the preset, then the file, then the flags make.

    Raises
    ------
    RecipeError
        For a value that is not allowed.
    """
    from srviewer.pipeline.recipe_file import load_recipe

    recipe = preset(options.preset) if options.preset else Recipe()
    if options.recipe:
        recipe = load_recipe(options.recipe, base=recipe)
    given = {knob: getattr(options, f"knob_{knob.name}") for knob in KNOBS.values()}
    return recipe.replace(
        **{knob.name: _value(knob, text) for knob, text in given.items() if text is not None}
    )


def usable_recipe(options: argparse.Namespace) -> Recipe:
    """Return `recipe_of` the options, which this installation can run.

    Raises
    ------
    RecipeError
        For a value that is not allowed, or a resizer whose package is missing.
    """
    from srviewer.pipeline.resizing import require_available

    recipe = recipe_of(options)
    require_available(recipe.resizer)
    return recipe


def _value(knob: Knob, text: str | bool) -> Value:
    if isinstance(text, bool) or knob.kind is str:
        return text
    try:
        number: Value = knob.kind(text)
    except ValueError as error:
        raise RecipeError(key=knob.name, value=text, allowed=knob.allowed) from error
    return number
