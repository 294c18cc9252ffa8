"""A window that is closed over its work: it asks once, and the next one offers to go on."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QMessageBox, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from srviewer.cli import main
from srviewer.errors import ExportError
from srviewer.export.options import Options
from srviewer.export.runner import export
from srviewer.gui.state.interrupted import Interrupted, as_stored, from_stored, interrupted
from srviewer.gui.state.settings import Settings
from srviewer.gui.window import MainWindow
from srviewer.pipeline.exclusions import Excluded, Exclusions
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import Rooted
from srviewer.survey.runner import survey
from tests.export.helpers import tree
from tests.gui.helpers import TIMEOUT, find
from tests.gui.test_export_panel import begin, many, out, runs, summary, wait_for_end
from tests.gui.test_window import trigger

__all__ = ["many", "out"]

Again = Callable[[], MainWindow]
LEFT = Qt.MouseButton.LeftButton


def quit_by_key(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)


def ask_in(window: MainWindow) -> QMessageBox:
    (box,) = [one for one in window.findChildren(QMessageBox, "leaving_box") if one.isVisible()]
    return box


def answer(qtbot: QtBot, window: MainWindow, text: str) -> None:
    (button,) = [one for one in ask_in(window).buttons() if one.text().replace("&", "") == text]
    qtbot.mouseClick(button, LEFT)


def offered(window: MainWindow) -> str:
    banner = find(window, QFrame, "offer")
    return "" if banner.isHidden() else banner.findChildren(QLabel)[0].text()


def pause(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.mouseClick(find(window, QPushButton, "pause_export"), LEFT)


def test_it_asks_once_and_goes_on_at_the_next_start(
    qtbot: QtBot, again: Again, many: list[Path], out: Path, of_command_line: dict[str, bytes]
) -> None:
    window = again()
    begin(qtbot, window, many, out, 2)
    pause(qtbot, window)
    quit_by_key(qtbot, window)
    window.close()
    text = ask_in(window).text()
    assert text.startswith("Stop the export? ")
    assert " of 16 images, " in text
    assert text.endswith(" pairs, are done and stay.")
    answer(qtbot, window, "Keep open")
    assert window.isVisible()
    assert runs(window), "and nothing was stopped"
    window.close()
    with qtbot.waitSignal(window.closed, timeout=TIMEOUT):
        answer(qtbot, window, "Stop and close")
    assert window.settings.interrupted is not None

    window = again()
    assert offered(window).startswith(f"The export of 16 images into {out} did not come to its end")
    assert not window.model.entries
    qtbot.mouseClick(find(window, QPushButton, "offer_button"), LEFT)
    assert not offered(window)
    assert [entry.path for entry in window.model.entries] == many
    window.close()
    assert ask_in(window).text().startswith("Stop the export? ")
    wait_for_end(qtbot, window)
    assert ask_in(window).text() == "The work is done by now.", "the question goes with the work"
    shown = {one.text() for one in ask_in(window).buttons() if one.isVisible()}
    assert sorted(shown) == ["&Close", "&Keep open"]
    answer(qtbot, window, "Keep open")
    assert "done already" in summary(window)
    assert tree(out) == of_command_line
    assert not offered(again()), "nothing is left to go on with"


def test_it_finishes_and_then_closes(
    qtbot: QtBot, again: Again, many: list[Path], out: Path
) -> None:
    window = again()
    begin(qtbot, window, many[:3], out, 1)
    pause(qtbot, window)
    window.close()
    answer(qtbot, window, "Finish, then close")
    assert offered(window) == "The window closes when the export is done."
    assert not window.exporting.run.paused, "it would never be done"
    qtbot.mouseClick(find(window, QPushButton, "offer_button"), LEFT)
    assert not offered(window)
    pause(qtbot, window)
    window.close()
    with qtbot.waitSignal(window.closed, timeout=TIMEOUT):
        answer(qtbot, window, "Finish, then close")
    assert window.settings.interrupted is None
    words = ["export", *map(str, many[:3]), "--out", str(out.with_name("cli")), "--jobs", "1"]
    assert main(words) == 0
    assert tree(out) == tree(out.with_name("cli"))


def test_an_offer_that_is_closed_is_not_made_again(
    qtbot: QtBot, again: Again, many: list[Path], out: Path
) -> None:
    window = again()
    begin(qtbot, window, many[:4], out, 1)
    pause(qtbot, window)
    window = again()  # at once, as SIGTERM does, without a question
    assert "The export of 4 images" in offered(window)
    window = again()
    assert "The export of 4 images" in offered(window), "it was not answered"
    close = find(window, QFrame, "offer").findChildren(QToolButton)[0]
    qtbot.mouseClick(close, LEFT)
    assert not offered(again())


def test_a_survey_goes_on_too(qtbot: QtBot, again: Again, many: list[Path]) -> None:
    window = again()
    window.opening.reopen(many[:3])
    window.model.change("min_keypoints", 7)
    window.data_set.start_survey()
    window.close()
    assert ask_in(window).text().startswith("Stop the survey? ")
    with qtbot.waitSignal(window.closed, timeout=TIMEOUT):
        answer(qtbot, window, "Stop and close")
    window = again()
    assert "The survey of 3 images" in offered(window)
    window.model.change("min_keypoints", 9)
    with qtbot.waitSignal(window.data_set.survey.done, timeout=TIMEOUT) as done:
        qtbot.mouseClick(find(window, QPushButton, "offer_button"), LEFT)
    assert done.args is not None
    assert done.args[0].images == 3
    assert window.model.recipe == Recipe(min_keypoints=7)
    qtbot.waitUntil(lambda: not window.data_set.survey.busy, timeout=TIMEOUT)


def test_an_export_and_a_survey_are_both_offered_again(
    qtbot: QtBot, again: Again, many: list[Path], out: Path
) -> None:
    window = again()
    begin(qtbot, window, many, out, 1)
    pause(qtbot, window)
    qtbot.keyClick(window.canvas, Qt.Key.Key_F5)
    assert window.data_set.survey.busy
    quit_by_key(qtbot, window)
    words = ask_in(window).text()
    assert "Stop the export? " in words
    assert "Stop the survey? " in words
    assert ask_in(window).informativeText() == "The next start offers to go on."
    with qtbot.waitSignal(window.closed, timeout=TIMEOUT):
        answer(qtbot, window, "Stop and close")

    window = again()
    assert "The export of 16 images" in offered(window)
    go_on = find(window, QPushButton, "offer_button")
    qtbot.mouseClick(go_on, LEFT)
    assert runs(window)
    pause(qtbot, window)
    assert "The survey of 16 images" in offered(window)
    with qtbot.waitSignal(window.data_set.survey.finished, timeout=TIMEOUT):
        qtbot.mouseClick(go_on, LEFT)
    assert not offered(window)
    window = again()  # at once, with the export paused
    assert "The export of 16 images" in offered(window), "the survey's end does not forget it"
    qtbot.mouseClick(find(window, QFrame, "offer").findChildren(QToolButton)[0], LEFT)
    assert not offered(window), "and the survey came to its end"


class Session:
    """What Qt gives where a session ends."""

    def __init__(self, allows: bool) -> None:
        self.allows, self.calls = allows, []

    def allowsInteraction(self) -> bool:  # noqa: N802 - Qt's name
        return self.allows

    def __getattr__(self, name: str) -> Callable[[], None]:
        return lambda: self.calls.append(name)


@pytest.mark.parametrize("allows", [True, False])
def test_the_end_of_a_session_waits_where_a_person_says_so(
    qtbot: QtBot,
    again: Again,
    many: list[Path],
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    allows: bool,
) -> None:
    window = again()
    begin(qtbot, window, many[:3], out, 1)
    pause(qtbot, window)
    session = Session(allows)
    monkeypatch.setattr(QMessageBox, "exec", lambda box: box.reject())
    window.leaving.end_of_session(session)  # type: ignore[arg-type]
    assert session.calls == (["release", "cancel"] if allows else [])
    assert window.isVisible()


def test_what_is_remembered_is_the_same_run(tmp_path: Path) -> None:
    images = (tmp_path / "b\udcff.png", Rooted(tmp_path / "in" / "a.png", tmp_path))
    recipe = Recipe(min_keypoints=6, resizer="opencv", filter="bicubic")
    options = Options(max_per_image=5, validation_share=0.1)
    some = Exclusions({"a" * 64: Excluded(whole=True)})
    how = {"format": "png", "options": options, "jobs": 3, "exclusions": some}
    run = partial(export, images, tmp_path, recipe, **how)
    one = interrupted(partial(run, overwrite=True))
    assert one == Interrupted("export", images, recipe, tmp_path, **how)
    assert from_stored(as_stored(one)) == one
    assert one.export().args == run.args
    assert one.export().keywords == run.keywords
    kept = interrupted(partial(survey, images, tmp_path, recipe, jobs=1, retry_failed=True))
    assert kept == Interrupted("survey", images, recipe)


def test_a_run_over_very_many_images_is_offered_again(tmp_path: Path) -> None:
    images = tuple(
        Rooted(tmp_path / f"set {n % 9}.x" / f"p.{n}.png", tmp_path) for n in range(9000)
    )
    hashes = [f"{n * 7919 % 1_000_003:064x}" for n in range(1500)]
    out = Exclusions({one: Excluded(whole=True) for one in hashes})
    one = Interrupted("export", images, Recipe(), tmp_path / "out", exclusions=out)
    settings = Settings(tmp_path / "window.ini")
    settings.interrupted = one
    assert settings.interrupted == one


def test_a_run_with_more_in_it_than_is_kept_is_not_remembered(tmp_path: Path) -> None:
    images = (tmp_path / "a.png",)
    assert interrupted(partial(export, images, tmp_path, Recipe(), scheduler="tcp://a")) is None
    assert interrupted(print) is None
    random = [f"{number * 7919 % 1_000_003:x}-{number:x}.png" for number in range(200_000)]
    assert as_stored(Interrupted("survey", tuple(map(Path, random)), Recipe())) is None


@pytest.mark.parametrize(
    "stored", [None, 3, [], {}, {"what": "export"}, {"sources": "AAAA"}, {"recipe": "scale = ["}]
)
def test_nonsense_is_nothing(tmp_path: Path, stored: object) -> None:
    good = as_stored(Interrupted("survey", (tmp_path,), Recipe()))
    assert good is not None
    assert from_stored(good) is not None
    assert from_stored(good | stored if isinstance(stored, dict) and stored else stored) is None


def test_a_check_under_way_is_asked_about_too_and_takes_no_offer_away(
    qtbot: QtBot, again: Again, many: list[Path], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(many[:2], out, Recipe(), format="png", jobs=1)
    window = again()
    window.settings.interrupted = Interrupted("survey", tuple(many), Recipe())
    until = threading.Event()

    def wait(*_: object, progress: Progress, **__: object) -> None:
        while not progress.cancel.is_set() and not until.is_set():
            until.wait(0.05)
        raise ExportError("damaged")

    monkeypatch.setattr(window.verification, "_work", wait)
    window.export.folder.setText(str(out))
    trigger(window, "Verify a data set...")
    qtbot.mouseClick(find(window, QPushButton, "verify_start"), LEFT)
    qtbot.waitUntil(lambda: window.verification.run.busy)
    window.close()
    assert ask_in(window).text() == "Stop the verification? It is beginning."
    assert ask_in(window).informativeText() == ""
    shown = {one.text() for one in ask_in(window).buttons() if one.isVisible()}
    assert shown == {"&Stop and close", "&Keep open"}
    answer(qtbot, window, "Keep open")
    assert window.isVisible()
    until.set()
    qtbot.waitUntil(lambda: not window.verification.run.busy, timeout=TIMEOUT)
    assert window.settings.interrupted is not None
    with qtbot.waitSignal(window.closed, timeout=TIMEOUT):
        window.close()
