"""Data sets that came without their run file: copied without it, or made by an older srviewer."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from srviewer.errors import ExportError
from srviewer.export.checksums import Checksums, read_checksums
from srviewer.export.findings import Finding
from srviewer.export.manifest import (
    EXPORT,
    MANIFEST,
    META,
    GivenRow,
    ImageText,
    Row,
    one_line,
    read_image_text,
    text_name,
)
from srviewer.export.manifest_rows import stream_rows
from srviewer.export.options import read_record
from srviewer.export.run_file import PACKED, RunFile
from srviewer.export.run_rows import UNKNOWN, Pair
from srviewer.export.target import Target
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.folders import files_in, find, is_file
from srviewer.runs.inputs import Input, possible_inputs
from srviewer.runs.marks import FileMark

Placed = tuple[Row, int, int]
"""A row of the manifest with the bytes at which it begins and ends."""

# What runs of the first versions kept beside the data set until they had ended.
OLD_LEFTOVERS = (".manifest.part", ".parts", ".packing", ".packed")
OLD_WAS_STOPPED = (
    "an older srviewer was stopped while it wrote into this folder; choose another folder, or "
    "remove this one"
)


def adopt(run_file: RunFile, there: Target) -> list[Input]:
    """Fill a new run file with what the manifest and the images' text files tell.

    An image counts as done where its text is there with all the rows that it speaks of; others
    are done again.

    Returns
    -------
    list of Input
        Images of which there are pairs that are to be removed.

    Raises
    ------
    ExportError
        Where the manifest is no whole manifest of the recipe, or a run of the first versions was
        stopped before its end: what it noted is not to be relied upon.
    """
    out = there.out
    for path in (out / name for name in OLD_LEFTOVERS if find(out, name)):
        raise ExportError(OLD_WAS_STOPPED, path=path)
    begun, undone = [], []
    versions = read_record(out / EXPORT).made_with if is_file(out, EXPORT) else {}
    sums = Checksums()
    sums.add(read_checksums(out), pairs=True)
    in_all, most = there.options.max_pairs, there.options.max_per_image
    cut = in_all is not None and in_all <= sum(1 for _ in _rows_of(there))
    for image, told, rows in candidates(there):
        kept = min(told.pairs, most or told.pairs) if told else None
        if told and (cut or kept == len(rows)):
            mark = FileMark(UNKNOWN, UNKNOWN, told.sha256)
            pairs = [_pair(row, sums) for row, _, _ in rows]
            run_file.add(image, mark, pairs, told.text, kept=kept, versions=versions)
        elif told:
            undone.append(image)
        else:
            begun += possible_inputs(image.name)
    run_file.begin(undone)
    if there.container is not None and not begun and not undone:
        run_file.set(PACKED, "yes")
    return begun


def candidates(there: Target) -> Iterator[tuple[Input, ImageText | None, list[Placed]]]:
    """Yield each image of the manifest with its text and rows, then those that have no rows.

    Each row has the bytes at which it begins and ends.
    """
    seen = set()
    for name, rows in groupby(_rows_of(there), key=lambda placed: placed[0].image):
        line = one_line(name)
        seen.add(line)
        images = {image: read_image_text(there.out, text_name(image.stem))
                  for image in possible_inputs(name)}  # fmt: skip
        mine = ((image, told) for image, told in images.items() if told and told.image == line)
        yield *next(mine, (Input(Path(name), name, name), None)), list(rows)
    for name in files_in(there.out, META):
        told = read_image_text(there.out, name) if name.endswith(".txt") else None
        if told and told.image not in seen:
            stem = name.removeprefix(f"{META}/").removesuffix(".txt")
            yield Input(there.out / name, told.image, stem), told, []


def _rows_of(there: Target) -> Iterator[Placed]:
    return _placed_rows(there.out, there.recipe, given=there.given, whole=there.has_whole)


def whole_rows(
    out: Path, recipe: Recipe, *, given: bool = False, whole: bool = False
) -> Iterator[Row]:
    """Yield the rows of the manifest of `out`; none where it does not exist.

    Those of `given` pairs have more columns, and of `whole` images other sizes.

    Raises
    ------
    ExportError
        Where it cannot be read, or has a row that no pair of `recipe` has.
    """
    for row, _, _ in _placed_rows(out, recipe, given=given, whole=whole):
        yield row


def _placed_rows(out: Path, recipe: Recipe, *, given: bool, whole: bool) -> Iterator[Placed]:
    def refuse(fault: Finding) -> None:
        raise ExportError(f"not whole: {fault}", path=out / MANIFEST)

    if find(out, MANIFEST):
        yield from stream_rows(out, recipe, refuse, given=given, whole=whole)


def _pair(row: Row, sums: Checksums) -> Pair:
    digests = (bytes.fromhex(found) if found else None for found in (sums[row.hr], sums[row.lr]))
    lying = " ".join(row.lying) if isinstance(row, GivenRow) else ""
    figures = (int(row.keypoints), int(row.matches), row.psnr, row.ssim, lying)
    return Pair(int(row.y), int(row.x), row.hr, row.lr, *figures, *digests)
