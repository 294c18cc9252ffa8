"""Choosing pairs in the export panel: what it says, what the export gets, what is remembered."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from srviewer.cli import main
from srviewer.export.export_run import ExportState
from srviewer.export.options import FORMATS, Options, resolve
from srviewer.export.settling import How
from srviewer.gui.panels.export_choices import ExportChoices
from srviewer.gui.state.export_settings import ExportSettings
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.labels import LinesLabel
from srviewer.gui.window import MainWindow
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.state import Failure
from tests.gui.helpers import TIMEOUT, click, find, near, pixels, wait_for_analysis
from tests.gui.test_export_panel import choose, export, open_all, summary, three, tree
from tests.gui.test_export_plan import plan_says
from tests.gui.test_window import banner_text

__all__ = ["three"]

Open = Callable[[MainWindow, Path], None]
OF_A_FORMAT = {
    "hdf5": {"channels"},
    "srcnn-hdf5": {"axes", "channels", "label_border"},
    "webdataset": {"shard_size"},
    "parquet": {"shard_size"},
}


@pytest.fixture
def settings() -> ExportSettings:
    return ExportSettings(Model())


@pytest.fixture
def choices(qtbot: QtBot, settings: ExportSettings) -> ExportChoices:
    choices = ExportChoices(settings)
    qtbot.addWidget(choices)
    choices.show()
    return choices


def control(inside: QWidget, key: str) -> QWidget:
    (found,) = [
        one
        for one in inside.findChildren(QWidget, f"export_{key}")
        if isinstance(one, QAbstractSpinBox | QComboBox | QCheckBox)
    ]
    return found


def type_in(qtbot: QtBot, inside: QWidget, key: str, text: str) -> None:
    """Type a number as a person does who has come to the field by Tab."""
    spin = control(inside, key)
    assert isinstance(spin, QSpinBox | QDoubleSpinBox)
    spin.selectAll()
    qtbot.keyClicks(spin, text)


def chosen(inside: QWidget) -> str:
    return find(inside, QLabel, "export_chosen").text()


def open_choices(qtbot: QtBot, inside: QWidget) -> None:
    click(qtbot, inside, "export_choices")
    assert control(inside, "max_pairs").isVisible()


# What is offered and said


def test_the_choices_are_out_of_the_way_until_they_are_wanted(
    qtbot: QtBot, choices: ExportChoices
) -> None:
    assert chosen(choices) == "all kept pairs"
    assert not control(choices, "max_pairs").isVisible()
    folded = choices.sizeHint().height()
    open_choices(qtbot, choices)
    assert choices.sizeHint().height() > folded + 60
    click(qtbot, choices, "export_choices")
    assert not control(choices, "max_pairs").isVisible()
    assert choices.sizeHint().height() == folded


def test_the_row_says_what_is_chosen(
    qtbot: QtBot, settings: ExportSettings, choices: ExportChoices
) -> None:
    open_choices(qtbot, choices)
    type_in(qtbot, choices, "max_per_image", "500")
    assert chosen(choices) == "at most 500 an image"
    type_in(qtbot, choices, "validation_share", "10")
    assert chosen(choices) == "at most 500 an image, 10 % for validation (seed 0)"
    type_in(qtbot, choices, "max_pairs", "88000")
    type_in(qtbot, choices, "validation_share", "12.5")
    type_in(qtbot, choices, "seed", "4294967295")
    type_in(qtbot, choices, "jobs", "3")
    words = "at most 500 an image and 88,000 in all, 12.5 % for validation (seed 4294967295)"
    assert chosen(choices) == f"{words}, 3 processes"
    assert choices.button.accessibleDescription() == chosen(choices)
    assert settings.options == Options(
        max_per_image=500, max_pairs=88_000, validation_share=0.125, seed=2**32 - 1
    )
    assert settings.jobs == 3
    qtbot.keyClick(control(choices, "jobs"), Qt.Key.Key_Down)
    qtbot.keyClick(control(choices, "jobs"), Qt.Key.Key_PageDown)
    assert settings.jobs is None, "as many as there are cores"


@pytest.mark.parametrize("format", FORMATS)
def test_what_only_some_formats_have_is_there_with_them_alone(
    qtbot: QtBot, settings: ExportSettings, choices: ExportChoices, format: str
) -> None:
    open_choices(qtbot, choices)
    settings.use_format(format)
    keys = {"axes", "channels", "label_border", "shard_size"}
    assert {key for key in keys if control(choices, key).isVisible()} == OF_A_FORMAT.get(
        format, set()
    )
    # With nothing touched, what is chosen is what the command line does without flags.
    recipe = Recipe()
    assert resolve(format, settings.options, recipe) == resolve(format, Options(), recipe)
    assert not settings.problem
    type_in(qtbot, choices, "shard_size", "7")  # a number for another format is not sent
    type_in(qtbot, choices, "label_border", "4")
    resolve(format, settings.options, recipe)
    assert (settings.remembered.shard_size, settings.remembered.label_border) == (7, 4)


def test_the_row_says_what_a_format_is_written_with(
    qtbot: QtBot, settings: ExportSettings, choices: ExportChoices
) -> None:
    settings.use_format("srcnn-hdf5")
    assert chosen(choices) == "all kept pairs, Y, border 6 px"
    open_choices(qtbot, choices)
    channels = control(choices, "channels")
    assert isinstance(channels, QComboBox)
    choose(channels, qtbot, "RGB")
    settings._model.change("lr_layout", "native")
    assert chosen(choices) == "all kept pairs, RGB, border 0 px"
    type_in(qtbot, choices, "label_border", "5")
    assert chosen(choices) == "all kept pairs, RGB, border 5 px"
    settings.use_format("webdataset")
    assert chosen(choices) == "all kept pairs, 1,000 a shard"


def test_everything_has_a_name_and_says_what_it_is_for(
    qtbot: QtBot, choices: ExportChoices
) -> None:
    open_choices(qtbot, choices)
    for key in (*asdict(Options()), "jobs"):
        widget = control(choices, key)
        assert widget.accessibleName()
        assert widget.accessibleName() in widget.toolTip()
    assert choices.button.toolTip()


def test_whole_images_are_chosen_with_a_split(
    qtbot: QtBot, settings: ExportSettings, choices: ExportChoices
) -> None:
    open_choices(qtbot, choices)
    choose(control(choices, "whole"), qtbot, "for validation")
    assert "For validation" in settings.problem
    type_in(qtbot, choices, "validation_share", "20")
    assert chosen(choices) == "all kept pairs, 20 % for validation (seed 0), whole images"
    assert settings.options == Options(validation_share=0.2, whole="validation")


def test_what_a_format_refuses_cannot_be_chosen_with_it(
    settings: ExportSettings, choices: ExportChoices
) -> None:
    settings.restore(Options(whole="all", card=True), None)
    for kind, off in (("png", set()), ("srcnn-hdf5", {"whole", "card"}), ("lmdb", {"card"})):
        settings.use_format(kind)
        assert not settings.problem, kind
        for key in ("whole", "card"):
            widget = control(choices, key)
            assert widget.isEnabled() is (key not in off), (kind, key)
            assert ("Not now: " in widget.toolTip()) is (key in off), (kind, key)
    settings.use_format("png")
    assert (settings.options.whole, settings.options.card) == ("all", True), "not forgotten"


def test_the_seed_matters_only_where_there_is_a_split(qtbot: QtBot, choices: ExportChoices) -> None:
    assert not control(choices, "seed").isEnabled()
    type_in(qtbot, choices, "validation_share", "20")
    assert control(choices, "seed").isEnabled()


def test_all_can_be_reached_with_tab(qtbot: QtBot, opened: MainWindow) -> None:
    opened.activateWindow()
    panel = opened.export
    panel.format.setCurrentText("srcnn-hdf5")
    panel.choices.button.setFocus()
    qtbot.waitUntil(panel.choices.button.hasFocus)
    qtbot.keyClick(panel.choices.button, Qt.Key.Key_Space)
    seen = []
    for _ in range(15):
        focus = QApplication.focusWidget()
        assert focus is not None
        seen.append(focus.objectName())
        assert focus.visibleRegion().boundingRect().height() >= focus.height() - 2, seen[-1]
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    keys = ["max_per_image", "max_pairs", "validation_share", "seed", "duplicates"]
    keys += ["channels", "label_border", "axes", "jobs"]
    wanted = ["export_choices", *(f"export_{key}" for key in keys), "export"]
    assert seen[: len(wanted)] == wanted


@pytest.mark.parametrize("key", ["max_per_image", "validation_share"])
def test_a_number_can_be_typed_after_a_click_on_the_word_for_none(
    qtbot: QtBot, opened: MainWindow, key: str
) -> None:
    opened.activateWindow()
    open_choices(qtbot, opened)
    spin = control(opened, key)
    assert isinstance(spin, QAbstractSpinBox)
    line = spin.lineEdit()
    end = line.rect().center()
    end.setX(line.width() - 6)  # right of the word's last letter, or in it
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton, pos=end)
    qtbot.waitUntil(spin.hasFocus)
    qtbot.waitUntil(line.hasSelectedText)
    qtbot.keyClicks(spin, "50")
    assert spin.value() == 50
    qtbot.keyClick(spin, Qt.Key.Key_Return)
    assert find(opened, QPushButton, "export").isEnabled()
    assert not opened.exporting.run.busy, "Return ends the number and starts nothing"


def test_nothing_moves_under_the_mouse_that_clicks(
    qtbot: QtBot, settings: ExportSettings, choices: ExportChoices
) -> None:
    choices.resize(320, 400)
    open_choices(qtbot, choices)
    label = find(choices, LinesLabel, "export_chosen")
    height = label.sizeHint().height()
    assert len(label.wrapped()) == 1
    type_in(qtbot, choices, "validation_share", "5")
    settings.use("duplicates", "drop")
    assert len(label.wrapped()) == 2
    assert label.sizeHint().height() == height
    click(qtbot, choices, "export_choices")
    type_in(qtbot, choices, "validation_share", "0")
    settings.use("duplicates", "keep")
    assert label.sizeHint().height() < height, "it takes what it needs where no control is below"


# What cannot be


def test_what_cannot_be_is_said_and_not_exported(
    qtbot: QtBot, opened: MainWindow, photo_path: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    find(opened, QLineEdit, "export_folder").setText(str(out))
    opened.export.format.setCurrentText("srcnn-hdf5")
    open_choices(qtbot, opened)
    type_in(qtbot, opened, "label_border", "17")
    allowed = "Label border = 17: allowed is a whole number from 0 to 16 with Patch"
    plan_says(qtbot, opened, allowed)
    assert not find(opened, QPushButton, "export").isEnabled()
    qtbot.keyClick(opened, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert "Label border = 17" in banner_text(opened)
    assert not opened.exporting.run.busy
    assert not out.exists()
    opened.model.change("patch", 41)
    assert find(opened, QPushButton, "export").isEnabled()
    opened.model.undo()
    assert not find(opened, QPushButton, "export").isEnabled()
    opened.export.format.setCurrentText("bmp")
    assert find(opened, QPushButton, "export").isEnabled()
    wait_for_analysis(qtbot, opened, photo_path)


# What the export gets

CHOSEN = {
    "png": {"max_per_image": "7", "validation_share": "40", "seed": "3"},
    "bmp": {"max_pairs": "20", "jobs": "1"},
    "hdf5": {"max_per_image": "9", "max_pairs": "12", "jobs": "1"},
    "srcnn-hdf5": {"label_border": "3", "max_per_image": "5", "jobs": "1"},
    "webdataset": {"shard_size": "11"},
}


@pytest.mark.parametrize("format", CHOSEN)
def test_the_chosen_pairs_are_those_of_the_command_line(
    qtbot: QtBot, window: MainWindow, three: list[Path], tmp_path: Path, format: str
) -> None:
    open_all(qtbot, window, three)
    find(window, QComboBox, "export_format").setCurrentText(format)
    open_choices(qtbot, window)
    flags = ["--format", format]
    for key, text in CHOSEN[format].items():
        type_in(qtbot, window, key, text)
        value = "0.4" if key == "validation_share" else text
        flags += [f"--{key.replace('_', '-')}", value]
    if "hdf5" in format:
        channels = control(window, "channels")
        assert isinstance(channels, QComboBox)
        choose(channels, qtbot, "RGB")
        flags += ["--channels", "rgb"]
    export(qtbot, window, tmp_path / "window")
    assert main(["export", *map(str, three), "--out", str(tmp_path / "cli"), *flags]) == 0
    mine, theirs = tree(tmp_path / "window"), tree(tmp_path / "cli")
    assert mine == theirs
    everything = tmp_path / "everything"
    words = ["export", "--jobs", "1", *map(str, three), "--out", str(everything)]
    assert main([*words, "--format", format]) == 0
    assert tree(everything) != mine, "the choice made a difference"


def test_the_summary_says_how_many_pairs_are_left_of_all(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    type_in(qtbot, opened, "max_pairs", "4")
    export(qtbot, opened, tmp_path / "out")
    assert "4 pairs in the data set" in summary(opened)


def test_the_number_of_processes_reaches_the_export(
    qtbot: QtBot,
    window: MainWindow,
    photo_path: Path,
    analysed: Open,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from srviewer.gui.state import export_settings

    asked: list[int | None] = []
    real = export_settings.export

    def spy(*args: object, **named: object) -> object:
        asked.append(named["jobs"])  # type: ignore[arg-type]
        return real(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(export_settings, "export", spy)
    analysed(window, photo_path)
    export(qtbot, window, tmp_path / "a")
    type_in(qtbot, window, "jobs", "2")
    export(qtbot, window, tmp_path / "b")
    assert asked == [None, 2]


# Where the window is low


def test_the_button_stays_where_it_is_whatever_the_choices_need(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.resize(1280, 800)
    button = find(window, QPushButton, "export")

    def place() -> int:
        """Return where the button is once the layouts have followed each other."""
        places: list[int] = []

        def still() -> bool:
            places.append(button.mapTo(window, QPoint()).y())
            return len(places) > 10 and len(set(places[-10:])) == 1  # 10 ms between two

        qtbot.waitUntil(still, timeout=TIMEOUT)
        return places[-1]

    first = place()
    window.export.choices.button.setChecked(True)

    def look() -> None:
        assert place() == first

    for kind in FORMATS:
        window.export.format.setCurrentText(kind)
        look()
    for profile in ("real-esrgan", "neosr", None):  # which refuse the recipe in several lines
        window.export_settings.use("profile", profile)
        look()


@pytest.mark.parametrize("height", [730, 800, 1440])
def test_open_choices_leave_room_for_the_others(
    qtbot: QtBot, window: MainWindow, photo_path: Path, analysed: Open, height: int
) -> None:
    window.resize(1280, height)
    analysed(window, photo_path)
    window.export.format.setCurrentText("srcnn-hdf5")
    open_choices(qtbot, window)
    type_in(qtbot, window, "max_per_image", "500")
    type_in(qtbot, window, "max_pairs", "88000")
    type_in(qtbot, window, "validation_share", "10")
    window.export.progress.begin()
    window.exporting.run.state = ExportState(out=Path(), failures=(Failure("a.png", "why"),))
    window.export.progress._show_failures()
    column = [window.docks.by_name[name] for name in ("recipe", "export")]
    lowest_line = window.statusBar().geometry().top()
    qtbot.waitUntil(lambda: column[1].geometry().bottom() < lowest_line, timeout=TIMEOUT)
    assert column[0].geometry().bottom() < column[1].geometry().top()
    for part in (window.recipe, window.export):
        assert part.height() >= part.minimumSizeHint().height()
    lowest = control(window, "jobs")
    if height == 1440:
        assert not lowest.visibleRegion().isEmpty(), "nothing has to be scrolled"
    window.activateWindow()
    before = control(window, "axes")
    before.setFocus()
    qtbot.waitUntil(before.hasFocus)
    qtbot.keyClick(before, Qt.Key.Key_Tab)
    assert lowest.hasFocus()
    assert not lowest.visibleRegion().isEmpty(), "it is scrolled to"
    for label in window.export.findChildren(QLabel):
        if label.isVisible() and label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
        elif label.isVisible():
            assert label.width() >= label.minimumSizeHint().width(), label.text()


def test_a_problem_has_the_colour_of_a_warning_in_both_themes(
    qtbot: QtBot, window: MainWindow, photo_path: Path, analysed: Open
) -> None:
    from PySide6.QtGui import QColor

    from srviewer.gui import theme

    analysed(window, photo_path)
    window.export.format.setCurrentText("srcnn-hdf5")
    type_in(qtbot, window, "label_border", "17")
    label = plan_says(qtbot, window, "Label border")
    try:
        for name, of in (("light", theme.LIGHT), ("dark", theme.DARK)):
            window.menus.themes[name].trigger()
            QApplication.processEvents()
            assert near(pixels(label), QColor(of.warning), 60).sum() > 30
    finally:
        theme.choose_theme("system")


# What is remembered


def test_choices_come_back(qtbot: QtBot, settings: ExportSettings, choices: ExportChoices) -> None:
    settings.use_format("srcnn-hdf5")
    for key, text in (("max_pairs", "88000"), ("validation_share", "33.3"), ("seed", "5")):
        type_in(qtbot, choices, key, text)
    for key, text in (("label_border", "0"), ("shard_size", "250"), ("jobs", "4")):
        type_in(qtbot, choices, key, text)
    remembered, jobs = settings.remembered, settings.jobs
    assert remembered == Options("y", 250, 0, None, 88_000, 0.333, 5, axes="nchw")
    again = ExportSettings(Model())
    other = ExportChoices(again)
    qtbot.addWidget(other)
    again.restore(remembered, jobs)
    assert (again.remembered, again.jobs) == (remembered, 4)
    again.use_format("srcnn-hdf5")
    assert chosen(other) == chosen(choices)


def test_the_controls_show_what_is_settled(
    settings: ExportSettings, choices: ExportChoices
) -> None:
    beyond = Options(validation_share=0.99999, max_pairs=1_000_000_000, shard_size=1_000_000)
    there = Options("rgb", label_border=3, max_per_image=8, validation_share=0.2345, card=True)
    for settle in (
        lambda: settings.restore(beyond, 1024),
        lambda: settings.restore(Options(profile="neosr", seed=2**32 - 1), None),
        lambda: settings.restore(Options(), None),
        lambda: settings.follow_folder(How("hdf5", there)),
        lambda: settings.follow_folder(None),
    ):
        settle()
        shown = {key: one.value() for key, one in choices._controls.items()}
        assert shown == settings.values
