"""Whether LMDB can read a data file without ending the process.

LMDB maps the file into memory and trusts it: a page beyond the end is a SIGBUS, a length that
leads out of a page a SIGSEGV, a page of the wrong kind an abort. So all pages but those of the
values are looked at before LMDB sees the file. As LMDB 0.9 has them on machines of 64 bits.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, NamedTuple

from srviewer.export.containers.base import StoredError

_MAGIC, _VERSION = 0xBEEFC0DE, 1
_BRANCH, _LEAF, _OVERFLOW, _META = 1, 2, 4, 8
_BIG = 1  # a node of which the value has pages of its own
_NOTHING = 2**64 - 1  # the root of an empty tree
_DEEPEST = 32  # levels that LMDB follows
_PAGE_SIZES = tuple(1 << power for power in range(8, 17))
_HEAD = struct.Struct("=QHHHH")  # number, padding, kind, ends of the free space
# Of a meta page: magic, version, address, size of the map; then page size, flags, depth, counts
# and root of each of two trees; last page and transaction.
_TREE = "IHHQQQQQ"
_ABOUT = struct.Struct(f"=IIQQ{2 * _TREE}QQ")
_NODE = struct.Struct("=HHHH")
_NUMBER = struct.Struct("=Q")


class _Tree(NamedTuple):
    page: int  # bytes
    last: int
    transaction: int
    flags: int
    depth: int
    root: int


@lru_cache(16)
def require_sound(path: Path, size: int, mtime_ns: int, inode: int) -> None:
    """Raise `StoredError` where the data file `path` is cut off or its pages are no whole tree.

    Parameters
    ----------
    path : Path
    size, mtime_ns, inode : int
        What tells the file from another, so that the same one is not looked at twice.
    """
    with open(path, "rb") as file:
        first = _tree(file, 0)
        tree = max((first, _tree(file, first.page)), key=lambda tree: tree.transaction)
        if (tree.last + 1) * tree.page > size:
            raise StoredError(f"it is cut off: {size:,} bytes are there")
        if tree.page != first.page or tree.flags or not tree.depth <= _DEEPEST:
            raise _damaged("its head")
        level = [] if tree.root == _NOTHING else [tree.root]
        if len(level) != min(tree.depth, 1):
            raise _damaged("its head")
        seen = 0
        for depth in range(tree.depth, 0, -1):
            seen += len(level)
            if seen > tree.last:
                raise _damaged("pages that are there twice")
            level = [child for page in level for child in _children(file, tree, page, depth, size)]


def _damaged(what: str) -> StoredError:
    return StoredError(f"a damaged LMDB file: {what}")


def _tree(file: IO[bytes], start: int) -> _Tree:
    file.seek(start)
    head, about = file.read(_HEAD.size), file.read(_ABOUT.size)
    if len(about) < _ABOUT.size:
        raise StoredError(f"it is cut off: {start + len(head) + len(about):,} bytes are there")
    kind = _HEAD.unpack(head)[2]
    magic, version, _, _, page, *_, flags, depth, _, _, _, _, root, last, transaction = (
        _ABOUT.unpack(about)
    )
    if (magic, version) != (_MAGIC, _VERSION) or not kind & _META or page not in _PAGE_SIZES:
        raise _damaged("its head")
    return _Tree(page, last, transaction, flags, depth, root)


def _children(file: IO[bytes], tree: _Tree, page: int, depth: int, size: int) -> Iterator[int]:
    """Yield the pages that the branch `page` leads to; check what the leaf `page` holds."""
    data = _page(file, tree, page)
    number, _, kind, lower, upper = _HEAD.unpack_from(data)
    count, odd = divmod(lower - _HEAD.size, 2)
    fewest = 1 if depth == 1 else 2
    is_right = number == page and kind == (_LEAF if depth == 1 else _BRANCH)
    if not is_right or odd or count < fewest or not lower <= upper <= tree.page:
        raise _damaged(f"page {page:,}")
    for start in struct.unpack_from(f"={count}H", data, _HEAD.size):
        if not upper <= start <= tree.page - _NODE.size:
            raise _damaged(f"page {page:,}")
        low, high, flags, key = _NODE.unpack_from(data, start)
        end, value = start + _NODE.size + key, low | high << 16
        if depth > 1:
            yield value | flags << 32
            value = 0
        elif flags == _BIG:
            if end + _NUMBER.size > tree.page:
                raise _damaged(f"page {page:,}")
            _require_run(file, tree, _NUMBER.unpack_from(data, end)[0], value, size)
            value = _NUMBER.size
        elif flags:
            raise _damaged(f"page {page:,}")
        if end + value > tree.page:
            raise _damaged(f"page {page:,}")


def _require_run(file: IO[bytes], tree: _Tree, page: int, length: int, size: int) -> None:
    """Raise where no value of `length` bytes begins at `page`."""
    number, _, kind, _, _ = _HEAD.unpack_from(_page(file, tree, page, _HEAD.size))
    if number != page or kind != _OVERFLOW or page * tree.page + _HEAD.size + length > size:
        raise _damaged(f"page {page:,}")


def _page(file: IO[bytes], tree: _Tree, page: int, length: int | None = None) -> bytes:
    if not 2 <= page <= tree.last:
        raise _damaged(f"there is no page {page:,}")
    file.seek(page * tree.page)
    return file.read(length or tree.page)
