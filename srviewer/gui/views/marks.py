"""The marks of kept and rejected in lists, and what lists of windows share."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPen, QPixmap

from srviewer.export.options import LABELS
from srviewer.gui.state.model import Model
from srviewer.gui.theme import EXCLUDED, KEPT, REJECTED
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.verdicts import Verdict

MARK = 11  # screen pixels


def result_of(model: Model) -> Analysis | None:
    """Return the analysis where it is complete and of the model's recipe."""
    a = model.analysis
    if a is None or not a.complete or a.excluded != model.excluded_of(a.image):
        return None
    return a if a.recipe == model.recipe else None


def why_no_result(model: Model) -> str:
    """Return in words why there is no complete analysis to list windows of."""
    if model.current is None:
        return "no image yet"
    error = model.current.error
    return error.told(LABELS) if error is not None else "being computed ..."


def paint_mark(painter: QPainter, area: QRectF, verdict: Verdict, color: QColor) -> None:
    """Draw the shape of `verdict`: a full square for kept, a cross for rejected, else a dash.

    Excluded by hand is a ring with a bar through it.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inner = area.adjusted(1.5, 1.5, -1.5, -1.5)
    painter.setPen(QPen(color, 2))
    if verdict is Verdict.KEPT:
        painter.fillRect(inner, color)
    elif verdict is Verdict.EXCLUDED:
        ring = inner.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawEllipse(ring)
        aside = QPointF(1, 1) * ring.width() / 2 * 0.7
        painter.drawLine(ring.center() - aside, ring.center() + aside)
    elif verdict is Verdict.OUTSIDE_BOX:
        middle = inner.center().y()
        painter.drawLine(QPointF(inner.left(), middle), QPointF(inner.right(), middle))
    else:
        painter.drawLine(inner.topLeft(), inner.bottomRight())
        painter.drawLine(inner.topRight(), inner.bottomLeft())
    painter.restore()


def mark_color(verdict: Verdict, palette: QPalette) -> QColor:
    """Return the colour of the mark of `verdict` that is seen on the palette's background."""
    if verdict is Verdict.OUTSIDE_BOX:
        return palette.color(QPalette.ColorRole.PlaceholderText)
    color = {Verdict.KEPT: KEPT, Verdict.EXCLUDED: EXCLUDED}.get(verdict, REJECTED)
    light = palette.color(QPalette.ColorRole.Base).lightness() > 128
    return color.darker(140) if light else color


def mark_icon(verdict: Verdict | None, palette: QPalette, ratio: float, size: QSize) -> QIcon:
    """Return the mark of `verdict`, at the right of `size`, for `ratio` device pixels a pixel.

    None has an empty one, so that texts beside it stand where they do beside the others.
    """
    icon = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        pixmap = QPixmap(size * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        if verdict is not None:
            area = QRectF(size.width() - MARK, (size.height() - MARK) / 2, MARK, MARK)
            chosen = palette.color(QPalette.ColorRole.HighlightedText)
            normal = mode is QIcon.Mode.Normal
            painter = QPainter(pixmap)
            paint_mark(painter, area, verdict, mark_color(verdict, palette) if normal else chosen)
            painter.end()
        icon.addPixmap(pixmap, mode)
    return icon
