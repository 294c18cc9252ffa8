"""The lists of pairs that BasicSR takes as `meta_info_file`: a name and a shape a line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from srviewer.export.manifest import Row

META_INFO, TRAIN, VALIDATION = "meta_info.txt", "train.txt", "validation.txt"
_BY_FOLDER = "meta_info"


def lists(rows: Iterable[Row], validation: frozenset[str]) -> dict[str, str]:
    """Return the lists of a data set of folders: place in the data set, then text.

    Names are relative to ``hr/``. BasicSR looks for LR by the last part of a name alone, so that
    it reads one folder at a time: with subfolders, each has lists of its own below
    ``meta_info/``, with names relative to that subfolder.

    Parameters
    ----------
    rows : iterable of Row
        In the order of the manifest.
    validation : frozenset of str
        The images for validation; without any there is no split.
    """
    lines: dict[str, list[str]] = defaultdict(list)
    lines[META_INFO] = []
    by_folder: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        name = row.hr.removeprefix("hr/")
        folder, _, alone = name.rpartition("/")
        for kind in _kinds(row, validation):
            lines[kind].append(_line(name, row))
            by_folder[f"{_BY_FOLDER}/{folder}/{kind}" if folder else f"{_BY_FOLDER}/{kind}"].append(
                _line(alone, row)
            )
    if any(place.count("/") > 1 for place in by_folder):
        lines |= by_folder
    return {place: "".join(found) for place, found in lines.items()}


def _kinds(row: Row, validation: frozenset[str]) -> Iterator[str]:
    yield META_INFO
    if validation:
        yield VALIDATION if row.image in validation else TRAIN


def _line(name: str, row: Row) -> str:
    return f"{name} ({row.height},{row.width},3)\n"


def list_files(out: Path) -> list[Path]:
    """Return the lists that the data set `out` holds."""
    names = (META_INFO, TRAIN, VALIDATION)
    found = [out / name for name in names if (out / name).is_file()]
    return found + [path for name in names for path in sorted((out / _BY_FOLDER).rglob(name))]
