"""Damaged images in a process that may die of them, damaged texts, and random recipes."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.conftest import REPOSITORY
from tests.fuzz.images import BYTES, SECONDS
from tests.fuzz.laws import LAWS, hold
from tests.fuzz.texts import Stage, quietly, readers, try_text

FILES = 10_000
TEXT_SECONDS = 60.0  # for each kind


def check_damaged_images(first: int = 0, count: int = FILES) -> list[str]:
    """Read that many damaged files; return what is wrong."""
    wrong: list[str] = []
    endings: dict[str, Counter[str]] = {}
    slowest, most = (0.0, ""), (0, "")
    for number, name, mutation, ending, seconds, words, peak in _results(first, count):
        endings.setdefault(name.split()[0], Counter())[ending] += 1
        called = f"damaged file {number} ({name}, {mutation})"
        slowest, most = max(slowest, (seconds, called)), max(most, (peak, called))
        if seconds > SECONDS:
            words = words or f"takes {seconds:.1f} s"
        if peak > BYTES:
            words = words or f"takes {peak / 1e6:,.0f} MB"
        if words:
            wrong.append(f"{called}: {words}")
    for kind, counts in sorted(endings.items()):
        told = ", ".join(f"{count} {ending}" for ending, count in sorted(counts.items()))
        print(f"damaged {kind}: {told}", flush=True)
    print(f"damaged files: slowest {slowest[0]:.1f} s, {slowest[1]}; at most {most[0] / 1e6:,.0f} "
          f"MB, {most[1]}; {len(wrong)} wrong", flush=True)  # fmt: skip
    return wrong


def _results(first: int, count: int) -> Iterator[list[Any]]:
    """Yield what `tests.fuzz.images` says of each file; one that ends its process is told too."""
    end = first + count
    while first < end:
        command = [sys.executable, "-m", "tests.fuzz.images", str(first), str(end - first)]
        about: list[Any] = []
        with subprocess.Popen(
            command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as child:
            assert child.stdout is not None
            for line in child.stdout:
                about = json.loads(line)
                if len(about) > 3:
                    yield about
        if not about:
            raise RuntimeError(f"no damaged file was read: exit code {child.returncode}")
        if len(about) == 3:
            cause = f"ends the process (exit code {child.returncode})"
            yield [*about, "died", 0.0, cause, 0]
        first = about[0] + 1


def check_damaged_texts(folder: Path, seed: int = 0) -> list[str]:
    """Read damaged texts, survey files and data sets for a while; return what is wrong."""
    texts, stage, first = readers(), Stage(folder / "stage"), seed * 1_000_000

    def try_one(number: int) -> str:
        return try_text(texts[number % len(texts)], number, folder)

    wrong: list[str] = []
    for name, do in {
        "texts": try_one, "survey files": stage.try_survey, "data sets": stage.try_data_set
    }.items():  # fmt: skip
        tried, found = quietly(do, range(first, first + 1_000_000), TEXT_SECONDS)
        print(f"damaged {name}: {tried:,} tried, {len(found)} wrong", flush=True)
        wrong += found
    return wrong


def check_laws() -> list[str]:
    """Hold every law against random recipes and images; return those that do not hold."""
    wrong: list[str] = []
    for law in LAWS:
        name = law.__name__.replace("_", " ")
        try:
            print(f"law: {name}: {hold(law, 'soak'):,} examples", flush=True)
        except Exception as error:
            drawn = getattr(error, "__notes__", "")
            wrong.append(f"{name}: {type(error).__name__}: {error} {drawn}")
    return wrong
