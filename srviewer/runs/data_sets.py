"""How a folder is known for a data set that srviewer has written."""

import os
from pathlib import Path

RUN_FILE = ".srviewer-export.sqlite"
MANIFEST = "manifest.csv"
RECIPE = "recipe.toml"
EXPORT = "export.toml"
EXCLUDED = "exclude.txt"


def is_data_set(folder: Path) -> bool:
    """Tell whether `folder` holds a data set, whole or begun, with its run file or without.

    A person may have a ``recipe.toml`` or a ``manifest.csv`` among their photographs: one of them
    alone tells nothing.
    """
    if os.path.lexists(folder / RUN_FILE):
        return True
    if not os.path.lexists(folder / RECIPE):
        return False
    return any(os.path.lexists(folder / name) for name in (EXPORT, MANIFEST))
