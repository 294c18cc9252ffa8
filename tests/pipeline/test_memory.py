import subprocess
import sys

import pytest

from srviewer.errors import NotEnoughMemoryError
from srviewer.pipeline import memory
from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.memory import memory_needed, require_memory
from srviewer.pipeline.recipe import Recipe
from tests.photos import crop, save

MEASURE = """
import re, resource, sys
import numpy as np
from srviewer.pipeline import features
from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.allocator import give_back_memory
from srviewer.pipeline.memory import memory_needed
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.threads import use_threads
from tests.photos import photo

use_threads(2)
recipe = Recipe(keypoint_scope="image", **eval(sys.argv[1]))
features.WHOLE_UP_TO = int(sys.argv[2])
# Of this program alone: getrusage tells what the one that started it had.
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024
analyse(photo("coffee"), recipe)
give_back_memory()
rgb = np.tile(photo("coffee"), (3, 4, 1))[:, :2399]
before = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() - rgb.nbytes
analyse(rgb, recipe)
print(peak() - before, memory_needed(rgb.shape[1::-1], recipe))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("knobs", "whole_up_to"), [({}, 12_000_000), ({}, 0), ({"resizer": "matlab"}, 0)]
)
def test_what_is_said_to_be_needed_is_what_an_analysis_takes(environment, knobs, whole_up_to):
    command = [sys.executable, "-c", MEASURE, repr(knobs), str(whole_up_to)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    taken, needed = map(float, ran.stdout.split())
    assert 0.7 * needed < taken < 1.1 * needed


def test_a_hundred_megapixels_need_less_than_three_gigabytes(monkeypatch):
    monkeypatch.setattr(memory, "threads_used", lambda most: most)
    for size in ((10_000, 10_000), (10_001, 10_001), (3_000_000, 40), (40, 3_000_000)):
        for scale in (2, 3, 4):
            assert 2e9 < memory_needed(size, Recipe(scale=scale)) < 3e9
            assert 1e9 < memory.align_needs(size[0] * size[1], scale) < 3e9
    assert memory_needed((10_000, 10_000), Recipe(stride=1)) > 12e9


def test_to_straighten_a_large_pair_takes_more():
    size, whole = (6000, 4000), Recipe(straighten="hr")
    assert memory_needed(size, whole) > memory_needed(size, Recipe()) + 20 * 24e6


def test_the_figures_are_told_before_any_work(monkeypatch):
    reports = []
    image = crop("coffee", 0, 0, 200, 160)
    monkeypatch.setattr(memory, "free_memory", lambda: 10e6)
    with pytest.raises(NotEnoughMemoryError) as caught:
        analyse(image, Recipe(), on_stage=reports.append)
    assert not reports
    for words in ("200 x 160 px", "need about", "MB", "10.1 MB are free"):
        assert words in str(caught.value)
    monkeypatch.setattr(memory, "free_memory", lambda: 500e6)
    assert analyse(image, Recipe()).complete
    monkeypatch.setattr(memory, "free_memory", lambda: None)
    require_memory((20_000, 20_000), Recipe())


def test_the_command_names_the_image_and_the_figures(monkeypatch, call, tmp_path):
    save(crop("coffee", 0, 0, 200, 160), tmp_path / "a.png")
    monkeypatch.setattr(memory, "free_memory", lambda: 10e6)
    code, out, err = call("inspect", tmp_path / "a.png")
    assert (code, out) == (1, "")
    assert f"{tmp_path / 'a.png'}: 200 x 160 px" in err
    assert "10.1 MB are free" in err
