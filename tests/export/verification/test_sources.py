"""Which of the images at hand a data set was made of."""

import shutil
from pathlib import Path

import pytest

from srviewer.export.verification.sources import AtHand, at_hand
from tests.photos import crop, save


def test_images_are_known_by_their_names_and_sizes(whole, photos, copies, tmp_path):
    out = whole()
    assert at_hand(out, [photos]) == AtHand(3, ())
    save(crop("coffee", 0, 0, 60, 60), copies / "more.png")
    assert at_hand(out, [copies]).words == ""
    with open(copies / "motor.png", "ab") as file:
        file.write(b"more")  # so that it is another
    (copies / "sub" / "man.bmp").unlink()
    found = at_hand(out, [copies])
    assert found.missing == ("motor.png", "sub/man.bmp")
    assert not found.none
    words = "2 of the 3 images that it was made of are missing: motor.png, sub/man.bmp"
    assert found.words == words
    assert at_hand(out, [copies / "more.png"]).none
    twice = Path(shutil.copy(photos / "motor.png", tmp_path))
    assert at_hand(out, [photos / "motor.png", twice]) == AtHand(), "the check will say so"


@pytest.mark.parametrize(
    ("named", "missing", "words"),
    [
        (1000, "a", "1 of the 1,000 images that it was made of is missing: a"),
        (4, "abc", "3 of the 4 images that it was made of are missing: a, b, c"),
        (4, "abcd", "4 of the 4 images that it was made of are missing: a, b, c, ..."),
    ],
)
def test_the_first_that_are_missing_are_named(named, missing, words):
    found = AtHand(named, tuple(missing))
    assert found.words == words
    assert found.none == (named == len(missing))
