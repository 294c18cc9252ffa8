"""How much memory an image needs: where there is less, that is told before the work begins.

The bytes a pixel were measured as the peak of each stage; docs/numbers.md has the figures.
"""

from srviewer.errors import NotEnoughMemoryError
from srviewer.pipeline import features, pairing, patching
from srviewer.pipeline.alignment.kernels import WHOLE_UP_TO
from srviewer.pipeline.arrays import Size
from srviewer.pipeline.machine import free_memory
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.threads import threads_used
from srviewer.wording import pixels_text, size_text

_FIXED = 60e6  # bytes: scratch of the threads, and what is small
_WINDOW = 120  # bytes: what is known of a window
_EDGES = 6  # bytes a pixel: Canny, and the integral of its edges
# Bytes while a pair is aligned: the pixels that are compared, and a pixel of HR and of LR.
_ALIGN = 180e6, 52, 190
# The same where it is not looked at as a whole; ECC and its most, texture, reduced HR, and bands.
_ALIGN_LARGE = 300e6, 3, 11
_ECC, _MOST_ECC, _TEXTURE, _SMALL, _BANDS = 120, 1.5e9, 36, 7, 600e6
# Bytes a pixel at the peak of making the pair, rounded to 8 bits or not.
_PAIR = {"pil": (11, 25), "opencv": (5, 15), "matlab": (77, 82), "torch": (50, 50)}


def memory_needed(size: Size, recipe: Recipe, *, aligned: bool = False) -> float:
    """Return how many bytes an analysis of an image of (width, height) `size` takes at its peak.

    The image itself, as it was read, is among them. Its windows may be `aligned`, too.
    """
    clean = pairing.clean_size(*size, recipe.scale)
    low = clean[0] // recipe.scale, clean[1] // recipe.scale
    pixels, source = clean[0] * clean[1], size[0] * size[1]
    sample = 3 if recipe.quantize_after else 12  # bytes a pixel
    trimmed = 0 if clean[0] == size[0] else 3 * pixels  # rows are copied where they are cut off
    pair = trimmed + sample * pixels * (1 + 1 / recipe.scale**2)
    whole = recipe.quantize_after and recipe.metrics_on == "rgb"
    maps = (12 if whole else 16) * pixels
    edges = _EDGES * pixels if (recipe.texture, recipe.keypoint_scope) == ("canny", "image") else 0
    columns, rows = patching.grid(clean, patch=recipe.patch, stride=recipe.stride)
    peaks = (
        align_needs(source, recipe.scale) if recipe.straighten != "off" else 0,
        trimmed + _PAIR[recipe.resizer][not recipe.quantize_after] * pixels,
        pair + pixels + max(_sift(clean, recipe), _sift(low, recipe, pixels)),
        pair
        + pixels
        + maps
        + edges
        + _WINDOW * columns * rows
        + (align_needs(pixels, recipe.scale) if aligned else 0),
    )
    return _FIXED + 3 * source + max(peaks)


def align_needs(pixels: int, scale: float) -> float:
    """Return how many bytes it takes to align a pair whose HR has so many `pixels`.

    The search for keypoints, which comes before, is not among them.
    """
    low = pixels / scale**2
    if pixels > WHOLE_UP_TO:
        scratch, of_hr, of_lr = _ALIGN_LARGE
        steps = min(_ECC * low, _MOST_ECC), _TEXTURE * low, _SMALL * pixels, _BANDS
        return scratch + of_hr * pixels + of_lr * low + max(steps)
    compared, of_hr, of_lr = _ALIGN
    return min(compared, 450 * low) + of_hr * pixels + of_lr * low


def _sift(size: Size, recipe: Recipe, beside: int = 0) -> float:
    """Return what the search for keypoints takes, at once, in an image of `size`.

    `beside` are the pixels of its HR where it is an LR.
    """
    layers = recipe.sift_n_octave_layers
    # float32 of twice the sides: n + 3 blurred layers and n + 2 differences, and smaller octaves.
    bytes_a_pixel = 4 * 4 * (2 * layers + 5) * 4 / 3
    if not features.is_tiled(size[0] * size[1], beside):
        return bytes_a_pixel * size[0] * size[1]
    tile = min(features.TILE, size[0]) * min(features.TILE, size[1])
    return bytes_a_pixel * tile * threads_used(features.MOST_TILES)


def require_memory(size: Size, recipe: Recipe, *, aligned: bool = False, held: float = 0) -> None:
    """Raise `NotEnoughMemoryError` where an analysis takes more memory than is free.

    Parameters
    ----------
    size : (int, int)
        Width and height of the image.
    recipe : Recipe
    aligned : bool
        As of `memory_needed`.
    held : float
        Bytes of it that this process has already.
    """
    require_bytes(memory_needed(size, recipe, aligned=aligned), size, held=held)


def require_aligning(size: Size, scale: float) -> None:
    """Raise `NotEnoughMemoryError` where aligning an HR of `size` takes more than is free."""
    require_bytes(align_needs(size[0] * size[1], scale), size)


def require_bytes(needed: float, size: Size, *, held: float = 0) -> None:
    """Raise `NotEnoughMemoryError` where an image of `size` needs more bytes than are free."""
    free = free_memory()
    if free is not None and needed - held > free:
        raise NotEnoughMemoryError(
            f"{size[0]} x {size[1]} px ({pixels_text(size[0] * size[1])}) need about "
            f"{size_text(needed)} of memory, and {size_text(free + held)} are free; "
            "use fewer jobs, close other programs, or take a smaller image"
        )
