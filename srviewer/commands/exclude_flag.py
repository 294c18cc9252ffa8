"""``--exclude``: the file with what a person excluded by hand."""

from __future__ import annotations

import argparse

from srviewer.commands.flag_types import path
from srviewer.pipeline.exclusions import NONE, Exclusions, load_exclusions


def add_exclude_flag(parser: argparse.ArgumentParser) -> None:
    """Add the flag; `exclusions_of` reads the file that was given with it."""
    parser.add_argument(
        "--exclude",
        type=path,
        metavar="FILE",
        help="windows and images that were excluded by hand: lines of SHA-256 x y patch scale, "
        "or SHA-256 image",
    )


def exclusions_of(options: argparse.Namespace) -> Exclusions:
    """Return the exclusions in the file that was given, none without one.

    Raises
    ------
    ExclusionError
        Where it cannot be read, or holds a line that is none.
    """
    return load_exclusions(options.exclude) if options.exclude else NONE
