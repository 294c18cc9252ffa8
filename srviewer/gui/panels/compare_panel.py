"""A/B: what the current recipe makes of the image, beside what another one makes of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from srviewer.gui.comparison import CHOICES, Comparison
from srviewer.gui.model import Model
from srviewer.gui.views.overlays import BOTH, ONLY_A, ONLY_B
from srviewer.gui.views.painting import compared
from srviewer.gui.views.status import area_used
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.summary import mean_quality


def column_of(a: Analysis) -> dict[str, str]:
    """Return what a complete analysis found, by name, each with its unit."""
    psnr, ssim = mean_quality(a)
    return {
        "Keypoints HR / LR": f"{len(a.keypoints.hr):,} / {len(a.keypoints.lr):,}",
        "Matches, consistent": f"{len(a.matches):,}, {int(a.consistent.kept.sum()):,}",
        "Box": f"{a.box.hr.width} x {a.box.hr.height} px" if a.box.hr else "none",
        "Area used": f"{area_used(a):.0%}",
        "Windows in the box": f"{int(a.patches.candidates.sum()):,}",
        "Kept pairs": f"{int(a.patches.kept.sum()):,}",
        "Mean PSNR": "none" if psnr is None else f"{psnr:.2f} dB",
        "Mean SSIM": "none" if ssim is None else f"{ssim:.4f}",
    }


class ComparePanel(QWidget):
    """Shows the comparison; `show_on_picture` asks for the windows that only one recipe keeps."""

    show_on_picture = Signal()

    def __init__(self, model: Model, comparison: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._comparison = comparison
        self._choice = QComboBox()
        self._choice.setObjectName("compare_with")
        self._choice.setAccessibleName("Compare with")
        self._choice.addItems(list(CHOICES))
        self._choice.textActivated.connect(comparison.choose)
        self._differs = QLabel()
        self._differs.setWordWrap(True)
        self._differs.setProperty("muted", True)
        self._shared = QLabel()
        self._shared.setObjectName("compare_shared")
        self._shared.setWordWrap(True)
        self._button = QPushButton("Show on the picture")
        self._button.setObjectName("compare_show")
        self._button.clicked.connect(self.show_on_picture)
        side = QVBoxLayout()
        side.addWidget(QLabel("A is the current recipe; B is"))
        for widget in (self._choice, self._differs, self._shared, self._button):
            side.addWidget(widget)
        side.addStretch(1)
        self._table = QTableWidget(0, 2)
        self._table.setObjectName("compare_table")
        self._table.setHorizontalHeaderLabels(["A", "B"])
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self._table.setShowGrid(False)
        self._table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 4)
        stretch = QHeaderView.ResizeMode.Stretch
        self._table.horizontalHeader().setSectionResizeMode(stretch)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(16)
        row.addLayout(side, 2)
        row.addWidget(self._table, 3)
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
        names = list(columns[0] or columns[1])
        missing = "none" if self._comparison.problem else "being computed"
        self._table.setRowCount(len(names))
        self._table.setVerticalHeaderLabels(names)
        for place, column in enumerate(columns):
            for row, name in enumerate(names):
                item = QTableWidgetItem(column.get(name, missing))
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self._table.setItem(row, place, item)
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
        kept_by = compared(a, b)
        if kept_by is None:
            return "their windows differ, so they cannot be told one by one"
        both, only_a, only_b = (int((kept_by == one).sum()) for one in (BOTH, ONLY_A, ONLY_B))
        return f"{both:,} windows kept by both, {only_a:,} by A only, {only_b:,} by B only"
