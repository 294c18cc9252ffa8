"""The menus: everything that the window does, each with its key."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import cast

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcutEvent
from PySide6.QtWidgets import QMainWindow, QMenu

from srviewer.gui.state.copying import KINDS
from srviewer.gui.state.layers import TOPS, VIEWS, Arrangement, Layer
from srviewer.gui.state.settings import THEME_CHOICES
from srviewer.gui.views.shortcut_sheet import CALLED
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
    ("Mouse", "Drop", "add files and folders to the list, take a recipe or open a session"),
    ("Mouse", "Drop two", "HR and LR, files or folders: the smaller is the LR of the larger"),
    ("Mouse", "Shift+Drop", "open files and folders in the place of the list"),
    ("Images", "Delete", "take the selected images off the list"),
    ("Images", "Ctrl+C", "copy the paths of the selected images"),
    ("Data set", "Enter", "look at the image of the row, as a click on its name does"),
    ("Data set", "Ctrl+C", "copy the selected rows as CSV, or all that are listed"),
    ("Data set", "Click a bar, Up, Down", "list the windows of a bar of its charts, of the next"),
    ("Data set", "Ctrl+Click, Shift+Click", "select several windows, to exclude them"),
    ("Charts", "Menu, Right click", "linear, square root or logarithmic heights; the whole range"),
    ("Charts", "Shift+Left, Shift+Right", "move the threshold"),
    ("Charts", "Left, Right", "move the threshold once its line was clicked"),
    ("Charts", "Arrow keys", "step from one match or window to the next"),
    ("Displacement", "Arrow keys", "go to the match that is displaced more, or less"),
    ("Displacement", "+, -, Home", "come closer, go away, show all again"),
    ("Picture", "Arrow keys", "move; step from match to match or window to window"),
    ("Picture", "Shift+Arrow keys", "move far"),
    ("Picture", "Hold Space", "flip: LR enlarged in the place of HR"),
    ("Picture", "Esc", "ask about nothing"),
    ("Picture", "Tab", "on to the next control"),
)
"""What is no action: group, keys, meaning."""


@dataclass(frozen=True)
class _Entry:
    """An action: its text, what of the window it calls, its keys, and what that is given.

    It is `checkable` where it can be marked.
    """

    text: str
    slot: str
    keys: Keys = None
    data: object = None
    checkable: bool = False


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
            _Entry("Open &pair...", "dialogs.open_pair", "Ctrl+Shift+P"),
            _Entry("Open pairs of &two folders...", "dialogs.open_pair_of_folders", "Ctrl+Shift+T"),
            _RECENT,
            _Entry("Add i&mages...", "dialogs.add_images", "Ctrl+I"),
            _Entry("Add fo&lder...", "dialogs.add_folder", "Ctrl+Shift+I"),
            None,
            _Entry("Open re&cipe...", "dialogs.open_recipe", "Ctrl+R"),
            _Entry("&Save recipe...", "dialogs.save_recipe", _STANDARD.Save),
            None,
            _Entry("Open session...", "sessions.ask_to_open", "Ctrl+Alt+O"),
            _Entry("Save session...", "sessions.ask_to_save", "Ctrl+Alt+S"),
            None,
            _Entry("Open e&xclusions...", "dialogs.open_exclusions"),
            _Entry("Save exclusio&ns...", "dialogs.save_exclusions"),
            None,
            _Entry("Save &view as a picture...", "dialogs.save_view", "Ctrl+Shift+S"),
            _Entry("Survey &all images", "data_set.start_survey", "F5"),
            _Entry("&Export pairs", "exporting.start", "Ctrl+E"),
            _Entry("Ver&ify a data set...", "verification.show", "F6"),
            _Entry("Repro&duce a data set...", "reproduction.show", "F7"),
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
            _COPY_AS,
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
            _Entry("Windows of the data set", "show_set_gallery", "Ctrl+G"),
            None,
            *arrangements,
            _LAYERS,
            _Entry("Opa&city of layers...", "pair.ask_opacities"),
            _DIFFERENCE,
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
            _Entry("Hide all panels", "docks.turn_all", "F9", checkable=True),
            _Entry("F&ull screen", "turn_full_screen", "F11", checkable=True),
            _Entry("Reset the la&yout", "reset_layout"),
            None,
            _THEMES,
        ),
        "&Recipe": (
            *(_Entry(f"Preset {name}", "model.use_preset", data=name) for name in PRESETS),
            _OWN_PRESETS,
            _RECENT_RECIPES,
            None,
            _Entry("&Keep as a preset...", "preset_dialogs.keep", "Ctrl+Alt+K"),
            _Entry("Re&name a preset...", "preset_dialogs.rename"),
            _Entry("&Delete a preset...", "preset_dialogs.delete"),
            None,
            _Entry("&Reset to the preset", "model.reset_recipe", "Ctrl+Backspace"),
            None,
            _Entry("&Which resizer made the LR?", "name_resizer"),
            _Entry("Resizers &compared", "compare_resizers"),
        ),
        "&Help": (
            _Entry("&Keys and gestures", "help.show_keys", "?"),
            _Entry("About the &numbers", "help.show_numbers", "F1"),
            _Entry("&About srviewer", "help.show_about"),
        ),
    }


_PANEL_KEYS = "1234567890-="  # beside each other on the keyboard

# Menus in menus.
_RECENT, _THEMES = _Entry("Open &recent", ""), _Entry("&Theme", "use_theme")
_PANELS = _Entry("Pan&els", "turn_panel")
_OWN_PRESETS, _RECENT_RECIPES = _Entry("&Own presets", ""), _Entry("Recent reci&pes", "recent")
_COPY_AS = _Entry("&Copy the export as", "copy_export_as")
_LAYERS = _Entry("&Layers", "model.toggle_layer")
_DIFFERENCE = _Entry("Range of the difference", "pair.use_top")


class Menus(QObject):
    """The menu bar of `window`, made once; each action calls what it names of the window.

    Attributes
    ----------
    actions : list of QAction
        All of them, in the order of the menus.
    recent, recent_recipes, own_presets : QMenu
        To be filled with the files opened last, and the presets kept.
    undo, redo : QAction
    turn_windows, turn_image : QAction
        Exclude, or include again.
    themes, panels : dict of str to QAction
        By name.
    layers : dict of Layer to QAction
    copies : list of QAction
        Of the export as text.
    tops : dict of int to QAction
    signed : QAction
        Of the difference.
    full_screen, no_panels : QAction

    Signals
    -------
    panel_entered(name)
        The key of a panel was pressed.

    Parameters
    ----------
    window : QMainWindow
    panels : dict of str to str
        The titles of the panels by name; Alt with its number (0: the tenth) leads to each.
    """

    panel_entered = Signal(str)

    def __init__(self, window: QMainWindow, panels: dict[str, str]) -> None:
        super().__init__(window)
        self.actions: list[QAction] = []
        self.recent: QMenu
        self.own_presets: QMenu
        self.recent_recipes: QMenu
        self.themes: dict[str, QAction] = {}
        self.panels: dict[str, QAction] = {}
        self.layers: dict[Layer, QAction] = {}
        self.copies: list[QAction] = []
        self.tops: dict[int, QAction] = {}
        self._window = window
        self._of_picture: list[QAction] = []
        by_slot: dict[str, QAction] = {}
        submenus: dict[_Entry, Callable[[QMenu], None]] = {
            _RECENT: partial(self._keep_menu, "recent"),
            _OWN_PRESETS: partial(self._keep_menu, "own_presets"),
            _RECENT_RECIPES: partial(self._keep_menu, "recent_recipes"),
            _PANELS: partial(self._add_panels, panels),
            _COPY_AS: self._add_copies,
            _THEMES: self._add_themes,
            _LAYERS: self._add_layers,
            _DIFFERENCE: self._add_difference,
        }
        for title, entries in _entries().items():
            menu = window.menuBar().addMenu(title)
            for entry in entries:
                if entry is None:
                    menu.addSeparator()
                elif entry in submenus:
                    submenus[entry](menu.addMenu(entry.text))
                else:
                    by_slot[entry.slot] = self._add(menu, entry)
        self.undo, self.redo = by_slot["model.undo"], by_slot["model.redo"]
        for action in (self.undo, self.redo):
            action.setProperty(CALLED, action.iconText())
        self.full_screen, self.no_panels = by_slot["turn_full_screen"], by_slot["docks.turn_all"]
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
        action.setCheckable(entry.checkable)
        self.actions.append(action)
        return action

    def _keep_menu(self, name: str, menu: QMenu) -> None:
        """Have a menu as an attribute, for whoever fills it before it is shown."""
        setattr(self, name, menu)

    def _add_panels(self, titles: dict[str, str], menu: QMenu) -> None:
        for number, (name, title) in enumerate(titles.items(), start=1):
            keys = f"Alt+{_PANEL_KEYS[number - 1]}" if number <= len(_PANEL_KEYS) else None
            action = self._add(menu, _Entry(title, _PANELS.slot, keys, name, checkable=True))
            action.setData(name)
            action.installEventFilter(self)
            self.panels[name] = action

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the key of a panel lead into it, which its menu entry does not."""
        if not isinstance(event, QShortcutEvent) or event.isAmbiguous():
            return False
        self.panel_entered.emit(cast(QAction, watched).data())
        return True

    def _add_themes(self, menu: QMenu) -> None:
        group = QActionGroup(menu)
        for name in THEME_CHOICES:
            text = "As the system" if name == "system" else name.capitalize()
            entry = _Entry(text, _THEMES.slot, data=name, checkable=True)
            self.themes[name] = group.addAction(self._add(menu, entry))

    def _add_copies(self, menu: QMenu) -> None:
        for name, kind in KINDS.items():
            self.copies.append(self._add(menu, _Entry(kind.title, _COPY_AS.slot, data=name)))

    def _add_difference(self, menu: QMenu) -> None:
        group = QActionGroup(menu)
        for top in TOPS:
            entry = _Entry(f"{top} grey levels", _DIFFERENCE.slot, data=top, checkable=True)
            self.tops[top] = group.addAction(self._add(menu, entry))
        signed = "Signed: HR minus LR enlarged"
        self.signed = self._add(menu, _Entry(signed, "pair.turn_signed", checkable=True))

    def _add_layers(self, menu: QMenu) -> None:
        for layer in Layer:
            entry = _Entry(sentence(layer.drawn), _LAYERS.slot, layer.keys, layer, checkable=True)
            self.layers[layer] = self._add(menu, entry)

    def show_layers(self, shown: Container[Layer], *, of_use: bool) -> None:
        """Mark the layers that are drawn; whatever is about the picture may be of no use now."""
        for layer, action in self.layers.items():
            action.setChecked(layer in shown)
        for action in self._of_picture:
            action.setEnabled(of_use)

    def show_history(self, undo: str, redo: str) -> None:
        """Say what would be undone and made again, empty for nothing."""
        for action, what, words in ((self.undo, "&Undo", undo), (self.redo, "&Redo", redo)):
            action.setEnabled(bool(words))
            action.setText(f"{what} {words.replace('&', '&&')}".rstrip())

    def show_recent(self, paths: Sequence[Path]) -> None:
        """Offer `paths` to be opened again."""
        entries = [_Entry(_as_text(str(path)), "incoming.open", data=[path]) for path in paths]
        self._fill(self.recent, entries, "nothing yet")

    def show_recent_recipes(self, paths: Sequence[Path]) -> None:
        """Offer recipes of files to be taken again."""
        entries = [_Entry(_as_text(str(path)), "dialogs.use_recipe", data=path) for path in paths]
        self._fill(self.recent_recipes, entries, "nothing yet")

    def show_own_presets(self, names: Sequence[str]) -> None:
        """Offer a person's own presets."""
        entries = [_Entry(_as_text(name), "model.use_preset", data=name) for name in names]
        self._fill(self.own_presets, entries, "none is kept yet")

    def _fill(self, menu: QMenu, entries: Sequence[_Entry], none: str) -> None:
        menu.clear()
        for entry in entries:
            menu.addAction(entry.text, partial(self._do, entry))
        if not entries:
            menu.addAction(none).setEnabled(False)

    def _do(self, entry: _Entry) -> None:
        slot = attrgetter(entry.slot)(self._window)
        slot() if entry.data is None else slot(entry.data)


def _as_text(name: str) -> str:
    """Return `name` as a menu shows it as it is."""
    return name.replace("&", "&&")
