"""Thumbnails: their sizes, what cannot be read, and a thread that ends when it should."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from srviewer.errors import Cancelled, ReadError, SrviewerError
from srviewer.gui.jobs import thumbnails
from srviewer.gui.jobs.thumbnails import SIDE, Thumbnails, make_thumbnail
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import read_image
from tests.gui.helpers import TIMEOUT, as_array
from tests.photos import crop, save
from tests.pipeline.formats.writers import wide_profile


class Heard(QObject):
    """Keeps what a service tells, and in which thread it was told."""

    def __init__(self, service: Thumbnails) -> None:
        super().__init__()
        self.service = service
        self.ready: dict[Path, tuple[QImage, tuple[int, int]]] = {}
        self.failed: dict[Path, str] = {}
        self.threads: set[int] = set()
        service.ready.connect(self.on_ready)
        service.failed.connect(self.on_failed)

    @Slot(object, object)
    def on_ready(self, path: Path, size: tuple[int, int]) -> None:
        self.threads.add(threading.get_ident())
        self.ready[path] = self.service._made[path].toImage(), size

    @Slot(object, object)
    def on_failed(self, path: Path, error: SrviewerError) -> None:
        self.threads.add(threading.get_ident())
        self.failed[path] = error.sentence


@pytest.fixture
def service(qtbot: QtBot) -> Iterator[Thumbnails]:
    one = Thumbnails()
    yield one
    assert one.stop(TIMEOUT)


@pytest.fixture
def heard(service: Thumbnails) -> Heard:
    return Heard(service)


def ask(service: Thumbnails, paths: list[Path]) -> None:
    assert all(service.of(path, 1.0) is None for path in paths)
    QApplication.processEvents()


def wait(qtbot: QtBot, heard: Heard, number: int) -> None:
    qtbot.waitUntil(lambda: len(heard.ready) + len(heard.failed) >= number, timeout=TIMEOUT)


def test_thumbnails_and_sizes_arrive_in_the_windows_thread_in_order(
    qtbot: QtBot, service: Thumbnails, heard: Heard, tmp_path: Path
) -> None:
    shapes = [(250, 200), (97, 300), (96, 96), (40, 20), (400, 11)]
    paths = [
        save(crop("motorcycle", 10, 10, *shape), tmp_path / f"{number}.png")
        for number, shape in enumerate(shapes)
    ]
    ask(service, paths)
    wait(qtbot, heard, len(paths))
    assert list(heard.ready) == paths
    assert heard.threads == {threading.get_ident()}
    for path, shape in zip(paths, shapes, strict=True):
        thumbnail, size = heard.ready[path]
        assert size == shape == read_image(path).size
        longest = max(thumbnail.width(), thumbnail.height())
        assert longest == min(max(shape), SIDE)
        assert thumbnail.width() == max(round(shape[0] * longest / max(shape)), 1)


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "webp", "tif", "gif", "ppm", "jp2"])
def test_it_looks_like_the_image(tmp_path: Path, ending: str) -> None:
    rgb = crop("astronaut", 100, 0, 256, 240)
    path = save(rgb, tmp_path / f"a.{ending}")
    thumbnail, size = make_thumbnail(path, SIDE)
    assert size == (256, 240)
    assert (thumbnail.width(), thumbnail.height()) == (96, 90)
    small = np.asarray(Image.fromarray(rgb).resize((96, 90), Image.Resampling.BOX)).astype(int)
    assert np.abs(as_array(thumbnail) - small).mean() < 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_turned_as_the_pipeline_turns_it(tmp_path: Path, orientation: int) -> None:
    image = Image.fromarray(crop("astronaut", 100, 0, 200, 100))
    exif = image.getexif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.jpg"
    image.save(path, exif=exif, quality=95)
    thumbnail, size = make_thumbnail(path, SIDE)
    whole = read_image(path)
    assert size == whole.size
    shape = (thumbnail.width(), thumbnail.height())
    small = np.asarray(Image.fromarray(whole.rgb).resize(shape, Image.Resampling.BOX)).astype(int)
    assert np.abs(as_array(thumbnail) - small).mean() < 12


def test_what_qt_does_not_read_is_read_by_the_pipeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(crop("astronaut", 0, 0, 480, 240), tmp_path / "a.jpg")
    by_qt = as_array(make_thumbnail(path, SIDE)[0])
    monkeypatch.setattr(thumbnails, "_by_qt", lambda *_: None)
    thumbnail, size = make_thumbnail(path, SIDE)
    assert size == (480, 240)
    assert np.abs(as_array(thumbnail) - by_qt).mean() < 6


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(
    qtbot: QtBot, service: Thumbnails, heard: Heard, tmp_path: Path
) -> None:
    good = save(crop("astronaut", 0, 0, 64, 64), tmp_path / "good.png")
    text, empty, missing = tmp_path / "text.png", tmp_path / "empty.png", tmp_path / "gone.png"
    text.write_text("no image")
    empty.write_bytes(b"")
    ask(service, [text, empty, missing, tmp_path, Path("a\0b"), good])
    wait(qtbot, heard, 6)
    assert list(heard.ready) == [good]
    assert heard.failed[empty] == "the file is empty"
    assert "No such file" in heard.failed[missing]
    assert "not an image" in heard.failed[text]
    assert "folder" in heard.failed[tmp_path]
    assert heard.failed[Path("a\0b")]


def test_an_error_that_nobody_thought_of_is_told(
    qtbot: QtBot,
    service: Thumbnails,
    heard: Heard,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(path: Path, side: int, progress: Progress) -> None:
        raise (MemoryError if path.name == "a" else ZeroDivisionError)("oh")

    monkeypatch.setattr(thumbnails, "make_thumbnail", fail)
    ask(service, [Path("a"), Path("b")])
    wait(qtbot, heard, 2)
    assert "memory" in heard.failed[Path("a")]
    assert heard.failed[Path("b")] == "ZeroDivisionError: oh"


class Gate:
    """Holds up the making of thumbnails until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[Path] = []
        self.entered = threading.Event()
        self.open = threading.Event()
        monkeypatch.setattr(thumbnails, "make_thumbnail", self)

    def __call__(self, path: Path, side: int, progress: Progress) -> tuple[QImage, tuple[int, int]]:
        self.made.append(path)
        self.entered.set()
        assert self.open.wait(200)
        return QImage(1, 1, QImage.Format.Format_RGB888), (1, 1)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, service: Thumbnails) -> Iterator[Gate]:
    one = Gate(monkeypatch)
    yield one
    one.open.set()


def test_what_was_asked_for_last_comes_first(
    qtbot: QtBot, service: Thumbnails, heard: Heard, gate: Gate
) -> None:
    early, late = [Path("e0"), Path("e1"), Path("e2")], [Path("l0"), Path("l1")]
    ask(service, early)
    assert gate.entered.wait(200)
    ask(service, late)
    gate.open.set()
    wait(qtbot, heard, 5)
    assert list(heard.ready) == [early[0], *late, *early[1:]]


def test_what_is_forgotten_is_not_made(
    qtbot: QtBot, service: Thumbnails, heard: Heard, gate: Gate
) -> None:
    ask(service, [Path(f"{number}") for number in range(100)])
    assert gate.entered.wait(200)
    service.stop(0)
    ask(service, [Path("wanted")])
    gate.open.set()
    wait(qtbot, heard, 1)
    assert list(heard.ready) == [Path("wanted")]
    assert gate.made == [Path("0"), Path("wanted")]


def test_stop_ends_the_thread_at_once_with_much_to_do(
    qtbot: QtBot, service: Thumbnails, heard: Heard, tmp_path: Path
) -> None:
    first = save(crop("motorcycle", 0, 0, 400, 300), tmp_path / "0.png")
    paths = [first, *(shutil.copy(first, tmp_path / f"{number}.png") for number in range(1, 80))]
    ask(service, paths)
    qtbot.waitUntil(lambda: paths[0] in heard.ready, timeout=TIMEOUT)
    assert service.stop(TIMEOUT)
    assert not service._runner._thread.isRunning()
    assert service.stop(0)


def test_it_starts_again_after_a_stop(
    qtbot: QtBot, service: Thumbnails, heard: Heard, gate: Gate
) -> None:
    ask(service, [Path("slow"), Path("never")])
    assert gate.entered.wait(200)
    service.stop(0)
    threading.Timer(0.05, gate.open.set).start()
    ask(service, [Path("again")])
    qtbot.waitUntil(lambda: Path("again") in heard.ready, timeout=TIMEOUT)
    assert Path("never") not in gate.made


@pytest.mark.parametrize(("ending", "by_qt"), [("jpg", 1), ("png", 0), ("bmp", 0), ("tif", 0)])
def test_qt_is_given_a_plain_jpeg_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, by_qt: int
) -> None:
    rgb = crop("astronaut", 100, 0, 256, 240)
    path = save(rgb, tmp_path / f"a.{ending}").rename(tmp_path / "a.svg")
    made: list[object] = []
    ours = thumbnails._by_qt
    monkeypatch.setattr(thumbnails, "_by_qt", lambda *args: made.append(ours(*args)) or made[-1])
    make_thumbnail(path, SIDE)
    assert len([one for one in made if one]) == by_qt


def test_a_large_image_that_nobody_waits_for_is_not_read_to_the_end(tmp_path: Path) -> None:
    path = save(
        np.random.default_rng(1).integers(0, 256, (900, 900, 3), np.uint8), tmp_path / "a.png"
    )
    progress = Progress()
    progress.cancel.set()
    with pytest.raises(Cancelled):
        make_thumbnail(path, SIDE, progress)


def test_a_svg_is_no_image_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>')
    with pytest.raises(ReadError):
        make_thumbnail(path, SIDE)


def test_colours_with_a_profile_look_as_they_are_read(tmp_path: Path) -> None:
    profile = wide_profile()
    path = tmp_path / "wide.jpg"
    Image.fromarray(crop("astronaut", 100, 0, 256, 240)).save(path, icc_profile=profile)
    image = read_image(path)
    assert "converted to sRGB" in image.notes[0]
    small = Image.fromarray(image.rgb).resize((96, 90), Image.Resampling.BOX)
    assert (
        np.abs(as_array(make_thumbnail(path, SIDE)[0]) - np.asarray(small).astype(int)).mean() < 6
    )
