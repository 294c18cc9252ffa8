"""The one place that imports OpenCV."""

from __future__ import annotations

import os

import cv2 as cv2

# opencv-python carries a Qt of its own and points these at it on import; left in place, they
# would make PySide6 load plugins of another Qt and abort.
for _name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
    os.environ.pop(_name, None)
