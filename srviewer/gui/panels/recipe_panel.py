"""The recipe panel: every knob, grouped by stage; what differs from the preset is marked."""

from collections.abc import Iterable, Mapping
from itertools import count, pairwise

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStyle,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from srviewer.errors import renamed
from srviewer.export.options import LABELS
from srviewer.gui.state.model import Model
from srviewer.gui.widgets.building import (
    Combo,
    filled,
    grid,
    keep_room,
    keep_width,
    named,
    restyle,
    stacked,
    tool_button,
)
from srviewer.gui.widgets.controls import Control, make_control, offer_texts
from srviewer.gui.widgets.labels import ElidedLabel
from srviewer.gui.widgets.section import Section
from srviewer.pipeline.next_steps import next_steps
from srviewer.pipeline.recipe import FILTERS, GIVEN, KNOBS, PRESETS, Knob
from srviewer.pipeline.resizing import WHY_MISSING, available_libraries
from srviewer.pipeline.stages import unused_knobs
from srviewer.pipeline.textures import TEXTURES
from srviewer.wording import sentence

_MARGIN = 8  # px above and below a control that is brought into sight
_STEPPED = frozenset({"min_matches", *(one.threshold for one in TEXTURES.values())})
CLOSED = ("Keypoints", "Box", "Metrics", GIVEN)
"""The groups that are closed at first: what people seldom come to tune."""


class _Column(QScrollArea):
    """Never narrower than what is in it, with its scroll bar."""

    def __init__(self, inner: QWidget) -> None:
        super().__init__(widgetResizable=True)
        self._inner = inner
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(inner)

    def minimumSizeHint(self) -> QSize:
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        return QSize(self._inner.minimumSizeHint().width() + bar + 2, 96)

    def sizeHint(self) -> QSize:
        return QSize(self.minimumSizeHint().width(), self._inner.sizeHint().height())


class RecipePanel(QWidget):
    """Shows the model's recipe and asks it for changes."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._model = model
        self._rows: dict[str, tuple[Control, QToolButton]] = {}  # by the knob's name
        self._told: dict[str, object] = {}  # what each row says besides the value
        self._filters_of = ""  # the resizer whose filters are offered
        self._stepped_from: tuple[object, ...] = ()  # what the next steps were told of
        self._steps: dict[str, ElidedLabel] = {}  # what a threshold one step on would keep
        tip = "the threshold follows the area of the patch"
        self._by_area = tool_button("", "keypoints_by_area", "", tip=tip, autoRaise=True)
        self._by_area.clicked.connect(self._scale_keypoints)
        self._sections: dict[str, Section] = {}  # by the group, in the order of the stages
        self._was_given = False
        self._unused_shown: Mapping[str, str] = {}
        self._inner = QWidget()
        self._area = _Column(self._inner)
        stacked(self, self._header(), self._area)
        self._fill_body()
        model.recipe_changed.connect(self._show)
        model.current_changed.connect(self._follow_pair)  # its LR may be given, or made
        model.selection_changed.connect(self._show_threshold)
        for signal in (model.analysis_changed, model.page_changed):
            signal.connect(self._show_steps)
        self._show()

    def _header(self) -> QWidget:
        header = named(QFrame(), "", panel=True)
        self._preset = named(Combo(), "preset", "Preset", tip="the recipe to start from")
        # A long name of a person's own makes the column no wider.
        policy = Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self._preset.setSizeAdjustPolicy(policy)
        self._preset.setMinimumContentsLength(max(map(len, PRESETS)))
        self._offer_presets()
        self._preset.textActivated.connect(self._use_preset)
        self._modified = named(QPushButton("Reset"), "reset_all", clicked=self._model.reset_recipe)
        keep_width(self._modified, f"Reset {len(KNOBS)}")
        parts, margins = (self._preset, self._modified), (12, 4, 12, 6)
        filled(QHBoxLayout(header), *parts, grows=self._preset, margins=margins, spacing=6)
        return header

    def show_presets(self) -> None:
        """Offer those that there are now, a person's own after the others."""
        self._offer_presets()
        self._show()

    def _offer_presets(self) -> None:
        names = self._model.presets.keys() | {self._model.preset}
        own = sorted(names - PRESETS.keys(), key=str.casefold)
        offer_texts(self._preset, [*PRESETS, *own])

    def _fill_body(self) -> None:
        self._column = filled(QVBoxLayout(self._inner), margins=(12, 2, 8, 8), spacing=0)
        for group in dict.fromkeys(knob.group for knob in KNOBS.values()):
            contents = ", ".join(knob.label for knob in KNOBS.values() if knob.group == group)
            section = Section(group.lower(), group, contents, self._group(group))
            self._column.addWidget(section)
            self._sections[group] = section
        self._rows["resizer"][0].set_choices(available_libraries(), WHY_MISSING)
        self.close_groups(CLOSED)
        self._column.addStretch(1)

    @property
    def closed_groups(self) -> list[str]:
        """The groups whose controls are not shown."""
        return [group for group, section in self._sections.items() if not section.is_open]

    def close_groups(self, closed: Iterable[str]) -> None:
        """Show the controls of all groups but `closed`."""
        kept = frozenset(closed)
        for group, section in self._sections.items():
            section.set_open(group not in kept)

    def _follow_pair(self) -> None:
        """Have what mends a given pair below the group of the pair, and open, while one is there.

        Of a made pair it decides nothing: it stands last then, and takes no room from the rest.
        """
        entry = self._model.current
        given = entry is not None and entry.lr is not None
        if given != self._was_given:
            self._was_given = given
            first, *others = self._sections.values()
            mending = others.pop()
            order = [first, mending, *others] if given else [first, *others, mending]
            self._column.insertWidget(order.index(mending), mending)
            stops = [one for section in order for one in section.findChildren(QWidget)]
            here = self.window()  # lists that fold out are windows of their own
            stops = [one for one in stops if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
            stops = [one for one in stops if one.window() is here]
            for one, other in pairwise(stops):
                self.setTabOrder(one, other)
            if given:
                mending.set_open(True)
        if self._unused() != self._unused_shown:
            self._show()

    def _group(self, group: str) -> QGridLayout:
        rows = grid(spacing=(8, 3), grows=1)
        knobs = (knob for knob in KNOBS.values() if knob.group == group)
        for row, knob in zip(count(0, 3), knobs, strict=False):
            control = make_control(knob, self)
            control.label.setToolTip(_help(knob))
            control.changed.connect(self._model.change)
            reset = self._reset_button(knob)
            for at, widget in enumerate((control.label, control.widget, reset)):
                rows.addWidget(widget, row, at)
            if control.slider is not None:
                control.slider.setToolTip(_help(knob))
                rows.addWidget(control.slider, row + 1, 0, 1, 2)
            if knob.name in _STEPPED:
                steps = named(ElidedLabel(muted=True), f"{knob.name}_steps", "Next step")
                self._steps[knob.name] = steps
                rows.addWidget(steps, row + 2, 0, 1, 2)
            if knob.name == "patch":
                rows.addWidget(self._by_area, row + 1, 0, 1, 2)
            self._rows[knob.name] = control, reset
        rows.setColumnMinimumWidth(0, 130)
        return rows

    def _reset_button(self, knob: Knob) -> QToolButton:
        button = named(QToolButton(autoRaise=True), f"reset_{knob.name}", f"Reset {knob.label}")
        button.setText("\N{ANTICLOCKWISE OPEN CIRCLE ARROW}")
        button.clicked.connect(lambda: self._reset(knob.name))
        keep_room(button)
        return button

    def _use_preset(self, name: str) -> None:
        if name in self._model.presets:
            self._model.use_preset(name)
        else:  # it is in use, and gone
            self._model.reset_recipe()

    def _show_threshold(self) -> None:
        """Have the threshold in sight that decides on what is asked about."""
        selected, recipe = self._model.selection, self._model.recipe
        if selected is None:
            return
        unused = self._unused()
        of_matches = ("error_margin", "position_tolerance")
        names = of_matches if selected.kind == "match" else (TEXTURES[recipe.texture].threshold,)
        for name in names:
            control = self._rows[name][0]
            if name not in unused and control.slider is not None and control.widget.isVisible():
                self._area.ensureWidgetVisible(control.slider, 0, _MARGIN)
                self._area.ensureWidgetVisible(control.label, 0, _MARGIN)

    def _unused(self) -> Mapping[str, str]:
        """Return the knobs that decide nothing of the current image, each with the reason."""
        entry = self._model.current
        return unused_knobs(self._model.recipe, given=entry is None or entry.lr is not None)

    def _reset(self, key: str) -> None:
        self._model.change(key, getattr(self._model.preset_recipe, key))

    def _show(self) -> None:
        recipe, base = self._model.recipe, self._model.preset_recipe
        changed = recipe.differences(base)
        unused = self._unused_shown = self._unused()
        self._offer_presets()  # one that is gone is there while it is in use
        self._preset.setCurrentText(self._model.preset)
        self._preset.setToolTip(f"the recipe to start from: {self._model.preset}")
        self._modified.setEnabled(bool(changed))
        self._modified.setText(f"Reset {len(changed)}" if changed else "Reset")
        which = "; ".join(KNOBS[key].label for key in changed)
        tip = f"different: {which}," if changed else "nothing differs"
        self._modified.setToolTip(f"{tip} from preset {self._model.preset}")
        for key, (control, reset) in self._rows.items():
            control.show_value(getattr(recipe, key))
            told = unused.get(key), changed.get(key, (None, None))[1], key in changed
            if self._told.get(key) == told:  # of a pulled threshold no other row is another
                continue
            self._told[key] = told
            control.widget.setEnabled(key not in unused)
            if control.slider is not None:
                control.slider.setVisible(key not in unused)
            reason = f"\nNot used now: {unused[key]}." if key in unused else ""
            control.widget.setToolTip(_help(control.knob) + reason)
            control.label.setEnabled(key not in unused)
            restyle(control.label, "changed", key in changed)
            reset.setVisible(key in changed)
            if key in changed:
                reset.setToolTip(f"back to {KNOBS[key].said(changed[key][1])}, as in the preset")
        self._show_steps()
        self._show_by_area()
        native = recipe.lr_layout == "native"
        for key in ("patch", "stride"):
            self._rows[key][0].set_step(recipe.scale if native else KNOBS[key].step)
        if recipe.resizer != self._filters_of:
            self._filters_of = recipe.resizer
            self._rows["filter"][0].set_choices(
                FILTERS[recipe.resizer], f"{recipe.resizer} does not have it"
            )

    def _show_by_area(self) -> None:
        """Offer the threshold that follows the patch, where that was changed alone."""
        scaled = self._model.history.keypoints_by_area
        self._by_area.setVisible(scaled is not None)
        if scaled is not None:
            now = self._model.recipe.min_keypoints
            self._by_area.setText(f"Scale keypoints by area: {now:,} to {scaled:,}")
            self._by_area.setAccessibleDescription(KNOBS["min_keypoints"].named(scaled))

    def _scale_keypoints(self) -> None:
        scaled = self._model.history.keypoints_by_area
        if scaled is not None:
            self._model.set_recipe(self._model.recipe.replace(min_keypoints=scaled))

    def _show_steps(self) -> None:
        """Say what the thresholds one step on would keep of the image that is looked at."""
        a, unused = self._model.analysis, self._unused()
        is_known = a is not None and a.has("patches") and not self._model.data_set_shown
        now = a, is_known, unused.keys()
        if now == self._stepped_from:  # a change of recipe tells of the analysis first
            return
        self._stepped_from = now
        found = next_steps(a) if a is not None and is_known else {}
        for key, label in self._steps.items():
            label.setVisible(key not in unused)
            label.say("; ".join(step.words for step in found.get(key, ())))


def _help(knob: Knob) -> str:
    unit = f" ({knob.unit})" if knob.unit else ""
    words, flag = renamed(knob.help, LABELS), knob.name.replace("_", "-")
    allowed = f"{sentence(knob.allowed)}; --{flag} on the command line"
    return f"<p>{knob.label}{unit}: {words}.<br>{allowed}.</p>"
