"""Measuring, and the table of results."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Figure:
    """A measured figure beside what must hold."""

    name: str
    value: float
    bound: float
    unit: str
    at_most: bool = True
    note: str = ""

    @property
    def line(self) -> str:
        """The figure as a line of the table."""
        holds = self.value <= self.bound if self.at_most else self.value >= self.bound
        word = "at most" if self.at_most else "at least"
        mark = "ok  " if holds else "OVER" if self.at_most else "LOW "
        return (
            f"{mark}  {self.name:<58} {self.value:9.3f} {self.unit:<6} "
            f"{word} {self.bound:g}  {self.note}"
        )


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def interleaved(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median time of each of `works`, done in turn so that noise meets all alike."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(seconds(work))
    return {name: float(np.median(values)) for name, values in times.items()}


def peak_of_children(command: list[str]) -> float | None:
    """Run `command`; return the highest peak memory of a process that it starts, in MB.

    Peak memory is what the kernel calls VmHWM, shared libraries included. None where there is no
    ``/proc``.
    """
    peak = None
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as parent:
        while parent.poll() is None:
            found = [_peak(child) for child in _children(parent.pid)]
            peak = max((value for value in (peak, *found) if value is not None), default=None)
            time.sleep(0.02)
    if parent.returncode:
        raise subprocess.CalledProcessError(parent.returncode, command)
    return peak


def _children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task")
    found: list[int] = []
    with contextlib.suppress(OSError):  # it has just ended, or there is no /proc
        for task in tasks.iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def _peak(process: int) -> float | None:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return None


def percentile_95(values: Iterable[float]) -> float:
    """Return the 95th percentile."""
    return float(np.percentile(list(values), 95))


def photographs() -> Path | None:
    """Return the folder of real photographs, None where there is none."""
    given = os.environ.get("SRVIEWER_TEST_DATA")
    folder = Path(given) if given else Path(__file__).parents[3] / "shared" / "data"
    return folder if (folder / "large").is_dir() else None


def large_image(name: str, size: tuple[int, int], folder: Path) -> Path:
    """Return the photograph ``large/name``, or one of `size` composed of scikit-image's own."""
    real = photographs()
    if real is not None:
        return real / "large" / name
    from skimage import data

    parts = [data.astronaut(), data.coffee(), data.chelsea(), data.rocket()]
    canvas = Image.new("RGB", size)
    x = y = row = 0
    for number in range(200):
        part = Image.fromarray(np.ascontiguousarray(parts[number % len(parts)]))
        canvas.paste(part, (x, y))
        row = max(row, part.height)
        x += part.width
        if x >= size[0]:
            x, y, row = -37 * number % 100 - 100, y + row, 0
        if y >= size[1]:
            break
    path = folder / f"composed_{size[0]}x{size[1]}.png"
    canvas.save(path)
    return path
