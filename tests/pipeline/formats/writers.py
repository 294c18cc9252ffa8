"""Small writers of PNG, TIFF and ICC: what they write is known without any reader of ours."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np

# What a viewer must do to the stored pixels, as the Exif standard names it.
TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a, 1),
}

PNG = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, body: bytes = b"", *, flip: int = 0) -> bytes:
    """Return a chunk of a PNG, its checksum changed by `flip`."""
    checksum = zlib.crc32(kind + body) ^ flip
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def head(width: int, height: int, depth: int = 8, colour: int = 2, interlace: int = 0) -> bytes:
    """Return the chunk IHDR."""
    body = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return chunk(b"IHDR", body)


def rows_of(samples: np.ndarray) -> bytes:
    """Return the rows of 8- or 16-bit `samples`, each with filter 0."""
    wide = samples.astype(samples.dtype.newbyteorder(">"))
    return b"".join(b"\0" + row.tobytes() for row in wide)


def png(rgb: np.ndarray, *extra: bytes, data: bytes | None = None) -> bytes:
    """Return a PNG of (H, W, 3) uint8 with `extra` chunks, of other compressed `data` if given."""
    packed = zlib.compress(rows_of(rgb)) if data is None else data
    start = PNG + head(rgb.shape[1], rgb.shape[0])
    return start + b"".join(extra) + chunk(b"IDAT", packed) + chunk(b"IEND")


def packed_bits(samples: np.ndarray, bits: int, order: str) -> bytes:
    """Return (rows, values) of so many bits; each row begins with a whole byte."""
    if bits in (8, 16):
        return samples.astype(f"{order}u{bits // 8}").tobytes()
    spread = samples[..., None] >> np.arange(bits - 1, -1, -1) & 1
    return np.packbits(spread.reshape(len(samples), -1).astype(np.uint8), axis=1).tobytes()


def lzw(data: bytes) -> bytes:
    """Return `data` as LZW that never looks back: every code has 9 bits."""
    codes: list[int] = []
    for at in range(0, len(data), 250):
        codes += [256, *data[at : at + 250]]
    spread = np.array([*codes, 257])[:, None] >> np.arange(8, -1, -1) & 1
    return np.packbits(spread.astype(np.uint8)).tobytes()


CODECS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "raw": (1, lambda data: data),
    "zlib": (8, zlib.compress),
    "lzw": (5, lzw),
}
_TYPES = {"B": 1, "H": 3, "I": 4, "Q": 16, "i": 13, "q": 18, "f": 11}  # the last two: IFD and IFD8
_SUB_PAGES = 330


class Page:
    """A page of a TIFF to be: `samples` of shape (H, W, C), and how they lie in the file."""

    def __init__(
        self,
        samples: np.ndarray,
        *,
        photometric: int = 2,
        bits: int = 8,
        codec: str = "raw",
        planar: bool = False,
        predictor: bool = False,
        tile: int = 0,
        rows: int = 16,
        extra: Sequence[int] = (),
        more: dict[int, tuple[str, Sequence[float]]] | None = None,
        subs: Sequence[Page] = (),
    ) -> None:
        self.samples, self.bits, self.codec, self.subs = samples, bits, codec, subs
        self.planar, self.predictor, self.tile, self.rows = planar, predictor, tile, rows
        height, width, channels = samples.shape
        self.tags: dict[int, tuple[str, Sequence[float]]] = {
            256: ("I", [width]),
            257: ("I", [height]),
            258: ("H", [bits] * channels),
            259: ("H", [CODECS[codec][0]]),
            262: ("H", [photometric]),
            277: ("H", [channels]),
            284: ("H", [2 if planar else 1]),
            317: ("H", [2 if predictor else 1]),
            **({322: ("H", [tile]), 323: ("H", [tile])} if tile else {278: ("I", [rows])}),
            **({338: ("H", extra)} if extra else {}),
            **(more or {}),
        }

    def pieces(self, order: str) -> Iterator[bytes]:
        """Yield strips or tiles as they are stored."""
        a = self.samples
        for plane in np.split(a, a.shape[2], axis=2) if self.planar else [a]:
            height, width = plane.shape[:2]
            for y in range(0, height, self.tile or self.rows):
                for x in range(0, width, self.tile or width):
                    part = plane[y : y + (self.tile or self.rows), x : x + (self.tile or width)]
                    if self.tile:
                        room = [(0, self.tile - n) for n in part.shape[:2]]
                        part = np.pad(part, (*room, (0, 0)))
                    if self.predictor:
                        part = np.diff(part, axis=1, prepend=part[:, :1] * 0)
                    flat = part.reshape(len(part), -1)
                    yield CODECS[self.codec][1](packed_bits(flat, self.bits, order))


def tiff(
    *pages: Page, order: str = "<", big: bool = False, orientation: int = 1, sub_type: str = "I"
) -> bytes:
    """Return a TIFF of `pages`, each turned by `orientation`."""
    word, count, room = ("Q", "Q", 8) if big else ("I", "H", 4)
    start = {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}H", 43 if big else 42)
    start += struct.pack(f"{order}HHQ", 8, 0, 0) if big else bytes(4)
    out = bytearray(start)

    def write(page: Page) -> tuple[int, int]:
        """Append `page`; return where it begins, and where the place of the next stands."""
        subs = [write(sub)[0] for sub in page.subs]
        where, sizes = [], []
        for piece in page.pieces(order):
            where.append(len(out))
            sizes.append(len(piece))
            out.extend(piece)
        offsets, lengths = (324, 325) if page.tile else (273, 279)
        tags = page.tags | {
            274: ("H", [orientation]),
            offsets: (word, where),
            lengths: (word, sizes),
            **({_SUB_PAGES: (sub_type, subs)} if subs else {}),
        }
        entries = b""
        for tag, (letter, values) in sorted(tags.items()):
            body = struct.pack(f"{order}{len(values)}{letter}", *values)
            if len(body) > room:
                at = len(out)
                out.extend(body)
                body = struct.pack(f"{order}{word}", at)
            entry = struct.pack(f"{order}HH{word}", tag, _TYPES[letter], len(values))
            entries += entry + body.ljust(room, b"\0")
        at = len(out)
        out.extend(struct.pack(f"{order}{count}", len(tags)) + entries + bytes(room))
        return at, len(out) - room

    link = len(start) - room
    for page in pages:
        at, following = write(page)
        struct.pack_into(f"{order}{word}", out, link, at)
        link = following
    return bytes(out)


# ICC, version 2

_D50 = (0.9642, 1.0, 0.8249)


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def _profile(kind: bytes, space: bytes, pcs: bytes, name: str, tags: dict[bytes, bytes]) -> bytes:
    words = name.encode() + b"\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(words)) + words + bytes(79)
    tags = {b"desc": described, b"cprt": b"text\0\0\0\0none\0", b"wtpt": _xyz(_D50), **tags}
    at, entries, bodies = 128 + 4 + 12 * len(tags), b"", b""
    for tag, body in tags.items():
        entries += struct.pack(">4sII", tag, at + len(bodies), len(body))
        bodies += body.ljust(-(-len(body) // 4) * 4, b"\0")
    start = struct.pack(">I4sI4s4s4s", at + len(bodies), b"none", 0x02100000, kind, space, pcs)
    start += struct.pack(">6H4s", 2020, 1, 1, 0, 0, 0, b"acsp")
    start = start.ljust(68, b"\0") + struct.pack(">3i", *(round(v * 65536) for v in _D50))
    return start.ljust(128, b"\0") + struct.pack(">I", len(tags)) + entries + bodies


def wide_profile(more: dict[bytes, bytes] | None = None) -> bytes:
    """Return a profile with the primaries of Adobe RGB (1998), adapted to D50."""
    primaries = {
        b"rXYZ": (0.60974, 0.31111, 0.01947),
        b"gXYZ": (0.20528, 0.62567, 0.06087),
        b"bXYZ": (0.14919, 0.06322, 0.74457),
    }
    tags = {tag: _xyz(values) for tag, values in primaries.items()}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(2.2))
    return _profile(b"mntr", b"RGB ", b"XYZ ", "Wide \x07colours", tags | (more or {}))


def grey_profile(gamma: float = 1.0) -> bytes:
    """Return a profile of greys."""
    return _profile(b"mntr", b"GRAY", b"XYZ ", "Linear grey", {b"kTRC": _curve(gamma)})


def ink_profile() -> bytes:
    """Return a profile of inks, each of which takes light away in its own way."""
    table = bytearray()
    for inks in np.ndindex(2, 2, 2, 2):
        light = 100 - np.dot(inks, (30, 40, 10, 90))
        a, b = np.dot(inks, (-35, 70, -5, 0)), np.dot(inks, (-45, -5, 90, 0))
        table += bytes((max(0, round(light * 2.55)), round(a + 128), round(min(b, 127) + 128)))
    identity = bytes(range(256))
    one = [65536 if row == column else 0 for row in range(3) for column in range(3)]
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + struct.pack(">9i", *one)
    lut += identity * 4 + bytes(table) + identity * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", "Four inks", {b"A2B0": lut})
