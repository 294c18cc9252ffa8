"""``srviewer survey`` as a person types it."""

from __future__ import annotations

import json

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

    again = json.loads(call("survey", copies, *FLAGS, "--json", "--texture", "canny")[1])
    assert (again["surveyed"], again["already_done"]) == (0, 6)
    assert again["threshold"] == {"key": "min_edge_density", "value": 0.05}
    assert "suggestion" not in again


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
