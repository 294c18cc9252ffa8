import os
import subprocess
import sys

import pytest

from srviewer.pipeline import machine
from srviewer.pipeline.machine import cores, free_memory


def test_cores_are_those_that_the_process_may_use():
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert cores() == allowed


def test_cores_are_all_of_the_machine_where_the_system_tells_no_more(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert cores() == 3
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_free_memory_is_the_least_that_anybody_allows(monkeypatch):
    assert free_memory(swap=False) > 0
    monkeypatch.setattr(machine, "_of_the_machine", lambda swap: iter([9e6 if swap else 4e6]))
    monkeypatch.setattr(machine, "_of_the_groups", lambda: iter([]))
    monkeypatch.setattr(machine, "_of_the_process", lambda: iter([]))
    assert (free_memory(swap=False), free_memory()) == (4e6, 9e6)
    monkeypatch.setattr(machine, "_of_the_groups", lambda: iter([3e6, 5e6]))
    assert free_memory() == 3e6
    monkeypatch.setattr(machine, "_of_the_process", lambda: iter([2e6]))
    assert free_memory() == 2e6
    monkeypatch.setattr(machine, "_of_the_process", lambda: iter([-1.0]))
    assert free_memory() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_limit_of_the_process_counts(environment):
    script = """
import resource
from srviewer.pipeline.machine import free_memory
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
    read = machine._text
    most, now, files = names
    for place, limit in (("box", "5000"), ("box/inner", "max" if folder == "" else str(2**62))):
        group = tmp_path / folder / place
        group.mkdir(parents=True)
        (group / most).write_text(f"{limit}\n")
        (group / now).write_text("3000\n")
        (group / "memory.stat").write_text(f"anon 2\n{files} 700\n")
    told = f"3:cpu:/\n{line}\n"
    monkeypatch.setattr(
        machine, "_text", lambda path: told if path == "/proc/self/cgroup" else read(path)
    )
    assert min(machine._of_the_groups(str(tmp_path))) == 5000 - 3000 + 700


@pytest.mark.skipif(sys.platform != "linux", reason="where a process tells its size")
def test_a_limit_of_the_process_leaves_what_it_has_not_taken(monkeypatch):
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda kind: (1 << 50, 1 << 50))
    (left,) = machine._of_the_process()
    assert 1 << 49 < left < (1 << 50) - (1 << 20)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (resource.RLIM_INFINITY,) * 2)
    assert list(machine._of_the_process()) == []


def test_what_the_machine_has_is_told_in_kibibytes(monkeypatch):
    told = "MemTotal: 9000 kB\nMemAvailable:   3000 kB\nSwapFree:  500 kB\n"
    monkeypatch.setattr(machine, "_text", lambda path: told)
    assert list(machine._of_the_machine(False)) == [3000 * 1024]
    assert list(machine._of_the_machine(True)) == [3500 * 1024]
    monkeypatch.setattr(machine, "_text", lambda path: "MemTotal: 9000 kB\n")
    assert list(machine._of_the_machine(False)) == []  # of an old kernel
