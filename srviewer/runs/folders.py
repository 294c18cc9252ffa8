"""Folders that a stranger may have made: what is in one is looked at before it is used.

Whatever is opened, written, moved or removed below an output, and whatever is kept beside a
person's images, goes through here. A name is relative to the folder `top` that the person has
given, which may be a link itself; every part of the name below that is looked at first. What is no
plain file or folder there, such as a link, is neither followed nor touched: it is an error that
names it. Files are written beside their places under names that nobody can know, then renamed.
"""

import contextlib
import errno
import os
import re
import shutil
import stat
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

_NEW_FILE = os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_JUNCTION = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)  # a link of Windows to a folder
_PART = re.compile(r"\.[0-9a-f]{32}\.part")
_KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFDIR: "a folder",
    stat.S_IFREG: "a file",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


class PlaceError(OSError):
    """A name that leads elsewhere, or what is in the place of a plain file or folder."""

    def __init__(self, cause: str, path: str | Path) -> None:
        super().__init__(errno.EPERM, cause, str(path))


def is_inside(name: str) -> bool:
    """Tell whether `name`, with ``/``, stays below the folder that it is relative to."""
    if "\0" in name or (os.name == "nt" and re.search(r"[\\:]", name)):
        return False
    return not any(part in ("", ".", "..") for part in name.split("/"))


def find(top: Path, name: str) -> os.stat_result | None:
    """Return what `name` in `top` is, without following it; None where nothing is there.

    Raises
    ------
    OSError
        `PlaceError` where the name leads out of `top`, or through what is no folder.
    """
    if not is_inside(name):
        raise PlaceError("not the name of something in this folder", top / name)
    path = str(top)
    *folders, last = name.split("/")
    for part in folders:
        path = os.path.join(path, part)
        found = _look(path)
        if found is None:
            return None
        _require(stat.S_IFDIR, found, path)
    return _look(os.path.join(path, last))


def _look(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None


def _require(kind: int, found: os.stat_result, path: str | Path) -> None:
    """Raise `PlaceError` where `found` is not of `kind`, a plain file or folder."""
    is_junction = _JUNCTION is not None and getattr(found, "st_reparse_tag", 0) == _JUNCTION
    if stat.S_IFMT(found.st_mode) != kind or is_junction:
        what = "a link" if is_junction else _KINDS.get(stat.S_IFMT(found.st_mode), "a device")
        wanted = "plain file" if kind == stat.S_IFREG else "folder"
        raise PlaceError(f"{what} in the place of a {wanted}; it is left as it is", path)


def is_file(top: Path, name: str) -> bool:
    """Tell whether there is a plain file `name` in `top`; `PlaceError` where it is no such."""
    found = find(top, name)
    if found is not None:
        _require(stat.S_IFREG, found, top / name)
    return found is not None


def is_folder(top: Path, name: str) -> bool:
    """Tell whether there is a folder `name` in `top`; `PlaceError` where it is no such."""
    found = find(top, name)
    if found is not None:
        _require(stat.S_IFDIR, found, top / name)
    return found is not None


def file_in(top: Path, name: str, *, to_change: bool = False) -> Path:
    """Return the path of `name` in `top`, which is a plain file or not there.

    Parameters
    ----------
    top : Path
    name : str
    to_change : bool
        Whether its bytes are to be changed, so that it may not have another name either.
    """
    found = find(top, name)
    if found is not None:
        _require(stat.S_IFREG, found, top / name)
        if to_change and found.st_nlink > 1:
            raise PlaceError("a file that has another name too; it is left as it is", top / name)
    return top / name


def files_in(top: Path, name: str = "") -> Iterator[str]:
    """Yield all that is below the folder `name` of `top` and is no folder, relative to `top`."""
    waiting = [name] if not name or is_folder(top, name) else []
    while waiting:
        folder = waiting.pop()
        with os.scandir(top / folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        below = []
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                below.append(path)
            else:
                yield path
        waiting += reversed(below)


def make_folders(path: Path) -> None:
    """Make the folder `path` that a person has named, and those above it.

    Raises
    ------
    OSError
        `NotADirectoryError` where it is a file.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(path)) from error


def make_folder(top: Path, name: str) -> None:
    """Make the folder `name` and those above it in `top`, but not `top`, which may have vanished.

    Raises
    ------
    OSError
        `FileNotFoundError` where `top` does not exist.
    """
    if not is_folder(top, name):
        above = name.rpartition("/")[0]
        if above:
            make_folder(top, above)
        with contextlib.suppress(FileExistsError):  # another machine may have made it meanwhile
            os.mkdir(top / name)


def new_file(path: str | Path, *, to_read: bool = False) -> int:
    """Return a handle of the new file `path`, whose folder was looked at; a plain one is replaced.

    What is written can be read back `to_read`.

    A path is what a handle is made of 100,000 times, so that nothing else is looked at here.
    """
    how = _NEW_FILE | (os.O_RDWR if to_read else os.O_WRONLY)
    try:
        return os.open(path, how, 0o666)
    except FileExistsError:
        _require(stat.S_IFREG, os.lstat(path), path)
        os.unlink(path)
        return os.open(path, how, 0o666)


def part_beside(path: str | Path) -> str:
    """Return a name that nobody can know, for what will be `path`."""
    return os.path.join(os.path.dirname(path), f".{uuid.uuid4().hex}.part")


@contextmanager
def replacing(top: Path, name: str) -> Iterator[IO[bytes]]:
    """Open a file for writing so that `name` in `top` holds what it held before or all of it."""
    path = file_in(top, name)
    part = part_beside(path)
    try:
        with open(new_file(part), "wb") as file:
            yield file
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):  # what went wrong first is what is told
            os.unlink(part)
        raise


def write_text(top: Path, name: str, text: str) -> None:
    """Write `text` so that `name` in `top` holds either what it held before or all of it."""
    with replacing(top, name) as file:
        file.write(text.encode("utf-8", "surrogateescape"))


def move(top: Path, source: str, name: str) -> None:
    """Let the plain file `source` in `top` be `name` there, in the place of a plain file."""
    os.replace(file_in(top, source), file_in(top, name))


def remove_file(top: Path, name: str, *, and_folders: bool = False) -> None:
    """Remove the plain file `name` in `top`, if it is there.

    With `and_folders`, the folders above it are removed too that are empty then.
    """
    if is_file(top, name):
        os.unlink(top / name)
        if and_folders:
            remove_empty(top, name.rpartition("/")[0])


def remove_empty(top: Path, name: str) -> None:
    """Remove the folder `name` in `top` and those above it, as far as they are empty."""
    while name and is_folder(top, name) and not os.listdir(top / name):
        os.rmdir(top / name)
        name = name.rpartition("/")[0]


def remove_tree(top: Path, name: str) -> None:
    """Remove the folder `name` in `top` with all that is in it.

    Raises
    ------
    OSError
        Where something of it stays.
    """
    if is_folder(top, name):
        try:
            shutil.rmtree(top / name)
        except OSError as error:  # which names the last part of its path alone
            raise OSError(error.errno, error.strerror, str(top / name)) from error
        except RecursionError:  # folders in folders, a thousand times
            pass
        if find(top, name):
            raise PlaceError("folders in folders without end; remove it", top / name)


@contextmanager
def scratch_folder(
    beside: Path, prefix: str, on_left: Callable[[OSError], object]
) -> Iterator[Path]:
    """Give a new folder in `beside`, `prefix` and eight random letters; remove it at the end.

    What killed programs have left of theirs is removed too, where that can be told from those
    that are in use.

    Parameters
    ----------
    beside : Path
    prefix : str
    on_left : callable
        Given why the folder could not be removed.
    """
    mine = f"{prefix}{uuid.uuid4().hex[:8]}"
    for name in os.listdir(beside):
        if name.startswith(prefix) and re.fullmatch("[0-9a-f]{8}", name.removeprefix(prefix)):
            with contextlib.suppress(OSError), _kept(beside / name) as alone:
                if alone:
                    remove_tree(beside, name)
    os.mkdir(beside / mine, 0o700)
    with _kept(beside / mine):
        try:
            yield beside / mine
        finally:
            try:
                remove_tree(beside, mine)
            except OSError as error:
                on_left(error)


@contextmanager
def _kept(folder: Path) -> Iterator[bool]:
    """Keep `folder` from those who ask for it likewise; tell whether nobody else does.

    Where that cannot be known, as on Windows and on some shares, somebody else may.
    """
    if fcntl is None:
        yield False
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        alone = True
    except OSError:
        alone = False
    try:
        yield alone
    finally:
        os.close(handle)


def require_removable(top: Path, names: Iterable[str]) -> None:
    """Find out whether all of the files `names` in `top` can be removed; none is touched.

    Raises
    ------
    OSError
        `PlaceError` for what is no plain file, `PermissionError` for a folder that may not be
        changed.
    """
    allowed = set()
    for name in names:
        folder = os.path.dirname(top / name)
        if is_file(top, name) and folder not in allowed:
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)
            allowed.add(folder)


def half_written(names: Iterable[str]) -> Iterator[str]:
    """Yield those of the files `names` that were being written when a run died."""
    return (name for name in names if _PART.fullmatch(name.rpartition("/")[2]))
