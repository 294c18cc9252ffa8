"""An image file becomes RGB, uint8; every change on the way is a note."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageOps, UnidentifiedImageError

from srviewer.errors import ReadError
from srviewer.pipeline.arrays import AnyImage, Image
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.suffixes import SUFFIXES as SUFFIXES
from srviewer.pipeline.suffixes import register_extras
from srviewer.pipeline.threads import WhileUsed

MOST_PIXELS = 400_000_000  # SIFT's pyramid of a larger image would fill any usual memory

_DEEP_RAW_MODE = re.compile(r"(RGB|RGBA|RGBX|LA|L|I|CMYK);16[BLN]?$")

_MODE_WORDS = {
    "1": "black and white",
    "L": "grey",
    "LA": "grey",
    "La": "grey",
    "I": "grey",
    "P": "palette",
    "PA": "palette",
    "CMYK": "CMYK",
    "YCbCr": "YCbCr",
    "LAB": "Lab",
    "HSV": "HSV",
}


@dataclass(frozen=True, eq=False)
class SourceImage:
    """An image as the pipeline takes it.

    Attributes
    ----------
    path : Path
        Where it came from.
    rgb : ndarray of uint8, shape (H, W, 3)
        Contiguous.
    notes : tuple of str
        What was changed to get there.
    """

    path: Path
    rgb: Image
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]


def _let_pillow_read_all() -> Callable[[], object]:
    """Lift Pillow's limit, since ours decides, and its warnings: what matters becomes a note."""
    stack = contextlib.ExitStack()
    stack.callback(setattr, PillowImage, "MAX_IMAGE_PIXELS", PillowImage.MAX_IMAGE_PIXELS)
    PillowImage.MAX_IMAGE_PIXELS = None
    stack.enter_context(warnings.catch_warnings())
    warnings.filterwarnings("ignore", module=r"PIL\.")
    return stack.close


_pillow_reads_all = WhileUsed(_let_pillow_read_all)


def from_array(rgb: AnyImage) -> SourceImage:
    """Return an image that a script has in memory, called ``array`` where it has to be named.

    Parameters
    ----------
    rgb : ndarray of uint8, shape (H, W, 3)
        It is not copied where it is contiguous: leave it as it is.

    Raises
    ------
    ReadError
        For an array of another type or shape.
    """
    path = Path("array")
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        cause = f"{rgb.dtype} of shape {rgb.shape}"
        raise ReadError(cause, path=path, allowed="uint8 of shape (H, W, 3), red first")
    return SourceImage(path, np.ascontiguousarray(rgb))


def read_image(path: Path | str) -> SourceImage:
    """Read the image file `path`.

    EXIF orientation is applied; grey and palette become RGB, alpha is dropped, 16-bit is scaled
    to 8 as ``round(v / 257)``, CMYK is converted, of several frames the first is taken.

    Raises
    ------
    ReadError
        Where the file is missing, empty, a folder, no image, truncated or too large.
    """
    path = Path(path)
    _require_file(path)
    register_extras()
    try:
        with _pillow_reads_all, PillowImage.open(path) as opened:
            return _convert(path, opened)
    except ReadError:
        raise
    except UnidentifiedImageError as error:
        raise ReadError("not an image in a format that Pillow reads", path=path) from error
    except MemoryError as error:
        raise ReadError("not enough memory to read it", path=path) from error
    except OSError as error:
        raise ReadError(error.strerror or _sentence(error), path=path) from error
    except Exception as error:  # decoders meet damaged files with errors of every kind
        raise ReadError(f"damaged: {_sentence(error)}", path=path) from error


def _require_file(path: Path) -> None:
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise ReadError(getattr(error, "strerror", None) or str(error), path=path) from error
    if path.is_dir():
        raise ReadError("a folder, not an image", path=path)
    if size == 0:
        raise ReadError("the file is empty", path=path)


def _sentence(error: Exception) -> str:
    return str(error) or type(error).__name__


def _convert(path: Path, opened: PillowImage.Image) -> SourceImage:
    notes = []
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise ReadError(
            f"{width} x {height} px are {width * height / 1e6:,.0f} megapixels",
            path=path,
            allowed=f"at most {MOST_PIXELS / 1e6:,.0f}",
        )
    frames = getattr(opened, "n_frames", 1)
    if frames > 1:
        notes.append(f"first of {frames} frames taken")
    # Both are asked before Pillow loads: then it forgets the depth, and turns a TIFF by itself.
    is_16_bit = _is_16_bit(opened)
    orientation = _orientation(opened)
    mode = opened.mode
    if mode == "F":
        raise ReadError(
            "floating-point pixels, whose range is not defined; save it as 8-bit", path=path
        )
    if is_16_bit:
        image: PillowImage.Image = _scaled_to_8_bit(path, opened)
        notes.append("16-bit scaled to 8-bit")
        mode = "L" if image.mode == "L" or mode == "LA" else "RGB"
    else:
        image = opened
        image.load()
    if opened.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in opened.info:
        notes.append("alpha dropped")
    if mode in _MODE_WORDS:
        notes.append(f"{_MODE_WORDS[mode]} converted to RGB")
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    if orientation in range(2, 9):
        if opened.format != "TIFF":
            rgb = _oriented(rgb, orientation)
        notes.append(f"EXIF orientation {orientation} applied")
    return SourceImage(path, np.ascontiguousarray(np.asarray(rgb)), tuple(notes))


def _orientation(opened: PillowImage.Image) -> object:
    try:
        return opened.getexif().get(0x0112, 1)
    except Exception:  # the pixels may be whole all the same
        return 1


def _oriented(image: PillowImage.Image, orientation: object) -> PillowImage.Image:
    plain = PillowImage.frombytes(image.mode, image.size, image.tobytes())
    plain.getexif()[0x0112] = orientation
    return ImageOps.exif_transpose(plain)


def _is_16_bit(opened: PillowImage.Image) -> bool:
    if opened.mode == "I" or opened.mode.startswith("I;16"):
        return True
    # Pillow gives a colour image of 16 bits a channel as 8 bits and only its decoder knows.
    decoders = [tile[3] for tile in getattr(opened, "tile", []) if len(tile) > 3]
    raw_modes = [args[0] if isinstance(args, tuple) and args else args for args in decoders]
    return any(isinstance(raw, str) and _DEEP_RAW_MODE.match(raw) for raw in raw_modes)


def _scaled_to_8_bit(path: Path, opened: PillowImage.Image) -> PillowImage.Image:
    if opened.mode in ("RGB", "RGBA", "LA"):
        deep = _decode_colour(path)
        if deep is None:  # OpenCV does not know the format: take what Pillow made of it
            opened.load()
            return opened.convert("RGB")
    else:
        deep = np.asarray(opened).astype(np.int64)
        if deep.min() < 0 or deep.max() > 65535:
            raise ReadError(
                f"grey values from {deep.min()} to {deep.max()}", path=path, allowed="0 to 65535"
            )
    return PillowImage.fromarray(np.floor(deep / 257 + 0.5).astype(np.uint8))


_TO_RGB = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGB}


def _decode_colour(path: Path) -> np.ndarray | None:
    data = np.frombuffer(path.read_bytes(), np.uint8)
    deep = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if deep is None or deep.dtype != np.uint16:
        return None
    if deep.ndim == 3:
        deep = cv2.cvtColor(deep, _TO_RGB[deep.shape[2]])
    return np.asarray(deep)
