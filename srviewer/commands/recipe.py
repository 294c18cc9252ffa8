"""``srviewer recipe``: the recipe as TOML."""

import argparse
import threading

from srviewer.commands.outcomes import DONE, deliver
from srviewer.commands.recipe_flags import add_recipe_flags, recipe_of

HELP = "print the recipe as TOML"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    add_recipe_flags(parser)


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Print the recipe."""
    from srviewer.pipeline.recipe_file import to_toml

    recipe = recipe_of(options)
    return deliver(DONE, lambda: print(to_toml(recipe), end=""))
