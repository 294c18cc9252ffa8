"""An export's memory: the same after 200 images as after 10."""

import os
import shutil
from pathlib import Path

from tests.benchmarks.exporting import SIZE_4MP, compose, export_command
from tests.benchmarks.measuring import peak_of_children

FEW, MANY = 10, 200
_MOST_GROWTH = 20.0  # MB
_SMALLER = ((1000, 800), (1704, 1200), (2040, 1356))


def check_memory(folder: Path) -> list[str]:
    """Export `FEW` and `MANY` images of up to 4 MP; return what is wrong."""
    composed = compose(folder / "large", 2, SIZE_4MP)
    for number, size in enumerate(_SMALLER):
        composed += compose(folder / f"smaller_{number}", 1, size)
    peaks = {count: _peak_of_export(folder, composed, count) for count in (FEW, MANY)}
    few, many = peaks[FEW], peaks[MANY]
    if few is None or many is None:
        return []
    print(f"export: peak memory of a process {few:.0f} MB over {FEW} images, {many:.0f} MB over "
          f"{MANY}", flush=True)  # fmt: skip
    if many > few + _MOST_GROWTH:
        return [f"the export's memory grew by {many - few:.0f} MB from {FEW} to {MANY} images"]
    return []


def _peak_of_export(folder: Path, composed: list[Path], count: int) -> float | None:
    """Return the peak in MB over `count` images, large and smaller ones in turn."""
    source, out = folder / f"images_{count}", folder / f"out_{count}"
    source.mkdir()
    for number in range(count):
        os.link(composed[number % len(composed)], source / f"image_{number:03d}.png")
    # Few pairs, so that a disk need not take a million files; memory has its peak before them.
    flags = ("--jobs", "2", "--keypoint-scope", "image", "--max-per-image", "20")
    peak = peak_of_children([*export_command([str(source)], out), *flags])
    shutil.rmtree(out)
    return peak
