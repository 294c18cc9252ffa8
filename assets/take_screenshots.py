"""Takes the README's screenshots of the window as it is now, without a display.

They show the first minute with the sample: find a threshold that keeps half of the windows, see
why one was rejected, export, and look at a whole folder, of pieces of the sample.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from faulty_pairs import WITH_BLOCK, write_faulty_pairs
from PIL import Image
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSpinBox

from srviewer.gui.app import make_application
from srviewer.gui.snapshot import wait_for_analysis
from srviewer.gui.state.layers import Layer
from srviewer.gui.state.selection import Selected
from srviewer.gui.window import MainWindow
from srviewer.pipeline.verdicts import Verdict
from srviewer.runs.inputs import GivenLR

_HERE = Path(__file__).resolve().parent
_SAMPLE = _HERE / "sample.png"
_SIZE = (1440, 900)


def _half_kept(window: MainWindow) -> None:
    """Pull the threshold down until half of the windows in the box are kept."""
    model = window.model
    for threshold in range(10, 0, -1):
        model.change("min_keypoints", threshold)
        analysis = model.analysis
        assert analysis is not None
        if 2 * analysis.patches.kept.sum() >= analysis.patches.candidates.sum():
            break


def rejected_window(window: MainWindow) -> None:
    """Ask about a window of the brick wall."""
    analysis = window.model.analysis
    assert analysis is not None
    rejected = analysis.patches.verdict == Verdict.LITTLE_TEXTURE
    wall = np.hypot(analysis.windows.x - 1080, analysis.windows.y - 250)
    index = int(np.argmin(np.where(rejected, wall, np.inf)))
    window.model.select(Selected("window", index), go_there=True)
    window.docks.show_inspector()


def _matches(window: MainWindow) -> None:
    window.model.select(None)
    window.canvas.fit()
    window.model.show_view("consistent")


def wait(until: Callable[[], bool]) -> None:
    """Let the window work until something holds."""
    # A loop of its own lets go of the interpreter while it waits, as the program's does.
    loop, timer = QEventLoop(), QTimer()
    timer.timeout.connect(lambda: loop.quit() if until() else None)
    timer.start(50)
    loop.exec()


def _exported(window: MainWindow, folder: Path) -> None:
    window.model.show_view("pairs")
    window.docks.by_name["charts"].open()
    shown = window.export.folder.text()
    window.export.folder.setText(str(folder / "pairs"))
    window.exporting.start()
    wait(lambda: not window.exporting.run.busy)
    window.export.folder.setText(shown)


def pieces(folder: Path) -> Path:
    """Make a folder of pieces of the sample in `folder`, and return it."""
    sample, made = Image.open(_SAMPLE), folder / "pieces"
    made.mkdir()
    for y in range(0, sample.height - 280, 120):
        for x in range(0, sample.width - 360, 200):
            piece = sample.crop((x, y, x + 360, y + 280))
            piece.save(made / f"piece_{x:04d}_{y:04d}.png")
    return made


def _data_set(window: MainWindow, folder: Path) -> None:
    """Survey a folder of pieces of the sample, and show what comes of it."""
    window.model.use_preset("recommended")
    data_set = window.data_set
    window.open_paths([pieces(folder)])
    wait(lambda: not window.opening.busy)
    window.model.remove(window.model.entries[0])
    window.model.show_data_set(True)
    data_set.start_survey()
    wait(lambda: not data_set.survey.busy)
    window.findChild(QSpinBox, "wanted_pairs").setValue(3500)
    while data_set.pending != 0 or not data_set.is_current:
        QTest.qWait(50)


def _displaced(window: MainWindow, folder: Path) -> None:
    """Show a pair whose LR lies half a pixel from its place."""
    sample = Image.open(_SAMPLE)
    width, height = (side // 4 * 4 for side in (sample.width - 2, sample.height - 2))
    high, low = folder / "street.png", folder / "street_x4.png"
    sample.crop((0, 0, width, height)).save(high)
    moved = sample.crop((2, 2, width + 2, height + 2))
    moved.resize((width // 4, height // 4), Image.Resampling.BICUBIC).save(low)
    window.model.show_data_set(False)
    window.open_pairs([high], GivenLR(low))
    wait(lambda: not window.opening.busy)
    window.model.use_preset("recommended")
    wait_for_analysis(window)
    window.model.show_view("consistent")
    window.model.show_layers(frozenset({Layer.ARROWS}))
    window.docks.by_name["displacement"].open()
    wait(lambda: window.alignment.found is not None)


def _faults(window: MainWindow, pairs: Path) -> None:
    """Survey ten given pairs, and list them by what is wrong with each."""
    high, low = write_faulty_pairs(pairs)
    data_set = window.data_set
    window.docks.by_name["displacement"].close()
    window.open_pairs([high], GivenLR(low))
    wait(lambda: not window.opening.busy)
    window.model.show_data_set(True)
    data_set.start_survey()
    wait(lambda: not data_set.survey.busy)
    while data_set.pending != 0 or not data_set.is_current:
        QTest.qWait(50)
    window.data_set_view.table.sort_by("pair")


def _rescued(window: MainWindow) -> None:
    """Keep the windows of a pair that is aligned in part which lie in their place."""
    model = window.model
    model.show_data_set(False)
    model.look_at(next(one for one in model.entries if one.path.name == WITH_BLOCK))
    model.change("min_keypoints", 3)
    model.change("keep_windows", "aligned")
    model.show_view("patches")
    model.show_layers(frozenset({Layer.BOX, Layer.ALIGNMENT}))
    window.docks.by_name["charts"].open()
    wait_for_analysis(window)


def take() -> None:
    """Write the screenshots beside this script."""
    make_application(offscreen=True)
    window = MainWindow()
    window.resize(*_SIZE)
    window.show()
    window.open_paths([_SAMPLE])
    wait_for_analysis(window)
    folder = _HERE / "screenshots"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as out:
        steps: dict[str, Callable[[], None]] = {
            "threshold": lambda: _half_kept(window),
            "rejected": lambda: rejected_window(window),
            "matches": lambda: _matches(window),
            "exported": lambda: _exported(window, Path(out)),
            "data_set": lambda: _data_set(window, Path(out)),
            "displaced": lambda: _displaced(window, Path(out)),
            "faults": lambda: _faults(window, Path(out) / "given"),
            "rescued": lambda: _rescued(window),
        }
        for name, step in steps.items():
            step()
            for _ in range(10):
                QTest.qWait(10)
            window.grab().save(str(folder / f"{name}.png"))
            print(f"assets/screenshots/{name}.png")
    window.close()
    QApplication.processEvents()


if __name__ == "__main__":
    take()
