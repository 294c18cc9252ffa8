"""The lists of pairs that BasicSR takes as `meta_info_file`: a name and a shape a line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from srviewer.export.options import Options
from srviewer.export.run_file import WITH_PAIRS, RunFile
from srviewer.export.selecting import validation_in
from srviewer.runs.folders import files_in, find, make_folder, remove_file, replacing

META_INFO, TRAIN, VALIDATION = "meta_info.txt", "train.txt", "validation.txt"
BY_FOLDER = "meta_info"


def write_lists(out: Path, run_file: RunFile, options: Options, side: int) -> list[str]:
    """Write the lists of a data set of folders, and remove those of an earlier choice.

    Names are relative to ``hr/``. BasicSR looks for LR by the last part of a name alone, so that
    it reads one folder at a time: with subfolders, each has lists of its own below
    ``meta_info/``, with names relative to that subfolder.

    Parameters
    ----------
    out : Path
    run_file : RunFile
        Has the pairs.
    options : Options
        Say which images are for validation; without any there is no split.
    side : int
        Of the patches in HR px.

    Returns
    -------
    list of str
        The lists that there are, relative to `out`.
    """
    images = [known.name for known in run_file.images(WITH_PAIRS)]
    validation = validation_in(run_file, options)
    folders: dict[str, list[str]] = {"": images}
    for image in images if any("/" in image for image in images) else ():
        folder = f"{BY_FOLDER}/{image}".rpartition("/")[0]
        folders.setdefault(f"{folder}/", []).append(image)
    written = []
    for folder, mine in folders.items():
        kinds = {META_INFO: mine}
        if validation:
            kinds[TRAIN] = [image for image in mine if image not in validation]
            kinds[VALIDATION] = [image for image in mine if image in validation]
        if folder:
            make_folder(out, folder.rstrip("/"))
        for kind, listed in kinds.items():
            if not listed and folder:
                continue
            written.append(f"{folder}{kind}")
            with replacing(out, f"{folder}{kind}") as file:
                for image in listed:
                    told = run_file.told(image) if options.whole != "none" else None
                    size = told.whole.size if told and told.whole else (side, side)
                    lines = (_line(p.hr, size, alone=bool(folder)) for p in run_file.pairs(image))
                    file.write("".join(lines).encode("utf-8", "surrogateescape"))
    remove_lists(out, written)
    return written


def _line(hr: str, size: tuple[int, int], *, alone: bool) -> str:
    name = hr.removeprefix("hr/")
    return f"{name.rpartition('/')[2] if alone else name} ({size[1]},{size[0]},3)\n"


def remove_lists(out: Path, keep: Iterable[str] = ()) -> None:
    """Remove the lists that the data set `out` holds, but for those to `keep`."""
    for name in list_files(out):
        if name not in keep:
            remove_file(out, name, and_folders=True)


def list_files(out: Path) -> list[str]:
    """Return the names of the lists that the data set `out` holds."""
    names = (META_INFO, TRAIN, VALIDATION)
    below = [name for name in files_in(out, BY_FOLDER) if name.rpartition("/")[2] in names]
    return [name for name in names if find(out, name)] + below
