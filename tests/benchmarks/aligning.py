"""How given pairs are aligned: pairs with known truth, harmed and not, and what it takes."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
from PIL import Image

from srviewer.pipeline.alignment.alignment import Alignment, align
from srviewer.pipeline.alignment.models import applied
from srviewer.pipeline.alignment.verdict import judge
from srviewer.pipeline.alignment.windows import VERDICTS, align_windows
from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.machine import cores
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.patching import lay_windows
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.resizing import resize
from srviewer.pipeline.which_resizer import every_resizer, rank_resizers
from tests.benchmarks.measuring import Figure, interleaved, photographs
from tests.given import ANTIALIASED, HARMS, given_pair, harmed, reduced
from tests.photos import NAMES, photo

TRIALS = 2000
"""Of which half are harmed; seeded by their numbers, so that any one can be done again."""
_SIDE = 360  # HR px: photographs are cut to it at random
_ENOUGH = 50  # matches
_KINDS = (*((harm,) for harm in HARMS), HARMS)


@cache
def _photographs() -> tuple[np.ndarray, ...]:
    found = [photo(name) for name in NAMES]
    folder = photographs()
    if folder is not None:
        files = [*sorted(folder.glob("set*/*.bmp")), *sorted(folder.glob("large/*.jpg"))]
        found += [np.array(Image.open(file).convert("RGB")) for file in files]
    return tuple(found)


@dataclass(frozen=True)
class Trial:
    """What came of a pair with a known shift."""

    error: tuple[float, float]
    u95: float
    matches: int
    right: bool
    found: bool


def trial(number: int, kind: str) -> Trial:
    """Align a pair that is made from `number`; `kind` is clean, aliased or harmed."""
    rng = np.random.default_rng((number, len(kind)))
    every = _photographs()
    image = every[rng.integers(len(every))]
    top, left = (int(rng.integers(max(side - _SIDE, 0) + 1)) for side in image.shape[:2])
    part = image[top : top + _SIDE, left : left + _SIDE]
    scale, steps = int(rng.integers(2, 5)), rng.integers(-8, 9, 2) / 2
    resizer = ANTIALIASED[rng.integers(len(ANTIALIASED))]
    if kind == "aliased":
        hr, lr, truth = given_pair(part, scale, tuple(np.round(steps)), None)
    else:
        hr, lr, truth = given_pair(part, scale, tuple(steps), resizer)
    if kind == "harmed":
        lr = harmed(lr, _KINDS[rng.integers(len(_KINDS))], seed=number)
    found = align(hr, lr)
    inliers = 0 if found.sift is None else int(found.sift.inliers.sum())
    if found.figures is None:
        return Trial((np.inf, np.inf), np.inf, inliers, False, False)
    dx, dy = np.array(found.figures.shift) - truth
    expected = "shifted" if np.hypot(*truth) > 0.1 else "aligned"
    right = judge(found).verdict == expected
    return Trial((dx, dy), found.figures.shift_u95, inliers, right, True)


def _accuracy(pool: ProcessPoolExecutor) -> Iterator[Figure]:
    for kind, count, most in (
        ("clean", TRIALS // 2, 0.02),
        ("harmed", TRIALS // 2, 0.05),
        ("aliased", TRIALS // 10, 0.05),
    ):
        every = list(pool.map(partial(trial, kind=kind), range(count), chunksize=8))
        trials = [one for one in every if one.found]
        enough = [one for one in every if one.matches >= _ENOUGH]
        errors = np.array([one.error for one in trials])
        u95 = np.array([one.u95 for one in trials])
        worst = max(max(np.abs(one.error)) for one in enough)
        note = f"{len(enough):,} of {count:,} with {_ENOUGH} matches; {len(trials):,} found"
        yield Figure(f"{kind}: largest error of a shift", worst, most, "LR px", note=note)
        yield Figure(
            f"{kind}: verdict right", float(np.mean([one.right for one in enough])), 1, "", False
        )
        if kind == "aliased":
            continue  # exact, as decimation is one of the kernels
        covered = float((np.abs(errors).max(axis=1) <= u95).mean())
        yield Figure(f"{kind}: u95 covers both axes", covered, 0.93, "", False)
        spread = float(np.median(u95) / errors.std())
        yield Figure(f"{kind}: median u95 / spread of the errors", spread, 3, "x",
                     note=f"median {np.median(u95):.4f} LR px")  # fmt: skip


def _straightened(found: Alignment, matrix: np.ndarray) -> float:
    """Return how far the warp is off at most over the picture, in LR px."""
    if found.warp is None:
        return np.inf
    x, y = np.meshgrid(*(np.linspace(0, side - 1, 15) for side in found.sizes.lr))
    points = np.column_stack([x.ravel(), y.ravel()])
    truth = applied(np.linalg.inv(matrix), applied(found.sizes.frame.nominal, points))
    return float(np.hypot(*(applied(found.warp, points) - truth).T).max()) / found.sizes.scale


def _warped(hr: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    size = hr.shape[1], hr.shape[0]
    how = {"flags": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REFLECT}
    return reduced(cv2.warpPerspective(hr, matrix, size, **how))


def _clean(image: np.ndarray) -> np.ndarray:
    height, width = (side // 4 * 4 for side in image.shape[:2])
    return np.ascontiguousarray(image[:height, :width][:512, :768])


def geometry(number: int) -> list[tuple[str, bool, float]]:
    """Return verdict by verdict whether it is right, and what is left after straightening."""
    hr = _clean(_photographs()[number])
    height, width = hr.shape[:2]
    rng, middle = np.random.default_rng(number), ((width - 1) / 2, (height - 1) / 2)
    corners = np.array(
        [(0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1)], np.float32
    )
    moved = corners + rng.uniform(-8, 8, (4, 2)).astype(np.float32)
    maps = {
        "rotated": np.vstack([cv2.getRotationMatrix2D(middle, -1, 1), [0, 0, 1]]),
        "scaled": np.vstack([cv2.getRotationMatrix2D(middle, 0, 1.01), [0, 0, 1]]),
        "warped": cv2.getPerspectiveTransform(corners, moved),
    }
    found = []
    for verdict, matrix in maps.items():
        one = align(hr, _warped(hr, matrix))
        found.append((verdict, judge(one).verdict == verdict, _straightened(one, matrix)))
    # As 854 x 480 are of 1920 x 1080: a pixel of LR is 2.2482 by 2.25 of HR.
    wide = np.array(Image.fromarray(hr).resize((960, 540), Image.Resampling.LANCZOS))
    narrow = Image.fromarray(wide).resize((427, 240), Image.Resampling.BICUBIC)
    one = align(wide, np.array(narrow))
    right = (judge(one).verdict, one.model) == ("scaled", "anamorphic")
    found.append(("scaled, anamorphic", right, _straightened(one, np.eye(3))))
    lr, sign = reduced(hr), rng.choice((-1, 1))
    away = sign * rng.uniform(0.17, 0.83) * np.eye(2)[number % 2]
    tool = np.array([[1, 0, away[0]], [0, 1, away[1]]])
    size, kernel = (lr.shape[1], lr.shape[0]), (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[number // 2 % 2]
    other = _clean(_photographs()[(number + 1) % len(_photographs())])
    changes: dict[str, Callable[[], np.ndarray]] = {
        "shifted": lambda: cv2.warpAffine(
            lr, tool, size, flags=kernel, borderMode=cv2.BORDER_REFLECT
        ),
        "mirrored": lambda: np.ascontiguousarray(lr[:, ::-1]),
        "turned": lambda: np.ascontiguousarray(np.rot90(lr)),
        "other content": lambda: np.array(Image.fromarray(other).resize(size)),
        "unknown": lambda: np.zeros_like(lr),
        "aligned": lambda: lr,
    }
    found += [
        (name, judge(align(hr, make())).verdict == name, 0.0) for name, make in changes.items()
    ]
    grey = np.linspace(number, 255 - number, width)[None, :, None]
    ramp = np.ascontiguousarray(np.broadcast_to(grey, hr.shape).astype(np.uint8))
    found.append(("a ramp is unknown", judge(align(ramp, reduced(ramp))).verdict == "unknown", 0.0))
    return found


def _geometry(pool: ProcessPoolExecutor) -> Iterator[Figure]:
    every = [one for found in pool.map(geometry, range(len(_photographs()))) for one in found]
    for verdict in dict.fromkeys(name for name, _, _ in every):
        right = [good for name, good, _ in every if name == verdict]
        left = max(rest for name, _, rest in every if name == verdict)
        note = f"{sum(right)} of {len(right)}"
        yield Figure(f"verdict right: {verdict}", float(np.mean(right)), 1, "", False, note)
        if left:
            yield Figure(f"{verdict}: left after straightening, at most", left, 0.1, "LR px")


def block(number: int, patch: int, kind: str) -> tuple[int, int, int, int, list[float], int, int]:
    """Return how the windows of a picture with a block of its own are told.

    Those in the block, those of them that are kept, those outside that have texture, those of them
    that are kept, how far these are off, and those that nothing is said of, of all.
    """
    every = _photographs()
    hr = _clean(every[number])
    lr = reduced(hr)
    height, width = lr.shape[:2]
    top, left = height // 5, width // 6
    rows = slice(top, top + round(0.45 * height))
    columns = slice(left, left + round(0.45 * width))
    source = np.roll(hr, (4, 6), (0, 1))
    if kind == "changed":
        other = Image.fromarray(every[(number + 1) % len(every)])
        source = np.array(other.resize((hr.shape[1], hr.shape[0])))
    lr[rows, columns] = reduced(source)[rows, columns]
    noise = np.random.default_rng(number).normal(0, 3, lr.shape)
    lr = np.clip(np.round(0.85 * lr + noise), 0, 255).astype(np.uint8)
    recipe = Recipe(patch=patch, stride=max(patch // 4, 14))
    windows = lay_windows((hr.shape[1], hr.shape[0]), patch=recipe.patch, stride=recipe.stride)
    found = align_windows(align(hr, lr), hr, lr, windows)
    if found is None:  # so none is kept
        return 0, 0, 100, 0, [], 0, 0
    x, y, side = windows.x / 4, windows.y / 4, patch / 4
    inside = (x >= columns.start) & (x + side <= columns.stop)
    inside &= (y >= rows.start) & (y + side <= rows.stop)
    outside = (x >= columns.stop) | (x + side <= columns.start)
    outside |= (y >= rows.stop) | (y + side <= rows.start)
    end = max(1, int(side))
    spread = [
        lr[int(b) : int(b) + end, int(a) : int(a) + end].mean(axis=2).std()
        for a, b in zip(x, y, strict=True)
    ]
    outside &= np.array(spread) > 8
    kept = found.verdict == VERDICTS.index("aligned")
    off = np.hypot(*found.moved[outside & kept].T).tolist()
    unknown = int((found.verdict == VERDICTS.index("unknown")).sum())
    counts = (int(mask.sum()) for mask in (inside, inside & kept, outside, outside & kept))
    return *counts, off, unknown, len(windows)


def _blocks(pool: ProcessPoolExecutor) -> Iterator[Figure]:
    for kind in ("moved", "changed"):
        for patch in (132, 96, 33):
            each = list(
                pool.map(partial(block, patch=patch, kind=kind), range(len(_photographs())))
            )
            inside, bad, outside, good, unknown, windows = (
                sum(one[place] for one in each) for place in (0, 1, 2, 3, 5, 6)
            )
            off = [value for one in each for value in one[4]]
            told = [one for one in each if one[2] >= 20]
            worst = min(one[3] / one[2] for one in told)
            name = f"block {kind}, windows of {patch} px"
            note = f"{outside:,} others; of all {unknown / max(windows, 1):.0%} cannot say"
            yield Figure(f"{name}: in it, not kept", 1 - bad / max(inside, 1), 0.98, "", False)
            yield Figure(f"{name}: others kept", good / max(outside, 1), 0.92, "", False,
                         note=f"{note}; of one photograph at least {worst:.0%}")  # fmt: skip
            yield Figure(f"{name}: these are off, median", float(np.median(off)), 0.02, "LR px")


def first_in_ranking(number: int, scale: int) -> list[bool]:
    """Return for each resizer whether it is first, or as near as the first, for what it made."""
    hr = _clean(_photographs()[number])[:180, :240]
    size = round(240 / scale), round(180 / scale) + number % 3
    result = []
    for library, name in every_resizer():
        lr = resize(hr, size, resizer=library, filter=name, quantize_after=True)
        ranking = rank_resizers(np.ascontiguousarray(hr), lr)
        best = ranking[0]
        result.append(best.identical and any(
            one.identical and (one.resizer, one.filter) == (library, name) for one in ranking
        ))  # fmt: skip
    return result


def _resizers(pool: ProcessPoolExecutor) -> Iterator[Figure]:
    numbers = np.linspace(0, len(_photographs()) - 1, 10).astype(int).tolist()
    for scale in (2, 3, 4):
        every = list(pool.map(partial(first_in_ranking, scale=scale), numbers))
        right = [one for found in every for one in found]
        note = f"{sum(right)} of {len(right)}"
        yield Figure(f"resizer is first, x{scale}", float(np.mean(right)), 1, "", False, note)


def _time(photograph: Path) -> Iterator[Figure]:
    image, recipe = read_image(photograph), Recipe()
    height, width = (side // 4 * 4 for side in image.rgb.shape[:2])
    hr = np.ascontiguousarray(image.rgb[:height, :width])
    lr, whole = reduced(hr), align(hr, reduced(hr))
    windows = lay_windows((width, height), patch=recipe.patch, stride=recipe.stride)

    def verdicts() -> object:
        return align_windows(whole, hr, lr, windows)

    times = interleaved(
        {
            "analysis": lambda: analyse(image, recipe),
            "alignment": lambda: align_windows(align(hr, lr), hr, lr, windows),
            "windows": verdicts,
        },
        3,
    )
    ratio = times["alignment"] / times["analysis"]
    note = f"{times['alignment']:.2f} s / {times['analysis']:.2f} s"
    yield Figure("alignment of a pair / analysis", ratio, 2, "x", note=note)
    count = len(windows)
    per = times["windows"] / count * 10_000
    begun = time.process_time()
    verdicts()
    worked = (time.process_time() - begun) / count * 10_000
    note = f"{count:,} windows; {worked:.2f} s of processor time"
    yield Figure("verdicts of 10,000 windows", per, 3, "s", note=note)


def measure(photograph: Path) -> Iterator[Figure]:
    """Yield all figures; the 2,000 trials take some minutes."""
    yield from _time(photograph)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with ProcessPoolExecutor(cores()) as pool:
        yield from _geometry(pool)
        yield from _blocks(pool)
        yield from _resizers(pool)
        yield from _accuracy(pool)
