"""The one place that imports OpenCV, which leaves the environment as it was."""

import os
from pathlib import Path

# opencv-python carries a Qt of its own and points these at it on import; left in place, they
# would make PySide6 load plugins of another Qt and abort.
_QT_SETTINGS = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
_before = {name: os.environ.get(name) for name in (*_QT_SETTINGS, "LD_LIBRARY_PATH")}

import cv2 as cv2  # noqa: E402

for _name, _value in _before.items():
    if _value is None:
        os.environ.pop(_name, None)
    else:
        os.environ[_name] = _value


def drop_qt_settings() -> None:
    """Take back what OpenCV has set for its own Qt where somebody else imported it before us.

    To be called before the application of PySide6 is made.
    """
    for name in _QT_SETTINGS:
        value = os.environ.get(name)
        if value is not None and Path(value).is_relative_to(Path(cv2.__file__).parent):
            del os.environ[name]
