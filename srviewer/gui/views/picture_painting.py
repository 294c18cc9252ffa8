"""Paints the pictures of a frame, before what is known of them."""

from functools import partial

from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter, QPixmap

from srviewer.gui.theme import CANVAS
from srviewer.gui.views import overlays
from srviewer.gui.views.camera import Pane
from srviewer.gui.views.frame import Frame

GAP = 6  # screen pixels between two panes
_GRID_FROM = 12.0  # screen pixels of an image pixel, from which on the pixels' edges are drawn


def view_of(frame: Frame) -> object:
    """Return what the pictures of `frame` depend on."""
    pictures = tuple((one.picture, one.pane, one.clip) for one in frame.placed)
    a = frame.analysis
    clean = a.pair.size if a is not None and a.has("pair") else None
    return pictures, frame.camera, frame.size, frame.ratio, frame.single, clean


def backdrop(frame: Frame) -> QPixmap:
    """Return the pictures of `frame` as one, as large as the canvas."""
    pixmap = QPixmap(frame.size * frame.ratio)
    pixmap.setDevicePixelRatio(frame.ratio)
    pixmap.fill(CANVAS)
    painter = QPainter(pixmap)
    paint_pictures(painter, frame)
    painter.end()
    return pixmap


def whole_pixels(pane: Pane) -> QRect:
    """Return the pane as whole screen pixels."""
    left, top = int(pane.left), int(pane.top)
    return QRect(left, top, int(pane.left + pane.width) - left, int(pane.top + pane.height) - top)


def paint_pictures(painter: QPainter, frame: Frame) -> None:
    """Draw the pictures of `frame` in their panes, and what is between them."""
    for one in frame.placed:
        painter.setClipRect(whole_pixels(one.clip))
        one.picture.paint(painter, frame.camera, one.pane, frame.ratio)
        scale = one.picture.size[0] / one.picture.pixels.shape[1]
        if frame.camera.zoom * scale >= _GRID_FROM:
            overlays.pixel_grid(painter, frame.camera, one, scale)
    painter.setClipping(False)
    if frame.single:
        a = frame.analysis
        if a is not None and a.has("pair"):
            at = partial(frame.hr_pane.area, frame.camera, 0, 0)
            overlays.darken(painter, at(*a.image.size), at(*a.pair.size), 190)  # what is trimmed
    elif len(frame.placed) == 2:
        wide = GAP if frame.hr_pane != frame.lr_pane else 2
        left, top = int(frame.placed[1].clip.left), int(frame.placed[1].clip.top)
        divider = QRect(left - wide, 0, wide, frame.size.height())
        if top:
            divider = QRect(0, top - wide, frame.size.width(), wide)
        color = QColor(CANVAS).lighter(160) if wide == GAP else QColor(240, 240, 240)
        painter.fillRect(divider, color)
