"""What an export would find and do: told before it begins, held against what it then does."""

import errno
import json
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from srviewer.errors import Cancelled, ConflictError, Keyed, MisplacedError, RunError
from srviewer.export import held as held_module
from srviewer.export import plan as plan_module
from srviewer.export.export_run import ExportState
from srviewer.export.held import look
from srviewer.export.messages import outcome
from srviewer.export.options import Options
from srviewer.export.plan import (
    Plan,
    compare,
    expected_for_validation,
    expected_pairs,
    known_of,
    plan,
    stays,
)
from srviewer.export.run_file import RUN_FILE, RunFile
from srviewer.export.runner import export
from srviewer.export.sample import SAMPLE
from srviewer.export.selecting import validation_images
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.marks import fingerprint
from tests.conftest import REPOSITORY
from tests.export.helpers import tree
from tests.photos import crop, save

QUICK = Recipe(crop="whole", keypoint_scope="image", min_keypoints=2, stride=30)
SAMPLE_FILE = REPOSITORY / "assets" / "sample.png"


@pytest.fixture
def album(tmp_path: Path) -> list[Path]:
    return [
        save(crop(name, 0, 0, 130, 120), tmp_path / "album" / f"{name}.png")
        for name in ("astronaut", "brick", "coffee")
    ]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def planned(out: Path, images: list[Path], recipe: Recipe = QUICK, **more) -> Plan:
    """Return the plan, which must leave the folder as it is."""
    before = tree(out) if out.is_dir() else None
    held = look(out)
    found = plan(held, compare(held, images), recipe, **more)
    assert (tree(out) if out.is_dir() else None) == before
    return found


def done(out: Path, images: list[Path], recipe: Recipe = QUICK, **more) -> ExportState:
    return export(images, out, recipe, jobs=1, **more)


def test_a_new_and_an_empty_folder(out, album):
    assert planned(out, album).words == "A new folder; 3 images to come."
    assert not out.exists()
    out.mkdir()
    assert planned(out, album[:1]).words == "An empty folder; 1 image to come."
    assert not planned(out, album).warns
    drop = Options(duplicates="drop")
    assert planned(out, album, options=drop).words == "An empty folder; at most 3 images to come."


def test_what_is_there_and_what_is_added_is_what_the_export_finds(out, album):
    first = done(out, album[:2])
    found = planned(out, album)
    assert (found.coming.kept, found.coming.new, found.coming.changed) == (2, 1, 0)
    assert found.words == f"{first.pairs:,} pairs of 2 images of this recipe; 1 more image to come."
    state = done(out, album)
    assert (state.already, state.exported) == (2, 1)
    found = planned(out, album)
    assert found.words == f"{state.in_set:,} pairs of 3 images of this recipe; nothing is missing."
    assert found.is_done
    assert not found.warns
    assert not planned(out, album[:1], QUICK.replace(stride=31)).is_done
    assert found.worded({}, "More.") == f"{found.words} More."
    unusual = replace(found, unusual=Keyed("set patch = 9", "patch"))
    assert unusual.worded({"patch": "Patch"}, "More.") == f"{found.words} More. Set Patch = 9."
    assert unusual.warns


def test_a_folder_in_which_an_export_was_stopped_at_once_holds_no_pairs_yet(out, album):
    cancel = threading.Event()

    def stop(stage: str, done: int, total: int) -> None:
        if stage not in ("list", "compare"):  # the first image is begun
            cancel.set()

    state = done(out, album, progress=Progress(stop, cancel))
    assert (state.cancelled, state.pairs) == (True, 0)
    assert planned(out, album).words.startswith("No pairs yet of this recipe")
    begun = "What was begun there would be replaced, if you say so"
    assert planned(out, album, format="bmp").words.startswith(begun)
    assert outcome(state) == "cancelled before an image was done"


@pytest.mark.parametrize("without", [(), (RUN_FILE,), ("recipe.toml", "export.toml")])
def test_data_sets_without_some_of_their_files(out, album, without):
    first = done(out, album[:2])
    for name in without:
        (out / name).unlink()
    found = planned(out, album)
    assert found.words == f"{first.pairs:,} pairs of 2 images of this recipe; 1 more image to come."


def test_an_image_that_looks_changed_is_told(out, album):
    done(out, album)
    os.utime(album[0], (1, 1))
    assert planned(out, album).words.endswith("; 1 image looks changed, to be compared.")


@pytest.mark.parametrize(
    ("recipe", "more", "words"),
    [
        (QUICK.replace(scale=3), {}, "another recipe (scale 4 there, 3 here)"),
        (QUICK, {"format": "bmp"}, "in format png, not bmp"),
        (QUICK, {"options": Options(max_pairs=3)}, "(max_pairs none there, 3 here)"),
    ],
)
def test_what_would_be_replaced_is_what_the_export_refuses(out, album, recipe, more, words):
    pairs = done(out, album).pairs
    found = planned(out, album, recipe, **more)
    assert words in found.words
    assert found.words.startswith(
        f"{pairs:,} pairs of 3 images would be replaced, if you say so: the folder holds "
    )
    assert found.warns
    with pytest.raises(ConflictError) as caught:
        done(out, album, recipe, **more)
    assert caught.value.cause == found.replaces


def test_a_persons_files_are_counted(out, album):
    for number in range(31):
        (out / f"{number // 5}").mkdir(parents=True, exist_ok=True)
        (out / f"{number // 5}" / f"{number}.txt").touch()
    found = planned(out, album)
    assert found.words == "Not empty, not srviewer's: 31 files; 3 images to come."
    assert found.warns
    assert not found.is_done


@pytest.mark.parametrize(("most", "words"), [(31, "more than 31 files"), (32, "31 files")])
def test_a_persons_files_are_not_counted_without_end(out, album, monkeypatch, most, words):
    out.mkdir()
    for number in range(31):
        (out / f"{number}.txt").touch()
    (out / f"{RUN_FILE}-wal").touch()  # which is ours
    for module in (held_module, plan_module):
        monkeypatch.setattr(module, "MOST_COUNTED", most)
    assert f"srviewer's: {words};" in planned(out, album).words


def test_a_folder_that_cannot_be_seen_into_is_not_empty(out, album, monkeypatch):
    (out / "private").mkdir(parents=True)
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "private":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    held = look(out)
    assert (held.files, held.problem) == (1, "")


def test_a_folder_that_cannot_be_written_to_is_told_before(out, album, monkeypatch):
    access = os.access
    out.mkdir()
    monkeypatch.setattr(os, "access", lambda path, how: how != os.W_OK and access(path, how))
    for place in (out, out / "sub" / "deep"):
        found = planned(place, album)
        assert found.words == f"{out}: cannot be written to."
        assert found.is_blocked
        assert found.warns
        assert not found.is_done


def test_what_stops_a_look_is_told_or_goes_on(out, album):
    cancel = threading.Event()
    cancel.set()
    done(out, album[:1])
    with pytest.raises(Cancelled):
        look(out, Progress(cancel=cancel))
    assert "embedded null" in look(out / "a\0b").problem


def test_the_folder_of_the_images_is_refused(album):
    found = planned(album[0].parent, album)
    assert found.refused
    assert found.words.startswith("Nothing will be written: this folder is the folder of the im")


def test_what_is_in_the_way_is_told(out, album):
    out.write_text("a file")
    assert planned(out / "deep", album).words == f"{out}: not a folder."
    assert planned(out, album).words == f"{out}: not a folder."


def test_nobody_is_kept_waiting_by_a_look(out, album):
    done(out, album[:2])
    held = RunFile(out, looking=True)
    assert done(out, album).exported == 1, "an export begins while somebody looks"
    held.close()
    writer = RunFile(out)
    assert "of 3 images" in planned(out, album).words
    writer.set("something", "in the log")
    shutil.copytree(out, out.with_name("copy"))
    assert "runs, or was stopped amid" in planned(out.with_name("copy"), album).words
    writer.close()


def test_a_damaged_run_file_is_told_and_left(out, album):
    done(out, album)
    (out / RUN_FILE).write_bytes(b"no database at all" * 100)
    assert RUN_FILE in planned(out, album).words


@pytest.mark.parametrize(
    ("options", "pairs"),
    [
        (Options(), 60),
        (Options(max_per_image=20), 50),
        (Options(max_pairs=25), 25),
        (Options(max_per_image=20, max_pairs=100), 50),
        (Options(duplicates="drop"), None),
        (Options(profile="srcnn-pytorch"), 60),
        (Options(profile="srcnn-pytorch", validation_share=0.3), None),  # some are whole
    ],
)
def test_pairs_that_are_expected(options, pairs):
    assert expected_pairs([10, 20, 30], options) == pairs


@pytest.mark.parametrize(
    ("options", "pairs"),
    [
        (Options(duplicates="drop"), 10 + 30),
        (Options(validation_share=0.3, whole="validation"), 10 + 20 + 1),  # equal ones together
        (Options(validation_share=0.3, whole="validation", max_per_image=15), 10 + 15 + 1),
        (Options(validation_share=0.5, whole="validation", duplicates="drop", seed=0), 1 + 30),
        (Options(validation_share=0.5, whole="validation", duplicates="drop", seed=5), 10 + 1),
    ],
)
def test_pairs_that_are_expected_of_known_contents(options, pairs):
    contents = {"a.png": "equal", "b.png": "equal", "c.png": "other", "none.png": "empty"}
    assert expected_pairs([10, 20, 30, 0], options, contents) == pairs


def test_of_one_image_no_whole_one_is_expected():
    assert expected_pairs([5], Options(validation_share=0.4, whole="validation")) == 5


# The painted sample


def test_the_sample_is_known_by_its_content():
    assert fingerprint(SAMPLE_FILE) == SAMPLE, "put the new hash and size into export/sample.py"


def test_the_sample_goes_into_an_empty_folder_and_into_its_own(out, tmp_path):
    called = shutil.copy(SAMPLE_FILE, tmp_path / "mine.png")
    first = done(out, [SAMPLE_FILE])
    assert first.exported == 1
    assert planned(out, [SAMPLE_FILE]).words == (
        f"{first.pairs:,} pairs of the painted sample of this recipe; nothing is missing."
    )
    assert done(out, [SAMPLE_FILE]).already == 1
    assert done(out, [Path(called)]).exported == 1


@pytest.mark.parametrize("more", [{}, {"overwrite": True}, {"format": "png", "overwrite": True}])
def test_the_sample_does_not_come_to_photographs(out, album, more):
    done(out, album)
    before = tree(out)
    with pytest.raises(MisplacedError, match="painted sample"):
        done(out, [SAMPLE_FILE], **more)
    assert tree(out) == before
    found = planned(out, [SAMPLE_FILE])
    assert "painted sample" in found.refused
    assert found.words.startswith("The sample is not for this folder: it holds pairs of other im")
    assert found.is_blocked
    assert not found.warns


@pytest.mark.parametrize("without", [(), (RUN_FILE,)])
def test_photographs_do_not_come_to_the_sample(out, album, without):
    done(out, [SAMPLE_FILE])
    for name in without:
        (out / name).unlink()
    before = tree(out)
    with pytest.raises(ConflictError, match="painted sample"):
        done(out, album)
    assert {**tree(out), RUN_FILE: b""} == {**before, RUN_FILE: b""}
    assert planned(out, album).words.endswith(
        " pairs of the painted sample would be replaced, if you say so."
    )
    assert done(out, album, overwrite=True).in_set == done(out.with_name("fresh"), album).pairs
    assert tree(out).keys() == tree(out.with_name("fresh")).keys()


def test_the_sample_does_not_come_to_a_persons_files(call, out):
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    assert planned(out, [SAMPLE_FILE]).refused
    code, _, err = call("export", SAMPLE_FILE, "--out", out)
    assert code == 2
    assert "painted sample" in err
    assert tree(out) == {"mine.txt": b"mine"}


def test_the_command_line_tells_the_plan_and_writes_nothing(call, out, album):
    flags = ["--crop", "whole", "--keypoint-scope", "image", "--min-keypoints", 2, "--stride", 30]
    images = album[0].parent
    code, said, _ = call("export", images, "--out", out, "--dry-run", *flags)
    assert (code, said) == (0, f"{out}: A new folder; 3 images to come.\n")
    assert not out.exists()
    pairs = done(out, album).pairs
    before = tree(out)
    code, said, _ = call("export", images, "--out", out, "--dry-run", "--json", *flags)
    assert code == 0
    told = json.loads(said)
    assert (told["pairs"], told["kept"], told["new"]) == (pairs, 3, 0)
    code, said, _ = call("export", images, "--out", out, "--dry-run")
    assert code == 1
    assert "would be replaced, if you say so" in said
    assert call("export", images, "--out", out, "--dry-run", "--overwrite")[0] == 0
    assert call("export", images, "--out", images, "--dry-run", *flags)[0] == 2
    assert tree(out) == before


def test_the_pairs_of_each_image_are_told_as_long_as_it_is_as_it_was(out, album):
    assert known_of(look(out), album).written == {}
    done(out, album[:2])
    counts = {one: len([*(out / "hr").glob(f"{one.stem}_*")]) for one in album[:2]}
    assert min(counts.values()) > 0
    assert known_of(look(out), album).written == counts
    os.utime(album[0], (1, 1))
    assert known_of(look(out), album).written == {album[1]: counts[album[1]]}
    (out / RUN_FILE).unlink()  # a data set that came without it tells by its texts
    assert known_of(look(out), album).written == counts
    other = save(crop("coffee", 0, 0, 130, 120), out.parent / "other" / "brick.png")
    assert known_of(look(out), [*album, other]).written == {}, (
        "which of the two it was is not known"
    )


def test_what_failed_is_told_with_its_cause_until_its_file_changes_or_it_is_done(out, album):
    small = save(crop("coffee", 0, 0, 20, 20), album[0].parent / "small.png")
    (failure,) = done(out, [*album, small]).failures
    assert known_of(look(out), [*album, small]).failed == {small: failure.cause}
    assert "smaller than one patch" in failure.cause
    done(out, album[:1])
    assert known_of(look(out), [small]).failed == {small: failure.cause}, "it was not tried again"
    os.utime(small, (1, 1))
    assert known_of(look(out), [small]).failed == {}
    save(crop("coffee", 0, 0, 130, 120), small)
    done(out, [*album, small])
    found = known_of(look(out), [*album, small])
    assert (found.failed, small in found.written) == ({}, True)


def test_what_equal_names_of_other_folders_lead_to_is_told_as_the_export_does_it(out, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    save(crop("brick", 0, 0, 130, 120), one / "x.png")
    save(crop("coffee", 0, 0, 130, 140), two / "x.png")
    pairs = done(out, [one]).pairs
    said = f"{pairs} pairs of 1 image of this recipe; "
    # Another photograph in the place of the first: nothing is lost without a question.
    found = planned(out, [two])
    assert found.words == (
        f"{said}1 other image by a name that is there (x.png), to be replaced if you say so."
    )
    assert found.warns
    with pytest.raises(ConflictError, match=r"other images under the same names \(x\.png\)"):
        done(out, [two])
    # Beside it: both get the names of their folders, so that the first comes once more.
    assert planned(out, [one, two]).words == (
        f"{said}2 more images to come, 1 of them there already by another name "
        "(x.png, now one/x.png)."
    )
    state = done(out, [one, two])
    assert (state.already, state.exported) == (0, 2)
    assert "2 files have equal content: one/x.png, x.png" in dict(state.notes).values()
    # The same photograph elsewhere is known by what it holds.
    copy = Path(shutil.copy(one / "x.png", tmp_path / "x.png"))
    assert planned(out, [copy]).words.endswith("1 image looks changed, to be compared.")
    assert done(out, [copy]).already == 1
    assert planned(out, [copy]).words.endswith("nothing is missing.")
    # Two files have no folder that would tell them apart.
    both = [one / "x.png", two / "x.png"]
    with pytest.raises(RunError) as told:
        planned(out, both)
    with pytest.raises(RunError) as caught:
        done(out, both)
    assert str(told.value) == str(caught.value)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (Options(validation_share=0.5), True),
        (Options(), None),
        (Options(validation_share=0.5, max_pairs=9), None),
    ],
)
def test_pairs_that_are_expected_for_validation(options, found):
    kept, contents = [5, 0, 7, 11], {name: name for name in "abcd"}
    told = expected_for_validation(kept, options, contents)
    if found:
        some = {name: count for name, count in zip(contents, kept, strict=True) if count}
        held = validation_images(some, 0.5, options.seed)
        assert told == (len(held), sum(some[name] for name in held))
    else:
        assert told is None
    assert expected_for_validation(kept, options, None) is None


def test_a_choice_among_all_images_does_not_stay_when_others_come():
    assert stays(Options(max_per_image=3, validation_share=0.5))
    assert not stays(Options(max_pairs=3))
    assert not stays(Options(whole="validation", validation_share=0.5))
    assert not stays(Options(profile="srcnn-pytorch", validation_share=0.5))


def test_an_image_that_is_gone_while_it_is_looked_for_is_no_other(out, album, monkeypatch):
    done(out, album)
    held = look(out)

    def vanish(files):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(files[0]))

    monkeypatch.setattr(plan_module, "look_at_files", vanish)
    (album[0].parent / "new.png").write_bytes(album[1].read_bytes())
    os.utime(album[0], (1, 1))
    found = compare(held, [album[0], album[0].parent / "new.png"])
    assert (found.changed, found.others, found.new, found.again) == (1, (), 1, ())
