import csv
import json
from collections import Counter

import numpy as np
import pytest

from srviewer.cli import main
from tests.given import given_pair
from tests.photos import crop, save


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    photo = crop("astronaut", 60, 0, 264, 264)
    hr, aligned, _ = given_pair(photo, 4)
    _, shifted, _ = given_pair(photo, 4, (2, 0))
    for name, lr in (("a", aligned), ("b", shifted), ("c", np.ascontiguousarray(aligned[:, ::-1]))):
        save(hr, folder / "hr" / f"{name}.png")
        save(lr, folder / "lr" / f"{name}x4.png")
    return folder


def test_a_pair_as_json(folders, capsys):
    code = main(["align", str(folders / "hr" / "b.png"), str(folders / "lr" / "bx4.png"), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == 0  # though the pair is a bad one
    assert told["verdict"] == "shifted"
    assert told["shift"]["dx"] == pytest.approx(-0.5, abs=0.02)
    assert list(told)[:2] == ["hr", "lr"]
    assert told["lr"].endswith("bx4.png")


def test_folders_are_sorted_by_the_worst_and_counted_by_cause(folders, capsys):
    assert main(["align", str(folders / "hr"), str(folders / "lr"), "--jobs", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = [line for line in lines if ".png" in line]
    assert [word in row for word, row in zip(("c.png", "b.png", "a.png"), rows, strict=True)]
    assert "mirrored" in rows[0]
    assert "shifted" in rows[1]
    assert "aligned" in rows[2]
    assert sum("1 pair" in line for line in lines) == 3
    assert "scale" not in "".join(rows)  # they have one


def test_a_pair_of_another_scale_than_most_is_told(tmp_path, capsys):
    photo = crop("astronaut", 60, 0, 264, 264)
    for scale, name in ((2, "a"), (4, "b"), (4, "c")):
        high, low, _ = given_pair(photo, scale)
        save(high, tmp_path / "hr" / f"{name}.png")
        save(low, tmp_path / "lr" / f"{name}.png")
    assert main(["align", str(tmp_path / "hr"), str(tmp_path / "lr"), "--jobs", "1"]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if ".png" in line]
    other = [line for line in rows if "scale x2, where most have x4" in line]
    assert [line[2:7] for line in other] == ["a.png"]
    assert all("aligned" in line for line in rows)
    for side in ("hr", "lr"):
        (tmp_path / side / "c.png").unlink()
    assert main(["align", str(tmp_path / "hr"), str(tmp_path / "lr"), "--jobs", "1"]) == 0
    assert "most" not in capsys.readouterr().out  # one each


def test_how_every_window_lies_as_csv(folders, tmp_path, capsys):
    file, jobs = tmp_path / "w.csv", ["--jobs", "1"]
    sides, flags = (str(folders / "hr"), str(folders / "lr")), ["--windows", str(file), "--json"]
    assert main(["align", f"{sides[0]}/b.png", f"{sides[1]}/bx4.png", *flags]) == 0
    told = json.loads(capsys.readouterr().out)
    with open(file, newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == ["x", "y", "verdict", "dx", "dy", "u95"]
    assert Counter(row["verdict"] for row in rows) == Counter(told["windows"])
    moved = [float(row["dx"]) for row in rows if row["verdict"] == "moved"]
    assert len(moved) > len(rows) / 2
    assert np.median(moved) == pytest.approx(-0.5, abs=0.05)
    assert main(["align", *sides, *flags, *jobs]) == 0
    with open(file, newline="") as lines:
        of_all = list(csv.DictReader(lines))
    assert [row for row in of_all if row.pop("hr").endswith("b.png")] == rows
    assert main(["align", *sides, "--windows", str(tmp_path / "no" / "w.csv"), *jobs]) == 1
    assert "w.csv: No such file" in capsys.readouterr().err


def test_a_file_that_cannot_be_read(folders, tmp_path, capsys):
    assert main(["align", str(folders / "hr" / "a.png"), str(tmp_path / "none.png")]) == 1
    assert "none.png: No such file" in capsys.readouterr().err


def test_one_without_a_partner_is_told(folders, tmp_path, capsys):
    save(crop("astronaut", 0, 0, 40, 40), tmp_path / "lr" / "z.png")
    assert main(["align", str(folders / "hr"), str(tmp_path / "lr")]) == 1
    assert "z.png" in capsys.readouterr().err
