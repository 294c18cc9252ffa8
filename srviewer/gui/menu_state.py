"""What the menus say now: what is marked, what can be done, what is offered again."""

from PySide6.QtCore import QObject

from srviewer.gui.actions import Menus
from srviewer.gui.state.settings import RECIPES
from srviewer.gui.window_parts import WindowParts


class MenuState(QObject):
    """Keeps `menus` true to the parts of `window`."""

    def __init__(self, window: WindowParts, menus: Menus) -> None:
        super().__init__(window)
        self._window, self._menus = window, menus
        model, settings = window.model, window.settings
        menus.recent.aboutToShow.connect(lambda: menus.show_recent(settings.recent()))
        recipes = menus.recent_recipes.aboutToShow
        recipes.connect(lambda: menus.show_recent_recipes(settings.recent(RECIPES)))
        menus.own_presets.aboutToShow.connect(lambda: menus.show_own_presets(window.presets.names))
        for signal, show in (
            (window.docks.changed, self._show_panels),
            (model.view_changed, self._show_layers),
            (model.page_changed, self._show_layers),
            (model.selection_changed, self._show_layers),
            (model.recipe_changed, self._show_history),
            (window.pair.scale.changed, self._show_scale),
            (window.excluding.changed, self._show_excluding),
        ):
            signal.connect(show)
            show()

    def _show_panels(self) -> None:
        docks = self._window.docks
        for name, action in self._menus.panels.items():
            action.setChecked(docks.by_name[name].opened)
        self._menus.no_panels.setChecked(docks.all_hidden)

    def _show_layers(self) -> None:
        model, of_use = self._window.model, self._window.pair.shows_picture
        self._menus.show_layers(model.layers, of_use=of_use)
        self._window.zoom.setEnabled(of_use and not model.data_set_shown)
        self._window.zoom.setVisible(not model.data_set_shown)

    def _show_scale(self) -> None:
        scale = self._window.pair.scale.value
        for top, action in self._menus.tops.items():
            action.setChecked(top == scale.top)
        self._menus.signed.setChecked(scale.signed)

    def _show_history(self) -> None:
        history = self._window.model.history
        self._menus.show_history(history.undo_words, history.redo_words)

    def _show_excluding(self) -> None:
        """Say what the keys do to what is looked at."""
        excluding = self._window.excluding
        self._menus.turn_windows.setText(excluding.windows_words.replace("xclude", "&xclude"))
        self._menus.turn_image.setText(excluding.image_words.replace("image", "i&mage"))
