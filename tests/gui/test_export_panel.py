"""Exporting from the window: the same bytes as the command line, and nothing half-written."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStyle,
    QStyleOptionButton,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from srviewer.cli import main
from srviewer.gui.jobs.long_run import ImagesRun
from srviewer.gui.panels.export_folder import FolderDialog
from srviewer.gui.panels.export_progress import ExportProgress
from srviewer.gui.window import MainWindow
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipe_file import load_recipe
from tests.export.helpers import tree
from tests.gui.conftest import close
from tests.gui.helpers import TIMEOUT, find, open_paths, stage_counts, wait_for_analysis
from tests.gui.test_window import banner_text, numbers
from tests.photos import crop, save

Open = Callable[[MainWindow, Path], None]


def choose(combo: QComboBox, qtbot: QtBot, text: str) -> None:
    """Choose the entry that begins with `text` with the keys."""
    row = next(row for row in range(combo.count()) if combo.itemText(row).startswith(text))
    while combo.currentIndex() != row:
        qtbot.keyClick(combo, Qt.Key.Key_Down if combo.currentIndex() < row else Qt.Key.Key_Up)


def open_all(qtbot: QtBot, window: MainWindow, images: list[Path]) -> None:
    """Open `images`, wait until the first is analysed, and choose to export all of them."""
    open_paths(qtbot, window, images)
    wait_for_analysis(qtbot, window, images[0])
    choose(find(window, QComboBox, "export_images"), qtbot, f"all {len(images)}")


def press(qtbot: QtBot, window: MainWindow, name: str) -> None:
    button = find(window, QPushButton, name)
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_long_outcome_is_read_by_the_keys_alone(qtbot: QtBot) -> None:
    progress = ExportProgress(ImagesRun("export"))
    qtbot.addWidget(progress)
    progress.resize(280, progress.height())
    progress.show()
    area = progress.findChild(QScrollArea, "export_words")
    progress.stop("done")
    QApplication.processEvents()
    assert area.focusPolicy() == Qt.FocusPolicy.NoFocus, "nothing to scroll"
    progress.stop("what came of it " * 30)
    qtbot.waitUntil(lambda: area.focusPolicy() == Qt.FocusPolicy.TabFocus, timeout=TIMEOUT)
    qtbot.keyClick(area, Qt.Key.Key_Down)
    assert area.verticalScrollBar().value() > 0


@pytest.mark.parametrize("name", ["open_folder", "export_suit", "pause_export", "cancel_export"])
def test_a_button_beside_the_outcome_has_room_for_its_text(window: MainWindow, name: str) -> None:
    button = find(window, QPushButton, name)
    for focused in (False, True):
        option = QStyleOptionButton()
        button.initStyleOption(option)
        option.state |= QStyle.StateFlag.State_HasFocus if focused else QStyle.StateFlag.State_None
        element = QStyle.SubElement.SE_PushButtonContents
        room = button.style().subElementRect(element, option, button)
        assert room.height() >= button.fontMetrics().height(), "it is cut to that"


def runs(window: MainWindow) -> bool:
    return find(window, QPushButton, "cancel_export").isEnabled()


def wait_for_end(qtbot: QtBot, window: MainWindow) -> None:
    button = find(window, QPushButton, "export")
    qtbot.waitUntil(lambda: not runs(window) and button.isEnabled(), timeout=TIMEOUT)


def export(qtbot: QtBot, window: MainWindow, out: Path) -> None:
    """Export into `out` with the button, and wait for the end."""
    find(window, QLineEdit, "export_folder").setText(str(out))
    press(qtbot, window, "export")
    assert runs(window)
    wait_for_end(qtbot, window)


def summary(window: MainWindow) -> str:
    label = find(window, QLabel, "export_summary")
    return label.text() if label.isVisible() else ""


def begin(qtbot: QtBot, window: MainWindow, images: list[Path], out: Path, done: int) -> None:
    """Export all `images` in two processes until `done` of them are done."""
    open_all(qtbot, window, images)
    find(window, QLineEdit, "export_folder").setText(str(out))
    window.export_settings.use("jobs", 2)
    press(qtbot, window, "export")
    bar = find(window, QProgressBar, "export_progress")
    count = len(images)
    qtbot.waitUntil(lambda: bar.maximum() == count and bar.value() >= done, timeout=TIMEOUT)


def begin_many_pairs(qtbot: QtBot, window: MainWindow, image: Path, out: Path) -> QProgressBar:
    """Export 13,000 pairs of one image, which take seconds to write, until some are written.

    The image is made for that.
    """
    save(crop("motorcycle", 0, 0, 430, 330), image)
    recipe = Recipe(min_keypoints=0, keypoint_scope="image", crop="whole", stride=3)
    window.model.set_recipe(recipe)
    open_paths(qtbot, window, [image])
    wait_for_analysis(qtbot, window, image)
    choose(find(window, QComboBox, "export_format"), qtbot, "png")
    find(window, QLineEdit, "export_folder").setText(str(out))
    press(qtbot, window, "export")
    bar = find(window, QProgressBar, "export_progress")
    qtbot.waitUntil(lambda: bar.maximum() > 13_000 and bar.value() > 0, timeout=TIMEOUT)
    return bar


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def three(tmp_path: Path, photo_path: Path, other_path: Path) -> list[Path]:
    third = save(crop("chelsea", 60, 40, 300, 240), tmp_path / "cat.png")
    return [photo_path, other_path, third]


def test_there_is_nothing_to_export_without_an_image(window: MainWindow) -> None:
    assert not find(window, QPushButton, "export").isEnabled()
    assert not find(window, QPushButton, "cancel_export").isEnabled()


def test_pairs_go_below_the_home_unless_a_person_says_otherwise(
    window: MainWindow, own_home: Path
) -> None:
    folder = Path(find(window, QLineEdit, "export_folder").text()).expanduser()
    assert own_home in folder.parents


@pytest.mark.parametrize("format", ["bmp", "png"])
def test_the_button_writes_the_same_bytes_as_the_command_line(
    qtbot: QtBot, opened: MainWindow, photo_path: Path, out: Path, format: str
) -> None:
    opened.model.change("min_keypoints", 6)
    choose(find(opened, QComboBox, "export_format"), qtbot, format)
    export(qtbot, opened, out / "window")
    flags = ["--out", str(out / "cli"), "--format", format, "--min-keypoints", "6"]
    assert main(["export", str(photo_path), *flags]) == 0
    mine, theirs = tree(out / "window"), tree(out / "cli")
    assert len([name for name in mine if name.startswith("hr/")]) > 10
    assert mine == theirs


def test_all_images_are_exported_as_the_command_line_does_it(
    qtbot: QtBot, window: MainWindow, three: list[Path], out: Path
) -> None:
    open_all(qtbot, window, three)
    progress: list[str] = []
    bar = find(window, QProgressBar, "export_progress")
    bar.valueChanged.connect(lambda value: progress.append(f"{value} of {bar.maximum()}"))
    export(qtbot, window, out / "window")
    assert main(["export", *map(str, three), "--out", str(out / "cli")]) == 0
    assert tree(out / "window") == tree(out / "cli")
    assert {"1 of 3", "2 of 3"} <= set(progress)
    assert not bar.isVisible()


def test_the_summary_says_how_many_pairs_and_how_fast(
    qtbot: QtBot, opened: MainWindow, out: Path
) -> None:
    kept = numbers(stage_counts(opened)["patches"])[0]
    assert kept > 0
    export(qtbot, opened, out)
    assert len(list((out / "hr").iterdir())) == kept
    assert f"{kept} pairs" in summary(opened)
    assert "1 image" in summary(opened)
    assert "pairs/s" in summary(opened)
    assert "; set For to what reads them" in summary(opened), "no flag in a window"
    assert banner_text(opened) == ""


def test_the_choice_of_all_images_outlives_an_export_and_a_look_at_another_image(
    qtbot: QtBot, window: MainWindow, three: list[Path], out: Path
) -> None:
    open_paths(qtbot, window, three)
    wait_for_analysis(qtbot, window, three[0])
    images = find(window, QComboBox, "export_images")
    assert images.currentText() == "this image"
    choose(images, qtbot, "all 3")
    export(qtbot, window, out)
    assert images.currentText() == "all 3 images"
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    assert images.currentText() == "all 3 images"
    wait_for_analysis(qtbot, window, three[1])


def test_the_one_image_that_is_shown_is_the_one_that_is_exported(
    qtbot: QtBot, window: MainWindow, three: list[Path], out: Path
) -> None:
    open_paths(qtbot, window, three)
    wait_for_analysis(qtbot, window, three[0])
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    wait_for_analysis(qtbot, window, three[1])
    export(qtbot, window, out)
    assert {path.stem for path in (out / "meta").iterdir()} == {"portrait"}


def test_the_folder_can_be_opened_after_the_export(
    qtbot: QtBot,
    window: MainWindow,
    photo_path: Path,
    analysed: Open,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    analysed(window, photo_path)
    assert not find(window, QPushButton, "open_folder").isVisible()
    export(qtbot, window, out)
    press(qtbot, window, "open_folder")
    assert opened == [str(out.resolve())]


def test_the_recipe_in_the_folder_is_the_one_on_screen(
    qtbot: QtBot, opened: MainWindow, photo_path: Path, out: Path
) -> None:
    opened.model.change("error_margin", 0.1)
    opened.model.change("keypoint_scope", "image")
    wait_for_analysis(qtbot, opened, photo_path)
    export(qtbot, opened, out)
    assert load_recipe(out / "recipe.toml") == opened.model.recipe


def test_without_a_choice_the_pairs_go_into_the_folder_that_is_shown(
    qtbot: QtBot, opened: MainWindow, own_home: Path
) -> None:
    press(qtbot, opened, "export")
    wait_for_end(qtbot, opened)
    shown = Path(find(opened, QLineEdit, "export_folder").text()).expanduser()
    assert own_home in shown.parents
    assert assert_nothing_is_half_written(shown) == {"engine"}


def test_a_second_export_keeps_what_is_done(qtbot: QtBot, opened: MainWindow, out: Path) -> None:
    export(qtbot, opened, out)
    before = tree(out)
    export(qtbot, opened, out)
    assert tree(out) == before
    assert "1 image" in summary(opened)
    assert "already" in summary(opened)


# Cancelling


def assert_nothing_is_half_written(out: Path) -> set[str]:
    """Fail unless files and manifest agree and each image is whole; return the images done."""
    files = tree(out)
    assert not [name for name in files if name.endswith(".part")]
    with open(out / "manifest.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    listed = {row[side] for row in rows for side in ("hr", "lr")}
    there = {name for name in files if name.startswith(("hr/", "lr/"))}
    assert there == listed
    done = {Path(name).stem for name in files if name.startswith("meta/")}
    assert {Path(row["image"]).stem for row in rows} <= done
    return done


@pytest.fixture
def many(views: list[Path], tmp_path: Path) -> list[Path]:
    return [Path(shutil.copy(path, tmp_path)) for path in views]


def test_a_cancelled_export_leaves_whole_images_only_and_can_be_finished_later(
    qtbot: QtBot,
    window: MainWindow,
    many: list[Path],
    out: Path,
    of_command_line: dict[str, bytes],
) -> None:
    begin(qtbot, window, many, out, 2)
    press(qtbot, window, "cancel_export")
    assert not find(window, QPushButton, "cancel_export").isEnabled(), "asked once is enough"
    wait_for_end(qtbot, window)
    assert "cancelled" in summary(window)
    done = assert_nothing_is_half_written(out)
    assert 2 <= len(done) < 16
    assert summary(window).count(f"{len(done)} images") == 1

    export(qtbot, window, out)
    assert len(assert_nothing_is_half_written(out)) == 16
    assert tree(out) == of_command_line


def test_one_image_is_cancelled_between_two_of_its_pairs(
    qtbot: QtBot, window: MainWindow, many: list[Path], out: Path
) -> None:
    begin_many_pairs(qtbot, window, many[0], out)
    qtbot.waitUntil(lambda: any((out / "hr").glob("*")), timeout=TIMEOUT)
    assert "of 13," in summary(window), "how many of how many"
    press(qtbot, window, "cancel_export")
    wait_for_end(qtbot, window)
    assert "cancelled" in summary(window)
    assert assert_nothing_is_half_written(out) == set()
    assert not [name for name in tree(out) if name.startswith(("hr/", "lr/", "meta/"))]


def test_the_window_can_be_closed_while_it_exports(
    qtbot: QtBot, new_window: MainWindow, many: list[Path], out: Path
) -> None:
    begin(qtbot, new_window, many, out, 1)
    close(qtbot, new_window)
    assert 1 <= len(assert_nothing_is_half_written(out)) < 16


def test_a_change_of_recipe_during_an_export_does_not_reach_it(
    qtbot: QtBot, window: MainWindow, three: list[Path], out: Path
) -> None:
    open_all(qtbot, window, three)
    find(window, QLineEdit, "export_folder").setText(str(out))
    press(qtbot, window, "export")
    window.model.change("scale", 2)
    wait_for_analysis(qtbot, window, three[0])
    wait_for_end(qtbot, window)
    assert load_recipe(out / "recipe.toml").scale == 4
    words = ["export", "--jobs", "1", *map(str, three)]
    assert main([*words, "--out", str(out.with_name("cli"))]) == 0
    assert tree(out) == tree(out.with_name("cli"))


# When it does not go as a person thought


def ask_in(window: MainWindow) -> QMessageBox:
    return find(window, QMessageBox, "replace_box")


@pytest.mark.parametrize("answer", ["Keep them", "Replace"])
def test_pairs_of_another_recipe_are_kept_or_replaced_as_a_person_says(
    qtbot: QtBot, opened: MainWindow, photo_path: Path, out: Path, answer: str
) -> None:
    export(qtbot, opened, out)
    (out / "mine.txt").write_text("not the program's")
    before = tree(out)
    opened.model.change("min_keypoints", 3)
    press(qtbot, opened, "export")
    qtbot.waitUntil(lambda: bool(opened.findChildren(QMessageBox)), timeout=TIMEOUT)
    box = ask_in(opened)
    assert "Keypoints, at least 10 there, 3 here" in box.text()
    count = len(list((out / "hr").iterdir()))
    assert f"Replace the {count:,} pairs there" in box.informativeText()
    assert box.defaultButton().text() == "Keep them"
    (button,) = [one for one in box.buttons() if one.text().startswith(answer)]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    wait_for_end(qtbot, opened)
    qtbot.waitUntil(lambda: not opened.findChildren(QMessageBox), timeout=TIMEOUT)
    if answer == "Keep them":
        assert tree(out) == before
        return
    qtbot.waitUntil(lambda: "pairs/s" in summary(opened) and not runs(opened), timeout=TIMEOUT)
    fresh = out.with_name("fresh")
    assert main(["export", str(photo_path), "--out", str(fresh), "--min-keypoints", "3"]) == 0
    assert tree(out) == tree(fresh) | {"mine.txt": b"not the program's"}


def test_escape_keeps_the_pairs(qtbot: QtBot, opened: MainWindow, out: Path) -> None:
    export(qtbot, opened, out)
    before = tree(out)
    choose(find(opened, QComboBox, "export_format"), qtbot, "bmp")
    press(qtbot, opened, "export")
    qtbot.waitUntil(lambda: bool(opened.findChildren(QMessageBox)), timeout=TIMEOUT)
    qtbot.keyClick(ask_in(opened), Qt.Key.Key_Escape)
    wait_for_end(qtbot, opened)
    assert tree(out) == before


def test_a_folder_that_cannot_be_made_says_why(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    place = tmp_path / "file" / "pairs"
    export(qtbot, opened, place)
    for text in (banner_text(opened), summary(opened)):
        assert str(tmp_path / "file") in text
        assert "Not a directory" in text
    export(qtbot, opened, tmp_path / "good")
    assert (tmp_path / "good" / "manifest.csv").exists()


@pytest.mark.parametrize("text", ["", "   "])
def test_no_folder_at_all_is_told(qtbot: QtBot, opened: MainWindow, text: str) -> None:
    find(opened, QLineEdit, "export_folder").setText(text)
    press(qtbot, opened, "export")
    assert "folder" in banner_text(opened)
    assert not runs(opened)


def test_a_bad_image_among_good_ones_is_named_and_the_others_are_done(
    qtbot: QtBot, window: MainWindow, three: list[Path], tmp_path: Path, out: Path
) -> None:
    bad = tmp_path / "broken.png"
    bad.write_text("no picture")
    open_all(qtbot, window, [*three, bad])
    export(qtbot, window, out)
    assert "broken.png" in banner_text(window)
    assert "not an image" in banner_text(window)
    assert "3 images" in summary(window)
    assert assert_nothing_is_half_written(out) == {"engine", "portrait", "cat"}


def test_an_image_without_pairs_says_why(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, analysed: Open, out: Path
) -> None:
    path = save(crop("rocket", 100, 80, 200, 200), tmp_path / "sky.png")
    analysed(window, path)
    assert numbers(stage_counts(window)["patches"])[0] == 0
    reason = window.model.analysis.box.reason
    assert reason
    export(qtbot, window, out)
    assert "no pairs" in summary(window)
    assert reason in summary(window)
    assert assert_nothing_is_half_written(out) == {"sky"}


def test_the_folder_is_chosen_by_dialog(
    qtbot: QtBot, window: MainWindow, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choose(dialog: FolderDialog) -> int:
        """Type a name, as a person does, and take it where it may be taken."""
        dialog.show()
        find(dialog, QLineEdit, "fileNameEdit").setText("out")
        (accept,) = [one for one in dialog.findChildren(QPushButton) if "Choose" in one.text()]
        accept.click()
        return dialog.result()

    monkeypatch.setattr(FolderDialog, "exec", choose)
    folder = find(window, QLineEdit, "export_folder")
    folder.setText(str(out / "not" / "there"))
    (browse,) = [
        button
        for button in folder.parentWidget().findChildren(QToolButton)
        if button.toolTip() == "choose the folder"
    ]
    qtbot.mouseClick(browse, Qt.MouseButton.LeftButton)
    assert folder.text() == str(out), "a new one, in the nearest folder that is there"
    assert not out.exists()
    monkeypatch.setattr(FolderDialog, "exec", lambda dialog: 0)
    qtbot.mouseClick(browse, Qt.MouseButton.LeftButton)
    assert folder.text() == str(out)


def test_ctrl_e_exports(qtbot: QtBot, opened: MainWindow, out: Path) -> None:
    find(opened, QLineEdit, "export_folder").setText(str(out))
    qtbot.keyClick(opened, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert runs(opened)
    wait_for_end(qtbot, opened)
    assert (out / "manifest.csv").exists()
