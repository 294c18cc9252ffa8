"""``srviewer resizers``: how far the resizers are from each other on an image."""

from __future__ import annotations

import argparse
import math
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from srviewer.commands.flag_types import path, size
from srviewer.commands.outcomes import DONE, deliver_summary
from srviewer.commands.recipe_flags import add_recipe_flags, recipe_of
from srviewer.wording import counted

if TYPE_CHECKING:
    from srviewer.pipeline.resizers_compared import ResizersCompared

HELP = "how far the resizers are from each other on an image"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("image", type=path, metavar="IMAGE", help="the image to resize")
    parser.add_argument(
        "--to",
        required=True,
        type=partial(size, least=(1, 1), most=20_000),
        metavar="WxH",
        help="the size to resize it to, in px",
    )
    parser.add_argument("--json", action="store_true", help="all as a JSON object")
    add_recipe_flags(parser)


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Compare them and print the matrices, and what each does downstream."""
    from srviewer.pipeline.progress import Progress
    from srviewer.pipeline.reading import read_image
    from srviewer.pipeline.resizers_compared import compare_resizers
    from srviewer.terminal import inside_image

    recipe = recipe_of(options)
    with inside_image("comparing") as report:
        progress = Progress(report, cancel)
        image = read_image(options.image, colour=recipe.colour, progress=progress)
        found = compare_resizers(image, options.to, recipe, progress)
    about = {"image": str(options.image)}
    return deliver_summary(options, DONE, about | _as_json(found), lambda: _print(found))


def _as_json(found: ResizersCompared) -> dict[str, Any]:
    return {
        "size": list(found.size),
        "scale": found.scale,
        "resizers": [
            {"resizer": library, "filter": name, **vars(effect)}
            for (library, name), effect in zip(found.resizers, found.effects, strict=True)
        ],
        "psnr": [[None if math.isinf(one) else one for one in row] for row in found.psnr.tolist()],
        "ssim": [[None if math.isnan(one) else one for one in row] for row in found.ssim.tolist()],
    }


def _print(found: ResizersCompared) -> None:
    from srviewer.terminal import print_matrix, print_run_summary

    names = [f"{library} {name}" for library, name in found.resizers]
    print_matrix("PSNR, dB", names, [["=" if math.isinf(one) else f"{one:.2f}" for one in row]
                                     for row in found.psnr.tolist()])  # fmt: skip
    print_matrix("SSIM", names, [["-" if math.isnan(one) else f"{one:.3f}" for one in row]
                                 for row in found.ssim.tolist()])  # fmt: skip
    rows = []
    for name, one in zip(names, found.effects, strict=True):
        keypoints = counted(one.keypoints, "keypoint")
        matches = counted(one.matches, "match", "matches")
        kept = ""
        if one.kept is not None:
            kept = f"{one.consistent:,} consistent, {counted(one.kept, 'pair')} kept"
        rows.append((name, f"{keypoints}, {matches}", kept))
    print_run_summary("What the choice does", rows)
