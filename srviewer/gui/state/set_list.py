"""The windows of the whole set as a list: which are shown, in which order, which are selected."""

from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from srviewer.errors import SrviewerError
from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.excluding import NO_WINDOWS, Excluding, Meant
from srviewer.pipeline.arrays import Ints
from srviewer.pipeline.conditions import Condition
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.window_filter import Show
from srviewer.survey.whole_set import WholeSet
from srviewer.survey.windows import PSNR, ListOrder, SetWindows, judge_windows

NONE: Ints = np.empty(0, np.int64)

_Listed = tuple[SetWindows, Ints]


class SetList(QObject):
    """Lists windows of the data set in a thread, and follows the recipe as the set's answers do.

    Attributes
    ----------
    windows : SetWindows or None
        What is listed of; None while nothing is known.
    rows : ndarray of int64
        The numbers of the windows that are listed, in order.
    show : Show
    by : str or None
        What they are sorted by, as in `ListOrder.list`.
    descending : bool
    conditions : tuple of Condition
        That the windows meet.
    chosen : ndarray of int64
        Windows that are selected together, ascending; empty where it is one alone.
    current : int or None
        The window that keys move from.
    current_place : int
        Where in the list it was last, also where it is listed no longer.
    lister : Runner

    Signals
    -------
    changed(anew)
        Other windows are listed; `anew` where the list begins from the top.
    selected
        Others are selected.
    """

    changed = Signal(bool)
    selected = Signal()

    def __init__(
        self, data_set: DataSet, excluding: Excluding, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._data_set, self._excluding = data_set, excluding
        self._active = False
        self._order = ListOrder()
        self._asked: tuple[object, ...] = ()
        self._anew = False
        self.windows: SetWindows | None = None
        self.rows = NONE
        self.show = Show.KEPT
        self.by: str | None = PSNR
        self.descending = False
        self.conditions: tuple[Condition[SetWindows], ...] = ()
        self.chosen = NONE
        self.current: int | None = None
        self.current_place = 0
        self.lister = Runner("windows of the set", Queue.NEWEST, self)
        self.lister.done.connect(self._on_listed)
        self.lister.failed.connect(self._on_failed)
        data_set.changed.connect(self._follow)

    def set_active(self, active: bool) -> None:
        """Follow the set for as long as somebody looks; then its windows are what is excluded."""
        if active == self._active:
            return
        self._active = active
        self._excluding.mean(self._meant if active else None)
        if active:
            self._follow()
        else:
            self.lister.drop()
            self._asked = ()

    def list_by(
        self,
        show: Show,
        by: str | None,
        *,
        descending: bool,
        conditions: tuple[Condition[SetWindows], ...] = (),
    ) -> None:
        """List these windows, of which all conditions hold, in this order."""
        asked = (show, by, descending, conditions)
        if asked != (self.show, self.by, self.descending, self.conditions):
            self.show, self.by, self.descending, self.conditions = asked
            self._anew = True
            self._follow()

    def take(self, chosen: Ints, current: int | None) -> None:
        """Select these together, and have `current` as the one that keys move from."""
        self.chosen, self.current = chosen, current
        self._note_place()
        self.selected.emit()
        self._excluding.changed.emit()

    def _note_place(self) -> None:
        if self.current is not None:
            at = np.flatnonzero(self.rows == self.current)
            self.current_place = int(at[0]) if len(at) else self.current_place

    # Listing

    @property
    def is_coming(self) -> bool:
        """Whether there will be windows without anything that a person has to do."""
        count = self._data_set.count
        return count > 0 and self._data_set.pending != count

    def _follow(self) -> None:
        if not self._active:
            return
        found = self._data_set.overview
        if found is None:
            self._asked = ()
            self._show(None, NONE)
            return
        whole, recipe = found.whole, found.answer.recipe
        asked = (whole, recipe, self.show, self.by, self.descending, self.conditions)
        if asked[1:] == self._asked[1:] and asked[0] is self._asked[0]:
            return
        self._asked = asked
        job = partial(self._list, *asked)
        self.lister.start(Job(job, needs="the list of all windows"))

    def _list(
        self,
        whole: WholeSet,
        recipe: Recipe,
        show: Show,
        by: str | None,
        descending: bool,
        conditions: tuple[Condition[SetWindows], ...],
        progress: Progress,
        tell: Tell,
    ) -> _Listed:
        windows = judge_windows(whole, recipe, progress)
        rows = self._order.list(windows, show, by, descending=descending, conditions=conditions)
        return windows, rows

    def _on_listed(self, found: _Listed) -> None:
        if self._active and self._asked:
            self._show(*found)

    def _on_failed(self, error: SrviewerError) -> None:
        self._asked = ()
        self._show(None, NONE)

    def _show(self, windows: SetWindows | None, rows: Ints) -> None:
        before = self.windows
        if windows is not None and before is not None:
            self._carry_over(before, windows, rows)
        else:
            self.chosen, self.current = NONE, None
        self.windows, self.rows = windows, rows
        anew, self._anew = self._anew or before is None, False
        self._note_place()
        self.changed.emit(anew)
        self._excluding.changed.emit()

    def _carry_over(self, before: SetWindows, now: SetWindows, rows: Ints) -> None:
        """Keep what is selected and still listed; nothing is done to windows that nobody sees."""
        chosen = now.renumbered(before, self.chosen)
        self.chosen = np.sort(chosen[np.isin(chosen, rows)])
        one = now.renumbered(before, np.array([] if self.current is None else [self.current], int))
        self.current = int(one[0]) if np.isin(one, rows).all() and len(one) else None
        if self.current is None and len(self.chosen):
            self.current = int(self.chosen[0])
        if len(self.chosen) == 1:
            self.chosen = NONE

    # What is excluded

    def _meant(self) -> Meant:
        chosen, windows = self.chosen, self.windows
        if not len(chosen) and self.current is not None:
            chosen = np.array([self.current])
        if windows is None or not len(chosen):
            return NO_WINDOWS
        return Meant(
            len(chosen),
            windows.are_excluded(chosen),
            windows.count_rejected(chosen),
            partial(windows.places, chosen),
        )
