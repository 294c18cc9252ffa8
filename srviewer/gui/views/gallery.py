"""The gallery of one image's windows, and the row of tools above it."""

import numpy as np
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.state.results import result_of, why_no_result
from srviewer.gui.state.selection import Selected
from srviewer.gui.views.gallery_bar import GalleryBar
from srviewer.gui.views.gallery_kind import WINDOWS, Kind, offer_lying
from srviewer.gui.views.strip_area import caption_texts
from srviewer.gui.views.strip_grid import StripGrid
from srviewer.gui.views.table_model import NO_ROWS
from srviewer.gui.widgets.building import listed
from srviewer.gui.widgets.controls import offer
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.columns import SortOrder
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.summary import window_verdict
from srviewer.pipeline.verdicts import Verdict
from srviewer.pipeline.window_alignment import alignment_caption
from srviewer.pipeline.window_columns import (
    COLUMNS,
    GIVEN_COLUMNS,
    ONLY_WITH,
    WindowColumn,
    columns_of,
)
from srviewer.pipeline.window_filter import LYING, choose, count_words, why_empty
from srviewer.survey.patches import Patch, patch_of
from srviewer.wording import counted, sentence


class Gallery(StripGrid):
    """Shows windows of an analysis.

    A click or a key selects a window in the model, with Ctrl and Shift several; a window that is
    selected elsewhere is scrolled to.
    """

    def __init__(self, model: Model, excluding: Excluding, kind: Kind = WINDOWS) -> None:
        super().__init__(excluding, kind)
        self._model = model
        self._analysis: Analysis | None = None
        self._chose: frozenset[int] = frozenset()  # what of the model's choice was made here
        self._chosen = NO_ROWS
        model.selection_changed.connect(self._follow_selection)
        model.chosen_changed.connect(self._follow_chosen)

    @property
    def _known(self) -> Analysis:
        assert self._analysis is not None  # without it no window is shown
        return self._analysis

    def show_windows(self, a: Analysis | None, windows: Ints, why_empty: str = "") -> None:
        """Show `windows` of `a`, or in words why there are none."""
        same = a is not None and self._analysis is not None and a.pair is self._analysis.pair
        self._analysis = a
        if a is None:
            self._cache.clear()
        self.show_rows(windows, why_empty, anew=not same)

    @property
    def pictured(self) -> tuple[object, Recipe]:
        """What the numbers of windows, and their pixels, are of, and the recipe."""
        return (self._known.pair, self._known.windows), self._known.recipe

    def patch(self, window: int) -> Patch | str:
        """Return the pixels of a window."""
        return patch_of(self._known.pair, self._known.windows.pixels(window))

    def verdict(self, window: int) -> Verdict:
        """Return the verdict on a window."""
        return Verdict(int(self._known.patches.verdict[window]))

    @property
    def tells_lying(self) -> bool:
        """Whether windows have a line that says how they lie."""
        return self._analysis is not None and self._analysis.has("alignment")

    def lies(self, window: int) -> str:
        """Return how a window of a given pair lies."""
        return alignment_caption(self._known.alignment, window)

    def captions(self, window: int) -> tuple[str, str, str]:
        """Return texture, PSNR and SSIM of a window."""
        return captions(self._known, window)

    def words(self, window: int) -> str:
        """Return all that there is to say of a window."""
        a = self._known
        texture, psnr, ssim = captions(a, window)
        at = f"window at x {a.windows.x[window]}, y {a.windows.y[window]} px"
        matches = counted(int(a.patches.matches[window]), "match", "matches")
        held = f"{texture}, {matches}, PSNR {psnr}, {ssim}"
        return f"{at}\n{window_verdict(a, window)}\n{held}"

    # The selection is the model's

    @property
    def current(self) -> int | None:
        """The window that the model asks about."""
        selected = self._model.selection
        return selected.index if selected is not None and selected.kind == "window" else None

    @property
    def chosen(self) -> Ints:
        """The windows that are chosen together."""
        return self._chosen

    def take(self, chosen: Ints, current: int | None) -> None:
        """Let the model choose these together, and ask about `current`."""
        self._chose = frozenset(chosen.tolist())
        self._model.choose(self._chose)
        selected = None if current is None else Selected("window", current)
        self._model.select(selected, go_there=True)

    def ask(self, window: int) -> None:
        """Let the picture go there again."""
        self._model.select(Selected("window", window), go_there=True)

    def clicked(self, window: int) -> None:
        """Tell that a window is asked about."""
        self.picked.emit(self._model.selection)

    def _follow_selection(self) -> None:
        if self._analysis is not None:
            self.scroll_to_selected()
            self.show_selection()

    def _follow_chosen(self) -> None:
        self._chosen = np.array(sorted(self._model.chosen), np.int64)
        if self._analysis is not None:
            self.show_selection()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let nothing be done to windows that nobody sees."""
        super().hideEvent(event)
        if self._chose and self._model.chosen == self._chose:
            self._model.choose(frozenset())
        self._chose = frozenset()


def captions(a: Analysis, window: int) -> tuple[str, str, str]:
    """Return what stands below a window: its texture, its PSNR and its SSIM."""
    psnr, ssim = float(a.quality.psnr[window]), float(a.quality.ssim[window])
    return caption_texts(a.texture.measure, a.texture.deciding[window], psnr, ssim)


_UNSORTED = ("x", "y", "matches", "dx", "dy", "u95", "alignment", "verdict")
_SORTED_BY = tuple(one for one in COLUMNS if one.name not in _UNSORTED)


class GalleryView(QWidget):
    """A gallery of the current image's windows, and its tools."""

    def __init__(self, model: Model, excluding: Excluding, kind: Kind = WINDOWS) -> None:
        super().__init__()
        self._kind = kind
        self.setObjectName(f"{kind.name}_view")
        self._model = model
        self._stale = True
        self._order = SortOrder()
        titles = (one.title if one.title.isupper() else one.title.lower() for one in _SORTED_BY)
        by_column = zip((f"By {one}" for one in titles), _SORTED_BY, strict=True)
        self.bar = GalleryBar(kind, [("By place", None), *by_column], kind.sort)
        self.show_box, self.sort_box = self.bar.show_box, self.bar.sort_box
        self.descending, self.size_slider = self.bar.descending, self.bar.size_slider
        self.count = self.bar.count
        self.gallery = Gallery(model, excluding, kind)
        self.bar.shown.connect(self._show_others)
        self.bar.sorted.connect(self._sort_anew)
        self.bar.sized.connect(self.gallery.set_side)
        listed(self, self.bar, self.gallery)
        self.setFocusProxy(self.gallery)
        model.analysis_changed.connect(self._fill)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed while nobody looked."""
        super().showEvent(event)
        self._show_others()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let nothing be found out that nobody sees."""
        super().hideEvent(event)
        self._model.want_alignment(self._kind.name, False)

    def _fill(self) -> None:
        was_stale, self._stale = self._stale, not self.isVisible()
        if was_stale and self._stale:
            return
        a = None if self._stale else result_of(self._model)
        if a is None:  # and while hidden no old analysis is held alive either
            self.gallery.show_windows(None, NO_ROWS, sentence(why_no_result(self._model)))
            self.count.setText("")
            return
        given = a.image.lr is not None
        columns, show = columns_of(a.recipe, given=given), self.show_box.currentData()
        self._offer(columns)
        offer_lying(self.show_box, given)
        by = self.sort_box.currentData()
        column, descending = by if by in columns else None, self.descending.isChecked()
        order = self._order.of(column, a, len(a.windows), descending=descending)
        windows = choose(a, show, order=order)
        why = "" if len(windows) else sentence(why_empty(a, show))
        self.gallery.show_windows(a, windows, why)
        self.bar.say_count(*count_words(a, show, len(windows)))

    def _offer(self, columns: tuple[WindowColumn, ...]) -> None:
        for number, column in enumerate(_SORTED_BY, start=1):
            why_not = None if column in columns else f"known with {ONLY_WITH[column.name]} only"
            offer(self.sort_box, number, why_not)

    def _show_others(self) -> None:
        self._ask_for_alignment()
        self._fill()

    def _ask_for_alignment(self) -> None:
        show, by = self.show_box.currentData(), self.sort_box.currentData()
        wanted = show in LYING or by in GIVEN_COLUMNS
        self._model.want_alignment(self._kind.name, wanted and self.isVisible())

    def _sort_anew(self) -> None:
        self._ask_for_alignment()
        self._fill()
        self.gallery.scroll_to_selected()
