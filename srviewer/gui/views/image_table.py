"""The table of a set's images: sorted by its headers, filtered, copied, and the way to each."""

from collections.abc import Mapping
from heapq import nlargest
from typing import Any

import numpy as np
from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from srviewer.export.options import OPTIONS
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.excluding import Excluding
from srviewer.gui.theme import DARK, current_theme
from srviewer.gui.views.table import Table
from srviewer.gui.views.table_model import TableModel
from srviewer.gui.views.table_view import FLAGS, TableView
from srviewer.gui.widgets.building import filled, named, push_button
from srviewer.gui.widgets.labels import ElidedLabel
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.columns import Column
from srviewer.survey import listing, messages
from srviewer.survey.answer import Uneven, unevenness
from srviewer.survey.listing import SHOWN_COLUMNS, ListedImages, Show, State
from srviewer.wording import counted

_NAME = 0  # the column whose texts are clicked
_MEASURED = 20  # of the texts with the most letters
_NOTES = 0.3  # of the width, as long as other columns can be spared, whatever is noted


class ImagesTable(Table):
    """Every image of the set, with what is known of it.

    Signals
    -------
    opened(path)
        A person wants to look at this image.
    capped(most)
        A person wants to export so many pairs an image at most.
    """

    opened = Signal(object)
    capped = Signal(int)

    def __init__(self, data_set: DataSet, excluding: Excluding) -> None:
        view = ImagesView(TableModel(SHOWN_COLUMNS, _tip, _color))
        super().__init__("set", view, Show, "images", sort="image")
        self.setObjectName("images_table")
        self._data_set, self._excluding = data_set, excluding
        self._images = ListedImages()
        self._shown_of: tuple[object, object] = (None, None)
        self.uneven = UnevenLine(data_set)
        self.uneven.capped.connect(self.capped)
        self.lay_out(self.uneven)
        view.selectionModel().selectionChanged.connect(excluding.changed)
        self._say(0)

    # What is remembered

    @property
    def sorted_by(self) -> tuple[str, bool]:
        """The column that is sorted by, and whether descending."""
        name, descending = self._sort
        return name or listing.NAMES[0], descending

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

    def show_options(self) -> None:
        """Follow how many pairs an image are exported."""
        self.uneven.show_overview()

    def show_set(self) -> None:
        """Show what the data set knows now."""
        whole, overview = self._data_set.whole, self._data_set.overview
        self.uneven.show_overview()
        if (whole, overview) != self._shown_of:
            self._shown_of = (whole, overview)
            answer = overview.answer if overview is not None and overview.whole is whole else None
            self._images = listing.list_images(whole, answer)
            self.fill()
        elif not len(self._images):
            self._say(0)

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
        images = self._images
        columns = listing.shown_columns(images)
        order = self.ordered(images, columns, len(images))
        order = order[listing.shown_of(images, self.show_only)[order]]
        self.show_rows(images, columns, order)
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
            why = listing.why_empty(self.show_only, total)
        self.say_empty(why)
        images = counted(total, "image")
        self.count.setText(images if listed == total else f"{listed:,} of {images}")

    # Excluding

    def set_active(self, active: bool) -> None:
        """Let the images that are selected here be excluded, for as long as somebody looks."""
        self._excluding.mean_images(self._meant if active else None)

    def _meant(self) -> Mapping[str, str]:
        surveyed = self._images.surveyed
        chosen = (one for one in self.view.selected_rows().tolist() if one < len(surveyed))
        return {surveyed[one].sha256: surveyed[one].name for one in chosen}

    def showEvent(self, event: QShowEvent) -> None:
        """Let the keys mean the images."""
        super().showEvent(event)
        self.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the keys mean what else is looked at."""
        super().hideEvent(event)
        self.set_active(False)

    # Opening and copying

    def ask(self, row: int) -> None:
        """Open an image."""
        self.opened.emit(self._images.paths[row])

    @property
    def csv_columns(self) -> tuple[Column[Any], ...]:
        """The columns that are copied, more than are shown."""
        return listing.COLUMNS

    def add_to_menu(self, menu: QMenu) -> None:
        """Offer to look at the current image."""
        look = menu.addAction("Look at this image\tEnter", self.ask_current)
        look.setEnabled(self.view.currentIndex().isValid())
        if self._excluding.images:
            menu.addAction(f"{self._excluding.image_words}\tShift+X", self._excluding.turn_image)
        menu.addSeparator()


class UnevenLine(QWidget):
    """Says which images carry the set, and takes fewer of them; its room is always there.

    Signals
    -------
    capped(most)
        A person wants to export so many pairs an image at most.
    """

    capped = Signal(int)

    def __init__(self, data_set: DataSet) -> None:
        super().__init__()
        self._data_set = data_set
        self._found: Uneven | None = None
        self.words = named(ElidedLabel(), "set_uneven")
        self.button = push_button("", "set_cap", "", clicked=self._on_click)
        self.button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.button.hide()
        filled(QHBoxLayout(self), self.words, self.button, grows=self.words, spacing=8)

    def show_overview(self) -> None:
        """Say what the data set's answer tells."""
        overview, most = self._data_set.overview, self._data_set.how.value.options.max_per_image
        answer = overview.answer if overview is not None else None
        one = self._found = unevenness(answer.kept) if answer is not None else None
        if answer is None or one is None:
            self.words.say("")
            self.button.hide()
            return
        words, cost = messages.uneven(answer, one, most)
        self.words.say(words, f"{words}: {cost}")
        self.button.setVisible(most is None or most > one.most)
        self.button.setText(f"At most {one.most:,}")
        pairs = counted(one.most, "pair")
        tip = f"export at most {pairs} of each image, those with the most keypoints"
        self.button.setToolTip(f"{tip}: {cost}")
        self.button.setAccessibleDescription(OPTIONS["max_per_image"].named(one.most))

    def _on_click(self) -> None:
        if self._found is not None:
            self.capped.emit(self._found.most)


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
    """The view of the images: one is asked for by a click on its name or a double click too."""

    def __init__(self, model: TableModel) -> None:
        self._longest_of: tuple[Any, str] = (None, "")
        super().__init__(model, "images_of_set", "Images of the data set")
        self.horizontalHeader().setSortIndicatorClearable(False)
        self.setMouseTracking(True)
        self.entered.connect(self._on_entered)
        self.viewportEntered.connect(self._on_left)
        self.clicked.connect(self._on_click)
        self.doubleClicked.connect(self._on_double_click)

    def share_width(self) -> None:
        """Give numbers, names and notes the room that they need; notes have what is left."""
        metrics, room = self.fontMetrics(), self.viewport().width()
        digit = metrics.horizontalAdvance("0")
        mark, most = self.iconSize().width() + 16, 36 * digit
        name = metrics.horizontalAdvance(self._longest_name())
        widths = {_NAME: min(name + mark, most), len(self.listed.columns) - 1: round(_NOTES * room)}
        for section, column in enumerate(self.listed.columns):
            if not column.left:
                title = metrics.horizontalAdvance(column.title) + 14  # and the arrow
                widths[section] = max(metrics.horizontalAdvance(column.widest) + 8, title)
        needed = [widths[section] for section in sorted(widths)]
        for section, width in enumerate(self.leave_out(needed, room)[:-1]):
            if width:
                self.horizontalHeader().resizeSection(section, width)

    def _longest_name(self) -> str:
        """Return the widest name that is listed, or the title."""
        images, first = self.listed.source, self.listed.columns[_NAME]
        if images is not self._longest_of[0]:
            longest = nlargest(_MEASURED, images.names if images is not None else (), key=len)
            wide = self.fontMetrics().horizontalAdvance
            self._longest_of = images, max(longest, key=wide, default="")
        return max(self._longest_of[1], f"{first.title}   ", key=len)

    def _on_click(self, index: QModelIndex) -> None:
        plain = QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier
        if plain and index.column() == _NAME:
            self.asked.emit(index.row())

    def _on_left(self) -> None:
        """Leave no hand behind; PySide complains where a method of the viewport is connected."""
        self.viewport().unsetCursor()

    def _on_entered(self, index: QModelIndex) -> None:
        """Show that names can be clicked."""
        over = index.column() == _NAME
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def _on_double_click(self, index: QModelIndex) -> None:
        if index.column() != _NAME:  # the first click on a name has opened it
            self.asked.emit(index.row())
