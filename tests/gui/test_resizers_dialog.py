"""Resizers compared: the figures are the libraries', any two are seen, one can be taken."""

from itertools import permutations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableWidget
from pytestqt.qtbot import QtBot
from skimage.metrics import peak_signal_noise_ratio

from srviewer.gui.state.layers import Arrangement
from srviewer.gui.views.resizers_dialog import ResizersDialog
from srviewer.gui.window import MainWindow
from srviewer.pipeline import resizers_compared
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.resizing import resize
from tests.gui.helpers import TIMEOUT, find, inside, known, pixels

RESIZERS = [("pil", "bicubic"), ("opencv", "bicubic"), ("pil", "nearest"), ("matlab", "nearest")]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare four: what more of them would show, the pipeline's own tests hold."""
    monkeypatch.setattr(resizers_compared, "every_resizer", lambda: iter(RESIZERS))


def compared(qtbot: QtBot, window: MainWindow) -> ResizersDialog:
    window.compare_resizers()
    dialog = find(window, ResizersDialog, "resizers_dialog")
    qtbot.waitUntil(lambda: dialog.found is not None, timeout=TIMEOUT)
    return dialog


def click_cell(qtbot: QtBot, table: QTableWidget, row: int, column: int) -> None:
    at = table.visualItemRect(table.item(row, column)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)


def outputs(window: MainWindow) -> list[np.ndarray]:
    pair = known(window).pair
    size = pair.lr.shape[1], pair.lr.shape[0]
    how = [{"resizer": one, "filter": name, "quantize_after": True} for one, name in RESIZERS]
    return [resize(pair.hr, size, **one) for one in how]  # type: ignore[arg-type]


def test_figures_and_effects_are_those_of_libraries_and_pipeline(
    qtbot: QtBot, opened: MainWindow
) -> None:
    dialog, made = compared(qtbot, opened), outputs(opened)
    assert dialog.status.text() == "4 resizers, to 62 x 50 px, 4 times smaller."
    for row, column in permutations(range(4), 2):
        item = dialog.matrix.item(row, column)
        same = np.array_equal(made[row], made[column])
        psnr = 0.0 if same else peak_signal_noise_ratio(made[row], made[column], data_range=255)
        assert item.text() == ("=" if same else f"{psnr:.1f}")
        says = "identical" if same else f"PSNR {psnr:.2f} dB, SSIM 0."
        assert says in item.data(Qt.ItemDataRole.AccessibleTextRole)
    assert dialog.matrix.item(2, 3).text() == "="
    assert dialog.matrix.verticalHeaderItem(1).text() == "2  opencv bicubic"
    a = known(opened)
    mine = [dialog.effects.item(0, column).text() for column in range(5)]
    counts = (len(a.keypoints.lr), len(a.matches), a.consistent.kept.sum(), a.patches.kept.sum())
    assert mine == ["1  pil bicubic", *(f"{one:,}" for one in counts)]
    dialog.reject()


def test_a_cell_shows_these_two_and_one_is_taken(qtbot: QtBot, opened: MainWindow) -> None:
    dialog, before = compared(qtbot, opened), opened.model.recipe
    canvas, matrix = dialog.two.canvas, dialog.matrix
    assert matrix.currentRow() == 0  # that of the recipe
    assert not dialog.use.isEnabled()
    ways = dialog.two.arrangement
    ways.setFocus()
    QTest.keyClick(ways, Qt.Key.Key_End)
    assert canvas.arrangement is Arrangement.DIFFERENCE
    click_cell(qtbot, matrix, 2, 3)
    assert dialog.two.words.text() == "pil nearest and matlab nearest: identical"
    middle = QPoint(canvas.width() // 2, canvas.height() // 2)
    alike = pixels(canvas)[middle.y() - 20 : middle.y() + 20, middle.x() - 20 : middle.x() + 20]
    assert len(np.unique(alike.reshape(-1, 3), axis=0)) == 1
    QTest.keyClick(matrix, Qt.Key.Key_Up)
    assert dialog.two.words.text().startswith("opencv bicubic and matlab nearest: PSNR")
    apart = pixels(canvas)[middle.y() - 20 : middle.y() + 20, middle.x() - 20 : middle.x() + 20]
    assert len(np.unique(apart.reshape(-1, 3), axis=0)) > 4
    assert dialog.effects.currentRow() == 1
    click_cell(qtbot, dialog.effects, 3, 2)
    assert (matrix.currentRow(), matrix.currentColumn()) == (3, 3)
    assert dialog.use.text() == "Use matlab nearest"
    qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    assert opened.model.recipe == before.replace(resizer="matlab", filter="nearest")
    opened.model.undo()
    assert opened.model.recipe == before == Recipe()


def test_space_flips_as_the_button_does(qtbot: QtBot, opened: MainWindow) -> None:
    dialog = compared(qtbot, opened)
    canvas, two = dialog.two.canvas, dialog.two
    canvas.show_as(arrangement=Arrangement.SWIPE)
    click_cell(qtbot, dialog.matrix, 0, 2)
    swiped = inside(pixels(canvas))
    QTest.keyPress(dialog.matrix, Qt.Key.Key_Space)
    flipped = inside(pixels(canvas))
    QTest.keyRelease(dialog.matrix, Qt.Key.Key_Space)
    assert np.array_equal(inside(pixels(canvas)), swiped)
    qtbot.mouseClick(two.flip, Qt.MouseButton.LeftButton)
    assert np.array_equal(inside(pixels(canvas)), flipped)
    assert not np.array_equal(swiped, flipped)
    half = canvas.width() // 2 + 4
    lower = canvas.height() // 4  # below the captions
    assert np.array_equal(swiped[lower:, half:], flipped[lower:, half:])
    dialog.reject()


def test_a_size_is_typed_and_a_run_is_cancelled(qtbot: QtBot, opened: MainWindow) -> None:
    dialog = compared(qtbot, opened)
    first = dialog.found
    for box, side in ((dialog.width_box, "9"), (dialog.height_box, "10")):
        box.setFocus()
        box.selectAll()
        QTest.keyClicks(box, side)
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(dialog.stop, Qt.MouseButton.LeftButton)
    assert dialog.status.text().startswith("Stopped")
    assert dialog.start.isEnabled()
    QApplication.processEvents()
    assert dialog.found is first
    QTest.keyClick(dialog.height_box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.found is not first, timeout=TIMEOUT)
    assert dialog.found is not None
    assert dialog.found.size == (9, 10)
    assert "no pairs are made" in dialog.status.text()
    assert dialog.effects.item(0, 4).text() == "-"
    dialog.measure.setFocus()
    QTest.keyClick(dialog.measure, Qt.Key.Key_Down)
    assert dialog.matrix.item(0, 1).text() == "-"  # smaller than SSIM's window
    assert "smaller than its window" in dialog.matrix.item(0, 1).toolTip()
    dialog.reject()


def test_what_cannot_be_compared_is_told(qtbot: QtBot, opened: MainWindow) -> None:
    opened.model.change("patch", 256)
    opened.compare_resizers()
    dialog = find(opened, ResizersDialog, "resizers_dialog")
    qtbot.waitUntil(lambda: "smaller than one patch" in dialog.status.text(), timeout=TIMEOUT)
    assert (dialog.start.isEnabled(), dialog.use.isEnabled()) == (True, False)
    dialog.reject()


def test_without_an_image_there_is_nothing_to_compare(window: MainWindow) -> None:
    window.compare_resizers()
    dialog = find(window, ResizersDialog, "resizers_dialog")
    assert dialog.status.text().startswith("No image yet")
    assert not any(one.isEnabled() for one in (dialog.start, dialog.stop, dialog.use))
    dialog.reject()


def test_the_order_is_seen_without_any_colour_and_all_figures_are_read(
    qtbot: QtBot, opened: MainWindow
) -> None:
    dialog = compared(qtbot, opened)
    assert dialog.found is not None
    seen = []
    for row, column in permutations(range(4), 2):
        item = dialog.matrix.item(row, column)
        ground, ink = (_luminance(one.color()) for one in (item.background(), item.foreground()))
        bright, dark = max(ground, ink), min(ground, ink)
        assert (bright + 0.05) / (dark + 0.05) >= 4.5
        seen.append((dialog.found.psnr[row, column], ground))
    seen.sort()
    assert [ground for _, ground in seen] == sorted(ground for _, ground in seen)
    assert seen[-1][1] > 5 * seen[0][1]
    dialog.reject()


def _luminance(color: object) -> float:
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4
        for one in color.getRgbF()[:3]  # type: ignore[attr-defined]
    )
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def test_no_heading_is_cut_beside_a_small_window(qtbot: QtBot, opened: MainWindow) -> None:
    opened.resize(900, 600)
    dialog = compared(qtbot, opened)
    header = dialog.effects.horizontalHeader()
    for column in range(dialog.effects.columnCount()):
        text = dialog.effects.horizontalHeaderItem(column).text()
        room = header.sectionSize(column) - 6
        assert header.fontMetrics().horizontalAdvance(text) <= room, text
    dialog.accept()
