"""The survey's file: what it refuses, what it keeps, and how it finds it again."""

import os
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from srviewer.errors import SurveyError
from srviewer.runs import database
from srviewer.runs.marks import FileMark, mark_file
from srviewer.survey.file import SCHEMA, SurveyFile
from srviewer.survey.measure import COMPUTES, measure_image
from srviewer.survey.record import LEVELS, POINTS, narrow
from srviewer.survey.runner import survey
from srviewer.survey.whole_set import load
from tests.photos import crop, save
from tests.survey.helpers import RECIPE


def opened(path: Path, *, recipe=RECIPE, computes=COMPUTES, writing=True) -> SurveyFile:
    return SurveyFile(path, recipe, computes, writing=writing)


@pytest.fixture
def photo(tmp_path) -> Path:
    return save(crop("grass", 0, 0, 90, 80), tmp_path / "grass.png")


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "survey.sqlite"


@pytest.mark.parametrize("writing", [True, False])
@pytest.mark.parametrize("content", [b"not a database at all", b"x" * 4096, b"SQLite format 3\0"])
def test_a_file_that_is_no_sqlite_file_is_refused_and_left_as_it_is(file, content, writing):
    file.write_bytes(content)
    with pytest.raises(SurveyError, match=r"survey\.sqlite: not a survey"):
        opened(file, writing=writing)
    assert file.read_bytes() == content


def test_another_programs_sqlite_file_is_refused_and_left_as_it_is(file):
    with sqlite3.connect(file) as base:
        base.execute("CREATE TABLE bookmarks (place TEXT)")
    base.close()
    before = file.read_bytes()
    with pytest.raises(SurveyError, match="not a survey of srviewer"):
        opened(file)
    assert file.read_bytes() == before


def test_a_file_of_a_newer_schema_is_refused_with_both_versions(file):
    opened(file).close()
    with sqlite3.connect(file) as base:
        base.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    base.close()
    with pytest.raises(SurveyError, match=rf"newer srviewer .*{SCHEMA + 1}.*up to {SCHEMA}"):
        opened(file)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no list of open files")
def test_a_survey_that_cannot_be_used_is_closed(file):
    opened(file).close()
    with sqlite3.connect(file) as base:
        base.execute("ALTER TABLE recipe RENAME COLUMN fields TO others")
    base.close()
    with pytest.raises(SurveyError, match=r"survey\.sqlite: "):
        opened(file)
    handles = (os.path.join("/proc/self/fd", name) for name in os.listdir("/proc/self/fd"))
    assert str(file) not in {os.readlink(one) for one in handles if os.path.islink(one)}


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SurveyError, match="file"):
        opened(tmp_path / "file" / "survey.sqlite")
    with pytest.raises(SurveyError, match="a folder in the place of a plain file"):
        opened(tmp_path, writing=True)
    with pytest.raises(SurveyError, match="unable to open"):
        opened(tmp_path / "none.sqlite", writing=False)
    assert not (tmp_path / "none.sqlite").exists()


def test_an_empty_file_becomes_a_survey(file, photo):
    file.touch()
    assert len(load(file, [photo], RECIPE).pending) == 1, "as where one is being begun"
    opened(file).close()
    assert load(file, [], RECIPE).images == ()


def test_a_record_comes_back_to_the_last_bit(file, photo):
    record = measure_image(photo, RECIPE)
    with opened(file) as known:
        assert not known.has(record.mark.sha256)
        assert known.add(photo, record)
        assert not known.add(photo, record)  # as another program may have done
    with opened(file, writing=False) as known:
        assert known.known_mark(photo, record.mark.bytes, record.mark.mtime_ns) == record.mark
        assert known.known_mark(photo, record.mark.bytes, record.mark.mtime_ns + 1) is None
        ((number, outline),) = known.outlines().values()
        assert outline == record.outline
        content = known.content(number, outline)
    assert content.keys() == record.content.keys() >= {*POINTS, *LEVELS}
    for name, mine in content.items():
        assert mine.dtype == record.content[name].dtype
        np.testing.assert_array_equal(mine, record.content[name])


def test_large_counts_come_back(file, photo):
    record = measure_image(photo, RECIPE)
    edges = np.arange(record.outline.windows, dtype=np.int64) + 70_000
    record.content["canny image"] = narrow(edges)
    with opened(file) as known:
        known.add(photo, record)
        ((number, outline),) = known.outlines().values()
        np.testing.assert_array_equal(known.content(number, outline)["canny image"], edges)


def test_records_of_other_recipes_and_computations_are_kept_apart(file, photo):
    record = measure_image(photo, RECIPE)
    others = {"recipe": RECIPE.replace(stride=10)}, {"computes": COMPUTES + 1}
    with opened(file) as known:
        known.add(photo, record)
    for other in others:
        with opened(file, **other) as known:
            assert not known.has(record.mark.sha256)
            assert known.add(photo, record)
    same = RECIPE.replace(min_keypoints=3, texture="canny", crop="whole", error_margin=0.2)
    with opened(file, recipe=same) as known:
        assert known.has(record.mark.sha256)


def test_the_nearest_recipe_with_records_of_the_images_is_found(file, photo):
    record = measure_image(photo, RECIPE)
    sha256 = record.mark.sha256
    second = measure_image(save(crop("grass", 9, 9, 90, 80), photo.with_name("2.png")), RECIPE)
    far, near, fuller = (
        RECIPE.replace(**changes)
        for changes in ({"stride": 10, "patch": 40}, {"stride": 10}, {"stride": 11})
    )
    for recipe, records in ((far, (record, second)), (near, (record,)), (fuller, (record, second))):
        with opened(file, recipe=recipe) as known:
            for one in records:
                known.add(photo, one)
    with opened(file, recipe=RECIPE.replace(stride=12), computes=COMPUTES + 1) as known:
        known.add(photo, record)
        known.add(photo, second)
    with opened(file) as known:
        assert known.nearest(RECIPE, {sha256, second.mark.sha256}) == fuller
        assert known.nearest(RECIPE, {"0" * 64}) is None
        assert known.nearest(RECIPE.replace(patch=40), {sha256}) == RECIPE.replace(
            stride=10, patch=40
        )
        moved = RECIPE.replace(min_keypoints=3)
        assert known.nearest(moved, {sha256, second.mark.sha256}) == fuller.replace(min_keypoints=3)


def test_another_recipe_is_told_only_where_nothing_is_known_of_this_one(image_set, file):
    survey([image_set / "motor.png"], file, RECIPE, jobs=1)
    other = RECIPE.replace(stride=20)
    assert load(file, [image_set], RECIPE).other is None
    assert load(file, [image_set], other).other == RECIPE
    assert load(file, [image_set / "flat.png"], other).other is None


def test_failures_are_kept_until_there_is_a_record(file, photo):
    mark = mark_file(photo)
    with opened(file) as known:
        known.add_failure(photo, mark, "torn")
        assert known.failure(mark.sha256) == "torn"
        known.add(photo, measure_image(photo, RECIPE))
        assert known.failure(mark.sha256) is None
        known.add_failure(photo, mark, "of a program that was slower")
        assert known.failures() == {}


def test_a_folder_that_is_moved_with_its_survey_needs_no_new_one(image_set, tmp_path):
    folder = Path(shutil.copytree(image_set, tmp_path / "before"))
    survey([folder], folder / ".survey.sqlite", RECIPE, jobs=1)
    moved = folder.rename(tmp_path / "after")
    found = load(moved / ".survey.sqlite", [moved], RECIPE)
    assert len(found.images) == 6
    assert not found.pending
    assert found.images[0].path.is_relative_to(moved)


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_is_kept(file, tmp_path):
    path = save(crop("grass", 0, 0, 60, 60), tmp_path / "plain.png")
    odd = path.rename(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")))
    assert survey([odd], file, RECIPE, jobs=1).surveyed == 1
    assert load(file, [odd], RECIPE).images[0].path == odd


def test_a_damaged_record_is_named_and_nothing_else(file, photo):
    survey([photo], file, RECIPE, jobs=1)
    with sqlite3.connect(file) as base:
        base.execute("UPDATE part SET bytes = x'0011' WHERE name = 'psnr'")
    base.close()
    with pytest.raises(SurveyError, match=r"survey\.sqlite: the record 1 is damaged"):
        load(file, [photo], RECIPE)


DAMAGES = [
    *("notes = '{}'", "notes = '[1]'", "notes = '[[' || notes", "notes = x'00'", "notes = 7"),
    "notes = replace(hex(zeroblob(30000)), '00', '[')",
    *("encoded = '[]'", """encoded = '{"png upscaled": NaN}'""", """encoded = '{"a": "b"}'"""),
    "encoded = '{\"a\": 1' || replace(hex(zeroblob(2000)), '00', '0') || '}'",
    *("width = -1", "width = 'wide'", "height = 2.5", "clean_width = 9223372036854775807"),
    *("matches = 9223372036854775807", "window_rows = 1000000000", "seconds = 'long'"),
    "window_rows = window_columns, window_columns = window_rows + 1",
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_outline_that_no_survey_wrote_is_named(file, photo, damage):
    survey([photo], file, RECIPE, jobs=1)
    with sqlite3.connect(file) as base:
        base.execute(f"UPDATE image SET {damage}")
    base.close()
    with pytest.raises(SurveyError, match=r"survey\.sqlite: the record 1 is damaged: ") as caught:
        load(file, [photo], RECIPE)
    assert len(caught.value.sentence) < 200


@pytest.mark.parametrize("name", ["psnr", *POINTS, *LEVELS])
@pytest.mark.parametrize("value", ["'text'", "7", "x'ff'", "of_its_size", "zeroblob(1000000)"])
def test_content_that_no_survey_measured_is_named(file, photo, name, value):
    survey([photo], file, RECIPE, jobs=1)
    with sqlite3.connect(file) as base:
        (kept,) = base.execute("SELECT bytes FROM part WHERE name = ?", (name,)).fetchone()
        if name in LEVELS:  # of 2 bytes; of 4 they can be huge
            base.execute("UPDATE part SET kind = '<u4' WHERE name = ?", (name,))
        odd = b"\xff" * len(kept) * (2 if name in LEVELS else 1)  # as floats they are nan
        value = f"x'{odd.hex()}'" if value == "of_its_size" else value
        base.execute(f"UPDATE part SET bytes = {value} WHERE name = ?", (name,))
    base.close()
    assert kept
    with pytest.raises(SurveyError, match=r"survey\.sqlite: the record 1 is damaged: "):
        load(file, [photo], RECIPE)


@pytest.mark.parametrize("fields", ["[]", "[1]", "7", "{", '{"scale": 1e400}', '{"scale": [[[]]]}'])
def test_fields_that_are_no_recipe_are_no_nearest_recipe(file, photo, fields):
    survey([photo], file, RECIPE, jobs=1)
    with sqlite3.connect(file) as base:
        base.execute("UPDATE recipe SET fields = ?", (fields,))
    base.close()
    assert load(file, [photo], RECIPE).other is None


def test_a_cause_that_is_no_text_is_told_as_one(file, photo):
    survey([photo], file, RECIPE, jobs=1)
    with sqlite3.connect(file) as base:
        base.execute("INSERT INTO failure SELECT recipe, sha256, 7 FROM image")
        base.execute("DELETE FROM image")
    base.close()
    assert [failure.cause for failure in load(file, [photo], RECIPE).failures] == ["7"]
    with opened(file) as known:
        known.add_failure(photo, mark_file(photo), "no " * 2000)
        (cause,) = known.failures().values()
        assert cause == known.failure(mark_file(photo).sha256)
    assert cause.startswith("no no")
    assert 900 < len(cause) <= 1000


def test_records_of_the_first_schema_are_not_read_and_done_anew(file, photo):
    survey([photo], file, RECIPE, jobs=1)
    with sqlite3.connect(file) as base:
        base.execute("UPDATE recipe SET computes = 1")
        base.execute("DROP TABLE part")
        base.execute("PRAGMA user_version = 1")
    base.close()
    assert len(load(file, [photo], RECIPE).pending) == 1
    assert survey([photo], file, RECIPE, jobs=1).surveyed == 1
    assert len(load(file, [photo], RECIPE).images) == 1


def test_a_record_that_does_not_fit_is_not_there_and_others_are(file, tmp_path):
    photo = save(crop("motorcycle", 100, 150, 300, 260), tmp_path / "larger.png")
    record = measure_image(photo, RECIPE)
    with opened(file) as known:
        pages = known.pragma("page_count")
        known.pragma(f"max_page_count = {pages}")
        with pytest.raises(SurveyError, match=r"survey\.sqlite: .*full"):
            known.add(photo, record)
        assert not known.has(record.mark.sha256)
        assert known.files() == {}
        known.pragma(f"max_page_count = {pages + 1000}")
        assert known.add(photo, record)


def test_a_reader_waits_for_no_writer_that_is_quick(file, photo, monkeypatch):
    monkeypatch.setattr(database, "WAIT", 0.1)
    with opened(file) as known, opened(file) as other:
        known.execute("BEGIN IMMEDIATE")
        assert not other.has("0" * 64)  # readers go on while another program is about to write
        with pytest.raises(SurveyError, match="locked"):
            other.note_file(photo, FileMark(1, 2, "3"))
        known.execute("ROLLBACK")
        other.note_file(photo, FileMark(1, 2, "3"))
        assert known.has_size(1)


def test_a_file_without_likenesses_has_all_the_rest(file, photo):
    survey([photo], file, RECIPE, jobs=1)
    (before,) = load(file, [photo], RECIPE).images
    with sqlite3.connect(file) as base:
        base.execute("DROP TABLE likeness")
    base.close()
    (after,) = load(file, [photo], RECIPE).images
    assert (len(before.likeness), after.likeness) == (32, b"")
    assert (after.matches, after.encoded) == (before.matches, before.encoded)
