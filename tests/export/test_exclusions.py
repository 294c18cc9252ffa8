"""Windows and images excluded by hand, in a data set."""

import hashlib
import json
import shutil

import pytest

from srviewer.errors import ConflictError, ExportError
from srviewer.export.held import look
from srviewer.export.plan import compare, plan
from srviewer.export.run_file import RUN_FILE
from srviewer.export.verification.reproducing import reproduce
from srviewer.export.verification.verifying import verify
from srviewer.pipeline.exclusions import (
    NONE,
    Excluded,
    Exclusions,
    Window,
    load_exclusions,
    to_text,
)
from srviewer.runs.marks import fingerprint
from tests.export.helpers import RECIPE, meta_of, rows_of, run, tree

MOTOR, GRASS, MAN = "motor.png", "sub/grass.png", "sub/man.bmp"


@pytest.fixture(scope="session")
def rows(quiet) -> list[dict[str, str]]:
    return rows_of(quiet)


@pytest.fixture(scope="session")
def chosen(rows, photos) -> Exclusions:
    """Return exclusions of every third pair of one image, of another one, and of a stranger."""
    places = [
        Window(int(row["x"]), int(row["y"]), int(row["width"]), int(row["scale"]))
        for row in rows
        if row["image"] == MOTOR
    ][::3]
    assert len(places) > 2
    other = frozenset([Window(0, 0, 48, 3)])
    return Exclusions(
        {
            fingerprint(photos / MOTOR): Excluded(windows=frozenset(places) | other),
            fingerprint(photos / MAN): Excluded(whole=True),
            "f" * 64: Excluded(whole=True),
        }
    )


@pytest.fixture(scope="session")
def made(photos, chosen, tmp_path_factory):
    out = tmp_path_factory.mktemp("excluded") / "out"
    state = run(photos, out, exclusions=chosen)
    assert not state.failures
    notes = [note for _, note in state.notes]
    assert "1 exclusion is of other windows: patch 48, scale 3" in notes
    return out


def test_the_pairs_are_those_of_the_set_but_for_the_excluded_ones(
    made, quiet, rows, chosen, photos
):
    mine = chosen.of(fingerprint(photos / MOTOR)).windows
    left = [
        row
        for row in rows
        if row["image"] != MAN
        and (row["image"] != MOTOR or (int(row["x"]), int(row["y"]), 33, 4) not in mine)
    ]
    assert rows_of(made) == left
    assert 0 < len(left) < len(rows)
    whole, now = tree(quiet), tree(made)
    names = [name for name in now if name.startswith(("hr/", "lr/"))]
    assert sorted(names) == sorted(row[side] for row in left for side in ("hr", "lr"))
    assert all(now[name] == whole[name] for name in names)
    gone = sum(row["image"] == MAN for row in rows)
    assert meta_of(made, "sub/man")["excluded by hand"] == str(gone)
    assert "excluded by hand" not in meta_of(made, "sub/grass")


def test_the_data_set_holds_the_exclusions_of_its_images_and_a_checksum_of_them(
    made, chosen, photos
):
    contents = [fingerprint(photos / name) for name in (MOTOR, GRASS, MAN)]
    assert load_exclusions(made / "exclude.txt") == chosen.only(contents)
    data = (made / "exclude.txt").read_bytes()
    assert b"# motor.png\n" in data
    line = f"{hashlib.sha256(data).hexdigest()}  exclude.txt"
    assert line in (made / "checksums.sha256").read_text().splitlines()


def test_it_is_verified_and_made_again_without_a_word_about_the_file(made, photos):
    assert verify(made, images=[photos], jobs=1).wrong.total() == 0
    again = reproduce(made, [photos], jobs=1)
    assert again.same
    assert again.pairs == len(rows_of(made))


def test_a_changed_list_is_found(made, photos, tmp_path):
    copy = shutil.copytree(made, tmp_path / "copy")
    text = (copy / "exclude.txt").read_text()
    (copy / "exclude.txt").write_text(text.replace("\n", "\n#\n"))
    assert [str(kind) for kind in verify(copy, jobs=1).wrong]
    (copy / "exclude.txt").write_text("nonsense\n")
    found = []
    verify(copy, jobs=1, on_finding=found.append)
    assert any("line 1, SHA-256 = 'nonsense'" in str(one) for one in found)
    with pytest.raises(ExportError, match="line 1, SHA-256 = 'nonsense'"):
        reproduce(copy, [photos], jobs=1)
    (copy / "exclude.txt").unlink()
    assert verify(copy, jobs=1).wrong.total() == 1
    assert any(one.name == "manifest.csv" for one in reproduce(copy, [photos], jobs=1).differences)


def test_the_same_exclusions_again_change_nothing(made, photos, chosen, tmp_path):
    copy = shutil.copytree(made, tmp_path / "copy")
    state = run(photos, copy, exclusions=chosen)
    assert (state.exported, state.already) == (0, 3)
    assert tree(copy) == tree(made)
    (copy / RUN_FILE).unlink()  # of a data set that was copied without it
    assert run(photos, copy, exclusions=chosen).exported == 0
    assert tree(copy) == tree(made)


WORDS = "holds pairs with other exclusions by hand"


def test_other_exclusions_are_a_conflict_in_words_and_replace_when_asked(
    made, quiet, photos, chosen, tmp_path
):
    copy = shutil.copytree(made, tmp_path / "copy")
    with pytest.raises(ConflictError, match=WORDS) as caught:
        run(photos, copy)
    mine = len(chosen.of(fingerprint(photos / MOTOR)).windows)
    told = f"({mine} windows and 1 image excluded there, not here)"
    assert told in str(caught.value)
    held = look(copy)
    coming = compare(held, [photos])
    assert told in plan(held, coming, RECIPE).replaces
    assert plan(held, coming, RECIPE, exclusions=chosen).replaces == ""
    assert tree(copy) == tree(made)
    run(photos, copy, overwrite=True)
    assert tree(copy) == tree(quiet)  # the list too is gone
    with pytest.raises(ConflictError, match="1 image excluded here, not there"):
        run(photos, copy, exclusions=chosen)
    run(photos, copy, exclusions=chosen, overwrite=True)
    assert tree(copy) == tree(made)


def test_a_list_that_a_person_lays_into_a_data_set_does_not_tell_how_its_pairs_were_made(
    quiet, photos, chosen, tmp_path
):
    copy = shutil.copytree(quiet, tmp_path / "copy")
    (copy / "exclude.txt").write_text(to_text(chosen))
    with pytest.raises(ConflictError, match=WORDS):
        run(photos, copy, exclusions=chosen)
    assert run(photos, copy).exported == 0
    assert (copy / "exclude.txt").read_text() == to_text(chosen)


def test_a_list_in_a_folder_that_is_no_data_set_is_not_written_over(photos, chosen, out):
    out.mkdir()
    (out / "exclude.txt").write_text(to_text(chosen))
    with pytest.raises(ExportError, match=r"exclude\.txt: there already"):
        run(photos, out, exclusions=chosen)
    assert (out / "exclude.txt").read_text() == to_text(chosen)


def test_images_that_come_later_bring_their_exclusions(made, photos, chosen, out):
    run(photos / MOTOR, out, exclusions=chosen.only([fingerprint(photos / MOTOR)]))
    assert load_exclusions(out / "exclude.txt") == chosen.only([fingerprint(photos / MOTOR)])
    run(photos, out, exclusions=chosen)
    assert tree(out) == tree(made)


@pytest.mark.parametrize("format", ["lmdb", "webdataset"])
def test_containers_leave_them_out_too(format, photos, chosen, made, out):
    run(photos, out, format, exclusions=chosen)
    places = [(row["image"], row["x"], row["y"]) for row in rows_of(made)]
    assert [(row["image"], row["x"], row["y"]) for row in rows_of(out)] == places
    assert verify(out, images=[photos], jobs=1).wrong.total() == 0


def test_the_command_line_takes_the_list(call, photos, chosen, made, out, tmp_path):
    file = tmp_path / "mine.txt"
    file.write_text(to_text(chosen))
    flags = ["--crop", "whole", "--min-keypoints", 8, "--stride", 27, "--exclude", file]
    code, text, err = call("inspect", photos, "--json", *flags)
    assert code == 0, err
    told = {json.loads(line)["image"]: json.loads(line)["patches"] for line in text.splitlines()}
    kept = {name: sum(row["image"] == name for row in rows_of(made)) for name in (MOTOR, MAN)}
    assert {name: told[str(photos / name)]["kept"] for name in kept} == kept
    assert told[str(photos / MAN)]["excluded"] > 0
    assert "excluded by hand" in call("inspect", photos / MAN, *flags)[1]
    code, _, err = call("export", photos, "--out", out, "--format", "bmp", "--jobs", 1, *flags)
    assert code == 0, err
    assert tree(out) == tree(made)
    code, text, _ = call("export", photos, "--out", out, "--dry-run", *flags[:-2])
    assert (code, WORDS in text) == (1, True)
    file.write_text("\nx image\n")
    for command in (["inspect", photos], ["export", photos, "--out", out]):
        code, _, err = call(*command, "--exclude", file)
        assert (code, "line 2, SHA-256 = 'x': allowed is 64 digits" in err) == (2, True)
    assert load_exclusions(out / "exclude.txt") != NONE
