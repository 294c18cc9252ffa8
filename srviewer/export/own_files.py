"""Which files in the folder of a data set are its own, and which are a person's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from srviewer.export.checksums import PAIR_CHECKSUMS
from srviewer.export.containers.base import FOLDERS, Container
from srviewer.export.manifest import EXPORT, MANIFEST, META, RECIPE, read_image_text
from srviewer.export.meta_info import list_files
from srviewer.export.naming import stem_of
from srviewer.export.target import Target


def own_files(target: Target) -> Iterator[str]:
    """Yield the names of all files of the data set `target` but ``checksums.sha256``."""
    out = target.out
    for name in (RECIPE, EXPORT, MANIFEST, PAIR_CHECKSUMS):
        if (out / name).is_file():
            yield name
    for path in (out / META).rglob("*.txt"):
        if read_image_text(path):
            yield path.relative_to(out).as_posix()
    container = target.container
    if container is not None:
        yield from container_files(out, container)
        return
    for path in list_files(out):
        yield path.relative_to(out).as_posix()
    yield from pair_files(target)


def container_files(out: Path, container: Container, *, locks: bool = False) -> Iterator[str]:
    """Yield the files below `out` that may be the container's; `locks` are those of readers."""
    for folder in FOLDERS:
        for pattern in ("*", "*.lmdb/*"):
            for path in sorted((out / folder).glob(pattern)):
                name = path.relative_to(out).as_posix()
                is_lock = name.endswith("lock.mdb")  # any reader may leave one
                if container.is_own(name) and path.is_file() and (locks or not is_lock):
                    yield name


def pair_files(target: Target) -> Iterator[str]:
    """Yield the patches in ``hr`` and ``lr``."""
    for side in ("hr", "lr") if target.container is None else ():
        for folder, folders, files in os.walk(target.out / side):
            folders.sort()
            start = Path(folder).relative_to(target.out).as_posix()
            for name in sorted(files):
                if stem_of(name, target.format) is not None:
                    yield f"{start}/{name}"
