"""The manifest of a data set, read strictly, and never as a whole."""

import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from srviewer.errors import ExportError, reason
from srviewer.export.findings import Finding, Kind
from srviewer.export.manifest import COLUMNS_OF_NUMBERS, LYING, MANIFEST, GivenRow, Row, row_kind
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.texts import lines_of
from srviewer.pipeline.window_alignment import ALL, KEPT
from srviewer.runs.folders import file_in, is_inside
from srviewer.wording import counted

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,15}")


@dataclass(frozen=True)
class Span:
    """Rows that follow one another in the manifest.

    Attributes
    ----------
    image : str
        Of the first one.
    start, end : int
        Bytes.
    """

    image: str
    start: int
    end: int
    given: bool = False

    def read(self, out: Path) -> list[Row]:
        """Return the rows."""
        with open(file_in(out, MANIFEST), "rb") as file:
            file.seek(self.start)
            data = file.read(self.end - self.start)
        rows = _parsed(io.BytesIO(data), row_kind(given=self.given))
        return [row for row, _, _ in rows if not _no_row(row)]


def stream_rows(
    out: Path,
    recipe: Recipe,
    find: Callable[[Finding], object],
    *,
    given: bool = False,
    whole: bool = False,
) -> Iterator[tuple[Row, int, int]]:
    """Yield the rows of the manifest of `out`, each with its place in bytes.

    Parameters
    ----------
    out : Path
    recipe : Recipe
    find : callable
        Given what is wrong with the manifest: lines that are no rows, their order, rows that are
        there twice, and what cannot be in a row under `recipe`.
    given : bool
        Whether the LR of its pairs were given, whose rows have more columns.
    whole : bool
        Whether some of its pairs may be of whole images.

    Raises
    ------
    ExportError
        Where it cannot be read.
    """
    last: tuple[str, int, int] | None = None
    kind = row_kind(given=given)
    try:
        with open(file_in(out, MANIFEST), "rb") as file:
            for number, (row, start, end) in enumerate(_parsed(lines_of(file), kind), 1):
                line = f"{MANIFEST} line {number:,}"
                if number == 1:
                    if tuple(row) != kind._fields:
                        columns = ",".join(kind._fields), ",".join(row)
                        find(Finding(Kind.MANIFEST, line, "not the columns", *columns))
                    continue
                fault = _no_row(row)
                if fault:
                    find(Finding(Kind.MANIFEST, line, *fault))
                    continue
                if last is not None and row.place <= last:
                    words = "the same pair twice" if row.place == last else "out of order"
                    find(Finding(Kind.MANIFEST, line, f"{row_name(row)}: {words}"))
                last = row.place
                for column, expected in _wrong(row, recipe, whole=whole):
                    found = getattr(row, column)
                    find(Finding(Kind.MANIFEST, row_name(row), column, expected, found))
                yield row, start, end
    except (OSError, ValueError, csv.Error) as error:
        raise ExportError(f"cannot be read: {reason(error)}", path=out / MANIFEST) from error


def row_name(row: Row) -> str:
    """Return what to call `row`."""
    return f"{row.image} at x {row.x}, y {row.y}"


def _parsed(lines: Iterable[bytes], kind: type[Row]) -> Iterator[tuple[Row, int, int]]:
    """Yield each record with its place in bytes; one of another length is filled or cut."""
    start = end = 0

    def texts() -> Iterator[str]:
        nonlocal end
        for line in lines:
            text = line.decode("utf-8", "surrogateescape")
            text = text if end else text.removeprefix("\ufeff")  # as spreadsheets write it
            end += len(line)
            yield text

    width = len(kind._fields)
    for found in csv.reader(texts()):
        cells = (
            found if len(found) == width else ["", counted(len(found), "cell"), *[""] * (width - 2)]
        )
        yield kind(*cells), start, end
        start = end


def _no_row(row: Row) -> tuple[str, str, str] | None:
    """Return what makes `row` no row: the words, what is expected and what is found."""
    if not row.image:
        return "not a row", f"{len(row)} cells", row.hr
    for place in (row.image.replace("\\", "_"), row.hr, row.lr):  # it may have escapes
        if not is_inside(place):
            return "not a row", "places within the data set", place
    for column in COLUMNS_OF_NUMBERS:
        value: str = getattr(row, column)
        if not _WHOLE_NUMBER.fullmatch(value):
            return column, "a whole number", repr(value)
    if isinstance(row, GivenRow) and len(" ".join(row.lying).split()) not in (0, len(LYING)):
        return "verdict, dx, dy, u95", "all of them", repr(" ".join(row.lying))
    for column in ("psnr", "ssim"):
        value = getattr(row, column)
        try:
            if math.isnan(float(value)):
                raise ValueError(value)
        except ValueError:
            return column, "a number", repr(value)
    return None


def is_whole_size(size: tuple[int, int], recipe: Recipe) -> bool:
    """Tell whether a box of (width, height) `size` may be under `recipe`."""
    return all(side >= recipe.patch and side % recipe.scale == 0 for side in size)


def _wrong(row: Row, recipe: Recipe, *, whole: bool) -> Iterator[tuple[str, str]]:
    """Yield each column that cannot be under `recipe`, and what is expected."""
    # Of a whole image nothing but the image itself tells where its box is.
    whole = whole and is_whole_size((int(row.width), int(row.height)), recipe)
    sides = () if whole else (("width", recipe.patch), ("height", recipe.patch))
    for column, value in (*sides, ("scale", recipe.scale)):
        if int(getattr(row, column)) != value:
            yield column, f"{value}"
    step, words = (recipe.scale, "scale") if whole else (recipe.stride, "stride")
    for column in ("x", "y"):
        start = int(getattr(row, column))
        if start < 0 or start % step:
            yield column, f"a multiple of {words}, {step}"
    least = recipe.min_keypoints if recipe.texture == "sift" and not whole else 0
    if int(row.keypoints) < least:
        yield "keypoints", f"at least min_keypoints, {recipe.min_keypoints}"
    if int(row.matches) < recipe.min_matches:
        yield "matches", f"at least min_matches, {recipe.min_matches}"
    if isinstance(row, GivenRow) and not whole:
        yield from _wrong_lying(row, recipe)
    if not abs(float(row.ssim)) <= 1:
        yield "ssim", "a number from -1 to 1"


def _wrong_lying(row: GivenRow, recipe: Recipe) -> Iterator[tuple[str, str]]:
    kept, (verdict, *figures) = KEPT[recipe.keep_windows], row.lying
    if verdict not in kept and (verdict or recipe.keep_windows != ALL):
        yield "verdict", f"one of {', '.join(kept)}, as keep_windows is {recipe.keep_windows}"
    for column, figure in zip(LYING[1:], figures, strict=True):
        try:
            float(figure or "nan")
        except ValueError:
            yield column, "a number"
