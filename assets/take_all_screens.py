"""Takes all stages, panels and dialogs at every size and in both themes, to be looked at.

    python assets/take_all_screens.py FOLDER

900 x 600, 1280 x 800, 2560 x 1440, and 1280 x 800 with two device pixels a pixel. Nothing is
compared: a person looks through the folder for what is cut, lies over another, or is empty.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QSpinBox, QWidget
from take_screenshots import pieces, rejected_window, wait

from srviewer.gui.app import make_application
from srviewer.gui.snapshot import wait_for_analysis
from srviewer.gui.state.layers import VIEWS, Layer
from srviewer.gui.state.selection import Selected
from srviewer.gui.state.settings import ThemeChoice
from srviewer.gui.views.error_dialog import ErrorDialog
from srviewer.gui.window import MainWindow

SIZES = ((900, 600), (1280, 800), (2560, 1440))
TWICE = ((1280, 800),)
_TWICE = "QT_SCALE_FACTOR"
_THEMES: tuple[ThemeChoice, ...] = ("dark", "light")

Step = tuple[str, Callable[[], object]]


def _steps(window: MainWindow) -> Iterator[Step]:
    """Yield what is shown one after the other, each with its name."""
    model, docks = window.model, window.docks
    for number, view in enumerate(VIEWS, start=1):
        yield f"{number}_{view.name}", partial(window.choose_view, view.name)
    yield "8_data_set", partial(model.show_data_set, True)
    yield "panel_inspector_window", lambda: (window.choose_view("patches"), rejected_window(window))
    yield "panel_inspector_match", lambda: model.select(Selected("match", 5), go_there=True)
    yield "7_pairs_match", partial(window.choose_view, "pairs")
    for name in ("charts", "gallery", "windows", "matches", "compare", "log", "displacement"):
        yield f"panel_{name}", partial(_panel, window, name)
    yield "heat", lambda: (docks.by_name["charts"].open(), model.show_layer(Layer.HEAT, True))
    yield "knobs_all", lambda: window.recipe.close_groups(())
    yield "export_choices", window.export.choices.button.click
    yield "problem", lambda: model.change("patch", 4096)


def _panel(window: MainWindow, name: str) -> None:
    window.model.select(None)
    window.choose_view("patches")
    window.canvas.fit()
    window.docks.by_name[name].open()


def _dialogs(window: MainWindow) -> Iterator[Step]:
    yield "keys", window.help.show_keys
    yield "numbers", window.help.show_numbers
    yield "about", window.help.show_about
    yield "verify", window.verification.show
    yield "reproduce", window.reproduction.show
    yield "error", ErrorDialog("srviewer 1\nTraceback", Path("report.txt"), parent=window).show


def _settle() -> None:
    for _ in range(6):
        QTest.qWait(15)


def _prepare(window: MainWindow, folder: Path) -> None:
    """Open and survey pieces of the sample, some of which are excluded."""
    window.open_paths([folder])
    wait(lambda: not window.opening.busy)
    wait_for_analysis(window)
    window.model.show_data_set(True)
    window.data_set.start_survey()
    wait(lambda: not window.data_set.survey.busy)
    window.findChild(QSpinBox, "wanted_pairs").setValue(900)
    wait(lambda: window.data_set.pending == 0 and window.data_set.is_current)
    window.model.show_data_set(False)
    window.export.folder.setText(str(folder.parent / "pairs"))


def _take(shown: QWidget, name: str, out: Path) -> None:
    _settle()
    shown.grab().save(str(out / f"{name}.png"))


def _of_size(size: tuple[int, int], theme: ThemeChoice, folder: Path, out: Path) -> None:
    window = MainWindow()
    window.use_theme(theme)
    window.resize(*size)
    window.show()
    _take(window, "0_empty", out)
    _prepare(window, folder)
    for name, show in _steps(window):
        show()
        _take(window, name, out)
    if size == SIZES[0]:
        for name, show in _dialogs(window):
            show()
            (dialog,) = (
                one
                for one in QApplication.topLevelWidgets()
                if isinstance(one, QDialog) and one.isVisible()
            )
            _take(dialog, f"dialog_{name}", out)
            dialog.close()
    window.leaving.at_once()
    wait(lambda: not window.isVisible())


def take(out: Path) -> None:
    """Write all of them into folders below `out`."""
    make_application(offscreen=True)
    twice = _TWICE in os.environ
    with tempfile.TemporaryDirectory() as made:
        folder = pieces(Path(made))
        for size in TWICE if twice else SIZES:
            for theme in _THEMES:
                below = out / f"{size[0]}x{size[1]}{'@2' if twice else ''}_{theme}"
                below.mkdir(parents=True, exist_ok=True)
                _of_size(size, theme, folder, below)
                print(below)
    if not twice:
        again = [sys.executable, __file__, str(out)]
        subprocess.run(again, env=os.environ | {_TWICE: "2"}, check=True)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
