"""A random walk of a person who cannot sit still: keys, clicks, drags, resizes, images, exports."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QPushButton,
    QSlider,
    QTabBar,
    QWidget,
)

from srviewer.gui.window import MainWindow
from srviewer.pipeline.recipe import KNOBS

_KEYS = (
    *(Qt.Key(Qt.Key.Key_1 + n) for n in range(7)),
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape),
    *(Qt.Key.Key_Space, Qt.Key.Key_S, Qt.Key.Key_W, Qt.Key.Key_D, Qt.Key.Key_Tab),
    *(Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
)
# What opens a dialog of the system, or leaves the window, is not pressed.
_LEFT_ALONE = frozenset({"open_folder"})
_LEFT_ALONE_TEXTS = frozenset({"..."})


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
        self.window = self._new_window()
        self._things: tuple[tuple[int, Callable[[], None]], ...] = (
            (30, self._press_key),
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
            (1, self._reopen_window),
        )

    def _new_window(self) -> MainWindow:
        window = MainWindow()
        window.show()
        window.export.folder.setText(str(self._out))
        window.open_paths([self._random.choice(self._images)])
        return window

    def step(self) -> None:
        """Do one thing, then let the window react."""
        weights = [weight for weight, _ in self._things]
        (_, thing) = self._random.choices(self._things, weights)[0]
        self.done[thing.__name__] = self.done.get(thing.__name__, 0) + 1
        thing()
        QApplication.processEvents()
        for dialog in self.window.findChildren(QDialog):
            if dialog.isVisible():
                dialog.reject()

    def close(self) -> None:
        """Close the window and wait until its threads have ended."""
        window = self.window
        closed: list[bool] = []
        window.closed.connect(lambda: closed.append(True))
        window.close()
        for _ in range(600):
            if closed:
                break
            QTest.qWait(50)
        assert closed, "the window did not close within 30 s"
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
        QTest.keyClick(self.window.canvas, self._random.choice(_KEYS))

    def _drag_slider(self) -> None:
        sliders = self._visible(QSlider)
        if sliders:
            slider = self._random.choice(sliders)
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
            QTest.mouseClick(self._random.choice(buttons), Qt.MouseButton.LeftButton)

    def _choose(self) -> None:
        combos = self._visible(QComboBox)
        if combos:
            combo = self._random.choice(combos)
            assert isinstance(combo, QComboBox)
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
        self.window.model.change(knob.name, value)  # type: ignore[arg-type]

    def _undo_or_redo(self) -> None:
        self._random.choice((self.window.model.undo, self.window.model.redo))()

    def _switch_tab(self) -> None:
        for tabs in self.window.findChildren(QTabBar):
            if tabs.count():
                tabs.setCurrentIndex(self._random.randrange(tabs.count()))

    def _resize(self) -> None:
        self.window.resize(self._random.randrange(900, 2000), self._random.randrange(560, 1300))

    def _open(self) -> None:
        self.window.open_paths([self._random.choice(self._images)])

    def _start_export(self) -> None:
        self.window.export.start()

    def _cancel_export(self) -> None:
        cancel = self.window.findChild(QPushButton, "cancel_export")
        if cancel.isEnabled():
            QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)

    def _reopen_window(self) -> None:
        self.close()
        self.window = self._new_window()
