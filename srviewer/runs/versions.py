"""Which versions of what decides the pixels are at work, and which were."""

from collections.abc import Mapping

import numpy as np
import PIL

from srviewer import __version__
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.reading import READING

_READING = "reading"
_LIBRARIES = ("OpenCV", "Pillow", "numpy")
VERSIONS: dict[str, str] = {
    "srviewer": __version__,
    _READING: str(READING),
    "OpenCV": cv2.__version__,
    "Pillow": PIL.__version__,
    "numpy": np.__version__,
}


def reads_otherwise(made_with: Mapping[str, str]) -> bool:
    """Tell whether images are read in another way now than by what something was `made_with`."""
    return made_with.get(_READING, "1") != VERSIONS[_READING]  # the first way had no number


def other_libraries(made_with: Mapping[str, str]) -> str:
    """Return in words which libraries differ from those that something was `made_with`."""
    differ = (
        f"{name} {made_with[name]} there, {VERSIONS[name]} here"
        for name in _LIBRARIES
        if name in made_with and made_with[name] != VERSIONS[name]
    )
    words = "; ".join(differ)
    return words and f"other libraries may give other pixels in the last bit: {words}"
