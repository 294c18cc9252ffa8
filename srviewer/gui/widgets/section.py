"""A part of a form under a heading that opens and closes it."""

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QLayout,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srviewer.gui.theme import current_theme
from srviewer.gui.widgets.building import filled, named
from srviewer.gui.widgets.labels import fitting

_ARROW, _GAP = 10, 8  # px


class Heading(QToolButton):
    """An arrow that shows whether it is checked, and a title in bold.

    Parameters
    ----------
    name, title, tip : str
    contents : str
        What is below, which stands beside the title while it is not checked.
    """

    def __init__(self, name: str, title: str, tip: str, contents: str = "") -> None:
        super().__init__()
        self.setCheckable(True)
        named(self, name, title, tip=tip, section=True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setText(title)
        names = contents.split(", ")
        # Names are left out where there is no room, and none is cut.
        shorter = (", ".join([*names[:n], "..."]) for n in range(len(names) - 1, 0, -1))
        self._listed = (contents, *shorter)

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font

    def sizeHint(self) -> QSize:
        """Return room for arrow and title."""
        width = QFontMetrics(self._bold()).horizontalAdvance(self.text())
        return QSize(width + _ARROW + 2 * _GAP, self.fontMetrics().height() + 8)

    minimumSizeHint = sizeHint

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the arrow, the title and what there is room for of the contents."""
        theme, painter = current_theme(), QPainter(self)
        if self.underMouse() or self.hasFocus():
            painter.fillRect(self.rect(), QColor(theme.field))
        way = QStyle.PrimitiveElement
        arrow = way.PE_IndicatorArrowDown if self.isChecked() else way.PE_IndicatorArrowRight
        option = QStyleOption()
        option.initFrom(self)
        option.rect = QRect(0, (self.height() - _ARROW) // 2, _ARROW, _ARROW)
        self.style().drawPrimitive(arrow, option, painter, self)
        area = self.rect().adjusted(_ARROW + _GAP, 0, 0, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(theme.text))
        painter.setFont(self._bold())
        painter.drawText(area, middle, self.text())
        if not self.isChecked():
            area.setLeft(area.left() + painter.fontMetrics().horizontalAdvance(self.text()) + 12)
            painter.setFont(self.font())
            painter.setPen(QColor(theme.muted))
            painter.drawText(area, middle, fitting(self.fontMetrics(), area.width(), *self._listed))
        painter.end()


class Section(QWidget):
    """Shows `body` below a heading while it is open.

    Signals
    -------
    toggled(open)

    Parameters
    ----------
    name : str
        Of the heading, after ``section_``.
    title : str
    contents : str
        What stands in it, in a few words.
    body : QLayout
    """

    toggled = Signal(bool)

    def __init__(self, name: str, title: str, contents: str, body: QLayout) -> None:
        super().__init__()
        tip = f"{title}: {contents}"
        self.heading = Heading(f"section_{name}", title, tip, contents)
        self.heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._body = QWidget()
        filled(QVBoxLayout(self), self.heading, self._body)
        body.setContentsMargins(0, 2, 0, 6)
        self._body.setLayout(body)  # last: what is in it is styled anew wherever it is put
        self.set_open(True)  # as it is: to be shown before it is in a window is to be styled twice
        self.heading.toggled.connect(self._body.setVisible)
        self.heading.toggled.connect(self.toggled)

    @property
    def is_open(self) -> bool:
        """Whether its body is shown."""
        return self.heading.isChecked()

    def set_open(self, is_open: bool) -> None:
        """Show its body or not."""
        self.heading.setChecked(is_open)
