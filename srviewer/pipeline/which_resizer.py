"""Which resizer made an LR: every one reduces HR, and what is nearest to the LR comes first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from srviewer.pipeline.arrays import AnyImage, Image, to_uint8
from srviewer.pipeline.given_pairs import nearest_scale
from srviewer.pipeline.memory import require_bytes
from srviewer.pipeline.metrics import PEAK
from srviewer.pipeline.pairing import clean_size
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.recipe import FILTERS
from srviewer.pipeline.resizing import available_libraries, resize

MAKING = 90  # bytes a pixel of the larger image that the dearest resizer takes
# How programs make 8 bits of what was not rounded; ours is the first.
_ROUNDINGS: dict[str, Callable[[AnyImage], Image]] = {
    "half up": to_uint8,
    "half to even": lambda image: np.rint(np.clip(image, 0, 255)).astype(np.uint8),
    "cut off": lambda image: np.clip(image, 0, 255).astype(np.uint8),
}


@dataclass(frozen=True)
class Ranked:
    """How near a resizer comes to a given LR.

    Attributes
    ----------
    resizer, filter : str
    quantize_after : bool
        Whether it rounds by itself.
    rounding : str
        How 8 bits were made of it otherwise: the nearest of `half up`, `half to even`, `cut off`;
        empty where it rounds by itself.
    psnr : float
        dB, all channels together; inf where nothing differs.
    largest : int
        The largest difference of a value, 0..255.
    trimmed : bool
        Whether HR was first trimmed to a multiple of the LR.
    """

    resizer: str
    filter: str
    quantize_after: bool
    rounding: str
    psnr: float
    largest: int
    trimmed: bool

    @property
    def identical(self) -> bool:
        """Whether nothing differs."""
        return self.largest == 0

    @property
    def name(self) -> str:
        """Library and filter."""
        return f"{self.resizer} {self.filter}"

    @property
    def details(self) -> tuple[str, ...]:
        """What else is to be said of it, in words."""
        words = [] if self.identical else [f"largest difference {self.largest}"]
        words += [] if self.quantize_after else [f"rounded afterwards, {self.rounding}"]
        return (*words, *(["HR trimmed first"] if self.trimmed else []))


def every_resizer() -> Iterator[tuple[str, str]]:
    """Yield library and filter of each resizer that this installation has, in the usual order."""
    for library in available_libraries():
        for name in FILTERS[library]:
            yield library, name


def rank_resizers(hr: Image, lr: Image, progress: Progress = UNHEARD) -> tuple[Ranked, ...]:
    """Return how near every resizer comes to `lr`, the nearest first.

    Parameters
    ----------
    hr, lr : ndarray of uint8, shape (H, W, 3) and (h, w, 3)
        Of any sizes; where HR has up to a scale's pixels more than a multiple of LR, it is tried
        as it is and trimmed at the right and bottom.
    progress : Progress, optional
        Told of each resizer, asked before it whether to stop.

    Raises
    ------
    NotEnoughMemoryError
        Where that takes more memory than is free.

    Notes
    -----
    Equally near ones stand together in the order pil, opencv, matlab, torch, each with its filters
    in the order of `FILTERS`, and those that round by themselves first.
    """
    pixels = max(one.shape[0] * one.shape[1] for one in (hr, lr))
    require_bytes(MAKING * pixels, (hr.shape[1], hr.shape[0]))
    each = list(every_resizer())
    found = []
    for done, (library, name) in enumerate(progress.each(each)):
        progress.report("resizers", done, len(each))
        for quantize in (True, False):
            tried = [
                _compare(lr, made, library, name, rounding, trimmed)
                for trimmed, source in _sources(hr, lr)
                for rounding, made in _reduced(source, lr, library, name, quantize, progress)
            ]
            found.append(min(tried, key=_nearness))  # the first of equal ones
    return tuple(sorted(found, key=_nearness))


def conclusion(ranking: Sequence[Ranked]) -> str:
    """Return in words which resizers made the LR, or that none fits and which is nearest."""
    same = list(dict.fromkeys(one.name for one in ranking if one.identical))
    if not same:
        nearest = ranking[0]
        words = "No resizer gives exactly this LR; the nearest is"
        return f"{words} {nearest.name}, {nearest.psnr:.2f} dB."
    more = f"; the same is made by {', '.join(same[1:])}" if same[1:] else ""
    return f"This LR is made by {same[0]}, to the last pixel{more}."


def _nearness(one: Ranked) -> tuple[float, int]:
    return -one.psnr, one.largest


def _sources(hr: Image, lr: Image) -> Iterator[tuple[bool, Image]]:
    """Yield HR trimmed as srviewer does, where that may have been done, and as it is."""
    size, small = (hr.shape[1], hr.shape[0]), (lr.shape[1], lr.shape[0])
    scale = nearest_scale(size, small)
    width, height = clean_size(*size, scale)
    is_multiple = (width, height) == (scale * small[0], scale * small[1])
    if is_multiple and (width, height) != size:
        yield True, np.ascontiguousarray(hr[:height, :width])
    yield False, hr


def _reduced(
    hr: Image, lr: Image, library: str, name: str, quantize: bool, progress: Progress
) -> Iterator[tuple[str, Image]]:
    size = lr.shape[1], lr.shape[0]
    how: dict[str, Any] = {"resizer": library, "filter": name, "quantize_after": quantize}
    made = resize(hr, size, progress=progress, **how)
    if quantize:
        yield "", made
        return
    for rounding, function in progress.each(_ROUNDINGS.items()):
        yield rounding, function(made)


def _compare(
    lr: Image, made: Image, library: str, name: str, rounding: str, trimmed: bool
) -> Ranked:
    off = np.abs(lr.astype(np.int16) - made)
    psnr = psnr_between(lr, made)
    return Ranked(library, name, not rounding, rounding, psnr, int(off.max(initial=0)), trimmed)


def psnr_between(one: Image, other: Image) -> float:
    """Return the PSNR of two images of one size in dB, over all channels; inf where equal.

    From a sum of whole numbers, so that equally near ones are equal to the last bit.
    """
    off = one.astype(np.int32) - other
    total = int(np.sum(off * off, dtype=np.int64))
    return float(10 * np.log10(PEAK**2 * off.size / total)) if total else float("inf")
