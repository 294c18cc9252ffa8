"""The table of what a check of a data set found."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QMenu

from srviewer.export.verification.listing import COLUMNS, ListedFindings, Show, shown_of
from srviewer.gui.views.table import Table
from srviewer.gui.views.table_model import TableModel
from srviewer.gui.views.table_view import INDENT, TableView, room_for
from srviewer.pipeline.arrays import Ints
from srviewer.wording import counted

_PAD = 14  # px beside the text of a column
_VALUE = 0.16  # of the width, at most, of what was expected and what found: they may be hashes


class FindingsTable(Table):
    """Every finding; Enter or a double-click opens what it is about.

    Signals
    -------
    opened(listed)
    """

    opened = Signal(object)

    def __init__(self, name: str) -> None:
        view = FindingsView(TableModel(COLUMNS, _tip), f"{name}_findings", "Findings")
        super().__init__(name, view, Show, "findings")
        self._findings, self._why = ListedFindings(), "nothing is checked yet"
        self.lay_out(edge=0)  # the dialog has an edge of its own
        self.fill()

    def show_findings(self, findings: ListedFindings, why: str) -> None:
        """Show these; `why` says why there are none."""
        self._findings, self._why = findings, why
        self.fill()

    def is_same(self, before: ListedFindings, after: ListedFindings) -> bool:
        """Tell whether two lists hold the same findings."""
        return before is after

    def carried_over(
        self, before: ListedFindings, after: ListedFindings, selected: Ints
    ) -> Ints | None:
        """Return the same rows: more are found below them."""
        return selected if before.findings[:1] == after.findings[:1] else None

    def fill(self) -> None:
        """List the findings in the order, and with the filter, that a person chose."""
        findings = self._findings
        order = self.ordered(findings, COLUMNS, len(findings))
        order = order[shown_of(findings, self.show_box.currentData())[order]]
        self.show_rows(findings, COLUMNS, order)
        kind = self.show_box.currentText().lower()
        self.say_empty(
            "" if len(order) else f"none are listed: {kind}" if len(findings) else self._why
        )
        total = counted(len(findings), "finding")
        whole = len(order) == len(findings)
        words = total if whole else f"{len(order):,} of {total}"
        self.count.setText(words if len(findings) else "")  # why there are none is said below

    def ask(self, row: int) -> None:
        """Open what a finding is about."""
        self.opened.emit(self._findings.findings[row])

    def add_to_menu(self, menu: QMenu) -> None:
        """Offer to open the current finding."""
        is_there = self.view.currentIndex().isValid()
        menu.addAction("Open\tEnter", self.ask_current).setEnabled(is_there)
        menu.addSeparator()


class FindingsView(TableView):
    """The view of findings, one of which is asked for by a double-click too."""

    def __init__(self, model: TableModel, name: str, title: str) -> None:
        super().__init__(model, name, title)
        self.doubleClicked.connect(self._on_double_click)

    def share_width(self) -> None:
        """Give each column what its texts need, and the longest what is left, in equal parts."""
        header, room = self.horizontalHeader(), self.viewport().width()
        wanted = []
        for section, column in enumerate(self.listed.columns):
            texts = self.sizeHintForColumn(section) + _PAD
            most = round(_VALUE * room) if column.name in ("expected", "found") else room
            title = room_for(header.fontMetrics(), column.heading) + INDENT
            wanted.append(max(min(texts, most), title))
        *widths, last = shared(wanted, room)
        widths.append(max(last, room - sum(widths)))  # Qt stretches it only as the view grows
        for section, width in enumerate(widths):
            header.resizeSection(section, width)

    def _on_double_click(self, index: QModelIndex) -> None:
        self.asked.emit(index.row())


def _tip(findings: ListedFindings, row: int) -> Any:
    one = findings.findings[row]
    more = f"\nexpected: {one.expected}\nfound: {one.found}" if one.expected or one.found else ""
    return f"{one.name}\n{one.what}{more}"


def shared(wanted: Sequence[int], room: int) -> list[int]:
    """Return what each gets of the `room`: all that is `wanted`, or an equal part of the rest."""
    found, left = [0] * len(wanted), room
    by_size = sorted(range(len(wanted)), key=lambda one: wanted[one])
    for count, one in zip(range(len(wanted), 0, -1), by_size, strict=True):
        found[one] = min(wanted[one], left // count)
        left -= found[one]
    return found
