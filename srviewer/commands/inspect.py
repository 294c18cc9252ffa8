"""``srviewer inspect``: what the pipeline makes of images, in numbers."""

from __future__ import annotations

import argparse
import os
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from srviewer.commands.exclude_flag import add_exclude_flag, exclusions_of
from srviewer.commands.flag_types import path
from srviewer.commands.outcomes import DONE, SOME_FAILED, complain, deliver, print_json
from srviewer.commands.recipe_flags import add_recipe_flags, usable_recipe
from srviewer.errors import Cancelled, SrviewerError, shown_path
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.streams import tell

if TYPE_CHECKING:
    from srviewer.pipeline.exclusions import Exclusions

HELP = "what the pipeline makes of images, in numbers"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("inputs", nargs="+", type=path, metavar="INPUT", help="image or folder")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_exclude_flag(parser)
    add_recipe_flags(parser)


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Analyse and print one image after the other."""
    from srviewer.runs.inputs import each_once, images_in, no_images

    recipe, exclusions = usable_recipe(options), exclusions_of(options)
    code = DONE
    for given in each_once(options.inputs):
        images = [given]
        if os.path.isdir(given):
            progress = Progress(cancel=cancel)
            images = images_in(given, progress=progress, on_note=partial(_note, given))
        if not images:
            code = complain(f"{shown_path(given)}: {no_images(given).cause}", SOME_FAILED)
        for image in images:
            code = _inspect(image, recipe, exclusions, options.json, cancel, code)
    return code


def _note(folder: Path, words: str) -> None:
    tell(f"note: {shown_path(folder)}: {words}")


def _inspect(
    image: Path,
    recipe: Recipe,
    exclusions: Exclusions,
    as_json: bool,
    cancel: threading.Event,
    code: int,
) -> int:
    """Print what comes of `image`; return `code`, or another where it fails."""
    from srviewer.pipeline.analysis import analyse_file
    from srviewer.pipeline.summary import summarise
    from srviewer.terminal import inside_image, print_summary

    try:
        with inside_image("inspecting") as report:
            progress = Progress(report, cancel)
            analysis = analyse_file(
                image, recipe, exclusions=exclusions, every_window=False, progress=progress
            )
    except Cancelled:
        raise
    except SrviewerError as error:
        return complain(error.about(image), SOME_FAILED)
    show = print_json if as_json else print_summary
    return deliver(code, lambda: show(summarise(analysis)))
