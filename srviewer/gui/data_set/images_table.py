"""The table of a set's images: sorted by its headers, filtered, copied, and the way to each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QPoint,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from srviewer.gui.data_set.data_set import DataSet
from srviewer.gui.data_set.image_rows import ImagesModel, ImagesView
from srviewer.gui.data_set.rows import (
    COLUMNS,
    NAMES,
    Show,
    State,
    csv_of,
    make_rows,
    order_of,
    shown_of,
    why_empty,
)
from srviewer.gui.views.window_lists import even_heights, mark_icon, sentence
from srviewer.gui.views.window_rows import NO_WINDOWS
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.verdicts import Verdict

_MARKS = {
    State.PAIRS: Verdict.KEPT,
    State.NO_PAIRS: Verdict.OUTSIDE_BOX,
    State.FAILED: Verdict.FEW_KEYPOINTS,  # a cross
}
_FLAGS = QItemSelectionModel.SelectionFlag


class ImagesTable(QWidget):
    """Every image of the set, with what is known of it.

    Signals
    -------
    opened(path)
        A person wants to look at this image.
    copied(message)
        What lies in the clipboard now, in words for the person.
    """

    opened = Signal(object)
    copied = Signal(str)

    def __init__(self, data_set: DataSet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("images_table")
        self._data_set = data_set
        self._sort: tuple[str, bool] = ("image", False)  # column, descending
        self._shown_of: tuple[object, object] = (None, None)
        self._build()
        self._connect()
        self._say(0, 0, Show.ALL)

    def _build(self) -> None:
        self.show_box = QComboBox()
        self.show_box.setObjectName("set_show")
        self.show_box.setAccessibleName("Images to list")
        self.show_box.setToolTip("which images are listed")
        for one in Show:
            self.show_box.addItem(sentence(one.value), one)
        self.count = QLabel()
        self.count.setObjectName("set_count")
        self.copy_button = QPushButton("Copy as CSV")
        self.copy_button.setObjectName("set_copy")
        self.copy_button.setToolTip("copy the selected rows, or all listed where none is (Ctrl+C)")
        self.rows = ImagesModel(self)
        self.view = ImagesView(self.rows)
        self.empty = QLabel()
        self.empty.setObjectName("set_empty")
        self.empty.setProperty("muted", True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.view)
        self.pages.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._bar())
        column.addWidget(self.pages, 1)

    def _bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self.show_box)
        row.addWidget(self.count, 1)
        row.addWidget(self.copy_button)
        even_heights(self.show_box, self.copy_button)
        return row

    def _connect(self) -> None:
        self.show_box.currentIndexChanged.connect(self._arrange)
        self.copy_button.clicked.connect(self.copy)
        self.view.copy_wanted.connect(self.copy)
        self.view.opened.connect(self._open)
        self.view.customContextMenuRequested.connect(self._open_menu)
        self.view.horizontalHeader().sortIndicatorChanged.connect(self._on_header)

    # What is remembered

    @property
    def sorted_by(self) -> tuple[str, bool]:
        """The column that is sorted by, and whether descending."""
        return self._sort

    @property
    def show_only(self) -> Show:
        """Which images are listed."""
        chosen: Show = self.show_box.currentData()
        return chosen

    def restore(self, sort: tuple[str, bool], show: Show) -> None:
        """Go on with the order and the filter of the last time."""
        self._sort = sort
        self.show_box.setCurrentIndex(list(Show).index(show))
        self._arrange()

    # Filling

    def show_set(self) -> None:
        """Show what the data set knows now."""
        data_set = self._data_set
        whole, findings = data_set.whole, data_set.findings
        if (whole, findings) != self._shown_of:
            selected = {self.rows.rows.paths[row] for row in self.selected_rows().tolist()}
            self._shown_of = (whole, findings)
            self.rows.show(make_rows(whole, findings), whole)
            self._arrange(keep=selected)
        elif not len(self.rows.rows):
            self._say(0, 0, self.show_only)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._make_marks()
            self.view.viewport().update()

    def _make_marks(self) -> None:
        ratio, palette, size = self.devicePixelRatioF(), self.palette(), self.view.iconSize()
        blank = QPixmap(size * ratio)
        blank.setDevicePixelRatio(ratio)
        blank.fill(Qt.GlobalColor.transparent)  # so that all names stand below each other
        marks = {
            state: mark_icon(verdict, palette, ratio, size) for state, verdict in _MARKS.items()
        }
        self.rows.marks = {State.PENDING: QIcon(blank), **marks}

    def _arrange(self, *_: object, keep: set[Path] | None = None) -> None:
        if not self.rows.marks:
            self._make_marks()
        rows, show = self.rows.rows, self.show_only
        if keep is None:
            keep = {rows.paths[row] for row in self.selected_rows().tolist()}
        place = self.view.verticalScrollBar().value()
        name, descending = self._sort
        order = order_of(rows, name, descending=descending)
        order = order[shown_of(rows, show)[order]]
        self._show_indicator()
        self.rows.arrange(order)
        self._select_again(keep)
        self.view.verticalScrollBar().setValue(place)
        self._say(len(order), len(rows), show)

    def _say(self, listed: int, of: int, show: Show) -> None:
        self.empty.setText(self._why_empty(show, of))
        self.pages.setCurrentWidget(self.view if listed else self.empty)
        self.copy_button.setEnabled(listed > 0)
        images = f"{of:,} image{'s' * (of != 1)}"
        self.count.setText(images if listed == of else f"{listed:,} of {images}")

    def _why_empty(self, show: Show, of: int) -> str:
        data_set = self._data_set
        if not of and data_set.count:
            return (
                "The survey cannot be used." if data_set.problem else "Looking for the images ..."
            )
        return why_empty(show, of)

    def _select_again(self, paths: set[Path]) -> None:
        current = self.view.currentIndex()
        selection = QItemSelection()
        if paths:
            last = len(NAMES) - 1
            for place, row in enumerate(self.rows.order.tolist()):
                if self.rows.rows.paths[row] in paths:
                    selection.select(self.rows.index(place, 0), self.rows.index(place, last))
        model = self.view.selectionModel()
        model.select(selection, _FLAGS.ClearAndSelect)
        ranges = self.view.selected_ranges()
        if ranges and not model.isRowSelected(current.row()):
            model.setCurrentIndex(self.rows.index(ranges[0][0], 0), _FLAGS.NoUpdate)

    # Sorting

    def _show_indicator(self) -> None:
        name, descending = self._sort
        header = self.view.horizontalHeader()
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        with QSignalBlocker(header):
            header.setSortIndicator(NAMES.index(name), order)

    def _on_header(self, section: int, order: Qt.SortOrder) -> None:
        if 0 <= section < len(NAMES):
            self.sort_by(NAMES[section], descending=order == Qt.SortOrder.DescendingOrder)

    def sort_by(self, name: str, *, descending: bool = False) -> None:
        """Sort by the column `name`, one of `NAMES`."""
        self._sort = (name, descending)
        self._arrange()

    # Selecting, opening, copying

    def selected_rows(self) -> Ints:
        """Return which images are selected, from top to bottom."""
        parts = [self.rows.order[top:end] for top, end in self.view.selected_ranges()]
        return np.concatenate(parts) if parts else NO_WINDOWS

    def _open(self, place: int) -> None:
        if 0 <= place < len(self.rows.order):
            self.opened.emit(self.rows.rows.paths[int(self.rows.order[place])])

    def copy(self) -> None:
        """Copy the selected rows as CSV, all that are listed where none is selected."""
        chosen = self.selected_rows()
        self._copy(chosen if len(chosen) else self.rows.order)

    def copy_all(self) -> None:
        """Copy all rows that are listed as CSV."""
        self._copy(self.rows.order)

    def _copy(self, chosen: Ints) -> None:
        if not len(chosen):
            return
        text = csv_of(self.rows.rows, chosen, self.rows.size_of)
        mime = QMimeData()
        mime.setText(text)
        mime.setData("text/csv", text.encode())
        QGuiApplication.clipboard().setMimeData(mime)
        rows = "1 row" if len(chosen) == 1 else f"{len(chosen):,} rows"
        self.copied.emit(f"{rows} copied as CSV")

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setObjectName("set_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        look = menu.addAction("Look at this image\tEnter", self._open_current)
        look.setEnabled(self.view.currentIndex().isValid())
        menu.addSeparator()
        some = menu.addAction("Copy the selected rows as CSV\tCtrl+C", self.copy)
        some.setEnabled(len(self.selected_rows()) > 0)
        menu.addAction(f"Copy all {len(self.rows.order):,} listed as CSV", self.copy_all)
        sort = menu.addMenu("Sort by")
        titles = ["Image", *(column.title for column in COLUMNS), "Note"]
        for title, name in zip(titles, NAMES, strict=True):
            action = sort.addAction(title, self._on_sort_action)
            action.setData(name)
            action.setCheckable(True)
            action.setChecked(name == self._sort[0])
        sort.addSeparator()
        reverse = sort.addAction("Descending", self._on_reverse)
        reverse.setCheckable(True)
        reverse.setChecked(self._sort[1])
        menu.popup(self.view.viewport().mapToGlobal(at))

    def _open_current(self) -> None:
        self._open(self.view.currentIndex().row())

    def _on_sort_action(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.sort_by(action.data(), descending=self._sort[1])

    def _on_reverse(self) -> None:
        self.sort_by(self._sort[0], descending=not self._sort[1])
