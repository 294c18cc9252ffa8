"""Photographs that scikit-image's wheel carries, so that a clone alone has real images."""

from functools import cache
from pathlib import Path

import numpy as np
import skimage
from PIL import Image

from srviewer.pipeline.reading import SourceImage

FOLDER = Path(skimage.__file__).parent / "data"
NAMES = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "camera": "camera.png",
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "grass": "grass.png",
    "motorcycle": "motorcycle_left.png",
    "rocket": "rocket.jpg",
}


@cache
def photo(name: str) -> np.ndarray:
    """Return a photograph as RGB, uint8, shape (H, W, 3), not writeable."""
    rgb = np.array(Image.open(FOLDER / NAMES[name]).convert("RGB"))
    rgb.setflags(write=False)
    return rgb


def crop(name: str, x: int, y: int, width: int, height: int) -> np.ndarray:
    """Return a part of a photograph."""
    part = photo(name)[y : y + height, x : x + width]
    assert part.shape == (height, width, 3)
    return np.ascontiguousarray(part)


def as_source(rgb: np.ndarray, name: str = "photo.png") -> SourceImage:
    """Return `rgb` as the pipeline's reading would."""
    return SourceImage(Path(name), np.ascontiguousarray(rgb))


def save(rgb: np.ndarray, path: Path) -> Path:
    """Write `rgb` where `path` says, losslessly for the usual endings, and return `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rgb).save(path, compress_level=1)  # of PNG: a third of the time
    return path
