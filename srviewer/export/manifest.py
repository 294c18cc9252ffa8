"""The manifest of a data set, and the text file of each image."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.cropping import Box
from srviewer.pipeline.summary import mean_quality, summary_notes
from srviewer.runs.data_sets import EXCLUDED as EXCLUDED
from srviewer.runs.data_sets import EXPORT as EXPORT
from srviewer.runs.data_sets import MANIFEST as MANIFEST
from srviewer.runs.data_sets import RECIPE as RECIPE
from srviewer.runs.folders import files_in, is_file, replacing

META = "meta"
_LONGEST_TEXT, _LONGEST_COUNT = 1 << 20, 18  # bytes and digits: ours have far less


class Row(NamedTuple):
    """A pair in the manifest: coordinates and sizes in HR pixels, PSNR in dB."""

    image: str
    hr: str
    lr: str
    x: str
    y: str
    width: str
    height: str
    scale: str
    keypoints: str
    matches: str
    psnr: str
    ssim: str

    @property
    def place(self) -> tuple[str, int, int]:
        """What the manifest is sorted by."""
        return self.image, int(self.y), int(self.x)


COLUMNS = Row._fields


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Return `rows` as CSV."""
    rows = list(rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    if "\r" not in text.getvalue():
        return text.getvalue()
    # Not every version of Python puts a carriage return into quotes.
    text = io.StringIO()
    plain = csv.writer(text, lineterminator="\n")
    quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in map(tuple, rows):
        (quoted if any("\r" in value for value in row) else plain).writerow(row)
    return text.getvalue()


def write_rows(out: Path, images: Iterable[Iterable[Row]]) -> None:
    """Write the manifest of `out`: the rows of one image after the other, in order."""
    with replacing(out, MANIFEST) as file:
        for rows in itertools.chain([[COLUMNS]], images):
            file.write(csv_text(rows).encode("utf-8", "surrogateescape"))


def meta_text(analysis: Analysis, name: str, fingerprint: str) -> str:
    """Return the text file of an image: its sizes, counts at each stage, box, metrics and notes.

    Parameters
    ----------
    analysis : Analysis
        Complete.
    name : str
        The image's name in the manifest.
    fingerprint : str
        Of the image file, so that a later run sees whether it is still the same.
    """
    a = analysis
    width, height = a.pair.size
    scale = a.recipe.scale
    psnr, ssim = mean_quality(a)
    kept, excluded = int(a.patches.kept.sum()), a.patches.excluded_alone
    lines = {
        "image": one_line(name),
        "sha256": fingerprint,
        "size": "{} x {} px".format(*a.image.size),
        "clean size": f"{width} x {height} px",
        "LR size": f"{width // scale} x {height // scale} px",
        "scale": f"{scale}",
        "keypoints": f"{len(a.keypoints.hr)} HR, {len(a.keypoints.lr)} LR",
        "matches": f"{len(a.matches)}",
        "consistent matches": f"{int(a.consistent.kept.sum())}",
        "HR box": _box_text(a.box.hr, a.box.reason),
        "LR box": _box_text(a.box.lr, a.box.reason),
        "windows in the box": f"{int(a.patches.candidates.sum())}",
        **({"excluded by hand": f"{excluded}"} if excluded else {}),
        "kept pairs": f"{kept}",
        "mean PSNR": "none" if psnr is None else f"{psnr:.4f} dB",
        "mean SSIM": "none" if ssim is None else f"{ssim:.6f}",
    }
    notes = [f"note: {note}" for note in summary_notes(a)]
    return "\n".join([*(f"{key}: {value}" for key, value in lines.items()), *notes]) + "\n"


def _box_text(box: Box | None, reason: str | None) -> str:
    return " ".join(map(str, box)) if box else f"none: {reason}"


def one_line(name: str) -> str:
    """Return `name` without what would end its line in a text file."""
    return "".join(repr(part)[1:-1] if part.splitlines() == [""] else part for part in name)


class ImageText(NamedTuple):
    """What the text file of an image tells of it.

    Attributes
    ----------
    image : str
        Its name, as `one_line` writes it.
    sha256 : str
        Of the image file that the pairs were made of.
    kept : int
        Pairs, before any were chosen.
    text : str
        The whole text.
    """

    image: str
    sha256: str
    kept: int
    text: str


def read_image_text(out: Path, name: str) -> ImageText | None:
    """Return what the text file `name` of the data set `out` tells, None where it is no image's."""
    path = out / name
    try:
        if not is_file(out, name) or path.stat().st_size > _LONGEST_TEXT:
            return None
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    told: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.partition(": ")
        told.setdefault(key, value)
    kept = told.get("kept pairs", "")
    is_count = kept.isdecimal() and len(kept) <= _LONGEST_COUNT
    if not (told.get("image") and told.get("sha256") and is_count):
        return None
    return ImageText(told["image"], told["sha256"], int(kept), text)


def image_texts(out: Path) -> Iterator[ImageText]:
    """Yield what the text files of the images of the data set `out` tell."""
    for name in files_in(out, META):
        told = read_image_text(out, name)
        if told:
            yield told
