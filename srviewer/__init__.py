"""srviewer: the interactive window on a super-resolution training-pair pipeline.

What notebooks and scripts need of it is here; nothing is loaded before it is used, and the process
stays as it is. A picture is painted for the examples:

>>> import numpy as np, tempfile
>>> from pathlib import Path
>>> from PIL import Image
>>> import srviewer
>>> squares = np.random.default_rng(1).integers(0, 256, (12, 16, 3), np.uint8)
>>> rgb = squares.repeat(12, axis=0).repeat(12, axis=1)
>>> folder = Path(tempfile.mkdtemp())
>>> Image.fromarray(rgb).save(folder / "squares.png")

`Recipe` holds every knob; `PRESETS` are recipes by name, and `load_recipe` reads one from a file.

>>> recipe = srviewer.Recipe(scale=2, min_keypoints=4)
>>> recipe
Recipe(scale=2, min_keypoints=4)
>>> srviewer.PRESETS["v1"]
Recipe(crop='whole', min_keypoints=0)
>>> file = folder / "recipe.toml"
>>> _ = file.write_text("stride = 16")
>>> srviewer.load_recipe(file, base=recipe)
Recipe(scale=2, stride=16, min_keypoints=4)

`read_image` reads an image as the pipeline takes it; `analyse` takes that, an array or a path.

>>> image = srviewer.read_image(folder / "squares.png")
>>> image.size
(192, 144)
>>> analysis = srviewer.analyse(image, recipe)
>>> analysis.complete, len(analysis.windows), analysis.patches.kept.shape
(True, 96, (96,))
>>> again = srviewer.analyse(rgb, recipe)
>>> bool((again.patches.kept == analysis.patches.kept).all())
True

An LR that exists already is given with `lr`; without it the recipe's resizer makes one.

>>> srviewer.analyse(rgb, recipe, lr=rgb[::2, ::2]).pair.given
True

Errors are all of one kind and say what they are about in fields.

>>> try:
...     srviewer.Recipe(scale=1)
... except srviewer.SrviewerError as error:
...     print(error.key, error.value, error)
scale 1 scale = 1: allowed is a whole number from 2 to 64

Whole sets: `survey_images` finds what every later decision needs, `export_pairs` writes the pairs,
`verify_data_set` checks what lies there, and `reproduce_data_set` makes it again.

>>> state = srviewer.survey_images([str(folder)], f"{folder}/survey.sqlite", recipe, jobs=1)
>>> state.surveyed
1

Of an export `Options` says how and which; `load_exclusions` reads what was excluded by hand.

>>> whole = srviewer.PRESETS["v1"]
>>> state = srviewer.export_pairs([str(folder)], f"{folder}/out", whole, jobs=1)
>>> state.exported, state.pairs
(1, 96)
>>> srviewer.verify_data_set(f"{folder}/out", jobs=1).wrong.total()
0
>>> srviewer.reproduce_data_set(f"{folder}/out", [f"{folder}/squares.png"], jobs=1).differences
()

LR that exist already are given with `lr`, a file or a folder; `GivenLR` can pair them by order.

>>> low = folder / "low"
>>> low.mkdir()
>>> Image.fromarray(rgb).resize((96, 72)).save(low / "squares_x2.png")
>>> half = srviewer.PRESETS["v1"].replace(scale=2)
>>> lr = srviewer.GivenLR(low, by_order=True)
>>> srviewer.export_pairs([f"{folder}/squares.png"], f"{folder}/given", half, lr=lr, jobs=1).pairs
96
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "PRESETS": "pipeline.recipe:PRESETS",
    "GivenLR": "runs.inputs:GivenLR",
    "Options": "export.options:Options",
    "Recipe": "pipeline.recipe:Recipe",
    "SrviewerError": "errors:SrviewerError",
    "analyse": "pipeline.analysis:analyse",
    "export_pairs": "export.runner:export",
    "load_exclusions": "pipeline.exclusions:load_exclusions",
    "load_recipe": "pipeline.recipe_file:load_recipe",
    "read_image": "pipeline.reading:read_image",
    "reproduce_data_set": "export.verification.reproducing:reproduce",
    "survey_images": "survey.runner:survey",
    "verify_data_set": "export.verification.verifying:verify",
}
"""The module of each public name, and its name there; `__init__.pyi` says the same to checkers."""

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, own_name = _HOMES[name].partition(":")
    value = getattr(importlib.import_module(f"{__name__}.{module}"), own_name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
