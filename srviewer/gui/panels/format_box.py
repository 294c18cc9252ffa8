"""The list of formats: what the trainer reads is taken, or what the folder holds, or a choice."""

from PySide6.QtCore import QSignalBlocker

from srviewer.export.options import FORMATS, HELP
from srviewer.gui.state.export_settings import ExportSettings
from srviewer.gui.widgets.building import Combo, named
from srviewer.gui.widgets.controls import offer


class FormatBox(Combo):
    """Offers all formats; those that cannot be had now are grey and say why."""

    def __init__(self, settings: ExportSettings) -> None:
        super().__init__()
        named(self, "export_format", "Format")
        self._settings = settings
        self._offered_to: object = ""  # a trainer, or none yet
        self.addItems(list(FORMATS))
        self._show()
        self.currentTextChanged.connect(settings.use_format)
        settings.changed.connect(self._show)

    def _show(self) -> None:
        trainer = self._settings.values["profile"]
        if trainer != self._offered_to:  # to look for packages takes long, and a patch is pulled
            self._offered_to = trainer
            for row, kind in enumerate(FORMATS):
                offer(self, row, self._settings.why_no_format(kind), HELP[kind])
        with QSignalBlocker(self):
            self.setCurrentText(self._settings.format)
        self.setToolTip(HELP.get(self._settings.format, ""))
