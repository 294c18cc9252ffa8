"""Small pictures of the images in the list, made in a thread of their own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt, QThread, Signal, Slot
from PySide6.QtGui import QImage, QImageIOHandler, QImageReader

from srviewer.errors import ReadError
from srviewer.pipeline.reading import read_image

SIDE = 96  # px of the screen's scale: the longest side of a thumbnail
_PATIENCE = 1000  # ms

Size = tuple[int, int]


class _Job:
    """The paths still to do, newest last, and the token that makes the worker stop."""

    def __init__(self) -> None:
        self.paths: deque[Path] = deque()
        self.cancel = threading.Event()


class _ThumbnailWorker(QObject):
    ready = Signal(object, object, object)
    failed = Signal(object, str)

    @Slot(object, float)
    def run(self, job: _Job, ratio: float) -> None:
        while job.paths and not job.cancel.is_set():
            try:
                path = job.paths.pop()
            except IndexError:  # taken back meanwhile
                return
            try:
                self.ready.emit(path, *make_thumbnail(path, round(SIDE * ratio)))
            except ReadError as error:
                self.failed.emit(path, error.cause)
            except MemoryError:
                self.failed.emit(path, "not enough memory for this image")
            except Exception as error:  # an exception that leaves a slot would be lost
                self.failed.emit(path, f"{type(error).__name__}: {error}")


class ThumbnailService(QObject):
    """Makes thumbnails and finds the sizes of images, what was asked for last first.

    Signals
    -------
    ready(path, thumbnail, size)
        A Path, a QImage whose longest side is 96 px times `device_pixel_ratio`, and the image's
        (width, height) in pixels.
    failed(path, message)
        A Path, and why the image cannot be read.

    Attributes
    ----------
    device_pixel_ratio : float
        Of the screen that the thumbnails are for; it holds for later requests.
    """

    ready = Signal(object, object, object)
    failed = Signal(object, str)
    _requested = Signal(object, float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.device_pixel_ratio = 1.0
        self._thread = QThread()
        self._thread.setObjectName("thumbnails")
        self._worker = _ThumbnailWorker()
        self._worker.moveToThread(self._thread)
        self._requested.connect(self._worker.run)
        self._worker.ready.connect(self.ready)
        self._worker.failed.connect(self.failed)
        self._job = _Job()

    def request(self, paths: Iterable[Path]) -> None:
        """Make thumbnails of `paths`, in this order, before those asked for earlier."""
        wanted = list(paths)
        if not wanted:
            return
        if self._job.cancel.is_set():
            self._thread.wait()  # what was under way is not started again
            self._job = _Job()
        self._job.paths.extend(reversed(wanted))
        if not self._thread.isRunning():
            self._thread.start(QThread.Priority.LowPriority)
        self._requested.emit(self._job, self.device_pixel_ratio)

    def forget(self) -> None:
        """Take back what was asked for and is not under way yet."""
        self._job.paths.clear()

    def stop(self, wait_ms: int = _PATIENCE) -> bool:
        """Take back all requests, and tell whether the thread has ended within `wait_ms`.

        A later request starts it again.
        """
        self._job.cancel.set()
        self._thread.quit()
        return self._thread.wait(wait_ms)


def make_thumbnail(path: Path, side: int) -> tuple[QImage, Size]:
    """Return a picture of `path` whose longest side is `side` px, and its (width, height).

    An image smaller than that stays as it is.

    Raises
    ------
    ReadError
        As `read_image` does.
    """
    if _is_filled_file(path):  # Qt would wait for a pipe; `read_image` tells what is wrong
        made = _by_qt(path, side)
        if made is not None:
            return made
    return _by_pipeline(path, side)


def _is_filled_file(path: Path) -> bool:
    try:
        return path.is_file() and path.stat().st_size > 0
    except (OSError, ValueError):
        return False


def _by_qt(path: Path, side: int) -> tuple[QImage, Size] | None:
    """Let Qt read it, scaled on the way where the format can do that; None where it cannot."""
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    full = reader.size()
    if full.isEmpty():
        return None
    reader.setScaledSize(_fitted(full, side))
    thumbnail = reader.read()
    if thumbnail.isNull():
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
