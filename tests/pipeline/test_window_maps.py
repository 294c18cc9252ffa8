"""Maps over the windows."""

from dataclasses import replace

import numpy as np

from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.window_maps import BOTH, ONLY_A, ONLY_B, heat_of, kept_by
from tests.analyses import analysed_photo

SOME = analysed_photo()
CANNY = analysed_photo(texture="canny", keypoint_scope="image")


def with_keypoints(counts: np.ndarray) -> Analysis:
    return replace(SOME, texture=replace(SOME.texture, values={"sift": counts}))


def test_the_heat_ends_where_one_in_a_hundred_windows_is_above():
    heat = heat_of(with_keypoints(np.arange(1000, dtype=np.int32)))
    assert (heat.top, heat.top_label, heat.unit) == (989, "989+", "keypoints")
    assert heat.values.tolist() == list(range(1000))
    for few in (np.zeros(50, np.int32), np.empty(0, np.int32)):
        assert heat_of(with_keypoints(few)).top == 10
    edges = heat_of(CANNY)
    assert (edges.top, edges.top_label, edges.unit) == (0.5, "50 %", "edge pixels")
    np.testing.assert_array_equal(edges.values, CANNY.texture.values["canny"])


def test_windows_are_compared_where_they_are_the_same():
    found = kept_by(SOME, CANNY)
    assert found is not None
    both = {BOTH: (True, True), ONLY_A: (True, False), ONLY_B: (False, True), 0: (False, False)}
    for number, kept in enumerate(zip(SOME.patches.kept, CANNY.patches.kept, strict=True)):
        assert both[int(found[number])] == kept
    assert {BOTH, 0} < set(found.tolist())
    other = analyse(SOME.image, SOME.recipe.replace(stride=40), previous=SOME)
    wider = analyse(SOME.image, SOME.recipe.replace(patch=34), previous=SOME)
    begun = Analysis(SOME.image, SOME.recipe)
    for nothing in (None, other, wider, begun):
        assert kept_by(SOME, nothing) is None
    assert kept_by(begun, SOME) is None
