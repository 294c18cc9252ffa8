"""Runs that are killed at any moment and started again, in real processes."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from srviewer.errors import ExportError
from srviewer.export.adopting import OLD_LEFTOVERS
from srviewer.export.options import FORMATS, Options
from srviewer.export.run_file import RUN_FILE
from srviewer.export.runner import export
from srviewer.pipeline.recipe_file import to_toml
from tests.conftest import REPOSITORY
from tests.export.helpers import RECIPE, kill_exports, tree, without_place
from tests.fork_server import Run

KILLS = 4  # for each of six ways to write
TRAINER = Options(profile="basicsr", validation_share=0.34, whole="validation", card=True)
FLAGS = ["--for", "basicsr", "--validation-share", 0.34, "--whole", "validation", "--card"]
PROC = Path("/proc")


def words(photos: Path, out: Path, format: str, *more: object) -> list[object]:
    recipe = out.with_name("recipe.toml")
    recipe.write_text(to_toml(RECIPE))
    flags = ["--out", out, "--format", format, "--jobs", 2, "--recipe", recipe]
    return ["export", photos, *flags, *more]


@pytest.fixture
def start(server, photos) -> Callable[..., Run]:
    """Return a function that begins an export."""

    def begin(out: Path, format: str = "bmp", *more: object) -> Run:
        return server.start(words(photos, out, format, *more), REPOSITORY)

    return begin


def children(process: subprocess.Popen) -> list[int]:
    text = (PROC / f"{process.pid}/task/{process.pid}/children").read_text()
    return [int(word) for word in text.split()]


def runs(pid: int) -> bool:
    try:
        state = (PROC / f"{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until(holds, seconds: float = 200.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("format", ["bmp", *FORMATS[4:]])
def test_killed_at_random_moments_and_started_again(start, whole, tmp_path, format):
    options, flags = (TRAINER, FLAGS) if format == "bmp" else (None, ())
    out, quiet = tmp_path / "out", without_place(whole(format, options))
    kill_exports(lambda: start(out, format, *flags), out, quiet, KILLS, seed=format)


@pytest.mark.skipif(not PROC.is_dir(), reason="the system does not tell which processes run")
def test_no_process_outlives_the_one_that_is_killed(photos, tmp_path):
    command = [sys.executable, "-m", "srviewer", *map(str, words(photos, tmp_path / "out", "bmp"))]
    nowhere = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    run = subprocess.Popen(command, cwd=REPOSITORY, **nowhere)
    wait_until(lambda: len(children(run)) >= 2)
    workers = children(run)
    run.kill()
    run.wait()
    wait_until(lambda: not any(map(runs, workers)))


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no process can be held here")
def test_a_folder_is_kept_by_one_export_until_its_process_ends(photos, start, tmp_path):
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    run = start(out)
    wait_until(lambda: any(out.glob("hr/**/*.bmp")))
    os.kill(run.pid, signal.SIGSTOP)
    for _ in range(3):
        with pytest.raises(ExportError, match=f"another export .* folder: process {run.pid} on "):
            export([photos], out, RECIPE, format="bmp", jobs=1)
    run.kill()
    export([photos], out, RECIPE, format="bmp", jobs=1)
    export([photos], fresh, RECIPE, format="bmp", jobs=1)
    assert tree(out) == tree(fresh)


def test_another_input_after_a_kill_leaves_nothing_of_the_image_under_way(photos, start, tmp_path):
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    shutil.copytree(photos, tmp_path / "others" / "photos")
    run = start(out)
    wait_until(lambda: any(out.glob("hr/**/*.bmp")))
    run.kill()
    with contextlib.closing(sqlite3.connect(out / RUN_FILE)) as base, base:
        base.execute("UPDATE image SET sha256 = NULL")  # as if none had been finished
    other = tmp_path / "others"
    export([other], out, RECIPE, format="bmp", jobs=1)
    export([other], fresh, RECIPE, format="bmp", jobs=1)
    assert tree(out) == tree(fresh)


@pytest.mark.parametrize("left", OLD_LEFTOVERS)
def test_what_an_older_srviewer_was_stopped_over_is_left_as_it_is(photos, tmp_path, left):
    out = tmp_path / "out"
    export([photos], out, RECIPE, format="bmp", jobs=1)
    (out / RUN_FILE).unlink()
    (out / left).touch()
    before = tree(out)
    with pytest.raises(ExportError, match="an older srviewer was stopped"):
        export([photos], out, RECIPE, format="bmp", jobs=1)
    assert tree(out) == before


def test_overwriting_after_a_kill_leaves_nothing_of_the_image_under_way(photos, start, tmp_path):
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    run = start(out)
    wait_until(lambda: any(out.glob("hr/**/*.bmp")))
    run.kill()
    other = RECIPE.replace(min_keypoints=RECIPE.min_keypoints + 3)
    export([photos], out, other, format="bmp", jobs=1, overwrite=True)
    export([photos], fresh, other, format="bmp", jobs=1)
    assert tree(out) == tree(fresh)
