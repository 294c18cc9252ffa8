"""What a threshold means for the whole set: totals, a wish, the next step, sizes on disk."""

import time
from html import escape

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QVBoxLayout, QWidget

from srviewer.errors import SrviewerError
from srviewer.export.options import FORMATS, HELP, LABELS, Options
from srviewer.export.settling import How
from srviewer.gui.state.history import ONE_GESTURE
from srviewer.gui.state.settings import MOST_WANTED
from srviewer.gui.views.chart import AROUND
from srviewer.gui.widgets.building import filled, grid, heading, label, named, push_button, restyle
from srviewer.gui.widgets.controls import Spin
from srviewer.gui.widgets.flow import FlowLayout
from srviewer.gui.widgets.labels import Headline
from srviewer.pipeline.recipe import KNOBS
from srviewer.survey import messages
from srviewer.survey.answer import Answer, Step, Suggestion
from srviewer.survey.overview import Overview, between
from srviewer.survey.sizes import ExpectedSize, expected_sizes
from srviewer.wording import counted, size_text

_NO_WISH = "Type how many you want: the threshold that gives them is told."
_BUTTONS = 34  # px of a spin box beside its figures
_NAMED = 3  # images of a step that are named on screen


class Card(QFrame):
    """A heading with something below it, about what is found under the recipe."""

    def __init__(self, title: str, name: str, headline: QLabel | None = None) -> None:
        super().__init__()
        named(self, name, panel=True)
        self.found: Overview | None = None
        self.heading = headline or heading(title)

    def lay_out(self, *parts: QWidget | QLayout) -> None:
        """Put `parts` below the heading."""
        column, margins = QVBoxLayout(self), (AROUND, 6, AROUND, 8)
        filled(column, self.heading, *parts, margins=margins, spacing=4).addStretch(1)

    def show_overview(self, found: Overview) -> None:
        """Show what is `found`."""
        self.found = found
        self.show_answer(found)

    def show_again(self) -> None:
        """Show what is found already, for other choices."""
        if self.found is not None:
            self.show_answer(self.found)

    def show_answer(self, found: Overview) -> None:
        """Say what the card is for."""
        raise NotImplementedError


def _paragraph(name: str) -> QLabel:
    top_left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    return label(name, wraps=True, alignment=top_left)


class TotalsCard(Card):
    """The set in numbers."""

    def __init__(self) -> None:
        super().__init__("Pairs", "totals_card", named(Headline(), "total_pairs"))
        self.change, self.lines = _paragraph("total_change"), _paragraph("totals")
        self._grows = False
        self._before: Answer | None = None  # what a knob that was changed gave before
        self._pulled_until = 0.0
        self.lay_out(self.change, self.lines)

    def show_overview(self, found: Overview) -> None:
        """Show what is `found`, and how much that is less than before a knob was pulled."""
        last, now = self.found, time.monotonic()
        if last is None or last.whole is not found.whole:
            self._before = None
        elif last.answer.recipe != found.answer.recipe:
            if now > self._pulled_until:
                self._before = last.answer
            self._pulled_until = now + ONE_GESTURE
        super().show_overview(found)

    def set_growing(self, grows: bool) -> None:
        """Say of images that are missing that they come, or that they are not surveyed."""
        if grows != self._grows:
            self._grows = grows
            self.show_again()

    def show_answer(self, found: Overview) -> None:
        """Show the totals."""
        totals = found.answer.totals
        so_far = " so far" if totals.pending else ""
        self.heading.setText(counted(totals.pairs, "pair") + so_far)
        self.lines.setText("\n".join(messages.totals(found.answer, grows=self._grows)))
        self._show_change(found.answer)

    def _show_change(self, answer: Answer) -> None:
        before = self._before
        keys = [] if before is None else list(before.recipe.differences(answer.recipe))
        self.change.setVisible(len(keys) == 1)
        if before is not None and len(keys) == 1:
            step = between(before, answer, keys[0])
            self.change.setText(messages.since(before, step))
            changed = (*step.lost, *step.won)
            self.change.setToolTip("\n".join(messages.changes(answer, changed)))


class WishCard(Card):
    """How many pairs are wanted, and the threshold that gives them.

    Until a person wishes for some, it shows how many there are.

    Signals
    -------
    used(key, value)
        A person takes the threshold.
    """

    used = Signal(str, object)

    def __init__(self) -> None:
        super().__init__("Wanted pairs", "wish_card")
        self._suggestion: Suggestion | None = None
        self._wished = False
        tip = "the strictest threshold that still gives so many pairs is told"
        spin = Spin(minimum=1, maximum=MOST_WANTED, singleStep=1000)
        self.wanted = named(spin, "wanted_pairs", "Wanted pairs", tip=tip)
        self.wanted.setGroupSeparatorShown(True)
        figures = self.wanted.fontMetrics().horizontalAdvance("000,000")
        self.wanted.setMinimumWidth(figures + _BUTTONS)  # the largest number would need far more
        self.use = push_button("Use", "use_suggestion", "", clicked=self._on_use)
        self.wanted.valueChanged.connect(self._on_wish)
        self.answer = _paragraph("suggestion")
        self.lay_out(FlowLayout((self.wanted, self.use), self.wanted, spacing=6), self.answer)

    @property
    def wish(self) -> int | None:
        """How many a person has wished for, None as long as none are."""
        return self.wanted.value() if self._wished else None

    def _on_wish(self) -> None:
        self._wished = True
        self.show_again()

    def show_answer(self, found: Overview) -> None:
        """Suggest a threshold."""
        if not self._wished:
            with QSignalBlocker(self.wanted):
                self.wanted.setValue(found.answer.totals.pairs)
            self._suggestion = None
            now = "So many are there now. " if found.answer.totals.pairs else ""
            self.answer.setText(now + _NO_WISH)
            self.use.setEnabled(False)
            self.use.setToolTip("first say how many are wanted")
            return
        one = self._suggestion = found.answer.curve().suggest(self.wanted.value())
        self.answer.setText(messages.suggestion(one))
        differs = one.most > 0 and getattr(found.answer.recipe, one.key) != one.value
        self.use.setEnabled(differs)
        value = messages.threshold(one.key, one.value)
        self.use.setToolTip(f"set {value} (Ctrl+Z takes it back)" if differs else "it is in use")
        self.use.setAccessibleDescription(KNOBS[one.key].named(one.value) if differs else "")

    def _on_use(self) -> None:
        if self._suggestion is not None:
            self.used.emit(self._suggestion.key, self._suggestion.value)


class StepCard(Card):
    """What a step of the threshold would lose, one back win, and those of the tolerance change.

    Signals
    -------
    opened(path)
        A person wants to look at an image that was named.
    """

    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__("Next step", "step_card")
        self.lost, self.won = _paragraph("next_lost"), _paragraph("next_won")
        self.tolerance = _paragraph("next_tolerance")
        for text in (self.lost, self.won, self.tolerance):
            text.setTextFormat(Qt.TextFormat.RichText)
            by = Qt.TextInteractionFlag
            text.setTextInteractionFlags(by.LinksAccessibleByMouse | by.LinksAccessibleByKeyboard)
            text.linkActivated.connect(self._on_link)
        self.lay_out(self.lost, self.won, self.tolerance)

    def show_answer(self, found: Overview) -> None:
        """Show the steps."""
        answer = found.answer
        for text, step, stricter in ((self.lost, found.lost, True), (self.won, found.won, False)):
            text.setText(_told(answer, step, stricter=stricter))
            changes = () if step is None else step.lost if stricter else step.won
            text.setToolTip("\n".join(messages.changes(answer, changes)))
        both = [one for one in (found.tighter, found.wider) if one is not None]
        self.tolerance.setText("; ".join(_change(answer, one) for one in both))
        changed = [change for one in both for change in (*one.lost, *one.won)]
        self.tolerance.setToolTip("\n".join(messages.changes(answer, changed)))

    def _on_link(self, index: str) -> None:
        if self.found is not None:
            self.opened.emit(self.found.answer.images[int(index)].path)


def _told(answer: Answer, step: Step | None, *, stricter: bool) -> str:
    """Return what a step does, with links to the first images that it changes."""
    if step is None:
        key = answer.threshold_key
        value = messages.threshold(key, getattr(answer.recipe, key))
        return f"<b>{value}</b> is the {'highest' if stricter else 'lowest'} there is."
    value = messages.threshold(step.key, getattr(step.recipe, step.key))
    change = abs(step.pairs - answer.totals.pairs)
    told = counted(change, "pair") if change else "none"
    text = f"<b>{value}</b>: {told} {'fewer' if stricter else 'more'}"
    changes = step.lost if stricter else step.won
    if not changes:
        return text + ("; no image falls to none" if stricter else "; no image comes back")
    names = [
        f'<a href="{one.index}">{escape(answer.images[one.index].path.name)}</a>'
        for one in changes[:_NAMED]
    ]
    rest = len(changes) - _NAMED
    listed = ", ".join(names) + (f" and {rest:,} more" if rest > 0 else "")
    verbs = ("falls to none", "fall to none") if stricter else ("comes back", "come back")
    return f"{text}; {listed} {verbs[len(changes) != 1]}"


def _change(answer: Answer, step: Step) -> str:
    """Return what a step of the tolerance does, which may well win pairs where it is stricter."""
    text = f"<b>{messages.threshold(step.key, getattr(step.recipe, step.key))}</b>: "
    more = step.pairs - answer.totals.pairs
    text += f"{abs(more):,} {'more' if more > 0 else 'fewer'}" if more else "the same"
    for changes, what in ((step.lost, "to none"), (step.won, "back")):
        text += f", {counted(len(changes), 'image')} {what}" if changes else ""
    return text


class SizesCard(Card):
    """What the kept pairs take on disk in each format."""

    def __init__(self) -> None:
        super().__init__("Size", "sizes_card")
        self._how = How("", Options())
        table = grid(spacing=(10, 0), grows=1)
        self._names = {name: named(QLabel(), "", tip=HELP[name]) for name in FORMATS}
        self.sizes = {name: label(f"size_{name}") for name in FORMATS}
        for column, labels in enumerate((self._names, self.sizes)):
            for row, one in enumerate(labels.values()):
                font = one.font()
                font.setPointSizeF(font.pointSizeF() * 0.92)
                one.setFont(font)
                table.addWidget(one, row, column)
        self.lay_out(table)

    def use(self, how: How) -> None:
        """Tell the sizes for these options, and mark the format."""
        self._how = how
        for name in FORMATS:
            for text in (self._names[name], self.sizes[name]):
                restyle(text, "changed", name == how.format)
            mark = "\N{BLACK RIGHT-POINTING SMALL TRIANGLE} " if name == how.format else ""
            self._names[name].setText(mark + name)
        self.show_again()

    def show_answer(self, found: Overview) -> None:
        """Tell the sizes."""
        sizes: dict[str, ExpectedSize] = {}
        tip = "what the kept pairs take, as the export panel chooses them"
        try:
            sizes = expected_sizes(found.answer, self._how.options)
        except SrviewerError as error:
            tip = error.told(LABELS)
        for name, text in self.sizes.items():
            text.setText(_size_text(sizes[name]) if name in sizes else "")
        chosen = sizes.get(self._how.format)
        self.heading.setText(f"Size of {counted(chosen.pairs, 'pair')}" if chosen else "Size")
        self.setToolTip(tip)


def _size_text(size: ExpectedSize) -> str:
    if not size.pairs:
        return "nothing"
    return ("about " if size.about else "") + size_text(size.bytes)


class Cards(QWidget):
    """The four cards in a row, each below a chart."""

    def __init__(self) -> None:
        super().__init__()
        self.totals, self.wish = TotalsCard(), WishCard()
        self.step, self.sizes = StepCard(), SizesCard()
        self._all: tuple[Card, ...] = (self.totals, self.wish, self.step, self.sizes)
        row = QHBoxLayout(self)
        filled(row, *self._all, grows=self._all, margins=(0, 1, 0, 0), spacing=1)
        self._held = 0  # px of height

    def show_overview(self, found: Overview) -> None:
        """Show what is `found`."""
        for card in self._all:
            card.show_overview(found)
        self._hold()

    def _hold(self) -> None:
        """Be never lower than it was: texts that get shorter would move what is pulled above."""
        layout = self.layout()
        if layout is not None:
            self._held = max(self._held, layout.heightForWidth(self.width()))
            self.setMinimumHeight(self._held)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have another height where the width is another."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._held = 0
            self._hold()
