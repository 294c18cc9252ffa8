"""How the text files of a data set are called."""

from __future__ import annotations

from srviewer.export.manifest import META


def text_name(stem: str) -> str:
    """Return the text file of the image with `stem`, relative to the data set."""
    return f"{META}/{stem}.txt"
