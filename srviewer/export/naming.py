"""How the files of a data set are called."""

from __future__ import annotations

import hashlib
import re

from srviewer.export.manifest import META

_LONGEST = 255  # bytes of a file name, as nearly all file systems have it
_PAIR = "_x00000_y00000.{}"
_TEXT = "..txt.part"  # more than a text file has around the stem
_DIGEST = 16  # hex digits


def pair_paths(stem: str, x: int, y: int, format: str) -> tuple[str, str]:
    """Return where HR and LR lie in the data set, with ``/``."""
    name = f"{_fitting(stem, len(_PAIR.format(format)))}_x{x:05d}_y{y:05d}.{format}"
    return f"hr/{name}", f"lr/{name}"


def text_name(stem: str) -> str:
    """Return the text file of the image with `stem`, relative to the data set."""
    return f"{META}/{_fitting(stem, len(_TEXT))}.txt"


def file_stem(stem: str, format: str) -> str:
    """Return what the files of the pairs of an image begin with, subfolders included."""
    return pair_paths(stem, 0, 0, format)[0].removeprefix("hr/").removesuffix(_PAIR.format(format))


def stem_of(name: str, format: str) -> str | None:
    """Return what `file_stem` gave the pair's file `name`, None for any other file."""
    found = re.fullmatch(rf"(.*)_x\d{{5,}}_y\d{{5,}}\.{format}", name, re.DOTALL)
    return found[1] if found else None


def is_patch(name: str, format: str) -> bool:
    """Tell whether a file `name`, relative to the data set, is called as a patch is."""
    return name.startswith(("hr/", "lr/")) and stem_of(name, format) is not None


def _fitting(stem: str, more: int) -> str:
    """Return `stem`, its last part cut and ended by its hash where it has no room for `more`."""
    folder, slash, name = stem.rpartition("/")
    data = name.encode("utf-8", "surrogateescape")
    if len(data) + more <= _LONGEST:
        return stem
    start = data[: _LONGEST - more - _DIGEST - 1].decode("utf-8", "ignore")
    return f"{folder}{slash}{start}~{hashlib.sha256(data).hexdigest()[:_DIGEST]}"
