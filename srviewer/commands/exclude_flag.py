"""``--exclude``: the file with what a person excluded by hand."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import TYPE_CHECKING

from srviewer.commands.flag_types import path
from srviewer.errors import shown_path
from srviewer.streams import tell
from srviewer.wording import counted

if TYPE_CHECKING:
    from srviewer.pipeline.exclusions import Exclusions


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
    from srviewer.pipeline.exclusions import NONE, load_exclusions

    return load_exclusions(options.exclude) if options.exclude else NONE


def tell_strangers(
    options: argparse.Namespace, exclusions: Exclusions, contents: Collection[str]
) -> None:
    """Say on stderr how many images are excluded, or have windows that are, and were not there."""
    strangers = len(exclusions.by_content) - len(exclusions.only(contents).by_content)
    if strangers:
        words = f"{counted(strangers, 'image')} in it not among those given"
        tell(f"note: {shown_path(options.exclude)}: {words}")
