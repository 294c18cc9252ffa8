"""The finished analysis of the image that is looked at, or why there is none."""

from srviewer.export.options import LABELS
from srviewer.gui.state.model import Model
from srviewer.pipeline.analysis import Analysis


def result_of(model: Model) -> Analysis | None:
    """Return the analysis where it is complete and of the model's recipe."""
    a = model.analysis
    if a is None or not a.complete or a.excluded != model.excluded_of(a.image):
        return None
    return a if a.recipe == model.recipe else None


def why_no_result(model: Model) -> str:
    """Return in words why there is no complete analysis to list windows of."""
    if model.current is None:
        return "no image yet"
    error = model.current.error
    return error.told(LABELS) if error is not None else "being computed ..."
