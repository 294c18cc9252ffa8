"""One export at a time writes into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from srviewer.errors import ExportError

try:
    import fcntl
except ImportError:  # not on Windows, where an open file cannot be replaced anyway
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"


class FolderLock:
    """Held while a data set is written to; the system lets go of it when the process dies.

    Raises
    ------
    ExportError
        Where another export holds it.
    OSError
        Where the folder cannot be written to.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK
        self._file: IO[str] | None = open(self._path, "a")  # noqa: SIM115 - closed in release
        if fcntl is None:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise ExportError(f"{folder}: another export is writing into this folder") from error

    def release(self) -> None:
        """Let others write; doing it twice does no harm."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            self._file.close()
            self._file = None
