"""A given LR goes through the same stages; its sizes decide the scale or are told."""

import pickle

import numpy as np
import pytest
from PIL import Image

from srviewer.errors import PairSizeError
from srviewer.pipeline.analysis import analyse, analyse_file, refresh
from srviewer.pipeline.exclusions import Excluded, Exclusions
from srviewer.pipeline.given_pairs import nearest_scale, require_fit
from srviewer.pipeline.reading import pair_content, read_source
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.resizing import resize
from tests.analyses import assert_same, parts
from tests.photos import as_source, crop, save

RGB = crop("motorcycle", 200, 100, 250, 201)  # 248 x 200 px clean


def reduced(scale: int = 4) -> np.ndarray:
    height, width = (side // scale for side in RGB.shape[:2])
    clean = np.ascontiguousarray(RGB[: scale * height, : scale * width])
    how = {"resizer": "pil", "filter": "bicubic", "quantize_after": True}
    return resize(clean, (width, height), **how)


def test_what_the_resizer_makes_gives_the_same_when_it_is_given() -> None:
    made = analyse(as_source(RGB))
    given = analyse(as_source(RGB), lr=as_source(reduced()))
    assert (made.pair.given, given.pair.given) == (False, True)
    for name, value in parts(made.pair).items():
        if name != ".given":
            np.testing.assert_array_equal(parts(given.pair)[name], value)
    for stage in ("keypoints", "matches", "consistent", "box", "quality", "patches"):
        for name, value in parts(getattr(made, stage)).items():
            np.testing.assert_array_equal(parts(getattr(given, stage))[name], value)
    assert given.notes == made.notes == ("trimmed from 250 x 201 to 248 x 200 px",)


def test_lr_stays_as_it_is_and_is_enlarged_by_the_recipe() -> None:
    lr = np.asarray(Image.fromarray(reduced()).convert("L").convert("RGB"))
    for recipe in (Recipe(), Recipe(resizer="opencv", filter="bilinear", quantize_after=False)):
        pair = analyse(as_source(RGB), recipe, lr=lr).pair
        np.testing.assert_array_equal(pair.lr, lr)
        how = {"resizer": recipe.resizer, "filter": recipe.filter}
        upscaled = resize(lr, pair.size, quantize_after=recipe.quantize_after, **how)
        np.testing.assert_array_equal(pair.upscaled, upscaled)


def test_a_changed_recipe_gives_what_a_new_analysis_gives() -> None:
    image = as_source(RGB).with_lr(as_source(reduced()))
    first = analyse(image)
    for changes in ({"error_margin": 0.02}, {"filter": "lanczos"}, {"min_keypoints": 3}):
        recipe = Recipe(**changes)
        assert_same(analyse(image, recipe, previous=refresh(first, recipe)), analyse(image, recipe))


def test_the_scale_is_that_of_the_sizes_unless_it_is_set() -> None:
    assert analyse(RGB, lr=reduced(2)).recipe == Recipe(scale=2)
    assert analyse(RGB, Recipe(scale=3), lr=reduced(3)).pair.scale == 3
    with pytest.raises(PairSizeError) as caught:
        analyse(RGB, Recipe(scale=3), lr=reduced(2))
    assert (caught.value.key, caught.value.value) == ("scale", 3)
    assert str(caught.value).endswith("scale 2 fits")


@pytest.mark.parametrize(
    ("hr", "lr", "scale"),
    [((1920, 1080), (480, 270), 4), ((1920, 1080), (854, 480), 2), ((100, 90), (33, 30), 3),
     ((8, 8), (8, 8), 2), ((9000, 9000), (10, 10), 64)],
)  # fmt: skip
def test_the_nearest_scale_is_a_whole_number(hr, lr, scale) -> None:
    assert nearest_scale(hr, lr) == scale


@pytest.mark.parametrize(
    ("hr", "lr", "of_hr", "of_lr", "words"),
    [
        ((484, 360), (120, 90), (4, 0), (0, 0), "HR would have to be trimmed by 4 px at the right"),
        ((480, 365), (120, 90), (0, 5), (0, 0), "by 5 px at the bottom"),
        ((479, 360), (120, 90), (3, 0), (1, 0), "LR would have to be trimmed by 1 px at the right"),
        ((490, 350), (120, 90), (10, 2), (0, 3), "by 10 px at the right and 2 px at the bottom"),
        ((120, 90), (480, 360), None, None, "are the two exchanged?"),
    ],
)
def test_sizes_that_do_not_fit_say_what_to_trim(hr, lr, of_hr, of_lr, words) -> None:
    with pytest.raises(PairSizeError, match=words.replace("?", r"\?")) as caught:
        require_fit(hr, lr, scale=4)
    if of_hr is not None:
        assert (caught.value.hr, caught.value.lr) == (of_hr, of_lr)
        left = [side - off for side, off in zip(hr, of_hr, strict=True)]
        assert left == [4 * (side - off) for side, off in zip(lr, of_lr, strict=True)]
    again = pickle.loads(pickle.dumps(caught.value))  # as a worker hands it on
    assert (str(again), again.hr) == (str(caught.value), caught.value.hr)


@pytest.mark.parametrize("more", range(4))
def test_up_to_a_scale_of_pixels_are_trimmed(more: int) -> None:
    require_fit((480 + more, 360), (120, 90), scale=4)


def test_files_are_read_with_notes_of_both(tmp_path) -> None:
    hr = save(RGB, tmp_path / "a.png")
    Image.fromarray(reduced()).convert("P").save(tmp_path / "b.png")
    image = read_source(hr, tmp_path / "b.png")
    assert [note.partition(":")[0] for note in image.notes] == ["LR"]
    assert image.content == pair_content(image.sha256, image.lr.sha256) != image.sha256
    a = analyse_file(hr, Recipe(), lr=tmp_path / "b.png")
    assert a.pair.given
    excluded = Excluded(whole=True)
    mine, others = (Exclusions({one: excluded}) for one in (image.content, image.sha256))
    assert analyse_file(hr, Recipe(), lr=tmp_path / "b.png", exclusions=mine).excluded == excluded
    assert not analyse_file(hr, Recipe(), lr=tmp_path / "b.png", exclusions=others).excluded


def test_what_is_wrong_with_lr_names_its_file(tmp_path) -> None:
    hr = save(RGB, tmp_path / "a.png")
    lr = save(reduced(2), tmp_path / "b.png")
    with pytest.raises(PairSizeError) as caught:
        analyse_file(hr, Recipe(), lr=lr)
    assert caught.value.path == lr
