"""How the pairs in a folder were written, told by its texts or by its run file."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from srviewer.errors import ExportError, SrviewerError
from srviewer.export.adopting import whole_rows
from srviewer.export.manifest import EXCLUDED, EXPORT, MANIFEST, RECIPE, image_texts
from srviewer.export.options import EARLIER, USUAL_FORMAT, read_record
from srviewer.export.run_file import DONE, RUN_FILE, RunFile
from srviewer.export.run_rows import UNKNOWN
from srviewer.export.settling import How
from srviewer.export.target import Target, settings_of_a_set
from srviewer.pipeline.exclusions import NONE, Exclusions, from_text, load_exclusions
from srviewer.pipeline.recipe_file import from_toml
from srviewer.pipeline.texts import read_text
from srviewer.runs.folders import find, is_file
from srviewer.runs.marks import FileMark
from srviewer.runs.versions import VERSIONS


def target_there(out: Path, run_file: RunFile | None, here: Target | None = None) -> Target | None:
    """Return how the pairs in `out` were written; None where there are none.

    Parameters
    ----------
    out : Path
    run_file : RunFile, optional
        It has noted the texts, for where they are gone.
    here : Target, optional
        How others are to be written; what nothing tells is taken from it.

    Raises
    ------
    ExportError
        Where the settings there are wrong, or cannot be told and `here` is not given.
    """
    recipe_text, record_text = (_text_there(out, name, run_file) for name in (RECIPE, EXPORT))
    if recipe_text is not None:
        with settings_of_a_set(out / RECIPE):
            recipe = from_toml(recipe_text, out / RECIPE)
    elif here is not None:
        recipe = here.recipe
    else:
        raise ExportError("not there, so that it cannot be told what is", path=out / RECIPE)
    exclusions = exclusions_there(out, run_file)
    if record_text is not None:
        with settings_of_a_set(out / EXPORT):
            record = read_record(out / EXPORT, record_text)
            return Target.recorded(out, recipe, record, exclusions)
    for row in whole_rows(out, recipe):  # of a version that had folders only
        return Target(out, recipe, Path(row.hr).suffix[1:], EARLIER)
    if recipe_text is None:
        return None
    return replace(here or Target(out, recipe, USUAL_FORMAT), recipe=recipe, exclusions=exclusions)


def how_there(out: Path) -> How | None:
    """Return how the pairs in `out` were written, as far as it can be told without a lock."""
    with suppress(SrviewerError, OSError, ValueError), ExitStack() as stack:
        if any(find(out, name) for name in (RECIPE, EXPORT, MANIFEST)):
            looked_at = RunFile(out, looking=True) if is_file(out, RUN_FILE) else None
            run_file = looked_at and stack.enter_context(looked_at)
            there = target_there(out, run_file)
            return None if there is None else How(there.format, there.options)
    return None


def _text_there(out: Path, name: str, run_file: RunFile | None) -> str | None:
    """Return what the file `name` holds, or was noted to hold where it is gone."""
    if is_file(out, name):
        return read_text(out / name, ExportError)
    return run_file.get(name) if run_file is not None else None


def versions_there(out: Path, run_file: RunFile | None) -> Mapping[str, str]:
    """Return with which versions the pairs in `out` were made."""
    if run_file is not None and not run_file.is_new:
        return run_file.versions()
    if is_file(out, EXPORT):
        return read_record(out / EXPORT).made_with
    # Of the first versions, which noted none.
    return {} if find(out, MANIFEST) else VERSIONS


class There(NamedTuple):
    """An image whose pairs are there: its name, its file, and how many they are."""

    name: str
    mark: FileMark | None
    pairs: int


def images_there(out: Path, run_file: RunFile | None) -> Iterator[There]:
    """Yield the images whose pairs are in `out`, as far as they are known."""
    if run_file is not None and not run_file.is_new:
        for one in run_file.images(DONE):
            yield There(one.name, one.mark, one.pairs)
    else:  # it came without, so that its texts tell
        for told in image_texts(out):
            yield There(told.image, FileMark(UNKNOWN, UNKNOWN, told.sha256), told.pairs)


def pairs_there(out: Path, run_file: RunFile) -> int:
    """Return how many pairs are in `out`, as far as it is known."""
    return sum(one.pairs for one in images_there(out, run_file))


def contents_there(out: Path, run_file: RunFile) -> frozenset[str]:
    """Return the SHA-256 of the images whose pairs are in `out`, as far as it is known."""
    if not run_file.is_new:
        return run_file.contents()  # of 100,000 images in one question
    return frozenset(one.mark.sha256 for one in images_there(out, run_file) if one.mark)


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
