"""The view as a file or in the clipboard: what is on screen, with the recipe that made it."""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from srviewer import __version__
from srviewer.errors import SrviewerError
from srviewer.gui.state.layers import VIEWS, Arrangement, Layer, View
from srviewer.gui.state.selection import Selected
from srviewer.gui.views import painting
from srviewer.gui.views.camera import Camera
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.views.picture_file import save_view, view_image
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipe_file import from_toml, to_toml
from tests.gui.helpers import as_array, inside, pixels
from tests.photos import as_source, crop

RECIPE = Recipe(crop="whole", min_keypoints=7, error_margin=0.075)
SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"
MATCHES = frozenset({Layer.KEPT_MATCHES, Layer.REJECTED_MATCHES})


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyse(as_source(crop("motorcycle", 200, 100, 250, 200)), RECIPE)


@pytest.fixture
def canvas(canvas: PairCanvas) -> PairCanvas:
    """Return the canvas with all of the pair in it."""
    canvas.fit()
    return canvas


# As PNG


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_png_is_what_is_on_screen_to_the_pixel(
    canvas: PairCanvas, tmp_path: Path, view: View
) -> None:
    canvas.show_as(single=view.name == "source")
    canvas.show_as(layers=view.layers)
    path = tmp_path / "view.png"
    save_view(canvas, RECIPE, path)
    saved = np.array(Image.open(path).convert("RGB"))
    np.testing.assert_array_equal(inside(saved), inside(pixels(canvas)))


@pytest.mark.parametrize("arrangement", list(Arrangement), ids=lambda one: one.name.lower())
def test_it_is_so_in_every_arrangement_with_a_match_alone(
    canvas: PairCanvas, tmp_path: Path, arrangement: Arrangement
) -> None:
    canvas.show_as(layers=MATCHES | {Layer.HEAT})
    canvas.show_as(arrangement=arrangement)
    canvas.set_camera(Camera(100, 90, 3.7))
    canvas.show_as(selection=Selected("match", 3))
    save_view(canvas, RECIPE, tmp_path / "view.png")
    saved = np.array(Image.open(tmp_path / "view.png").convert("RGB"))
    np.testing.assert_array_equal(inside(saved), inside(pixels(canvas)))


def test_a_png_tells_the_recipe_and_the_program(canvas: PairCanvas, tmp_path: Path) -> None:
    path = tmp_path / "view.png"
    save_view(canvas, RECIPE, path)
    with Image.open(path) as image:
        texts = dict(image.text)  # type: ignore[attr-defined]
    assert texts["recipe"] == to_toml(RECIPE)
    assert from_toml(texts["recipe"], "view.png") == RECIPE
    assert texts["Software"] == f"srviewer {__version__}"


def test_on_a_fine_screen_the_picture_has_all_its_pixels(
    canvas: PairCanvas, analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PairCanvas, "devicePixelRatioF", lambda self: 2.0)
    canvas.set_camera(Camera(101.5, 101.5, 8))
    image = as_array(view_image(canvas, RECIPE))
    assert image.shape == (840, 1612, 3)
    x, y = (int(2 * value) for value in canvas.panes()[0].middle)
    for row, column in ((101, 101), (102, 102), (101, 102)):
        centre = (y + 16 * (row - 101) - 8, x + 16 * (column - 101) - 8)
        assert (image[centre] == analysis.pair.hr[row, column]).all()


# As SVG


def texts_of(root: ElementTree.Element) -> list[str]:
    return ["".join(one.itertext()).strip() for one in root.iter(f"{SVG}text")]


def test_an_svg_is_well_formed_and_tells_recipe_and_program(
    canvas: PairCanvas, tmp_path: Path
) -> None:
    path = tmp_path / "view.svg"
    save_view(canvas, RECIPE, path)
    root = ElementTree.parse(path).getroot()
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 806 420"
    (title,), (description,) = (root.findall(f"{SVG}{name}") for name in ("title", "desc"))
    assert title.text == f"srviewer {__version__}"
    assert description.text is not None
    assert description.text.strip() == to_toml(RECIPE).strip()
    assert from_toml(description.text, "view.svg") == RECIPE


def test_an_svg_has_legend_and_captions_as_text(
    canvas: PairCanvas, analysis: Analysis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "view.svg"
    canvas.show_as(layers=MATCHES)
    save_view(canvas, RECIPE, path)
    kept = int(analysis.consistent.kept.sum())
    texts = texts_of(ElementTree.parse(path).getroot())
    assert f"{kept} kept matches" in texts
    assert f"{len(analysis.matches) - kept} rejected matches" in texts
    assert ["HR", "248", "x", "200", "px"] in [text.split() for text in texts]
    canvas.show_as(layers=frozenset({Layer.KEPT_WINDOWS, Layer.REJECTED_WINDOWS}))
    save_view(canvas, RECIPE, path)
    texts = texts_of(ElementTree.parse(path).getroot())
    windows = int(analysis.patches.kept.sum())
    rejected = int(analysis.patches.candidates.sum()) - windows
    assert {f"{windows} kept windows", f"{rejected} rejected windows"} <= set(texts)
    assert f"{kept} kept matches" not in texts
    edge = "windows are 33 px wide, their cells 14"
    assert edge not in texts
    monkeypatch.setattr(painting, "_SEEN_EDGE", 19 / 200)  # as of large windows in a small image
    save_view(canvas, RECIPE, path)
    assert edge in texts_of(ElementTree.parse(path).getroot())


def test_an_svg_holds_the_pictures_pixel_by_pixel(
    canvas: PairCanvas, analysis: Analysis, tmp_path: Path
) -> None:
    canvas.set_camera(Camera(124, 100, 2))
    save_view(canvas, RECIPE, tmp_path / "view.svg")
    root = ElementTree.parse(tmp_path / "view.svg").getroot()
    images = []
    for one in root.iter(f"{SVG}image"):
        kind, _, data = (one.get(f"{XLINK}href") or one.get("href") or "").partition(",")
        assert kind.startswith("data:image/")
        image = QImage()
        assert image.loadFromData(base64.b64decode(data))
        images.append(as_array(image))
    assert any(np.array_equal(image, analysis.pair.hr) for image in images)
    assert any(np.array_equal(image, analysis.pair.lr) for image in images)


def test_a_drawn_svg_looks_like_the_screen(canvas: PairCanvas, tmp_path: Path) -> None:
    canvas.show_as(layers=MATCHES)
    save_view(canvas, RECIPE, tmp_path / "view.svg")
    renderer = QSvgRenderer(str(tmp_path / "view.svg"))
    assert renderer.isValid()
    image = QImage(canvas.size(), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    off = np.abs(as_array(image) - pixels(canvas))
    assert off.mean() < 8
    assert (off.max(axis=-1) < 40).mean() > 0.9


# Files that cannot be


@pytest.mark.parametrize("name", ["view.jpg", "view", "view.png.txt", ".png"])
def test_another_ending_is_refused_with_those_allowed(
    canvas: PairCanvas, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "out" / name
    path.parent.mkdir()
    with pytest.raises(SrviewerError) as caught:
        save_view(canvas, RECIPE, path)
    assert str(path) in str(caught.value)
    assert ".png or .svg" in str(caught.value)
    assert list(path.parent.iterdir()) == []


def test_an_ending_may_be_written_large(canvas: PairCanvas, tmp_path: Path) -> None:
    save_view(canvas, RECIPE, tmp_path / "VIEW.PNG")
    save_view(canvas, RECIPE, tmp_path / "VIEW.SVG")
    with Image.open(tmp_path / "VIEW.PNG") as picture:
        assert picture.format == "PNG"
    ElementTree.parse(tmp_path / "VIEW.SVG")


def missing_folder(folder: Path) -> Path:
    return folder / "not there" / "view"


def file_as_folder(folder: Path) -> Path:
    (folder / "file").write_text("kept")
    return folder / "file" / "view"


def too_long_name(folder: Path) -> Path:
    return folder / ("v" * 252)


def locked_folder(folder: Path) -> Path:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (folder / "locked").mkdir(mode=0o555)
    return folder / "locked" / "view"


@pytest.mark.parametrize("suffix", ["png", "svg"])
@pytest.mark.parametrize("make", [missing_folder, file_as_folder, locked_folder, too_long_name])
def test_a_place_that_cannot_be_written_says_so_and_nothing_is_left(
    canvas: PairCanvas, tmp_path: Path, make: Callable[[Path], Path], suffix: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    path = Path(f"{make(folder)}.{suffix}")
    before = sorted(folder.rglob("*"))
    with pytest.raises(SrviewerError) as caught:
        save_view(canvas, RECIPE, path)
    assert str(path) in str(caught.value)
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_file_that_was_there_is_replaced_whole_or_not_at_all(
    canvas: PairCanvas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / f"view.{suffix}"
    path.write_bytes(b"the old one")

    def refuse(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        with pytest.raises(SrviewerError, match="No space left"):
            save_view(canvas, RECIPE, path)
    assert path.read_bytes() == b"the old one"
    assert list(folder.iterdir()) == [path]
    save_view(canvas, RECIPE, path)
    assert path.read_bytes() != b"the old one"
    assert list(folder.iterdir()) == [path]


# By hand


def answer(monkeypatch: pytest.MonkeyPatch, path: Path | str) -> None:
    """Let the dialog for a name be answered with `path`."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(path), ""))


CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def test_the_view_is_saved_by_its_key_with_the_recipe_in_use(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened.model.change("min_keypoints", 6)
    path = tmp_path / "view.png"
    answer(monkeypatch, path)
    qtbot.keyClick(opened, Qt.Key.Key_S, CTRL_SHIFT)
    with Image.open(path) as image:
        saved, texts = np.array(image.convert("RGB")), dict(image.text)  # type: ignore[attr-defined]
    np.testing.assert_array_equal(inside(saved), inside(pixels(opened.canvas)))
    assert from_toml(texts["recipe"], "view.png") == Recipe(min_keypoints=6)
    told = opened.statusBar().currentMessage()  # a long folder is cut in its middle
    assert told.startswith("saved: ")
    assert told.endswith(path.name)
    assert opened.model.recipe == Recipe(min_keypoints=6)


def test_a_view_that_cannot_be_saved_is_told_above_the_picture(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "not there" / "view.png"
    answer(monkeypatch, path)
    qtbot.keyClick(opened, Qt.Key.Key_S, CTRL_SHIFT)
    said = [label.text() for label in opened.banner.findChildren(QLabel) if label.isVisible()]
    assert any(str(path) in text for text in said)
    assert not path.parent.exists()


def test_a_dialog_that_is_left_saves_nothing(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "")
    qtbot.keyClick(opened, Qt.Key.Key_S, CTRL_SHIFT)
    assert not opened.banner.isVisible()
    assert opened.statusBar().currentMessage() == ""


def test_the_view_is_copied_by_its_key(qtbot: QtBot, opened: MainWindow) -> None:
    QGuiApplication.clipboard().setText("before")
    qtbot.keyClick(opened, Qt.Key.Key_C, CTRL_SHIFT)
    copied = QGuiApplication.clipboard().image()
    np.testing.assert_array_equal(inside(as_array(copied)), inside(pixels(opened.canvas)))
    assert opened.statusBar().currentMessage() == "the view is in the clipboard"
