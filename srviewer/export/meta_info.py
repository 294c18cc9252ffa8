"""The lists of pairs that BasicSR takes as `meta_info_file`: a name and a shape a line."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from srviewer.export.folders import remove_empty
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
    images = [known.name for known in run_file.images(WITH_PAIRS)]
    validation = validation_images(images, options.validation_share, options.seed)
    folders: dict[str, list[str]] = {"": images}
    for image in images if any("/" in image for image in images) else ():
        folder = image.rpartition("/")[0]
        folders.setdefault(f"{_BY_FOLDER}/{folder}/" if folder else f"{_BY_FOLDER}/", []).append(
            image
        )
    written = []
    for folder, mine in folders.items():
        kinds = {META_INFO: set(mine)}
        if validation:
            kinds[TRAIN], kinds[VALIDATION] = set(mine) - validation, set(mine) & validation
        (out / folder).mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            files = [
                (stack.enter_context(replacing(out / folder / kind)), listed)
                for kind, listed in kinds.items()
                if listed or not folder
            ]
            written += [f"{folder}{kind}" for kind, listed in kinds.items() if listed or not folder]
            for image in mine:
                lines = "".join(
                    _line(pair.hr, side, alone=bool(folder)) for pair in run_file.pairs(image)
                )
                for file, listed in files:
                    if image in listed:
                        file.write(lines.encode("utf-8", "surrogateescape"))
    for path in list_files(out):
        if path.relative_to(out).as_posix() not in written:
            path.unlink()
            remove_empty(path.parent, out)
    return written


def _line(hr: str, side: int, *, alone: bool) -> str:
    name = hr.removeprefix("hr/")
    return f"{name.rpartition('/')[2] if alone else name} ({side},{side},3)\n"


def list_files(out: Path) -> list[Path]:
    """Return the lists that the data set `out` holds."""
    names = (META_INFO, TRAIN, VALIDATION)
    found = [out / name for name in names if (out / name).is_file()]
    return found + [path for name in names for path in sorted((out / _BY_FOLDER).rglob(name))]
