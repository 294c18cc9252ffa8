"""Every limit on what is read, so that no file takes all memory or all day."""

from __future__ import annotations

from srviewer.errors import ReadError

MOST_PIXELS = 400_000_000  # SIFT's pyramid of a larger image would fill any usual memory
MOST_BYTES = 2 << 30  # of a file
MOST_HEADER = 20 << 20  # bytes before the pixels of a JPEG that are looked at; a profile is 16 MB
MOST_PROFILE = 16 << 20  # bytes of a colour profile
MOST_SCANNED = 5_000_000_000  # pixels times scans of a progressive JPEG: about a minute
MOST_CHUNKS = 200_000  # of a PNG
MOST_PAGES = 1_000  # of a TIFF, of which the largest is looked for, and frames that are counted
MOST_PAGE_BYTES = 64 << 20  # of the tags of all of them
MOST_PIECES = 1_000_000  # strips or tiles of a TIFF


def require_size(width: int, height: int) -> None:
    """Raise `ReadError` for an image of more pixels than are read."""
    if width * height > MOST_PIXELS:
        raise ReadError(
            f"{width} x {height} px are {width * height / 1e6:,.0f} megapixels",
            allowed=f"at most {MOST_PIXELS / 1e6:,.0f}",
        )
