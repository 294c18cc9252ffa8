from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PIL import Image

from srviewer.pipeline.alignment.alignment import Alignment, align
from srviewer.pipeline.alignment.kernels import Reductions, float_grey
from srviewer.pipeline.alignment.models import Frame, applied
from srviewer.pipeline.alignment.orientation import Orientation
from srviewer.pipeline.alignment.registration import register, register_simplest
from srviewer.pipeline.alignment.report import report
from srviewer.pipeline.alignment.searching import at_best_phase
from srviewer.pipeline.alignment.tone import tone_of
from srviewer.pipeline.alignment.verdict import SAMPLED, VERDICTS, judge
from srviewer.pipeline.opencv import cv2
from tests.given import HARMS, given_pair, harmed, reduced
from tests.photos import crop


@cache
def astronaut():
    return crop("astronaut", 60, 0, 344, 344)


def error_of(found: Alignment, truth: np.ndarray) -> float:
    return float(np.abs(np.array(found.figures.shift) - truth).max())


@pytest.mark.parametrize(
    ("scale", "moved", "resizer"),
    [
        (2, (1, -1), ("pil", "lanczos")),
        (3, (0.5, 2), ("matlab", "bicubic")),
        (4, (-2.5, 0.5), ("opencv", "area")),
        (4, (0, 0), ("pil", "box")),
    ],
)
def test_a_shift_is_found_whatever_the_resizer(scale, moved, resizer):
    hr, lr, truth = given_pair(astronaut(), scale, moved, resizer)
    found = align(hr, lr)
    assert error_of(found, truth) < 0.01
    assert error_of(found, truth) <= 2 * found.figures.shift_u95
    assert found.figures.shift_u95 < 0.02
    assert judge(found).verdict == ("shifted" if np.hypot(*truth) > 0.1 else "aligned")
    assert found.disagreement < 0.15


def test_a_shift_along_one_axis_says_nothing_of_the_other():
    found = align(*given_pair(astronaut(), 4, (2, 0))[:2])
    assert found.figures is not None
    along = replace(found, figures=replace(found.figures, shift=(0.5, 0.0003), u95=(0.002,) * 5))
    assert judge(along).reason == "LR's content lies 0.500 LR px too far right, ±0.002"


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_every_nth_pixel_is_found_as_the_shift_that_it_is(scale):
    hr, lr, truth = given_pair(astronaut(), scale, resizer=None)
    found = align(hr, lr)
    assert truth.tolist() == [(scale - 1) / scale / 2] * 2
    assert error_of(found, truth) < 0.002
    assert judge(found).verdict == "shifted"
    assert judge(found).sentence.endswith(SAMPLED)
    assert not align(hr, reduced(hr, scale)).sampled


def test_an_lr_of_hrs_own_size_has_single_pixels_of_it_in_any_case():
    found = align(astronaut(), astronaut())
    assert judge(found).verdict == "aligned"
    assert not found.sampled, "so nothing is to be told of it"


@pytest.mark.parametrize("harms", [*((one,) for one in HARMS), HARMS], ids="+".join)
def test_what_harms_lr_moves_nothing(harms):
    hr, lr, truth = given_pair(astronaut(), 3, (1, 2))
    assert error_of(align(hr, harmed(lr, harms)), truth) < 0.03


def test_the_tone_is_told():
    hr, lr, _ = given_pair(astronaut(), 3)
    tone = align(hr, harmed(lr, ("gain",))).tone
    for value, width, truth in zip(
        (tone.gain, tone.offset, tone.gamma), tone.u95, (0.7, 40, 1), strict=True
    ):
        assert abs(value - truth) < max(2 * width, 0.01 * truth)
    gamma = align(hr, harmed(lr, ("gamma",))).tone.gamma
    assert gamma == pytest.approx(1.3, abs=0.03)


def off_by(warp: np.ndarray, frame: Frame, hr_of_source: np.ndarray) -> float:
    """Return how far `warp` is off at most over the picture, in LR px."""
    width, height = frame.lr
    x, y = np.meshgrid(np.linspace(0, width - 1, 9), np.linspace(0, height - 1, 9))
    points = np.column_stack([x.ravel(), y.ravel()])
    truth = applied(np.linalg.inv(hr_of_source), applied(frame.nominal, points))
    return float(np.hypot(*(applied(warp, points) - truth).T).max()) / frame.mean_ratio


def warped(hr: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    size = hr.shape[1], hr.shape[0]
    return reduced(
        cv2.warpPerspective(hr, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    )


@pytest.mark.parametrize(
    ("degrees", "factor", "verdict"), [(1, 1, "rotated"), (-1, 1, "rotated"), (0, 1.01, "scaled")]
)
def test_a_turn_and_a_scale(degrees, factor, verdict):
    hr, matrix = astronaut(), turned(degrees, factor)
    found = align(hr, warped(hr, matrix))
    assert judge(found).verdict == verdict
    assert found.figures.rotation == pytest.approx(degrees, abs=0.05)
    assert found.figures.magnification == pytest.approx((4 / factor,) * 2, rel=1e-3)
    assert off_by(found.warp, found.sizes.frame, matrix) < 0.1


def turned(degrees: float, factor: float = 1) -> np.ndarray:
    centre = ((astronaut().shape[0] - 1) / 2,) * 2
    return np.vstack([cv2.getRotationMatrix2D(centre, -degrees, factor), [0, 0, 1]])


def of_corners(share: float = 1) -> np.ndarray:
    """Return a homography, or a `share` of what it moves the corners by."""
    side = astronaut().shape[0] - 1
    corners = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    moved = share * np.array([[8, -3], [-5, 7], [4, 8], [-8, 2]], np.float32)
    return cv2.getPerspectiveTransform(corners, corners + moved)


def test_a_homography():
    hr, matrix = astronaut(), of_corners()
    found = align(hr, warped(hr, matrix))
    assert (found.model, judge(found).verdict) == ("homography", "warped")
    assert off_by(found.warp, found.sizes.frame, matrix) < 0.1


def test_each_axis_has_a_scale_of_its_own():
    hr = crop("coffee", 0, 0, 576, 324)
    lr = np.array(Image.fromarray(hr).resize((256, 150), Image.Resampling.BICUBIC))
    found = align(hr, lr)
    assert (found.model, judge(found).verdict) == ("anamorphic", "scaled")
    assert found.figures.magnification == pytest.approx((576 / 256, 324 / 150), rel=1e-3)
    assert error_of(found, np.zeros(2)) < 0.01


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        (lambda lr: lr[:, ::-1], "mirrored", "left to right"),
        (lambda lr: lr[::-1], "mirrored", "top to bottom"),
        (lambda lr: np.rot90(lr, -1), "turned", "clockwise by 90"),
        (lambda lr: np.rot90(lr), "turned", "anticlockwise by 90"),
        (lambda lr: np.rot90(lr, 2), "turned", "by 180"),
        (lambda lr: lr.transpose(1, 0, 2), "mirrored", "turned"),
    ],
)
def test_other_orientations(change, verdict, words):
    hr = np.ascontiguousarray(astronaut()[:280])
    found = align(hr, np.ascontiguousarray(change(reduced(hr))))
    told = judge(found)
    assert told.verdict == verdict
    assert words in told.sentence
    assert error_of(found, np.zeros(2)) < 0.02


def gradient(width: int, height: int) -> np.ndarray:
    ramp = np.linspace(30, 220, width).round().astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(ramp[None, :, None], (height, width, 3)))


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turn_is_told_where_hardly_anything_matches(mirrored):
    hr = np.ascontiguousarray(astronaut()[200:296, :120])
    lr = reduced(hr)[:, :: -1 if mirrored else 1]
    found = align(hr, np.ascontiguousarray(np.rot90(lr)))
    assert found.sift is None  # no matches told it
    assert judge(found).verdict == ("mirrored" if mirrored else "turned")


def test_what_cannot_be_compared():
    hr = astronaut()
    black = align(hr, np.zeros((86, 86, 3), np.uint8))
    assert judge(black).verdict == "unknown"
    grey = align(gradient(344, 344), gradient(86, 86))
    assert judge(grey).verdict == "unknown"
    assert "cannot say" in judge(grey).sentence


def test_another_photograph():
    found = align(astronaut(), reduced(crop("chelsea", 0, 0, 344, 300)[:, :344]))
    assert judge(found).verdict == "other content"
    assert report(found)["shift"] is None


@pytest.mark.parametrize("other", [None, "chelsea"], ids=["moved", "changed"])
def test_a_block_of_its_own(other):
    hr = astronaut()
    lr, block = reduced(hr), np.s_[30:69, 20:59]
    if other is None:
        lr[block] = reduced(np.roll(hr, (4, 6), (0, 1)))[block]
    else:
        lr[block] = reduced(crop(other, 100, 50, 156, 156))
    noise = np.random.default_rng(5).normal(0, 3, lr.shape)
    lr = np.clip(np.round(0.85 * lr + noise), 0, 255).astype(np.uint8)
    found = align(hr, lr)
    assert judge(found).verdict == "partly aligned"
    assert error_of(found, np.zeros(2)) < 0.03


@pytest.mark.parametrize(
    ("contrast", "noise", "block", "agree"),
    [(0.3, 6, np.s_[25:60, 20:55], False), (1, 6, np.s_[20:70, 15:65], True)],
    ids=["few matches beside it", "some matches beside it"],
)
def test_a_block_that_most_matches_are_of_is_not_the_whole(contrast, noise, block, agree):
    photo, (rows, columns) = astronaut(), block
    hr = np.round(128 + contrast * (photo - 128.0)).astype(np.uint8)
    within = np.s_[4 * rows.start : 4 * rows.stop, 4 * columns.start : 4 * columns.stop]
    hr[within] = photo[within]
    lr = reduced(hr) + np.random.default_rng(3).normal(0, noise, (86, 86, 3))
    lr = np.clip(np.round(lr), 0, 255).astype(np.uint8)
    lr[block] = reduced(np.roll(hr, (20, -24), (0, 1)))[block]
    found = align(hr, lr)
    assert judge(found).verdict == "partly aligned"
    assert error_of(found, np.zeros(2)) < 0.05
    assert (found.sift is not None) == agree
    if agree:
        assert np.hypot(*found.by_sift) < 0.5


def test_sizes_that_do_not_fit():
    hr = astronaut()
    found = align(hr, np.ascontiguousarray(reduced(hr)[:, :80]))
    assert judge(found).verdict == "sizes do not fit"
    assert "24 px" in judge(found).sentence
    trimmed = align(hr, np.ascontiguousarray(reduced(hr[:340, :340])))
    assert judge(trimmed).verdict == "sizes do not fit"


def test_a_remainder_below_the_scale_is_trimmed():
    hr = np.ascontiguousarray(astronaut()[:, :342])
    assert judge(align(hr, reduced(np.ascontiguousarray(hr[:, :340])))).verdict == "aligned"


def test_the_same_pair_gives_the_same_figures():
    hr, lr, _ = given_pair(astronaut(), 4, (1, 0))
    assert report(align(hr, lr)) == report(align(hr, lr))


def test_the_report_has_the_promised_keys():
    hr, lr, _ = given_pair(astronaut(), 4, (1, 0))
    told = report(align(hr, lr))
    assert told["scale"] == 4
    assert told["sizes"] == {"hr": [320, 320], "lr": [80, 80]}
    assert told["model"] == "shift"
    assert set(told["shift"]) == {"dx", "dy", "u95"}
    assert set(told["magnification"]) == {"x", "y"}
    assert set(told["estimators"]) == {"sift", "ecc", "disagreement"}
    assert set(told["tone"]) == {"gain", "offset", "gamma"}
    assert told["matches"]["total"] >= told["matches"]["inliers"] >= 20
    assert told["verdict"] in VERDICTS
    assert told["residual"] < 0.5
    assert told["rotation"] == pytest.approx(0, abs=1e-6)


def test_a_lens_is_no_scale():
    hr = astronaut()
    y, x = np.mgrid[: hr.shape[0], : hr.shape[1]].astype(np.float32)
    middle = (hr.shape[0] - 1) / 2
    u, v = (x - middle) / middle, (y - middle) / middle
    grown = 0.02 * (u * u + v * v) * middle
    bent = cv2.remap(
        hr, x + u * grown, y + v * grown, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
    )
    found = align(hr, reduced(bent))
    assert judge(found).verdict == "warped"
    assert found.uneven > 0.1
    assert align(hr, harmed(reduced(hr), HARMS)).uneven < 0.02


def test_an_aliased_lr_between_pixels_is_found():
    # OpenCV's bicubic takes four pixels of sixteen: least squares then goes to and fro.
    hr, lr, truth = given_pair(crop("coffee", 60, 30, 400, 340), 4, (1, -2), ("opencv", "bicubic"))
    found = align(hr, lr)
    assert error_of(found, truth) < 0.002
    assert judge(found).verdict == "shifted"


def test_a_pattern_that_repeats_is_where_it_is_nearest():
    rows, columns = np.mgrid[:400, :400] // 16
    board = np.dstack([((rows + columns) % 2 * 255).astype(np.uint8)] * 3)
    assert judge(align(board, reduced(board))).verdict == "aligned"
    moved = align(board, reduced(np.roll(board, 8, 1)))
    assert error_of(moved, np.array([2, 0])) < 0.01


def test_where_no_matches_agree_an_lr_that_was_not_antialiased_is_found_at_its_phase() -> None:
    hr = np.random.default_rng(5).normal(128, 40, (120, 160)).astype(np.float32)
    lr = np.ascontiguousarray(hr[3::4, ::4])  # 1.5 HR px below the middle and left of it
    frame = Frame((40, 30), (4.0, 4.0))
    found = at_best_phase(Reductions(hr, 4.0), lr, frame, frame.nominal)
    off = frame.displacement(found, frame.centre[None])[0] - (0.375, -0.375)
    assert np.abs(off).max() < 0.13, "within half of the steps that are tried"
    blurred = cv2.GaussianBlur(hr, (0, 0), 6)
    small = cv2.resize(blurred, (40, 30), interpolation=cv2.INTER_AREA)
    start = frame.nominal
    assert at_best_phase(Reductions(blurred, 4.0), small, frame, start) is start, "nothing gained"


@cache
def in_place() -> Alignment:
    return align(astronaut(), reduced(astronaut()))


def test_what_is_alike_and_found_nowhere_is_not_called_another_content():
    nowhere = replace(in_place(), warp=None, figures=None)
    found = judge(replace(nowhere, explained=0.9))
    assert found.verdict == "unknown"
    assert "no place is surely its own" in found.reason
    few = replace(nowhere, texture=(5.0, 0.0), even="")
    assert judge(few).reason == "LR has too little texture to be compared"


@pytest.mark.parametrize(
    ("shift", "u95", "words"),
    [
        (
            (0.0, 0.0),
            9.0,
            "there is too little texture, the interval is \N{PLUS-MINUS SIGN}9.00 LR px",
        ),
        ((0.01, 0.0), 0.15, "it may be within 0.1 LR px or not"),
    ],
)
def test_a_wide_interval_is_no_verdict(shift, u95, words):
    a = in_place()
    figures = replace(a.figures, shift=shift, u95=(u95, u95, *a.figures.u95[2:]))
    found = judge(replace(a, figures=figures))
    assert found.verdict == "unknown"
    assert words in found.reason


def test_two_estimators_that_disagree_are_told():
    a = in_place()
    apart = replace(a, by_sift=np.add(a.by_ecc, (3, 4)))
    assert "the two estimators disagree by" in judge(apart).sentence


def on_it(size: tuple[int, int]) -> tuple[Reductions, np.ndarray, Frame]:
    """Return what is registered where LR has so many columns and rows."""
    frame = Frame(size, (4.0, 4.0))
    grey = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY).astype(np.float32)
    hr = np.ascontiguousarray(grey[: 4 * size[1], : 4 * size[0]])
    lr = cv2.resize(hr, size, interpolation=cv2.INTER_AREA)
    return Reductions(hr, 4.0), lr, frame


def test_too_few_pixels_are_not_registered():
    hr, lr, frame = on_it((10, 9))
    assert register(hr, lr, frame, frame.nominal, "shift") is None
    assert register_simplest(hr, lr, frame, frame.nominal, "shift") is None


def test_a_phase_is_not_sought_where_nothing_lies_on_hr():
    hr, lr, frame = on_it((86, 86))
    beside = frame.changed(frame.nominal, "shift", np.array([500.0, 500.0]))
    np.testing.assert_array_equal(at_best_phase(hr, lr, frame, beside), beside)


def test_steps_that_lead_away_end_the_registration():
    hr, lr, frame = on_it((86, 86))
    noise = np.random.default_rng(3).normal(128, 60, lr.shape).astype(np.float32)
    found = [register(hr, noise, frame, frame.nominal, model) for model in ("shift", "homography")]
    assert all(one is None or not one.converged or one.explained < 0.2 for one in found)


def test_a_step_beyond_the_picture_ends_the_registration():
    def smooth(seed: int, size: tuple[int, int], sigma: float) -> np.ndarray:
        noise = np.random.default_rng(seed).normal(0, 1, size[::-1]).astype(np.float32)
        blurred = cv2.GaussianBlur(noise, (0, 0), sigma)
        return 128 + 40 * (blurred - blurred.mean()) / blurred.std()

    frame = Frame((60, 45), (4.0, 4.0))
    hr, lr = smooth(4, (240, 180), 60), smooth(104, frame.lr, 5)
    assert register(Reductions(hr, 4.0), lr, frame, frame.nominal, "homography") is None


@pytest.mark.parametrize(
    ("begun_with", "matrix", "model"),
    [
        ("shift", turned(1), "similarity"),
        ("similarity", turned(1), "similarity"),
        ("shift", of_corners(0.5), "homography"),
        ("affine", of_corners(0.5), "homography"),
    ],
)
def test_of_the_models_that_explain_the_whole_the_simplest_is_taken(begun_with, matrix, model):
    hr, _, frame = on_it((86, 86))
    lr = float_grey(warped(astronaut(), matrix))
    found = register_simplest(hr, lr, frame, frame.nominal, begun_with)
    assert (found.model, found.converged) == (model, True)
    assert off_by(found.warp, frame, matrix) < 0.05


@pytest.mark.parametrize("seed", [1, 3])
def test_where_most_that_can_be_told_is_wrong_the_rest_is_not_taken_for_the_whole(seed):
    _, _, frame = on_it((86, 86))
    hr = np.full((344, 344), 128, np.float32)  # which cannot be told of
    hr[:160, :44] = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)[100:260, 100:144]
    other = hr.copy()
    for number, side in enumerate((hr, other)):  # edges of one direction, which are not the same
        noise = np.random.default_rng(seed + number).normal(0, 60, (1, 136)).astype(np.float32)
        edges = cv2.GaussianBlur(noise, (0, 0), 4)
        side[:, -136:] = 128 + 30 * edges / edges.std()
    lr = cv2.resize(other, frame.lr, interpolation=cv2.INTER_AREA)
    found = register(Reductions(hr, 4.0), lr, frame, frame.nominal, "shift")
    assert found.explained < 0.6


def test_a_tone_is_not_fitted_to_a_few_levels():
    cells, ones = np.repeat(np.arange(20), 10), np.ones(200)
    random = np.random.default_rng(0)
    levels = random.uniform(40, 200, (200, 1))
    lr = 0.5 * levels[:, 0] + 20
    assert tone_of(levels, lr, cells, ones) is not None
    assert tone_of(levels[:50], lr[:50], cells[:50], ones[:50]) is None  # too few places
    assert tone_of(levels, lr, np.zeros(200, int), ones) is None  # which are all of one cell
    assert tone_of(np.full((200, 1), 90.0), np.full(200, 65.0), cells, ones) is None


def test_a_tiny_lr_has_no_texture_to_go_by():
    tiny = reduced(np.ascontiguousarray(astronaut()[:40, :40]))
    found = align(np.ascontiguousarray(astronaut()[:40, :40]), tiny)
    assert judge(found).verdict == "unknown"
    assert min(found.texture) == 0


def test_a_report_without_a_tone_has_no_interval_of_one():
    whole, without = report(in_place()), report(replace(in_place(), tone=None))
    assert set(whole["intervals"]) - set(without["intervals"]) == {"gain", "offset", "gamma"}


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarters", range(4))
def test_points_are_turned_back_as_pixels_are(mirrored, quarters):
    image = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    turn = Orientation(mirrored, quarters)
    back = turn.applied(image)
    ys, xs = (axis.ravel() for axis in np.mgrid[:5, :7])
    x, y = turn.points(np.column_stack([xs, ys]).astype(float), (7, 5)).astype(int).T
    np.testing.assert_array_equal(back[y, x], image[ys, xs])


def test_a_shift_that_is_surely_one_is_told_however_wide_its_interval():
    a = in_place()
    figures = replace(a.figures, shift=(0.2, 0.0), u95=(0.11, 0.11, *a.figures.u95[2:]))
    assert judge(replace(a, figures=figures)).verdict == "shifted"
