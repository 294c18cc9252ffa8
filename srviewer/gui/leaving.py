"""The end of the window while work is under way: it asks, and the next start offers to go on."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget

from srviewer.errors import shown_path
from srviewer.export.export_run import ExportState
from srviewer.export.findings import VerifyState
from srviewer.export.messages import done_so_far
from srviewer.gui.jobs.long_run import CheckRun, ImagesRun, LongRun
from srviewer.gui.state.interrupted import Interrupted, as_stored, interrupted
from srviewer.gui.state.settings import Settings
from srviewer.gui.views.banner import Banner
from srviewer.wording import counted

_CLOSE = "&Close"
_PLACES = {"export": "interrupted", "survey": "interrupted_survey"}  # of `Settings`
_STOP, _FINISH, _STAY = "&Stop and close", "&Finish, then close", "&Keep open"


class Leaving(QObject):
    """Asks before the window is closed over a run, and remembers those that are broken off.

    Parameters
    ----------
    window : QWidget
    runs : dict of str to ImagesRun
        By what they are, "export".
    checks : dict of str to CheckRun
        Those of which nothing stays where they are broken off.
    settings : Settings
    banner : Banner
        For its offers.

    Signals
    -------
    resumed(interrupted)
        A person wants to go on with this.
    noted(message)
    """

    resumed = Signal(object)
    noted = Signal(str)

    def __init__(
        self,
        window: QWidget,
        runs: dict[str, ImagesRun],
        checks: dict[str, CheckRun],
        settings: Settings,
        banner: Banner,
    ) -> None:
        super().__init__(window)
        self._window, self._runs, self._checks = window, runs, checks
        self._settings, self._banner = settings, banner
        self._box: QMessageBox | None = None
        self._stop: QAbstractButton  # of the box
        self._end: QAbstractButton
        self._decided = False  # nothing is asked any more
        self._finishing = False  # the window closes when all is done
        self._answer: Callable[[bool], None] = lambda yes: None
        banner.answered.connect(lambda yes: self._answer(yes))
        for what, run in runs.items():
            run.began.connect(partial(self._on_began, what))
            run.done.connect(partial(self._on_done, what))
            run.finished.connect(partial(self._on_finished, what))
        for check in checks.values():
            check.done.connect(self._stay)  # what came of it is to be read
        for any_run in (*runs.values(), *checks.values()):
            any_run.state_changed.connect(self._retell)
            any_run.failed.connect(self._stay)
            any_run.finished.connect(self._close_if_done)

    @property
    def _kept(self) -> list[str]:
        """Which runs are at work of which something stays."""
        return [what for what in self._busy if what in self._runs]

    @property
    def _busy(self) -> dict[str, LongRun]:
        """What a person has not told to end."""
        runs: dict[str, LongRun] = {**self._runs, **self._checks}
        return {what: run for what, run in runs.items() if run.busy and not run.cancelled}

    # Closing

    def may_close(self) -> bool:
        """Tell whether the window may close now; where work is under way, ask first."""
        if self._decided or not self._busy:
            self._decided = True
            return True
        if self._box is None:
            self._ask().open()
        return False

    def at_once(self) -> None:
        """Close the window without a question: what is done stays."""
        self._decided = True
        if self._box is not None:
            self._box.reject()
        self._window.close()

    def end_of_session(self, manager: QSessionManager) -> None:
        """Ask before the session ends, where that is allowed."""
        if self._decided or not self._busy or not manager.allowsInteraction():
            return
        box = self._ask()
        box.exec()
        manager.release()
        if not self._decided:
            manager.cancel()

    def _ask(self) -> QMessageBox:
        box = self._box = QMessageBox(self._window)
        box.setObjectName("leaving_box")
        box.setWindowTitle("Close srviewer?")
        goes_on = all(getattr(self._settings, _PLACES[what]) for what in self._kept)
        more = "The next start offers to go on." if goes_on and self._kept else ""
        box.setInformativeText(more)
        self._stop = box.addButton(_STOP, QMessageBox.ButtonRole.DestructiveRole)
        self._end = box.addButton(_FINISH, QMessageBox.ButtonRole.AcceptRole)
        buttons: dict[QAbstractButton, Callable[[], None]] = {
            self._stop: self.at_once,
            self._end: self._finish,
            (stay := box.addButton(_STAY, QMessageBox.ButtonRole.RejectRole)): self._stay,
        }
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.finished.connect(partial(self._on_answer, box, buttons))
        self._retell()
        return box

    def _retell(self) -> None:
        """Have the question, while it is open, be about how far the work is now."""
        if self._box is None:
            return
        asked = [_stopped(what, run) for what, run in self._busy.items()]
        self._box.setText("\n".join(asked) or "The work is done by now.")
        if not asked:
            self._box.setInformativeText("")
            self._stop.setText(_CLOSE)
        if not self._kept:  # what came of a check could not be read in a closed window
            self._end.hide()

    def _on_answer(
        self, box: QMessageBox, does: dict[QAbstractButton, Callable[[], None]], *_: object
    ) -> None:
        self._box = None
        box.deleteLater()
        if not self._decided:
            does.get(box.clickedButton(), self._stay)()

    def _finish(self) -> None:
        if not self._busy:  # it has ended while it was asked
            self._window.close()
            return
        self._finishing = True
        for run in self._runs.values():
            if run.paused:  # it would never be done
                run.pause_or_resume()
        what = " and the ".join(self._busy)
        are = "are" if len(self._busy) > 1 else "is"
        text = f"The window closes when the {what} {are} done."
        self._say(text, "Keep open", lambda yes: self._stay())

    def _stay(self, *_: object) -> None:
        if self._finishing:
            self._finishing = False
            self._banner.hide()

    # Remembering

    def _on_began(self, what: str, run: object) -> None:
        """Remember what begins, so that even a crash leaves it known."""
        one = interrupted(run)
        stored = as_stored(one) if one is not None else None
        if one is not None and stored is None:
            self.noted.emit(f"too many images to be remembered: this {what} is not offered anew")
        self._remember(what, one if stored is not None else None)

    def _on_done(self, what: str, state: object, *_: object) -> None:
        if not getattr(state, "cancelled", False):
            self._remember(what, None)
        if getattr(state, "failures", ()):  # there is something to be told
            self._stay()

    def _on_finished(self, what: str, *_: object) -> None:
        if not self._decided:
            self._remember(what, None)

    def _close_if_done(self) -> None:
        if self._finishing and not self._decided and not self._busy:
            self._window.close()

    def _remember(self, what: str, one: Interrupted | None) -> None:
        setattr(self._settings, _PLACES[what], one)
        self._settings.save()

    # Going on

    def offer(self) -> None:
        """Offer to go on with what the last window did not bring to its end, one after another."""
        kept = ((what, getattr(self._settings, place)) for what, place in _PLACES.items())
        self._offer([one for what, one in kept if one is not None and one.what == what])

    def _offer(self, left: list[Interrupted]) -> None:
        if not left:
            return
        one = left[0]
        of = counted(len(one.sources), "image")
        where = f" into {shown_path(one.out)}" if one.out is not None else ""
        text = f"The {one.what} of {of}{where} did not come to its end. What is done stays."
        self._say(text, f"Go on with the {one.what}", partial(self._on_offer, left))

    def _on_offer(self, left: list[Interrupted], yes: bool) -> None:
        one = left[0]
        if yes:
            self.resumed.emit(one)
        else:
            self._remember(one.what, None)
        self._offer(left[1:])

    def _say(self, text: str, button: str, answer: Callable[[bool], None]) -> None:
        self._answer = answer
        self._banner.ask(text, button)


def _stopped(what: str, run: LongRun) -> str:
    """Return the question whether `run` is to stop, with what is done."""
    state = run.state
    if isinstance(run, CheckRun):
        if state is None or not state.total:
            return f"Stop the {what}? It is beginning."
        unit = "pair" if isinstance(state, VerifyState) else "image"
        of = f"{state.done:,} of {counted(state.total, unit)}"
        return f"Stop the {what}? {of} are done; it would begin anew."
    if state is None or not state.done:
        return f"Stop the {what}? No image is done yet."
    if isinstance(state, ExportState):
        return f"Stop the {what}? {done_so_far(state)}, are done and stay."
    done = f"{state.done:,} of {counted(state.images, 'image')}"
    return f"Stop the {what}? {done} are done and stay."
