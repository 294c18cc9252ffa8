"""Which resizer made the given LR, all of them ranked, and the way to take one into the recipe."""

from PySide6.QtWidgets import QHeaderView, QTableWidgetItem, QVBoxLayout, QWidget

from srviewer.errors import SrviewerError
from srviewer.export.options import LABELS
from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.building import beside, filled, label, push_button, rows_table
from srviewer.gui.widgets.dialogs import Dialog
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import SourceImage
from srviewer.pipeline.which_resizer import Ranked, conclusion, rank_resizers

_COLUMNS = ("Resizer", "PSNR", "How it differs")
_SIZE = (560, 460)


class ResizerDialog(Dialog):
    """Ranks all resizers against the LR of the pair that is looked at.

    Attributes
    ----------
    ranking : tuple of Ranked
        Empty until it is known.
    """

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__("resizer_dialog", "Which resizer made the LR?", parent)
        self.resize(*_SIZE)
        self.ranking: tuple[Ranked, ...] = ()
        self._model = model
        self._runner = Runner("resizers", Queue.REPLACE, self)
        self._runner.done.connect(self._on_done)
        self._runner.failed.connect(self._on_failed)
        self._runner.progressed.connect(self._on_progressed)
        self.status = label("resizer_status", wraps=True)
        self.table = rows_table("resizers", "Resizers, nearest first", _COLUMNS)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.itemSelectionChanged.connect(self._show_choice)
        tip = "take the chosen resizer"
        self.use = push_button("Use in the recipe", "resizer_use", tip, clicked=self._use)
        close = push_button("Close", "resizer_close", "", clicked=self.accept)
        parts = (self.status, self.table, beside(self.use, close))
        filled(QVBoxLayout(self), *parts, grows=self.table, margins=(14, 12, 14, 12), spacing=10)
        self._show_choice()
        self._begin(model.image)

    def _begin(self, image: SourceImage | None) -> None:
        if image is None or image.lr is None:
            made = self._model.recipe.resizing
            self.status.setText(f"This LR is made by the recipe, with {made}; open a pair to ask.")
            return
        high, low = image.rgb, image.lr.rgb

        def work(progress: Progress, tell: Tell) -> tuple[Ranked, ...]:
            return rank_resizers(high, low, progress)

        self.status.setText("comparing")
        self._runner.start(Job(work, path=image.lr.path))

    def _on_progressed(self, stage: str, done: int, total: int) -> None:
        self.status.setText(f"comparing, {done} of {total} resizers")

    def _on_failed(self, error: SrviewerError) -> None:
        self.status.setText(error.told(LABELS))

    def _on_done(self, ranking: tuple[Ranked, ...]) -> None:
        self.ranking = ranking
        self.status.setText(conclusion(ranking))
        self.table.setRowCount(len(ranking))
        for row, one in enumerate(ranking):
            psnr = "identical" if one.identical else f"{one.psnr:.2f} dB"
            for column, text in enumerate((one.name, psnr, "; ".join(one.details))):
                self.table.setItem(row, column, QTableWidgetItem(text))
        self.table.selectRow(0)

    def _chosen(self) -> Ranked | None:
        row = self.table.currentRow()
        return self.ranking[row] if 0 <= row < len(self.ranking) else None

    def _show_choice(self) -> None:
        self.use.setEnabled(self._chosen() is not None)

    def _use(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            recipe = self._model.recipe.replace(
                resizer=chosen.resizer,
                filter=chosen.filter,
                quantize_after=chosen.quantize_after,
            )
            self._model.set_recipe(recipe)
            self.accept()

    def done(self, result: int) -> None:
        """End what runs, then close."""
        self._runner.close()
        self._runner.stop()
        super().done(result)
