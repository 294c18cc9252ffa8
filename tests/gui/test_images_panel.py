"""The list of images: what it shows of each, and how one chooses, adds and removes."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QDesktopServices, QPixmap
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget, QMenu, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from srviewer.gui.jobs import thumbnails
from srviewer.gui.jobs.long_run import ImagesRun
from srviewer.gui.jobs.runner import Job, stop_runners
from srviewer.gui.panels.images_panel import ImagesPanel, Order
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.entry import Entry
from srviewer.gui.state.known import Known
from srviewer.gui.state.model import Model
from srviewer.gui.theme import current_theme
from srviewer.runs.state import Failure, Log, RunState
from tests.gui.helpers import TIMEOUT, find, near, pixels
from tests.photos import crop, save

Open = Callable[[list[Path]], None]


@pytest.fixture
def panel(qtbot: QtBot, model: Model) -> Iterator[ImagesPanel]:
    data_set = DataSet(model)
    one = ImagesPanel(model, data_set, Known(model, data_set))
    qtbot.addWidget(one)
    qtbot.addWidget(one.position)  # in the window the title of the panel has it
    one.resize(220, 600)
    one.show()
    yield one
    one.hide()
    assert one.thumbnails.stop(10_000)
    qtbot.waitUntil(lambda: stop_runners(one._data_set), timeout=TIMEOUT)


@pytest.fixture
def images(panel: ImagesPanel) -> QListWidget:
    return find(panel, QListWidget, "images")


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Return a photograph with pairs, a flat image without, and a file that is no image."""
    broken = tmp_path / "c <b>broken.png"
    broken.write_text("no image")
    return [
        save(crop("motorcycle", 200, 100, 250, 200), tmp_path / "a.png"),
        save(np.full((60, 90, 3), 90, np.uint8), tmp_path / "b.png"),
        broken,
    ]


@pytest.fixture
def opened(qtbot: QtBot, model: Model, panel: ImagesPanel) -> Open:
    """Return a function that adds images and waits until the first is analysed."""

    def open_and_wait(added: list[Path]) -> None:
        model.add_images(added)
        qtbot.waitExposed(panel)
        wait(qtbot, model)

    return open_and_wait


def wait(qtbot: QtBot, model: Model) -> None:
    """Wait until the current image is analysed or cannot be."""

    def is_done() -> bool:
        current = model.current
        assert current is not None
        done = current.analysis is not None and current.analysis.complete
        return done or current.error is not None

    qtbot.waitUntil(is_done, timeout=TIMEOUT)


def told(images: QListWidget, row: int) -> str:
    """Return what a screen reader says of a row: it is what is painted."""
    return str(images.item(row).data(Qt.ItemDataRole.AccessibleTextRole))


def wait_for_text(qtbot: QtBot, images: QListWidget, row: int, text: str) -> None:
    qtbot.waitUntil(lambda: told(images, row) == text, timeout=TIMEOUT)


def click(qtbot: QtBot, images: QListWidget, row: int) -> None:
    at = images.visualItemRect(images.item(row)).center()
    qtbot.mouseClick(images.viewport(), Qt.MouseButton.LeftButton, pos=at)


def row_pixels(images: QListWidget, row: int) -> np.ndarray:
    area = images.visualItemRect(images.item(row))
    seen = pixels(images.viewport())
    return seen[area.top() : area.bottom() + 1]


# What is shown


def test_each_image_tells_its_name_size_and_state(
    qtbot: QtBot, model: Model, images: QListWidget, opened: Open, paths: list[Path]
) -> None:
    opened(paths)
    assert model.analysis is not None
    kept = int(model.analysis.patches.kept.sum())
    assert kept > 1
    assert told(images, 0) == f"a.png, 250 x 200 px, {kept} pairs"
    wait_for_text(qtbot, images, 1, "b.png, 90 x 60 px, not yet analysed")
    wait_for_text(qtbot, images, 2, "c <b>broken.png, cannot be used")
    assert [images.item(row).text() for row in range(3)] == [path.name for path in paths]
    model.look_at(model.entries[1])
    assert told(images, 1).endswith("analysing")
    wait(qtbot, model)
    assert told(images, 1).endswith("no pairs")
    assert told(images, 0).endswith(f"{kept} pairs")


def test_the_current_image_stays_in_sight(
    qtbot: QtBot, model: Model, panel: ImagesPanel, images: QListWidget, paths: list[Path]
) -> None:
    more = [save(crop("coffee", 9, 9, 40, 40), paths[0].with_name(f"{n}.png")) for n in range(9)]
    model.add_images([*paths, *more])
    model.look_at(model.entries[-1])
    panel.set_line.setText("12 of 12 images not surveyed yet: Survey")
    panel.set_line.show()
    panel.resize(panel.width(), panel.height() - 80)
    QApplication.processEvents()
    row = images.visualItemRect(images.item(images.count() - 1))
    assert images.viewport().rect().contains(row)


def test_thumbnails_are_painted_and_each_is_its_own_image(
    qtbot: QtBot, images: QListWidget, opened: Open, tmp_path: Path
) -> None:
    colors = [QColor(200, 40, 40), QColor(40, 160, 60), QColor(50, 60, 220)]
    paths = []
    for number, color in enumerate(colors):
        flat = np.full((60, 60, 3), [color.red(), color.green(), color.blue()], np.uint8)
        paths.append(save(flat, tmp_path / f"{number}.png"))
    opened(paths)
    qtbot.waitUntil(
        lambda: all(near(row_pixels(images, row), colors[row]).any() for row in range(3)),
        timeout=TIMEOUT,
    )
    for row, color in enumerate(colors):
        seen = row_pixels(images, row)
        assert near(seen, color).sum() > 30 * 30
        for other in colors:
            assert other is color or not near(seen, other).any()


def test_the_current_one_is_marked(
    model: Model, images: QListWidget, panel: ImagesPanel, opened: Open, paths: list[Path]
) -> None:
    accent = QColor(current_theme().accent)
    opened(paths)
    for row in (1, 0, 2):
        model.look_at(model.entries[row])
        assert images.currentRow() == row
        assert panel.position.text() == f"{row + 1} of 3"
        for other in range(3):
            bar = row_pixels(images, other)[10:-10, :2]
            assert near(bar, accent, 4).all() == (other == row)


def test_a_warning_has_the_colour_and_the_sign_of_one(
    qtbot: QtBot, images: QListWidget, opened: Open, paths: list[Path]
) -> None:
    warning = QColor(current_theme().warning)
    opened(paths)
    wait_for_text(qtbot, images, 2, "c <b>broken.png, cannot be used")
    assert near(row_pixels(images, 2), warning).any()
    assert not near(row_pixels(images, 1)[:, 70:], warning).any()


def test_the_cause_is_in_the_tooltip_once_and_as_plain_text(
    qtbot: QtBot, model: Model, images: QListWidget, opened: Open, paths: list[Path]
) -> None:
    opened(paths)
    wait_for_text(qtbot, images, 2, "c <b>broken.png, cannot be used")
    for _ in range(2):  # as the thumbnail found it, then as the analysis does
        tip = images.item(2).toolTip()
        assert tip.count("broken") == 1
        assert "&lt;b&gt;broken" in tip
        assert "cannot be used: not an image" in tip
        model.look_at(model.entries[2])
        wait(qtbot, model)
    assert images.item(1).toolTip().splitlines()[:2] == [str(paths[1]), "90 x 60 px"]


def test_counts_of_another_recipe_are_not_shown_as_new(
    qtbot: QtBot, model: Model, images: QListWidget, opened: Open, paths: list[Path]
) -> None:
    opened(paths[:2])
    before = told(images, 0)
    model.look_at(model.entries[1])
    wait(qtbot, model)
    model.change("min_keypoints", 3)
    assert told(images, 0).endswith("not yet analysed")
    model.undo()
    assert told(images, 0) == before


def test_counts_outlive_the_analyses_that_are_let_go_of(
    qtbot: QtBot, model: Model, images: QListWidget, opened: Open, tmp_path: Path
) -> None:
    rgb = crop("motorcycle", 200, 100, 120, 100)
    opened([save(rgb, tmp_path / f"{number}.png") for number in range(7)])
    before = told(images, 0)
    for _ in range(6):
        model.step_image(1)
        wait(qtbot, model)
    assert model.entries[0].analysis is None
    assert told(images, 0) == before
    assert "pairs" in before


def test_the_count_moves_with_the_threshold(
    model: Model, images: QListWidget, opened: Open, paths: list[Path]
) -> None:
    opened(paths)
    for value in (4, 30, 10):
        model.change("min_keypoints", value)
        assert model.analysis is not None
        kept = int(model.analysis.patches.kept.sum())
        assert told(images, 0).endswith(f"{kept} pairs" if kept else "no pairs")


@pytest.mark.parametrize("width", [130, 170, 400])
def test_nothing_is_cut_off_at_any_width(
    qtbot: QtBot,
    panel: ImagesPanel,
    images: QListWidget,
    opened: Open,
    paths: list[Path],
    tmp_path: Path,
    width: int,
) -> None:
    long = save(crop("astronaut", 0, 0, 40, 40), tmp_path / ("very long name " * 6 + ".png"))
    opened([*paths, long])
    panel.resize(width, 600)
    QApplication.processEvents()
    assert images.horizontalScrollBar().maximum() == 0
    for button in panel.findChildren(QPushButton):
        assert button.isVisible()
        assert button.geometry().right() < panel.width()
        assert button.width() >= button.sizeHint().width()
    background = QColor(current_theme().panel)
    for row in range(1, 4):
        assert near(row_pixels(images, row)[:, -3:], background, 4).all()


def test_a_name_without_room_keeps_its_ending(
    panel: ImagesPanel,
    images: QListWidget,
    opened: Open,
    tmp_path: Path,
    painted_texts: list[str],
) -> None:
    name = "coastguard.png"
    opened([save(crop("astronaut", 0, 0, 40, 40), tmp_path / name)])
    shown = set()
    for width in range(110, 240, 6):
        panel.resize(width, 600)
        painted_texts.clear()
        images.viewport().grab()
        (text,) = [one for one in painted_texts if one.startswith("c")]
        shown.add(text)
        start, cut, end = text.partition("\N{HORIZONTAL ELLIPSIS}")
        assert text == name or (cut and name.startswith(start) and name.endswith(end))
        assert width < 150 or text.endswith(".png")
    assert name in shown
    assert len(shown) > 1


# Choosing


def test_click_and_arrows_look_at_another_image(
    qtbot: QtBot, model: Model, images: QListWidget, opened: Open, paths: list[Path]
) -> None:
    opened(paths)
    click(qtbot, images, 1)
    assert model.current is model.entries[1]
    qtbot.keyClick(images, Qt.Key.Key_Down)
    assert model.current is model.entries[2]
    qtbot.keyClick(images, Qt.Key.Key_Home)
    assert model.current is model.entries[0]


def test_the_buttons_ask_for_more(
    qtbot: QtBot, panel: ImagesPanel, opened: Open, paths: list[Path]
) -> None:
    opened(paths)
    for name, signal in (
        ("add_images", panel.add_images_asked),
        ("add_folder", panel.add_folder_asked),
    ):
        with qtbot.waitSignal(signal, timeout=TIMEOUT):
            qtbot.mouseClick(find(panel, QPushButton, name), Qt.MouseButton.LeftButton)


# Removing


def names(images: QListWidget) -> list[str]:
    return [images.item(row).text() for row in range(images.count())]


def test_delete_removes_the_current_image_and_looks_at_its_neighbour(
    qtbot: QtBot, model: Model, images: QListWidget, panel: ImagesPanel, opened: Open, paths: list
) -> None:
    opened(paths)
    click(qtbot, images, 1)
    qtbot.keyClick(images, Qt.Key.Key_Delete)
    assert names(images) == ["a.png", "c <b>broken.png"]
    assert model.current is not None
    assert model.current.path == paths[2]
    assert images.currentRow() == 1
    assert panel.position.text() == "2 of 2"
    qtbot.keyClick(images, Qt.Key.Key_Delete)
    assert model.current.path == paths[0]
    assert paths[1].is_file()


def right_click(images: QListWidget, row: int, *, by_key: bool = False) -> QMenu:
    """Ask for the menu on a row, as the right button or the menu key does, and return it."""
    at = images.visualItemRect(images.item(row)).center()
    reason = QContextMenuEvent.Reason.Keyboard if by_key else QContextMenuEvent.Reason.Mouse
    event = QContextMenuEvent(reason, at, images.viewport().mapToGlobal(at))
    QApplication.sendEvent(images.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def choose(qtbot: QtBot, menu: QMenu, text: str) -> None:
    action = next(one for one in menu.actions() if one.text() == text)
    at = menu.actionGeometry(action).center()
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=at)


def test_the_menu_removes_the_image_under_the_pointer_without_looking_at_it(
    qtbot: QtBot, model: Model, images: QListWidget, opened: Open, paths: list[Path]
) -> None:
    opened(paths)
    at = images.visualItemRect(images.item(2)).center()
    qtbot.mousePress(images.viewport(), Qt.MouseButton.RightButton, pos=at)
    qtbot.mouseRelease(images.viewport(), Qt.MouseButton.RightButton, pos=at)
    assert model.current is model.entries[0]
    choose(qtbot, right_click(images, 2), "Remove from the list")
    assert names(images) == ["a.png", "b.png"]
    assert model.current is model.entries[0]
    assert model.analysis is not None


def test_the_menu_key_is_for_the_current_image(
    qtbot: QtBot, model: Model, images: QListWidget, opened: Open, paths: list[Path]
) -> None:
    opened(paths)
    choose(qtbot, right_click(images, 2, by_key=True), "Remove from the list")
    assert names(images) == ["b.png", "c <b>broken.png"]


def test_no_menu_opens_beside_the_images(
    images: QListWidget, opened: Open, paths: list[Path]
) -> None:
    opened(paths)
    at = QPoint(20, images.viewport().height() - 5)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, images.viewport().mapToGlobal(at))
    QApplication.sendEvent(images.viewport(), event)
    assert QApplication.activePopupWidget() is None


def test_removing_the_last_one_leaves_nothing_to_look_at(
    qtbot: QtBot, model: Model, panel: ImagesPanel, images: QListWidget, paths: list[Path]
) -> None:
    heard: list[str] = []
    model.add_images(paths[:1])  # it is analysed while it is removed
    model.current_changed.connect(lambda: heard.append("current"))
    model.analysis_changed.connect(lambda: heard.append("analysis"))
    panel.remove_current()
    assert model.current is None
    assert model.analysis is None
    assert model.entries == []
    assert heard == ["current", "analysis"]
    assert images.count() == 0
    panel.remove_current()
    qtbot.wait(100)
    assert model.current is None
    model.add_images(paths[:2])
    wait(qtbot, model)
    assert names(images) == ["a.png", "b.png"]


def test_an_image_that_was_removed_and_added_again_starts_anew(
    qtbot: QtBot, model: Model, images: QListWidget, opened: Open, paths: list[Path]
) -> None:
    opened(paths)
    wait_for_text(qtbot, images, 1, "b.png, 90 x 60 px, not yet analysed")
    model.remove(model.entries[1])
    save(np.full((50, 70, 3), 9, np.uint8), paths[1])
    model.add_images([paths[1]])
    wait(qtbot, model)
    assert told(images, 2) == "b.png, 70 x 50 px, no pairs"
    model.remove(Entry(Path("never there")))
    assert len(model.entries) == 3


# Several at once, searching, sorting


def names_shown(images: QListWidget) -> list[str]:
    items = [images.item(row) for row in range(images.count())]
    return [one.text() for one in items if not one.isHidden()]


def test_several_are_removed_and_copied_at_once(
    qtbot: QtBot, model: Model, images: QListWidget, opened: Open, paths: list[Path]
) -> None:
    opened(paths)
    click(qtbot, images, 1)
    at = images.visualItemRect(images.item(2)).center()
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(images.viewport(), Qt.MouseButton.LeftButton, shift, at)
    assert [images.item(row).isSelected() for row in range(3)] == [False, True, True]
    qtbot.keyClick(images, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    clipboard = QApplication.clipboard()
    assert clipboard.text() == f"{paths[1]}\n{paths[2]}"
    assert [Path(url.toLocalFile()) for url in clipboard.mimeData().urls()] == paths[1:]
    menu = right_click(images, 1)
    texts = [one.text() for one in menu.actions()]
    assert "Remove from the list (2 images)" in texts
    assert "Copy the paths" in texts
    menu.close()
    qtbot.keyClick(images, Qt.Key.Key_Delete)
    assert names(images) == ["a.png"]
    assert model.current is model.entries[0]
    assert all(path.is_file() for path in paths)


def test_what_is_added_is_selected_alone_so_that_delete_takes_no_other(
    qtbot: QtBot, model: Model, panel: ImagesPanel, images: QListWidget, opened: Open, paths
) -> None:
    for path in paths[:2]:  # the first that is added is looked at
        opened([path])
    assert [item.entry.path for item in images.selectedItems()] == [paths[1]]
    images.setFocus()
    qtbot.keyClick(images, Qt.Key.Key_Delete)
    assert [entry.path for entry in model.entries] == [paths[0]]


def test_what_is_selected_stays_so_when_the_list_is_sorted_anew(
    panel: ImagesPanel, images: QListWidget, opened: Open, paths: list[Path]
) -> None:
    opened(paths[::-1])
    images.setCurrentRow(0)
    images.item(2).setSelected(True)
    chosen = {item.entry.path for item in images.selectedItems()}
    assert len(chosen) == 2
    panel.sort_by(Order.NAME)
    assert names(images) == [path.name for path in paths]
    assert {item.entry.path for item in images.selectedItems()} == chosen


def test_the_menu_removes_all_shows_the_folder_and_copies_the_path(
    qtbot: QtBot,
    model: Model,
    images: QListWidget,
    opened: Open,
    paths: list[Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: shown.append(url.toLocalFile()) or True
    )
    opened(paths)
    choose(qtbot, right_click(images, 2), "Show in the file manager")
    assert shown == [str(paths[2].parent)]
    choose(qtbot, right_click(images, 2), "Copy the path")
    assert QApplication.clipboard().text() == str(paths[2])
    choose(qtbot, right_click(images, 2), "Remove all")
    assert names(images) == []
    assert model.current is None


def test_a_search_does_not_hide_what_is_opened_in_the_place_of_the_list(
    qtbot: QtBot, panel: ImagesPanel, model: Model, images: QListWidget, paths: list[Path]
) -> None:
    model.add_images(paths[:2])
    search = find(panel, QLineEdit, "images_search")
    qtbot.keyClicks(search, paths[0].name)
    assert not images.item(0).isHidden()
    assert images.item(1).isHidden()
    model.add_images(paths[2:])
    assert search.text() == paths[0].name, "what is added is searched too"
    model.add_images(paths[:1], replace=True)
    model.add_images(paths[1:], replace=True)
    assert not search.text()
    assert not any(images.item(row).isHidden() for row in range(images.count()))
    wait(qtbot, model)


def test_a_search_lists_what_has_the_words_and_keys_step_through_that(
    qtbot: QtBot,
    model: Model,
    panel: ImagesPanel,
    images: QListWidget,
    opened: Open,
    paths: list[Path],
) -> None:
    opened(paths)
    search = find(panel, QLineEdit, "images_search")
    qtbot.keyClicks(search, "BROKEN")
    assert names_shown(images) == ["c <b>broken.png"]
    assert panel.position.text() == "1 found, 3 in all"
    search.setText(f"{paths[0].parent.name} .png")
    assert names_shown(images) == [path.name for path in paths]
    images.item(1).setHidden(False)
    search.setText("a.png")
    model.step_image(1)
    assert model.current is model.entries[0]
    search.clear()
    model.step_image(1)
    assert model.current is model.entries[1]
    assert panel.position.text() == "2 of 3"


def test_sorting_moves_rows_and_the_keys_follow(
    qtbot: QtBot,
    model: Model,
    panel: ImagesPanel,
    images: QListWidget,
    opened: Open,
    paths: list[Path],
) -> None:
    opened([paths[2], paths[1], paths[0]])
    model.look_at(model.entries[2])
    wait(qtbot, model)
    menu = find(panel, QToolButton, "images_sort").menu()

    def sort(text: str) -> list[str]:
        next(one for one in menu.actions() if one.text() == text).trigger()
        return [name[0] for name in names_shown(images)]

    assert sort("Sort by name") == ["a", "b", "c"]
    assert images.currentItem().text() == "a.png"
    assert panel.position.text() == "1 of 3"
    model.step_image(1)
    assert model.current is model.entries[1]
    wait(qtbot, model)
    assert sort("Sort by pairs, the fewest first") == ["b", "a", "c"]
    assert sort("Sort by pairs, the most first") == ["a", "b", "c"]
    assert sort("Sort in the order opened") == ["c", "b", "a"]
    assert [one.text() for one in menu.actions() if one.isChecked()] == ["Sort in the order opened"]


def test_opening_replaces_the_list_and_what_is_known_of_an_image_stays_known(
    qtbot: QtBot, model: Model, images: QListWidget, opened: Open, paths: list[Path]
) -> None:
    opened(paths[:2])
    before = told(images, 0)
    entry = model.entries[0]
    model.add_images([paths[2], paths[0]], replace=True)
    assert names(images) == ["c <b>broken.png", "a.png"]
    assert model.entries[1] is entry
    assert told(images, 1) == before
    assert model.current is model.entries[0]


# What the survey and the export know


def test_the_survey_tells_of_each_image_without_the_data_set_being_shown(
    qtbot: QtBot,
    model: Model,
    panel: ImagesPanel,
    images: QListWidget,
    paths: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(panel._data_set, "file", lambda: tmp_path / "survey.db")
    model.add_images([paths[1], paths[0], paths[2]])
    wait(qtbot, model)
    assert told(images, 1).endswith("not yet analysed")
    survey, said = panel._data_set.survey, []
    survey.turned.connect(lambda path, begun, _: said.append((path, begun, told(images, 1))))
    with qtbot.waitSignal(survey.finished, timeout=TIMEOUT):
        panel._data_set.start_survey()
    at = [(begun, words.split(", ")[-1]) for path, begun, words in said if path == paths[0]]
    assert [begun for begun, _ in at] == [True, False]
    assert at[0][1] == "surveying", "the one that it is at is told apart"
    assert not any("surveying" in told(images, row) for row in range(3))
    qtbot.waitUntil(lambda: told(images, 1).endswith(" pairs"), timeout=TIMEOUT)
    count = int(told(images, 1).split()[-2])
    qtbot.waitUntil(lambda: "no pairs: " in images.item(0).toolTip(), timeout=TIMEOUT)
    qtbot.waitUntil(lambda: images.item(2).toolTip().count("not an image") == 1, timeout=TIMEOUT)
    model.change("min_keypoints", 3)
    qtbot.waitUntil(lambda: told(images, 1).endswith(" pairs"), timeout=TIMEOUT)
    more = int(told(images, 1).split()[-2])
    assert more > count
    model.look_at(model.entries[1])
    wait(qtbot, model)
    assert int(told(images, 1).split()[-2]) == more, "as the analysis counts them"


def test_what_failed_in_an_export_is_told_with_the_cause_until_the_next_begins(
    model: Model, panel: ImagesPanel, images: QListWidget, paths: list[Path]
) -> None:
    run = ImagesRun("export", panel)
    panel._known.listen(run, "export", "exporting", "exported")
    model.add_images(paths[:2])
    run.state = RunState(failures=Log([Failure(str(paths[1]), "disk full")]))
    run.state_changed.emit()
    assert told(images, 1).endswith("failed")
    assert "export: disk full" in images.item(1).toolTip()
    run.began.emit(None)
    assert told(images, 1).endswith("not yet analysed")


def test_a_path_that_comes_twice_does_not_shift_what_a_run_has_dealt_with(
    model: Model, panel: ImagesPanel, paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImagesRun, "busy", True)
    run = ImagesRun("export", panel)
    panel._known.listen(run, "export", "exporting", "exported")
    model.add_images(paths)

    def done(log: Log[Path]) -> list[bool]:
        run.state = RunState(dealt=log)
        run.state_changed.emit()
        return [panel._known.done(one) == "exported" for one in model.entries]

    one = Log([paths[0], paths[0]])
    assert done(one) == [True, False, False]
    assert done(one.plus(paths[1])) == [True, True, False]
    assert done(one) == [True, False, False], "a state is told as it is, not as one before it"
    assert done(one.plus(paths[2])) == [True, False, True]


# Many images


@pytest.fixture
def many(model: Model, panel: ImagesPanel, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a thousand images that are in the list; what is asked of the thread is kept."""
    monkeypatch.setattr(panel.thumbnails, "_request", lambda: None)
    model.add_images([Path(f"/nowhere/{number:04d}.png") for number in range(1_000)])
    QApplication.processEvents()
    return panel.thumbnails._asked


def test_only_what_is_seen_is_asked_for(
    qtbot: QtBot, panel: ImagesPanel, images: QListWidget, many: list[Path]
) -> None:
    qtbot.waitUntil(lambda: bool(many), timeout=TIMEOUT)
    assert 3 < len(many) < 20
    assert many == sorted(many)
    many.clear()
    images.scrollToBottom()
    qtbot.waitUntil(lambda: bool(many), timeout=TIMEOUT)
    assert 3 < len(many) < 20
    assert many[-1].stem == "0999"
    images.scrollToTop()
    qtbot.wait(50)
    assert len(many) < 20


def test_a_thousand_images_cost_little(
    model: Model, panel: ImagesPanel, images: QListWidget, many: list[Path]
) -> None:
    items = [images.item(row) for row in range(1_000)]
    began = time.process_time()
    for _ in range(1_000):
        model.analysis_changed.emit()
    assert time.process_time() - began < 1  # a list made anew each time takes many seconds
    assert all(images.item(row) is item for row, item in enumerate(items))
    model.remove(model.entries[500])
    model.add_images([Path("/nowhere/more.png")])
    assert [images.item(row) for row in (0, 499, 500, 998)] == [
        items[row] for row in (0, 499, 501, 999)
    ]
    assert images.item(999).text() == "more.png"
    assert images.currentRow() == 999


def test_the_current_one_is_scrolled_into_view(
    model: Model, images: QListWidget, many: list[Path]
) -> None:
    for row in (700, 3, 999):
        model.look_at(model.entries[row])
        assert images.viewport().rect().contains(images.visualItemRect(images.item(row)))


def test_thumbnails_do_not_fill_the_memory(
    panel: ImagesPanel, many: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnails, "_MOST_KEPT", 5)
    service, picture = panel.thumbnails, QPixmap(8, 8).toImage()
    service._made.clear()
    paths = [Path(f"/nowhere/{number:04d}.png") for number in range(300, 320)]
    for path in paths:
        assert service.of(path, 1.0) is None
        service._on_made((picture, (8, 8)), Job(print, about=path))
    assert len(service._made) == 5
    assert service.of(paths[-1], 1.0) is not None
    many.clear()
    assert service.of(paths[0], 1.0) is None  # it is asked for once more
    assert many == [paths[0]]


# The thread


def test_the_thread_ends_when_the_panel_stops_or_is_hidden(
    qtbot: QtBot, panel: ImagesPanel, images: QListWidget, opened: Open, paths: list[Path]
) -> None:
    opened(paths)
    wait_for_text(qtbot, images, 1, "b.png, 90 x 60 px, not yet analysed")
    thread = panel.thumbnails._runner._thread
    assert thread.isRunning()
    panel.hide()
    assert not thread.isRunning()


def test_what_was_not_made_when_it_was_hidden_is_made_later(
    qtbot: QtBot, model: Model, panel: ImagesPanel, images: QListWidget, paths: list[Path]
) -> None:
    model.add_images(paths)
    qtbot.waitExposed(panel)
    panel.hide()
    QApplication.processEvents()
    panel.show()
    wait_for_text(qtbot, images, 2, "c <b>broken.png, cannot be used")
    qtbot.waitUntil(lambda: told(images, 1).startswith("b.png, 90 x 60 px"), timeout=TIMEOUT)
    qtbot.waitUntil(lambda: None not in panel.thumbnails._made.values(), timeout=TIMEOUT)


def test_another_screen_makes_the_thumbnails_anew(
    qtbot: QtBot, panel: ImagesPanel, opened: Open, paths: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    def widths() -> set[int | None]:
        return {None if one is None else one.width() for one in panel.thumbnails._made.values()}

    opened(paths)
    qtbot.waitUntil(lambda: widths() == {96, 90, 0}, timeout=TIMEOUT)
    monkeypatch.setattr(panel.list, "devicePixelRatioF", lambda: 2.0)
    panel.list.viewport().update()
    qtbot.waitUntil(lambda: widths() == {192, 90, 0}, timeout=TIMEOUT)
