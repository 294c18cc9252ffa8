"""The resizer that made an LR comes first, also where 8 bits were made otherwise or HR was cut."""

import json

import numpy as np
import pytest
from PIL import Image

from srviewer.pipeline.reading import read_image
from srviewer.pipeline.recipe import FILTERS
from srviewer.pipeline.resizing import available_libraries, resize
from srviewer.pipeline.which_resizer import (
    Ranked,
    conclusion,
    every_resizer,
    psnr_between,
    rank_resizers,
)
from tests.photos import crop
from tests.pipeline.formats.writers import wide_profile

HR = crop("motorcycle", 200, 100, 121, 97)
EVERY = list(every_resizer())
ORDER = list(FILTERS)


def first(ranking: tuple[Ranked, ...]) -> set[tuple[str, str, bool]]:
    """Return those that are as near as the first."""
    return {
        (one.resizer, one.filter, one.quantize_after)
        for one in ranking
        if (one.psnr, one.largest) == (ranking[0].psnr, ranking[0].largest)
    }


@pytest.mark.parametrize("size", [(60, 48), (40, 32), (19, 90)])
@pytest.mark.parametrize(("library", "name"), EVERY)
def test_the_resizer_is_among_the_identical_ones(library, name, size) -> None:
    lr = resize(HR, size, resizer=library, filter=name, quantize_after=True)
    ranking = rank_resizers(HR, lr)
    assert ranking[0].identical
    assert (library, name, True) in first(ranking)
    psnrs = [one.psnr for one in ranking]
    assert psnrs == sorted(psnrs, reverse=True)
    assert [one.identical for one in ranking] == [psnr == np.inf for psnr in psnrs]


def test_identical_ones_stand_together_in_the_usual_order() -> None:
    # At x3 OpenCV's bicubic takes the pixel in the middle, as the others' nearest does.
    clean = np.ascontiguousarray(HR[:96, :120])
    lr = resize(clean, (40, 32), resizer="opencv", filter="bicubic", quantize_after=True)
    tied = [one for one in rank_resizers(clean, lr) if one.identical]
    assert {"pil", "opencv", "matlab"} <= {one.resizer for one in tied}
    assert [ORDER.index(one.resizer) for one in tied] == sorted(
        ORDER.index(one.resizer) for one in tied
    )
    one_colour = np.full((40, 44, 3), 90, np.uint8)
    everything = rank_resizers(one_colour, one_colour[:20, :22])
    assert all(one.identical for one in everything)
    found = list(dict.fromkeys((one.resizer, one.filter) for one in everything))
    assert found == EVERY
    each = [f"{library} {name}" for library, name in EVERY]  # once, though some round in two ways
    assert conclusion(everything) == (
        f"This LR is made by {each[0]}, to the last pixel; the same is made by "
        f"{', '.join(each[1:])}."
    )


@pytest.mark.parametrize(("library", "name"), [("pil", "bicubic"), ("matlab", "lanczos"),
                                               ("opencv", "bicubic")])  # fmt: skip
@pytest.mark.parametrize(
    ("rounding", "function"),
    [
        ("half up", lambda image: np.floor(np.clip(image, 0, 255) + 0.5)),
        ("half to even", lambda image: np.rint(np.clip(image, 0, 255))),
        ("cut off", lambda image: np.clip(image, 0, 255)),
    ],
)
def test_eight_bits_of_unrounded_values_are_known_however_they_were_made(
    library, name, rounding, function
) -> None:
    made = resize(HR, (40, 32), resizer=library, filter=name, quantize_after=False)
    ranking = rank_resizers(HR, function(made).astype(np.uint8))
    best = ranking[0]
    assert best.identical
    assert (library, name, False) in first(ranking)
    mine = next(one for one in ranking if (one.resizer, one.filter) == (library, name)
                and not one.quantize_after)  # fmt: skip
    assert mine.rounding == rounding or mine.identical


def test_an_hr_that_was_trimmed_first_is_found_out() -> None:
    clean = np.ascontiguousarray(HR[:96, :120])
    lr = resize(clean, (30, 24), resizer="pil", filter="bicubic", quantize_after=True)
    best = rank_resizers(HR, lr)[0]
    assert (best.resizer, best.identical, best.trimmed) == ("pil", True, True)
    whole = resize(HR, (30, 24), resizer="pil", filter="bicubic", quantize_after=True)
    best = rank_resizers(HR, whole)[0]
    assert (best.resizer, best.identical, best.trimmed) == ("pil", True, False)


def test_a_jpeg_is_ranked_and_never_identical(tmp_path) -> None:
    lr = resize(HR, (60, 48), resizer="opencv", filter="bilinear", quantize_after=True)
    Image.fromarray(lr).save(tmp_path / "lr.jpg", quality=90)
    ranking = rank_resizers(HR, read_image(tmp_path / "lr.jpg").rgb)
    assert not any(one.identical for one in ranking)
    assert (ranking[0].resizer, ranking[0].filter) == ("opencv", "bilinear")


def test_psnr_is_that_of_the_definition() -> None:
    one, other = HR[:40, :50], HR[1:41, 2:52]
    mse = np.mean((one.astype(float) - other) ** 2)
    assert psnr_between(one, other) == pytest.approx(10 * np.log10(255**2 / mse), abs=1e-9)


def test_matlabs_own_files_are_identical(data_dir) -> None:
    hr = read_image(data_dir / "matlab" / "lena_512x512.png").rgb
    for name, quantize in (("uint8", True), ("double", False)):
        lr = read_image(data_dir / "matlab" / f"lena_123x234_{name}.png").rgb
        best = rank_resizers(hr, lr)[0]
        found = (best.resizer, best.filter, best.quantize_after, best.identical)
        assert found == ("matlab", "bicubic", quantize, True)


def test_the_command_prints_the_ranking(tmp_path, call) -> None:
    lr = resize(HR, (40, 32), resizer="matlab", filter="bicubic", quantize_after=True)
    for name, rgb in (("hr", HR), ("lr", lr)):
        Image.fromarray(rgb).save(tmp_path / f"{name}.png")
    code, out, _ = call("resizer-of", tmp_path / "hr.png", tmp_path / "lr.png")
    assert code == 0
    assert "identical" in out.splitlines()[2]
    code, out, _ = call("resizer-of", tmp_path / "hr.png", tmp_path / "lr.png", "--json")
    ranking = json.loads(out)["ranking"]
    keys = {"resizer", "filter", "quantize_after", "psnr", "largest", "identical"}
    assert keys <= ranking[0].keys()
    assert (ranking[0]["resizer"], ranking[0]["psnr"], ranking[0]["identical"]) == (
        "matlab", None, True
    )  # fmt: skip
    assert len(ranking) == 2 * sum(len(FILTERS[name]) for name in available_libraries())
    assert call("resizer-of", tmp_path / "hr.png", tmp_path / "gone.png")[0] == 1
    code, _, err = call("resizer-of", tmp_path / "lr.png", tmp_path / "hr.png")
    assert (code, "are the two exchanged?" in err) == (0, True)


@pytest.mark.parametrize("colour", ["srgb", "as_stored"])
def test_a_colour_profile_may_have_been_left_out(tmp_path, call, colour) -> None:
    Image.fromarray(HR).save(tmp_path / "hr.png", icc_profile=wide_profile())
    seen = read_image(tmp_path / "hr.png", colour=colour).rgb
    lr = resize(seen, (40, 32), resizer="pil", filter="bilinear", quantize_after=True)
    Image.fromarray(lr).save(tmp_path / "lr.png")
    _, out, _ = call("resizer-of", tmp_path / "hr.png", tmp_path / "lr.png", "--json")
    told = json.loads(out)
    assert (told["colour"], told["ranking"][0]["identical"]) == (colour, True)
