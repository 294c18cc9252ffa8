"""How the list of images looks: its items, what they tell, and how a row is painted."""

import html
from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QListView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from srviewer.export.options import LABELS
from srviewer.gui.jobs.thumbnails import SIDE, Thumbnails
from srviewer.gui.state.entry import Entry
from srviewer.gui.state.known import Known
from srviewer.gui.state.model import Model
from srviewer.gui.theme import Theme, current_theme
from srviewer.gui.widgets.building import named
from srviewer.gui.widgets.labels import fitting, fitting_name
from srviewer.wording import counted, size_texts

_SMALLEST = 36  # px of a thumbnail in a narrow panel
_PAD = 6  # px round the thumbnail and the text
_BAR = 3  # px of the bar that marks the current image

_Index = QModelIndex | QPersistentModelIndex


def size_words(entry: Entry) -> tuple[str, ...]:
    """Return the size of the image once it is known, then in less room.

    Where its LR is given and not made, they say so.
    """
    if entry.size is None:
        return ("LR given" if entry.lr else "",)
    sizes = size_texts(entry.size)
    if entry.lr is None:
        return sizes
    short = ("{} x {} + LR", "{}x{} + LR")
    return *(f"{size}, LR given" for size in sizes), *(one.format(*entry.size) for one in short)


def state_of(entry: Entry, model: Model, known: Known) -> tuple[tuple[str, ...], bool]:
    """Return in words, then in fewer, how far the image is, and whether that is a warning."""
    if entry.error is not None:
        return ("cannot be used", "unusable"), True
    doing = known.doing(entry)
    if doing:
        return (doing,), False
    fact = known.of(entry)
    if fact.pairs is not None:
        pairs = counted(fact.pairs, "pair") if fact.pairs else "no pairs"
        if not fact.lies:
            return (pairs,), not fact.pairs
        return (f"{pairs}, {fact.lies}", pairs if fact.pairs else fact.lies), not fact.pairs
    if fact.cause:
        return ("failed",), True
    if fact.written is not None:
        pairs = counted(fact.written, "pair")
        return (f"{pairs} exported", pairs), False
    done = known.done(entry)
    if done:
        return (done,), False
    if entry is model.current:
        return ("analysing",), False
    if known.surveys:
        return ("waits for the survey", "waits"), False
    return ("not yet analysed", "to analyse"), False


def description(entry: Entry, model: Model, known: Known) -> str:
    """Return all that is known of the image, in a line each."""
    (state, *_), _ = state_of(entry, model, known)
    fact = known.of(entry)
    why = entry.error.worded(LABELS) if entry.error is not None else fact.cause or fact.note
    state = f"{state}: {why}" if why else state
    lr = f"LR: {entry.lr}" if entry.lr else ""
    there = "" if fact.written is None else f"in the export folder: {counted(fact.written, 'pair')}"
    return "\n".join(filter(None, (str(entry.path), lr, size_words(entry)[0], state, there)))


class ImageItem(QListWidgetItem):
    """An entry of the list; what is said of it is put together when it is asked for."""

    def __init__(self, entry: Entry, model: Model, known: Known) -> None:
        super().__init__(entry.path.name)
        self.entry = entry
        self._model, self._known = model, known

    def data(self, role: int) -> object:
        """Return what a person reads or hears of it."""
        if role == Qt.ItemDataRole.ToolTipRole:
            return _as_plain(description(self.entry, self._model, self._known))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            (state, *_), _ = state_of(self.entry, self._model, self._known)
            entry = self.entry
            return ", ".join(filter(None, (entry.path.name, size_words(entry)[0], state)))
        return super().data(role)


def _as_plain(text: str) -> str:
    """Return `text` so that a tooltip shows it as it is, even with ``<b>`` in a file's name."""
    if "<" not in text:
        return text
    return "<p>" + html.escape(text).replace("\n", "<br>") + "</p>"


class ImageList(QListWidget):
    """A list that asks for a menu without looking at the image under the pointer."""

    menu_asked = Signal(object, QPoint)

    def __init__(self, model: Model, known: Known, thumbnails: Thumbnails) -> None:
        super().__init__()
        self.setItemDelegate(_Delegate(self, model, known, thumbnails))
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        named(self, "images", "Images")
        self.setUniformItemSizes(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)

    def mark(self, item: ImageItem | None) -> None:
        """Select `item` alone, and tell nobody; Qt would leave selected what was before."""
        row = -1 if item is None else self.row(item)
        with QSignalBlocker(self):
            self.setCurrentRow(row, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def arrange(self, items: Sequence[ImageItem]) -> None:
        """List `items`, which are all there are, in their order; what is selected stays so."""
        if all(one is self.item(row) for row, one in enumerate(items)):
            return
        with QSignalBlocker(self):
            chosen = {id(item) for item in items if item.isSelected()}
            current = self.currentItem()
            while self.count():
                self.takeItem(self.count() - 1)
            for item in items:
                self.addItem(item)
                item.setSelected(id(item) in chosen)
            if current is not None:
                self.setCurrentItem(current, QItemSelectionModel.SelectionFlag.NoUpdate)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the current image in sight where less of the list is seen than before."""
        before, item = QRect(QPoint(), event.oldSize()), self.currentItem()
        super().resizeEvent(event)
        lower = event.size().height() < before.height()
        if lower and item is not None and before.intersects(self.visualItemRect(item)):
            self.scrollToItem(item)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Leave the right button to the menu."""
        if event.button() != Qt.MouseButton.RightButton:
            super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu on the image under the pointer, or by key on the current one."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        item = self.currentItem() if by_key else self.itemAt(event.pos())
        if item is not None:
            at = self.visualItemRect(item).center() if by_key else event.pos()
            self.menu_asked.emit(item, self.viewport().mapToGlobal(at))


class _Delegate(QStyledItemDelegate):
    """Paints thumbnail, name, size and state; the thumbnail grows with the panel."""

    def __init__(
        self, images: ImageList, model: Model, known: Known, thumbnails: Thumbnails
    ) -> None:
        super().__init__(images)
        self._list, self._thumbnails = images, thumbnails
        self._model, self._known = model, known

    def _side(self) -> int:
        return min(max(round(0.28 * self._list.viewport().width()), _SMALLEST), SIDE)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        lines = 3 * self._list.fontMetrics().lineSpacing() + 2
        return QSize(100, max(self._side(), lines) + 2 * _PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        item = self._list.item(index.row())
        if not isinstance(item, ImageItem):
            return
        theme, area = current_theme(), QRect(option.rect)
        state = option.state
        current = item.entry is self._model.current
        marked = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver
        painter.save()
        if current or state & marked:
            painter.fillRect(area, QColor(theme.field))
        if current:
            painter.fillRect(QRect(area.topLeft(), QSize(_BAR, area.height())), theme.accent)
        inner = area.adjusted(_BAR + _PAD, _PAD, -_PAD, -_PAD)
        side = self._side()
        self._paint_thumbnail(painter, QRect(inner.topLeft(), QSize(side, side)), item.entry, theme)
        inner.setLeft(inner.left() + side + _PAD + 2)
        self._paint_words(painter, inner, item.entry, theme, current)
        if current and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(theme.accent))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        painter.restore()

    def _paint_thumbnail(self, painter: QPainter, room: QRect, entry: Entry, theme: Theme) -> None:
        pixmap = self._thumbnails.of(entry.path, self._list.devicePixelRatioF())
        if not pixmap:
            painter.fillRect(room, QColor(theme.line))
            return
        size = pixmap.deviceIndependentSize().toSize()
        size = size.boundedTo(size.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio))
        target = QRect(QPoint(), size.expandedTo(QSize(1, 1)))
        target.moveCenter(room.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(target, pixmap)

    def _paint_words(
        self, painter: QPainter, room: QRect, entry: Entry, theme: Theme, current: bool
    ) -> None:
        states, warns = state_of(entry, self._model, self._known)
        font = QFont(self._list.font())
        plain = QFontMetrics(font)
        font.setBold(current)
        bold = QFontMetrics(font)
        width, line = room.width(), plain.lineSpacing()
        sign = "! " if warns else ""
        texts = [
            (fitting_name(bold, width, entry.path.name), theme.text),
            (fitting(plain, width, *size_words(entry)), theme.muted),
            (
                fitting(plain, width, *(sign + state for state in states)),
                theme.warning if warns else theme.muted,
            ),
        ]
        texts = [(text, color) for text, color in texts if text]
        top = room.top() + (room.height() - len(texts) * line) // 2
        for row, (text, color) in enumerate(texts):
            font.setBold(current and row == 0)
            painter.setFont(font)
            painter.setPen(QColor(color))
            at = QRect(room.left(), top + row * line, width, line)
            painter.drawText(at, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
