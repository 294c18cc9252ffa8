"""A session file: what is saved comes back, and what anyone may have written into it is told."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from srviewer.errors import SessionError
from srviewer.export.options import Options
from srviewer.export.session import ExportChoices, Look, Session, read_session, to_text
from srviewer.pipeline.exclusions import Excluded, Exclusions, Window
from srviewer.pipeline.recipe import PRESETS, Recipe
from srviewer.runs.folders import write_text
from srviewer.runs.inputs import Rooted

OUT_OF_BOUNDS: list[tuple[str, Any, str]] = [
    ("kind", "other", "not a session"),
    ("version", 2, "version = 2"),
    ("version", "1", "version = '1'"),
    ("images", {}, "images = {}"),
    ("images", [3], "images = 3"),
    ("images", [{"folder": 3, "names": []}], "folder = 3"),
    ("images", [{"folder": None, "names": [3]}], "names"),
    ("images", [{"folder": "a", "names": ["../b.png"]}], "names = '../b.png'"),
    ("images", [{"folder": "a", "names": ["/b.png"]}], "names = '/b.png'"),
    ("images", [{"folder": None, "names": ["a\0b"]}], "names"),
    ("images", [{"folder": None, "names": ["a"], "lr": []}], "lr = []"),
    ("images", [{"folder": None, "names": ["a"], "lr": [None]}], "lr"),
    ("images", [{"folder": None, "names": ["a"], "lr": [""]}], "lr"),
    ("preset", 3, "preset = 3"),
    ("recipe", {"scale": 1}, "scale = 1"),
    ("recipe", {"scal": 2}, "scal"),
    ("recipe", {"self": 2}, "self"),
    ("recipe", [], "recipe = []"),
    ("preset_recipe", {"patch": "33"}, "patch = '33'"),
    ("excluded", "xyz", "line 1"),
    ("look", {"image": 1}, "image = 1"),
    ("look", {"image": -1}, "image = -1"),
    ("look", {"image": True}, "image = True"),
    ("look", {"camera": [1, 2]}, "camera"),
    ("look", {"camera": [1, 2, 0]}, "camera"),
    ("look", {"camera": [1, 2, 1e300]}, "camera"),
    ("look", {"camera": [1, 2, "3"]}, "camera"),
    ("look", {"layers": "BOX"}, "layers = 'BOX'"),
    ("export", {"format": "gif"}, "format = 'gif'"),
    ("export", {"scope": "none"}, "scope = 'none'"),
    ("export", {"jobs": 0}, "jobs = 0"),
    ("export", {"options": {"max_pairs": -1}}, "max_pairs = -1"),
    ("export", {"options": {"max": 1}}, "max"),
]


def full(folder: Path) -> Session:
    inside, outside = folder / "photos", folder.parent / "elsewhere"
    odd = os.fsdecode(b"caf\xe9 'x'.png")
    return Session(
        images=(
            Rooted(inside / "a.png", inside),
            Rooted(inside / "sub" / odd, inside),
            inside / "alone.png",
            outside / "far.png",
            Rooted(outside / "b.png", outside),
            Rooted(inside / "before.png", inside),
            Rooted(inside / "c.png", inside, folder / "low" / "c_x4.png"),
            Rooted(inside / "after.png", inside),
            Rooted(outside / "d.png", None, outside / "d_lr.png"),
        ),
        preset="mine",
        base=PRESETS["v2"],
        recipe=PRESETS["v2"].replace(scale=3, error_margin=0.07),
        exclusions=Exclusions({"0f" * 32: Excluded(True, frozenset({Window(3, 4, 33, 4)}))}),
        look=Look(2, "box", ("BOX",), "Swipe", (1.5, 2.0, 4.0), True, ("charts", "log")),
        export=ExportChoices(folder / "out", "hdf5", "all", Options(channels="rgb"), 2),
    )


def save(session: Session, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path.parent, path.name, to_text(session, path.parent))
    return path


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    session = full(tmp_path / "here")
    assert read_session(save(session, tmp_path / "here" / "s.srviewer")) == session
    assert read_session(save(Session(), tmp_path / "empty.srviewer")) == Session()


def test_what_lies_below_the_file_moves_with_it(tmp_path: Path) -> None:
    session = full(tmp_path / "here")
    save(session, tmp_path / "here" / "s.srviewer")
    shutil.move(tmp_path / "here", tmp_path / "there")
    moved = read_session(tmp_path / "there" / "s.srviewer")
    mine, old = full(tmp_path / "there"), session.images
    far = (*old[3:5], *mine.images[5:8], old[8])
    assert moved == replace(mine, images=(*mine.images[:3], *far))


def test_a_relative_file_is_read_as_the_absolute_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = full(tmp_path)
    save(session, tmp_path / "s.srviewer")
    monkeypatch.chdir(tmp_path)
    assert read_session(Path("s.srviewer")) == session


@pytest.mark.parametrize(("key", "value", "words"), OUT_OF_BOUNDS)
def test_what_makes_no_sense_is_told_with_file_key_and_value(
    tmp_path: Path, key: str, value: object, words: str
) -> None:
    path = tmp_path / "s.srviewer"
    told = json.loads(to_text(Session(recipe=Recipe(scale=2)), tmp_path))
    path.write_text(json.dumps(told | {key: value}))
    with pytest.raises(SessionError) as raised:
        read_session(path)
    assert words in str(raised.value)
    assert str(raised.value).startswith(str(path))


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"kind": NaN}', b"9" * 10_000, b'"\\ud800"'],
)
def test_what_is_no_session_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "s.srviewer"
    path.write_bytes(data)
    with pytest.raises(SessionError, match=r"s\.srviewer: not a session"):
        read_session(path)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.srviewer", Path("/dev/zero")):
        with pytest.raises(SessionError, match=path.name):
            read_session(path)


def test_ten_thousand_images_are_read(tmp_path: Path) -> None:
    images = tuple(Rooted(tmp_path / f"in/{n}.png", tmp_path / "in") for n in range(10_000))
    session = Session(images=images)
    assert read_session(save(session, tmp_path / "s.srviewer")) == session
