"""Fixtures of the window's tests: offscreen, with a home of their own, and nothing left behind."""

import gc
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere"  # no test asks a desktop for anything

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QThread
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from srviewer.cli import main
from srviewer.export.options import USUAL_FORMAT, Options
from srviewer.gui import remembering, theme
from srviewer.gui.app import make_application
from srviewer.gui.jobs.runner import Runner, stop_runners
from srviewer.gui.panels.recipe_panel import CLOSED
from srviewer.gui.state.export_settings import default_folder
from srviewer.gui.state.model import Model
from srviewer.gui.state.settings import Settings
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import Analysis, analyse
from srviewer.pipeline.recipe import Recipe
from tests.analyses import analysed_once, analysed_photo
from tests.export.helpers import tree
from tests.gui.helpers import TIMEOUT, open_paths, wait_for_analysis
from tests.photos import as_source, crop, save

_lasting: list[MainWindow] = []  # that tests of a file share
PATIENCE = 60.0  # seconds that a thread has to end in


@pytest.fixture(scope="session")
def qapp() -> Iterator[QApplication]:
    """Return the application as `srviewer snapshot` makes it, with its theme."""
    app = make_application(offscreen=True)
    app.setQuitOnLastWindowClosed(False)
    yield app
    gc.unfreeze()
    process_deletions()


@pytest.fixture(autouse=True, scope="module")
def what_was_there_before_is_not_searched(qapp: QApplication) -> None:
    """Keep what the files before have left from being searched after each test of this one."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="package")
def each_stage_looks_once() -> Iterator[None]:
    """Let the window do all that it does, but a stage give what it has found for the same."""
    with analysed_once():
        yield


def process_deletions() -> None:
    """Carry out what `deleteLater` has put off, and what that puts off in turn."""
    for _ in range(3):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


def running_qthreads() -> set[QThread]:
    """Return the QThreads of this process that run, whoever holds them."""
    # By their type: to ask an object of torch for its class warns.
    threads = [one for one in gc.get_objects() if issubclass(type(one), QThread)]
    return {one for one in threads if shiboken6.isValid(one) and one.isRunning()}


def python_threads() -> set[threading.Thread]:
    # A QThread that runs Python shows up here as a dummy that outlives it.
    dummy = threading._DummyThread
    return {one for one in threading.enumerate() if not isinstance(one, dummy)}


def top_level_widgets() -> set[QWidget]:
    """Return them without the bare ones by which Qt's graphics layouts ask the style.

    Qt makes one with each plot, which may be at any time of a window that several tests share.
    """
    valid = (widget for widget in QApplication.topLevelWidgets() if shiboken6.isValid(widget))
    ours = shiboken6.createdByPython
    return {widget for widget in valid if type(widget) is not QWidget or ours(widget)}


def leftovers(
    before: tuple[set[threading.Thread], set[QThread], set[QWidget]],
) -> list[str]:
    """Return in words what is there now and was not there before."""
    python, qt, widgets = before
    return [
        *(f"thread {one.name!r}" for one in python_threads() - python),
        *(f"QThread {one.objectName()!r}" for one in running_qthreads() - qt),
        *(
            f"top-level widget {type(one).__name__} {one.objectName()!r} {one.windowTitle()!r}"
            for one in top_level_widgets() - widgets
        ),
    ]


@pytest.fixture(autouse=True)
def leaves_nothing(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a thread running or a top-level widget behind."""
    before = (python_threads(), running_qthreads(), top_level_widgets())
    yield
    deadline = time.monotonic() + PATIENCE
    process_deletions()
    while (left := leftovers(before)) and time.monotonic() < deadline:
        time.sleep(0.02)
        process_deletions()
        for window in _lasting:  # what a timer has begun since the test ended
            for runner in window.findChildren(Runner):
                runner.stop()
    assert not left, f"the test leaves behind: {', '.join(left)}"


def use_home(home: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("HOME", str(home))
    for name in ("CONFIG", "CACHE", "DATA", "STATE"):
        patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))


@pytest.fixture(autouse=True)
def own_home(leaves_nothing: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep whatever a test writes out of the home of the person who runs it."""
    home = tmp_path / "home"
    home.mkdir()
    use_home(home, monkeypatch)
    return home


@pytest.fixture(autouse=True, scope="session")
def exceptions_in_slots_fail(pytestconfig: pytest.Config) -> None:
    """Refuse to run where pytest-qt was told not to fail a test for an exception in a slot."""
    assert not pytestconfig.getini("qt_no_exception_capture")


def close(qtbot: QtBot, window: MainWindow) -> None:
    """Close `window` and wait until no thread of it is left."""
    with qtbot.waitSignal(window.closed, timeout=TIMEOUT):
        window.leaving.at_once()


@pytest.fixture
def make_window(qtbot: QtBot, own_home: Path) -> Iterator[Callable[[], MainWindow]]:
    """Return a function that shows a new window; all are closed in the end."""
    windows: list[MainWindow] = []
    closed: list[MainWindow] = []

    def make() -> MainWindow:
        window = MainWindow()
        windows.append(window)
        window.closed.connect(lambda: closed.append(window))
        window.show()
        qtbot.waitExposed(window)
        return window

    yield make
    for window in windows:
        if window not in closed:
            close(qtbot, window)
        window.deleteLater()  # carried out by `leaves_nothing`, as all that ends with a test
    windows.clear()
    closed.clear()


@pytest.fixture
def new_window(make_window: Callable[[], MainWindow]) -> MainWindow:
    """Return a window of this test alone, shown and empty."""
    return make_window()


@pytest.fixture(scope="module")
def lasting_window(
    qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MainWindow]:
    """Return a window that all tests of a file share."""
    with pytest.MonkeyPatch.context() as patch:
        use_home(tmp_path_factory.mktemp("home"), patch)
        window = MainWindow()
        window.show()
        assert window.data_set_view  # which has menus that would be something left behind
        process_deletions()
        _lasting.append(window)
        yield window
        _lasting.remove(window)
        closed: list[bool] = []
        window.closed.connect(lambda: closed.append(True))
        window.leaving.at_once()
        deadline = time.monotonic() + TIMEOUT / 1000
        while not closed and time.monotonic() < deadline:
            QCoreApplication.processEvents()
        assert closed
        window.deleteLater()
        process_deletions()


@pytest.fixture
def window(own_home: Path, lasting_window: MainWindow, qtbot: QtBot) -> Iterator[MainWindow]:
    """Return the window that the tests of a file share, shown, empty and as it is at first.

    What a test leaves behind is put back by what a person, or the next start, does. A test that
    closes its window takes `new_window`.
    """
    put_back(lasting_window)
    qtbot.waitExposed(lasting_window)
    yield lasting_window
    assert lasting_window.isVisible(), "a test that closes its window takes `new_window`"
    for dock in lasting_window.docks.by_name.values():
        dock.setFloating(False)  # else it is a window of its own that is left behind
    lasting_window.canvas.fit()  # it stays where it is for an image of the same size
    # Nothing is looked at for an empty list: what was put off would begin once all has ended.
    lasting_window.model.remove(*lasting_window.model.entries)
    for runner in lasting_window.findChildren(Runner):
        qtbot.waitUntil(runner.stop, timeout=TIMEOUT)  # until the next job


def put_back(window: MainWindow) -> None:
    """Let a window be as it is at first."""
    model = window.model
    window.use_theme("system")
    stored = [one.key for one in vars(Settings).values() if hasattr(one, "makes_sense")]
    for key in ("recent", "recent_recipes", *stored):
        window.settings.remember(key, None)
    window.data_set_view.restore(window.settings)
    window.showNormal()
    model.show_data_set(False)
    model.remove(*model.entries)
    model.start_from("article", Recipe())
    model.show_view("patches")
    window.docks.hide_all(False)
    remembering.restore(window)  # of settings that are empty
    window.recipe.close_groups(CLOSED)
    window.export.progress.clear()
    window.export.choices.button.setChecked(False)
    settings = window.export_settings
    settings.restore(Options(), None, default_folder(), USUAL_FORMAT)
    settings._by_hand.clear()  # which a person cannot take back
    window.comparison.choose("preset article")
    window.log.clear()
    window.banner.hide()
    window.statusBar().clearMessage()
    for area in window.findChildren(QScrollArea):
        area.verticalScrollBar().setValue(0)
    window.activateWindow()
    window.canvas.setFocus()
    QApplication.processEvents()


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of photographs, for copies."""
    folder = tmp_path_factory.mktemp("saved")
    save(crop("motorcycle", 200, 100, 250, 200), folder / "engine.png")
    save(crop("astronaut", 100, 0, 256, 240), folder / "portrait.png")
    return folder


@pytest.fixture(scope="session")
def views(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return 16 photographs that take a while to export, for copies."""
    folder = tmp_path_factory.mktemp("views")
    return [
        save(crop("motorcycle", 8 * n, 5 * n, 300, 230), folder / f"view{n}.png") for n in range(16)
    ]


@pytest.fixture(scope="session")
def of_command_line(
    views: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    """Return the files that the command line makes of them."""
    out = tmp_path_factory.mktemp("cli")
    assert main(["export", "--jobs", "1", *map(str, views), "--out", str(out)]) == 0
    return tree(out)


@pytest.fixture
def photo_path(saved: Path, tmp_path: Path) -> Path:
    """Return a photograph with matches, a box, and both kept and rejected windows."""
    return Path(shutil.copy(saved / "engine.png", tmp_path))


@pytest.fixture
def other_path(saved: Path, tmp_path: Path) -> Path:
    """Return another photograph, of another size."""
    return Path(shutil.copy(saved / "portrait.png", tmp_path))


@pytest.fixture
def all_themes() -> Iterator[Iterator[theme.Theme]]:
    """Return an iterator that turns to each theme and tells which it is."""

    def turned() -> Iterator[theme.Theme]:
        for name, one in (("light", theme.LIGHT), ("dark", theme.DARK)):
            theme.choose_theme(name)
            QApplication.processEvents()
            yield one

    yield turned()
    theme.choose_theme("system")


@pytest.fixture
def analysed(qtbot: QtBot) -> Callable[[MainWindow, Path], None]:
    """Return a function that opens an image in a window and waits until all is known of it."""

    def open_and_wait(window: MainWindow, path: Path) -> None:
        open_paths(qtbot, window, [path])
        wait_for_analysis(qtbot, window, path)

    return open_and_wait


@pytest.fixture
def model(qtbot: QtBot) -> Iterator[Model]:
    """Return a model without images; its threads end with the test."""
    made = Model()
    yield made
    qtbot.waitUntil(lambda: stop_runners(made), timeout=TIMEOUT)
    made.deleteLater()


@pytest.fixture(scope="session")
def analysis() -> Analysis:
    """Return all that is known of the photograph of `photo_path`."""
    found = analysed_photo()
    assert 0 < found.patches.kept.sum() < found.patches.candidates.sum()
    assert 0 < found.consistent.kept.sum() < len(found.matches)
    return found


@pytest.fixture(scope="session")
def many() -> Analysis:
    """Return an analysis of more than 100,000 windows."""
    recipe = Recipe(stride=1, keypoint_scope="image", crop="whole", min_keypoints=3)
    found = analyse(as_source(crop("motorcycle", 200, 100, 370, 350)), recipe)
    assert len(found.windows) > 100_000
    return found


@pytest.fixture
def canvas(qtbot: QtBot, analysis: Analysis) -> Iterator[PairCanvas]:
    """Return the pair's canvas without overlays."""
    shown = PairCanvas()
    shown.resize(806, 420)
    shown.show_as(single=False)
    shown.show()
    qtbot.waitExposed(shown)
    shown.show_image(analysis.image, analysis)
    yield shown
    shown.close()
    shown.deleteLater()


@pytest.fixture
def opened(
    window: MainWindow, photo_path: Path, analysed: Callable[[MainWindow, Path], None]
) -> MainWindow:
    """Return the window with a photograph that is analysed."""
    analysed(window, photo_path)
    return window


@pytest.fixture
def again(qtbot: QtBot, own_home: Path, tmp_path: Path) -> Iterator[Callable[[], MainWindow]]:
    """Return a function that closes the window, if there is one, and opens the next."""
    windows: list[MainWindow] = []
    closed: list[MainWindow] = []

    def leave() -> None:
        while windows:
            window = windows.pop()
            if window not in closed:
                close(qtbot, window)
            window.deleteLater()
            process_deletions()

    def make() -> MainWindow:
        leave()
        window = MainWindow(Settings(tmp_path / "settings" / "window.ini"))
        windows.append(window)
        window.closed.connect(lambda: closed.append(window))
        window.show()
        qtbot.waitExposed(window)
        return window

    yield make
    leave()
    closed.clear()
    theme.choose_theme("system")


@pytest.fixture
def painted_texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets every text that is painted."""
    texts: list[str] = []
    original = QPainter.drawText

    def draw_text(self: QPainter, *arguments: object) -> object:
        texts.extend(one for one in arguments if isinstance(one, str))
        return original(self, *arguments)

    monkeypatch.setattr(QPainter, "drawText", draw_text)
    return texts
