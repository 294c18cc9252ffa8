"""A row that goes on in a next line where there is too little room."""

from collections.abc import Sequence

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Puts what is in it beside each other, and what has no room there into the next line.

    So no row of controls asks for more width than its widest control, whatever the font.

    Parameters
    ----------
    parts : sequence of QWidget
    grows : QWidget, optional
        The one of them that takes the room that is left in its line; in others one that expands.
    margins : tuple of int
        Left, top, right and bottom.
    spacing : int
        Between parts, and half of it between lines.
    """

    def __init__(
        self,
        parts: Sequence[QWidget],
        grows: QWidget | None = None,
        *,
        margins: tuple[int, int, int, int] = (0, 0, 0, 0),
        spacing: int = 8,
    ) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._grows = grows
        self.setSpacing(spacing)
        self.setContentsMargins(QMargins(*margins))
        for part in parts:
            self.addWidget(part)

    # What Qt asks of a layout

    def addItem(self, item: QLayoutItem) -> None:
        """Take an item, as the last one."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Give an item away."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Return in which directions it takes more room than it needs: across."""
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        """Return True: a narrower row is a higher one."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return how high its lines are together."""
        return self._arrange(QRect(0, 0, width, 0), moves=False)

    def setGeometry(self, rect: QRect) -> None:
        """Put all where they belong."""
        super().setGeometry(rect)
        self._arrange(rect, moves=True)

    def sizeHint(self) -> QSize:
        """Return the size of one line."""
        seen = self._seen()
        width = sum(self._wanted(one) for one in seen) + self.spacing() * max(len(seen) - 1, 0)
        height = max((one.sizeHint().height() for one in seen), default=0)
        return QSize(width, height).grownBy(self.contentsMargins())

    def minimumSize(self) -> QSize:
        """Return the width of the widest, and the height of one line."""
        sizes = [one.minimumSize() for one in self._seen()]
        width = max((one.width() for one in sizes), default=0)
        height = max((one.height() for one in sizes), default=0)
        return QSize(width, height).grownBy(self.contentsMargins())

    # Lines

    def _seen(self) -> list[QLayoutItem]:
        return [one for one in self._items if not one.isEmpty()]

    def _wanted(self, item: QLayoutItem) -> int:
        least = item.minimumSize().width()
        return least if item.widget() is self._grows else max(item.sizeHint().width(), least)

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        used = 0
        for item in self._seen():
            wanted = self._wanted(item)
            used += self.spacing() + wanted
            if not lines or used > width:
                lines.append([])
                used = wanted
            lines[-1].append(item)
        return lines

    def _arrange(self, rect: QRect, *, moves: bool) -> int:
        """Return the height of all lines on the width of `rect`; put them there if it `moves`."""
        area = rect.marginsRemoved(self.contentsMargins())
        lines = self._lines(area.width())
        top = area.top()
        for number, line in enumerate(lines):
            top += self.spacing() // 2 if number else 0
            widths = self._widths(line, area.width())
            height = max(map(self._height, line, widths))
            if moves and len(lines) == 1:
                height = max(height, area.height())
            if moves:
                left = area.left()
                for item, width in zip(line, widths, strict=True):
                    item.setGeometry(QRect(QPoint(left, top), QSize(width, height)))
                    left += width + self.spacing()
            top += height
        margins = self.contentsMargins()
        return top - rect.top() + margins.bottom()

    def _height(self, item: QLayoutItem, width: int) -> int:
        least: int = item.minimumSize().height()
        if item.hasHeightForWidth():
            return max(least, item.heightForWidth(width))
        return least if item.widget() is self._grows else max(least, item.sizeHint().height())

    def _widths(self, line: list[QLayoutItem], room: int) -> list[int]:
        widths = [min(self._wanted(item), room) for item in line]
        spare = room - sum(widths) - self.spacing() * (len(line) - 1)
        across = Qt.Orientation.Horizontal
        growing = [number for number, one in enumerate(line) if one.widget() is self._grows]
        others = [n for n, one in enumerate(line) if one.expandingDirections() & across]
        for number in (growing or others)[:1]:
            widths[number] += max(spare, 0)
        return widths
