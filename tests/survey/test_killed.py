"""Surveys in real processes: killed at any moment, and two at once."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest

from srviewer.pipeline.recipe_file import to_toml
from tests.conftest import REPOSITORY
from tests.fork_server import Run, Server
from tests.survey.helpers import RECIPE, contents

KILLS = 8


def start(server: Server, images: Path, file: Path, jobs: int = 2, said: str = "said") -> Run:
    """Begin a survey, which tells how it went in a file beside its own."""
    recipe = file.with_name("recipe.toml")
    recipe.write_text(to_toml(RECIPE))
    flags = ["--file", file, "--recipe", recipe, "--json", "--jobs", jobs]
    return server.start(["survey", images, *flags], REPOSITORY, file.with_name(said), err=False)


def end(run: Run, file: Path, said: str = "said") -> dict:
    assert run.wait(250) == 0
    return json.loads(file.with_name(said).read_text())


def test_killed_at_random_moments_and_started_again(server, image_set, quiet, tmp_path):
    file, timed = tmp_path / "survey.sqlite", tmp_path / "timed.sqlite"
    begun = time.monotonic()
    assert end(start(server, image_set, timed), timed)["surveyed"] == 6
    whole = time.monotonic() - begun
    moments = random.Random(4)
    killed = surveyed = 0
    while killed < KILLS:
        begun = time.monotonic()
        run = start(server, image_set, file)
        try:
            run.wait(moments.uniform(0.3, 1.1) * whole)
        except TimeoutError:
            run.kill()
            killed += 1
            continue
        # So that it ends where others leave the machine to it only now.
        whole = (whole + time.monotonic() - begun) / 2
        surveyed = json.loads(file.with_name("said").read_text())["surveyed"]
        assert contents(file) == contents(quiet)
        file.unlink()
    last = end(start(server, image_set, file), file)
    assert (last["known"], last["failed"]) == (6, [])
    assert surveyed <= 6
    assert contents(file) == contents(quiet)


@pytest.mark.parametrize("jobs", [1, 2])
def test_two_programs_at_once_share_the_work(server, image_set, quiet, tmp_path, jobs):
    file = tmp_path / "survey.sqlite"
    both = {said: start(server, image_set, file, jobs, said) for said in ("one", "other")}
    told = [end(run, file, said) for said, run in both.items()]
    assert all(one["known"] == one["images"] == 6 for one in told)
    assert contents(file) == contents(quiet)
    # What one has in hand when the other has nothing else left may be done twice.
    assert 6 <= sum(one["surveyed"] for one in told) <= 6 + 2 * jobs
