"""A/B: what the current recipe makes of the image, beside what another one makes of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from srviewer.gui.state.comparison import CHOICES, Comparison
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.named import named
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.cropping import area_used
from srviewer.pipeline.summary import mean_quality
from srviewer.pipeline.window_maps import BOTH, ONLY_A, ONLY_B, kept_by


def column_of(a: Analysis) -> dict[str, str]:
    """Return what a complete analysis found, by name, each with its unit."""
    psnr, ssim = mean_quality(a)
    return {
        "Keypoints HR / LR": f"{len(a.keypoints.hr):,} / {len(a.keypoints.lr):,}",
        "Matches, consistent": f"{len(a.matches):,}, {int(a.consistent.kept.sum()):,}",
        "Box": f"{a.box.hr.width} x {a.box.hr.height} px" if a.box.hr else "none",
        "Area used": f"{area_used(a.box.hr, a.pair.size):.0%}",
        "Windows in the box": f"{int(a.patches.candidates.sum()):,}",
        "Kept pairs": f"{int(a.patches.kept.sum()):,}",
        "Mean PSNR": "none" if psnr is None else f"{psnr:.2f} dB",
        "Mean SSIM": "none" if ssim is None else f"{ssim:.4f}",
    }


class Figures(QWidget):
    """The figures of A and B in three columns: name, A, B."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compare_table")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(28)
        self._grid.setVerticalSpacing(2)
        self._labels: list[tuple[QLabel, QLabel, QLabel]] = []
        self._add_row()
        for label, text in zip(self._labels[0], ("", "A", "B"), strict=True):
            label.setText(text)
            label.setProperty("heading", True)

    def _add_row(self) -> None:
        labels = QLabel(), QLabel(), QLabel()
        labels[0].setProperty("muted", True)
        for column, label in enumerate(labels):
            right = Qt.AlignmentFlag.AlignRight
            self._grid.addWidget(
                label, len(self._labels), column, right if column else Qt.AlignmentFlag.AlignLeft
            )
        self._labels.append(labels)

    def show_columns(self, a: dict[str, str], b: dict[str, str], missing: str) -> None:
        """Show the figures, by name; where one has none, `missing`."""
        names = list(a or b)
        while len(self._labels) <= len(names):
            self._add_row()
        for row, labels in enumerate(self._labels[1:]):
            name = names[row] if row < len(names) else ""
            texts = (name, a.get(name, missing), b.get(name, missing)) if name else ("", "", "")
            for label, text in zip(labels, texts, strict=True):
                label.setText(text)

    def texts(self) -> dict[str, tuple[str, str]]:
        """Return what is shown of A and B, by name."""
        rows = [tuple(label.text() for label in labels) for labels in self._labels[1:]]
        return {name: (a, b) for name, a, b in rows if name}


class ComparePanel(QWidget):
    """Shows the comparison; `show_on_picture` asks for the windows that only one recipe keeps."""

    show_on_picture = Signal()

    def __init__(self, model: Model, comparison: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._comparison = comparison
        self._choice = named(QComboBox(), "compare_with", "Compare with")
        self._choice.addItems(list(CHOICES))
        self._choice.textActivated.connect(comparison.choose)
        self._differs = QLabel()
        self._differs.setWordWrap(True)
        self._differs.setProperty("muted", True)
        self._shared = named(QLabel(), "compare_shared")
        self._shared.setWordWrap(True)
        self._button = named(QPushButton("Show on the picture"), "compare_show")
        self._button.clicked.connect(self.show_on_picture)
        side = QVBoxLayout()
        side.addWidget(QLabel("A is the current recipe; B is"))
        for widget in (self._choice, self._differs, self._shared, self._button):
            side.addWidget(widget)
        side.addStretch(1)
        scrolled = QScrollArea()  # a long list of differences must not cut anything off
        scrolled.setWidgetResizable(True)
        scrolled.setFrameShape(QFrame.Shape.NoFrame)
        holder = QWidget()
        holder.setLayout(side)
        scrolled.setWidget(holder)
        self._figures = Figures()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(24)
        row.addWidget(scrolled, 1)
        row.addWidget(self._figures, 0, Qt.AlignmentFlag.AlignTop)
        comparison.changed.connect(self._show)  # it changes with the model's analysis too

    def showEvent(self, event: QShowEvent) -> None:
        """Compute B while it is looked at."""
        self._comparison.want("panel", True)
        self._show()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Want B no more; the picture may still show it."""
        self._comparison.want("panel", False)
        super().hideEvent(event)

    def _show(self) -> None:
        if not self.isVisible():
            return
        a, b = self._model.analysis, self._comparison.analysis
        ready_a = a if a is not None and a.complete else None
        ready_b = b if b is not None and b.complete and ready_a else None
        columns = [column_of(one) if one is not None else {} for one in (ready_a, ready_b)]
        missing = "none" if self._comparison.problem else "being computed"
        self._figures.show_columns(columns[0], columns[1], missing)
        differences = self._model.recipe.differences(self._comparison.recipe)
        words = (f"{key}: {mine} / {other}" for key, (mine, other) in differences.items())
        self._differs.setText("; ".join(words) or "B is the same recipe")
        self._shared.setText(self._shared_words(ready_a, ready_b))
        self._button.setEnabled(ready_a is not None and ready_b is not None)

    def _shared_words(self, a: Analysis | None, b: Analysis | None) -> str:
        if self._comparison.problem:
            return self._comparison.problem
        if a is None or b is None:
            return ""
        keeps = kept_by(a, b)
        if keeps is None:
            return "their windows differ, so they cannot be told one by one"
        both, only_a, only_b = (int((keeps == one).sum()) for one in (BOTH, ONLY_A, ONLY_B))
        return f"{both:,} windows kept by both, {only_a:,} by A only, {only_b:,} by B only"
