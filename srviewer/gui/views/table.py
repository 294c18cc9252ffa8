"""What any table of the window has: a filter, headers that sort, a selection, a copy, a menu."""

from enum import Enum
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from srviewer.gui.views.marks import mark_icon
from srviewer.gui.views.table_view import TableView
from srviewer.gui.widgets.building import (
    EDGE,
    bar_of,
    combo_box,
    context_menu,
    even_heights,
    label,
    listed,
    push_button,
)
from srviewer.gui.widgets.menus import add_choice
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.columns import Column, SortOrder, csv_of
from srviewer.pipeline.verdicts import Verdict
from srviewer.wording import counted, sentence


class Table(QWidget):
    """A table with its bar; what it lists is up to the classes that derive from it.

    Parameters
    ----------
    name : str
        Of the widgets' object names.
    view : TableView
    shows : type of Enum
        What a person may choose to list; the values are read.
    rows : str
        What the rows are, "windows".

    Signals
    -------
    copied(message)
        What lies in the clipboard now, in words for the person.
    """

    copied = Signal(str)

    def __init__(
        self, name: str, view: TableView, shows: type[Enum], rows: str, sort: str | None = None
    ) -> None:
        super().__init__()
        self._name = name
        self._sort: tuple[str | None, bool] = (sort, False)  # column, descending
        self._order = SortOrder()
        self.view, self.listed = view, view.listed
        self.listed.setParent(self)
        self.show_box = combo_box(
            f"{name}_show",
            f"{sentence(rows)} to list",
            f"which {rows} are listed",
            ((sentence(one.value), one) for one in shows),
        )
        self.count = label(f"{name}_count")
        self.copy_button = push_button(
            "Copy as CSV",
            f"{name}_copy",
            "copy the selected rows, or all listed where none is (Ctrl+C)",
            clicked=self.copy,
        )
        self.empty = label(f"{name}_empty", muted=True, wraps=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pages = QStackedWidget()
        self.pages.addWidget(view)
        self.pages.addWidget(self.empty)
        self.show_box.currentIndexChanged.connect(self.fill)
        view.asked.connect(self._on_asked)
        view.copy_wanted.connect(self.copy)
        view.customContextMenuRequested.connect(self._open_menu)
        view.horizontalHeader().sortIndicatorChanged.connect(self._on_header)

    def lay_out(
        self, filter: QWidget | None = None, below: QWidget | None = None, edge: int = EDGE
    ) -> None:
        """Put the bar above the rows, with a `filter` in it and a line `below` it."""
        given = [filter] if filter else []
        even_heights(self.show_box, *given, self.copy_button)
        controls = (self.show_box, *given, self.count, self.copy_button)
        bar = bar_of(*controls, grows=filter or self.count, edge=edge)
        listed(self, bar, *([below] if below else []), self.pages)

    # For what derives

    more_orders: tuple[tuple[str, str | None], ...] = ()  # titles and names, before the columns'

    def fill(self) -> None:
        """List what is known now."""
        raise NotImplementedError

    def is_same(self, before: Any, after: Any) -> bool:
        """Tell whether the rows of two sources are the same things."""
        raise NotImplementedError

    def carried_over(self, before: Any, after: Any, selected: Ints) -> Ints | None:
        """Return which rows of the new source the selected ones of the old one are.

        None is for a source that has nothing to do with the old one.
        """
        return selected if self.is_same(before, after) else None

    def ask(self, row: int) -> None:
        """Do what is wanted of a row of the source that is asked about."""
        raise NotImplementedError

    def _on_asked(self, place: int) -> None:
        if 0 <= place < len(self.listed.rows):
            self.ask(int(self.listed.rows[place]))

    def ask_current(self) -> None:
        """Ask about the current row."""
        self._on_asked(self.view.currentIndex().row())

    def add_to_menu(self, menu: QMenu) -> None:
        """Offer what else can be done with the current row."""

    # Filling

    def _draw_marks(self) -> None:
        """Draw the marks in the colours of the palette."""
        how = self.palette(), self.devicePixelRatioF(), self.view.iconSize()
        self.listed.marks = {one: mark_icon(one, *how) for one in (None, *Verdict)}

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_marks()
            self.view.viewport().update()

    def show_rows(self, source: Any, columns: tuple[Column[Any], ...], rows: Ints) -> None:
        """Show these `rows` of a source; what is selected stays selected."""
        if not self.listed.marks:
            self._draw_marks()
        self._show_indicator()
        before, seen = self.listed.source, self.view.seen_rows()
        selected = None
        if before is not None and source is not None:
            selected = self.carried_over(before, source, self.view.selected_rows())
            if self.is_same(before, source) and self.listed.renew(source, columns, rows, seen):
                return
        scrolled = self.view.verticalScrollBar().value()
        self.listed.show(source, columns, rows)
        self.view.indent_texts()
        self.view.share_width()
        self._show_indicator()  # among columns that may be new
        if selected is not None:
            self.view.select(selected)
            # A threshold that is pulled does not move the rows under a person's eyes.
            self.view.verticalScrollBar().setValue(scrolled)

    def say_empty(self, why: str) -> None:
        """Say `why` there are no rows; where it is empty, there are."""
        self.empty.setText(sentence(why))
        self.pages.setCurrentWidget(self.empty if why else self.view)
        self.copy_button.setEnabled(not why)

    # Sorting

    def ordered(self, source: Any, columns: tuple[Column[Any], ...], count: int) -> Ints:
        """Return all `count` rows of a source in the order that a person chose."""
        name, descending = self._sort
        by = next((column for column in columns if column.name == name), None)
        return self._order.of(by, source, count, descending=descending)

    def _show_indicator(self) -> None:
        (name, descending), names = self._sort, self.listed.names
        header = self.view.horizontalHeader()
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        section = names.index(name) if name in names else -1
        with QSignalBlocker(header):
            header.setSortIndicator(section, order)
        if section >= 0 and header.isSectionHidden(section):  # what is sorted by is seen
            self.view.share_width()

    def _on_header(self, section: int, order: Qt.SortOrder) -> None:
        names = self.listed.names
        name = names[section] if 0 <= section < len(names) else None
        self.sort_by(name, descending=order == Qt.SortOrder.DescendingOrder)

    def sort_by(self, name: str | None, *, descending: bool = False) -> None:
        """Sort by the column `name`; None is by place."""
        self._sort = (name, descending)
        self.fill()

    # Copying

    def copy(self) -> None:
        """Copy the selected rows as CSV, all that are listed where none is selected."""
        chosen = self.view.selected_rows()
        self._copy(chosen if len(chosen) else self.listed.rows)

    def copy_all(self) -> None:
        """Copy all rows that are listed as CSV."""
        self._copy(self.listed.rows)

    def _copy(self, rows: Ints) -> None:
        if self.listed.source is None or not len(rows):
            return
        text = csv_of(self.csv_columns, self.listed.source, rows)
        mime = QMimeData()
        mime.setText(text)
        mime.setData("text/csv", text.encode())
        QGuiApplication.clipboard().setMimeData(mime)
        self.copied.emit(f"{counted(len(rows), 'row')} copied as CSV")

    @property
    def csv_columns(self) -> tuple[Column[Any], ...]:
        """The columns that are copied."""
        return self.listed.columns

    def _open_menu(self, at: QPoint) -> None:
        menu = context_menu(self, f"{self._name}_menu")
        self.add_to_menu(menu)
        some = menu.addAction("Copy the selected rows as CSV\tCtrl+C", self.copy)
        some.setEnabled(len(self.view.selected_rows()) > 0)
        menu.addAction(f"Copy all {len(self.listed.rows):,} listed as CSV", self.copy_all)
        sort, (by, descending) = menu.addMenu("Sort by"), self._sort
        titles = [(column.title, column.name) for column in self.listed.columns]
        for title, name in [*self.more_orders, *titles]:
            does = partial(self.sort_by, name, descending=descending)
            add_choice(sort, title, does, chosen=name == by)
        sort.addSeparator()
        add_choice(sort, "Descending", self._on_reverse, chosen=descending)
        if self.view.left_out:
            columns = counted(self.view.left_out, "more column")
            menu.addAction(f"There is no room for {columns}").setEnabled(False)
        menu.popup(self.view.viewport().mapToGlobal(at))

    def _on_reverse(self) -> None:
        self.sort_by(self._sort[0], descending=not self._sort[1])
