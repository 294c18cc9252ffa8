from __future__ import annotations

import csv
from dataclasses import replace

import pytest

from srviewer.errors import ExportError
from srviewer.export.manifest import (
    Row,
    csv_text,
    fingerprint_in,
    manifest_text,
    meta_text,
    read_rows,
    write_text,
)
from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.recipe import Recipe
from tests import reference
from tests.photos import as_source, crop

COLUMNS = [
    "image", "hr", "lr", "x", "y", "width", "height",
    "scale", "keypoints", "matches", "psnr", "ssim",
]  # fmt: skip


def row(image: str = "a.png", x: int = 0, y: int = 0) -> Row:
    hr, lr = f"hr/a_x{x:05d}_y{y:05d}.bmp", f"lr/a_x{x:05d}_y{y:05d}.bmp"
    return Row(image, hr, lr, str(x), str(y), "33", "33", "4", "12", "3", "20.1234", "0.987654")


def test_the_columns_are_the_descriptions():
    assert list(Row._fields) == COLUMNS
    assert manifest_text([]) == ",".join(COLUMNS) + "\n"


def test_rows_are_sorted_by_image_then_line_by_line():
    rows = [row("b.png"), row("a.png", 14, 14), row("a.png", 100, 0), row("a.png", 14, 0)]
    for order in (rows, rows[::-1]):
        found = list(csv.DictReader(manifest_text(order).splitlines()))
        places = [(r["image"], r["y"], r["x"]) for r in found]
        assert places == [
            ("a.png", "0", "14"), ("a.png", "0", "100"), ("a.png", "14", "14"), ("b.png", "0", "0")
        ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["a.png", "with, comma.png", 'with "quotes".png', "写真 ñ.png", "line\nbreak.png"]
)
def test_rows_survive_the_file(tmp_path, name):
    rows = [row(name, x) for x in (0, 14)]
    write_text(tmp_path / "manifest.csv", manifest_text(rows))
    assert read_rows(tmp_path / "manifest.csv") == rows


def test_a_name_that_is_no_unicode_survives_the_file(tmp_path):
    rows = [row("caf\udce9.png")]
    write_text(tmp_path / "manifest.csv", manifest_text(rows))
    assert b"caf\xe9.png" in (tmp_path / "manifest.csv").read_bytes()
    assert read_rows(tmp_path / "manifest.csv") == rows


def test_a_torn_last_line_is_left_out(tmp_path):
    text = csv_text([row(), row(x=14)])
    (tmp_path / "journal").write_text(text[:-40])
    assert read_rows(tmp_path / "journal") == [row()]


def test_a_missing_manifest_has_no_rows(tmp_path):
    assert read_rows(tmp_path / "manifest.csv") == []


def test_a_manifest_that_cannot_be_read(tmp_path):
    (tmp_path / "manifest.csv").mkdir()
    with pytest.raises(ExportError, match=r"manifest\.csv: not a manifest that can be read"):
        read_rows(tmp_path / "manifest.csv")


def test_a_text_is_replaced_as_a_whole(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_text(path, "before\n")

    def fail(source, target):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("srviewer.export.manifest.os.replace", fail)
    with pytest.raises(OSError, match="Input/output error"):
        write_text(path, "after\n")
    assert path.read_bytes() == b"before\n"
    assert list(tmp_path.iterdir()) == [path]


def test_lines_end_in_the_same_way_on_every_system(tmp_path):
    write_text(tmp_path / "a.csv", manifest_text([row()]))
    assert b"\r" not in (tmp_path / "a.csv").read_bytes()


# The text file of an image


def meta(analysis, name="sub/a.png", mark="0" * 64) -> tuple[dict[str, str], list[str]]:
    lines = meta_text(analysis, name, mark).splitlines()
    notes = [line.removeprefix("note: ") for line in lines if line.startswith("note: ")]
    rest = [line.split(": ", 1) for line in lines if not line.startswith("note: ")]
    return dict(rest), notes


def test_the_text_file_tells_every_stage():
    rgb = crop("motorcycle", 100, 150, 250, 254)
    script = reference.run_script(rgb)
    image = replace(as_source(rgb), notes=("alpha dropped",))
    told, notes = meta(analyse(image, Recipe()))
    psnr = [pair[1] for pair in script.pairs.values()]
    ssim = [pair[2] for pair in script.pairs.values()]
    assert told == {
        "image": "sub/a.png",
        "sha256": "0" * 64,
        "size": "250 x 254 px",
        "clean size": "248 x 252 px",
        "LR size": "62 x 63 px",
        "scale": "4",
        "keypoints": f"{len(script.hr_points)} HR, {len(script.lr_points)} LR",
        "matches": str(len(script.matches)),
        "consistent matches": str(len(script.kept)),
        "HR box": " ".join(map(str, script.box)),
        "LR box": " ".join(str(side // 4) for side in script.box),
        "windows in the box": str(script.windows),
        "kept pairs": str(len(script.pairs)),
        "mean PSNR": f"{sum(psnr) / len(psnr):.4f} dB",
        "mean SSIM": f"{sum(ssim) / len(ssim):.6f}",
    }
    assert notes == ["alpha dropped", "trimmed from 250 x 254 to 248 x 252 px"]


def test_the_text_file_tells_why_there_is_no_box():
    rgb = crop("motorcycle", 100, 150, 250, 254)
    told, _ = meta(analyse(as_source(rgb), Recipe(error_margin=0.0)))
    for box in ("HR box", "LR box"):
        assert told[box] == "none: 0 consistent matches; a box needs at least 4"
    assert (told["kept pairs"], told["mean PSNR"], told["mean SSIM"]) == ("0", "none", "none")


def test_the_fingerprint_is_found_in_the_text_file(tmp_path):
    analysis = analyse(as_source(crop("grass", 0, 0, 40, 40)), Recipe())
    for name in ("a.png", "sha256: b.png", "with sha256: c.png"):
        write_text(tmp_path / "a.txt", meta_text(analysis, name, "f00d" * 16))
        assert fingerprint_in(tmp_path / "a.txt") == "f00d" * 16


def test_no_fingerprint_in_what_somebody_else_wrote(tmp_path):
    assert fingerprint_in(tmp_path / "missing.txt") is None
    (tmp_path / "notes.txt").write_text("my notes: the sha256: of a file is a fingerprint\n")
    assert fingerprint_in(tmp_path / "notes.txt") is None
    (tmp_path / "empty.txt").touch()
    assert fingerprint_in(tmp_path / "empty.txt") is None
