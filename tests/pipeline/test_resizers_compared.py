"""How far resizers are from each other; what they do downstream is what the pipeline does."""

import json
import math
from threading import Event

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from srviewer.errors import Cancelled
from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.resizers_compared import compare_resizers
from srviewer.pipeline.resizing import resize
from tests.photos import as_source, crop

RGB = crop("motorcycle", 200, 100, 202, 160)


def test_the_matrices_are_those_of_scikit_image() -> None:
    found = compare_resizers(as_source(RGB), (70, 50), Recipe())
    assert found.scale is None
    outputs = [
        resize(RGB, (70, 50), resizer=library, filter=name, quantize_after=True)
        for library, name in found.resizers
    ]
    one, other = found.resizers.index(("pil", "bicubic")), found.resizers.index(("opencv", "area"))
    first, second = outputs[one], outputs[other]
    psnr = peak_signal_noise_ratio(first, second, data_range=255)
    ssim = structural_similarity(
        first, second, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        data_range=255, channel_axis=2,
    )  # fmt: skip
    assert found.psnr[one, other] == found.psnr[other, one] == pytest.approx(psnr, abs=1e-9)
    assert found.ssim[one, other] == found.ssim[other, one] == pytest.approx(ssim, abs=1e-6)
    assert np.isinf(np.diag(found.psnr)).all()
    assert (np.diag(found.ssim) == 1).all()
    assert all(one.kept is None and one.keypoints >= 0 for one in found.effects)


def test_what_a_choice_does_is_what_the_pipeline_does() -> None:
    recipe = Recipe(crop="whole", min_matches=1)
    found = compare_resizers(as_source(RGB), (101, 80), recipe)
    assert found.scale == 2
    for (library, name), effect in list(zip(found.resizers, found.effects, strict=True))[::4]:
        a = analyse(as_source(RGB), recipe.replace(scale=2, resizer=library, filter=name))
        mine = (effect.keypoints, effect.matches, effect.consistent, effect.kept)
        kept = int(a.consistent.kept.sum()), int(a.patches.kept.sum())
        assert mine == (len(a.keypoints.lr), len(a.matches), *kept)
    assert len({effect.kept for effect in found.effects}) > 1


def test_the_lr_of_a_given_pair_stands_for_no_resizer() -> None:
    recipe = Recipe(crop="whole", min_matches=1)
    made = compare_resizers(as_source(RGB), (101, 80), recipe)
    pair = as_source(RGB).with_lr(as_source(np.zeros((80, 101, 3), np.uint8), "lr.png"))
    given = compare_resizers(pair, (101, 80), recipe)
    assert given.effects == made.effects
    for one, other in zip(given.outputs, made.outputs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_is_told_of_and_stops_inside_a_resizer() -> None:
    told: list[tuple[str, int, int]] = []
    cancel = Event()

    def report(*what: object) -> None:
        told.append(what)  # type: ignore[arg-type]
        if told[-1][1] == 2:
            cancel.set()

    with pytest.raises(Cancelled):
        compare_resizers(as_source(RGB), (70, 50), Recipe(), Progress(report, cancel))
    assert [done for _, done, _ in told] == [0, 1, 2]
    assert {stage for stage, *_ in told} == {"resizers"}


def test_baboon_shows_what_the_article_met(data_dir) -> None:
    image = read_image(data_dir / "set14" / "baboon.bmp")
    for size, expected in (((100, 100), 21.00), ((250, 240), 27.67)):
        found = compare_resizers(image, size, Recipe(sift_nfeatures=10))
        pair = (found.resizers.index((library, "bicubic")) for library in ("pil", "opencv"))
        assert round(found.psnr[tuple(pair)], 2) == expected


def test_the_command_prints_matrices_and_effects(tmp_path, call) -> None:
    Image.fromarray(RGB).save(tmp_path / "a.png")
    code, out, _ = call("resizers", tmp_path / "a.png", "--to", "101x80")
    assert code == 0
    assert all(word in out for word in ("PSNR, dB", "SSIM", "What the choice does", "pairs kept"))
    code, out, _ = call("resizers", tmp_path / "a.png", "--to", "9x9", "--json")
    told = json.loads(out)
    count = len(told["resizers"])
    assert (code, told["size"], told["scale"]) == (0, [9, 9], None)
    assert np.shape(told["psnr"]) == np.shape(told["ssim"]) == (count, count)
    assert told["psnr"][0][0] is None
    assert told["ssim"][0][1] is None  # smaller than SSIM's window
    assert not any(isinstance(one, float) and math.isnan(one) for one in told["psnr"][0])
    assert call("resizers", tmp_path / "a.png", "--to", "0x9")[0] == 2
