"""Tar shards of `key.hr.png`, `key.lr.png` and `key.json`, which webdataset and datasets load."""

from __future__ import annotations

import json
import math
import re
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from srviewer.export.containers.base import Packed
from srviewer.export.containers.png import encode_png
from srviewer.export.manifest import Row
from srviewer.pipeline.arrays import Image

_OWN = re.compile(r"pairs-\d{6,}\.tar")


@dataclass(frozen=True)
class WebdatasetPairs:
    """The format webdataset.

    Attributes
    ----------
    shard_size : int
        Pairs in a shard; the last one holds what is left.
    """

    shard_size: int

    def encode(self, bgr: Image, side: str) -> bytes:
        """Return a patch as PNG."""
        return encode_png(bgr)

    def places(self, folder: str, key: str, index: int) -> tuple[str, str]:
        """Return the two members, after the shard that they are in."""
        shard = f"{folder}{_shard(index // self.shard_size)}"
        return f"{shard}/{key}.hr.png", f"{shard}/{key}.lr.png"

    def file(self, place: str) -> str:
        """Return the shard that `place` is in."""
        return place.partition("/")[0]

    def key(self, row: Row) -> str:
        """Return what both members begin with."""
        return row.hr.partition(".tar/")[2].removesuffix(".hr.png")

    def write(self, folder: Path, pairs: Iterable[Packed], count: int) -> None:
        """Write shard after shard; without pairs there is one empty shard."""
        rest = iter(pairs)
        for number in range(max(1, -(-count // self.shard_size))):
            with open(folder / _shard(number), "wb") as file:
                for pair in islice(rest, self.shard_size):
                    file.write(_member(f"{pair.key}.hr.png", pair.hr))
                    file.write(_member(f"{pair.key}.lr.png", pair.lr))
                    file.write(_member(f"{pair.key}.json", _figures(pair.row)))
                end = file.tell() + 2 * tarfile.BLOCKSIZE
                file.write(bytes(end - file.tell() + -end % tarfile.RECORDSIZE))

    @contextmanager
    def reader(self, out: Path) -> Iterator[_WebdatasetReader]:
        """Open one shard at a time."""
        found = _WebdatasetReader(out)
        try:
            yield found
        finally:
            found.close()

    def is_own(self, name: str) -> bool:
        """Tell whether `name` is a shard."""
        return _OWN.fullmatch(name) is not None


class _WebdatasetReader:
    def __init__(self, out: Path) -> None:
        self._out = out
        self._name = ""
        self._shard: tarfile.TarFile | None = None
        self._members: dict[str, tarfile.TarInfo] = {}

    def read(self, row: Row) -> tuple[bytes, bytes]:
        """Return both PNG files."""
        return self._get(row.hr), self._get(row.lr)

    def _get(self, place: str) -> bytes:
        start, _, member = place.partition(".tar/")
        name = f"{start}.tar"
        if name != self._name:
            self.close()
            self._shard = tarfile.open(self._out / name, "r:")  # noqa: SIM115 - closed in close
            self._name = name
            self._members = {found.name: found for found in self._shard.getmembers()}
        assert self._shard is not None
        file = self._shard.extractfile(self._members[member])
        assert file is not None
        return file.read()

    def close(self) -> None:
        """Close the shard that is open."""
        if self._shard is not None:
            self._shard.close()
        self._name = ""


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
