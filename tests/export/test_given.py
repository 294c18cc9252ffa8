"""Data sets of pairs whose LR was given: what they say, and that runs know both files."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srviewer.errors import ConflictError, MisplacedError, OptionError, RunError
from srviewer.export.findings import Kind
from srviewer.export.held import look
from srviewer.export.manifest import LYING
from srviewer.export.options import Options
from srviewer.export.plan import compare, plan
from srviewer.export.run_file import RUN_FILE
from srviewer.export.runner import export
from srviewer.export.verification.reproducing import reproduce
from srviewer.export.verification.verifying import verify
from srviewer.pipeline.exclusions import Excluded, Exclusions
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import pair_content
from srviewer.pipeline.resizing import resize
from srviewer.runs.inputs import GivenLR, Rooted
from srviewer.runs.marks import fingerprint
from tests.export.helpers import RECIPE, meta_of, pixels, rows_of, run, tree

PIL_BICUBIC = {"resizer": "pil", "filter": "bicubic", "quantize_after": True}


@pytest.fixture(scope="session")
def reduced(photos, tmp_path_factory) -> Path:
    """Return a folder with the LR of the photographs, as the resizer of the recipe makes them."""
    folder = tmp_path_factory.mktemp("lr")
    for path in photos.rglob("*.*"):
        rgb = pixels(path)
        height, width = (side // 4 for side in rgb.shape[:2])
        lr = resize(
            np.ascontiguousarray(rgb[: 4 * height, : 4 * width]), (width, height), **PIL_BICUBIC
        )
        target = folder / path.relative_to(photos).with_name(f"{path.stem}_LRBI_x4.png")
        target.parent.mkdir(exist_ok=True)
        Image.fromarray(lr).save(target)
    return folder


@pytest.fixture(scope="session")
def given(photos, reduced, tmp_path_factory) -> Path:
    """Return the data set of them."""
    out = tmp_path_factory.mktemp("given") / "out"
    assert run(photos, out, lr=GivenLR(reduced)).failures == ()
    return out


@pytest.fixture
def low(reduced, tmp_path) -> Path:
    """Return a copy of the LR that a test may change."""
    return Path(shutil.copytree(reduced, tmp_path / "low"))


@pytest.fixture
def mine(given, out) -> Path:
    """Return a copy of the data set that a test may change."""
    return Path(shutil.copytree(given, out))


def darken(path: Path) -> None:
    rgb = pixels(path).copy()
    rgb[:2] = 0
    when = path.stat().st_mtime_ns
    Image.fromarray(rgb).save(path)
    os.utime(path, ns=(when + 1, when + 1))


def findings(out: Path, **options) -> list[tuple[Kind, str]]:
    found = []
    verify(out, jobs=1, on_finding=found.append, **options)
    return [(one.kind, one.name) for one in found]


def test_the_same_lr_gives_the_same_patches_and_only_the_texts_tell(given, quiet) -> None:
    there, made = tree(given), tree(quiet)
    assert there.keys() == made.keys()
    differ = {name for name in there if there[name] != made[name]}
    texts = {f"meta/{stem}.txt" for stem in ("motor", "sub/grass", "sub/man")}
    assert differ == {"manifest.csv", "export.toml", "checksums.sha256", *texts}
    assert b'lr = "given"' in there["export.toml"]
    for row, old in zip(rows_of(given), rows_of(quiet), strict=True):
        verdict, *off = (row.pop(name) for name in LYING)
        assert verdict in ("aligned", "unknown")
        assert verdict == "unknown" or np.hypot(*map(float, off[:2])) < 0.1
        assert row.pop("lr_image") == f"{Path(row['image']).stem}_LRBI_x4.png"
        assert row == old
    extra = meta_of(given, "motor").keys() - meta_of(quiet, "motor").keys()
    assert extra == {"LR image", "LR sha256", "alignment of them"}


def test_nothing_is_done_again_until_either_file_changes(photos, low, out) -> None:
    run(photos, out, lr=low)
    before = tree(out)
    assert run(photos, out, lr=low).already == 3
    changed = low / "motor_LRBI_x4.png"
    os.utime(changed, (1, 1))
    reports = []
    progress = Progress(lambda *what: reports.append(what))
    assert run(photos, out, lr=low, progress=progress).already == 3
    assert ("compare", 1, 1) in reports
    darken(changed)
    with pytest.raises(ConflictError, match=r"motor\.png"):
        run(photos, out, lr=low)
    state = run(photos, out, lr=low, overwrite=True)
    assert (state.already, state.exported) == (2, 1)
    assert tree(out)["meta/motor.txt"] != before["meta/motor.txt"]
    fresh = out.with_name("fresh")
    run(photos, fresh, lr=low)
    assert tree(fresh) == tree(out)


def test_a_run_that_was_cancelled_is_continued(photos, reduced, given, out) -> None:
    progress = Progress()
    state = run(
        photos,
        out,
        lr=reduced,
        progress=progress,
        on_state=lambda state: progress.cancel.set() if state.exported else None,
    )
    assert (state.cancelled, state.exported) == (True, 1)
    assert run(photos, out, lr=reduced).already == 1
    assert tree(out) == tree(given)


def test_it_goes_on_without_its_run_file(photos, reduced, given, mine) -> None:
    (mine / RUN_FILE).unlink()
    assert run(photos, mine, lr=reduced).already == 3
    assert tree(mine) == tree(given)


def test_made_and_given_pairs_are_not_mixed(photos, reduced, mine, quiet, tmp_path) -> None:
    with pytest.raises(ConflictError, match="holds pairs whose LR were given, not made"):
        run(photos, mine)
    made = Path(shutil.copytree(quiet, tmp_path / "made"))
    with pytest.raises(ConflictError, match="holds pairs whose LR were made, not given"):
        run(photos, made, lr=reduced)
    coming = compare(look(made), [photos], lr=GivenLR(reduced))
    assert "whose LR were made, not given" in plan(look(made), coming, RECIPE).words
    pair = Rooted(photos / "motor.png", photos, reduced / "motor_LRBI_x4.png")
    with pytest.raises(RunError, match="1 pair with a given LR and 1 image whose LR is to be made"):
        run([pair, photos / "sub" / "grass.png"], tmp_path / "both")
    assert run([pair], tmp_path / "one").exported == 1


def test_the_output_is_not_among_the_lr(photos, low) -> None:
    for out in (low, low.parent, low / "sub"):
        with pytest.raises(MisplacedError):
            run(photos, out, lr=low)


def test_who_has_no_partner_fails_by_name(photos, low, out) -> None:
    (low / "motor_LRBI_x4.png").rename(low / "moter_LRBI_x4.png")
    state = run(photos, out, lr=low)
    assert state.exported == 2
    causes = {Path(one.image).name: one.cause for one in state.failures}
    assert causes == {
        "motor.png": "no LR has its name; the nearest name is moter_LRBI_x4.png",
        "moter_LRBI_x4.png": "no HR has its name; the nearest name is motor.png",
    }


def test_sizes_that_do_not_fit_fail_with_what_to_trim(photos, low, out) -> None:
    lr = low / "motor_LRBI_x4.png"
    Image.fromarray(pixels(lr)[:, :-2]).save(lr)
    (failure,) = run(photos, out, lr=low).failures
    assert failure.image == str(photos / "motor.png")
    assert failure.cause.startswith(str(lr))
    assert "HR would have to be trimmed by 9 px at the right" in failure.cause


def test_equal_hr_with_other_lr_are_no_copies(photos, reduced, tmp_path) -> None:
    high, low = tmp_path / "high", tmp_path / "low"
    for name in ("a", "b", "c"):
        for source, folder in ((photos, high), (reduced, low)):
            file = next(source.glob("motor*"))
            folder.mkdir(exist_ok=True)
            shutil.copy(file, folder / f"{name}.png")
    darken(low / "c.png")
    state = run(high, tmp_path / "out", lr=low, options=Options(duplicates="drop"))
    assert [one.name for one in (tmp_path / "out" / "meta").iterdir()] != []
    assert {one.name for one in (tmp_path / "out" / "meta").iterdir()} == {"a.txt", "c.txt"}
    assert state.notes[0] == (
        "a.png", "2 files have equal content: a.png, b.png; the others are dropped"
    )  # fmt: skip


def test_what_is_excluded_belongs_to_both_files(photos, reduced, quiet, out) -> None:
    file = photos / "motor.png"
    content = pair_content(fingerprint(file), fingerprint(reduced / "motor_LRBI_x4.png"))
    of_hr = Exclusions({fingerprint(file): Excluded(whole=True)})
    of_pair = Exclusions({content: Excluded(whole=True)})
    all_pairs = run(photos, out, lr=reduced, exclusions=of_hr).pairs
    assert not (out / "exclude.txt").exists()
    motor = len([row for row in rows_of(quiet) if row["image"] == "motor.png"])
    state = run(photos, out, lr=reduced, exclusions=of_pair, overwrite=True)
    assert state.pairs == all_pairs - motor
    assert (out / "exclude.txt").read_text().splitlines()[-1] == f"{content} image  # motor.png"


@pytest.mark.parametrize("format", ["webdataset", "hdf5"])
def test_containers_hold_given_pairs(photos, reduced, whole, out, format) -> None:
    run(photos, out, format, lr=reduced)
    there, made = tree(out), tree(whole(format))
    files = [name for name in there if name.endswith((".tar", ".h5"))]
    assert files
    assert all(there[name] == made[name] for name in files)
    assert findings(out, images=[photos], lr=reduced) == []


# Read back


def test_it_is_verified_with_and_without_the_files(photos, reduced, given) -> None:
    assert findings(given) == []
    assert findings(given, images=[photos], lr=reduced) == []
    with pytest.raises(OptionError, match="given, not made: they are needed too, with --lr"):
        findings(given, images=[photos])


def test_pairs_of_a_list_are_images_with_their_lr(photos, reduced, given) -> None:
    files = {path: path.relative_to(photos) for path in photos.rglob("*.*")}
    pairs = [
        Rooted(path, photos, reduced / name.with_name(f"{name.stem}_LRBI_x4.png"))
        for path, name in files.items()
    ]
    assert findings(given, images=pairs) == []
    assert reproduce(given, pairs, jobs=1).same


def test_another_lr_is_told(photos, low, given, quiet) -> None:
    darken(low / "motor_LRBI_x4.png")
    assert findings(given, images=[photos], lr=low) == [(Kind.SOURCE, "motor.png")]
    with pytest.raises(OptionError, match="made of HR, not given"):
        findings(quiet, images=[photos], lr=low)


def test_a_changed_name_of_lr_in_the_manifest_is_told(photos, reduced, mine) -> None:
    path = mine / "manifest.csv"
    path.write_bytes(path.read_bytes().replace(b"motor_LRBI", b"other_LRBI", 1))
    found = findings(mine, images=[photos], lr=reduced)
    assert [kind for kind, _ in found] == [Kind.MANIFEST]


def test_it_is_made_again_from_both_files(photos, reduced, low, given) -> None:
    assert reproduce(given, [photos], lr=reduced, jobs=1).same
    with pytest.raises(OptionError, match="given, not made: they are needed too"):
        reproduce(given, [photos], jobs=1)
    darken(low / "motor_LRBI_x4.png")
    done = reproduce(given, [photos], lr=low, jobs=1)
    assert not done.same
    assert "has changed since" in str(done.causes[0])
    assert "motor_LRBI_x4.png" in str(done.causes[0])


def test_pairs_by_order_are_made_again_by_order(photos, reduced, tmp_path) -> None:
    low = tmp_path / "numbers"
    low.mkdir()
    files = sorted(reduced.rglob("*.*"), key=lambda path: path.relative_to(reduced).parts)
    for number, path in enumerate(files):
        shutil.copy(path, low / f"{number}.png")
    lr = GivenLR(low, by_order=True)
    out = tmp_path / "out"
    assert export([photos], out, RECIPE, lr=lr, jobs=1).exported == 3
    assert reproduce(out, [photos], lr=lr, jobs=1).same
