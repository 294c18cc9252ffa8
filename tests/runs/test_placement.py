"""Outputs that would lie among the images that they are made of, or in the place of one."""

import os
from pathlib import Path

import pytest

from srviewer.errors import MisplacedError
from srviewer.export.runner import export
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import Input, Rooted
from srviewer.runs.placement import require_apart, require_no_input
from tests.export.helpers import tree
from tests.photos import crop, save

links = pytest.mark.skipif(os.name == "nt", reason="links need rights there")
SMALL = {
    "recipe": Recipe(crop="whole", keypoint_scope="image", min_keypoints=2, stride=30),
    "jobs": 1,
}


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Return a folder with an image in it and one in a subfolder, and a folder without images."""
    folder = tmp_path / "up" / "album"
    save(crop("grass", 0, 0, 100, 100), folder / "a.png")
    save(crop("brick", 0, 0, 100, 100), folder / "deep" / "b.png")
    (folder / "texts").mkdir()
    return folder


def ways_to_refuse(album: Path) -> dict[str, Path]:
    """Return folders that are, or lie above, a folder of images."""
    up = album.parent
    return {
        "itself": album,
        "above": up,
        "far above": up.parent,
        "dots": album / "texts" / "..",
        "slashes": Path(f"{album}//."),
        "a subfolder with images": album / "deep",
    }


@pytest.mark.parametrize("way", ways_to_refuse(Path("x")))
@pytest.mark.parametrize("kind", ["folder", "files", "rooted"])
def test_nothing_is_written_among_the_images(album, way, kind):
    out, before = ways_to_refuse(album)[way], tree(album.parent)
    files = [album / "a.png", album / "deep" / "b.png"]
    given = {"folder": [album], "files": files, "rooted": [Rooted(one, album) for one in files]}
    with pytest.raises(MisplacedError) as caught:
        export(given[kind], out, **SMALL)
    assert str(out) in str(caught.value)
    assert "folder of the images" in str(caught.value)
    assert tree(album.parent) == before


@links
@pytest.mark.parametrize("way", ["out", "input", "file", "folder in it"])
def test_links_do_not_hide_it(album, tmp_path, way):
    store = tmp_path / "store"
    save(crop("camera", 0, 0, 100, 100).copy(), store / "c.png")
    link = tmp_path / "link"
    given, out = {
        "out": (album, link),
        "input": (link, album),
        "file": (tmp_path / "linked.png", store),
        "folder in it": (album, store),
    }[way]
    link.symlink_to(album)
    (tmp_path / "linked.png").symlink_to(store / "c.png")
    (album / "more").symlink_to(store)
    before = tree(album), tree(store)
    with pytest.raises(MisplacedError):
        export([given], out, **SMALL)
    assert (tree(album), tree(store)) == before


def test_folders_beside_and_below_are_free(album):
    up = album.parent
    for out in (
        album / "pairs",
        album / "texts",
        up / "pairs",
        up / "album2",
        album / "deep" / "n",
    ):
        require_apart(out, [album, album / "deep" / "b.png"])


def test_pairs_below_the_images_are_no_images_the_next_time(album):
    first = export([album], album / "pairs", **SMALL)
    assert (first.exported, first.already) == (2, 0)
    before = tree(album / "pairs")
    again = export([album], album / "pairs", **SMALL)
    assert (again.images, again.already) == (2, 2)
    assert not again.notes, "nobody wants to hear of the folder that was chosen"
    assert tree(album / "pairs") == before
    other = export([album], album.parent / "other", **SMALL)
    assert other.images == 2
    assert [note for _, note in other.notes] == ["passed over: 1 data set of srviewer (pairs/)"]


@pytest.mark.parametrize("flags", [(), ("--overwrite",), ("--format", "lmdb")])
def test_the_command_line_calls_it_wrong_use(call, album, monkeypatch, flags):
    before = tree(album.parent)
    monkeypatch.chdir(album)
    for given in (".", "a.png", "deep/.."):
        code, out, err = call("export", given, "--out", ".", *flags)
        assert (code, out) == (2, "")
        assert "folder of the images" in err
    assert tree(album.parent) == before


def test_no_workers_of_others_are_asked_first(album):
    with pytest.raises(MisplacedError):
        export([album], album, Recipe(), scheduler="tcp://nowhere.invalid:1")


@links
def test_a_file_is_not_written_over_an_image_that_is_looked_at(album, tmp_path):
    image = album / "a.png"
    (tmp_path / "b.png").hardlink_to(image)
    (tmp_path / "c.png").symlink_to(image)
    for path in (image, album / "deep" / ".." / "a.png", tmp_path / "b.png", tmp_path / "c.png"):
        with pytest.raises(MisplacedError, match="choose another name"):
            require_no_input(path, [image])
    require_no_input(album / "new.png", [image])


def test_a_snapshot_leaves_its_image_as_it_is(call, album):
    before = tree(album)
    code, _, err = call("snapshot", album / "a.png", album / "a.png")
    assert code == 2
    assert "choose another name" in err
    assert tree(album) == before


def test_nothing_is_written_among_given_lr(album, tmp_path):
    low = save(crop("grass", 0, 0, 25, 25), tmp_path / "low" / "a.png")
    for given in (
        Rooted(album / "a.png", album, low),
        Input(album / "a.png", "a.png", "a", low),
    ):
        for out in (low.parent, album):
            with pytest.raises(MisplacedError, match="the folder of the images"):
                require_apart(out, [given])
        require_apart(tmp_path / "pairs", [given])
