"""Data sets verified and made again from the window, and the way to the pair of each finding."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from srviewer.errors import SrviewerError, shown_path
from srviewer.export.findings import VerifyState
from srviewer.export.options import LABELS
from srviewer.export.sample import is_sample
from srviewer.export.verification import messages
from srviewer.export.verification.beginning import require_data_set
from srviewer.export.verification.listing import Listed, ListedFindings, listed
from srviewer.export.verification.reproducing import Reproduced, reproduce
from srviewer.export.verification.sources import AtHand, at_hand
from srviewer.export.verification.stored_pair import StoredPair, stored_pair
from srviewer.export.verification.verifying import verify
from srviewer.gui.jobs.long_run import CheckRun
from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell
from srviewer.gui.state.data_set import jobs_beside_a_window
from srviewer.gui.state.entry import Entry
from srviewer.gui.state.model import Model
from srviewer.gui.state.visit import Visit
from srviewer.gui.views.check_dialog import CheckDialog, Images, Way
from srviewer.gui.views.pair_dialog import PairDialog
from srviewer.gui.widgets.file_manager import show_file
from srviewer.pipeline.progress import Progress
from srviewer.runs.folders import is_inside

_LOOK_AFTER = 150  # ms after the last change: a path is typed letter by letter
_LIST_EVERY = 400  # ms between two looks at what was found


def verifying(
    folder: Path, images: Images, *, on_finding: Callable[[Any], object], **told: Any
) -> VerifyState:
    """Verify `folder` beside a window."""
    return verify(folder, images=images, jobs=jobs_beside_a_window(), on_finding=on_finding, **told)


def reproducing(
    folder: Path, images: Images, *, on_finding: Callable[[Any], object], **told: Any
) -> Reproduced:
    """Make `folder` again beside a window."""
    require_data_set(folder)
    jobs = jobs_beside_a_window()
    done = reproduce(folder, images, jobs=jobs, on_cause=on_finding, **told)
    for one in done.differences:
        on_finding(one)
    return done


def _at_hand(out: Path, images: Images, progress: Progress, tell: Tell) -> AtHand:
    return at_hand(out, images, progress)


class Checking(QObject):
    """A way of checking data sets: its dialog, its work, and what its findings lead to.

    Attributes
    ----------
    run : CheckRun

    Parameters
    ----------
    way : Way
    work : callable
        Given the folder, the images, and what `CheckRun.begin` gives.
    model : Model
    folder : callable
        Returns the data set to propose.
    window : QWidget
    """

    def __init__(
        self,
        way: Way,
        work: Callable[..., Any],
        model: Model,
        folder: Callable[[], Path],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._way, self._work, self._model, self._folder = way, work, model, folder
        self._window, self._out = window, Path()
        self._dialog: CheckDialog | None = None
        self._sources: Images = ()
        self._folder_meant: Path | None = None
        self._shown = 0  # findings that are listed
        self._listed: list[Listed] = []
        self._outcome, self._ended_well = "", False
        self._visit = Visit(model, self)
        self.run = CheckRun(way.name, self)
        self.run.state_changed.connect(self._on_state)
        self.run.done.connect(self._on_done)
        self.run.failed.connect(self._on_failed)
        self.run.finished.connect(self._on_finished)
        self._reader = Runner(f"{way.name} pair", Queue.REPLACE, self)
        self._reader.done.connect(self._on_read)
        self._reader.failed.connect(self._on_unread)
        self._looker = Runner(f"{way.name} images", Queue.REPLACE, self)
        self._looker.done.connect(self._on_looked)
        self._look_soon = QTimer(self, singleShot=True, interval=_LOOK_AFTER)
        self._look_soon.timeout.connect(self._look_into)
        self._soon = QTimer(self, singleShot=True, interval=_LIST_EVERY)
        self._soon.timeout.connect(self._list)

    def show(self) -> None:
        """Ask for a data set, or show how far it is."""
        if self._dialog is None:
            self._dialog = dialog = CheckDialog(self._way, self.run, self._window)
            dialog.asked.connect(self._begin)
            dialog.turned.connect(self._on_turned)
            dialog.table.opened.connect(self._open)
            dialog.table.copied.connect(dialog.say)
        entries = self._model.entries
        sources = (one.source if one.lr else one.root or one.path for one in entries)
        self._sources = listed = tuple(dict.fromkeys(sources))
        own = not (len(entries) == 1 and is_sample(entries[0].path))
        self._dialog.offer(self._folder(), listed, len(entries), propose=own)
        self._dialog.bring()
        self._look_into()

    def show_set(self, folder: Path) -> None:
        """Ask for the images of the data set in `folder`, unless another is being checked."""
        self.show()
        if self._dialog is not None and not self.run.busy:
            self._dialog.folder.setText(str(folder))

    # What the data set was made of

    def _on_turned(self, folder: Path | None) -> None:
        self._folder_meant = folder
        self._looker.drop()
        self._look_soon.start()

    def _look_into(self) -> None:
        """Find out which images in the list the data set was made of."""
        out, listed = self._folder_meant, self._sources
        if out is not None and listed and self._dialog is not None and self._dialog.isVisible():
            work = partial(_at_hand, out, listed)
            self._looker.start(Job(work, about=out, path=out, needs="so many images"))

    def _on_looked(self, found: AtHand, job: Job) -> None:
        if self._dialog is not None and job.about == self._folder_meant:
            self._dialog.show_at_hand(found)

    # The work

    def _begin(self, folder: Path, images: Images) -> None:
        self._out, self._shown, self._listed = folder, 0, []
        self._outcome, self._ended_well = "", False
        self._say("looking at the data set")
        self._fill(f"{self._way.nothing} so far")
        self.run.begin(partial(self._work, folder, images))

    def _on_state(self) -> None:
        state = self.run.state
        if self.run.cancelled:
            self._say("cancelling")
        elif self.run.busy and state is not None:
            self._say(messages.going(state))
        if self.run.busy and not self._soon.isActive():
            self._soon.start()

    def _on_done(self, came_of_it: VerifyState | Reproduced) -> None:
        if isinstance(came_of_it, VerifyState):
            line, wrong = messages.verified(came_of_it), bool(came_of_it.wrong)
            how = "choose them above"
            missing = [f"not checked: {one}" for one in messages.not_checked(came_of_it, how)]
            done = [messages.compared(came_of_it), *missing]
            lines = [line, messages.verified_what(came_of_it), "; ".join(filter(None, done))]
        else:
            line, wrong = messages.reproduced(came_of_it), not came_of_it.same
            lines = [f"{shown_path(self._out)}: {line}", *messages.causes(came_of_it)]
        self._ended_well = True
        self._end("\n".join(filter(None, lines)), line, wrong=wrong)

    def _on_failed(self, error: SrviewerError) -> None:
        told = f"failed: {error.told(LABELS)}"
        self._end(told, told, wrong=True)

    def _end(self, text: str, line: str, *, wrong: bool) -> None:
        self._outcome = text
        self._say(text, warns=wrong)
        self._model.noted.emit(f"{self._way.name} {self._out}: {line}")

    def _on_finished(self) -> None:
        if not self._outcome:
            self._outcome = "cancelled; what was found until then is listed"
            self._say(self._outcome)
        self._soon.stop()
        self._list()

    def _say(self, text: str, *, warns: bool = False) -> None:
        if self._dialog is not None:
            self._dialog.say(text, warns=warns)

    def _list(self) -> None:
        """List what was found since the last time."""
        found = self.run.findings
        new = found[self._shown :]
        self._shown += len(new)
        self._listed = [*self._listed, *map(listed, new)]
        nothing = self._way.nothing
        why = f"{nothing} so far" if self.run.busy else "It did not come to its end"
        self._fill(nothing if self._ended_well else why)

    def _fill(self, why: str) -> None:
        if self._dialog is not None:
            self._dialog.table.show_findings(ListedFindings(tuple(self._listed)), why)

    # What a finding leads to

    def _open(self, finding: Listed) -> None:
        """Show the pair that it is about, or else its file."""
        out = self._out
        self._reader.start(
            Job(
                lambda progress, tell: stored_pair(out, finding.name, progress),
                about=finding,
                path=out,
            )
        )

    def _on_read(self, pair: StoredPair | None, job: Job) -> None:
        finding: Listed = job.about
        if pair is None:
            self._show_file(finding.name)
            return
        entry = self._entry_of(pair.row.image)
        dialog = PairDialog(pair, finding, in_list=entry is not None, parent=self._dialog)
        dialog.show_file.clicked.connect(partial(self._show_file, pair.row.hr))
        if entry is not None:
            row = pair.row
            place = (entry, int(row.x), int(row.y), int(row.width))
            dialog.look.clicked.connect(partial(self._look, dialog, place))
        dialog.show()

    def _on_unread(self, error: SrviewerError) -> None:
        self._say(error.told(LABELS), warns=True)

    def _look(self, dialog: PairDialog, place: tuple[Entry, int, int, int], *_: object) -> None:
        dialog.accept()
        self._visit.go_to(*place)
        self._window.activateWindow()

    def _show_file(self, name: str, *_: object) -> None:
        """Show the folder of a file of the data set, or the nearest folder that there is."""
        path = self._out / name if is_inside(name) else self._out
        while not path.exists() and path != self._out:
            path = path.parent
        if not show_file(path):
            self._say(f"{path}: the file manager cannot be opened", warns=True)

    def _entry_of(self, image: str) -> Entry | None:
        """Return the image in the list that a data set calls `image`."""
        for entry in self._model.entries:
            below = entry.path.relative_to(entry.root) if entry.root else Path(entry.path.name)
            if image in (below.as_posix(), entry.path.name):
                return entry
        return None
