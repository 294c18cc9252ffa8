"""The exclusions that the pairs of a data set were made with."""

from pathlib import Path

from srviewer.export.manifest import EXCLUDED
from srviewer.export.run_file import RunFile
from srviewer.export.target import settings_of_a_set
from srviewer.pipeline.exclusions import NONE, Exclusions, from_text, load_exclusions
from srviewer.runs.folders import is_file


def exclusions_there(out: Path, run_file: RunFile | None = None) -> Exclusions:
    """Return the exclusions that the pairs in `out` were made with.

    Parameters
    ----------
    out : Path
    run_file : RunFile, optional
        What it has noted counts, whatever a person put into the folder since: pairs were made
        with it. Without one, or where it is new, the file in the folder tells.

    Raises
    ------
    ExportError
    """
    with settings_of_a_set(out / EXCLUDED):
        if run_file is not None and not run_file.is_new:
            return from_text(run_file.get(EXCLUDED) or "", out / EXCLUDED)
        return load_exclusions(out / EXCLUDED) if is_file(out, EXCLUDED) else NONE
