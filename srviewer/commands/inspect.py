"""``srviewer inspect``: what the pipeline makes of images, in numbers."""

from __future__ import annotations

import argparse
import os
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from srviewer.commands.common_flags import add_exclude_flag, exclusions_of
from srviewer.commands.flag_types import path
from srviewer.commands.lr_flags import add_lr_flags, at_scale_of_pair, given_lr
from srviewer.commands.outcomes import DONE, SOME_FAILED, complain, deliver, print_json
from srviewer.commands.recipe_flags import add_recipe_flags, sets_scale, usable_recipe
from srviewer.errors import Cancelled, SrviewerError, shown_path
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.streams import tell

if TYPE_CHECKING:
    from srviewer.pipeline.exclusions import Exclusions
    from srviewer.runs.inputs import Input

HELP = "what the pipeline makes of images, in numbers"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("inputs", nargs="+", type=path, metavar="INPUT", help="image or folder")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_lr_flags(parser)
    add_exclude_flag(parser)
    add_recipe_flags(parser)


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Analyse and print one image after the other."""
    from srviewer.runs.inputs import Input, each_once, images_in, no_images

    recipe, exclusions, lr = usable_recipe(options), exclusions_of(options), given_lr(options)
    code = DONE
    if lr is not None:
        return _inspect_pairs(options, recipe, exclusions, cancel)
    for given in each_once(options.inputs):
        images = [given]
        if os.path.isdir(given):
            progress = Progress(cancel=cancel)
            images = images_in(given, progress=progress, on_note=partial(_note, given))
        if not images:
            code = complain(f"{shown_path(given)}: {no_images(given).cause}", SOME_FAILED)
        for image in images:
            code = _inspect(Input(image, "", ""), recipe, exclusions, options.json, cancel, code)
    return code


def _inspect_pairs(
    options: argparse.Namespace, recipe: Recipe, exclusions: Exclusions, cancel: threading.Event
) -> int:
    """Inspect the pairs, each at its own scale unless one is set."""
    from srviewer.runs.inputs import collect

    images, failures = collect(
        options.inputs, progress=Progress(cancel=cancel), lr=given_lr(options), on_note=_note
    )
    code = DONE
    for failure in failures:
        code = complain(f"{shown_path(failure.image)}: {failure.cause}", SOME_FAILED)
    for image in images:
        code = _inspect(
            image, recipe, exclusions, options.json, cancel, code, sets_scale=sets_scale(options)
        )
    return code


def _note(folder: Path, words: str) -> None:
    tell(f"note: {shown_path(folder)}: {words}")


def _inspect(
    image: Input,
    recipe: Recipe,
    exclusions: Exclusions,
    as_json: bool,
    cancel: threading.Event,
    code: int,
    *,
    sets_scale: bool = True,
) -> int:
    """Print what comes of `image`; return `code`, or another where it fails."""
    from srviewer.pipeline.analysis import analyse_file
    from srviewer.pipeline.summary import summarise
    from srviewer.terminal import inside_image, print_summary

    try:
        with inside_image("inspecting") as report:
            progress = Progress(report, cancel)
            if not sets_scale:
                recipe = at_scale_of_pair(recipe, image.files, progress)
            analysis = analyse_file(
                image.path,
                recipe,
                lr=image.lr,
                exclusions=exclusions,
                every_window=False,
                progress=progress,
            )
    except Cancelled:
        raise
    except SrviewerError as error:
        return complain(error.about(image.path), SOME_FAILED)
    show = print_json if as_json else print_summary
    return deliver(code, lambda: show(summarise(analysis)))
