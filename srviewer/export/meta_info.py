"""The lists of pairs that BasicSR takes as `meta_info_file`: a name and a shape a line."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from srviewer.export.folders import remove_empty
from srviewer.export.manifest import Row, replacing
from srviewer.export.selecting import Chosen

META_INFO, TRAIN, VALIDATION = "meta_info.txt", "train.txt", "validation.txt"
_BY_FOLDER = "meta_info"


def write_lists(out: Path, chosen: Chosen, validation: frozenset[str]) -> None:
    """Write the lists of a data set of folders, and remove those of an earlier choice.

    Names are relative to ``hr/``. BasicSR looks for LR by the last part of a name alone, so that
    it reads one folder at a time: with subfolders, each has lists of its own below
    ``meta_info/``, with names relative to that subfolder.

    Parameters
    ----------
    out : Path
    chosen : Chosen
    validation : frozenset of str
        The images for validation; without any there is no split.
    """
    written = _write(out, "", chosen, list(chosen.counts), validation)
    if any("/" in image for image in chosen.counts):
        folders: dict[str, list[str]] = defaultdict(list)
        for image in chosen.counts:
            folders[image.rpartition("/")[0]].append(image)
        for folder, images in folders.items():
            place = f"{_BY_FOLDER}/{folder}/" if folder else f"{_BY_FOLDER}/"
            (out / place).mkdir(parents=True, exist_ok=True)
            written |= _write(out, place, chosen, images, validation)
    for path in list_files(out):
        if path.relative_to(out).as_posix() not in written:
            path.unlink()
            remove_empty(path.parent, out)


def _write(
    out: Path, place: str, chosen: Chosen, images: list[str], validation: frozenset[str]
) -> set[str]:
    """Write the lists of `images` at `place`, below which names are without their folder."""
    if not validation:
        kinds = {META_INFO}
    elif place:
        kinds = {META_INFO} | {_side(image, validation) for image in images}
    else:
        kinds = {META_INFO, TRAIN, VALIDATION}
    with ExitStack() as stack:
        files = {kind: stack.enter_context(replacing(out / place / kind)) for kind in sorted(kinds)}
        for image in images:
            lines = "".join(_line(row, alone=bool(place)) for row in chosen.of(image))
            text = lines.encode("utf-8", "surrogateescape")
            files[META_INFO].write(text)
            if validation:
                files[_side(image, validation)].write(text)
    return {f"{place}{kind}" for kind in kinds}


def _side(image: str, validation: frozenset[str]) -> str:
    return VALIDATION if image in validation else TRAIN


def _line(row: Row, *, alone: bool) -> str:
    name = row.hr.removeprefix("hr/")
    return f"{name.rpartition('/')[2] if alone else name} ({row.height},{row.width},3)\n"


def list_files(out: Path) -> list[Path]:
    """Return the lists that the data set `out` holds."""
    names = (META_INFO, TRAIN, VALIDATION)
    found = [out / name for name in names if (out / name).is_file()]
    return found + [path for name in names for path in sorted((out / _BY_FOLDER).rglob(name))]
