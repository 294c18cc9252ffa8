"""Copy as: what is in the clipboard makes the files that the window makes."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMenu, QSpinBox, QToolButton
from pytestqt.qtbot import QtBot

from srviewer.cli import main
from srviewer.gui.state import copying
from srviewer.gui.window import MainWindow
from srviewer.pipeline.exclusions import NONE, Excluded, load_exclusions
from srviewer.pipeline.recipe_file import from_toml
from srviewer.runs.inputs import GivenLR
from tests.export.helpers import tree
from tests.gui.helpers import TIMEOUT, find, open_paths, wait_for_analysis
from tests.gui.test_actions import press
from tests.gui.test_export_panel import choose, export
from tests.gui.test_window import banner_text

KINDS = {"command": 1, "python": 2, "toml": 3}
"""How often Down is pressed in the menu to come there."""


def copy(qtbot: QtBot, window: MainWindow, kind: str) -> str:
    """Choose `kind` in the menu of the export block, and return what is in the clipboard."""
    QApplication.clipboard().clear()

    def press_keys() -> None:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        for _ in range(KINDS[kind]):
            qtbot.keyClick(menu, Qt.Key.Key_Down)
        qtbot.keyClick(menu, Qt.Key.Key_Return)

    QTimer.singleShot(0, press_keys)
    qtbot.mouseClick(find(window, QToolButton, "copy_as"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.copying.busy, timeout=TIMEOUT)
    return QApplication.clipboard().text()


def words_of(command: str) -> list[str]:
    """Return the words that a shell makes of `command`."""
    done = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {command}"], capture_output=True, check=True
    )
    return list(map(os.fsdecode, done.stdout.split(b"\0")[:-1]))


def run_python(lines: str) -> None:
    exec(compile(lines, "copied", "exec"), {"__name__": "__main__"})


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """Return a folder of photographs whose names are hard on a shell."""
    found = tmp_path / os.fsdecode(b"-it's a \xe9t\xe9")
    (found / "sub").mkdir(parents=True)
    shutil.copy(saved / "engine.png", found / "a 'b' \"c\" $HOME.png")
    shutil.copy(saved / "portrait.png", found / "sub" / "-portrait.png")
    return found


@pytest.fixture
def set_up(qtbot: QtBot, window: MainWindow, folder: Path) -> MainWindow:
    """Return the window with the folder, a recipe, choices, and a window excluded by hand."""
    open_paths(qtbot, window, [folder])
    wait_for_analysis(qtbot, window)
    window.model.use_preset("v2")
    window.model.change("min_keypoints", 4)
    window.model.change("quantize_after", False)
    wait_for_analysis(qtbot, window)
    choose(find(window, QComboBox, "export_format"), qtbot, "png")
    qtbot.mouseClick(find(window, QToolButton, "export_choices"), Qt.MouseButton.LeftButton)
    find(window, QSpinBox, "export_max_per_image").setValue(7)
    find(window, QSpinBox, "export_jobs").setValue(1)
    press(qtbot, window, QKeySequence("Shift+X"))
    assert window.model.exclusions
    return window


@pytest.mark.parametrize("part", ["whole folder", "one image of it"])
def test_the_copied_command_and_lines_make_what_the_window_makes(
    qtbot: QtBot, set_up: MainWindow, folder: Path, tmp_path: Path, part: str
) -> None:
    window, out = set_up, tmp_path / "out 'x'"
    if part == "one image of it":
        window.model.remove(window.model.entries[0])
        wait_for_analysis(qtbot, window)
    export(qtbot, window, out)
    made = tree(out)
    pairs = window.exporting.run.state.pairs
    assert pairs
    assert any("sub/" in name for name in made)
    texts = {kind: copy(qtbot, window, kind) for kind in KINDS}
    assert ("/./" in texts["command"]) is (part != "whole folder")
    shutil.rmtree(out)
    assert main(words_of(texts["command"])[1:]) == 0
    assert tree(out) == made
    shutil.rmtree(out)
    run_python(texts["python"])
    assert tree(out) == made
    assert from_toml(texts["toml"], "copied") == window.model.recipe


def test_given_pairs_are_copied_with_their_lr(
    qtbot: QtBot, window: MainWindow, saved: Path, tmp_path: Path
) -> None:
    high, low, out = tmp_path / "high", tmp_path / "low", tmp_path / "out"
    for name in ("engine", "portrait"):
        image = Image.open(saved / f"{name}.png")
        width, height = (side - side % 4 for side in image.size)
        for folder, size in ((high, (width, height)), (low, (width // 4, height // 4))):
            folder.mkdir(exist_ok=True)
            image.resize(size, Image.Resampling.BOX).save(folder / f"{name}.png")
    window.open_pairs([high], GivenLR(low))
    wait_for_analysis(qtbot, window)
    window.model.use_preset("v2")
    find(window, QSpinBox, "export_jobs").setValue(1)
    export(qtbot, window, out)
    made = tree(out)
    assert window.exporting.run.state.pairs
    texts = {kind: copy(qtbot, window, kind) for kind in ("command", "python")}
    for run in (lambda: main(words_of(texts["command"])[1:]), lambda: run_python(texts["python"])):
        shutil.rmtree(out)
        run()
        assert tree(out) == made


def test_exclusions_are_kept_in_a_file_that_later_ones_do_not_change(
    qtbot: QtBot, set_up: MainWindow
) -> None:
    window = set_up
    then = window.model.exclusions
    words = words_of(copy(qtbot, window, "command"))
    file = Path(words[words.index("--exclude") + 1])
    assert load_exclusions(file) == then
    press(qtbot, window, QKeySequence("Shift+X"))
    assert not window.model.exclusions
    assert "--exclude" not in copy(qtbot, window, "command")
    assert load_exclusions(file) == then


def test_without_an_image_or_a_folder_it_says_why_and_leaves_the_clipboard(
    qtbot: QtBot, window: MainWindow, photo_path: Path, analysed: Callable[[MainWindow, Path], None]
) -> None:
    assert copy(qtbot, window, "command") == ""
    assert "no image" in banner_text(window)
    analysed(window, photo_path)
    find(window, QLineEdit, "export_folder").clear()
    assert copy(qtbot, window, "python") == ""
    assert "folder is empty" in banner_text(window)


def test_the_menu_copies_too(qtbot: QtBot, opened: MainWindow) -> None:
    opened.menus.copies[0].trigger()
    qtbot.waitUntil(lambda: not opened.copying.busy, timeout=TIMEOUT)
    assert QApplication.clipboard().text().startswith("srviewer export ")


def test_files_of_exclusions_do_not_pile_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_MOST_KEPT", 2)
    own = tmp_path / "excluded-mine.txt"
    own.touch()
    kept = [
        copying.keep_exclusions(NONE.changed(digit * 64, Excluded(whole=True)), tmp_path)
        for digit in "0123"
    ]
    assert set(tmp_path.glob("excluded-*")) == {own, *kept[-2:]}
