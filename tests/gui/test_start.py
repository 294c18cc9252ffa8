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


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Return the modules that are loaded when the window is there, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", WINDOW],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


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
