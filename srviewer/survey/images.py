"""The images of a surveyed set, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from srviewer.pipeline.features import Matches
from srviewer.pipeline.patching import Windows, lay_windows
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.record import Content, Counts, Outline


@dataclass(frozen=True)
class SurveyedImage(Outline):
    """What is known of an image whatever decides: its outline, and where it is.

    Attributes
    ----------
    name : str
        Its path in the folder that was given, with ``/``, as in an export's manifest.
    path : Path
    sha256 : str
    """

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class SurveyFailure:
    """An image of which nothing is known but why."""

    name: str
    path: Path
    cause: str


@dataclass(frozen=True, eq=False)
class ImageSurvey:
    """An image and all that its survey keeps.

    Attributes
    ----------
    image : SurveyedImage
    content : Content
    """

    image: SurveyedImage
    content: Content

    @cached_property
    def matches(self) -> Matches:
        """The matches as far as the tests and the box look at them: where they are."""
        count = self.image.matches
        index = np.arange(count, dtype=np.int32)
        points = self.content
        return Matches(
            index, index, np.zeros(count, np.float32), points.hr_points, points.lr_points
        )

    def windows(self, recipe: Recipe) -> Windows:
        """Return the windows as the pipeline lays them."""
        return lay_windows(self.image.clean_size, patch=recipe.patch, stride=recipe.stride)

    def on_grid(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return a value a window in the grid of windows, shape (rows, columns)."""
        return values.reshape(self.image.rows, self.image.columns)

    @cached_property
    def finite(self) -> bool:
        """Whether the PSNR of every window is finite."""
        return bool(np.isfinite(self.content.psnr).all())

    def levels(self, recipe: Recipe) -> Counts:
        """Return what the recipe's threshold is held against, in whole numbers, a window each.

        Keypoints, or with texture canny edge pixels; by the recipe's scope.
        """
        what = "keypoints" if recipe.texture == "sift" else "edges"
        levels: Counts = getattr(self.content, f"{what}_{recipe.keypoint_scope}")
        return levels
