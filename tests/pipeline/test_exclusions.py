"""What is excluded by hand: its file, and what the pipeline makes of it."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from srviewer.errors import ExclusionError
from srviewer.pipeline.analysis import Analysis, analyse, refresh
from srviewer.pipeline.exclusions import (
    NONE,
    NOTHING,
    Excluded,
    Exclusions,
    Window,
    from_text,
    load_exclusions,
    to_text,
)
from srviewer.pipeline.patching import lay_windows
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.summary import summarise, window_verdict
from srviewer.pipeline.verdicts import Verdict
from tests.analyses import analysed_photo, assert_same
from tests.photos import save

A, B, C = "a" * 64, "b" * 64, "0" * 64
SOME = Exclusions(
    {
        B: Excluded(whole=True),
        A: Excluded(windows=frozenset([Window(28, 14, 33, 4), Window(14, 14, 33, 4)])),
        C: Excluded(whole=True, windows=frozenset([Window(0, 100, 48, 3)])),
    }
)


# The text


def test_the_text_has_a_line_an_entry_in_an_order_of_its_own():
    lines = to_text(SOME, {A: "sub/a photo.png"}).splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        f"{C} image",
        f"{C} 0 100 48 3",
        f"{A} 14 14 33 4  # sub/a photo.png",
        f"{A} 28 14 33 4  # sub/a photo.png",
        f"{B} image",
    ]


def test_what_is_written_is_read_back():
    chance = random.Random(1)

    def window() -> Window:
        return Window(*(chance.randrange(10**6) for _ in "xy"), 11 + chance.randrange(99), 2)

    for _ in range(50):
        images = {
            f"{chance.getrandbits(256):064x}": Excluded(
                chance.random() < 0.3, frozenset(window() for _ in range(chance.randrange(9)))
            )
            for _ in range(chance.randrange(6))
        }
        made = Exclusions(images)
        names = dict.fromkeys(images, chance.choice(["#a # b", "a\nb", "\udcff", "x" * 5000]))
        text = to_text(made, names)
        assert from_text(text, "e") == made
        assert to_text(from_text(text, "e")) == to_text(made)
        text.encode()  # whatever a name holds


def test_a_text_may_have_blank_lines_comments_any_order_and_windows_ends_of_lines(tmp_path):
    path = tmp_path / "e.txt"
    words = f"# mine\r\n\r\n  {B.upper()}  image # bad\r\n{A} 28 14 33 4\r\n{A} 14\t14 33 4\n\n"
    path.write_bytes(b"\xef\xbb\xbf" + words.encode())
    found = load_exclusions(path)
    assert found == SOME.only([A, B])
    assert str(found) == "2 windows and 1 image"
    assert str(NONE) == "none"


WRONG = {
    "no content": ("12 image", "line 2, SHA-256 = '12': allowed is 64 digits"),
    "one digit too many": (f"{A}0 image", "line 2, SHA-256"),
    "no more": (A, "line 2 = '': allowed is after the SHA-256 the word image, or x, y"),
    "too few": (f"{A} 1 2 33", "line 2 = '1 2 33': allowed is after"),
    "too many": (f"{A} 1 2 33 4 5", "line 2 = '1 2 33 4 5'"),
    "another word": (f"{A} picture", "line 2 = 'picture'"),
    "no number": (f"{A} 1 x 33 4", "line 2, y = 'x': allowed is a whole number from 0 to"),
    "a sign": (f"{A} -1 0 33 4", "line 2, x = '-1'"),
    "a fraction": (f"{A} 1.5 0 33 4", "line 2, x = '1.5'"),
    "digits of others": (f"{A} 1 ٣ 33 4", "line 2, y = '٣'"),
    "beyond all images": (f"{A} 999999999 0 33 4", "line 2, x = '999999999'"),
    "endless": (f"{A} {'9' * 3000} 0 33 4", "line 2, x = '999"),
    "no patch": (
        f"{A} 1 2 10 4",
        "line 2, patch = '10': allowed is a whole number from 11 to",
    ),
    "no scale": (f"{A} 1 2 33 1", "line 2, scale = '1': allowed is a whole number from 2 to 64"),
    "a long line": (f"# {'x' * 5000}", "line 2: 5,002 bytes; allowed is at most 4,096"),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_error_names_file_line_value_and_what_is_allowed(case, tmp_path):
    line, words = WRONG[case]
    path = tmp_path / "e.txt"
    path.write_text(f"# ours\n{line}\n{A} image\n", encoding="utf-8")
    with pytest.raises(ExclusionError) as caught:
        load_exclusions(path)
    assert str(caught.value).startswith(f"{path}: {words}")
    assert len(str(caught.value)) < 500


def test_what_is_no_text_is_told(tmp_path):
    path = tmp_path / "e.txt"
    with pytest.raises(ExclusionError, match="No such file"):
        load_exclusions(path)
    path.write_bytes(b"\xff\xfe1")
    with pytest.raises(ExclusionError, match="it is not UTF-8 text"):
        load_exclusions(path)
    with open(path, "wb") as file:
        file.truncate((64 << 20) + 1)
    with pytest.raises(ExclusionError, match=r"more than 67\.1 MB"):
        load_exclusions(path)


# Values


def test_exclusions_are_narrowed_compared_and_changed():
    assert SOME.only([B]) == Exclusions({B: Excluded(whole=True)})
    assert SOME.without(SOME) == NONE
    assert SOME.without(SOME.only([A, B])) == SOME.only([C])
    lacking = SOME.changed(A, SOME.of(A).changed([Window(14, 14, 33, 4)], exclude=False))
    assert str(SOME.without(lacking)) == "1 window"
    assert lacking.changed(A, SOME.of(A)) == SOME
    assert hash(lacking.changed(A, SOME.of(A))) == hash(SOME)
    assert SOME.changed(B, NOTHING) == SOME.only([A, C])
    assert not SOME.only([])
    assert SOME.of("d" * 64) == SOME.of("") == NOTHING


def test_the_mask_has_the_windows_of_the_same_place_patch_and_scale():
    windows = lay_windows((100, 80), patch=33, stride=14)
    chance = random.Random(2)
    places = [
        Window(chance.randrange(140), chance.randrange(140), *pair)
        for pair in ((33, 4), (33, 3), (32, 4))
        for _ in range(300)
    ] + [Window(int(x), int(y), 33, 4) for x, y in zip(windows.x[3:6], windows.y[3:6], strict=True)]
    mask = Excluded(windows=frozenset(places)).mask(windows, 4)
    meant = {(x, y) for x, y, patch, scale in places if (patch, scale) == (33, 4)}
    assert mask.tolist() == [
        (x, y) in meant for x, y in zip(windows.x.tolist(), windows.y.tolist(), strict=True)
    ]
    assert 3 <= mask.sum() < len(windows)
    assert Excluded(whole=True).mask(windows, 4).all()
    assert not NOTHING.mask(windows, 4).any()


def test_exclusions_that_do_not_apply_are_counted_in_words():
    windows = lay_windows((100, 80), patch=33, stride=14)
    places = [(14, 14, 33, 4), (15, 14, 33, 4), (1400, 14, 33, 4), (0, 0, 48, 3), (48, 0, 48, 3)]
    excluded = Excluded(windows=frozenset(Window(*place) for place in places))
    assert excluded.notes(windows, 4) == (
        "2 exclusions are of other windows: patch 48, scale 3",
        "2 exclusions are of places where no window lies: stride 14",
    )
    assert replace(excluded, whole=True).notes(windows, 4) == ()
    assert NOTHING.notes(windows, 4) == ()


# The pipeline


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    rgb = analysed_photo().image.rgb
    return save(rgb, tmp_path_factory.mktemp("image") / "photo.png")


def exclusions_of(image, windows) -> Exclusions:
    places = frozenset(Window(*map(int, place), 33, 4) for place in windows)
    return Exclusions({image.sha256: Excluded(windows=places)})


def test_exclusion_stands_above_every_reason_and_what_else_holds_is_told(file):
    plain = analysed_photo()
    image = read_image(file)
    chosen = [
        int(np.flatnonzero(plain.patches.verdict == verdict)[-1])
        for verdict in (Verdict.KEPT, Verdict.LITTLE_TEXTURE, Verdict.OUTSIDE_BOX)
    ]
    windows = plain.windows
    exclusions = exclusions_of(image, zip(windows.x[chosen], windows.y[chosen], strict=True))
    a = analyse(image, exclusions=exclusions)
    wanted = plain.patches.verdict.copy()
    wanted[chosen] = Verdict.EXCLUDED
    np.testing.assert_array_equal(a.patches.verdict, wanted)
    np.testing.assert_array_equal(a.patches.candidates, plain.patches.candidates)
    np.testing.assert_array_equal(np.flatnonzero(a.patches.excluded), sorted(chosen))
    assert a.patches.kept.sum() == plain.patches.kept.sum() - 1
    for one in chosen:
        assert window_verdict(a, one) == f"excluded by hand; else {window_verdict(plain, one)}"
    told = summarise(a)
    assert told["patches"] == {
        "total": int(plain.patches.candidates.sum()),
        "kept": int(plain.patches.kept.sum()) - 1,
        "excluded": 1,
    }
    assert told["notes"] == list(plain.notes)


def test_a_whole_image_is_excluded_under_every_recipe(file):
    image = read_image(file)
    excluded = Exclusions({image.sha256: Excluded(whole=True)})
    for recipe in (Recipe(), Recipe(scale=3, patch=48)):
        plain, a = (analyse(image, recipe, exclusions=one) for one in (NONE, excluded))
        assert not a.patches.kept.any()
        assert a.patches.excluded_alone == plain.patches.kept.sum() > 0


def test_only_the_last_stage_runs_again_and_gives_what_a_whole_analysis_gives(file):
    image = read_image(file)
    plain = analyse(image)
    kept = np.flatnonzero(plain.patches.kept)[::2]
    exclusions = exclusions_of(
        image, zip(plain.windows.x[kept], plain.windows.y[kept], strict=True)
    )
    excluded = exclusions.of(image.sha256)
    ran: list[Analysis] = []
    analyse(image, exclusions=exclusions, previous=plain, on_stage=ran.append)
    assert len(ran) == 1
    pulled = refresh(plain, plain.recipe, excluded)
    assert pulled.complete
    again = analyse(image, exclusions=exclusions)
    assert_same(pulled, again)
    assert again.patches.kept.sum() == plain.patches.kept.sum() - len(kept)
    # A change of recipe keeps them, and what was made of it can be undone.
    assert_same(
        refresh(pulled, Recipe(min_keypoints=3)),
        analyse(image, Recipe(min_keypoints=3), exclusions=exclusions),
    )
    assert_same(refresh(pulled, plain.recipe, NOTHING), plain)
    assert_same(analyse(image, previous=pulled), plain)


def test_an_analysis_says_which_exclusions_are_of_other_windows(file):
    image = read_image(file)
    exclusions = exclusions_of(image, [(14, 14), (28, 28), (1, 0)])
    a = analyse(image, Recipe(patch=48), exclusions=exclusions)
    assert a.notes[-1] == "3 exclusions are of other windows: patch 33, scale 4"
    assert not a.patches.excluded.any()
