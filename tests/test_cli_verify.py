"""``srviewer verify`` and ``srviewer reproduce`` as people call them."""

import json
import re
import shutil
from pathlib import Path

import pytest

from srviewer.commands.verify import print_first
from srviewer.export.container_store import PACKING
from srviewer.export.runner import export
from tests.export.helpers import RECIPE, rows_of, tree
from tests.photos import crop, save


@pytest.fixture(scope="module")
def photographs(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    save(crop("motorcycle", 100, 150, 180, 170), folder / "motor.png")
    save(crop("grass", 0, 0, 120, 120), folder / "sub" / "grass.png")
    return folder


@pytest.fixture
def out(photographs, tmp_path) -> Path:
    assert export([photographs], tmp_path / "out", RECIPE, jobs=1).failures == ()
    return tmp_path / "out"


def test_nothing_is_wrong(call, out, photographs):
    count = len(rows_of(out))
    code, text, err = call("verify", out, "--jobs", 1)
    assert code == 0
    assert f"{count} pairs of 2 images, png" in text
    assert f"checked: {count} pairs: PSNR and SSIM computed again from HR and LR" in text
    assert "nothing is wrong" in text
    assert "give --images" in text
    assert f"{count}/{count} pairs" in err
    code, text, _ = call("verify", out, "--images", photographs, "--jobs", 1)
    assert code == 0
    assert f"{count} pairs: row, HR and LR compared with what the export makes of" in text
    assert "give --images" not in text
    assert "not checked" not in text
    code, text, _ = call("verify", out, "--images", photographs / "motor.png", "--jobs", 1)
    assert (code, "1 image is not among those given" in text) == (0, True)
    assert "give --images" not in text  # they were
    (out / "checksums.sha256").unlink()
    code, text, _ = call("verify", out, "--jobs", 1)
    assert code == 1
    assert "checksums.sha256: no such file, though all exports write it" in text
    assert "changes of pixels: this data set has no checksums" in text
    assert "give --images" in text


def test_what_is_wrong_is_listed(call, out):
    rows = rows_of(out)
    assert len(rows) > 24
    for row in rows[:24]:
        (out / row["hr"]).unlink()
    (out / rows[-1]["lr"]).write_bytes(b"BM")
    code, text, _ = call("verify", out, "--jobs", 1)
    assert code == 1
    lines = text.splitlines()
    assert lines[0] == "missing: 24"
    assert lines[1] == f"  {rows[0]['hr']}: no such file"
    assert lines[21] == "  and 4 more"
    assert lines[22] == "unreadable: 1"
    assert "wrong: 25 things" in text
    code, text, _ = call("verify", out, "--jobs", 1, "--json")
    assert code == 1
    told = json.loads(text)
    assert told["checked"]["readable and of the right size"] == len(rows) - 25
    assert (told["wrong"], told["pairs"]) == (25, len(rows))
    assert told["wrong_by_kind"] == {"missing": 24, "unreadable": 1}
    assert [one["name"] for one in told["findings"][:24]] == [row["hr"] for row in rows[:24]]
    assert set(told["findings"][0]) == {"kind", "name", "what", "expected", "found"}


def test_an_export_that_is_not_finished(call, out):
    (out / PACKING).mkdir()
    code, text, _ = call("verify", out)
    assert code == 1
    assert "the same export once more does what is missing" in text


@pytest.mark.parametrize("command", ["verify", "reproduce"])
def test_wrong_use(call, out, tmp_path, command, photographs):
    more = (photographs,) if command == "reproduce" else ()
    code, _, err = call(command, tmp_path / "nowhere", *more)
    assert (code, "no such folder" in err) == (2, True)
    code, _, err = call(command, photographs, *more)
    assert (code, "not a data set of srviewer" in err) == (4, True)
    flag = ("--images",) if command == "verify" else ()
    code, _, err = call(command, out, *flag, tmp_path / "nowhere.png")
    assert (code, "no such image or folder" in err) == (2, True)
    assert call(command)[0] == 2
    assert call(command, out, *more, "--jobs", "0")[0] == 2


def test_reproduced(call, out, photographs, tmp_path):
    count = len(rows_of(out))
    code, text, err = call("reproduce", out, photographs, "--jobs", 1)
    assert code == 0
    assert f"{out}: {count} pairs of 2 images made again" in text
    assert ("comparing file by file" in err, "look changed" in err) == (True, False)
    assert "every byte is the same" in text
    code, text, _ = call("reproduce", out, photographs, "--jobs", 1, "--keep", tmp_path / "kept")
    assert code == 0
    assert tree(tmp_path / "kept") == tree(out)


def test_one_of_each_is_no_plural(call, tmp_path):
    folder, other, out = tmp_path / "in", tmp_path / "other", tmp_path / "out"
    save(crop("motorcycle", 100, 150, 36, 36), folder / "a.png")
    save(crop("grass", 0, 0, 36, 36), other / "a.png")
    another = save(crop("grass", 0, 0, 36, 36), tmp_path / "b.png")
    choice = ("--preset", "v1", "--jobs", 1)
    told = {
        words: call(*command)[1:]
        for words, command in {
            "1 pair  ": ("export", folder, "--out", out, *choice),
            "data set": ("export", folder, "--out", out, *choice),
            "checked: 1 pair: readable": ("verify", out, "--jobs", 1),
            "checked: 1 pair: row": ("verify", out, "--images", folder, "--jobs", 1),
            "1 image is not among": ("verify", out, "--images", another, "--jobs", 1),
            "1 pair of 1 image made again": ("reproduce", out, folder, "--jobs", 1),
            "1 image is missing or has changed": ("reproduce", out, other, "--jobs", 1),
            "1 window": ("survey", folder, "--file", tmp_path / "a.sqlite", *choice),
        }.items()
    }
    one_as_many = re.compile(r"(?<![\d.,/])1 (image|pair|window|file|keypoint|matche)s\b(?!/)")
    for words, texts in told.items():
        assert words in "".join(texts)
        assert not one_as_many.search("".join(texts)), texts


def test_not_reproduced(call, out, photographs, tmp_path):
    folder = Path(shutil.copytree(photographs, tmp_path / "in"))
    save(crop("motorcycle", 101, 150, 180, 170), folder / "motor.png")
    code, text, err = call("reproduce", out, folder, "--jobs", 1)
    assert code == 1
    assert f"note: {folder / 'motor.png'}: has changed since" in err
    assert "not the same" in text
    assert "a likely cause: 1 image is missing or has changed" in text
    code, text, _ = call("reproduce", out, folder, "--jobs", 1, "--json")
    assert code == 1
    told = json.loads(text)
    assert told["same"] is False
    assert "meta/motor.txt" in {one["name"] for one in told["differences"]}
    assert len(told["images_missing_or_changed"]) == 1


@pytest.mark.parametrize(("count", "last"), [(20, "  line 19"), (1234, "  and 1,214 more pairs")])
def test_of_many_lines_the_first_are_printed_and_the_others_counted(capsys, count, last):
    print_first((f"line {number}" for number in range(count)), count, " pairs")
    printed = capsys.readouterr().out.splitlines()
    assert printed[:20] == [f"  line {number}" for number in range(20)]
    assert printed[-1] == last
    assert len(printed) == 20 + (count > 20)


WRONG = [
    ("recipe.toml", "scale = 1\n", "scale = 1: allowed is a whole number from 2 to"),
    ("recipe.toml", "scale\n", "not a TOML file"),
    ("recipe.toml", "scales = 4\n", "scales"),
    ("export.toml", 'format = "gif"\n', "format = 'gif': allowed is one of png,"),
    ("export.toml", 'format = "png"\nmax_per_image = 0\n', "max_per_image = 0: allowed is a whole"),
    ("export.toml", 'format = "png"\nshard_size = 9\n', "shard_size = 9: allowed with format webd"),
]


@pytest.mark.parametrize(("name", "text", "words"), WRONG)
def test_wrong_settings_in_a_data_set_are_its_fault_and_no_wrong_use(
    call, out, photographs, name, text, words
):
    (out / name).write_text(text)
    before = tree(out)
    commands = {
        "verify": ("verify", out, "--jobs", 1),
        "reproduce": ("reproduce", out, photographs, "--jobs", 1),
        "export": ("export", photographs, "--out", out, "--jobs", 1),
        "overwrite": ("export", photographs, "--out", out, "--jobs", 1, "--overwrite"),
    }
    for command, line in commands.items():
        code, told, complaint = call(*line)
        assert code == 1, command
        assert name in told + complaint
        assert words in told + complaint
        assert command == "verify" or f"{out / name}: " in complaint
    assert tree(out) == before


def test_a_resizer_of_a_data_set_that_is_not_installed_is_no_wrong_use(
    call, out, photographs, monkeypatch
):
    text = (out / "recipe.toml").read_text()
    text = text.replace('resizer = "pil"', 'resizer = "torch"')
    (out / "recipe.toml").write_text(text)
    monkeypatch.setattr("srviewer.pipeline.resizing.has_torch", lambda: False)
    for line in (("verify", out), ("reproduce", out, photographs)):
        code, _, complaint = call(*line)
        assert code == 1
        assert f"{out / 'recipe.toml'}: resizer = 'torch': torch is not installed" in complaint
