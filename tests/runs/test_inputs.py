import os
import re
from pathlib import Path

import pytest

from srviewer.errors import RunError
from srviewer.runs.inputs import (
    GivenLR,
    Input,
    Rooted,
    are_given,
    as_given,
    collect,
    each_once,
    images_in,
)


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def names_and_stems(*paths: Path, out: Path | None = None) -> dict[str, str]:
    return {image.name: image.stem for image in collect(paths, out)[0]}


def test_folders_are_searched_for_images_to_the_bottom(tmp_path):
    touch(tmp_path, "b.png", "a.JPG", "sub/c.tiff", "sub/deep/d.webp", "notes.txt", "sub/e.csv")
    found = [path.relative_to(tmp_path).as_posix() for path in images_in(tmp_path)]
    assert found == ["a.JPG", "b.png", "sub/c.tiff", "sub/deep/d.webp"]


def test_hidden_files_and_folders_are_left_out(tmp_path):
    touch(tmp_path, "a.png", ".b.png", ".git/c.png", "sub/.d/e.png")
    assert images_in(tmp_path) == [tmp_path / "a.png"]


def test_a_hidden_folder_that_is_given_is_searched(tmp_path):
    touch(tmp_path / ".photos", "a.png")
    assert images_in(tmp_path / ".photos") == [tmp_path / ".photos" / "a.png"]


def test_a_folder_named_like_an_image_is_no_image(tmp_path):
    touch(tmp_path, "a.png/b.png")
    assert images_in(tmp_path) == [tmp_path / "a.png" / "b.png"]


def test_the_exports_own_output_is_no_input(tmp_path):
    touch(tmp_path, "a.png", "out/hr/a_x00000_y00000.png", "outer/b.png")
    assert names_and_stems(tmp_path, out=tmp_path / "out") == {
        "a.png": "a",
        "outer/b.png": "outer/b",
    }


def test_subfolders_are_kept_in_names(tmp_path):
    touch(tmp_path, "a.png", "sub/a.png", "sub/deep/b.v2.png")
    assert names_and_stems(tmp_path) == {
        "a.png": "a",
        "sub/a.png": "sub/a",
        "sub/deep/b.v2.png": "sub/deep/b.v2",
    }


def test_a_file_is_named_without_its_folders(tmp_path):
    touch(tmp_path, "sub/a.png")
    assert names_and_stems(tmp_path / "sub" / "a.png") == {"a.png": "a"}


def test_a_missing_file_is_taken_for_its_reading_to_complain(tmp_path):
    assert names_and_stems(tmp_path / "missing.png") == {"missing.png": "missing"}


def test_files_that_differ_in_the_ending_keep_it(tmp_path):
    touch(tmp_path, "a.png", "a.jpg", "b.png", "sub/a.png")
    assert names_and_stems(tmp_path) == {
        "a.jpg": "a_jpg",
        "a.png": "a_png",
        "b.png": "b",
        "sub/a.png": "sub/a",
    }


def test_the_same_name_in_two_folders_is_told_apart_by_the_folder(tmp_path):
    touch(tmp_path, "one/a.png", "one/b.png", "two/a.png")
    assert names_and_stems(tmp_path / "one", tmp_path / "two") == {
        "b.png": "b",
        "one/a.png": "one/a",
        "two/a.png": "two/a",
    }


def test_images_are_taken_once_however_often_they_are_given(tmp_path):
    touch(tmp_path, "a.png", "sub/b.png")
    given = [tmp_path, tmp_path / "a.png", tmp_path / "sub", tmp_path / "sub" / ".." / "a.png"]
    images, _ = collect(given)
    assert [image.path.resolve() for image in images] == [
        tmp_path / "a.png",
        tmp_path / "sub" / "b.png",
    ]


def test_the_order_does_not_depend_on_the_order_given(tmp_path):
    touch(tmp_path, "c.png", "a.png", "b.png")
    files = [tmp_path / name for name in ("c.png", "a.png", "b.png")]
    assert collect(files)[0] == collect(reversed(files))[0]
    assert [image.name for image in collect(files)[0]] == ["a.png", "b.png", "c.png"]


@pytest.mark.parametrize("names", [("one/a.png", "two/a.png"), ("one/x/a.png", "two/x/a.png")])
def test_files_of_one_name_would_overwrite_each_other_and_are_refused(tmp_path, names):
    touch(tmp_path, *names)
    with pytest.raises(RunError) as caught:
        collect([tmp_path / name for name in names])
    for name in names:
        assert str(tmp_path / name) in str(caught.value)
    assert "different folders" in str(caught.value)


def test_two_folders_of_one_name_are_told_apart_by_the_folders_above(tmp_path):
    touch(tmp_path, "one/photos/a.png", "one/photos/b.png", "two/photos/a.png", "two/x/a.png")
    given = [tmp_path / "one" / "photos", tmp_path / "two" / "photos"]
    both = {"b.png": "b", "one/photos/a.png": "one/photos/a", "two/photos/a.png": "two/photos/a"}
    assert names_and_stems(*given) == both
    assert names_and_stems(*given, tmp_path / "two" / "x") == both | {"x/a.png": "x/a"}
    touch(tmp_path, "three/photos/c.png")
    given = [tmp_path / "one" / "photos", tmp_path / "three" / "photos"]
    assert names_and_stems(*given) == {"a.png": "a", "b.png": "b", "c.png": "c"}


def test_a_folder_that_ends_as_another_does_is_told_apart_and_stays_in_the_data_set(tmp_path):
    touch(tmp_path, "photos/a.png", "x/photos/a.png", "deep/x/photos/a.png")
    given = [tmp_path / name for name in ("photos", "x/photos", "deep/x/photos")]
    assert names_and_stems(*given) == {
        f"{tmp_path.name}/photos/a.png": f"{tmp_path.name}/photos/a",
        f"{tmp_path.name}/x/photos/a.png": f"{tmp_path.name}/x/photos/a",
        "deep/x/photos/a.png": "deep/x/photos/a",
    }


def test_an_ending_that_is_part_of_another_name_tells_nothing(tmp_path):
    touch(tmp_path, "a.png", "a.jpg", "a_png.bmp")
    found = names_and_stems(tmp_path)
    assert (found["a.jpg"], found["a_png.bmp"]) == ("a_jpg", "a_png")
    assert re.fullmatch("a_png~[0-9a-f]{8}", found["a.png"])


def test_stems_are_all_different(tmp_path):
    touch(tmp_path, "a.png", "a.jpg", "a.b.png", "a.b", "sub/a.png", "sub/a.tif")
    stems = list(names_and_stems(tmp_path, tmp_path / "a.b").values())
    assert len(set(stems)) == len(stems) == 6


def test_folders_without_images_are_told(tmp_path):
    (tmp_path / "empty").mkdir()
    touch(tmp_path, "text/notes.txt", "photos/a.png")
    images, empty = collect([tmp_path / "empty", tmp_path / "text", tmp_path / "photos"])
    assert [image.name for image in images] == ["a.png"]
    assert [failure.image for failure in empty] == [f"{tmp_path}/empty", f"{tmp_path}/text"]
    assert "no images in this folder" in empty[0].cause
    assert ".png" in empty[0].cause


def test_the_folder_that_is_given_as_a_dot(tmp_path, monkeypatch):
    touch(tmp_path / "photos", "a.png", "sub/b.png")
    monkeypatch.chdir(tmp_path / "photos")
    assert names_and_stems(Path(".")) == {"a.png": "a", "sub/b.png": "sub/b"}
    touch(tmp_path / "other", "a.png")
    assert names_and_stems(Path("."), tmp_path / "other") == {
        "other/a.png": "other/a",
        "photos/a.png": "photos/a",
        "sub/b.png": "sub/b",
    }


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="this system has no symbolic links")
def test_links_to_one_image_are_one_image(tmp_path):
    touch(tmp_path, "b.png")
    for name in ("a.png", "c.png"):
        os.symlink(tmp_path / "b.png", tmp_path / name)
    assert [image.name for image in collect([tmp_path])[0]] == ["b.png"]


def test_what_is_given_as_a_relative_and_as_an_absolute_path_is_one(tmp_path, monkeypatch):
    touch(tmp_path, "a.png", "photos/b.png")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    names = ("a.png", "photos", "empty")
    given = [*map(Path, names), *(tmp_path / name for name in names)]
    images, empty = collect([*given, Rooted(Path("photos/b.png"), Path("photos"))])
    assert [image.name for image in images] == ["a.png", "b.png"]
    assert len(empty) == 1
    assert each_once(given) == given[:3]


# Images of a folder, given one by one


def one_by_one(*folders: Path) -> list[Rooted]:
    return [Rooted(path, folder) for folder in folders for path in images_in(folder)]


def test_all_images_of_folders_are_what_the_folders_are(tmp_path):
    touch(tmp_path, "one/a.png", "one/a.jpg", "one/sub/b.png", "two/a.png", "two/sub/a.png")
    touch(tmp_path, "two/photos/c.png", "other/photos/c.png", "file.png")
    folders = [tmp_path / name for name in ("one", "two", "two/photos", "other/photos", "one/sub")]
    for given in (folders[:1], folders[:2], folders[1:3], folders):
        images, _ = collect(given)
        assert collect(one_by_one(*given))[0] == images
        assert collect(reversed(one_by_one(*given)))[0] == images
        file = tmp_path / "file.png"
        assert collect([*one_by_one(*given), file])[0] == collect([*given, file])[0]


def test_an_image_of_a_folder_keeps_its_place_whatever_else_is_taken(tmp_path):
    touch(tmp_path, "a.png", "sub/b.png", "sub/c.png")
    taken = [Rooted(tmp_path / "sub" / "c.png", tmp_path)]
    assert names_and_stems(*taken) == {"sub/c.png": "sub/c"}


def test_a_folder_and_images_of_it_are_the_folder(tmp_path):
    touch(tmp_path, "a.png", "sub/b.png")
    given = [tmp_path, Rooted(tmp_path / "sub" / "b.png", tmp_path)]
    assert collect(given)[0] == collect([tmp_path])[0]


def test_a_missing_image_of_a_folder_is_taken_for_its_reading_to_complain(tmp_path):
    gone = Rooted(tmp_path / "sub" / "gone.png", tmp_path)
    assert names_and_stems(gone) == {"sub/gone.png": "sub/gone"}


def test_images_of_a_folder_that_are_in_the_output_are_no_input(tmp_path):
    touch(tmp_path, "a.png", "out/hr/a_x00000_y00000.png")
    images = one_by_one(tmp_path)
    assert len(images) == 2
    assert names_and_stems(*images, out=tmp_path / "out") == {"a.png": "a"}
    found, left_out = collect(one_by_one(tmp_path / "out"), tmp_path / "out")
    assert found == []
    assert [failure.image for failure in left_out] == [str(tmp_path / "out")]
    assert "where the pairs go" in left_out[0].cause


def test_a_text_gives_a_path_or_an_image_of_a_folder(tmp_path):
    assert as_given(f"{tmp_path}/./sub/a.png") == Rooted(tmp_path / "sub" / "a.png", tmp_path)
    for text in ("a.png", "./a.png", f"{tmp_path}/./../a.png", f"{tmp_path}/./"):
        assert as_given(text) == Path(text)


def test_two_folders_without_images_are_told_as_such_and_not_as_unpaired(tmp_path):
    touch(tmp_path, "high/notes.txt", "low/notes.txt")
    images, failures = collect([tmp_path / "high"], lr=GivenLR(tmp_path / "low"))
    assert images == []
    (failure,) = failures
    assert failure.image == str(tmp_path / "high")
    assert failure.cause.startswith("no images in this folder")


def test_who_may_be_elsewhere_is_given_absolute_paths(tmp_path, monkeypatch):
    touch(tmp_path, "high/a.png", "low/a.png", "b.png")
    monkeypatch.chdir(tmp_path)
    for elsewhere, folder in ((True, tmp_path), (False, Path())):
        (pair,), _ = collect([Path("high")], lr=GivenLR(Path("low")), elsewhere=elsewhere)
        assert (pair.path, pair.lr) == (folder / "high" / "a.png", folder / "low" / "a.png")
        (image,), _ = collect([Path("b.png")], elsewhere=elsewhere)
        assert (image.path, image.lr) == (folder / "b.png", None)


def test_given_and_made_lr_are_not_mixed():
    made, pair = Input(Path("a"), "a", "a"), Input(Path("b"), "b", "b", Path("c"))
    assert [are_given(images) for images in ([made, made], [pair], [])] == [False, True, False]
    assert are_given([], GivenLR(Path("low")))
    words = "1 pair with a given LR and 2 images whose LR is to be made"
    with pytest.raises(RunError, match=words):
        are_given([made, pair, made])
