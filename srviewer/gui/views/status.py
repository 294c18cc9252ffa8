"""The line at the bottom: what is under the pointer, the area used, what runs."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QSizePolicy, QStatusBar, QWidget

from srviewer.gui.state.model import Model
from srviewer.gui.views.frame import Pointed
from srviewer.gui.widgets.building import EDGE, label
from srviewer.gui.widgets.labels import fitting
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.cropping import area_used
from srviewer.pipeline.summary import window_verdict
from srviewer.wording import percent, size_text

_STAGE_WORDS = {
    "read": "reading",
    "pair": "making the pair",
    "keypoints": "finding keypoints",
    "matches": "matching",
    "quality_maps": "computing PSNR and SSIM",
    "texture": "looking into the windows",
    "pair_alignment": "aligning the pair",
    "alignment": "aligning the windows",
}


_WIDEST_NOTE, _SHARE = 300, 3  # px, or that part of the line; the tooltip has all of a note
_AROUND = 6  # px beside a message, as Qt leaves them
_MIDDLE = Qt.TextElideMode.ElideMiddle


class Status(QStatusBar):
    """Told of the pointer by the canvas, and of all else by the model."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self._pointed: Pointed | None = None
        self._note = ""
        self.setSizeGripEnabled(False)
        self.setContentsMargins(0, 0, EDGE, 0)
        self.pointer = QLabel()
        self.pointer.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.pointer.setContentsMargins(8, 0, 0, 0)
        self.notes = label(muted=True)
        self.area = QLabel()
        self.area.setContentsMargins(0, 0, 8, 0)
        self.stage = label(muted=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedSize(140, 16)
        self.addWidget(self.pointer, 1)
        for widget in (self.notes, self.stage, self.bar, self.area):
            self.addPermanentWidget(widget)
        for signal in (model.analysis_changed, model.page_changed):
            signal.connect(self._show)
        model.running_changed.connect(self._on_running)
        self._on_running("", 0, 0)

    def showMessage(self, message: str, timeout: int | None = 0) -> None:
        """Show `message`, cut in its middle where it has no room."""
        if self.isVisible():
            direct = Qt.FindChildOption.FindDirectChildrenOnly
            beside = self.findChildren(QWidget, options=direct)
            lefts = [one.x() for one in beside if one.isVisible() and one is not self.pointer]
            room = min(lefts, default=self.width()) - 2 * _AROUND
            message = fitting(self.fontMetrics(), room, message, cut=_MIDDLE)
        super().showMessage(message, timeout or 0)

    def show_pointed(self, pointed: Pointed | None) -> None:
        """Say what is under the pointer."""
        self._pointed = pointed
        self._show_pointer()

    @property
    def _shown(self) -> Analysis | None:
        """What is known of the image that is looked at; of the whole set nothing is said here."""
        return None if self._model.data_set_shown else self._model.analysis

    def _show_pointer(self) -> None:
        pointed, a = self._pointed, self._shown
        if pointed is None or self._model.data_set_shown:
            self.pointer.setText("")
            return
        text = f"x {pointed.x}  y {pointed.y} px"
        for name, value in pointed.values:
            text += f"   {name}  {value}"
        window = pointed.window
        if a is not None and window is not None and a.has("patches") and a.has("quality"):
            text += f"   window {window_verdict(a, window)}" if window < len(a.windows) else ""
        cut = fitting(self.fontMetrics(), self.pointer.contentsRect().width(), text)
        self.pointer.setText(cut)
        self.pointer.setToolTip(text if cut != text else "")

    def _show(self) -> None:
        a = self._shown
        notes: tuple[str, ...] = ()
        if a is not None:
            notes = a.notes
        elif self._model.image is not None and not self._model.data_set_shown:
            notes = self._model.image.notes
        text = "note: " + notes[0] if notes else ""
        if len(notes) > 1:
            text = f"notes: {notes[0]}, +{len(notes) - 1}"
        self._note = text
        self._show_note()
        self.notes.setToolTip("\n".join(notes))
        used = area_used(a.box.hr, a.pair.size) if a is not None and a.has("box") else None
        self.area.setText("" if used is None else f"box: {percent(used)} of the image")
        self._show_pointer()
        self._show_running()

    def _show_note(self) -> None:
        room = max(_WIDEST_NOTE, self.width() // _SHARE)
        self.notes.setText(fitting(self.fontMetrics(), room, self._note, cut=_MIDDLE))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much of a note as has room."""
        super().resizeEvent(event)
        self._show_note()

    def _show_running(self) -> None:
        for widget in (self.bar, self.stage):
            widget.setVisible(bool(self.stage.text()) and not self._model.data_set_shown)

    def _on_running(self, stage: str, done: int, total: int) -> None:
        counts = total > 1
        words = _STAGE_WORDS.get(stage, stage)
        if stage == "read" and counts:
            words = f"{words}  {size_text(1000 * done)} of {size_text(1000 * total)}"
        elif counts:
            words = f"{words}  {done:,} of {total:,}"
        self.stage.setText(words)
        self.bar.setRange(0, total if counts else 0)
        self.bar.setValue(done)
        self._show_running()
