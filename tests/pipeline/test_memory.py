import subprocess
import sys

import pytest

from srviewer.errors import NotEnoughMemoryError
from srviewer.pipeline import memory
from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.memory import free_memory, memory_needed, require_memory
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


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_free_memory_is_the_least_that_anybody_allows(monkeypatch):
    assert free_memory(swap=False) > 0
    monkeypatch.setattr(memory, "_of_the_machine", lambda swap: iter([9e6 if swap else 4e6]))
    monkeypatch.setattr(memory, "_of_the_groups", lambda: iter([]))
    monkeypatch.setattr(memory, "_of_the_process", lambda: iter([]))
    assert (free_memory(swap=False), free_memory()) == (4e6, 9e6)
    monkeypatch.setattr(memory, "_of_the_groups", lambda: iter([3e6, 5e6]))
    assert free_memory() == 3e6
    monkeypatch.setattr(memory, "_of_the_process", lambda: iter([2e6]))
    assert free_memory() == 2e6
    monkeypatch.setattr(memory, "_of_the_process", lambda: iter([-1.0]))
    assert free_memory() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_limit_of_the_process_counts(environment):
    script = """
import resource
from srviewer.pipeline.memory import free_memory
print(free_memory())
hard = resource.getrlimit(resource.RLIMIT_AS)[1]
resource.setrlimit(resource.RLIMIT_AS, (int(3e9), hard))
print(free_memory())
"""
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    before, after = map(float, ran.stdout.split())
    assert 0.5e9 < after < 3e9
    assert after <= before


@pytest.mark.parametrize(
    ("line", "folder", "names"),
    [
        ("0::/box/inner", "", ("memory.max", "memory.current", "inactive_file")),
        (
            "4:memory:/box/inner",
            "memory",
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ),
    ],
)
def test_groups_of_both_versions_are_asked_up_to_the_root(
    tmp_path, monkeypatch, line, folder, names
):
    read = memory._text
    most, now, files = names
    for place, limit in (("box", "5000"), ("box/inner", "max" if folder == "" else str(2**62))):
        group = tmp_path / folder / place
        group.mkdir(parents=True)
        (group / most).write_text(f"{limit}\n")
        (group / now).write_text("3000\n")
        (group / "memory.stat").write_text(f"anon 2\n{files} 700\n")
    told = f"3:cpu:/\n{line}\n"
    monkeypatch.setattr(
        memory, "_text", lambda path: told if path == "/proc/self/cgroup" else read(path)
    )
    assert min(memory._of_the_groups(str(tmp_path))) == 5000 - 3000 + 700


@pytest.mark.skipif(sys.platform != "linux", reason="where a process tells its size")
def test_a_limit_of_the_process_leaves_what_it_has_not_taken(monkeypatch):
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda kind: (1 << 50, 1 << 50))
    (left,) = memory._of_the_process()
    assert 1 << 49 < left < (1 << 50) - (1 << 20)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (resource.RLIM_INFINITY,) * 2)
    assert list(memory._of_the_process()) == []


def test_what_the_machine_has_is_told_in_kibibytes(monkeypatch):
    told = "MemTotal: 9000 kB\nMemAvailable:   3000 kB\nSwapFree:  500 kB\n"
    monkeypatch.setattr(memory, "_text", lambda path: told)
    assert list(memory._of_the_machine(False)) == [3000 * 1024]
    assert list(memory._of_the_machine(True)) == [3500 * 1024]
    monkeypatch.setattr(memory, "_text", lambda path: "MemTotal: 9000 kB\n")
    assert list(memory._of_the_machine(False)) == []  # of an old kernel
