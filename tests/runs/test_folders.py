"""What is in a folder is looked at before it is used, and nothing is followed out of it."""

import contextlib
import errno
import os

import pytest

from srviewer.runs import folders
from srviewer.runs.folders import (
    PlaceError,
    file_in,
    files_in,
    is_inside,
    make_folder,
    move,
    new_file,
    remove_file,
    remove_tree,
    replacing,
    scratch_folder,
    write_text,
)


@pytest.mark.parametrize("name", ["", ".", "..", "/etc", "../a", "a/../b", "a//b", "a/", "a\0b"])
def test_names_that_lead_elsewhere_are_refused(tmp_path, name):
    assert not is_inside(name)
    for use in (file_in, remove_file, remove_tree, make_folder):
        with pytest.raises(PlaceError):
            use(tmp_path, name)


@pytest.fixture
def outside(tmp_path):
    (tmp_path / "outside" / "inner").mkdir(parents=True)
    (tmp_path / "outside" / "file").write_text("precious")
    (tmp_path / "top").mkdir()
    return tmp_path / "outside"


USES = {
    "open": lambda top: file_in(top, "a/file"),
    "write": lambda top: write_text(top, "a/file", "text"),
    "remove": lambda top: remove_file(top, "a/file"),
    "remove all": lambda top: remove_tree(top, "a/inner"),
    "make": lambda top: make_folder(top, "a/new"),
    "list": lambda top: list(files_in(top, "a")),
    "move": lambda top: move(top, "b", "a/file"),
}


@pytest.mark.parametrize("use", USES)
def test_no_link_is_followed(tmp_path, outside, use):
    top = tmp_path / "top"
    (top / "b").touch()
    (top / "a").symlink_to(outside)
    with pytest.raises(PlaceError, match="a link in the place of a folder") as caught:
        USES[use](top)
    assert caught.value.filename == str(top / "a")
    assert sorted(os.listdir(outside)) == ["file", "inner"]
    assert (outside / "file").read_text() == "precious"


def test_the_folder_that_a_person_gives_may_be_a_link(tmp_path, outside):
    (tmp_path / "top" / "link").symlink_to(outside)
    write_text(tmp_path / "top" / "link", "mine", "text")
    assert (outside / "mine").read_text() == "text"


def test_a_file_with_another_name_is_replaced_and_never_written_to(tmp_path, outside):
    top = tmp_path / "top"
    (top / "a").hardlink_to(outside / "file")
    with pytest.raises(PlaceError, match="another name"):
        file_in(top, "a", to_change=True)
    write_text(top, "a", "text")
    os.close(new_file(top / "a"))
    assert (outside / "file").read_text() == "precious"
    assert (top / "a").read_bytes() == b""


def test_nobody_can_know_what_a_file_is_called_while_it_is_written(tmp_path):
    names = []
    for _ in range(2):
        with replacing(tmp_path, "a") as file:
            names += [name for name in os.listdir(tmp_path) if name != "a"]
            file.write(b"text")
    assert len(set(names)) == 2
    assert os.listdir(tmp_path) == ["a"]


def test_a_whole_folder_goes_and_what_its_links_lead_to_stays(tmp_path, outside):
    top = tmp_path / "top"
    make_folder(top, "a/b")
    (top / "a" / "b" / "link").symlink_to(outside)
    (top / "a" / "hard").hardlink_to(outside / "file")
    assert list(files_in(top, "a")) == ["a/hard", "a/b/link"]
    remove_tree(top, "a")
    assert os.listdir(top) == []
    assert (outside / "file").read_text() == "precious"


def test_folders_in_folders_without_end_are_no_recursion_error(tmp_path, monkeypatch):
    make_folder(tmp_path, "a")
    monkeypatch.chdir(tmp_path / "a")  # a path of its own would be too long for the system
    for _ in range(1500):
        os.mkdir("x")
        os.chdir("x")
    os.chdir(tmp_path)
    with contextlib.suppress(OSError):
        assert list(files_in(tmp_path, "a")) == []
    with contextlib.suppress(OSError):
        remove_tree(tmp_path, "a")
        assert os.listdir(tmp_path) == []  # unless it says that something stays
    os.system("rm -rf a")


def test_a_part_that_a_dead_run_has_left_goes_and_nothing_else(tmp_path):
    part = folders.part_beside(tmp_path / "a").rpartition("/")[2]
    for name in (part, ".a.part", "b.part"):
        (tmp_path / name).touch()
    for name in list(folders.half_written(os.listdir(tmp_path))):
        folders.remove_file(tmp_path, name)
    assert sorted(os.listdir(tmp_path)) == [".a.part", "b.part"]


def test_folders_that_are_empty_then_go_with_a_file_up_to_the_given_one(tmp_path):
    for name in ("a/b/c/one", "a/b/c/two", "a/other"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    folders.remove_file(tmp_path, "a/b/c/one", and_folders=True)
    assert (tmp_path / "a/b/c/two").exists()
    folders.remove_file(tmp_path, "a/b/c/two")
    assert (tmp_path / "a/b/c").is_dir()
    (tmp_path / "a/b/c/two").touch()
    folders.remove_file(tmp_path, "a/b/c/two", and_folders=True)
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["other"]
    folders.remove_file(tmp_path, "a/other", and_folders=True)
    assert tmp_path.is_dir()
    assert list(tmp_path.iterdir()) == []
    folders.remove_file(tmp_path, "a/other", and_folders=True)


def test_what_cannot_be_removed_is_known_before_anything_is(tmp_path, monkeypatch):
    for name in ("a/one", "a/two", "b/three"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names = ["a/one", "a/none", "none/at/all", "a/two", "b/three"]
    folders.require_removable(tmp_path, names)
    (tmp_path / "a" / "two").unlink()
    (tmp_path / "a" / "two").symlink_to(tmp_path / "b" / "three")
    with pytest.raises(folders.PlaceError, match="a link in the place of a plain file"):
        folders.require_removable(tmp_path, names)
    (tmp_path / "a" / "two").unlink()
    (tmp_path / "b").chmod(0o500)
    try:
        if not os.access(tmp_path / "b", os.W_OK):  # root may do all
            with pytest.raises(PermissionError, match="Permission denied"):
                folders.require_removable(tmp_path, names)
    finally:
        (tmp_path / "b").chmod(0o700)
    monkeypatch.setattr(folders.os, "access", lambda folder, mode: not folder.endswith("b"))
    with pytest.raises(PermissionError, match="Permission denied"):
        folders.require_removable(tmp_path, names)


def test_a_part_that_cannot_be_removed_does_not_hide_what_went_wrong(tmp_path, monkeypatch):
    def refuse(path: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    monkeypatch.setattr(folders.os, "unlink", refuse)
    with pytest.raises(OSError, match="No space left"), replacing(tmp_path, "a"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_folder_of_which_something_stays_is_told(tmp_path, monkeypatch):
    make_folder(tmp_path, "a/b")

    def refuse(path: object, **_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), path)

    monkeypatch.setattr(folders.os, "rmdir", refuse)
    with pytest.raises(OSError, match="Input/output error"):
        remove_tree(tmp_path, "a")


def test_what_killed_programs_have_left_of_theirs_goes_and_what_is_in_use_stays(tmp_path):
    told = []
    (tmp_path / ".a-again-0123abcd" / "hr").mkdir(parents=True)
    others = [".a-again-mine", ".b-again-0123abcd"]
    for name in others:
        (tmp_path / name).mkdir()
    with scratch_folder(tmp_path, ".a-again-", told.append) as one:
        (one / "file").touch()
        with scratch_folder(tmp_path, ".a-again-", told.append) as other:
            assert sorted(os.listdir(tmp_path)) == sorted([one.name, other.name, *others])
    assert sorted(os.listdir(tmp_path)) == others
    assert told == []


def test_without_locks_what_may_be_in_use_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "fcntl", None)
    (tmp_path / ".a-again-0123abcd").mkdir()
    with scratch_folder(tmp_path, ".a-again-", print) as one:
        (one / "file").touch()
    assert os.listdir(tmp_path) == [".a-again-0123abcd"]
