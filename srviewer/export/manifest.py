"""The manifest of a data set, and the text file of each image."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from srviewer.errors import ExportError
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.cropping import Box
from srviewer.pipeline.summary import mean_quality, summary_notes

MANIFEST = "manifest.csv"
RECIPE = "recipe.toml"
EXPORT = "export.toml"
JOURNAL = ".manifest.part"  # rows of the images done so far, while a run lasts
META = "meta"


class Row(NamedTuple):
    """A pair in the manifest: places and sizes in HR pixels, PSNR in dB."""

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


def manifest_text(rows: Iterable[Row]) -> str:
    """Return the manifest as CSV, sorted by image and place, with a line of names on top."""
    return csv_text([Row._fields, *sorted(rows, key=lambda row: row.place)])


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Return `rows` as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def journal_text(image: str, rows: Iterable[Row]) -> str:
    """Return the journal's entry of an image, which takes the place of its earlier rows."""
    nothing = ("",) * (len(Row._fields) - 1)
    return csv_text([Row(image, *nothing), *rows])


def earlier_rows(out: Path) -> tuple[dict[str, list[Row]], set[str]]:
    """Return the rows of each image in the data set `out`, and which images the journal has."""
    rows: dict[str, dict[Row, None]] = {}
    noted: set[str] = set()
    for row in read_rows(out / MANIFEST):
        rows.setdefault(row.image, {})[row] = None
    for row in read_rows(out / JOURNAL):
        noted.add(row.image)
        if row.hr:
            rows.setdefault(row.image, {})[row] = None
        else:  # the beginning of an entry
            rows[row.image] = {}
    return {image: list(mine) for image, mine in rows.items()}, noted


def read_rows(path: Path) -> list[Row]:
    """Return the rows in the manifest `path`, whole ones only; none where it does not exist.

    A run that was killed may leave its last line torn; the image that it belongs to is not
    marked as done then.
    """
    try:
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            lines = list(csv.reader(file))
        if not _ends_whole(path):
            del lines[-1]
    except FileNotFoundError:
        return []
    except (OSError, csv.Error) as error:
        raise ExportError(f"{path}: not a manifest that can be read: {error}") from error
    whole = (line for line in lines if len(line) == len(Row._fields))
    return [Row(*line) for line in whole if tuple(line) != Row._fields]


def _ends_whole(path: Path) -> bool:
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        return file.read() in (b"", b"\n")


def write_text(path: Path, text: str) -> None:
    """Write `text` so that `path` holds either what it held before or all of it."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", errors="surrogateescape", newline="\n")
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


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
    kept = int(a.patches.kept.sum())
    lines = {
        "image": name,
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
        "kept pairs": f"{kept}",
        "mean PSNR": "none" if psnr is None else f"{psnr:.4f} dB",
        "mean SSIM": "none" if ssim is None else f"{ssim:.6f}",
    }
    notes = [f"note: {note}" for note in summary_notes(a)]
    return "\n".join([*(f"{key}: {value}" for key, value in lines.items()), *notes]) + "\n"


def _box_text(box: Box | None, reason: str | None) -> str:
    return " ".join(map(str, box)) if box else f"none: {reason}"


def fingerprint_in(path: Path) -> str | None:
    """Return the fingerprint that the text file `path` tells, None where there is none."""
    return _told(path, "sha256")


def image_in(path: Path) -> str | None:
    """Return the image that the text file `path` is about, None where it does not say."""
    return _told(path, "image")


def kept_in(path: Path) -> int:
    """Return how many pairs the text file `path` says were kept, 0 where it does not say."""
    told = _told(path, "kept pairs") or ""
    return int(told) if told.isdecimal() else 0


def _told(path: Path, key: str) -> str | None:
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    start = f"{key}: "
    found = [line.removeprefix(start) for line in text.splitlines() if line.startswith(start)]
    return found[0] if found else None
