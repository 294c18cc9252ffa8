"""Surveys in real processes: killed at any moment, and two at once."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from srviewer.pipeline.recipe_file import to_toml
from tests.conftest import REPOSITORY
from tests.survey.helpers import RECIPE, contents

KILLS = 8


def start(images: Path, file: Path, *more: str) -> subprocess.Popen:
    recipe = file.with_name("recipe.toml")
    recipe.write_text(to_toml(RECIPE))
    words = ["survey", images, "--file", file, "--recipe", recipe, "--json", *more]
    return subprocess.Popen(
        [sys.executable, "-m", "srviewer", *map(str, words)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def end(run: subprocess.Popen) -> dict:
    told, _ = run.communicate(timeout=100)
    assert run.returncode == 0
    return json.loads(told)


def test_killed_at_random_moments_and_started_again(image_set, quiet, tmp_path):
    file = tmp_path / "survey.sqlite"
    begun = time.monotonic()
    assert end(start(image_set, tmp_path / "timed.sqlite", "--jobs", "2"))["surveyed"] == 6
    whole = time.monotonic() - begun
    moments = random.Random(4)
    killed = surveyed = 0
    while killed < KILLS:
        begun = time.monotonic()
        run = start(image_set, file, "--jobs", "2")
        try:
            told, _ = run.communicate(timeout=moments.uniform(0.3, 1.1) * whole)
        except subprocess.TimeoutExpired:
            run.kill()
            run.communicate()
            killed += 1
            continue
        # So that it ends where others leave the machine to it only now.
        whole = (whole + time.monotonic() - begun) / 2
        surveyed = json.loads(told)["surveyed"]
        assert contents(file) == contents(quiet)
        file.unlink()
    last = end(start(image_set, file, "--jobs", "2"))
    assert (last["known"], last["failed"]) == (6, [])
    assert surveyed <= 6
    assert contents(file) == contents(quiet)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_two_programs_at_once_share_the_work(image_set, quiet, tmp_path, jobs):
    file = tmp_path / "survey.sqlite"
    both = [start(image_set, file, "--jobs", jobs) for _ in range(2)]
    told = [end(run) for run in both]
    assert all(one["known"] == one["images"] == 6 for one in told)
    assert contents(file) == contents(quiet)
    # What one has in hand when the other has nothing else left may be done twice.
    assert 6 <= sum(one["surveyed"] for one in told) <= 6 + 2 * int(jobs)
