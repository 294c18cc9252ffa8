"""What holds the pairs of a data set on disk: folders of files, or a container."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from srviewer.export.container_store import ContainerStore
from srviewer.export.folders import remove_empty
from srviewer.export.meta_info import list_files, write_lists
from srviewer.export.run_file import Known, Pair, RunFile
from srviewer.export.target import Target
from srviewer.pipeline.progress import Progress


class FolderStore:
    """Folders ``hr`` and ``lr`` with a file for each patch; which those are the run file says."""

    def __init__(self, target: Target, run_file: RunFile) -> None:
        self._out = target.out
        self._options = target.options
        self._patch = target.recipe.patch
        self._run_file = run_file

    def recover(self) -> bool:
        """Remove what a killed run had not chosen; tell whether the manifest is stale by that."""
        for known in self._run_file.images("EXISTS (SELECT 1 FROM pair WHERE image = id "
                                           "AND dropped)"):  # fmt: skip
            self._unlink(self._run_file.pairs(known.name, "dropped"))
        self._run_file.delete_dropped()
        return False

    def has(self, known: Known) -> bool:
        """Tell whether the first files are there."""
        first = self._run_file.pairs(known.name, most=1)
        return all((self._out / name).exists() for pair in first for name in (pair.hr, pair.lr))

    def read(self, known: Known) -> Iterator[tuple[Pair, bytes, bytes]]:
        """Yield the pairs with the bytes of their files."""
        for pair in self._run_file.pairs(known.name):
            yield pair, (self._out / pair.hr).read_bytes(), (self._out / pair.lr).read_bytes()

    def remove(self, image: str) -> None:
        """Remove the files."""
        self._unlink(self._run_file.pairs(image))

    def _unlink(self, pairs: list[Pair]) -> None:
        for pair in pairs:
            for name in (pair.hr, pair.lr):
                (self._out / name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove the files of all pairs, and the lists."""
        for known in self._run_file.images():
            self.remove(known.name)
        for path in list_files(self._out):
            path.unlink()
            remove_empty(path.parent, self._out)

    def finish(self, progress: Progress) -> None:
        """Remove what is not chosen."""
        self._run_file.drop_all_but(self._options.max_pairs)
        self.recover()

    def describe(self, *, complete: bool) -> list[str] | None:
        """Write BasicSR's lists; return them, which go with the manifest."""
        return write_lists(self._out, self._run_file, self._options, self._patch)


Store: TypeAlias = FolderStore | ContainerStore


def store_of(target: Target, run_file: RunFile) -> Store:
    """Return what holds the pairs that `target` describes."""
    container = target.container
    if container is not None:
        return ContainerStore(target, run_file, container)
    return FolderStore(target, run_file)
