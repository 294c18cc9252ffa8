"""The data set view by what a person does in it and what it then says."""

import csv
import shutil
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QLabel,
    QPushButton,
    QSpinBox,
    QTableView,
    QTextEdit,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from srviewer.cli import main
from srviewer.errors import SurveyError
from srviewer.export.options import Options
from srviewer.export.settling import How
from srviewer.gui import theme
from srviewer.gui.jobs import answers
from srviewer.gui.state import data_set as data_set_module
from srviewer.gui.state.chart_choices import ChartChoices
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.model import Model
from srviewer.gui.state.settings import Settings
from srviewer.gui.state.shared import Shared
from srviewer.gui.theme import LIGHT
from srviewer.gui.views import cards
from srviewer.gui.views.chart import Chart
from srviewer.gui.views.data_set_page import DataSetView
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.summary import mean_quality
from srviewer.runs.rooted import Rooted
from srviewer.survey import listing
from srviewer.survey.default_file import default_file
from srviewer.survey.listing import Show
from srviewer.survey.runner import SurveyState, survey
from srviewer.survey.whole_set import WholeSet
from tests.gui.conftest import close
from tests.gui.helpers import (
    TIMEOUT,
    copied_rows,
    drag,
    find,
    near,
    open_paths,
    pixels,
    point_of,
    wait_for_analysis,
)
from tests.gui.test_window import banner_text
from tests.photos import as_source, crop, save

NAMES = tuple(one for one in listing.NAMES if one not in ("pair", "aligned"))  # of made pairs
LEFT = Qt.MouseButton.LeftButton
RECIPE = Recipe()


PICTURES = {
    "engine.png": crop("motorcycle", 200, 100, 250, 200),
    "plain.png": np.full((80, 90, 3), 90, np.uint8),
    "portrait.png": crop("astronaut", 100, 0, 256, 240),
    "sub/cup.png": crop("coffee", 100, 60, 240, 220),
}
GOOD = tuple(PICTURES)


def held_back(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Return what tells that a survey's file is about to be read, and what lets it be read."""
    begun, go_on = threading.Event(), threading.Event()
    load = answers.load

    def slow(*args: Any, **more: Any) -> WholeSet:
        begun.set()
        assert go_on.wait(TIMEOUT / 1000)
        return load(*args, **more)

    monkeypatch.setattr(answers, "load", slow)
    return begun, go_on


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the folder that `folder` is a copy of, and a survey of it."""
    top = tmp_path_factory.mktemp("made")
    for name, picture in PICTURES.items():
        save(picture, top / "photos" / name)
    (top / "photos" / "text.png").write_text("this is no picture")
    survey([top / "photos"], top / "survey.sqlite", RECIPE, jobs=1)
    return top / "photos", top / "survey.sqlite"


@pytest.fixture
def folder(made_once: tuple[Path, Path], tmp_path: Path) -> Path:
    """Return photographs, one that gives no pairs, and a file that is no picture."""
    return Path(shutil.copytree(made_once[0], tmp_path / "photos"))


@cache
def analyses(recipe: Recipe) -> dict[str, Analysis]:
    return {name: analyse(as_source(picture), recipe) for name, picture in PICTURES.items()}


def kept(recipe: Recipe) -> dict[str, int]:
    return {name: int(a.patches.kept.sum()) for name, a in analyses(recipe).items()}


def kept_at(threshold: int) -> dict[str, int]:
    inside = {n: a.texture.keypoints[a.patches.candidates] for n, a in analyses(RECIPE).items()}
    return {name: int((keypoints >= threshold).sum()) for name, keypoints in inside.items()}


def total(recipe: Recipe) -> str:
    return f"{sum(kept(recipe).values()):,} pairs"


def surveyed(folder: Path, recipe: Recipe = RECIPE) -> Path:
    survey([folder], default_file([folder]), recipe, jobs=1)
    return folder


def view(window: MainWindow) -> DataSetView:
    return window.findChild(DataSetView)


def is_known(window: MainWindow) -> bool:
    known = window.data_set
    return known.is_current and not known.answers.busy and not known.survey.busy


def wait_until_known(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: is_known(window), timeout=TIMEOUT)
    QApplication.processEvents()


def show(qtbot: QtBot, window: MainWindow) -> None:
    button = find(window, QToolButton, "show_data_set")
    if not button.isChecked():
        qtbot.mouseClick(button, LEFT)
    assert view(window).isVisible()


def open_set(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    open_paths(qtbot, window, [folder])
    show(qtbot, window)


@pytest.fixture
def opened(
    qtbot: QtBot, window: MainWindow, folder: Path, made_once: tuple[Path, Path]
) -> MainWindow:
    """Return a window that shows the data set of a surveyed folder."""
    shutil.copy(made_once[1], default_file([folder]))
    surveyed(folder)  # which has little left to do
    open_set(qtbot, window, folder)
    wait_until_known(qtbot, window)
    return window


def text(window: MainWindow, name: str) -> str:
    return find(window, QLabel, name).text()


def table(window: MainWindow) -> QTableView:
    return find(window, QTableView, "images_of_set")


def cell(window: MainWindow, name: str, column: str) -> str:
    shown = table(window).model()
    for row in range(shown.rowCount()):
        if shown.index(row, 0).data() == name:
            return str(shown.index(row, NAMES.index(column)).data())
    raise AssertionError(f"{name} is not listed")


def pairs(window: MainWindow) -> dict[str, int]:
    return {name: int(cell(window, name, "pairs")) for name in GOOD}


def listed(window: MainWindow) -> list[str]:
    shown = table(window).model()
    return [shown.index(row, 0).data() for row in range(shown.rowCount())]


def texture(window: MainWindow) -> Chart:
    return find(window, Chart, "chart_set_texture")


# Nothing yet


def test_what_a_folder_is_surveyed_as_stays_known_beside_another(
    model: Model, tmp_path: Path
) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        model.add_images([Rooted(folder / "one.png", folder)])
    of_set = DataSet(model)
    together = of_set.file()
    assert together == default_file(folders)
    default_file(folders[1:]).touch()
    assert of_set.file() == default_file(folders[1:])


def test_without_images_it_says_how_to_begin(qtbot: QtBot, window: MainWindow) -> None:
    show(qtbot, window)
    assert "Open" in text(window, "set_intro")
    assert "Ctrl+Shift+O" in text(window, "set_intro")
    assert text(window, "survey_status") == "No images yet"
    assert text(window, "set_empty") == "No images in the list."
    assert not find(window, QPushButton, "survey").isEnabled()
    assert not find(window, QPushButton, "set_copy").isEnabled()


def test_a_folder_not_surveyed_offers_it(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    open_paths(qtbot, window, [folder])
    line = find(window, QLabel, "images_set")
    assert line.isVisible()
    assert line.text().startswith("5 images not surveyed yet")
    show(qtbot, window)
    qtbot.waitUntil(lambda: not window.data_set.answers.busy, timeout=TIMEOUT)
    assert not line.isVisible(), "the table lists the images"
    assert text(window, "survey_status") == "5 images not surveyed yet"
    assert "once for each image" in text(window, "set_intro")
    assert find(window, QPushButton, "survey").text() == "Survey 5 images"
    assert len(listed(window)) == 5
    assert set(listed(window)) == {*GOOD, "text.png"}, "named as they are once surveyed"
    assert cell(window, "engine.png", "note") == "not surveyed yet"
    assert cell(window, "engine.png", "pairs") == ""
    window.data_set.start_survey()
    assert window.data_set.survey.busy
    assert "as soon as they are surveyed" in text(window, "set_intro"), "it has begun"


# The survey


def test_a_survey_from_the_list_runs_behind_and_fills_the_view(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    open_paths(qtbot, window, [folder])
    line = find(window, QLabel, "images_set")
    line.linkActivated.emit("survey")
    assert window.data_set.survey.busy
    assert "Survey runs" in line.text()
    wait_for_analysis(qtbot, window, folder / "engine.png")
    assert window.canvas.isVisible(), "the picture stays"
    show(qtbot, window)
    wait_until_known(qtbot, window)
    assert text(window, "total_pairs") == total(RECIPE)
    assert pairs(window) == kept(RECIPE)
    assert "1 failed" in text(window, "survey_status")
    assert cell(window, "text.png", "note").startswith("failed: ")
    log = find(window, QTextEdit, "log").toPlainText()
    assert log.count("text.png: ") == 1, "a failure is told once"
    assert default_file([folder]).exists()


def test_what_is_no_survey_yet_while_one_begins_is_read_at_its_end(
    qtbot: QtBot, window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_set, load = window.data_set, answers.load
    begun, told = threading.Event(), threading.Event()

    def once(*args: Any, **more: Any) -> WholeSet:
        if told.is_set():
            return load(*args, **more)
        assert begun.wait(TIMEOUT / 1000)
        raise SurveyError("no survey", path=default_file([folder]))

    def late(*args: Any, **more: Any) -> SurveyState:
        begun.set()
        assert told.wait(TIMEOUT / 1000)
        return survey(*args, **more)

    monkeypatch.setattr(answers, "load", once)
    monkeypatch.setattr(data_set_module, "survey", late)
    open_set(qtbot, window, folder)
    data_set.start_survey()
    qtbot.waitUntil(lambda: "no survey" in data_set.problem, timeout=TIMEOUT)
    told.set()
    qtbot.waitUntil(lambda: not data_set.survey.busy, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: not data_set.answers.busy, timeout=TIMEOUT)
    assert is_known(window)
    assert not data_set.problem


def test_a_survey_is_cancelled_and_goes_on_from_there(
    qtbot: QtBot, window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = data_set_module.survey
    states = []

    def stopping(*arguments: object, **named: object) -> object:
        """Press Cancel when the first image is done."""
        on_state, progress = named["on_state"], named["progress"]

        def look(state: object) -> None:
            states.append(state)
            on_state(state)  # type: ignore[operator]
            if state.surveyed == 1:  # type: ignore[attr-defined]
                progress.cancel.set()  # type: ignore[attr-defined]

        return real(*arguments, **(named | {"on_state": look}))  # type: ignore[arg-type]

    open_set(qtbot, window, folder)
    with monkeypatch.context() as patched:
        patched.setattr(data_set_module, "survey", stopping)
        qtbot.mouseClick(find(window, QPushButton, "survey"), LEFT)
        assert find(window, QPushButton, "cancel_survey").isVisible()
        qtbot.waitUntil(lambda: bool(states), timeout=TIMEOUT)
        wait_until_known(qtbot, window)
    button = find(window, QPushButton, "survey")
    left = len(window.data_set.whole.pending)  # type: ignore[union-attr]
    assert 0 < left < 5
    assert button.text() == f"Survey {left} image{'s' * (left != 1)}"
    qtbot.mouseClick(button, LEFT)
    wait_until_known(qtbot, window)
    qtbot.waitUntil(lambda: not window.data_set.whole.pending, timeout=TIMEOUT)  # type: ignore[union-attr]
    state = window.data_set.survey.state
    assert state is not None
    assert state.already + state.surveyed + 1 >= 5
    assert state.already >= 1
    assert text(window, "total_pairs") == total(RECIPE)


def test_pause_and_cancel_are_pressed(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    open_set(qtbot, window, folder)
    qtbot.mouseClick(find(window, QPushButton, "survey"), LEFT)
    pause = find(window, QPushButton, "pause_survey")
    qtbot.mouseClick(pause, LEFT)
    assert pause.text() == "Resume"
    assert text(window, "survey_status").startswith("Paused")
    qtbot.mouseClick(pause, LEFT)
    assert pause.text() == "Pause"
    qtbot.mouseClick(pause, LEFT)
    qtbot.mouseClick(find(window, QPushButton, "cancel_survey"), LEFT)
    assert text(window, "survey_status") == "Cancelling"
    qtbot.waitUntil(lambda: not window.data_set.survey.busy, timeout=TIMEOUT)
    assert find(window, QPushButton, "survey").isVisible()
    assert not pause.isVisible()


def test_what_failed_is_tried_again(qtbot: QtBot, opened: MainWindow, folder: Path) -> None:
    button = find(opened, QPushButton, "survey")
    assert button.text() == "Try 1 failed again"
    save(crop("rocket", 100, 60, 200, 200), folder / "text.png")
    qtbot.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: "text.png" in known_names(opened), timeout=TIMEOUT)
    wait_until_known(qtbot, opened)
    assert find(opened, QPushButton, "survey").text() == "All surveyed"
    assert not find(opened, QPushButton, "survey").isEnabled()


def known_names(window: MainWindow) -> list[str]:
    found = window.data_set.overview
    return [image.name for image in found.answer.images] if found is not None else []


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_window_closes_during_a_survey(
    qtbot: QtBot,
    new_window: MainWindow,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    jobs: int,
) -> None:
    window = new_window
    monkeypatch.setattr(data_set_module, "jobs_beside_a_window", lambda: jobs)
    for number in range(4):
        save(crop("chelsea", 10 * number, 0, 260, 220), folder / f"cat{number}.png")
    open_set(qtbot, window, folder)
    qtbot.mouseClick(find(window, QPushButton, "survey"), LEFT)
    assert window.data_set.survey.busy
    close(qtbot, window)  # the fixtures fail where a thread is left
    state = survey([folder], default_file([folder]), RECIPE, jobs=1)  # what is there is whole
    assert state.done == 9
    assert len(state.failures) == 1


def test_a_bad_survey_file_is_told_and_stays(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    file = default_file([folder])
    file.write_text("shopping list")
    open_set(qtbot, window, folder)
    qtbot.waitUntil(lambda: str(file) in text(window, "set_intro"), timeout=TIMEOUT)
    assert text(window, "survey_status") == "The survey cannot be used."
    qtbot.mouseClick(find(window, QPushButton, "survey"), LEFT)
    qtbot.waitUntil(lambda: not window.data_set.survey.busy, timeout=TIMEOUT)
    assert str(file) in text(window, "set_intro")
    assert file.read_text() == "shopping list"
    assert banner_text(window) == "", "it is told once"
    qtbot.mouseClick(find(window, QToolButton, "show_data_set"), LEFT)
    window.data_set.start_survey()
    qtbot.waitUntil(lambda: str(file) in banner_text(window), timeout=TIMEOUT)
    qtbot.waitUntil(lambda: not window.data_set.survey.busy, timeout=TIMEOUT)


# What it says


def test_every_number_is_that_of_the_analysis(opened: MainWindow) -> None:
    for name, a in analyses(RECIPE).items():
        psnr, ssim = mean_quality(a)
        used = np.zeros(a.pair.size[::-1], bool)
        if a.box.hr is not None:
            used[a.box.hr.y0 : a.box.hr.y1, a.box.hr.x0 : a.box.hr.x1] = True
        expected = {
            "pixels": "{} x {}".format(*a.image.size),
            "keypoints_hr": f"{len(a.keypoints.hr):,}",
            "keypoints_lr": f"{len(a.keypoints.lr):,}",
            "matches": f"{len(a.matches):,}",
            "consistent": f"{int(a.consistent.kept.sum()):,}",
            "windows": f"{int(a.patches.candidates.sum()):,}",
            "pairs": f"{int(a.patches.kept.sum()):,}",
            "share": f"{100 * kept(RECIPE)[name] / sum(kept(RECIPE).values()):.1f}",
            "area_used": f"{100 * used.mean():.0f}",
            "mean_psnr": "\N{EN DASH}" if psnr is None else f"{psnr:.2f}",
            "mean_ssim": "\N{EN DASH}" if ssim is None else f"{ssim:.3f}",
        }
        assert {column: cell(opened, name, column) for column in expected} == expected, name


def test_totals_are_those_of_an_export(opened: MainWindow, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    main(["export", str(folder), "--out", str(out), "--jobs", "1", "--format", "bmp"])
    with (out / "manifest.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert text(opened, "total_pairs") == f"{len(rows):,} pairs"
    by_image = {name: sum(row["image"] == name for row in rows) for name in GOOD}
    assert pairs(opened) == by_image
    taken = sum(path.stat().st_size for path in out.rglob("*.bmp"))
    assert opened.data_set.how.value.format == "png"
    find(opened, QComboBox, "export_format").setCurrentText("bmp")
    assert opened.data_set.how.value.format == "bmp"
    size = find(opened, QLabel, "size_bmp")
    number, unit = size.text().split()
    assert float(number) * {"kB": 1e3, "MB": 1e6}[unit] == pytest.approx(taken, rel=0.01)
    assert size.font().bold(), "the format of the export is marked"
    assert find(opened, QLabel, "size_png").text().startswith("about ")


def test_sizes_follow_the_export_panel(opened: MainWindow) -> None:
    find(opened, QComboBox, "export_format").setCurrentText("png")
    assert find(opened, QLabel, "size_png").font().bold()
    assert not find(opened, QLabel, "size_bmp").font().bold()
    whole = find(opened, QLabel, "size_bmp").text()
    opened.data_set.how.use(How("bmp", Options(max_pairs=5)))
    assert find(opened, QLabel, "size_bmp").text() != whole
    heading = find(opened, QFrame, "sizes_card").findChildren(QLabel)[0]
    assert heading.text() == "Size of 5 pairs"


def test_images_without_pairs_say_why(opened: MainWindow) -> None:
    assert cell(opened, "plain.png", "note").startswith("no box: ")
    assert cell(opened, "text.png", "note").startswith("failed: ")
    assert "failed: " in table(opened).model().index(listed(opened).index("text.png"), 0).data(
        Qt.ItemDataRole.ToolTipRole
    )
    opened.model.change("min_keypoints", 100)
    assert cell(opened, "engine.png", "note").startswith("no window has 100 keypoints")


def test_the_charts_count_every_window(opened: MainWindow) -> None:
    found = analyses(RECIPE).values()
    shown = texture(opened).distribution
    assert shown is not None
    total, chosen = shown.all, shown.kept
    assert total.sum() == sum(int(a.patches.candidates.sum()) for a in found)
    assert chosen.sum() == sum(int(a.patches.kept.sum()) for a in found)
    keypoints = np.concatenate([a.texture.keypoints[a.patches.candidates] for a in found])
    bars = {
        float(low + 0.5): int(count)
        for low, count in zip(shown.edges[:-1], total, strict=True)
        if count and shown.edges[1] - shown.edges[0] == 1
    }
    expected = np.bincount(keypoints)
    assert bars == {float(n): int(count) for n, count in enumerate(expected) if count}
    assert shown.share is not None
    at_ten = shown.share[np.flatnonzero(shown.edges == 9.5)[0]]
    assert at_ten == pytest.approx((keypoints >= 10).mean())


# Thresholds


def test_the_range_holds_still_during_a_drag(qtbot: QtBot, opened: MainWindow) -> None:
    for name, x in (("matches", 1.05), ("texture", 9.5)):
        chart = find(opened, Chart, f"chart_set_{name}")
        assert chart.distribution is not None
        before = chart.distribution.range
        start = chart.plot.mapTo(chart, point_of(chart.plot, x, 0.5))
        qtbot.mousePress(chart, LEFT, pos=start)
        end = chart.plot.mapTo(chart, point_of(chart.plot, before[1], 0.5)) + QPoint(20, 0)
        for step in range(1, 9):
            qtbot.mouseMove(chart, start + (end - start) * step / 8)
            wait_until_known(qtbot, opened)
            assert chart.distribution.range == before
        qtbot.mouseRelease(chart, LEFT, pos=end)
        wait_until_known(qtbot, opened)
        after = chart.distribution.range
        assert after[1] > before[1], "let go of, there is room beyond it again"


def test_a_dragged_threshold_changes_recipe_and_totals(qtbot: QtBot, opened: MainWindow) -> None:
    chart = texture(opened)
    before = text(opened, "total_pairs")
    seen: set[str] = set()
    opened.model.recipe_changed.connect(lambda: seen.add(text(opened, "total_pairs")))
    places = (point_of(chart.plot, x, 0.5) for x in (9.5, 4.5))
    drag(qtbot, chart, *(chart.plot.mapTo(chart, place) for place in places))
    recipe = opened.model.recipe
    assert recipe.min_keypoints == 5
    assert len(seen) > 2, "it follows while it is pulled"
    assert text(opened, "total_pairs") == total(recipe)
    assert pairs(opened) == kept(recipe)
    assert chart.header.value == "\N{GREATER-THAN OR EQUAL TO} 5"
    opened.model.undo()
    assert opened.model.recipe == RECIPE
    assert text(opened, "total_pairs") == before


@pytest.mark.parametrize(
    ("name", "asks"), [("matches", False), ("texture", True), ("psnr", True), ("ssim", True)]
)
def test_the_pointer_tells_whose_bars_a_click_lists(
    qtbot: QtBot, opened: MainWindow, name: str, asks: bool
) -> None:
    chart = find(opened, Chart, f"chart_set_{name}")
    d, clicked = chart.distribution, []
    assert d is not None
    chart.bar_asked.connect(lambda bar, kept: clicked.append(bar))
    bar = int(np.argmax(d.all)) if name == "matches" else int(np.flatnonzero(d.all)[-1])
    x = float(d.edges[bar : bar + 2].mean())
    at = chart.plot.mapTo(chart, point_of(chart.plot, x, 0.02))
    qtbot.mouseMove(chart, at)
    hand = chart.cursor().shape() == Qt.CursorShape.PointingHandCursor
    qtbot.mouseClick(chart, LEFT, pos=at)
    assert (hand, clicked) == (asks, [bar] * asks)
    assert ("list its windows" in chart.toolTip()) == asks


def test_another_margin_is_answered_behind(qtbot: QtBot, opened: MainWindow) -> None:
    matches = find(opened, Chart, "chart_set_matches")
    for margin in (0.06, 0.08, 0.2):
        opened.model.change("error_margin", margin)
        assert matches.model is not None
        assert matches.model.threshold is not None
        assert matches.model.threshold.value == margin, "the band is there at once"
    wait_until_known(qtbot, opened)
    assert text(opened, "total_pairs") == total(RECIPE.replace(error_margin=0.2))


def test_whatever_only_decides_is_answered_from_the_survey(
    qtbot: QtBot, opened: MainWindow
) -> None:
    for changes in (
        {"texture": "canny", "min_edge_density": 0.08},
        {"consistency": "position"},
        {"crop": "bounding", "min_matches": 1},
        {"keypoint_scope": "image"},
    ):
        recipe = RECIPE.replace(**changes)
        opened.model.set_recipe(recipe)
        wait_until_known(qtbot, opened)
        assert pairs(opened) == kept(recipe), changes
        charts = view(opened).findChildren(Chart)
        assert all(chart.distribution is not None for chart in charts)


def test_a_recipe_that_needs_a_survey_of_its_own_says_so(qtbot: QtBot, opened: MainWindow) -> None:
    before = text(opened, "total_pairs")
    opened.model.change("stride", 28)
    qtbot.waitUntil(
        lambda: "Stride 14 px surveyed, 28 px now" in text(opened, "survey_status"), timeout=TIMEOUT
    )
    assert "Stride 14 px surveyed, 28 px now" in text(opened, "set_intro")
    button = find(opened, QPushButton, "survey")
    assert button.text() == "Survey 5 images"
    qtbot.mouseClick(button, LEFT)
    wait_until_known(qtbot, opened)
    assert text(opened, "total_pairs") == total(RECIPE.replace(stride=28))
    opened.model.undo()
    wait_until_known(qtbot, opened)
    assert text(opened, "total_pairs") == before, "the old survey is kept"


def test_a_survey_of_another_recipe_is_known_of_from_the_file(
    qtbot: QtBot, window: MainWindow, folder: Path
) -> None:
    surveyed(folder, RECIPE.replace(stride=28))
    open_set(qtbot, window, folder)
    qtbot.waitUntil(lambda: not window.data_set.answers.busy, timeout=TIMEOUT)
    QApplication.processEvents()
    assert "Stride 28 px surveyed, 14 px now" in text(window, "survey_status")
    assert "Stride 28 px surveyed, 14 px now" in text(window, "set_intro")
    assert find(window, QPushButton, "survey").text() == "Survey 5 images"
    window.model.change("stride", 28)
    wait_until_known(qtbot, window)
    assert text(window, "total_pairs") == total(RECIPE.replace(stride=28))


def test_a_threshold_pulled_while_the_file_is_read_is_answered_for(
    qtbot: QtBot, opened: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(crop("rocket", 100, 60, 200, 200), folder / "later.png")
    surveyed(folder)
    begun, go_on = held_back(monkeypatch)
    open_paths(qtbot, opened, [folder])
    qtbot.waitUntil(begun.is_set, timeout=TIMEOUT)
    opened.model.change("min_keypoints", 4)
    go_on.set()
    qtbot.waitUntil(lambda: "later.png" in listed(opened), timeout=TIMEOUT)
    wait_until_known(qtbot, opened)
    assert pairs(opened) == kept(RECIPE.replace(min_keypoints=4))


# What to do


def test_a_wish_suggests_a_threshold_that_can_be_used(qtbot: QtBot, opened: MainWindow) -> None:
    wanted = find(opened, QSpinBox, "wanted_pairs")
    use = find(opened, QPushButton, "use_suggestion")
    # Until somebody wishes for some it is what there is.
    for least in (RECIPE.min_keypoints + 1, RECIPE.min_keypoints):
        opened.model.change("min_keypoints", least)
        assert wanted.value() == sum(kept_at(least).values()) > 0
        assert text(opened, "suggestion").startswith("So many are there now. ")
        assert not use.isEnabled()
    most = sum(kept(RECIPE.replace(min_keypoints=0)).values())
    wanted.setFocus()
    wanted.selectAll()
    qtbot.keyClicks(wanted, str(most + 1))
    assert wanted.value() == most + 1
    assert f"Keypoints, at least 0 gives {most:,} pairs, the most" in text(opened, "suggestion")
    wanted.setValue(most // 2)
    by_threshold = [sum(kept_at(number).values()) for number in range(12)]
    best = max(number for number, pairs in enumerate(by_threshold) if pairs >= most // 2)
    said = text(opened, "suggestion")
    assert said == f"Keypoints, at least {best} gives {by_threshold[best]:,} pairs."
    assert use.accessibleDescription() == f"Keypoints, at least {best}"
    qtbot.mouseClick(use, LEFT)
    assert opened.model.recipe.min_keypoints == best
    assert not use.isEnabled(), "it is in use"
    opened.model.undo()
    assert opened.model.recipe == RECIPE


def test_the_next_step_names_the_images_and_leads_to_them(opened: MainWindow) -> None:
    last = max(  # where the first of the photographs is about to fall to none
        number
        for number in range(1, 60)
        if kept_at(number)["portrait.png"] and kept_at(number)["engine.png"]
    )
    opened.model.change("min_keypoints", last)
    now, after = kept_at(last), kept_at(last + 1)
    fewer = sum(now.values()) - sum(after.values())
    lost = [name for name in GOOD if now[name] and not after[name]]
    said = text(opened, "next_lost")
    assert f"Keypoints, at least {last + 1}</b>: {fewer:,} pair{'s' * (fewer != 1)} fewer" in said
    assert lost
    assert all(Path(name).name in said for name in lost)
    assert "none" in said
    found = opened.data_set.overview
    assert found is not None
    assert found.tighter is not None
    changed = found.tighter.pairs - found.answer.totals.pairs
    words = f"{abs(changed):,} {'more' if changed > 0 else 'fewer'}" if changed else "the same"
    assert f"<b>Error margin 4.5 %</b>: {words}" in text(opened, "next_tolerance")
    opened.model.change("min_keypoints", last + 1)
    assert all(Path(name).name in text(opened, "next_won") for name in lost)
    label = find(opened, QLabel, "next_won")
    index = label.text().partition('href="')[2].partition('"')[0]
    label.linkActivated.emit(index)
    assert opened.model.current is not None
    assert opened.model.current.path.name == Path(lost[0]).name or len(lost) > 1
    assert opened.canvas.isVisible()


# The table


def press_header(qtbot: QtBot, window: MainWindow, column: str) -> None:
    header = table(window).horizontalHeader()
    section = NAMES.index(column)
    at = QPoint(header.sectionViewportPosition(section) + 12, header.height() // 2)
    qtbot.mouseClick(header.viewport(), LEFT, pos=at)


def test_every_column_sorts_and_numbers_as_numbers(qtbot: QtBot, opened: MainWindow) -> None:
    opened.resize(2000, 700)  # all columns have room
    QApplication.processEvents()
    for column in NAMES[1:-1]:
        for _ in range(2):
            press_header(qtbot, opened, column)
            order = table(opened).horizontalHeader().sortIndicatorOrder()
            falling = order == Qt.SortOrder.DescendingOrder
            texts = [cell(opened, name, column) for name in listed(opened)]
            known = [one for one in texts if one not in ("", "\N{EN DASH}")]
            assert texts[: len(known)] == known, "what is not known comes last"
            sizes = [eval(one.replace("x", "*").replace(",", "")) for one in known]
            assert sizes == sorted(sizes, reverse=falling), column
    press_header(qtbot, opened, "image")
    assert listed(opened) in (sorted(listed(opened)), sorted(listed(opened), reverse=True))


def test_the_filter_lists_some(qtbot: QtBot, opened: MainWindow) -> None:
    counts = kept(RECIPE)
    some = {name for name, pairs in counts.items() if pairs}
    assert 0 < len(some) < 4
    box = find(opened, QComboBox, "set_show")
    expected = {
        Show.ALL: {*GOOD, "text.png"},
        Show.PAIRS: some,
        Show.NO_PAIRS: set(GOOD) - some,
        Show.FAILED: {"text.png"},
        Show.PENDING: set(),
    }
    for number, show_only in enumerate(Show):
        box.setFocus()
        while box.currentIndex() != number:
            qtbot.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < number else Qt.Key.Key_Up)
        assert set(listed(opened)) == expected[show_only]
    assert text(opened, "set_empty") == "All images are surveyed."
    box.setCurrentIndex(1)
    assert text(opened, "set_count") == f"{len(some)} of 5 images"
    opened.model.change("min_keypoints", 90)
    assert not set(listed(opened)) - expected[Show.PAIRS]


def place_of(window: MainWindow, name: str, column: str = "image") -> QPoint:
    rows = table(window)
    index = rows.model().index(listed(window).index(name), NAMES.index(column))
    return rows.visualRect(index).center()


def test_a_click_on_a_name_opens_the_image(qtbot: QtBot, opened: MainWindow, folder: Path) -> None:
    rows = table(opened)
    for column, shape in (("image", "PointingHandCursor"), ("pairs", "ArrowCursor")):
        qtbot.mouseMove(rows.viewport(), place_of(opened, "sub/cup.png", column))
        assert rows.viewport().cursor().shape().name == shape
    qtbot.mouseClick(rows.viewport(), LEFT, pos=place_of(opened, "sub/cup.png", "pairs"))
    assert view(opened).isVisible(), "elsewhere it only selects"
    qtbot.mouseClick(rows.viewport(), LEFT, pos=place_of(opened, "sub/cup.png"))
    assert opened.canvas.isVisible()
    wait_for_analysis(qtbot, opened, folder / "sub" / "cup.png")
    show(qtbot, opened)
    assert [index.row() for index in rows.selectionModel().selectedRows()] == [
        listed(opened).index("sub/cup.png")
    ]


def test_enter_and_double_click_open_an_image(
    qtbot: QtBot, opened: MainWindow, folder: Path
) -> None:
    rows = table(opened)
    rows.setFocus()
    rows.selectRow(listed(opened).index("portrait.png"))
    qtbot.keyClick(rows, Qt.Key.Key_Return)
    assert opened.canvas.isVisible()
    wait_for_analysis(qtbot, opened, folder / "portrait.png")
    show(qtbot, opened)
    at = place_of(opened, "engine.png", "pairs")
    qtbot.mouseClick(rows.viewport(), LEFT, pos=at)
    assert view(opened).isVisible()
    qtbot.mouseDClick(rows.viewport(), LEFT, pos=at)
    wait_for_analysis(qtbot, opened, folder / "engine.png")
    assert opened.canvas.isVisible()


def test_copying_gives_csv_with_names(qtbot: QtBot, opened: MainWindow) -> None:
    rows = table(opened)
    rows.setFocus()
    qtbot.keyClick(rows, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = copied_rows()
    assert [line["image"] for line in lines] == listed(opened)
    counts = kept(RECIPE)
    for line in lines:
        name = line["image"]
        if name == "text.png":
            assert (line["state"], line["pairs"], line["width"]) == ("failed", "", "")
            assert line["note"]
        else:
            a = analyses(RECIPE)[name]
            assert (int(line["width"]), int(line["height"])) == a.image.size
            assert int(line["pairs"]) == counts[name]
            assert line["state"] == ("with pairs" if counts[name] else "no pairs")
            psnr, _ = mean_quality(a)
            if psnr is not None:
                assert float(line["mean_psnr"]) == pytest.approx(psnr, abs=1e-3)
    rows.selectRow(listed(opened).index("engine.png"))
    qtbot.mouseClick(find(opened, QPushButton, "set_copy"), LEFT)
    (line,) = copied_rows()
    assert line["image"] == "engine.png"


def test_a_selection_stays_with_its_images(qtbot: QtBot, opened: MainWindow) -> None:
    rows = table(opened)
    rows.selectRow(listed(opened).index("portrait.png"))
    press_header(qtbot, opened, "pairs")
    opened.model.change("min_keypoints", 7)
    chosen = [listed(opened)[index.row()] for index in rows.selectionModel().selectedRows()]
    assert chosen == ["portrait.png"]


# In the window


def test_the_stages_lead_back_to_the_picture(qtbot: QtBot, opened: MainWindow) -> None:
    assert not opened.images.isVisible()
    qtbot.mouseClick(find(opened, QToolButton, "stage_box"), LEFT)
    assert opened.canvas.isVisible()
    assert opened.images.isVisible()
    assert opened.model.view.name == "box"
    assert not find(opened, QToolButton, "show_data_set").isChecked()


def test_an_image_that_is_removed_leaves_the_set(qtbot: QtBot, opened: MainWindow) -> None:
    entry = next(one for one in opened.model.entries if one.path.name == "engine.png")
    opened.model.remove(entry)
    qtbot.waitUntil(lambda: "engine.png" not in listed(opened), timeout=TIMEOUT)
    wait_until_known(qtbot, opened)
    counts = kept(RECIPE)
    rest = sum(pairs for name, pairs in counts.items() if name != "engine.png")
    assert text(opened, "total_pairs") == f"{rest:,} pairs"


def test_it_does_nothing_while_nobody_looks(qtbot: QtBot, opened: MainWindow) -> None:
    find(opened, QToolButton, "show_data_set").click()
    before = opened.data_set.overview
    opened.model.change("min_keypoints", 3)
    QApplication.processEvents()
    assert opened.data_set.overview is before
    assert "pairs" not in find(opened, QToolButton, "show_data_set").accessibleDescription()
    show(qtbot, opened)
    wait_until_known(qtbot, opened)
    assert opened.data_set.overview is not before


def test_what_is_known_stays_known_where_the_page_is_left_while_it_is_read(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known() -> list[int | None]:
        return [opened.known.of(one).pairs for one in opened.model.entries]

    before = known()
    assert before.count(None) == 1, "of the file that is no picture"
    opened.model.show_data_set(False)
    begun, go_on = held_back(monkeypatch)
    opened.model.show_data_set(True)
    qtbot.waitUntil(begun.is_set, timeout=TIMEOUT)
    opened.model.show_data_set(False)
    try:
        assert known() == before
    finally:
        go_on.set()
    wait_until_known(qtbot, opened)
    assert known() == before


def test_it_follows_the_theme(opened: MainWindow) -> None:
    opened.use_theme("light")
    QApplication.processEvents()
    try:
        shown = pixels(texture(opened))
        assert near(shown[3, 3], QColor(LIGHT.panel), 2).all()
        assert near(pixels(opened.data_set_button)[3, 3], QColor(LIGHT.field), 2).all()
    finally:
        theme.choose_theme("system")


def test_what_a_threshold_loses_of_the_whole_set_is_told(
    opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pairs_at(number: int) -> int:
        return sum(kept_at(number).values())

    kept, later = RECIPE.min_keypoints, time.monotonic() + 10
    change = find(opened, QLabel, "total_change")
    monkeypatch.setattr(cards.time, "monotonic", lambda: later)
    for number in (kept + 1, kept + 4):  # pulled: both are one change
        opened.model.change("min_keypoints", number)
    fewer = pairs_at(kept) - pairs_at(kept + 4)
    assert change.isVisibleTo(view(opened))
    assert change.text().startswith(f"{fewer:,} fewer than at {kept}")
    monkeypatch.setattr(cards.time, "monotonic", lambda: later + 10)
    opened.model.change("min_keypoints", 1)
    more = pairs_at(1) - pairs_at(kept + 4)
    assert change.text().startswith(f"{more:,} more than at {kept + 4}")
    monkeypatch.setattr(cards.time, "monotonic", lambda: later + 20)
    opened.model.change("min_keypoints", 10_000)
    some = sum(count > 0 for count in kept_at(1).values())
    assert change.text() == f"{pairs_at(1):,} fewer than at 1; {some} images fall to none"
    assert len(change.toolTip().splitlines()) == some


def test_nothing_is_cut_off(opened: MainWindow) -> None:
    for size in ((1280, 800), (1024, 700)):
        opened.resize(*size)
        QApplication.processEvents()
        for name in ("totals", "suggestion", "next_lost", "next_won"):
            label = find(opened, QLabel, name)
            assert label.height() >= label.heightForWidth(label.width()), name
        for button in ("survey", "set_copy", "use_suggestion"):
            one = find(opened, QPushButton, button)
            assert one.width() >= one.minimumSizeHint().width(), button
        assert view(opened).width() <= opened.width()


def test_everything_has_a_name_for_a_screen_reader(opened: MainWindow) -> None:
    for kind in (QTableView, QComboBox, QSpinBox, QToolButton):
        for widget in view(opened).findChildren(kind):
            assert widget.accessibleName() or (isinstance(widget, QToolButton) and widget.text())


@pytest.mark.parametrize("nonsense", [None, 7, "pairs", ["pairs"], ["size", True], ["pairs", 1]])
def test_nonsense_that_was_remembered_counts_as_missing(
    qtbot: QtBot, model: Model, nonsense: object
) -> None:
    settings = Settings.none()
    for key in ("shown", "sort", "show", "wanted_pairs"):
        settings.remember(f"data_set/{key}", nonsense)
    page = DataSetView(model, DataSet(model), Excluding(model), Shared(ChartChoices()))
    qtbot.addWidget(page)
    page.restore(settings)
    assert page.table.sorted_by == ("image", False)
    assert page.table.show_only is Show.ALL
    assert settings.data_set_shown is False
    assert settings.wanted_pairs in (None, 7)


def test_it_comes_back_as_it_was_left(
    qtbot: QtBot, again: Callable[[], MainWindow], folder: Path, photo_path: Path
) -> None:
    surveyed(folder)
    window = again()
    open_set(qtbot, window, folder)
    wait_until_known(qtbot, window)
    view(window).remember(window.settings)
    assert window.settings.wanted_pairs is None, "nobody has wished for any"
    view(window).table.sort_by("mean_psnr", descending=True)
    find(window, QComboBox, "set_show").setCurrentIndex(1)
    find(window, QSpinBox, "wanted_pairs").setValue(4321)
    window = again()
    open_paths(qtbot, window, [photo_path])
    assert not window.model.data_set_shown, "a single image is looked at"
    open_paths(qtbot, window, [folder])
    assert view(window).isVisible()
    wait_until_known(qtbot, window)
    assert view(window).table.sorted_by == ("mean_psnr", True)
    assert find(window, QComboBox, "set_show").currentIndex() == 1
    assert find(window, QSpinBox, "wanted_pairs").value() == 4321


# Excluding


def click_on(qtbot: QtBot, window: MainWindow, name: str) -> None:
    shown, rows = table(window), listed(window)
    at = shown.visualRect(shown.model().index(rows.index(name), NAMES.index("pairs"))).center()
    qtbot.mouseClick(shown.viewport(), LEFT, pos=at)


def test_the_image_that_is_selected_in_the_table_is_excluded_and_not_the_one_looked_at_before(
    qtbot: QtBot, opened: MainWindow
) -> None:
    looked_at, excluding = opened.model.current.path.name, opened.excluding
    name = next(one for one in GOOD if one != looked_at)
    sha256 = {one.name: one.sha256 for one in opened.data_set.whole.images}
    qtbot.keyClick(table(opened), Qt.Key.Key_X, Qt.KeyboardModifier.ShiftModifier)
    assert not opened.model.exclusions, "nothing is selected"
    click_on(qtbot, opened, name)
    qtbot.keyClick(table(opened), Qt.Key.Key_X, Qt.KeyboardModifier.ShiftModifier)
    assert [one for one in sha256 if opened.model.exclusions.of(sha256[one]).whole] == [name]
    qtbot.waitUntil(lambda: is_known(opened) and pairs(opened)[name] == 0, timeout=TIMEOUT)
    assert pairs(opened)[looked_at] > 0
    table(opened).selectAll()
    assert excluding.image_words == f"Exclude the {len(sha256)} images"
    qtbot.keyClick(table(opened), Qt.Key.Key_X, Qt.KeyboardModifier.ShiftModifier)
    assert all(opened.model.exclusions.of(one).whole for one in sha256.values())
    assert opened.menus.turn_image.text().replace("&", "").startswith("Include the")
    qtbot.keyClick(table(opened), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    opened.model.show_data_set(False)
    assert excluding.image_words == "Exclude the image", "the one that is looked at"
