from __future__ import annotations

from dataclasses import replace

import pytest

from srviewer.errors import ExportError
from srviewer.export.manifest import (
    JOURNAL,
    Row,
    csv_text,
    fingerprint_in,
    journal_text,
    meta_text,
    write_text,
)
from srviewer.export.row_log import RowLog, stream_rows, write_rows
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


@pytest.mark.parametrize(
    "name",
    [
        "a.png",
        "with, comma.png",
        'with "quotes".png',
        "写真 ñ.png",
        "line\nbreak.png",
        "re\rturn.png",
    ],
)
def test_rows_survive_the_file(tmp_path, name):
    rows = [row(name, x) for x in (0, 14)]
    write_rows(tmp_path / "manifest.csv", [rows])
    assert list(stream_rows(tmp_path / "manifest.csv")) == rows


def test_a_name_that_is_no_unicode_survives_the_file(tmp_path):
    rows = [row("caf\udce9.png")]
    write_rows(tmp_path / "manifest.csv", [rows])
    assert b"caf\xe9.png" in (tmp_path / "manifest.csv").read_bytes()
    assert list(stream_rows(tmp_path / "manifest.csv")) == rows


def test_a_torn_last_line_is_left_out(tmp_path):
    text = csv_text([row(), row(x=14)])
    (tmp_path / "journal").write_text(text[:-40])
    assert list(stream_rows(tmp_path / "journal")) == [row()]


def test_the_manifest_has_a_line_of_names_on_top(tmp_path):
    write_rows(tmp_path / "manifest.csv", [])
    assert (tmp_path / "manifest.csv").read_text() == ",".join(COLUMNS) + "\n"


def test_the_last_entry_of_the_journal_counts(tmp_path):
    write_rows(tmp_path / "manifest.csv", [[row("a.png")], [row("b.png"), row("b.png", 14)]])
    entries = [("b.png", [row("b.png", 28)]), ("c.png", []), ("c.png", [row("c.png", 14)])]
    text = "".join(journal_text(*entry) for entry in entries)
    (tmp_path / JOURNAL).write_text(text + journal_text("d.png", [row("d.png")])[:-5])
    log = RowLog(tmp_path)
    expected = {
        "a.png": [row("a.png")],
        "b.png": [row("b.png", 28)],
        "c.png": [row("c.png", 14)],
        "d.png": [],
    }
    assert {image: log[image] for image in log} == expected
    assert log.noted == {"b.png", "c.png", "d.png"}
    log.begin()  # which writes the journal anew
    log.add("e.png", journal_text("e.png", [row("e.png"), row("e.png", 14)]), 2)
    log.add("b.png", journal_text("b.png", []), 0)
    log.close()
    expected |= {"b.png": [], "e.png": [row("e.png"), row("e.png", 14)]}
    for found in (log, RowLog(tmp_path)):
        assert {image: found[image] for image in found} == expected
        assert {image: found.count(image) for image in found} == {
            image: len(rows) for image, rows in expected.items()
        }


def test_rows_that_are_there_twice_count_once(tmp_path):
    rows = [row("a.png"), row("a.png", 14)]
    write_rows(tmp_path / "manifest.csv", [rows, rows[:1], [row("b.png")], rows[1:]])
    log = RowLog(tmp_path)
    assert (log["a.png"], log.count("a.png"), log.count("b.png")) == (rows, 2, 1)
    log.noted.add("a.png")
    log.begin()
    log.close()
    assert (log["a.png"], log.count("a.png")) == (rows, 2)


def test_a_manifest_that_a_spreadsheet_has_saved(tmp_path):
    rows = [row("a.png"), row("b.png")]
    text = csv_text([COLUMNS, *rows]).replace("\n", "\r\n")
    (tmp_path / "manifest.csv").write_bytes(text.encode("utf-8-sig"))
    log = RowLog(tmp_path)
    assert [log[image] for image in log] == [[one] for one in rows]


@pytest.mark.parametrize(("changes", "message"), [
    ({"y": "60.0"}, "a.png: y = '60.0': allowed is a whole number"),
    ({"hr": "/etc/passwd"}, "'/etc/passwd': allowed is a place within the data set"),
    ({"lr": "lr/../../a.bmp"}, "'lr/../../a.bmp': allowed is a place within the data set"),
])  # fmt: skip
def test_a_manifest_with_a_wrong_value(tmp_path, changes, message):
    write_rows(tmp_path / "manifest.csv", [[row()._replace(**changes)]])
    with pytest.raises(ExportError, match=f"manifest.csv: {message}"):
        RowLog(tmp_path)


def test_a_missing_manifest_has_no_rows(tmp_path):
    assert list(stream_rows(tmp_path / "manifest.csv")) == []


def test_a_manifest_that_cannot_be_read(tmp_path):
    (tmp_path / "manifest.csv").mkdir()
    with pytest.raises(ExportError, match=r"manifest\.csv: not a manifest that can be read"):
        list(stream_rows(tmp_path / "manifest.csv"))


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
    write_text(tmp_path / "a.csv", csv_text([row()]))
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
