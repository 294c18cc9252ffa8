"""Sessions: saved, opened by key, drop and argument; what is missing or wrong is told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from srviewer.export.options import Options
from srviewer.export.session import read_session
from srviewer.gui.state.layers import Arrangement, Layer
from srviewer.gui.views.camera import Camera
from srviewer.gui.window import MainWindow
from srviewer.pipeline.recipe import PRESETS
from srviewer.pipeline.recipe_file import to_toml
from tests.gui.helpers import TIMEOUT, open_paths, wait_for_analysis
from tests.gui.test_actions import press
from tests.gui.test_incoming import drop, names, of_paths
from tests.gui.test_window import banner_text

Make = Callable[[], MainWindow]


def wait(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.sessions.busy, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: not window.opening.busy, timeout=TIMEOUT)


@pytest.fixture
def session(
    qtbot: QtBot,
    make_window: Make,
    photo_path: Path,
    other_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Return the file of a session that differs in all from a new window."""
    window = make_window()
    open_paths(qtbot, window, [photo_path, other_path])
    window.model.look_at(window.model.entries[1])
    wait_for_analysis(qtbot, window, other_path)
    window.model.use_preset("v2")
    window.model.change("min_keypoints", 4)
    window.excluding.turn_image()
    window.model.show_view("box")
    window.model.show_layer(Layer.HEAT, True)
    window.pair.arrange(Arrangement.SWIPE)
    window.canvas.set_camera(Camera(40, 30, 4))
    window.docks.by_name["log"].close()
    window.export.folder.setText(str(tmp_path / "pairs"))
    window.export.format.setCurrentText("png")
    window.export_settings.restore(Options(max_pairs=9), 1)
    file = tmp_path / "mine.srviewer"
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_, **__: (str(file.with_suffix("")), "")
    )
    press(qtbot, window, QKeySequence("Ctrl+Alt+S"))
    assert read_session(file).preset == "v2"
    return file


@pytest.mark.parametrize("typed", ["mine", "mine.session", "mine.SRVIEWER"])
def test_what_is_saved_can_be_dropped(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_, **__: (str(tmp_path / typed), "")
    )
    press(qtbot, opened, QKeySequence("Ctrl+Alt+S"))
    (saved,) = tmp_path.glob("mine*")
    opened.model.use_preset("v2")
    drop(opened, of_paths(saved))
    wait(qtbot, opened)
    assert opened.model.preset == "article"
    assert not banner_text(opened)


def test_what_gets_its_ending_replaces_nothing_unasked(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("somebody's")
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_, **__: (str(file.with_suffix("")), "")
    )

    asked: list[str] = []

    def answer(_: object, __: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        assert file.read_text() == "somebody's"
        both = QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes
        return both[len(asked) - 1]

    monkeypatch.setattr(QMessageBox, "question", answer)
    press(qtbot, opened, QKeySequence("Ctrl+S"))
    assert file.read_text() == "somebody's"
    press(qtbot, opened, QKeySequence("Ctrl+S"))
    assert file.read_text() == to_toml(opened.model.recipe)
    assert asked == ["mine.toml already exists. Do you want to replace it?"] * 2


def assert_shown(window: MainWindow, session: Path) -> None:
    """Assert that `window` shows what it would save as just that session."""
    assert window.sessions.now() == read_session(session)
    camera = window.canvas.camera
    assert (camera.x, camera.y, camera.zoom) == (40, 30, 4)
    assert window.canvas.arrangement is Arrangement.SWIPE
    assert not window.docks.by_name["log"].opened
    assert window.export_settings.options.max_pairs == 9


@pytest.mark.parametrize("way", ["key", "drop", "argument"])
def test_a_session_comes_back_whole(
    qtbot: QtBot, make_window: Make, session: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    window = make_window()
    window.export_settings.restore(Options(max_per_image=5), 2)  # which the session has not
    if way == "key":
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, **__: (str(session), ""))
        press(qtbot, window, QKeySequence("Ctrl+Alt+O"))
    elif way == "drop":
        drop(window, of_paths(session))
    else:
        window.incoming.open([session])
    wait(qtbot, window)
    wait_for_analysis(qtbot, window)
    assert_shown(window, session)
    assert window.settings.recent()[0] == session


def test_what_was_there_is_one_undo_away(qtbot: QtBot, opened: MainWindow, session: Path) -> None:
    opened.model.change("min_keypoints", 7)
    opened.excluding.turn_image()
    before = opened.model.history.now
    drop(opened, of_paths(session))
    wait(qtbot, opened)
    assert opened.model.recipe == PRESETS["v2"].replace(min_keypoints=4)
    press(qtbot, opened, QKeySequence(QKeySequence.StandardKey.Undo))
    assert opened.model.history.now == before


def test_missing_images_are_told_and_the_others_opened(
    qtbot: QtBot, window: MainWindow, session: Path, photo_path: Path, other_path: Path
) -> None:
    photo_path.unlink()
    drop(window, of_paths(session))
    wait(qtbot, window)
    assert names(window) == [other_path.name]
    assert f"1 of 2 images is not there: {photo_path}" in banner_text(window)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"box"', '"bx"', "stage = 'bx'"),
        ('"HEAT"', '"HET"', "layers = 'HET'"),
        ('"Swipe"', '"Swap"', "arrangement = 'Swap'"),
        ('"png"', '"gif"', "format = 'gif'"),
        ('"kind"', "kind", "not a session"),
    ],
)
def test_a_wrong_one_changes_nothing_and_is_told(
    qtbot: QtBot, opened: MainWindow, session: Path, old: str, new: str, words: str
) -> None:
    text = session.read_text()
    assert text.count(old) == 1
    session.write_text(text.replace(old, new))
    before = opened.sessions.now()
    drop(opened, of_paths(session))
    wait(qtbot, opened)
    assert opened.sessions.now() == before
    assert f"{session}: {words}" in banner_text(opened)


def test_a_session_is_opened_by_itself(
    qtbot: QtBot, window: MainWindow, session: Path, photo_path: Path, other_path: Path
) -> None:
    drop(window, of_paths(photo_path, session))
    assert "1 other file left out" in banner_text(window)
    wait(qtbot, window)
    assert names(window) == [photo_path.name, other_path.name]
