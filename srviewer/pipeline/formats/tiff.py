"""TIFF: the largest page, in every layout of whole numbers of up to 16 bits.

Pillow alone reads many layouts wrongly. Here the tags say how the pixels lie, and a codec only
undoes the compression of strips or tiles (`tiff_codecs`), so that every codec has every layout.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from srviewer.errors import ReadError
from srviewer.pipeline.formats import tiff_pages as tags
from srviewer.pipeline.formats.limits import MOST_BYTES, MOST_PIECES, require_size
from srviewer.pipeline.formats.raster import (
    BROKEN_PROFILE,
    FLOATING,
    LEFT_AS_STORED,
    Raster,
    Samples,
    damage_words,
    damaged,
    valid_orientation,
)
from srviewer.pipeline.formats.tiff_codecs import (
    CODECS,
    FAX,
    JPEG,
    NONE,
    PACK_BITS,
    Pieces,
    decoded_pieces,
)
from srviewer.pipeline.formats.tiff_pages import Page, largest_page
from srviewer.wording import size_text

_WHITE_IS_ZERO, _GREY, _RGB, _PALETTE, _CMYK, _YCBCR = 0, 1, 2, 3, 5, 6
_COLOURS = {_WHITE_IS_ZERO: 1, _GREY: 1, _RGB: 3, _PALETTE: 1, _CMYK: 4, _YCBCR: 3}
_CODEC_NAMES = {
    6: "old JPEG",
    34887: "LERC",
    34933: "PNG",
    50001: "WebP",
    50002: "JPEG XL",
    **dict.fromkeys((33003, 33005, 34712), "JPEG 2000"),
    **dict.fromkeys((34676, 34677), "SGILog"),
}
_COLOUR_NAMES = {
    4: "a mask",
    _YCBCR: "YCbCr other than JPEG",
    32844: "LogL",
    32845: "LogLuv",
    **dict.fromkeys((8, 9, 10), "Lab"),
    **dict.fromkeys((32803, 34892), "a camera's raw data"),
}
_FORMATS = {
    2: "signed samples, whose range is not defined; save it as unsigned",
    3: FLOATING,
    5: "complex samples, which are not read; save it as 8-bit",
    6: "complex samples, which are not read; save it as 8-bit",
}
_ASSOCIATED = 1  # an alpha by which colours are multiplied, in EXTRA
_MOST_TILE = 4096  # px on a side, where the image is smaller than that
_SRGB = (0.64, 0.33, 0.3, 0.6, 0.15, 0.06)  # primaries
_NEAR = 0.002
_AT_ONCE = 1 << 22  # bytes whose bits are spread at once


def read_tiff(data: bytes) -> Raster:
    """Return what the TIFF file of the content `data` holds.

    Raises
    ------
    ReadError
        Where its pixels are damaged, or of a kind that is not read.
    """
    page, taken = largest_page(data)
    layout = _layout_of(page, data)
    damage: dict[str, None] = {}  # without doubles, in order
    named = page.named_in(data)
    if any(one >= other for one, other in pairwise(named)):
        what = "a tag is twice or not in its place, so that what tags tell may be wrong"
        damage[damage_words(what)] = None
    lost = {tag for tag in named if tag in tags.TOLD and tag not in page}
    for tag in sorted(lost - {tags.PROFILE}):
        damage[damage_words(f"the tag {tag} is broken and was left out")] = None
    samples = _samples(layout, page, damage)
    bits, dropped = layout.bits, list[str]()
    stored = {_PALETTE: "palette", _CMYK: "CMYK", _RGB: "", _YCBCR: ""}.get(
        layout.photometric, "black and white" if bits == 1 else "grey"
    )
    if layout.photometric == _PALETTE:
        samples, bits = _coloured(samples, page, bits), 8
    elif layout.photometric == _WHITE_IS_ZERO:
        np.subtract((1 << bits) - 1, samples[..., 0], out=samples[..., 0])
    if layout.is_premultiplied:
        samples = _divided_by_alpha(samples, bits)
        dropped.append("colours divided by their alpha")
    extra = layout.channels - layout.colours
    if extra:
        dropped.append(
            "alpha dropped" if extra == 1 else f"{extra} further samples a pixel dropped"
        )
    if layout.photometric == _WHITE_IS_ZERO:
        dropped.append("white-is-zero inverted")
    return Raster(
        samples,
        bits=bits,
        stored=stored,
        profile=page.content(tags.PROFILE),
        orientation=valid_orientation(page.number(tags.ORIENTATION, 1)),
        taken=taken,
        damage=tuple(damage),
        dropped=tuple(dropped),
        colour_notes=(BROKEN_PROFILE,) if tags.PROFILE in lost else _told_of_colours(page),
    )


def _told_of_colours(page: Page) -> tuple[str, ...]:
    """Return the note of colours other than sRGB that tags tell of, as `gAMA` does in a PNG."""
    if tags.PROFILE in page:
        return ()
    odd = ["TransferFunction"] if tags.TRANSFER in page else []
    primaries = page.fractions(tags.PRIMARIES)
    if len(primaries) == len(_SRGB) and not np.allclose(primaries, _SRGB, rtol=0, atol=_NEAR):
        odd.insert(0, "PrimaryChromaticities")
    note = f"{' and '.join(odd)} without a colour profile{LEFT_AS_STORED}"
    return (note,) if odd else ()


@dataclass(frozen=True)
class _Layout:
    """How the samples of a page lie."""

    width: int
    height: int
    channels: int
    bits: int
    photometric: int
    extra: tuple[int, ...]
    predictor: int
    is_planar: bool
    pieces: Pieces

    @property
    def colours(self) -> int:
        return _COLOURS[self.photometric]

    @property
    def is_premultiplied(self) -> bool:
        has_alpha = self.extra[:1] == (_ASSOCIATED,) and self.channels > self.colours
        return has_alpha and self.photometric in (_WHITE_IS_ZERO, _GREY, _RGB)


def _layout_of(page: Page, data: bytes) -> _Layout:
    width, height = page.number(tags.WIDTH), page.number(tags.HEIGHT)
    require_size(width, height)
    channels, bits = _depth_of(page)
    codec = page.number(tags.COMPRESSION, NONE)
    photometric = _colours_of(page, codec, channels)
    predictor = page.number(tags.PREDICTOR, 1)
    if predictor > 1 and codec == PACK_BITS:  # tifffile writes it, and libtiff does not know it
        cause = "a predictor with PackBits, which is read in two ways; save it with LZW or deflate"
        raise ReadError(cause)
    predictor = predictor if CODECS.get(codec) else 1
    if predictor not in (1, 2) or (predictor == 2 and bits not in (8, 16)):
        raise ReadError(f"predictor {predictor} with {bits}-bit samples is not read")
    if codec == JPEG and bits != 8:
        raise ReadError(f"JPEG of {bits} bits is not read; save it with LZW or deflate")
    if codec in FAX and (bits, channels) != (1, 1):
        raise damaged("fax compression of more than one bit a pixel")
    is_planar = page.number(tags.PLANAR, 1) == 2 and channels > 1
    if is_planar and photometric == _YCBCR:
        raise ReadError("YCbCr in planes, which is not read; save it as RGB")
    inside = 1 if is_planar else channels
    pieces = _pieces_of(page, data, channels if is_planar else 1, inside * bits)
    extra = page.numbers(tags.EXTRA)
    return _Layout(width, height, channels, bits, photometric, extra, predictor, is_planar, pieces)


def _depth_of(page: Page) -> tuple[int, int]:
    """Return how many samples a pixel has, and of how many bits; refuse what is no shade."""
    channels = page.number(tags.SAMPLES, 1)
    if not 1 <= channels <= 64:
        raise ReadError(f"{channels} samples a pixel are not read")
    for kind in page.numbers(tags.FORMAT)[:channels]:
        if kind in _FORMATS:
            raise ReadError(_FORMATS[kind])
    depths = sorted(set(page.numbers(tags.BITS, (1,))[:channels]))
    if len(depths) != 1 or not 1 <= depths[0] <= 16:
        words = " and ".join(map(str, depths))
        raise ReadError(f"samples of {words} bits are not read; save it as 8-bit or 16-bit")
    return channels, depths[0]


def _colours_of(page: Page, codec: int, channels: int) -> int:
    """Return what the samples stand for; refuse what is not read."""
    if codec not in CODECS:
        name = _CODEC_NAMES.get(codec, f"number {codec}")
        cause = f"compressed as {name}, which is not read; save it with LZW or deflate"
        raise ReadError(cause)
    usual = _WHITE_IS_ZERO if codec in FAX else _GREY if channels < 3 else _RGB
    photometric = page.number(tags.PHOTOMETRIC, usual)
    if tags.DNG in page or photometric not in _COLOURS or (photometric == _YCBCR and codec != JPEG):
        name = _COLOUR_NAMES.get(photometric, f"photometric interpretation {photometric}")
        name = "a camera's raw data" if tags.DNG in page else name
        raise ReadError(f"{name}, which is not read; save it as RGB")
    if channels < _COLOURS[photometric]:
        raise damaged(f"{channels} samples a pixel for {_COLOURS[photometric]} colours")
    if photometric == _CMYK and page.number(tags.INKS, 1) != 1:
        raise ReadError("inks other than CMYK, which are not read; save it as RGB")
    return photometric


def _pieces_of(page: Page, data: bytes, planes: int, bits: int) -> Pieces:
    """Return where the strips or tiles lie, all of them inside the file."""
    width, height = page.number(tags.WIDTH), page.number(tags.HEIGHT)
    is_tiled = tags.TILE_WIDTH in page
    if is_tiled:
        across, down = page.number(tags.TILE_WIDTH), page.number(tags.TILE_HEIGHT)
        if not (
            0 < across <= max(_MOST_TILE, 2 * width) and 0 < down <= max(_MOST_TILE, 2 * height)
        ):
            raise damaged(f"tiles of {across} x {down} px")
    else:
        across, down = width, min(page.number(tags.STRIP_ROWS, height) or height, height)
    size = down * -(-across * bits // 8)
    if size > MOST_BYTES:
        cause = f"strips or tiles of {size_text(size)}"
        raise ReadError(cause, allowed=f"at most {size_text(MOST_BYTES)}")
    wanted = -(-width // across) * -(-height // down) * planes
    if wanted > MOST_PIECES:
        raise ReadError(f"{wanted:,} strips or tiles", allowed=f"at most {MOST_PIECES:,}")
    starts = page.numbers(tags.TILE_OFFSETS if is_tiled else tags.STRIP_OFFSETS)[:wanted]
    sizes = page.numbers(tags.TILE_BYTES if is_tiled else tags.STRIP_BYTES)[:wanted]
    if len(starts) == wanted == 1 and not sizes:
        sizes = (len(data) - starts[0],)
    if min(len(starts), len(sizes)) < wanted:
        raise damaged(f"{min(len(starts), len(sizes)):,} strips or tiles of {wanted:,}")
    if any(at + size > len(data) for at, size in zip(starts, sizes, strict=True)):
        raise damaged("truncated: pixels lie beyond the file's end")
    return Pieces(data, starts, sizes, across, down, width, height, is_tiled, bits)


def _samples(layout: _Layout, page: Page, damage: dict[str, None]) -> Samples:
    """Return (H, W, colours) as stored, with the alpha where colours are premultiplied."""
    pieces, kept = layout.pieces, layout.colours + layout.is_premultiplied
    made = np.empty(
        (layout.height, layout.width, kept), np.uint8 if layout.bits <= 8 else np.uint16
    )
    inside = 1 if layout.is_planar else layout.channels
    wanted = pieces.a_plane * (kept if layout.is_planar else 1)
    for number, piece in decoded_pieces(pieces, page, wanted, damage):
        plane, left, top = pieces.place(number)
        rows, columns = pieces.rows(number), pieces.across
        if isinstance(piece, np.ndarray):
            block = piece
        else:
            block = _unpacked(piece, rows, columns * inside, layout.bits, page.byte_order)
            block = block.reshape(rows, columns, inside)
        if layout.predictor == 2:
            block = np.cumsum(block, axis=1, dtype=block.dtype)
        block = block[: layout.height - top, : layout.width - left]
        target = made[top : top + len(block), left : left + block.shape[1]]
        if layout.is_planar:
            target[..., plane] = block[..., 0]
        else:
            target[...] = block[..., :kept]
    return made


def _unpacked(piece: bytes | memoryview, rows: int, across: int, bits: int, order: str) -> Samples:
    """Return (rows, across) samples of so many bits; each row begins with a whole byte."""
    if bits in (8, 16):
        found = np.frombuffer(piece, f"{order}u{bits // 8}")
        return found.astype(np.uint8 if bits == 8 else np.uint16, copy=False).reshape(rows, across)
    packed = np.frombuffer(piece, np.uint8).reshape(rows, -1)
    made = np.zeros((rows, across), np.uint8 if bits < 8 else np.uint16)
    step = max(1, _AT_ONCE // max(1, packed.shape[1]))
    for y in range(0, rows, step):  # the first bit is the highest, whatever the byte order
        spread = np.unpackbits(packed[y : y + step], axis=1, count=across * bits)
        spread = spread.reshape(-1, across, bits)
        for bit in range(bits):
            made[y : y + step] = made[y : y + step] << 1 | spread[..., bit]
    return made


def _coloured(samples: Samples, page: Page, bits: int) -> Samples:
    values = np.array(page.numbers(tags.PALETTE), np.uint32)
    if len(values) < 3 << bits:
        raise damaged("its palette is too short")
    table = values[: 3 << bits].reshape(3, -1).T
    shift = 8 if table.max() > 255 else 0  # written as v * 256 or v * 257: both give v
    found: Samples = (table >> shift).astype(np.uint8)[samples[..., 0]]
    return found


def _divided_by_alpha(samples: Samples, bits: int) -> Samples:
    most = (1 << bits) - 1
    made = np.empty((*samples.shape[:2], samples.shape[2] - 1), samples.dtype)
    for row, target in zip(samples, made, strict=True):
        alpha = row[:, -1:].astype(np.uint32)
        colours = row[:, :-1].astype(np.uint32)
        divided = np.minimum((colours * most + alpha // 2) // np.maximum(alpha, 1), most)
        target[...] = np.where(alpha > 0, divided, colours)
    return made
