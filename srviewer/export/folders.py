"""Folders that are left empty."""

from __future__ import annotations

from pathlib import Path


def remove_empty(folder: Path, top: Path) -> None:
    """Remove `folder` and those above it below `top`, as long as they are empty."""
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
