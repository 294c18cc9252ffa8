"""The view as a picture: PNG or SVG, with its legend, and the recipe in its metadata."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

from srviewer import __version__
from srviewer.errors import SrviewerError
from srviewer.gui.views.canvas import PairCanvas
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipe_file import to_toml

FORMATS = (".png", ".svg")


def view_image(canvas: PairCanvas, recipe: Recipe) -> QImage:
    """Return what `canvas` shows, with `recipe` as the text ``recipe``."""
    ratio = canvas.devicePixelRatioF()
    image = QImage(canvas.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    canvas.render_to(painter)
    painter.end()
    image.setText("Software", f"srviewer {__version__}")
    image.setText("recipe", to_toml(recipe))
    return image


def save_view(canvas: PairCanvas, recipe: Recipe, path: Path) -> None:
    """Save what `canvas` shows as the PNG or SVG file `path`, whole or not at all.

    Raises
    ------
    SrviewerError
        For another ending, or where `path` cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise SrviewerError(f"{path}: allowed is a name that ends with {' or '.join(FORMATS)}")
    part = path.with_name(f".{path.name}.part")
    try:
        save = _save_svg if suffix == ".svg" else _save_png
        if not save(canvas, recipe, part):
            raise SrviewerError(
                f"{path}: cannot be written; is its folder there, and is there room?"
            )
        os.replace(part, path)
    except OSError as error:
        raise SrviewerError(f"{path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):  # nothing is there where nothing could be written
            part.unlink()


def _save_png(canvas: PairCanvas, recipe: Recipe, path: Path) -> bool:
    return QImageWriter(str(path), b"PNG").write(view_image(canvas, recipe))


def _save_svg(canvas: PairCanvas, recipe: Recipe, path: Path) -> bool:
    size: QSize = canvas.size()
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setTitle(f"srviewer {__version__}")
    generator.setDescription(to_toml(recipe))
    painter = QPainter()
    if not painter.begin(generator):
        return False
    canvas.render_to(painter)
    painter.end()
    return path.exists()
