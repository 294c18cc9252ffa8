"""A recipe as a TOML file, with a comment on each line, and back."""

import json
from pathlib import Path

from srviewer.errors import RecipeError
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.pipeline.texts import parse_toml, read_text


def to_toml(recipe: Recipe) -> str:
    """Return `recipe` as TOML text: one ``key = value  # help`` a line, grouped by stage."""
    lines = ["# srviewer recipe"]
    group = ""
    for knob in KNOBS.values():
        if knob.group != group:
            group = knob.group
            lines += ["", f"# {group}"]
        unit = f" [{knob.unit}]" if knob.unit else ""
        # It holds only finite numbers, booleans and plain words: JSON writes them as TOML does.
        setting = f"{knob.name} = {json.dumps(getattr(recipe, knob.name))}"
        lines.append(f"{setting:<33} # {knob.help}{unit}; {knob.allowed}")
    return "\n".join(lines) + "\n"


def from_toml(text: str, source: Path | str, base: Recipe | None = None) -> Recipe:
    """Return the recipe that `text` describes; keys that it leaves out are those of `base`.

    Parameters
    ----------
    text : str
        TOML.
    source : Path or str
        What to call the text in messages, as a rule its path.
    base : Recipe, optional
        All defaults where it is not given.

    Raises
    ------
    RecipeError
        For text that is not TOML, unknown keys, wrong types and values out of range.
    """
    values = parse_toml(text, source, RecipeError)
    try:
        return (base or Recipe()).replace(**values)
    except RecipeError as error:
        raise error.about(source) from error


def load_recipe(path: Path | str, base: Recipe | None = None) -> Recipe:
    """Read the recipe in the TOML file `path`; `RecipeError` where that cannot be done."""
    path = Path(path)
    return from_toml(read_text(path, RecipeError), path, base)
