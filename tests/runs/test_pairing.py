"""Which LR belongs to which HR: by the names of real data sets, and what is told of the others."""

from pathlib import Path

import pytest

from srviewer.errors import RunError
from srviewer.runs.inputs import GivenLR, collect
from srviewer.runs.pairing import Pairing, pair_images


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def named(pairing: Pairing, hr: Path, lr: Path) -> dict[str, str]:
    return {
        pair.path.relative_to(hr).as_posix(): pair.lr.relative_to(lr).as_posix()
        for pair in pairing.pairs
        if pair.lr is not None
    }


@pytest.mark.parametrize(
    ("hr", "lr"),
    [
        ("baby.png", "baby.bmp"),
        ("baby.png", "babyx4.png"),
        ("baby.png", "baby_x4.png"),
        ("baby.png", "baby_LR.png"),
        ("baby.png", "baby_lr.PNG"),
        ("baby.png", "babyLRBI.png"),
        ("baby.png", "babyLR.png"),
        ("baby_HR_x4.png", "baby_LRBI_x4.png"),
        ("baby_GT.bmp", "baby.bmp"),
        ("baby_gt.png", "baby_lq.png"),
        ("img_001_SRF_4_HR.png", "img_001_SRF_4_LR.png"),
        ("0001.png", "0001x4.png"),
        ("0001.png", "0001x4w1.png"),
        ("0001.png", "0001x8d.png"),
        ("0001HR.png", "0001lr.png"),
        ("Baby.png", "baby-X4.jpg"),
        ("hr_7.png", "lr_7.png"),
        ("baby/hr.png", "baby/lr.png"),
        ("a b.png", "a b_x2.png"),
        ("Canon_001_HR.png", "Canon_001_LR4.png"),
        ("panasonic_103_x1.png", "panasonic_103_x4.png"),
        ("icon@2x.png", "icon.png"),
    ],
)
def test_usual_names_are_paired(tmp_path: Path, hr: str, lr: str) -> None:
    high, low = fill(tmp_path / "high", hr), fill(tmp_path / "low", lr)
    found = pair_images([high], low)
    assert (named(found, high, low), found.without_partner) == ({hr: lr}, ())


def test_numbers_of_names_are_no_endings(tmp_path: Path) -> None:
    names = [f"box{number}.png" for number in range(1, 12)]
    high = fill(tmp_path / "high", *names)
    low = fill(tmp_path / "low", *(f"box{number}x4.png" for number in range(1, 12)))
    found = pair_images([high], low)
    assert named(found, high, low) == {name: name.replace(".", "x4.") for name in names}


def test_subfolders_are_mirrored_and_may_be_others(tmp_path: Path) -> None:
    high = fill(tmp_path / "high", "a/1.png", "b/1.png", "c/2.png")
    low = fill(tmp_path / "low", "a/1x2.png", "b/1x2.png", "X2/2x2.png")
    expected = {"a/1.png": "a/1x2.png", "b/1.png": "b/1x2.png", "c/2.png": "X2/2x2.png"}
    assert named(pair_images([high], low), high, low) == expected


def test_of_several_none_is_taken(tmp_path: Path) -> None:
    high = fill(tmp_path / "high", "a.png", "b.png")
    low = fill(tmp_path / "low", "X2/ax2.png", "X4/ax4.png", "b.png")
    found = pair_images([high], low)
    assert named(found, high, low) == {"b.png": "b.png"}
    told = {one.path.name: one for one in found.without_partner}
    assert told.keys() == {"a.png", "ax2.png", "ax4.png"}
    assert told["a.png"].possible == ("a.png", "X2/ax2.png", "X4/ax4.png")
    assert "X2/ax2.png" in told["a.png"].cause


@pytest.mark.parametrize(
    ("hr", "lr"),
    [
        (["a.png", "a_HR.png"], ["a_LR.png"]),
        (["a.png"], ["a_x4.png", "a_LR_x4.png"]),
        (["sub/a_gt.png"], ["sub/a_lq.png", "sub/a.png"]),
    ],
)
def test_a_name_that_could_be_of_another_pair_too_makes_both_unclear(tmp_path, hr, lr) -> None:
    found = pair_images([fill(tmp_path / "high", *hr)], fill(tmp_path / "low", *lr))
    assert not found.pairs
    assert {frozenset(one.possible) for one in found.without_partner} == {frozenset((*hr, *lr))}
    assert len(found.without_partner) == len(hr) + len(lr)


def test_names_that_all_find_their_own_are_clear(tmp_path: Path) -> None:
    high = fill(tmp_path / "high", "photo_low.png", "photo_high.png")
    low = fill(tmp_path / "low", "photo_low_x4.png", "photo_high_x4.png")
    expected = {f"photo_{one}.png": f"photo_{one}_x4.png" for one in ("low", "high")}
    assert named(pair_images([high], low), high, low) == expected


def test_who_has_no_partner_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    high = fill(tmp_path / "high", "baboon.png", "bird.png")
    low = fill(tmp_path / "low", "babon_x4.png", "bird_x4.png")
    found = pair_images([high], low)
    assert named(found, high, low) == {"bird.png": "bird_x4.png"}
    told = [(one.side, one.path.name, one.nearest) for one in found.without_partner]
    assert told == [("HR", "baboon.png", "babon_x4.png"), ("LR", "babon_x4.png", "baboon.png")]
    assert found.without_partner[0].cause == (
        "no LR has its name; the nearest name is babon_x4.png"
    )


def test_order_pairs_only_when_asked(tmp_path: Path) -> None:
    high, low = fill(tmp_path / "high", "a.png", "b.png"), fill(tmp_path / "low", "1.png", "2.png")
    assert not pair_images([high], low).pairs
    assert named(pair_images([high], low, True), high, low) == {"a.png": "1.png", "b.png": "2.png"}
    fill(low, "3.png")
    with pytest.raises(RunError, match="3 images for 2 HR images"):
        pair_images([high], low, True)


def test_both_may_be_in_one_folder_or_one_in_the_other(tmp_path: Path) -> None:
    both = fill(tmp_path / "both", "a_HR_x2.png", "a_LR_x2.png", "b.png", "bx4.png")
    expected = {"a_HR_x2.png": "a_LR_x2.png", "b.png": "bx4.png"}
    assert named(pair_images([both], both), both, both) == expected
    inner = fill(tmp_path / "set", "a.png", "LR/a.png")
    assert named(pair_images([inner], inner / "LR"), inner, inner) == {"a.png": "LR/a.png"}


def test_files_are_paired_with_a_file_or_a_folder(tmp_path: Path) -> None:
    high = fill(tmp_path / "high", "a.png", "b.png", "c.png")
    low = fill(tmp_path / "low", "x.png", "b_x4.png", "c_x4.png")
    (pair,) = pair_images([high / "a.png"], low / "x.png").pairs
    assert (pair.path, pair.root, pair.lr) == (high / "a.png", None, low / "x.png")
    found = pair_images([high / "b.png"], low)
    assert [pair.lr for pair in found.pairs] == [low / "b_x4.png"]
    assert not found.without_partner  # nobody asked for the others
    with pytest.raises(RunError, match="give a folder"):
        pair_images([high], low / "x.png")
    with pytest.raises(RunError, match="no such file"):
        pair_images([high], tmp_path / "nowhere")


def test_a_run_takes_pairs_as_it_takes_images(tmp_path: Path) -> None:
    high = fill(tmp_path / "high", "sub/a.png", "b.png", "c.png")
    low = fill(tmp_path / "low", "sub/a_lq.png", "b.png")
    images, failures = collect([high], lr=GivenLR(low))
    assert [(one.name, one.stem, one.lr) for one in images] == [
        ("b.png", "b", low / "b.png"),
        ("sub/a.png", "sub/a", low / "sub/a_lq.png"),
    ]
    assert [(one.image, one.cause.partition(";")[0]) for one in failures] == [
        (str(high / "c.png"), "no LR has its name")
    ]


def test_what_is_given_twice_is_one_image(tmp_path: Path) -> None:
    high, low = fill(tmp_path / "high", "a.png", "b.png"), fill(tmp_path / "low", "a.png", "b.png")
    found = pair_images([high / "a.png", high], low)
    assert [(pair.path, pair.root) for pair in found.pairs] == [
        (high / "a.png", high),
        (high / "b.png", high),
    ]
    assert not found.without_partner


def test_one_image_with_two_lr_has_one_name(tmp_path: Path) -> None:
    high = fill(tmp_path / "high", "a.png")
    low = fill(tmp_path / "low", "1.png", "2.png")
    pairs = [
        pair
        for name in ("1.png", "2.png")
        for pair in pair_images([high / "a.png"], low / name).pairs
    ]
    with pytest.raises(RunError, match="with two LR"):
        collect(pairs)


def test_three_words_are_taken_off_a_name_and_no_more(tmp_path: Path) -> None:
    high = fill(tmp_path / "high", "baby.png", "bird.png")
    low = fill(tmp_path / "low", "baby_lr_bicubic_x4.png", "bird_lq_lr_bicubic_x4.png")
    assert named(pair_images([high], low), high, low) == {"baby.png": "baby_lr_bicubic_x4.png"}


def test_where_nothing_belongs_together_the_first_are_named_and_the_others_counted(
    tmp_path: Path,
) -> None:
    high, low = fill(tmp_path / "high", "a.png", "b.png"), fill(tmp_path / "low", "1.png", "2.png")
    with pytest.raises(RunError, match=r"nothing to pair: .*a\.png.*; and 1 more") as caught:
        pair_images([high], low).require_pairs()
    assert str(caught.value).count("has its name") == 3
    (low / "2.png").unlink()
    with pytest.raises(RunError) as caught:
        pair_images([high], low).require_pairs()
    assert "more" not in str(caught.value)
    fill(low, "a.png")
    pair_images([high], low).require_pairs()
