"""Texts that nobody means well with: what they ask for ends in words, and at once."""

import errno
import io
import json
import os
import time
from pathlib import Path

import pytest

from srviewer.errors import RecipeError
from srviewer.pipeline import texts
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipe_file import from_toml
from srviewer.pipeline.texts import (
    MOST_BYTES,
    MOST_DEPTH,
    lines_of,
    parse_json,
    parse_toml,
    read_bytes,
)

HOSTILE = {
    "brackets": "scale = " + "[" * 900,
    "closed brackets": "scale = " + "[" * 900 + "]" * 900,
    "tables": "scale = " + "{a = " * 900 + "1" + "}" * 900,
    "brackets after those that close": "]" * 900 + "[" * 900,
    "brackets after an apostrophe in a comment": "# don't\nscale = " + "[" * 900,
    "brackets after a string of seven quotes": 'a = {b = """x"""", c = ' + "[" * 900,
    "brackets after a literal of seven quotes": "a = {b = '''x'''', c = " + "[" * 900,
    "brackets after an escaped quote": 'a = {b = "\\\\", c = ' + "[" * 900,
    "dots": "a" + ".a" * 32_000 + " = 1",
    "dots in a head": "[a" + ".a" * 32_000 + "]",
    "lines of dots": ("[a" + ".a" * 60 + "]\n") * 500,
    "keys": "\n".join(f"a.k{number} = 1" for number in range(4000)),
    "tables of arrays": "[[a]]\n" * 10_000,
    "digits": "scale = " + "9" * 5000,
    "hexadecimal digits": "scale = 0x" + "f" * 60_000,
    "hexadecimal digits in a list": "scale = [0x" + "f" * 60_000 + "]",
    "more than a float holds": "error_margin = 1" + "0" * 400,
    "an exponent": "error_margin = 1e400",
    "an exponent of digits": "error_margin = -1e" + "9" * 60_000,
    "no number": "error_margin = nan",
    "a time": "scale = 1979-05-27T07:32:00Z",
    "a list": "scale = [" + "1," * 30_000 + "]",
    "a text": 'crop = "' + "x" * 60_000 + '"',
    "escapes": 'crop = "' + "\\n" * 30_000 + '"',
    "a key": "x" * 60_000 + " = 1",
    "a quoted key": '"' + "\\u0000" * 9_000 + '" = 1',
    "the same key": "scale = 2\nscale = 3",
    "half a pair of UTF-16": 'scale = "\ud800"',
    "nothing": "\0" * 60_000,
    "quotes": '"' * 60_000,
    "escaped quotes": 'a = """' + '\\"""' * 16_000,
    "spaces": "a" + " " * 60_000 + "= 1",
    "too much": "\n" * 100_000 + "a",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_toml_ends_in_words_at_once(text):
    begun = time.process_time()
    with pytest.raises(RecipeError) as caught:
        from_toml(text, "my.toml")
    assert time.process_time() - begun < 2
    assert str(caught.value).startswith("my.toml: ")
    assert len(str(caught.value).partition("Allowed: ")[0]) < 250
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "",
        'a = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["',
        "a = '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[['  # {{{{{{{{{{{{{{{{{{{{{{{{{{{{",
        'a = """\n' + "[\n" * 40 + '"""',
        'a = "' + "." * 1000 + '"  # ' + "." * 1000,
        "a = " + "[" * MOST_DEPTH + "]" * MOST_DEPTH,
        "[a]\n" + "".join(f"k{number} = [1.5, {{x = 2.5}}]\n" for number in range(500)),
    ],
)
def test_what_only_looks_deep_is_read(text):
    assert set(parse_toml(text, "a", RecipeError)) <= {"a"}


def test_a_value_beyond_what_a_float_holds_is_no_traceback():
    with pytest.raises(RecipeError, match=r"^error_margin = 1000.* \.\.\.: allowed is a number"):
        Recipe(error_margin=10**400)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 900, "9" * 5000, "NaN", "[-Infinity]", "", "{", "\0", None, 7, b"7"],
)
def test_hostile_json_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"\w"):
        parse_json(text)


@pytest.mark.parametrize("value", [[], {"a": ["[" * 99, '"{[', {"b": 1.5}]}, "x", 7, None, True])
def test_json_is_read(value):
    assert parse_json(json.dumps(value)) == value


def test_a_line_that_does_not_end_is_not_read_to_its_end():
    lines = b"a\n" * 3 + b"x" * MOST_BYTES
    assert [len(line) for line in lines_of(io.BytesIO(lines))] == [2, 2, 2, MOST_BYTES]
    endless = io.BytesIO(b"a\n" + b"\0" * 10 * MOST_BYTES)
    with pytest.raises(ValueError, match=r"more than 65\.5 kB of text"):
        list(lines_of(endless))
    assert endless.tell() < 2 * MOST_BYTES


def test_a_file_that_has_nothing_to_read_now_is_not_waited_for(monkeypatch):
    # As /proc/kmsg, which calls itself a plain file.
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    monkeypatch.setattr(texts, "open_plain", lambda *_, **how: os.fdopen(reader, "rb"))
    with pytest.raises(RecipeError, match=f"^log: {os.strerror(errno.EAGAIN)}"):
        read_bytes(Path("log"), RecipeError)
    os.close(writer)
