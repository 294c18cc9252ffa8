"""Which versions of the libraries that decide the pixels are at work."""

from __future__ import annotations

import numpy as np
import PIL

from srviewer import __version__
from srviewer.pipeline.opencv import cv2

VERSIONS = {
    "srviewer": __version__,
    "OpenCV": cv2.__version__,
    "Pillow": PIL.__version__,
    "numpy": np.__version__,
}
