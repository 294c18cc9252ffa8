"""``srviewer survey`` as a person types it."""

import csv
import io
import json

import pytest

from srviewer.survey.default_file import IN_FOLDER
from srviewer.survey.whole_set import load
from tests.survey.helpers import RECIPE

FLAGS = ["--stride", "16", "--min-keypoints", "6", "--jobs", "1"]


def test_the_survey_is_kept_in_the_folder_and_told_as_json(copies, call):
    code, out, err = call("survey", copies, *FLAGS, "--pairs", 40, "--json")
    found = json.loads(out)
    assert code == 0
    assert "6/6 images" in err
    assert found["file"] == str(copies / IN_FOLDER)
    answer = load(copies / IN_FOLDER, [copies], RECIPE).under(RECIPE)
    assert found["pairs"] == answer.totals.pairs
    assert found["images_without_pairs"] == ["flat.png", "tiny.png"]
    near = [[threshold, answer.curve().at(threshold)] for threshold in range(1, 12)]
    assert found["pairs_by_threshold"] == near
    assert near[5] == [6, answer.totals.pairs]
    assert set(found["bytes"]) >= {"bmp", "png", "lmdb", "hdf5", "webdataset"}
    suggestion = answer.curve().suggest(40)
    assert found["suggestion"]["value"] == suggestion.value
    assert found["suggestion"]["pairs"] == suggestion.pairs >= 40

    by_image = found["by_image"]
    assert [one["pairs"] for one in by_image] == answer.kept.tolist()
    assert sum(one["share"] for one in by_image) == pytest.approx(1, abs=1e-3)
    assert found["uneven"] is None

    again = json.loads(call("survey", copies, *FLAGS, "--json", "--texture", "canny")[1])
    assert (again["surveyed"], again["already_done"]) == (0, 6)
    assert again["threshold"] == {"key": "min_edge_density", "value": 0.05}
    assert "suggestion" not in again
    chosen = ["--whole", "all", "--max-pairs", 2]
    whole = json.loads(call("survey", copies, *FLAGS, "--json", *chosen)[1])
    assert {size["pairs"] for size in whole["bytes"].values()} == {2}
    code, _, err = call("survey", copies, *FLAGS, "--whole", "validation")
    assert code == 2
    assert "whole = 'validation': allowed with a validation_share above 0 only" in err


def test_the_table_has_the_thresholds_the_bytes_and_the_suggestion(copies, tmp_path, call):
    (copies / "torn.png").write_bytes((copies / "motor.png").read_bytes()[:900])
    file = tmp_path / "elsewhere" / "s.sqlite"
    code, out, err = call("survey", copies, *FLAGS, "--file", file, "--pairs", 1_000_000)
    assert code == 1
    assert file.exists()
    assert not (copies / IN_FOLDER).exists()
    assert "torn.png: " in err
    lines = [" ".join(line.replace("│", " ").split()) for line in out.splitlines()]
    assert "images 6 of 7 6 surveyed now" in lines
    (here,) = (line for line in lines if line.endswith("the recipe's"))
    assert here.startswith("min_keypoints 6 ")
    assert any(line.startswith("png about ") for line in lines)
    assert any(line.startswith("bmp") and "about" not in line for line in lines)
    assert any("suggestion none 1,000,000 pairs; most are" in line for line in lines)


def test_a_line_of_csv_for_each_image_has_what_json_has(copies, call):
    (copies / "torn.png").write_bytes((copies / "motor.png").read_bytes()[:900])
    code, out, _ = call("survey", copies, *FLAGS, "--csv")
    assert code == 1
    lines = list(csv.DictReader(io.StringIO(out)))
    told = json.loads(call("survey", copies, *FLAGS, "--json")[1])["by_image"]
    assert [line["image"] for line in lines] == [one["image"] for one in told]
    for line, one in zip(lines, told, strict=True):
        for name in ("pairs", "share", "mean_psnr"):
            assert (float(line[name]) if line[name] else None) == one[name]
    torn = next(line for line in lines if line["image"] == "torn.png")
    assert (torn["state"], torn["share"]) == ("failed", "")
    code, _, err = call("survey", copies, *FLAGS, "--csv", "--json")
    assert code == 2
    assert "not allowed with" in err


def test_wrong_use_is_told_without_a_survey(copies, call):
    for flags in (["--pairs", "0"], ["--pairs", "many"], ["--patch", "5"]):
        code, _, err = call("survey", copies, *flags)
        assert code == 2
        assert "allowed is a whole number from" in err
    assert not (copies / IN_FOLDER).exists()


def test_a_file_that_is_no_survey_is_told_in_one_line(copies, tmp_path, call):
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    code, _, err = call("survey", copies, "--file", file, *FLAGS)
    assert code == 1
    assert "notes.txt: not a survey" in err
    assert file.read_text() == "mine"


def test_a_set_that_one_image_carries_is_told_with_what_evens_it_out(tmp_path, call):
    from tests.photos import crop, save

    for number in range(4):
        save(crop("motorcycle", 100 + 20 * number, 150, 60, 60), tmp_path / f"small{number}.png")
    save(crop("motorcycle", 100, 150, 281, 230), tmp_path / "large.png")
    whole = ("survey", tmp_path, *FLAGS, "--crop", "whole", "--min-keypoints", "1")
    found = json.loads(call(*whole, "--json")[1])
    told, pairs = found["uneven"], {one["image"]: one["pairs"] for one in found["by_image"]}
    assert told["images"] == ["large.png"]
    assert told["share"] == pytest.approx(pairs["large.png"] / found["pairs"], abs=1e-3)
    most = told["max_per_image"]
    assert told["pairs"] == sum(min(most, kept) for kept in pairs.values())
    out = " ".join(call(*whole)[1].split())
    assert "large.png gives" in out
    assert f"--max-per-image {most} would even that out" in out
    # What it names does what it says.
    code, exported, _ = call(
        "export", tmp_path, *FLAGS, "--crop", "whole", "--min-keypoints", "1", "--json",
        "--max-per-image", most, "--out", tmp_path / "out",
    )  # fmt: skip
    assert code == 0
    assert json.loads(exported)["pairs"] == told["pairs"]
