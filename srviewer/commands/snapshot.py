"""``srviewer snapshot``: the window as a picture."""

import argparse
import threading
from functools import partial

from srviewer.commands.common_flags import add_exclude_flag, exclusions_of
from srviewer.commands.flag_types import path, size
from srviewer.commands.lr_flags import add_lr_flags, given_lr
from srviewer.commands.outcomes import DONE
from srviewer.commands.recipe_flags import add_recipe_flags, sets_scale, usable_recipe

HELP = "the window as a picture, without a display"
VIEWS = ("source", "pair", "matches", "consistent", "box", "patches", "pairs")


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("image", type=path, metavar="IMAGE", help="image or folder to open")
    parser.add_argument("out", type=path, metavar="OUT.png", help="the picture to write")
    within = partial(size, least=(320, 240), most=10_000)
    parser.add_argument(
        "--size",
        type=within,
        default=(1440, 900),
        metavar="WxH",
        help="of the window, in px; default 1440x900",
    )
    parser.add_argument(
        "--stage", default="patches", choices=VIEWS, help="what it shows; default patches"
    )
    add_lr_flags(parser)
    add_exclude_flag(parser)
    add_recipe_flags(parser)


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Write the picture."""
    from srviewer.gui.snapshot import snapshot

    recipe, exclusions, lr = usable_recipe(options), exclusions_of(options), given_lr(options)
    snapshot(
        options.image,
        options.out,
        recipe,
        options.size,
        options.stage,
        exclusions,
        lr,
        sets_scale=sets_scale(options),
        cancel=cancel,
    )
    return DONE
