"""What is asked of a folder before it is verified: whether it is a data set, and finished."""

import os
from collections.abc import Iterable
from pathlib import Path

from srviewer.errors import ExportError, Keyed, NotADataSetError, OptionError
from srviewer.export.adopting import OLD_LEFTOVERS, OLD_WAS_STOPPED
from srviewer.export.container_store import PACKING
from srviewer.export.findings import Finding, Kind
from srviewer.export.manifest import EXPORT, MANIFEST, RECIPE
from srviewer.export.run_file import RUN_FILE
from srviewer.export.spool import SPOOL
from srviewer.export.target import Target
from srviewer.runs.database import BESIDE
from srviewer.runs.folders import find
from srviewer.runs.inputs import GivenLR, Rooted


def require_data_set(out: Path) -> None:
    """Raise `NotADataSetError` where `out` holds none, `OptionError` where it is no folder."""
    names = (RECIPE, EXPORT, MANIFEST)
    try:
        os.scandir(out).close()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise OptionError("no such folder", path=out) from error
    except (OSError, ValueError) as error:
        raise ExportError(getattr(error, "strerror", "") or str(error), path=out) from error
    if not any(find(out, name) for name in (*names, RUN_FILE)):
        cause = f"not a data set of srviewer, which has {', '.join(names)}"
        raise NotADataSetError(cause, path=out)


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
