"""The heat map of what is in each window, and the image under a second recipe beside the first."""

import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from srviewer.errors import SrviewerError
from srviewer.gui.jobs import analysis_follower
from srviewer.gui.state.comparison import Comparison
from srviewer.gui.state.layers import Layer
from srviewer.gui.state.model import Model
from srviewer.gui.theme import KEPT, REJECTED
from srviewer.gui.views.camera import Camera, Pane
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.window import MainWindow
from srviewer.pipeline import recipes_compared
from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.recipe import PRESETS, Recipe
from srviewer.pipeline.resizing import available_libraries
from tests.analyses import assert_same
from tests.gui.conftest import close, running_qthreads
from tests.gui.helpers import TIMEOUT, click, find, known, near, pixels, wait_for_analysis
from tests.gui.test_window import banner_text
from tests.photos import crop, save

Open = Callable[[MainWindow, Path], None]
PILLS = 56  # screen pixels at the top and the bottom that captions, legend and bar may cover


@pytest.fixture
def opened(window: MainWindow, photo_path: Path, analysed: Open) -> MainWindow:
    window.resize(1400, 1000)
    analysed(window, photo_path)
    return window


def cell(canvas: PairCanvas, a: Analysis, pane: Pane, index: int) -> tuple[slice, slice] | None:
    """Return the inner screen pixels of a window's cell, None where captions may cover it."""
    windows = a.windows
    middle = np.array([(windows.x[index], windows.y[index])]) + (windows.patch - 1) / 2
    x, y = pane.to_screen(canvas.camera, middle)[0]
    reach = windows.stride * canvas.camera.zoom / 2 - 3
    in_x = pane.left + 2 < x - reach < x + reach < pane.left + pane.width - 2
    in_y = y - reach > PILLS and y + reach < canvas.height() - PILLS
    if not (in_x and in_y):
        return None
    return slice(int(y - reach), int(y + reach)), slice(int(x - reach), int(x + reach))


# The heat map


def viridis(values: np.ndarray, top: float) -> np.ndarray:
    levels = np.clip(values * (255 / top), 0, 255).astype(np.uint8).reshape(1, -1)
    return cv2.applyColorMap(levels, cv2.COLORMAP_VIRIDIS)[0, :, ::-1].astype(float)


def assert_heat(window: MainWindow, values: np.ndarray, top: float) -> None:
    """Fail unless the heat button alone paints `values` over the picture, in both panes."""
    a, canvas = known(window), window.canvas
    window.model.show_view("pair")
    canvas.set_camera(Camera(124, 100, 2))
    plain = pixels(canvas).astype(float)
    window.model.show_layer(Layer.HEAT, True)
    shown = pixels(canvas)
    colors = viridis(values, top)
    seen = 0
    for pane in canvas.panes():
        for index in range(len(a.windows)):
            place = cell(canvas, a, pane, index)
            if place is not None:
                mixed = plain[place] + (colors[index] - plain[place]) * 190 / 255
                assert np.abs(shown[place] - mixed).max() <= 3, index
                seen += 1
    assert seen > 100


@pytest.mark.parametrize("changes", [{}, {"keypoint_scope": "image"}, {"texture": "canny"}])
def test_the_heat_map_has_a_colour_for_what_is_in_each_window(
    qtbot: QtBot, opened: MainWindow, painted_texts: list[str], changes: dict[str, object]
) -> None:
    for key, value in changes.items():
        opened.model.change(key, value)
    wait_for_analysis(qtbot, opened)
    texture = known(opened).texture
    counts, density = texture.keypoints, texture.values.get("canny")
    if density is not None:
        assert_heat(opened, density, 0.5)
        legend = {"0", "edge pixels", "50 %"}
    else:
        assert len(set(counts.tolist())) > 5
        top = max(int(np.percentile(counts, 99)), 10)
        assert_heat(opened, counts, top)
        legend = {"0", "keypoints", f"{top}+"}
    assert (density is not None) == ("texture" in changes)
    assert legend <= set(painted_texts)


def test_the_heat_button_draws_a_map_with_one_bar(qtbot: QtBot, opened: MainWindow) -> None:
    canvas = opened.canvas
    click(qtbot, opened, "stage_pair")
    plain = pixels(canvas)
    click(qtbot, opened, "layer_heat")
    shown = pixels(canvas)
    assert (shown != plain).any(axis=-1).mean() > 0.2
    ramp = viridis(np.array([0.02, 0.5, 0.98]), 1)
    bars = []
    for pane in canvas.panes():
        left, top = int(pane.left + pane.width - 174), int(canvas.height() - 50)
        painted = [shown[top + 6, left + round(150 * share)] for share in (0.02, 0.5, 0.98)]
        bars.append(bool(np.abs(np.array(painted) - ramp).max() <= 12))
    assert bars == [False, True]
    click(qtbot, opened, "layer_heat")
    assert (pixels(canvas) == plain).all()


# B, and what is told of it


def show_comparison(qtbot: QtBot, window: MainWindow) -> None:
    """Bring the comparison before other panels by its key."""
    if not window.docks.by_name["compare"].is_seen:
        qtbot.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.AltModifier)
    assert window.compare.isVisible()


def choose(qtbot: QtBot, window: MainWindow, choice: str) -> None:
    """Choose what to compare with by keys."""
    combo = find(window, QComboBox, "compare_with")
    qtbot.keyClick(combo, Qt.Key.Key_Home)
    while combo.currentText() != choice:
        before = combo.currentText()
        qtbot.keyClick(combo, Qt.Key.Key_Down)
        assert combo.currentText() != before, f"no choice {choice!r}"


def wait_for_b(qtbot: QtBot, comparison: Comparison) -> Analysis:
    """Wait until B is known under its recipe, and return it."""

    def is_known() -> bool:
        b = comparison.analysis
        return b is not None and b.complete and b.recipe == comparison.recipe

    qtbot.waitUntil(is_known, timeout=TIMEOUT)
    assert comparison.analysis is not None
    return comparison.analysis


def fresh(window: MainWindow, recipe: Recipe) -> Analysis:
    return analyse(known(window).image, recipe)


OTHERS = {
    **{f"preset {name}": recipe.differences(Recipe()) for name, recipe in PRESETS.items()},
    "the other keypoint scope": {"keypoint_scope": "image"},
    "the other texture measure": {"texture": "canny"},
    "the other consistency test": {"consistency": "position"},
    **{f"resizer {name}": {"resizer": name} for name in available_libraries()},
}


NO_ROOM = "preset modern"  # a patch of 256 px in an image of 250 x 200


def test_there_is_a_choice_for_each_preset_scope_measure_and_test(window: MainWindow) -> None:
    combo = find(window, QComboBox, "compare_with")
    assert {combo.itemText(place) for place in range(combo.count())} == set(OTHERS)
    assert set(recipes_compared.OTHERS) - set(OTHERS) <= {"resizer torch"}


def test_a_preset_whose_patch_has_no_room_says_so(qtbot: QtBot, opened: MainWindow) -> None:
    show_comparison(qtbot, opened)
    choose(qtbot, opened, NO_ROOM)
    qtbot.waitUntil(lambda: "smaller than one patch" in opened.comparison.problem, timeout=TIMEOUT)
    assert opened.comparison.analysis is None


@pytest.mark.parametrize("choice", sorted(OTHERS.keys() - {NO_ROOM}))
def test_b_is_what_its_recipe_gives(qtbot: QtBot, opened: MainWindow, choice: str) -> None:
    opened.model.change("min_keypoints", 7)
    show_comparison(qtbot, opened)
    choose(qtbot, opened, choice)
    b = wait_for_b(qtbot, opened.comparison)
    if choice.startswith("preset"):
        recipe = PRESETS[choice.removeprefix("preset ")]
    else:
        recipe = opened.model.recipe.replace(**OTHERS[choice])
    assert b.recipe == recipe
    assert_same(b, fresh(opened, recipe))
    assert_same(known(opened), fresh(opened, Recipe(min_keypoints=7)))


def test_b_is_another_recipe_than_a_until_a_person_says_what_it_is(model: Model) -> None:
    first = Comparison(model)
    first.want("panel", True)
    assert first.choice == "preset recommended", "what A begins with tells nothing"
    first.choose("preset article")
    first.want("panel", False)
    first.want("panel", True)
    assert first.choice == "preset article"
    model.change("min_keypoints", 4)
    second = Comparison(model)
    second.want("panel", True)
    assert second.choice == "preset article", "what A was begun with"


def test_choices_go_both_ways() -> None:
    there = Recipe(keypoint_scope="image", texture="canny", consistency="position")
    back = {
        "the other keypoint scope": "keypoint_scope",
        "the other texture measure": "texture",
        "the other consistency test": "consistency",
    }
    for choice, key in back.items():
        other = recipes_compared.OTHERS[choice](there)
        assert other.differences(there) == {key: (getattr(Recipe(), key), getattr(there, key))}


def rows(window: MainWindow) -> dict[str, tuple[str, str]]:
    """Return what the table of the comparison says of A and B, by name."""
    figures = find(window, QWidget, "compare_table")
    assert figures.isVisible()
    texts = [label.text() for label in figures.findChildren(QLabel)]
    assert texts[:3] == ["", "A", "B"]
    lines = [texts[place : place + 3] for place in range(3, len(texts), 3)]
    return {name: (a, b) for name, a, b in lines if name}


def expected_column(a: Analysis) -> dict[str, str]:
    kept, box = a.patches.kept, a.box.hr
    assert box is not None
    width, height = a.pair.size
    used = (box.x1 - box.x0) * (box.y1 - box.y0) / (width * height)
    return {
        "Keypoints HR / LR": f"{len(a.keypoints.hr)} / {len(a.keypoints.lr)}",
        "Matches, consistent": f"{len(a.matches)}, {a.consistent.kept.sum()}",
        "Box": f"{box.x1 - box.x0} x {box.y1 - box.y0} px",
        "Area used": f"{100 * used:.0f} %",
        "Windows in the box": f"{a.patches.candidates.sum()}",
        "Kept pairs": f"{kept.sum()}",
        "Mean PSNR": f"{a.quality.psnr[kept].mean():.2f} dB",
        "Mean SSIM": f"{a.quality.ssim[kept].mean():.4f}",
    }


@pytest.mark.parametrize("choice", ["preset v1", "preset recommended", "the other keypoint scope"])
def test_the_figures_are_those_of_fresh_analyses(
    qtbot: QtBot, opened: MainWindow, choice: str
) -> None:
    opened.model.change("crop", "whole")
    show_comparison(qtbot, opened)
    choose(qtbot, opened, choice)
    b = fresh(opened, wait_for_b(qtbot, opened.comparison).recipe)
    a = fresh(opened, Recipe(crop="whole"))
    expected = zip(expected_column(a).items(), expected_column(b).values(), strict=True)
    assert rows(opened) == {name: (mine, other) for (name, mine), other in expected}
    both = int((a.patches.kept & b.patches.kept).sum())
    only_a = int((a.patches.kept & ~b.patches.kept).sum())
    only_b = int((~a.patches.kept & b.patches.kept).sum())
    assert only_a + only_b > 0
    shared = find(opened, QLabel, "compare_shared")
    words = f"{both} windows kept by both, {only_a} by A only, {only_b} by B only"
    assert shared.text() == words
    assert find(opened, QPushButton, "compare_show").isEnabled()


def test_without_an_image_the_comparison_says_so(window: MainWindow) -> None:
    window.docks.by_name["compare"].open()
    QApplication.processEvents()
    assert find(window, QLabel, "compare_shared").text() == "No image yet"


def test_the_comparison_follows_the_recipe_and_the_image(
    qtbot: QtBot, opened: MainWindow, other_path: Path, analysed: Open
) -> None:
    show_comparison(qtbot, opened)
    choose(qtbot, opened, "the other texture measure")
    first = wait_for_b(qtbot, opened.comparison)
    opened.model.change("error_margin", 0.1)
    b = wait_for_b(qtbot, opened.comparison)
    assert b is not first
    assert_same(b, fresh(opened, Recipe(error_margin=0.1, texture="canny")))
    opened.model.change("scale", 2)
    wait_for_analysis(qtbot, opened)
    b = wait_for_b(qtbot, opened.comparison)
    assert_same(b, fresh(opened, Recipe(scale=2, error_margin=0.1, texture="canny")))
    analysed(opened, other_path)
    qtbot.waitUntil(
        lambda: (
            opened.comparison.analysis is not None
            and opened.comparison.analysis.image is opened.model.image
        ),
        timeout=TIMEOUT,
    )
    b = wait_for_b(qtbot, opened.comparison)
    assert_same(b, fresh(opened, opened.model.recipe.replace(texture="canny")))
    assert rows(opened)["Kept pairs"][1] == str(b.patches.kept.sum())


def test_the_same_recipe_keeps_the_same_windows(qtbot: QtBot, opened: MainWindow) -> None:
    show_comparison(qtbot, opened)
    wait_for_b(qtbot, opened.comparison)
    kept = known(opened).patches.kept.sum()
    shared = find(opened, QLabel, "compare_shared")
    assert shared.text() == f"{kept} windows kept by both, 0 by A only, 0 by B only"
    texts = [one.text() for one in opened.compare.findChildren(QLabel)]
    assert "B is the same recipe" in texts
    assert all(mine == other for mine, other in rows(opened).values())


def test_windows_laid_elsewhere_are_not_told_one_by_one(qtbot: QtBot, opened: MainWindow) -> None:
    opened.model.change("stride", 20)
    wait_for_analysis(qtbot, opened)
    show_comparison(qtbot, opened)
    wait_for_b(qtbot, opened.comparison)
    shared = find(opened, QLabel, "compare_shared")
    assert shared.text() == "their windows differ, so they cannot be told one by one"
    texts = [one.text() for one in opened.compare.findChildren(QLabel)]
    assert "Stride: 20 px / 14 px" in texts


# On the picture


def test_the_windows_of_both_of_a_only_and_of_b_only_are_painted_in_three_ways(
    qtbot: QtBot, opened: MainWindow, painted_texts: list[str]
) -> None:
    opened.model.change("crop", "whole")
    show_comparison(qtbot, opened)
    choose(qtbot, opened, "preset recommended")
    b = wait_for_b(qtbot, opened.comparison)
    canvas, a = opened.canvas, known(opened)
    by_a, by_b = a.patches.kept, b.patches.kept
    classes = {"both": by_a & by_b, "A": by_a & ~by_b, "B": ~by_a & by_b, "none": ~by_a & ~by_b}
    assert all(which.sum() > 2 for which in classes.values())
    opened.model.show_layers(frozenset({Layer.BOX}))
    canvas.set_camera(Camera(124, 100, 2))
    plain = pixels(canvas).astype(float)
    qtbot.mouseClick(find(opened, QPushButton, "compare_show"), Qt.MouseButton.LeftButton)
    assert opened.model.layers == {Layer.BOX, Layer.COMPARISON}
    qtbot.mouseMove(canvas, QPoint(3, canvas.height() - 3))
    canvas.set_camera(Camera(124, 100, 2))
    del painted_texts[:]
    shown = pixels(canvas)
    seen = dict.fromkeys(classes, 0)
    for pane in canvas.panes():
        for name, which in classes.items():
            for index in np.flatnonzero(which):
                place = cell(canvas, a, pane, int(index))
                if place is None:
                    continue
                seen[name] += 1
                before, after = plain[place], shown[place]
                if name == "none":
                    np.testing.assert_array_equal(after, before)
                elif name == "B":
                    assert near(after, REJECTED, 40).sum() > 10, "a diagonal"
                else:
                    color, alpha = (KEPT, 80) if name == "A" else (QColor(200, 205, 212), 60)
                    rgb = np.array([color.red(), color.green(), color.blue()])
                    mixed = before + (rgb - before) * alpha / 255
                    assert np.abs(after - mixed).max() <= 3, name
    assert min(seen.values()) > 1
    counts = {name: int(which.sum()) for name, which in classes.items()}
    assert {
        f"{counts['A']} kept by A only",
        f"{counts['B']} kept by B only",
        f"{counts['both']} kept by both",
    } <= set(painted_texts)
    show = find(opened, QPushButton, "compare_show")
    assert show.isChecked()
    qtbot.mouseClick(show, Qt.MouseButton.LeftButton)
    assert opened.model.layers == {Layer.BOX}, "what was drawn before"
    assert not show.isChecked()


def test_the_button_above_the_picture_needs_no_tab(qtbot: QtBot, opened: MainWindow) -> None:
    assert not opened.compare.isVisible()
    opened.comparison.choose("the other texture measure")
    assert opened.comparison.analysis is None, "nobody wants it yet"
    click(qtbot, opened, "stage_pair")
    plain = pixels(opened.canvas)
    click(qtbot, opened, "layer_comparison")
    b = wait_for_b(qtbot, opened.comparison)
    assert_same(b, fresh(opened, Recipe(texture="canny")))
    drawn = (pixels(opened.canvas) != plain).any(axis=-1)
    assert drawn[PILLS:-PILLS].sum() > 500
    click(qtbot, opened, "layer_comparison")
    assert (pixels(opened.canvas) == plain).all()
    opened.model.change("scale", 3)
    wait_for_analysis(qtbot, opened)
    assert opened.comparison.analysis in (None, b), "nobody wants it any more"


# Where there is no B


def test_a_b_that_has_no_room_for_a_patch_says_so(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, analysed: Open
) -> None:
    window.model.change("patch", 12)
    window.model.change("stride", 4)
    analysed(window, save(crop("motorcycle", 250, 150, 32, 28), tmp_path / "tiny.png"))
    show_comparison(qtbot, window)
    choose(qtbot, window, "preset v2")
    shared = find(window, QLabel, "compare_shared")
    assert "33" in shared.text()
    assert "28" in shared.text()
    assert window.comparison.analysis is None
    assert {other for _, other in rows(window).values()} == {"none"}
    assert not find(window, QPushButton, "compare_show").isEnabled()
    choose(qtbot, window, "the other keypoint scope")
    wait_for_b(qtbot, window.comparison)
    assert "kept by both" in shared.text()


def test_a_b_that_fails_on_the_way_says_so_and_is_not_tried_for_ever(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Recipe] = []

    def fails(image: object, recipe: Recipe, **options: object) -> Analysis:
        tries.append(recipe)
        raise SrviewerError("too many keypoints to match")

    monkeypatch.setattr(analysis_follower, "analyse", fails)
    show_comparison(qtbot, opened)
    choose(qtbot, opened, "the other texture measure")
    shared = find(opened, QLabel, "compare_shared")
    qtbot.waitUntil(lambda: shared.text() == "too many keypoints to match", timeout=TIMEOUT)
    count = len(tries)
    qtbot.wait(200)
    assert len(tries) == count
    assert shared.text() == "too many keypoints to match"


def test_its_thread_ends_with_the_window_that_is_closed_while_it_computes(
    qtbot: QtBot,
    make_window: Callable[[], MainWindow],
    analysed: Open,
    photo_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = make_window()
    analysed(opened, photo_path)
    begun, go_on = threading.Event(), threading.Event()
    original = analysis_follower.analyse

    def slow(*arguments: object, **options: object) -> Analysis:
        begun.set()
        go_on.wait(10)
        return original(*arguments, **options)

    monkeypatch.setattr(analysis_follower, "analyse", slow)
    before = running_qthreads()
    show_comparison(qtbot, opened)
    choose(qtbot, opened, "the other texture measure")
    qtbot.waitUntil(begun.is_set, timeout=TIMEOUT)
    assert running_qthreads() - before, "B is computed in a thread of its own"
    threading.Timer(0.2, go_on.set).start()
    close(qtbot, opened)
    assert not [one for one in running_qthreads() if one.objectName() == "analysis"]


def test_an_earlier_state_is_pinned_and_a_file_compared_with(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_comparison(qtbot, opened)
    combo, now = find(opened, QComboBox, "compare_with"), opened.model.recipe
    qtbot.mouseClick(find(opened, QPushButton, "compare_pin"), Qt.MouseButton.LeftButton)
    pinned = combo.currentText()
    assert pinned.startswith("pinned at ")
    opened.model.change("min_keypoints", 3)
    b = wait_for_b(qtbot, opened.comparison)
    assert b.recipe == now
    assert known(opened).patches.kept.sum() > b.patches.kept.sum()
    file = tmp_path / "other.toml"
    file.write_text("min_keypoints = 25")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, **__: (str(file), ""))
    qtbot.mouseClick(find(opened, QPushButton, "compare_file"), Qt.MouseButton.LeftButton)
    assert combo.currentText() == "file other.toml"
    assert wait_for_b(qtbot, opened.comparison).recipe == Recipe(min_keypoints=25)
    file.write_text("min_keypoints = -1")
    qtbot.mouseClick(find(opened, QPushButton, "compare_file"), Qt.MouseButton.LeftButton)
    assert "Keypoints, at least = -1" in banner_text(opened)
    choose(qtbot, opened, pinned)
    assert opened.comparison.recipe == now
