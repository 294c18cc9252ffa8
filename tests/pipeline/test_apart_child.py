"""The functions of the process apart, called here; `test_apart` talks to real ones."""

import io
import json
import sys

import numpy as np
import pytest

from srviewer.errors import ReadError
from srviewer.pipeline import apart_child


def answer_of(function: str, data: bytes = b"", **options) -> tuple[dict, bytes]:
    sink = io.BytesIO()
    apart_child._answer(sink, {"function": function, "options": options}, data)
    line, _, rest = sink.getvalue().partition(b"\n")
    return json.loads(line), rest


def arrays(data: bytes, facts: dict) -> tuple[dict, list[np.ndarray]]:
    plain = np.frombuffer(data, np.uint8).reshape(2, 3)
    return facts, [plain.T, plain.astype(">u2")[:, ::2]]


def refuse(data: bytes, error: Exception) -> None:
    raise error


HERE = __name__


def test_an_answer_is_a_line_and_then_the_arrays_one_after_the_other():
    told, rest = answer_of(f"{HERE}:arrays", b"\0\1\2\3\4\5", facts={"a": 1})
    assert told == {"facts": {"a": 1}, "arrays": [["|u1", [3, 2]], [">u2", [2, 2]]]}
    assert rest == bytes((0, 3, 1, 4, 2, 5)) + bytes((0, 0, 0, 2, 0, 3, 0, 5))


@pytest.mark.parametrize(
    ("error", "cause", "allowed"),
    [
        (ReadError("too odd", allowed="less"), "too odd", "less"),
        (MemoryError(), "not enough memory to read it", None),
        (ValueError("bits"), "bits", None),
        (KeyError(), "KeyError", None),
    ],
)
def test_an_error_is_told_in_words(error, cause, allowed):
    told, rest = answer_of(f"{HERE}:refuse", error=error)
    assert told == {"cause": cause, "allowed": allowed, "arrays": []}
    assert rest == b""


def test_requests_are_read_until_they_end_or_are_cut_off(monkeypatch):
    class Requests(list):
        put = list.append

    ended = []
    monkeypatch.setattr(apart_child.os, "_exit", ended.append)
    asked = [{"bytes": 3, "n": 1}, {"bytes": 0, "n": 2}, {"bytes": 9, "n": 3}]
    lines = [json.dumps(one).encode() + b"\n" for one in asked]
    for data, wanted in (
        (lines[0] + b"abc" + lines[1], [(asked[0], b"abc"), (asked[1], b"")]),
        (lines[0] + b"abc" + lines[2] + b"cut", [(asked[0], b"abc")]),
        (b"no request\n" + lines[1], []),
    ):
        found = Requests()
        apart_child._read(io.BytesIO(data), found)
        assert found == wanted
    assert ended == [0, 0, 0]


@pytest.mark.skipif(sys.platform != "linux", reason="where a process tells its size")
@pytest.mark.parametrize("hard", [-1, 1 << 50, 1000])
def test_a_process_takes_what_it_has_and_so_much_more_unless_it_may_less(monkeypatch, hard):
    import resource

    assert resource.RLIM_INFINITY == -1
    limits = {}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (hard, hard))
    monkeypatch.setattr(resource, "setrlimit", limits.__setitem__)
    apart_child._limit(10**9)
    assert limits.pop(resource.RLIMIT_CORE) == (0, 0)
    if hard == 1000:
        assert limits == {}
    else:
        most, still = limits.pop(resource.RLIMIT_AS)
        assert still == hard
        assert 10**9 + 2**20 < most < 10**9 + 2**42
