"""`srviewer snapshot`: the real window as a picture."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srviewer.cli import main
from srviewer.commands.snapshot import VIEWS
from srviewer.gui import snapshot
from srviewer.gui.snapshot import wait_for_analysis

SIZE = (1000, 640)


def take(image: Path, out: Path, *flags: str) -> np.ndarray:
    """Return the snapshot as RGB."""
    assert main(["snapshot", str(image), str(out), *flags]) == 0
    with Image.open(out) as opened:
        assert opened.format == "PNG"
        return np.asarray(opened.convert("RGB"))


def test_each_stage_is_a_picture_of_the_asked_size_and_of_its_own(
    photo_path: Path, tmp_path: Path
) -> None:
    size = "{}x{}".format(*SIZE)
    pictures = {
        stage: take(photo_path, tmp_path / f"{stage}.png", "--size", size, "--stage", stage)
        for stage in VIEWS
    }
    assert {picture.shape for picture in pictures.values()} == {(SIZE[1], SIZE[0], 3)}
    assert len({picture.tobytes() for picture in pictures.values()}) == len(VIEWS)
    assert sorted(path.name for path in tmp_path.glob("*.part")) == []
    assert sorted(path.name for path in tmp_path.glob(".*.part")) == []


@pytest.mark.parametrize("size", ["320x240", "700x1200", "1440x900"])
def test_the_picture_has_the_asked_size(photo_path: Path, tmp_path: Path, size: str) -> None:
    shown = take(photo_path, tmp_path / "window.png", "--size", size)
    assert "{}x{}".format(*shown.shape[1::-1]) == size


def test_a_given_pair_is_shown_at_its_own_scale_unless_one_is_set(
    photo_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Image.open(photo_path) as opened:
        width, height = (side // 2 for side in opened.size)
        lr = opened.convert("RGB").resize((width, height))
    lr.save(tmp_path / "lr.png")
    flags = ("--lr", str(tmp_path / "lr.png"), "--stage", "pair")
    made = take(photo_path, tmp_path / "made.png", "--scale", "2", "--stage", "pair")
    given = take(photo_path, tmp_path / "given.png", *flags)
    assert (made != given).any()
    argv = ["snapshot", str(photo_path), str(tmp_path / "no.png"), *flags, "--scale", "3"]
    assert main(argv) == 1
    assert "scale 2 fits" in capsys.readouterr().err


def test_without_flags_it_shows_the_patches_at_1440_x_900(photo_path: Path, tmp_path: Path) -> None:
    plain = take(photo_path, tmp_path / "plain.png")
    named = take(photo_path, tmp_path / "named.png", "--size", "1440x900", "--stage", "patches")
    assert plain.shape == (900, 1440, 3)
    assert (plain == named).mean() > 0.99  # the times that stages took may be on screen


def test_the_recipe_is_the_one_that_was_given(photo_path: Path, tmp_path: Path) -> None:
    plain = take(photo_path, tmp_path / "plain.png")
    other = take(photo_path, tmp_path / "other.png", "--min-keypoints", "3")
    assert (plain != other).any(axis=-1).sum() > 500


def test_the_image_itself_is_in_the_picture(photo_path: Path, tmp_path: Path) -> None:
    shown = take(photo_path, tmp_path / "window.png", "--stage", "source")
    with Image.open(photo_path) as opened:
        image = np.asarray(opened.convert("RGB")).astype(float)
    middle = shown[300:700, 300:900].astype(float)
    assert middle.std() > image.std() / 3
    dark = take(photo_path, tmp_path / "pair.png", "--stage", "pair")
    assert (dark != shown).any(axis=-1).mean() > 0.05


def test_a_bad_image_fails_with_its_cause_and_no_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    out = tmp_path / "out.png"
    assert main(["snapshot", str(bad), str(out)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("srviewer: ")
    assert error.count(str(bad)) == 1
    assert "not an image" in error
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["bad.png"]


@pytest.mark.parametrize("name", ["missing.png", "small.png"])
def test_an_image_that_cannot_be_used_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    Image.new("RGB", (20, 600)).save(tmp_path / "small.png")
    assert main(["snapshot", str(tmp_path / name), str(tmp_path / "out.png")]) == 1
    assert str(tmp_path / name) in capsys.readouterr().err
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize("name", ["out.jpg", "out", "out.png.bmp"])
def test_another_ending_than_png_is_refused(
    photo_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    out = tmp_path / name
    assert main(["snapshot", str(photo_path), str(out)]) in (1, 2)
    assert ".png" in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_that_is_not_there_is_named(
    photo_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "missing" / "out.png"
    assert main(["snapshot", str(photo_path), str(out)]) == 1
    assert str(out) in capsys.readouterr().err


@pytest.mark.parametrize(
    "flags",
    [
        ["--size", "0x0"],
        ["--size", "large"],
        ["--size", "100x100"],
        ["--size", "99999x900"],
        ["--size", "-5x900"],
        ["--stage", "everything"],
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_2(
    photo_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    out = tmp_path / "out.png"
    with pytest.raises(SystemExit) as left:
        main(["snapshot", str(photo_path), str(out), *flags])
    assert left.value.code == 2
    assert flags[0] in capsys.readouterr().err
    assert not out.exists()


def test_a_value_that_is_not_allowed_ends_with_2(
    photo_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["snapshot", str(photo_path), str(tmp_path / "o.png"), "--patch", "3"]) == 2
    assert "patch = 3" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="signals are others there")
def test_ctrl_c_ends_it_while_the_image_is_analysed(photo_path, tmp_path, monkeypatch, capsys):
    def analyse_and_ask(*words: object, **how: object) -> None:
        monkeypatch.undo()
        os.kill(os.getpid(), signal.SIGINT)
        wait_for_analysis(*words, **how)

    monkeypatch.setattr(snapshot, "wait_for_analysis", analyse_and_ask)
    assert main(["snapshot", str(photo_path), str(tmp_path / "out.png")]) == 130
    assert capsys.readouterr().err == "srviewer: interrupted\n"
    assert not (tmp_path / "out.png").exists()
