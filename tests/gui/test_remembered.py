"""The window comes back as it was left, whatever has become of the file that remembers it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QSpinBox, QToolButton
from pytestqt.qtbot import QtBot

from srviewer.gui import theme
from srviewer.gui.app import asset
from srviewer.gui.state.displacing import DisplacementLook
from srviewer.gui.state.layers import Arrangement
from srviewer.gui.state.settings import Settings
from srviewer.gui.window import MainWindow
from srviewer.pipeline.displacement import MatchClass
from srviewer.pipeline.recipe import PRESETS, Recipe
from srviewer.pipeline.window_filter import Show as ShowWindows
from tests.gui.conftest import close
from tests.gui.helpers import TIMEOUT, click, find, near, open_paths, pixels, wait_for_analysis

Again = Callable[[], MainWindow]
Open = Callable[[MainWindow, Path], None]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings" / "window.ini"


def test_size_and_place_come_back(again: Again) -> None:
    window = again()
    usual = window.size()
    window.resize(window.minimumWidth(), 666)  # the offscreen display is no wider
    window.move(0, 43)
    QApplication.processEvents()
    before, size = window.pos(), window.size()
    assert size != usual
    window = again()
    assert window.size() == size
    assert window.pos().y() == before.y()


def shown(window: MainWindow) -> dict[str, tuple[int, ...]]:
    """Return where each panel is that a person sees."""
    for _ in range(4):
        QApplication.processEvents()
    docks = window.docks.by_name.items()
    return {name: dock.geometry().getRect() for name, dock in docks if dock.is_seen}


def pull(qtbot: QtBot, window: MainWindow, start: QPoint, by: QPoint) -> None:
    """Drag the line between two panels."""
    qtbot.mousePress(window, Qt.MouseButton.LeftButton, pos=start)
    for step in (1, 2, 3, 4):
        qtbot.mouseMove(window, start + by * step / 4)
        QApplication.processEvents()  # Qt moves the line in a timer
    qtbot.mouseRelease(window, Qt.MouseButton.LeftButton, pos=start + by)


@pytest.mark.parametrize("at_data_set", [False, True], ids=["picture", "data set"])
def test_the_panels_come_back_as_they_were_pulled(
    qtbot: QtBot, again: Again, photo_path: Path, other_path: Path, at_data_set: bool
) -> None:
    window = again()
    window.resize(window.minimumWidth(), 700)  # the offscreen display is no wider
    open_paths(qtbot, window, [photo_path, other_path])
    wait_for_analysis(qtbot, window)
    first = shown(window)
    docks = window.docks.by_name
    middle = window.centralWidget().geometry()
    pull(qtbot, window, QPoint(middle.center().x(), middle.bottom() + 2), QPoint(0, -40))
    docks["gallery"].open()
    docks["log"].close()
    window.tabifyDockWidget(docks["recipe"], docks["export"])
    left = shown(window)
    assert set(left) == {"gallery", "images", "export"}
    assert left["gallery"][3] > first["charts"][3] + 20
    window.model.show_data_set(at_data_set)
    window = again()
    open_paths(qtbot, window, [photo_path, other_path])
    wait_for_analysis(qtbot, window)
    window.model.show_data_set(False)
    back = shown(window)
    assert set(back) == set(left)
    assert not window.menus.panels["log"].isChecked()
    for name, place in left.items():
        assert back[name] == pytest.approx(place, abs=4), name


@pytest.mark.parametrize("state", ["AAAA", "", "/////w=="])
def test_panels_of_a_state_that_makes_no_sense_are_where_they_are_at_first(
    again: Again, file: Path, state: str
) -> None:
    first = shown(again())
    settings = Settings(file)
    settings.remember("docks", state)
    settings.save()
    assert shown(again()) == first


def test_what_was_chosen_comes_back(qtbot: QtBot, again: Again, tmp_path: Path) -> None:
    """Arrangement, closed groups, folder and format, displacements, the windows of a set."""
    window = again()
    assert window.pair.by_hand is None
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, "v")
    assert window.canvas.arrangement is Arrangement.STACKED
    for name in ("pair", "box"):
        click(qtbot, window, f"section_{name}")
    folder = window.export.folder
    assert isinstance(folder, QLineEdit)
    folder.clear()
    qtbot.keyClicks(folder, str(tmp_path / "pairs, mine"))
    formats = window.export.format
    qtbot.keyClick(formats, Qt.Key.Key_End)
    chosen = formats.currentText()
    assert chosen != formats.itemText(0)
    look = DisplacementLook("position", frozenset({MatchClass.REJECTED}), 50)
    window.displacing.use(look)
    bar = window.data_set_view.gallery.bar
    bar.show_box.setCurrentIndex(bar.show_box.findData(ShowWindows.REJECTED))
    bar.sort_box.setCurrentIndex(bar.sort_box.findText("By SSIM"))
    bar.descending.setChecked(True)

    window = again()
    assert find(window, QComboBox, "arrangement").currentText() == "Stacked"
    assert window.pair.by_hand is Arrangement.STACKED
    assert not find(window, QToolButton, "section_pair").isChecked()
    assert find(window, QToolButton, "section_box").isChecked()
    assert not find(window, QSpinBox, "scale").isVisible()
    assert find(window, QComboBox, "crop").isVisible()
    assert window.export.folder.text() == str(tmp_path / "pairs, mine")
    assert window.export.format.currentText() == chosen
    windows = window.data_set_view.gallery.list
    assert window.displacing.value == look
    assert (windows.show, windows.by, windows.descending) == (ShowWindows.REJECTED, "ssim", True)
    window.docks.by_name["displacement"].open()
    assert find(window, QComboBox, "displacement_factor").currentData() == 50
    window.reset_layout()
    assert again().pair.by_hand is None


def test_a_folder_that_can_be_no_name_keeps_no_window_from_opening(
    file: Path, again: Again
) -> None:
    settings = Settings(file)
    settings.export_folder = "~\0/pairs"
    assert settings.save() is None
    assert again().export.folder.text().endswith("~\0/pairs")


def test_what_a_recipe_was_compared_with_comes_back_but_not_what_was_pinned(again: Again) -> None:
    window = again()
    window.comparison.choose("the other texture measure")
    window = again()
    assert window.comparison.choice == "the other texture measure"
    window.comparison.pin()
    assert again().comparison.chosen is None


def test_recipe_and_preset_come_back_and_are_marked_as_they_were(
    qtbot: QtBot, again: Again, photo_path: Path, analysed: Open
) -> None:
    window = again()
    window.model.use_preset("v2")
    window.model.change("min_keypoints", 6)
    window.model.change("error_margin", 0.075)
    window = again()
    assert window.model.recipe == PRESETS["v2"].replace(min_keypoints=6, error_margin=0.075)
    assert window.model.preset == "v2"
    assert find(window, QComboBox, "preset").currentText() == "v2"
    assert find(window, QSpinBox, "min_keypoints").value() == 6
    assert find(window, QToolButton, "reset_min_keypoints").isVisibleTo(window)
    assert not find(window, QToolButton, "reset_crop").isVisibleTo(window)
    analysed(window, photo_path)
    click(qtbot, window, "reset_min_keypoints")
    assert window.model.recipe == PRESETS["v2"].replace(error_margin=0.075)


def test_a_number_that_was_typed_last_counts_though_the_window_is_closed_at_once(
    qtbot: QtBot, again: Again, photo_path: Path, analysed: Open
) -> None:
    window = again()
    analysed(window, photo_path)
    window.activateWindow()
    spin = find(window, QSpinBox, "stride")
    spin.setFocus()
    qtbot.waitUntil(spin.hasFocus)
    spin.selectAll()
    qtbot.keyClicks(spin, "22")
    window = again()
    assert window.model.recipe == Recipe(stride=22)


def test_the_stage_comes_back_with_its_layers(
    qtbot: QtBot, again: Again, photo_path: Path, analysed: Open
) -> None:
    window = again()
    click(qtbot, window, "stage_consistent")
    window = again()
    assert find(window, QToolButton, "stage_consistent").isChecked()
    assert find(window, QToolButton, "layer_kept_matches").isChecked()
    assert not find(window, QToolButton, "layer_kept_windows").isChecked()
    analysed(window, photo_path)
    shown = pixels(window.canvas)
    click(qtbot, window, "stage_consistent")
    assert (pixels(window.canvas) == shown).all()


def test_the_choices_of_the_export_come_back(qtbot: QtBot, again: Again) -> None:
    window = again()
    window.export.format.setCurrentText("webdataset")
    for key, text in (("max_per_image", "500"), ("shard_size", "50"), ("jobs", "3")):
        spin = find(window, QSpinBox, f"export_{key}")
        spin.selectAll()
        qtbot.keyClicks(spin, text)
    said = find(window, QLabel, "export_chosen").text()
    assert said == "at most 500 an image, 50 a shard, 3 processes"
    window = again()
    assert find(window, QLabel, "export_chosen").text() == said
    window.export.format.setCurrentText("bmp")
    window = again()
    window.export.format.setCurrentText("webdataset")
    assert find(window, QLabel, "export_chosen").text() == said, "though it was not in use"


def recent(window: MainWindow) -> list[QAction]:
    """Return what the menu of the files opened last shows."""
    menu = window.menus.recent
    menu.aboutToShow.emit()
    return menu.actions()


def test_what_was_opened_last_can_be_opened_again(
    qtbot: QtBot, again: Again, photo_path: Path, other_path: Path
) -> None:
    window = again()
    (nothing,) = recent(window)
    assert not nothing.isEnabled()
    open_paths(qtbot, window, [photo_path])
    open_paths(qtbot, window, [other_path])
    wait_for_analysis(qtbot, window, other_path)
    window = again()
    assert window.model.entries == []
    actions = recent(window)
    assert [one.text() for one in actions] == [str(other_path), str(photo_path)]
    actions[1].trigger()
    wait_for_analysis(qtbot, window, photo_path)
    assert [one.text() for one in recent(window)] == [str(photo_path), str(other_path)]
    photo_path.unlink()
    window = again()
    assert [one.text() for one in recent(window)] == [str(photo_path), str(other_path)]
    recent(window)[0].trigger()
    qtbot.waitUntil(lambda: len(recent(window)) == 1, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: str(photo_path) in window.banner.text, timeout=TIMEOUT)
    assert [one.text() for one in recent(window)] == [str(other_path)]


def test_the_image_that_was_looked_at_is_looked_at_again_with_the_same_images(
    qtbot: QtBot, again: Again, photo_path: Path, other_path: Path, tmp_path: Path
) -> None:
    folder, apart = tmp_path / "images", tmp_path / "apart"
    for one in (folder, apart):
        one.mkdir()
    first, second = folder / "1.png", folder / "2.png"
    shutil.copy(photo_path, first)
    shutil.copy(other_path, second)
    shutil.copy(photo_path, apart)

    def opened(window: MainWindow, *paths: Path) -> Path:
        open_paths(qtbot, window, paths)
        current = window.model.current
        assert current is not None
        return current.path

    window = again()
    assert opened(window, folder) == first
    window.model.step_image(1)
    again()  # in which nothing is opened
    window = again()
    assert opened(window, folder) == second
    wait_for_analysis(qtbot, window, second)
    assert opened(window, apart) == apart / photo_path.name
    assert opened(window, folder) == first, "it is where a window begins, and no more"
    window.model.step_image(1)
    window = again()
    window.open_sample(asset("sample.png"))
    window = again()
    assert opened(window, folder) == second, "the sample is no image of a person"
    window = again()
    second.unlink()
    assert opened(window, first, second) == first
    window = again()
    assert opened(window, folder) == first


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_theme_comes_back(again: Again, name: str) -> None:
    window = again()
    window.menus.themes[name].trigger()
    window = again()
    assert window.menus.themes[name].isChecked()
    QApplication.processEvents()
    of = theme.LIGHT if name == "light" else theme.DARK
    assert near(pixels(window), QColor(of.panel), 2).mean() > 0.1


def test_another_window_without_memory_follows_the_system(again: Again, qtbot: QtBot) -> None:
    window = again()
    window.menus.themes["light"].trigger()
    window = again()
    other = MainWindow()
    assert other.menus.themes["system"].isChecked()
    other.show()
    close(qtbot, other)
    other.deleteLater()
    assert Settings().theme == "system"


# A file that is of no use

GARBAGE = {
    "empty": b"",
    "no ini": b"\x00\xff\x17garbage\n[[[",
    "cut off": b'[General]\nrecipe="\\"scale = 3',
    "other types": b"[General]\nrecipe=3\npreset=[]\nstage={}\ntheme=null\ngeometry=true\n",
    "old values": (
        b'[General]\nrecipe="\\"scale = 1\\\\n\\""\npreset="\\"v9\\""\nstage="\\"chairs\\""\n'
        b'theme="\\"pink\\""\ngeometry="\\"AAAA\\""\n[splitters]\nsplit="\\"AAAA\\""\n'
    ),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_a_broken_file_does_not_matter(
    again: Again, file: Path, photo_path: Path, analysed: Open, name: str
) -> None:
    file.parent.mkdir()
    file.write_bytes(GARBAGE[name])
    window = again()
    assert window.isVisible()
    assert window.model.recipe == Recipe()
    assert window.model.preset == "article"
    assert window.model.view.name == "patches"
    assert window.menus.themes["system"].isChecked()
    assert find(window, QLabel, "export_chosen").text() == "all kept pairs"
    analysed(window, photo_path)
    window.model.change("min_keypoints", 4)
    window = again()
    assert window.model.recipe == Recipe(min_keypoints=4), "and it remembers again"


def test_what_is_dropped_is_in_the_log(again: Again, file: Path) -> None:
    settings = Settings(file)
    settings.remember("recipe", "scale = " + "[" * 900)
    settings.remember("export/options", {"seed": 10**400})
    settings.theme = "light"
    settings.save()
    window = again()
    lines = [line.message for line in window.log.lines]
    assert len(lines) == 2
    assert any(line.startswith("settings: recipe = ") for line in lines)
    assert any(line.startswith("settings: export/options = ") for line in lines)
    assert window.model.recipe == Recipe()
    assert window.menus.themes["light"].isChecked()
    assert not list(again().log.lines)


def test_a_folder_that_cannot_be_written_does_not_matter(
    again: Again, file: Path, photo_path: Path, analysed: Open
) -> None:
    file.parent.write_text("no folder")
    window = again()
    analysed(window, photo_path)
    window = again()
    assert window.isVisible()
    assert file.parent.read_text() == "no folder"


def test_a_window_without_settings_writes_nothing(
    qtbot: QtBot, make_window: Again, own_home: Path, photo_path: Path, analysed: Open
) -> None:
    window = make_window()
    analysed(window, photo_path)
    click(qtbot, window, "stage_box")
    window.menus.themes["light"].trigger()
    window.model.change("min_keypoints", 4)
    window.export.folder.setText("elsewhere")
    close(qtbot, window)
    theme.choose_theme("system")
    assert [path for path in own_home.rglob("*") if path.is_file()] == []
    window = make_window()
    assert window.model.recipe == Recipe()
    assert window.model.view.name == "patches"
    assert not recent(window)[0].isEnabled()


def test_settings_that_cannot_be_kept_are_told_when_the_window_is_closed(
    again: Again, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.parent.write_text("a file, not a folder")
    again()
    again()
    assert f"srviewer: {file}: the settings of this run were not kept: " in capsys.readouterr().err
