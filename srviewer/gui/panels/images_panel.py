"""The list of images, with a small picture of each, its size and what came of it."""

from collections.abc import Callable
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, QSignalBlocker, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QAction,
    QGuiApplication,
    QHideEvent,
    QKeySequence,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
)

from srviewer.errors import SrviewerError
from srviewer.gui.jobs.thumbnails import Size, Thumbnails
from srviewer.gui.panels.images_list import ImageItem, ImageList
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.entry import Entry
from srviewer.gui.state.known import Known
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.building import (
    beside,
    context_menu,
    even_heights,
    filled,
    named,
    tool_button,
)
from srviewer.gui.widgets.file_manager import show_file
from srviewer.gui.widgets.menus import add_choice
from srviewer.survey import messages
from srviewer.wording import counted

_SORT_AFTER = 300  # ms after the last count that is new


class Order(Enum):
    """What the images are sorted by; the value is what a person reads."""

    OPENED = "in the order opened"
    NAME = "by name"
    FEWEST = "by pairs, the fewest first"
    MOST = "by pairs, the most first"


class ImagesPanel(QFrame):
    """Shows the model's images, sorted and searched, and asks it to look at one or to forget some.

    Parameters
    ----------
    model : Model
    data_set : DataSet
    known : Known
        What the rows tell of the images.

    Attributes
    ----------
    position : QLabel
        Which image is looked at, for the title of the panel.
    order : Order

    Signals
    -------
    add_images_asked, add_folder_asked
        A person wants to choose more.
    failed(message)
        What cannot be done.
    """

    add_images_asked = Signal()
    add_folder_asked = Signal()
    failed = Signal(str)

    def __init__(self, model: Model, data_set: DataSet, known: Known) -> None:
        super().__init__()
        self.setProperty("panel", True)
        self._model, self._data_set, self._known = model, data_set, known
        self._items: dict[Path, ImageItem] = {}
        self.order = Order.OPENED
        self.thumbnails = Thumbnails(self)
        self.thumbnails.ready.connect(self._on_thumbnail)
        self.thumbnails.failed.connect(self._on_unreadable)
        self._sort_soon = QTimer(self, singleShot=True, interval=_SORT_AFTER)
        self._sort_soon.timeout.connect(self._sort)
        self._build()
        model.images_changed.connect(self._fill)
        model.current_changed.connect(self._mark)
        model.analysis_changed.connect(self._on_analysis)
        model.recipe_changed.connect(self._on_known)
        known.changed.connect(self._on_known)
        for changed in (data_set.changed, data_set.survey.state_changed):
            changed.connect(self._tell_of_set)

    def _build(self) -> None:
        self.position = named(QLabel(), "images_place", muted=True)
        self.search = named(
            QLineEdit(placeholderText="Search", clearButtonEnabled=True),
            "images_search",
            "Search the images",
            tip="list only images whose name or folder has these words",
        )
        self.search.setMinimumWidth(40)
        self.search.textChanged.connect(self._search)
        self.sort_button = tool_button(
            "Sort", "images_sort", "Sort the images", tip="sort the list", boxed=True
        )
        self.sort_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        even_heights(self.search, self.sort_button)
        menu = QMenu(self.sort_button)
        for order in Order:
            does = partial(self.sort_by, order)
            add_choice(menu, f"Sort {order.value}", does, chosen=order is self.order)
        self.sort_button.setMenu(menu)
        self.list = ImageList(self._model, self._known, self.thumbnails)
        self.list.currentItemChanged.connect(self._on_item)
        self.list.menu_asked.connect(self._show_menu)
        self.remove_action = self._action(
            "Remove from the list", Qt.Key.Key_Delete, self.remove_selected
        )
        self.remove_action.setToolTip("the files stay where they are")
        self._action("Copy the path", QKeySequence.StandardKey.Copy, self.copy_paths)
        self.set_line = named(QLabel(wordWrap=True), "images_set", muted=True)
        self.set_line.setContentsMargins(12, 6, 8, 0)
        self.set_line.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.set_line.linkActivated.connect(self._data_set.start_survey)
        self.set_line.hide()
        self.add_images = _button("Add images...", "add_images", self.add_images_asked)
        self.add_folder = _button("Add folder...", "add_folder", self.add_folder_asked)
        self._buttons = beside(self.add_images, self.add_folder)
        self._buttons.setContentsMargins(8, 8, 8, 8)
        top = beside(self.search, self.sort_button, grows=self.search)
        top.setContentsMargins(8, 6, 8, 6)
        parts = (top, self.list, self.set_line, self._buttons)
        filled(QVBoxLayout(self), *parts, grows=self.list)
        self.setFocusProxy(self.list)

    def _action(self, text: str, keys: Any, does: Callable[[], object]) -> QAction:
        """Return what the list does by key."""
        action = QAction(text, self.list)
        action.setShortcut(keys)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(does)
        self.list.addAction(action)
        return action

    # What is done with images

    def remove_current(self) -> None:
        """Take the image that is looked at off the list."""
        if self._model.current is not None:
            self._model.remove(self._model.current)

    def remove_all(self) -> None:
        """Take all images off the list."""
        self._remove(list(self._model.entries))

    def remove_selected(self) -> None:
        """Take the selected images off the list."""
        self._remove(self._chosen())

    def _remove(self, entries: list[Entry]) -> None:
        self._model.remove(*entries)
        if len(entries) > 1:
            many = counted(len(entries), "image")
            self._model.noted.emit(f"{many} removed from the list; the files stay where they are")

    def copy_paths(self) -> None:
        """Put the paths of the selected images into the clipboard, as text and as files."""
        self._copy([entry.path for entry in self._chosen()])

    def copy_current_path(self) -> None:
        """Put the path of the image that is looked at into the clipboard."""
        current = self._model.current
        self._copy([current.path] if current is not None else [])

    def _copy(self, paths: list[Path]) -> None:
        if not paths:
            return
        mime = QMimeData()
        mime.setText("\n".join(str(path.absolute()) for path in paths))
        mime.setUrls([QUrl.fromLocalFile(str(path.absolute())) for path in paths])
        QGuiApplication.clipboard().setMimeData(mime)
        self._model.noted.emit(f"{counted(len(paths), 'path')} copied")

    def show_current_file(self) -> None:
        """Show the file of the image that is looked at in the file manager."""
        if self._model.current is not None:
            self._show_file(self._model.current)

    def _show_file(self, entry: Entry) -> None:
        if not show_file(entry.path):
            self.failed.emit(f"{entry.path.parent}: no file manager opens this folder")

    def _chosen(self) -> list[Entry]:
        """Return the selected images, the current one where none is."""
        items = [self.list.item(row) for row in range(self.list.count())]
        chosen = [
            one.entry
            for one in items
            if isinstance(one, ImageItem) and one.isSelected() and not one.isHidden()
        ]
        current = self._model.current
        return chosen or ([current] if current is not None else [])

    # The list

    def _fill(self) -> None:
        """Bring the items to the model's entries; those that stay are not touched."""
        entries = {entry.path: entry for entry in self._model.entries}
        with QSignalBlocker(self.list):
            gone = [
                path for path, item in self._items.items() if entries.get(path) is not item.entry
            ]
            are_others = len(gone) == len(self._items)
            for path in gone:
                self.list.takeItem(self.list.row(self._items.pop(path)))
                self.thumbnails.forget(path)
            for path, entry in entries.items():
                if path not in self._items:
                    self._items[path] = item = ImageItem(entry, self._model, self._known)
                    self.list.addItem(item)
        if are_others:
            self.search.clear()  # what was searched for went with the list
        self._sort()
        self._mark()

    def sort_by(self, order: Order) -> None:
        """List the images in another order."""
        self.order = order
        for action, one in zip(self.sort_button.menu().actions(), Order, strict=True):
            action.setChecked(one is order)
        self._sort()

    def find_image(self) -> None:
        """Let a person type what the images are searched for."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _search(self) -> None:
        words = self.search.text().casefold().split()
        for path, item in self._items.items():
            item.setHidden(not all(word in str(path).casefold() for word in words))
        self._tell_order()
        self._mark()

    def _sort(self) -> None:
        """Put the items into the order that was chosen."""
        order = sorted(self._model.entries, key=self._key())
        self.list.arrange([self._items[entry.path] for entry in order])
        self._search()

    def _key(self) -> Callable[[Entry], Any]:
        if self.order is Order.OPENED:
            return lambda entry: 0  # the model's own order
        if self.order is Order.NAME:
            return lambda entry: (entry.path.name.casefold(), str(entry.path))
        sign = 1 if self.order is Order.FEWEST else -1

        def by_pairs(entry: Entry) -> tuple[bool, int]:
            pairs = self._known.of(entry).count
            return (pairs is None, sign * (pairs or 0))  # what is not known comes last

        return by_pairs

    def _tell_order(self) -> None:
        """Have the keys step through the images as they are listed."""
        rows = (self.list.item(row) for row in range(self.list.count()))
        shown = [one for one in rows if isinstance(one, ImageItem) and not one.isHidden()]
        self._model.listed = [item.entry for item in shown]

    def _on_known(self) -> None:
        if self.order in (Order.FEWEST, Order.MOST):
            self._sort_soon.start()
        self._repaint()

    def _tell_of_set(self) -> None:
        """Show how all images together stand, with a link that surveys them."""
        one, survey = self._data_set, self._data_set.survey
        text = messages.of_the_list(
            one.count, one.pending, survey.state, runs=survey.busy, paused=survey.paused
        )
        self.set_line.setText(text)
        self.set_line.setVisible(bool(text))

    def _mark(self) -> None:
        """Show which image is looked at."""
        current = self._model.current
        item = self._items.get(current.path) if current is not None else None
        if item is not self.list.currentItem() or item is None:  # else several may be selected
            self.list.mark(item)
        if item is not None:
            if not item.isHidden():
                self.list.scrollToItem(item)
            listed = self._model.listed
            place = listed.index(item.entry) + 1 if item.entry in listed else 0
            found = (
                "" if len(listed) == len(self._items) else f" found, {len(self._items):,} in all"
            )
            start = f"{place:,} of " if place else ""
            self.position.setText(f"{start}{len(listed):,}{found}")
            widest = f"{len(listed):,} of {len(listed):,}{found}"
            self.position.setMinimumWidth(self.position.fontMetrics().horizontalAdvance(widest))
            self.thumbnails.try_again(item.entry.path)  # it is about to be read once more
        self._repaint()

    def _on_item(self, item: object) -> None:
        if isinstance(item, ImageItem) and item.entry is not self._model.current:
            self._model.look_at(item.entry)

    def _on_analysis(self) -> None:
        """Show anew what is said of the current image, and of no other."""
        current = self._model.current
        if current is not None and current.path in self._items:
            self.list.viewport().update(self.list.visualItemRect(self._items[current.path]))

    def _repaint(self) -> None:
        self.list.viewport().update()

    def _show_menu(self, item: ImageItem, at: QPoint) -> None:
        """Offer what can be done with the image under the pointer, or with all selected."""
        chosen = self._chosen() if item.isSelected() else [item.entry]
        many = f" ({len(chosen):,} images)" if len(chosen) > 1 else ""
        menu = context_menu(self, "images_menu")
        show = menu.addAction("Show in the file manager", partial(self._show_file, item.entry))
        show.setEnabled(len(chosen) == 1)
        paths = [entry.path for entry in chosen]
        menu.addAction(f"Copy the path{'s' if many else ''}", partial(self._copy, paths))
        menu.addSeparator()
        menu.addAction(f"{self.remove_action.text()}{many}", partial(self._remove, chosen))
        menu.addAction("Remove all", self.remove_all)
        menu.popup(at)

    # Thumbnails

    def _on_thumbnail(self, path: Path, size: Size) -> None:
        self._items[path].entry.size = size
        self._repaint()

    def _on_unreadable(self, path: Path, error: SrviewerError) -> None:
        self._model.tell_unreadable(self._items[path].entry, error)
        self._repaint()

    def showEvent(self, event: QShowEvent) -> None:
        """Learn what is known of the images."""
        super().showEvent(event)
        self._data_set.set_listed(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep no thread for a list that nobody sees."""
        super().hideEvent(event)
        self._data_set.set_listed(False)
        self.thumbnails.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons side by side where there is room."""
        super().resizeEvent(event)
        wanted = self.add_images.sizeHint().width() + self.add_folder.sizeHint().width() + 22
        beside = event.size().width() >= wanted
        way = QHBoxLayout.Direction
        self._buttons.setDirection(way.LeftToRight if beside else way.TopToBottom)


def _button(text: str, name: str, asked: object) -> QPushButton:
    button = named(QPushButton(text), name)
    button.setMinimumWidth(60)  # the panel may be narrower than both beside each other
    button.clicked.connect(asked)
    return button
