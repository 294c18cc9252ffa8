"""A copy of srviewer to which a texture measure and knobs are added, in the files that it takes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.survey.helpers import save_set

MEASURE = {
    "recipe.py": {
        'choices=("sift", "canny"),': 'choices=("sift", "canny", "variance"),',
        "    min_matches: int = _patches(": """
    min_variance: int = _patches(
        900, "Variance", "made up", Range(0, 16_256, usual=5000, step=100), slider=True
    )
    most_keypoints: int = _patches(12, "Keypoints, at most", "made up", Range(0, 1_000_000))
    most_differing: float = declare("Made up", 400.0, "Differing", "made up", Range(0, 100_000))
    inset: int = _box(2, "Inset", "made up", Range(0, 100), unit="px")
    min_matches: int = _patches(""",
    },
    "textures.py": {
        "TEXTURES = {one.name: one for one in (SIFT, CANNY)}": """
def _variances(look: Look, of: int) -> Counts:
    def measure(patches: Sequence[Image]) -> list[int]:
        return [int(patch.var()) // of for patch in patches]

    return count_alone(look, measure)


VARIANCE = TextureMeasure(
    "variance", "min_variance", lambda look: _variances(look, 1), lambda look: _variances(look, 2),
    "spread", "grey level\N{SUPERSCRIPT TWO}", "grey levels\N{SUPERSCRIPT TWO}",
    "variance of the window", "little spread", ("Spread a window", "Spread"),
)
TEXTURES = {one.name: one for one in (SIFT, CANNY, VARIANCE)}""",
    },
}
KNOBS = {
    "stages.py": {
        "_TEXTURES = ": """
def _nearer(_: Context, *, most_differing: float, **given: Any) -> consistency.Consistency:
    found = consistency.check_consistency(**given)
    return replace(found, kept=found.kept & (given["matches"].distance <= most_differing))


def _smaller(inset: int, **given: Any) -> cropping.Crop:
    found = cropping.find_box(**given)
    if found.hr is None:
        return found
    x0, y0, x1, y1 = found.hr
    return replace(found, hr=cropping.Box(x0 + inset, y0 + inset, x1 - inset, y1 - inset))


def _not_crowded(c: Context, *, most_keypoints: int, **given: Any) -> verdicts.Patches:
    found = _patches(c, **given)
    crowded = given["texture"].keypoints > most_keypoints
    verdict = np.where(crowded & found.kept, verdicts.Verdict.FEW_MATCHES, found.verdict)
    return replace(found, verdict=verdict.astype(np.uint8), kept=found.kept & ~crowded)


_TEXTURES = """,
        "lambda _, **given: consistency.check_consistency(**given)": "_nearer",
        'When("scale", "consistency"),': 'When("scale", "consistency", "most_differing"),',
        "lambda _, pair, consistent, **given: cropping.find_box(": (
            "lambda _, pair, consistent, **given: _smaller("
        ),
        'When("scale", "crop", "patch")': 'When("scale", "crop", "patch", "inset")',
        "        _patches,\n": "        _not_crowded,\n",
        'When("min_matches"),': 'When("min_matches", "most_keypoints"),',
    },
}
REPOSITORY = Path(__file__).parents[1]


def test_a_measure_takes_two_files_and_a_knob_two_and_all_goes_by_them(tmp_path: Path) -> None:
    for name in ("srviewer", "tests"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    for name, changes in (MEASURE | KNOBS).items():
        path = tmp_path / "srviewer" / "pipeline" / name
        text = path.read_text("utf-8")
        for before, after in changes.items():
            assert text.count(before) == 1, before
            text = text.replace(before, after)
        path.write_text(text, "utf-8")
    save_set(tmp_path / "images")
    compare = [
        "pytest",
        "tests/survey/test_answers.py",
        "-k",
        "variance",
        "--basetemp",
        "temporary",
    ]
    for command in (["tests.newcomers_walk", "images", "survey.sqlite"], compare):
        run = [sys.executable, "-m", *command]
        env = os.environ | {"PYTHONPATH": str(tmp_path)}
        done = subprocess.run(run, env=env, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
