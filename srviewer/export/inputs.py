"""Which images an export takes, and under which names their pairs are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from srviewer.errors import ExportError
from srviewer.pipeline.reading import SUFFIXES


@dataclass(frozen=True)
class Input:
    """An image to export.

    Attributes
    ----------
    path : Path
        Its file.
    name : str
        Its place in the folder that was given, with ``/``: the manifest's column ``image``.
    stem : str
        What its files in the data set begin with, subfolders included.
    """

    path: Path
    name: str
    stem: str


@dataclass(frozen=True)
class EmptyFolder:
    """A folder that was given and holds no image."""

    path: Path

    @property
    def cause(self) -> str:
        """Why nothing comes of it."""
        return f"no images in this folder; searched for {', '.join(sorted(SUFFIXES))}"


def images_in(folder: Path, leave_out: Path | None = None) -> list[Path]:
    """Return the image files in `folder` and below, sorted, without hidden ones.

    Parameters
    ----------
    folder : Path
    leave_out : Path, optional
        A folder not to look into: an export's own output.
    """
    shut = leave_out.resolve() if leave_out else None
    found = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or path.suffix.lower() not in SUFFIXES or not path.is_file():
            continue
        if shut is None or shut not in path.resolve().parents:
            found.append(path)
    return found


def collect(
    paths: Iterable[Path], out: Path | None = None
) -> tuple[list[Input], list[EmptyFolder]]:
    """Return the images at `paths`, folders searched, each once and sorted by name.

    A missing file is taken all the same: its reading will say what is wrong with it.

    Raises
    ------
    ExportError
        Where two images would be written under the same names.
    """
    places: dict[Path, tuple[Path, PurePosixPath, str]] = {}
    empty = []
    for given in sorted(set(paths)):  # so that names do not depend on the order given
        if given.is_dir():
            found = images_in(given, leave_out=out)
            if not found:
                empty.append(EmptyFolder(given))
            for path in found:
                name = PurePosixPath(path.relative_to(given).as_posix())
                places.setdefault(path.resolve(), (path, name, given.resolve().name))
        else:
            places.setdefault(given.resolve(), (given, PurePosixPath(given.name), ""))
    inputs = _named(list(places.values()))
    return sorted(inputs, key=lambda image: image.name), empty


def _named(places: list[tuple[Path, PurePosixPath, str]]) -> list[Input]:
    """Give each image the shortest name that tells it from the others."""
    names = Counter(str(name) for _, name, _ in places)
    full = [
        (path, PurePosixPath(root, name) if root and names[str(name)] > 1 else name)
        for path, name, root in places
    ]
    stems = Counter(_stem(name) for _, name in full)
    inputs = [
        Input(path, str(name), _stem(name) if stems[_stem(name)] == 1 else _stem_and_suffix(name))
        for path, name in full
    ]
    taken: dict[str, Input] = {}
    for image in inputs:
        other = taken.setdefault(image.stem, image)
        if other is not image:
            raise ExportError(
                f"{other.path} and {image.path} would both be written as {image.stem}_x..._y...: "
                "export them into different folders"
            )
    return inputs


def _stem(name: PurePosixPath) -> str:
    return str(name.with_suffix("")) if name.suffix else str(name)


def _stem_and_suffix(name: PurePosixPath) -> str:
    return f"{_stem(name)}_{name.suffix[1:]}"
