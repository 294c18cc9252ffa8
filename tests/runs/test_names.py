import re
import unicodedata

import pytest

from srviewer.runs import names as module
from srviewer.runs.names import choose_stems, escaped, stems

# Names as they are read from a file system, and as they are told.
ESCAPED = {
    "a.png": "a.png",
    "sub/Größe 再.png": "sub/Größe 再.png",
    "caf\udce9.png": "caf\\xe9.png",
    "two\nlines.png": "two\\x0alines.png",
    "two\u2028lines.png": "two\\u2028lines.png",
    "=1+1.png": "\\=1+1.png",
    "-a.png": "\\-a.png",
    "@a.png": "\\@a.png",
    "\\=1+1.png": "\\\\=1+1.png",
    "\\x0a.png": "\\\\x0a.png",
    "\ud800.png": "\\ud800.png",
}
PLAIN = ["a", "A-1_b.v2", "Größe", "再び", "हिन्दी", "دو", "n" * 200, "con_x", "a/b/c"]
ODD = [
    *("my photo", "a\nb", "=a", "-a", ".a", "a~b", "a.", "con", "NUL.v2", "lpt1", "a:b", "a*"),
    *("n" * 201, "я" * 101, unicodedata.normalize("NFD", "é"), "a\\b", "my dir/a", "..a"),
]


@pytest.mark.parametrize("name", ESCAPED)
def test_names_are_told_as_plain_text_and_stay_different(name):
    assert escaped(name) == ESCAPED[name]
    escaped(name).encode()
    assert len(set(ESCAPED.values())) == len(ESCAPED)


@pytest.mark.parametrize("stem", PLAIN)
def test_plain_names_are_left_as_they_are(stem):
    assert stems(f"{stem}.png")[0] == stem


@pytest.mark.parametrize("stem", ODD)
def test_odd_names_are_cleaned_and_told_apart_by_their_hash(stem):
    for found in stems(f"{stem}.png"):
        for part in found.split("/"):
            assert len(part.encode()) <= 200
            assert not re.search(r"[\s\\:*?\"<>|=,()\x00-\x1f]", part)
            assert part[0] not in "-."
            assert part[-1] != "."
            assert unicodedata.is_normalized("NFC", part)
    assert re.search("~[0-9a-f]{8}(/|$)", stems(f"{stem}.png")[0])


def test_no_two_images_share_a_stem_on_any_system():
    names = [f"{stem}{ending}" for stem in PLAIN + ODD for ending in (".png", ".PNG", ".bmp", "")]
    names += ["a_png.bmp", "a_png_bmp", "A.png", "É.png", "é.png", "a~b_png.x", "ß.png", "SS.png"]
    chosen = choose_stems([escaped(name) for name in names])
    keys = {unicodedata.normalize("NFC", stem.casefold()) for stem in chosen}
    assert len(keys) == len(names) == len(set(names))
    for name, stem in zip(names, chosen, strict=True):
        assert stem in stems(escaped(name))


def test_an_image_keeps_its_plain_stem_where_others_can_go_out_of_its_way():
    names = ["a.png", "a.jpg", "a_png.jpg"]
    assert choose_stems(names) == [stems("a.png")[2], "a_jpg", "a_png"]


def test_no_digits_are_made_for_images_that_differ_without(monkeypatch):
    def refuse(part: str, whole: str) -> str:
        raise AssertionError(part)

    monkeypatch.setattr(module, "_marked", refuse)
    assert choose_stems(["a.png", "a.jpg", "b/a.png"]) == ["a_png", "a_jpg", "b/a"]
