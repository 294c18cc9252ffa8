import numpy as np
import pytest

from srviewer.gui.state.layers import TWO_PANES, suited
from srviewer.gui.views.camera import (
    CLOSEST,
    FARTHEST,
    Camera,
    Pane,
    fitting,
    lr_in_hr,
    side_by_side,
    stacked,
)

SIDE_BY_SIDE, STACKED = TWO_PANES

PANE = Pane(left=206, top=0, width=200, height=150)
POINTS = np.array([(-0.5, -0.5), (0, 0), (17.25, 80.5), (639.5, 479.5)])


@pytest.mark.parametrize("zoom", [0.05, 0.7, 1, 3, 64])
def test_to_image_undoes_to_screen(zoom: float) -> None:
    camera = Camera(31.5, 12.25, zoom)
    back = [PANE.to_image(camera, x, y) for x, y in PANE.to_screen(camera, POINTS)]
    np.testing.assert_allclose(back, POINTS, atol=1e-9)


def test_the_point_of_the_camera_is_in_the_middle_of_the_pane() -> None:
    camera = Camera(31.5, 12.25, 3)
    np.testing.assert_allclose(PANE.to_screen(camera, np.array([(31.5, 12.25)])), [PANE.middle])
    assert PANE.middle == (306, 75)


def test_one_hr_pixel_takes_zoom_screen_pixels() -> None:
    one, next_one = PANE.to_screen(Camera(0, 0, 6), np.array([(3, 4), (4, 5)]))
    np.testing.assert_allclose(next_one - one, [6, 6])


@pytest.mark.parametrize("factor", [0.1, 0.8, 1.25, 7])
@pytest.mark.parametrize("at", [(206, 0), (306, 75), (399, 149), (250, 20)])
def test_zooming_at_a_point_keeps_what_is_there(factor: float, at: tuple[float, float]) -> None:
    camera = Camera(50, 60, 2)
    x, y = PANE.middle
    closer = camera.zoomed(factor, at[0] - x, at[1] - y)
    assert closer.zoom == pytest.approx(2 * factor)
    assert PANE.to_image(closer, *at) == pytest.approx(PANE.to_image(camera, *at))


def test_zoom_stops_at_its_ends_and_still_keeps_the_point() -> None:
    camera = Camera(50, 60, 2)
    for factor, end in ((1e6, CLOSEST), (1e-6, FARTHEST)):
        there = camera.zoomed(factor, 40, -30)
        assert there.zoom == end
        x, y = PANE.middle
        before = PANE.to_image(camera, x + 40, y - 30)
        assert PANE.to_image(there, x + 40, y - 30) == pytest.approx(before)
        assert there.zoomed(factor, 11, 7) == there


def test_dragging_moves_the_picture_with_the_pointer() -> None:
    camera = Camera(50, 60, 4)
    held = PANE.to_image(camera, 300, 70)
    assert PANE.to_image(camera.moved(12, -8), 312, 62) == pytest.approx(held)
    assert camera.moved(12, -8).zoom == 4


@pytest.mark.parametrize("size", [(640, 480), (100, 900), (3000, 40), (1, 1)])
@pytest.mark.parametrize("pane", [(400, 300), (200, 700)])
def test_fit_shows_the_whole_image_and_fills_the_pane(
    size: tuple[int, int], pane: tuple[int, int]
) -> None:
    camera = fitting(size, pane)
    screen = Pane(0, 0, *pane)
    ends = np.array([(-0.5, -0.5), (size[0] - 0.5, size[1] - 0.5)])
    (left, top), (right, bottom) = screen.to_screen(camera, ends)
    assert left >= 0
    assert top >= 0
    assert right <= pane[0]
    assert bottom <= pane[1]
    assert left + right == pytest.approx(pane[0]), "in the middle"
    assert top + bottom == pytest.approx(pane[1])
    room = max((right - left) / pane[0], (bottom - top) / pane[1])
    assert room > 0.9 or camera.zoom == CLOSEST


def test_fit_survives_a_pane_without_room() -> None:
    assert fitting((640, 480), (1, 1)).zoom == FARTHEST


@pytest.mark.parametrize("point", [(-300, 5), (5, -300), (9999, 9999)])
def test_the_camera_is_kept_on_the_image(point: tuple[float, float]) -> None:
    kept = Camera(*point, 3).kept_on((64, 48))
    assert -0.5 <= kept.x <= 63.5
    assert -0.5 <= kept.y <= 47.5
    assert Camera(20, 30, 3).kept_on((64, 48)) == Camera(20, 30, 3)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_lr_pixels_cover_their_hr_pixels(scale: int) -> None:
    first_and_last = np.array([(-0.5, -0.5), (9.5, 6.5)])  # the edges of a 10 x 7 LR image
    hr_edges = [(-0.5, -0.5), (10 * scale - 0.5, 7 * scale - 0.5)]
    np.testing.assert_allclose(lr_in_hr(first_and_last, scale), hr_edges)
    # The middle of LR pixel 0 is the middle of the HR pixels that it was made from.
    np.testing.assert_allclose(lr_in_hr(np.array([(0, 0)]), scale), [((scale - 1) / 2,) * 2])


def test_panes_are_alike_and_share_the_width() -> None:
    hr, lr = side_by_side(807, 400, gap=7)
    assert (hr.width, hr.height) == (lr.width, lr.height) == (400, 400)
    assert (hr.left, lr.left) == (0, 407)
    assert hr.contains(399.9, 0)
    assert not hr.contains(400, 0)
    assert lr.contains(407, 399)
    assert not lr.contains(407, 400)


def test_stacked_panes_are_alike_and_share_the_height() -> None:
    hr, lr = stacked(400, 807, gap=7)
    assert (hr.width, hr.height) == (lr.width, lr.height) == (400, 400)
    assert (hr.top, lr.top) == (0, 407)
    assert hr.left == lr.left == 0


@pytest.mark.parametrize("room", [(800, 400), (760, 430), (500, 900), (300, 300)])
@pytest.mark.parametrize("size", [(768, 240), (480, 500), (640, 480), (5000, 300), (300, 5000)])
def test_panes_lie_as_they_show_an_image_larger(
    size: tuple[int, int], room: tuple[int, int]
) -> None:
    zooms = {}
    for how, split in ((SIDE_BY_SIDE, side_by_side), (STACKED, stacked)):
        pane = split(*room, gap=0)[0]
        zooms[how] = min(pane.width / size[0], pane.height / size[1])
    chosen = suited(size, room)
    assert zooms[chosen] == max(zooms.values())


def test_visible_tells_what_the_pane_shows() -> None:
    camera = Camera(100, 100, 2)  # the pane of 200 x 150 shows 50 and 37.5 px to each side
    points = np.array([(100, 100), (149, 137), (151, 100), (100, 138), (51, 63), (49, 100)])
    assert PANE.visible(camera, points).tolist() == [True, True, False, False, True, False]
