"""A file that HDF5 writes without ever meeting an error of the system."""

import os
from pathlib import Path
from typing import Any, Self

from srviewer.runs.folders import new_file


class WrittenFile:
    """A new file for `h5py.File`; what the system refuses is raised when its ``with`` ends.

    HDF5 cannot close what it could not write: the handle stays, and at its exit the process dies of
    it (SIGSEGV). So it is told that all was done, and the file, which is not whole, is not used.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    refused : OSError, optional
        The first error.
    """

    def __init__(self, path: Path) -> None:
        self.refused: OSError | None = None
        self._path = path
        self._file = open(new_file(path, to_read=True), "r+b", buffering=0)  # noqa: SIM115
        self._at = 0
        self._end = 0  # as HDF5 believes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *exc_info: object) -> None:
        try:
            self._file.close()
        except OSError as error:
            self._refuse(error)
        if self.refused:
            found = self.refused
            raise OSError(found.errno, found.strerror, str(self._path)) from found

    def _refuse(self, error: OSError) -> None:
        self.refused = self.refused or error

    # What HDF5 calls

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def write(self, data: Any) -> int:
        """Write all of `data`, or keep why that failed."""
        left = memoryview(data).cast("B")
        size = len(left)
        try:
            self._file.seek(self._at)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            self._refuse(error)
        self._at += size
        self._end = max(self._end, self._at)
        return size

    def read(self, size: int) -> bytes:
        """Return `size` bytes, zeros where nothing was written."""
        data = bytearray(size)
        self.readinto(data)
        return bytes(data)

    def readinto(self, data: Any) -> int:
        """Fill `data`, with zeros where nothing was written."""
        view = memoryview(data).cast("B")
        done = 0
        try:
            self._file.seek(self._at)
            while done < len(view):
                count = self._file.readinto(view[done:])
                if not count:
                    break
                done += count
        except OSError as error:
            self._refuse(error)
        view[done:] = bytes(len(view) - done)
        self._at += len(view)
        return len(view)

    def truncate(self, size: int) -> int:
        """Let the file have `size` bytes."""
        try:
            self._file.truncate(size)
        except OSError as error:
            self._refuse(error)
        self._end = size
        return size

    def flush(self) -> None:
        """Do nothing: nothing is held back."""
