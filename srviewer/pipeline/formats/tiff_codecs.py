"""What undoes the compression of a TIFF's strips and tiles; it knows nothing of pixels.

Deflate has a checksum, which zlib looks at only at the end of the data, so it is read to its end.
The others are undone by Pillow's libtiff, which is given the pieces as rows of plain bytes.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image as PillowImage

from srviewer.errors import ReadError
from srviewer.pipeline.formats import tiff_pages as tags
from srviewer.pipeline.formats.jpeg import colours_of, decode_jpeg
from srviewer.pipeline.formats.raster import Samples, damage_words, damaged
from srviewer.pipeline.formats.tiff_pages import Page

NONE, JPEG, FAX, PACK_BITS = 1, 7, (2, 3, 4), 32773
_DEFLATE, _BY_LIBTIFF = (8, 32946), (5, PACK_BITS, 34925, 50000)
_WITH_PREDICTOR = (5, *_DEFLATE, 34925, 50000)
CODECS = {code: code in _WITH_PREDICTOR for code in (NONE, JPEG, *FAX, *_DEFLATE, *_BY_LIBTIFF)}
"""By number whether it can have a predictor: LZW, PackBits, LZMA and zstd by libtiff."""

_REVERSED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))
_AT_ONCE = 64 << 20  # bytes that libtiff makes at once
_RGB_MARK = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
_TOLD_COLOURS = {1: ("Gray",), 3: ("RGB",), 4: ("CMYK",)}  # by the decoder


@dataclass(frozen=True)
class Pieces:
    """Where the strips or tiles of a page lie, and how large they are.

    Attributes
    ----------
    data : bytes
        The file.
    starts, sizes : tuple of int
    across, down : int
        Of a whole piece, in pixels.
    width, height : int
        Of the image.
    are_tiles : bool
        Then those at the edges are whole as well.
    bits : int
        A pixel has so many in a piece.
    """

    data: bytes
    starts: tuple[int, ...]
    sizes: tuple[int, ...]
    across: int
    down: int
    width: int
    height: int
    are_tiles: bool
    bits: int

    @property
    def a_row(self) -> int:
        """How many lie beside each other."""
        return -(-self.width // self.across)

    @property
    def a_plane(self) -> int:
        """How many make the whole image, or one of its colours."""
        return self.a_row * -(-self.height // self.down)

    @property
    def row_bytes(self) -> int:
        """Of one row of one piece."""
        return -(-self.across * self.bits // 8)

    def place(self, number: int) -> tuple[int, int, int]:
        """Return plane, left and top of a piece."""
        plane, cell = divmod(number, self.a_plane)
        row, column = divmod(cell, self.a_row)
        return plane, column * self.across, row * self.down

    def rows(self, number: int) -> int:
        """Return how many rows a piece has."""
        return self.down if self.are_tiles else min(self.down, self.height - self.place(number)[2])

    def stored(self, number: int) -> memoryview:
        """Return what the file holds of a piece."""
        at = self.starts[number]
        return memoryview(self.data)[at : at + self.sizes[number]]


def decoded_pieces(
    pieces: Pieces, page: Page, count: int, damage: dict[str, None]
) -> Iterator[tuple[int, bytes | memoryview | Samples]]:
    """Yield number and content of the first `count` pieces; what is recovered goes to `damage`.

    The content is packed as the tags tell, or samples of shape (H, W, C).

    Raises
    ------
    ReadError
        Where a piece is damaged.
    """
    codec = page.number(tags.COMPRESSION, NONE)
    is_reversed = page.number(tags.FILL_ORDER, 1) == 2
    if codec == JPEG:
        yield from _jpegs(pieces, page, count, damage)
    elif codec in FAX or codec in _BY_LIBTIFF:
        yield from _by_libtiff(pieces, page, count, is_reversed and codec not in FAX)
    else:
        for number in range(count):
            stored: bytes | memoryview = pieces.stored(number)
            if is_reversed:
                stored = bytes(stored).translate(_REVERSED)
            size, most = pieces.rows(number) * pieces.row_bytes, pieces.down * pieces.row_bytes
            piece = stored if codec == NONE else _inflated(stored, size, most, number)
            if len(piece) < size:
                raise damaged(f"strip or tile {number + 1:,} is too short")
            yield number, piece[:size]


def _inflated(stored: bytes | memoryview, size: int, most: int, number: int) -> bytes:
    """Return the first `size` bytes; there may be `most`, as some fill the last strip up."""
    inflater = zlib.decompressobj()
    try:
        piece = inflater.decompress(stored, size)
        made = len(piece)
        while not inflater.eof and made <= most:
            more = inflater.decompress(inflater.unconsumed_tail, 1 << 20)
            if not more and not inflater.eof:
                raise damaged(f"strip or tile {number + 1:,} is cut")
            made += len(more)
    except zlib.error as error:
        cause = f"strip or tile {number + 1:,} does not fit its checksum or its code ({error})"
        raise damaged(cause) from error
    if made > most:
        raise damaged(f"strip or tile {number + 1:,} holds more than its size")
    return piece


def _by_libtiff(
    pieces: Pieces, page: Page, count: int, is_reversed: bool
) -> Iterator[tuple[int, memoryview]]:
    for batch in _batches(pieces, count):
        stored = [bytes(pieces.stored(number)) for number in batch]
        if is_reversed:
            stored = [piece.translate(_REVERSED) for piece in stored]
        rows = [pieces.rows(number) for number in batch]
        flat, at = memoryview(_undone(stored, rows, pieces, page)), 0
        for number, of_it in zip(batch, rows, strict=True):
            size = of_it * pieces.row_bytes
            yield number, flat[at : at + size]
            at += size


def _batches(pieces: Pieces, count: int) -> Iterator[list[int]]:
    """Yield the numbers of pieces that may be strips of one image: only the last is lower."""
    batch: list[int] = []
    for number in range(count):
        if batch and (
            pieces.rows(number) > pieces.rows(batch[0])
            or pieces.rows(batch[-1]) < pieces.rows(batch[0])
            or (len(batch) + 1) * pieces.down * pieces.row_bytes > _AT_ONCE
        ):
            yield batch
            batch = []
        batch.append(number)
    yield batch


def _undone(stored: list[bytes], rows: list[int], pieces: Pieces, page: Page) -> bytes:
    """Return the bytes of all pieces `stored`: strips of a grey image that is not one."""
    codec = page.number(tags.COMPRESSION)
    is_fax = codec in FAX
    entries: dict[int, tuple[int, ...]] = {
        tags.WIDTH: (pieces.across if is_fax else pieces.row_bytes,),
        tags.HEIGHT: (sum(rows),),
        tags.BITS: (1 if is_fax else 8,),
        tags.COMPRESSION: (codec,),
        tags.PHOTOMETRIC: (1,),
        tags.SAMPLES: (1,),
        tags.STRIP_ROWS: (rows[0],),
        tags.STRIP_BYTES: tuple(map(len, stored)),
    }
    if is_fax:
        for tag in (tags.FILL_ORDER, tags.FAX3, tags.FAX4):
            if tag in page:
                entries[tag] = (page.number(tag),)
    file = _tiff_of(entries, stored)
    try:
        with PillowImage.open(io.BytesIO(file), formats=["TIFF"]) as image:
            image.load()
            return image.tobytes()
    except MemoryError:
        raise
    except Exception as error:
        raise damaged(f"its compressed data is broken ({error})") from error


def _tiff_of(entries: dict[int, tuple[int, ...]], stored: list[bytes]) -> bytes:
    """Return a TIFF of one page with these tags, each of whole numbers, and these strips."""
    values_at = 8 + 2 + 12 * (len(entries) + 1) + 4
    at, starts = values_at + 8 * len(stored), list[int]()
    for piece in stored:
        starts.append(at)
        at += len(piece)
    parts, values = [struct.pack("<2sHIH", b"II", 42, 8, len(entries) + 1)], b""
    for tag, numbers in sorted({**entries, tags.STRIP_OFFSETS: tuple(starts)}.items()):
        if len(numbers) == 1:
            where = numbers[0]
        else:
            where = values_at + len(values)
            values += struct.pack(f"<{len(numbers)}I", *numbers)
        parts.append(struct.pack("<HHII", tag, 4, len(numbers), where))
    parts += [bytes(4), values.ljust(8 * len(stored), b"\0"), *stored]
    return b"".join(parts)


def _jpegs(
    pieces: Pieces, page: Page, count: int, damage: dict[str, None]
) -> Iterator[tuple[int, Samples]]:
    channels = pieces.bits // 8
    if channels not in _TOLD_COLOURS:
        raise ReadError(f"JPEG of {channels} samples a pixel in a TIFF is not read")
    tables = page.content(tags.JPEG_TABLES).removesuffix(b"\xff\xd9") or b"\xff\xd8"
    # Without a mark that says otherwise, the decoder takes three colours for YCbCr.
    photometric = page.number(tags.PHOTOMETRIC)
    is_plain = photometric != 6 and channels > 1
    wanted = ("YCbCr",) if photometric == 6 else _TOLD_COLOURS[channels]
    start = tables + (_RGB_MARK if is_plain else b"")
    for number in range(count):
        stored = bytes(pieces.stored(number))
        if stored[:2] != b"\xff\xd8":
            raise damaged(f"strip or tile {number + 1:,} is no JPEG")
        size = pieces.across, pieces.rows(number)
        samples, recovered = decode_jpeg(start + stored[2:], size)
        if samples.shape[2] != channels:
            raise damaged(f"strip or tile {number + 1:,} has {samples.shape[2]} colours")
        damage.update(dict.fromkeys(recovered))
        told = colours_of(start + stored[2:])
        if told and told not in wanted:
            what = f"its tags tell of {wanted[0]}, its JPEG data of {told}, which was followed"
            damage[damage_words(what)] = None
        yield number, samples
