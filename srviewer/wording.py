"""How numbers are said, on the command line and in the window alike."""

from math import ceil, isinf, isnan

_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
UNKNOWN = "\N{EN DASH}"


def counted(count: int, one: str, many: str = "") -> str:
    """Return ``1 pair``, ``2 pairs``, or with `many` given ``2 matches``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size_texts(size: tuple[int, int]) -> tuple[str, str]:
    """Return (width, height) in pixels as ``640 x 480 px``, and in less room."""
    width, height = size
    return f"{width} x {height} px", f"{width}x{height} px"


def pixels_text(pixels: int) -> str:
    """Return a number of pixels as ``40 megapixels``."""
    return f"{pixels / 1e6:,.0f} megapixels"


def part_texts(part: int, whole: int) -> tuple[str, str, str]:
    """Return ``12 of 3,456``, and what says it in less and less room."""
    return f"{part:,} of {whole:,}", f"{part:,}/{whole:,}", f"{part:,}"


def pairs_of(pairs: int, images: int, with_pairs: int | None = None) -> str:
    """Return ``1,413 pairs of 14 images``, or where some have none ``... from 13 of 14 images``.

    Parameters
    ----------
    pairs, images : int
    with_pairs : int, optional
        How many of the images have any; by default all.
    """
    if with_pairs is None or with_pairs == images:
        return f"{counted(pairs, 'pair')} of {counted(images, 'image')}"
    return f"{counted(pairs, 'pair')} from {with_pairs:,} of {counted(images, 'image')}"


def size_text(size: float) -> str:
    """Return a number of bytes with three figures at most, in decimal units."""
    for factor, unit in _UNITS:
        if size >= 0.9995 * factor:
            value = size / factor
            digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
            return f"{value:,.{digits}f} {unit}"
    return f"{size:,.0f} B"


def duration(seconds: float) -> str:
    """Return `seconds` as a person says them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def time_left(seconds: float | None) -> str:
    """Return how long something still takes; empty where that is not known, or it is done."""
    return f"{duration(ceil(seconds))} left" if seconds else ""


def time_taken(seconds: float) -> str:
    """Return how long something took, what is short to a tenth of a second."""
    return f"{seconds:.1f} s" if seconds < 90 else duration(seconds)


def time_text(seconds: float) -> str:
    """Return the time of a step with three figures at most and a fitting unit."""
    if seconds >= 0.9995:
        return f"{seconds:.1f} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.0f} ms" if milliseconds >= 9.5 else f"{milliseconds:.1f} ms"


def rate_text(rate: float, unit: str, decimals: int = 0) -> str:
    """Return how many of a `unit`, as ``pairs``, are done in a second."""
    return f"{rate:,.{decimals}f} {unit}/s"


def number_text(value: float, decimals: int, *, grouped: bool = False, unknown: str = "") -> str:
    """Return `value` as it stands in a table, `unknown` where it is nan."""
    if isnan(value):
        return unknown
    if isinf(value):
        return "\N{INFINITY}"
    # The z keeps a rounded -0.0001 from being shown as -0.000.
    return f"{value:z{',' if grouped else ''}.{decimals}f}"


def apart(value: float, limit: float, decimals: int) -> tuple[str, str]:
    """Return `value` with so many decimals, or more where it would read as the limit, and that.

    So a value that misses a limit by little does not seem to meet it. The limit, which a person
    has set, is written whole.
    """
    enough = (n for n in range(decimals, 6) if f"{value:.{n}f}" != f"{limit:.{n}f}")
    return f"{value:z.{next(enough, decimals)}f}", f"{limit:.7g}"


def percent(share: float) -> str:
    """Return a share in percent."""
    return f"{100 * share:.0f} %"


def sentence(words: str) -> str:
    """Return `words` with a capital at the start, as they stand alone."""
    return words[:1].upper() + words[1:]
