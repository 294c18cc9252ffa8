"""The gallery of all windows of the data set: the best and the worst of all images side by side."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from srviewer.errors import SrviewerError
from srviewer.gui.jobs.patches import Patches
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.set_list import SetList
from srviewer.gui.views.condition_field import ConditionField
from srviewer.gui.views.gallery_bar import GalleryBar
from srviewer.gui.views.gallery_kind import SET, offer_lying
from srviewer.gui.views.strip_area import caption_texts
from srviewer.gui.views.strip_grid import StripGrid
from srviewer.gui.widgets.building import listed
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.textures import measure_of
from srviewer.pipeline.verdicts import Verdict
from srviewer.pipeline.window_alignment import alignment_caption
from srviewer.pipeline.window_filter import Show
from srviewer.survey.patches import Patch, pair_key
from srviewer.survey.windows import (
    PSNR,
    SSIM,
    TEXTURE,
    SetWindows,
    count_words,
    set_columns,
    why_empty,
)
from srviewer.wording import sentence

_CONDITIONS = 260  # px, for two of them
_READING = "reading ..."
_UNREADABLE = "cannot be read"


class SetGrid(StripGrid):
    """Shows windows of all images; the pixels of those that are seen are read behind.

    Signals
    -------
    opened(path, x, y, patch)
        A person wants to look at a window in its image.
    """

    opened = Signal(object, int, int, int)
    titled = True

    def __init__(self, listed: SetList, excluding: Excluding) -> None:
        super().__init__(excluding, SET)
        self._list = listed
        self._patches = Patches(self)
        self._wanted: tuple[object, ...] = ()
        self._patches.ready.connect(self._on_ready)
        listed.changed.connect(self._on_listed)
        listed.selected.connect(self.show_selection)

    @property
    def _known(self) -> SetWindows:
        assert self._list.windows is not None  # without them no window is shown
        return self._list.windows

    def _on_listed(self, anew: bool) -> None:
        windows, rows = self._list.windows, self._list.rows
        if windows is None:
            why = "Being computed ..." if self._list.is_coming else "No image is surveyed yet."
        else:
            given = bool(self._list.conditions)
            empty = "" if len(rows) else why_empty(windows, self._list.show, conditions=given)
            why = sentence(empty) if empty else ""
        self._wanted = ()
        self.show_rows(rows, why, anew=anew)

    # The pictures

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is known, and ask for what is seen and not known."""
        seen = self._in_view()
        wanted = (self._list.windows, seen)
        if len(self.windows) and wanted != self._wanted:
            self._wanted = wanted
            places = [self._known.place(int(self.windows[place])) for place in seen]
            asked = [(self._known.images[image], window) for image, window in places]
            self._patches.want(self._known.recipe, asked)
        super().paintEvent(event)

    def _on_ready(self) -> None:
        self.viewport().update()

    def _patch(self, window: int) -> Patch | SrviewerError | None:
        image, number = self._known.place(window)
        return self._patches.of(self._known.images[image], number)

    @property
    def pictured(self) -> tuple[object, Recipe]:
        """What the numbers of windows, and their pixels, are of, and the recipe."""
        recipe = self._known.recipe
        return (self._known.images, pair_key(recipe)), recipe

    def patch(self, window: int) -> Patch | str:
        """Return the pixels of a window, or in words why there are none yet."""
        patch = self._patch(window)
        if isinstance(patch, Patch):
            return patch
        return _READING if patch is None else _UNREADABLE

    # What is said of a window

    def title(self, window: int) -> str:
        """Return the name of the image that a window is of."""
        return self._known.images[self._known.place(window)[0]].name

    def verdict(self, window: int) -> Verdict:
        """Return the verdict on a window."""
        return self._known.verdict(window)

    @property
    def tells_lying(self) -> bool:
        """Whether windows have a line that says how they lie."""
        windows = self._list.windows
        return windows is not None and windows.has_alignment

    def lies(self, window: int) -> str:
        """Return how a window of a given pair lies."""
        lying = self._known.lying(window)
        return alignment_caption(lying, 0) if lying else ""

    def captions(self, window: int) -> tuple[str, str, str]:
        """Return texture, PSNR and SSIM of a window."""
        texture, psnr, ssim = (self._known.value(name, window) for name in (TEXTURE, PSNR, SSIM))
        return caption_texts(measure_of(self._known.recipe), texture, psnr, ssim)

    def words(self, window: int) -> str:
        """Return all that there is to say of a window."""
        x, y = self._known.corner(window)
        texture, psnr, ssim = self.captions(window)
        patch = self._patch(window)
        lines = [
            f"{self.title(window)}: window at x {x}, y {y} px",
            self._known.words(window),
            f"{texture}, PSNR {psnr}, {ssim}",
            *([str(patch)] if isinstance(patch, SrviewerError) else []),
        ]
        return "\n".join(lines)

    # The selection is the list's

    @property
    def current(self) -> int | None:
        """The window that keys move from."""
        return self._list.current

    @property
    def chosen(self) -> Ints:
        """The windows that are selected together."""
        return self._list.chosen

    def take(self, chosen: Ints, current: int | None) -> None:
        """Let the list select these together."""
        self._list.take(chosen, current)

    def first_place(self) -> int:
        """Return where the window was that is listed no longer, if that is seen."""
        seen = self._in_view()
        place = min(self._list.current_place, len(self.windows) - 1)
        return place if place in seen else next(iter(seen), 0)

    def ask(self, window: int) -> None:
        """Ask for the image of a window."""
        image, _ = self._known.place(window)
        path = self._known.images[image].path
        self.opened.emit(path, *self._known.corner(window), self._known.recipe.patch)

    def clicked(self, window: int) -> None:
        """Look at a window that was clicked."""
        self.ask(window)

    def hideEvent(self, event: QHideEvent) -> None:
        """Read nothing that nobody sees."""
        super().hideEvent(event)
        self._wanted = ()
        self._patches.rest()


class SetGallery(QWidget):
    """The gallery of the data set, and its tools.

    Attributes
    ----------
    conditions : ConditionField
        On the windows; its owner puts it where there is room.
    """

    def __init__(self, data_set: DataSet, excluding: Excluding) -> None:
        super().__init__()
        self.setObjectName("set_gallery_view")
        self._data_set = data_set
        self.list = SetList(data_set, excluding, self)
        orders = [("By image", None), ("By texture", TEXTURE), ("By PSNR", PSNR), ("By SSIM", SSIM)]
        self.conditions = ConditionField("set_gallery", "windows", "keypoints >= 10, psnr < 20")
        self.conditions.setFixedWidth(_CONDITIONS)
        self.bar = GalleryBar(SET, orders, PSNR)
        self.gallery = SetGrid(self.list, excluding)
        self.bar.shown.connect(self._list_anew)
        self.bar.sorted.connect(self._list_anew)
        self.bar.sized.connect(self.gallery.set_side)
        self.conditions.understood.connect(self._list_anew)
        self.list.changed.connect(self._say)
        listed(self, self.bar, self.conditions.problem, self.gallery)

    def _list_anew(self) -> None:
        bar = self.bar
        show, by = bar.show_box.currentData(), bar.sort_box.currentData()
        descending, conditions = bar.descending.isChecked(), self.conditions.conditions
        self.list.list_by(show, by, descending=descending, conditions=conditions)

    def show_only(self, conditions: str, show: Show) -> None:
        """List the windows of `show` that meet `conditions`, as if a person had asked for them."""
        overview = self._data_set.overview
        if overview is not None:
            self.conditions.use_columns(set_columns(measure_of(overview.answer.recipe)))
        self.bar.show_box.setCurrentIndex(self.bar.show_box.findData(show))
        self.conditions.setText(conditions)

    def _say(self) -> None:
        windows = self.list.windows
        self.conditions.setEnabled(windows is not None)
        if windows is None:
            self.bar.say_count("")
            return
        self.bar.say_count(*count_words(windows, len(self.list.rows)))
        offer_lying(self.bar.show_box, windows.has_alignment)
        measure = measure_of(windows.recipe)
        self.bar.sort_box.setItemText(self.bar.sort_box.findData(TEXTURE), f"By {measure.quantity}")
        self.conditions.use_columns(set_columns(measure))
        self._list_anew()  # without a condition on what is measured no more

    def showEvent(self, event: QShowEvent) -> None:
        """List what is known now."""
        super().showEvent(event)
        self.list.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Do nothing while nobody looks."""
        super().hideEvent(event)
        self.list.set_active(False)
