from srviewer.errors import SrviewerError as SrviewerError
from srviewer.export.options import Options as Options
from srviewer.export.runner import export as export_pairs
from srviewer.export.verification.reproducing import reproduce as reproduce_data_set
from srviewer.export.verification.verifying import verify as verify_data_set
from srviewer.pipeline.analysis import analyse as analyse
from srviewer.pipeline.exclusions import load_exclusions as load_exclusions
from srviewer.pipeline.reading import read_image as read_image
from srviewer.pipeline.recipe import PRESETS as PRESETS
from srviewer.pipeline.recipe import Recipe as Recipe
from srviewer.pipeline.recipe_file import load_recipe as load_recipe
from srviewer.runs.inputs import GivenLR as GivenLR
from srviewer.survey.runner import survey as survey_images

__all__ = [
    "PRESETS",
    "GivenLR",
    "Options",
    "Recipe",
    "SrviewerError",
    "__version__",
    "analyse",
    "export_pairs",
    "load_exclusions",
    "load_recipe",
    "read_image",
    "reproduce_data_set",
    "survey_images",
    "verify_data_set",
]

__version__: str
