"""The dialog that has a data set verified or made again, and lists what was found."""

import os
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from srviewer.export.verification.sources import AtHand
from srviewer.gui.jobs.long_run import CheckRun
from srviewer.gui.views.findings_table import FindingsTable
from srviewer.gui.widgets.building import (
    Combo,
    beside,
    even_heights,
    filled,
    keep_room,
    label,
    named,
    progress_bar,
    push_button,
    restyle,
    tool_button,
)
from srviewer.runs.home import expanded
from srviewer.runs.rooted import Rooted

_LINES = 3  # of the summary
Images = tuple[Path | Rooted, ...]


@dataclass(frozen=True)
class Way:
    """A way to check a data set.

    Attributes
    ----------
    name : str
        Of the widgets, "verify".
    title, button, about : str
    nothing : str
        What is said where nothing is found.
    alone : bool
        Whether it can be done without the images.
    """

    name: str
    title: str
    button: str
    about: str
    nothing: str
    alone: bool


VERIFY = Way(
    "verify",
    "Verify a data set",
    "Verify",
    "Reads every pair back and holds it against checksums, manifest and recipe; with the images, "
    "byte by byte against what the export makes of them.",
    "nothing is wrong",
    alone=True,
)
REPRODUCE = Way(
    "reproduce",
    "Reproduce a data set",
    "Reproduce",
    "Makes the data set again from its recipe and its images, in a folder beside it that is "
    "removed at the end, and compares every byte.",
    "no difference",
    alone=False,
)


class CheckDialog(QDialog):
    """Asks for the data set and its images, shows how it goes and what was found.

    It can be closed while the work goes on.

    Attributes
    ----------
    table : FindingsTable

    Signals
    -------
    asked(folder, images)
        A person starts it.
    turned(folder)
        Another data set is meant.
    """

    asked = Signal(object, object)
    turned = Signal(object)

    def __init__(self, way: Way, run: CheckRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._way, self._run = way, run
        self._listed: Images = ()
        self._count = 0  # images in the list
        self._was_chosen = False  # by a person, from `images`
        self._chosen: Path | None = None  # a folder of images
        self._missing = ""  # what was said of it
        self._at_hand = AtHand()  # of those in the list
        named(self, f"{way.name}_dialog", way.title)
        self.setWindowTitle(way.title)
        self._build()
        run.state_changed.connect(self._follow)
        self._follow()

    def _build(self) -> None:
        name, way = self._way.name, self._way
        self.folder = named(QLineEdit(), f"{name}_folder", "Folder of the data set")
        self.folder.textChanged.connect(self._on_folder)
        says, tip = "Choose the data set", "choose a folder"
        browse = tool_button("...", f"{name}_browse", says, tip=tip, boxed=True)
        even_heights(self.folder, browse)
        browse.clicked.connect(self._browse)
        tip = "the images that the data set was made of"
        self.images = named(Combo(), f"{name}_images", "Images", tip=tip)
        self.images.activated.connect(self._on_images)
        self.bar = progress_bar(f"{name}_progress", f"Progress: {way.title}")
        keep_room(self.bar)  # an empty one looks like a field
        self.start = push_button(way.button, f"{name}_start", way.about, primary=True, default=True)
        self.start.clicked.connect(self._ask)
        self.cancel = push_button("Cancel", f"{name}_cancel", "stop; the data set stays as it is")
        self.cancel.clicked.connect(self._run.cancel)
        self.summary = label(f"{name}_summary", wraps=True, accessibleName="What came of it")
        self.summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.summary.setMinimumHeight(_LINES * self.fontMetrics().lineSpacing())
        self.summary.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.table = FindingsTable(name)
        tip = "the work goes on behind a closed dialog, and its menu entry brings it back"
        self.close_button = push_button("Close", f"{name}_close", tip, autoDefault=False)
        self.close_button.clicked.connect(self.close)
        form = QFormLayout()
        form.addRow("Data set", beside(self.folder, browse, grows=self.folder))
        form.addRow("Images", self.images)
        space = QWidget()
        parts = (
            label("", way.about, muted=True, wraps=True),
            form,
            beside(self.bar, self.start, self.cancel, grows=self.bar),
            self.summary,
            self.table,
            beside(space, self.close_button, grows=space),
        )
        filled(QVBoxLayout(self), *parts, grows=self.table, margins=(14, 12, 14, 12), spacing=8)
        self.setMinimumSize(560, 380)
        self.resize(860, 540)

    # What is asked

    def offer(self, folder: Path, listed: Images, count: int, *, propose: bool) -> None:
        """Propose a data set, and the `count` images that are in the list, as files and folders.

        Without `propose` they can be chosen all the same.
        """
        self._listed, self._count = listed, count
        if not self.folder.text().strip():
            self.folder.setText(str(folder))
        # With the images more is found out: what is at hand is used unless a person says otherwise.
        first = int(self._way.alone and bool(listed) and propose)
        self._fill_images(self.images.currentIndex() if self._was_chosen else first)

    def _fill_images(self, row: int) -> None:
        count = self._count
        many = "image" if count == 1 else f"{count:,} images"
        entries: list[tuple[str, Images | None]] = []
        alone = ("none: the data set by itself, without a look at its images", ())
        entries += [alone] if self._way.alone else []
        some = self._at_hand.named - len(self._at_hand.missing)
        of = f", {some:,} of the {self._at_hand.named:,} of the data set"
        of = of if self._at_hand.missing else ""
        entries += [(f"the {many} in the list{of}", self._listed)] if self._listed else []
        entries += [(str(self._chosen), (self._chosen,))] if self._chosen else []
        entries += [("a folder of images ...", None)]
        with QSignalBlocker(self.images):
            self.images.clear()
            for text, images in entries:
                self.images.addItem(text, images)
            self.images.setCurrentIndex(min(max(row, 0), len(entries) - 1))
        self._follow()

    def _on_folder(self) -> None:
        if self._at_hand != AtHand():
            self._take(AtHand())
        if not self._run.busy:  # what is said is of the folder before
            self.say("")
        self.turned.emit(self._out)
        self._follow()

    @property
    def _out(self) -> Path | None:
        typed = expanded(self.folder.text().strip())
        return Path(os.path.abspath(typed)) if typed else None

    def show_at_hand(self, found: AtHand) -> None:
        """Propose the images in the list where the data set was made of some of them."""
        told = self.summary.text() not in ("", self._missing)  # what came of a check stays
        self._take(found)
        self._missing = found.words
        if not self._run.busy and not told:
            self.say(found.words)

    def _take(self, found: AtHand) -> None:
        self._at_hand = found
        row = self.images.currentIndex()
        if not self._was_chosen and found.none and self._listed:
            row = 0 if self._way.alone else self.images.count() - 1
        self._fill_images(row)

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self._way.title, self.folder.text())
        if chosen:
            self.folder.setText(chosen)

    def _on_images(self, row: int) -> None:
        self._was_chosen = True
        if self.images.itemData(row) is None:
            title = "The images that the data set was made of"
            chosen = QFileDialog.getExistingDirectory(self, title, self.folder.text())
            if chosen:
                last = self.images.count() - 1 - (self._chosen is not None)
                self._chosen = Path(chosen)
                self._fill_images(last)
        self._follow()

    def _ask(self) -> None:
        images = self.images.currentData()
        if self._out and images is not None and not self._run.busy:
            self.asked.emit(self._out, images)

    # What is shown

    def _follow(self) -> None:
        busy, state = self._run.busy, self._run.state
        ready = bool(self.folder.text().strip()) and self.images.currentData() is not None
        self.start.setEnabled(ready and not busy)
        for asked in (self.folder, self.images):
            asked.setEnabled(not busy)
        self.cancel.setEnabled(busy and not self._run.cancelled)
        total = state.total if busy and state is not None else 0
        self.bar.setVisible(busy)
        self.bar.setRange(0, total if busy else 1)
        self.bar.setValue(state.done if total else 0)
        self.bar.setTextVisible(bool(total))

    def say(self, text: str, *, warns: bool = False) -> None:
        """Say how it goes, or what came of it."""
        self.summary.setText(text)
        restyle(self.summary, "warns", warns)
        self.summary.setAccessibleDescription(text)

    def bring(self) -> None:
        """Show it, in front."""
        self.show()
        self.raise_()
        self.activateWindow()
        first = self.start if self.start.isEnabled() else self.images
        first.setFocus(Qt.FocusReason.OtherFocusReason)  # no field: a key would change it
