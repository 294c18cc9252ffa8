"""What `test_newcomer` runs in a copy of srviewer: all that shows or answers knows what is new."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QSlider, QSpinBox

import srviewer
from srviewer.errors import SurveyError
from srviewer.gui.panels.recipe_panel import RecipePanel
from srviewer.gui.state.model import Model
from srviewer.gui.views.chart_model import chart_model
from srviewer.gui.views.inspector import window_facts
from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.columns import csv_of
from srviewer.pipeline.conditions import parse_conditions
from srviewer.pipeline.distributions import BinCache, window_texture
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipes_compared import OTHERS
from srviewer.pipeline.summary import window_verdict
from srviewer.pipeline.window_columns import columns_of
from srviewer.pipeline.window_filter import Show, why_empty
from srviewer.pipeline.window_maps import heat_of
from srviewer.survey.bars import Asked, texture_bars
from srviewer.survey.key import MATTERS
from srviewer.survey.listing import why_no_pairs
from srviewer.survey.runner import survey
from srviewer.survey.whole_set import load

FOLDER, FILE = map(Path.absolute, map(Path, sys.argv[1:]))
RECIPE = Recipe(stride=16, min_keypoints=6, texture="variance", crop="bounding")
assert Path(srviewer.__file__).is_relative_to(FILE.parent)  # the copy

# One image
a = analyse(read_image(FOLDER / "motor.png"), RECIPE)
kept, candidates = a.patches.kept, a.patches.candidates
few = int(np.flatnonzero(candidates & (a.texture.deciding < 900))[0])
value = a.texture.deciding[few]
words = f"{value:,} grey levels²"
assert 0 < kept.sum() < candidates.sum()
assert window_verdict(a, few) == f"rejected: {words}; at least 900 are needed"
columns = columns_of(RECIPE)
assert [one.name for one in columns][2:5] == ["keypoints", "matches", "spread"]
assert csv_of(columns, a, np.array([few])).split("\n")[0].split(",")[4] == "spread"
assert csv_of(columns, a, np.array([few])).rstrip().endswith("little spread")
assert not {"spread", "edges"} & {one.name for one in columns_of(Recipe())}
(condition,) = parse_conditions("spread < 900", columns)
assert condition.holds(a)[few]
poor = analyse(a.image, RECIPE.replace(min_variance=16_256), previous=a)
assert "at least 16256 are needed" in why_empty(poor, Show.KEPT)
chart = chart_model(window_texture(a, BinCache(), None), RECIPE)
assert chart.kind.headings[0] == "Spread a window"
assert chart.value == "≥ 900"
assert chart.distribution.totals == (candidates.sum(), kept.sum())
assert heat_of(a).unit == "grey levels²"
assert window_facts(a, few)["grey levels²"] == str(value)
assert OTHERS["the other texture measure"](Recipe(texture="canny")).texture == "variance"

# The window's controls
app = QApplication([])
panel = RecipePanel(Model())
assert panel.findChild(QSlider, "min_variance_slider") is not None
assert panel.findChild(QSpinBox, "most_keypoints") is not None
assert panel.findChild(QSpinBox, "inset") is not None
assert "most_differing" in panel._rows  # of a group that has no place in the order

# The set; `test_newcomer` compares what is answered for it with the pipeline, too
survey([FOLDER], FILE, RECIPE, jobs=1)
whole = load(FILE, [FOLDER], RECIPE)
assert {"most_keypoints", "most_differing"} <= set(MATTERS)
assert not {"min_variance", "inset"} & set(MATTERS)
answer = whole.under(RECIPE)
bars = texture_bars(Asked(whole.distributions(RECIPE), answer, RECIPE))
assert bars.totals == (answer.totals.candidates, answer.totals.pairs)
plain = RECIPE.replace(keypoint_scope="image", min_variance=0)
for key, less, more in (("most_keypoints", 12, 10**6), ("most_differing", 400.0, 1e5)):
    counts = [analyse(a.image, plain.replace(**{key: most})) for most in (less, more)]
    few, many = ((each.patches.kept.sum(), each.consistent.kept.sum()) for each in counts)
    assert few != many  # what the comparison above is to cover does occur
    with pytest.raises(SurveyError, match=f"{key}.*survey again"):
        whole.under(plain.replace(**{key: more}))
none = whole.under(RECIPE.replace(min_variance=16_256))
assert "no window has 16,256 grey levels²" in {why_no_pairs(none, index) for index in range(6)}

# The command
flags = ["--file", FILE, "--pairs", "5", "--json", "--stride", "16", "--texture", "variance"]
flags += ["--crop", "bounding", "--min-variance", "700", "--min-keypoints", "6"]
run = [sys.executable, "-m", "srviewer", "survey", FOLDER, *flags]
told = json.loads(subprocess.run(run, capture_output=True, check=True).stdout)
answer = whole.under(RECIPE.replace(min_variance=700))
assert told["surveyed"] == 0
assert told["pairs"] == answer.totals.pairs > 0
assert told["threshold"] == {"key": "min_variance", "value": 700}
assert told["suggestion"]["key"] == "min_variance"
