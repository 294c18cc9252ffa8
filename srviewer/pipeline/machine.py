"""What this process may use of the machine: its cores, and the memory that is free."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_memory(*, swap: bool = True) -> float | None:
    """Return how many bytes this process may still take, None where the system does not say.

    The least of what the machine has, with or without its swap, and of what the groups that hold
    the process (a container's, say) and its own limit leave.
    """
    found = [*_of_the_machine(swap), *_of_the_groups(), *_of_the_process()]
    return max(min(found), 0.0) if found else None


def _of_the_machine(swap: bool) -> Iterator[float]:
    with contextlib.suppress(OSError, ValueError, KeyError):
        told = dict(line.split(":") for line in _text("/proc/meminfo").splitlines())
        keys = ("MemAvailable", "SwapFree") if swap else ("MemAvailable",)
        yield sum(float(told[key].split()[0]) * 1024 for key in keys)


_GROUP_FILES = {  # of version 2, and of version 1
    "": ("memory.max", "memory.current", "inactive_file"),
    "memory": ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}


def _of_the_groups(root: str = "/sys/fs/cgroup") -> Iterator[float]:
    with contextlib.suppress(OSError, ValueError):
        for line in _text("/proc/self/cgroup").splitlines():
            _, kind, name = line.split(":", 2)
            if kind not in _GROUP_FILES:
                continue
            group = Path(root, kind, name.lstrip("/"))
            # A container sees its own group as the root, whatever the name.
            for folder in (group, *group.parents):
                if folder.is_relative_to(root):
                    yield from _of_a_group(folder, *_GROUP_FILES[kind])


def _of_a_group(folder: Path, most: str, now: str, files: str) -> Iterator[float]:
    with contextlib.suppress(OSError, ValueError, KeyError):
        limit, used = (_text(folder / name).strip() for name in (most, now))
        told = dict(line.split() for line in _text(folder / "memory.stat").splitlines())
        if limit != "max":
            yield float(limit) - float(used) + float(told[files])  # files give way


def _of_the_process() -> Iterator[float]:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit != resource.RLIM_INFINITY:
            pages = int(_text("/proc/self/statm").split()[0])
            yield float(limit - pages * resource.getpagesize())


def _text(path: Path | str) -> str:
    return Path(path).read_text("ascii")
