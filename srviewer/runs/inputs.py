"""Which images a run takes, and under which names it knows them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from srviewer.errors import RunError, shown_path
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.suffixes import SUFFIXES
from srviewer.runs.names import choose_stems, escaped, stems
from srviewer.runs.searching import images_in as images_in
from srviewer.runs.searching import outside, real
from srviewer.runs.state import Failure, Log


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
    """

    path: Path
    name: str
    stem: str


@dataclass(frozen=True)
class Rooted:
    """An image and the folder that it is taken from, perhaps without the folder's other images.

    Attributes
    ----------
    path : Path
        Its file, below `root`.
    root : Path or None
        The folder; None for an image that was given as a plain file.
    """

    path: Path
    root: Path | None

    @property
    def name(self) -> PurePosixPath:
        """Where it is in the folder."""
        return PurePosixPath(self.path.relative_to(self.root or self.path.parent).as_posix())


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
    elsewhere: bool = False,
    on_note: Callable[[Path, str], object] = lambda folder, words: None,
) -> tuple[list[Input], Log[Failure]]:
    """Return the images at `paths`, each once and sorted by name, and the folders without any.

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
    elsewhere : bool
        Whether who reads them may be at home in another folder, so that their paths have to be
        absolute.
    on_note : callable, optional
        Given a folder and what was passed over in it, in words.

    Raises
    ------
    RunError
        Where two images would be written under the same names.
    """
    given = [as_given(path) if isinstance(path, str) else path for path in paths]
    found: dict[Path, Rooted] = {}
    empty = [Failure(shown_path(_path(one)), _IMPOSSIBLE) for one in given if _is_impossible(one)]
    possible = [one for one in given if not _is_impossible(one)]
    for failure, images in _by_what_was_given(possible, out, progress, on_note):
        if not images:
            empty.append(failure)
        for image in images:
            found.setdefault(real(image.path), image)
    inputs = _named(list(found.values()))
    if elsewhere:
        inputs = [replace(image, path=image.path.absolute()) for image in inputs]
    return sorted(inputs, key=lambda image: image.name), Log(empty)


def _path(given: Path | Rooted) -> Path:
    return given.path if isinstance(given, Rooted) else given


def _is_impossible(given: Path | Rooted) -> bool:
    """Tell whether no file can be called so, whatever the system."""
    try:
        return b"\0" in os.fsencode(_path(given))
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
    rooted: dict[Path, set[Path]] = {}
    for given in each_once(sorted(set(paths), key=str)):
        if isinstance(given, Rooted) and given.root is not None:
            rooted.setdefault(given.root, set()).add(given.path)
            continue
        path = _path(given)
        note = partial(on_note, path)
        files[path] = images_in(path, out, progress, note) if os.path.isdir(path) else [path]
    whole = {
        root: outside(out, sorted(images)) for root, images in rooted.items() if root not in files
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
    spellings: dict[tuple[str, ...], G] = {}
    for given in paths:
        words = (given.path, given.root) if isinstance(given, Rooted) else (given, None)
        spellings.setdefault(tuple(os.path.abspath(path) for path in words if path), given)
    return list(spellings.values())


def _named(images: list[Rooted]) -> list[Input]:
    """Give each image the shortest name that tells it from the others."""
    same: dict[PurePosixPath, list[Rooted]] = {}
    for image in images:
        same.setdefault(image.name, []).append(image)
    full = [(image.path, name) for group in same.values() for image, name in _told_apart(group)]
    names = [escaped(str(name)) for _, name in full]
    inputs = [
        Input(path, name, stem)
        for (path, _), name, stem in zip(full, names, choose_stems(names), strict=True)
    ]
    taken: dict[str, Input] = {}
    for one in inputs:
        other = taken.setdefault(one.stem, one)
        if other is not one:
            raise RunError(
                f"{other.path} and {one.path} have the same name, {one.name}: "
                "export them into different folders"
            )
    return inputs


def _told_apart(group: list[Rooted]) -> list[tuple[Rooted, PurePosixPath]]:
    """Put the folder before each name of a `group` of one name, and the folders above if need be.

    Plain files have no folder to be told apart by and keep the name.
    """
    if len(group) == 1:
        return [(group[0], group[0].name)]
    # Without the anchor: an absolute name would lead out of the data set.
    folders = {image: real(image.root).parts[1:] if image.root else () for image in group}
    named = []
    for image, parts in folders.items():
        depth = 1
        while depth < len(parts) and _ends_alike(list(folders.values()), parts[-depth:]) > 1:
            depth += 1
        named.append((image, PurePosixPath(*parts[-depth:], image.name)))
    return named


def _ends_alike(folders: list[tuple[str, ...]], end: tuple[str, ...]) -> int:
    return sum(parts[-len(end) :] == end for parts in folders)


def possible_inputs(name: str) -> list[Input]:
    """Return what an image `name` of an earlier export may have been, by its stems."""
    return [Input(Path(name), name, stem) for stem in stems(name)]
