import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from srviewer.errors import Cancelled, ReadError
from srviewer.pipeline import apart
from srviewer.pipeline.apart import Apart
from srviewer.pipeline.progress import Progress

IMAGE = np.random.default_rng(5).integers(0, 256, (300, 400, 3), np.uint8)
posix_only = pytest.mark.skipif(os.name != "posix", reason="signals and process groups of POSIX")


def name(function: str) -> str:
    return f"tests.pipeline.apart_functions:{function}"


@pytest.fixture(scope="module")
def one():
    """One that lives as long as the tests of this file, whatever they do to it."""
    apart = Apart(seconds=20)
    yield apart
    apart.close()


def works(apart: Apart) -> int:
    """Check that `apart` answers, and return the number of its process."""
    facts, arrays = apart.call(name("twice"), IMAGE.tobytes(), {"shape": IMAGE.shape, "say": "ä"})
    assert (facts["say"], facts["bytes"]) == ("ä", IMAGE.nbytes)
    same, deep, none = arrays
    np.testing.assert_array_equal(same, IMAGE)
    np.testing.assert_array_equal(deep, IMAGE.astype(np.uint16)[:, ::-1] * 257)
    assert (deep.dtype, none.shape, none.dtype) == (np.uint16, (0, 3), np.float32)
    same[0, 0, 0] ^= 1  # they may be written to
    return facts["pid"]


def with_little_time() -> tuple[Apart, int]:
    """Return one that has had the time to begin, and the number of its process."""
    apart = Apart(seconds=20)
    pid = works(apart)
    apart._seconds = 1
    return apart, pid


def is_alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    try:
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(true) -> bool:
    end = time.monotonic() + 30
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(true())


def test_one_process_answers_again_and_again(one):
    assert len({works(one) for _ in range(3)} - {os.getpid()}) == 1


def test_errors_of_the_function_are_told_and_cost_no_process(one):
    pid = works(one)
    with pytest.raises(ReadError) as caught:
        one.call(name("refuse"), b"")
    assert (caught.value.cause, caught.value.allowed) == ("a cause", "something else")
    for text, said in (("two\nlines", "two lines"), ("", "ZeroDivisionError")):
        with pytest.raises(ReadError) as caught:
            one.call(name("fail"), text.encode())
        assert caught.value.cause == said
    with pytest.raises(ReadError) as caught:
        one.call(name("fail"), b"x" * 100_000)
    assert len(str(caught.value)) < 400
    with pytest.raises(ReadError, match="no_such_function"):
        one.call(name("no_such_function"), b"")
    assert works(one) == pid


def test_what_a_library_prints_or_reads_is_no_part_of_the_talk(one, capfd):
    assert one.call(name("chatter"), b"").facts == {"read": ""}
    works(one)
    assert capfd.readouterr() == ("", "")


@posix_only
@pytest.mark.parametrize("how", ["SIGSEGV", "SIGABRT", "SIGKILL"])
def test_a_death_is_named_and_the_next_one_is_served(one, how, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pid = works(one)
    with pytest.raises(ReadError, match=rf"its decoder died over it \({how}\)"):
        one.call(name("die"), how.encode())
    assert works(one) != pid
    assert not list(tmp_path.iterdir())  # nor a core


def test_an_end_without_a_signal_is_named(one):
    with pytest.raises(ReadError, match=r"died over it \(exit code 7\)"):
        one.call(name("leave"), b"")
    works(one)


def test_one_that_died_between_two_calls_is_replaced_without_a_word(one):
    pid = works(one)
    os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    assert one._process is not None
    assert wait_for(lambda: one._process.poll() is not None)
    assert works(one) != pid


@pytest.mark.parametrize("how", ["hang", "hang_with_the_interpreter"])
def test_a_hang_ends_when_its_time_is_over(how, tmp_path):
    with_little, pid = with_little_time()
    begun = time.monotonic()
    with pytest.raises(ReadError, match="its decoder did not answer in 1 seconds"):
        with_little.call(name(how), str(tmp_path / "pid").encode())
    assert 1 <= time.monotonic() - begun < 13
    assert int((tmp_path / "pid").read_text()) == pid
    assert wait_for(lambda: not is_alive(pid))
    with_little.close()


def test_a_large_input_to_one_that_hangs_does_not_block(tmp_path):
    with_little, pid = with_little_time()
    if os.name == "posix":
        os.kill(pid, signal.SIGSTOP)  # so it reads nothing
        with pytest.raises(ReadError, match="did not answer in 1 seconds"):
            with_little.call(name("twice"), bytes(5_000_000), {"shape": [5_000_000]})
    with_little.close()


def test_it_can_be_cancelled(one, tmp_path):
    cancel, pid_file = threading.Event(), tmp_path / "pid"

    def cancel_later() -> None:
        wait_for(pid_file.exists)
        cancel.set()

    threading.Thread(target=cancel_later).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        one.call(name("hang"), str(pid_file).encode(), progress=Progress(cancel=cancel))
    assert time.monotonic() - begun < 15
    works(one)


def test_who_waits_for_a_turn_can_be_cancelled(one):
    cancel = threading.Event()
    cancel.set()
    with one._turn, pytest.raises(Cancelled):
        one.call(name("refuse"), b"", progress=Progress(cancel=cancel))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps the limit")
def test_memory_is_bounded(tmp_path):
    small = Apart(seconds=20, memory=300_000_000)
    pid = works(small)
    with pytest.raises(ReadError, match="not enough memory to read it"):
        small.call(name("fill"), b"400000000")
    assert works(small) == pid
    assert small.call(name("fill"), b"1000000").arrays[0].sum() == 1_000_000
    small.close()


@posix_only
@pytest.mark.parametrize(
    "said",
    [
        b"\n", b"nonsense\n", b"[]\n", b"{}\n", b"7" * 2_000_000, b"[" * 100_000 + b"\n",
        b'{"facts": 3, "arrays": []}\n', b'{"facts": {}, "arrays": 3}\n',
        b'{"facts": {}, "arrays": [3]}\n', b'{"facts": {}, "arrays": [["|O", [2]]]}\n',
        b'{"facts": {}, "arrays": [["|u1", [-1]]]}\n',
        b'{"facts": {}, "arrays": [["|u1", ["x"]]]}\n',
        b'{"facts": {}, "arrays": [[["|u1"], 1]]}\n',
        b'{"facts": {}, "arrays": [["|u1", [4000000000, 4000000000]]]}\n',
        b'{"facts": {}, "arrays": [], "more": 1}\n', b"\xff\xfe\n",
    ],
)  # fmt: skip
def test_answers_that_make_no_sense_are_an_error(one, said):
    works(one)
    with pytest.raises(ReadError, match="makes no sense"):
        one.call(name("say"), said)
    works(one)


@posix_only
@pytest.mark.parametrize(
    "said",
    [b"", b'{"facts": {}, "arr', b'{"facts": {}, "arrays": [["|u1", [9]]]}\n1234'],
    ids=["before", "in the first line", "in an array"],
)
def test_an_answer_that_ends_too_early_is_a_death(one, said):
    works(one)
    with pytest.raises(ReadError, match=r"died over it \(exit code 7\)"):
        one.call(name("say_and_leave"), said)
    works(one)


def test_threads_take_turns(one):
    pids: list[int] = []
    callers = [threading.Thread(target=lambda: pids.append(works(one))) for _ in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(pids) == 6
    assert len(set(pids)) == 1


PARENT = """
import sys
from srviewer.pipeline.apart import Apart, decoder
where = sys.argv[1].encode()
apart = Apart(seconds=20)
apart.call("tests.pipeline.apart_functions:twice", b"abc", {"shape": [1, 3]})
apart._seconds = 2  # which its beginning need not fit into
apart.call("tests.pipeline.apart_functions:" + sys.argv[2], where)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("how", ["hang", "hang_with_the_interpreter"])
def test_it_ends_with_the_one_that_began_it(environment, tmp_path, how):
    where = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, where, how], env=environment)
    assert wait_for(lambda: where.exists() and where.read_text())
    parent.kill()
    parent.wait()
    pid = int(where.read_text())
    assert wait_for(lambda: not is_alive(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_script_without_a_main_guard_may_use_it_and_leaves_nothing(environment, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from srviewer.pipeline.apart import decoder\n"
        "assert decoder() is decoder()\n"
        "twice = 'tests.pipeline.apart_functions:twice'\n"
        "print(decoder().call(twice, b'abc', {'shape': [1, 3]}).facts['pid'])\n"
    )
    # What lies where the user is, is not imported.
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong one')")
    (tmp_path / "PIL.py").write_text("raise SystemExit('the wrong one')")
    script = script.rename(tmp_path.parent / f"{tmp_path.name}.py")
    ran = subprocess.run(
        [sys.executable, script], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.stderr == ""
    assert not is_alive(int(ran.stdout))


FORK = """
import os, sys
from srviewer.pipeline.apart import decoder
def pid():
    answer = decoder().call("tests.pipeline.apart_functions:twice", b"abc", {"shape": [1, 3]})
    return answer.facts["pid"]
before = pid()
child = os.fork()
if not child:
    other = pid()
    sys.exit(other == before or pid() != other)
assert os.waitpid(child, 0)[1] == 0
assert pid() == before
"""


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_a_fork_has_one_of_its_own_and_leaves_that_of_its_parent(environment):
    command = [sys.executable, "-W", "ignore", "-c", FORK]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_where_it_cannot_be_started_that_is_told(monkeypatch):
    monkeypatch.setattr(apart.sys, "executable", "/nowhere/python")
    with pytest.raises(ReadError, match="cannot be started: No such file"):
        Apart().call(name("refuse"), b"")
