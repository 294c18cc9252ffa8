"""A run that aligns many given pairs."""

import contextlib
import functools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from srviewer.errors import Cancelled
from srviewer.pipeline.alignment.alignment import align
from srviewer.pipeline.alignment.report import report, window_rows
from srviewer.pipeline.alignment.windows import align_windows
from srviewer.pipeline.analysis import failures_of
from srviewer.pipeline.memory import align_needs, memory_needed, require_bytes
from srviewer.pipeline.patching import lay_windows
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.reading import SourceImage, read_image
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import GivenLR, Input, collect
from srviewer.runs.run import Run
from srviewer.runs.state import RunState
from srviewer.runs.tasks import Outcome
from srviewer.runs.workers import own_workers

Found = dict[str, Any]
ROWS = "window_rows"
"""Where `align_files` has what it found of each window, if that is wanted."""


@dataclass(frozen=True, kw_only=True)
class AlignState(RunState):
    """How far a run is, besides what every run has.

    Attributes
    ----------
    verdicts : mapping of str to int
        How many pairs have each verdict.
    """

    verdicts: Mapping[str, int] = field(default_factory=dict)


def align_pairs(
    hr: Path,
    lr: GivenLR,
    recipe: Recipe,
    *,
    jobs: int | None = None,
    progress: Progress = UNHEARD,
    on_state: Callable[[AlignState], None] | None = None,
    every_window: bool = False,
) -> tuple[AlignState, list[Found]]:
    """Align each image of `hr`, a file or a folder, with its LR.

    Parameters
    ----------
    hr : Path
    lr : GivenLR
        Where the LR are, and how they are paired.
    recipe : Recipe
        As `align` takes it.
    jobs : int, optional
        Processes; by default the number of cores, fewer where memory is short.
    progress : Progress, optional
        Its tokens pause and cancel.
    on_state : callable, optional
        Given the state after each pair.
    every_window : bool
        Whether what is found of each window is wanted too.

    Returns
    -------
    AlignState
        The final one; images without a partner are among its failures.
    list of dict
        What `align_files` returns of each pair, sorted by HR's name.
    """
    run = Run(AlignState(), progress, on_state)
    try:
        images, alone = collect([hr], progress=run.progress, lr=lr, on_note=run.note)
    except Cancelled:
        return replace(run.end(), cancelled=True), []
    run.tell(images=len(images), failures=alone)
    found: dict[str, Found] = {}
    task = functools.partial(_align, recipe=recipe, every_window=every_window)
    with contextlib.closing(own_workers(jobs, len(images), run.progress)) as workers:
        for image, outcome in run.work(images, task, workers):
            if isinstance(outcome, dict):
                found[image.name] = outcome
            _count(run, image, outcome)
    return run.end(), [found[name] for name in sorted(found)]


def _count(run: Run[AlignState], image: Input, outcome: Outcome[Found]) -> None:
    if not isinstance(outcome, dict):
        run.count(image, outcome)
        return
    verdicts = Counter(run.state.verdicts)
    verdicts[outcome["verdict"]] += 1
    run.count(image, None, *outcome["notes"], verdicts=dict(verdicts))


def _align(image: Input, progress: Progress, *, recipe: Recipe, every_window: bool) -> Found:
    hr, lr = image.files
    return align_files(hr, lr, recipe, progress, every_window=every_window)


def align_files(
    hr: Path, lr: Path, recipe: Recipe, progress: Progress = UNHEARD, *, every_window: bool = False
) -> Found:
    """Align two files and return `report` with their paths and what was changed in reading.

    Raises
    ------
    ReadError
        Where one cannot be read.
    NotEnoughMemoryError
        Where that takes more memory than is free.
    Cancelled
    """
    high, low = (read_image(file, colour=recipe.colour, progress=progress) for file in (hr, lr))
    found = align_images(high, low, recipe, progress, every_window=every_window)
    notes = [f"{side}: {note}" for side, one in (("HR", high), ("LR", low)) for note in one.notes]
    return {"hr": str(hr), "lr": str(lr), **found, "notes": notes}


def align_images(
    high: SourceImage,
    low: SourceImage,
    recipe: Recipe,
    progress: Progress = UNHEARD,
    *,
    every_window: bool = False,
) -> Found:
    """Align HR and LR that are read already and return `report`, under `ROWS` with `window_rows`.

    Raises
    ------
    NotEnoughMemoryError
    Cancelled
    """
    size = high.size
    scale = size[0] / low.size[0]
    needed = max(memory_needed(size, recipe), 60e6 + align_needs(size[0] * size[1], scale))
    progress.reserve(needed)
    require_bytes(needed, size, held=high.rgb.nbytes)
    with failures_of(high.path):
        found = align(high.rgb, low.rgb, recipe, progress)
        progress.check()
        windows = lay_windows(found.sizes.covered, patch=recipe.patch, stride=recipe.stride)
        lies = align_windows(found, high.rgb, low.rgb, windows, progress)
    rows = {ROWS: window_rows(windows, lies)} if every_window else {}
    return report(found, lies) | rows
