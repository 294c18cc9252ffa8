"""Small pictures of the images in the list, made in a thread of their own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt, QThread, Signal
from PySide6.QtGui import QColorSpace, QImage, QImageIOHandler, QImageReader

from srviewer.errors import SrviewerError
from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell, as_error
from srviewer.pipeline.formats.opening import open_plain
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import read_image

SIDE = 96  # px of the screen's scale: the longest side of a thumbnail
_JPEG = b"\xff\xd8\xff"
_PLAIN = (QImage.Format.Format_RGB32, QImage.Format.Format_Grayscale8)

Size = tuple[int, int]


class ThumbnailService(QObject):
    """Makes thumbnails and finds the sizes of images, what was asked for last first.

    Signals
    -------
    ready(path, thumbnail, size)
        A Path, a QImage whose longest side is 96 px times `device_pixel_ratio`, and the image's
        (width, height) in pixels.
    failed(path, error)
        A Path, and the `SrviewerError` that says why the image cannot be read.

    Attributes
    ----------
    device_pixel_ratio : float
        Of the screen that the thumbnails are for; it holds for later requests.
    """

    ready = Signal(object, object, object)
    failed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.device_pixel_ratio = 1.0
        self._waiting: deque[Path] = deque()  # the next one is the last
        self._runner = Runner("thumbnails", Queue.IN_TURN, self, QThread.Priority.LowPriority)
        self._runner.told.connect(self._on_told)
        self._runner.finished.connect(self._go_on)

    def request(self, paths: Iterable[Path]) -> None:
        """Make thumbnails of `paths`, in this order, before those asked for earlier."""
        self._waiting.extend(reversed(list(paths)))
        self._go_on()

    def forget(self) -> None:
        """Take back what was asked for and is not under way yet."""
        self._waiting.clear()

    def stop(self, wait: int = 1000) -> bool:
        """Take back all requests, and tell whether the thread has ended within `wait` ms.

        A later request starts it again.
        """
        self.forget()
        self._runner.drop()
        return self._runner.stop(wait)

    def _go_on(self) -> None:
        if self._waiting and not self._runner.busy:
            self._runner.start(Job(self._make))

    def _make(self, progress: Progress, tell: Tell) -> None:
        """Make what waits, in the thread of the runner."""
        while self._waiting:
            progress.check()
            try:
                path = self._waiting.pop()
            except IndexError:  # taken back meanwhile
                return
            made: tuple[QImage, Size] | SrviewerError
            try:
                made = make_thumbnail(path, round(SIDE * self.device_pixel_ratio))
            except Exception as error:
                made = as_error(error, path)
            tell((path, made))

    def _on_told(self, told: tuple[Path, tuple[QImage, Size] | SrviewerError]) -> None:
        path, made = told
        if isinstance(made, SrviewerError):
            self.failed.emit(path, made)
        else:
            self.ready.emit(path, *made)


def make_thumbnail(path: Path, side: int) -> tuple[QImage, Size]:
    """Return a picture of `path` whose longest side is `side` px, and its (width, height).

    An image smaller than that stays as it is.

    Raises
    ------
    ReadError
        As `read_image` does.
    """
    made = _by_qt(path, side) if _is_jpeg(path) else None
    return made or _by_pipeline(path, side)


def _is_jpeg(path: Path) -> bool:
    with open_plain(path, "an image") as file:
        return file.read(len(_JPEG)) == _JPEG


def _by_qt(path: Path, side: int) -> tuple[QImage, Size] | None:
    """Let Qt decode a JPEG as small as that; None where it would not look as it is read.

    Qt has plug-ins for formats that are not images, and reads other formats in ways of its own,
    so nothing else is given to it.
    """
    reader = QImageReader(str(path), b"jpeg")
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    full = reader.size()
    if full.isEmpty():
        return None
    reader.setScaledSize(_fitted(full, side))
    thumbnail = reader.read()
    colours = thumbnail.colorSpace()
    has_profile = colours.isValid() and colours != QColorSpace(QColorSpace.NamedColorSpace.SRgb)
    if thumbnail.isNull() or has_profile or thumbnail.format() not in _PLAIN:
        return None
    turned = reader.transformation() & QImageIOHandler.Transformation.TransformationRotate90
    if turned:
        full.transpose()
    return thumbnail, (full.width(), full.height())


def _by_pipeline(path: Path, side: int) -> tuple[QImage, Size]:
    image = read_image(path)
    # Thinned out first: Qt's smooth scaling of a large picture would hold up all of Python.
    step = max(max(image.size) // (4 * side), 1)
    rgb = np.ascontiguousarray(image.rgb[::step, ::step])
    height, width = rgb.shape[:2]
    thinned = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    smooth = Qt.TransformationMode.SmoothTransformation
    fitted = _fitted(QSize(*image.size), side)
    small = thinned.scaled(fitted, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    return small.copy(), image.size  # a copy: nothing may point into the array any longer


def _fitted(size: QSize, side: int) -> QSize:
    longest = max(size.width(), size.height())
    if longest <= side:
        return QSize(size)
    scale = side / longest
    return QSize(max(round(size.width() * scale), 1), max(round(size.height() * scale), 1))
