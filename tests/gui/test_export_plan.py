"""What the export block says before, during and after an export, and that it never moves."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QMessageBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from srviewer.export.options import EARLIER, Options
from srviewer.export.runner import export as write
from srviewer.export.selecting import validation_images
from srviewer.gui.panels.export_folder import FolderDialog
from srviewer.gui.panels.images_panel import Order
from srviewer.gui.theme import current_theme
from srviewer.gui.widgets.labels import LinesLabel
from srviewer.gui.window import MainWindow
from srviewer.pipeline.recipe import Recipe
from tests.conftest import REPOSITORY
from tests.export.helpers import tree
from tests.gui.conftest import close, running_qthreads
from tests.gui.helpers import TIMEOUT, find, near, open_paths, pixels, wait_for_analysis
from tests.gui.test_export_panel import choose, export, press, runs, summary, wait_for_end
from tests.gui.test_images_panel import told, wait_for_text
from tests.gui.test_window import banner_text
from tests.photos import crop, save

Open = Callable[[MainWindow, Path], None]
QUICK = Recipe(crop="whole", keypoint_scope="image", min_keypoints=2, stride=30)
NAMES = ("astronaut.png", "coffee.png")


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    for name in NAMES:
        save(crop(name.removesuffix(".png"), 0, 0, 130, 120), folder / name)
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def button_says(qtbot: QtBot, window: MainWindow, text: str) -> None:
    button = find(window, QPushButton, "export")
    qtbot.waitUntil(lambda: button.text() == text, timeout=TIMEOUT)


def plan_says(qtbot: QtBot, window: MainWindow, text: str) -> LinesLabel:
    """Wait until the plan has `text` in it, and return where it stands."""
    label = find(window, LinesLabel, "export_plan")
    qtbot.waitUntil(lambda: label.isVisible() and text in label.text(), timeout=TIMEOUT)
    return label


def type_folder(qtbot: QtBot, window: MainWindow, text: str) -> QLineEdit:
    line = find(window, QLineEdit, "export_folder")
    window.activateWindow()
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)
    return line


def show(qtbot: QtBot, window: MainWindow, *paths: Path) -> None:
    window.model.set_recipe(QUICK)
    open_paths(qtbot, window, list(paths))
    wait_for_analysis(qtbot, window)


def start_by_key(qtbot: QtBot, window: MainWindow) -> None:
    """Export where the button does something else."""
    qtbot.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    wait_for_end(qtbot, window)


def button_color(button: QPushButton) -> str:
    return button.grab().toImage().pixelColor(12, button.height() // 2).name()


# What the button does


def test_the_button_says_how_many_pairs_it_writes(
    qtbot: QtBot, window: MainWindow, album: Path, out: Path
) -> None:
    assert find(window, QPushButton, "export").text() == "Export pairs"
    show(qtbot, window, album)
    first = window.model.pairs_of(window.model.entries[0])
    button_says(qtbot, window, "Export pairs of 2 images")
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    wait_for_analysis(qtbot, window)
    second = window.model.pairs_of(window.model.entries[1])
    assert first
    assert second
    button_says(qtbot, window, f"Export {first + second} pairs of 2 images")
    # Which of them is whole depends on what both hold, and on their names.
    window.export_settings.restore(Options(validation_share=0.5, whole="validation"), 1)
    rest = second if "astronaut.png" in validation_images(NAMES, 0.5, 0) else first
    button_says(qtbot, window, f"Export {1 + rest} pairs of 2 images")
    window.export_settings.restore(Options(max_per_image=3), 1)
    button_says(qtbot, window, "Export 6 pairs of 2 images")
    export(qtbot, window, out)
    assert len(list((out / "hr").iterdir())) == 6
    choose(find(window, QComboBox, "export_images"), qtbot, "this")
    button_says(qtbot, window, "Export 3 pairs of this image")
    assert find(window, QPushButton, "export").toolTip().startswith("<p>Export 3 pairs of this")


def test_the_block_goes_on_as_its_folder_does(
    qtbot: QtBot, window: MainWindow, album: Path, out: Path
) -> None:
    there = Options(channels="rgb", max_per_image=2)
    write(sorted(album.iterdir())[1:], out, recipe=QUICK, format="hdf5", options=there)
    show(qtbot, window, album)
    find(window, QLineEdit, "export_folder").setText(str(out))
    button = find(window, QPushButton, "export")  # of what is there no image was looked at
    qtbot.waitUntil(lambda: button.text().startswith("Export 2 more pairs"), timeout=TIMEOUT)
    assert find(window, QComboBox, "export_format").currentText() == "hdf5"
    assert window.export_settings.options == there
    plan_says(qtbot, window, "1 more image")
    press(qtbot, window, "export")
    wait_for_end(qtbot, window)
    button_says(qtbot, window, "Nothing to export: all is there")
    find(window, QLineEdit, "export_folder").setText(str(out.parent / "other"))
    qtbot.waitUntil(lambda: window.export_settings.options == Options(), timeout=TIMEOUT)


def test_the_survey_tells_the_button_how_many_pairs_there_are(
    qtbot: QtBot, window: MainWindow, album: Path, out: Path
) -> None:
    show(qtbot, window, *sorted(album.iterdir()))
    window.export_settings.restore(Options(validation_share=0.5, whole="validation"), 1)
    window.model.show_data_set(True)
    button_says(qtbot, window, "Export pairs of 2 images")
    window.data_set.start_survey()
    button = find(window, QPushButton, "export")
    unknown = button.text()
    qtbot.waitUntil(lambda: button.text() != unknown, timeout=TIMEOUT)
    said = button.text()
    find(window, QLineEdit, "export_folder").setText(str(out))
    before = plan_says(qtbot, window, "For validation").text().partition(". ")[2]
    export(qtbot, window, out)
    assert len(list((out / "validation/hr").iterdir())) == 1
    assert said == f"Export {1 + len(list((out / 'train/hr').iterdir())):,} pairs of 2 images"
    assert before == "For validation 1 pair of 1 image."
    assert "; for validation 1 pair of 1 image" in summary(window)


def test_the_images_follow_what_is_looked_at_until_a_person_says_which(
    qtbot: QtBot, again: Callable[[], MainWindow], album: Path
) -> None:
    window = again()
    files = sorted(album.iterdir())
    show(qtbot, window, *files)
    images = find(window, QComboBox, "export_images")
    assert images.currentText() == "this image"
    window.model.show_data_set(True)
    assert images.currentText() == "all 2 images"
    window.model.show_data_set(False)
    assert images.currentText() == "this image"
    open_paths(qtbot, window, [album])
    assert images.currentText() == "all 2 images", "a folder was opened"
    choose(images, qtbot, "this")
    window.model.show_data_set(True)
    assert images.currentText() == "this image", "as a person said"
    window = again()
    show(qtbot, window, album)
    assert find(window, QComboBox, "export_images").currentText() == "this image"
    choose(find(window, QComboBox, "export_images"), qtbot, "all")
    window = again()
    show(qtbot, window, files[0])
    assert find(window, QComboBox, "export_images").currentText() == "this image", "there is one"
    open_paths(qtbot, window, files)
    assert find(window, QComboBox, "export_images").currentText() == "all 2 images"


# What is in the folder


def test_the_folder_is_told_before_anything_is_written(
    qtbot: QtBot, window: MainWindow, album: Path, out: Path
) -> None:
    show(qtbot, window, album)
    type_folder(qtbot, window, str(out))
    plan_says(qtbot, window, "A new folder; 2 images to come.")
    assert not out.exists()
    choose(find(window, QComboBox, "export_images"), qtbot, "this")
    export(qtbot, window, out)
    pairs = len(list((out / "hr").iterdir()))
    before = tree(out)
    choose(find(window, QComboBox, "export_images"), qtbot, "all")
    label = plan_says(qtbot, window, f"{pairs} pairs of 1 image of this recipe; 1 more image")
    assert label.accessibleDescription() == label.text()
    window.model.change("scale", 3)
    plan_says(qtbot, window, f"{pairs} pairs of 1 image would be replaced, if you say so")
    assert "Scale 4 there, 3 here" in label.text()
    window.model.undo()
    plan_says(qtbot, window, "of this recipe")
    choose(find(window, QComboBox, "export_format"), qtbot, "bmp")
    plan_says(qtbot, window, "in format png, not bmp")
    (album / "notes.txt").touch()
    other = album.parent / "other"
    other.mkdir()
    (other / "mine.txt").touch()
    type_folder(qtbot, window, str(other))
    plan_says(qtbot, window, "Not empty, not srviewer's: 1 file;")
    type_folder(qtbot, window, str(other / "mine.txt" / "deep"))
    plan_says(qtbot, window, "not a folder")
    assert tree(out) == before


def test_adding_asks_nothing_and_keeps_what_is_there(
    qtbot: QtBot, window: MainWindow, album: Path, out: Path
) -> None:
    show(qtbot, window, *sorted(album.iterdir()))
    export(qtbot, window, out)
    before = tree(out / "hr")
    choose(find(window, QComboBox, "export_images"), qtbot, "all")
    plan_says(qtbot, window, "1 more image")
    export(qtbot, window, out)
    assert not window.findChildren(QMessageBox)
    assert before.items() < tree(out / "hr").items()


def test_the_format_of_the_folder_is_taken_unless_a_person_has_chosen_one(
    qtbot: QtBot, window: MainWindow, album: Path, out: Path
) -> None:
    first, second = sorted(album.iterdir())
    write([first], out, QUICK, format="bmp", options=EARLIER)
    box = find(window, QComboBox, "export_format")
    show(qtbot, window, first, second)
    type_folder(qtbot, window, str(out))
    plan_says(qtbot, window, "of this recipe")
    assert (box.currentText(), window.export_settings.chosen_format) == ("bmp", None)
    type_folder(qtbot, window, str(out.with_name("new")))
    plan_says(qtbot, window, "A new folder")
    assert box.currentText() == "png"
    choose(box, qtbot, "webp")
    type_folder(qtbot, window, str(out))
    plan_says(qtbot, window, "would be replaced")
    assert (box.currentText(), window.export_settings.chosen_format) == ("webp", "webp")


def test_a_relative_folder_is_shown_as_the_one_that_it_means(
    qtbot: QtBot, window: MainWindow, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(qtbot, window, album)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep").mkdir()
    for text, key, shown in (
        ("6", Qt.Key.Key_Tab, tmp_path / "6"),
        ("./a//b/", Qt.Key.Key_Return, tmp_path / "a" / "b"),
        ("deep/../c", Qt.Key.Key_Tab, tmp_path.resolve() / "c"),
        ("~/d", Qt.Key.Key_Tab, Path("~/d")),
    ):
        line = type_folder(qtbot, window, text)
        assert line.text() == text
        qtbot.keyClick(line, key)
        assert line.text() == str(shown)
    type_folder(qtbot, window, "pairs")
    press(qtbot, window, "export")
    wait_for_end(qtbot, window)
    assert (tmp_path / "pairs" / "manifest.csv").exists()
    assert find(window, QLineEdit, "export_folder").text() == str(tmp_path / "pairs")


def test_the_folder_of_the_images_stays_as_it_is(
    qtbot: QtBot, window: MainWindow, album: Path
) -> None:
    before = tree(album)
    show(qtbot, window, album)
    for folder in (album, album.parent, album / ".."):
        type_folder(qtbot, window, str(folder))
        plan_says(qtbot, window, "Nothing will be written")
        start_by_key(qtbot, window)
        assert "folder of the images" in banner_text(window)
        assert "folder of the images" in summary(window)
        assert tree(album) == before
    export(qtbot, window, album / "pairs")
    assert "2 images" in summary(window)


def test_the_sample_does_not_come_to_photographs(
    qtbot: QtBot, window: MainWindow, album: Path, out: Path
) -> None:
    show(qtbot, window, album)
    export(qtbot, window, out)
    before = tree(out)
    while window.model.entries:
        window.model.remove(window.model.entries[0])
    window.open_sample(REPOSITORY / "assets" / "sample.png")
    wait_for_analysis(qtbot, window)
    type_folder(qtbot, window, str(out))
    label = plan_says(qtbot, window, "The sample is not for this folder: it holds pairs of other")
    assert not near(pixels(label), QColor(current_theme().warning)).any(), "nothing is wrong"
    start_by_key(qtbot, window)
    assert "painted sample" in banner_text(window)
    assert not window.findChildren(QMessageBox)
    assert tree(out) == before
    # The button leads out: to a folder of the sample's own.
    button_says(qtbot, window, "Use the folder out-sample")
    button = find(window, QPushButton, "export")
    assert not button.property("primary")
    assert button_color(button) != QColor(current_theme().accent).name()
    press(qtbot, window, "export")
    assert not runs(window)
    assert find(window, QLineEdit, "export_folder").text() == f"{out}-sample"
    plan_says(qtbot, window, "A new folder; 1 image to come")
    pairs = window.model.pairs_of(window.model.entries[0])
    button_says(qtbot, window, f"Export {pairs:,} pairs of this image")
    assert button.property("primary")
    assert button_color(button) == QColor(current_theme().accent).name()
    # A person's own pictures go where they went before.
    open_paths(qtbot, window, [album])
    line = find(window, QLineEdit, "export_folder")
    qtbot.waitUntil(lambda: line.text() == str(out), timeout=TIMEOUT)
    plan_says(qtbot, window, "nothing is missing")


def test_where_nothing_can_be_written_the_button_leads_to_another_folder(
    qtbot: QtBot,
    window: MainWindow,
    album: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FolderDialog, "exec", lambda _: 1)
    monkeypatch.setattr(FolderDialog, "selectedFiles", lambda _: [str(out)])
    show(qtbot, window, album)
    file = album / "astronaut.png"
    button = find(window, QPushButton, "export")
    for bad in (album, file, file / "below"):  # among the images; no folder
        type_folder(qtbot, window, str(bad))
        button_says(qtbot, window, "Choose another folder...")
        assert not button.property("primary")
    press(qtbot, window, "export")
    assert not runs(window)
    assert find(window, QLineEdit, "export_folder").text() == str(out)
    plan_says(qtbot, window, "A new folder; 2 images to come")
    assert button.property("primary")


@pytest.fixture
def refuses(qtbot: QtBot, window: MainWindow, album: Path) -> Callable[[str, str], QLineEdit]:
    """Return what types a folder and waits until it is refused in words, with `album` shown."""
    show(qtbot, window, album)

    def typed(folder: str, words: str) -> QLineEdit:
        line = type_folder(qtbot, window, folder)
        plan_says(qtbot, window, words)
        button_says(qtbot, window, "Choose another folder...")
        return line

    return typed


def test_the_folder_above_all_others_is_refused_in_words(
    qtbot: QtBot,
    window: MainWindow,
    refuses: Callable[[str, str], QLineEdit],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FolderDialog, "exec", lambda dialog: dialog.show() or 1)
    line = refuses("/", "Nothing will be written: this folder is above the folder of the")
    press(qtbot, window, "export")
    assert line.text() == "/", "the dialog stands at / and takes it"
    window.open_sample(REPOSITORY / "assets" / "sample.png")
    wait_for_analysis(qtbot, window)
    qtbot.keyClick(line, Qt.Key.Key_End)
    plan_says(qtbot, window, "Nothing will be written")
    button_says(qtbot, window, "Choose another folder...")


def test_a_name_that_no_folder_can_have_is_told_before_the_export(
    refuses: Callable[[str, str], QLineEdit], tmp_path: Path
) -> None:
    refuses(str(tmp_path / ("x" * 300)), "name too long")


def test_where_all_is_there_the_button_is_quiet_and_says_so(
    qtbot: QtBot, window: MainWindow, album: Path, out: Path
) -> None:
    show(qtbot, window, album)
    export(qtbot, window, out)
    button = find(window, QPushButton, "export")
    button_says(qtbot, window, "Nothing to export: all is there")
    assert not button.property("primary")
    export(qtbot, window, out)  # looks again
    assert "nothing was missing" in summary(window)
    window.model.change("min_keypoints", 3)  # another recipe would replace it
    plan_says(qtbot, window, "would be replaced")
    qtbot.waitUntil(lambda: button.text().startswith("Export "), timeout=TIMEOUT)
    assert button.property("primary")
    window.model.undo()
    button_says(qtbot, window, "Nothing to export: all is there")
    save(crop("coffee", 0, 0, 90, 90), album / "more.png")
    open_paths(qtbot, window, [album])
    plan_says(qtbot, window, "1 more image to come")
    qtbot.waitUntil(lambda: button.text().endswith("of 1 more image"), timeout=TIMEOUT)
    assert button.property("primary")


def test_a_view_is_not_saved_over_a_photograph(
    qtbot: QtBot, window: MainWindow, album: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(album)
    show(qtbot, window, album)
    target = album / "astronaut.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    for save_it in (window.dialogs.save_view, window.log.save):
        save_it()
        assert tree(album) == before
    assert "choose another name" in banner_text(window)


# Messages, and the room that they have


def changes(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> dict[str, Callable[[], object]]:
    return {
        "folder": lambda: type_folder(qtbot, window, str(tmp_path / "elsewhere")),
        "format": lambda: choose(find(window, QComboBox, "export_format"), qtbot, "bmp"),
        "scope": lambda: choose(find(window, QComboBox, "export_images"), qtbot, "this"),
        "recipe": lambda: window.model.change("min_keypoints", 3),
        "images": lambda: window.model.remove(window.model.entries[-1]),
    }


@pytest.mark.parametrize("change", ["folder", "format", "scope", "recipe", "images"])
def test_what_was_said_goes_with_what_it_was_about(
    qtbot: QtBot, window: MainWindow, album: Path, tmp_path: Path, change: str
) -> None:
    (album / "broken.png").write_text("no picture")
    show(qtbot, window, album)
    export(qtbot, window, tmp_path / "out")
    assert "2 images" in summary(window)
    parts = [find(window, QPushButton, "open_folder"), find(window, QLabel, "export_failures")]
    assert all(part.isVisible() for part in parts)
    assert "broken.png" in banner_text(window)
    button_says(qtbot, window, "Try 1 failed image again")
    assert not find(window, QPushButton, "export").property("primary"), "it asks for nothing"
    window.model.show_data_set(True)  # nothing of it is another
    window.model.show_data_set(False)
    assert "2 images" in summary(window)
    changes(window, qtbot, tmp_path)[change]()
    assert summary(window) == ""
    assert not any(part.isVisible() for part in parts)
    assert banner_text(window) == ""


def test_another_image_takes_the_message_of_the_one_before_with_it(
    qtbot: QtBot, window: MainWindow, album: Path, out: Path
) -> None:
    show(qtbot, window, *sorted(album.iterdir()))
    export(qtbot, window, out)
    assert "1 image" in summary(window)
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    assert summary(window) == ""
    assert not find(window, QPushButton, "open_folder").isVisible()


def test_a_failure_goes_too(qtbot: QtBot, window: MainWindow, album: Path, tmp_path: Path) -> None:
    show(qtbot, window, album)
    (tmp_path / "file").touch()
    export(qtbot, window, tmp_path / "file" / "pairs")
    assert "failed" in summary(window)
    assert banner_text(window)
    type_folder(qtbot, window, str(tmp_path / "good"))
    assert summary(window) == ""
    assert banner_text(window) == ""
    plan_says(qtbot, window, "A new folder")


def places(window: MainWindow) -> dict[str, tuple[int, int, int, int]]:
    """Return where all parts of the block are that can be seen."""
    names = {"export_folder", "export_images", "export_format", "export_choices", "export"}
    names |= {"pause_export", "cancel_export"}
    found = {}
    for widget in window.export.findChildren(QWidget):
        if widget.objectName() in names and widget.isVisible():
            at = widget.mapTo(window, QPoint(0, 0))
            found[widget.objectName()] = (at.x(), at.y(), widget.width(), widget.height())
    at = window.export.mapTo(window, QPoint(0, 0))
    return found | {"block": (at.x(), at.y(), window.export.width(), window.export.height())}


@pytest.mark.parametrize("size", [(1280, 800), (900, 600)])
def test_nothing_in_the_block_moves(
    qtbot: QtBot, window: MainWindow, album: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    window.resize(*size)
    (album / "broken.png").write_text("no picture")
    seen: dict[str, dict[str, tuple[int, int, int, int]]] = {}

    def look(when: str) -> None:
        QApplication.processEvents()
        seen[when] = places(window)

    show(qtbot, window, album)
    look("shown")
    type_folder(qtbot, window, str(tmp_path / "out"))
    plan_says(qtbot, window, "A new folder")
    look("new")
    press(qtbot, window, "export")
    look("begun")
    window.exporting.run.state_changed.connect(lambda: look("running"))
    qtbot.waitUntil(lambda: not runs(window), timeout=TIMEOUT)
    window.messages.forget_export()  # the banner has its own place
    look("done, with failures")
    window.model.change("scale", 3)
    plan_says(qtbot, window, "would be replaced")
    look("would be replaced")
    (tmp_path / ("long " * 30)).mkdir()
    type_folder(qtbot, window, os.fspath(album))
    plan_says(qtbot, window, "Nothing will be written")
    start_by_key(qtbot, window)
    window.messages.forget_export()
    look("refused")
    assert len(seen) >= 7
    found: dict[str, set[tuple[int, int, int, int]]] = {}
    for where in seen.values():
        for name, at in where.items():
            found.setdefault(name, set()).add(at)
    assert {"pause_export", "cancel_export", "export"} < set(found)
    assert {name for name, at in found.items() if len(at) > 1} == set()


@pytest.mark.parametrize("width", range(60, 240, 7))
def test_no_line_begins_with_a_unit(qtbot: QtBot, width: int) -> None:
    label = LinesLabel(None)
    qtbot.addWidget(label)
    label.resize(width, 100)
    label.say(
        "944 pairs in 17.4 s, 93 pairs/s; 4.5 MB, at most 20 % for validation of 33 px, 0.1 LR px"
    )
    starts = [line.split()[0].rstrip(",;") for line in label.wrapped()]
    assert not {"s", "MB", "%", "px", "/s", "LR"} & set(starts)


def test_a_long_message_is_cut_within_its_room_and_told_whole(qtbot: QtBot) -> None:
    label = LinesLabel(2)
    qtbot.addWidget(label)
    label.resize(160, label.sizeHint().height())
    label.show()
    label.say("short")
    assert (label.wrapped(), label.toolTip()) == (["short"], "")
    text = "/a/very/long/path/without/any/space/in/it/" * 3 + " and words after it"
    label.say(text)
    lines = label.wrapped()
    assert len(lines) == 2
    assert all(label.fontMetrics().horizontalAdvance(line) <= 160 for line in lines)
    assert lines[1].endswith("\N{HORIZONTAL ELLIPSIS}")
    assert label.toolTip() == text
    height = label.sizeHint().height()
    label.say("")
    assert label.sizeHint().height() == height
    label.say(text)
    label.set_lines(None)
    assert "".join(label.wrapped()).replace(" ", "") == text.replace(" ", ""), "all can be read"
    assert label.toolTip() == ""
    assert label.sizeHint().height() == len(label.wrapped()) * label.fontMetrics().lineSpacing()


def test_nothing_is_looked_at_for_a_window_that_is_closed(
    qtbot: QtBot, new_window: MainWindow, album: Path, out: Path
) -> None:
    show(qtbot, new_window, album)
    type_folder(qtbot, new_window, str(out))
    close(qtbot, new_window)
    new_window.export.folder.setText(str(album))
    new_window.exporting.run.finished.emit(None)  # of an export that closing has stopped
    qtbot.wait(300)
    assert "plan" not in {thread.objectName() for thread in running_qthreads()}


def test_the_list_tells_what_the_folder_holds_of_each_image(
    qtbot: QtBot, window: MainWindow, album: Path, out: Path
) -> None:
    show(qtbot, window, album)
    images = find(window, QListWidget, "images")
    assert told(images, 1).endswith("not yet analysed")
    type_folder(qtbot, window, str(out))
    export(qtbot, window, out)
    written = len([*(out / "hr").glob("coffee*")])
    assert written
    wait_for_text(qtbot, images, 1, f"coffee.png, 130 x 120 px, {written} pairs exported")
    tip = str(images.item(0).data(Qt.ItemDataRole.ToolTipRole))
    assert f"in the export folder: {len([*(out / 'hr').glob('astronaut*')])} pairs" in tip
    window.images.sort_by(Order.FEWEST)
    assert images.item(0).text() == min(
        ("astronaut.png", "coffee.png"), key=lambda name: len([*(out / "hr").glob(f"{name[:-4]}*")])
    )
    window.images.sort_by(Order.NAME)
    choose(find(window, QComboBox, "export_images"), qtbot, "this")
    plan_says(qtbot, window, "nothing is missing")
    assert told(images, 1).endswith(f"{written} pairs exported"), "whatever is exported next"
    window.model.change("min_keypoints", 3)
    wait_for_text(qtbot, images, 1, "coffee.png, 130 x 120 px, not yet analysed")
    window.model.undo()
    wait_for_text(qtbot, images, 1, f"coffee.png, 130 x 120 px, {written} pairs exported")
    (album / "coffee.png").write_bytes((album / "coffee.png").read_bytes() + b"\0")
    type_folder(qtbot, window, f"{out}/../{out.name}")
    wait_for_text(qtbot, images, 1, "coffee.png, 130 x 120 px, not yet analysed")


def test_the_next_window_knows_what_failed_in_an_export_and_why(
    qtbot: QtBot, make_window: Callable[[], MainWindow], album: Path, out: Path
) -> None:
    save(crop("coffee", 0, 0, 20, 20), album / "small.png")
    window = make_window()
    show(qtbot, window, album)
    type_folder(qtbot, window, str(out))
    export(qtbot, window, out)
    window = make_window()
    show(qtbot, window, album)
    images = find(window, QListWidget, "images")
    assert told(images, 2).endswith("not yet analysed")
    type_folder(qtbot, window, str(out))
    wait_for_text(qtbot, images, 2, "small.png, 20 x 20 px, failed")
    assert "export: the image is 20 x 20 px, smaller than one" in images.item(2).toolTip()
