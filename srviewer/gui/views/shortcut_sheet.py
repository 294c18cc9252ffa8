"""The sheet of keys and gestures, made from the menus themselves so that it stays true."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from srviewer.gui.widgets.building import filled, heading, label, named, stacked
from srviewer.gui.widgets.dialogs import Dialog

Extra = tuple[str, str, str]
"""A group, the keys or the gesture (several parted by `` or ``), and what they do."""

_OTHERS = "Other"
CALLED = "called"
"""A property of an action whose text changes: what it is called all the same."""

_BETWEEN, _BESIDE_KEYS = 36, 14  # px between columns, and between keys and words
_EDGE = 40  # px of the screen that its frame needs
_ROWS_OF_TWO_COLUMNS = 30  # with more than these, three columns
# The palette's roles are the theme's colours, so the caps follow a change of theme.
_CAP = """QLabel { background: palette(base); color: palette(text); border: 1px solid palette(mid);
    border-bottom-width: 2px; border-radius: 4px; padding: 1px 6px; }"""


_Row = tuple[tuple[str, ...], str]  # keys, and what they do


class ShortcutSheet(Dialog):
    """All keys by menu, then the gestures by group, with a filter; Esc closes it.

    Parameters
    ----------
    actions : sequence of QAction
        Those without a key are left out; an action's group is the menu that it is in.
    extra : sequence of (str, str, str)
        Group, keys and meaning of what is no action, as a rule the mouse's gestures.
    parent : QWidget, optional
    """

    def __init__(
        self, actions: Sequence[QAction], extra: Sequence[Extra], parent: QWidget | None = None
    ) -> None:
        super().__init__("shortcut_sheet", "Keys and gestures", parent)
        hint = "Filter by key or by what it does"
        line = QLineEdit(placeholderText=hint, clearButtonEnabled=True)
        self.filter = named(line, "shortcut_filter", "Filter")
        self.filter.setTextMargins(4, 3, 4, 3)
        self.filter.textChanged.connect(self._show_matching)
        self._nothing = label("shortcut_nothing", muted=True)
        self._nothing.hide()
        self._groups = [_Group(title, rows) for title, rows in _grouped(actions, extra).items()]
        self._build()

    def _build(self) -> None:
        holder = named(QFrame(), "", panel=True)
        self._columns = filled(QHBoxLayout(holder), margins=(20, 8, 20, 16), spacing=_BETWEEN)
        scroll = QScrollArea(widgetResizable=True)
        named(scroll, "shortcut_list", "All keys and gestures")
        scroll.setWidget(holder)
        margins = (20, 14, 20, 10)
        top = filled(QVBoxLayout(), self.filter, self._nothing, margins=margins, spacing=8)
        stacked(self, top, scroll)
        self._beside = scroll.verticalScrollBar().sizeHint().width() + 40
        most = 3 if sum(map(_height, self._groups)) > _ROWS_OF_TWO_COLUMNS else 2
        self._choices = [_in_columns(self._groups, number) for number in range(most, 0, -1)]
        screen = self.screen().availableSize()
        fitting = self._fitting(screen.width() - _EDGE)
        self._arrange(fitting)
        self.setMinimumWidth(min(self._width(self._choices[-1]), screen.width() - _EDGE))
        height = min(holder.sizeHint().height() + top.sizeHint().height() + 2, 720)
        self.resize(self._width(fitting), min(height, screen.height() - _EDGE))
        self.filter.setFocus()

    def _width(self, columns: list[list[_Group]]) -> int:
        """Return how wide the sheet has to be for these."""
        widths = (
            max(group.keys_width for group in groups)
            + _BESIDE_KEYS
            + max(group.words_width for group in groups)
            for groups in columns
            if groups
        )
        return sum(widths) + _BETWEEN * (len(columns) - 1) + self._beside

    def _fitting(self, width: int) -> list[list[_Group]]:
        """Return the most columns that `width` has room for."""
        return next((one for one in self._choices if self._width(one) <= width), self._choices[-1])

    def _arrange(self, columns: list[list[_Group]]) -> None:
        while (old := self._columns.takeAt(0)) is not None:
            inner = old.layout()
            while inner is not None and inner.takeAt(0) is not None:
                pass
        for groups in columns:
            keys = max((group.keys_width for group in groups), default=0)
            for group in groups:
                group.align(keys)
            column = filled(QVBoxLayout(), *groups, spacing=18)
            column.addStretch(1)
            self._columns.addLayout(column, 1)
        self._arranged = len(columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have as many columns as there is room for."""
        super().resizeEvent(event)
        fitting = self._fitting(self.width())
        if len(fitting) != self._arranged:
            self._arrange(fitting)

    def _show_matching(self, text: str) -> None:
        words = text.casefold().split()
        found = [group.show_matching(words) for group in self._groups]
        self._nothing.setText(
            f"Nothing here for \N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}."
        )
        self._nothing.setVisible(not any(found))


class _Group(QWidget):
    """A title, and below it a row for each thing that can be done."""

    def __init__(self, title: str, rows: Sequence[_Row]) -> None:
        super().__init__()
        self.title = title
        self.rows = rows
        self._form = QFormLayout(self, horizontalSpacing=_BESIDE_KEYS, verticalSpacing=5)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.addRow(heading(title))
        self._caps = [_caps(keys) for keys, _ in rows]
        words = [label(text=what) for _, what in rows]
        for caps, what in zip(self._caps, words, strict=True):
            self._form.addRow(caps, what)
        self.keys_width = max(caps.sizeHint().width() for caps in self._caps)
        self.words_width = max(what.sizeHint().width() for what in words)

    def align(self, width: int) -> None:
        """Let the words begin after so many pixels, as those of the groups above and below."""
        for caps in self._caps:
            caps.setMinimumWidth(width)

    def show_matching(self, words: Sequence[str]) -> bool:
        """Show the rows that hold all `words`, and tell whether there are any."""
        some = False
        for number, (keys, what) in enumerate(self.rows, start=1):
            text = f"{self.title} {' '.join(keys)} {what}".casefold()
            fits = all(word in text for word in words)
            some = some or fits
            self._form.setRowVisible(number, fits)
        self.setVisible(some)
        return some


def _caps(keys: Sequence[str]) -> QWidget:
    """Return `keys` as they look on a keyboard."""
    caps = [label(text=key) for key in keys]
    for cap in caps:
        cap.setStyleSheet(_CAP)
        cap.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    holder = QWidget()
    filled(QHBoxLayout(holder), *caps, spacing=4).addStretch(1)
    return holder


def _grouped(actions: Sequence[QAction], extra: Sequence[Extra]) -> dict[str, list[_Row]]:
    """Return the rows by title, in the order in which the titles first come."""
    groups: dict[str, list[_Row]] = {}
    for action in actions:
        native = QKeySequence.SequenceFormat.NativeText
        keys = dict.fromkeys(key.toString(native) for key in action.shortcuts())
        if any(keys):
            called = action.property(CALLED) or _plain(action.text())
            row = tuple(filter(None, keys)), called
            groups.setdefault(_menu_of(action), []).append(row)
    for title, given, what in extra:
        groups.setdefault(title, []).append((tuple(given.split(" or ")), what))
    if _OTHERS in groups:
        groups[_OTHERS] = groups.pop(_OTHERS)  # they come last
    return groups


def _menu_of(action: QAction) -> str:
    menus = [one for one in action.associatedObjects() if isinstance(one, QMenu) and one.title()]
    return _plain(menus[0].title()) if menus else _OTHERS


def _plain(text: str) -> str:
    """Return a menu's text without the marks of its key and the dots that promise a dialog."""
    plain = text.replace("&&", "\0").replace("&", "").replace("\0", "&")
    return plain.removesuffix("...").removesuffix("\N{HORIZONTAL ELLIPSIS}")


def _height(group: _Group) -> int:
    """Return the height of a group in rows."""
    return len(group.rows) + 2


def _in_columns(groups: Sequence[_Group], number: int) -> list[list[_Group]]:
    """Part the groups, in their order, into `number` columns of about the same height."""
    heights = list(map(_height, groups))
    columns: list[list[_Group]] = [[]]
    filled, room = 0, sum(heights) / number
    for group, height in zip(groups, heights, strict=True):
        # A group goes where its middle is.
        if columns[-1] and filled + height / 2 > room * len(columns) and len(columns) < number:
            columns.append([])
        columns[-1].append(group)
        filled += height
    return columns
