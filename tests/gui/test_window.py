"""The window as a person uses it: mouse, keys, drops and dialogs in, text and pictures out."""

import json
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFrame,
    QLabel,
    QListWidget,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from srviewer.cli import main
from srviewer.gui.app import asset
from srviewer.gui.state.layers import VIEWS
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.window import MainWindow
from srviewer.pipeline.reading import SourceImage, read_image
from srviewer.pipeline.recipe import KNOBS, PRESETS, Knob, Recipe, Value
from srviewer.pipeline.recipe_file import to_toml
from tests.gui.conftest import close
from tests.gui.helpers import (
    TIMEOUT,
    click,
    drag_slider,
    find,
    open_paths,
    pixels,
    stage_counts,
    wait_for_analysis,
)
from tests.photos import crop, photo, save

Open = Callable[[MainWindow, Path], None]


def banner_text(window: MainWindow) -> str:
    """Return the message above the picture, empty where none is shown."""
    banner = find(window, QFrame, "banner")
    if not banner.isVisible():
        return ""
    return "\n".join(label.text() for label in banner.findChildren(QLabel))


def status_text(window: MainWindow) -> str:
    """Return what the line at the bottom says, with what more it tells on hovering."""
    labels = [one for one in window.statusBar().findChildren(QLabel) if one.isVisible()]
    return "\n".join(f"{label.text()}\n{label.toolTip()}" for label in labels)


def numbers(text: str) -> list[int]:
    return [int(one.replace(",", "")) for one in re.findall(r"\d[\d,]*", text)]


def inspect(path: Path, capsys: pytest.CaptureFixture[str], *flags: str) -> dict:
    """Return what `srviewer inspect --json` says."""
    capsys.readouterr()
    assert main(["inspect", str(path), "--json", *flags]) == 0
    found: dict = json.loads(capsys.readouterr().out)
    return found


def assert_counts_are(window: MainWindow, found: dict) -> None:
    """Fail unless the stage buttons say what `srviewer inspect` does."""
    counts = {name: numbers(text) for name, text in stage_counts(window).items()}
    assert counts["source"][:2] == found["size"]
    assert found["scale"] in counts["pair"]
    assert {found["matches"]["total"], found["keypoints"]["hr"]} <= set(counts["matches"])
    assert counts["consistent"][:2] == [found["matches"]["kept"], found["matches"]["total"]]
    box = found["box"]["hr"]
    assert counts["box"][:2] == ([box[2] - box[0], box[3] - box[1]] if box else [])
    assert counts["patches"][:2] == [found["patches"]["kept"], found["patches"]["total"]]
    assert counts["pairs"][0] == found["patches"]["kept"]
    psnr = found["kept_pairs"]["mean_psnr"]
    assert psnr is None or f"{psnr:.1f}" in stage_counts(window)["pairs"]


# Opening


def test_counts_of_all_stages_are_those_of_the_command_line(
    opened: MainWindow, photo_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = inspect(photo_path, capsys)
    assert found["patches"]["kept"] > 0
    assert_counts_are(opened, found)
    assert opened.windowTitle().startswith("engine.png")


def test_several_paths_are_listed_and_each_can_be_looked_at(
    qtbot: QtBot, window: MainWindow, photo_path: Path, other_path: Path
) -> None:
    open_paths(qtbot, window, [photo_path, other_path])
    wait_for_analysis(qtbot, window, photo_path)
    images = find(window, QListWidget, "images")
    assert images.isVisible()
    assert [images.item(row).text().split()[0] for row in range(images.count())] == [
        "engine.png",
        "portrait.png",
    ]
    second = images.visualItemRect(images.item(1)).center()
    qtbot.mouseClick(images.viewport(), Qt.MouseButton.LeftButton, pos=second)
    wait_for_analysis(qtbot, window, other_path)
    assert window.windowTitle().startswith("portrait.png")
    qtbot.keyClick(window, Qt.Key.Key_PageUp)
    wait_for_analysis(qtbot, window, photo_path)
    assert images.currentRow() == 0


@pytest.fixture
def strange_folder(tmp_path: Path, photo_path: Path) -> Path:
    """Return a folder of images with names that many programs stumble over."""
    folder = tmp_path / "мои снимки 写真 #1%20"
    (folder / "sub dir").mkdir(parents=True)
    shutil.copy(photo_path, folder / "двигатель no. 7 'ü'.png")
    shutil.copy(photo_path, folder / "sub dir" / "再.PNG")
    (folder / "notes.txt").write_text("no image")
    (folder / ".hidden.png").write_bytes(photo_path.read_bytes())
    return folder


def test_a_folder_is_opened_with_all_images_in_it(
    qtbot: QtBot, window: MainWindow, strange_folder: Path
) -> None:
    open_paths(qtbot, window, [strange_folder])
    wait_for_analysis(qtbot, window)
    images = find(window, QListWidget, "images")
    assert images.count() == 2
    assert {Path(images.item(row).text()).stem[:2] for row in range(2)} == {"дв", "再"}


def drop(window: MainWindow, paths: list[Path]) -> tuple[QDragEnterEvent, QDropEvent]:
    """Drag `paths` over the window and drop them there."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at = window.rect().center()
    actions, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(at, actions, data, left, none)
    QApplication.sendEvent(window, entered)
    dropped = QDropEvent(at, actions, data, left, none)
    QApplication.sendEvent(window, dropped)
    return entered, dropped


def test_files_and_folders_can_be_dropped(
    qtbot: QtBot, window: MainWindow, strange_folder: Path, other_path: Path
) -> None:
    inside = strange_folder / "двигатель no. 7 'ü'.png"
    entered, dropped = drop(window, [inside])
    assert entered.isAccepted()
    assert dropped.isAccepted()
    wait_for_analysis(qtbot, window, inside)
    assert window.windowTitle().startswith(inside.name)
    drop(window, [other_path, strange_folder])
    wait_for_analysis(qtbot, window, other_path)
    assert find(window, QListWidget, "images").count() == 3


def test_text_is_not_taken_by_a_drop(window: MainWindow) -> None:
    data = QMimeData()
    data.setText("hello")
    event = QDragEnterEvent(
        QPoint(50, 50),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.ignore()
    QApplication.sendEvent(window, event)
    assert not event.isAccepted()


def trigger(window: MainWindow, text: str) -> None:
    """Choose the menu's entry that says `text`."""
    wanted = [one for one in window.findChildren(QAction) if one.text().replace("&", "") == text]
    assert len(wanted) == 1, text
    wanted[0].trigger()


def test_images_and_folders_are_opened_by_dialog(
    qtbot: QtBot,
    window: MainWindow,
    photo_path: Path,
    strange_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filters: list[str] = []

    def open_names(parent: QWidget, title: str, folder: str, patterns: str) -> tuple:
        filters.append(patterns)
        return [str(photo_path)], patterns

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", open_names)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(strange_folder))
    qtbot.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    wait_for_analysis(qtbot, window, photo_path)
    assert "*.png" in filters[0]
    assert "*.jpg" in filters[0]
    images = find(window, QListWidget, "images")
    trigger(window, "Open folder...")
    qtbot.waitUntil(lambda: images.count() == 2, timeout=TIMEOUT)  # in the place of the list
    wait_for_analysis(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    wait_for_analysis(qtbot, window, photo_path)
    assert images.count() == 3


def test_a_dialog_that_is_left_changes_nothing(
    opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([], ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    before = stage_counts(opened)
    for text in ("Open images...", "Open folder...", "Open recipe...", "Save recipe..."):
        trigger(opened, text)
    assert stage_counts(opened) == before
    assert banner_text(opened) == ""
    assert opened.model.recipe == Recipe()


def test_the_hint_goes_when_a_picture_is_opened(
    window: MainWindow, photo_path: Path, analysed: Open
) -> None:
    window.open_sample(asset("sample.png"))
    assert banner_text(window)
    analysed(window, photo_path)
    assert banner_text(window) == ""


def test_the_hint_offers_what_was_opened_the_last_time(
    qtbot: QtBot, window: MainWindow, photo_path: Path
) -> None:
    window.settings.add_recent([photo_path])
    window.open_sample(asset("sample.png"))
    button = find(window, QPushButton, "banner_button")
    assert button.text() == "Open engine.png again"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    wait_for_analysis(qtbot, window, photo_path)
    assert [one.path for one in window.model.entries] == [photo_path]


# Stages


def test_keys_1_to_7_show_the_stages_each_with_a_picture_of_its_own(
    qtbot: QtBot, opened: MainWindow
) -> None:
    canvas = opened.findChild(PairCanvas)
    shown = []
    for place, view in enumerate(VIEWS):
        qtbot.keyClick(opened, Qt.Key(Qt.Key.Key_1 + place))
        checked = [
            one.objectName()
            for one in opened.findChildren(QToolButton)
            if one.property("stage") and one.isChecked()
        ]
        assert checked == [f"stage_{view.name}"]
        shown.append(pixels(canvas).tobytes())
    assert len(set(shown)) == 7
    for place, view in enumerate(VIEWS):
        click(qtbot, opened, f"stage_{view.name}")
        assert pixels(canvas).tobytes() == shown[place], "a click does what the key does"


def test_the_picture_is_there_before_the_counts(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    path = save(photo("coffee"), tmp_path / "large.png")
    canvas = window.findChild(PairCanvas)
    empty = pixels(canvas)
    open_paths(qtbot, window, [path])
    qtbot.waitUntil(lambda: (pixels(canvas) != empty).mean() > 0.1, timeout=TIMEOUT)
    assert not re.search(r"\d", stage_counts(window)["patches"])
    wait_for_analysis(qtbot, window, path)
    assert re.search(r"\d", stage_counts(window)["patches"])


def test_the_pointer_tells_place_and_values(qtbot: QtBot, opened: MainWindow) -> None:
    canvas = opened.findChild(PairCanvas)
    for pane in canvas.panes():
        at = QPoint(round(pane.middle[0]) + 31, round(pane.middle[1]) + 17)
        x, y = pane.to_image(canvas.camera, at.x(), at.y())
        column, row = int(np.floor(x + 0.5)), int(np.floor(y + 0.5))
        qtbot.mouseMove(canvas, at)
        pair = opened.model.analysis.pair
        text = status_text(opened)
        assert f"x {column}  y {row}" in text
        assert "HR  {} {} {}".format(*pair.hr[row, column]) in text
        assert "LR  {} {} {}".format(*pair.lr[row // 4, column // 4]) in text


# Tuning


@pytest.mark.parametrize(
    ("knob", "flag", "steps", "value"),
    [("min_keypoints", "--min-keypoints", 4, 4), ("error_margin", "--error-margin", 26, 0.13)],
)
def test_a_slider_redraws_while_it_is_dragged(
    qtbot: QtBot,
    opened: MainWindow,
    photo_path: Path,
    capsys: pytest.CaptureFixture[str],
    knob: str,
    flag: str,
    steps: int,
    value: float,
) -> None:
    slider = find(opened, QSlider, f"{knob}_slider")
    canvas = opened.findChild(PairCanvas)
    counts: list[tuple[str, ...]] = []
    pictures: list[bytes] = []

    def look() -> None:
        QApplication.processEvents()
        assert slider.isSliderDown()
        counts.append(tuple(stage_counts(opened).values()))
        if len(counts) % 5 == 0:
            pictures.append(pixels(canvas).tobytes())

    drag_slider(qtbot, slider, steps, while_dragged=look)
    assert getattr(opened.model.recipe, knob) == value
    assert len(set(counts)) > 2
    assert len(set(pictures)) > 1
    found = inspect(photo_path, capsys, flag, str(value))
    assert found != inspect(photo_path, capsys)
    assert_counts_are(opened, found)
    assert counts[-1] == tuple(stage_counts(opened).values()), "letting go changes nothing"


def test_a_drag_is_undone_as_one(qtbot: QtBot, opened: MainWindow) -> None:
    before = stage_counts(opened)
    drag_slider(qtbot, find(opened, QSlider, "min_keypoints_slider"), 30)
    assert stage_counts(opened) != before
    qtbot.keyClick(opened, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert stage_counts(opened) == before
    assert find(opened, QSlider, "min_keypoints_slider").value() == 10


ENABLING = {
    "straighten_filter": {"straighten": "hr"},
    "position_tolerance": {"consistency": "position"},
    "canny_low": {"texture": "canny"},
    "canny_high": {"texture": "canny"},
    "min_edge_density": {"texture": "canny"},
}
GIVEN: dict[str, Value] = {
    "scale": 3,
    "resizer": "opencv",
    "filter": "lanczos",
    "patch": 41,
    "stride": 9,
    "sift_nfeatures": 150,
    "min_edge_density": 0.125,
    "error_margin": 0.085,
}


def other_value(knob: Knob) -> Value:
    if knob.name in GIVEN:
        return GIVEN[knob.name]
    if knob.kind is bool:
        return not knob.default
    if knob.choices:
        return next(choice for choice in knob.choices if choice != knob.default)
    value: Value = knob.kind(round(float(knob.default) + 3 * knob.step, 6))
    return value


def set_by_hand(qtbot: QtBot, control: QWidget, knob: Knob, value: Value) -> None:
    """Set the control as a person does, by keys or a click."""
    if isinstance(control, QCheckBox):
        qtbot.mouseClick(control, Qt.MouseButton.LeftButton, pos=QPoint(8, control.height() // 2))
    elif isinstance(control, QComboBox):
        rows = control.findText(knob.shown_choices[str(value)]) - control.currentIndex()
        for _ in range(abs(rows)):
            qtbot.keyClick(control, Qt.Key.Key_Down if rows > 0 else Qt.Key.Key_Up)
    else:
        assert isinstance(control, QAbstractSpinBox)
        shown = float(value) * (100 if knob.percent else 1)
        number = int(shown) if knob.kind is int else shown
        control.selectAll()
        qtbot.keyClicks(control, control.textFromValue(number))  # type: ignore[attr-defined]
        qtbot.keyClick(control, Qt.Key.Key_Return)


def shown_value(control: QWidget, knob: Knob) -> Value:
    """Return the value that the control shows."""
    if isinstance(control, QCheckBox):
        return control.isChecked()
    if isinstance(control, QComboBox):
        return {text: one for one, text in knob.shown_choices.items()}[control.currentText()]
    value = control.value() / (100 if knob.percent else 1)  # type: ignore[attr-defined]
    return int(value) if knob.kind is int else pytest.approx(value)


def test_every_knob_has_a_control_that_sets_it_shows_it_and_resets_it(
    qtbot: QtBot, window: MainWindow
) -> None:
    for knob in KNOBS.values():
        window.model.set_recipe(Recipe())
        assert_is_controlled(qtbot, window, knob)


def assert_is_controlled(qtbot: QtBot, window: MainWindow, knob: Knob) -> None:
    name, model = knob.name, window.model
    control = find(window, QWidget, name)
    reset = find(window, QToolButton, f"reset_{name}")
    for key, value in ENABLING.get(name, {}).items():
        assert not control.isEnabled(), "not read by this recipe"
        model.change(key, value)
    assert control.isEnabled()
    assert control.toolTip()
    assert reset.isHidden()
    assert shown_value(control, knob) == knob.default

    value = other_value(knob)
    set_by_hand(qtbot, control, knob, value)
    assert getattr(model.recipe, name) == value
    assert shown_value(control, knob) == value
    assert banner_text(window) == ""
    if slider := window.findChild(QSlider, f"{name}_slider"):
        assert slider.value() == round(float(value) / knob.step)

    assert not reset.isHidden()
    reset.click()
    assert getattr(model.recipe, name) == knob.default
    assert shown_value(control, knob) == knob.default
    assert reset.isHidden()

    model.set_recipe(model.recipe.replace(**{name: value}))  # from elsewhere: undo, a file
    assert shown_value(control, knob) == value


def test_all_is_reset_to_the_preset(qtbot: QtBot, window: MainWindow) -> None:
    window.model.use_preset("v1")
    window.model.change("scale", 3)
    window.model.change("patch", 60)
    button = find(window, QPushButton, "reset_all")
    assert button.isEnabled()
    assert "2" in button.text(), "says how many differ"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.model.recipe == PRESETS["v1"]
    assert not button.isEnabled()


def test_a_preset_is_chosen_from_the_list(qtbot: QtBot, window: MainWindow) -> None:
    combo = find(window, QComboBox, "preset")
    assert [combo.itemText(row) for row in range(combo.count())] == list(PRESETS)
    while combo.currentText() != "recommended":
        qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert window.model.recipe == PRESETS["recommended"]


def test_filters_that_the_resizer_lacks_cannot_be_chosen(window: MainWindow) -> None:
    window.model.change("resizer", "opencv")
    combo = find(window, QComboBox, "filter")
    usable = {
        combo.itemText(row)
        for row in range(combo.count())
        if combo.model().flags(combo.model().index(row, 0)) & Qt.ItemFlag.ItemIsEnabled
    }
    assert usable == {"nearest", "bilinear", "bicubic", "lanczos", "area"}


def test_a_recipe_is_saved_and_opened_again(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = Recipe(scale=3, min_keypoints=7, crop="whole")
    path = tmp_path / "mine.toml"
    window.model.set_recipe(recipe)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    trigger(window, "Save recipe...")
    assert path.read_text() == to_toml(recipe)
    window.model.set_recipe(Recipe())
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    trigger(window, "Open recipe...")
    assert window.model.recipe == recipe
    path.write_text("patch = 5\n")
    trigger(window, "Open recipe...")
    assert "patch = 5" in banner_text(window)
    assert window.model.recipe == recipe


def test_a_recipe_that_cannot_be_saved_says_why(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "missing" / "mine.toml"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(place), ""))
    trigger(window, "Save recipe...")
    assert "No such file or directory" in banner_text(window)
    assert str(place) in banner_text(window)


# Pictures that are not as they should be


Write = Callable[[Path], object]


def torn(path: Path) -> None:
    Image.fromarray(photo("coffee")).save(path)
    path.write_bytes(path.read_bytes()[:9000])


def folder_of_text(path: Path) -> None:
    path.mkdir()
    text(path / "notes.txt")


def text(path: Path) -> None:
    path.write_text("this is no picture")


def pixel(path: Path) -> None:
    save(crop("coffee", 5, 5, 1, 1), path)


def narrow(path: Path) -> None:
    save(np.repeat(crop("coffee", 5, 5, 20, 300), 2, axis=0), path)


BAD: list[tuple[str, Write, str]] = [
    ("nothing here", folder_of_text, r"no images in this folder"),
    ("text.png", text, r"not an image"),
    ("torn.jpg", torn, r"truncated"),
    ("empty.png", Path.touch, r"empty"),
    ("missing.png", Path.exists, r"No such file or directory"),
    ("one.png", pixel, r"1 x 1 px.*smaller than one patch of 33 x 33 px"),
    ("narrow.png", narrow, r"20 x 600 px.*smaller than one patch of 33 x 33 px"),
]


def test_a_bad_input_says_its_cause_and_a_good_picture_follows(
    qtbot: QtBot,
    window: MainWindow,
    tmp_path: Path,
    photo_path: Path,
    analysed: Open,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = inspect(photo_path, capsys)
    for name, write, cause in BAD:
        path = tmp_path / name
        write(path)
        open_paths(qtbot, window, [path])
        qtbot.waitUntil(lambda: bool(banner_text(window)), timeout=TIMEOUT)
        assert re.search(cause, banner_text(window)), name
        counts = list(stage_counts(window).values())
        assert not any(re.search(r"\d", text) for text in counts[1:]), name
        analysed(window, photo_path)
        assert banner_text(window) == "", name
        assert_counts_are(window, found)
        assert find(window, QPushButton, "export").isEnabled()


def test_a_bad_picture_after_a_good_one_does_not_leave_the_old_one_on_screen(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, photo_path: Path, analysed: Open
) -> None:
    canvas = window.findChild(PairCanvas)
    size = canvas.size()
    nothing = pixels(canvas)
    analysed(window, photo_path)
    text(tmp_path / "text.png")
    open_paths(qtbot, window, [tmp_path / "text.png"])
    qtbot.waitUntil(lambda: bool(banner_text(window)), timeout=TIMEOUT)
    QApplication.processEvents()
    assert window.windowTitle().startswith("text.png")
    shown = pixels(canvas)
    height = min(shown.shape[0], nothing.shape[0])
    assert size.width() >= canvas.width()
    background = nothing[height // 2, 10]
    middle = shown[60 : height - 60, 10 : shown.shape[1] // 2 - 10]
    bare = (middle == background).all(axis=2)
    assert bare.mean() > 0.8
    message = np.flatnonzero(~bare.all(axis=1))
    assert len(message), "the cause stands in the middle"
    assert np.ptp(message) < 120, "and nothing else is drawn"


def engine(left: int = 200) -> Image.Image:
    return Image.fromarray(crop("motorcycle", left, 100, 250, 200))


def sixteen_bit(path: Path) -> None:
    Image.fromarray(np.asarray(engine())[..., 1].astype(np.uint16) * 257).save(path)


def animated(path: Path) -> None:
    engine().save(path, save_all=True, append_images=[engine(201), engine(202)])


def turned(path: Path) -> None:
    exif = engine().getexif()
    exif[0x0112] = 6
    engine().save(path, exif=exif, quality=95)


def flat(path: Path) -> Path:
    return save(np.full((200, 250, 3), 128, np.uint8), path)


def converted(mode: str) -> Write:
    return lambda path: engine().convert(mode).save(path)


NOTED: list[tuple[str, Write, str, tuple[int, int]]] = [
    ("deep.png", sixteen_bit, "16-bit scaled to 8-bit", (250, 200)),
    ("print.jpg", converted("CMYK"), "CMYK converted to RGB", (250, 200)),
    ("palette.png", converted("P"), "palette converted to RGB", (250, 200)),
    ("alpha.png", converted("RGBA"), "alpha dropped", (250, 200)),
    ("film.gif", animated, "first of 3 frames", (250, 200)),
    ("turned.jpg", turned, "EXIF orientation 6 applied", (200, 250)),
    ("flat.png", flat, "trimmed from 250 x 200 to 248 x 200 px", (250, 200)),
]


def test_what_was_changed_on_reading_is_noted(
    window: MainWindow, tmp_path: Path, analysed: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, write, note, size in NOTED:
        path = tmp_path / name
        write(path)
        analysed(window, path)
        assert banner_text(window) == "", name
        assert note in status_text(window)
        assert tuple(numbers(stage_counts(window)["source"])[:2]) == size
        assert_counts_are(window, inspect(path, capsys))


def test_a_flat_picture_says_where_all_was_lost(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, analysed: Open
) -> None:
    analysed(window, flat(tmp_path / "flat.png"))
    counts = stage_counts(window)
    assert numbers(counts["matches"]) == [0, 0]
    assert numbers(counts["patches"])[0] == 0
    assert "0" in find(window, QToolButton, "stage_box").toolTip(), "the reason, in figures"
    for view in VIEWS:
        click(qtbot, window, f"stage_{view.name}")
        pixels(window)


def test_the_message_can_be_closed(qtbot: QtBot, window: MainWindow) -> None:
    window.open_sample(asset("sample.png"))
    banner = find(window, QFrame, "banner")
    (button,) = banner.findChildren(QToolButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert banner_text(window) == ""


# Leaving: the fixture `leaves_nothing` sees to it that no thread stays


@pytest.mark.parametrize("stage", ["read", "keypoints", "texture"])
def test_the_window_can_be_closed_while_it_analyses(
    qtbot: QtBot, new_window: MainWindow, tmp_path: Path, stage: str
) -> None:
    path = save(np.tile(photo("coffee"), (2, 2, 1)), tmp_path / "large.png")
    reached: list[str] = []
    new_window.model.running_changed.connect(lambda name, done, total: reached.append(name))
    open_paths(qtbot, new_window, [path])
    qtbot.waitUntil(lambda: stage in reached, timeout=TIMEOUT)
    assert new_window.model.analysis is None or not new_window.model.analysis.complete
    close(qtbot, new_window)
    assert not new_window.isVisible()


def test_a_closed_window_whose_thread_is_slow_hides_and_is_gone_later(
    qtbot: QtBot, new_window: MainWindow, photo_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, release = threading.Event(), threading.Event()

    def slow(path: Path, **options: str) -> SourceImage:
        entered.set()
        release.wait(200)
        return read_image(path, **options)

    monkeypatch.setattr("srviewer.pipeline.reading.read_image", slow)
    gone: list[bool] = []
    new_window.closed.connect(lambda: gone.append(True))
    try:
        open_paths(qtbot, new_window, [photo_path])
        qtbot.waitUntil(entered.is_set, timeout=TIMEOUT)
        new_window.close()
        assert not new_window.isVisible()
        assert not gone, "its thread still runs"
    finally:
        release.set()
    qtbot.waitUntil(lambda: bool(gone), timeout=TIMEOUT)


def test_two_windows_do_not_share_their_state(
    make_window: Callable[[], MainWindow], photo_path: Path, analysed: Open
) -> None:
    one, other = make_window(), make_window()
    one.model.change("scale", 2)
    analysed(other, photo_path)
    assert other.model.recipe == Recipe()
    assert one.model.analysis is None
