import ctypes
import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

import srviewer
from srviewer.pipeline.allocator import tune_allocator

glibc_only = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc" or not sys.platform.startswith("linux"),
    reason="only glibc is tuned",
)

# Touched and freed blocks, and what then is still with the process, in MB.
_HELD = """
import ctypes, os, sys
from pathlib import Path
from srviewer.pipeline import allocator

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

libc = ctypes.CDLL(None)
libc.malloc.argtypes, libc.malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
libc.free.argtypes, libc.free.restype = [ctypes.c_void_p], None
allocator._KEEP = 100_000_000
if sys.argv[1] == "tuned":
    assert allocator.tune_allocator()
before = resident()
print(resident() - before)
for size in map(int, sys.argv[2:]):
    block = libc.malloc(size)
    ctypes.memset(block, 1, size)
    libc.free(block)
    print(resident() - before)
"""

_FINGERPRINT = """
import hashlib, sys
from srviewer.pipeline.allocator import tune_allocator
if sys.argv[1] == "tuned":
    assert tune_allocator()
from srviewer.pipeline.analysis import STAGE_NAMES, analyse
from srviewer.pipeline.recipe import Recipe
from tests.analyses import parts
from tests.photos import as_source, crop
digest = hashlib.sha256()
for x in (0, 100):
    analysis = analyse(as_source(crop("motorcycle", x, 100, 320, 240)), Recipe())
    for stage in STAGE_NAMES:
        for name, value in parts(getattr(analysis, stage), stage).items():
            digest.update(name.encode())
            digest.update(value.tobytes() if hasattr(value, "tobytes") else repr(value).encode())
print(digest.hexdigest())
"""


def output_of(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def held(*arguments: str) -> list[float]:
    return [float(line) for line in output_of(_HELD, *arguments).splitlines()]


@glibc_only
def test_freed_memory_stays_for_the_next_image():
    start, *after = held("tuned", "60000000", "60000000", "80000000")
    assert start == pytest.approx(0, abs=2)
    assert after[0] == pytest.approx(60, abs=6)
    assert after[1] == pytest.approx(60, abs=6)
    assert after[2] == pytest.approx(80, abs=6)


@glibc_only
def test_memory_beyond_what_an_image_of_4_mp_takes_goes_back():
    assert held("tuned", "300000000")[-1] < 105


@glibc_only
def test_untuned_memory_goes_back():
    assert held("as it is", "60000000")[-1] < 6


@glibc_only
def test_the_results_are_the_same():
    assert output_of(_FINGERPRINT, "tuned") == output_of(_FINGERPRINT, "as it is")


_IN_A_THREAD = """
import threading
from srviewer.pipeline.allocator import tune_allocator
thread = threading.Thread(target=lambda: print(tune_allocator()))
thread.start()
thread.join()
"""


@glibc_only
@pytest.mark.parametrize(("arenas", "tuned"), [("1", "True"), ("2", "False"), (None, "False")])
def test_a_thread_with_a_heap_of_its_own_is_left_alone(arenas, tuned, monkeypatch):
    if arenas is None:
        monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    else:
        monkeypatch.setenv("MALLOC_ARENA_MAX", arenas)
    assert output_of(_IN_A_THREAD).strip() == tuned


def refuse(*_: object) -> None:
    raise TypeError("no name")


class NoMallopt:
    pass


class Refusing:
    @staticmethod
    def mallopt(parameter: int, value: int) -> int:
        return 0


@pytest.mark.parametrize("library", [refuse, lambda name: NoMallopt(), lambda name: Refusing()])
def test_other_c_libraries_are_left_alone(library, monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", library)
    assert tune_allocator() is False


def test_the_command_line_tunes_its_process_and_a_script_that_calls_us_stays_as_it_is(
    call, photos, tmp_path, monkeypatch
):
    asked: list[object] = []
    monkeypatch.setattr(ctypes, "CDLL", asked.append)
    srviewer.survey_images([photos], tmp_path / "survey.sqlite", srviewer.PRESETS["v1"], jobs=1)
    assert not asked
    call("recipe")
    assert asked == [None]


def test_a_thread_with_a_heap_of_its_own_is_not_tuned(monkeypatch):
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    monkeypatch.setattr(ctypes, "CDLL", None)  # it is not asked
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(tune_allocator).result() is False
