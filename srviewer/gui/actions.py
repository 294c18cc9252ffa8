"""The menus: everything that the window does, each with its key."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from srviewer.gui.state.layers import VIEWS, Arrangement, Layer
from srviewer.gui.state.settings import THEME_CHOICES
from srviewer.pipeline.recipe import PRESETS
from srviewer.wording import sentence

Keys = QKeySequence.StandardKey | str | None
_STANDARD = QKeySequence.StandardKey

GESTURES = (
    ("Mouse", "Wheel", "zoom at the pointer"),
    ("Mouse", "Drag", "move the picture, or the divider of the swipe"),
    ("Mouse", "Double-click", "go to the point"),
    ("Mouse", "Click", "ask about a match or a window"),
    ("Mouse", "Drag in a chart", "pull the threshold"),
    ("Mouse", "Drop", "add files and folders to the list, or take a recipe"),
    ("Mouse", "Drop two", "HR and LR, files or folders: the smaller is the LR of the larger"),
    ("Mouse", "Shift+Drop", "open files and folders in the place of the list"),
    ("Images", "Delete", "take the selected images off the list"),
    ("Images", "Ctrl+C", "copy the paths of the selected images"),
    ("Data set", "Enter", "look at the image of the row, as a click on its name does"),
    ("Data set", "Ctrl+C", "copy the selected rows as CSV, or all that are listed"),
    ("Charts", "Shift+Left, Shift+Right", "move the threshold"),
    ("Charts", "Left, Right", "move the threshold once its line was clicked"),
    ("Charts", "Arrow keys", "step from one match or window to the next"),
    ("Picture", "Arrow keys", "move; step from match to match or window to window"),
    ("Picture", "Shift+Arrow keys", "move far"),
    ("Picture", "Hold Space", "flip: LR enlarged in the place of HR"),
    ("Picture", "Esc", "ask about nothing"),
    ("Picture", "Tab", "on to the next control"),
)
"""What is no action: group, keys, meaning."""


@dataclass(frozen=True)
class _Entry:
    """An action: its text, what of the window it calls, its keys, and what that is given."""

    text: str
    slot: str
    keys: Keys = None
    data: object = None


def _entries() -> dict[str, tuple[_Entry | None, ...]]:
    """Return what is in each menu, with None for a line between groups."""
    views = (
        _Entry(view.title, "choose_view", str(n), view.name)
        for n, view in enumerate(VIEWS, start=1)
    )
    arrangements = (
        _Entry(arrangement.value, "pair.arrange", keys, arrangement)
        for arrangement, keys in zip(Arrangement, ("S", "V", "W", "D"), strict=True)
    )
    return {
        "&File": (
            _Entry("&Open images...", "dialogs.open_images", _STANDARD.Open),
            _Entry("Open &folder...", "dialogs.open_folder", "Ctrl+Shift+O"),
            _Entry("Open &pair...", "dialogs.open_pair", "Ctrl+Alt+O"),
            _Entry("Open pairs of &two folders...", "dialogs.open_pair_of_folders"),
            _RECENT,
            _Entry("Add i&mages...", "dialogs.add_images", "Ctrl+I"),
            _Entry("Add fo&lder...", "dialogs.add_folder", "Ctrl+Shift+I"),
            None,
            _Entry("Open re&cipe...", "dialogs.open_recipe", "Ctrl+R"),
            _Entry("&Save recipe...", "dialogs.save_recipe", _STANDARD.Save),
            _Entry("Open e&xclusions...", "dialogs.open_exclusions"),
            _Entry("Save exclusio&ns...", "dialogs.save_exclusions"),
            None,
            _Entry("Save &view as a picture...", "dialogs.save_view", "Ctrl+Shift+S"),
            _Entry("Survey &all images", "data_set.start_survey", "F5"),
            _Entry("&Export pairs", "export.start", "Ctrl+E"),
            _Entry("Ver&ify a data set...", "verification.show"),
            _Entry("Repro&duce a data set...", "reproduction.show"),
            None,
            _Entry("&Quit", "close", "Ctrl+Q"),
        ),
        "&Edit": (
            _Entry("&Undo", "model.undo", _STANDARD.Undo),
            _Entry("&Redo", "model.redo", _STANDARD.Redo),
            None,
            _Entry("E&xclude the window", "excluding.turn_windows", "X"),
            _Entry("Exclude the i&mage", "excluding.turn_image", "Shift+X"),
            None,
            _Entry("Copy &view as a picture", "dialogs.copy_view", "Ctrl+Shift+C"),
            _Entry("Copy &selected match or window", "inspector.copy_picture", "Ctrl+Alt+C"),
            None,
            _Entry("&Paste images or paths", "incoming.paste", _STANDARD.Paste),
            _Entry("&Find an image", "find_image", _STANDARD.Find),
            _Entry("Copy the p&ath of the image", "images.copy_current_path", "Ctrl+Alt+P"),
            _Entry("Show the image in the file mana&ger", "images.show_current_file", "Ctrl+Alt+F"),
            None,
            _Entry("Remove image from the &list", "images.remove_current", "Ctrl+W"),
            _Entry("Remove all &images", "images.remove_all", "Ctrl+Shift+W"),
        ),
        "&View": (
            *views,
            _Entry("&Data set", "model.toggle_data_set", str(len(VIEWS) + 1)),
            None,
            *arrangements,
            _LAYERS,
            None,
            _Entry("&Fit", "canvas.fit", "Ctrl+0"),
            _Entry("&Actual size, 1:1", "canvas.actual_size", "Ctrl+1"),
            _Entry("Zoom &in", "canvas.zoom_in", _STANDARD.ZoomIn),
            _Entry("Zoom &out", "canvas.zoom_out", _STANDARD.ZoomOut),
            None,
            _Entry("&Next image", "model.step_image", "PgDown", 1),
            _Entry("&Previous image", "model.step_image", "PgUp", -1),
            None,
            _PANELS,
            _Entry("Reset the la&yout", "reset_layout"),
            None,
            _THEMES,
        ),
        "&Recipe": (
            *(_Entry(f"Preset {name}", "model.use_preset", data=name) for name in PRESETS),
            None,
            _Entry("&Reset to the preset", "model.reset_recipe", "Ctrl+Backspace"),
            None,
            _Entry("&Which resizer made the LR?", "name_resizer"),
        ),
        "&Help": (
            _Entry("&Keys and gestures", "help.show_keys", "?"),
            _Entry("About the &numbers", "help.show_numbers", "F1"),
            _Entry("&About srviewer", "help.show_about"),
        ),
    }


# Menus in menus.
_RECENT, _THEMES = _Entry("Open &recent", ""), _Entry("&Theme", "use_theme")
_PANELS = _Entry("Pan&els", "turn_panel")
_LAYERS = _Entry("&Layers", "model.toggle_layer")


class Menus(QObject):
    """The menu bar of `window`, made once; each action calls what it names of the window.

    Attributes
    ----------
    actions : list of QAction
        All of them, in the order of the menus.
    recent : QMenu
        To be filled with the files opened last.
    undo, redo : QAction
    turn_windows, turn_image : QAction
        Exclude, or include again.
    themes, panels : dict of str to QAction
        By name.
    layers : dict of Layer to QAction

    Parameters
    ----------
    window : QMainWindow
    panels : dict of str to str
        The titles of the panels by name; Alt with its number (0: the tenth) turns each.
    """

    def __init__(self, window: QMainWindow, panels: dict[str, str]) -> None:
        super().__init__(window)
        self.actions: list[QAction] = []
        self.themes: dict[str, QAction] = {}
        self.panels: dict[str, QAction] = {}
        self.layers: dict[Layer, QAction] = {}
        self._window = window
        self._of_picture: list[QAction] = []
        by_slot: dict[str, QAction] = {}
        for title, entries in _entries().items():
            menu = window.menuBar().addMenu(title)
            for entry in entries:
                if entry is None:
                    menu.addSeparator()
                elif entry is _RECENT:
                    self.recent = menu.addMenu(entry.text)
                elif entry is _PANELS:
                    self._add_panels(menu.addMenu(entry.text), panels)
                elif entry is _THEMES:
                    self._add_themes(menu.addMenu(entry.text))
                elif entry is _LAYERS:
                    self._add_layers(menu.addMenu(entry.text))
                else:
                    by_slot[entry.slot] = action = self._add(menu, entry)
                    self.actions.append(action)
        self.undo, self.redo = by_slot["model.undo"], by_slot["model.redo"]
        self.turn_windows = by_slot["excluding.turn_windows"]
        self.turn_image = by_slot["excluding.turn_image"]
        # Where + needs Shift, people press the key without it.
        closer = by_slot["canvas.zoom_in"]
        closer.setShortcuts([*closer.shortcuts(), QKeySequence("Ctrl+=")])

    def _add(self, menu: QMenu, entry: _Entry) -> QAction:
        action = menu.addAction(entry.text, partial(self._do, entry))
        if entry.slot.startswith("canvas.") or entry.slot in (_LAYERS.slot, "pair.arrange"):
            self._of_picture.append(action)
        if entry.keys is not None:
            action.setShortcut(QKeySequence(entry.keys))
        return action

    def _add_panels(self, menu: QMenu, titles: dict[str, str]) -> None:
        for number, (name, title) in enumerate(titles.items(), start=1):
            keys = f"Alt+{number % 10}" if number <= 10 else None  # the tenth has 0
            action = self._add(menu, _Entry(title, _PANELS.slot, keys, name))
            action.setCheckable(True)
            self.actions.append(action)
            self.panels[name] = action

    def _add_themes(self, menu: QMenu) -> None:
        group = QActionGroup(menu)
        for name in THEME_CHOICES:
            text = "As the system" if name == "system" else name.capitalize()
            action = self._add(menu, _Entry(text, _THEMES.slot, data=name))
            action.setCheckable(True)
            group.addAction(action)
            self.actions.append(action)
            self.themes[name] = action

    def _add_layers(self, menu: QMenu) -> None:
        for layer in Layer:
            entry = _Entry(sentence(layer.drawn), _LAYERS.slot, layer.keys, layer)
            action = self._add(menu, entry)
            action.setCheckable(True)
            self.actions.append(action)
            self.layers[layer] = action

    def show_layers(self, shown: Container[Layer], *, of_use: bool) -> None:
        """Mark the layers that are drawn; whatever is about the picture may be of no use now."""
        for layer, action in self.layers.items():
            action.setChecked(layer in shown)
        for action in self._of_picture:
            action.setEnabled(of_use)

    def show_recent(self, paths: Sequence[Path]) -> None:
        """Offer `paths` to be opened again."""
        self.recent.clear()
        for path in paths:
            self._add(self.recent, _Entry(str(path), "open_paths", data=[path]))
        if not paths:
            self.recent.addAction("nothing yet").setEnabled(False)

    def _do(self, entry: _Entry) -> None:
        slot = attrgetter(entry.slot)(self._window)
        slot() if entry.data is None else slot(entry.data)
