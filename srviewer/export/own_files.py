"""Which files in the folder of a data set are its own, and which are a person's."""

import os
from collections.abc import Iterator
from pathlib import Path

from srviewer.export.checksums import PAIR_CHECKSUMS
from srviewer.export.containers.base import FOLDERS, Container
from srviewer.export.dataset_card import metadata_files
from srviewer.export.manifest import EXCLUDED, EXPORT, MANIFEST, META, RECIPE, read_image_text
from srviewer.export.meta_info import list_files
from srviewer.export.target import Target
from srviewer.runs.folders import files_in, find, is_folder


def own_files(target: Target) -> Iterator[str]:
    """Yield the names of all files of the data set `target` but ``checksums.sha256``."""
    out = target.out
    for name in (RECIPE, EXCLUDED, EXPORT, MANIFEST, PAIR_CHECKSUMS):
        if find(out, name):
            yield name
    for name in files_in(out, META):
        if read_image_text(out, name):
            yield name
    container = target.container
    if container is not None:
        yield from container_files(out, container)
        return
    yield from list_files(out)
    yield from metadata_files(target)
    yield from pair_files(target)


def container_files(out: Path, container: Container, *, locks: bool = False) -> Iterator[str]:
    """Yield the files below `out` that may be the container's; `locks` are those of readers."""
    for found, folders in _sets_in(out, container):
        below = [f"{folder}/{name}" for folder in folders for name in os.listdir(out / folder)]
        for name in found + sorted(below):
            is_lock = name.endswith("lock.mdb")  # any reader may leave one
            if container.is_own(name) and (locks or not is_lock):
                yield name


def container_folders(out: Path, container: Container) -> Iterator[str]:
    """Yield the folders below `out` that may be the container's, each for one file."""
    for _, folders in _sets_in(out, container):
        yield from folders


def _sets_in(out: Path, container: Container) -> Iterator[tuple[list[str], list[str]]]:
    """Yield what lies in the folder of each set, and which of it are folders of the container's."""
    for above in FOLDERS:
        if not above or is_folder(out, above[:-1]):
            found = sorted(f"{above}{name}" for name in os.listdir(out / above))
            mine = [one for one in found if container.is_own(f"{one}/data.mdb")]
            yield found, [one for one in mine if is_folder(out, one)]


def pair_files(target: Target) -> Iterator[str]:
    """Yield the patches in the folders of HR and LR."""
    for root, side in target.layout.roots if target.container is None else ():
        for name in files_in(target.out, root):
            if target.layout.side_of(name) == side:
                yield name
