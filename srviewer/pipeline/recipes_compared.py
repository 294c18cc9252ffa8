"""One image under two recipes, A and B: what B can be, and what each makes of the image."""

from collections.abc import Callable, Mapping
from functools import partial

from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.cropping import area_used
from srviewer.pipeline.recipe import FILTERS, KNOBS, PRESETS, Recipe, adapted
from srviewer.pipeline.resizing import available_libraries
from srviewer.pipeline.summary import mean_quality
from srviewer.wording import percent


def of_same_image(b: Recipe, a: Recipe) -> Recipe:
    """Return `b` for the image as it was read for `a`."""
    return b.replace(colour=a.colour)


def _other_value(key: str, a: Recipe) -> Recipe:
    values = KNOBS[key].choices
    after = values.index(getattr(a, key)) + 1  # of more than two, the next is the other
    return a.replace(**{key: values[after % len(values)]})


def presets(own: Mapping[str, Recipe]) -> dict[str, Recipe]:
    """Return recipes by what they are called as B, of their names as presets."""
    return {f"preset {name}": recipe for name, recipe in own.items()}


_RESIZERS = {f"resizer {library}": library for library in FILTERS}
OTHERS: dict[str, Callable[[Recipe], Recipe]] = {
    **{name: partial(of_same_image, recipe) for name, recipe in presets(PRESETS).items()},
    "the other keypoint scope": partial(_other_value, "keypoint_scope"),
    "the other texture measure": partial(_other_value, "texture"),
    "the other consistency test": partial(_other_value, "consistency"),
    **{name: partial(adapted, key="resizer", value=library) for name, library in _RESIZERS.items()},
}
"""B by what it is called, given A; resizers that are not installed are among them."""


def others_now() -> list[str]:
    """Return what B can be now, without resizers that are not installed."""
    missing = FILTERS.keys() - set(available_libraries())
    return [name for name in OTHERS if _RESIZERS.get(name) not in missing]


def _mean(value: float | None, written: str) -> str:
    return "none" if value is None else written.format(value)


FIGURES: dict[str, Callable[[Analysis], str]] = {
    "Keypoints HR / LR": lambda a: f"{len(a.keypoints.hr):,} / {len(a.keypoints.lr):,}",
    "Matches, consistent": lambda a: f"{len(a.matches):,}, {int(a.consistent.kept.sum()):,}",
    "Box": lambda a: f"{a.box.hr.width} x {a.box.hr.height} px" if a.box.hr else "none",
    "Area used": lambda a: percent(area_used(a.box.hr, a.pair.size)),
    "Windows in the box": lambda a: f"{int(a.patches.candidates.sum()):,}",
    "Kept pairs": lambda a: f"{int(a.patches.kept.sum()):,}",
    "Mean PSNR": lambda a: _mean(mean_quality(a)[0], "{:.2f} dB"),
    "Mean SSIM": lambda a: _mean(mean_quality(a)[1], "{:.4f}"),
}
"""What is told of a complete analysis, by name, each with its unit."""
