"""Where the files of a data set of folders lie."""

import pytest

from srviewer.export.layout import LAYOUTS, flat, layout_of

STEMS = [
    "a",
    "line\nbreak",
    "sub/a",
    "sub/deep/a",
    "sub_a",
    "x/a~12345678",
    "d/" + "é" * 90,
    "e/" * 60 + "f",
]


def test_names_hold_the_place_with_leading_zeros():
    plain = layout_of("folders", "png", 4, splits=False)
    places = "hr/sub/a_x00014_y04096.png", "lr/sub/a_x00014_y04096.png"
    assert plain.places("sub/a", 14, 4096, plain.first) == places
    assert layout_of("earlier", "bmp", 4, splits=True).places("a", 123456, 0, "") == (
        "hr/a_x123456_y00000.bmp",
        "lr/a_x123456_y00000.bmp",
    )
    div2k = layout_of("div2k", "png", 3, splits=True)
    assert div2k.places("sub/a", 0, 9, "validation") == (
        "DIV2K/DIV2K_train_HR/validation_sub~a_x00000_y00009.png",
        "DIV2K/DIV2K_train_LR_bicubic/X3/validation_sub~a_x00000_y00009x3.png",
    )
    assert layout_of("flat", "tiff", 4, splits=True).places("b/a", 0, 0, "train")[1] == (
        "train/lr/b~a_x00000_y00000.tif"
    )
    assert layout_of("earlier", "tiff", 4, splits=False).suffix == "tiff"


@pytest.mark.parametrize("splits", [False, True])
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_file_is_known_for_what_it_is(name, splits):
    layout = layout_of(name, "png", 4, splits=splits)
    seen: dict[str, str] = {}
    for stem in STEMS:
        for which in layout.sets:
            places = layout.places(stem, 5, 12_345, which)
            for side, place in zip(("hr", "lr"), places, strict=True):
                assert seen.setdefault(place, stem) == stem
                assert layout.side_of(place) == side
                folder, _, file = place.rpartition("/")
                assert folder in layout.parents(stem)
                assert layout.start_of(file) in layout.starts(stem)
                assert all(len(part.encode()) <= 255 for part in place.split("/"))
            assert layout.set_of(places[0]) == which
            assert f"{layout.root(which, 'hr')}/{layout.below(places[0])}" == places[0]
    assert layout.set_of("mine.png") == layout.first
    for other in ("mine.png", "hr/mine.png", "hr/a_x1_y1.png", "a_x00000_y00000.png", "train/hr"):
        assert layout.side_of(other) == ""


def test_flat_names_are_unique():
    assert len({flat(stem) for stem in STEMS}) == len(STEMS)
    assert flat("sub/a") == "sub~a"
    longest = "a/" * 99 + "bc"
    assert flat(longest) == longest.replace("/", "~"), "200 bytes are not too many"
    for long in (f"{longest}d", "é" * 101, "é" * 300, f"x{'é' * 300}"):
        one, other = flat(long), flat(f"{long[:-1]}_")
        assert one != other
        assert 199 <= len(one.encode()) <= 200
        assert one[:90] == long.replace("/", "~")[:90]
