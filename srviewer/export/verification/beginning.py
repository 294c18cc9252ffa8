"""What is asked of a folder before it is read back: whether it is a data set, and finished."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from srviewer.errors import ExportError, Keyed, NotADataSetError, OptionError, reason
from srviewer.export.adopting import OLD_LEFTOVERS, OLD_WAS_STOPPED
from srviewer.export.container_store import PACKING
from srviewer.export.findings import Finding, Kind
from srviewer.export.manifest import EXPORT, MANIFEST, RECIPE
from srviewer.export.options import read_record
from srviewer.export.run_file import RUN_FILE
from srviewer.export.settings_there import exclusions_there
from srviewer.export.spool import SPOOL
from srviewer.export.target import Target, settings_of_a_set
from srviewer.pipeline.recipe_file import load_recipe
from srviewer.runs.database import BESIDE
from srviewer.runs.folders import file_in, find
from srviewer.runs.inputs import GivenLR, Rooted


def require_data_set(out: Path) -> None:
    """Raise `NotADataSetError` where `out` holds none, `OptionError` where it is no folder."""
    names = (RECIPE, EXPORT, MANIFEST)
    try:
        os.scandir(out).close()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise OptionError("no such folder", path=out) from error
    except (OSError, ValueError) as error:
        raise ExportError(reason(error), path=out) from error
    if not any(find(out, name) for name in (*names, RUN_FILE)):
        cause = f"not a data set of srviewer, which has {', '.join(names)}"
        raise NotADataSetError(cause, path=out)


def target_of(out: Path) -> Target:
    """Return how the data set `out` was written.

    Raises
    ------
    ExportError
        Where it does not say.
    """
    with settings_of_a_set(out / RECIPE):
        recipe = load_recipe(file_in(out, RECIPE))
    with settings_of_a_set(out / EXPORT):
        return Target.recorded(out, recipe, read_record(file_in(out, EXPORT)))


def target_of_a_whole(out: Path) -> Target:
    """Return how the data set `out` was written, with what is excluded of its images.

    Raises
    ------
    ExportError
        Where it is none, is not finished, or does not say.
    """
    require_data_set(out)
    unfinished = unfinished_in(out)
    if unfinished:
        raise ExportError(unfinished.what, path=out / unfinished.name)
    return replace(target_of(out), exclusions=exclusions_there(out))


def require_lr_as_exported(
    target: Target, lr: GivenLR | None, images: Iterable[Path | str | Rooted]
) -> None:
    """Raise where LR are missing that the pairs were given, or are there and were made.

    Raises
    ------
    OptionError
    """
    has_lr = lr is not None or any(isinstance(one, Rooted) and one.lr for one in images)
    if target.given and not has_lr:
        cause = "the LR of these pairs were given, not made: they are needed too, with --lr"
        raise OptionError(Keyed(cause, "with --lr"), path=target.out)
    if has_lr and not target.given:
        cause = "the LR of these pairs were made of HR, not given: leave --lr away"
        raise OptionError(Keyed(cause, "leave --lr away"), path=target.out)


def unfinished_in(out: Path) -> Finding | None:
    """Return what says that the export into `out` was not finished, None where nothing does."""
    words = (
        "the export is not finished: either it is under way, or it was stopped, and the same "
        "export once more does what is missing"
    )
    own = (*(f"{RUN_FILE}{suffix}" for suffix in BESIDE), SPOOL, PACKING)
    if not find(out, RUN_FILE):
        words, own = OLD_WAS_STOPPED, OLD_LEFTOVERS
    name = next((name for name in own if find(out, name)), None)
    return Finding(Kind.INCOMPLETE, name, words) if name else None
