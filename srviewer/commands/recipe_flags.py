"""Flags that are made from knobs, and the recipe that they ask for."""

import argparse
from collections.abc import Mapping
from typing import Any

from srviewer.commands.flag_types import path
from srviewer.pipeline.recipe import KNOBS, PRESETS, Knob, Recipe, preset


def add_recipe_flags(parser: argparse.ArgumentParser) -> None:
    """Add ``--recipe``, ``--preset`` and one flag for each knob."""
    group = parser.add_argument_group("recipe")
    group.add_argument("--recipe", type=path, metavar="F", help="a recipe as TOML")
    group.add_argument("--preset", metavar="P", help=f"one of {', '.join(PRESETS)}")
    for knob in KNOBS.values():
        add_flag(group, knob)


def add_flag(group: argparse._ArgumentGroup, knob: Knob) -> None:
    """Add the flag of `knob`; `given` finds what was given with it."""
    # Flags are checked as values of knobs, so that one message serves them and the file.
    more: dict[str, Any] = {"metavar": knob.kind.__name__.upper()}
    if knob.kind is bool:
        more = {"action": argparse.BooleanOptionalAction}
    words = knob.flag_help.replace("%", "%%")
    flag = "--" + (knob.flag or knob.name.replace("_", "-"))
    group.add_argument(flag, dest=f"knob_{knob.name}", help=words, **more)


def given(options: argparse.Namespace, knobs: Mapping[str, Knob]) -> dict[str, Any]:
    """Return the values of those of `knobs` whose flags were given."""
    texts = {name: getattr(options, f"knob_{name}") for name in knobs}
    return {name: knobs[name].from_text(text) for name, text in texts.items() if text is not None}


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
    return recipe.replace(**given(options, KNOBS))


def sets_scale(options: argparse.Namespace) -> bool:
    """Tell whether a flag or the recipe's file sets the scale.

    Raises
    ------
    RecipeError
        Where the file cannot be read.
    """
    from srviewer.errors import RecipeError
    from srviewer.pipeline.texts import parse_toml, read_text

    if options.knob_scale is not None:
        return True
    if not options.recipe:
        return False
    text = read_text(options.recipe, RecipeError)
    return "scale" in parse_toml(text, options.recipe, RecipeError)


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
