"""The home folder, which a person writes as ~."""

import os
from pathlib import Path


def home() -> Path | None:
    """Return the person's home folder, None where the system knows none, as in some containers."""
    found = os.path.expanduser("~")
    return None if found == "~" else Path(found)


def expanded(text: str) -> str:
    """Return `text` with the home folder in the place of ``~``; what can be no name stays."""
    try:
        return os.path.expanduser(text)
    except ValueError:  # a null character
        return text
