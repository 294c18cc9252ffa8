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
    folders = list(container_folders(out, container))
    for above in _sets_in(out):
        mine = (one for one in folders if one.rpartition("/")[0] == above.rstrip("/"))
        found = [f"{above}{name}" for name in os.listdir(out / above)]
        below = [f"{folder}/{part}" for folder in mine for part in os.listdir(out / folder)]
        for name in sorted(found) + sorted(below):
            is_lock = name.endswith("lock.mdb")  # any reader may leave one
            if container.is_own(name) and (locks or not is_lock):
                yield name


def container_folders(out: Path, container: Container) -> Iterator[str]:
    """Yield the folders below `out` that may be the container's, each for one file."""
    for above in _sets_in(out):
        for name in (f"{above}{name}" for name in os.listdir(out / above)):
            if container.is_own(f"{name}/data.mdb") and is_folder(out, name):
                yield name


def _sets_in(out: Path) -> list[str]:
    return [folder for folder in FOLDERS if not folder or is_folder(out, folder[:-1])]


def pair_files(target: Target) -> Iterator[str]:
    """Yield the patches in the folders of HR and LR."""
    for root, side in target.layout.roots if target.container is None else ():
        for name in files_in(target.out, root):
            if target.layout.side_of(name) == side:
                yield name
