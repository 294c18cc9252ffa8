"""Packs the parts of a data set's images into its container.

While a run lasts, each image's pairs wait in a part, and the container and the manifest stay what
they were. At the end all pairs are streamed, in the order of the manifest, from the parts and from
the container that was there before, into a folder beside it. Renaming that folder is the moment
from which the new container counts: whatever stops the program after it, the next run puts the
rest in place, and whatever stops it before, the parts are still there.
"""

from __future__ import annotations

import filecmp
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from srviewer.errors import Cancelled, ExportError
from srviewer.export.containers.base import Container, Packed, Reader
from srviewer.export.folders import remove_empty
from srviewer.export.image import write_error
from srviewer.export.manifest import JOURNAL, MANIFEST, Row, write_text
from srviewer.export.parts import PARTS, part_path, read_part
from srviewer.export.row_log import write_rows
from srviewer.export.selecting import Chosen, Rows, choose, validation_images
from srviewer.export.target import Target
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

    def has(self, image: str, rows: Rows) -> bool:
        """Tell whether the part or the container's files are there."""
        mine = rows[image]
        if mine and _waits(mine[0]):
            return part_path(self._out, image).exists()
        files = {self._file(place) for row in mine for place in (row.hr, row.lr)}
        return all((self._out / file).exists() for file in files)

    def _file(self, place: str) -> str:
        folder = next((name for name in _FOLDERS[1:] if place.startswith(name)), "")
        return folder + self._container.file(place.removeprefix(folder))

    def discard(self, image: str, rows: Sequence[Row]) -> None:
        """Remove the part; packed pairs go when the container is packed again."""
        part_path(self._out, image).unlink(missing_ok=True)

    def clear(self, rows: Rows) -> None:
        """Remove the container and all parts."""
        self._remove(self._own_files())
        shutil.rmtree(self._out / PARTS, ignore_errors=True)

    def finish(self, rows: Rows, complete: bool, progress: Progress) -> int:
        """Pack, unless the data set is not complete or nothing has changed."""
        if not complete:
            return sum(map(rows.count, rows))
        chosen = choose(rows, self._options.max_pairs)
        share, seed = self._options.validation_share, self._options.seed
        plan = _Plan(chosen, validation_images(chosen.counts, share, seed), self._container)
        packing = self._out / PACKING
        try:
            shutil.rmtree(packing, ignore_errors=True)
            packing.mkdir()
            write_rows(packing / MANIFEST, plan.all_rows())
            if not plan.waits and self._is_there(packing / MANIFEST):
                (self._out / JOURNAL).unlink(missing_ok=True)
                shutil.rmtree(self._out / PARTS, ignore_errors=True)
                return chosen.total
            self._pack(plan, packing, progress)
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
        return chosen.total

    def _is_there(self, manifest: Path) -> bool:
        there = self._out / MANIFEST
        same = there.is_file() and filecmp.cmp(manifest, there, shallow=False)
        return same and bool(self._own_files())

    def _pack(self, plan: _Plan, packing: Path, progress: Progress) -> None:
        total = plan.chosen.total
        done = 0

        def reported(pairs: Iterator[Packed]) -> Iterator[Packed]:
            nonlocal done
            for pair in pairs:
                if done % _CHECK_EVERY == 0:
                    progress.check()
                    progress.report("pack", done, total)
                done += 1
                yield pair

        with self._container.reader(self._out) as reader:
            for folder, images in plan.folders.items():
                (packing / folder).mkdir(parents=True, exist_ok=True)
                count = sum(plan.chosen.counts[image] for image in images)
                pairs = self._stream(plan, folder, reader)
                self._container.write(packing / folder, reported(pairs), count)
        progress.report("pack", total, total)
        names = sorted(_names_below(packing))
        write_text(packing / _FILES, "".join(f"{name}\n" for name in names))
        os.rename(packing, self._out / PACKED)

    def _stream(self, plan: _Plan, folder: str, reader: Reader) -> Iterator[Packed]:
        for image, mine, final in plan.rows_of(folder):
            if not _waits(mine[0]):
                for row, place in zip(mine, final, strict=True):
                    yield Packed(place, self._container.key(row), *reader.read(row))
                continue
            places = dict(zip(mine, final, strict=True))
            part = read_part(part_path(self._out, image))
            for row, (hr, lr) in zip(plan.chosen.rows[image], part, strict=True):
                if row in places:
                    yield Packed(places[row], row.hr, hr, lr)

    def _put_in_place(self) -> None:
        packed = self._out / PACKED
        if not (packed / _FILES).exists():  # all was in place when the program was stopped
            shutil.rmtree(packed, ignore_errors=True)
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
        (packed / _FILES).unlink()
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


def _waits(row: Row) -> bool:
    """Tell whether a pair waits in a part: both its columns hold its key then."""
    return row.hr == row.lr


class _Plan:
    """Which pairs go where.

    Attributes
    ----------
    folders : mapping of str to list of str
        The images whose pairs each folder gets.
    waits : bool
        Whether a row was met whose pair waits in a part.
    """

    def __init__(self, chosen: Chosen, validation: frozenset[str], container: Container) -> None:
        self.chosen = chosen
        self.waits = False
        self._container = container
        self._folder_of = {image: _folder(image, validation) for image in chosen.counts}
        self.folders: dict[str, list[str]] = {
            folder: [] for folder in (_FOLDERS[1:] if validation else _FOLDERS[:1])
        }
        for image, folder in self._folder_of.items():
            self.folders[folder].append(image)

    def all_rows(self) -> Iterator[list[Row]]:
        """Yield the rows of the new manifest, an image at a time."""
        return (final for _, _, final in self._placed(self.chosen.counts))

    def rows_of(self, folder: str) -> Iterator[tuple[str, list[Row], list[Row]]]:
        """Yield each image of `folder`, its rows as they are and with the places they get."""
        return self._placed(self.folders[folder])

    def _placed(self, images: Iterable[str]) -> Iterator[tuple[str, list[Row], list[Row]]]:
        following: Counter[str] = Counter()
        for image in images:
            folder = self._folder_of[image]
            mine = self.chosen.of(image)
            final = []
            for row in mine:
                self.waits = self.waits or _waits(row)
                key = row.hr if _waits(row) else self._container.key(row)
                hr, lr = self._container.places(folder, key, following[folder])
                final.append(row._replace(hr=hr, lr=lr))
                following[folder] += 1
            yield image, mine, final


def _folder(image: str, validation: frozenset[str]) -> str:
    if not validation:
        return _FOLDERS[0]
    return _FOLDERS[2] if image in validation else _FOLDERS[1]


def _names_below(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.relative_to(folder).as_posix()
