"""What a file tells of its samples and colours that its decoder does not pass on."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from srviewer.errors import ReadError
from srviewer.pipeline.formats.raster import (
    BROKEN_PROFILE,
    FLOATING,
    LEFT_AS_STORED,
    Samples,
    cicp_note,
    damaged,
)

_JXL_START = 64  # bytes of a JPEG XL in which all lies that is looked for
CODESTREAM = b"\xff\x4f\xff\x51"  # of a JPEG 2000, with or without boxes around it
_BOXES = 1 << 16  # bytes at the start of an AVIF or JPEG 2000 in which its boxes are
_SYCC = 18
_UNTOLD, _PREMULTIPLIED = 65535, 2  # in a box cdef
_HAS_PROFILE = 0x20  # in a chunk VP8X
_CALIBRATED = bytes(4)  # of the colour spaces of BMP
_LEFT = {20: "e-sRGB", 21: "ROMM RGB"}
_WHITE_IS_ZERO = 0
_SHADES = 16, 17
_TAKEN = (12, 15, *_SHADES, _SYCC)  # of the colour spaces of JPEG 2000: two shades, CMYK, sRGB ...


@dataclass(frozen=True)
class Told:
    """What a file tells.

    Attributes
    ----------
    bits : int
        Of a sample, as of `Raster`.
    profile : bytes
        A colour profile.
    colour_notes : tuple of str
        What else there is to know of the colours.
    has_alpha : bool
        Where the decoder leaves it out.
    taken : str
        Which of several frames the decoder takes.
    dropped : tuple of str
        What becomes of alpha and of what is to be cut off.
    palette : ndarray of uint8 or uint16, shape (N, C), optional
        The colours of a JPEG 2000, of `bits` each; the last of four is alpha.
    """

    bits: int = 8
    profile: bytes = b""
    colour_notes: tuple[str, ...] = ()
    has_alpha: bool = False
    taken: str = ""
    dropped: tuple[str, ...] = ()
    palette: Samples | None = None


def told_of(data: bytes, format: str) -> Told:
    """Return what the file of the content `data` tells.

    Raises
    ------
    ReadError
        Where it tells of pixels that are not read.
    """
    return _TELLERS[format](data) if format in _TELLERS else Told()


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")


def _of_jpeg_2000(data: bytes) -> Told:
    bits = _depth_of_jpeg_2000(data)
    _require_plain_channels(data)
    palette, depth = _palette_of_jpeg_2000(data)
    told = Told(depth or bits, palette=palette)
    at = data.find(b"colr", 0, _BOXES)
    kind = _number(data, at + 4, 1) if at >= 4 else 0
    if kind in (2, 3):
        return replace(told, profile=data[at + 7 : at - 4 + _number(data, at - 4, 4)])
    space = _number(data, at + 7, 4) if kind == 1 else 16
    if space in _LEFT:
        return replace(told, colour_notes=(f"{_LEFT[space]}{LEFT_AS_STORED}",))
    if space == _WHITE_IS_ZERO:
        raise ReadError("white-is-zero in JPEG 2000, which is not read; save it as grey")
    if space not in _TAKEN:
        raise ReadError(f"the colour space {space} of JPEG 2000, which is not read; save it as RGB")
    if space == _SYCC and bits != 8:
        raise ReadError(f"YCbCr of {bits} bits in JPEG 2000, which is not read; save it as RGB")
    if palette is not None and space not in _SHADES:
        raise ReadError("a palette of CMYK or YCbCr, which is not read; save it as RGB")
    return told


def _palette_of_jpeg_2000(data: bytes) -> tuple[Samples | None, int]:
    """Return the colours of its palette, and of how many bits they are."""
    at = data.find(b"pclr", 0, data.find(CODESTREAM))
    if at < 0:
        return None, 0
    count, columns = _number(data, at + 4, 2), _number(data, at + 6, 1)
    depths = sorted({(one & 0x7F) + 1 for one in data[at + 7 : at + 7 + columns]})
    is_signed = any(one & 0x80 for one in data[at + 7 : at + 7 + columns])
    if columns not in (1, 3, 4) or len(depths) != 1 or depths[0] > 16 or is_signed:
        words = " and ".join(map(str, depths))
        cause = f"a palette of {columns} columns of {words} bits"
        raise ReadError(f"{cause}, which is not read; save it as RGB")
    kind = np.dtype(">u2" if depths[0] > 8 else "u1")
    stored = data[at + 7 + columns : at - 4 + _number(data, at - 4, 4)]
    if not count or len(stored) < count * columns * kind.itemsize:
        raise damaged("its palette is cut")
    table = np.frombuffer(stored, kind, count * columns).reshape(count, columns)
    return np.minimum(table, (1 << depths[0]) - 1).astype(kind.newbyteorder("=")), depths[0]


def _require_plain_channels(data: bytes) -> None:
    """Refuse channels that stand for other colours than their order tells: decoders differ."""
    end = data.find(CODESTREAM)
    if (at := data.find(b"cdef", 0, end)) >= 0:
        places = range(at + 6, at + 6 + 6 * _number(data, at + 4, 2), 6)
        for channel, kind, colour in ([_number(data, p + i, 2) for i in (0, 2, 4)] for p in places):
            if kind == 0 and colour not in (0, channel + 1, _UNTOLD):
                raise ReadError(
                    "colours in another order than RGB, which is not read; save it as RGB"
                )
            if kind == _PREMULTIPLIED:
                raise ReadError(
                    "colours multiplied by their alpha, which are not read; save it as RGB"
                )
    if (at := data.find(b"cmap", 0, end)) >= 0:
        stored = data[at + 4 : at - 4 + _number(data, at - 4, 4)]
        if stored != b"".join(bytes((0, 0, 1, column)) for column in range(len(stored) // 4)):
            raise ReadError(
                "a palette in another order than RGB, which is not read; save it as RGB"
            )


def _depth_of_jpeg_2000(data: bytes) -> int:
    at = data.find(CODESTREAM)
    if at < 0:
        return 8
    colours = 3 if _number(data, at + 40, 2) >= 3 else 1
    told = data[at + 42 : at + 42 + 3 * colours : 3]
    depths = sorted({(one & 0x7F) + 1 for one in told})
    if any(one & 0x80 for one in told):
        raise ReadError("signed samples are not read")
    if len(depths) != 1 or depths[0] > 16:
        raise ReadError(f"{' and '.join(map(str, depths))}-bit samples are not read")
    origin, steps = data[at + 16 : at + 24], data[at + 43 : at + 42 + 3 * colours]
    if depths[0] > 8 and (any(origin) or any(step > 1 for step in steps[::3] + steps[1::3])):
        cause = f"JPEG 2000 of {depths[0]} bits with subsampled colours or an offset"
        raise ReadError(f"{cause}, which is not read; save it as PNG")
    return depths[0]


def _of_boxes(data: bytes) -> Told:
    """Return what an AVIF or a HEIC tells."""
    start, bits, notes = data[:_BOXES], 8, ("",)
    if (at := start.find(b"colrnclx")) >= 0:
        note = cicp_note("nclx", _number(start, at + 8, 2), _number(start, at + 10, 2))
        if b"colrprof" not in start and b"colrrICC" not in start:
            notes = (note,)
    if start.find(b"colr") < 0:  # the decoder takes what the stream itself says, and tells nothing
        notes = ("no box colr tells of its colours: taken as sRGB",)
    if (at := start.find(b"av1C")) >= 0 and _number(start, at + 6, 1) & 0x40:
        bits = 12 if start[at + 6] & 0x20 else 10
    elif (at := start.find(b"hvcC")) >= 0:
        bits += _number(start, at + 21, 1) & 7
    dropped = ("colours divided by their alpha",) if b"prem" in start else ()
    return Told(bits, colour_notes=tuple(filter(None, notes)), dropped=dropped)


def _of_avif(data: bytes) -> Told:
    told = _of_boxes(data)
    if b"clap" not in data[:_BOXES]:
        return told
    return replace(told, dropped=(*told.dropped, "its clean aperture left out: all pixels taken"))


def _of_jxl(data: bytes) -> Told:
    found = read_jxl_header(data)
    if found.is_float:
        raise ReadError(FLOATING)
    return Told(found.bits, taken="first of several frames taken" if found.is_animated else "")


def _of_webp(data: bytes) -> Told:
    lost = data[12:16] == b"VP8X" and data[20] & _HAS_PROFILE and b"ICCP" not in data[30:_BOXES]
    return Told(colour_notes=(BROKEN_PROFILE,) if lost else ())


def _of_bmp(data: bytes) -> Told:
    size, bitfields = (int.from_bytes(data[at : at + 4], "little") for at in (14, 30))
    has_alpha = size >= 56 and bitfields == 3 and any(data[66:70])
    if size >= 124 and data[70:74] == b"DEBM":
        at, length = (int.from_bytes(data[at : at + 4], "little") for at in (126, 130))
        profile = data[14 + at : 14 + at + length]
        notes = (BROKEN_PROFILE,) if length and not profile else ()
        return Told(profile=profile, colour_notes=notes, has_alpha=has_alpha)
    note = ""
    if size >= 124 and data[70:74] == b"KNIL":
        note = f"its colour profile is in another file{LEFT_AS_STORED}"
    elif size >= 108 and data[70:74] == _CALIBRATED and any(data[74:122]):
        note = f"primaries and gamma without a colour profile{LEFT_AS_STORED}"
    return Told(colour_notes=(note,) if note else (), has_alpha=has_alpha)


_TELLERS: dict[str, Callable[[bytes], Told]] = {
    "JPEG2000": _of_jpeg_2000,
    "AVIF": _of_avif,
    "HEIF": _of_boxes,
    "JXL": _of_jxl,
    "BMP": _of_bmp,
    "WEBP": _of_webp,
}


# The start of a JPEG XL, whose decoder tells neither depth nor frames


@dataclass(frozen=True)
class JxlHeader:
    """What a JPEG XL image tells of its samples and frames."""

    bits: int = 8
    is_float: bool = False
    is_animated: bool = False


class _Bits:
    """Numbers of some bits each, the lowest bit of the first byte first."""

    def __init__(self, data: bytes) -> None:
        self._rest = int.from_bytes(data, "little")

    def take(self, count: int = 1) -> int:
        found = self._rest & ((1 << count) - 1)
        self._rest >>= count
        return found

    def choose(self, *ways: tuple[int, int]) -> int:
        """Return a number that is written in one of four ways: from what on, in how many bits."""
        least, count = ways[self.take(2)]
        return least + self.take(count)


def read_jxl_header(data: bytes) -> JxlHeader:
    """Return what the file of the content `data` tells."""
    bits = _Bits(_jxl_image(data))
    _skip_size(bits)
    if bits.take():  # all as usual
        return JxlHeader()
    is_animated = False
    if bits.take():  # more than the samples is told
        bits.take(3)  # the orientation, which the decoder applies
        if bits.take():
            _skip_size(bits)
        if bits.take():
            _skip_preview_size(bits)
        if is_animated := bool(bits.take()):
            bits.choose((100, 0), (1000, 0), (1, 10), (1, 30))
            bits.choose((1, 0), (1001, 0), (1, 8), (1, 10))
            bits.choose((0, 0), (0, 3), (0, 16), (0, 32))
            bits.take()
    if bits.take():
        return JxlHeader(is_float=True, is_animated=is_animated)
    return JxlHeader(bits.choose((8, 0), (10, 0), (12, 0), (1, 6)), is_animated=is_animated)


def _jxl_image(data: bytes) -> bytes:
    """Return the start of the image itself, without its mark."""
    if data[:2] == b"\xff\x0a":
        return data[2:_JXL_START]
    at = 0
    while at < len(data):  # in boxes
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = at + (16 if length == 1 else 8)
        if kind in (b"jxlc", b"jxlp"):
            body += 4 * (kind == b"jxlp")
            return data[body + 2 : body + _JXL_START]
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        at += length if length >= 8 else len(data)
    return b""


def _skip(bits: _Bits, short: Callable[[], int], long: Callable[[], int]) -> None:
    """Pass over a height, and a width where no ratio stands for it."""
    side = short if bits.take() else long
    side()
    if not bits.take(3):
        side()


def _skip_size(bits: _Bits) -> None:
    sides = (1, 9), (1, 13), (1, 18), (1, 30)
    _skip(bits, lambda: bits.take(5), lambda: bits.choose(*sides))


def _skip_preview_size(bits: _Bits) -> None:
    short, long = ((16, 0), (32, 0), (1, 5), (33, 9)), ((1, 6), (65, 8), (321, 10), (1345, 12))
    _skip(bits, lambda: bits.choose(*short), lambda: bits.choose(*long))
