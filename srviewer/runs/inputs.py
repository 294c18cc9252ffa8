"""Which images a run takes, and under which names it knows them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from srviewer.errors import RunError, shown_path
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.suffixes import SUFFIXES
from srviewer.runs.names import choose_stems, escaped, stems
from srviewer.runs.pairing import pair_images
from srviewer.runs.rooted import Rooted as Rooted
from srviewer.runs.rooted import rooted
from srviewer.runs.searching import images_in as images_in
from srviewer.runs.searching import outside, real
from srviewer.runs.state import Failure, Log
from srviewer.wording import counted


@dataclass(frozen=True)
class Input:
    """An image to work on.

    Attributes
    ----------
    path : Path
        Its file.
    name : str
        Where it is in the folder that was given, with ``/`` and `escaped`: the manifest's column
        ``image``.
    stem : str
        What its files in the data set begin with, subfolders included.
    lr : Path or None
        The file of its given LR.
    """

    path: Path
    name: str
    stem: str
    lr: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """All that it is made of: its file, and that of its given LR."""
        return (self.path,) if self.lr is None else (self.path, self.lr)

    @property
    def lr_name(self) -> str:
        """What its given LR is called, `escaped`; empty where it is made."""
        return "" if self.lr is None else escaped(self.lr.name)


@dataclass(frozen=True)
class GivenLR:
    """Where the LR of images come from that are given and not made.

    Attributes
    ----------
    path : Path
        A file, for one image, or a folder.
    by_order : bool
        Whether they are paired by the order of their names.
    """

    path: Path
    by_order: bool = False

    @classmethod
    def of(cls, lr: GivenLR | Path | str | None) -> GivenLR | None:
        """Return `lr`, of which the path alone may be given; None where LR are made."""
        return lr if lr is None or isinstance(lr, cls) else cls(Path(str(lr)))


G = TypeVar("G", bound=Path | Rooted)
MARK = f"{os.sep}.{os.sep}"
"""Parts the folder that an image is of from the name that it has there, in what a person gives."""

_IMPOSSIBLE = "a name that no file has"


def no_images(folder: Path, out: Path | None = None) -> Failure:
    """Return why nothing comes of `folder`: all of its images lie in `out`, or it has none."""
    if out is not None:
        return Failure(str(folder), f"its images are in {out}, where the pairs go")
    suffixes = ", ".join(sorted(SUFFIXES))
    return Failure(str(folder), f"no images in this folder; searched for {suffixes}")


def as_given(text: str) -> Path | Rooted:
    """Return what `text` gives: ``FOLDER/./a/b.png`` is the image ``a/b.png`` of that folder."""
    folder, mark, name = text.partition(MARK)
    name = name.lstrip(os.sep)
    if not (folder and mark and name) or ".." in Path(name).parts or os.path.isdir(text):
        return Path(text)
    return Rooted(Path(folder) / name, Path(folder))


def collect(
    paths: Iterable[Path | str | Rooted],
    out: Path | None = None,
    progress: Progress = UNHEARD,
    *,
    lr: GivenLR | None = None,
    elsewhere: bool = False,
    on_note: Callable[[Path, str], object] = lambda folder, words: None,
) -> tuple[list[Input], Log[Failure]]:
    """Return the images at `paths`, each once and sorted by name, and what nothing comes of.

    A missing file is taken all the same: its reading will say what is wrong with it. All images
    of a folder, given one by one with it as their root, are what the folder itself gives.

    Parameters
    ----------
    paths : iterable of Path or Rooted
        Images, folders, and images of folders.
    out : Path, optional
        The run's output: what is in it is not taken, unless it is given as a plain file.
    progress : Progress, optional
        As in `images_in`.
    lr : GivenLR, optional
        The LR of all images, which are made without it; one without a partner is told.
    elsewhere : bool
        Whether who reads them may be at home in another folder, so that their paths have to be
        absolute.
    on_note : callable, optional
        Given a folder and what was passed over in it, in words.

    Raises
    ------
    RunError
        Where two images would be written under the same names, or LR cannot be paired at all.
    """
    given = [as_given(path) if isinstance(path, str) else path for path in paths]
    found: dict[tuple[Path, ...], Rooted] = {}
    empty = [
        Failure(shown_path(rooted(one).path), _IMPOSSIBLE) for one in given if _is_impossible(one)
    ]
    possible = [one for one in given if not _is_impossible(one)]
    if lr is not None:
        plain = [rooted(one).path for one in each_once(sorted(set(possible), key=str))]
        pairing = pair_images(
            plain, lr.path, lr.by_order, leave_out=out, progress=progress, on_note=on_note
        )
        pairing.require_pairs()
        possible = list(pairing.pairs)
        empty += [Failure(str(one.path), one.cause) for one in pairing.without_partner]
        if not (pairing.pairs or empty):
            empty = [no_images(folder) for folder in plain]
    others: list[Path | Rooted] = []
    for one in possible:
        if isinstance(one, Rooted) and one.lr is not None:
            found.setdefault((real(one.path), real(one.lr)), one)
        else:
            others.append(one)
    for failure, images in _by_what_was_given(others, out, progress, on_note):
        if not images:
            empty.append(failure)
        # A file comes before links to it, so that it keeps its name whatever they are called.
        for image in sorted(images, key=lambda one: os.path.islink(one.path)):
            found.setdefault((real(image.path),), image)
    inputs = _named(list(found.values()))
    if elsewhere:
        inputs = [
            replace(one, path=one.path.absolute(), lr=one.lr and one.lr.absolute())
            for one in inputs
        ]
    return sorted(inputs, key=lambda image: image.name), Log(empty)


def _is_impossible(given: Path | Rooted) -> bool:
    """Tell whether no file can be called so, whatever the system."""
    try:
        return b"\0" in os.fsencode(rooted(given).path)
    except UnicodeEncodeError:
        return True


def _by_what_was_given(
    paths: Iterable[Path | Rooted],
    out: Path | None,
    progress: Progress,
    on_note: Callable[[Path, str], object],
) -> list[tuple[Failure, list[Rooted]]]:
    """Return the images of each folder and file, and what is wrong where a folder has none.

    They are sorted, so that no name depends on the order.
    """
    files: dict[Path, list[Path]] = {}
    below: dict[Path, set[Path]] = {}
    for given in each_once(sorted(set(paths), key=str)):
        if isinstance(given, Rooted) and given.root is not None:
            below.setdefault(given.root, set()).add(given.path)
            continue
        path = rooted(given).path
        note = partial(on_note, path)
        files[path] = images_in(path, out, progress, note) if os.path.isdir(path) else [path]
    whole = {
        root: outside(out, sorted(images)) for root, images in below.items() if root not in files
    }
    return [
        (
            no_images(given, out if given in whole else None),
            [Rooted(path, None if path == given else given) for path in images],
        )
        for given, images in sorted((files | whole).items())
    ]


def each_once(paths: Iterable[G]) -> list[G]:
    """Return `paths` without what is spelled in another way once more, as an absolute path."""
    spellings: dict[tuple[str | None, ...], G] = {}
    for given in paths:
        one = rooted(given)
        words = one.path, one.root, one.lr
        key = tuple(os.path.abspath(path) if path else None for path in words)
        spellings.setdefault(key, given)
    return list(spellings.values())


def _named(images: list[Rooted]) -> list[Input]:
    """Give each image the shortest name that tells it from the others."""
    same: dict[PurePosixPath, list[Rooted]] = {}
    for image in images:
        same.setdefault(image.name, []).append(image)
    full = [(image, name) for alike in same.items() for image, name in _told_apart(*alike)]
    names = [escaped(str(name)) for _, name in full]
    inputs = [
        Input(image.path, name, stem, image.lr)
        for (image, _), name, stem in zip(full, names, choose_stems(names), strict=True)
    ]
    taken: dict[str, Input] = {}
    for one in inputs:
        other = taken.setdefault(one.stem, one)
        if other is not one:
            told = f"{other.path} and {one.path} have the same name, {one.name}"
            if other.path == one.path:
                told = f"{one.path} is there with two LR, {other.lr} and {one.lr}"
            raise RunError(f"{told}: export them into different folders")
    return inputs


def _told_apart(name: PurePosixPath, group: list[Rooted]) -> list[tuple[Rooted, PurePosixPath]]:
    """Put the folder before each name of a `group` of one `name`, and the folders above if need be.

    Plain files have no folder to be told apart by and keep the name.
    """
    if len(group) == 1:
        return [(group[0], name)]
    # Without the anchor: an absolute name would lead out of the data set.
    folders = {image: real(image.root).parts[1:] if image.root else () for image in group}
    named = []
    for image, parts in folders.items():
        depth = 1
        while depth < len(parts) and _ends_alike(list(folders.values()), parts[-depth:]) > 1:
            depth += 1
        named.append((image, PurePosixPath(*parts[-depth:], name)))
    return named


def _ends_alike(folders: list[tuple[str, ...]], end: tuple[str, ...]) -> int:
    return sum(parts[-len(end) :] == end for parts in folders)


def as_paths(images: Iterable[Path | str | Rooted]) -> list[Path | Rooted]:
    """Return `images` with those that are given as text as paths."""
    return [Path(one) if isinstance(one, str) else one for one in images]


def are_given(images: Iterable[Input], lr: GivenLR | None = None) -> bool:
    """Tell whether the LR of `images` are given, as `lr` says where there are none.

    Raises
    ------
    RunError
        Where some are given and some are to be made.
    """
    counts = Counter(image.lr is not None for image in images)
    if len(counts) > 1:
        raise RunError(
            f"{counted(counts[True], 'pair')} with a given LR and "
            f"{counted(counts[False], 'image')} whose LR is to be made: "
            "they go into different data sets"
        )
    return next(iter(counts), lr is not None)


def possible_inputs(name: str) -> list[Input]:
    """Return what an image `name` of an earlier export may have been, by its stems."""
    return [Input(Path(name), name, stem) for stem in stems(name)]
