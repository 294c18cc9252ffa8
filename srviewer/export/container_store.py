"""Packs the parts of a data set's images into its container.

While a run lasts, each image's pairs wait in a part, and the container and the manifest stay what
they were. At the end all pairs are streamed, in the order of the manifest, from the parts and from
the container that was there before, into a folder beside it. Renaming that folder is the moment
from which the new container counts: whatever stops the program after it, the next run puts the
rest in place, and whatever stops it before, the parts are still there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from srviewer.errors import Cancelled, ExportError
from srviewer.export.containers.base import Container, Packed, Reader
from srviewer.export.image import Target, write_error
from srviewer.export.manifest import JOURNAL, MANIFEST, Row, manifest_text, write_text
from srviewer.export.parts import PARTS, part_path, read_part
from srviewer.export.selecting import choose, validation_images
from srviewer.pipeline.progress import Progress

PACKING, PACKED = ".packing", ".packed"
_FILES = ".files"  # what the new container consists of
_FOLDERS = ("", "train/", "validation/")
_CHECK_EVERY = 100  # pairs between two looks at the cancel token


class ContainerStore:
    """The container of a data set, and the parts that wait to be packed into it."""

    def __init__(self, target: Target, container: Container) -> None:
        self._out = target.out
        self._options = target.options
        self._container = container

    def recover(self) -> None:
        """Put in place what a killed run had packed, and forget what it had not."""
        shutil.rmtree(self._out / PACKING, ignore_errors=True)
        self._put_in_place()

    def prepare(self) -> None:
        """Make the data set's folder."""
        self._out.mkdir(parents=True, exist_ok=True)

    def has(self, image: str, rows: Sequence[Row]) -> bool:
        """Tell whether the part or the container's files are there."""
        if rows and _waits(rows[0]):
            return part_path(self._out, image).exists()
        files = {self._file(place) for row in rows for place in (row.hr, row.lr)}
        return all((self._out / file).exists() for file in files)

    def _file(self, place: str) -> str:
        folder = next((name for name in _FOLDERS[1:] if place.startswith(name)), "")
        return folder + self._container.file(place.removeprefix(folder))

    def discard(self, image: str, rows: Sequence[Row]) -> None:
        """Remove the part; packed pairs go when the container is packed again."""
        part_path(self._out, image).unlink(missing_ok=True)

    def clear(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Remove the container and all parts."""
        self._remove(self._own_files())
        shutil.rmtree(self._out / PARTS, ignore_errors=True)

    def finish(self, rows: Mapping[str, Sequence[Row]], complete: bool, progress: Progress) -> int:
        """Pack, unless the data set is not complete or nothing has changed."""
        if not complete:
            return sum(map(len, rows.values()))
        chosen = choose([row for mine in rows.values() for row in mine], self._options.max_pairs)
        share, seed = self._options.validation_share, self._options.seed
        validation = validation_images((row.image for row in chosen), share, seed)
        folders = _split(chosen, validation)
        final = {folder: self._final(folder, mine) for folder, mine in folders.items()}
        manifest = manifest_text(row for mine in final.values() for row in mine)
        if self._is_there(rows, manifest):
            (self._out / JOURNAL).unlink(missing_ok=True)
            shutil.rmtree(self._out / PARTS, ignore_errors=True)
        else:
            self._pack(rows, folders, final, manifest, progress)
        return len(chosen)

    def _final(self, folder: str, rows: Sequence[Row]) -> list[Row]:
        """Return `rows` with the places that they get in `folder`."""
        final = []
        for index, row in enumerate(rows):
            hr, lr = self._container.places(folder, self._key(row), index)
            final.append(row._replace(hr=hr, lr=lr))
        return final

    def _key(self, row: Row) -> str:
        return row.hr if _waits(row) else self._container.key(row)

    def _is_there(self, rows: Mapping[str, Sequence[Row]], manifest: str) -> bool:
        if any(_waits(mine[0]) for mine in rows.values() if mine):
            return False
        path = self._out / MANIFEST
        try:
            there = path.read_text(encoding="utf-8", errors="surrogateescape")
        except FileNotFoundError:
            return False
        return there == manifest and bool(self._own_files())

    def _pack(
        self,
        rows: Mapping[str, Sequence[Row]],
        folders: Mapping[str, Sequence[Row]],
        final: Mapping[str, Sequence[Row]],
        manifest: str,
        progress: Progress,
    ) -> None:
        packing = self._out / PACKING
        total = sum(map(len, final.values()))
        done = 0

        def reported(pairs: Iterator[Packed]) -> Iterator[Packed]:
            nonlocal done
            for pair in pairs:
                if done % _CHECK_EVERY == 0:
                    progress.check()
                    progress.report("pack", done, total)
                done += 1
                yield pair

        try:
            shutil.rmtree(packing, ignore_errors=True)
            with self._container.reader(self._out) as reader:
                for folder, mine in folders.items():
                    (packing / folder).mkdir(parents=True, exist_ok=True)
                    pairs = self._stream(rows, mine, final[folder], reader)
                    self._container.write(packing / folder, reported(pairs), len(mine))
            progress.report("pack", total, total)
            write_text(packing / MANIFEST, manifest)
            names = sorted(_names_below(packing))
            write_text(packing / _FILES, "".join(f"{name}\n" for name in names))
            os.rename(packing, self._out / PACKED)
        except (Cancelled, ExportError):
            raise
        except OSError as error:
            raise write_error(Path(error.filename or packing), error) from error
        except Exception as error:  # what LMDB and HDF5 say of a full disk
            raise ExportError(
                f"{packing}: {error}; the pairs wait in {self._out / PARTS}, export again to pack"
            ) from error
        finally:
            shutil.rmtree(packing, ignore_errors=True)
        self._put_in_place()

    def _stream(
        self,
        rows: Mapping[str, Sequence[Row]],
        chosen: Sequence[Row],
        final: Sequence[Row],
        reader: Reader,
    ) -> Iterator[Packed]:
        places = dict(zip(chosen, final, strict=True))
        for image, group in groupby(chosen, key=lambda row: row.image):
            mine = list(group)
            if _waits(mine[0]):
                part = read_part(part_path(self._out, image))
                for row, (hr, lr) in zip(rows[image], part, strict=True):
                    if row in places:
                        yield Packed(places[row], self._key(row), hr, lr)
            else:
                for row in mine:
                    yield Packed(places[row], self._key(row), *reader.read(row))

    def _put_in_place(self) -> None:
        packed = self._out / PACKED
        if not packed.exists():
            return
        names = (packed / _FILES).read_text("utf-8").splitlines()
        self._remove([path for path in self._own_files()
                      if path.relative_to(self._out).as_posix() not in names])  # fmt: skip
        for name in names:
            if (packed / name).exists():
                (self._out / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(packed / name, self._out / name)
        shutil.rmtree(self._out / PARTS, ignore_errors=True)
        (self._out / JOURNAL).unlink(missing_ok=True)
        shutil.rmtree(packed)

    def _own_files(self) -> list[Path]:
        found = []
        for folder in _FOLDERS:
            top = self._out / folder
            for pattern in ("*", "*.lmdb/*"):
                for path in sorted(top.glob(pattern)):
                    name = path.relative_to(top).as_posix()
                    if path.is_file() and self._container.is_own(name):
                        found.append(path)
        return found

    def _remove(self, paths: Sequence[Path]) -> None:
        for path in paths:
            path.unlink()
            remove_empty(path.parent, self._out)


def remove_empty(folder: Path, top: Path) -> None:
    """Remove `folder` and those above it below `top`, as long as they are empty."""
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _waits(row: Row) -> bool:
    """Tell whether a pair waits in a part: both its columns hold its key then."""
    return row.hr == row.lr


def _split(rows: Sequence[Row], validation: frozenset[str]) -> dict[str, list[Row]]:
    if not validation:
        return {"": list(rows)}
    return {
        "train/": [row for row in rows if row.image not in validation],
        "validation/": [row for row in rows if row.image in validation],
    }


def _names_below(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.relative_to(folder).as_posix()
