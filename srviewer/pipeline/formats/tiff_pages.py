"""The pages of a TIFF and the tags of each, read by Pillow, with limits on how much."""

import contextlib
import io
from collections.abc import Iterator
from typing import Any

from PIL import TiffTags
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from srviewer.pipeline.formats.limits import MOST_PAGE_BYTES, MOST_PAGES, MOST_PIECES
from srviewer.pipeline.formats.raster import damaged

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
FILL_ORDER, STRIP_OFFSETS, ORIENTATION, SAMPLES, STRIP_ROWS, STRIP_BYTES = (
    266,
    273,
    274,
    277,
    278,
    279,
)
PLANAR, FAX3, FAX4, PREDICTOR, PALETTE = 284, 292, 293, 317, 320
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_BYTES = 322, 323, 324, 325
SUB_PAGES, INKS, EXTRA, FORMAT, JPEG_TABLES = 330, 332, 338, 339, 347
KIND, PROFILE, DNG, TRANSFER, PRIMARIES = 254, 34675, 50706, 301, 319

TOLD = {
    *(WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER, ORIENTATION, SAMPLES, STRIP_ROWS),
    *(PLANAR, FAX3, FAX4, PREDICTOR, TILE_WIDTH, TILE_HEIGHT, INKS, EXTRA, FORMAT, JPEG_TABLES),
    *(SUB_PAGES, KIND, PROFILE, DNG, TRANSFER, PRIMARIES),
}
"""The tags without which a picture may be read, though as another one."""

_MOST_VALUE = 8 * MOST_PIECES  # bytes of a tag that is looked at
_MASK = 4  # in KIND
_IFD8 = 18


class Page(ImageFileDirectory_v2):
    """The tags of one page, which are loaded from where `next` of the page before it says.

    Places of other pages may have types of their own: Pillow knows that of 4 bytes (13, IFD), and
    here that of 8 (18, IFD8) is told to it as well.

    Parameters
    ----------
    header : bytes
        The first 16 bytes of the file.
    """

    _load_dispatch = ImageFileDirectory_v2._load_dispatch | {  # noqa: SLF001
        _IFD8: ImageFileDirectory_v2._load_dispatch[TiffTags.LONG8]  # noqa: SLF001
    }

    def __init__(self, header: bytes) -> None:
        super().__init__(prefix=header[:2])
        self.at = 0  # where it begins in the file
        self._bigtiff = 43 in header[2:4]  # Pillow knows it in one byte order
        (self.next,) = self._unpack(
            "Q" if self._bigtiff else "L", header[8:16] if self._bigtiff else header[4:8]
        )

    @property
    def byte_order(self) -> str:
        """``<`` or ``>``."""
        return self._endian

    @property
    def bytes_read(self) -> int:
        """What its tags hold besides themselves."""
        return 20 * len(self) + sum(map(len, self._tagdata.values()))

    def numbers(self, tag: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """Return the whole numbers that `tag` holds, `default` where it is missing."""
        if tag not in self:
            return default
        if len(self._tagdata.get(tag, b"")) > _MOST_VALUE:
            raise damaged(f"the tag {tag} has too many values")
        try:
            value: Any = self[tag]
        except Exception as error:  # Pillow has many
            raise damaged(f"the tag {tag} is broken") from error
        found = tuple(value) if isinstance(value, (tuple, bytes)) else (value,)
        if not all(isinstance(one, int) for one in found):
            raise damaged(f"the tag {tag} does not hold whole numbers")
        return found

    def number(self, tag: int, default: int = 0) -> int:
        """Return the first number that `tag` holds."""
        return next(iter(self.numbers(tag, (default,))), default)

    def fractions(self, tag: int) -> tuple[float, ...]:
        """Return the fractions that `tag` holds, empty where it is missing or broken."""
        with contextlib.suppress(Exception):  # the pixels may be whole all the same
            return tuple(map(float, self[tag]))
        return ()

    def content(self, tag: int) -> bytes:
        """Return the bytes that `tag` holds, empty where it is missing."""
        return self._tagdata.get(tag, b"")

    def named_in(self, data: bytes) -> list[int]:
        """Return the tags that it names in the file, of which broken ones are not loaded."""
        order: Any = "little" if self._endian == "<" else "big"
        size, step = (8, 20) if self._bigtiff else (2, 12)
        first = self.at + size
        count = int.from_bytes(data[self.at : first], order)
        ends = range(first, min(first + step * count, len(data)), step)
        return [int.from_bytes(data[at : at + 2], order) for at in ends]

    @property
    def pixels(self) -> int:
        """How many it has, 0 for a mask."""
        if self.number(KIND) & _MASK:
            return 0
        return self.number(WIDTH) * self.number(HEIGHT)


def largest_page(data: bytes) -> tuple[Page, str]:
    """Return the page with the most pixels, of equal ones the first, and which that is in words.

    Raises
    ------
    ReadError
        Where there is none.
    """
    best, most, number, count, taken = None, 0, 0, 0, 0
    pages = _pages(data)
    for page in pages:
        try:
            pixels = page.pixels
        except Exception:  # the pages before it may be whole
            break
        count += 1
        taken += page.bytes_read
        if pixels > most:
            best, most, number = page, pixels, count
        if count == MOST_PAGES or taken > MOST_PAGE_BYTES:
            break
    if best is None:
        raise damaged("it has no page with pixels")
    if count == 1:
        return best, ""
    more = " or more" if next(pages, None) is not None else ""
    if number == 1:
        return best, f"first of {count:,}{more} frames taken"
    return best, f"page {number:,} of {count:,}{more} taken, the largest"


def _pages(data: bytes) -> Iterator[Page]:
    """Yield the pages of the chain, and after each those that it names itself."""
    try:
        file, seen = io.BytesIO(data), set[int]()
        at = Page(data[:16]).next
    except Exception as error:
        raise damaged("it has no header") from error

    def read(at: int) -> Page | None:
        if not at or at in seen or at >= len(data):
            return None
        seen.add(at)
        page = Page(data[:16])
        page.at = at
        page.next = 0  # what it stays where the page is cut
        file.seek(at)
        page.load(file)
        return page

    while (page := read(at)) is not None:
        yield page
        try:
            subs = page.numbers(SUB_PAGES)
        except Exception:  # the page itself may be whole
            subs = ()
        yield from filter(None, map(read, subs))
        at = page.next or 0
