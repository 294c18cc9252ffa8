"""What ``srviewer align`` says of the given pair, all of it, with its button."""

from PySide6.QtWidgets import QWidget

from srviewer.export.options import LABELS
from srviewer.gui.state.pair_alignment import PairAlignment
from srviewer.gui.widgets.building import EDGE, bar_of, named, push_button
from srviewer.gui.widgets.labels import LinesLabel
from srviewer.pipeline.alignment.verdict import Verdict
from srviewer.survey.aligning import Found
from srviewer.wording import percent, sentence

_MADE = "Made pair: LR lies on HR as it was reduced"


class AlignmentLine(QWidget):
    """The verdict with its sentence and the model; while they are computed, how far that is."""

    def __init__(self, alignment: PairAlignment) -> None:
        super().__init__()
        self._alignment = alignment
        self.words = named(LinesLabel(None), "alignment_summary", "Alignment of the pair")
        self.button = push_button("Cancel", "alignment_button", "", clicked=self._on_button)
        bar = bar_of(self.words, self.button, grows=self.words)
        bar.setContentsMargins(EDGE, 4, EDGE, 2)
        self.setLayout(bar)
        alignment.changed.connect(self._show)
        self._show()

    def _on_button(self) -> None:
        if self._alignment.busy:
            self._alignment.cancel()
        else:
            self._alignment.start()

    def _show(self) -> None:
        one = self._alignment
        self.words.say(self._text(), self._more())
        self.words.setAccessibleDescription(self.words.text())
        self.button.setVisible(one.is_given and (one.busy or one.cancelled))
        self.button.setText("Cancel" if one.busy else "Align")
        tip = "stop aligning this pair" if one.busy else "find how LR lies on HR"
        self.button.setToolTip(tip)

    def _text(self) -> str:
        one = self._alignment
        if not one.is_given:
            return _MADE if one.is_there else ""
        if one.found is not None:
            return summary(one.found)
        if one.error is not None:
            return f"Not aligned: {one.error.told(LABELS)}"
        if one.cancelled:
            return "Not aligned: it was stopped"
        if one.busy:
            share = "" if one.share is None else f", {percent(one.share)}"
            return f"Measuring how the pair lies: {one.stage}{share} ..."
        return "How the pair lies is measured after its analysis ..."

    def _more(self) -> str:
        found = self._alignment.found
        return self._text() if found is None else details(found)


def summary(found: Found) -> str:
    """Return verdict and reason of an alignment, then its model and what else is told of it."""
    model = "no model fits" if found["model"] == "none" else f"model {found['model']}"
    told = Verdict(found["verdict"], found["reason"], tuple(found["remarks"]))
    return "\n".join((sentence(told.brief), sentence("; ".join((model, *told.remarks)))))


def details(found: Found) -> str:
    """Return the summary and the figures, a line each."""
    lines = [summary(found)]
    estimators, tone = found["estimators"], found["tone"]
    for name in ("sift", "ecc"):
        if estimators[name] is not None:
            at = estimators[name]
            lines.append(f"{name.upper()}: {at['dx']:+.3f}, {at['dy']:+.3f} LR px")
    if found["residual"] is not None:
        lines.append(f"Residual of the matches: {found['residual']:.3f} LR px")
    if tone is not None:
        gain, offset, gamma = (tone[name] for name in ("gain", "offset", "gamma"))
        lines.append(f"Tone: gain {gain:.3f}, offset {offset:+.1f}, gamma {gamma:.3f}")
    return "\n".join(lines)
