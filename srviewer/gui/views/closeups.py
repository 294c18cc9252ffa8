"""Enlarged details of a match or a window, with their keypoints."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from srviewer.gui.state.layers import Scale
from srviewer.gui.theme import CANVAS
from srviewer.gui.views.pictures import USUAL, difference_colors, to_qimage
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.arrays import AnyImage
from srviewer.pipeline.features import SiftSettings, detect
from srviewer.survey.patches import patch_of

_MARK = QColor(255, 226, 120)
_REACH = 24  # HR pixels shown around a matched keypoint


@dataclass(frozen=True, eq=False)
class CloseUp:
    """A detail to show enlarged.

    Attributes
    ----------
    title : str
    pixels : ndarray, shape (H, W, 3)
    marks : sequence of (x, y, diameter, direction)
        Keypoints in pixels of the detail, the direction in degrees.
    """

    titles: tuple[str, ...]
    pixels: AnyImage
    marks: Sequence[Sequence[float]] = ()


def of_match(a: Analysis, index: int) -> tuple[CloseUp, ...]:
    """Return both neighbourhoods of the match `index`, of the same extent."""
    hr, lr = a.keypoints.hr, a.keypoints.lr
    details = []
    for title, features, which, image, reach in (
        ("HR", hr, a.matches.hr_index[index], a.pair.hr, _REACH),
        ("LR", lr, a.matches.lr_index[index], a.pair.lr, max(_REACH // a.pair.scale, 4)),
    ):
        point = features.points[which]
        left, top = (round(float(value)) - reach for value in point)
        mark = (*(point - (left, top)), features.sizes[which], features.angles[which])
        details.append(CloseUp((title,), _square(image, left, top, 2 * reach + 1), (mark,)))
    return tuple(details)


def of_window(a: Analysis, index: int, scale: Scale = USUAL) -> tuple[CloseUp, ...]:
    """Return HR, LR, enlarged LR and difference of the window `index`, in colours of `scale`."""
    hr, lr, upscaled = patch_of(a.pair, a.windows.pixels(index))
    titles = f"difference, {_range(scale)}", "difference"
    return (
        CloseUp(("HR",), hr, _marks(a, index)),
        CloseUp(("LR",), lr),
        CloseUp(("LR enlarged",), upscaled),
        CloseUp(titles, difference_colors(hr, upscaled, scale)),
    )


def _range(scale: Scale) -> str:
    """Return which grey levels the colours tell apart."""
    if scale.signed:
        return f"\N{PLUS-MINUS SIGN}{scale.top}"
    return f"0\N{EN DASH}{scale.top}+"


def _marks(a: Analysis, index: int) -> Sequence[Sequence[float]]:
    """Return the keypoints that count for the window: its own, or the image's."""
    x, y, side = int(a.windows.x[index]), int(a.windows.y[index]), a.windows.patch
    if a.recipe.texture == "sift" and a.recipe.keypoint_scope == "patch":
        settings = SiftSettings.of(vars(a.recipe))
        window = np.ascontiguousarray(a.keypoints.hr_grey[a.windows.pixels(index)])
        found = detect(window, settings)
        points, inside = found.points, np.ones(len(found), bool)
    else:
        found = a.keypoints.hr
        points = found.points - np.array([x, y], np.float32)
        pixel = np.floor(points + 0.5)
        inside = ((pixel >= 0) & (pixel < side)).all(axis=1)
    marks: list[list[float]] = np.column_stack([points, found.sizes, found.angles])[inside].tolist()
    return marks


def _square(image: AnyImage, left: int, top: int, side: int) -> AnyImage:
    """Return a square of `image`; what lies beyond the border is the canvas's grey."""
    height, width = image.shape[:2]
    square = np.full((side, side, 3), CANVAS.red(), image.dtype)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + side, width), min(top + side, height)
    square[y0 - top : y1 - top, x0 - left : x1 - left] = image[y0:y1, x0:x1]
    return square


def paint(painter: QPainter, close_up: CloseUp, area: QRectF) -> None:
    """Draw `close_up` into the square `area`, pixels as squares, keypoints as circles."""
    picture = to_qimage(close_up.pixels)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(area, picture)
    painter.save()
    painter.setClipRect(area)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    zoom = area.width() / picture.width()
    for x, y, size, angle in close_up.marks:
        centre = area.topLeft() + QPointF((x + 0.5) * zoom, (y + 0.5) * zoom)
        radius = max(size / 2 * zoom, 2)
        turn = np.deg2rad(angle)
        tip = centre + QPointF(np.cos(turn) * radius, np.sin(turn) * radius)
        for color, width in ((QColor(0, 0, 0, 170), 3.0), (_MARK, 1.3)):
            painter.setPen(QPen(color, width))
            painter.drawEllipse(centre, radius, radius)
            painter.drawLine(centre, tip)
    painter.restore()


def as_picture(close_ups: tuple[CloseUp, ...]) -> QImage:
    """Return `close_ups` side by side as one picture without keypoints, for the clipboard."""
    side, gap = 264, 8
    width = len(close_ups) * side + (len(close_ups) - 1) * gap
    image = QImage(width, side, QImage.Format.Format_RGB32)
    image.fill(CANVAS)
    painter = QPainter(image)
    for number, one in enumerate(close_ups):
        paint(painter, replace(one, marks=()), QRectF(number * (side + gap), 0, side, side))
    painter.end()
    return image
