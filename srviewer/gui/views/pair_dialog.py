"""A stored pair, HR and LR side by side, with what was found of it."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from srviewer.errors import cut
from srviewer.export.verification.listing import Listed
from srviewer.export.verification.stored_pair import StoredPair
from srviewer.gui.theme import CANVAS
from srviewer.gui.views.closeups import CloseUp, paint
from srviewer.gui.widgets.building import beside, filled, label, named, push_button
from srviewer.gui.widgets.dialogs import Dialog
from srviewer.pipeline.arrays import Image

_SIDE = 260  # px of a picture at first
_MOST_SHOWN = 28  # characters: a checksum is known by its first ones


class PairDialog(Dialog):
    """Shows a pair.

    Attributes
    ----------
    look, show_file : QPushButton
        Ask for its image in the list, and for its file.
    """

    def __init__(
        self, pair: StoredPair, finding: Listed, *, in_list: bool, parent: QWidget | None = None
    ) -> None:
        row = pair.row
        super().__init__("pair_dialog", f"{row.image} at x {row.x}, y {row.y}", parent)
        wrong = f"{finding.kind}: {finding.what}"
        if finding.expected or finding.found:
            expected, found = (cut(one, _MOST_SHOWN) for one in (finding.expected, finding.found))
            wrong += f"\nexpected {expected}, found {found}"
        keypoints = "keypoint" if row.keypoints == "1" else "keypoints"
        matches = "match" if row.matches == "1" else "matches"
        figures = (
            f"{row.keypoints} {keypoints}, {row.matches} {matches}, {row.psnr} dB, SSIM {row.ssim}"
        )
        self.look = push_button("Show in the image", "pair_look", "look at the window in its image")
        self.look.setEnabled(in_list)
        if not in_list:
            self.look.setToolTip("the image is not in the list")
        self.show_file = push_button("Show the file", "pair_file", "in the file manager")
        close = push_button("Close", "pair_close", "", clicked=self.accept)
        pictures = (_Side("HR", pair.hr), _Side("LR", pair.lr))
        parts = (
            label("pair_wrong", "\n".join((wrong, *pair.problems)), wraps=True),
            filled(QHBoxLayout(), *pictures, grows=pictures, spacing=10),
            label("pair_figures", f"In the manifest: {figures}", muted=True, wraps=True),
            beside(self.look, self.show_file, close),
        )
        filled(QVBoxLayout(self), *parts, grows=parts[1], margins=(14, 12, 14, 12), spacing=10)


class _Side(QWidget):
    """HR or LR, enlarged, pixels as squares."""

    def __init__(self, title: str, pixels: Image | None) -> None:
        super().__init__()
        size = "cannot be read" if pixels is None else "{1} x {0} px".format(*pixels.shape)
        self._title, self._pixels = f"{title}  {size}", pixels
        named(self, f"pair_{title.lower()}", self._title)
        self.setMinimumSize(120, 140)

    def sizeHint(self) -> QSize:
        """Return room for a picture and its title."""
        return QSize(_SIDE, _SIDE + self.fontMetrics().height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture as large as there is room for, its title above."""
        painter = QPainter(self)
        line = self.fontMetrics().height() + 6
        painter.drawText(0, line - 8, self._title)
        side = min(self.width(), self.height() - line)
        area = QRectF((self.width() - side) // 2, line, side, side)
        if self._pixels is None:
            painter.fillRect(area, QColor(CANVAS))
        else:
            paint(painter, CloseUp((self._title,), self._pixels), area)
        painter.end()
