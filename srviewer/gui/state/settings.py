"""What the window remembers from one run to the next."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from operator import attrgetter
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, get_args

from PySide6.QtCore import QByteArray, QLockFile, QSettings, QStandardPaths

from srviewer.errors import ExclusionError, SrviewerError, shown, shown_path
from srviewer.export.options import FORMATS, Options
from srviewer.export.session import SCOPES
from srviewer.gui.state import stored_values as kept
from srviewer.gui.state.chart_choices import CountScale
from srviewer.gui.state.displacing import DisplacementLook
from srviewer.gui.state.interrupted import Interrupted, as_stored, from_stored
from srviewer.gui.state.layers import VIEW_BY_NAME, Arrangement, Layer, Scale
from srviewer.pipeline.exclusions import NONE, Exclusions, load_exclusions, to_text
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipe_file import to_toml
from srviewer.pipeline.texts import parse_json, read_bytes
from srviewer.runs.data_sets import EXCLUDED
from srviewer.runs.folders import make_folders, remove_file, write_text
from srviewer.runs.tasks import MOST_JOBS

T = TypeVar("T")
ThemeChoice = Literal["system", "dark", "light"]
THEME_CHOICES: tuple[ThemeChoice, ...] = get_args(ThemeChoice)
MOST_RECENT = 10
RECIPES = "recent_recipes"  # files of those taken or saved last, as a kind of recent ones
MOST_WANTED = 1_000_000_000
_MOST_BYTES = 1 << 20  # of the file; ten long names of recent files take a tenth of it


class _Memory(dict[str, Any]):
    """As much of a QSettings as is used, gone with the window."""

    value = dict.get

    def setValue(self, key: str, value: Any) -> None:
        self[key] = value

    def remove(self, key: str) -> None:
        self.pop(key, None)

    def sync(self) -> None:
        """Do nothing: there is no file."""


class _Value(Generic[T]):
    """An attribute of `Settings`, stored under `key`.

    Parameters
    ----------
    key : str
    read : callable
        Makes a value of what is stored; None where that makes no sense.
    missing
        The value then, and where nothing is stored.
    write : callable, optional
        Makes of a value what JSON can hold.
    whole : callable, optional
        Tells of what is stored whether all of it makes sense, where `read` may leave some out.
    """

    def __init__(
        self,
        key: str,
        read: Callable[[Any], T | None],
        missing: Any = None,
        write: Callable[[Any], Any] = lambda value: value,
        whole: Callable[[Any], object] | None = None,
    ) -> None:
        self.key, self._read, self._missing, self._write = key, read, missing, write
        self.makes_sense = whole or (lambda stored: read(stored) is not None)

    def __get__(self, settings: Settings, kind: type[Settings]) -> T:
        value = self._read(settings.stored(self.key))
        return self._missing if value is None else value

    def __set__(self, settings: Settings, value: T) -> None:
        settings.remember(self.key, None if value is None else self._write(value))


class Settings:
    """Typed access to what is remembered; a stored value that makes no sense counts as missing.

    Every value is stored as JSON text, and states of Qt as base64 in it: so the file is plain
    text, and neither a comma nor a name that is no Unicode changes on the way.

    Parameters
    ----------
    store : QSettings or Path, optional
        Where to keep it, or the INI file; the person's own file where it is not given. A file
        that cannot be read is left as it is, and nothing is remembered then.

    Attributes
    ----------
    folder : Path
        Where a person's own files are kept that they ask for.
    """

    def __init__(self, store: QSettings | _Memory | Path | None = None) -> None:
        self._unread: SrviewerError | None = None
        self._lost = ""
        if store is None or isinstance(store, Path):
            store = self._opened(store or own_file())
        self._store: QSettings | _Memory = store
        self._excluded = None
        self.folder = own_file().parent
        if not isinstance(store, _Memory):
            self.folder = Path(store.fileName()).parent
            self._excluded = self.folder / EXCLUDED

    def _opened(self, file: Path) -> QSettings | _Memory:
        try:
            if os.path.lexists(file):  # Qt would wait for a pipe, and take all of a device
                read_bytes(file, SrviewerError, _MOST_BYTES)
            _clear_away(file)
        except SrviewerError as error:
            self._unread = error
            return _Memory()
        return QSettings(str(file), QSettings.Format.IniFormat)

    def dropped(self) -> list[str]:
        """Return, a line each, what is stored and makes no sense."""
        lines = [f"the settings were not read, and will not be kept: {self._unread}"]
        values = [one for one in vars(Settings).values() if isinstance(one, _Value)]
        checks = {one.key: one.makes_sense for one in values} | {
            "recent": kept.is_list,
            RECIPES: kept.is_list,
        }
        lines = [*lines[: self._unread is not None], *filter(None, [self._lost])]
        return lines + [
            f"settings: {key} = {shown(self._store.value(key))}: makes no sense and was dropped"
            for key, makes_sense in checks.items()
            if self._store.value(key) not in (None, '""') and not makes_sense(self.stored(key))
        ]

    @classmethod
    def none(cls) -> Settings:
        """Return settings that start empty and write nothing to disk."""
        return cls(_Memory())

    def save(self) -> str | None:
        """Write what is not on disk yet; return in words what keeps that from being done."""
        self._store.sync()
        if isinstance(self._store, _Memory) or self._store.status() != QSettings.Status.AccessError:
            return None
        file = shown_path(self._store.fileName())
        cause = "the folder cannot be written to, or the disk is full"
        return f"{file}: the settings of this run were not kept: {cause}"

    # What is excluded by hand: there may be more than one setting can hold

    def exclusions(self) -> Exclusions:
        """Return what was excluded by hand; where it cannot be read none, as `dropped` tells."""
        if self._excluded is not None and os.path.lexists(self._excluded):
            try:
                return load_exclusions(self._excluded)
            except ExclusionError as error:
                self._lost = f"what was excluded by hand is dropped: {error}"
        return NONE

    def keep_exclusions(self, exclusions: Exclusions) -> None:
        """Remember what is excluded by hand; a disk that refuses is no error here."""
        if self._excluded is None or exclusions == self.exclusions():
            return
        with contextlib.suppress(OSError):
            if exclusions:
                make_folders(self._excluded.parent)
                write_text(self._excluded.parent, self._excluded.name, to_text(exclusions))
            else:
                remove_file(self._excluded.parent, self._excluded.name)

    # Files and folders

    def recent(self, key: str = "recent") -> list[Path]:
        """Return what was opened last, newest first: images and folders, or `RECIPES`.

        The disk is not asked whether they are there: a share that is gone does not answer.
        """
        stored = self.stored(key)
        names = filter(kept.a_text, stored if isinstance(stored, list) else [])
        return [Path(name) for name in names][:MOST_RECENT]

    def add_recent(self, paths: Iterable[Path], key: str = "recent") -> None:
        """Remember `paths` as opened now, the first of them as the newest."""
        self._store.sync()  # another window may have added some
        every = dict.fromkeys([*(path.absolute() for path in paths), *self.recent(key)])
        self.remember(key, [str(path) for path in list(every)[:MOST_RECENT]])

    def forget_recent(self, paths: Iterable[Path]) -> None:
        """Leave out `paths`, which were found to be missing when they were to be opened."""
        self._store.sync()
        missing = {path.absolute() for path in paths}
        self.remember("recent", [str(path) for path in self.recent() if path not in missing])

    last_folder: _Value[Path | None] = _Value(
        "last_folder", kept.a_path, write=str, whole=kept.a_text
    )
    """The folder that a dialog for files starts in; None where it is missing."""

    looked_at: _Value[Path | None] = _Value("looked_at", kept.a_path, write=str, whole=kept.a_text)
    """The image that was looked at, which need not be there any more."""

    # The window

    geometry: _Value[QByteArray] = _Value("geometry", kept.qt_state, QByteArray(), kept.as_text)
    """What `QWidget.saveGeometry` gave; empty where it is missing, and so are the panels."""

    docks: _Value[QByteArray] = _Value("docks", kept.qt_state, QByteArray(), kept.as_text)
    """What `QMainWindow.saveState` gave for the panels."""

    theme: _Value[ThemeChoice] = _Value("theme", kept.one_of(THEME_CHOICES), "system")
    """The theme that was chosen; ``system`` follows the system."""

    stage: _Value[str | None] = _Value("stage", kept.one_of(VIEW_BY_NAME))
    """The name of the stage that was shown."""

    # The export

    export_folder: _Value[str | None] = _Value("export/folder", kept.a_text)
    """The folder for the pairs as it was typed; it need not exist."""

    export_format: _Value[str | None] = _Value("export/format", kept.one_of(FORMATS))
    """The file format of the pairs."""

    export_scope: _Value[str | None] = _Value("export/scope", kept.one_of(SCOPES))
    """Whether this image or all are exported, where a person has said so."""

    export_jobs: _Value[int | None] = _Value("export/jobs", kept.up_to(MOST_JOBS))
    """The number of processes; None for as many as there are cores."""

    export_options: _Value[Options] = _Value(
        "export/options", kept.export_options, write=asdict, whole=kept.all_options
    )
    """How pairs are written and which; a value that is not allowed counts as not chosen."""

    # What is under way

    interrupted: _Value[Interrupted | None] = _Value("interrupted", from_stored, write=as_stored)
    """The export that has begun and not ended; None where there is none."""

    interrupted_survey: _Value[Interrupted | None] = _Value(
        "interrupted_survey", from_stored, write=as_stored
    )
    """The survey that has begun and not ended, which may run beside an export."""

    # The data set

    data_set_shown: _Value[bool] = _Value("data_set/shown", kept.a_truth, missing=False)
    """Whether the data set was shown in the place of the picture."""

    data_set_sort: _Value[list[Any] | None] = _Value("data_set/sort", kept.list_of(str, bool))
    """The name of the column that its images are sorted by, and whether descending."""

    data_set_show: _Value[str | None] = _Value("data_set/show", kept.a_text)
    """Which of its images are listed."""

    data_set_windows: _Value[list[Any] | None] = _Value(
        "data_set/windows", kept.list_of(str, str, bool)
    )
    """Which of its windows are listed, the name of what they are sorted by, whether descending."""

    data_set_split: _Value[QByteArray] = _Value(
        "splitters/data_set", kept.qt_state, QByteArray(), kept.as_text
    )
    """What `QSplitter.saveState` gave for its numbers and its images."""

    wanted_pairs: _Value[int | None] = _Value("data_set/wanted_pairs", kept.up_to(MOST_WANTED))
    """How many pairs a threshold is suggested for."""

    data_set_list: _Value[str | None] = _Value("data_set/list", kept.one_of(("images", "windows")))
    """Whether its images or its windows were listed."""

    # The charts

    count_scale: _Value[CountScale | None] = _Value(
        "charts/scale", kept.by_value(CountScale), write=attrgetter("value")
    )
    """How high bars stand for their counts."""

    entire_axes: _Value[bool] = _Value("charts/whole_range", kept.a_truth, missing=False)
    """Whether the axes of charts reach to the furthest value."""

    # The recipe

    preset: _Value[str | None] = _Value("preset", kept.a_text)
    """The name of the preset that the recipe started from, which may be gone."""

    recipe: _Value[Recipe | None] = _Value("recipe", kept.a_recipe, write=to_toml)
    """The recipe in use; None where it is no longer valid, or needs what is not installed."""

    compared_with: _Value[str | None] = _Value("compared_with", kept.a_text)
    """What B of A/B was chosen to be, which may be gone."""

    arrangement: _Value[Arrangement | None] = _Value(
        "arrangement", kept.by_value(Arrangement), write=attrgetter("value")
    )
    """How HR and LR were arranged by hand; None where their shape decides."""

    scale: _Value[Scale] = _Value("difference", kept.a_scale, Scale(), asdict)
    """The colours of the difference."""

    opacities: _Value[dict[Layer, float]] = _Value(
        "opacities", kept.opacities, {}, lambda value: {one.name: value[one] for one in value}
    )
    """How opaque layers are drawn, where it is not wholly."""

    displacement: _Value[DisplacementLook] = _Value(
        "displacement",
        kept.displacement_look,
        DisplacementLook(),
        lambda look: asdict(look) | {"shown": sorted(one.name for one in look.shown)},
    )
    """How displacements are shown."""

    closed_groups: _Value[list[str] | None] = _Value("recipe_panel/closed", kept.texts)
    """The groups of the recipe whose controls are not shown."""

    # Values of any kind

    def stored(self, key: str) -> Any:
        """Return what is stored, None where there is nothing or nonsense."""
        with contextlib.suppress(ValueError):
            return parse_json(self._store.value(key), _MOST_BYTES)
        return None

    def remember(self, key: str, value: Any) -> None:
        """Remember `value`; None forgets it."""
        if value is None:
            self._store.remove(key)
        else:
            self._store.setValue(key, json.dumps(value))


def own_file() -> Path:
    """Return the INI file of the person at the screen."""
    config = QStandardPaths.StandardLocation.GenericConfigLocation
    return Path(QStandardPaths.writableLocation(config)) / "srviewer" / "window.ini"


def _clear_away(file: Path) -> None:
    """Remove what windows have left beside `file` that were killed while they saved."""
    name_of_one = re.compile(rf"{re.escape(file.name)}\.[A-Za-z]{{6}}")
    with contextlib.suppress(OSError):  # what cannot be removed does no harm
        left = [name for name in os.listdir(file.parent) if name_of_one.fullmatch(name)]
        lock = QLockFile(f"{file}.lock")  # as QSettings has it while it writes
        if left and lock.tryLock(0):
            try:
                for name in left:
                    remove_file(file.parent, name)
            finally:
                lock.unlock()
