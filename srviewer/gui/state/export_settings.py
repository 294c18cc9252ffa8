"""What the next export is: what a person has chosen, what its folder settles, what follows."""

import math
import os
from collections.abc import Hashable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths, Signal

from srviewer.errors import OptionError
from srviewer.export.copy_as import Order
from srviewer.export.export_run import ExportState
from srviewer.export.options import (
    FORMATS,
    LABELS,
    OPTIONS,
    SHUFFLED,
    USUAL_FORMAT,
    Options,
    install_line,
    of_format,
    refused,
    usual_border,
)
from srviewer.export.profiles import PROFILES, Profile
from srviewer.export.runner import export
from srviewer.export.session import SCOPES, ExportChoices
from srviewer.export.settling import STAYS, How, settled
from srviewer.gui.state.entry import Entry
from srviewer.gui.state.export_planner import Images
from srviewer.gui.state.model import Model
from srviewer.pipeline.knobs import Knob, Value
from srviewer.pipeline.stages import LAYOUT_KNOBS
from srviewer.runs.home import expanded, home


class ExportSettings(QObject):
    """Knows what the next export is; who shows it or goes on with it asks here.

    Which images it is of follows the list and the page too, of which the model tells.

    Attributes
    ----------
    folder : str
        Where the pairs go, as it was typed.
    scope : {'this', 'all'} or None
        Which images a person has said are exported; None where that follows what is looked at.
    format : str
    values : dict
        What is shown of each option, of all formats, and of ``jobs``.
    options : Options
        What is chosen for the format in use.
    resolved : Options
        The same with the defaults of the format filled in, where that can be.
    problem : str
        Why what is chosen cannot be done, empty where it can.

    Signals
    -------
    changed
        Something is chosen or settled otherwise, or is now allowed or no longer.
    """

    changed = Signal()

    def __init__(self, model: Model, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = default_folder()
        self.scope: str | None = None
        self.format = USUAL_FORMAT
        self.values: dict[str, Any] = {key: _usual(key) for key in OPTIONS} | {"jobs": None}
        self._by_hand: set[str] = set()  # what a person has chosen: options, and the format
        self._there: Options | None = None  # how the pairs in the folder are written
        self._model = model
        self._images_were = 0  # how often the list has changed
        self._folder_opened = False  # and not files alone
        model.images_changed.connect(self._on_images)
        model.recipe_changed.connect(self._follow_recipe)
        self._settle()

    # What a person sets

    def use(self, key: str, value: Value | None) -> None:
        """Choose `value` for an option or for ``jobs``, whatever the folder holds."""
        self._by_hand.add(key)
        self._take(key, value)
        self._settle()

    def use_format(self, kind: str) -> None:
        """Choose the format, whatever the folder holds."""
        self._by_hand.add("format")
        self.format = kind
        self._settle()

    def use_folder(self, folder: str) -> None:
        """Choose the folder, as it is typed."""
        if folder != self.folder:
            self.folder = folder
            self.changed.emit()

    def settle_folder(self) -> None:
        """Have the folder that is meant, wherever the program started."""
        self.use_folder(absolute(self.folder))

    def use_scope(self, scope: str) -> None:
        """Choose which images are exported, whatever is looked at."""
        self.scope = scope
        self.changed.emit()

    def restore(
        self,
        options: Options,
        jobs: int | None,
        folder: str | None = None,
        format: str | None = None,
        scope: str | None = None,
    ) -> None:
        """Go on with the choices of the last time; None leaves folder and format as they are."""
        if folder is not None:
            self.folder = absolute(folder)
        self.scope = scope
        values = asdict(options)
        of_options = {key for key in OPTIONS if values[key] not in (None, _usual(key))}
        self._by_hand = of_options | (self._by_hand & {"format"})
        if format in FORMATS and install_line(format) is None:
            self.format = format
            self._by_hand.add("format")
        for key, value in (values | {"jobs": jobs}).items():
            self._take(key, value)
        self._there = None  # what the folder holds is taken anew
        self._settle()

    def choose(self, chosen: ExportChoices) -> None:
        """Take what a session has chosen."""
        folder = str(chosen.folder) if chosen.folder else None
        self.restore(chosen.options, chosen.jobs, folder, chosen.format, chosen.scope)

    # What the folder settles

    def follow_folder(self, there: How | None) -> None:
        """Go on with what the folder holds, where a person has chosen nothing else.

        A folder that holds nothing has the usual options again, and the usual format, or what the
        trainer reads.
        """
        options, kind = (there.options, there.format) if there is not None else (None, None)
        before = self._there, self.format
        if options != self._there:
            self._there = options
            for key in OPTIONS.keys() - self._by_hand - set(STAYS):
                self._take(key, getattr(options or Options(), key))
        if "format" not in self._by_hand:
            kind = kind or (self.format if self._profile is not None else USUAL_FORMAT)
            if kind != self.format and not self.why_no_format(kind):
                self.format = kind
        if (self._there, self.format) != before:
            self._settle()

    # What follows

    @property
    def chosen_format(self) -> str | None:
        """The format that a person has chosen, if one has."""
        return self.format if "format" in self._by_hand else None

    @property
    def jobs(self) -> int | None:
        """The number of processes; None for as many as there are cores."""
        jobs: int | None = self.values["jobs"]
        return jobs

    @property
    def out(self) -> Path:
        """The folder that is meant."""
        return Path(expanded(absolute(self.folder)))

    @property
    def beside(self) -> Path | None:
        """The folder beside which a new one is likely to be wanted: that of the images."""
        return next(((one.root or one.path).parent for one in self._model.entries), None)

    @property
    def remembered(self) -> Options:
        """What is chosen for this format and the others, but for what the folder has settled."""
        return Options(
            **{key: self.values[key] if key in self._by_hand else _usual(key) for key in OPTIONS}
        )

    @property
    def usual_border(self) -> int:
        """The label border where none is chosen."""
        return usual_border(self._model.recipe)

    @property
    def refusal(self) -> str:
        """Why nothing can be exported, empty where it can."""
        if self._model.current is None:
            return "no image is there"
        if not self.folder:
            return "the folder is empty; choose where the pairs go"
        return self.problem

    def offers(self, knob: Knob) -> bool:
        """Tell whether a person decides it: the format has it, and no trainer says what it is."""
        has = not knob.formats or self.format in knob.formats
        return has and knob.name not in self._of_profile

    def why_not(self) -> dict[str, str]:
        """Return which options are of no use for now, each with the reason."""
        found = refused(self.format, self.options)
        if not self.values["validation_share"] and self.format not in SHUFFLED:
            found["seed"] = "no image is held back for validation"
        return found

    def why_no_format(self, kind: str) -> str:
        """Return why a format cannot be chosen, empty where it can."""
        if self._profile is not None and kind not in self._profile.formats:
            return f"{self._profile.label} does not read it"
        missing = install_line(kind)
        return f"to use it: {missing}" if missing else ""

    # Which images

    @property
    def takes_all(self) -> bool:
        """Whether all images are exported: as was said, or as what is looked at suggests."""
        entries = self._model.entries
        if len(entries) < 2 or self.scope is not None:
            return len(entries) > 1 and self.scope == SCOPES[1]
        return self._model.data_set_shown or self._folder_opened

    def entries(self) -> Sequence[Entry]:
        """Return the images."""
        current = self._model.current
        if self.takes_all:
            return self._model.entries
        return (current,) if current is not None else ()

    def sources(self) -> Images:
        """Return what an export of them takes."""
        return tuple(entry.source for entry in self.entries())

    def which(self) -> Hashable:
        """Return what tells the images from others."""
        current = self._model.current
        return self._images_were, None if self.takes_all else current and current.path

    # All of it

    def all_that_is_chosen(self) -> Hashable:
        """Return what tells this export from others; what the folder settles is no choice."""
        recipe, exclusions = self._model.recipe, self._model.exclusions
        where, how = (str(self.out), self.which()), (self.format, self.remembered)
        return *where, *how, recipe, exclusions

    def chosen_now(self) -> ExportChoices:
        """Return what is chosen, for a session."""
        self.settle_folder()
        folder = self.out if self.folder else None
        return ExportChoices(folder, self.format, self.scope, self.remembered, self.jobs)

    def order(self) -> Order:
        """Return the export, for who asks for it elsewhere."""
        what = self.sources(), self.out, self._model.recipe, self._model.preset
        return Order(*what, self.format, self.options, self.jobs)

    def export(self) -> partial[ExportState]:
        """Return the export, of which nobody hears yet."""
        how: dict[str, Any] = {"format": self.format, "options": self.options, "jobs": self.jobs}
        recipe, exclusions = self._model.recipe, self._model.exclusions
        return partial(export, self.sources(), self.out, recipe, exclusions=exclusions, **how)

    # Following

    @property
    def _profile(self) -> Profile | None:
        name = self.values["profile"]
        return PROFILES[name] if name is not None else None

    def _take(self, key: str, value: Value | None) -> None:
        self.values[key] = _as_shown(key, value) if key in OPTIONS else value

    def _settle(self) -> None:
        """Find out what follows, once: a threshold that is pulled asks again and again."""
        profile, recipe = self._profile, self._model.recipe
        if profile is not None and self.format not in profile.formats:
            self.format = profile.formats[0]
        mine = of_format(self.format, Options(**{key: self.values[key] for key in OPTIONS}))
        self._of_profile = tuple(profile.options) if profile is not None else ()
        usual: dict[str, Any] = {key: OPTIONS[key].default for key in self._of_profile}
        self.options = self.resolved = replace(mine, **usual)
        self.problem = ""
        try:
            self.resolved = settled(self.format, self.options, recipe).options
        except OptionError as error:
            self.problem = error.told(LABELS)
        self._settled_for = self._recipe_read()
        self.changed.emit()

    def _follow_recipe(self) -> None:
        """Settle anew what the recipe has a part in: of thresholds that are pulled nothing is."""
        if self._recipe_read() != self._settled_for:
            self._settle()

    def _recipe_read(self) -> tuple[object, ...]:
        return tuple(getattr(self._model.recipe, name) for name in LAYOUT_KNOBS)

    def _on_images(self) -> None:
        self._images_were += 1
        self._folder_opened = any(one.root is not None for one in self._model.entries)


def default_folder() -> str:
    """Return where pairs go until a person chooses another folder, with ~ for the home folder."""
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    mine = home()
    folder = Path(pictures or mine or "") / "srviewer-pairs"
    if mine is not None and folder.is_relative_to(mine):
        return str("~" / folder.relative_to(mine))
    return str(folder)


def absolute(text: str) -> str:
    """Return the folder that was typed as `text`, as it is found from everywhere."""
    text = text.strip()
    if not text or os.path.isabs(expanded(text)):
        return text
    # A link in it may lead elsewhere, so that .. is not simply the name before.
    whole = os.path.join(os.getcwd(), text)
    return os.path.realpath(whole) if ".." in Path(text).parts else os.path.normpath(whole)


def _usual(key: str) -> Any:
    """Return what the control of an option holds until a person or a folder says otherwise."""
    knob = OPTIONS[key]
    return knob.default if knob.instead is None else knob.instead


def _as_shown(key: str, value: Any) -> Any:
    """Return the value that the control of an option has for `value`: tenths of a percent."""
    knob = OPTIONS[key]
    if value is None or not knob.percent:
        return knob.instead if value is None else value
    most = math.floor(knob.high * 1000) / 10
    return round(min(round(value * 100, 1), most) / 100, 10)
