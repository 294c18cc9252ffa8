"""Reading, checksums within the file included, against Pillow alone, which looks at none.

The SHA-256 of the file is computed beside it, and nobody who wants the pixels waits for it.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from srviewer.pipeline.reading import read_image
from tests.benchmarks.measuring import Figure, interleaved

_ROUNDS = 15


def _by_pillow(path: Path) -> np.ndarray:
    with Image.open(path) as opened:
        opened.getexif()
        opened.load()
        return np.ascontiguousarray(np.asarray(opened))


def measure(photograph: Path, folder: Path) -> list[Figure]:
    """Return the time of reading plain files as a share of what Pillow takes."""
    image, figures = Image.open(photograph).convert("RGB"), []
    for suffix in ("png", "jpg", "bmp"):
        path = folder / f"plain.{suffix}"
        image.save(path)
        works = {
            "ours": lambda path=path: read_image(path),
            "pillow": lambda path=path: _by_pillow(path),
        }
        times = interleaved(works, _ROUNDS)
        note = f"{times['ours'] * 1e3:.1f} ms / {times['pillow'] * 1e3:.1f} ms"
        name = f"reading a plain {suffix.upper()} / Pillow alone"
        figures.append(Figure(name, times["ours"] / times["pillow"], 1.05, "x", note=note))
    return figures
