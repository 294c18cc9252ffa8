"""Every text has the room that it needs, or a tooltip, and no control reaches beyond its parent."""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QDeadlineTimer, QPoint, QRect
from PySide6.QtGui import QFontMetrics, QPainter, QPicture
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenuBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QTabBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from srviewer.gui.state.interrupted import Interrupted
from srviewer.gui.state.layers import VIEWS, Layer
from srviewer.gui.state.selection import Selected
from srviewer.gui.state.settings import ThemeChoice
from srviewer.gui.theme import styled_at_the_end
from srviewer.gui.views.chart_header import ChartHeader
from srviewer.gui.views.chart_plot import ChartPlot
from srviewer.gui.views.stage_bar import TitledButton
from srviewer.gui.views.table_view import TableView
from srviewer.gui.widgets.labels import ElidedLabel, Headline, LinesLabel
from srviewer.gui.window import MainWindow
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.recipe import KNOBS
from srviewer.wording import part_texts, size_texts
from tests.conftest import REPOSITORY
from tests.gui.helpers import TIMEOUT, known, open_paths, wait_for_analysis

SIZES = [(900, 600), (1280, 800), (2560, 1440)]
NARROWEST_PLOT = 72  # px
_TWICE = "QT_SCALE_FACTOR"


@pytest.fixture
def window(new_window: MainWindow) -> MainWindow:
    """Return a new window: its dialogs stay until it ends."""
    return new_window


def settle() -> None:
    for _ in range(6):
        QApplication.processEvents()


def visible(window: QWidget) -> Iterator[QWidget]:
    """Yield what is on the screen, without what lies behind other panels or in popups."""
    for widget in window.findChildren(QWidget):
        place = QRect(widget.mapTo(window, QPoint()), widget.size())
        on_screen = widget.isVisible() and widget.window() is window
        if on_screen and not widget.size().isEmpty() and window.rect().intersects(place):
            yield widget


def scrolls(widget: QWidget) -> bool:
    """Tell whether `widget` stands in something that can be scrolled."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QAbstractScrollArea):
        parent = parent.parentWidget()
    return parent is not None


def cut_text(widget: QWidget) -> str:
    """Return the text of `widget` where it has too little room for it, and no tooltip."""
    if widget.toolTip() or isinstance(widget, (TitledButton, QAbstractScrollArea)):
        return ""
    text, needed, room = _room(widget)
    return text if needed > room else ""


def _room(widget: QWidget) -> tuple[str, int, int]:
    """Return a text of `widget`, how much room it needs, and how much there is."""
    metrics, width = widget.fontMetrics(), widget.width()
    if isinstance(widget, ElidedLabel):
        line = max(widget.text().split("\n"), key=metrics.horizontalAdvance)
        return line, metrics.horizontalAdvance(line), widget.contentsRect().width()
    if isinstance(widget, Headline):
        written = QFontMetrics(widget.shown_font())
        return widget.text(), written.horizontalAdvance(widget.text()), width
    if isinstance(widget, ChartHeader):
        shortest = widget.details[-1]
        return shortest, metrics.horizontalAdvance(shortest), width
    if isinstance(widget, QLabel):
        return _room_of_label(widget)
    if isinstance(widget, QAbstractButton):
        return widget.text(), widget.sizeHint().width(), width + 1
    if isinstance(widget, QComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        control = QStyle.ComplexControl.CC_ComboBox
        field = widget.style().subControlRect(control, option, part, widget)
        text = widget.currentText()
        return text, metrics.horizontalAdvance(text), field.width()
    if isinstance(widget, QAbstractSpinBox):
        line = widget.lineEdit()
        return line.displayText(), *_room_of_line(line, line.displayText())
    if isinstance(widget, QLineEdit) and not isinstance(widget.parent(), QAbstractSpinBox):
        text = "" if widget.text() else widget.placeholderText()  # what is typed scrolls
        return text, *_room_of_line(widget, text)
    if isinstance(widget, QTabBar):
        last = widget.tabRect(widget.count() - 1)
        arrows = any(one.isVisible() for one in widget.findChildren(QToolButton))  # it scrolls
        return widget.tabText(widget.count() - 1), 0 if arrows else last.right(), width
    return "", 0, 0


def _room_of_label(widget: QLabel) -> tuple[str, int, int]:
    wide, width = widget.minimumSizeHint().width(), widget.width()
    if isinstance(widget, LinesLabel):
        return "", 0, 0  # it has a tooltip where it is cut
    if not widget.wordWrap() or wide > width:
        return widget.text(), wide, width
    return widget.text(), widget.heightForWidth(width), widget.height()


def _room_of_line(line: QLineEdit, text: str) -> tuple[int, int]:
    metrics, margins = QFontMetrics(line.font()), line.textMargins()
    buttons = [one for one in line.findChildren(QToolButton) if one.isVisible()]
    taken = margins.left() + margins.right() + sum(one.width() for one in buttons) + 4
    return metrics.horizontalAdvance(text), line.contentsRect().width() - taken


def too_low(button: QPushButton) -> bool:
    """Tell whether the text of `button` is cut above and below."""
    option = QStyleOptionButton()
    button.initStyleOption(option)
    part = QStyle.SubElement.SE_PushButtonContents
    room = button.style().subElementRect(part, option, button).height()
    return bool(button.text()) and room < button.fontMetrics().height()


def beyond(widget: QWidget) -> bool:
    """Tell whether `widget` reaches beyond its parent, where nothing scrolls."""
    parent = widget.parentWidget()
    if parent is None or scrolls(widget) or isinstance(parent, (QComboBox, QTabBar)):
        return False
    return not parent.rect().contains(widget.geometry())


def crowded(window: QWidget) -> Iterator[str]:
    """Yield which controls of one parent lie over each other."""
    by_parent: dict[QWidget, list[QWidget]] = {}
    for widget in visible(window):
        parent = widget.parentWidget()
        alone = isinstance(parent, (QAbstractScrollArea, QAbstractSpinBox, QComboBox, QLineEdit))
        alone = alone or isinstance(parent, (QTabBar, QMenuBar, QStackedWidget, QSplitter))
        if parent is not None and parent is not window and not alone:
            by_parent.setdefault(parent, []).append(widget)
    for parts in by_parent.values():
        for one, other in combinations(parts, 2):
            if one.geometry().intersects(other.geometry()):
                yield f"{_named(one)} over {_named(other)}"


def overlaps(window: MainWindow) -> list[str]:
    """Return which panels lie over each other, or over the middle."""
    docks = [one for one in window.docks.by_name.values() if one.is_seen]
    parts = {one.objectName(): one.geometry() for one in docks}
    parts["middle"] = window.centralWidget().geometry()
    return [
        f"{one} over {other}"
        for (one, place), (other, there) in combinations(parts.items(), 2)
        if place.intersects(there)
    ]


def _named(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName()!r} in {widget.parentWidget()}"


def scrolled(widget: QWidget) -> str:
    """Return how the area `widget` scrolls though it should not."""
    if not isinstance(widget, (QScrollArea, TableView)):
        return ""
    across, down = widget.horizontalScrollBar(), widget.verticalScrollBar()
    if across.maximum():
        return f"{across.maximum()} px lie beyond its right edge"
    if isinstance(widget, TableView):
        return ""
    inner = widget.widget()
    needed, there = inner.minimumSizeHint(), widget.viewport().height()
    tall = inner.hasHeightForWidth()
    height = inner.heightForWidth(inner.width()) if tall else needed.height()
    least = max(height, needed.height(), inner.minimumHeight())
    return "it scrolls for nothing" if down.maximum() and least <= there else ""


def crowded_plot(plot: ChartPlot) -> Iterator[str]:
    """Yield what in a plot has too little room: its bars, or figures at its axes."""
    if plot._box.width() < NARROWEST_PLOT:
        yield f"a plot of {plot._box.width():.0f} px"
    for axis in plot.axes:
        if not axis.isVisible():
            continue
        picture = QPicture()
        painter = QPainter(picture)
        painter.setFont(axis.style["tickFont"])
        _, _, texts = axis.generateDrawSpecs(painter)
        painter.end()
        for (one, _, first), (other, _, second) in combinations(texts, 2):
            if one.intersects(other):
                yield f"{first!r} over {second!r} at an axis"
        for place, _, text in texts:
            if place.left() < -1 and axis.orientation == "left":
                yield f"{text!r} is cut at an axis"
        if "\N{HORIZONTAL ELLIPSIS}" in axis.labelText:
            yield f"the name {axis.labelText!r} of an axis is cut"
        name = axis.label.mapRectToScene(axis.label.boundingRect())
        if axis.label.isVisible() and not plot.sceneRect().adjusted(-3, -9, 3, 9).contains(name):
            yield f"{axis.labelText!r} reaches beyond the plot"


def faults(window: QWidget) -> list[str]:
    """Return what is wrong, and stays so when panels have been laid out."""
    for _ in range(10):
        settle()
        found = faults_now(window)
        if not found:
            break
        QTest.qWait(100)
    return found


def faults_now(window: QWidget) -> list[str]:
    found = overlaps(window) if isinstance(window, MainWindow) else []
    found += crowded(window)
    for widget in visible(window):
        if text := cut_text(widget):
            found.append(f"{_named(widget)}: {text!r} is cut")
        if isinstance(widget, QPushButton) and too_low(widget):
            found.append(f"{_named(widget)}: {widget.text()!r} is higher than it")
        if how := scrolled(widget):
            found.append(f"{_named(widget)}: {how}")
        if isinstance(widget, ChartPlot):
            found += [f"{_named(widget.parentWidget())}: {one}" for one in crowded_plot(widget)]
        if beyond(widget):
            place = widget.geometry()
            found.append(f"{_named(widget)}: {place} beyond {widget.parentWidget().rect()}")
    return found


def faults_everywhere(window: MainWindow) -> Iterator[str]:
    """Yield what is wrong at each stage and with each panel before the others."""

    def here(name: str) -> Iterator[str]:
        yield from (f"{name}: {one}" for one in faults(window))

    window.recipe.close_groups(("Keypoints", "Box", "Metrics"))
    window.export.choices.button.setChecked(False)
    for view in VIEWS:
        window.choose_view(view.name)
        yield from here(f"stage {view.name}")
    window.choose_view("patches")
    progress = window.export.progress
    progress.begin()
    yield from here("an export")
    progress.stop("454 pairs of 12 images in 3.2 s", folder=True)
    yield from here("an export that has ended")
    progress.clear()
    for name in ("gallery", "windows", "matches", "compare", "displacement", "log", "charts"):
        window.docks.by_name[name].open()
        yield from here(name)
    window.model.show_layer(Layer.HEAT, True)
    for selected in (Selected("window", int(in_the_box(window)[0])), Selected("match", 0)):
        window.model.select(selected, go_there=True)
        window.docks.show_inspector()
        yield from here(f"inspector of a {selected.kind}")
    window.model.select(None)
    window.recipe.close_groups(())
    window.export.choices.button.setChecked(True)
    yield from here("all knobs and choices")
    window.model.show_data_set(True)
    yield from here("data set")


def in_the_box(window: MainWindow) -> Ints:
    return np.flatnonzero(known(window).patches.candidates)


def survey(window: MainWindow) -> None:
    """Let the data set's page have all its figures."""
    window.model.show_data_set(True)
    data_set = window.data_set
    data_set.start_survey()
    deadline = QDeadlineTimer(TIMEOUT)
    while not data_set.is_current and not deadline.hasExpired():
        QTest.qWait(20)
    assert data_set.is_current


def pulled_heights(window: MainWindow) -> list[int]:
    """Return how high the data set's charts are under one threshold after the other."""
    heights = []
    for threshold in (3, 10, 25, 99):
        window.model.change("min_keypoints", threshold)
        deadline = QDeadlineTimer(TIMEOUT)
        while not window.data_set.is_current and not deadline.hasExpired():
            QTest.qWait(5)
        settle()
        heights.append(window.data_set_view.charts.height())
    return heights


@pytest.mark.parametrize(
    ("theme", "sizes"),  # which differ in colours alone, and in the style sheet's few sizes
    [("dark", SIZES), ("light", SIZES[:1])],
    ids=["dark", "light"],
)
def test_nothing_is_cut_and_nothing_lies_beyond(
    qtbot: QtBot,
    window: MainWindow,
    photo_path: Path,
    other_path: Path,
    theme: ThemeChoice,
    sizes: list[tuple[int, int]],
) -> None:
    window.use_theme(theme)
    window.resize(*SIZES[0])
    assert not faults(window), "without an image"
    open_paths(qtbot, window, [photo_path, other_path])
    wait_for_analysis(qtbot, window, photo_path)
    for size in sizes:
        window.resize(*size)
        assert not list(faults_everywhere(window)), size
    if theme == "dark":
        survey(window)
        for size in reversed(sizes):
            window.resize(*size)
            assert not faults(window), f"surveyed, {size}"
            pulled_heights(window)  # the longest words have been seen then
            assert len(set(pulled_heights(window))) == 1, "nothing moves below the pointer"
    window.use_theme("system")


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, photo_path: Path, other_path: Path) -> MainWindow:
    """Return the window at its least size, with two photographs."""
    window.resize(*SIZES[0])
    open_paths(qtbot, window, [photo_path, other_path])
    wait_for_analysis(qtbot, window, photo_path)
    return window


def test_axes_of_charts_that_were_behind_others_are_named_by_the_room_they_have(
    opened: MainWindow,
) -> None:
    settle()
    opened.model.show_data_set(True)
    settle()
    opened.choose_view("patches")  # in one row for a moment, before they are behind another
    opened.model.select(Selected("window", int(in_the_box(opened)[0])), go_there=True)
    opened.docks.show_inspector()
    settle()
    opened.docks.by_name["charts"].open()
    settle()
    plots = [one for one in opened.findChildren(ChartPlot) if one.isVisible()]
    assert len(plots) == 4
    assert not [fault for plot in plots for fault in crowded_plot(plot)]


def test_an_offer_has_room_for_its_words_in_a_narrow_window(opened: MainWindow) -> None:
    folder = Path("/data/photographs of the project that is longer than most of them are/pairs")
    one = Interrupted("export", (folder / "a.png",), opened.model.recipe, folder)
    opened.settings.interrupted = one
    opened.leaving.offer()
    settle()
    assert not faults(opened)
    (words,) = (one for one in opened.offer.findChildren(QLabel) if "not come" in one.text())
    assert words.height() >= words.heightForWidth(words.width())


def test_rows_have_the_sizes_of_the_style_sheet_that_is_laid_over_the_window_at_the_end(
    window: MainWindow,
) -> None:
    export, reset = window.export, window.recipe.findChild(QPushButton, "reset_all")
    rows = (
        (export.button, export.copy_as),
        (export.folder, export.folder.browse, export.images, export.format),
        (window.images.search, window.images.sort_button),
    )
    for row in rows:
        assert {one.maximumHeight() for one in row} == {max(one.sizeHint().height() for one in row)}
    assert reset is not None
    narrow = reset.sizeHint().width()
    reset.setText(f"Reset {len(KNOBS)}")
    assert narrow < reset.minimumWidth() == reset.sizeHint().width()


def test_the_style_sheet_stays_where_building_fails(window: MainWindow) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = app.styleSheet()

    def fail() -> None:
        with styled_at_the_end(window):
            assert not app.styleSheet()
            raise RuntimeError("a part could not be made")

    with pytest.raises(RuntimeError):
        fail()
    assert before
    assert app.styleSheet() == before


def test_a_message_at_the_bottom_is_cut_in_its_middle(window: MainWindow) -> None:
    window.resize(*SIZES[0])
    settle()
    window.messages.note("reproduce " + "/a/long/path" * 20 + ": every byte is the same")
    shown = window.status.currentMessage()
    metrics = window.status.fontMetrics()
    assert metrics.horizontalAdvance(shown) < window.zoom.x() - 6
    assert shown.startswith("reproduce /a/long")
    assert shown.endswith("is the same")
    window.messages.note("short")
    assert window.status.currentMessage() == "short"


def test_nothing_is_cut_in_dialogs(window: MainWindow) -> None:
    before = set(QApplication.topLevelWidgets())
    shown = window.help.show_keys, window.help.show_numbers, window.verification.show
    for show in (*shown, window.reproduction.show):
        show()
    settle()
    dialogs = [one for one in QApplication.topLevelWidgets() if one not in before]
    dialogs = [one for one in dialogs if isinstance(one, QDialog)]
    assert len(dialogs) == 4
    for one in dialogs:
        for size in (one.size(), one.minimumSize()):
            one.resize(size)
            assert not faults(one), one.windowTitle()
        one.close()


_WITH_TWO_PIXELS = """
import sys
from pathlib import Path
from srviewer.gui.app import make_application
from srviewer.gui.snapshot import wait_for_analysis
from srviewer.gui.window import MainWindow
from tests.gui.test_room import faults_everywhere

make_application(offscreen=True)
window = MainWindow()
window.show()
assert window.devicePixelRatioF() == 2
window.open_paths([Path(one) for one in sys.argv[1:]])
wait_for_analysis(window)
window.resize(900, 600)
print(*faults_everywhere(window), sep="\\n", end="")
window.leaving.at_once()
"""


def test_nothing_is_cut_with_two_device_pixels_a_pixel(photo_path: Path, other_path: Path) -> None:
    # The factor is read once, before there is an application: another process.
    command = [sys.executable, "-c", _WITH_TWO_PIXELS, str(photo_path), str(other_path)]
    env = os.environ | {_TWICE: "2", "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
@pytest.mark.parametrize(
    ("texts", "start", "end"),
    [
        (size_texts((12000, 8000)), "12000", "8000 px"),
        (part_texts(29_123, 430_000), "29,123", ""),
        (("13,680, 21.3 dB", "13,680"), "13,680", ""),
        (("x4 torch_antialias bicubic",), "x4", "ic"),
    ],
)
def test_a_stage_cuts_a_name_in_the_middle_and_never_a_unit(
    window: MainWindow,
    size: tuple[int, int],
    texts: tuple[str, ...],
    start: str,
    end: str,
    painted_texts: list[str],
) -> None:
    window.resize(*size)
    settle()
    button = window.findChild(TitledButton, "stage_source")
    assert isinstance(button, TitledButton)
    button.say(*texts)
    del painted_texts[:]
    button.grab()
    (shown,) = [one for one in painted_texts if one and one not in ("1  Source",)]
    room = button.width() - 16
    assert button.fontMetrics().horizontalAdvance(shown) <= room
    assert shown.startswith(start)
    assert shown.endswith(end)
    assert shown in texts or "\N{HORIZONTAL ELLIPSIS}" in shown[1:-1]
