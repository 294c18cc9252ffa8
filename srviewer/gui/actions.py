"""The menus: everything that the window does, each with its key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from srviewer.gui.settings import THEME_CHOICES
from srviewer.gui.views.layers import VIEWS, Arrangement
from srviewer.pipeline.recipe import PRESETS

Keys = QKeySequence.StandardKey | str | None
_STANDARD = QKeySequence.StandardKey

GESTURES = (
    ("Mouse", "Wheel", "zoom at the pointer"),
    ("Mouse", "Drag", "move the picture, or the divider of the swipe"),
    ("Mouse", "Double-click", "go to the point"),
    ("Mouse", "Click", "ask about a match or a window"),
    ("Mouse", "Drag in a chart", "pull the threshold"),
    ("Mouse", "Drop", "open files and folders"),
    ("Data set", "Enter", "look at the image of the row, as a click on its name does"),
    ("Data set", "Ctrl+C", "copy the selected rows as CSV, or all that are listed"),
    ("Data set", "Left, Right in a chart", "move the threshold"),
    ("Picture", "Arrow keys", "move; step from match to match or window to window"),
    ("Picture", "Shift+Arrow keys", "move far"),
    ("Picture", "Hold Space", "flip: LR enlarged in the place of HR"),
    ("Picture", "Esc", "ask about nothing"),
    ("Picture", "Tab", "on to the next control"),
)
"""What is no action: group, keys, meaning."""


@dataclass(frozen=True)
class Slots:
    """What the actions call: bound methods of QObjects, which Qt does not keep alive.

    The last ones are called for several actions and find their argument in the action's data.
    """

    open_images: Callable[[], object]
    open_folder: Callable[[], object]
    open_recipe: Callable[[], object]
    save_recipe: Callable[[], object]
    save_view: Callable[[], object]
    export: Callable[[], object]
    quit: Callable[[], object]
    undo: Callable[[], object]
    redo: Callable[[], object]
    copy_view: Callable[[], object]
    copy_details: Callable[[], object]
    remove_image: Callable[[], object]
    next_image: Callable[[], object]
    previous_image: Callable[[], object]
    fit: Callable[[], object]
    actual_size: Callable[[], object]
    zoom_in: Callable[[], object]
    zoom_out: Callable[[], object]
    reset_recipe: Callable[[], object]
    show_keys: Callable[[], object]
    show_numbers: Callable[[], object]
    show_about: Callable[[], object]
    show_view: Callable[[], object]
    arrange: Callable[[], object]
    use_preset: Callable[[], object]
    use_theme: Callable[[], object]
    show_tab: Callable[[], object]
    show_data_set: Callable[[], object]
    survey: Callable[[], object]


class Menus:
    """The menu bar of `window`, made once.

    Attributes
    ----------
    actions : list of QAction
        All of them, in the order of the menus.
    recent : QMenu
        To be filled with the files opened last.
    undo, redo : QAction
    themes : dict of str to QAction
    """

    def __init__(self, window: QMainWindow, slots: Slots, tabs: tuple[str, ...]) -> None:
        self._window = window
        self.actions: list[QAction] = []
        self._file(slots)
        self._edit(slots)
        self._view(slots, tabs)
        self._recipe(slots)
        self._help(slots)

    def _menu(self, title: str) -> QMenu:
        return self._window.menuBar().addMenu(title)

    def _act(
        self,
        menu: QMenu,
        text: str,
        what: Callable[[], object],
        keys: Keys = None,
        data: object = None,
    ) -> QAction:
        action = QAction(text, self._window)
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        action.setData(data)
        action.triggered.connect(what)
        menu.addAction(action)
        self.actions.append(action)
        return action

    def _file(self, slots: Slots) -> None:
        menu = self._menu("&File")
        self._act(menu, "&Open images...", slots.open_images, _STANDARD.Open)
        self._act(menu, "Open &folder...", slots.open_folder, "Ctrl+Shift+O")
        self.recent = menu.addMenu("Open &recent")
        menu.addSeparator()
        self._act(menu, "Open re&cipe...", slots.open_recipe, "Ctrl+R")
        self._act(menu, "&Save recipe...", slots.save_recipe, _STANDARD.Save)
        menu.addSeparator()
        self._act(menu, "Save &view as a picture...", slots.save_view, "Ctrl+Shift+S")
        self._act(menu, "Survey &all images", slots.survey, "F5")
        self._act(menu, "&Export pairs", slots.export, "Ctrl+E")
        menu.addSeparator()
        self._act(menu, "&Quit", slots.quit, "Ctrl+Q")

    def _edit(self, slots: Slots) -> None:
        menu = self._menu("&Edit")
        self.undo = self._act(menu, "&Undo", slots.undo, _STANDARD.Undo)
        self.redo = self._act(menu, "&Redo", slots.redo, _STANDARD.Redo)
        menu.addSeparator()
        self._act(menu, "Copy &view as a picture", slots.copy_view, "Ctrl+Shift+C")
        self._act(menu, "Copy &selected match or window", slots.copy_details, "Ctrl+Alt+C")
        menu.addSeparator()
        self._act(menu, "Remove image from the &list", slots.remove_image, "Ctrl+W")

    def _view(self, slots: Slots, tabs: tuple[str, ...]) -> None:
        menu = self._menu("&View")
        for number, view in enumerate(VIEWS, start=1):
            self._act(menu, view.title, slots.show_view, str(number), view.name)
        self._act(menu, "&Data set", slots.show_data_set, str(len(VIEWS) + 1))
        menu.addSeparator()
        for arrangement, keys in zip(Arrangement, ("S", "W", "D"), strict=True):
            self._act(menu, arrangement.value, slots.arrange, keys, arrangement)
        menu.addSeparator()
        self._act(menu, "&Fit", slots.fit, "Ctrl+0")
        self._act(menu, "&Actual size, 1:1", slots.actual_size, "Ctrl+1")
        closer = self._act(menu, "Zoom &in", slots.zoom_in, _STANDARD.ZoomIn)
        # Where + needs Shift, people press the key without it.
        closer.setShortcuts([*closer.shortcuts(), QKeySequence("Ctrl+=")])
        self._act(menu, "Zoom &out", slots.zoom_out, _STANDARD.ZoomOut)
        menu.addSeparator()
        self._act(menu, "&Next image", slots.next_image, "PgDown")
        self._act(menu, "&Previous image", slots.previous_image, "PgUp")
        menu.addSeparator()
        for number, title in enumerate(tabs, start=1):
            self._act(menu, title, slots.show_tab, f"Alt+{number}", number - 1)
        menu.addSeparator()
        self._themes(menu.addMenu("&Theme"), slots)

    def _themes(self, menu: QMenu, slots: Slots) -> None:
        group = QActionGroup(menu)
        self.themes: dict[str, QAction] = {}
        for name in THEME_CHOICES:
            text = "As the system" if name == "system" else name.capitalize()
            action = self._act(menu, text, slots.use_theme, data=name)
            action.setCheckable(True)
            group.addAction(action)
            self.themes[name] = action

    def _recipe(self, slots: Slots) -> None:
        menu = self._menu("&Recipe")
        for name in PRESETS:
            self._act(menu, f"Preset {name}", slots.use_preset, data=name)
        menu.addSeparator()
        self._act(menu, "&Reset to the preset", slots.reset_recipe, "Ctrl+Backspace")

    def _help(self, slots: Slots) -> None:
        menu = self._menu("&Help")
        self._act(menu, "&Keys and gestures", slots.show_keys, "?")
        self._act(menu, "About the &numbers", slots.show_numbers, "F1")
        self._act(menu, "&About srviewer", slots.show_about)
