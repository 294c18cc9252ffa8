"""What holds the pairs of a data set on disk: folders of files, or a container."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from srviewer.export.container_store import ContainerStore
from srviewer.export.folders import remove_empty
from srviewer.export.manifest import JOURNAL, MANIFEST, Row
from srviewer.export.meta_info import list_files, write_lists
from srviewer.export.row_log import write_rows
from srviewer.export.selecting import Rows, choose, validation_images
from srviewer.export.target import Target
from srviewer.pipeline.progress import Progress


class Store(Protocol):
    """What holds the pairs of a data set."""

    def recover(self) -> None:
        """Finish what a killed run had begun to put in place."""
        ...

    def prepare(self) -> None:
        """Make what the pairs are written to."""
        ...

    def has(self, image: str, rows: Rows) -> bool:
        """Tell whether the pairs of `image` are there as far as can be seen without reading."""
        ...

    def discard(self, image: str, rows: Sequence[Row]) -> None:
        """Remove the pairs of `image`, where that can be done one image at a time."""
        ...

    def clear(self, rows: Rows) -> None:
        """Remove all that was written, and nothing else."""
        ...

    def finish(self, rows: Rows, complete: bool, progress: Progress) -> int:
        """Put the manifest in place, and all that goes with it.

        Parameters
        ----------
        rows : mapping of image to rows
        complete : bool
            Whether all images were dealt with, so that pairs can be chosen among them.
        progress : Progress

        Returns
        -------
        int
            Pairs in the data set.
        """
        ...


def store_of(target: Target) -> Store:
    """Return what holds the pairs that `target` describes."""
    container = target.container
    return ContainerStore(target, container) if container else FolderStore(target)


class FolderStore:
    """Folders ``hr`` and ``lr`` with a file for each patch."""

    def __init__(self, target: Target) -> None:
        self._out = target.out
        self._options = target.options
        # Pairs that were not chosen may be gone already while the journal still lists them.
        self._look = bool(target.options.max_pairs) and (target.out / JOURNAL).exists()

    def recover(self) -> None:
        """Do nothing: files are put in place one by one."""

    def prepare(self) -> None:
        """Make both folders."""
        for folder in ("hr", "lr"):
            (self._out / folder).mkdir(parents=True, exist_ok=True)

    def has(self, image: str, rows: Rows) -> bool:
        """Tell whether the files are there: the first, or all where there is reason to doubt it."""
        first = rows.first(image)
        doubtful = rows[image] if self._look else [first] if first else []
        places = (place for row in doubtful for place in (row.hr, row.lr))
        return all((self._out / place).exists() for place in places)

    def discard(self, image: str, rows: Sequence[Row]) -> None:
        """Remove the files that `rows` name."""
        for row in rows:
            for place in (row.hr, row.lr):
                (self._out / place).unlink(missing_ok=True)

    def clear(self, rows: Rows) -> None:
        """Remove the files of all rows and the lists."""
        for image in rows:
            self.discard(image, rows[image])
        for path in list_files(self._out):
            path.unlink()
            remove_empty(path.parent, self._out)

    def finish(self, rows: Rows, complete: bool, progress: Progress) -> int:
        """Remove what was not chosen, then write the manifest and BasicSR's lists."""
        chosen = choose(rows, self._options.max_pairs if complete else None)
        for image, others in chosen.left_out():
            self.discard(image, others)
        share, seed = self._options.validation_share, self._options.seed
        write_lists(self._out, chosen, validation_images(chosen.counts, share, seed))
        # Last: rows are read from the manifest that is there until now.
        write_rows(self._out / MANIFEST, map(chosen.of, chosen.counts))
        (self._out / JOURNAL).unlink(missing_ok=True)
        return chosen.total
