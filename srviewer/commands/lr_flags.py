"""``--lr`` and ``--pair-by``: where LR come from that are given and not made."""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from srviewer.commands.flag_types import path
from srviewer.commands.recipe_flags import sets_scale
from srviewer.errors import Cancelled, OptionError, SrviewerError, shown_path
from srviewer.streams import tell

if TYPE_CHECKING:
    from srviewer.pipeline.progress import Progress
    from srviewer.pipeline.recipe import Recipe
    from srviewer.runs.inputs import GivenLR

_NAME, _ORDER = "name", "order"


def add_lr_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags; `given_lr` returns what was given with them."""
    parser.add_argument(
        "--lr",
        type=path,
        metavar="LR",
        help="the LR is given and not made: a file for one image, or a folder, whose images are "
        "paired by their names, also where they end with x4, _LR, LRBI, _lq, _gt and the like",
    )
    add_pair_by_flag(parser)


def add_pair_by_flag(parser: argparse.ArgumentParser) -> None:
    """Add the flag that says how folders are paired; `is_by_order` returns it."""
    parser.add_argument(
        "--pair-by",
        choices=(_NAME, _ORDER),
        help="pair the images of folders by name, the default, or by their sorted order",
    )


def is_by_order(options: argparse.Namespace) -> bool:
    """Return whether folders are to be paired by their sorted order."""
    return bool(options.pair_by == _ORDER)


def given_lr(options: argparse.Namespace) -> GivenLR | None:
    """Return where the LR come from, None where they are made.

    Raises
    ------
    OptionError
        For ``--pair-by`` without ``--lr``.
    """
    from srviewer.runs.inputs import GivenLR

    if options.lr is not None:
        return GivenLR(options.lr, is_by_order(options))
    if options.pair_by is not None:
        raise OptionError(key="--pair-by", value=options.pair_by, allowed="a way with --lr only")
    return None


def lr_file_of(options: argparse.Namespace) -> Path:
    """Return the LR of the image ``options.hr``: the file, or the one of a folder by its name.

    Raises
    ------
    RunError
        Where no LR of the folder has its name, or several may be meant.
    """
    from srviewer.runs.pairing import pair_images

    if not os.path.isdir(options.lr):
        return Path(options.lr)
    pairing = pair_images([options.hr], options.lr)
    pairing.require_pairs()
    return next((one.lr for one in pairing.pairs if one.lr is not None), Path(options.lr))


def at_scale_of_pairs(
    options: argparse.Namespace, recipe: Recipe, cancel: threading.Event
) -> Recipe:
    """Return `recipe` with the scale of the first pair, unless a flag or a file sets one.

    Raises
    ------
    SrviewerError
        Where nothing can be paired at all, or other knobs do not go with that scale.
    """
    from srviewer.pipeline.progress import Progress
    from srviewer.runs.inputs import collect

    lr = given_lr(options)
    if lr is None or sets_scale(options):
        return recipe
    progress = Progress(cancel=cancel)
    images, _ = collect(options.inputs, getattr(options, "out", None), progress, lr=lr)
    for image in images:
        try:
            found = at_scale_of_pair(recipe, image.files, progress)
        except Cancelled:
            raise
        except SrviewerError:
            continue  # the run will say what is wrong with it
        if found != recipe:
            tell(f"note: scale {found.scale}, as of the first pair, {shown_path(image.path)}")
        return found
    return recipe


def at_scale_of_pair(recipe: Recipe, files: Sequence[Path], progress: Progress) -> Recipe:
    """Return `recipe` with the scale of the pair of `files`, HR and LR.

    Raises
    ------
    SrviewerError
        Where they cannot be read, or other knobs do not go with that scale.
    """
    from srviewer.pipeline.given_pairs import nearest_scale
    from srviewer.pipeline.reading import read_image

    high, low = (read_image(file, progress=progress).size for file in files)
    if high <= low:
        return recipe  # which the run will say
    return recipe.replace(scale=nearest_scale(high, low))
