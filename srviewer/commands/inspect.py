"""``srviewer inspect``: what the pipeline makes of images, in numbers."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Sequence
from pathlib import Path

from srviewer.commands.outcomes import DONE, SOME_FAILED, complain, print_json
from srviewer.commands.recipe_flags import add_recipe_flags, usable_recipe
from srviewer.errors import Cancelled, ReadError, SrviewerError

HELP = "what the pipeline makes of images, in numbers"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="image or folder")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_recipe_flags(parser)


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Analyse and print one image after the other."""
    from srviewer.pipeline.analysis import analyse_file
    from srviewer.pipeline.progress import Progress
    from srviewer.pipeline.summary import summarise
    from srviewer.terminal import print_summary

    recipe = usable_recipe(options)
    code = DONE
    for path in _images(options.inputs):
        try:
            analysis = analyse_file(
                path, recipe, every_window=False, progress=Progress(cancel=cancel)
            )
        except Cancelled:
            raise
        except SrviewerError as error:
            code = complain(_named(path, error), SOME_FAILED)
            continue
        if options.json:
            print_json(summarise(analysis))
        else:
            print_summary(summarise(analysis))
    return code


def _images(inputs: Sequence[Path]) -> list[Path]:
    from srviewer.export.inputs import EmptyFolder, images_in

    images: list[Path] = []
    for path in inputs:
        found = images_in(path) if path.is_dir() else [path]
        if not found:
            raise ReadError(path, EmptyFolder(path).cause)
        images += found
    return images


def _named(path: Path, error: SrviewerError) -> str:
    return str(error) if str(error).startswith(str(path)) else f"{path}: {error}"
