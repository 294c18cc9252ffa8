"""Each window's own displacement, and its verdict: aligned, moved, changed or unknown.

Sums over windows are box filters of whole pictures, whatever the number of windows. First the best
whole lag is looked for, then least squares is done at the lags that were found, and once more at
HR's own phases, in steps of half an LR px, where windows lie between pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.alignment.alignment import Alignment
from srviewer.pipeline.alignment.bands import Modelled, bands, in_band
from srviewer.pipeline.alignment.uncertainty import quantile
from srviewer.pipeline.arrays import FloatImage, Floats, Image, Ints, Mask
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.patching import Windows
from srviewer.pipeline.progress import UNHEARD, Counted, Progress
from srviewer.pipeline.threads import run_in_threads

ALIGNED, MOVED, CHANGED, UNKNOWN = "aligned", "moved", "changed", "unknown"
VERDICTS = (ALIGNED, MOVED, CHANGED, UNKNOWN)

WITHIN = 0.25
"""LR px that a window may lie off, its interval included, and be aligned."""
LEAST = 33
"""LR px around a window's centre that it is registered on where its own are too few."""
_AROUND = 65  # LR px, where those are too few as well
_LITTLE, _ALONE = 9, 15  # LR px that do where they hold enough texture, and a window's own
_REACH = 3  # LR px that a window is looked for in each direction
_CHANGED = 0.5  # LR px: a residual that such a displacement would make is other content
_SEEN = 2.0  # grey levels: a smaller residual is none
_NOISY = 3.0  # times the pair's noise, below which a residual is noise
_LINE, _PLANE = 3.841, 5.991  # 95% of chi-square with one and two degrees of freedom
_KERNELS = 0.007  # LR px that HR's kernels may be off, as they are not those of LR's resizer
_CHANCE = 9.21  # 99% of chi-square with two degrees of freedom
_STEP = 0.5  # LR px between the phases of HR that are tried
_SMALL, _FEW_CELLS, _CELLS = 29, 3, 4  # LR px, and cells along a side of a smaller window
_AT_ONCE = 50_000  # windows, which bounds memory
_MOST = 12  # lags, and phases, that are looked at: those with most windows
_FLAT = 0.3  # grey levels a px


@dataclass(frozen=True, eq=False)
class WindowAlignment:
    """How each window lies.

    Attributes
    ----------
    moved : ndarray, shape (N, 2)
        How far LR's content is from its place, in LR px; nan where that is not known.
    u95 : ndarray, shape (N,)
        Radius around it that holds the truth in 95 of 100; infinite where there is no texture.
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
    a: Alignment, hr: Image, lr: Image, windows: Windows, progress: Progress = UNHEARD
) -> WindowAlignment | None:
    """Find how each of `windows` lies of a pair that lies as `a` has it, as a whole.

    None where no place of LR is one of HR's: without a warp, or where LR was turned back.

    Parameters
    ----------
    a : Alignment
    hr, lr : ndarray of uint8, shape (H, W, 3)
        Those that `a` was found of; of HR only what LR covers is needed.
    windows : Windows
    progress : Progress, optional
        Told of the bands that a large pair is looked at in, and asked now and then whether to stop.
    """
    if a.warp is None or a.factors is None or a.field is None or a.orientation.words:
        return None
    frame = a.sizes.frame
    corners = np.column_stack([windows.x, windows.y]).astype(np.float64)
    centres = frame.nominal_places(corners + (windows.patch - 1) / 2)
    nominal = frame.displacement(a.warp, centres)
    side = windows.patch / frame.mean_ratio
    parts = bands(hr, lr, centres, round(max(side, _AROUND) / 2) + _REACH)
    told = Counted(progress, "alignment", len(parts))
    found = WindowAlignment(
        np.empty((len(windows), 2)), np.empty(len(windows)), np.empty(len(windows), np.intp)
    )
    for chosen, rows in parts:
        lies = _registered_each(
            *in_band(a, hr, lr[rows], rows.start, _REACH, progress),
            centres[chosen] - (0, rows.start),
            side,
            nominal[chosen],
            a.field.noise,
            progress,
        )
        for whole, own in zip(vars(found).values(), vars(lies).values(), strict=True):
            whole[chosen] = own
        told.add()
    return found


def _registered_each(
    lr: FloatImage,
    modelled: Modelled,
    centres: Floats,
    side: float,
    nominal: Floats,
    noise: float,
    progress: Progress = UNHEARD,
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
    progress : Progress, optional
    """
    phases = _Phases(modelled)
    phases(np.zeros(2))  # which all begin with
    sides = sorted({max(side, _LITTLE), max(side, _ALONE), max(side, LEAST), max(side, _AROUND)})
    own, *around = run_in_threads(
        lambda one: _registered(lr, phases, centres, one, noise, progress),
        reversed(sides),
    )[::-1]
    # What lies beside a window is not its own: it is asked only where the window says too little,
    # and believed only where the window does not contradict it.
    found, open_still = own, ~own.decides(nominal, noise)
    for wider in around:
        surely = wider.decides(nominal, noise) & ~wider.is_changed(noise)
        taken = open_still & surely & own.agrees(wider)
        found, open_still = wider.where(taken, found), open_still & ~taken
    # Where what is around a small window says the same, it says how far more exactly.
    for wider, one in zip(around, sides[1:], strict=True):
        if one <= LEAST:
            same = wider.judged(nominal, noise) == found.judged(nominal, noise)
            same &= wider.known & own.agrees(wider) & (wider.u95 < found.u95)
            found = wider.where(same, found)
    total, u95 = found.moved + nominal, found.u95
    shown = np.where(np.isfinite(u95)[:, None], total, np.nan)
    return WindowAlignment(shown, u95, found.judged(nominal, noise))


class _Phases:
    """LR as the warp of the whole has it, by how much further it lies; each is made once."""

    def __init__(self, modelled: Modelled) -> None:
        self._modelled = modelled
        self._made: dict[tuple[float, ...], FloatImage] = {}

    def __call__(self, moved: Floats) -> FloatImage:
        key = tuple(moved.tolist())
        if key not in self._made:
            self._made[key] = self._modelled(moved)
        return self._made[key]


@dataclass(frozen=True, eq=False)
class _Found:
    """What the registration of each window found.

    Attributes
    ----------
    moved : ndarray, shape (N, 2)
        Beside the model, in LR px.
    spread : ndarray, shape (N, 2, 2)
        Its covariance; infinite where nothing was found.
    left : ndarray, shape (N,)
        Variance of what is left of LR.
    slope : ndarray, shape (N,)
        Mean square of the gradient of LR as it is modelled.
    """

    moved: Floats
    spread: Floats
    left: Floats
    slope: Floats

    @property
    def u95(self) -> Floats:
        """Radius around the displacement that holds the truth in 95 of 100 windows.

        Of a normal distribution, whose squared length is nearly chi-square with between one degree
        of freedom, where all lies along a line, and two (Satterthwaite 1946).
        """
        trace = np.trace(self.spread, axis1=1, axis2=2)
        is_known = np.isfinite(trace) & (trace > 0)  # rounding makes none of nearly nothing
        spread = np.where(is_known[:, None, None], self.spread, np.eye(2))
        both = np.trace(spread, axis1=1, axis2=2)
        freedom = both**2 / (spread**2).sum(axis=(1, 2))
        square = _LINE + (_PLANE - _LINE) * (freedom - 1)
        return np.where(is_known, np.sqrt(both * square / freedom + _KERNELS**2), np.inf)

    @property
    def known(self) -> Mask:
        """Which windows have the texture for an interval."""
        result: Mask = (self.slope > _FLAT**2) & (self.u95 <= WITHIN)
        return result

    def is_changed(self, noise: float) -> Mask:
        """Return which windows hold something else: no displacement explains what is left."""
        explained = np.maximum(_CHANGED**2 * self.slope, _SEEN**2)
        result: Mask = self.left - _NOISY * noise > explained
        return result

    def agrees(self, other: _Found) -> Mask:
        """Return where the displacement of `other` is not ruled out by this."""
        is_known = np.isfinite(self.u95) & np.isfinite(other.u95)
        apart = np.where(is_known[:, None], self.moved - other.moved, 0.0)
        both = np.where(is_known[:, None, None], self.spread + other.spread, np.eye(2))
        result: Mask = np.einsum("ni,nij,nj->n", apart, np.linalg.inv(both), apart) <= _CHANCE
        return result

    def where(self, mine: Mask, other: _Found) -> _Found:
        """Return this where `mine` is true, and `other` elsewhere."""
        return _Found(
            *(
                np.where(mine.reshape(-1, *(1,) * (one.ndim - 1)), one, another)
                for one, another in zip(vars(self).values(), vars(other).values(), strict=True)
            )
        )

    def decides(self, nominal: Floats, noise: float) -> Mask:
        """Return which windows have a verdict, their content lying `nominal` beside the model."""
        result: Mask = self.judged(nominal, noise) != VERDICTS.index(UNKNOWN)
        return result

    def judged(self, nominal: Floats, noise: float) -> NDArray[np.intp]:
        """Return the verdict on each window, their content lying `nominal` beside the model."""
        length, u95 = np.hypot(*(self.moved + nominal).T), self.u95
        return np.select(
            [
                self.is_changed(noise),
                ~self.known,
                length + u95 <= WITHIN,
                length - u95 > WITHIN,
            ],
            [VERDICTS.index(one) for one in (CHANGED, UNKNOWN, ALIGNED, MOVED)],
            VERDICTS.index(UNKNOWN),
        )


def _registered(
    lr: FloatImage,
    phases: Modelled,
    centres: Floats,
    side: float,
    noise: float,
    progress: Progress,
) -> _Found:
    looking = _Looking(lr, side, centres, noise, progress)
    model = phases(np.zeros(2))
    lags, found = looking.best_lags(model)
    found = looking.refined(found, lags, lambda lag: _shifted(model, *lag.astype(int)))
    nearest = np.round(found.moved / _STEP) * _STEP
    between = np.isfinite(found.u95) & (nearest != lags).any(axis=1)
    return looking.refined(found, np.where(between[:, None], nearest, np.inf), phases)


class _Looking:
    """LR, and the windows' places in the sums over it."""

    def __init__(
        self, lr: FloatImage, side: float, centres: Floats, noise: float, progress: Progress
    ) -> None:
        self._progress = progress
        height, width = lr.shape
        box = min(round(side), height, width)
        self._box = box - 1 + box % 2
        self._cells = _FEW_CELLS if self._box < _SMALL else _CELLS
        # A window of one edge says nothing along it: a step is taken to be of about a px.
        self._tie = max(noise, 0.1) / self._box**2
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
        self._progress.check()
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
        left = np.maximum(self._spread - best**2, 0)
        gx, gy = _gradient(model)
        slope = gain**2 * self._at(gx * gx + gy * gy)
        return lags, _Found(lags, np.full((len(lags), 2, 2), np.inf), left, slope)

    def refined(self, known: _Found, starts: Floats, modelled: Modelled) -> _Found:
        """Do a step of least squares from `starts`, the most common of them."""
        usable = np.isfinite(starts[:, 0])
        each, count = np.unique(starts[usable], axis=0, return_counts=True)
        found = _Found(*(one.copy() for one in vars(known).values()))
        for start in each[np.argsort(-count, kind="stable")][:_MOST]:
            model, every = modelled(start), np.flatnonzero((starts == start).all(axis=1))
            for chosen in np.array_split(every, -(-len(every) // _AT_ONCE)):
                step, spread, left, slope = self._solved(model, chosen)
                good = np.abs(step).max(axis=1) < 1.5
                chosen = chosen[good]
                found.moved[chosen], found.spread[chosen] = start + step[good], spread[good]
                found.left[chosen], found.slope[chosen] = left[good], slope[good]
        return found

    def _solved(self, model: FloatImage, chosen: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Fit LR by the model, its gradient and a constant in each chosen window."""
        model = model - np.float32(self._about)
        parts = (model, *_gradient(model), self._lr)
        whole = _Moments(parts, lambda image: self._at(image, chosen)[:, None])
        means = whole.first[:, 0]
        table = whole.second[:, 0] - means[:, :, None] * means[:, None]
        right, slope = table[:, :3, 3], table[:, 1, 1] + table[:, 2, 2]
        normal = table[:, :3, :3].copy()
        normal[:, 0, 0] += 1e-6 * normal[:, 0, 0] + 1e-9
        normal[:, 1, 1] += self._tie
        normal[:, 2, 2] += self._tie
        inverse = np.linalg.inv(normal)
        factors = np.einsum("nij,nj->ni", inverse, right)
        left = np.maximum(table[:, 3, 3] - np.einsum("ni,ni->n", factors, right), 1e-6)
        gain = np.maximum(factors[:, 0], 0.05)
        scores = _Moments(parts, lambda image: self._in_cells(image, chosen)).scores(means, factors)
        changes = np.einsum("nij,ncj->nci", inverse, scores)[..., 1:]
        cells = scores.shape[1]
        # By the noise of each pixel alone, and by that which is alike within a cell, as that of
        # JPEG is and of another resizer (cluster-robust; Liang and Zeger 1986).
        spread = inverse[:, 1:, 1:] * (left / self._box**2)[:, None, None]
        few = (quantile(cells - 1) / quantile(np.inf)) ** 2  # cells tell a variance, by Student
        by_cell = few * (changes**2).sum(axis=(1, 2)) * cells / (cells - 1)
        wider = np.maximum(by_cell / np.trace(spread, axis1=1, axis2=2), 1)
        spread *= (wider / gain**2)[:, None, None]
        return -factors[:, 1:] / gain[:, None], spread, left, gain**2 * slope

    def _in_cells(self, image: FloatImage, chosen: Ints) -> Floats:
        """Return the mean of `image` in each cell of each chosen window, shape (N, C)."""
        self._progress.check()
        side = self._box / self._cells
        box = (max(1, round(side)),) * 2
        means = cv2.boxFilter(image, cv2.CV_32F, box, borderType=cv2.BORDER_REFLECT)
        away = np.round((np.arange(self._cells) - (self._cells - 1) / 2) * side).astype(np.int64)
        rows = self._y[chosen, None, None] + away[:, None]
        found: Floats = means[rows, self._x[chosen, None, None] + away].astype(np.float64)
        return found.reshape(len(chosen), -1)


class _Moments:
    """Means over parts of windows, of images and of the products of each two of them.

    Attributes
    ----------
    first : ndarray, shape (N, C, K)
    second : ndarray, shape (N, C, K, K)
    """

    def __init__(self, images: Sequence[FloatImage], means: Callable[[FloatImage], Floats]) -> None:
        count = len(images)
        self.first = np.stack([means(image) for image in images], axis=-1)
        self.second = np.empty((*self.first.shape, count))
        for i in range(count):
            for j in range(i, count):
                self.second[..., i, j] = self.second[..., j, i] = means(images[i] * images[j])

    def scores(self, means: Floats, factors: Floats) -> Floats:
        """Return the part that each cell has in the normal equations, shape (N, C, K - 1).

        Where the last image is fitted by the others with `factors`, less all `means`; with what
        is left that way they add up to nothing.
        """
        misfit = np.column_stack([-factors, np.ones(len(factors))])
        constant = np.einsum("nk,nk->n", misfit, means)[:, None]
        left = np.einsum("nck,nk->nc", self.first, misfit) - constant
        both = np.einsum("ncik,nk->nci", self.second[:, :, :-1], misfit)
        both -= constant[..., None] * self.first[..., :-1]
        result: Floats = (both - means[:, None, :-1] * left[..., None]) / left.shape[1]
        return result


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
