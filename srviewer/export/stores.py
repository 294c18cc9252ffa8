"""What holds the pairs of a data set on disk: folders of files, or a container."""

import json
from collections.abc import Iterator
from typing import TypeAlias

from srviewer.export.container_store import ContainerStore
from srviewer.export.meta_info import list_files, remove_lists, write_lists
from srviewer.export.run_file import PLACING, WITH_PAIRS, RunFile, images_with
from srviewer.export.run_rows import Known, Pair
from srviewer.export.selecting import validation_in
from srviewer.export.target import Target
from srviewer.pipeline.progress import Progress
from srviewer.runs.folders import file_in, is_file, make_folder, move, remove_empty, remove_file


class FolderStore:
    """Folders of HR and LR with a file for each patch; which those are the run file says.

    Which images are for validation is known at the end: until then all pairs lie in the folders
    for training. Those that are elsewhere then are moved. Which and where to is noted before, so
    that a run that was killed amid is followed by one that moves the rest.
    """

    def __init__(self, target: Target, run_file: RunFile) -> None:
        self._target = target
        self._out = target.out
        self._layout = target.layout
        self._run_file = run_file

    def recover(self) -> bool:
        """Remove what a killed run had not chosen, and move what it had begun to.

        Returns
        -------
        bool
            Whether the manifest is stale by that.
        """
        self._remove("dropped")
        self._run_file.delete_dropped()
        moved = self._run_file.placing() or ()
        for one in sorted(moved):
            which, _, image = one.partition("/")
            if which in self._layout.sets:
                self._move(image, which)
        return bool(moved)

    def _files(self, condition: str) -> Iterator[str]:
        for known in self._run_file.images(images_with(condition)):
            for pair in self._run_file.pairs(known.name, condition):
                for name in (pair.hr, pair.lr):
                    if self._layout.side_of(name):
                        yield name

    def _remove(self, condition: str) -> None:
        for name in self._files(condition):
            remove_file(self._out, name)

    def has(self, known: Known) -> bool:
        """Tell whether the first files are there."""
        first = self._run_file.pairs(known.name, most=1)
        return all(is_file(self._out, name) for pair in first for name in (pair.hr, pair.lr))

    def read(self, known: Known) -> Iterator[tuple[Pair, bytes, bytes]]:
        """Yield the pairs with the bytes of their files."""
        for pair in self._run_file.pairs(known.name):
            hr, lr = (file_in(self._out, name).read_bytes() for name in (pair.hr, pair.lr))
            yield pair, hr, lr

    def files(self) -> Iterator[str]:
        """Yield the files of all pairs, and the lists."""
        yield from self._files("true")
        yield from list_files(self._out)

    def clear(self) -> None:
        """Remove them."""
        self._remove("true")
        remove_lists(self._out)

    def finish(self, progress: Progress) -> None:
        """Remove what is not chosen, and let each image's pairs be in their set."""
        self.recover()
        if len(self._layout.sets) == 1:
            return
        validation = validation_in(self._run_file, self._target.options)
        wrong = []
        for known in self._run_file.images(WITH_PAIRS):
            which = self._layout.sets[known.name in validation]
            first = self._run_file.pairs(known.name, most=1)[0]
            if first.hr != self._places(known.stem, first, which)[0]:
                wrong.append((known.name, which))
        if not wrong:
            return
        self._run_file.set(PLACING, json.dumps([f"{which}/{name}" for name, which in wrong]))
        for done, (name, which) in enumerate(wrong, 1):
            self._move(name, which)
            progress.report("sort", done, len(wrong))

    def _places(self, stem: str, pair: Pair, which: str) -> tuple[str, str]:
        return self._layout.places(stem, pair.x, pair.y, which)

    def _move(self, image: str, which: str) -> None:
        """Move the files of `image` that are there to their places in a set, and note these."""
        stem = self._run_file.stem(image)
        if stem is None:
            return
        moved, emptied, filled = [], set(), set()
        for pair in self._run_file.pairs(image):
            places = self._places(stem, pair, which)
            for old, new in zip((pair.hr, pair.lr), places, strict=True):
                folder = new.rpartition("/")[0]
                if folder not in filled:
                    filled.add(folder)
                    make_folder(self._out, folder)
                if old != new and self._layout.side_of(old) and is_file(self._out, old):
                    move(self._out, old, new)
                    emptied.add(old.rpartition("/")[0])
            moved.append(pair._replace(hr=places[0], lr=places[1]))
        for folder in emptied - filled:
            if folder not in dict(self._layout.roots):
                remove_empty(self._out, folder)
        with self._run_file.transaction():
            self._run_file.update(image, moved)

    def describe(self, *, complete: bool) -> list[str] | None:
        """Write BasicSR's lists; return them, which go with the manifest."""
        return write_lists(self._target, self._run_file)


Store: TypeAlias = FolderStore | ContainerStore


def store_of(target: Target, run_file: RunFile) -> Store:
    """Return what holds the pairs that `target` describes."""
    container = target.container
    if container is not None:
        return ContainerStore(target, run_file, container)
    return FolderStore(target, run_file)
