"""The inspector: the match or the window that a person asked about, and why it is what it is."""

from math import isfinite

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFormLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from srviewer.gui.state.layers import Scale
from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.gui.theme import current_theme
from srviewer.gui.views import closeups
from srviewer.gui.views.closeups import CloseUp
from srviewer.gui.views.pictures import USUAL
from srviewer.gui.widgets.building import EDGE, beside, column, filled, heading, label, tool_button
from srviewer.gui.widgets.labels import fitting
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.summary import match_verdict, window_verdict
from srviewer.wording import counted

_GAP = 8  # px
_SMALLEST, _USUAL, _LARGEST = 64, 108, 264  # px of a detail
_MUCH = 1.25  # times larger, for which details go on in a next row
_WIDE = 480  # px, from which on the details stand beside the figures, not above them
_ASK = "Click a window or the end of a match in the picture to see why it is kept or rejected."


class CloseUps(QWidget):
    """Shows details as large as there is room for, each with its title below."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: tuple[CloseUp, ...] = ()
        self._columns, self._side = 4, _USUAL
        self.setAccessibleName("Enlarged details")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_close_ups(self, shown: tuple[CloseUp, ...]) -> None:
        """Show these."""
        self.shown = shown
        self.setAccessibleDescription(", ".join(one.titles[0] for one in shown))
        self.updateGeometry()
        self.update()

    def set_room(self, width: int, *, wide: bool) -> None:
        """Ask for the height that all need on so many pixels, beside the figures where it is wide.

        What is asked for does not follow the width that is given: in an area that scrolls, its bar
        takes from that, and would come and go for ever.
        """
        columns = 4 if width >= 4 * (_SMALLEST + _GAP) else 2
        side = _USUAL if wide else max((width + _GAP) // columns - _GAP, _SMALLEST)
        if (columns, side) != (self._columns, self._side):
            self._columns, self._side = columns, side
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return a size with room for four details in a row, or for what there is room."""
        return QSize(4 * (_USUAL + _GAP), self._rows * (self._side + self._line))

    def minimumSizeHint(self) -> QSize:
        """Return a size with room for all."""
        return QSize(2 * (_SMALLEST + _GAP), self._rows * (_SMALLEST + self._line))

    @property
    def _rows(self) -> int:
        return -(-max(len(self.shown), 1) // self._columns)

    @property
    def _line(self) -> int:
        return self.fontMetrics().height() + 4

    def areas(self) -> list[QRectF]:
        """Return the square of each detail: in one row, unless they are much larger in several."""
        count, found = len(self.shown), (0.0, 1)
        for columns in range(count, 0, -1):
            rows = -(-count // columns)
            across = (self.width() + _GAP) / columns - _GAP
            side = min(across, _LARGEST, self.height() / rows - self._line)
            if side > _MUCH * found[0] and rows * columns - count < 2:
                found = side, columns
        side, columns = found
        step = side + _GAP, side + self._line
        return [
            QRectF(n % columns * step[0], n // columns * step[1], side, side) for n in range(count)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the details."""
        painter = QPainter(self)
        for one, area in zip(self.shown, self.areas(), strict=True):
            closeups.paint(painter, one, area)
            painter.setPen(current_theme().muted)
            below = QRectF(area.left(), area.bottom() + 1, area.width(), self._line)
            title = fitting(self.fontMetrics(), int(area.width()), *one.titles)
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, title)
        painter.end()


class Inspector(QScrollArea):
    """Follows the model's selection: figures, and beside or above them the pixels.

    Attributes
    ----------
    hint : QLabel
        Says what to click where nothing is asked about; Qt gives it the focus that a button had.
    """

    def __init__(self, model: Model) -> None:
        super().__init__(widgetResizable=True)
        self.setObjectName("inspector")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model = model
        self._detailed: object = None
        self._scale = USUAL  # of the difference
        self._values: dict[str, QLabel] = {}
        self.title = heading("")
        self.verdict = label("verdict", wraps=True)
        self.verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details = CloseUps()
        self._facts = QFormLayout(verticalSpacing=2, horizontalSpacing=12)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        filled(self._body, self._facts, self.details, grows=self.details, spacing=16)
        self._answer = QWidget()
        header = beside(self.title, *self._buttons(), grows=self.title)
        parts = header, self.verdict, self._body
        filled(
            QVBoxLayout(self._answer),
            *parts,
            grows=self._body,
            margins=(EDGE, 6, EDGE, 6),
            spacing=4,
        )
        self.hint = label("inspector_hint", _ASK, muted=True, wraps=True)
        self.hint.setContentsMargins(EDGE, 10, EDGE, 10)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        # Of pages, Qt would ask for the height of the higher one.
        self.setWidget(column(self.hint, self._answer, grows=self._answer))
        self._answer.hide()
        model.selection_changed.connect(self._show)
        model.analysis_changed.connect(self._show)
        self._show()

    @property
    def asked(self) -> bool:
        """Whether a match or a window is asked about."""
        return not self._answer.isHidden()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the details beside the figures where there is room, else above them."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        way, wide = QBoxLayout.Direction, self.width() >= _WIDE  # with or without a scroll bar
        self._body.setDirection(way.LeftToRight if wide else way.BottomToTop)
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        figures = self._facts.sizeHint().width() + self._body.spacing() if wide else 0
        self.details.set_room(self.width() - 2 * EDGE - bar - figures, wide=wide)

    def _buttons(self) -> list[QWidget]:
        buttons: list[QWidget] = []
        step, select = self._model.step_selection, self._model.select
        for text, name, tip, what in (
            ("\N{LEFTWARDS ARROW}", "Previous", "the one before (Left)", lambda: step(-1)),
            ("\N{RIGHTWARDS ARROW}", "Next", "the next one (Right)", lambda: step(1)),
            ("\N{MULTIPLICATION SIGN}", "Close", "ask about nothing (Esc)", lambda: select(None)),
        ):
            button = tool_button(text, "", name, tip=tip, autoRaise=True, clicked=what)
            buttons.append(button)
        return buttons

    def use_scale(self, scale: Scale) -> None:
        """Put the difference into the colours that the picture has."""
        self._scale = scale
        self._show()

    def copy_picture(self) -> None:
        """Put the details into the clipboard as a picture."""
        if self.asked:
            QGuiApplication.clipboard().setImage(closeups.as_picture(self.details.shown))

    def _show(self) -> None:
        selected, a = self._model.selection, self._model.analysis
        if selected is None or a is None or not _is_known(a, selected):
            self._turn(asked=False)
            self._detailed = None  # no image that is gone is held alive
            self.details.show_close_ups(())
            return
        self._turn(asked=True)
        index = selected.index
        if selected.kind == "match":
            self.title.setText(f"Match {index} of {len(a.matches):,}")
            verdict, facts, kept = match_verdict, match_facts, a.consistent.kept
        else:
            self.title.setText(f"Window at x {a.windows.x[index]}, y {a.windows.y[index]}")
            verdict, facts, kept = window_verdict, window_facts, a.patches.kept
        self.verdict.setText(verdict(a, index))
        color = "highlight" if kept[index] else "bright-text"
        look = f"color: palette({color}); font-weight: 600;"
        if look != self.verdict.styleSheet():  # an equal one would be taken apart again
            self.verdict.setStyleSheet(look)
        # A threshold that moves changes neither the pixels nor the keypoints in them.
        key = (selected, a.pair, a.keypoints, a.texture, a.windows, self._scale)
        if key != self._detailed:
            self._detailed = key
            self.details.show_close_ups(self._details(a, selected))
        told = facts(a, index)
        if selected.kind == "window":
            told["keypoints"] += places_words(self.details.shown)
        self._show_facts(told)

    def _details(self, a: Analysis, selected: Selected) -> tuple[CloseUp, ...]:
        if selected.kind == "match":
            return closeups.of_match(a, selected.index)
        return closeups.of_window(a, selected.index, self._scale)

    def _turn(self, *, asked: bool) -> None:
        """Show the answer, or what to click."""
        focused = QApplication.focusWidget()
        if not asked and focused is not None and self._answer.isAncestorOf(focused):
            self.hint.setFocus()
        self._answer.setVisible(asked)
        self.hint.setVisible(not asked)

    def _show_facts(self, facts: dict[str, str]) -> None:
        if facts.keys() != self._values.keys():
            while self._facts.rowCount():
                self._facts.removeRow(0)
            self._values = {name: QLabel() for name in facts}
            for name, value in self._values.items():
                self._facts.addRow(label(text=name, muted=True), value)
        for name, text in facts.items():
            self._values[name].setText(text)
        self._fit()


def _is_known(a: Analysis, selected: Selected) -> bool:
    stages = ("consistent",) if selected.kind == "match" else ("patches", "quality")
    return all(map(a.has, stages))


def places_words(details: tuple[CloseUp, ...]) -> str:
    """Return at how many places the marks of a window are, where several share one."""
    marks = details[0].marks
    places = {(x, y) for x, y, *_ in marks}  # SIFT gives a place two keypoints of two directions
    return f", at {counted(len(places), 'place')}" if len(places) < len(marks) else ""


def match_facts(a: Analysis, index: int) -> dict[str, str]:
    """Return the figures of the match `index`, each with its unit."""
    hr, lr = a.keypoints.hr, a.keypoints.lr
    h, low = a.matches.hr_index[index], a.matches.lr_index[index]
    dx, dy = a.consistent.displacement[index]
    facts = {
        "distance ratio": f"{a.consistent.ratio[index]:.4f}",
        "displacement": f"{dx:+.2f}, {dy:+.2f} LR px",
        "descriptors differ": f"{a.matches.distance[index]:,.0f} (L1)",
    }
    for name, features, which in (("HR", hr, h), ("LR", lr, low)):
        x, y = features.points[which]
        size, angle = features.sizes[which], features.angles[which]
        facts[f"{name} keypoint"] = f"x {x:.1f}  y {y:.1f} px"
        facts[f"{name} scale, angle"] = f"{size:.1f} px, {angle:.0f}\N{DEGREE SIGN}"
    return facts


def window_facts(a: Analysis, index: int) -> dict[str, str]:
    """Return the figures of the window `index`, each with its unit."""
    side = a.windows.patch
    facts = {
        "place": f"x {a.windows.x[index]}  y {a.windows.y[index]},  {side} x {side} px",
        "keypoints": f"{a.texture.keypoints[index]}",
        "matches": f"{a.patches.matches[index]}",
        "PSNR": f"{a.quality.psnr[index]:.2f} dB",
        "SSIM": f"{a.quality.ssim[index]:.4f}",
    }
    if a.has("alignment"):
        (dx, dy), u95 = a.alignment.moved[index], a.alignment.u95[index]
        known = isfinite(dx + dy + u95)
        off = f"{dx:+.2f}, {dy:+.2f} \N{PLUS-MINUS SIGN} {u95:.2f} LR px"
        facts["displacement"] = off if known else "not known"
    measure = a.texture.measure
    if not measure.always:
        facts[measure.things] = measure.amount(a.texture.deciding[index])
    return facts
