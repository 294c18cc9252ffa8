"""Which files in the folder of a data set a container may have made, and which are a person's."""

import os
from pathlib import Path

import pytest

from srviewer.export import own_files
from srviewer.export.containers.lmdb_pairs import LmdbPairs
from srviewer.export.containers.webdataset_pairs import WebdatasetPairs
from srviewer.export.own_files import container_files, container_folders

OWN = (
    "hr.lmdb/data.mdb",
    "hr.lmdb/lock.mdb",
    "hr.lmdb/meta_info.txt",
    "train/lr.lmdb/data.mdb",
    "validation/hr.lmdb/data.mdb",
)
SHARDS = ("pairs-000000.tar", "train/pairs-000001.tar")
OF_A_PERSON = (
    "data.mdb",
    "hr.lmdb/notes.txt",
    "mine/hr.lmdb/data.mdb",
    "pairs-0.tar",
    "train/hr/a.png",
    "train/pairs-000001.tar.txt",
)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a folder with files of two containers and of a person."""
    for name in (*OWN, *SHARDS, *OF_A_PERSON):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "lr.lmdb").mkdir()  # of which the file is gone
    return tmp_path


def test_a_container_has_its_files_of_each_set_and_none_of_a_person(out):
    lmdb = LmdbPairs(33, 33)
    assert list(container_files(out, lmdb, locks=True)) == list(OWN)
    without = [name for name in OWN if not name.endswith("lock.mdb")]
    assert list(container_files(out, lmdb)) == without
    folders = ["hr.lmdb", "lr.lmdb", "train/lr.lmdb", "validation/hr.lmdb"]
    assert sorted(container_folders(out, lmdb)) == folders
    shards = WebdatasetPairs(33, 33, 1000)
    assert list(container_files(out, shards)) == list(SHARDS)
    assert list(container_folders(out, shards)) == []


def test_each_folder_is_listed_once(out, monkeypatch):
    listed, listdir = [], os.listdir
    monkeypatch.setattr(own_files.os, "listdir", lambda path: listed.append(path) or listdir(path))
    assert list(container_files(out, LmdbPairs(33, 33)))
    folders = ("", "hr.lmdb", "lr.lmdb", "train", "train/lr.lmdb", "validation")
    assert sorted(listed) == [out / name for name in (*folders, "validation/hr.lmdb")]


def test_a_set_may_be_missing(out):
    (out / "train").rename(out / "other")
    assert list(container_files(out, WebdatasetPairs(33, 33, 1000))) == list(SHARDS[:1])
