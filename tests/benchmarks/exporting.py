"""The export of 2K images against the article's script, into memory so that no disk decides."""

import csv
import functools
import itertools
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from srviewer.export.manifest import MANIFEST
from tests.benchmarks.measuring import Figure, interleaved, peak_of_children, photographs, seconds

SIZE_2K, SIZE_4MP = (2040, 1356), (2312, 1728)
PAIRS = 88_000  # that the article made
_ARTICLE_SECONDS = 4 * 3600  # that they took it
_IMAGES = 4
_ROUNDS = 3
# With --jobs 1 the command works with threads of its own process, unless they are one.
_ONE_THREAD = """
import sys
from srviewer.cli import main
from srviewer.pipeline.allocator import tune_allocator
from srviewer.pipeline.threads import use_threads
use_threads(1)
tune_allocator()
sys.exit(main(sys.argv[1:]))
"""


def baseline_script() -> Path | None:
    """Return the article's script, None where it is not at hand."""
    given = os.environ.get("SRVIEWER_BASELINE")
    beside = Path(__file__).parents[3] / "shared" / "baseline" / "article_script.py"
    path = Path(given) if given else beside
    return path if path.is_file() else None


def _pieces() -> Iterator[Image.Image]:
    """Yield photographs to compose from, for ever."""
    real = photographs()
    if real is not None:
        opened = [
            Image.open(path).convert("RGB")
            for folder in ("set14", "set5", "large")
            for path in sorted((real / folder).iterdir())
        ]
    else:
        from skimage import data

        parts = (data.astronaut(), data.coffee(), data.chelsea(), data.rocket())
        opened = [Image.fromarray(np.ascontiguousarray(part)) for part in parts]
    random = np.random.default_rng(1)
    while True:
        piece = opened[random.integers(len(opened))]
        if piece.width > 900:
            x, y = (
                int(random.integers(0, room)) for room in (piece.width - 800, piece.height - 600)
            )
            piece = piece.crop((x, y, x + 800, y + 600))
        yield piece


def compose(folder: Path, count: int, size: tuple[int, int] = SIZE_2K) -> list[Path]:
    """Write `count` images of (width, height) `size`, each a patchwork of photographs."""
    pieces = _pieces()
    paths = []
    folder.mkdir(exist_ok=True)
    for number in range(count):
        canvas = Image.new("RGB", size)
        for top in range(0, size[1], 300):
            left = 0
            while left < size[0]:
                piece = next(pieces)
                canvas.paste(piece, (left, top))
                left += piece.width
        paths.append(folder / f"composed_{number:02d}.png")
        canvas.save(paths[-1], compress_level=1)
    return paths


class _Exports:
    """Exports of the same images, each into a folder of its own, which is then removed."""

    def __init__(self, folder: Path, images: list[Path]) -> None:
        self._folders = (folder / f"out_{number}" for number in itertools.count())
        self._images = list(map(str, images))
        self._done: list[Path] = []

    def script(self, script: Path) -> int:
        """Run the article's script and return how many pairs it wrote."""
        out = self._next()
        _run([sys.executable, str(script), str(out), *self._images])
        return len(list(out.glob("*_hr.bmp")))

    def command(self, *flags: str, one_thread: bool = False) -> int:
        """Run ``srviewer export`` and return how many pairs it wrote."""
        out = self._next()
        _run([*export_command(self._images, out, one_thread=one_thread), *flags])
        with open(out / MANIFEST, encoding="utf-8", newline="") as file:
            return sum(1 for _ in csv.DictReader(file))

    def _next(self) -> Path:
        self._done.append(next(self._folders))
        return self._done[-1]

    def clear(self) -> None:
        """Remove what was written."""
        for folder in self._done:
            shutil.rmtree(folder)
        self._done.clear()


def export_command(images: list[str], out: Path, *, one_thread: bool = False) -> list[str]:
    """Return the command that exports `images` to `out`."""
    start = ["-c", _ONE_THREAD] if one_thread else ["-m", "srviewer"]
    return [sys.executable, *start, "export", *images, "--out", str(out), "--format", "bmp"]


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(folder: Path) -> Iterator[Figure]:
    """Yield the export in both scopes against the script, processes, 88,000 pairs, memory."""
    script = baseline_script()
    exports = _Exports(folder, compose(folder / "few", _IMAGES))
    pairs: dict[str, int] = {}

    def count(name: str, export: Callable[[], int]) -> Callable[[], object]:
        return lambda: pairs.update({name: export()})

    works = {
        "patch": count("patch", lambda: exports.command("--jobs", "2")),
        "image": count(
            "image", lambda: exports.command("--jobs", "2", "--keypoint-scope", "image")
        ),
    }
    if script is not None:
        works["script"] = count("script", lambda: exports.script(script))
    times = interleaved(works, _ROUNDS)
    exports.clear()
    if script is not None:
        same = "the same" if pairs["script"] == pairs["patch"] else "DIFFER"
        for scope, bound in (("patch", 3), ("image", 6)):
            note = f"{times['script']:.1f} s / {times[scope]:.1f} s"
            note += f", {pairs['patch']:,} pairs, {same}" if scope == "patch" else ""
            name = f"export, scope {scope}: script / srviewer"
            yield Figure(name, times["script"] / times[scope], bound, "x", False, note)
    yield from _for_trainers(exports)
    yield _two_against_one(folder)
    yield _many(folder, pairs["patch"] / _IMAGES)
    large = list(map(str, compose(folder / "large", _IMAGES, SIZE_4MP)))
    peak = peak_of_children([*export_command(large, folder / "large_out"), "--jobs", "2"])
    if peak is not None:
        note = f"{peak:,.0f} MB, shared libraries included"
        name = "export: peak memory of a process at 4 MP"
        yield Figure(name, peak * 1e6 / 2**30, 1, "GiB", note=note)


def _for_trainers(exports: _Exports) -> Iterator[Figure]:
    """Yield what an export for a trainer takes against that of the same pairs in the same format.

    Keypoints are of the image, so that as little as may be hides what is written.
    """
    flags = ["--jobs", "2", "--keypoint-scope", "image", "--format", "png"]
    works = {
        name: functools.partial(exports.command, *flags, *more)
        for name, more in {
            "plain": (),
            "basicsr": ("--for", "basicsr"),
            "huggingface": ("--for", "huggingface"),
        }.items()
    }
    times = interleaved(works, _ROUNDS)
    exports.clear()
    plain = times.pop("plain")
    for name, taken in times.items():
        note = f"{taken:.1f} s / {plain:.1f} s"
        yield Figure(f"export: for {name} / the same png", taken / plain, 1.1, "x", note=note)


def _two_against_one(folder: Path) -> Figure:
    exports = _Exports(folder, compose(folder / "more", 2 * _IMAGES))
    times = interleaved(
        {
            "one": lambda: exports.command("--jobs", "1", one_thread=True),
            "two": lambda: exports.command("--jobs", "2"),
        },
        _ROUNDS - 1,
    )
    exports.clear()
    note = f"{times['one']:.1f} s / {times['two']:.1f} s, one thread in each"
    ratio = times["one"] / times["two"]
    return Figure("export, scope patch: one process / two", ratio, 1.8, "x", False, note)


def _many(folder: Path, pairs_of_an_image: float) -> Figure:
    """Return how many pairs one run makes of a set that is large enough for the article's."""
    images = math.ceil(1.1 * PAIRS / pairs_of_an_image)
    exports = _Exports(folder, compose(folder / "many", images))
    made = [0]
    taken = seconds(lambda: made.append(exports.command("--jobs", "2")))
    exports.clear()
    note = f"of {images} 2K images in {taken:.0f} s; the article took {_ARTICLE_SECONDS:,} s"
    return Figure("export, scope patch: pairs in one run", made[-1], PAIRS, "", False, note)
