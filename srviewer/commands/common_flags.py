"""Flags that several commands have: who does the work, and what a person excluded by hand."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, Any

from srviewer.commands.flag_types import number, path
from srviewer.errors import shown_path
from srviewer.runs.tasks import MOST_JOBS
from srviewer.streams import tell
from srviewer.wording import counted

if TYPE_CHECKING:
    from srviewer.pipeline.exclusions import Exclusions
    from srviewer.terminal import RunReport


def add_worker_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say who does the work."""
    group = parser.add_mutually_exclusive_group()
    add_jobs_flag(group)
    group.add_argument(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        help="let the workers of this Dask scheduler do it; they share the folders",
    )


def followed(
    options: argparse.Namespace, report: RunReport[Any], cancel: threading.Event
) -> dict[str, Any]:
    """Return who does the work of a run, as those flags say, what shows it and what ends it."""
    from srviewer.pipeline.progress import Progress

    return {
        "jobs": options.jobs,
        "scheduler": options.scheduler,
        "progress": Progress(report.work, cancel),
        "on_state": report.show,
    }


def add_jobs_flag(parser: argparse._ActionsContainer) -> None:
    """Add the flag that says how many processes of this machine do the work."""
    parser.add_argument(
        "--jobs",
        type=partial(number, most=MOST_JOBS),
        metavar="N",
        help="processes; default: the cores, fewer where memory is short",
    )


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
