"""A/B: what the current recipe makes of the image, beside what another one makes of it."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from srviewer.errors import SrviewerError
from srviewer.gui.state.comparison import Comparison
from srviewer.gui.state.layers import Layer
from srviewer.gui.state.model import Model
from srviewer.gui.state.results import why_no_result
from srviewer.gui.widgets.building import (
    EDGE,
    beside,
    combo_box,
    filled,
    grid,
    label,
    named,
    push_button,
)
from srviewer.gui.widgets.controls import offer_texts
from srviewer.gui.widgets.flow import FlowLayout
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.recipe import KNOBS
from srviewer.pipeline.recipes_compared import FIGURES
from srviewer.pipeline.window_maps import BOTH, ONLY_A, ONLY_B, kept_by
from srviewer.wording import counted, sentence

_WIDEST = 480  # px of a button


class Figures(QWidget):
    """The figures of A and B in three columns: name, A, B."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("compare_table")
        self._grid = grid(self, spacing=(20, 4))
        self._labels = [self._row(row) for row in range(len(FIGURES) + 1)]
        self._grid.setRowStretch(len(self._labels), 1)  # they stay together in a high panel
        for cell, text in zip(self._labels[0], ("", "A", "B"), strict=True):
            cell.setText(text)
            cell.setProperty("heading", True)

    def _row(self, row: int) -> tuple[QLabel, QLabel, QLabel]:
        labels = QLabel(), QLabel(), QLabel()
        labels[0].setProperty("muted", True)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        for column, cell in enumerate(labels):
            self._grid.addWidget(cell, row, column, right if column else left)
        return labels

    def show_figures(self, a: Analysis | None, b: Analysis | None, missing: str) -> None:
        """Show the figures of both; of one that is not there, `missing`."""
        for labels, (name, figure) in zip(self._labels[1:], FIGURES.items(), strict=True):
            texts = (name, *(figure(one) if one else missing for one in (a, b)))
            for cell, text in zip(labels, texts, strict=True):
                cell.setText(text if a or b else "")


class ComparePanel(QWidget):
    """Shows the comparison, and on the picture the windows that only one recipe keeps."""

    def __init__(self, model: Model, comparison: Comparison) -> None:
        super().__init__()
        self._model = model
        self._comparison = comparison
        self._choice = combo_box("compare_with", "Compare with", "what B is", ())
        policy = self._choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self._choice.setSizeAdjustPolicy(policy)  # whatever a person's own preset is called
        self._offer()
        self._choice.textActivated.connect(comparison.choose)
        tip = "keep A as it is now, to compare with later"
        pin = push_button("Pin A as B", "compare_pin", tip, clicked=comparison.pin)
        tip = "compare with the recipe in a file"
        file = push_button("Recipe...", "compare_file", tip, clicked=self._ask)
        self._differs = label(muted=True, wraps=True)
        self._shared = label("compare_shared", wraps=True)
        self._button = push_button("Show on the picture", "compare_show", "", checkable=True)
        self._button.clicked.connect(self._show_on_picture)
        self._before: frozenset[Layer] | None = None  # what was drawn instead
        title = QLabel("A is the current recipe; B is")
        holder = named(QWidget(), "compare_recipes", "The recipes compared")
        recipes = QWidget(maximumWidth=_WIDEST)
        others = beside(pin, file)
        parts = title, self._choice, others, self._differs, self._shared, self._button
        filled(QVBoxLayout(recipes), *parts, spacing=6).addStretch(1)
        filled(QHBoxLayout(holder), recipes, grows=recipes).addStretch()
        # Where it is narrow, the recipes stand below their figures.
        self._figures = Figures()
        both = self._figures, holder
        self.setLayout(FlowLayout(both, holder, margins=(EDGE, 8, EDGE, 8), spacing=24))
        model.view_changed.connect(self._show_drawn)
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
        self._offer()
        if not self.isVisible():
            return
        a, b = self._model.analysis, self._comparison.analysis
        ready_a = a if a is not None and a.complete else None
        ready_b = b if b is not None and b.complete and ready_a else None
        missing = "none" if self._comparison.problem else "being computed"
        self._figures.show_figures(ready_a, ready_b, missing)
        differences = self._model.recipe.differences(self._comparison.recipe)
        words = (
            f"{KNOBS[key].label}: {KNOBS[key].said(mine)} / {KNOBS[key].said(other)}"
            for key, (mine, other) in differences.items()
        )
        self._differs.setText("; ".join(words) or "B is the same recipe")
        self._shared.setText(self._shared_words(ready_a, ready_b))
        self._button.setEnabled(ready_a is not None and ready_b is not None)

    def _offer(self) -> None:
        offer_texts(self._choice, self._comparison.choices)
        self._choice.setCurrentText(self._comparison.choice)

    def _ask(self) -> None:
        title, kinds = "Compare with the recipe in a file", "Recipe (*.toml)"
        chosen, _ = QFileDialog.getOpenFileName(self, title, "", kinds)
        if not chosen:
            return
        try:
            self._comparison.open(Path(chosen))
        except SrviewerError as error:
            self._model.failed.emit(error)

    def _show_on_picture(self, shown: bool) -> None:
        """Draw what differs, or what was drawn before."""
        before = self._model.view.layers if self._before is None else self._before
        self._before = self._model.layers if shown else None
        self._model.show_layers(frozenset({Layer.BOX, Layer.COMPARISON}) if shown else before)

    def _show_drawn(self) -> None:
        self._button.setChecked(Layer.COMPARISON in self._model.layers)

    def _shared_words(self, a: Analysis | None, b: Analysis | None) -> str:
        if self._comparison.problem:
            return self._comparison.problem
        if a is None:
            return sentence(why_no_result(self._model))
        if b is None:
            return ""
        keeps = kept_by(a, b)
        if keeps is None:
            return "their windows differ, so they cannot be told one by one"
        both, only_a, only_b = (int((keeps == one).sum()) for one in (BOTH, ONLY_A, ONLY_B))
        return f"{counted(both, 'window')} kept by both, {only_a:,} by A only, {only_b:,} by B only"
