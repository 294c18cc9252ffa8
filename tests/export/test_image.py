import errno
import hashlib
import os
import platform
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from srviewer.errors import (
    Cancelled,
    ExportError,
    ImageTooSmallError,
    ReadError,
    RunStopped,
    SrviewerError,
)
from srviewer.export import image as image_module
from srviewer.export.image import Written, export_image, unfinished, vanished, write_error
from srviewer.export.manifest import Row
from srviewer.export.options import FORMATS, Options
from srviewer.export.target import Target
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.folders import part_beside
from srviewer.runs.inputs import Input
from srviewer.runs.marks import fingerprint
from tests import reference
from tests.export.helpers import RECIPE, pixels, tree
from tests.photos import crop, save


@pytest.fixture
def photo(tmp_path) -> Input:
    file = save(crop("motorcycle", 100, 150, 150, 130), tmp_path / "in" / "motor.png")
    return Input(file, "sub/motor.png", "sub/motor")


@pytest.fixture
def out(tmp_path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def rows_in(written: Written) -> list[Row]:
    return [pair.row(written.image.name, RECIPE) for pair in written.pairs]


def replace_write(monkeypatch, write) -> None:
    """Give the module an `os` of its own, so that nobody else's writes are met."""
    monkeypatch.setattr(image_module, "os", SimpleNamespace(**vars(os) | {"write": write}))


@pytest.mark.parametrize("format", FORMATS[:4])
def test_pairs_are_the_crops_of_the_photo_and_of_its_reduction(photo, out, format):
    script = reference.run_script(
        crop("motorcycle", 100, 150, 150, 130), crop="whole", min_keypoints=8, stride=RECIPE.stride
    )
    written = export_image(photo, Target(out, RECIPE, format), Progress())
    assert [(int(row.x), int(row.y)) for row in rows_in(written)] == list(script.pairs)
    assert len(rows_in(written)) > 5
    for row in rows_in(written):
        x, y = int(row.x), int(row.y)
        part = slice(y, y + 33), slice(x, x + 33)
        suffix = "tif" if format == "tiff" else format
        assert row.hr == f"hr/sub/motor_x{x:05d}_y{y:05d}.{suffix}"
        np.testing.assert_array_equal(pixels(out / row.hr), script.hr[part])
        np.testing.assert_array_equal(pixels(out / row.lr), script.upscaled[part])
    assert len(tree(out)) == 2 * len(rows_in(written))


@pytest.mark.parametrize("scale", [2, 4])
def test_the_native_layout_cuts_from_lr_itself(photo, out, scale):
    recipe = RECIPE.replace(lr_layout="native", patch=32, stride=20, scale=scale)
    script = reference.run_script(
        crop("motorcycle", 100, 150, 150, 130),
        crop="whole", min_keypoints=8, stride=20, patch=32, scale=scale,
    )  # fmt: skip
    written = export_image(photo, Target(out, recipe, "png"), Progress())
    assert [(int(row.x), int(row.y)) for row in rows_in(written)] == list(script.pairs)
    for row in rows_in(written):
        x, y = int(row.x), int(row.y)
        np.testing.assert_array_equal(pixels(out / row.hr), script.hr[y : y + 32, x : x + 32])
        low = script.lr[y // scale : (y + 32) // scale, x // scale : (x + 32) // scale]
        assert low.shape == (32 // scale, 32 // scale, 3)
        np.testing.assert_array_equal(pixels(out / row.lr), low)


def test_floats_are_rounded_half_up_only_when_written(photo, out):
    recipe = RECIPE.replace(quantize_after=False, resizer="opencv")
    import cv2

    hr = crop("motorcycle", 100, 150, 148, 128).astype(np.float32)
    lr = cv2.resize(hr, (37, 32), interpolation=cv2.INTER_CUBIC)
    upscaled = cv2.resize(lr, (148, 128), interpolation=cv2.INTER_CUBIC)
    expected = np.floor(np.clip(upscaled, 0, 255) + 0.5)
    written = export_image(photo, Target(out, recipe, "bmp"), Progress())
    assert rows_in(written)
    for row in rows_in(written):
        x, y = int(row.x), int(row.y)
        np.testing.assert_array_equal(pixels(out / row.lr), expected[y : y + 33, x : x + 33])
        exact = upscaled[y : y + 33, x : x + 33].astype(np.float64)
        whole = hr[y : y + 33, x : x + 33].astype(np.float64)
        assert float(row.psnr) == pytest.approx(reference.psnr(whole, exact), abs=6e-5)


def test_rows_hold_the_figures_of_each_pair(photo, out):
    rgb = crop("motorcycle", 100, 150, 150, 130)
    script = reference.run_script(rgb, crop="whole", min_keypoints=8, stride=RECIPE.stride)
    written = export_image(photo, Target(out, RECIPE, "bmp"), Progress())
    for row, ((x, y), (keypoints, psnr, ssim)) in zip(
        rows_in(written), script.pairs.items(), strict=True
    ):
        points = [script.hr_points[script.matches[number][0]] for number in script.kept]
        matches = sum(
            x <= np.floor(px + 0.5) < x + 33 and y <= np.floor(py + 0.5) < y + 33
            for px, py in points
        )
        assert row.image == "sub/motor.png"
        assert (row.x, row.y, row.width, row.height, row.scale) == (str(x), str(y), "33", "33", "4")
        assert (row.keypoints, row.matches) == (str(keypoints), str(matches))
        assert row.psnr == f"{psnr:.4f}"
        assert row.ssim == f"{ssim:.6f}"
    assert any(row.matches != "0" for row in rows_in(written))


def test_identical_pairs_have_infinite_psnr_in_their_row(tmp_path, out):
    flat = save(np.full((66, 66, 3), 50, np.uint8), tmp_path / "flat.png")
    recipe = RECIPE.replace(min_keypoints=0)
    written = export_image(Input(flat, "flat.png", "flat"), Target(out, recipe, "bmp"), Progress())
    assert {row.psnr for row in rows_in(written)} == {"inf"}
    assert {row.ssim for row in rows_in(written)} == {"1.000000"}


def test_an_image_without_a_box_gives_nothing_but_the_reason(photo, out):
    target = Target(out, Recipe(error_margin=0.0), "bmp")
    written = export_image(photo, target, Progress())
    assert written.pairs == ()
    assert tree(out) == {}
    assert written.notes[-1] == (
        "no box, so no pairs: 0 consistent matches; a box needs at least 4"
    )
    assert "kept pairs: 0" in written.text


def test_the_fingerprint_is_sha256(photo):
    expected = hashlib.sha256(photo.path.read_bytes()).hexdigest()
    assert fingerprint(photo.path) == expected
    with pytest.raises(ReadError, match="No such file"):
        fingerprint(photo.path.with_name("missing.png"))


def test_progress_counts_the_pairs(photo, out):
    reports = []
    progress = Progress(lambda *what: reports.append(what))
    written = export_image(photo, Target(out, RECIPE, "bmp"), progress)
    total = len(rows_in(written))
    assert [what for what in reports if what[0] == "write"] == [
        ("write", done, total) for done in range(1, total + 1)
    ]


# What fails leaves nothing


@pytest.mark.parametrize("stop_at", [1, 4])
def test_cancelled_between_pairs(photo, out, stop_at):
    progress = Progress()

    def report(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("write", stop_at):
            assert len(tree(out)) == 2 * stop_at
            progress.cancel.set()

    progress = Progress(report, progress.cancel)
    with pytest.raises(Cancelled):
        export_image(photo, Target(out, RECIPE, "bmp"), progress)
    assert tree(out) == {}


@pytest.mark.parametrize("good", [0, 1, 5])
@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, RunStopped),
        (errno.EDQUOT, RunStopped),
        (errno.EROFS, RunStopped),
        (errno.EIO, ExportError),
    ],
)
def test_a_write_that_fails(photo, out, monkeypatch, number, kind, good):
    calls = []

    def write(handle: int, data: memoryview) -> int:
        calls.append(len(data))
        if len(calls) > good:
            raise OSError(number, os.strerror(number))
        return os.write(handle, data)

    replace_write(monkeypatch, write)
    with pytest.raises(SrviewerError, match=os.strerror(number)) as caught:
        export_image(photo, Target(out, RECIPE, "bmp"), Progress())
    assert type(caught.value) is kind
    assert str(out) in str(caught.value)
    assert ("make room" in caught.value.cause) == (number in (errno.ENOSPC, errno.EDQUOT))
    assert tree(out) == {}


def test_a_file_that_cannot_be_removed_does_not_hide_why_it_was_to_be(photo, out, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def write(handle: int, data: memoryview) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    replace_write(monkeypatch, write)
    image_module.os.unlink = refuse
    with pytest.raises(RunStopped, match="No space left on device; make room"):
        export_image(photo, Target(out, RECIPE, "bmp"), Progress())


def test_a_write_that_takes_only_a_part_goes_on(photo, out, monkeypatch):
    replace_write(monkeypatch, lambda handle, data: os.write(handle, bytes(data)[:100]))
    written = export_image(photo, Target(out, RECIPE, "bmp"), Progress())
    monkeypatch.undo()
    other = out.with_name("other")
    other.mkdir()
    assert export_image(photo, Target(other, RECIPE, "bmp"), Progress()) == written
    assert tree(other) == tree(out)


def test_a_file_where_a_folder_must_be(photo, out):
    (out / "hr").write_text("in the way")
    with pytest.raises(ExportError, match="hr"):
        export_image(photo, Target(out, RECIPE, "bmp"), Progress())
    assert tree(out) == {"hr": b"in the way"}


def test_a_broken_image_is_a_read_error(tmp_path, out):
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(ReadError, match="not an image"):
        export_image(
            Input(tmp_path / "a.png", "a.png", "a"), Target(out, RECIPE, "bmp"), Progress()
        )
    save(crop("coffee", 0, 0, 20, 90), tmp_path / "thin.png")
    with pytest.raises(ImageTooSmallError, match="20 x 90"):
        export_image(
            Input(tmp_path / "thin.png", "thin.png", "thin"), Target(out, RECIPE, "bmp"), Progress()
        )
    assert tree(out) == {}


def test_want_of_memory_names_the_image(photo, out, monkeypatch):
    def fail(*args, **options):
        raise MemoryError

    monkeypatch.setattr(image_module, "analyse_file", fail)
    with pytest.raises(ReadError, match=r"motor\.png: not enough memory"):
        export_image(photo, Target(out, RECIPE, "bmp"), Progress())


def test_only_want_of_room_stops_the_others():
    path = Path("a.bmp")
    full = write_error(path, OSError(errno.ENOSPC, "No space left on device"))
    assert type(full) is RunStopped
    assert str(full).startswith("a.bmp: No space left on device; make room")
    refused = write_error(path, PermissionError(errno.EACCES, "Permission denied"))
    assert type(refused) is ExportError
    assert str(refused) == "a.bmp: Permission denied"


def test_what_a_dead_run_was_writing_is_found_in_every_folder_that_has_a_text(out):
    target = Target(out, RECIPE, "png", Options(profile="huggingface", validation_share=0.5))
    names = []
    for folder in ("", "meta", "train", "validation"):
        (out / folder).mkdir(exist_ok=True)
        names.append(Path(part_beside(out / folder / "a.txt")))
        names[-1].touch()
        (out / folder / "mine.part").touch()
    assert sorted(out / name for name in unfinished(target)) == sorted(names)


def test_a_folder_that_is_gone_is_looked_for_where_it_should_be(out):
    here = vanished(Target(out, RECIPE, "png"))
    assert "the folder has vanished" in here.sentence
    there = vanished(Target(out, RECIPE, "png", shared=True))
    assert f"no such folder on {platform.node()}; it must be there on all machines" in str(there)
    assert here.path == there.path == out
