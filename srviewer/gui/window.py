"""The main window: it puts the parts together."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHideEvent,
    QResizeEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from srviewer.errors import cut
from srviewer.export.settling import How
from srviewer.gui.actions import Menus
from srviewer.gui.help import Help
from srviewer.gui.jobs.runner import stop_runners
from srviewer.gui.leaving import Leaving
from srviewer.gui.menu_state import MenuState
from srviewer.gui.notice import Notice
from srviewer.gui.remembering import remember, restore
from srviewer.gui.sessions import Sessions
from srviewer.gui.state.interrupted import Interrupted
from srviewer.gui.state.settings import Settings, ThemeChoice
from srviewer.gui.theme import choose_theme
from srviewer.gui.widgets.field_keys import FieldKeys
from srviewer.gui.widgets.focus import FocusKeeper
from srviewer.gui.widgets.held_space import HeldSpace
from srviewer.gui.window_parts import WindowParts
from srviewer.runs.inputs import GivenLR
from srviewer.wording import counted

if TYPE_CHECKING:
    from srviewer.gui.views.data_set_page import DataSetView

_PATIENCE = 500  # ms that a closing window waits for its threads before it hides


class MainWindow(WindowParts):
    """The window. `closed` tells that it is gone and no thread of it is left.

    Parameters
    ----------
    settings : Settings, optional
        What it was left with the last time; nothing is remembered where it is not given.
    """

    closed = Signal()

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.sessions = Sessions(self)
        self._make_menus()
        self._connect()
        restore(self)
        self.use_theme(self.settings.theme)
        self.notice.show_title()
        self.leaving.offer()
        self._mind_the_keyboard()

    # Building

    def _make_menus(self) -> None:
        self.menus = Menus(
            self, {name: one.windowTitle() for name, one in self.docks.by_name.items()}
        )
        self.menus.panel_entered.connect(self.enter_panel)
        MenuState(self, self.menus)
        self.help = Help(self.model, self.menus, self)
        copies = QMenu(self.export.copy_as)
        copies.addActions(self.menus.copies)
        self.export.copy_as.setMenu(copies)

    def _connect(self) -> None:
        model, data_set, messages = self.model, self.data_set, self.messages
        self.stage_bar.chosen.connect(self.choose_view)
        self.canvas.pointed.connect(self.status.show_pointed)
        self.zoom.refused.connect(messages.note)
        for picked in (self.canvas.picked, self.pair.pairs.gallery.picked):
            picked.connect(self._on_picked)
        self.images.add_images_asked.connect(self.dialogs.add_images)
        self.images.add_folder_asked.connect(self.dialogs.add_folder)
        self.known.listen(self.exporting.run, "export", "exporting", "exported")
        self.export.known.connect(self.known.note_folder)
        self.incoming.recipe_given.connect(self.dialogs.use_recipe)
        self.incoming.session_given.connect(self.sessions.open)
        self.incoming.data_set_given.connect(self.verification.show_set)
        self.export_settings.changed.connect(self._tell_sizes)
        self.pair.scale.changed.connect(lambda: self.inspector.use_scale(self.pair.scale.value))
        model.page_changed.connect(self._show_page)
        model.selection_changed.connect(self._on_selection)
        model.images_changed.connect(self._show_images)
        self.preset_dialogs.failed.connect(messages.fail)
        self.presets.changed.connect(self.recipe.show_presets)
        failing = (self.dialogs, self.opening, self.images, self.copying, self.sessions)
        for part in failing:
            part.failed.connect(messages.fail)
        self.incoming.failed.connect(self.opening.tell)
        for run in (self.exporting.run, data_set.survey):
            run.image_failed.connect(messages.log_failure)
        galleries = (self.pair.pairs.gallery, self.gallery.gallery)
        for one in (*galleries, self.table, self.match_table):
            one.copied.connect(messages.note)
        self.copying.noted.connect(messages.note)
        self.banner.answered.connect(self._open_last)
        data_set.failed.connect(messages.fail_of_set)
        data_set.survey.done.connect(messages.note_survey)
        self.exporting.run.done.connect(messages.note_export)
        self.exporting.failed.connect(messages.fail_export)
        self.exporting.outdated.connect(messages.forget_export)
        QShortcut("Esc", self).activated.connect(self._on_escape)
        runs = {"export": self.exporting.run, "survey": data_set.survey}
        checks = {"verify": self.verification.run, "reproduce": self.reproduction.run}
        self.notice = Notice(self, {**runs, **checks}, self._title)
        checks = {"verification": checks["verify"], "reproduction": checks["reproduce"]}
        model.current_changed.connect(self.notice.show_title)
        self.leaving = Leaving(self, runs, checks, self.settings, self.offer)
        self.leaving.resumed.connect(self._go_on)
        self.leaving.noted.connect(messages.note)

    def _mind_the_keyboard(self) -> None:
        self._focus = FocusKeeper(self, self._home)
        leave, steps = self._focus.go_home, self._is_inspecting
        self.docks.left.connect(leave)
        self._keys = FieldKeys(self, self.menus.actions, leave, self._leave_for, steps)
        self._keys.stepped.connect(self.model.step_selection)
        self._space = HeldSpace(self)
        self._space.changed.connect(self.canvas.set_flipped)

    def _home(self) -> QWidget:
        """Return what the keyboard belongs to where nothing else has it."""
        return self.data_set_view.shown_list if self.model.data_set_shown else self.pair.shown

    def _leave_for(self, action: QAction) -> None:
        """Leave a field before `action`, but for the key of its own panel, which closes that."""
        dock = self.docks.by_name.get(action.data())
        if dock is None or not dock.has_keyboard:
            self._focus.go_home()

    def _is_inspecting(self) -> bool:
        return self.model.selection is not None

    # What is remembered

    def remember(self) -> None:
        """Write to disk what the next window begins with."""
        if self.pages.count() > 1:  # the data set's page was made
            self.data_set_view.remember(self.settings)
        remember(self)

    def use_theme(self, name: ThemeChoice) -> None:
        """Be dark or light, or as the system is, and remember it."""
        choose_theme(name)
        self.settings.theme = name
        self.menus.themes[name].setChecked(True)

    # Showing

    @cached_property
    def data_set_view(self) -> "DataSetView":
        """The data set's page, made when it is first asked for, so that the window opens sooner."""
        from srviewer.gui.views.data_set_page import DataSetView

        view = DataSetView(self.model, self.data_set, self.excluding, self.chart_choices)
        view.restore(self.settings)
        view.opened.connect(self.data_set.look_at)
        view.gallery.gallery.opened.connect(self._look_at_window)
        view.table.capped.connect(self._cap)
        for copied in (view.table.copied, view.gallery.gallery.copied):
            copied.connect(self.messages.note)
        self.pages.addWidget(view)
        return view

    def _look_at_window(self, path: Path, x: int, y: int, patch: int) -> None:
        """Look at a window of the data set in its image, and inspect it."""
        entry = self.data_set.entry_of(path)
        if entry is not None:
            self.visit.go_to(entry, x, y, patch)
            self.docks.show_inspector()

    def _tell_sizes(self) -> None:
        """Tell the sizes on disk of what is chosen, where that can be."""
        settings = self.export_settings
        if not settings.problem:
            self.data_set.how.use(How(settings.format, settings.remembered))

    def _cap(self, most: int) -> None:
        """Export so many pairs of an image at most."""
        self.export_settings.use("max_per_image", most)
        some = counted(most, "pair an image is", "pairs an image are")
        self.messages.note(f"at most {some} exported now")

    def show_set_gallery(self) -> None:
        """Show the windows of all images."""
        self.model.show_data_set(True)
        self.data_set_view.show_windows()

    def _show_page(self) -> None:
        """Show the picture with all that belongs to it, or the data set."""
        shown = self.model.data_set_shown
        page = self.data_set_view if shown else self.pair
        if shown:
            self.docks.show_picture(False)
        if page is not self.pages.currentWidget():
            self.pages.setCurrentWidget(page)
            self._focus.go_home()
        if not shown:  # now: the data set's page asks for more height than the picture
            self.docks.show_picture(True)

    def _title(self) -> str:
        current = self.model.current
        return f"{current.path.name} - srviewer" if current else "srviewer"

    def choose_view(self, name: str) -> None:
        """Show the picture at the stage `name`."""
        self.model.show_data_set(False)
        self.model.show_view(name)

    def turn_panel(self, name: str) -> None:
        """Bring a panel before others, or close it; those of the picture bring the picture."""
        self._make_room_for(name)
        self.docks.turn(name)

    def enter_panel(self, name: str) -> None:
        """Lead the keyboard into a panel, which may have to be opened; close it from within."""
        self._make_room_for(name)
        self.docks.enter(name)

    def _make_room_for(self, name: str) -> None:
        if not self.docks.has_room_for(name):
            self.model.show_data_set(False)

    def turn_full_screen(self) -> None:
        """Fill the screen, or be as before."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def changeEvent(self, event: QEvent) -> None:
        """Tell in the menu whether the window fills the screen."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.menus.full_screen.setChecked(self.isFullScreen())

    def reset_layout(self) -> None:
        """Open all panels, each where it is at first, and arrange HR and LR as they have room."""
        self.docks.hide_all(False)
        self.docks.arrange()
        self.pair.arrange(None)

    def createPopupMenu(self) -> QMenu:
        """Return the menu on the title of a panel."""
        menu = QMenu(self)
        menu.addActions(list(self.menus.panels.values()))
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room of a large window."""
        super().resizeEvent(event)
        self.docks.follow_size(event.oldSize().width())

    def _show_images(self) -> None:
        self.docks.show_images(len(self.model.entries) > 1)

    def name_resizer(self) -> None:
        """Rank all resizers against the given LR of the image that is looked at."""
        from srviewer.gui.views.resizer_dialog import ResizerDialog

        ResizerDialog(self.model, self).open()

    def compare_resizers(self) -> None:
        """Compare all resizers on the image that is looked at."""
        from srviewer.gui.views.resizers_dialog import ResizersDialog

        ResizersDialog(self.model, self).open()

    def find_image(self) -> None:
        """Search the list of images."""
        self.docks.hide_all(False)
        self.docks.by_name["images"].open()
        self.images.find_image()

    def _on_picked(self, selected: object) -> None:
        if selected is not None:
            self.docks.show_inspector()

    def _on_selection(self) -> None:
        if self.model.selection is None:
            self.docks.leave_inspector()

    def _on_escape(self) -> None:
        self.model.select(None)
        self.opening.cancel()
        self.model.cancel_reading()

    # Opening

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Put images, and the images in folders, in the place of the list."""
        self.opening.open(paths, replace=True)

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Add images, and the images in folders, to the list and look at the first."""
        self.opening.open(paths)

    def open_pairs(self, hr: Sequence[Path], lr: GivenLR) -> None:
        """Put images with their given LR in the place of the list."""
        self.opening.open_pairs(hr, lr, replace=True)

    def copy_export_as(self, kind: str) -> None:
        """Put what the export's button would do into the clipboard as text."""
        self.export_settings.settle_folder()
        refusal = self.export_settings.refusal
        if refusal:
            self.messages.fail_export(f"copy: {refusal}")
        else:
            self.copying.copy(kind, self.export_settings.order(), self.model.exclusions)

    def open_sample(self, sample: Path) -> None:
        """Show the sample, with a hint how to get to one's own pictures."""
        self.opening.open_sample(sample)
        hint = (
            "This is a painted sample. Open your own pictures with Ctrl+O, or drop them here; "
            "what is dropped or pasted later is added, with Shift it replaces the list. "
            "Press ? for all keys."
        )
        last = next(iter(self.settings.recent()), None)
        if last is None:
            self.banner.say(hint)
        else:
            name = cut(last.name).replace("&", "&&")
            self.banner.ask(hint, f"Open {name} again", str(last))

    def _open_last(self, yes: bool) -> None:
        """Go on with what was opened the last time, as the hint offers."""
        if yes:
            self.incoming.open(self.settings.recent()[:1])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up where files or an image are dragged over the window."""
        self.incoming.drag(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Follow the keys that are held."""
        self.incoming.drag(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Be as before."""
        self.incoming.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        self.incoming.drop(event)

    # Leaving

    def _go_on(self, one: Interrupted) -> None:
        """Open the images of what was broken off, and do the rest of it."""
        self.opening.reopen(one.sources)
        if one.what == "export":
            self.exporting.go_on(one.export())
        else:
            self.model.set_recipe(one.recipe)
            self.data_set.start_survey()

    def showEvent(self, event: QShowEvent) -> None:
        """Show the panels that are windows of their own, too."""
        super().showEvent(event)
        if not event.spontaneous():  # after the window: what comes before it lies behind it
            self.docks.show_floating(False)
            QTimer.singleShot(0, self, lambda: self.docks.show_floating(self.isVisible()))

    def hideEvent(self, event: QHideEvent) -> None:
        """Hide them; Qt leaves them where they are."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.docks.show_floating(False)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask, then stop what runs; a slow thread is waited for behind a hidden window."""
        if not self.leaving.may_close():
            event.ignore()
            return
        typing = self.focusWidget()
        if typing is not None:
            typing.clearFocus()  # a number typed last counts now, not when all has been stopped
        if self.isVisible():
            self.remember()
        if stop_runners(self, _PATIENCE if self.isVisible() else 0):
            event.accept()
            for part in (self._focus, self._keys, self._space, self.incoming):
                part.end()
            self.closed.emit()
        else:
            event.ignore()
            self.hide()
            QTimer.singleShot(100, self.close)
