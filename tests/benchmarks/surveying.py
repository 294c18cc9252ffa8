"""A survey of 900 images with 13,000 windows each: its size, and how soon it answers."""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.recipe import Recipe
from srviewer.runs.marks import mark_file
from srviewer.survey.file import SurveyFile
from srviewer.survey.measure import COMPUTES, measure_image
from srviewer.survey.record import LEVELS, Counts, Record, narrow
from srviewer.survey.whole_set import WholeSet, load
from tests.benchmarks.exporting import compose
from tests.benchmarks.measuring import Figure, percentile_95, seconds

_IMAGES = 900
_MATCHES = (2000, 6000)  # that an image has at least and at most
_MOVES = 60


def compose_survey(photograph: Path, folder: Path, recipe: Recipe, images: int) -> list[Path]:
    """Write a survey of `images` files below `folder`, each as `photograph` but for some noise."""
    real = measure_image(photograph, recipe)
    random = np.random.default_rng(1)
    paths = []
    with SurveyFile(folder / "survey.sqlite", recipe, COMPUTES, writing=True) as survey:
        for number in range(images):
            path = folder / f"image_{number:04d}.png"
            path.write_bytes(b"%d" % number)
            survey.add(path, _jittered(real, path, random, recipe.scale))
            paths.append(path)
    return paths


def _jittered(real: Record, path: Path, random: np.random.Generator, scale: int) -> Record:
    """Return a record with the real one's windows moved about, and matches drawn from its own."""
    line, content = real.outline, real.content
    grid = line.rows, line.columns
    shift = tuple(int(random.integers(0, side)) for side in grid)

    def moved(values: NDArray[Any]) -> NDArray[Any]:
        return np.roll(values.reshape(grid), shift, axis=(0, 1)).ravel()

    def counted(values: NDArray[Any]) -> Counts:
        noise = random.integers(-2, 3, len(values))
        return narrow(np.maximum(moved(values).astype(np.int64) + noise, 0))

    def measured(values: NDArray[Any], spread: float) -> NDArray[np.float32]:
        noisy: NDArray[np.float64] = moved(values) + random.normal(0, spread, len(values))
        return noisy.astype(np.float32)

    matches = int(random.integers(*_MATCHES))
    drawn = random.integers(0, len(content["hr_points"]), matches)
    away = random.uniform(-20, 20, (matches, 2))
    hr = np.clip(content["hr_points"][drawn] + away, 0, np.array(line.clean_size) - 1)
    lr = content["lr_points"][drawn] + (hr - content["hr_points"][drawn]) / scale
    order = np.lexsort((hr[:, 1], hr[:, 0]))  # OpenCV's own
    return Record(
        mark_file(path),
        replace(line, matches=matches),
        {name: counted(content[name]) for name in LEVELS}
        | {
            "hr_points": hr[order].astype(np.float32),
            "lr_points": lr[order].astype(np.float32),
            "psnr": measured(content["psnr"], 1),
            "ssim": np.minimum(measured(content["ssim"], 0.01), 1),
        },
    )


def measure(folder: Path) -> list[Figure]:
    """Return the size of the survey's file and the time of its answers."""
    recipe = Recipe()
    (photograph,) = compose(folder, 1)
    folder = folder / "surveyed"
    folder.mkdir()
    compose_survey(photograph, folder, recipe, _IMAGES)
    file = folder / "survey.sqlite"
    size = file.stat().st_size
    loaded: list[WholeSet] = []
    loading = seconds(lambda: loaded.append(load(file, [folder], recipe)))
    held = loaded[0]
    windows = statistics.mean(image.windows for image in held.images)
    note = f"{len(held.images)} images, {windows:,.0f} windows each"
    figures = [
        Figure("survey: the file", size / 1e9, 1, "GB", note=note),
        Figure("survey: loading it", loading, 3, "s"),
    ]
    for scope in ("patch", "image"):
        start = recipe.replace(keypoint_scope=scope)
        held.under(start)
        moves = (start.replace(min_keypoints=1 + number % 30) for number in range(_MOVES))
        name = f"survey: min_keypoints moved, scope {scope} (p95)"
        figures.append(
            Figure(name, 1000 * _moved(held.under, moves=moves), 50, "ms", note="all images")
        )
    canny = recipe.replace(texture="canny")
    held.under(canny)
    moves = (canny.replace(min_edge_density=number / 200) for number in range(_MOVES))
    figures.append(
        Figure(
            "survey: min_edge_density moved (p95)", 1000 * _moved(held.under, moves=moves), 50, "ms"
        )
    )
    moves = (recipe.replace(error_margin=0.02 + number / 1000) for number in range(_MOVES))
    name = "survey: error_margin moved, with the boxes (p95)"
    begun = time.process_time()
    moved = _moved(held.under, moves=moves)
    note = f"{1000 * (time.process_time() - begun) / _MOVES:.0f} ms of processor time on average"
    figures.append(Figure(name, 1000 * moved, 500, "ms", note=note))
    held.distributions(recipe)
    moves = (recipe.replace(min_keypoints=1 + number % 30) for number in range(_MOVES))
    name = "survey: min_keypoints moved, with distributions (p95)"
    figures.append(
        Figure(name, 1000 * _moved(held.under, held.distributions, moves=moves), 50, "ms")
    )
    return figures


def _moved(*asks: Callable[[Recipe], object], moves: Iterator[Recipe]) -> float:
    """Return the 95th percentile of the time that `asks` take for each of `moves`."""
    return percentile_95(
        seconds(lambda: [ask(recipe) for ask in asks])  # noqa: B023
        for recipe in moves
    )
