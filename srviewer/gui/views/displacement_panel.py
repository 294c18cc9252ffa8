"""How far the matches are displaced: what `align` says of the pair, the scatter, four classes."""

from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from srviewer.gui.state.displacing import FACTORS, RULES, DisplacementLook, classes_of_rule
from srviewer.gui.state.layers import DISPLACEMENT_LAYERS
from srviewer.gui.state.model import Model
from srviewer.gui.state.pair_alignment import PairAlignment
from srviewer.gui.state.results import why_no_result
from srviewer.gui.state.selection import Selected
from srviewer.gui.state.shared import Shared
from srviewer.gui.theme import current_theme
from srviewer.gui.views.alignment_line import AlignmentLine
from srviewer.gui.views.displacement_marks import class_icon
from srviewer.gui.views.scatter import Scatter
from srviewer.gui.views.scattered import Scattered
from srviewer.gui.widgets.building import (
    EDGE,
    beside,
    combo_box,
    even_heights,
    filled,
    grid,
    label,
    named,
    push_button,
    restyle,
    stacked,
    tool_button,
)
from srviewer.gui.widgets.flow import FlowLayout
from srviewer.gui.widgets.labels import ElidedLabel
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.displacement import Centre, MatchClass, class_counts, robust_centre
from srviewer.wording import counted, sentence

_WIDEST = "0,000 of 0,000 matches agree"  # that the words beside the scatter have room for
_RULE_TIPS = {
    "radial": "colour the matches by the article's test, of distances from the origin",
    "position": "colour the matches by the test of where the resize puts them",
}


class ClassTable(QWidget):
    """How many matches each rule has in each class; a click on a rule colours by it."""

    def __init__(self, displacing: Shared[DisplacementLook]) -> None:
        super().__init__()
        self._displacing = displacing
        cells = grid(self, spacing=(6, 3))
        cells.addWidget(label(text="Matches", muted=True), 0, 0)
        self.rules: dict[str, QToolButton] = {}
        self.boxes: dict[MatchClass, QCheckBox] = {}
        self.counts: dict[tuple[MatchClass, str], QLabel] = {}
        for column, rule in enumerate(RULES, start=1):
            button = tool_button(
                rule, f"displacement_{rule}", f"Classes by {rule}", tip=_RULE_TIPS[rule], layer=True
            )
            button.setCheckable(True)
            button.clicked.connect(partial(self._use, rule))
            self.rules[rule] = button
            cells.addWidget(button, 0, column, Qt.AlignmentFlag.AlignRight)
        order = (
            MatchClass.KEPT,
            MatchClass.KEPT_DISPLACED,
            MatchClass.REJECTED,
            MatchClass.REJECTED_INLIER,
        )
        for row, one in enumerate(order, start=1):
            box = named(
                QCheckBox(sentence(one.words)),
                f"displacement_class_{one.name.lower()}",
                tip=f"show the matches that are {one.words}, here and as arrows on the picture",
            )
            box.setChecked(True)
            box.toggled.connect(self._filter)
            self.boxes[one] = box
            cells.addWidget(box, row, 0)
            for column, rule in enumerate(RULES, start=1):
                cell = self.counts[one, rule] = label(f"displacement_count_{one.name}_{rule}")
                cells.addWidget(cell, row, column, Qt.AlignmentFlag.AlignRight)
        self.restyle()

    def restyle(self) -> None:
        """Take the colours of the current theme."""
        for one, box in self.boxes.items():
            box.setIcon(class_icon(one, current_theme(), self.devicePixelRatioF()))

    def show_counts(self, a: Analysis | None) -> None:
        """Show how many there are under both rules, and which of them colours."""
        look = self._displacing.value
        rule_in_use = look.rule_in(a) if a is not None else look.rule
        for rule, button in self.rules.items():
            button.setChecked(rule == rule_in_use)
            counts = class_counts(classes_of_rule(a, rule)) if a is not None else None
            for one in MatchClass:
                text = "" if counts is None else f"{counts[one]:,}"
                self.counts[one, rule].setText(text)
                restyle(self.counts[one, rule], "muted", rule != rule_in_use)
        for one, box in self.boxes.items():
            if box.isChecked() != (one in look.shown):
                box.setChecked(one in look.shown)

    def _use(self, rule: str) -> None:
        self._displacing.change(rule=rule)
        self.rules[rule].setChecked(True)  # a second click takes nothing back

    def _filter(self) -> None:
        shown = frozenset(one for one, box in self.boxes.items() if box.isChecked())
        self._displacing.change(shown=shown)


class DisplacementPanel(QWidget):
    """Shows where matches lie against where they are expected; it computes nothing while hidden.

    Parameters
    ----------
    model : Model
    displacing : Shared of DisplacementLook
        Shared with the picture.
    alignment : PairAlignment
        Of given pairs, computed while this is looked at.
    """

    def __init__(
        self, model: Model, displacing: Shared[DisplacementLook], alignment: PairAlignment
    ) -> None:
        super().__init__()
        self.setObjectName("displacement_panel")
        self._model, self._displacing, self._alignment = model, displacing, alignment
        self._matches: object = None  # of which the centre and the points are known
        self._points = np.zeros((0, 2))
        self._centre: Centre | None = None
        self.line = AlignmentLine(alignment)
        self.scatter = Scatter()
        self.table = ClassTable(displacing)
        # Three lines each, whatever they say: a height by the width would let the dock scroll.
        self.centre_words = named(ElidedLabel(), "displacement_centre", "Centre of the matches")
        self.match_words = named(ElidedLabel(), "displacement_match", "The selected match")
        self._lay_out()
        self._show_factor()
        displacing.changed.connect(self._show_factor)  # hidden too: it is a value of a person's
        self.scatter.picked.connect(self._ask)
        self.scatter.looked.connect(self._tell_match)
        for signal in (model.analysis_changed, displacing.changed):
            signal.connect(self._show)
        model.selection_changed.connect(self._show_selection)

    def _lay_out(self) -> None:
        tip = "how many times longer than they are the arrows on the picture are drawn"
        factors = [(f"\N{MULTIPLICATION SIGN} {one}", one) for one in FACTORS]
        self._factor = combo_box("displacement_factor", "Magnification of arrows", tip, factors)
        self._factor.activated.connect(self._magnify)
        button = push_button(
            "Show on the picture", "displacement_show", "draw arrows and the coarse field over LR"
        )
        button.clicked.connect(self._show_on_picture)
        arrows = beside(label(text="Arrows", muted=True), self._factor, button)
        even_heights(self._factor, button)
        counts, words = QWidget(), QWidget()
        filled(QVBoxLayout(counts), self.table, arrows, spacing=6).addStretch(1)
        filled(QVBoxLayout(words), self.centre_words, self.match_words, spacing=8).addStretch(1)
        words.setMinimumWidth(words.fontMetrics().horizontalAdvance(_WIDEST))
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        parts = self.scatter, counts, words
        row = FlowLayout(parts, self.scatter, margins=(EDGE, 2, EDGE, 6), spacing=16)
        stacked(self, self.line, row).setStretch(1, 1)

    # Showing

    def _show_factor(self) -> None:
        self._factor.setCurrentIndex(FACTORS.index(self._displacing.value.factor))

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed meanwhile."""
        super().showEvent(event)
        self._alignment.want(True)
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let no other pair be aligned."""
        super().hideEvent(event)
        self._alignment.want(False)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.scatter.restyle()
            self.table.restyle()

    def _known(self) -> Analysis | None:
        a = self._model.analysis
        return a if a is not None and a.has("consistent") else None

    def _show(self) -> None:
        if not self.isVisible():
            return
        a = self._known()
        self.table.show_counts(a)
        if a is None:
            self._matches = None
            self.scatter.say(why_no_result(self._model))
            self.centre_words.say("\n\n")
            self.match_words.say("\n\n")
            return
        if a.matches is not self._matches:
            self._matches, self._points = a.matches, a.consistent.displacement
            self._centre = robust_centre(self._points, a.matches.lr_points.astype(np.float64))
            self.centre_words.say(_centre_words(self._centre, len(a.matches)))
        if not len(a.matches):
            self.scatter.say("no matches")
        else:
            look = self._displacing.value
            tolerance = float(a.recipe.position_tolerance)
            shown = Scattered(self._points, look.classes(a), look.shown, tolerance, self._centre)
            self.scatter.show_scattered(shown)
        self._show_selection()

    def _show_selection(self) -> None:
        if self.isVisible():
            selected = self._model.selection
            is_match = selected is not None and selected.kind == "match"
            self.scatter.show_selected(selected.index if is_match and selected else None)
            self._tell_match()

    def _tell_match(self) -> None:
        """Say where the selected match is, or how many are not seen."""
        a, selected = self._known(), self._model.selection
        if a is None or self.scatter.scattered is None:
            return
        if selected is not None and selected.kind == "match" and selected.is_in(a):
            dx, dy = a.consistent.displacement[selected.index]
            words = MatchClass(int(self._displacing.value.classes(a)[selected.index])).words
            text = f"Match {selected.index}\n{dx:+.2f}, {dy:+.2f} LR px\n{words}"
        else:
            count = self.scatter.beyond
            text = f"{counted(count, 'match', 'matches')}\nbeyond the axes\n" if count else "\n\n"
        self.match_words.say(text)
        told = f"{self.centre_words.text()} {text}"
        self.scatter.setAccessibleDescription(" ".join(told.split()))

    # Asking

    def _ask(self, match: int | None) -> None:
        self._model.select(None if match is None else Selected("match", match), go_there=True)

    def _magnify(self) -> None:
        self._displacing.change(factor=int(self._factor.currentData()))

    def _show_on_picture(self) -> None:
        self._model.show_layers(DISPLACEMENT_LAYERS)


def _centre_words(centre: Centre | None, matches: int) -> str:
    if centre is None:
        return f"No centre: too few of\n{counted(matches, 'match', 'matches')} agree\n"
    x, y = centre.at
    return (
        f"Centre {x:+.3f}, {y:+.3f}\n\N{PLUS-MINUS SIGN}{centre.u95:.3f} LR px (95 %)\n"
        f"{centre.matches:,} of {matches:,} matches agree"
    )
