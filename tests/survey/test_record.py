"""What a survey keeps of an image, as it is measured and as it is read from a file."""

import numpy as np
import pytest

from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.reading import read_image
from srviewer.survey import measure
from srviewer.survey.key import LAXEST
from srviewer.survey.record import LEVELS, POINTS, Outline, narrow, read_content
from tests.survey.helpers import RECIPE

# Three matches and four windows.
OUTLINE = Outline((8, 8), (8, 8), 5, 5, 3, 2, 2, (), 0.0, {})
CONTENT = {
    **{name: np.arange(6, dtype="<f4").reshape(3, 2) for name in POINTS},
    "psnr": np.array([1, 2, np.inf, 4], "<f4"),
    "ssim": np.array([0, 0.5, -1, 1], "<f4"),
    **{name: np.array([0, 9, 2, 1 << 15], "<u2") for name in LEVELS},
    "passing radial": np.array([True, False, True]),
    "passing sift patch": np.array([True, False, True, False]),
}


def parts(**changed: np.ndarray | None) -> list[tuple[object, object, object]]:
    """Return the parts as a file keeps them, with others in their place, without those of None."""
    content = CONTENT | {name.replace("_", " "): part for name, part in changed.items()}
    content = {POINTS[0] if name == "points" else name: part for name, part in content.items()}
    kept = {name: part for name, part in content.items() if part is not None}
    return [(name, part.dtype.str, part.tobytes()) for name, part in kept.items()]


def test_what_was_kept_is_read_in_its_shape() -> None:
    found = read_content(OUTLINE, parts())
    assert found.keys() == CONTENT.keys()
    for name, part in CONTENT.items():
        np.testing.assert_array_equal(found[name], part, err_msg=name)
        assert found[name].dtype == part.dtype


NONE = "no numbers that are measured"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (parts(psnr=None), "without its psnr"),
        (parts(canny_image=None), "without its canny image"),
        (parts(psnr=np.ones(4)), f"its psnr are {NONE}"),
        (parts(psnr=np.array([1, np.nan, 2, 3], "<f4")), f"its psnr are {NONE}"),
        (parts(points=np.array([1, np.inf, 2, 3, 4, 5], "<f4")), f"its {POINTS[0]} are {NONE}"),
        (parts(sift_image=np.array([1, 2, 3, 1 << 25], "<u4")), f"its sift image are {NONE}"),
        (parts(sift_image=np.ones(4, "<f4")), f"its sift image are {NONE}"),
        (parts(passing_radial=np.ones(3, "<f4")), f"its passing radial are {NONE}"),
        (parts(ssim=np.ones(3, "<f4")), "cannot reshape"),
        ([*parts(), (7, "<f4", b"")], "a part without a name or bytes"),
        ([*parts(), ("psnr", "<f4", "text")], "a part without a name or bytes"),
        ([*parts(), ("psnr", 7, bytes(16))], f"its psnr are {NONE}"),
    ],
)
def test_what_no_survey_keeps_is_refused(changed, message) -> None:
    with pytest.raises(ValueError, match=message):
        read_content(OUTLINE, changed)


@pytest.mark.parametrize(("most", "kind"), [(65535, np.uint16), (65536, np.uint32)])
def test_counts_are_kept_in_the_smallest_type_that_holds_them(most, kind) -> None:
    found = narrow(np.array([0, most]))
    assert (found.dtype, found.tolist()) == (kind, [0, most])


def test_what_knobs_reject_that_answers_do_not_follow_is_kept(image_set, monkeypatch) -> None:
    photo = image_set / "motor.png"
    monkeypatch.setattr(measure, "unanswered", lambda stage: {"a knob"})
    kept = measure.measure_image(photo, RECIPE).content
    laxest = RECIPE.replace(**LAXEST)
    found = analyse(read_image(photo), laxest)
    for test in ("radial", "position"):
        a = analyse(found.image, laxest.replace(consistency=test), previous=found)
        np.testing.assert_array_equal(kept[f"passing {test}"], a.consistent.kept)
    for level in LEVELS:
        np.testing.assert_array_equal(kept[f"passing {level}"], found.patches.kept)
    assert len(kept["passing radial"]) == len(found.matches)
