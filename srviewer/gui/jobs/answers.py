"""What a recipe makes of surveyed images, as a job."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from srviewer.gui.jobs.runner import Job, Tell
from srviewer.pipeline.exclusions import NONE, Exclusions
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import Rooted
from srviewer.survey.key import survey_differences
from srviewer.survey.overview import Overview, look_over
from srviewer.survey.whole_set import WholeSet, load
from srviewer.wording import counted

Images = tuple[Path | Rooted, ...]


@dataclass(frozen=True, eq=False)
class Question:
    """What a recipe makes of these images.

    Attributes
    ----------
    images : tuple of Path or Rooted
    file : Path
        Their survey.
    recipe : Recipe
    whole : WholeSet, optional
        What is known of them.
    reads : bool
        Whether the file is to be read first; what `whole` holds is not read again.
    exclusions : Exclusions
    """

    images: Images
    file: Path
    recipe: Recipe
    whole: WholeSet | None = None
    reads: bool = True
    exclusions: Exclusions = NONE

    def is_about_the_same(self, other: Question) -> bool:
        """Tell whether both look at one survey of the same images."""
        same = self.images == other.images and self.file == other.file
        return same and not survey_differences(self.recipe, other.recipe)

    def job(self) -> Job:
        """Return the job that answers it.

        It tells the `WholeSet` that it read, where it did; its result is an `Overview`, or None
        where nothing is surveyed.
        """
        needs = f"the survey of {counted(len(self.images), 'image')}"
        return Job(self._answer, about=self, path=self.file, needs=needs)

    def _answer(self, progress: Progress, tell: Tell) -> Overview | None:
        whole = self.whole
        if whole is None or self.reads:
            found = load(self.file, self.images, self.recipe, previous=whole, progress=progress)
            if whole is None or not _is_same(whole, found):  # else it has its answers ready
                whole = found
            tell(whole)
        whole = whole.excluding(self.exclusions)
        return look_over(whole, self.recipe, progress) if whole.images else None


def _is_same(one: WholeSet, other: WholeSet) -> bool:
    """Tell whether two sets know the same of the same images."""
    if survey_differences(one.recipe, other.recipe) or one.images != other.images:
        return False
    rest = (one.failures, one.pending, one.other)
    return rest == (other.failures, other.pending, other.other)
