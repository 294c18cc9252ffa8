"""Packs the spooled pairs of a data set into its container.

While a run lasts, each image's pairs wait in the spool, and the container and the manifest stay
what they were. At the end all pairs are streamed, in the order of the manifest, from the spool and
from the container that was there before, into a folder beside it. One transaction of the run file
is the moment from which the new container counts: whatever stops the program after it, the next
run puts the rest in place, and whatever stops it before, the spool is still there.
"""

import contextlib
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

from srviewer.errors import ExportError, SrviewerError
from srviewer.export.checksums import PAIR_CHECKSUMS, write_pair_checksums
from srviewer.export.containers.base import (
    FOLDERS,
    Container,
    Packed,
    Reader,
    StoredError,
    pair_key,
)
from srviewer.export.own_files import container_files, container_folders
from srviewer.export.run_file import PACKED, PLACING, WITH_PAIRS, RunFile
from srviewer.export.run_rows import Known, Pair
from srviewer.export.selecting import validation_in
from srviewer.export.spool import SPOOL, read_spool, spool_name
from srviewer.export.target import Target
from srviewer.pipeline.progress import Progress
from srviewer.runs.folders import (
    files_in,
    find,
    is_file,
    is_folder,
    make_folder,
    move,
    remove_empty,
    remove_file,
    remove_tree,
)

PACKING = ".srviewer-packing"
_CHECK_EVERY = 100  # pairs between two looks at the cancel token


class ContainerStore:
    """The container of a data set, and the spool of pairs that wait to be packed into it."""

    def __init__(self, target: Target, run_file: RunFile, container: Container) -> None:
        self._out = target.out
        self._recipe = target.recipe
        self._options = target.options
        self._told_by_text = target.told_by_text
        self._run_file = run_file
        self._container = container

    def recover(self) -> bool:
        """Put in place what a killed run had packed, and forget what it had not.

        Returns
        -------
        bool
            Whether the manifest is stale by that.
        """
        stale = self._run_file.placing() is not None
        if stale:
            self._put_in_place()
        else:
            remove_tree(self._out, PACKING)
        return stale

    def has(self, known: Known) -> bool:
        """Tell whether the spooled pairs or the container's files are there."""
        if known.waits:
            return is_file(self._out, spool_name(known.name))
        pairs = self._run_file.pairs(known.name)
        files = {self._container.file(name) for pair in pairs for name in (pair.hr, pair.lr)}
        return all(is_file(self._out, file) for file in files)

    def read(self, known: Known) -> Iterator[tuple[Pair, bytes, bytes]]:
        """Yield the pairs with their payloads."""
        with Reader(self._out, self._container) as reader:
            yield from self._payloads(known, reader)

    def _payloads(self, known: Known, reader: Reader) -> Iterator[tuple[Pair, bytes, bytes]]:
        pairs = self._run_file.pairs(known.name)
        if known.waits:
            spooled = read_spool(self._out, known.name)
            for pair, (hr, lr) in zip(pairs, spooled, strict=True):
                yield pair, hr, lr
            return
        for pair in pairs:
            yield pair, reader.value(pair.hr), reader.value(pair.lr)

    def files(self) -> Iterator[str]:
        """Yield the container's files, and its list of checksums."""
        yield from self._own_files()
        yield PAIR_CHECKSUMS
        for folder in (SPOOL, PACKING):
            is_folder(self._out, folder)  # raises where it is something else

    def clear(self) -> None:
        """Remove them, and the spool."""
        for name in self.files():
            remove_file(self._out, name, and_folders=True)
        remove_tree(self._out, SPOOL)

    def finish(self, progress: Progress) -> None:
        """Pack what is chosen, unless nothing has changed."""
        run_file = self._run_file
        changed = run_file.count_pairs("dropped") or not run_file.get(PACKED)
        if not changed and self._own_files():
            remove_tree(self._out, SPOOL)
            return
        packing = self._out / PACKING
        try:
            remove_tree(self._out, PACKING)
            packing.mkdir()
            self._pack(packing, progress)
            self._put_in_place()
        except StoredError as error:
            place = (error.path or Path()).as_posix()
            file = self._container.file(place) if self._container.mark in place else place
            cause = f"{error.sentence}; remove this file, and its pairs are made anew"
            raise ExportError(cause, path=self._out / file) from error
        except SrviewerError:
            raise
        except Exception as error:  # what LMDB and HDF5 say of a full disk
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise ExportError(
                f"{error}; the pairs wait in {self._out / SPOOL}, export again to pack",
                path=packing,
            ) from error
        finally:
            if not run_file.get(PLACING):
                with contextlib.suppress(OSError):  # what went wrong first is what is told
                    remove_tree(self._out, PACKING)

    def _pack(self, packing: Path, progress: Progress) -> None:
        chosen = self._chosen()
        total = self._run_file.count_pairs("NOT dropped")
        numbers = itertools.count()

        def reported(pairs: Iterator[Packed]) -> Iterator[Packed]:
            for pair, done in zip(pairs, numbers, strict=False):
                if done % _CHECK_EVERY == 0:
                    progress.check()
                    progress.report("pack", done, total)
                yield pair

        with Reader(self._out, self._container) as reader:
            for folder, images in chosen.items():
                if folder:
                    make_folder(packing, folder.rstrip("/"))
                pairs = reported(self._stream(folder, images, reader))
                self._container.write(packing / folder, pairs, sum(known.pairs for known in images))
        progress.report("pack", total, total)
        names = list(files_in(packing))
        with self._run_file.transaction():
            for folder, images in chosen.items():
                for known, final in self._final(folder, images):
                    self._run_file.update(known.name, final)
            self._run_file.delete_dropped()
            self._run_file.end_waiting()
            self._run_file.set(PLACING, json.dumps(names))
            self._run_file.set(PACKED, "yes")

    def _chosen(self) -> dict[str, list[Known]]:
        """Return the images of which pairs were chosen, by the folder that they go to."""
        images = list(self._run_file.images(WITH_PAIRS))
        validation = validation_in(self._run_file, self._options)
        if not validation:
            # Without a folder of that name, datasets take files beside it for splits.
            return {FOLDERS[int(self._options.card)]: images}
        return {
            folder: [known for known in images if (known.name in validation) == held]
            for folder, held in zip(FOLDERS[1:], (False, True), strict=True)
        }

    def _final(self, folder: str, images: list[Known]) -> Iterator[tuple[Known, list[Pair]]]:
        """Yield each image and its chosen pairs with what names them in the new container."""
        order = iter(self._container.order(sum(known.pairs for known in images)))
        for known in images:
            final = []
            for pair in self._run_file.pairs(known.name, "NOT dropped"):
                hr, lr = self._container.places(folder, _key(known, pair), next(order))
                final.append(pair._replace(hr=hr, lr=lr))
            yield known, final

    def _stream(self, folder: str, images: list[Known], reader: Reader) -> Iterator[Packed]:
        for known, final in self._final(folder, images):
            told = self._run_file.told(known.name) if self._told_by_text else None
            chosen = {(pair.y, pair.x): pair for pair in final}
            for pair, hr, lr in self._payloads(known, reader):
                if (pair.y, pair.x) in chosen:
                    row = chosen[pair.y, pair.x].row(known.name, self._recipe, told)
                    yield Packed(row, _key(known, pair), hr, lr)

    def _put_in_place(self) -> None:
        names = self._run_file.placing() or frozenset()
        for name in self._own_files():
            if name not in names:
                remove_file(self._out, name, and_folders=True)
        for folder in list(container_folders(self._out, self._container)):
            remove_empty(self._out, folder)  # of which a run that was killed had removed the file
        for name in sorted(names):
            if self._container.is_own(name) and find(self._out, f"{PACKING}/{name}"):
                if "/" in name:
                    make_folder(self._out, name.rpartition("/")[0])
                move(self._out, f"{PACKING}/{name}", name)
        for folder in (SPOOL, PACKING):
            remove_tree(self._out, folder)

    def describe(self, *, complete: bool) -> list[str] | None:
        """Write the checksums of the pairs, once all are in place.

        Returns
        -------
        list of str, or None
            The files that go with the manifest and hold no single pair; None where the
            manifest has to stay as it is.
        """
        if not complete:
            return None
        write_pair_checksums(
            self._out,
            itertools.chain.from_iterable(
                self._run_file.checksums(known.name) for known in self._run_file.images(WITH_PAIRS)
            ),
        )
        return [PAIR_CHECKSUMS, *container_files(self._out, self._container)]

    def _own_files(self) -> list[str]:
        return list(container_files(self._out, self._container, locks=True))


def _key(known: Known, pair: Pair) -> str:
    return pair_key(known.stem, pair.x, pair.y)
