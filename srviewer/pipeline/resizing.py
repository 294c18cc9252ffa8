"""The resizers, named by library and filter, so that none is ever a silent default."""

import importlib.util
from collections.abc import Callable

import numpy as np
from PIL import Image as PillowImage

from srviewer.errors import RecipeError
from srviewer.pipeline.arrays import AnyImage, Size, to_uint8
from srviewer.pipeline.imresize import imresize
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.recipe import FILTERS

_OPENCV = {
    "nearest": cv2.INTER_NEAREST,
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
    "area": cv2.INTER_AREA,
}
WHY_MISSING = "torch is not installed: pip install 'srviewer[torch]'"
"""What the window says of a library that is not among the available ones."""


def available_libraries() -> tuple[str, ...]:
    """Return the resize libraries that this installation has."""
    return tuple(name for name in FILTERS if name != "torch" or has_torch())


def has_torch() -> bool:
    """Tell whether torch can be imported, without importing it."""
    return importlib.util.find_spec("torch") is not None


def require_available(resizer: str) -> None:
    """Raise `RecipeError` where the library of `resizer` is not installed."""
    if resizer not in available_libraries():
        cause = f"{resizer} is not installed; pip install 'srviewer[{resizer}]'"
        raise RecipeError(cause, key="resizer", value=resizer)


def resize(
    image: AnyImage,
    size: Size,
    *,
    resizer: str,
    filter: str,
    quantize_after: bool,
    progress: Progress = UNHEARD,
) -> AnyImage:
    """Resize `image` to `size`.

    Parameters
    ----------
    image : ndarray, shape (H, W, 3)
        uint8, or float32 in 0..255.
    size : (int, int)
        Width and height of the result in pixels.
    resizer, filter : str
        As in `srviewer.pipeline.recipe.FILTERS`.
    quantize_after : bool
        Whether the result is rounded to uint8.
    progress : Progress, optional
        Asked before each part of the work whether to stop.

    Returns
    -------
    ndarray, shape (height, width, 3)
        uint8 with `quantize_after`, else float32, not clipped: a filter with negative lobes
        overshoots 0..255.

    Raises
    ------
    RecipeError
        For ``resizer='torch'`` where torch is not installed.
    """
    if filter not in FILTERS[resizer]:
        cause = f"{resizer} has {', '.join(FILTERS[resizer])}"
        raise RecipeError(cause, key="filter", value=filter)
    progress.check()
    function: Callable[[AnyImage, Size, str, bool, Progress], AnyImage] = _RESIZERS[resizer]
    result = function(image, size, filter, quantize_after, progress)
    result = to_uint8(result) if quantize_after else result.astype(np.float32, copy=False)
    return np.ascontiguousarray(result)


def _resize_pil(
    image: AnyImage, size: Size, filter: str, quantize: bool, progress: Progress
) -> AnyImage:
    kind = PillowImage.Resampling[filter.upper()]
    if quantize and image.dtype == np.uint8:
        return np.asarray(PillowImage.fromarray(image).resize(size, kind))
    result = np.empty((size[1], size[0], image.shape[2]), np.float32)
    for channel in progress.each(
        range(image.shape[2])
    ):  # one after the other takes a third of the memory
        plane = np.ascontiguousarray(image[..., channel], np.float32)
        result[..., channel] = np.asarray(PillowImage.fromarray(plane).resize(size, kind))
    return result


def _resize_opencv(
    image: AnyImage, size: Size, filter: str, quantize: bool, _: Progress
) -> AnyImage:
    source = image if quantize else image.astype(np.float32)
    result: AnyImage = cv2.resize(source, size, interpolation=_OPENCV[filter])
    return result


def _resize_matlab(
    image: AnyImage, size: Size, filter: str, quantize: bool, progress: Progress
) -> AnyImage:
    return imresize(image if quantize else image.astype(np.float64), size, filter, progress)


def _resize_torch(
    image: AnyImage, size: Size, filter: str, quantize: bool, _: Progress
) -> AnyImage:
    require_available("torch")
    import torch

    mode, antialias = filter.partition("_")[::2]
    options = {"antialias": bool(antialias)} if mode in ("bilinear", "bicubic") else {}
    planes = torch.from_numpy(image.astype(np.float32)).permute(2, 0, 1)[None]
    resized = torch.nn.functional.interpolate(planes, size=size[::-1], mode=mode, **options)
    return np.asarray(resized[0].permute(1, 2, 0))


_RESIZERS = {
    "pil": _resize_pil,
    "opencv": _resize_opencv,
    "matlab": _resize_matlab,
    "torch": _resize_torch,
}
