"""The list of images, with a small picture of each, its size and what came of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from srviewer.errors import SrviewerError
from srviewer.gui.jobs.thumbnails import Size, Thumbnails
from srviewer.gui.panels.images_list import ImageItem, ImageList
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.building import beside, context_menu, filled, named
from srviewer.survey import messages


class ImagesPanel(QFrame):
    """Shows the model's images and asks it to look at one, or to take one off the list.

    Attributes
    ----------
    position : QLabel
        Which image is looked at, for the title of the panel.

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
        self._items: dict[Path, ImageItem] = {}
        self.thumbnails = Thumbnails(self)
        self.thumbnails.ready.connect(self._on_thumbnail)
        self.thumbnails.failed.connect(self._on_unreadable)
        self._build()
        model.images_changed.connect(self._fill)
        model.current_changed.connect(self._mark)
        model.analysis_changed.connect(self._on_analysis)
        model.recipe_changed.connect(self._repaint)
        for changed in (model.images_changed, data_set.changed, data_set.survey.state_changed):
            changed.connect(self._tell_of_set)

    def _build(self) -> None:
        self.position = named(QLabel(), "images_place", muted=True)
        self.list = ImageList(self._model, self.thumbnails)
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
        self.set_line = named(QLabel(wordWrap=True), "images_set", muted=True)
        self.set_line.setContentsMargins(12, 6, 8, 0)
        self.set_line.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.set_line.linkActivated.connect(self._data_set.start_survey)
        self.set_line.hide()
        filled(QVBoxLayout(self), self.list, self.set_line, self._buttons, grows=self.list)

    def remove_current(self) -> None:
        """Take the image that is looked at off the list."""
        if self._model.current is not None:
            self._model.remove(self._model.current)

    # The list

    def _fill(self) -> None:
        """Bring the items to the model's entries; those that stay are not touched."""
        entries = {entry.path: entry for entry in self._model.entries}
        with QSignalBlocker(self.list):
            for path in self._items.keys() - entries.keys():
                self.list.takeItem(self.list.row(self._items.pop(path)))
                self.thumbnails.forget(path)
            for path, entry in entries.items():
                if path not in self._items:
                    self._items[path] = item = ImageItem(entry, self._model)
                    self.list.addItem(item)
        self._mark()

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
        with QSignalBlocker(self.list):
            self.list.setCurrentRow(-1 if item is None else self.list.row(item))
        if item is not None:
            self.list.scrollToItem(item)
            self.position.setText(f"{self.list.row(item) + 1:,} of {len(self._items):,}")
            self.thumbnails.try_again(item.entry.path)  # it is about to be read once more
        self._repaint()

    def _on_row(self, row: int) -> None:
        if 0 <= row < len(self._model.entries):
            self._model.look_at(self._model.entries[row])

    def _on_analysis(self) -> None:
        """Show anew what is said of the current image, and of no other."""
        current = self._model.current
        if current is not None and current.path in self._items:
            self.list.viewport().update(self.list.visualItemRect(self._items[current.path]))

    def _repaint(self) -> None:
        self.list.viewport().update()

    def _show_menu(self, item: ImageItem, at: QPoint) -> None:
        entry = item.entry
        menu = context_menu(self, "images_menu")
        menu.addAction(self.remove_action.text(), lambda: self._model.remove(entry))
        menu.popup(at)

    # Thumbnails

    def _on_thumbnail(self, path: Path, size: Size) -> None:
        self._items[path].entry.size = size
        self._repaint()

    def _on_unreadable(self, path: Path, error: SrviewerError) -> None:
        self._model.tell_unreadable(self._items[path].entry, error)
        self._repaint()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep no thread for a list that nobody sees."""
        super().hideEvent(event)
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
