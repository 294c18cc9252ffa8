"""Models fitted to matches: which matches agree, and which model the others support."""

from dataclasses import dataclass

import numpy as np

from srviewer.pipeline.alignment.models import MODELS, Frame, applied, inverse
from srviewer.pipeline.arrays import Floats, Mask
from srviewer.pipeline.opencv import cv2

TOLERANCE = 2.0  # LR px
_DENSE, _SOME = 0.4, 1000  # LR px around a match; matches that are looked at
FEWEST = 6  # matches that agree, below which chance would do
SEED = 0
"""Of the choice of which matches are held out."""
_FOLDS = 5
_STEPS = 20
_CLEARLY = 3.0  # standard errors by which a richer model has to be better
_GAIN = 0.02  # share of the error that it has to take away
_FAR = 1.0  # halves of LR's longer side that a step moves it
_FINEST = 0.02  # LR px; matches are never taken for better


@dataclass(frozen=True, eq=False)
class Fit:
    """A model fitted to matches.

    Attributes
    ----------
    model : str
    warp : ndarray, shape (3, 3)
    inliers : ndarray of bool, shape (M,)
        Matches within 2 LR px of it.
    residual : float
        Root of the mean square of the inliers' distances, in LR px.
    """

    model: str
    warp: Floats
    inliers: Mask
    residual: float


def agreeing(hr: Floats, lr: Floats, frame: Frame) -> Floats | None:
    """Return a warp that a good part of the matches agrees with, None where none does.

    Tried are the shift that most matches vote for, and the affine and the projective map that
    OpenCV's robust estimators (USAC) find.

    Parameters
    ----------
    hr, lr : ndarray, shape (M, 2)
        Places of matches, without the detector's offset.
    frame : Frame
        LR's size, and by how much HR is larger.
    """
    nominal = frame.nominal_places(hr)
    candidates = [_voted(nominal, lr, frame)]
    if len(lr) >= FEWEST:
        affine, _ = cv2.estimateAffine2D(
            nominal, lr, method=cv2.USAC_MAGSAC, ransacReprojThreshold=TOLERANCE
        )
        if affine is not None:
            candidates.append(_warp_of(np.vstack([affine, [0, 0, 1]]), frame))
        projective, _ = cv2.findHomography(nominal, lr, cv2.USAC_MAGSAC, TOLERANCE)
        if projective is not None:
            candidates.append(_warp_of(projective, frame))
    counts = [
        0 if warp is None else int(_within(warp, hr, lr).sum()) - 2 * number
        for number, warp in enumerate(candidates)
    ]
    best = int(np.argmax(counts))
    return candidates[best] if counts[best] >= max(FEWEST, 0.08 * len(lr)) else None


def _warp_of(matrix: Floats, frame: Frame) -> Floats | None:
    """Return the warp that undoes `matrix`, from nominal to real places in LR, if that is sane."""
    values = np.linalg.svd(matrix[:2, :2], compute_uv=False)
    if not np.isfinite(matrix).all() or values[1] < 0.3 or values[0] > 3:
        return None
    warp: Floats = frame.nominal @ np.linalg.inv(matrix)
    return warp / warp[2, 2] if abs(warp[2, 2]) > 1e-9 else None


def _voted(nominal: Floats, lr: Floats, frame: Frame) -> Floats | None:
    if not len(lr):
        return None
    moved = lr - nominal
    cells, counts = np.unique(np.round(moved), axis=0, return_counts=True)
    around = (np.abs(cells[:, None] - cells[None]).max(axis=2) <= 1) @ counts
    best = cells[np.argmax(around)]
    near = moved[np.abs(moved - best).max(axis=1) <= 1.5]
    return frame.changed(frame.nominal, "shift", -np.median(near, axis=0) / frame.unit)


def missed(warp: Floats, hr: Floats, lr: Floats) -> Floats:
    """Return how far matches are from where `warp` has them, in LR px, shape (M, 2)."""
    return lr - applied(inverse(warp), hr)


def _within(warp: Floats, hr: Floats, lr: Floats) -> Mask:
    x, y = missed(warp, hr, lr).T
    result: Mask = np.hypot(x, y) <= TOLERANCE
    return result


def fit(model: str, start: Floats, hr: Floats, lr: Floats, frame: Frame) -> Floats:
    """Return the warp of `model` near `start` by least squares, robust against outliers.

    Errors beyond 4.685 times their spread have no weight (Tukey's biweight). Where the steps lead
    away from the picture, as of matches that no warp of `model` explains, it is `start`.
    """
    warp = start
    for _ in range(_STEPS):
        error = missed(warp, hr, lr)
        length = np.hypot(*error.T)
        spread = max(1.4826 * float(np.median(length)) / 1.1774, _FINEST)
        weights = np.clip(1 - (length / (4.685 * spread)) ** 2, 0, None) ** 2
        motion = frame.motion(model, lr - error).reshape(-1, len(MODELS[model]))
        twice = np.repeat(weights, 2)
        normal = (motion * twice[:, None]).T @ motion + 1e-9 * np.eye(motion.shape[1])
        step = -np.linalg.solve(normal, motion.T @ (twice * error.ravel()))
        if not np.abs(step).max() < _FAR:  # it goes nowhere
            return start
        warp = frame.changed(warp, model, step)
        if np.abs(step).max() * frame.unit < 1e-5:
            break
    return warp


def start_of(model: str, found: Floats, frame: Frame) -> Floats:
    """Return where `model` is to begin: at its nearest to the warp `found`.

    The places of a grid over LR stand for the picture.
    """
    x, y = (np.linspace(0, side - 1, 9) for side in frame.lr)
    grid = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
    centre = frame.displacement(found, frame.centre[None])[0]
    start = frame.changed(frame.nominal, "shift", -centre / frame.unit)
    return fit(model, start, applied(found, grid), grid, frame)


def choose(found: Floats, hr: Floats, lr: Floats, frame: Frame, simplest: int = 0) -> str:
    """Return the simplest model that no richer one beats in matches that were held out.

    The matches are dealt into five parts by a fixed seed; each part is held against the fit to the
    others. A distance beyond twice the typical one of the richest model counts as that, so that
    wrong matches favour none. Models before the one with the number `simplest` are left out.
    """
    models = list(MODELS)[simplest:]
    names = [name for name in models if len(lr) >= 3 * len(MODELS[name])] or models[:1]
    parts = np.random.default_rng(SEED).permutation(len(lr)) % _FOLDS
    errors = {name: np.empty(len(lr)) for name in names}
    for name in names:
        start = start_of(name, found, frame)
        for part in range(_FOLDS):
            held = parts == part
            warp = fit(name, start, hr[~held], lr[~held], frame)
            errors[name][held] = np.hypot(*missed(warp, hr[held], lr[held]).T)
    limit = 2 * max(min(float(np.median(error)) for error in errors.values()), _FINEST)
    costs = {name: np.minimum(error, limit) ** 2 for name, error in errors.items()}
    chosen = names[0]
    for name in names[1:]:
        better = costs[chosen] - costs[name]
        error = better.std() / np.sqrt(len(better))
        if better.mean() > max(_CLEARLY * error, _GAIN * costs[chosen].mean()):
            chosen = name
    return chosen


def _of_one_place(error: Floats) -> Mask:
    """Return which matches lie around the place where they are densest, if half of them do.

    Those of a block that has moved by less than the tolerance would pull at the fit.
    """
    near: Mask = np.hypot(*error.T) <= 2 * TOLERANCE
    some = error[near][:_SOME]
    apart = np.hypot(*(some[:, None] - some[None]).transpose(2, 0, 1))
    close = apart <= _DENSE
    middle = some[close[np.argmax(close.sum(axis=1))]].mean(axis=0)
    dense = near & (np.hypot(*(error - middle).T) <= TOLERANCE / 2)
    return dense if dense.sum() >= max(FEWEST, near.sum() / 2) else near


def fitted(start: Floats, hr: Floats, lr: Floats, frame: Frame, simplest: int = 0) -> Fit:
    """Return the model that the matches support, fitted to those that agree with the warp `start`.

    Parameters
    ----------
    start : ndarray, shape (3, 3)
        As `agreeing` found it.
    hr, lr, frame
        As `agreeing` takes them.
    simplest : int
        The number of the model to begin with.
    """
    near = _of_one_place(missed(start, hr, lr))
    model = choose(start, hr[near], lr[near], frame, simplest)
    warp = fit(model, start_of(model, start, frame), hr[near], lr[near], frame)
    inliers = _within(warp, hr, lr)
    error = missed(warp, hr[inliers], lr[inliers])
    residual = float(np.sqrt((error**2).sum(axis=1).mean())) if inliers.any() else float("nan")
    return Fit(model, warp, inliers, residual)
