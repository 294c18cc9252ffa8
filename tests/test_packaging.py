"""The wheel, installed where only what it asks for is to be had: every command and the window.

The clean environment is a venv without pip. It borrows, by links, the distributions that the wheel
requires, and those that these require, from the environment of the tests: so nothing is fetched,
the extras are missing, and the checkout cannot be seen.
"""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from srviewer import __version__
from tests.conftest import REPOSITORY

COMMANDS = (
    *("inspect", "align", "survey", "export", "convert", "verify", "reproduce"),
    *("resizer-of", "resizers", "snapshot", "recipe"),
)
FEW = ("--preset", "v1", "--stride", "99")
OPEN_AND_CLOSE = """
import sys, threading
from PySide6.QtCore import QTimer
from srviewer.gui.app import make_application, run_window
cancel = threading.Event()
app = make_application()
def look():
    if any(w.isVisible() and "sample.png" in w.windowTitle() for w in app.topLevelWidgets()):
        print("the window shows the sample")
        cancel.set()
timer = QTimer()
timer.timeout.connect(look)
timer.start(100)
sys.exit(run_window([], cancel))
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")


def required(one: Distribution) -> Iterator[Distribution]:
    """Yield what `one` requires without extras, and what that requires."""
    for text in one.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            found = distribution(requirement.name)
            assert found.version in requirement.specifier
            yield found
            yield from required(found)


def files_of(package: Path) -> set[str]:
    found = (path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(package).as_posix() for path in found}


class Installed:
    """The environment, and a home of its own for all that runs in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "env"
        self.home = folder / "home"
        self.home.mkdir()
        venv.create(self.folder, with_pip=False)
        (self.site,) = self.folder.glob("lib/python*/site-packages")

    def run(self, *argv: object, code: int = 0) -> str:
        """Run a program of the environment, see that it ends with `code`, and return its output."""
        program, *words = map(str, argv)
        foreign = ("QT_", "PYTHON", "XDG_", "VIRTUAL_ENV")
        clean = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
        done = subprocess.run(
            [self.folder / "bin" / program, *words],
            env=clean | {"HOME": str(self.home), "QT_QPA_PLATFORM": "offscreen"},
            cwd=self.home, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + (done.stderr if code else "")


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Installed:
    """Return a clean environment with the wheel of this checkout."""
    folder = tmp_path_factory.mktemp("packaging")
    here = Installed(folder)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-index"]
    wheels = ["wheel", "--no-build-isolation", *offline, "--wheel-dir", folder, REPOSITORY]
    subprocess.run([*pip, *wheels], check=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    into = ["--python", here.folder / "bin" / "python", "install", *offline, wheel]
    subprocess.run([*pip, *into], check=True, timeout=120)
    (own,) = distributions(path=[str(here.site)])
    for one in required(own):
        for name in {file.parts[0] for file in one.files or ()} - {"..", "__pycache__"}:
            link = here.site / name
            if not link.exists():
                link.symlink_to(one.locate_file(name))
    return here


def test_the_wheel_holds_the_package_and_its_assets(installed):
    where = installed.run("python", "-c", "import srviewer; print(srviewer.__file__)").strip()
    assert Path(where) == installed.site / "srviewer" / "__init__.py"
    there = files_of(REPOSITORY / "srviewer")
    assert files_of(installed.site / "srviewer") == there | {"assets/icon.png", "assets/sample.png"}


def test_every_command_has_help(installed):
    assert installed.run("srviewer", "--version") == f"srviewer {__version__}\n"
    listed = installed.run("srviewer", "--help")
    for command in COMMANDS:
        assert f"srviewer {command}" in listed
        assert f"usage: srviewer {command}" in installed.run("srviewer", command, "--help")


def test_every_command_works_on_the_sample(installed):
    sample, out = installed.site / "srviewer" / "assets" / "sample.png", installed.home / "out"
    found = json.loads(installed.run("srviewer", "inspect", sample, "--json", *FEW))
    assert found["patches"]["kept"] > 0
    recipe = installed.home / "my.toml"
    recipe.write_text(installed.run("srviewer", "recipe", *FEW))
    file = installed.home / "sample.sqlite"
    installed.run("srviewer", "survey", sample, "--file", file, "--recipe", recipe)
    assert file.exists()
    installed.run("srviewer", "export", sample, "--out", out, "--recipe", recipe)
    assert len(list((out / "hr").iterdir())) == found["patches"]["kept"]
    installed.run("srviewer", "verify", out, "--images", sample)
    installed.run("srviewer", "reproduce", out, sample)
    installed.run("srviewer", "snapshot", sample, "window.png", "--recipe", recipe)
    assert (installed.home / "window.png").stat().st_size > 10_000


def test_without_the_extra_its_format_says_what_is_missing(installed):
    sample = installed.site / "srviewer" / "assets" / "sample.png"
    told = installed.run("srviewer", "export", sample, "--out", "l", "--format", "lmdb", code=1)
    assert "pip install 'srviewer[lmdb]'" in told


def test_the_window_opens_on_the_sample_and_closes(installed):
    assert "the window shows the sample" in installed.run("python", "-c", OPEN_AND_CLOSE, code=130)
