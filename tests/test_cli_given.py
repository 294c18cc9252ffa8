"""``--lr`` and ``--pair-by`` on the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.photos import crop, save


@pytest.fixture
def sides(tmp_path) -> tuple[Path, Path]:
    """Return folders of two HR and their LR at x2, and of one more that has no partner."""
    high, low = tmp_path / "high", tmp_path / "low"
    for name, x in (("a", 100), ("b", 260)):
        rgb = crop("motorcycle", x, 150, 120, 97)
        save(rgb, high / f"{name}.png")
        small = Image.fromarray(rgb[:96]).resize((60, 48), Image.Resampling.HAMMING)
        save(np.asarray(small), low / f"{name}_LRx2.png")
    save(rgb, high / "bb.png")
    return high, low


def test_inspect_takes_each_pair_at_its_own_scale(sides, call) -> None:
    high, low = sides
    code, out, err = call("inspect", high, "--lr", low, "--json")
    told = [json.loads(line) for line in out.splitlines()]
    assert [(Path(one["image"]).name, Path(one["lr"]).name) for one in told] == [
        ("a.png", "a_LRx2.png"),
        ("b.png", "b_LRx2.png"),
    ]
    assert {one["scale"] for one in told} == {2}
    assert code == 1
    assert "bb.png: no LR has its name; the nearest name is b_LRx2.png" in err
    code, out, err = call("inspect", high / "a.png", "--lr", low, "--scale", 4)
    assert (code, out) == (1, "")
    assert "scale = 4" in err
    assert "scale 2 fits" in err


def test_a_recipe_may_set_the_scale(sides, tmp_path, call) -> None:
    high, low = sides
    mine = tmp_path / "mine.toml"
    mine.write_text("scale = 3")
    code, _, err = call("inspect", high / "a.png", "--lr", low, "--recipe", mine)
    assert (code, "scale = 3" in err) == (1, True)
    mine.write_text("min_keypoints = 1")
    assert call("inspect", high / "a.png", "--lr", low, "--recipe", mine)[0] == 0


def test_a_made_pair_has_no_key_of_a_given_one(sides, call) -> None:
    _, out, _ = call("inspect", sides[0] / "a.png", "--json")
    assert "lr" not in json.loads(out)


def test_survey_export_verify_and_reproduce_take_the_lr(sides, tmp_path, call) -> None:
    high, low = sides
    (high / "bb.png").unlink()
    flags = ("--lr", low, "--crop", "whole", "--min-keypoints", 3, "--jobs", 1)
    out = tmp_path / "out"
    code, said, err = call("export", high, "--out", out, "--json", *flags)
    assert (code, json.loads(said)["exported"]) == (0, 2)
    assert "note: scale 2, as of the first pair" in err
    code, said, _ = call("survey", high, "--json", "--file", tmp_path / "s.sqlite", *flags)
    rows = (out / "manifest.csv").read_text().splitlines()[1:]
    assert (code, json.loads(said)["pairs"]) == (0, len(rows))
    code, said, _ = call("export", high, "--out", out, "--dry-run", *flags)
    assert (code, "nothing is missing" in said) == (0, True)
    assert call("verify", out, "--images", high, "--lr", low, "--jobs", 1)[0] == 0
    assert call("reproduce", out, high, "--lr", low, "--jobs", 1)[0] == 0
    code, _, err = call("reproduce", out, high, "--jobs", 1)
    assert (code, "they are needed too, with --lr" in err) == (2, True)


def test_a_dry_run_names_what_has_no_partner(sides, tmp_path, call) -> None:
    high, low = sides
    flags = ("--lr", low, "--out", tmp_path / "out", "--dry-run")
    code, said, err = call("export", high, *flags)
    assert (code, "2 images to come" in said) == (1, True)
    assert f"failed: {high / 'bb.png'}: no LR has its name; the nearest name is b_LRx2.png" in err
    code, said, _ = call("export", high, *flags, "--json")
    assert (code, [Path(one["image"]) for one in json.loads(said)["failed"]]) == (
        1,
        [high / "bb.png"],
    )


def test_wrong_use_is_told(sides, tmp_path, call) -> None:
    high, low = sides
    code, _, err = call("inspect", high, "--pair-by", "order")
    assert (code, "--pair-by" in err) == (2, True)
    code, _, err = call("inspect", high, "--lr", low, "--pair-by", "order")
    assert (code, "2 images for 3 HR images" in err) == (1, True)
    code, _, err = call("inspect", high, "--lr", tmp_path / "gone")
    assert (code, "no such file or folder" in err) == (1, True)
    code, _, err = call("--lr", low)
    assert (code, "--lr" in err) == (2, True)


def test_where_nothing_pairs_nothing_is_written(sides, tmp_path, call) -> None:
    high, low = sides
    for one in low.iterdir():
        one.rename(low / f"other{one.name}")
    for out, flags in (("a", ()), ("b", ("--scale", 2))):
        code, _, err = call("export", high, "--lr", low, "--out", tmp_path / out, *flags)
        assert (code, "nothing to pair: " in err, "and 2 more" in err) == (1, True, True)
        assert not (tmp_path / out).exists()


def test_sizes_that_are_equal_set_no_scale(sides, tmp_path, call) -> None:
    one = sides[0] / "a.png"
    code, _, err = call("export", one, "--lr", one, "--out", tmp_path / "out", "--jobs", 1)
    assert (code, "HR is not larger" in err, "as of the first pair" in err) == (1, True, False)


def test_the_lr_of_one_image_is_found_in_a_folder(sides, call) -> None:
    high, low = sides
    code, said, _ = call("resizer-of", high / "a.png", low)
    assert (code, said.splitlines()[-1][:30]) == (0, "No resizer gives exactly this ")
    code, said, _ = call("align", high / "b.png", low, "--json")
    assert (code, Path(json.loads(said)["lr"]).name) == (0, "b_LRx2.png")
    code, _, err = call("align", high / "bb.png", low)
    assert (code, "bb.png: no LR has its name" in err) == (1, True)
