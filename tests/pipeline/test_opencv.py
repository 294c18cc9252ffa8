"""The environment that OpenCV leaves behind."""

import importlib
import os
from pathlib import Path

import cv2

from srviewer.pipeline import opencv

PLUGINS, FONTS = "QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"


def test_what_opencv_points_at_its_own_qt_is_taken_back_and_nothing_else(monkeypatch):
    own = Path(cv2.__file__).parent / "qt"
    monkeypatch.setenv(PLUGINS, str(own / "plugins"))
    monkeypatch.setenv(FONTS, "/usr/share/fonts")
    opencv.drop_qt_settings()
    assert PLUGINS not in os.environ
    assert os.environ[FONTS] == "/usr/share/fonts"
    opencv.drop_qt_settings()
    assert os.environ[FONTS] == "/usr/share/fonts"


def test_the_environment_is_after_the_import_what_it_was_before(monkeypatch):
    monkeypatch.setenv(PLUGINS, "/a/person's/own")
    monkeypatch.delenv(FONTS, raising=False)
    importlib.reload(opencv)
    assert os.environ[PLUGINS] == "/a/person's/own"
    assert FONTS not in os.environ
