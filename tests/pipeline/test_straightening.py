"""A side of a given pair resampled onto the other: right to the pixel, or refused in words."""

import pickle
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image

from srviewer.errors import StraightenError
from srviewer.pipeline import straightening, window_alignment
from srviewer.pipeline.alignment.alignment import align
from srviewer.pipeline.analysis import analyse, refresh
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.pairing import Straightened
from srviewer.pipeline.reading import checksum_of
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.straightening import _kept, resampled, straightened
from srviewer.pipeline.window_alignment import KnownAlignments
from tests.analyses import assert_same
from tests.given import HARMS, harmed, reduced
from tests.photos import as_source, crop

SIDE = 344
_aligned: dict[object, object] = {}


def aligned_once(hr: np.ndarray, lr: np.ndarray, **given: object) -> object:
    """Do as `align`, but tell at once what it has found for the same pixels before."""
    key = (hr.shape, hr.tobytes(), lr.shape, lr.tobytes(), given.get("windows"))
    if key not in _aligned:
        _aligned[key] = align(hr, lr, **given)
    return _aligned[key]


@pytest.fixture(autouse=True)
def each_pair_is_aligned_once(monkeypatch) -> None:
    """These tests are about what is done by an alignment."""
    monkeypatch.setattr(window_alignment, "align", aligned_once)


@cache
def astronaut() -> np.ndarray:
    return crop("astronaut", 60, 0, SIDE, SIDE)


def turned(degrees: float, factor: float = 1) -> np.ndarray:
    centre = ((SIDE - 1) / 2,) * 2
    return np.vstack([cv2.getRotationMatrix2D(centre, -degrees, factor), [0, 0, 1]])


def seen_aslant() -> np.ndarray:
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * (SIDE - 1)
    moved = corners + np.array([[8, -3], [-5, 7], [4, 8], [-8, 2]], np.float32)
    return cv2.getPerspectiveTransform(corners, moved)


MOVED = {
    "a turn by 1 degree": turned(1),
    "a scale of 1.01": turned(0, 1.01),
    "a homography": seen_aslant(),
    "half an LR px": np.array([[1, 0, 2], [0, 1, 2], [0, 0, 1.0]]),
}


@cache
def pair(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return HR, what LR was made of, and LR."""
    hr, size = astronaut(), (SIDE, SIDE)
    moved = cv2.warpPerspective(
        hr, MOVED[name], size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    return hr, moved, reduced(moved)


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    inner = np.s_[4:-4, 4:-4]
    error = np.mean((one[inner].astype(float) - other[inner]) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def most_left(hr: np.ndarray, lr: np.ndarray) -> float:
    """Return how far LR's content is off at most, over the whole picture, in LR px."""
    found = align(hr, lr)
    assert found.sizes.left_over == (0, 0)
    x, y = np.meshgrid(*(np.linspace(0, side - 1, 9) for side in found.sizes.lr))
    points = np.column_stack([x.ravel(), y.ravel()])
    return float(np.hypot(*found.sizes.frame.displacement(found.warp, points).T).max())


@pytest.mark.parametrize("name", MOVED)
@pytest.mark.parametrize("side", ["hr", "lr"])
def test_nothing_is_left_over_the_whole_picture(name, side) -> None:
    hr, moved, lr = pair(name)
    high, low, told = straightened(hr, lr, 4, side, "lanczos")
    assert most_left(hr, lr) > 0.2
    assert most_left(high, low) < 0.1
    left, top, right, bottom = told.cut
    inner = np.s_[top : SIDE - bottom, left : SIDE - right]
    assert max(told.cut) <= 16
    if side == "hr":  # LR's own pixels, and what OpenCV makes of HR by the true matrix
        assert np.array_equal(low, lr[top // 4 :, left // 4 :][: low.shape[0], : low.shape[1]])
        assert psnr(high, moved[inner]) > 32
    else:
        assert np.array_equal(high, hr[inner])
        assert psnr(low, reduced(hr)[top // 4 :, left // 4 :][: low.shape[0], : low.shape[1]]) > 28


def test_what_lies_right_stays_as_it_is_but_for_a_level() -> None:
    hr, lr = astronaut(), reduced(astronaut())
    for kind in ("bicubic", "lanczos", "bilinear"):
        high, low, told = straightened(hr, lr, 4, "hr", kind)
        assert psnr(high, hr) > 50
        assert np.array_equal(low, lr)
        assert (told.model, told.filter, told.cut) == ("shift", kind, (0, 0, 0, 0))
    high, low, told = straightened(hr, pair("half an LR px")[2], 4, "hr", "bicubic")
    assert told.cut == (4, 4, 0, 0)  # an LR pixel, of which 2 HR px have no source
    assert psnr(high, hr[2:-2, 2:-2]) > 50


def test_axes_with_scales_of_their_own_become_usable() -> None:
    hr = crop("coffee", 0, 0, 576, 324)
    lr = np.array(Image.fromarray(hr).resize((256, 144), Image.Resampling.BICUBIC))
    a = analyse(hr, Recipe(straighten="hr", crop="whole"), lr=lr)
    assert (a.recipe.scale, a.pair.size, a.pair.straightened.model) == (2, (512, 288), "anamorphic")
    assert np.array_equal(a.pair.lr, lr)
    assert most_left(a.pair.hr, a.pair.lr) < 0.1
    assert a.notes[0].startswith("HR straightened by anamorphic, bicubic: residual 0.")
    assert a.patches.kept.any()
    b = analyse(hr, Recipe(straighten="lr", crop="whole"), lr=lr)
    assert (b.pair.size, b.pair.lr.shape[:2]) == ((576, 324), (162, 288))
    assert most_left(b.pair.hr, b.pair.lr) < 0.1


def test_what_harms_lr_does_not_keep_it_from_being_straightened() -> None:
    hr, moved, lr = pair("a turn by 1 degree")
    high, _, told = straightened(hr, harmed(lr, HARMS), 4, "hr", "lanczos")
    left, top, right, bottom = told.cut
    assert psnr(high, moved[top : SIDE - bottom, left : SIDE - right]) > 32


def test_a_part_that_lies_elsewhere_does_not_keep_the_rest_from_it() -> None:
    hr, lr = astronaut(), reduced(astronaut())
    lr[30:69, 20:59] = reduced(np.roll(hr, (4, 6), (0, 1)))[30:69, 20:59]
    high, _, told = straightened(hr, lr, 4, "hr", "bicubic")
    assert psnr(high, hr) > 50
    assert 0.1 < told.wrong < 0.4
    assert "of the picture elsewhere" in told.figures


def waves() -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    by = (x + 2 * np.sin(y / 50), y + 2 * np.cos(x / 60))
    return reduced(cv2.remap(astronaut(), *by, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT))


@pytest.mark.parametrize(
    ("lr", "words"),
    [
        (waves, "the fit is poor: residual 0."),
        (waves, "needed is nine of ten cells within 0.1 LR px"),
        (lambda: reduced(crop("chelsea", 0, 0, 344, 300)), "other content"),
        (lambda: np.zeros((86, 86, 3), np.uint8), "LR is all black"),
        (lambda: np.ascontiguousarray(reduced(astronaut())[:, ::-1]), "turn it back in the file"),
        (lambda: np.repeat(astronaut(), 2, axis=0), "are the two exchanged?"),
        (lambda: reduced(astronaut(), 2), "an LR pixel is 2 x 2 HR px, so scale 4"),
        (lambda: reduced(astronaut()[:342, :342], 3), "px: scale 3 fits, not 4"),
    ],
)
def test_a_poor_fit_is_refused_with_the_figures(lr, words) -> None:
    with pytest.raises(StraightenError) as caught:
        straightened(astronaut(), lr(), 4, "hr", "bicubic")
    assert words in str(caught.value)
    assert str(caught.value).startswith("straighten = 'hr': the pair cannot be straightened: ")
    assert caught.value.figures
    again = pickle.loads(pickle.dumps(caught.value))  # as a worker hands it on
    assert (str(again), again.figures) == (str(caught.value), caught.value.figures)


def test_a_recipe_that_straightens_leaves_made_pairs_alone() -> None:
    made = analyse(astronaut())
    assert made.pair.straightened is None
    assert_same(analyse(astronaut(), Recipe(straighten="hr")), made)


def test_a_change_gives_what_a_new_analysis_gives() -> None:
    image = as_source(astronaut()).with_lr(as_source(pair("a turn by 1 degree")[2]))
    first = analyse(image)
    for changes in ({"straighten": "hr"}, {"straighten": "hr", "filter": "lanczos"}):
        recipe = Recipe(**changes)
        found = analyse(image, recipe, previous=refresh(first, recipe))
        assert isinstance(found.pair.straightened, Straightened)
        assert_same(found, analyse(image, recipe))
        first = found
    recipe = recipe.replace(patch=344)  # it fits the image, but not what is left of it
    found = analyse(image, recipe, previous=refresh(first, recipe))
    assert (len(found.windows), found.patches.kept.sum()) == (0, 0)
    assert "smaller than a patch" in found.box.reason


def test_a_pair_that_is_known_is_not_aligned_again(monkeypatch) -> None:
    lr = replace(as_source(pair("half an LR px")[2]), checksum=checksum_of(b"b"))
    image = replace(as_source(astronaut()), checksum=checksum_of(b"a")).with_lr(lr)
    known = KnownAlignments()
    knobs = {"scale": 4, "resizer": "pil", "filter": "bicubic", "quantize_after": True}
    first = straightening.pair_of(
        image, straighten="hr", straighten_filter="bicubic", known=known, **knobs
    )
    monkeypatch.setattr(window_alignment, "align", None)
    again = straightening.pair_of(
        image, straighten="hr", straighten_filter="bicubic", known=known, **knobs
    )
    assert np.array_equal(again.hr, first.hr)
    with pytest.raises(TypeError):  # nobody keeps it
        straightening.pair_of(image, straighten="hr", straighten_filter="bicubic", **knobs)


def test_tiles_give_what_the_whole_gives(monkeypatch) -> None:
    hr, warp = astronaut(), np.linalg.inv(seen_aslant())
    whole = resampled(hr, warp, (SIDE, SIDE), "lanczos")
    expected = cv2.warpPerspective(
        hr, warp, (SIDE, SIDE), flags=cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    assert np.abs(whole.astype(int) - expected).mean() < 0.1
    warp = np.array([[33, 1, -66], [-1, 33, 96], [0, 0, 32.0]]) / 32  # float32 has it exactly
    whole = resampled(hr, warp, (SIDE, SIDE), "lanczos")
    monkeypatch.setattr(straightening, "_TILE", 50)
    assert np.array_equal(resampled(hr, warp, (SIDE, SIDE), "lanczos"), whole)


def test_where_nothing_has_a_source_the_side_is_named() -> None:
    beside = np.array([[1, 0, 500], [0, 1, 500], [0, 0, 1.0]])
    with pytest.raises(StraightenError, match="no pixel of one side lies on the other") as caught:
        _kept(beside, (10, 8), 4, (40, 32), "lr")
    assert str(caught.value).startswith("straighten = 'lr'")


def test_one_estimator_alone_is_not_enough() -> None:
    found = align(astronaut(), reduced(astronaut()))
    for change, words in (
        ({"sift": None, "by_sift": None}, "matches of keypoints find nothing"),
        ({"by_ecc": None}, "ECC find nothing"),
    ):
        with pytest.raises(StraightenError, match=words):
            straightening._accepted(replace(found, **change), 4, "hr", "bicubic")
    assert straightening._left(replace(found, field=None)) == 0


@pytest.mark.parametrize("degrees", [0, 3, 20, 45])
def test_the_largest_part_that_has_a_source_is_kept(degrees) -> None:
    middle = np.array([39, 31]) / 2
    warp = turned(degrees)
    warp[:2, 2] = middle - warp[:2, :2] @ middle
    found = _kept(warp, (10, 8), 4, (40, 32), "hr")
    y, x = np.mgrid[:32, :40]
    places = np.tensordot(warp[:2], np.array([x, y, np.ones_like(x)]), 1)
    inside = (places >= -0.5).all(axis=0) & (places[0] <= 39.5) & (places[1] <= 31.5)
    areas = {
        (x0, y0, x1, y1): (x1 - x0) * (y1 - y0)
        for x0 in range(10) for x1 in range(x0 + 1, 11)
        for y0 in range(8) for y1 in range(y0 + 1, 9)
        if inside[4 * y0 : 4 * y1, 4 * x0 : 4 * x1].all()
    }  # fmt: skip
    assert areas[found] == max(areas.values())


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        ((0, 0, 0, 0), ""),
        ((4, 4, 4, 4), "4 px at each side"),
        ((4, 0, 8, 0), "4 px at the left, 8 px at the right"),
    ],
)
def test_what_is_cut_off_is_told_by_its_sides(cut, words) -> None:
    told = Straightened("hr", "bicubic", "shift", np.eye(3), cut, 0.1, 0.9, 0.1, 0.1, 0.0)
    assert told.cut_words == words
