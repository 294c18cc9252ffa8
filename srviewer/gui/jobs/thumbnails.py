"""Small pictures of the images in the list, made in a thread of their own."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QSize, Qt, QThread, QTimer, Signal
from PySide6.QtGui import QColorSpace, QImage, QImageIOHandler, QImageReader, QPixmap

from srviewer.errors import SrviewerError
from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell
from srviewer.pipeline.formats.opening import open_plain
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.reading import read_image

SIDE = 96  # px of the screen's scale: the longest side of a thumbnail
_MOST_KEPT = 400  # at a ratio of 2 each takes 150 kB
_JPEG = b"\xff\xd8\xff"
_PLAIN = (QImage.Format.Format_RGB32, QImage.Format.Format_Grayscale8)

Size = tuple[int, int]


class Thumbnails(QObject):
    """The thumbnails of images: those that are looked at are made, the last asked for first.

    They are for one screen, and made anew for one of another scale.

    Signals
    -------
    ready(path, size)
        There is a thumbnail of the image at this Path, whose (width, height) is so many pixels.
    failed(path, error)
        A Path, and the `SrviewerError` that says why the image cannot be read.
    """

    ready = Signal(object, object)
    failed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ratio = 1.0  # of the screen
        # None until it is made, empty where the image cannot be read; the last looked at is last.
        self._made: OrderedDict[Path, QPixmap | None] = OrderedDict()
        self._asked: list[Path] = []  # all that come into view together, in their order
        self._waiting: list[Path] = []  # the next one is the last
        self._runner = Runner("thumbnails", Queue.IN_TURN, self, QThread.Priority.LowPriority)
        self._runner.done.connect(self._on_made)
        self._runner.failed.connect(self._on_failed)
        self._runner.finished.connect(self._go_on)

    def of(self, path: Path, ratio: float) -> QPixmap | None:
        """Return the thumbnail of `path`, and see to it that there is one soon.

        Parameters
        ----------
        path : Path
        ratio : float
            Pixels of the screen by pixel of the window.

        Returns
        -------
        QPixmap or None
            Its longest side is at most 96 px; empty where the image cannot be read, None until
            that is known.
        """
        if ratio != self._ratio:
            self.stop(0)
            self._made.clear()
            self._ratio = ratio
        if path not in self._made:
            self._made[path] = None
            if len(self._made) > _MOST_KEPT:
                self._made.popitem(last=False)
            if not self._asked:
                QTimer.singleShot(0, self._request)
            self._asked.append(path)
        self._made.move_to_end(path)
        return self._made[path]

    def forget(self, path: Path) -> None:
        """Make it anew when it is asked for again."""
        self._made.pop(path, None)

    def try_again(self, path: Path) -> None:
        """Forget that `path` could not be read."""
        pixmap = self._made.get(path)
        if pixmap is not None and pixmap.isNull():
            self.forget(path)

    def stop(self, wait: int = 1000) -> bool:
        """Take back all requests, and tell whether the thread has ended within `wait` ms.

        A later request starts it again.
        """
        self._asked.clear()
        self._waiting.clear()
        for path in [path for path, pixmap in self._made.items() if pixmap is None]:
            del self._made[path]
        return self._runner.stop(wait)

    def _request(self) -> None:
        self._waiting += reversed(self._asked)
        self._asked.clear()
        self._go_on()

    def _go_on(self) -> None:
        if self._waiting and not self._runner.busy:
            path = self._waiting.pop()
            side = round(SIDE * self._ratio)

            def make(progress: Progress, _: Tell) -> tuple[QImage, Size]:
                return make_thumbnail(path, side, progress)

            self._runner.start(Job(make, about=path, path=path))

    def _on_made(self, made: tuple[QImage, Size], job: Job) -> None:
        if job.about not in self._made:  # forgotten meanwhile
            return
        thumbnail, size = made
        pixmap = QPixmap.fromImage(thumbnail)
        pixmap.setDevicePixelRatio(self._ratio)
        self._made[job.about] = pixmap
        self.ready.emit(job.about, size)

    def _on_failed(self, error: SrviewerError, job: Job) -> None:
        if job.about in self._made:
            self._made[job.about] = QPixmap()
            self.failed.emit(job.about, error)


def make_thumbnail(path: Path, side: int, progress: Progress = UNHEARD) -> tuple[QImage, Size]:
    """Return a picture of `path` whose longest side is `side` px, and its (width, height).

    An image smaller than that stays as it is. `progress` is asked on the way whether to stop.

    Raises
    ------
    ReadError
        As `read_image` does.
    """
    made = _by_qt(path, side) if _is_jpeg(path) else None
    return made or _by_pipeline(path, side, progress)


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


def _by_pipeline(path: Path, side: int, progress: Progress) -> tuple[QImage, Size]:
    image = read_image(path, progress=progress)
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
