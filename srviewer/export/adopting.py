"""Data sets that came without their run file: copied without it, or made by an older srviewer."""

from __future__ import annotations

import codecs
import csv
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from srviewer.errors import ExportError
from srviewer.export.checksums import read_checksums
from srviewer.export.image import remove_leftovers
from srviewer.export.manifest import COLUMNS, EXPORT, MANIFEST, META, Row, one_line, read_image_text
from srviewer.export.options import read_made_with
from srviewer.export.run_file import BEGUN, PACKED, PAIR_COLUMNS, UNKNOWN, Pair, RunFile, to_bytes
from srviewer.export.target import Target
from srviewer.runs.inputs import Input, possible_inputs

# What runs of the first versions left behind when they were killed.
OLD_JOURNAL, OLD_LOCK = ".manifest.part", ".lock"
OLD_FOLDERS = (".parts", ".packing", ".packed")


def adopt(run_file: RunFile, there: Target) -> None:
    """Fill a new run file with what the manifest and the images' text files tell.

    An image counts as done where its text is there with all the rows that it speaks of; what is
    there of others is removed, and they are done again.

    Raises
    ------
    ExportError
        Where the manifest is no whole manifest of the recipe.
    ConflictError
        Where an older srviewer was stopped while it put its container in place.
    """
    out, most = there.out, there.options.max_per_image
    if (out / ".packed" / ".files").exists():
        raise ExportError(
            "an older srviewer was stopped while it put the container in place; choose another "
            "folder, or remove this one",
            path=out,
        )
    begun = _in_journal(out / OLD_JOURNAL)
    with run_file.transaction():
        for row in read_manifest(out / MANIFEST, there):
            _adopt_pair(run_file, row.image, _stem(row, there), _pair(row))
        total = run_file.count_pairs()
        by_line = {one_line(known.name): known.name for known in run_file.images()}
        versions = read_made_with(out / EXPORT)
        for path in sorted((out / META).rglob("*.txt")):
            told = read_image_text(path)
            if told is None:
                continue
            line, sha256, kept, text = told
            name = by_line.get(line, line)
            stem = path.relative_to(out / META).as_posix().removesuffix(".txt")
            kept = min(kept, most) if most else kept
            cut = there.options.max_pairs is not None and total >= there.options.max_pairs
            image = Input(path, name, stem)
            if _adopt_image(run_file, image, sha256, kept, text, versions, may_be_cut=cut):
                begun.discard(name)
        _adopt_sums(run_file, read_checksums(out))
        run_file.set(BEGUN, "yes")
        if there.container is not None:
            run_file.set(PACKED, "yes")
    remove_leftovers((image for name in sorted(begun) for image in possible_inputs(name)), there)
    for name in (OLD_JOURNAL, OLD_LOCK):
        (out / name).unlink(missing_ok=True)
    for name in OLD_FOLDERS:
        shutil.rmtree(out / name, ignore_errors=True)


def read_manifest(path: Path, there: Target) -> Iterator[Row]:
    """Yield the rows of the manifest `path`; none where it does not exist.

    Raises
    ------
    ExportError
        Where it cannot be read, or has a row that no pair of the recipe has.
    """
    sizes = {"width": there.recipe.patch, "height": there.recipe.patch, "scale": there.recipe.scale}
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            if file.read(1) != codecs.BOM_UTF8.decode("utf-8"):  # as spreadsheets write it
                file.seek(0)
            lines = csv.reader(file)
            if tuple(next(lines, ())) != COLUMNS:
                raise ExportError(f"not a manifest: {', '.join(COLUMNS)} must be on top", path=path)
            for line in lines:
                if len(line) != len(COLUMNS):
                    raise ExportError(
                        f"not whole: {len(line)} values in line {lines.line_num}", path=path
                    )
                row = Row(*line)
                _check(row, sizes, path)
                yield row
    except FileNotFoundError:
        return
    except (OSError, csv.Error) as error:
        raise ExportError(f"not a manifest that can be read: {error}", path=path) from error


def _check(row: Row, sizes: dict[str, int], path: Path) -> None:
    for key in ("x", "y", "width", "height", "scale", "keypoints", "matches"):
        value, size = getattr(row, key), sizes.get(key)
        if not (value.isdecimal() and size in (None, int(value))):
            allowed = "a whole number" if size is None else f"{size}, by recipe.toml"
            raise ExportError(f"{row.image}: {key} = {value!r}: allowed is {allowed}", path=path)
    for name in (row.hr, row.lr):
        if not _is_inside(name):
            raise ExportError(f"{name!r}: allowed is a place within the data set", path=path)


def _is_inside(name: str) -> bool:
    return bool(name) and not name.startswith("/") and ".." not in name.split("/")


def _stem(row: Row, there: Target) -> str:
    """Return what the files of the row's image begin with, as far as the row tells."""
    found = re.fullmatch(r"hr/(.*)_x\d+_y\d+\.\w+", row.hr, re.DOTALL)
    return found[1] if found and there.container is None else possible_inputs(row.image)[0].stem


def _pair(row: Row) -> Pair:
    keypoints, matches = int(row.keypoints), int(row.matches)
    return Pair(int(row.y), int(row.x), row.hr, row.lr, keypoints, matches, row.psnr, row.ssim)


def _in_journal(path: Path) -> set[str]:
    """Return the images that a run of the first versions noted before it was killed."""
    names: set[str] = set()
    with (
        suppress(OSError, csv.Error),
        open(path, encoding="utf-8", errors="surrogateescape", newline="") as file,
    ):
        names.update(line[0] for line in csv.reader(file) if line and _is_inside(line[0]))
    return names


def _adopt_pair(run_file: RunFile, image: str, stem: str, pair: Pair) -> None:
    """Take over a pair of an image that is not done yet; one that is there already stays."""
    run_file.base.execute(
        "INSERT OR IGNORE INTO image (name, stem) VALUES (?, ?)", (to_bytes(image), to_bytes(stem))
    )
    y, x, hr, lr, *figures = pair
    run_file.base.execute(
        f"INSERT OR IGNORE INTO pair (image, {PAIR_COLUMNS}) "
        "VALUES ((SELECT id FROM image WHERE name = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (to_bytes(image), y, x, to_bytes(hr), to_bytes(lr), *figures),
    )


def _adopt_image(
    run_file: RunFile,
    image: Input,
    sha256: str,
    kept: int,
    text: str,
    versions: dict[str, str],
    *,
    may_be_cut: bool,
) -> bool:
    """Let `image` be done, and tell whether it is, with all pairs that it should have.

    Parameters
    ----------
    run_file : RunFile
    image : Input
    sha256 : str
    kept : int
        Pairs that it had when it was done.
    text : str
        Its text file.
    versions : mapping of str to str
    may_be_cut : bool
        Whether pairs of it may have been left out to the benefit of other images.
    """
    name, stem = to_bytes(image.name), to_bytes(image.stem)
    run_file.base.execute("INSERT OR IGNORE INTO image (name, stem) VALUES (?, ?)", (name, stem))
    values = (stem, sha256, UNKNOWN, UNKNOWN, kept, to_bytes(text), json.dumps(versions))
    done = run_file.base.execute(
        "UPDATE image SET stem = ?, sha256 = ?, bytes = ?, mtime_ns = ?, kept = ?, text = ?, "
        "versions = ? WHERE name = ? AND "
        "(? OR ? = (SELECT count(*) FROM pair WHERE image = id))",
        (*values, name, may_be_cut, kept),
    )
    return bool(done.rowcount)


def _adopt_sums(run_file: RunFile, known: Iterable[tuple[str, str]]) -> None:
    """Take over the checksums of pairs, by what names HR and LR."""
    run_file.base.execute("CREATE TEMP TABLE sums (name BLOB PRIMARY KEY, sha256 BLOB)")
    run_file.base.execute_many(
        "INSERT OR IGNORE INTO sums VALUES (?, ?)",
        ((to_bytes(name), bytes.fromhex(digest)) for name, digest in known),
    )
    run_file.base.execute(
        "UPDATE pair SET sha256_hr = (SELECT sha256 FROM sums WHERE name = hr), "
        "sha256_lr = (SELECT sha256 FROM sums WHERE name = lr)"
    )
    run_file.base.execute("DROP TABLE sums")
