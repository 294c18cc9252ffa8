"""Each module alone in a fresh interpreter: what a notebook has imported before hides nothing."""

import os
import subprocess
import sys

import pytest

import srviewer
from tests.conftest import REPOSITORY

PACKAGE = REPOSITORY / "srviewer"
MODULES = sorted(
    ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if path.name != "__main__.py"
)
WITHOUT_QT = [
    "srviewer.cli",
    "srviewer.errors",
    "srviewer.terminal",
    "srviewer.pipeline.analysis",
    "srviewer.pipeline.summary",
    "srviewer.export.runner",
]


def run(code: str, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=500,
    )


def test_this_is_the_package_that_is_tested():
    assert srviewer.__file__ == str(PACKAGE / "__init__.py")
    assert {"srviewer", "srviewer.cli", "srviewer.pipeline.metrics"} <= set(MODULES)


# Libraries of others are loaded once, and for the window what is below it; each module of ours, and
# of the window, is imported by a process of its own.
EACH_ALONE = """
import importlib, os, sys
import cv2, numpy, PIL.Image, rich.progress
below, alone = (names.split() for names in sys.argv[1:])
if below:
    import PySide6.QtWidgets, pyqtgraph
for module in below:
    importlib.import_module(module)
assert sum(name.startswith("srviewer") for name in sys.modules) == len(below)
for module in alone:
    child = os.fork()
    if not child:
        importlib.import_module(module)
        sys.stdout.flush()
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print("failed:", module)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("of_window", [False, True])
def test_each_module_imports_alone(environment, of_window):
    window = [name for name in MODULES if name.startswith("srviewer.gui")]
    below = sorted(set(MODULES) - set(window))
    names = (below, window) if of_window else ([], below)
    done = run(EACH_ALONE, environment, *map(" ".join, names))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("module", WITHOUT_QT)
def test_what_the_command_line_needs_imports_alone_and_without_qt(module, environment):
    code = f"import sys, {module}; print([m for m in sys.modules if m.split('.')[0] in LISTED])"
    done = run(code.replace("LISTED", "('PySide6', 'shiboken6', 'pyqtgraph')"), environment)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")


@pytest.mark.parametrize("package", ["srviewer.pipeline", "srviewer.export"])
def test_the_lower_floors_know_nothing_of_the_upper(package, environment):
    below = [module for module in MODULES if module.startswith(f"{package}.")]
    code = f"import sys, {', '.join(below)}; print(*sorted(sys.modules), sep='\\n')"
    done = run(code, environment)
    assert done.returncode == 0
    imported = set(done.stdout.split())
    assert set(below) <= imported
    upper = ["srviewer.gui", "srviewer.cli", "srviewer.terminal", "rich", "PySide6"]
    if package == "srviewer.pipeline":
        upper.append("srviewer.export")
    assert not imported & set(upper)


def test_the_command_line_starts_with_nothing_that_only_some_commands_need(environment):
    # So that --help and a wrong flag answer at once.
    done = run("import sys, srviewer.cli; print(*sys.modules)", environment)
    others = {
        "cv2",
        "numpy",
        "sqlite3",
        "srviewer.export",
        "srviewer.runs",
        "srviewer.commands.verify",
    }
    assert "srviewer.cli" in done.stdout.split()
    assert not others & set(done.stdout.split())


def test_processes_that_help_an_export_begin_before_what_it_needs_is_loaded(environment):
    done = run("import sys, srviewer.commands.export; print(*sys.modules)", environment)
    assert "srviewer.runs.processes" in done.stdout.split()
    assert not {"cv2", "numpy", "PIL", "sqlite3"} & set(done.stdout.split())
    # Each reads the script of the command anew.
    done = run("import sys, srviewer.__main__; print(*sys.modules)", environment)
    assert "srviewer.__main__" in done.stdout.split()
    assert not {"argparse", "srviewer.cli"} & set(done.stdout.split())


@pytest.mark.parametrize("first", ["", "import cv2;"])
def test_opencv_leaves_qt_alone_whoever_imports_it(first, environment):
    names = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
    assert not set(names) & environment.keys()
    code = (
        f"import os; {first} import srviewer.pipeline.opencv as ours; ours.drop_qt_settings();"
        f"print([n for n in {names} if n in os.environ])"
    )
    done = run(code, environment)
    assert (done.stderr, done.stdout.strip()) == ("", "[]")
