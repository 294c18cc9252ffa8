"""Recipes that a person keeps under a name: a TOML file each, beside the settings."""

import os
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from srviewer.errors import RecipeError
from srviewer.gui.state.model import Model
from srviewer.pipeline.recipe import PRESETS, Recipe
from srviewer.pipeline.recipe_file import load_recipe, to_toml
from srviewer.runs.folders import make_folders, remove_file, write_text

_SUFFIX = ".toml"
_MOST = 200  # files that are read when the window opens
_LONGEST = 60  # characters of a name
_ALLOWED = f"1 to {_LONGEST} characters without / that begin with no dot"


class OwnPresets(QObject):
    """Keeps recipes in a folder, and tells the model of them.

    Attributes
    ----------
    folder : Path

    Signals
    -------
    changed
        Others are there.
    """

    changed = Signal()

    def __init__(self, folder: Path, model: Model, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder, self._model = folder, model
        self.problems: list[str] = []
        model.presets.update(self._read())

    @property
    def names(self) -> list[str]:
        """The names, sorted."""
        return sorted(self._model.presets.keys() - PRESETS.keys(), key=str.casefold)

    def _read(self) -> Iterator[tuple[str, Recipe]]:
        try:
            files = sorted(name for name in os.listdir(self.folder) if name.endswith(_SUFFIX))
        except FileNotFoundError:
            return
        except OSError as failure:
            self.problems.append(f"{self.folder}: {failure.strerror}")
            return
        if len(files) > _MOST:
            self.problems.append(f"{self.folder}: of {len(files):,} presets {_MOST} are offered")
        for file in files[:_MOST]:
            name = file.removesuffix(_SUFFIX)
            try:
                yield _checked(name), load_recipe(self.folder / file)
            except RecipeError as error:
                self.problems.append(f"preset passed over: {error.about(self.folder / file)}")

    def keep(self, name: str) -> None:
        """Keep the recipe in use as `name`, which it then starts from.

        Raises
        ------
        RecipeError
            For a name that cannot be.
        OSError
        """
        name, recipe = _checked(name), self._model.recipe
        self._write(name, recipe)
        self._model.presets[name] = recipe
        self._model.use_preset(name)
        self.changed.emit()
        self._model.noted.emit(f"recipe kept as preset {name}")

    def rename(self, old: str, new: str) -> None:
        """Call `old` `new`; what is in use keeps its recipe.

        Raises
        ------
        RecipeError
            For a name that cannot be, or that another has.
        OSError
        """
        new = _checked(new)
        if new == old:
            return
        if new in self._model.presets:
            raise RecipeError("there is one already", key="name of a preset", value=new)
        recipe = self._model.presets[old]
        self._write(new, recipe)
        remove_file(self.folder, old + _SUFFIX)
        del self._model.presets[old]
        self._model.presets[new] = recipe
        self._model.history.rename_preset(old, new)
        self._model.recipe_changed.emit()
        self.changed.emit()
        self._model.noted.emit(f"preset {old} is now {new}")

    def delete(self, name: str) -> None:
        """Keep `name` no more; the recipe in use stays as it is.

        Raises
        ------
        OSError
        """
        remove_file(self.folder, name + _SUFFIX)
        del self._model.presets[name]
        self.changed.emit()
        self._model.noted.emit(f"preset {name} deleted")

    def _write(self, name: str, recipe: Recipe) -> None:
        make_folders(self.folder)
        write_text(self.folder, name + _SUFFIX, to_toml(recipe))


def _checked(name: str) -> str:
    """Return `name` as a preset can be called, which is a name of a file as well."""
    name = name.strip()
    fits = 0 < len(name) <= _LONGEST and name.isprintable() and "/" not in name
    if not fits or name.startswith(".") or len(name.encode()) > 4 * _LONGEST or os.sep in name:
        raise RecipeError(key="name of a preset", value=name, allowed=_ALLOWED)
    if name.casefold() in PRESETS:
        raise RecipeError("this one comes with srviewer", key="name of a preset", value=name)
    return name
