"""The export of 2K images against the article's script, into memory so that no disk decides."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from srviewer.export.manifest import MANIFEST, read_rows
from tests.benchmarks.measuring import Figure, photographs, seconds

_SIZE = (2040, 1356)
_IMAGES = 4


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


def compose(folder: Path, count: int) -> list[Path]:
    """Write `count` 2K images, each a patchwork of photographs."""
    pieces = _pieces()
    paths = []
    for number in range(count):
        canvas = Image.new("RGB", _SIZE)
        for top in range(0, _SIZE[1], 300):
            left = 0
            while left < _SIZE[0]:
                piece = next(pieces)
                canvas.paste(piece, (left, top))
                left += piece.width
        paths.append(folder / f"composed_{number:02d}.png")
        canvas.save(paths[-1])
    return paths


def _export(images: list[Path], out: Path, *flags: str) -> float:
    command = [sys.executable, "-m", "srviewer", "export", *map(str, images), "--out", str(out)]
    return _timed([*command, *flags])


def _timed(command: list[str]) -> float:
    def run() -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    return seconds(run)


def measure(folder: Path) -> list[Figure]:
    """Return the export in both scopes against the script, and two processes against one."""
    script = baseline_script()
    images = compose(folder, _IMAGES)
    outs = {name: folder / name for name in ("script", "patch", "image", "one")}
    two = ("--jobs", "2")
    patch = _export(images, outs["patch"], *two)
    image = _export(images, outs["image"], *two, "--keypoint-scope", "image")
    figures = []
    if script is not None:
        article = _timed([sys.executable, str(script), str(outs["script"]), *map(str, images)])
        same = len(read_rows(outs["patch"] / MANIFEST)) == _pairs_of_script(outs["script"])
        note = f"{article:.1f} s / {patch:.1f} s, pairs {'the same' if same else 'DIFFER'}"
        figures += [
            Figure("export, scope patch: script / srviewer", article / patch, 3, "x", False, note),
            Figure("export, scope image: script / srviewer", article / image, 6, "x", False,
                   f"{article:.1f} s / {image:.1f} s"),
        ]  # fmt: skip
    one = _export(images, outs["one"], "--jobs", "1")
    figures.append(
        Figure("export, scope patch: one job / two jobs", one / patch, 1, "x", False,
               "one job has threads in one process")
    )  # fmt: skip
    return figures


def _pairs_of_script(out: Path) -> int:
    return len(list(out.glob("*_hr.bmp")))
