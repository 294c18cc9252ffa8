"""What holds the pairs of a data set on disk: folders of files, or a container."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from srviewer.export.container_store import ContainerStore
from srviewer.export.meta_info import list_files, remove_lists, write_lists
from srviewer.export.naming import is_patch
from srviewer.export.run_file import RunFile, images_with
from srviewer.export.run_rows import Known, Pair
from srviewer.export.target import Target
from srviewer.pipeline.progress import Progress
from srviewer.runs.folders import file_in, is_file, remove_file


class FolderStore:
    """Folders ``hr`` and ``lr`` with a file for each patch; which those are the run file says."""

    def __init__(self, target: Target, run_file: RunFile) -> None:
        self._target = target
        self._out = target.out
        self._run_file = run_file

    def recover(self) -> bool:
        """Remove what a killed run had not chosen; tell whether the manifest is stale by that."""
        self._remove("dropped")
        self._run_file.delete_dropped()
        return False

    def _files(self, condition: str) -> Iterator[str]:
        for known in self._run_file.images(images_with(condition)):
            for pair in self._run_file.pairs(known.name, condition):
                for name in (pair.hr, pair.lr):
                    if is_patch(name, self._target.format):
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
        """Remove what is not chosen."""
        self.recover()

    def describe(self, *, complete: bool) -> list[str] | None:
        """Write BasicSR's lists; return them, which go with the manifest."""
        return write_lists(
            self._out, self._run_file, self._target.options, self._target.recipe.patch
        )


Store: TypeAlias = FolderStore | ContainerStore


def store_of(target: Target, run_file: RunFile) -> Store:
    """Return what holds the pairs that `target` describes."""
    container = target.container
    if container is not None:
        return ContainerStore(target, run_file, container)
    return FolderStore(target, run_file)
