"""A random walk of a person who cannot sit still: keys, clicks, drags, resizes, images, exports.

After each event it looks whether a value changed that was not aimed at, whether a field got the
keyboard by itself, and whether anything was written but into the folder that was chosen.
"""

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QTabBar,
    QWidget,
)

from srviewer.export.options import OPTIONS
from srviewer.gui.views.chart import Chart
from srviewer.gui.widgets.field_keys import FIELDS
from srviewer.gui.window import MainWindow
from srviewer.pipeline.recipe import KNOBS, Recipe, adapted

_KEYS = (
    *(Qt.Key(Qt.Key.Key_1 + n) for n in range(7)),
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape),
    *(Qt.Key.Key_Space, Qt.Key.Key_S, Qt.Key.Key_W, Qt.Key.Key_D, Qt.Key.Key_Tab),
    *(Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Return, Qt.Key.Key_Home, Qt.Key.Key_End),
    *(Qt.Key.Key_K, Qt.Key.Key_M, Qt.Key.Key_P, Qt.Key.Key_H, Qt.Key.Key_C),
    *(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
)
_WITH = (
    *[Qt.KeyboardModifier.NoModifier] * 6,
    Qt.KeyboardModifier.ShiftModifier,
)
_READS: tuple[tuple[type[QWidget], str], ...] = (
    (QLineEdit, "text"),
    (QComboBox, "currentText"),
    (QCheckBox, "isChecked"),
    (QSpinBox, "value"),
    (QDoubleSpinBox, "value"),
    (QAbstractSlider, "value"),
)
# Which images are exported follows what is looked at, format and trainer what the folder holds, and
# B what A is; the others say how things are shown.
_NO_VALUES = frozenset({"export_images", "export_format", "export_profile", "compare_with",
                        "arrangement", "preset", "zoom"})  # fmt: skip
# What opens a dialog of the system, or leaves the window, is not pressed.
_LEFT_ALONE = frozenset({"open_folder"})
_LEFT_ALONE_TEXTS = frozenset({"..."})


def _leave_what_waits() -> None:
    """Shut a menu or a dialog that waits for an answer."""
    waiting = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    if waiting is not None:
        waiting.close()


@contextmanager
def _leaving_what_waits() -> Iterator[None]:
    """Shut what waits for an answer, however long it takes to appear; else nothing goes on."""
    QTimer.singleShot(100, _leave_what_waits)  # also what does not keep the caller waiting
    timer = QTimer()
    timer.timeout.connect(_leave_what_waits)
    timer.start(100)
    yield
    timer.stop()


def declared(control: QWidget) -> set[str]:
    """Return the names of the values that `control` says it sets: "Patch: 32 px; Stride: ..."."""
    labels = {knob.label: name for name, knob in KNOBS.items()}
    labels |= {knob.label: f"export_{name}" for name, knob in OPTIONS.items()}
    parts = (part.strip() for part in control.accessibleDescription().split(";"))
    said = ([one for one in labels if re.match(rf"{re.escape(one)}:? ", part)] for part in parts)
    return {labels[max(found, key=len)] for found in said if found}


class Walker:
    """Does one random thing after the other to a window.

    Parameters
    ----------
    images : list of Path
        What it opens; some of them cannot be read.
    out : Path
        Where it exports to.
    seed : int
    """

    def __init__(self, images: list[Path], out: Path, seed: int = 0) -> None:
        self._random = random.Random(seed)
        self._images = images
        self._out = out
        self.done: dict[str, int] = {}
        self.faults: list[str] = []
        self._aims: set[str] = set()  # names of the values that the event may change
        self._goes_on = False  # it may lead the keyboard into another field
        self._files = self._written()
        self.window = self._new_window()
        self._things: tuple[tuple[int, Callable[[], None]], ...] = (
            (30, self._press_key),
            (8, self._go_into),
            (20, self._drag_slider),
            (15, self._click_canvas),
            (15, self._drag_canvas),
            (15, self._wheel),
            (10, self._click_button),
            (6, self._choose),
            (6, self._change_knob),
            (5, self._undo_or_redo),
            (5, self._switch_tab),
            (4, self._resize),
            (4, self._open),
            (2, self._start_export),
            (3, self._cancel_export),
            (1, self._ask_to_close),
            (1, self._reopen_window),
        )

    def _new_window(self) -> MainWindow:
        window = MainWindow()
        self._closed = closed = list[bool]()
        window.closed.connect(lambda: closed.append(True))
        window.show()
        window.export.folder.setText(str(self._out))
        window.add_paths([self._random.choice(self._images)])
        return window

    def step(self) -> None:
        """Do one thing, then let the window react."""
        weights = [weight for weight, _ in self._things]
        (_, thing) = self._random.choices(self._things, weights)[0]
        name = thing.__name__
        self.done[name] = self.done.get(name, 0) + 1
        window, had, values = self.window, QApplication.focusWidget(), self._values()
        recipe = window.model.recipe
        # What was typed into the field that has the keyboard may be taken now.
        self._aims = {had.objectName()} if isinstance(had, FIELDS) else set()
        self._goes_on = False
        thing()
        QApplication.processEvents()
        for dialog in self.window.findChildren(QDialog):
            if dialog.isVisible():
                dialog.reject()
        if self.window is window:
            now = QApplication.focusWidget()
            asked = isinstance(now, QWidget) and now.window().isModal()  # a menu's or a dialog's
            popup = isinstance(now, QWidget) and now.window().windowType() == Qt.WindowType.Popup
            if isinstance(now, FIELDS) and now is not had and not (self._goes_on or asked or popup):
                self.faults.append(f"{name} led the keyboard into {now.objectName()!r}")
            self._check_values(name, values, recipe)
        files, self._files = self._files, self._written()
        if self._files != files:
            self.faults.append(f"{name} wrote {sorted(self._files - files)}")

    def _values(self) -> dict[str, object]:
        """Return what all fields hold, by name."""
        found: dict[str, object] = {}
        # It shows how many pairs there are until a person wants so many.
        page = vars(self.window).get("data_set_view")  # made when it is first asked for
        wanted = page is not None and page.cards.wish.wish is not None
        shown_only: set[str] = set() if wanted else {"wanted_pairs"}
        for kind, read in _READS:
            for one in self.window.findChildren(kind):
                name = one.objectName()
                if name and name not in _NO_VALUES | shown_only and not name.startswith("qt_"):
                    found[name] = getattr(one, read)()
        return found

    def _check_values(self, event: str, before: dict[str, object], recipe: Recipe) -> None:
        now, after = self.window.model.recipe, self._values()
        changed = {name for name in before if before[name] != after.get(name, before[name])}
        knobs = {name.removesuffix("_slider") for name in self._aims} & KNOBS.keys()
        moved = "recipe" in self._aims or any(
            adapted(recipe, knob, getattr(now, knob)) == now for knob in knobs
        )
        left = {name for name in changed if name.removesuffix("_slider") not in self._aims}
        if moved:  # a knob takes others along where it has to
            left = {name for name in left if name.removesuffix("_slider") not in KNOBS}
        if left:
            told = ", ".join(f"{name}: {before[name]!r} to {after[name]!r}" for name in left)
            self.faults.append(f"{event} changed {told}; aimed at {sorted(self._aims)}")

    def _written(self) -> frozenset[str]:
        """Return all files beside the images but those of the export and the person's home."""
        root = self._images[0].parent
        left_out = {self._out, root / "home"}
        return frozenset(
            str(path) for path in root.rglob("*") if not left_out & {path, *path.parents}
        )

    def close(self) -> None:
        """Close the window and wait until its threads have ended."""
        window = self.window
        window.leaving.at_once()
        for _ in range(600):
            if self._closed:
                break
            QTest.qWait(50)
        assert self._closed, "the window did not close within 30 s"
        window.deleteLater()
        QApplication.sendPostedEvents(None, 0)
        QApplication.processEvents()

    def _point(self, widget: QWidget) -> QPoint:
        return QPoint(
            self._random.randrange(max(widget.width(), 1)),
            self._random.randrange(max(widget.height(), 1)),
        )

    def _visible(self, kind: type[QWidget]) -> list[QWidget]:
        found = self.window.findChildren(kind)
        return [one for one in found if one.isVisible() and one.isEnabled()]

    def _press_key(self) -> None:
        at = QApplication.focusWidget() or self.window.canvas
        key, pressed_with = self._random.choice(_KEYS), self._random.choice(_WITH)
        if isinstance(at, QAbstractButton) and at.isVisible() and self._random.random() < 0.5:
            key, pressed_with = Qt.Key.Key_Space, _WITH[0]  # which may be the last of it
            if at.objectName() in _LEFT_ALONE or at.text().endswith(tuple(_LEFT_ALONE_TEXTS)):
                return
        self._goes_on = key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
        if isinstance(at, QAbstractButton) and key == Qt.Key.Key_Space:
            self._aim_at_button(at)
        if isinstance(at, Chart) and at.model is not None and at.model.threshold is not None:
            self._aims.add(at.model.threshold.key)
        with _leaving_what_waits():
            QTest.keyClick(at, key, pressed_with)

    def _go_into(self) -> None:
        tabbed = Qt.FocusPolicy.TabFocus
        kind = self._random.choice((QWidget, QAbstractButton))
        widgets = [one for one in self._visible(kind) if one.focusPolicy() & tabbed]
        self._goes_on = True
        self._random.choice(widgets).setFocus(Qt.FocusReason.TabFocusReason)

    def _drag_slider(self) -> None:
        sliders = self._visible(QSlider)
        if sliders:
            slider = self._random.choice(sliders)
            self._aims.add(slider.objectName().removesuffix("_slider"))
            self._goes_on = True
            left = Qt.MouseButton.LeftButton
            QTest.mousePress(slider, left, pos=self._point(slider))
            for _ in range(3):
                QTest.mouseMove(slider, self._point(slider))
            QTest.mouseRelease(slider, left, pos=self._point(slider))

    def _click_canvas(self) -> None:
        canvas = self.window.canvas
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=self._point(canvas))

    def _drag_canvas(self) -> None:
        canvas = self.window.canvas
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=self._point(canvas))
        for _ in range(2):
            QTest.mouseMove(canvas, self._point(canvas))
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=self._point(canvas))

    def _wheel(self) -> None:
        canvas = self.window.canvas
        at = QPointF(self._point(canvas))
        event = QWheelEvent(
            at,
            QPointF(canvas.mapToGlobal(at.toPoint())),
            QPoint(0, 0),
            QPoint(0, self._random.choice((-360, -120, 120, 360))),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(canvas, event)

    def _click_button(self) -> None:
        buttons = [
            one
            for one in self._visible(QAbstractButton)
            if one.objectName() not in _LEFT_ALONE
            and not one.text().endswith(tuple(_LEFT_ALONE_TEXTS))  # type: ignore[attr-defined]
        ]
        if buttons:
            button = self._random.choice(buttons)
            self._aim_at_button(button)
            with _leaving_what_waits():
                QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def _aim_at_button(self, button: QWidget) -> None:
        name = button.objectName()
        self._aims |= declared(button)
        self._aims.add("recipe" if name == "reset_all" else name.removeprefix("reset_"))

    def _choose(self) -> None:
        combos = self._visible(QComboBox)
        if combos:
            combo = self._random.choice(combos)
            assert isinstance(combo, QComboBox)
            name = combo.objectName()
            self._aims.add("recipe" if name == "preset" else name)
            with _leaving_what_waits():
                QTest.keyClick(combo, self._random.choice((Qt.Key.Key_Up, Qt.Key.Key_Down)))

    def _change_knob(self) -> None:
        knob = self._random.choice(list(KNOBS.values()))
        if knob.choices:
            value: object = self._random.choice(knob.choices)
        elif knob.kind is bool:
            value = self._random.random() < 0.5
        else:
            number = self._random.uniform(knob.low, knob.usual)
            value = int(number) if knob.kind is int else number
            # Some knobs multiply the work: a stride of one pixel is a test of patience only.
            if knob.name == "stride":
                value = max(int(number), 6)
        self._aims.add(knob.name)
        self.window.model.change(knob.name, value)  # type: ignore[arg-type]

    def _undo_or_redo(self) -> None:
        self._aims.add("recipe")
        self._random.choice((self.window.model.undo, self.window.model.redo))()

    def _switch_tab(self) -> None:
        for tabs in self.window.findChildren(QTabBar):
            if tabs.count():
                tabs.setCurrentIndex(self._random.randrange(tabs.count()))

    def _resize(self) -> None:
        self.window.resize(self._random.randrange(900, 2000), self._random.randrange(560, 1300))

    def _open(self) -> None:
        self.window.add_paths([self._random.choice(self._images)])

    def _start_export(self) -> None:
        self.window.exporting.start()

    def _cancel_export(self) -> None:
        cancel = self.window.findChild(QPushButton, "cancel_export")
        if cancel.isEnabled():
            QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)

    def _ask_to_close(self) -> None:
        """Close over an export; it asks, unless a person has stopped the export already."""
        run = self.window.exporting.run
        if not run.busy:
            return
        asks = not run.cancelled
        self.window.close()
        if not self.window.isVisible():
            if asks:
                self.faults.append("the window closed over an export without a question")
            self._reopen_window()

    def _reopen_window(self) -> None:
        self.close()
        self.window = self._new_window()
