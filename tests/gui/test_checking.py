"""Data sets verified and made again from the window: findings, and the way to their pairs."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from srviewer.cli import main
from srviewer.errors import Keyed, OptionError
from srviewer.export.held import look
from srviewer.export.manifest import MANIFEST
from srviewer.export.messages import outcome
from srviewer.export.plan import compare, plan
from srviewer.export.runner import export
from srviewer.export.verification.listing import Listed, ListedFindings
from srviewer.export.verification.sources import AtHand
from srviewer.export.verification.stored_pair import stored_pair
from srviewer.gui import checking
from srviewer.gui.checking import Checking
from srviewer.gui.views.findings_table import FindingsTable, shared
from srviewer.gui.views.pair_dialog import PairDialog
from srviewer.gui.views.table_view import INDENT
from srviewer.gui.window import MainWindow
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from tests.gui.helpers import TIMEOUT, copied_rows, find, open_paths
from tests.gui.test_window import trigger

LEFT = Qt.MouseButton.LeftButton
Open = Callable[[MainWindow, Path], None]


@pytest.fixture
def window(new_window: MainWindow) -> MainWindow:
    """Return a new window: what a dialog has asked stays in it until the window ends."""
    return new_window


@pytest.fixture(scope="session")
def exported(saved: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("exported") / "set"
    export([saved / "engine.png"], out, Recipe(), format="png", jobs=1)
    return out


@pytest.fixture
def data_set(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "set"))


def dialog_of(window: MainWindow, name: str, folder: Path) -> QWidget:
    """Open a dialog by its menu entry; the data set proposed is that of the export block."""
    window.export.folder.setText(str(folder))
    trigger(
        window, {"verify": "Verify a data set...", "reproduce": "Reproduce a data set..."}[name]
    )
    dialog = find(window, QWidget, f"{name}_dialog")
    assert dialog.isVisible()
    return dialog


def run(qtbot: QtBot, dialog: QWidget, checking: Checking, images: int = 0) -> str:
    """Choose the images of a row, start, wait, and return the summary."""
    find(dialog, QComboBox, f"{name_of(dialog)}_images").setCurrentIndex(images)
    start = find(dialog, QPushButton, f"{name_of(dialog)}_start")
    with qtbot.waitSignal(checking.run.finished, timeout=TIMEOUT):
        qtbot.mouseClick(start, LEFT)
    QApplication.processEvents()
    return find(dialog, QLabel, f"{name_of(dialog)}_summary").text()


def name_of(dialog: QWidget) -> str:
    return dialog.objectName().removesuffix("_dialog")


def listed(dialog: QWidget) -> list[tuple[str, ...]]:
    model = dialog.findChildren(FindingsTable)[0].listed
    return [
        tuple(model.index(row, column).data() for column in range(model.columnCount()))
        for row in range(model.rowCount())
    ]


def damage_lr(data_set: Path) -> Path:
    """Write another LR patch in the place of the first one."""
    path = sorted((data_set / "lr").iterdir())[0]
    with Image.open(path) as patch:
        pixels = np.asarray(patch)
    Image.fromarray(255 - pixels).save(path)
    return path


def test_a_sound_data_set_is_verified_by_its_images_and_the_summary_is_the_commands(
    qtbot: QtBot,
    opened: MainWindow,
    data_set: Path,
    photo_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(checking, "is_sample", lambda path: True)
        dialog = dialog_of(opened, "verify", data_set)
    box = find(dialog, QComboBox, "verify_images")
    assert box.currentText().startswith("none"), "no set of a person's is made of the sample"
    dialog_of(opened, "verify", data_set)
    assert box.currentText() == "the image in the list", "more is found out with it"
    bar = find(dialog, QProgressBar, "verify_progress")
    assert not bar.isVisible()
    told = find(dialog, QLabel, "verify_empty")
    assert told.text() == "Nothing is checked yet"
    said = run(qtbot, dialog, opened.verification, images=1)
    assert listed(dialog) == []
    assert told.text() == "Nothing is wrong"
    assert not bar.isVisible()
    count = len(list((data_set / "hr").iterdir()))
    assert said.splitlines()[2] == f"compared with what the images give: {count:,} pairs"
    qtbot.mouseClick(find(dialog, QPushButton, "verify_close"), LEFT)
    assert not dialog.isVisible()
    assert main(["verify", str(data_set), "--images", str(photo_path), "--jobs", "1"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert said.splitlines()[0].partition(";")[0] == "nothing is wrong"
    assert printed[-1].startswith("nothing is wrong; ")
    assert said.splitlines()[1] == printed[0]
    assert "verify" in opened.log.text()


def test_a_damaged_patch_is_found_and_its_pair_opens_with_the_way_to_its_window(
    qtbot: QtBot, opened: MainWindow, data_set: Path
) -> None:
    patch = damage_lr(data_set)
    dialog = dialog_of(opened, "verify", data_set)
    said = run(qtbot, dialog, opened.verification)
    assert said.startswith("wrong: ")
    (one,) = [row for row in listed(dialog) if row[0] == "checksum"]
    _, name, what, expected, found = one
    assert what == "other bytes than the export wrote"
    view = dialog.findChildren(FindingsTable)[0].view
    room = view.horizontalHeader().sectionSize(2) - 14
    assert view.fontMetrics().horizontalAdvance(what) <= room, "it is read without a hover"
    assert name == f"lr/{patch.name}"
    assert expected
    assert expected != found
    table = dialog.findChildren(FindingsTable)[0]
    row = [one[0] for one in listed(dialog)].index("checksum")
    at = table.view.visualRect(table.listed.index(row, 1)).center()
    qtbot.mouseClick(table.view.viewport(), LEFT, pos=at)
    qtbot.mouseDClick(table.view.viewport(), LEFT, pos=at)
    qtbot.waitUntil(lambda: bool(dialog.findChildren(PairDialog)), timeout=TIMEOUT)
    (pair,) = dialog.findChildren(PairDialog)
    qtbot.waitExposed(pair)
    assert "checksum" in find(pair, QLabel, "pair_wrong").text()
    lr = find(pair, QWidget, "pair_lr").grab().toImage()
    with Image.open(patch) as stored:
        wanted = stored.convert("RGB").getpixel((stored.width // 2, stored.height // 2))
    painted = lr.pixelColor(QPoint(lr.width() // 2, (lr.height() + 20) // 2 + 2))
    assert abs(painted.red() - wanted[0]) < 40  # a neighbour at most
    qtbot.mouseClick(find(pair, QPushButton, "pair_look"), LEFT)
    model = opened.model
    qtbot.waitUntil(lambda: model.selection is not None, timeout=TIMEOUT)
    assert model.selection is not None
    assert model.analysis is not None
    windows, index = model.analysis.windows, model.selection.index
    assert patch.stem.endswith(f"x{windows.x[index]:05d}_y{windows.y[index]:05d}")


def test_what_is_no_pair_shows_its_folder_and_findings_are_copied_as_csv(
    qtbot: QtBot, opened: MainWindow, data_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: shown.append(url.toLocalFile()) or True
    )
    (data_set / "hr" / "odd_x00000_y00000.png").write_bytes(b"no picture")
    dialog = dialog_of(opened, "verify", data_set)
    run(qtbot, dialog, opened.verification)
    assert [row[:2] for row in listed(dialog)] == [("extra", "hr/odd_x00000_y00000.png")]
    table = dialog.findChildren(FindingsTable)[0]
    table.view.selectRow(0)
    qtbot.keyClick(table.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(shown), timeout=TIMEOUT)
    assert shown == [str(data_set / "hr")]
    qtbot.mouseClick(table.copy_button, LEFT)
    (row,) = copied_rows()
    assert list(row) == ["kind", "name", "what", "expected", "found"]
    assert (row["kind"], row["name"]) == ("extra", "hr/odd_x00000_y00000.png")


def test_a_name_that_leads_out_of_the_data_set_shows_nothing_outside(
    window: MainWindow, data_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: shown.append(url.toLocalFile()) or True
    )
    window.verification._out = data_set
    for name in ("../../secret/a.png", "/etc/passwd", "hr/../../x", "gone/gone.png"):
        window.verification._show_file(name)
    assert set(shown) == {str(data_set)}


def test_a_data_set_is_made_again_and_a_difference_is_listed(
    qtbot: QtBot, opened: MainWindow, data_set: Path
) -> None:
    dialog = dialog_of(opened, "reproduce", data_set)
    said = run(qtbot, dialog, opened.reproduction)
    assert "every byte is the same" in said
    assert sorted(one.name for one in data_set.parent.iterdir()) == ["engine.png", "home", "set"]
    patch = damage_lr(data_set)
    said = run(qtbot, dialog, opened.reproduction)
    assert "not the same" in said
    assert opened.log.lines[-1].message.count(str(data_set)) == 1
    assert ("other values", f"lr/{patch.name}") in [row[:2] for row in listed(dialog)]


def test_a_folder_that_is_no_data_set_and_one_that_is_not_there_are_told(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    dialog = dialog_of(window, "verify", empty)
    assert "not a data set of srviewer" in run(qtbot, dialog, window.verification)
    window.verification._dialog.folder.setText(str(tmp_path / "gone"))  # type: ignore[union-attr]
    assert "no such folder" in run(qtbot, dialog, window.verification)
    refused = OptionError(Keyed("not given: leave --lr away", "leave --lr away"))
    window.verification.run.failed.emit(refused, None)
    told = find(dialog, QLabel, "verify_summary").text()
    assert told == "failed: not given: open the images without LR", "no flag in a window"


def test_what_came_of_a_check_stays_when_the_images_are_known_later(
    qtbot: QtBot, opened: MainWindow, data_set: Path, tmp_path: Path
) -> None:
    shutil.rmtree(data_set / "lr")
    dialog = dialog_of(opened, "verify", data_set)
    told = find(dialog, QLabel, "verify_summary")
    came = run(qtbot, dialog, opened.verification)
    assert came
    found = AtHand(named=1, missing=("engine.png",))
    opened.verification._dialog.show_at_hand(found)  # type: ignore[union-attr]
    assert told.text() == came
    find(dialog, QLineEdit, "verify_folder").setText(str(tmp_path / "another"))
    assert told.text() == "", "it was of the folder before"
    opened.verification._dialog.show_at_hand(found)  # type: ignore[union-attr]
    assert told.text() == found.words


def test_without_images_nothing_can_be_made_again_until_a_folder_is_chosen(
    qtbot: QtBot, window: MainWindow, data_set: Path, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = dialog_of(window, "reproduce", data_set)
    start = find(dialog, QPushButton, "reproduce_start")
    assert not start.isEnabled()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(saved))
    box = find(dialog, QComboBox, "reproduce_images")
    box.activated.emit(0)
    assert start.isEnabled()
    assert "every byte is the same" in run(qtbot, dialog, window.reproduction)


def test_it_can_be_cancelled_and_the_data_set_stays(
    qtbot: QtBot, window: MainWindow, data_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(data_set.rglob("*"))
    dialog = dialog_of(window, "verify", data_set)

    def wait(*_: object, progress: Progress, **__: object) -> None:
        progress.cancel.wait(20)
        progress.check()

    monkeypatch.setattr(window.verification, "_work", wait)
    qtbot.mouseClick(find(dialog, QPushButton, "verify_start"), LEFT)
    cancel = find(dialog, QPushButton, "verify_cancel")
    assert cancel.isEnabled()
    assert find(dialog, QProgressBar, "verify_progress").isVisible()
    with qtbot.waitSignal(window.verification.run.finished, timeout=TIMEOUT):
        qtbot.mouseClick(cancel, LEFT)
    assert find(dialog, QLabel, "verify_summary").text().startswith("cancelled")
    assert sorted(data_set.rglob("*")) == before


def test_a_line_of_the_manifest_leads_to_its_pair(data_set: Path) -> None:
    lines = (data_set / MANIFEST).read_text().splitlines()
    pair = stored_pair(data_set, f"{MANIFEST} line 3")
    assert pair is not None
    assert ",".join(pair.row) == lines[2]
    assert stored_pair(data_set, MANIFEST) is None


def test_images_without_pairs_are_told_of_and_images_by_their_number(
    qtbot: QtBot, window: MainWindow, saved: Path, tmp_path: Path
) -> None:
    folder, out = tmp_path / "album", tmp_path / "out"
    shutil.copytree(saved, folder)
    Image.new("RGB", (90, 80), "white").save(folder / "white.png")
    done = export([folder], out, Recipe(), format="png", jobs=1)
    assert (done.exported, done.with_pairs) == (3, 2)
    open_paths(qtbot, window, [folder])
    dialog = dialog_of(window, "verify", out)
    box = find(dialog, QComboBox, "verify_images")
    assert box.currentText() == "the 3 images in the list", "of one folder"
    said = run(qtbot, dialog, window.verification, images=1)
    assert f"{done.pairs:,} pairs from 2 of 3 images, png" in said
    assert look(out).pairs == done.pairs
    words = plan(look(out), compare(look(out), [folder]), Recipe(), "png").words
    assert words.startswith(f"{done.pairs:,} pairs from 2 of 3 images of this recipe; ")
    assert outcome(done).startswith(f"{done.pairs:,} pairs from 2 of 3 images in ")


def test_columns_get_what_they_need_and_the_longest_share_the_rest() -> None:
    assert shared([50, 80, 30], 200) == [50, 80, 30]
    assert shared([50, 900, 30, 400], 200) == [50, 60, 30, 60]
    assert sum(shared([900, 900, 900], 200)) <= 200


def test_each_heading_has_its_room_and_nothing_lies_beyond_the_edge(qtbot: QtBot) -> None:
    table = FindingsTable("some")
    qtbot.addWidget(table)
    table.resize(832, 300)
    table.show()
    one = Listed("unreadable", "hr/baboon_1_x00098_y00154.png", "broken data stream when reading")
    table.show_findings(ListedFindings((one,)), "")
    QApplication.processEvents()
    header = table.view.horizontalHeader()
    for section, column in enumerate(table.listed.columns):
        needed = header.fontMetrics().horizontalAdvance(column.heading) + INDENT
        assert header.sectionSize(section) >= needed, column.name
    assert header.length() == table.view.viewport().width()


def test_the_images_are_proposed_that_the_data_set_was_made_of(
    qtbot: QtBot, window: MainWindow, data_set: Path, saved: Path, tmp_path: Path
) -> None:
    others = tmp_path / "others"
    others.mkdir()
    shutil.copy(saved / "portrait.png", others / "engine.png")  # another of the same name
    open_paths(qtbot, window, [others])
    dialog = dialog_of(window, "verify", data_set)
    box = find(dialog, QComboBox, "verify_images")
    said = find(dialog, QLabel, "verify_summary")
    qtbot.waitUntil(lambda: box.currentText().startswith("none"), timeout=TIMEOUT)
    assert said.text() == "1 of the 1 image that it was made of is missing: engine.png"
    again = dialog_of(window, "reproduce", data_set)
    images = find(again, QComboBox, "reproduce_images")
    qtbot.waitUntil(lambda: images.currentText().startswith("a folder"), timeout=TIMEOUT)
    assert not find(again, QPushButton, "reproduce_start").isEnabled()
    both = tmp_path / "both"
    export([saved], both, Recipe(), format="png", jobs=1)
    open_paths(qtbot, window, [saved / "portrait.png"])
    find(dialog, QLineEdit, "verify_folder").setText(str(both))
    dialog_of(window, "verify", both)
    text = "the 2 images in the list, 1 of the 2 of the data set"
    qtbot.waitUntil(lambda: box.itemText(1) == text, timeout=TIMEOUT)
    assert said.text() == "1 of the 2 images that it was made of is missing: engine.png"
    assert box.currentIndex() == 1
    window.open_paths([saved])
    qtbot.waitUntil(lambda: window.model.entries[0].root == saved, timeout=TIMEOUT)
    dialog_of(window, "verify", both)
    qtbot.waitUntil(lambda: box.currentText() == "the 2 images in the list", timeout=TIMEOUT)
    qtbot.waitUntil(lambda: not said.text(), timeout=TIMEOUT)
