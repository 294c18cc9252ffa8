"""One real window on a real X server, driven from outside by mouse and keys."""

from __future__ import annotations

import csv
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from srviewer.cli import main
from srviewer.gui.app import INTERRUPTED
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipe_file import load_recipe
from tests.photos import crop, save

MISSING = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"{' and '.join(MISSING)} not installed; on Debian: apt install "
    f"{' '.join(name.lower() for name in MISSING)}"
)  # fmt: skip
PATIENCE = 60.0  # seconds that each step may take before the test gives up
VIEWS = 240


def wait_until(holds: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)


@pytest.fixture
def display() -> Iterator[str]:
    """Return the name of a display of our own."""
    reader, writer = os.pipe()
    # A server that begins anew after its last client refuses the next one meanwhile.
    settings = ["-screen", "0", "1400x1000x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), *settings],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        assert select.select([reader], [], [], PATIENCE)[0], "Xvfb does not start"
        number = os.read(reader, 20).decode().strip()
        assert number, "Xvfb ended at once"
        look = ["xdotool", "getdisplaygeometry"]
        env = os.environ | {"DISPLAY": f":{number}"}
        wait_until(
            lambda: not subprocess.run(look, env=env, capture_output=True, check=False).returncode,
            "an X server that answers",
        )
        yield f":{number}"
    finally:
        os.close(reader)
        server.terminate()
        server.wait()


class Driver:
    """Hands and eyes on the display."""

    def __init__(self, env: dict[str, str]) -> None:
        self._env = env
        self.window = ""

    def xdotool(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["xdotool", *arguments],
            env=self._env,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout.strip()

    def windows(self, title: str) -> list[str]:
        return self.xdotool("search", "--onlyvisible", "--name", title, check=False).split()

    def wait_for_window(self, title: str) -> str:
        try:
            wait_until(lambda: self.windows(title), f"a window with the title {title!r}")
        except AssertionError as error:
            there = [self.xdotool("getwindowname", one) for one in self.windows(".")]
            raise AssertionError(f"{error}; there are {there}") from None
        return self.windows(title)[0]

    def focus(self, window: str) -> None:
        # There is no window manager to do it.
        self.xdotool("windowfocus", "--sync", window)

    def move(self, place: list[int]) -> None:
        self.xdotool("mousemove", "--sync", "--window", self.window, *map(str, place))

    def click(self, place: list[int]) -> None:
        self.move([place[0] + 1, place[1]])
        self.move(place)
        self.xdotool("click", "1")

    def drag(self, start: list[int], end: list[int], steps: int = 10) -> None:
        self.move(start)
        self.xdotool("mousedown", "1")
        for step in range(1, steps + 1):
            self.move([a + round((b - a) * step / steps) for a, b in zip(start, end, strict=True)])
        self.xdotool("mouseup", "1")

    def choose_in_dialog(self, title: str, path: Path) -> None:
        """Type `path` into the file dialog that is about to open, and accept it."""
        dialog = self.wait_for_window(title)
        self.focus(dialog)
        self.xdotool("type", "--delay", "5", str(path))
        for _ in range(5):  # the first Return may only close the list of completions
            self.xdotool("key", "Return")
            time.sleep(0.3)
            if not self.windows(title):
                return
        pytest.fail(f"the dialog {title!r} stays")


def rows_of(out: Path) -> list[dict[str, str]]:
    with open(out / "manifest.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def assert_files_agree(out: Path) -> None:
    """Fail unless each file is in the manifest and the other way round."""
    listed = {row[side] for row in rows_of(out) for side in ("hr", "lr")}
    files = [path for side in ("hr", "lr") for path in (out / side).rglob("*")]
    there = {path.relative_to(out).as_posix() for path in files if path.is_file()}
    assert there == listed
    assert not list(out.rglob("*.part"))


def done(out: Path) -> int:
    """Return how many of the many images have pairs."""
    return len({path.name[:6] for path in (out / "hr").glob("view*")})


@pytest.mark.timeout(240)
def test_a_person_opens_tunes_exports_cancels_and_leaves(
    display: str,
    environment: dict[str, str],
    tmp_path: Path,
    photo_path: Path,
    other_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    view = save(crop("motorcycle", 0, 0, 480, 380), tmp_path / "views" / "view00.png")
    for number in range(1, VIEWS):
        os.link(view, view.with_name(f"view{number:02}.png"))

    def env(home: Path) -> dict[str, str]:
        home.mkdir()
        kept = {key: value for key, value in environment.items() if key != "QT_QPA_PLATFORM"}
        kept.pop("WAYLAND_DISPLAY", None)
        xdg = {f"XDG_{name}_HOME": str(home / name) for name in ("CONFIG", "CACHE", "DATA")}
        return kept | xdg | {"DISPLAY": display, "HOME": str(home)}

    def python(*arguments: object, home: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=env(tmp_path / home),
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
            check=False,
        )

    able = python("-m", "srviewer.gui.display", home="asks")
    if able.returncode:
        pytest.skip(f"no window on Xvfb: {able.stderr}")
    paths = (tmp_path / "measured", photo_path, other_path, view.parent)
    measured = python("-m", "tests.gui.geometry", *paths, home="measures")
    assert measured.returncode == 0, measured.stderr
    places = json.loads(measured.stdout)

    home = tmp_path / "person"
    surroundings = env(home)
    out = home / "Pictures" / "srviewer-pairs"
    errors = tmp_path / "stderr.txt"
    with open(errors, "wb") as file:
        program = subprocess.Popen(
            [sys.executable, "-m", "srviewer", str(photo_path)], env=surroundings, stderr=file
        )
    try:
        driver = Driver(surroundings)
        wait_until(lambda: program.poll() is not None or driver.windows("srviewer"), "the window")
        assert program.poll() is None, errors.read_text()
        driver.window = driver.wait_for_window("engine.png - srviewer")
        driver.focus(driver.window)

        driver.xdotool("key", "ctrl+o")
        driver.choose_in_dialog("Open images", other_path)
        driver.wait_for_window("portrait.png - srviewer")
        driver.focus(driver.window)

        def export_anew() -> Recipe:
            time.sleep(0.5)  # the one before is about to end
            shutil.rmtree(out)
            driver.xdotool("key", "ctrl+e")
            wait_until((out / "checksums.sha256").exists, "the same pairs anew")
            return load_recipe(out / "recipe.toml")

        # The slider, by the mouse: what it did is in the recipe that the export writes.
        time.sleep(2)  # places were measured with all stages done
        driver.drag(places["slider_10"], places["slider_4"])
        driver.click(places["export"])
        wait_until((out / "manifest.csv").exists, "the pairs of one image")
        recipe = load_recipe(out / "recipe.toml")
        assert recipe.min_keypoints == 4
        assert [path.name for path in (out / "meta").iterdir()] == ["portrait.txt"]
        capfd.readouterr()
        flags = ["--json", "--min-keypoints", "4"]
        assert main(["inspect", str(other_path), *flags]) == 0
        pairs = json.loads(capfd.readouterr().out)["patches"]["kept"]
        assert len(rows_of(out)) == pairs > 0
        assert_files_agree(out)

        # The inspector is shut: no field has the keys then. Arrows step, with Shift they pull.
        driver.click(places["window"])
        driver.click(places["shut"])
        driver.xdotool("key", "6")
        driver.xdotool("key", "alt+1")  # the distributions, which the inspector stood before
        driver.click(places["bar"])
        driver.xdotool("key", "Right", "Left", "Down", "shift+Right")
        assert export_anew().min_keypoints == 5
        assert not Path("6").exists()
        driver.xdotool("key", "shift+Left")
        driver.click(places["folder"])
        assert export_anew().min_keypoints == 4, "Ctrl+E is no key of a field"
        assert_files_agree(out)

        driver.xdotool("key", "ctrl+shift+o")
        driver.choose_in_dialog("Open a folder of images", view.parent)
        driver.wait_for_window("view00.png - srviewer")
        driver.focus(driver.window)
        time.sleep(2)
        driver.click(places["images"])
        time.sleep(0.3)
        driver.xdotool("key", "Down")
        driver.xdotool("key", "Return")
        driver.focus(driver.window)
        driver.click(places["export_again"])
        wait_until(lambda: done(out) >= 3, "some")

        def images() -> set[str]:
            return {row["image"] for row in rows_of(out)}

        for place in places["cancel"] * 3:
            driver.click(place)
            deadline = time.monotonic() + 2.5
            while len(images()) == 1 and time.monotonic() < deadline:  # it is written at the end
                time.sleep(0.05)
            if len(images()) > 1:
                break
        wait_until(lambda: len(images()) > 1, "the end after cancelling", 5)
        assert 4 <= len(images()) < VIEWS + 1, "cancelled half-way"
        assert_files_agree(out)

        assert program.poll() is None, "still there"
        driver.focus(driver.window)
        driver.xdotool("key", "ctrl+e")
        before = done(out)
        wait_until(lambda: done(out) > before, "the export goes on")
        driver.xdotool("key", "ctrl+q")
        driver.focus(driver.wait_for_window("Close srviewer"))
        driver.xdotool("key", "alt+s")
        assert program.wait(PATIENCE) == 0
        assert_files_agree(out)
        before = done(out)
        assert before < VIEWS
        with open(errors, "ab") as file:
            program = subprocess.Popen(
                [sys.executable, "-m", "srviewer"], env=surroundings, stderr=file
            )
        driver.window = driver.wait_for_window("sample.png - srviewer")
        driver.focus(driver.window)
        time.sleep(2)
        driver.click(places["offer"])
        wait_until(lambda: done(out) > before, "it goes on")
        program.terminate()
        assert program.wait(PATIENCE) == INTERRUPTED, "at once, without a question"
        assert "Traceback" not in errors.read_text()
        assert "srviewer:" not in errors.read_text()
        assert_files_agree(out)
    finally:
        program.kill()
        program.wait()
