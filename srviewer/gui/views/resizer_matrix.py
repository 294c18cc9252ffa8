"""PSNR or SSIM between the outputs of each two resizers, in figures and colours."""

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from srviewer.gui.views.pictures import HEAT_MAP, colored
from srviewer.gui.widgets.building import named
from srviewer.pipeline.arrays import Floats
from srviewer.pipeline.resizers_compared import ResizersCompared

MEASURES = (("PSNR, dB", "psnr"), ("SSIM", "ssim"))
_ROOM = 10  # px beside the figures of a cell
_WEIGHTS = (0.2126, 0.7152, 0.0722)  # of red, green and blue in luminance
_BRIGHT = 0.179  # from this luminance on black has more contrast than white


class ResizerMatrix(QTableWidget):
    """A row and a column for each resizer; a cell is about these two.

    Signals
    -------
    chosen(row, column)
        By a click or a key.
    """

    chosen = Signal(int, int)

    def __init__(self) -> None:
        super().__init__()
        named(self, "resizer_matrix", "Every two resizers")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(8)
        self.currentCellChanged.connect(self._on_current)

    def show_measure(self, found: ResizersCompared, measure: str) -> None:
        """Show ``psnr`` or ``ssim``, and leave the current cell where it is."""
        current, count = (self.currentRow(), self.currentColumn()), len(found.resizers)
        self.blockSignals(True)
        self.setRowCount(count)
        self.setColumnCount(count)
        numbers = [str(one) for one in range(1, count + 1)]
        names = [" ".join(one) for one in found.resizers]
        self.setHorizontalHeaderLabels(numbers)
        self.setVerticalHeaderLabels(
            [f"{n}  {name}" for n, name in zip(numbers, names, strict=True)]
        )
        values = getattr(found, measure)
        colors = _colors(values, identical=np.isinf(found.psnr))
        for at in np.ndindex(count, count):
            row, column = at
            self.setItem(row, column, _item(found, at, values, colors[at]))
        metrics = self.fontMetrics()
        self.horizontalHeader().setDefaultSectionSize(metrics.horizontalAdvance("00.0") + _ROOM)
        self.verticalHeader().setDefaultSectionSize(metrics.height() + _ROOM // 2)
        self.blockSignals(False)
        for header, name in ((self.horizontalHeader(), "column"), (self.verticalHeader(), "row")):
            header.setAccessibleName(f"Resizer of the {name}")
        self.updateGeometry()
        self.setCurrentCell(*current)

    def sizeHint(self) -> QSize:
        """Return room for all cells."""
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        frame = 2 * self.frameWidth() + 2
        width, height = rows.sizeHint().width(), columns.sizeHint().height()
        return QSize(columns.length() + width + frame, rows.length() + height + frame)

    def _on_current(self, row: int, column: int, *before: int) -> None:
        if row >= 0 and column >= 0:
            self.chosen.emit(row, column)


def told(found: ResizersCompared, row: int, column: int) -> str:
    """Return what there is to say of two resizers."""
    names = [" ".join(found.resizers[one]) for one in (row, column)]
    if row == column:
        return f"{names[0]} with itself"
    if np.isinf(found.psnr[row, column]):
        return f"{names[0]} and {names[1]}: identical"
    ssim = found.ssim[row, column]
    words = "not known, smaller than its window of 11 px" if np.isnan(ssim) else f"{ssim:.4f}"
    return f"{names[0]} and {names[1]}: PSNR {found.psnr[row, column]:.2f} dB, SSIM {words}"


def _item(
    found: ResizersCompared, at: tuple[int, int], values: Floats, color: np.ndarray
) -> QTableWidgetItem:
    value, known = values[at], at[0] != at[1] and not np.isnan(values[at])
    if np.isinf(found.psnr[at]):
        text = "="
    elif values is found.ssim:
        text = f"{value:.3f}".replace("0.", ".", 1)[:4]  # 1.000 as 1.00: no wider than the others
    else:
        text = f"{value:.1f}"
    item = QTableWidgetItem(text if known else "" if at[0] == at[1] else "-")
    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
    words = told(found, *at)
    item.setToolTip(words)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
    if known:
        item.setBackground(QColor(*color.tolist()))
        dark = np.dot(_WEIGHTS, (color / 255) ** 2.2) < _BRIGHT
        item.setForeground(QColor(Qt.GlobalColor.white if dark else Qt.GlobalColor.black))
    return item


def _colors(values: Floats, identical: np.ndarray) -> np.ndarray:
    """Return a colour for each value, shape (n, n, 3): the brighter, the nearer.

    Their order is one of brightness, so that it is seen without any colour too.
    """
    usual = values[~identical & np.isfinite(values)]
    low, high = (usual.min(), usual.max()) if len(usual) else (0.0, 1.0)
    shares = (np.where(np.isfinite(values), values, low) - low) / max(high - low, 1e-9)
    return colored(np.where(identical, 1.0, shares), 1.0, HEAT_MAP)
