import io
import os
import socket
import threading
from pathlib import Path

import pytest

from srviewer.errors import Cancelled, ReadError
from srviewer.pipeline.formats import opening
from srviewer.pipeline.formats.opening import open_plain, read_plain
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.reading import read_image
from srviewer.runs.marks import fingerprint, mark_file


def refusals(path: Path) -> list[str]:
    """Return what everything that opens images says of `path`, in a second each."""
    said: list[str] = []

    def ask(read) -> None:
        with pytest.raises(ReadError) as caught:
            read(path)
        assert caught.value.path == path
        said.append(caught.value.sentence)

    for read in (read_image, read_plain, fingerprint, mark_file):
        thread = threading.Thread(target=ask, args=(read,), daemon=True)
        thread.start()
        thread.join(5)
        assert not thread.is_alive(), f"{read.__name__} waits"
    return said


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    os.symlink("a.png", tmp_path / "b.png")
    for name in ("a.png", "b.png"):
        said = refusals(tmp_path / name)
        assert said == ["a pipe, not an image"] * 2 + ["a pipe, not a plain file"] * 2


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no such devices")
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty"])
def test_a_device_is_not_read(device):
    assert set(refusals(Path(device))) == {"a device, not an image", "a device, not a plain file"}


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no such sockets")
def test_a_socket_is_not_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # its name may not be long
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("a.png")
        assert refusals(Path("a.png"))[0] == "a socket, not an image"


def test_a_file_that_becomes_a_pipe_meanwhile_is_not_read(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(b"x")
    looked = os.stat(tmp_path / "a.png")
    os.remove(tmp_path / "a.png")
    os.mkfifo(tmp_path / "a.png")
    monkeypatch.setattr(opening.os, "stat", lambda path: looked)
    with pytest.raises(ReadError, match="a pipe"):
        open_plain(tmp_path / "a.png")


def test_a_file_is_limited_in_bytes(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(bytes(100))
    monkeypatch.setattr(opening, "MOST_BYTES", 99)
    with pytest.raises(ReadError, match=r"a file of 100 B; allowed is at most 99 B"):
        read_plain(tmp_path / "a.png")


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="this system has no such files")
def test_what_tells_no_size_is_empty():
    with pytest.raises(ReadError, match="the file is empty"):
        read_image("/proc/self/maps")


def test_a_file_that_changes_while_it_is_read_is_told(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(b"shorter")
    told = os.fstat

    def longer(handle: int) -> os.stat_result:
        return os.stat_result((*told(handle)[:6], 8, *told(handle)[7:]))

    monkeypatch.setattr(opening.os, "fstat", longer)
    with pytest.raises(ReadError, match=r"a\.png: it changed while it was read"):
        read_plain(tmp_path / "a.png")


def test_a_large_file_is_told_block_by_block_and_can_be_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "_BLOCK", 10_000)
    data = bytes(range(256)) * 100
    (tmp_path / "a.png").write_bytes(data)
    told = []
    assert read_plain(tmp_path / "a.png", Progress(lambda *now: told.append(now))) == data
    assert told == [("read", 0, 25), ("read", 10, 25), ("read", 20, 25)]
    cancel = threading.Event()
    progress = Progress(lambda *now: cancel.set(), cancel)
    with pytest.raises(Cancelled):
        read_plain(tmp_path / "a.png", progress)
    told.clear()
    monkeypatch.setattr(opening, "_BLOCK", len(data))
    assert read_plain(tmp_path / "a.png", Progress(lambda *now: told.append(now))) == data
    assert told == []  # what is read in a moment


def test_a_large_file_that_is_cut_while_it_is_read_ends_there(monkeypatch):
    monkeypatch.setattr(opening, "_BLOCK", 10)
    assert opening._all_of(io.BytesIO(b"0123456789abc"), 40, UNHEARD) == b"0123456789abc"
