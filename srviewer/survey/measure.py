"""The survey of one image: the work of one task, whose result can be pickled."""

import time
from collections import defaultdict
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.export.pairs import bgr
from srviewer.pipeline.alignment.verdict import ALIGNED, VERDICTS, judge
from srviewer.pipeline.analysis import NOT_YET, Analysis, analyse, analyse_file, failures_of
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.reading import READING
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.pipeline.textures import SIFT, TEXTURES, Look
from srviewer.runs.copies import likeness
from srviewer.runs.marks import mark_files
from srviewer.survey.key import LAXEST, unanswered
from srviewer.survey.record import Content, Outline, Record, level_name, narrow
from srviewer.survey.sizes import encoded_sizes

_MEASURES = 5  # raise it when the same pixels give other numbers
COMPUTES = 100 * READING + _MEASURES
"""By which records of other versions are known, which are done anew."""
SAMPLE = 8  # windows of an image that are encoded to estimate a data set's size


def measure_image(
    path: Path, recipe: Recipe, progress: Progress = UNHEARD, *, lr: Path | None = None
) -> Record:
    """Run the costly stages on the image file `path`, with its given `lr` if it has one.

    They are run for every value of the deciding knobs.

    Raises
    ------
    SrviewerError
        As `analyse_file` does.
    """
    begun = time.perf_counter()
    mark = mark_files((path,) if lr is None else (path, lr), progress)
    recipe = recipe.replace(**LAXEST, texture=SIFT.name, keypoint_scope="patch")
    # The maps are let go of: beside them the edges of a large image would be too much.
    found = analyse_file(path, recipe, lr=lr, look_at_alignment=True, progress=progress)
    a = replace(found, quality_maps=NOT_YET)
    with failures_of(path):
        content = _content(a, progress)
        encoded = _encoded(a)
    outline = Outline(
        size=a.image.size,
        clean_size=a.pair.size,
        keypoints_hr=len(a.keypoints.hr),
        keypoints_lr=len(a.keypoints.lr),
        matches=len(a.matches),
        rows=a.windows.rows,
        columns=a.windows.columns,
        notes=(*a.notes, *_of_pair(a)),
        seconds=time.perf_counter() - begun,
        encoded=encoded,
    )
    return Record(mark, outline, content, likeness(a.pair.hr))


def _content(a: Analysis, progress: Progress) -> Content:
    content: dict[str, NDArray[Any]] = {
        "hr_points": a.matches.hr_points,
        "lr_points": a.matches.lr_points,
        "psnr": a.quality.psnr.astype(np.float32),
        "ssim": a.quality.ssim.astype(np.float32),
    }
    if a.has("alignment"):
        content["alignment"] = a.alignment.verdict.astype(np.uint8)
        content["moved"] = a.alignment.moved.astype(np.float32)
        content["u95"] = a.alignment.u95.astype(np.float32)
        content["of pair"] = np.array([VERDICTS.index(judge(a.pair_alignment).verdict)], np.uint8)
    every = np.ones(len(a.windows), bool)
    grey, points = a.keypoints.hr_grey, a.keypoints.hr.points
    look = Look(grey, a.windows, every, points, asdict(a.recipe), progress)

    def under(**changes: str) -> Analysis:
        return analyse(a.image, a.recipe.replace(**changes), previous=a, progress=progress)

    for measure, scope in product(TEXTURES.values(), KNOBS["keypoint_scope"].choices):
        decided = {"texture": measure.name, "keypoint_scope": scope}
        name = level_name(a.recipe.replace(**decided))
        known = decided.items() <= look.knobs.items()
        content[name] = narrow(a.texture.keypoints if known else measure.levels(look, scope))
        if unanswered("patches"):
            content[f"passing {name}"] = under(**decided).patches.kept
    if unanswered("consistent"):
        for test in KNOBS["consistency"].choices:
            content[f"passing {test}"] = under(consistency=test).consistent.kept
    return content


def _of_pair(a: Analysis) -> list[str]:
    """Return what is wrong with a given pair, in a sentence."""
    if not a.has("pair_alignment"):
        return []
    found = judge(a.pair_alignment)
    return [] if (found.verdict, found.remarks) == (ALIGNED, ()) else [found.sentence]


def _encoded(a: Analysis) -> dict[str, float]:
    """Return the mean bytes of a pair, by format and LR layout, over a sample of the windows.

    A layout that the recipe's patch and stride do not allow is left out. The sample is spread
    over those that hold the most keypoints, half of all: those are what recipes keep.
    """
    order = np.argsort(-a.texture.keypoints, kind="stable")
    half = order[: max(1, len(order) // 2)]
    chosen = half[np.unique(np.linspace(0, len(half) - 1, SAMPLE).astype(int))]
    scale, windows, hr = a.recipe.scale, a.windows, a.pair.hr
    layouts = {"upscaled": (a.pair.upscaled, 1)}
    if a.recipe.patch % scale == 0 and a.recipe.stride % scale == 0:
        layouts["native"] = (a.pair.lr, scale)
    sums: defaultdict[str, float] = defaultdict(float)
    for layout, (lr, shrink) in layouts.items():
        for index in chosen:
            pixels = windows.pixels(int(index))
            small = tuple(slice(side.start // shrink, side.stop // shrink) for side in pixels)
            for side, patch in (("hr", hr[pixels]), ("lr", lr[small])):
                for name, size in encoded_sizes(bgr(patch), side).items():
                    sums[f"{name} {layout}"] += size
    return {name: total / len(chosen) for name, total in sums.items()}
