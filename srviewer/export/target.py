"""Where and how an export writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from srviewer.export.containers.base import Container
from srviewer.export.formats import container_of
from srviewer.export.options import Options
from srviewer.pipeline.recipe import Recipe


@dataclass(frozen=True)
class Target:
    """Where and how pairs are written.

    Attributes
    ----------
    out : Path
    recipe : Recipe
    format : str
    options : Options
    shared : bool
        Whether other machines write there too, of which one may be cut off and yet go on: files
        then appear under their names only when they are whole.
    """

    out: Path
    recipe: Recipe
    format: str
    options: Options = field(default_factory=Options)
    shared: bool = False

    @property
    def container(self) -> Container | None:
        """The container of the format, None for a folder format."""
        return container_of(self.format, self.options, self.recipe)
