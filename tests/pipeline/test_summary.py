import json
import math
from dataclasses import replace

import numpy as np
import pytest

from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.recipe import PRESETS, Recipe
from srviewer.pipeline.stages import GIVEN_STAGES, STAGE_NAMES
from srviewer.pipeline.summary import lying_counts, mean_quality, summarise, summary_notes
from tests import reference
from tests.photos import as_source, crop


@pytest.fixture(scope="module")
def photograph() -> np.ndarray:
    return crop("motorcycle", 100, 150, 250, 254)


@pytest.fixture(scope="module")
def analysis(photograph):
    image = replace(as_source(photograph, "a photo.png"), notes=("alpha dropped",))
    return analyse(image, Recipe())


def test_the_summary_is_what_a_plain_script_counts(analysis, photograph):
    script = reference.run_script(photograph)
    summary = summarise(analysis)
    psnr = [pair[1] for pair in script.pairs.values()]
    ssim = [pair[2] for pair in script.pairs.values()]
    assert list(summary["seconds"]) == [one for one in STAGE_NAMES if one not in GIVEN_STAGES]
    del summary["seconds"]
    assert summary == {
        "image": "a photo.png",
        "size": [250, 254],
        "clean_size": [248, 252],
        "scale": 4,
        "keypoints": {"hr": len(script.hr_points), "lr": len(script.lr_points)},
        "matches": {"total": len(script.matches), "kept": len(script.kept)},
        "box": {"hr": list(script.box), "lr": [side // 4 for side in script.box], "reason": None},
        "patches": {"total": script.windows, "kept": len(script.pairs), "excluded": 0},
        "kept_pairs": {
            "mean_psnr": pytest.approx(sum(psnr) / len(psnr), abs=1e-6),
            "mean_ssim": pytest.approx(sum(ssim) / len(ssim), abs=1e-6),
        },
        "notes": ["alpha dropped", "trimmed from 250 x 254 to 248 x 252 px"],
    }


def test_the_summary_is_json_of_plain_values(analysis):
    text = json.dumps(summarise(analysis), allow_nan=False)
    assert json.loads(text) == summarise(analysis)


def test_without_a_box_there_are_nulls_and_a_reason(photograph):
    summary = summarise(analyse(as_source(photograph), Recipe(error_margin=0.0)))
    assert summary["box"] == {
        "hr": None,
        "lr": None,
        "reason": "0 consistent matches; a box needs at least 4",
    }
    assert summary["patches"] == {"total": 0, "kept": 0, "excluded": 0}
    assert summary["kept_pairs"] == {"mean_psnr": None, "mean_ssim": None}


def test_with_a_box_but_no_pairs_there_are_no_means(photograph):
    summary = summarise(analyse(as_source(photograph), Recipe(min_keypoints=1000)))
    assert summary["box"]["hr"] is not None
    assert summary["patches"]["total"] > 0
    assert summary["patches"]["kept"] == 0
    assert summary["kept_pairs"] == {"mean_psnr": None, "mean_ssim": None}


def test_identical_pairs_stay_out_of_the_mean_and_a_note_tells():
    half = crop("motorcycle", 100, 150, 132, 66)
    half[:, 66:] = 128
    a = analyse(as_source(half), Recipe(crop="whole", min_keypoints=0, patch=33, stride=33))
    infinite = np.isinf(a.quality.psnr)
    assert 0 < infinite.sum() < len(infinite)
    psnr, ssim = mean_quality(a)
    assert psnr == pytest.approx(a.quality.psnr[~infinite].mean())
    assert ssim == pytest.approx(a.quality.ssim.mean())
    assert summary_notes(a)[-1] == (
        f"{infinite.sum()} kept pairs are identical to their reduction (PSNR infinite): "
        "not in the mean PSNR"
    )
    json.dumps(summarise(a), allow_nan=False)


def test_only_identical_pairs_have_no_mean_psnr():
    flat = as_source(np.full((66, 66, 3), 77, np.uint8))
    a = analyse(flat, PRESETS["v1"])
    psnr, ssim = mean_quality(a)
    assert psnr is None
    assert math.isclose(ssim, 1)


def test_how_windows_lie_is_counted_where_that_was_looked_at(analysis):
    assert lying_counts(analysis) == {}
    assert "alignment" not in summarise(analysis)
    given = analysis.image.with_lr(as_source(analysis.pair.lr))
    looked_at = analyse(given, Recipe(), look_at_alignment=True)
    counts = lying_counts(looked_at)
    assert counts["aligned"] > 0.9 * sum(counts.values()) > 0
    assert summarise(looked_at)["alignment"] == counts
    assert sum(counts.values()) == looked_at.patches.candidates.sum()
