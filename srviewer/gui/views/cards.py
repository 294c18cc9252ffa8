"""What a threshold means for the whole set: totals, a wish, the next step, sizes on disk."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from srviewer.errors import SrviewerError
from srviewer.export.options import FORMATS, HELP, Options
from srviewer.gui.data_set.findings import Findings
from srviewer.gui.panels.controls import LeavesUndo, Spin
from srviewer.gui.settings import MOST_WANTED
from srviewer.survey import messages
from srviewer.survey.answer import Step, Suggestion
from srviewer.survey.sizes import ExpectedSize, expected_sizes
from srviewer.wording import counted, size_text

WANTED = 88_000  # pairs of the article's data set
_NAMED = 3  # images of a step that are named on screen
_LISTED = 30  # images of a step that the tooltip lists


class Card(QFrame):
    """A heading with something below it."""

    def __init__(self, heading: str, name: str) -> None:
        super().__init__()
        self.setProperty("panel", True)
        self.setObjectName(name)
        self.heading = QLabel(heading)
        self.heading.setProperty("heading", True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(8, 6, 8, 8)
        self.column.setSpacing(4)
        self.column.addWidget(self.heading)


class TotalsCard(Card):
    """The set in numbers."""

    def __init__(self) -> None:
        super().__init__("Pairs", "totals_card")
        font = QFont(self.heading.font())
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setBold(True)
        self.heading.setFont(font)
        self.heading.setObjectName("total_pairs")
        self.lines = _label("totals")
        self.column.addWidget(self.lines)
        self.column.addStretch(1)

    def show_findings(self, found: Findings) -> None:
        """Show the totals of what is `found`."""
        t = found.answer.totals
        self.heading.setText(_pairs(t.pairs))
        share = f", {100 * t.pairs / t.candidates:.0f}\N{NO-BREAK SPACE}%" if t.candidates else ""
        lines = [f"of {t.candidates:,} windows in the boxes{share}"]
        if t.mean_psnr is not None or t.mean_ssim is not None:
            psnr = "infinite" if t.mean_psnr is None else f"{t.mean_psnr:.2f} dB"
            ssim = "" if t.mean_ssim is None else f", SSIM {t.mean_ssim:.3f}"
            lines.append(f"mean PSNR {psnr}{ssim}")
        if t.infinite:
            lines.append(f"{t.infinite:,} identical to their reduction")
        some = int((found.answer.kept > 0).sum())
        lines.append(f"{some:,} of {t.images:,} images with pairs")
        missing = [
            f"{count:,} {what}"
            for count, what in ((t.failed, "failed"), (t.pending, "not surveyed yet"))
            if count
        ]
        if missing:
            lines.append(", ".join(missing))
        self.lines.setText("\n".join(lines))


class WishCard(Card):
    """How many pairs are wanted, and the threshold that gives them.

    Signals
    -------
    used(key, value)
        A person takes the threshold.
    """

    used = Signal(str, object)

    def __init__(self) -> None:
        super().__init__("Wanted pairs", "wish_card")
        self._found: Findings | None = None
        self._suggestion: Suggestion | None = None
        self.wanted = Spin()
        self.wanted.setObjectName("wanted_pairs")
        self.wanted.setAccessibleName("Wanted pairs")
        self.wanted.setToolTip("the strictest threshold that still gives so many pairs is told")
        self.wanted.setRange(1, MOST_WANTED)
        self.wanted.setGroupSeparatorShown(True)
        self.wanted.setSingleStep(1000)
        self.wanted.setValue(WANTED)
        self.wanted.setMinimumWidth(60)
        self._leaves = LeavesUndo(self)
        self.wanted.lineEdit().installEventFilter(self._leaves)
        self.use = QPushButton("Use")
        self.use.setObjectName("use_suggestion")
        self.use.clicked.connect(self._on_use)
        self.answer = _label("suggestion")
        self.wanted.valueChanged.connect(self._show)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.wanted, 1)
        row.addWidget(self.use)
        self.column.addLayout(row)
        self.column.addWidget(self.answer)
        self.column.addStretch(1)

    def show_findings(self, found: Findings) -> None:
        """Suggest a threshold for what is `found`."""
        self._found = found
        self._show()

    def _show(self) -> None:
        if self._found is None:
            return
        answer = self._found.answer
        one = self._suggestion = answer.suggest(self.wanted.value())
        named = messages.threshold(one.key, one.value)
        if one.enough:
            self.answer.setText(f"{named} gives {_pairs(one.pairs)}.")
        elif one.most:
            self.answer.setText(
                f"No threshold gives so many: {named} gives {_pairs(one.most)}, the most "
                "with these boxes."
            )
        else:
            self.answer.setText("No threshold gives any pair: no window lies in a box.")
        differs = one.most > 0 and getattr(answer.recipe, one.key) != one.value
        self.use.setEnabled(differs)
        self.use.setToolTip(f"set {named} (Ctrl+Z takes it back)" if differs else "it is in use")

    def _on_use(self) -> None:
        if self._suggestion is not None:
            self.used.emit(self._suggestion.key, self._suggestion.value)


class StepCard(Card):
    """What the next step of the threshold would lose, and what the one back would win.

    Signals
    -------
    opened(path)
        A person wants to look at an image that was named.
    """

    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__("Next step", "step_card")
        self._found: Findings | None = None
        self.lost = _label("next_lost", links=True)
        self.won = _label("next_won", links=True)
        for label in (self.lost, self.won):
            label.linkActivated.connect(self._on_link)
            self.column.addWidget(label)
        self.column.addStretch(1)

    def show_findings(self, found: Findings) -> None:
        """Show the steps from what is `found`."""
        self._found = found
        key = found.answer.threshold_key
        for label, step, stricter in ((self.lost, found.lost, True), (self.won, found.won, False)):
            if step is None:
                end = "highest" if stricter else "lowest"
                label.setText(
                    f"<b>{messages.threshold(key, getattr(found.answer.recipe, key))}</b> is the "
                    f"{end} there is."
                )
                label.setToolTip("")
            else:
                label.setText(self._told(found, step, stricter=stricter))
                label.setToolTip(self._listed(found, step, stricter=stricter))

    def _told(self, found: Findings, step: Step, *, stricter: bool) -> str:
        value = messages.threshold(step.key, getattr(step.recipe, step.key))
        change = abs(step.pairs - found.answer.totals.pairs)
        more = "fewer" if stricter else "more"
        text = (
            f"<b>{value}</b>: {_pairs(change)} {more}" if change else f"<b>{value}</b>: none {more}"
        )
        changes = step.lost if stricter else step.won
        if not changes:
            return text + ("; no image falls to none" if stricter else "; no image comes back")
        images = found.answer.images
        names = [
            f'<a href="{one.index}">{escape(images[one.index].path.name)}</a>'
            for one in changes[:_NAMED]
        ]
        rest = len(changes) - _NAMED
        listed = ", ".join(names) + (f" and {rest:,} more" if rest > 0 else "")
        if stricter:
            return f"{text}; {listed} {'falls' if len(changes) == 1 else 'fall'} to none"
        return f"{text}; {listed} {'comes' if len(changes) == 1 else 'come'} back"

    def _listed(self, found: Findings, step: Step, *, stricter: bool) -> str:
        changes = step.lost if stricter else step.won
        lines = [
            f"{found.answer.images[one.index].name}: {_pairs(one.before)}, then {one.after:,}"
            for one in changes[:_LISTED]
        ]
        if len(changes) > _LISTED:
            lines.append(f"and {len(changes) - _LISTED:,} more")
        return "\n".join(lines)

    def _on_link(self, index: str) -> None:
        if self._found is not None:
            self.opened.emit(self._found.answer.images[int(index)].path)


class SizesCard(Card):
    """What the kept pairs take on disk in each format."""

    def __init__(self) -> None:
        super().__init__("On disk", "sizes_card")
        self._found: Findings | None = None
        self._options = Options()
        self._format = ""
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._names: dict[str, QLabel] = {}
        self.sizes: dict[str, QLabel] = {}
        for row, name in enumerate(FORMATS):
            self._names[name] = _small(name)
            self.sizes[name] = _small("")
            self.sizes[name].setObjectName(f"size_{name}")
            self._names[name].setToolTip(HELP[name])
            self._grid.addWidget(self._names[name], row, 0)
            self._grid.addWidget(self.sizes[name], row, 1)
        self.column.addLayout(self._grid)
        self.column.addStretch(1)

    def use_options(self, options: Options, format: str) -> None:
        """Tell the sizes for these options, and mark `format`."""
        self._options, self._format = options, format
        for name in FORMATS:
            for label in (self._names[name], self.sizes[name]):
                label.setProperty("changed", name == format)
                label.style().unpolish(label)
                label.style().polish(label)
            mark = "\N{BLACK RIGHT-POINTING SMALL TRIANGLE} " if name == format else ""
            self._names[name].setText(mark + name)
        self._show()

    def show_findings(self, found: Findings) -> None:
        """Tell the sizes of what is `found`."""
        self._found = found
        self._show()

    def _show(self) -> None:
        if self._found is None:
            return
        try:
            sizes = expected_sizes(self._found.answer, self._options)
            problem = ""
        except SrviewerError as error:
            sizes, problem = {}, str(error)
        for name, label in self.sizes.items():
            one = sizes.get(name)
            label.setText(_size_text(one))
        chosen = sizes.get(self._format)
        of = f"{_pairs(chosen.pairs)} on disk" if chosen is not None else "On disk"
        self.heading.setText(of)
        self.setToolTip(problem or "what the kept pairs take, as the export panel chooses them")


def _pairs(count: int) -> str:
    return counted(count, "pair")


def _size_text(size: ExpectedSize | None) -> str:
    if size is None or not size.pairs:
        return "" if size is None else "nothing"
    return ("about " if size.about else "") + size_text(size.bytes)


def _label(name: str, *, links: bool = False) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    label.setTextFormat(Qt.TextFormat.RichText if links else Qt.TextFormat.PlainText)
    if links:
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
    return label


def _small(text: str) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * 0.92)
    label.setFont(font)
    return label


class Cards(QWidget):
    """The four cards in a row, each below a chart."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.totals, self.wish = TotalsCard(), WishCard()
        self.step, self.sizes = StepCard(), SizesCard()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 1, 0, 0)
        row.setSpacing(1)
        for card in (self.totals, self.wish, self.step, self.sizes):
            card.setMinimumWidth(120)
            row.addWidget(card, 1)

    def show_findings(self, found: Findings) -> None:
        """Show what is `found`."""
        for card in (self.totals, self.wish, self.step, self.sizes):
            card.show_findings(found)
