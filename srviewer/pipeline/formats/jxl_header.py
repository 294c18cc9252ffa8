"""The start of a JPEG XL image, whose decoder tells neither depth nor frames."""

from collections.abc import Callable
from dataclasses import dataclass

_START = 64  # bytes of the image in which all lies that is looked for


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
    bits = _Bits(_image(data))
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


def _image(data: bytes) -> bytes:
    """Return the start of the image itself, without its mark."""
    if data[:2] == b"\xff\x0a":
        return data[2:_START]
    at = 0
    while at < len(data):  # in boxes
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = at + (16 if length == 1 else 8)
        if kind in (b"jxlc", b"jxlp"):
            body += 4 * (kind == b"jxlp")
            return data[body + 2 : body + _START]
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
