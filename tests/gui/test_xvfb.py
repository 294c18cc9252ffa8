"""One real window on a real X server, driven from outside by mouse and keys."""

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
from typing import Any

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
PATIENCE = 200.0  # seconds that each step may take before the test gives up
SELDOM = 0.2  # seconds between two looks by a process of its own
VIEWS = 240


def wait_until(
    holds: Callable[[], object], what: str, patience: float = PATIENCE, every: float = 0.05
) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(every)


@pytest.fixture(scope="module")
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
            every=SELDOM,
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
        found: list[str] = []

        def is_there() -> bool:
            found[:] = self.windows(title)
            return bool(found)

        try:
            wait_until(is_there, f"a window with the title {title!r}", every=SELDOM)
        except AssertionError as error:
            there = [self.xdotool("getwindowname", one) for one in self.windows(".")]
            raise AssertionError(f"{error}; there are {there}") from None
        return found[0]

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

    def export_until(self, holds: Callable[[], object], what: str) -> None:
        """Press Ctrl+E, which does nothing while the export before is about to end."""

        def tried() -> bool:
            self.xdotool("key", "ctrl+e")
            deadline = time.monotonic() + 3
            while not holds() and time.monotonic() < deadline:
                time.sleep(0.05)
            return bool(holds())

        wait_until(tried, what)

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


@pytest.fixture(scope="module")
def at_home(display: str, environment: dict[str, str]) -> Callable[[Path], dict[str, str]]:
    """Return a function that makes a home, and gives the surroundings of who lives there."""
    kept = {key: value for key, value in environment.items() if key != "QT_QPA_PLATFORM"}
    kept.pop("WAYLAND_DISPLAY", None)

    def make(home: Path) -> dict[str, str]:
        home.mkdir()
        xdg = {f"XDG_{name}_HOME": str(home / name) for name in ("CONFIG", "CACHE", "DATA")}
        return kept | xdg | {"DISPLAY": display, "HOME": str(home)}

    return make


@pytest.fixture(scope="module")
def many_views(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of many images."""
    folder = tmp_path_factory.mktemp("many") / "views"
    view = save(crop("motorcycle", 180, 80, 300, 240), folder / "view00.png")
    for number in range(1, VIEWS):
        os.link(view, view.with_name(f"view{number:02}.png"))
    return folder


@pytest.fixture(scope="module")
def places(
    at_home: Callable[[Path], dict[str, str]],
    saved: Path,
    many_views: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """Return where the parts of a window are, as the window itself says."""
    folder = tmp_path_factory.mktemp("measured")

    def python(*arguments: object, home: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=at_home(folder / home),
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
            check=False,
        )

    images = (saved / "engine.png", saved / "portrait.png", many_views)
    measured = python("-m", "tests.gui.geometry", folder / "out", *images, home="measures")
    if measured.returncode:
        able = python("-m", "srviewer.gui.display", home="asks")
        if able.returncode:
            pytest.skip(f"no window on Xvfb: {able.stderr}")
    assert measured.returncode == 0, measured.stderr
    found: dict[str, Any] = json.loads(measured.stdout)
    return found


@pytest.mark.timeout(600)
def test_a_person_opens_tunes_exports_cancels_and_leaves(
    at_home: Callable[[Path], dict[str, str]],
    places: dict[str, Any],
    many_views: Path,
    tmp_path: Path,
    photo_path: Path,
    other_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    home = tmp_path / "person"
    surroundings = at_home(home)
    out = home / "Pictures" / "srviewer-pairs"
    errors = tmp_path / "stderr.txt"
    with open(errors, "wb") as file:
        program = subprocess.Popen(
            [sys.executable, "-m", "srviewer", str(photo_path)], env=surroundings, stderr=file
        )
    try:
        driver = Driver(surroundings)
        wait_until(
            lambda: program.poll() is not None or driver.windows("srviewer"),
            "the window",
            every=SELDOM,
        )
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
            driver.export_until((out / "checksums.sha256").exists, "the same pairs anew")
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
        driver.click(places["bar"])  # the distributions are back, which the inspector stood before
        driver.xdotool("key", "Right", "Left", "Down", "shift+Right")
        assert export_anew().min_keypoints == 5
        assert not Path("6").exists()
        driver.xdotool("key", "shift+Left")
        driver.click(places["folder"])
        assert export_anew().min_keypoints == 4, "Ctrl+E is no key of a field"
        assert_files_agree(out)

        driver.xdotool("key", "ctrl+shift+o")
        driver.choose_in_dialog("Open a folder of images", many_views)
        driver.wait_for_window("view00.png - srviewer")
        driver.focus(driver.window)
        time.sleep(2)
        driver.click(places["export_again"])  # the whole folder, as it is what was opened
        # Each worker may be within an image whose pairs will not be kept.
        wait_until(lambda: done(out) > (os.cpu_count() or 1) + 1, "some")

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
        assert len(images()) < VIEWS + 1, "cancelled half-way"
        assert_files_agree(out)

        assert program.poll() is None, "still there"
        driver.focus(driver.window)
        before = done(out)
        driver.export_until(lambda: done(out) > before, "the export goes on")
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


@pytest.mark.timeout(600)
def test_an_export_goes_where_it_was_meant_to_and_nowhere_else(
    at_home: Callable[[Path], dict[str, str]],
    places: dict[str, Any],
    tmp_path: Path,
    photo_path: Path,
    other_path: Path,
) -> None:
    home = tmp_path / "person"
    surroundings = at_home(home)
    photos, out, other_out = home / "photos", home / "Pictures" / "srviewer-pairs", home / "two"
    photos.mkdir()
    shutil.copy(photo_path, photos / "a.png")
    shutil.copy(other_path, photos / "b.png")
    errors = tmp_path / "stderr.txt"
    with open(errors, "wb") as file:
        program = subprocess.Popen(
            [sys.executable, "-m", "srviewer", str(photos)], env=surroundings, stderr=file
        )

    def tree(top: Path) -> dict[str, tuple[int, int]]:
        files = (p for p in top.rglob("*") if p.is_file() and not p.name.startswith("."))
        return {str(p.relative_to(top)): (p.stat().st_mtime_ns, p.stat().st_size) for p in files}

    def images(folder: Path) -> set[str]:
        last, rows = folder / "checksums.sha256", folder / "manifest.csv"
        # The checksums are written behind the rows, of the second export too.
        done = last.exists() and last.stat().st_mtime_ns >= rows.stat().st_mtime_ns
        return {row["image"] for row in rows_of(folder)} if done else set()

    try:
        driver = Driver(surroundings)
        driver.window = driver.wait_for_window("a.png - srviewer")
        driver.focus(driver.window)
        time.sleep(2)

        both = {"a.png", "b.png"}
        driver.export_until(lambda: images(out) == both, "the folder that was opened, whole")
        first = tree(out / "hr")

        shutil.copy(other_path, photos / "c.png")
        driver.xdotool("key", "ctrl+shift+o")
        driver.choose_in_dialog("Open a folder of images", photos)
        driver.focus(driver.window)
        time.sleep(2)
        driver.export_until(lambda: len(images(out)) == 3, "one more, without a question")
        assert first.items() <= tree(out / "hr").items(), "what was there is kept"

        asked, before = "Replace the pairs in this folder", tree(out)

        def asks_about_another_recipe() -> bool:
            driver.click(places["bar"])  # nothing where the image is not analysed yet
            driver.xdotool("key", "shift+Left", "ctrl+e")
            time.sleep(3)
            return bool(driver.windows(asked))

        wait_until(asks_about_another_recipe, "a question")
        assert tree(out) == before, "nothing before the answer"
        driver.focus(driver.wait_for_window(asked))
        driver.xdotool("key", "Escape")
        wait_until(lambda: not driver.windows(asked), "the end of the question", every=SELDOM)
        assert tree(out) == before, "nothing after a no"
        driver.focus(driver.window)
        driver.export_until(lambda: driver.windows(asked), "the question again")
        driver.focus(driver.wait_for_window(asked))
        driver.xdotool("key", "Tab", "space")
        wait_until(lambda: load_recipe(out / "recipe.toml").min_keypoints < 10, "replaced")
        driver.focus(driver.window)
        wait_until(lambda: len(images(out)) == 3, "all of them anew")

        def export_to(folder: Path) -> None:
            driver.click(places["folder"])
            driver.xdotool("key", "ctrl+a")
            driver.xdotool("type", "--delay", "5", str(folder))
            driver.xdotool("key", "Return", "ctrl+e")

        photographs = tree(photos)
        export_to(photos)
        export_to(home)  # which lies above them
        time.sleep(1)
        export_to(other_out)
        driver.export_until(lambda: len(images(other_out)) == 3, "another folder")
        assert tree(photos) == photographs
        assert not {"hr", "lr", "manifest.csv"} & {path.name for path in home.iterdir()}
        program.terminate()
        assert program.wait(PATIENCE) == INTERRUPTED
        assert not errors.read_text()
    finally:
        program.kill()
        program.wait()
