"""The table of a set's images: sorted by its headers, filtered, copied, and the way to each."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QKeyEvent, QMouseEvent, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from srviewer.gui.state.data_set import DataSet
from srviewer.gui.theme import DARK, current_theme
from srviewer.gui.views.marks import mark_icon
from srviewer.gui.views.table import Table
from srviewer.gui.views.table_model import TableModel
from srviewer.gui.views.table_view import FLAGS, TableView
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.columns import Column
from srviewer.pipeline.verdicts import Verdict
from srviewer.survey.listing import (
    COLUMNS,
    NAMES,
    SHOWN_COLUMNS,
    ListedImages,
    Show,
    State,
    list_images,
    shown_of,
    why_empty,
)
from srviewer.wording import counted

_MARKS = {
    State.PAIRS: Verdict.KEPT,
    State.NO_PAIRS: Verdict.OUTSIDE_BOX,
    State.FAILED: Verdict.FEW_KEYPOINTS,  # a cross
}
_NAME = 0  # the column whose texts are clicked


class ImagesTable(Table):
    """Every image of the set, with what is known of it.

    Signals
    -------
    opened(path)
        A person wants to look at this image.
    """

    opened = Signal(object)

    def __init__(self, data_set: DataSet, parent: QWidget | None = None) -> None:
        view = ImagesView(TableModel(SHOWN_COLUMNS, _tip, ListedImages.state, _color))
        super().__init__("set", view, Show, "images", sort="image", parent=parent)
        self.listed.setParent(self)
        self.setObjectName("images_table")
        self._data_set = data_set
        self._images = ListedImages()
        self._shown_of: tuple[object, object] = (None, None)
        self.lay_out()
        view.opened.connect(self._open)
        self._say(0)

    # What is remembered

    @property
    def sorted_by(self) -> tuple[str, bool]:
        """The column that is sorted by, and whether descending."""
        name, descending = self._sort
        return name or NAMES[0], descending

    @property
    def show_only(self) -> Show:
        """Which images are listed."""
        chosen: Show = self.show_box.currentData()
        return chosen

    def restore(self, sort: tuple[str, bool], show: Show) -> None:
        """Go on with the order and the filter of the last time."""
        self._sort = sort
        self.show_box.setCurrentIndex(list(Show).index(show))
        self.fill()

    # Filling

    def show_set(self) -> None:
        """Show what the data set knows now."""
        whole, findings = self._data_set.whole, self._data_set.overview
        if (whole, findings) != self._shown_of:
            self._shown_of = (whole, findings)
            known = findings is not None and findings.whole is whole
            answer = findings.answer if findings is not None and known else None
            self._images = list_images(whole, answer)
            self.fill()
        elif not len(self._images):
            self._say(0)

    def make_marks(self) -> None:
        """Draw the marks in the colours of the palette."""
        ratio, palette, size = self.devicePixelRatioF(), self.palette(), self.view.iconSize()
        blank = QPixmap(size * ratio)
        blank.setDevicePixelRatio(ratio)
        blank.fill(Qt.GlobalColor.transparent)  # so that all names stand below each other
        self.listed.marks = {State.PENDING: QIcon(blank)}
        for state, verdict in _MARKS.items():
            self.listed.marks[state] = mark_icon(verdict, palette, ratio, size)

    def is_same(self, before: ListedImages, after: ListedImages) -> bool:
        """Tell whether two sets list the same images."""
        return before.paths == after.paths

    def carried_over(self, before: ListedImages, after: ListedImages, selected: Ints) -> Ints:
        """Return where the selected images are now."""
        if self.is_same(before, after):
            return selected
        paths = {before.paths[image] for image in selected.tolist()}
        return np.array([n for n, path in enumerate(after.paths) if path in paths], np.int64)

    def fill(self) -> None:
        """List the images in the order, and with the filter, that a person chose."""
        images, count = self._images, len(self._images)
        order = self.ordered(images, SHOWN_COLUMNS, count)
        order = order[shown_of(images, self.show_only)[order]]
        self.show_rows(images, SHOWN_COLUMNS, order, count)
        selection, ranges = self.view.selectionModel(), self.view.selected_ranges()
        if ranges and not selection.isRowSelected(self.view.currentIndex().row()):
            selection.setCurrentIndex(self.listed.index(ranges[0][0], 0), FLAGS.NoUpdate)
        self._say(len(order))

    def _say(self, listed: int) -> None:
        total, data_set = len(self._images), self._data_set
        if listed:
            why = ""
        elif not total and data_set.count:
            why = "The survey cannot be used." if data_set.problem else "Looking for the images ..."
        else:
            why = why_empty(self.show_only, total)
        self.say_empty(why)
        images = counted(total, "image")
        self.count.setText(images if listed == total else f"{listed:,} of {images}")

    # Opening and copying

    def _open(self, row: int) -> None:
        if 0 <= row < len(self.listed.rows):
            self.opened.emit(self._images.paths[int(self.listed.rows[row])])

    def _open_current(self) -> None:
        self._open(self.view.currentIndex().row())

    @property
    def csv_columns(self) -> tuple[Column[Any], ...]:
        """The columns that are copied, more than are shown."""
        return COLUMNS

    def add_to_menu(self, menu: QMenu) -> None:
        """Offer to look at the current image."""
        look = menu.addAction("Look at this image\tEnter", self._open_current)
        look.setEnabled(self.view.currentIndex().isValid())
        menu.addSeparator()


def _tip(images: ListedImages, image: int) -> str:
    note = images.note(image)
    return f"{images.paths[image]}\n{note}" if note else str(images.paths[image])


def _color(images: ListedImages, image: int, column: Column[Any]) -> QColor | None:
    theme, state = current_theme(), images.state(image)
    if column is SHOWN_COLUMNS[_NAME]:
        accent = QColor(theme.accent)
        return accent.lighter(135) if theme is DARK else accent
    if not column.left or state is State.PAIRS:
        return None
    return QColor(theme.muted if state is State.PENDING else theme.warning)


class ImagesView(TableView):
    """The view of the images.

    Signals
    -------
    opened(row)
        An image's name was clicked, its row double-clicked, or Enter pressed in it.
    """

    opened = Signal(int)

    def __init__(self, model: TableModel) -> None:
        super().__init__(model, "images_of_set", "Images of the data set")
        self.horizontalHeader().setSortIndicatorClearable(False)
        self.setMouseTracking(True)
        self.clicked.connect(self._on_click)
        self.doubleClicked.connect(self._on_double_click)

    def share_width(self) -> None:
        """Give numbers the room that they need, names half of the rest, notes the end."""
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        used = 0
        for section, column in enumerate(self.listed.columns):
            if not column.left:
                title = metrics.horizontalAdvance(column.title) + 14  # and the arrow
                width = max(metrics.horizontalAdvance(column.widest) + 8, title)
                header.resizeSection(section, width)
                used += width
        rest = self.viewport().width() - used
        digit = metrics.horizontalAdvance("0")
        header.resizeSection(_NAME, min(max(rest // 2, 17 * digit), 36 * digit))

    def _on_click(self, index: QModelIndex) -> None:
        plain = QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier
        if plain and index.column() == _NAME:
            self.opened.emit(index.row())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show that names can be clicked."""
        super().mouseMoveEvent(event)
        over = self.indexAt(event.position().toPoint()).column() == _NAME
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def leaveEvent(self, event: QEvent) -> None:
        """Leave no hand behind."""
        super().leaveEvent(event)
        self.viewport().unsetCursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the current image by Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.opened.emit(self.currentIndex().row())
            return
        super().keyPressEvent(event)

    def _on_double_click(self, index: QModelIndex) -> None:
        if index.column() != _NAME:  # the first click on a name has opened it
            self.opened.emit(index.row())
