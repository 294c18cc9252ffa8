"""``srviewer inspect``: what the pipeline makes of images, in numbers."""

from __future__ import annotations

import argparse
import threading
from pathlib import Path

from srviewer.commands.outcomes import DONE, SOME_FAILED, complain, print_json
from srviewer.commands.recipe_flags import add_recipe_flags, usable_recipe
from srviewer.errors import Cancelled, SrviewerError
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe

HELP = "what the pipeline makes of images, in numbers"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="image or folder")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_recipe_flags(parser)


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Analyse and print one image after the other."""
    from srviewer.runs.inputs import each_once, images_in, no_images

    recipe = usable_recipe(options)
    codes = [DONE]
    for given in each_once(options.inputs):
        images = images_in(given, progress=Progress(cancel=cancel)) if given.is_dir() else [given]
        if not images:
            codes.append(complain(f"{given}: {no_images(given).cause}", SOME_FAILED))
        codes += [_inspect(path, recipe, options.json, cancel) for path in images]
    return max(codes)


def _inspect(path: Path, recipe: Recipe, as_json: bool, cancel: threading.Event) -> int:
    from srviewer.pipeline.analysis import analyse_file
    from srviewer.pipeline.summary import summarise
    from srviewer.terminal import inside_image, print_summary

    try:
        with inside_image("inspecting") as report:
            progress = Progress(report, cancel)
            analysis = analyse_file(path, recipe, every_window=False, progress=progress)
    except Cancelled:
        raise
    except SrviewerError as error:
        return complain(error.about(path), SOME_FAILED)
    show = print_json if as_json else print_summary
    show(summarise(analysis))
    return DONE
