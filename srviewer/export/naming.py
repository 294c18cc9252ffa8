"""How the files of a data set are called."""

from __future__ import annotations

import re

from srviewer.export.manifest import META


def pair_paths(stem: str, x: int, y: int, format: str) -> tuple[str, str]:
    """Return where HR and LR lie in the data set, with ``/``."""
    name = f"{stem}_x{x:05d}_y{y:05d}.{format}"
    return f"hr/{name}", f"lr/{name}"


def text_name(stem: str) -> str:
    """Return the text file of the image with `stem`, relative to the data set."""
    return f"{META}/{stem}.txt"


def stem_of(name: str, format: str) -> str | None:
    """Return the stem of the image that the pair's file `name` is of, None for any other file."""
    found = re.fullmatch(rf"(.*)_x\d{{5,}}_y\d{{5,}}\.{format}", name, re.DOTALL)
    return found[1] if found else None


def is_patch(name: str, format: str) -> bool:
    """Tell whether a file `name`, relative to the data set, is called as a patch is."""
    return name.startswith(("hr/", "lr/")) and stem_of(name, format) is not None
