"""The list of formats: what the trainer reads is taken, or what the folder holds, or a choice."""

from PySide6.QtCore import Qt

from srviewer.export.options import FORMATS, HELP, USUAL_FORMAT, install_line
from srviewer.export.profiles import PROFILES, Profile
from srviewer.gui.widgets.building import Combo, named
from srviewer.gui.widgets.controls import offer
from srviewer.pipeline.knobs import Value


class FormatBox(Combo):
    """Offers all formats; those that cannot be had now are grey and say why.

    Attributes
    ----------
    by_hand : bool
        Whether a person has chosen what is shown; otherwise trainer and folder say which it is.
    """

    def __init__(self) -> None:
        super().__init__()
        named(self, "export_format", "Format")
        self.by_hand = False
        self._offered_to: Value | None = ""  # a trainer, or none yet
        self.addItems(list(FORMATS))
        self._show_help(self.currentText())
        self.currentTextChanged.connect(self._on_other)

    @property
    def chosen(self) -> str | None:
        """The format that a person has chosen, if one has."""
        return self.currentText() if self.by_hand else None

    def restore(self, kind: str | None) -> None:
        """Choose what was chosen the last time, where it can be had."""
        if kind in FORMATS and install_line(kind) is None:
            self.setCurrentText(kind)
            self.by_hand = True

    def follow_profile(self, name: Value | None) -> None:
        """Offer the formats that the trainer `name` reads, and have one of them."""
        profile = PROFILES[str(name)] if name is not None else None
        if name != self._offered_to:  # to look for packages takes long, and a patch is pulled
            self._offered_to = name
            self._offer(profile)
        if profile is not None and self.currentText() not in profile.formats:
            self._take(profile.formats[0])

    def _offer(self, profile: Profile | None) -> None:
        for row, kind in enumerate(FORMATS):
            missing = install_line(kind)
            why_not = missing and f"to use it: {missing}"
            if profile is not None and kind not in profile.formats:
                why_not = f"{profile.label} does not read it"
            offer(self, row, why_not, HELP[kind])

    def follow_folder(self, there: str | None, *, trained: bool) -> None:
        """Have the format that a folder holds, unless a person has chosen one.

        Where it holds none, the usual one is had, or with `trained` what the trainer reads.
        """
        if self.by_hand:
            return
        kind = there or (self.currentText() if trained else USUAL_FORMAT)
        row = self.findText(kind)
        items = self.model()
        if row >= 0 and items.flags(items.index(row, 0)) & Qt.ItemFlag.ItemIsEnabled:
            self._take(kind)

    def _take(self, kind: str) -> None:
        """Have a format that no person has chosen."""
        by_hand = self.by_hand
        self.setCurrentText(kind)
        self.by_hand = by_hand

    def _on_other(self, kind: str) -> None:
        self.by_hand = True
        self._show_help(kind)

    def _show_help(self, kind: str) -> None:
        self.setToolTip(HELP.get(kind, ""))
