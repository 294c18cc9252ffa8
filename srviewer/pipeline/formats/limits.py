"""Every limit on what is read, so that no file takes all memory or all day."""

from srviewer.errors import ReadError
from srviewer.wording import pixels_text

MOST_PIXELS = 400_000_000  # SIFT's pyramid of a larger image would fill any usual memory
MOST_BYTES = 2 << 30  # of a file
FEW_PIXELS = 40_000_000  # above which a file must have some bytes for what it says it holds:
MOST_PIXELS_A_BYTE = 256  # ten times what the worst photograph takes, though not an empty page
MOST_HEADER = 20 << 20  # bytes before the pixels of a JPEG that are looked at; a profile is 16 MB
MOST_PROFILE = 16 << 20  # bytes of a colour profile
MOST_SCANNED = 5_000_000_000  # pixels times scans of a progressive JPEG: about a minute
MOST_RUNS = 8 << 20  # bytes of the run lengths of a BMP, which are gone through in Python
MOST_CHUNKS = 200_000  # of a PNG
MOST_PAGES = 1_000  # of a TIFF, of which the largest is looked for, and frames that are counted
MOST_PAGE_BYTES = 64 << 20  # of the tags of all of them
MOST_PIECES = 1_000_000  # strips or tiles of a TIFF


def require_size(width: int, height: int, size: int = MOST_BYTES) -> None:
    """Raise `ReadError` for an image of more pixels than are read, or than its file can hold.

    Parameters
    ----------
    width, height : int
    size : int
        Bytes of the file, where its decoder makes pixels without looking whether they are there.
    """
    if width * height > MOST_PIXELS:
        raise ReadError(
            f"{width} x {height} px are {pixels_text(width * height)}",
            allowed=f"at most {MOST_PIXELS / 1e6:,.0f}",
        )
    if width * height > max(FEW_PIXELS, size * MOST_PIXELS_A_BYTE):
        raise ReadError(
            f"{width} x {height} px in a file of {size:,} bytes",
            allowed=f"at most {MOST_PIXELS_A_BYTE} pixels a byte",
        )
