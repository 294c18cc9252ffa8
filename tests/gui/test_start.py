"""What opens the window loads and makes what it shows, and nothing else: no clock is looked at."""

import os
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY

WINDOW = """
import sys
from srviewer.gui.app import make_application
from srviewer.gui.window import MainWindow
app = make_application(offscreen=True)
window = MainWindow()
window.show()
app.processEvents()
window.grab()
print(*sys.modules)
window.close()
app.processEvents()
"""
ANALYSED = """
import sys, threading
from srviewer.gui.app import asset, make_application
from srviewer.gui.snapshot import wait_for_analysis
from srviewer.gui.window import MainWindow

class Noting:
    def find_spec(name, path, target=None):
        if name == "pyqtgraph":
            print(threading.current_thread() is threading.main_thread())

sys.meta_path.insert(0, Noting)
app = make_application(offscreen=True)
window = MainWindow()
window.show()
window.open_paths([asset("sample.png")])
wait_for_analysis(window)
window.close()
app.processEvents()
"""


def printed(script: str) -> list[str]:
    """Return the words that `script` prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Return the modules that are loaded when the window is there."""
    return set(printed(WINDOW))


LATER = [
    "pyqtgraph",  # what is drawn with it needs an analysis
    "srviewer.gui.views.data_set_page",
    "srviewer.gui.views.resizer_dialog",
    "srviewer.gui.views.resizers_dialog",
]


@pytest.mark.parametrize("module", LATER)
def test_the_window_is_there_before_what_only_comes_later_is_loaded(loaded, module):
    assert "srviewer.gui.window" in loaded
    assert module not in loaded


def test_what_draws_charts_is_loaded_beside_the_frames():
    in_first_thread = printed(ANALYSED)
    assert in_first_thread == ["False"]
