"""The view as a picture: PNG or SVG, with its legend, and the recipe in its metadata."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QBuffer, QRect, QSize
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

from srviewer import __version__
from srviewer.errors import SrviewerError
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipe_file import to_toml
from srviewer.runs.folders import replacing

FORMATS = (".png", ".svg")


class Drawn(Protocol):
    """A widget that can draw what it shows elsewhere."""

    def size(self) -> QSize:
        """Return its size in screen pixels."""

    def rect(self) -> QRect:
        """Return the same as an area."""

    def devicePixelRatioF(self) -> float:
        """Return how many device pixels a screen pixel has."""

    def render_to(self, painter: QPainter) -> None:
        """Draw what it shows."""


def view_image(shown: Drawn, recipe: Recipe) -> QImage:
    """Return what `shown` shows, with `recipe` as the text ``recipe``."""
    ratio = shown.devicePixelRatioF()
    image = QImage(shown.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    shown.render_to(painter)
    painter.end()
    image.setText("Software", f"srviewer {__version__}")
    image.setText("recipe", to_toml(recipe))
    return image


def save_view(shown: Drawn, recipe: Recipe, path: Path) -> None:
    """Save what `shown` shows as the PNG or SVG file `path`, whole or not at all.

    Raises
    ------
    SrviewerError
        For another ending, or where `path` cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise SrviewerError(allowed=f"a name that ends with {' or '.join(FORMATS)}", path=path)
    draw = _draw_svg if suffix == ".svg" else _draw_png
    write_picture(partial(draw, shown, recipe), path)


def write_picture(draw: Callable[[QBuffer], object], path: Path) -> None:
    """Write what `draw` puts into a buffer as the file `path`, whole or not at all.

    Raises
    ------
    SrviewerError
        Where `path` cannot be written.
    """
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    draw(buffer)
    try:
        with replacing(path.parent, path.name) as file:
            file.write(buffer.data().data())
    except OSError as error:
        raise SrviewerError(error.strerror or str(error), path=path) from error


def _draw_png(shown: Drawn, recipe: Recipe, buffer: QBuffer) -> None:
    QImageWriter(buffer, b"PNG").write(view_image(shown, recipe))


def _draw_svg(shown: Drawn, recipe: Recipe, buffer: QBuffer) -> None:
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(shown.size())
    generator.setViewBox(shown.rect())
    generator.setTitle(f"srviewer {__version__}")
    generator.setDescription(to_toml(recipe))
    painter = QPainter(generator)
    shown.render_to(painter)
    painter.end()
