"""Each window's own displacement, and its verdict: aligned, moved, changed or unknown.

Sums over windows are box filters of whole pictures, whatever the number of windows. First the best
whole lag is looked for, then least squares is done at the lags that were found, and once more at
HR's own phases, in steps of half an LR px, where windows lie between pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.arrays import FloatImage, Floats, Ints, Mask
from srviewer.pipeline.opencv import cv2

ALIGNED, MOVED, CHANGED, UNKNOWN = "aligned", "moved", "changed", "unknown"
VERDICTS = (ALIGNED, MOVED, CHANGED, UNKNOWN)

WITHIN = 0.25
"""LR px that a window may lie off, its interval included, and be aligned."""
LEAST = 33
"""LR px around a window's centre that it is registered on where its own are too few."""
_AROUND = 65  # LR px, where those are too few as well
_ALONE = 15  # LR px that do where they hold enough texture, and a window's own
_REACH = 3  # LR px that a window is looked for in each direction
_CHANGED = 0.5  # LR px: a residual that such a displacement would make is other content
_NOISY = 3.0  # times the pair's noise, below which a residual is noise
_STEP = 0.5  # LR px between the phases of HR that are tried
_MOST = 12  # lags, and phases, that are looked at: those with most windows
_FLAT = 0.3  # grey levels a px

Modelled = Callable[[Floats], FloatImage]


@dataclass(frozen=True, eq=False)
class WindowAlignment:
    """How each window lies.

    Attributes
    ----------
    moved : ndarray, shape (N, 2)
        How far LR's content is from its place, in LR px; nan where that is not known.
    u95 : ndarray, shape (N,)
        Half of its 95% interval, the worse direction; infinite where there is no texture.
    verdict : ndarray of int, shape (N,)
        Which of `VERDICTS`.
    """

    moved: Floats
    u95: Floats
    verdict: NDArray[np.intp]

    def counts(self) -> dict[str, int]:
        """Return how many windows have each verdict."""
        found = np.bincount(self.verdict, minlength=len(VERDICTS))
        return dict(zip(VERDICTS, found.tolist(), strict=True))


def align_windows(
    lr: FloatImage,
    modelled: Modelled,
    centres: Floats,
    side: float,
    nominal: Floats,
    noise: float,
) -> WindowAlignment:
    """Register LR around each window.

    Parameters
    ----------
    lr : ndarray of float32, shape (H, W)
        LR in grey.
    modelled : callable
        Given (dx, dy), returns what LR would be if its content lay that much further, in LR px,
        than the warp of the whole has it; shape (H, W).
    centres : ndarray, shape (N, 2)
        Of the windows, in LR px.
    side : float
        Of a window, in LR px.
    nominal : ndarray, shape (N, 2)
        How far the warp has LR's content from its place at each centre.
    noise : float
        Variance of the residual of the pair, in grey levels squared.
    """
    model = modelled(np.zeros(2))
    if not len(centres):
        return WindowAlignment(np.empty((0, 2)), np.empty(0), np.empty(0, np.intp))
    # What lies beside a window is not its own: it is asked only where the window is too flat.
    sides = sorted({max(side, _ALONE), max(side, LEAST), max(side, _AROUND)}, reverse=True)
    found = _registered(lr, model, modelled, centres, sides[0])
    for smaller in sides[1:]:
        own = _registered(lr, model, modelled, centres, smaller)
        found = own.where(own.known | own.is_changed(noise), found)
    total = found.moved + nominal
    verdict = found.judged(np.hypot(*total.T), noise)
    shown = np.where(np.isfinite(found.u95)[:, None], total, np.nan)
    return WindowAlignment(shown, found.u95, verdict)


@dataclass(frozen=True, eq=False)
class _Found:
    """What the registration of each window found.

    Attributes
    ----------
    moved : ndarray, shape (N, 2)
        Beside the model, in LR px.
    u95 : ndarray, shape (N,)
    left, slope : ndarray, shape (N,)
        Variance of what is left of LR by its gain, and mean square of the model's gradient.
    """

    moved: Floats
    u95: Floats
    left: Floats
    slope: Floats

    @property
    def known(self) -> Mask:
        """Which windows have the texture for an interval."""
        result: Mask = (self.slope > _FLAT**2) & (self.u95 <= WITHIN)
        return result

    def is_changed(self, noise: float) -> Mask:
        """Return which windows hold something else: no displacement explains what is left."""
        misfit = np.sqrt(np.maximum(self.left - _NOISY * noise, 0) / np.maximum(self.slope, 1e-9))
        result: Mask = (self.slope > _FLAT**2) & (misfit > _CHANGED)
        return result

    def where(self, mine: Mask, other: _Found) -> _Found:
        """Return this where `mine` is true, and `other` elsewhere."""
        return _Found(
            np.where(mine[:, None], self.moved, other.moved),
            *(
                np.where(mine, getattr(self, name), getattr(other, name))
                for name in ("u95", "left", "slope")
            ),
        )

    def judged(self, length: Floats, noise: float) -> NDArray[np.intp]:
        """Return the verdict on each window, whose content lies `length` LR px off its place."""
        return np.select(
            [
                self.is_changed(noise),
                ~self.known,
                length + self.u95 <= WITHIN,
                length - self.u95 > WITHIN,
            ],
            [VERDICTS.index(one) for one in (CHANGED, UNKNOWN, ALIGNED, MOVED)],
            VERDICTS.index(UNKNOWN),
        )


def _registered(
    lr: FloatImage, model: FloatImage, modelled: Modelled, centres: Floats, side: float
) -> _Found:
    looking = _Looking(lr, side, centres)
    lags, found = looking.best_lags(model)
    found = looking.refined(found, lags, lambda lag: _shifted(model, *lag.astype(int)))
    phases = np.round(found.moved / _STEP) * _STEP
    between = np.isfinite(found.u95) & (phases != lags).any(axis=1)
    return looking.refined(found, np.where(between[:, None], phases, np.inf), modelled)


class _Looking:
    """LR, and the windows' places in the sums over it."""

    def __init__(self, lr: FloatImage, side: float, centres: Floats) -> None:
        height, width = lr.shape
        box = min(round(side), height, width)
        self._box = box - 1 + box % 2
        # About their mean, so that squares of single precision do.
        self._about = float(lr.mean())
        self._lr = lr - np.float32(self._about)
        reach = self._box // 2
        x, y = np.round(centres).astype(np.int64).T
        self._x = np.clip(x, reach, width - 1 - reach)
        self._y = np.clip(y, reach, height - 1 - reach)
        self._every = np.arange(len(x))
        mean = self._at(self._lr)
        self._mean, self._spread = mean, self._at(self._lr**2) - mean**2

    def _sums(self, image: FloatImage) -> FloatImage:
        box = self._box, self._box
        result: FloatImage = cv2.boxFilter(image, cv2.CV_32F, box, borderType=cv2.BORDER_REFLECT)
        return result

    def _at(self, image: FloatImage, chosen: Ints | None = None) -> Floats:
        """Return the mean of `image` in each window, or in those `chosen`."""
        where = self._every if chosen is None else chosen
        result: Floats = self._sums(image)[self._y[where], self._x[where]].astype(np.float64)
        return result

    def best_lags(self, model: FloatImage) -> tuple[Floats, _Found]:
        """Return the whole lag (x, y) at which each window is most like `model`, and how like."""
        model = model - np.float32(self._about)
        height, width = model.shape
        first, second = self._sums(model), self._sums(model**2)
        best = np.full(len(self._x), -1e9)
        lags, power = np.zeros((len(self._x), 2)), np.ones(len(self._x))
        around = range(-_REACH, _REACH + 1)
        for dx, dy in sorted(((x, y) for x in around for y in around), key=lambda d: np.hypot(*d)):
            x = np.clip(self._x - dx, 0, width - 1)
            y = np.clip(self._y - dy, 0, height - 1)
            mean = first[y, x].astype(np.float64)
            spread = np.maximum(second[y, x] - mean**2, 1e-3)
            both = self._at(_shifted(model, dx, dy) * self._lr) - mean * self._mean
            alike = both / np.sqrt(spread)
            better = alike > best + 1e-3 * np.abs(best)
            best[better], power[better], lags[better] = alike[better], spread[better], (dx, dy)
        gain = np.maximum(best / np.sqrt(power), 0.05)
        left = np.maximum(self._spread - best**2, 0) / gain**2
        gx, gy = _gradient(model)
        slope = self._at(gx * gx + gy * gy)
        return lags, _Found(lags, np.full(len(lags), np.inf), left, slope)

    def refined(self, known: _Found, starts: Floats, modelled: Modelled) -> _Found:
        """Do a step of least squares from `starts`, the most common of them."""
        usable = np.isfinite(starts[:, 0])
        each, count = np.unique(starts[usable], axis=0, return_counts=True)
        found = _Found(*(one.copy() for one in vars(known).values()))
        for start in each[np.argsort(-count, kind="stable")][:_MOST]:
            chosen = np.flatnonzero((starts == start).all(axis=1))
            step, worse, left, slope = self._solved(modelled(start), chosen)
            good = np.abs(step).max(axis=1) < 1.5
            chosen = chosen[good]
            found.moved[chosen] = start + step[good]
            found.u95[chosen] = 1.96 * np.sqrt(worse[good])
            found.left[chosen], found.slope[chosen] = left[good], slope[good]
        return found

    def _solved(self, model: FloatImage, chosen: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Fit LR by the model, its gradient and a constant in each chosen window."""
        model = model - np.float32(self._about)
        parts = (model, *_gradient(model), self._lr)
        means = [self._at(part, chosen) for part in parts]
        table = np.empty((len(chosen), 4, 4))
        for i in range(4):
            for j in range(i, 4):
                both = self._at(parts[i] * parts[j], chosen) - means[i] * means[j]
                table[:, i, j] = table[:, j, i] = both
        right, slope = table[:, :3, 3], table[:, 1, 1] + table[:, 2, 2]
        ridge = 1e-6 * np.trace(table[:, :3, :3], axis1=1, axis2=2) + 1e-9
        inverse = np.linalg.inv(table[:, :3, :3] + np.eye(3) * ridge[:, None, None])
        factors = np.einsum("nij,nj->ni", inverse, right)
        left = np.maximum(table[:, 3, 3] - np.einsum("ni,ni->n", factors, right), 1e-6)
        gain = np.maximum(factors[:, 0], 0.05)
        left = left / gain**2
        worse = np.linalg.eigvalsh(inverse[:, 1:, 1:])[:, -1] * left / self._box**2
        return -factors[:, 1:] / gain[:, None], worse, left, slope


def _gradient(image: FloatImage) -> tuple[FloatImage, FloatImage]:
    """Return the change of `image` to the right and down, a px."""
    gy, gx = (np.asarray(axis, np.float32) for axis in np.gradient(image))
    return gx, gy


def _shifted(image: FloatImage, dx: int, dy: int) -> FloatImage:
    """Return `image` moved to the right and down by whole pixels, its border repeated."""
    height, width = image.shape
    rows = np.clip(np.arange(height) - dy, 0, height - 1)
    columns = np.clip(np.arange(width) - dx, 0, width - 1)
    return image[rows[:, None], columns]
