"""The log as a person reads, scrolls, copies and saves it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from srviewer.gui import theme
from srviewer.gui.views.log_panel import MOST_LINES, LogPanel
from tests.gui.helpers import find, near, pixels

NASTY = "/tmp/<b>bold</b> &amp; <img src='x'> {0} %s.png: \N{RIGHT-TO-LEFT OVERRIDE}gnp"


@pytest.fixture
def log(qtbot: QtBot) -> LogPanel:
    panel = LogPanel()
    qtbot.addWidget(panel)
    panel.resize(800, 200)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def shown(log: LogPanel) -> list[str]:
    """Return the lines as they are on screen."""
    return log.view.toPlainText().splitlines()


def press(qtbot: QtBot, log: LogPanel, name: str) -> None:
    qtbot.mouseClick(find(log, QPushButton, name), Qt.MouseButton.LeftButton)


def test_each_line_has_its_time_its_kind_and_the_message(log: LogPanel) -> None:
    log.add("info", "opened a.png")
    log.add("error", "b.png: the file is empty")
    lines = shown(log)
    assert re.fullmatch(r"\d\d:\d\d:\d\d\tinfo\topened a\.png", lines[0])
    assert re.fullmatch(r"\d\d:\d\d:\d\d\terror\tb\.png: the file is empty", lines[1])
    assert find(log, QLabel, "log_count").text() == "2 lines, 1 error"


def test_kinds_differ_in_colour_as_well(log: LogPanel) -> None:
    now = theme.current_theme()
    colors = {"error": now.warning, "done": now.accent}
    for kind, color in colors.items():
        log.clear()
        log.add("info", "x")
        assert not near(pixels(log.view), QColor(color)).any()
        log.add(kind, "x")  # type: ignore[arg-type]
        assert near(pixels(log.view), QColor(color)).any()


def test_a_file_name_is_never_read_as_html(log: LogPanel) -> None:
    log.add("error", NASTY)
    assert shown(log)[0].split("\t")[2] == NASTY
    assert "<b>bold</b>" in log.text()


def test_a_message_of_several_lines_is_one_entry(log: LogPanel) -> None:
    log.add("error", "2 images failed:\na.png: empty\nb.png: damaged")
    log.add("note", "")
    assert log.view.document().blockCount() == 2
    text = log.text().splitlines()
    assert len(text) == 4
    assert text[1].strip() == "a.png: empty"
    assert text[1].index("a.png") == text[0].index("2 images")


def test_a_long_message_is_wrapped_not_cut(log: LogPanel) -> None:
    log.add("note", "word " * 100 + "x" * 400)
    QApplication.processEvents()
    assert log.view.horizontalScrollBar().maximum() == 0
    assert log.view.document().size().width() <= log.view.viewport().width()


def test_the_newest_is_seen_until_one_scrolls_up(qtbot: QtBot, log: LogPanel) -> None:
    bar = log.view.verticalScrollBar()
    for number in range(100):
        log.add("info", f"line {number}")
    assert bar.maximum() > 0
    assert bar.value() == bar.maximum()
    log.view.setFocus()
    for _ in range(3):
        qtbot.keyClick(log.view, Qt.Key.Key_PageUp)
    bar.setValue(bar.value() // 2)
    there = bar.value()
    for number in range(20):
        log.add("info", f"more {number}")
    assert bar.value() == there
    bar.setValue(bar.maximum())
    log.add("info", "the last")
    assert bar.value() == bar.maximum()


def test_the_newest_stays_in_sight_when_the_panel_becomes_narrower(log: LogPanel) -> None:
    bar = log.view.verticalScrollBar()
    for number in range(6):
        log.add("info", f"piece_{number}.png: the image is 360 x 280 px, smaller than one patch")
    assert bar.maximum() == 0, "all have room"
    for size in ((240, 200), (240, 120), (800, 90)):
        log.resize(*size)
        QApplication.processEvents()
        assert bar.maximum() > 0
        assert bar.value() == bar.maximum()
    bar.setValue(0)
    log.resize(240, 120)
    QApplication.processEvents()
    log.add("info", "more")
    assert bar.value() == 0, "what a person reads stays"


def line_at_the_top(log: LogPanel) -> str:
    return log.view.cursorForPosition(QPoint(200, 4)).block().text()


def test_the_newest_of_what_came_while_it_was_hidden_is_seen(log: LogPanel) -> None:
    log.hide()
    for number in range(40):
        log.add("note", f"{number} " * 40)
    log.resize(300, 200)
    log.show()
    QApplication.processEvents()
    bar = log.view.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0


def test_only_the_last_lines_are_kept(log: LogPanel) -> None:
    for number in range(MOST_LINES + 30):
        log.add("info", f"line {number}")
    assert len(shown(log)) == len(log.lines) == MOST_LINES
    assert shown(log)[0].endswith("line 30")
    assert shown(log)[-1].endswith(f"line {MOST_LINES + 29}")
    log.view.verticalScrollBar().setValue(log.view.verticalScrollBar().maximum() // 2)
    before = line_at_the_top(log)
    for number in range(25):
        log.add("info", f"more {number}")
    QApplication.processEvents()
    assert line_at_the_top(log) == before


def test_all_is_copied_as_plain_text(qtbot: QtBot, log: LogPanel) -> None:
    log.add("done", "130 pairs")
    log.add("error", NASTY)
    press(qtbot, log, "log_copy")
    copied = QApplication.clipboard().text()
    assert copied == log.text()
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  done   130 pairs\n", copied)
    assert NASTY in copied


def test_it_can_be_cleared(qtbot: QtBot, log: LogPanel) -> None:
    buttons = [find(log, QPushButton, f"log_{name}") for name in ("copy", "clear", "save")]
    assert not any(button.isEnabled() for button in buttons)
    log.add("error", "x")
    assert all(button.isEnabled() for button in buttons)
    press(qtbot, log, "log_clear")
    assert shown(log) == []
    assert not log.lines
    assert find(log, QLabel, "log_count").text() == "0 lines"
    log.add("note", "after")
    assert len(shown(log)) == 1


@pytest.mark.parametrize("name", ["log ü.txt", "missing/log.txt", ""])
def test_it_is_saved_as_text_or_it_tells_why_not(
    qtbot: QtBot, log: LogPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    file = tmp_path / name
    answer = (str(file) if name else "", "")  # nothing where the dialog is left
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
    log.add("note", "写真.png: grey converted to RGB")
    text = log.text()
    press(qtbot, log, "log_save")
    if not name:
        assert len(shown(log)) == 1
    elif "missing" in name:
        assert f"error\t{file}: " in shown(log)[-1]
    else:
        assert file.read_text(encoding="utf-8") == text
        assert shown(log)[-1].endswith(f"done\tlog saved as {file}")


def test_nobody_can_write_into_it(qtbot: QtBot, log: LogPanel) -> None:
    log.add("note", "x")
    before = shown(log)
    qtbot.keyClicks(log.view, "hello")
    assert shown(log) == before


def test_it_follows_the_theme(log: LogPanel, all_themes: Iterator[theme.Theme]) -> None:
    log.add("error", "x")
    before = shown(log)
    for one in all_themes:
        assert shown(log) == before
        seen = pixels(log.view)
        assert near(seen, QColor(one.field), 4).mean() > 0.5
        assert near(seen, QColor(one.warning)).any()


def test_after_a_person_has_scrolled_up_and_cleared_it_new_lines_are_followed(
    log: LogPanel,
) -> None:
    log.resize(300, 200)
    log.show()
    for number in range(60):
        log.add("note", f"line {number}")
    bar = log.view.verticalScrollBar()
    bar.setValue(0)
    log.clear()
    for number in range(60):
        log.add("note", f"line {number}")
    QApplication.processEvents()
    assert bar.value() == bar.maximum() > 0
