"""What the window remembers from one run to the next."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from srviewer.errors import OptionError, RecipeError
from srviewer.export.formats import FORMATS
from srviewer.export.options import Options
from srviewer.gui.views.layers import VIEW_BY_NAME
from srviewer.pipeline.recipe import PRESETS, Recipe
from srviewer.pipeline.recipe_file import from_toml, to_toml
from srviewer.pipeline.resizing import available_libraries
from srviewer.survey.listing import NAMES, Show

ThemeChoice = Literal["system", "dark", "light"]
THEME_CHOICES: tuple[ThemeChoice, ...] = get_args(ThemeChoice)
MOST_RECENT = 10
MOST_JOBS = 1024
MOST_WANTED = 1_000_000_000


class _Store(Protocol):
    """As much of QSettings as is used."""

    def value(self, key: str) -> Any: ...

    def setValue(self, key: str, value: Any) -> None: ...

    def remove(self, key: str) -> None: ...

    def sync(self) -> None: ...


class _Memory:
    """A store that is gone with the window."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def value(self, key: str) -> Any:
        return self._values.get(key)

    def setValue(self, key: str, value: Any) -> None:
        self._values[key] = value

    def remove(self, key: str) -> None:
        self._values.pop(key, None)

    def sync(self) -> None:
        """Do nothing: there is no file."""


class Settings:
    """Typed access to what is remembered; a stored value that makes no sense counts as missing.

    Every value is stored as JSON text, and states of Qt as base64 in it: so the file is plain
    text, and neither a comma nor a name that is no Unicode changes on the way.

    Parameters
    ----------
    store : QSettings or Path, optional
        Where to keep it, or the INI file; the person's own file where it is not given.
    """

    def __init__(self, store: _Store | Path | None = None) -> None:
        if store is None or isinstance(store, Path):
            store = QSettings(str(store or own_file()), QSettings.Format.IniFormat)
        self._store: _Store = store

    @classmethod
    def none(cls) -> Settings:
        """Return settings that start empty and write nothing to disk."""
        return cls(_Memory())

    def save(self) -> None:
        """Write what is not on disk yet; a disk that refuses is no error here."""
        self._store.sync()

    # Files and folders

    def recent(self) -> list[Path]:
        """Return the images and folders opened last, newest first, without those now missing."""
        return [path for path in self._all_recent() if _exists(path)]

    def add_recent(self, paths: Iterable[Path]) -> None:
        """Remember `paths` as opened now, the first of them as the newest."""
        self._store.sync()  # another window may have added some
        # A path that is missing now may be on a disk that comes back, so it keeps its place.
        every = dict.fromkeys([*(path.absolute() for path in paths), *self._all_recent()])
        self._set("recent", [str(path) for path in list(every)[:MOST_RECENT]])

    def clear_recent(self) -> None:
        """Forget what was opened."""
        self._store.remove("recent")

    def _all_recent(self) -> list[Path]:
        stored = self._get("recent")
        names = stored if isinstance(stored, list) else []
        return [Path(name) for name in names if isinstance(name, str) and name][:MOST_RECENT]

    @property
    def last_folder(self) -> Path | None:
        """The folder that a dialog for files starts in; None where it is missing."""
        name = self._text("last_folder")
        return Path(name) if name and _exists(Path(name)) else None

    @last_folder.setter
    def last_folder(self, folder: Path | None) -> None:
        self._set("last_folder", str(folder) if folder else None)

    # The window

    @property
    def geometry(self) -> QByteArray | None:
        """What `QWidget.saveGeometry` gave."""
        return self._state("geometry")

    @geometry.setter
    def geometry(self, state: QByteArray | None) -> None:
        self._set_state("geometry", state)

    def splitter(self, name: str) -> QByteArray | None:
        """Return what `QSplitter.saveState` gave for the splitter `name`."""
        return self._state(f"splitters/{name}")

    def set_splitter(self, name: str, state: QByteArray | None) -> None:
        """Remember the state of the splitter `name`."""
        self._set_state(f"splitters/{name}", state)

    @property
    def theme(self) -> ThemeChoice:
        """The theme that was chosen; ``system`` follows the system."""
        name = self._text("theme")
        return name if name in THEME_CHOICES else "system"

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._set("theme", choice)

    @property
    def stage(self) -> str | None:
        """The name of the stage that was shown."""
        name = self._text("stage")
        return name if name in VIEW_BY_NAME else None

    @stage.setter
    def stage(self, name: str | None) -> None:
        self._set("stage", name)

    # The export

    @property
    def export_folder(self) -> str | None:
        """The folder for the pairs as it was typed; it need not exist."""
        return self._text("export/folder") or None

    @export_folder.setter
    def export_folder(self, folder: str | None) -> None:
        self._set("export/folder", folder)

    @property
    def export_format(self) -> str | None:
        """The file format of the pairs."""
        name = self._text("export/format")
        return name if name in FORMATS else None

    @export_format.setter
    def export_format(self, name: str | None) -> None:
        self._set("export/format", name)

    @property
    def export_options(self) -> Options:
        """How pairs are written and which; a value that is not allowed counts as not chosen."""
        stored = self._get("export/options")
        options = Options()
        for key, value in stored.items() if isinstance(stored, dict) else ():
            with contextlib.suppress(OptionError, TypeError):
                options = replace(options, **{key: value})
        return options

    @export_options.setter
    def export_options(self, options: Options) -> None:
        given = {key: value for key, value in asdict(options).items() if value is not None}
        self._set("export/options", given)

    @property
    def export_jobs(self) -> int | None:
        """The number of processes; None for as many as there are cores."""
        jobs = self._get("export/jobs")
        return jobs if type(jobs) is int and 1 <= jobs <= MOST_JOBS else None

    @export_jobs.setter
    def export_jobs(self, jobs: int | None) -> None:
        self._set("export/jobs", jobs)

    # The data set view

    @property
    def data_set_shown(self) -> bool:
        """Whether the data set was shown in the place of the picture."""
        return self._get("data_set/shown") is True

    @data_set_shown.setter
    def data_set_shown(self, shown: bool) -> None:
        self._set("data_set/shown", shown)

    @property
    def data_set_sort(self) -> tuple[str, bool]:
        """The column that its images are sorted by, and whether descending."""
        stored = self._get("data_set/sort")
        if isinstance(stored, list) and len(stored) == 2:
            name, descending = stored
            if name in NAMES and isinstance(descending, bool):
                return name, descending
        return NAMES[0], False

    @data_set_sort.setter
    def data_set_sort(self, sort: tuple[str, bool]) -> None:
        self._set("data_set/sort", list(sort))

    @property
    def data_set_show(self) -> Show:
        """Which of its images are listed."""
        name = self._text("data_set/show")
        return next((one for one in Show if one.value == name), Show.ALL)

    @data_set_show.setter
    def data_set_show(self, show: Show) -> None:
        self._set("data_set/show", show.value)

    @property
    def wanted_pairs(self) -> int | None:
        """How many pairs a threshold is suggested for."""
        pairs = self._get("data_set/wanted_pairs")
        return pairs if type(pairs) is int and 1 <= pairs <= MOST_WANTED else None

    @wanted_pairs.setter
    def wanted_pairs(self, pairs: int | None) -> None:
        self._set("data_set/wanted_pairs", pairs)

    # The recipe

    @property
    def recipe(self) -> Recipe | None:
        """The recipe in use; None where it is no longer valid, or needs what is not installed."""
        text = self._text("recipe")
        if text is None:
            return None
        try:
            recipe = from_toml(text, "settings")
        except RecipeError:
            return None
        return recipe if recipe.resizer in available_libraries() else None

    @recipe.setter
    def recipe(self, recipe: Recipe | None) -> None:
        self._set("recipe", to_toml(recipe) if recipe else None)

    @property
    def preset(self) -> str | None:
        """The name of the preset that the recipe started from."""
        name = self._text("preset")
        return name if name in PRESETS else None

    @preset.setter
    def preset(self, name: str | None) -> None:
        self._set("preset", name)

    # Values of any kind

    def _get(self, key: str) -> Any:
        stored = self._store.value(key)
        if not isinstance(stored, str):
            return None
        try:
            return json.loads(stored)
        except (ValueError, RecursionError):
            return None

    def _set(self, key: str, value: Any) -> None:
        if value is None:
            self._store.remove(key)
        else:
            self._store.setValue(key, json.dumps(value))

    def _text(self, key: str) -> str | None:
        value = self._get(key)
        return value if isinstance(value, str) else None

    def _state(self, key: str) -> QByteArray | None:
        try:
            data = base64.b64decode(self._text(key) or "", validate=True)
        except (binascii.Error, ValueError):
            return None
        return QByteArray(data) if data else None

    def _set_state(self, key: str, state: QByteArray | None) -> None:
        self._set(key, base64.b64encode(state.data()).decode() if state is not None else None)


def own_file() -> Path:
    """Return the INI file of the person at the screen."""
    config = QStandardPaths.StandardLocation.GenericConfigLocation
    return Path(QStandardPaths.writableLocation(config)) / "srviewer" / "window.ini"


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a folder that may not be looked into, a name that cannot be
        return False
