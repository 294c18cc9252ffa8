"""The lists of pairs that trainers take: BasicSR's `meta_info_file`, and that of Real-ESRGAN."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from srviewer.export.layout import SETS
from srviewer.export.manifest import ImageText
from srviewer.export.run_file import WITH_PAIRS, RunFile
from srviewer.export.run_rows import Pair
from srviewer.export.selecting import validation_in
from srviewer.export.target import Target
from srviewer.runs.folders import files_in, find, make_folder, remove_file, replacing

META_INFO, TRAIN, VALIDATION = "meta_info.txt", *(f"{which}.txt" for which in SETS)
BY_FOLDER = "meta_info"


def write_lists(target: Target, run_file: RunFile) -> list[str]:
    """Write the lists of a data set of folders, and remove those of an earlier choice.

    There is one of all pairs, or with a split one of each set; `earlier` layouts, whose sets lie
    together, have all three. A line names HR, relative to the folder of HR in its set, with its
    shape, as BasicSR takes it. BasicSR looks for LR by the last part of a name alone, so that
    it reads one folder at a time: with subfolders, each has lists of its own below
    ``meta_info/``, with names relative to that subfolder. With option ``lists`` set to ``pairs``
    a line names HR and LR, relative to the data set.

    Parameters
    ----------
    target : Target
    run_file : RunFile
        Has the pairs.

    Returns
    -------
    list of str
        The lists that there are, relative to the data set.
    """
    out, by_pairs = target.out, target.options.lists == "pairs"
    images = [known.name for known in run_file.images(WITH_PAIRS)]
    kinds = dict(_kinds(target, run_file, images))
    folders: dict[str, list[str]] = {"": images}
    below = not (by_pairs or target.layout.is_flat) and any("/" in image for image in images)
    for image in images if below else ():
        folder = f"{BY_FOLDER}/{image}".rpartition("/")[0]
        folders.setdefault(f"{folder}/", []).append(image)
    written = []
    for folder, mine in folders.items():
        if folder:
            make_folder(out, folder.rstrip("/"))
        for kind, members in kinds.items():
            listed = [image for image in mine if image in members]
            if not listed and folder:
                continue
            written.append(f"{folder}{kind}")
            with replacing(out, f"{folder}{kind}") as file:
                for image in listed:
                    pairs = run_file.pairs(image)
                    told = run_file.told(image) if target.has_whole else None
                    lines = "".join(_lines(target, pairs, told, alone=bool(folder)))
                    file.write(lines.encode("utf-8", "surrogateescape"))
    remove_lists(out, written)
    return written


def _kinds(
    target: Target, run_file: RunFile, images: list[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the lists that there are to be of a folder, with the images that may be in them."""
    layout, every = target.layout, frozenset(images)
    in_sets = bool(target.options.validation_share) and len(layout.sets) > 1
    if not in_sets:
        yield META_INFO, every
        held = validation_in(run_file, target.options)
    else:
        firsts = ((image, run_file.pairs(image, most=1)[0]) for image in images)
        held = frozenset(image for image, one in firsts if layout.set_of(one.hr) == SETS[1])
    if in_sets or held:
        yield TRAIN, every - held
        yield VALIDATION, held


def _lines(
    target: Target, pairs: Sequence[Pair], told: ImageText | None, *, alone: bool
) -> Iterator[str]:
    """Yield the lines of the pairs of one image, which are in one folder, `alone` with its name."""
    if target.options.lists == "pairs":
        yield from (f"{pair.hr}, {pair.lr}\n" for pair in pairs)
        return
    first, side = pairs[0].hr, target.recipe.patch
    name = first.rpartition("/")[2] if alone else target.layout.below(first)
    before = first.removesuffix(name)
    width, height = told.whole.size if told and told.whole else (side, side)
    yield from (f"{pair.hr.removeprefix(before)} ({height},{width},3)\n" for pair in pairs)


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
