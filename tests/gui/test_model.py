"""The model without a window: what it knows, when, and under which recipe."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from srviewer.errors import ReadError, SrviewerError
from srviewer.gui.state.layers import VIEWS, Layer
from srviewer.gui.state.model import Model
from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.reading import SourceImage, read_image
from srviewer.pipeline.recipe import KNOBS, PRESETS, Recipe, Value
from srviewer.pipeline.resizing import available_libraries
from tests.analyses import assert_same
from tests.gui.helpers import TIMEOUT
from tests.photos import crop, save
from tests.pipeline.formats.writers import wide_profile


@pytest.fixture
def photo_path(tmp_path: Path) -> Path:
    """Return a small photograph: each test analyses it anew."""
    return save(crop("motorcycle", 100, 150, 181, 170), tmp_path / "engine.png")


class Heard:
    """What the model told."""

    def __init__(self, model: Model) -> None:
        self.failures: list[str] = []
        self.running: list[str] = []
        model.failed.connect(self._on_failed)
        model.running_changed.connect(self._on_running)

    def _on_failed(self, error: SrviewerError) -> None:
        self.failures.append(str(error))

    def _on_running(self, stage: str, done: int, total: int) -> None:
        self.running.append(stage)


def is_complete(model: Model) -> bool:
    return model.analysis is not None and model.analysis.complete


def open_and_wait(qtbot: QtBot, model: Model, *paths: Path) -> None:
    model.add_images(paths)
    qtbot.waitUntil(lambda: is_complete(model), timeout=TIMEOUT)


def assert_is_fresh(model: Model) -> None:
    """Fail unless the model's analysis is what the pipeline makes of image and recipe at once."""
    assert model.current is not None
    assert model.analysis is not None
    fresh = analyse(read_image(model.current.path), model.recipe)
    assert model.analysis.recipe == model.recipe
    assert_same(model.analysis, fresh)


def another(key: str, recipe: Recipe) -> Value:
    """Return an allowed value of the knob `key` that `recipe` does not have."""
    knob, value = KNOBS[key], getattr(recipe, key)
    if knob.kind is bool:
        return not value
    if knob.choices:
        usable = available_libraries() if key == "resizer" else knob.choices
        return next(choice for choice in usable if choice != value)
    given = {"scale": 2, "patch": 44, "stride": 9, "canny_low": 40.0, "sift_nfeatures": 120}
    if key in given:
        return given[key]
    other: Value = knob.kind(value + 4 * knob.step)
    return other


# Images


def test_an_image_is_analysed_as_the_pipeline_does_it(
    qtbot: QtBot, model: Model, photo_path: Path
) -> None:
    heard = Heard(model)
    open_and_wait(qtbot, model, photo_path)
    assert_is_fresh(model)
    assert heard.running[-1] == "", "nothing runs any more"
    assert not heard.failures


def test_the_picture_is_there_before_its_analysis(
    qtbot: QtBot, model: Model, photo_path: Path
) -> None:
    first: list[bool] = []

    def on_change() -> None:
        if model.image is not None and not first:
            first.append(is_complete(model))

    model.analysis_changed.connect(on_change)
    open_and_wait(qtbot, model, photo_path)
    assert first == [False]


def test_the_same_image_is_in_the_list_once(
    qtbot: QtBot, model: Model, photo_path: Path, other_path: Path
) -> None:
    open_and_wait(qtbot, model, photo_path, other_path)
    open_and_wait(qtbot, model, other_path, photo_path)
    assert [entry.path for entry in model.entries] == [photo_path, other_path]
    assert model.current is model.entries[1]


def test_a_bad_image_is_told_and_a_good_one_follows(
    qtbot: QtBot, model: Model, tmp_path: Path, photo_path: Path
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_text("not a picture")
    heard = Heard(model)
    model.add_images([bad])
    qtbot.waitUntil(lambda: bool(heard.failures), timeout=TIMEOUT)
    (message,) = heard.failures
    assert str(bad) in message
    assert "not an image" in message
    assert model.current is not None
    assert str(model.current.error) == message
    open_and_wait(qtbot, model, photo_path)
    assert_is_fresh(model)


def test_an_image_that_was_repaired_can_be_looked_at_again(
    qtbot: QtBot, model: Model, tmp_path: Path
) -> None:
    path = tmp_path / "late.png"
    heard = Heard(model)
    model.add_images([path])
    qtbot.waitUntil(lambda: bool(heard.failures), timeout=TIMEOUT)
    save(crop("motorcycle", 200, 100, 250, 200), path)
    open_and_wait(qtbot, model, path)
    assert model.current is not None
    assert model.current.error is None
    assert_is_fresh(model)


def test_switching_images_quickly_ends_with_the_last_one(
    qtbot: QtBot, model: Model, tmp_path: Path
) -> None:
    paths = [
        save(crop("motorcycle", 40 * n, 90, 180 + 8 * n, 160), tmp_path / f"{n}.png")
        for n in range(6)
    ]
    model.add_images(paths)
    for turn in range(60):
        model.look_at(model.entries[turn * 5 % 6])
        if turn % 7 == 0:
            qtbot.wait(5)
        QApplication.processEvents()
        if model.image is not None:
            assert model.image.path == model.entries[turn * 5 % 6].path
    for entry in model.entries:  # more of them than are kept ready
        model.look_at(entry)
        qtbot.waitUntil(lambda: is_complete(model), timeout=TIMEOUT)
        assert model.current is entry
        assert_is_fresh(model)


@pytest.mark.parametrize(("pixels", "kept"), [(10_000_000, 3), (30_000, 1), (100, 1)])
def test_large_images_are_not_kept_ready(
    qtbot: QtBot,
    model: Model,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pixels: int,
    kept: int,
) -> None:
    monkeypatch.setattr("srviewer.gui.state.entry._MOST_PIXELS", pixels)
    image = crop("motorcycle", 40, 90, 180, 160)  # 28,800 px
    model.add_images([save(image, tmp_path / f"{n}.png") for n in range(3)])
    for entry in model.entries:
        model.look_at(entry)
        qtbot.waitUntil(lambda: is_complete(model), timeout=TIMEOUT)
    assert [entry.image is not None for entry in model.entries] == [False] * (3 - kept) + [
        True
    ] * kept


def test_stepping_goes_round_the_list(
    qtbot: QtBot, model: Model, photo_path: Path, other_path: Path
) -> None:
    open_and_wait(qtbot, model, photo_path, other_path)
    seen = []
    for step in (1, 1, -1):
        model.step_image(step)
        assert model.current is not None
        seen.append(model.current.path)
    assert seen == [other_path, photo_path, other_path]


# Changes of the recipe


@pytest.mark.parametrize("key", ["min_keypoints", "error_margin", "min_matches", "crop", "stride"])
def test_a_quick_knob_changes_the_analysis_at_once(
    qtbot: QtBot, model: Model, photo_path: Path, key: str
) -> None:
    model.set_recipe(PRESETS["article"].replace(keypoint_scope="image"))
    open_and_wait(qtbot, model, photo_path)
    heard = Heard(model)
    model.change(key, another(key, model.recipe))
    assert is_complete(model), "before the event loop has had a turn"
    assert not any(heard.running)
    assert_is_fresh(model)


def test_a_slow_knob_shows_what_is_still_true_and_the_rest_later(
    qtbot: QtBot, model: Model, photo_path: Path
) -> None:
    open_and_wait(qtbot, model, photo_path)
    model.change("sift_contrast_threshold", 0.06)
    assert model.analysis is not None
    assert model.analysis.has("pair")
    assert not model.analysis.has("keypoints")
    assert model.analysis.recipe == model.recipe
    qtbot.waitUntil(lambda: is_complete(model), timeout=TIMEOUT)
    assert_is_fresh(model)


@pytest.mark.parametrize("key", KNOBS)
def test_every_knob_leads_to_the_analysis_of_the_new_recipe(
    qtbot: QtBot, model: Model, photo_path: Path, key: str
) -> None:
    base = Recipe(texture="canny") if key.startswith(("canny", "min_edge")) else Recipe()
    model.set_recipe(base)
    open_and_wait(qtbot, model, photo_path)
    value = another(key, base)
    model.change(key, value)
    assert getattr(model.recipe, key) == value
    qtbot.waitUntil(lambda: is_complete(model), timeout=TIMEOUT)
    assert_is_fresh(model)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("patch", 5, "patch = 5: allowed is a whole number from 11 to 4096"),
        ("min_keypoints", -1, "min_keypoints = -1"),
        ("min_keypoints", 2.5, "min_keypoints = 2.5: allowed is a whole number"),
        ("error_margin", float("nan"), "error_margin = nan"),
        ("crop", "middle", "crop = 'middle': allowed is one of corners, bounding, whole"),
        ("quantize_after", 1, "quantize_after = 1: allowed is true or false"),
        ("no_such_knob", 1, "unknown recipe key 'no_such_knob'"),
    ],
)
def test_a_value_that_is_not_allowed_is_told_and_changes_nothing(
    model: Model, key: str, value: Value, words: str
) -> None:
    heard = Heard(model)
    before = model.recipe
    model.change(key, value)
    assert len(heard.failures) == 1
    assert words in heard.failures[0]
    assert model.recipe is before
    assert not model.history.can_undo


def test_what_would_exclude_a_choice_moves_along(model: Model) -> None:
    heard = Heard(model)
    model.change("lr_layout", "native")
    assert (model.recipe.patch, model.recipe.stride) == (32, 12)
    model.change("scale", 3)
    assert (model.recipe.patch, model.recipe.stride) == (33, 12)
    model.change("patch", 40)
    assert model.recipe.patch == 39
    model.change("filter", "box")
    model.change("resizer", "opencv")
    assert model.recipe.filter == "bicubic"
    model.change("filter", "area")
    model.change("resizer", "pil")
    assert model.recipe.filter == "bicubic"
    model.change("canny_low", 350.0)
    assert (model.recipe.canny_low, model.recipe.canny_high) == (350, 350)
    model.change("canny_high", 90.0)
    assert (model.recipe.canny_low, model.recipe.canny_high) == (90, 90)
    assert not heard.failures


def test_a_patch_without_room_is_told_and_a_smaller_one_goes_on(
    qtbot: QtBot, model: Model, photo_path: Path
) -> None:
    open_and_wait(qtbot, model, photo_path)
    heard = Heard(model)
    model.change("patch", 300)
    assert len(heard.failures) == 1
    assert "smaller than one patch of 300 x 300 px" in heard.failures[0]
    assert model.analysis is None
    model.change("patch", 33)
    qtbot.waitUntil(lambda: is_complete(model), timeout=TIMEOUT)
    assert_is_fresh(model)


# Results that come too late

LATE = {
    "pair": ("scale", 3),
    "keypoints": ("patch", 44),
    "matches": ("error_margin", 0.11),
    "quality_maps": ("metrics_on", "y"),
    "texture": ("min_keypoints", 4),
}


@pytest.mark.parametrize("stage", LATE)
def test_a_change_while_a_stage_runs_never_shows_the_old_recipe(
    qtbot: QtBot, model: Model, tmp_path: Path, stage: str
) -> None:
    path = save(crop("motorcycle", 0, 0, 420, 320), tmp_path / "large.png")
    key, value = LATE[stage]
    changed: list[str] = []

    def on_running(now: str, done: int, total: int) -> None:
        if now == stage and not changed:
            changed.append(now)
            model.change(key, value)

    def on_change() -> None:
        analysis = model.analysis
        if analysis is None:
            return
        assert analysis.recipe == model.recipe
        if analysis.has("pair"):
            assert analysis.pair.scale == model.recipe.scale
        if analysis.has("windows"):
            assert analysis.windows.patch == model.recipe.patch

    model.analysis_changed.connect(on_change)
    model.running_changed.connect(on_running)
    open_and_wait(qtbot, model, path)
    assert changed == [stage]
    assert getattr(model.recipe, key) == value
    assert_is_fresh(model)


def test_another_way_with_colours_reads_the_image_again(
    qtbot: QtBot, model: Model, tmp_path: Path
) -> None:
    rgb = crop("motorcycle", 100, 150, 150, 130)
    path = tmp_path / "wide.png"
    Image.fromarray(rgb).save(path, icc_profile=wide_profile())
    open_and_wait(qtbot, model, path)
    assert model.image is not None
    assert (model.image.rgb != rgb).any()
    model.change("colour", "as_stored")
    qtbot.waitUntil(lambda: is_complete(model), timeout=TIMEOUT)
    np.testing.assert_array_equal(model.image.rgb, rgb)
    assert model.analysis is not None
    assert_same(model.analysis, analyse(read_image(path, colour="as_stored"), model.recipe))
    model.undo()
    qtbot.waitUntil(lambda: is_complete(model), timeout=TIMEOUT)
    assert_is_fresh(model)


def test_a_failure_that_comes_too_late_is_not_shown(
    qtbot: QtBot,
    model: Model,
    photo_path: Path,
    other_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entered, release = threading.Event(), threading.Event()

    def fails_once(path: Path, **options: str) -> SourceImage:
        if entered.is_set():
            return read_image(path, **options)
        entered.set()
        release.wait(200)
        raise ReadError("the disk was away for a moment", path=path)

    monkeypatch.setattr("srviewer.pipeline.reading.read_image", fails_once)
    heard = Heard(model)
    try:
        model.add_images([photo_path])
        qtbot.waitUntil(entered.is_set, timeout=TIMEOUT)
        model.add_images([other_path])  # nobody asks about the first any more
    finally:
        release.set()
    qtbot.waitUntil(lambda: is_complete(model), timeout=TIMEOUT)
    assert not heard.failures
    assert_is_fresh(model)


def test_many_changes_while_stages_run_end_with_the_last_recipe(
    qtbot: QtBot, model: Model, photo_path: Path
) -> None:
    changes: list[tuple[str, Value]] = [
        ("scale", 2),
        ("min_keypoints", 3),
        ("sift_sigma", 1.5),
        ("patch", 40),
        ("keypoint_scope", "image"),
        ("error_margin", 0.2),
        ("texture", "canny"),
        ("canny_low", 60.0),
        ("metrics_on", "y"),
        ("stride", 10),
        ("texture", "sift"),
        ("keypoint_scope", "patch"),
        ("scale", 4),
    ]
    todo = list(changes)
    timer = QTimer()
    timer.setInterval(13)  # in the midst of whatever runs then

    def change_one() -> None:
        if todo:
            model.change(*todo.pop(0))

    timer.timeout.connect(change_one)
    model.add_images([photo_path])
    timer.start()
    qtbot.waitUntil(lambda: not todo and is_complete(model), timeout=TIMEOUT)
    timer.stop()
    last = dict(changes)
    assert {key: getattr(model.recipe, key) for key in last} == last
    assert_is_fresh(model)


# Undo


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time that the model sees, to be moved by the test."""
    now = [1000.0]
    monkeypatch.setattr("srviewer.gui.state.history.time.monotonic", lambda: now[0])
    return now


def test_undo_and_redo_walk_along_the_changes(model: Model, clock: list[float]) -> None:
    recipes = [model.recipe]
    changes: list[tuple[str, Value]] = [("scale", 2), ("patch", 40), ("crop", "whole")]
    for key, value in changes:
        model.change(key, value)
        recipes.append(model.recipe)
    assert not model.history.can_redo
    for recipe in reversed(recipes[:-1]):
        model.undo()
        assert model.recipe == recipe
    assert not model.history.can_undo
    model.undo()
    assert model.recipe == recipes[0]
    for recipe in recipes[1:]:
        model.redo()
        assert model.recipe == recipe
    assert not model.history.can_redo
    model.redo()
    assert model.recipe == recipes[-1]


def test_a_pull_of_a_slider_is_one_step_of_undo(model: Model, clock: list[float]) -> None:
    for value in (11, 12, 13, 14):
        clock[0] += 0.1
        model.change("min_keypoints", value)
    clock[0] += 5
    for value in (20, 30):
        clock[0] += 0.1
        model.change("min_keypoints", value)
    clock[0] += 0.1
    model.change("min_matches", 3)
    seen = []
    while model.history.can_undo:
        model.undo()
        seen.append((model.recipe.min_keypoints, model.recipe.min_matches))
    assert seen == [(30, 0), (14, 0), (10, 0)]


def test_undo_ends_a_gesture(model: Model, clock: list[float]) -> None:
    start = model.recipe
    model.change("min_keypoints", 11)
    model.undo()
    model.redo()
    model.change("min_keypoints", 12)  # at once, and yet another change
    model.undo()
    assert model.recipe == start.replace(min_keypoints=11)
    model.undo()
    assert model.recipe == start


def test_a_change_after_undo_forgets_what_was_undone(model: Model, clock: list[float]) -> None:
    model.change("scale", 2)
    model.change("patch", 40)
    model.undo()
    model.change("patch", 50)
    assert not model.history.can_redo
    model.undo()
    assert (model.recipe.scale, model.recipe.patch) == (2, 33)


def test_a_change_right_after_undo_is_a_step_of_its_own(model: Model, clock: list[float]) -> None:
    model.change("min_keypoints", 20)
    clock[0] += 5
    model.change("min_keypoints", 30)
    model.undo()
    model.change("min_keypoints", 40)
    model.undo()
    assert model.recipe.min_keypoints == 20


def test_undo_brings_the_analysis_back_too(qtbot: QtBot, model: Model, photo_path: Path) -> None:
    open_and_wait(qtbot, model, photo_path)
    model.change("scale", 2)
    qtbot.waitUntil(lambda: is_complete(model), timeout=TIMEOUT)
    model.undo()
    assert model.recipe == Recipe()
    qtbot.waitUntil(lambda: is_complete(model), timeout=TIMEOUT)
    assert_is_fresh(model)


def test_setting_the_same_value_is_no_change(model: Model) -> None:
    told: list[int] = []
    model.recipe_changed.connect(lambda: told.append(1))
    model.change("min_keypoints", model.recipe.min_keypoints)
    assert not model.history.can_undo
    assert not told


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_used_whole_and_can_be_undone(model: Model, name: str) -> None:
    model.change("scale", 3)
    before = model.recipe
    model.use_preset(name)
    assert model.recipe == PRESETS[name] == model.preset_recipe
    assert model.preset == name
    model.undo()
    assert model.recipe == before


def test_a_preset_leaves_what_mends_a_given_pair(model: Model) -> None:
    model.change("keep_windows", "aligned")
    model.change("crop", "whole")
    before = model.recipe
    model.use_preset("modern")
    assert model.recipe == PRESETS["modern"].replace(keep_windows="aligned")
    assert model.history.undo_words == "preset modern"
    model.undo()
    assert model.recipe == before
    model.presets["mine"] = PRESETS["v1"].replace(keep_windows="not_moved")
    model.use_preset("mine")
    assert model.recipe.keep_windows == "not_moved"
    model.reset_recipe()


# What is shown


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_stage_brings_its_layers(model: Model, view: object) -> None:
    model.show_layer(Layer.KEYPOINTS, True)
    model.show_view(view.name)  # type: ignore[attr-defined]
    assert model.view is view
    assert model.layers == model.view.layers


def test_layers_are_switched_one_by_one(model: Model) -> None:
    model.show_view("box")
    before = model.layers
    model.show_layer(Layer.KEYPOINTS, True)
    assert model.layers == before | {Layer.KEYPOINTS}
    model.show_layer(Layer.KEYPOINTS, False)
    model.show_layer(Layer.BOX, False)
    assert model.layers == before - {Layer.BOX}


def test_a_gesture_that_passes_where_it_began_leaves_the_step_before_it(model: Model) -> None:
    model.change("keypoint_scope", "image")
    for value in (9, 10, 11):  # 10 is where the gesture began
        model.change("min_keypoints", value)
    model.undo()
    assert (model.recipe.min_keypoints, model.recipe.keypoint_scope) == (10, "image")
    model.undo()
    assert model.recipe == model.preset_recipe
    assert not model.history.can_undo
