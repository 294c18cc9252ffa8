"""The program's own loop: what it opens, and how it ends."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from srviewer.gui.app import run_window
from srviewer.gui.window import MainWindow
from tests.gui.helpers import stage_counts
from tests.gui.test_window import banner_text, numbers


def run(
    qapp: QApplication,
    paths: list[Path],
    look: Callable[[MainWindow], None],
    monkeypatch: pytest.MonkeyPatch,
    cancel: threading.Event | None = None,
) -> int:
    """Run the program's own loop; `look` is called again and again once all is analysed."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # the program sets its own
    timer = QTimer()

    def turn() -> None:
        for window in qapp.topLevelWidgets():
            if isinstance(window, MainWindow) and window.isVisible():
                analysis = window.model.analysis
                if analysis is not None and analysis.complete:
                    look(window)

    timer.timeout.connect(turn)
    timer.start(50)
    try:
        return run_window(paths, cancel or threading.Event())
    finally:
        timer.stop()
        for window in qapp.topLevelWidgets():  # in real life the process ends with the loop
            if isinstance(window, MainWindow):
                assert not window.isVisible()
                window.deleteLater()


def test_the_sample_is_shown_with_a_hint_when_nothing_is_given(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str, str]] = []

    def look(window: MainWindow) -> None:
        seen.append((window.windowTitle(), banner_text(window), stage_counts(window)["patches"]))
        window.close()

    assert run(qapp, [], look, monkeypatch) == 0
    title, hint, count = seen[0]
    assert title.startswith("sample.png")
    assert "open" in hint.lower()
    assert "drop" in hint.lower()
    kept, candidates = numbers(count)[:2]
    assert 0 < kept < candidates, "both kinds of windows at the first look"


def test_ctrl_c_in_the_terminal_closes_the_window(
    qapp: QApplication, photo_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel = threading.Event()
    assert run(qapp, [photo_path], lambda window: cancel.set(), monkeypatch, cancel) == 130


NEVER_CLOSED = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QPushButton
from srviewer.gui.app import make_application
from srviewer.gui.window import MainWindow
app = make_application(offscreen=True)
window = MainWindow()
window.show()
window.add_paths([Path(sys.argv[1])])
while window.model.analysis is None or not window.model.analysis.complete:
    app.processEvents()
"""


@pytest.mark.parametrize(
    "last",
    [
        "",
        "window.model.change('stride', 5); app.processEvents()",
        "window.images.copy_current_path(); window.leaving.at_once(); app.processEvents()",
    ],
    ids=["quiet", "at work", "with a copied path"],
)
def test_the_process_ends_in_order_whatever_is_open(photo_path: Path, last: str) -> None:
    script = NEVER_CLOSED + last
    ended = subprocess.run(
        [sys.executable, "-c", script, str(photo_path)], capture_output=True, text=True, check=False
    )
    told = [line for line in ended.stderr.splitlines() if "plugin does not support" not in line]
    assert (ended.returncode, told) == (0, [])
