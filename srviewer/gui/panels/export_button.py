"""The button of an export, which stands out only where something would be written."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QStyleOptionButton

from srviewer.export.plan import Plan
from srviewer.gui.panels.export_folder import FolderField
from srviewer.gui.state.export_settings import ExportSettings
from srviewer.gui.widgets.building import named, restyle
from srviewer.gui.widgets.labels import fitting


class FittingButton(QPushButton):
    """Shows the longest of its texts that fits; no text makes its panel wider."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, *texts: str) -> None:
        """Show the first of `texts` that fits, or as much of the last as fits."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        part = QStyle.SubElement.SE_PushButtonContents
        room = self.style().subElementRect(part, option, self).width()
        shown = fitting(self.fontMetrics(), room, *texts)
        if shown != self.text():
            self.setText(shown)


class ExportButton(FittingButton):
    """Says what a click does: export, look again whether all is there, or go to another folder.

    Parameters
    ----------
    settings : ExportSettings
    folder : FolderField

    Signals
    -------
    asked
        A person wants the export.
    """

    asked = Signal()

    def __init__(self, settings: ExportSettings, folder: FolderField) -> None:
        super().__init__("Export pairs")
        named(self, "export", primary=True)
        self._settings, self._folder = settings, folder
        self._way_out: Callable[[], None] | None = None  # where nothing can be written
        self._lent: tuple[str, str] | None = None  # the sample's own folder, and the one before
        folder.textChanged.connect(self._forget)
        self.clicked.connect(self._on_click)

    def show_plan(
        self, texts: Sequence[str], plan: Plan | None, problem: str, *, quiet: bool
    ) -> None:
        """Say the first of `texts` that fits, or what `plan` knows better.

        `problem` says why nothing can be known. It is `quiet` where nothing is left to be done.
        """
        if self._lent and plan is not None and not plan.coming.sample:
            self._take_back()
        is_done = plan is not None and plan.is_done
        is_blocked = plan is not None and plan.is_blocked
        restyle(self, "primary", not (is_done or is_blocked or problem or quiet))
        self._way_out = None
        if plan is not None and is_blocked:
            self._offer_way_out(plan)
        elif is_done:
            self.say("Nothing to export: all is there", "Nothing to export")
            self.setToolTip("the folder has all pairs of these images (Ctrl+E looks again)")
        else:
            self.say(*texts)
            self.setToolTip(f"<p>{texts[0]} with this recipe (Ctrl+E)</p>")

    def _forget(self) -> None:
        """Lead nowhere for another folder, of which nothing is known yet."""
        if self._way_out is not None:
            self._way_out = None
            self.say("Export pairs")

    def _offer_way_out(self, plan: Plan) -> None:
        """Lead to a folder that can be written to: the sample has one of its own."""
        own = _beside(self._settings.out)
        if plan.coming.sample and not os.path.lexists(own):
            self._way_out = partial(self._lend, str(own))
            self.say(f"Use the folder {own.name}", "Use a folder of its own")
            self.setToolTip(f"<p>{escape(str(own))}: a new folder for the sample alone</p>")
        else:
            self._way_out = self._folder.choose
            self.say("Choose another folder...", "Another folder...")
            self.setToolTip("nothing can be written into this one")

    def _lend(self, own: str) -> None:
        self._lent = own, self._settings.folder
        self._settings.use_folder(own)

    def _take_back(self) -> None:
        """Go on with a person's own folder for their own pictures."""
        own, before = self._lent or ("", "")
        self._lent = None
        if self._settings.folder == own:
            self._settings.use_folder(before)

    def _on_click(self) -> None:
        if self._way_out is not None:
            self._way_out()
        else:
            self.asked.emit()


def _beside(folder: Path) -> Path:
    return folder.parent / f"{folder.name or 'pairs'}-sample"  # / has no name
