"""PNG: each checksum is looked at here, and the decoder sees only the chunks that make pixels.

Pillow looks at no checksum of pixels and fills up what is missing in black; libpng, through
OpenCV, refuses data that is cut or does not fit its own checksum.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image as PillowImage

from srviewer.errors import ReadError
from srviewer.pipeline.formats.limits import MOST_CHUNKS, MOST_PROFILE, require_size
from srviewer.pipeline.formats.raster import (
    BEYOND_PALETTE,
    BROKEN_PROFILE,
    LEFT_AS_STORED,
    Raster,
    Samples,
    cicp_note,
    damaged,
    frames_words,
    told_by_exif,
)
from srviewer.pipeline.opencv import cv2

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _PALETTE, _WITH_ALPHA = (0, 4), 3, (4, 6)
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_COLOUR = {b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP", b"tRNS", b"sBIT"}
_KEPT = _COLOUR | {b"eXIf", b"acTL"}
_MOST_KEPT = {b"eXIf": 1 << 20}  # bytes; the others are small, or unpacked to a limit
_UNKNOWN_WITHOUT = {
    "eXIf": ", so its orientation is not known",
    "iCCP": ", so its colours are left as stored",
}
_MOST_OF_ONE = 1032  # bytes that deflate makes of one
_MOST_SIDE = 1_000_000  # px of libpng, whatever OpenCV is told
_PASSES = (  # of an interlaced image: first row and column, and from one to the next
    ((0, 8), (0, 8)), ((0, 8), (4, 8)), ((4, 8), (0, 4)), ((0, 4), (2, 4)),
    ((2, 4), (0, 2)), ((0, 2), (1, 2)), ((1, 2), (0, 1)),
)  # fmt: skip
# What says sRGB without its name, and is written everywhere.
_SRGB = {
    b"gAMA": (45455,),
    b"cHRM": (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000),
}
NARROW = "cICP (from 16 to 235): levels left as stored"
_NEAR = 200  # in units of 1/100,000


def read_png(data: bytes) -> Raster:
    """Return what the PNG file of the content `data` holds.

    Raises
    ------
    ReadError
        Where a checksum of pixels or colours does not fit, or data is missing, or for HDR.
    """
    chunks = _read_chunks(data)
    head = chunks.head
    assert head is not None
    samples, damage = _decoded(chunks, head)
    kept = chunks.kept
    orientation, exif_note, broken = told_by_exif(kept.get(b"eXIf", b""))
    profile, colour_notes = _colours(kept, exif_note)
    frames = int.from_bytes(kept.get(b"acTL", b"")[:4], "big")
    transparent = head.colour in _WITH_ALPHA or b"tRNS" in kept
    return Raster(
        samples,
        bits=head.depth if head.depth == 16 else 8,
        stored=head.stored,
        profile=profile,
        orientation=orientation,
        taken=frames_words(frames),
        damage=(*damage, *broken, *(_skipped(*one) for one in sorted(chunks.skipped.items()))),
        dropped=("alpha dropped",) if transparent else (),
        colour_notes=colour_notes,
    )


def _skipped(name: str, cause: str) -> str:
    return f"the chunk {name} {cause} and was skipped{_UNKNOWN_WITHOUT.get(name, '')}"


@dataclass(frozen=True)
class _Head:
    width: int
    height: int
    depth: int
    colour: int
    compression: int
    filtering: int
    interlace: int

    @classmethod
    def read(cls, body: memoryview) -> _Head:
        if len(body) != 13:
            raise damaged("the chunk IHDR has a wrong length")
        head = cls(*struct.unpack(">IIBBBBB", body))
        if not (0 < head.width < 1 << 31 and 0 < head.height < 1 << 31):
            raise damaged(f"{head.width} x {head.height} px")
        known = head.depth in _DEPTHS.get(head.colour, ()) and head.interlace <= 1
        if not known or head.compression or head.filtering:
            raise damaged("the chunk IHDR holds values that PNG does not know")
        require_size(head.width, head.height)
        return head

    @property
    def stored(self) -> str:
        if self.colour == _PALETTE:
            return "palette"
        if self.colour not in _GREY:
            return ""
        return "black and white" if self.depth == 1 else "grey"

    @property
    def row_data(self) -> int:
        """Bytes of all its rows, each with the number of its filter."""

        def rows(width: int, height: int) -> int:
            bits = width * self.depth * _CHANNELS[self.colour]
            return height * (1 + -(-bits // 8)) if width and height else 0

        def count(size: int, first: int, step: int) -> int:
            return max(0, -(-(size - first) // step))

        if not self.interlace:
            return rows(self.width, self.height)
        return sum(rows(count(self.width, *x), count(self.height, *y)) for y, x in _PASSES)


@dataclass
class _Chunks:
    """What is needed of a file's chunks."""

    head: _Head | None = None
    palette: bytes = b""
    pixels: list[memoryview] = field(default_factory=list)
    kept: dict[bytes, bytes] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def take(self, kind: bytes, body: memoryview, whole: bool) -> None:
        """Keep a chunk, or refuse it; `whole` tells whether its checksum fits."""
        critical = not kind[0] & 0x20
        if not whole:
            if critical or kind in _COLOUR:
                raise damaged(f"the checksum of the chunk {kind.decode()} does not fit")
            self.skipped[kind.decode()] = "has a wrong checksum"
        elif critical:
            self._take_critical(kind, body)
        elif kind in _KEPT and len(body) > _MOST_KEPT.get(kind, MOST_PROFILE):
            self.skipped.setdefault(kind.decode(), "is too large")
        elif kind in _KEPT:
            self.kept.setdefault(kind, bytes(body))

    def _take_critical(self, kind: bytes, body: memoryview) -> None:
        if (self.head is None) != (kind == b"IHDR"):
            raise damaged("it has not one chunk IHDR, and that first")
        if kind == b"IHDR":
            self.head = _Head.read(body)
        elif kind == b"IDAT":
            self.pixels.append(body)
        elif kind == b"PLTE":
            if self.palette or self.pixels or len(body) % 3 or not 0 < len(body) <= 768:
                raise damaged("its palette is broken")
            self.palette = bytes(body)
        elif kind != b"IEND":
            raise ReadError(f"its chunk {kind.decode()} is not known, and needed for its pixels")


def _walk(data: bytes) -> Iterator[tuple[bytes, memoryview, bool]]:
    """Yield kind and content of each chunk up to IEND, and whether its checksum fits."""
    view, at = memoryview(data), len(_SIGNATURE)
    for _ in range(MOST_CHUNKS):
        if at + 12 > len(data):
            raise damaged("truncated: the chunk IEND is missing")
        length = int.from_bytes(view[at : at + 4], "big")
        kind = bytes(view[at + 4 : at + 8])
        end = at + 8 + length
        if not kind.isalpha():
            raise damaged(f"no chunk at byte {at:,}")
        if end + 4 > len(data):
            raise damaged(f"truncated: the chunk {kind.decode()} needs {length:,} bytes")
        told = int.from_bytes(view[end : end + 4], "big")
        yield kind, view[at + 8 : end], zlib.crc32(view[at + 4 : end]) == told
        if kind == b"IEND":
            return
        at = end + 4
    raise ReadError(f"more than {MOST_CHUNKS:,} chunks")


def _read_chunks(data: bytes) -> _Chunks:
    chunks = _Chunks()
    last = b""
    for kind, body, whole in _walk(data):
        if not last and kind == b"CgBI":
            raise ReadError("an Apple CgBI picture, which is not read; save it as plain PNG")
        if not last and kind != b"IHDR":
            raise damaged("it does not begin with the chunk IHDR")
        if kind == b"IDAT" and chunks.pixels and last != b"IDAT":
            raise damaged("its chunks IDAT are apart")
        chunks.take(kind, body, whole)
        last = kind
    head = chunks.head
    if head is None or not chunks.pixels:
        raise damaged("it has no pixels")
    if head.colour == _PALETTE and not chunks.palette:
        raise damaged("it has no palette")
    most = (sum(map(len, chunks.pixels)) + 1) * _MOST_OF_ONE
    if head.row_data > most:
        raise damaged(
            f"truncated: {head.width} x {head.height} px need {head.row_data:,} bytes, and its "
            f"data has no more than {most:,}"
        )
    return chunks


def _chunk(kind: bytes, *parts: bytes | memoryview) -> tuple[bytes | memoryview, ...]:
    checksum = zlib.crc32(kind)
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    length = sum(map(len, parts))
    return length.to_bytes(4, "big"), kind, *parts, checksum.to_bytes(4, "big")


def _decoded(chunks: _Chunks, head: _Head) -> tuple[Samples, tuple[str, ...]]:
    """Return the samples, and what is to be told of damage."""
    known = np.frombuffer(chunks.palette, np.uint8).reshape(-1, 3)
    if head.colour != _PALETTE or len(known) >= 1 << head.depth:
        return _samples(chunks, head), ()
    # Which numbers have no colour libpng does not tell: so they are decoded themselves, as greys.
    shades = _samples(chunks, replace(head, colour=0))
    step = 255 // ((1 << head.depth) - 1) if head.depth < 8 else 1
    table = np.zeros((256, 3), np.uint8)
    table[: len(known) * step : step] = known
    damage = (BEYOND_PALETTE,) if int(shades.max()) >= len(known) * step else ()
    rgb = cv2.cvtColor(shades, cv2.COLOR_GRAY2RGB)
    return cv2.LUT(rgb, table[None], rgb), damage


def _samples(chunks: _Chunks, head: _Head) -> Samples:
    parts = [*_chunk(b"IHDR", struct.pack(">IIBBBBB", *vars(head).values()))]
    if head.colour == _PALETTE:
        parts += _chunk(b"PLTE", chunks.palette)
    parts += [*_chunk(b"IDAT", *chunks.pixels), *_chunk(b"IEND")]
    clean = b"".join((_SIGNATURE, *parts))
    if max(head.width, head.height) > _MOST_SIDE:
        return _by_pillow(clean, chunks.pixels, head)
    grey = head.colour in _GREY
    how = cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR_RGB
    if head.depth == 16:
        how |= cv2.IMREAD_ANYDEPTH
    samples = cv2.imdecode(np.frombuffer(clean, np.uint8), how)
    if samples is None:
        raise damaged("its compressed data does not fit its size or its checksum")
    return np.atleast_3d(samples)


def _by_pillow(clean: bytes, pixels: list[memoryview], head: _Head) -> Samples:
    """Decode what is too long for libpng; whether the data is whole is found out before."""
    if head.depth == 16:
        raise ReadError(f"16-bit PNG with a side of more than {_MOST_SIDE:,} px is not read")
    inflater, made = zlib.decompressobj(), 0
    try:
        for piece in pixels:
            rest: bytes | memoryview = piece
            while rest and made <= head.row_data:
                made += len(inflater.decompress(rest, 1 << 20))
                rest = inflater.unconsumed_tail
    except zlib.error as error:
        raise damaged(f"its compressed data does not fit ({error})") from error
    if not inflater.eof or made != head.row_data:
        raise damaged("its compressed data does not fit its size")
    with PillowImage.open(io.BytesIO(clean), formats=["PNG"]) as image:
        shades = image.convert("L" if head.colour in _GREY else "RGB")
        flat = np.frombuffer(bytearray(shades.tobytes()), np.uint8)
        return flat.reshape(shades.height, shades.width, -1)


def _colours(kept: dict[bytes, bytes], exif_note: str) -> tuple[bytes, tuple[str, ...]]:
    """Return the colour profile, and what else there is to know of the colours."""
    notes = []
    if len(code := kept.get(b"cICP", b"")) == 4:
        note = cicp_note("cICP", code[0], code[1])
        notes += [note if b"iCCP" not in kept else "", "" if code[3] else NARROW]
    if b"iCCP" in kept:
        profile = _unpacked_profile(kept[b"iCCP"])
        return profile, tuple(filter(None, (*notes, "" if profile else BROKEN_PROFILE)))
    notes.append(exif_note)
    if b"sRGB" not in kept and b"cICP" not in kept:
        odd = [kind.decode() for kind in _SRGB if kind in kept and not _is_srgb(kind, kept[kind])]
        if odd:
            notes.append(f"{' and '.join(odd)} without a colour profile{LEFT_AS_STORED}")
    return b"", tuple(filter(None, notes))


def _is_srgb(kind: bytes, body: bytes) -> bool:
    wanted = _SRGB[kind]
    if len(body) != 4 * len(wanted):
        return False
    told = struct.unpack(f">{len(wanted)}I", body)
    return all(abs(one - other) <= _NEAR for one, other in zip(told, wanted, strict=True))


def _unpacked_profile(body: bytes) -> bytes:
    packed = body[body.find(b"\0", 0, 80) + 2 :]
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(packed, MOST_PROFILE)
    except zlib.error:
        return b""
    return profile if inflater.eof else b""
