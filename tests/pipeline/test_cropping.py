import numpy as np
import pytest

from srviewer.pipeline.cropping import Box, area_used, find_box
from srviewer.pipeline.features import Matches

SIZE = (400, 320)


def matches_of(hr, lr=None, scale=4) -> Matches:
    hr = np.array(hr, np.float32).reshape(-1, 2)
    lr = hr / scale if lr is None else np.array(lr, np.float32)
    index = np.arange(len(hr), dtype=np.int32)
    return Matches(index, index, np.zeros(len(hr), np.float32), hr, lr.astype(np.float32))


def box_of(matches: Matches, kept=None, **changes):
    options = {
        "size": SIZE, "scale": 4, "crop": "corners", "error_margin": 0.05, "patch": 33
    } | changes  # fmt: skip
    kept = np.ones(len(matches), bool) if kept is None else np.array(kept)
    return find_box(matches, kept, **options)


# A frame that leans: its corner matches span x 21..201, y 33..163 on the inner side.
FRAME = [(21.0, 12.0), (210.0, 33.0), (15.0, 170.0), (201.0, 163.0), (100.0, 100.0)]


def test_corners_span_the_inner_box_snapped_inward():
    crop = box_of(matches_of(FRAME))
    assert crop.corners.tolist() == [0, 1, 2, 3]
    assert crop.hr == (24, 36, 200, 160)
    assert crop.lr == (6, 9, 50, 40)
    assert crop.reason is None


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_boxes_are_multiples_of_the_scale_and_never_grow(scale):
    for crop in ("corners", "bounding"):
        box = box_of(matches_of(FRAME, scale=scale), scale=scale, crop=crop)
        assert all(side % scale == 0 for side in box.hr)
        assert box.lr == tuple(side // scale for side in box.hr)
        sides = (21, 33, 201, 163) if crop == "corners" else (15, 12, 210, 170)
        assert sides[0] <= box.hr.x0 < sides[0] + scale
        assert sides[1] <= box.hr.y0 < sides[1] + scale
        assert sides[2] - scale < box.hr.x1 <= sides[2]
        assert sides[3] - scale < box.hr.y1 <= sides[3]


def test_sides_on_a_multiple_stay_there():
    frame = [(20.0, 40.0), (200.0, 40.0), (20.0, 160.0), (200.0, 160.0)]
    assert box_of(matches_of(frame)).hr == (20, 40, 200, 160)
    assert box_of(matches_of(frame), crop="bounding").hr == (20, 40, 200, 160)


def test_only_kept_matches_count():
    outlier = [*FRAME, (0.0, 0.0), (399.0, 319.0)]
    kept = [True] * 5 + [False] * 2
    for crop in ("corners", "bounding"):
        inner = box_of(matches_of(outlier), kept, crop=crop).hr
        assert inner == box_of(matches_of(FRAME), crop=crop).hr
        assert box_of(matches_of(outlier), crop=crop).hr != inner
    shifted = box_of(matches_of([(0.0, 0.0), *FRAME]), [False] + [True] * 5)
    assert shifted.corners.tolist() == [1, 2, 3, 4]


def test_bounding_takes_the_rectangle_of_the_kept_keypoints():
    crop = box_of(matches_of(FRAME), crop="bounding")
    assert crop.hr == (16, 12, 208, 168)
    assert crop.lr == (4, 3, 52, 42)
    assert crop.corners.tolist() == []


def test_bounding_asks_nothing_of_the_lr_keypoints():
    lr = np.array(FRAME)[::-1] / 4
    assert box_of(matches_of(FRAME, lr), crop="bounding").hr == (16, 12, 208, 168)


def test_whole_is_the_clean_image_and_needs_no_matches():
    crop = box_of(matches_of([]), crop="whole")
    assert crop.hr == (0, 0, 400, 320)
    assert crop.lr == (0, 0, 100, 80)
    assert (crop.hr.width, crop.hr.height) == SIZE
    assert crop.reason is None


@pytest.mark.parametrize("crop", ["corners", "bounding"])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_fewer_than_four_matches(crop, count):
    kept = [True] * count + [False] * (5 - count)
    result = box_of(matches_of(FRAME), kept, crop=crop)
    assert (result.hr, result.lr) == (None, None)
    assert result.reason == f"{count} consistent matches; a box needs at least 4"


def test_four_matches_are_enough():
    assert box_of(matches_of(FRAME[:4])).hr == (24, 36, 200, 160)


@pytest.mark.parametrize(
    ("side", "match", "axis"), [("left", 0, 0), ("top", 1, 1), ("right", 3, 0), ("bottom", 3, 1)]
)
def test_sides_that_disagree_are_named_with_figures(side, match, axis):
    lr = np.array(FRAME) / 4
    h = FRAME[match][axis]
    allowed = 0.05 * h + 4
    outward = -1 if side in ("right", "bottom") else 1
    lr[match, axis] = (h + outward * (allowed + 0.42)) / 4
    result = box_of(matches_of(FRAME, lr))
    assert (result.hr, result.lr) == (None, None)
    assert result.reason == (
        f"sides disagree: {side}, {h:.1f} px in HR against {4 * lr[match, axis]:.1f} px (4 x LR), "
        f"{allowed + 0.42:.2f} px apart; allowed is {allowed:.2f} px"
    )
    assert result.corners.tolist() == [0, 1, 2, 3]
    lr[match, axis] = (h + outward * (allowed - 0.1)) / 4
    assert box_of(matches_of(FRAME, lr)).hr is not None


def test_a_side_exactly_as_far_off_as_allowed_agrees():
    frame = [(64.0, 64.0), (192.0, 64.0), (64.0, 192.0), (192.0, 192.0)]
    lr = np.array(frame) / 4
    lr[:, 0] += np.where(lr[:, 0] == 16, 20 / 4, 0)  # |4 * 21 - 64| = 20 = 0.25 * 64 + 4
    assert box_of(matches_of(frame, lr), error_margin=0.25).hr == (64, 64, 192, 192)
    lr[:, 0] += np.where(lr[:, 0] == 21, 0.25, 0)
    assert box_of(matches_of(frame, lr), error_margin=0.25).hr is None


@pytest.mark.parametrize("crop", ["corners", "bounding"])
def test_a_box_smaller_than_a_patch_tells_both_sizes(crop):
    small = [(20.0, 20.0), (53.0, 20.0), (20.0, 90.0), (53.0, 90.0)]
    result = box_of(matches_of(small), crop=crop)
    assert result.hr is None
    assert result.reason == "the box is 32 x 68 px: smaller than a patch of 33 x 33 px"
    assert box_of(matches_of(small), crop=crop, patch=32).hr == (20, 20, 52, 88)


def test_a_box_turned_inside_out_has_no_size():
    # The left corners lie to the right of the right ones: nothing is left between them.
    crossed = [(100.0, 10.0), (90.0, 60.0), (10.0, 100.0), (0.0, 150.0)]
    result = box_of(matches_of(crossed), error_margin=1.0)
    assert result.hr is None
    assert " 0 x " in result.reason or " x 0 " in result.reason


def test_keypoints_on_one_line():
    line = [(float(x), 50.0) for x in range(10, 200, 10)]
    assert "smaller than a patch" in box_of(matches_of(line)).reason
    assert "190 x 0" not in box_of(matches_of(line), crop="bounding").reason
    dot = [(50.0, 50.0)] * 5
    assert "0 x 0 px" in box_of(matches_of(dot)).reason


def test_a_tie_between_corners_goes_to_the_lowest_match():
    # Matches 1 and 2 are as far from the top left corner (10, 10), on either side of it.
    frame = [(210.0, 10.0), (20.0, 10.0), (10.0, 20.0), (10.0, 210.0), (210.0, 210.0)]
    assert box_of(matches_of(frame)).corners.tolist() == [1, 0, 3, 4]
    swapped = [frame[0], frame[2], frame[1], *frame[3:]]
    assert box_of(matches_of(swapped)).corners.tolist() == [1, 0, 3, 4]
    assert box_of(matches_of(frame)).hr == (20, 12, 208, 208)
    assert box_of(matches_of(swapped)).hr == (12, 20, 208, 208)


@pytest.mark.parametrize("turn", range(4))
def test_of_matches_at_one_place_the_lowest_is_the_corner(turn):
    # A keypoint with several orientations is several matches at one place of HR.
    frame = [(20.0, 20.0), (220.0, 20.0), (20.0, 220.0), (220.0, 220.0)]
    order = np.roll(range(4), turn)
    twice = [frame[i] for i in order] * 3
    corners = box_of(matches_of(twice)).corners.tolist()
    assert corners == [order.tolist().index(i) for i in range(4)]


def test_at_one_place_the_lowest_match_decides_whether_sides_agree():
    frame = [(40.0, 40.0), (240.0, 40.0), (40.0, 240.0), (240.0, 240.0)]
    lr = np.array(frame * 2) / 4
    lr[4:] += 30
    assert box_of(matches_of(frame * 2, lr)).hr == (40, 40, 240, 240)
    lr = lr[::-1]
    assert box_of(matches_of((frame * 2)[::-1], lr)).hr is None


def test_a_keypoint_inside_the_hull_is_no_corner():
    # (30, 30) is nearer to the corner of the bounding rectangle (10, 10) than any vertex, but a
    # vertex it is not when (10, 45), (45, 10) and the line between them lie outside of it.
    frame = [(10.0, 45.0), (45.0, 10.0), (210.0, 10.0), (10.0, 210.0), (210.0, 210.0)]
    inside = [*frame, (30.0, 30.0)]
    assert box_of(matches_of(inside)).corners.tolist()[0] == 0
    outside = [*frame, (20.0, 20.0)]
    assert box_of(matches_of(outside)).corners.tolist()[0] == 5


def test_the_area_used_is_the_share_of_the_box():
    assert area_used(Box(10, 20, 60, 40), (100, 80)) == 50 * 20 / (100 * 80)
    assert area_used(Box(0, 0, 100, 80), (100, 80)) == 1
    assert area_used(None, (100, 80)) == 0
