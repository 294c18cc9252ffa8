"""Labels whose lines are cut to the width there is, or wrap; some hold their room free."""

import re

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QLabel, QSizePolicy

from srviewer.gui.theme import current_theme

_LARGEST = 1.5  # times the font of a headline
_A_SECOND = re.compile(r"/s\b")  # which no line begins with
# Neither with a unit.
_A_UNIT = re.compile(r"(?<=\d) (?=(?:LR px|s|min|h|px|dB|kB|MB|GB|%)(?!\w))|(?<=LR) (?=px)")


def fitting(
    metrics: QFontMetrics,
    width: int,
    *texts: str,
    cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> str:
    """Return the first of `texts` that fits, or as much of the last as fits."""
    for text in texts:
        if metrics.horizontalAdvance(text) <= width:
            return text
    return metrics.elidedText(texts[-1], cut, width)


def fitting_name(metrics: QFontMetrics, width: int, name: str) -> str:
    """Return a file's `name`, cut in its middle: names of one folder often start alike.

    Its ending stays, where that leaves room for any of the rest.
    """
    if metrics.horizontalAdvance(name) <= width:
        return name
    stem, dot, ending = name.rpartition(".")
    room = width - metrics.horizontalAdvance(dot + ending)
    middle = Qt.TextElideMode.ElideMiddle
    if stem and room >= metrics.horizontalAdvance("mm\N{HORIZONTAL ELLIPSIS}"):
        return metrics.elidedText(stem, middle, room) + dot + ending
    return metrics.elidedText(name, middle, width)


class ElidedLabel(QLabel):
    """Shows as much of each line as there is room for.

    Parameters
    ----------
    warns : bool
        Write in the colour of warnings; without text it is not there then.
    muted : bool
        Write in the colour of what matters less.
    """

    def __init__(self, *, warns: bool = False, muted: bool = False) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText)
        self._warns, self._muted = warns, muted
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if warns:
            self.hide()

    def say(self, text: str, more: str | None = None) -> None:
        """Show `text`; the tooltip has all of it, or `more`."""
        self.setText(text)
        self.setToolTip(text if more is None else more)
        if self._warns:
            self.setVisible(bool(text))

    def sizeHint(self) -> QSize:
        """Return room for all lines, whatever their width."""
        lines = self.text().count("\n") + 1
        return QSize(0, lines * self.fontMetrics().lineSpacing() + 2)

    minimumSizeHint = sizeHint

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write as much as there is room for."""
        theme, painter, metrics = current_theme(), QPainter(self), self.fontMetrics()
        usual = theme.muted if self._muted else theme.text
        painter.setPen(QColor(theme.warning if self._warns else usual))
        for row, line in enumerate(self.text().split("\n")):
            area = self.contentsRect()
            cut = metrics.elidedText(line, Qt.TextElideMode.ElideRight, area.width())
            y = row * metrics.lineSpacing() + metrics.ascent() + 1
            painter.drawText(area.left(), area.top() + y, cut)
        painter.end()


class Headline(QLabel):
    """A line as large as there is room for, up to half as large again as the font."""

    def __init__(self) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText)
        self.setProperty("heading", True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return room for a line of the largest letters, whatever its width."""
        return QSize(0, round(self.fontMetrics().lineSpacing() * _LARGEST) + 2)

    minimumSizeHint = sizeHint

    def shown_font(self) -> QFont:
        """Return the font that it is written in."""
        font = QFont(self.font())
        size, wide = font.pointSizeF(), self.width()
        for tenth in range(round(_LARGEST * 10), 9, -1):
            font.setPointSizeF(size * tenth / 10)
            if QFontMetrics(font).horizontalAdvance(self.text()) <= wide:
                break
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write the line."""
        painter, font = QPainter(self), self.shown_font()
        painter.setFont(font)
        painter.setPen(QColor(current_theme().text))
        cut = Qt.TextElideMode.ElideRight
        text = QFontMetrics(font).elidedText(self.text(), cut, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class LinesLabel(QLabel):
    """Wraps its text into so many lines, whose room it always has; what is beyond is cut.

    Its tooltip has all of a text that is cut.

    Parameters
    ----------
    lines : int or None
        None for as many as its text needs at the width it is given.
    warns, muted : bool
        Write in the colour of warnings, or of what matters less.
    """

    def __init__(self, lines: int | None, *, warns: bool = False, muted: bool = False) -> None:
        super().__init__(textFormat=Qt.TextFormat.PlainText)
        self._lines, self._warns, self._muted, self._more = lines, warns, muted, ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, text: str, more: str = "", *, warns: bool | None = None) -> None:
        """Show `text`; the tooltip has `more`, or all of it where it is cut."""
        if (text, more) != (self.text(), self._more):
            self._more = more
            self.setText(text)
            self.updateGeometry()
        if warns is not None and warns != self._warns:
            self._warns = warns
            self.update()
        self._tip()

    def set_lines(self, lines: int | None) -> None:
        """Have another height."""
        if lines != self._lines:
            self._lines = lines
            self.updateGeometry()
            self._tip()

    def sizeHint(self) -> QSize:
        """Return room for all lines."""
        lines = len(self.wrapped()) if self._lines is None else self._lines
        return QSize(0, lines * self.fontMetrics().lineSpacing())

    minimumSizeHint = sizeHint

    def wrapped(self) -> list[str]:
        """Return the lines as they are shown."""
        return self._wrapped()[0]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell what is cut at this width, or have the height that it needs."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
        self._tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write the lines."""
        theme, painter, metrics = current_theme(), QPainter(self), self.fontMetrics()
        usual = theme.muted if self._muted else theme.text
        painter.setPen(QColor(theme.warning if self._warns else usual))
        for row, line in enumerate(self.wrapped()):
            painter.drawText(0, row * metrics.lineSpacing() + metrics.ascent(), line)
        painter.end()

    def _tip(self) -> None:
        self.setToolTip(self._more or (self.text() if self._wrapped()[1] else ""))

    def _wrapped(self) -> tuple[list[str], bool]:
        """Return the lines, and whether anything is cut."""
        text = _A_SECOND.sub("/\N{WORD JOINER}s", self.text())
        text = _A_UNIT.sub("\N{NO-BREAK SPACE}", text).replace("\n", "\N{LINE SEPARATOR}")
        layout = QTextLayout(text, self.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        starts: list[int] = []
        most = self._lines
        while (most is None or len(starts) <= most) and (line := layout.createLine()).isValid():
            line.setLineWidth(max(self.width(), 1))
            starts.append(line.textStart())
        layout.endLayout()
        ends = [*starts[1:], len(text)]
        lines = [text[a:b].rstrip() for a, b in zip(starts, ends, strict=True)]
        if most is None or len(lines) <= most:
            return lines, False
        rest = text[starts[most - 1] :]
        elide = Qt.TextElideMode.ElideRight
        last = self.fontMetrics().elidedText(rest, elide, max(self.width(), 1))
        return [*lines[: most - 1], last], True
