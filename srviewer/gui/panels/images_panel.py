"""The list of images, with a small picture of each, its size and what came of it."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from srviewer.errors import SrviewerError
from srviewer.gui.jobs.thumbnails import Size, ThumbnailService
from srviewer.gui.panels.images_list import ImageItem, ImageList
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.model import Entry, Model
from srviewer.gui.widgets.building import beside, filled, heading, named
from srviewer.survey import messages

_MOST_THUMBNAILS = 400  # at a ratio of 2 each takes 150 kB


class ImagesPanel(QFrame):
    """Shows the model's images and asks it to look at one, or to take one off the list.

    It leaves its room to the data set, which lists the images itself.

    Signals
    -------
    add_images_asked, add_folder_asked
        A person wants to choose more.
    """

    add_images_asked = Signal()
    add_folder_asked = Signal()

    def __init__(self, model: Model, data_set: DataSet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self._model, self._data_set = model, data_set
        self._items: dict[Entry, ImageItem] = {}
        self._thumbnails: OrderedDict[Path, QPixmap] = OrderedDict()
        self._asked: dict[Path, Entry] = {}
        self._unreadable: set[Path] = set()  # not asked for again until they are looked at
        self._wanted: list[Path] = []
        self._menu_entry: Entry | None = None
        self.service = ThumbnailService(self)
        self.service.ready.connect(self._on_thumbnail)
        self.service.failed.connect(self._on_unreadable)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._request_wanted)
        self._build()
        model.images_changed.connect(self._fill)
        model.current_changed.connect(self._mark)
        model.analysis_changed.connect(self._on_analysis)
        model.recipe_changed.connect(self._repaint)
        model.page_changed.connect(self._show_where_wanted)
        for changed in (model.images_changed, data_set.changed, data_set.survey.state_changed):
            changed.connect(self._tell_of_set)
        self.hide()

    def _build(self) -> None:
        self.position = named(QLabel(), "images_place", muted=True)
        title = heading("Images")
        head = filled(QHBoxLayout(), title, self.position, grows=title, margins=(12, 10, 12, 6))
        self.list = ImageList(self._model, self.thumbnail)
        self.list.currentRowChanged.connect(self._on_row)
        self.list.menu_asked.connect(self._show_menu)
        self.remove_action = QAction("Remove from the list", self.list)
        self.remove_action.setShortcut(Qt.Key.Key_Delete)
        self.remove_action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.remove_action.setToolTip("the file stays where it is")
        self.remove_action.triggered.connect(self.remove_current)
        self.list.addAction(self.remove_action)
        self.add_images = _button("Add images...", "add_images", self.add_images_asked)
        self.add_folder = _button("Add folder...", "add_folder", self.add_folder_asked)
        self._buttons = beside(self.add_images, self.add_folder)
        self._buttons.setContentsMargins(8, 8, 8, 8)
        self.set_line = named(QLabel(), "images_set", muted=True)
        self.set_line.setWordWrap(True)
        self.set_line.setContentsMargins(12, 6, 8, 0)
        self.set_line.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.set_line.linkActivated.connect(self._data_set.start_survey)
        self.set_line.hide()
        filled(QVBoxLayout(self), head, self.list, self.set_line, self._buttons, grows=self.list)

    def stop(self, wait: int = 1000) -> bool:
        """Make no more thumbnails, and tell whether their thread has ended within `wait` ms.

        What comes into view later is asked for again.
        """
        self._soon.stop()
        self._wanted.clear()
        self._forget_asked()
        return self.service.stop(wait)

    def _forget_asked(self) -> None:
        """Ask again for what there is no thumbnail of, unless it cannot be read."""
        for path in self._asked.keys() - self._thumbnails.keys() - self._unreadable:
            del self._asked[path]

    def remove_current(self) -> None:
        """Take the image that is looked at off the list."""
        if self._model.current is not None:
            self._model.remove(self._model.current)

    # The list

    def _fill(self) -> None:
        """Bring the items to the model's entries; those that stay are not touched."""
        entries = self._model.entries
        with QSignalBlocker(self.list):
            for entry in self._items.keys() - set(entries):
                self.list.takeItem(self.list.row(self._items.pop(entry)))
                self._forget(entry)
            if list(self._items) != entries[: len(self._items)]:
                self._items.clear()
                self.list.clear()
            for entry in entries[len(self._items) :]:
                self._items[entry] = item = ImageItem(entry, self._model)
                self.list.addItem(item)
        self._mark()
        self._show_where_wanted()

    def _show_where_wanted(self) -> None:
        # A single picture has the room.
        self.setVisible(len(self._model.entries) > 1 and not self._model.data_set_shown)

    def _tell_of_set(self) -> None:
        """Show how all images together stand, with a link that surveys them."""
        one, survey = self._data_set, self._data_set.survey
        text = messages.of_the_list(
            one.count, one.pending, one.state, runs=survey.busy, paused=survey.paused
        )
        self.set_line.setText(text)
        self.set_line.setVisible(bool(text))

    def _forget(self, entry: Entry) -> None:
        self._thumbnails.pop(entry.path, None)
        self._asked.pop(entry.path, None)
        self._unreadable.discard(entry.path)

    def _mark(self) -> None:
        """Show which image is looked at."""
        current = self._model.current
        item = self._items.get(current) if current is not None else None
        with QSignalBlocker(self.list):
            if item is not None:
                self.list.setCurrentItem(item)
            else:
                self.list.setCurrentRow(-1)
        if current is not None and item is not None:
            self.list.scrollToItem(item)
            self.position.setText(f"{self.list.row(item) + 1:,} of {len(self._items):,}")
            if current.path in self._unreadable:  # it is about to be read once more
                self._unreadable.remove(current.path)
                self._asked.pop(current.path, None)
        self._repaint()

    def _on_row(self, row: int) -> None:
        if 0 <= row < len(self._model.entries):
            self._model.look_at(self._model.entries[row])

    def _on_analysis(self) -> None:
        """Show anew what is said of the current image, and of no other."""
        current = self._model.current
        if current in self._items:
            self.list.viewport().update(self.list.visualItemRect(self._items[current]))

    def _repaint(self) -> None:
        self.list.viewport().update()

    def _show_menu(self, item: ImageItem, at: QPoint) -> None:
        self._menu_entry = item.entry
        menu = QMenu(self)
        menu.setObjectName("images_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.remove_action.text()).triggered.connect(self._remove_menu_entry)
        menu.popup(at)

    def _remove_menu_entry(self) -> None:
        if self._menu_entry is not None:
            self._model.remove(self._menu_entry)
            self._menu_entry = None

    # Thumbnails

    def thumbnail(self, entry: Entry) -> QPixmap | None:
        """Return the thumbnail of `entry`, and see to it that there is one soon."""
        path = entry.path
        if path in self._thumbnails:
            self._thumbnails.move_to_end(path)
            return self._thumbnails[path]
        if path not in self._asked:
            self._asked[path] = entry
            self._wanted.append(path)
            self._soon.start(0)  # all that come into view together are asked for together
        return None

    def _request_wanted(self) -> None:
        self.service.device_pixel_ratio = self.devicePixelRatioF()
        self.service.request(self._wanted)
        self._wanted.clear()

    def _on_thumbnail(self, path: Path, thumbnail: QImage, size: Size) -> None:
        if path not in self._asked:  # taken off the list meanwhile
            return
        pixmap = QPixmap.fromImage(thumbnail)
        pixmap.setDevicePixelRatio(self.service.device_pixel_ratio)
        self._thumbnails[path] = pixmap
        self._asked[path].size = size
        if len(self._thumbnails) > _MOST_THUMBNAILS:
            oldest, _ = self._thumbnails.popitem(last=False)
            del self._asked[oldest]
        self._repaint()

    def _on_unreadable(self, path: Path, error: SrviewerError) -> None:
        entry = self._asked.get(path)
        if entry is not None:
            self._unreadable.add(path)
            self._model.tell_unreadable(entry, error)
            self._repaint()

    def event(self, event: QEvent) -> bool:
        """Make the thumbnails anew for a screen of another scale."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.service.forget()
            self._thumbnails.clear()
            self._forget_asked()
        return super().event(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep no thread for a list that nobody sees."""
        super().hideEvent(event)
        self.stop()

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
