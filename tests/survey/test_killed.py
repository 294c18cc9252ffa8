"""Surveys in real processes: killed at any moment, and two at once."""

import json
from functools import partial
from pathlib import Path

import pytest

from srviewer.pipeline.recipe_file import to_toml
from tests.conftest import REPOSITORY
from tests.fork_server import Run, Server
from tests.killing import kill_at_random
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
    file = tmp_path / "survey.sqlite"

    def is_as_quiet() -> None:
        assert contents(file) == contents(quiet)

    begin = partial(start, server, image_set, file)
    kill_at_random(begin, is_as_quiet, file.unlink, KILLS, seed="survey")
    last = json.loads(file.with_name("said").read_text())
    assert (last["known"], last["failed"]) == (6, [])


@pytest.mark.parametrize("jobs", [1, 2])
def test_two_programs_at_once_share_the_work(server, image_set, quiet, tmp_path, jobs):
    file = tmp_path / "survey.sqlite"
    both = {said: start(server, image_set, file, jobs, said) for said in ("one", "other")}
    told = [end(run, file, said) for said, run in both.items()]
    assert all(one["known"] == one["images"] == 6 for one in told)
    assert contents(file) == contents(quiet)
    # What one has in hand when the other has nothing else left may be done twice.
    assert 6 <= sum(one["surveyed"] for one in told) <= 6 + 2 * jobs
