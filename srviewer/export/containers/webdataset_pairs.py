"""Tar shards of `key.hr.png`, `key.lr.png` and `key.json`, which webdataset and datasets load."""

import json
import math
import re
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from srviewer.export.containers.base import NotThereError, Packed, StoredError
from srviewer.export.containers.pictures import PngPairs
from srviewer.export.manifest import Row
from srviewer.runs.folders import new_file


@dataclass(frozen=True)
class WebdatasetPairs(PngPairs):
    """The format webdataset.

    Attributes
    ----------
    shard_size : int
        Pairs in a shard; the last one holds what is left.
    """

    shard_size: int

    own = re.compile(r"pairs-\d{6,}\.tar")
    mark = ".tar/"

    def places(self, folder: str, key: str, index: int) -> tuple[str, str]:
        """Return the two members, after the shard that they are in."""
        shard = f"{folder}{_shard(index // self.shard_size)}"
        return f"{shard}/{key}.hr.png", f"{shard}/{key}.lr.png"

    def write(self, folder: Path, pairs: Iterable[Packed], count: int) -> None:
        """Write shard after shard; without pairs there is one empty shard."""
        rest = iter(pairs)
        for number in range(max(1, -(-count // self.shard_size))):
            with open(new_file(folder / _shard(number)), "wb") as file:
                for pair in islice(rest, self.shard_size):
                    file.write(_member(f"{pair.key}.hr.png", pair.hr))
                    file.write(_member(f"{pair.key}.lr.png", pair.lr))
                    file.write(_member(f"{pair.key}.json", _figures(pair.row)))
                end = file.tell() + 2 * tarfile.BLOCKSIZE
                file.write(bytes(end - file.tell() + -end % tarfile.RECORDSIZE))

    def on_disk(self, payload: int) -> float:
        """Return what a member takes, with its header."""
        return tarfile.BLOCKSIZE * (1 - -payload // tarfile.BLOCKSIZE)

    def besides(self, count: int) -> float:
        """Return what the members of figures take, and about the ends of the shards."""
        shards = max(1, -(-count // self.shard_size))
        figures = 2 * tarfile.BLOCKSIZE  # a header, and less than a block of them
        return count * figures + shards * tarfile.RECORDSIZE / 2

    def open(self, path: Path) -> Any:
        """Open a shard."""
        return _Shard(path)

    def value(self, opened: Any, key: str) -> bytes:
        """Return a member's data."""
        member = opened.members.get(key)
        if member is None:
            raise NotThereError("no such member")
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
            raise StoredError("no plain file in the shard")
        data: bytes = opened.tar.extractfile(member).read()
        return data

    def count(self, opened: Any) -> int:
        """Return how many pictures there are, those too that have one name."""
        return sum(name.endswith(".png") for name in opened.tar.getnames())


class _Shard:
    """An open shard and its members by name."""

    def __init__(self, path: Path) -> None:
        self.tar = tarfile.open(path, "r:")  # noqa: SIM115 - closed by the reader
        self.members = {member.name: member for member in self.tar.getmembers()}
        self.close = self.tar.close


def _shard(number: int) -> str:
    return f"pairs-{number:06d}.tar"


# tarfile makes one header in 20 us; a pair has three, which differ in name and size alone.
_PATTERN = tarfile.TarInfo().tobuf(tarfile.GNU_FORMAT)  # of nobody, and of no time
_NAME, _SIZE, _SUM = slice(0, 100), slice(124, 136), slice(148, 156)


def _member(name: str, data: bytes) -> bytes:
    """Return a member of an archive: header, data, and zeros up to a whole block."""
    return b"".join((_header(name, len(data)), data, bytes(-len(data) % tarfile.BLOCKSIZE)))


def _header(name: str, size: int) -> bytes:
    written = name.encode("ascii")
    if len(written) > 100:  # takes more than one block
        member = tarfile.TarInfo(name)
        member.size = size
        return member.tobuf(tarfile.GNU_FORMAT)
    header = bytearray(_PATTERN)
    header[_NAME] = written.ljust(100, b"\0")
    header[_SIZE] = b"%011o\0" % size
    header[_SUM] = b"        "  # the sum is taken with blanks in its place
    header[_SUM] = b"%06o\0 " % sum(header)
    return bytes(header)


def figures_member(row: Row) -> str:
    """Return where the figures of a pair lie, beside its HR."""
    return row.hr.removesuffix(".hr.png") + ".json"


def _figures(row: Row) -> bytes:
    psnr = float(row.psnr)
    figures = {
        "image": row.image,
        "x": int(row.x),
        "y": int(row.y),
        "scale": int(row.scale),
        "keypoints": int(row.keypoints),
        "matches": int(row.matches),
        "psnr": psnr if math.isfinite(psnr) else None,  # JSON has no infinity
        "ssim": float(row.ssim),
    }
    return json.dumps(figures, separators=(",", ":")).encode("ascii")
