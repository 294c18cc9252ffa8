from dataclasses import replace

import pytest

from srviewer.errors import ExportError
from srviewer.export.adopting import whole_rows
from srviewer.export.manifest import COLUMNS, Row, csv_text, image_text, meta_text, write_rows
from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.folders import write_text
from tests import reference
from tests.photos import as_source, crop


def row(image: str = "a.png", x: int = 0, y: int = 0) -> Row:
    hr, lr = f"hr/a_x{x:05d}_y{y:05d}.bmp", f"lr/a_x{x:05d}_y{y:05d}.bmp"
    return Row(image, hr, lr, str(x), str(y), "33", "33", "4", "12", "3", "20.1234", "0.987654")


def read_back(folder) -> list[Row]:
    return list(whole_rows(folder, Recipe()))


def test_the_columns_are_the_descriptions():
    assert ",".join(COLUMNS) == "image,hr,lr,x,y,width,height,scale,keypoints,matches,psnr,ssim"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a.png", b"a.png"),
        ("with, comma.png", b'"with, comma.png"'),
        ('with "quotes".png', b'"with ""quotes"".png"'),
        ("写真 ñ.png", "写真 ñ.png".encode()),
        ("line\nbreak.png", b'"line\nbreak.png"'),
        ("re\rturn.png", b'"re\rturn.png"'),
        ("caf\udce9.png", b"caf\xe9.png"),  # no Unicode
        ("\ufeffa.png", b"\xef\xbb\xbfa.png"),
    ],
)
def test_rows_survive_the_file(tmp_path, name, written):
    rows = [row(name, x) for x in (0, 14)]
    write_rows(tmp_path, [rows])
    assert written + b"," in (tmp_path / "manifest.csv").read_bytes()
    assert read_back(tmp_path) == rows


def test_the_manifest_has_a_line_of_names_on_top(tmp_path):
    write_rows(tmp_path, [])
    assert (tmp_path / "manifest.csv").read_text() == ",".join(COLUMNS) + "\n"


def test_a_manifest_that_a_spreadsheet_has_saved(tmp_path):
    rows = [row("a.png"), row("b.png")]
    text = csv_text([COLUMNS, *rows]).replace("\n", "\r\n")
    (tmp_path / "manifest.csv").write_bytes(text.encode("utf-8-sig"))
    assert read_back(tmp_path) == rows


def test_a_missing_manifest_has_no_rows(tmp_path):
    assert read_back(tmp_path) == []


def test_a_manifest_that_cannot_be_read(tmp_path):
    (tmp_path / "manifest.csv").mkdir()
    with pytest.raises(ExportError, match=r"manifest\.csv: cannot be read"):
        read_back(tmp_path)


def test_a_text_is_replaced_as_a_whole(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_text(tmp_path, path.name, "before\n")

    def fail(source, target):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("srviewer.runs.folders.os.replace", fail)
    with pytest.raises(OSError, match="Input/output error"):
        write_text(tmp_path, path.name, "after\n")
    assert path.read_bytes() == b"before\n"
    assert list(tmp_path.iterdir()) == [path]


def test_lines_end_in_the_same_way_on_every_system(tmp_path):
    write_text(tmp_path, "a.csv", csv_text([row()]))
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


@pytest.mark.parametrize("wrong", ["", "0" * 63, "0" * 63 + "g", "0" * 63 + "\udc80", "0" * 65])
def test_a_text_whose_checksums_are_none_is_not_an_images(wrong):
    right = "0" * 64
    assert image_text(f"image: a\nsha256: {right}\nLR sha256: {right}\nkept pairs: 3\n")
    assert image_text(f"image: a\nsha256: {wrong}\nkept pairs: 3\n") is None
    if wrong:
        text = f"image: a\nsha256: {right}\nLR sha256: {wrong}\nkept pairs: 3\n"
        assert image_text(text) is None


def test_the_text_file_tells_why_there_is_no_box():
    rgb = crop("motorcycle", 100, 150, 250, 254)
    told, _ = meta(analyse(as_source(rgb), Recipe(error_margin=0.0)))
    for box in ("HR box", "LR box"):
        assert told[box] == "none: 0 consistent matches; a box needs at least 4"
    assert (told["kept pairs"], told["mean PSNR"], told["mean SSIM"]) == ("0", "none", "none")
