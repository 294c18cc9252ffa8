"""Where the survey of an image set is kept unless a person says otherwise."""

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from srviewer.runs.home import home as home_folder

IN_FOLDER = ".srviewer-survey.sqlite"


def default_file(paths: Sequence[Path]) -> Path:
    """Return the file that keeps the survey of `paths`.

    For one folder that can be written to, or that has one, ``.srviewer-survey.sqlite`` in it;
    else a file in the person's cache folder that is named after the paths.
    """
    whole = sorted({Path(os.path.abspath(path)) for path in paths})
    if len(whole) == 1 and os.path.isdir(whole[0]):
        inside = whole[0] / IN_FOLDER
        if os.access(inside if os.path.exists(inside) else whole[0], os.W_OK):
            return inside
    names = b"\0".join(os.fsencode(path) for path in whole)
    word = re.sub(r"[^A-Za-z0-9_-]", "_", whole[0].name)[:60] if whole else ""
    return cache_folder() / f"{word or 'images'}-{hashlib.sha256(names).hexdigest()[:16]}.sqlite"


def cache_folder() -> Path:
    """Return the folder for surveys in the person's cache, as the system has it."""
    home = home_folder() or Path(tempfile.gettempdir())
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "srviewer" / "surveys"
