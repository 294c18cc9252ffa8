"""The inspector: the match or the window that a person asked about, and why it is what it is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from srviewer.gui.state.model import Model
from srviewer.gui.state.selection import Selected
from srviewer.gui.theme import current_theme
from srviewer.gui.views import closeups
from srviewer.gui.views.closeups import CloseUp
from srviewer.gui.widgets.building import beside, filled, heading, label, tool_button
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.summary import match_verdict, window_verdict

_GAP = 6
_LOWEST = 150  # px


class CloseUps(QWidget):
    """Shows details side by side, each with its title below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.show_close_ups(())

    def show_close_ups(self, shown: tuple[CloseUp, ...]) -> None:
        """Show these."""
        self.shown = shown
        lines = max((len(shown) + 1) // 2, 1)
        self.setFixedHeight(round(lines * (self._side() + self.fontMetrics().height() + _GAP)))
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size with room for two details."""
        return QSize(280, self.height())

    def _side(self) -> float:
        # A size of its own: one that followed the width would make the scroll bar come and go.
        return 130 if len(self.shown) <= 2 else 108  # two lines of details need the height

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the details, two a line."""
        painter = QPainter(self)
        side, line = self._side(), self.fontMetrics().height()
        for number, one in enumerate(self.shown):
            x = (number % 2) * (side + _GAP)
            y = (number // 2) * (side + line + _GAP)
            closeups.paint(painter, one, QRectF(x, y, side, side))
            painter.setPen(current_theme().muted)
            below = QRectF(x, y + side, side, line + 2)
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, one.title)
        painter.end()


class Inspector(QScrollArea):
    """Follows the model's selection; hidden while nothing is asked about.

    Where the window is low it scrolls, so that nothing lies on anything else.
    """

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent, widgetResizable=True)
        self.setObjectName("inspector")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._model = model
        self._detailed: object = None
        self._values: dict[str, QLabel] = {}
        self.title = heading("")
        self.verdict = label("verdict", wraps=True)
        self.verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details = CloseUps()
        self._facts = QFormLayout(verticalSpacing=2, horizontalSpacing=12)
        self._inner = QWidget()
        header = beside(self.title, *self._buttons(), grows=self.title)
        parts = header, self.verdict, self.details, self._facts
        filled(QVBoxLayout(self._inner), *parts, margins=(12, 8, 12, 8), spacing=6)
        self.setWidget(self._inner)
        model.selection_changed.connect(self._show)
        model.analysis_changed.connect(self._show)
        self._show()

    def sizeHint(self) -> QSize:
        """Return the size at which nothing has to be scrolled."""
        return self._inner.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return a size that shows the verdict and some of the details."""
        return QSize(self._inner.minimumSizeHint().width(), _LOWEST)

    def _buttons(self) -> list[QWidget]:
        buttons: list[QWidget] = []
        step, select = self._model.step_selection, self._model.select
        for text, name, tip, what in (
            ("\N{LEFTWARDS ARROW}", "Previous", "the one before (Left)", lambda: step(-1)),
            ("\N{RIGHTWARDS ARROW}", "Next", "the next one (Right)", lambda: step(1)),
            ("\N{MULTIPLICATION SIGN}", "Close", "ask about nothing (Esc)", lambda: select(None)),
        ):
            button = tool_button(text, "", name, tip=tip)
            button.setAutoRaise(True)
            button.clicked.connect(what)
            buttons.append(button)
        return buttons

    def copy_picture(self) -> None:
        """Put the details into the clipboard as a picture."""
        if not self.isHidden():
            QGuiApplication.clipboard().setImage(closeups.as_picture(self.details.shown))

    def _show(self) -> None:
        selected, a = self._model.selection, self._model.analysis
        if selected is None or a is None or not _is_known(a, selected):
            self.hide()
            return
        self.show()
        index = selected.index
        if selected.kind == "match":
            self.title.setText(f"Match {index} of {len(a.matches):,}")
            verdict, facts, details = match_verdict, match_facts, closeups.of_match
        else:
            self.title.setText(f"Window at x {a.windows.x[index]}, y {a.windows.y[index]}")
            verdict, facts, details = window_verdict, window_facts, closeups.of_window
        self.verdict.setText(verdict(a, index))
        color = "highlight" if self.verdict.text().startswith("kept") else "bright-text"
        self.verdict.setStyleSheet(f"color: palette({color}); font-weight: 600;")
        # A threshold that moves changes neither the pixels nor the keypoints in them.
        key = (selected, a.pair, a.keypoints, a.texture, a.windows)
        if key != self._detailed:
            self._detailed = key
            self.details.show_close_ups(details(a, index))
        self._show_facts(facts(a, index))
        self.updateGeometry()

    def _show_facts(self, facts: dict[str, str]) -> None:
        if facts.keys() != self._values.keys():
            while self._facts.rowCount():
                self._facts.removeRow(0)
            self._values = {name: QLabel() for name in facts}
            for name, value in self._values.items():
                self._facts.addRow(label(text=name, muted=True), value)
        for name, text in facts.items():
            self._values[name].setText(text)


def _is_known(a: Analysis, selected: Selected) -> bool:
    stages = ("consistent",) if selected.kind == "match" else ("patches", "quality")
    return all(map(a.has, stages))


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
    measure = a.texture.measure
    if not measure.always:
        facts[measure.things] = measure.amount(a.texture.deciding[index])
    return facts
