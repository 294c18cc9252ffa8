"""``srviewer resizer-of``: which resizer made an LR."""

from __future__ import annotations

import argparse
import threading
from typing import TYPE_CHECKING, Any

from srviewer.commands.flag_types import path
from srviewer.commands.lr_flags import lr_file_of
from srviewer.commands.outcomes import DONE, deliver_summary
from srviewer.streams import tell

if TYPE_CHECKING:
    from srviewer.pipeline.which_resizer import Ranked

HELP = "which resizer made an LR of its HR"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("hr", type=path, metavar="HR", help="the image")
    parser.add_argument("lr", type=path, metavar="LR", help="its LR, or a folder with it")
    parser.add_argument("--json", action="store_true", help="the ranking as a JSON object")


def run(options: argparse.Namespace, cancel: threading.Event) -> int:
    """Rank all resizers and print them, the nearest first."""
    from srviewer.pipeline.progress import Progress
    from srviewer.pipeline.reading import read_image
    from srviewer.pipeline.recipe import KNOBS
    from srviewer.pipeline.which_resizer import rank_resizers
    from srviewer.terminal import inside_image

    lr_file = lr_file_of(options)
    rankings = {}
    with inside_image("comparing") as report:
        progress = Progress(report, cancel)
        for colour in KNOBS["colour"].choices:  # other programs leave a profile out
            files = (options.hr, lr_file)
            hr, lr = (read_image(one, colour=colour, progress=progress) for one in files)
            rankings[colour] = rank_resizers(hr.rgb, lr.rgb, progress)
            if not (hr.colour or lr.colour):
                break
    colour, ranking = max(rankings.items(), key=lambda one: one[1][0].psnr)

    if hr.size < lr.size:
        tell("note: LR is larger than HR; are the two exchanged?")

    summary = {
        "hr": str(options.hr),
        "lr": str(lr_file),
        "sizes": {"hr": list(hr.size), "lr": list(lr.size)},
        "colour": colour,
        "ranking": [_as_json(one) for one in ranking],
    }
    return deliver_summary(options, DONE, summary, lambda: _print(ranking))


def _as_json(one: Ranked) -> dict[str, Any]:
    return {
        "resizer": one.resizer,
        "filter": one.filter,
        "quantize_after": one.quantize_after,
        "psnr": None if one.identical else one.psnr,
        "largest": one.largest,
        "identical": one.identical,
        "rounding": one.rounding or None,
        "trimmed": one.trimmed,
    }


def _print(ranking: tuple[Ranked, ...]) -> None:
    from srviewer.pipeline.which_resizer import conclusion
    from srviewer.terminal import print_run_summary

    print_run_summary(
        "Nearest first",
        [
            (
                one.name,
                "identical" if one.identical else f"{one.psnr:.2f} dB",
                "; ".join(one.details),
            )
            for one in ranking
        ],
    )
    print(conclusion(ranking))
