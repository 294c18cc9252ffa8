"""The lists of pairs that BasicSR takes as `meta_info_file`: a name and a shape a line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from srviewer.export.folders import remove_file
from srviewer.export.manifest import replacing
from srviewer.export.options import Options
from srviewer.export.run_file import WITH_PAIRS, RunFile
from srviewer.export.selecting import validation_images

META_INFO, TRAIN, VALIDATION = "meta_info.txt", "train.txt", "validation.txt"
_BY_FOLDER = "meta_info"


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
    contents = {known.name: known.content for known in run_file.images(WITH_PAIRS)}
    images = list(contents)
    validation = validation_images(images, options.validation_share, options.seed, contents)
    folders: dict[str, list[str]] = {"": images}
    for image in images if any("/" in image for image in images) else ():
        folder = f"{_BY_FOLDER}/{image}".rpartition("/")[0]
        folders.setdefault(f"{folder}/", []).append(image)
    written = []
    for folder, mine in folders.items():
        kinds = {META_INFO: mine}
        if validation:
            kinds[TRAIN] = [image for image in mine if image not in validation]
            kinds[VALIDATION] = [image for image in mine if image in validation]
        (out / folder).mkdir(parents=True, exist_ok=True)
        for kind, listed in kinds.items():
            if not listed and folder:
                continue
            written.append(f"{folder}{kind}")
            with replacing(out / folder / kind) as file:
                for image in listed:
                    lines = (_line(p.hr, side, alone=bool(folder)) for p in run_file.pairs(image))
                    file.write("".join(lines).encode("utf-8", "surrogateescape"))
    remove_lists(out, written)
    return written


def _line(hr: str, side: int, *, alone: bool) -> str:
    name = hr.removeprefix("hr/")
    return f"{name.rpartition('/')[2] if alone else name} ({side},{side},3)\n"


def remove_lists(out: Path, keep: Iterable[str] = ()) -> None:
    """Remove the lists that the data set `out` holds, but for those to `keep`."""
    for path in list_files(out):
        if path.relative_to(out).as_posix() not in keep:
            remove_file(path, out)


def list_files(out: Path) -> list[Path]:
    """Return the lists that the data set `out` holds."""
    names = (META_INFO, TRAIN, VALIDATION)
    found = [out / name for name in names if (out / name).is_file()]
    return found + [path for name in names for path in sorted((out / _BY_FOLDER).rglob(name))]
