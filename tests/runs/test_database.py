"""SQLite files that runs keep: what is refused before SQLite sees it, and shares without locks."""

import contextlib
import errno
import os
import sqlite3
from pathlib import Path

import pytest

from srviewer.errors import SurveyError
from srviewer.runs import database
from srviewer.runs.database import BESIDE, NO_LOCKS, Database, Kind, sqlite_code

KIND = Kind("notebook", 77, 1, "CREATE TABLE note (text TEXT)", SurveyError)


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "in" / "notes.sqlite"


def opened(file: Path, **how: bool) -> contextlib.closing[Database]:
    return contextlib.closing(Database(file, KIND, **{"writing": True} | how))


@pytest.mark.parametrize("suffix", ["", *BESIDE])
@pytest.mark.parametrize("link", ["symbolic", "dangling", "hard", "pipe"])
def test_links_are_refused_and_what_they_lead_to_is_left_alone(file, tmp_path, suffix, link):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious" * 200)
    planted = Path(f"{file}{suffix}")
    planted.parent.mkdir()
    if link == "hard":
        planted.hardlink_to(victim)
    elif link == "pipe":
        os.mkfifo(planted)
    else:
        planted.symlink_to(victim if link == "symbolic" else tmp_path / "none")
    with pytest.raises(SurveyError, match=r"plain file|another name") as caught:
        opened(file)
    assert caught.value.path == planted
    assert victim.read_bytes() == b"precious" * 200
    assert not (tmp_path / "none").exists()


def test_a_journal_that_would_delete_another_file_is_refused(file, tmp_path):
    with opened(file) as notes:
        notes.execute("INSERT INTO note VALUES ('mine')")
    victim = tmp_path / "victim"
    victim.write_text("precious")
    name = os.fsencode(victim)
    planted = name + len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big")
    Path(f"{file}-journal").write_bytes(planted + bytes.fromhex("d9d505f920a163d7"))
    with pytest.raises(SurveyError, match="a journal that would delete another file"):
        opened(file)
    assert victim.read_text() == "precious"


def test_one_that_is_alone_keeps_all_others_out_and_lets_go_at_its_end(file):
    with opened(file, alone=True) as notes:
        for _ in range(3):
            with pytest.raises(SurveyError) as caught:
                opened(file, alone=True)
            assert sqlite_code(caught.value) == sqlite3.SQLITE_BUSY
            notes.execute("INSERT INTO note VALUES ('mine')")
    with opened(file, alone=True) as notes:
        assert notes.rows("SELECT count(*) FROM note") == [(3,)]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
@pytest.mark.parametrize("alone", [True, False])
def test_a_share_without_locks_is_written_to_all_the_same(file, monkeypatch, number, alone):
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(database.fcntl, "lockf", refuse)
    with opened(file, alone=alone) as notes:
        assert not notes.has_locks
        notes.execute("INSERT INTO note VALUES ('mine')")
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    with contextlib.closing(sqlite3.connect(file)) as base:
        assert base.execute("SELECT * FROM note").fetchall() == [("mine",)]
    assert "two programs" in NO_LOCKS


def test_a_lock_that_another_program_has_is_no_lack_of_locks(file, monkeypatch):
    def refuse(*_: object) -> None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(database.fcntl, "lockf", refuse)
    with opened(file) as notes:
        assert notes.has_locks


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW seen AS SELECT * FROM note",
        "CREATE TRIGGER more AFTER INSERT ON note BEGIN DELETE FROM note; END",
        "PRAGMA application_id = 78",
    ],
)
@pytest.mark.parametrize("writing", [True, False])
def test_a_file_with_more_or_of_others_is_left_as_it_is(file, statement, writing):
    with opened(file) as notes:
        notes.execute("INSERT INTO note VALUES ('mine')")
        notes.execute(statement)
    before = file.read_bytes()
    with pytest.raises(SurveyError, match="not a notebook of srviewer; it is left as it is"):
        opened(file, writing=writing)
    assert file.read_bytes() == before


# It takes hours.
COSTLY = "instr(zeroblob(300000000), zeroblob(150000000) || x'01')"


@pytest.mark.parametrize(
    "definition",
    [
        "CREATE TABLE note (a TEXT, text TEXT AS ({}))",
        "CREATE TABLE note (a TEXT, text TEXT GENERATED ALWAYS AS ({}) STORED)",
        "CREATE TABLE note (text TEXT, CHECK ({} = 0))",
        "CREATE TABLE note (text TEXT DEFAULT ({}))",
        "CREATE TABLE note (text TEXT, /* */ other TEXT)",
        "CREATE INDEX more ON note ({})",
        "CREATE INDEX more ON note (text) WHERE text LIKE '%a%a%a%a%a%a%a%a%a'",
        "CREATE UNIQUE INDEX more ON note (text || text)",
        f"CREATE TABLE note (text TEXT{''.join(f', a{n} INTEGER' for n in range(1000))})",
    ],
)
@pytest.mark.parametrize("writing", [True, False])
def test_a_file_that_computes_is_left_as_it_is(file, definition, writing):
    with opened(file) as notes:
        notes.execute("INSERT INTO note VALUES ('mine')")
    with contextlib.closing(sqlite3.connect(file)) as base, base:
        base.execute("PRAGMA writable_schema = ON")
        base.execute("CREATE INDEX more ON note (text)")
        name = "note" if "TABLE" in definition else "more"
        told = definition.format(COSTLY), name
        base.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", told)
    before = file.read_bytes()
    with pytest.raises(SurveyError, match="not a notebook of srviewer; it is left as it is"):
        opened(file, writing=writing)
    assert file.read_bytes() == before


def test_values_are_large_only_where_that_is_said(file, monkeypatch):
    monkeypatch.setattr(database, "_MOST_BYTES", 10_000)
    with opened(file) as notes:
        with notes.large_values():
            notes.execute("INSERT INTO note VALUES (?)", ("x" * 20_000,))
            assert len(notes.first("SELECT text FROM note")) == 20_000
        with pytest.raises(SurveyError, match=r"notes\.sqlite: string or blob too big"):
            notes.first("SELECT text FROM note")


def test_a_newer_file_and_one_that_is_none_are_told(file):
    with opened(file) as notes:
        notes.execute("PRAGMA user_version = 2")
    with pytest.raises(SurveyError, match=r"notebook version 2\); this one reads versions up to 1"):
        opened(file)
    file.write_bytes(b"plain text" * 100)
    with pytest.raises(SurveyError, match="not a notebook: no SQLite file"):
        opened(file)


def test_a_file_that_another_program_begins_meanwhile_is_not_begun_twice(file, monkeypatch):
    with opened(file) as notes:
        notes.execute("INSERT INTO note VALUES ('theirs')")
    looks = iter([True])  # it was empty when it was looked at first
    is_new = Database._is_new
    monkeypatch.setattr(Database, "_is_new", lambda base: next(looks, None) or is_new(base))
    with opened(file) as notes:
        assert notes.rows("SELECT * FROM note") == [("theirs",)]


def test_what_fails_half_way_is_taken_back(file):
    with opened(file) as notes:

        def begin_and(error: type[BaseException]) -> None:
            with notes.transaction():
                notes.execute("INSERT INTO note VALUES ('half')")
                raise error

        for error in (ZeroDivisionError, KeyboardInterrupt):
            with pytest.raises(error):
                begin_and(error)
        with notes.transaction():
            notes.execute_many("INSERT INTO note VALUES (?)", [("one",), ("two",)])
        assert notes.rows("SELECT text FROM note") == [("one",), ("two",)]
        damaged = pytest.raises(SurveyError, match="a damaged notebook: invalid literal")
        with damaged, notes.damage_explained():
            int(notes.first("SELECT text FROM note"))


def test_a_file_system_that_cannot_be_written_to_is_told(file, monkeypatch):
    file.mkdir(parents=True)  # SQLite cannot open that either
    with pytest.raises(SurveyError, match="a folder in the place of a plain file"):
        opened(file)
    file.rmdir()
    monkeypatch.setattr(database, "_is_read_only", lambda folder: True)
    with pytest.raises(SurveyError, match="Read-only file system; choose a place that can be"):
        opened(file, writing=False)  # it is not there


@pytest.mark.skipif(not hasattr(os, "statvfs"), reason="not told on Windows")
def test_whether_a_file_system_can_be_written_to_is_asked_of_the_system(tmp_path, monkeypatch):
    assert not database._is_read_only(tmp_path)
    assert not database._is_read_only(tmp_path / "none")
    flags = os.statvfs_result((0,) * 8 + (os.ST_RDONLY | 4096, 255))
    monkeypatch.setattr(os, "statvfs", lambda folder: flags)
    assert database._is_read_only(tmp_path)


def test_where_there_is_nothing_to_try_locks_with_they_work(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "fcntl", None)
    assert database._locks_work(tmp_path, -1)
    assert list(tmp_path.iterdir()) == []


def test_probes_that_killed_programs_have_left_go_and_nothing_else(file):
    file.parent.mkdir()
    mine = ".srviewer-mine.probe"
    for name in (f".srviewer-{'0f' * 16}.probe", mine):
        (file.parent / name).touch()
    with opened(file):
        pass
    assert sorted(path.name for path in file.parent.iterdir()) == [mine, file.name]


def test_what_cannot_be_taken_back_does_not_hide_what_went_wrong(file):
    class Refusing:
        """A connection whose file takes nothing any more."""

        def __init__(self, connection: sqlite3.Connection) -> None:
            self._connection = connection

        def __getattr__(self, name: str) -> object:
            return getattr(self._connection, name)

        def execute(self, statement: str, *values: object) -> object:
            if statement == "ROLLBACK":
                raise sqlite3.OperationalError("disk I/O error")
            return self._connection.execute(statement, *values)

    with opened(file) as notes:
        notes._connection = Refusing(notes._connection)
        with pytest.raises(SurveyError, match="no such table"), notes.transaction():
            notes.execute("INSERT INTO none VALUES ('mine')")


def test_what_sqlite_has_taken_back_itself_is_told_as_what_it_is(file):
    kind = Kind("notebook", 78, 1, "CREATE TABLE note (text TEXT NOT NULL)", SurveyError)
    with contextlib.closing(Database(file, kind, writing=True)) as notes:
        values = [("half",), (None,)]
        with pytest.raises(SurveyError, match="NOT NULL constraint failed"), notes.transaction():
            notes.execute_many("INSERT OR ROLLBACK INTO note VALUES (?)", values)
        with notes.transaction():
            notes.execute("INSERT INTO note VALUES ('whole')")
        assert notes.rows("SELECT text FROM note") == [("whole",)]
