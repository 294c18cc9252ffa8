import sys
import tomllib
from types import ModuleType

import pytest

from srviewer.cli import main
from srviewer.errors import ExportError, OptionError
from srviewer.export.options import (
    FORMATS,
    HELP,
    OPTIONS,
    Options,
    export_toml,
    install_line,
    read_record,
    recorded,
    resolve,
)
from srviewer.pipeline.recipe import Recipe
from tests.export.helpers import rows_of
from tests.photos import crop, save

WRONG = [
    ("shard_size", "0", "shard_size = 0: allowed is a whole number from 1 to 1000000"),
    ("max_per_image", "0", "max_per_image = 0: allowed is a whole number from 1 to"),
    ("max_per_image", "2.5", "max_per_image = '2.5': allowed is a whole number from 1 to"),
    ("max_pairs", "-1", "max_pairs = -1: allowed is a whole number from 1 to"),
    ("max_pairs", "many", "max_pairs = 'many': allowed is a whole number from 1 to"),
    ("validation_share", "1", "validation_share = 1.0: allowed is a number from 0"),
    ("validation_share", "nan", "validation_share = nan: allowed is a number from 0"),
    ("validation_share", "10%", "validation_share = '10%': allowed is a number from 0"),
    ("seed", "-1", "seed = -1: allowed is a whole number from 0 to 4294967295"),
    ("channels", "bgr", "channels = 'bgr': allowed is one of rgb, y"),
    ("label_border", "-1", "label_border = -1: allowed is a whole number from 0 to 1024"),
]


@pytest.mark.parametrize(("key", "text", "message"), WRONG)
def test_wrong_values_name_key_value_and_what_is_allowed(key, text, message):
    with pytest.raises(OptionError) as caught:
        Options(**{key: OPTIONS[key].from_text(text)})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("value", [True, "3", 1.0])
def test_numbers_are_whole_numbers(value):
    with pytest.raises(OptionError):
        Options(max_pairs=value)


@pytest.mark.parametrize(
    ("format", "options", "message"),
    [
        ("jpg", {}, "format = 'jpg': allowed is one of png, bmp"),
        (
            "png",
            {"shard_size": 5},
            "shard_size = 5: allowed with format webdataset or parquet only",
        ),
        ("lmdb", {"channels": "y"}, "channels = 'y': allowed with format hdf5 or srcnn-hdf5"),
        ("hdf5", {"label_border": 6}, "label_border = 6: allowed with format srcnn-hdf5 only"),
        ("srcnn-hdf5", {"label_border": 17}, "label_border = 17: .* from 0 to 16 with patch = 33"),
    ],
)
def test_options_of_other_formats_are_refused(format, options, message):
    with pytest.raises(OptionError, match=message):
        resolve(format, Options(**options), Recipe())


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_recorded_is_read_again(tmp_path, format):
    path = tmp_path / "export.toml"
    for options in (Options(), Options(max_pairs=3, validation_share=0.25, seed=9)):
        found = resolve(format, options, Recipe())
        path.write_text(export_toml(format, found, {"OpenCV": "4.9"}))
        assert read_record(path) == (format, found, {"OpenCV": "4.9"}, False)
        path.write_text(export_toml(format, found, {"OpenCV": "4.9"}, given=True))
        assert read_record(path) == (format, found, {"OpenCV": "4.9"}, True)
        path.write_text(export_toml(format, found, {}))
        assert "made_with" not in tomllib.loads(path.read_text())
        assert read_record(path) == (format, found, {}, False)


def test_a_seed_without_a_split_makes_no_difference():
    assert recorded("png", Options(seed=3)) == recorded("png", Options()) == {"format": "png"}


@pytest.mark.parametrize(
    "text",
    [
        *(b"format = ", b'format = "jpg"', b"", b"\xff", b'format = "bmp"\nspeed = 3'),
        *(b'format = ["bmp"]', b"a = " + b"[" * 900, b"a" + b".a" * 30_000 + b" = 1"),
        b'format = "bmp"\nseed = ' + b"9" * 5000,
        b'format = "bmp"\nmax_pairs = 0x' + b"f" * 5000,
        b'format = "bmp"\n' + b"x" * 60_000 + b" = 1",
        b'lr = "made"\nformat = "bmp"',
    ],
    ids=lambda text: repr(text[:20]),
)
def test_a_broken_record_is_told(tmp_path, text):
    (tmp_path / "export.toml").write_bytes(text)
    with pytest.raises(ExportError, match=r"export\.toml: ") as caught:
        read_record(tmp_path / "export.toml")
    assert len(caught.value.sentence) < 250


@pytest.mark.parametrize(
    ("made_with", "found"),
    [
        ("made_with = 5", {}),
        ('[made_with]\nOpenCV = "4.9"', {"OpenCV": "4.9"}),
        ("[made_with]\nx = 0x" + "f" * 5000, {"x": "<int>"}),
        (f'[made_with]\nx = "{"y" * 5000}"', {"x": "y" * 76 + " ..."}),
    ],
    ids=["none", "text", "number", "long"],
)
def test_versions_are_texts_whatever_stands_there(tmp_path, made_with, found):
    (tmp_path / "export.toml").write_text(f'format = "bmp"\n{made_with}\n')
    assert read_record(tmp_path / "export.toml").made_with == found


def test_what_is_installed_needs_no_line(monkeypatch):
    assert all(install_line(name) is None for name in FORMATS)
    monkeypatch.setitem(sys.modules, "h5py", None)
    assert install_line("hdf5") == install_line("srcnn-hdf5") == "pip install 'srviewer[hdf5]'"
    assert install_line("lmdb") is None
    monkeypatch.setitem(sys.modules, "lmdb", ModuleType("lmdb"))  # of which nothing is known
    assert install_line("lmdb") == "pip install 'srviewer[lmdb]'"


@pytest.mark.parametrize(("patch", "most"), [(32, 15), (33, 16)])
def test_something_is_left_of_a_label(patch, most):
    recipe = Recipe(patch=patch)
    assert resolve("srcnn-hdf5", Options(label_border=most), recipe).label_border == most
    with pytest.raises(OptionError, match=f"from 0 to {most} with patch = {patch}"):
        resolve("srcnn-hdf5", Options(label_border=most + 1), recipe)


# The command line


@pytest.mark.parametrize(("key", "text", "message"), WRONG)
def test_wrong_flags_are_wrong_use(capsys, tmp_path, key, text, message):
    flag = "--" + key.replace("_", "-")
    argv = ["export", "a.png", "--out", str(tmp_path / "out"), f"{flag}={text}"]
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"srviewer: {message}")
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_flag_of_another_format_is_wrong_use(capsys, tmp_path):
    argv = ["export", "a.png", "--out", str(tmp_path / "out"), "--shard-size", "5"]
    assert main(argv) == 2
    assert (
        "shard_size = 5: allowed with format webdataset or parquet only" in capsys.readouterr().err
    )
    assert not (tmp_path / "out").exists()


def test_the_help_tells_every_format(capsys):
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    words = "".join(capsys.readouterr().out.split())
    for name, told in HELP.items():
        assert f"{name}:{told}".replace(" ", "") in words


@pytest.mark.parametrize("format", FORMATS[4:])
def test_flags_reach_the_export(capsys, tmp_path, format):
    source = save(crop("motorcycle", 100, 150, 120, 130), tmp_path / "motor.png")
    argv = ["export", str(source), "--out", str(tmp_path / "out"), "--format", format]
    flags = ["--crop", "whole", "--min-keypoints", "8", "--stride", "20", "--max-pairs", "6"]
    assert main([*argv, *flags, "--jobs", "1"]) == 0
    out, err = capsys.readouterr()
    assert len(rows_of(tmp_path / "out")) == 6
    assert "6 pairs" in out
    assert "packing 6 pairs" in err
    record = (tmp_path / "out" / "export.toml").read_text()
    assert f'format = "{format}"' in record
    assert "max_pairs = 6" in record


def test_a_missing_package_is_told_with_the_line_that_installs_it(capsys, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "lmdb", None)
    source = save(crop("grass", 0, 0, 60, 60), tmp_path / "a.png")
    argv = ["export", str(source), "--out", str(tmp_path / "out"), "--format", "lmdb"]
    assert main(argv) == 1
    err = capsys.readouterr().err
    assert "pip install 'srviewer[lmdb]'" in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "out").exists()
