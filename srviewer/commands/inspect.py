"""``srviewer inspect``: what the pipeline makes of images, in numbers."""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from srviewer.commands.common_flags import add_exclude_flag, exclusions_of
from srviewer.commands.flag_types import path
from srviewer.commands.lr_flags import add_lr_flags, at_scale_of_pair, given_lr
from srviewer.commands.outcomes import DONE, SOME_FAILED, complain, deliver_summary
from srviewer.commands.recipe_flags import add_recipe_flags, sets_scale, usable_recipe
from srviewer.errors import Cancelled, SrviewerError, shown_path
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.streams import tell

if TYPE_CHECKING:
    from srviewer.pipeline.exclusions import Exclusions
    from srviewer.runs.inputs import Input
    from srviewer.runs.state import Failure

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
    from srviewer.runs.state import Failure

    recipe, exclusions = usable_recipe(options), exclusions_of(options)
    code = DONE
    for image in _images(options, cancel):
        if isinstance(image, Failure):
            code = complain(f"{shown_path(image.image)}: {image.cause}", SOME_FAILED)
        else:
            code = _inspect(options, image, recipe, exclusions, cancel, code)
    return code


def _images(options: argparse.Namespace, cancel: threading.Event) -> Iterator[Input | Failure]:
    """Yield what is to be inspected, and what nothing comes of."""
    from srviewer.runs.inputs import Input, collect, each_once, images_in, no_images

    progress, lr = Progress(cancel=cancel), given_lr(options)
    if lr is not None:
        images, failures = collect(options.inputs, progress=progress, lr=lr, on_note=_note)
        yield from failures
        yield from images
        return
    for given in each_once(options.inputs):
        if os.path.isdir(given):
            paths = images_in(given, progress=progress, on_note=partial(_note, given))
            yield from (Input(path, "", "") for path in paths)
            if not paths:
                yield no_images(given)
        else:
            yield Input(given, "", "")


def _note(folder: Path, words: str) -> None:
    tell(f"note: {shown_path(folder)}: {words}")


def _inspect(
    options: argparse.Namespace,
    image: Input,
    recipe: Recipe,
    exclusions: Exclusions,
    cancel: threading.Event,
    code: int,
) -> int:
    """Print what comes of `image`, a pair at its own scale unless one is set; return the code."""
    from srviewer.pipeline.analysis import analyse_file
    from srviewer.pipeline.summary import summarise
    from srviewer.terminal import inside_image, print_summary

    try:
        with inside_image("inspecting") as report:
            progress = Progress(report, cancel)
            if image.lr is not None and not sets_scale(options):
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
    summary = summarise(analysis)
    return deliver_summary(options, code, summary, lambda: print_summary(summary))
