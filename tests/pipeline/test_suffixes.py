"""Which files count as images, and that all of these are read."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from srviewer.pipeline import suffixes
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.suffixes import EXTRAS, RAW, SUFFIXES, has_extra, not_read, register_extras
from tests.photos import crop

_MODES = {".pbm": "1", ".pgm": "L"}


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_whatever_is_searched_for_is_read(tmp_path, suffix):
    register_extras()
    rgb = crop("motorcycle", 100, 150, 64, 48)
    lossless = {"lossless": True} if suffix in (".webp", ".jxl") else {"quality": 100}
    path = tmp_path / f"a{suffix}"
    Image.fromarray(rgb).convert(_MODES.get(suffix, "RGB")).save(path, **lossless)
    found = read_image(path)
    assert found.size == (64, 48)
    if suffix not in _MODES:
        assert np.abs(found.rgb.astype(int) - rgb).mean() < 12


def test_no_suffix_is_both_read_and_not():
    assert not RAW & SUFFIXES
    assert not RAW & EXTRAS.keys()
    assert all(one.startswith(".") and one == one.lower() for one in RAW | SUFFIXES)
    assert all((suffix in SUFFIXES) == has_extra(extra) for suffix, extra in EXTRAS.items())


def test_what_is_not_read_is_told_with_what_to_do():
    assert not_read(".heic") == "pip install 'srviewer[heif]'"
    assert not_read(".jxl") == "pip install 'srviewer[jxl]'"
    assert not_read(".cr2") == ""
    assert not_read(".txt") is None


def test_extras_are_registered_where_they_are_installed(monkeypatch):
    registered = []
    module = SimpleNamespace(register_heif_opener=lambda: registered.append("opener"))
    load = lambda name: registered.append(name) or module  # noqa: E731
    monkeypatch.setattr(suffixes.importlib, "import_module", load)
    for installed, wanted in (("heif", ["pillow_heif", "opener"]), ("jxl", ["pillow_jxl"])):
        monkeypatch.setattr(suffixes, "has_extra", installed.__eq__)
        register_extras.__wrapped__()
        assert registered == wanted
        registered.clear()
