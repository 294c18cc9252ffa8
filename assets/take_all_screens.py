"""Takes all stages, panels and dialogs at every size and in both themes, to be looked at.

    python assets/take_all_screens.py FOLDER

900 x 600, 1280 x 800, 2560 x 1440, and 1280 x 800 with two device pixels a pixel: a made set and
given pairs, what is excluded, failed, exported and verified, menus and dialogs, and what
`rare_screens` has. Nothing is
compared: a person looks through the folder for what is cut, lies over another, or is empty. A size
and a theme after FOLDER, as ``1280x800 light``, take those alone.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import rare_screens
from faulty_pairs import WITH_BLOCK, write_faulty_pairs
from PIL import Image
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QSpinBox, QWidget
from take_screenshots import pieces, rejected_window, wait

from srviewer.gui.app import make_application
from srviewer.gui.snapshot import wait_for_analysis
from srviewer.gui.state.layers import VIEWS, Arrangement, Layer
from srviewer.gui.state.selection import Selected
from srviewer.gui.state.settings import ThemeChoice
from srviewer.gui.views.error_dialog import ErrorDialog
from srviewer.gui.views.resizer_dialog import ResizerDialog
from srviewer.gui.views.resizers_dialog import ResizersDialog
from srviewer.gui.widgets.dock import Dock
from srviewer.gui.window import MainWindow
from srviewer.runs.inputs import GivenLR

SIZES = ((900, 600), (1280, 800), (2560, 1440))
TWICE = ((1280, 800),)
_TWICE = "QT_SCALE_FACTOR"
_THEMES: tuple[ThemeChoice, ...] = ("dark", "light")

Step = tuple[str, Callable[[], object]]


def _steps(window: MainWindow) -> Iterator[Step]:
    """Yield what is shown one after the other, each with its name."""
    model, docks = window.model, window.docks
    for number, view in enumerate(VIEWS, start=1):
        yield f"{number}_{view.name}", partial(window.choose_view, view.name)
    yield "8_data_set", partial(model.show_data_set, True)
    yield "panel_inspector_window", lambda: (window.choose_view("patches"), rejected_window(window))
    yield "panel_inspector_match", lambda: model.select(Selected("match", 5), go_there=True)
    yield "7_pairs_match", partial(window.choose_view, "pairs")
    for name in ("charts", "gallery", "windows", "matches", "compare", "log", "displacement"):
        yield f"panel_{name}", partial(_panel, window, name)
    yield "heat", lambda: (docks.by_name["charts"].open(), model.show_layer(Layer.HEAT, True))
    yield "knobs_all", lambda: window.recipe.close_groups(())
    yield "export_choices", window.export.choices.button.click
    yield "problem", lambda: model.change("patch", 4096)


def _panel(window: MainWindow, name: str) -> None:
    window.model.select(None)
    window.choose_view("patches")
    window.canvas.fit()
    window.docks.by_name[name].open()


def _more(window: MainWindow, folder: Path) -> Iterator[Step]:
    """Yield states that a person meets less often, on the images of `folder` and others."""
    model, docks, pair = window.model, window.docks, window.pair
    model.reset_recipe()
    wait_for_analysis(window)
    window.export.choices.button.setChecked(False)
    model.show_layer(Layer.HEAT, False)
    for one in (Arrangement.STACKED, Arrangement.SWIPE, Arrangement.DIFFERENCE):
        yield f"arranged_{one.name.lower()}", partial(pair.arrange, one)
    yield "difference_and_heat", partial(model.show_layer, Layer.HEAT, True)
    yield "compared", lambda: (pair.arrange(None), model.show_layer(Layer.COMPARISON, True))
    yield "windows_of_set", window.show_set_gallery
    gallery = window.data_set_view.gallery.gallery
    wait(lambda: len(gallery.windows) > 5)
    yield "windows_chosen", lambda: gallery.take(gallery.windows[1:5], int(gallery.windows[4]))
    yield "windows_excluded", window.excluding.turn_windows
    yield "excluded", lambda: (_exclude_some(window), window.choose_view("patches"))
    yield "before_others", docks.by_name["charts"].open
    yield "floating", lambda: docks.by_name["charts"].setFloating(True)
    yield "panels_hidden", lambda: (docks.arrange(), docks.turn_all())
    yield "exporting", lambda: (docks.turn_all(), _begin_export(window))
    yield "exported", lambda: wait(lambda: not window.exporting.run.busy)
    yield from rare_screens.menus(window)
    yield from rare_screens.questions(window)
    yield from rare_screens.checked(window)
    yield from rare_screens.leaving(window)
    yield from rare_screens.refused(window, folder)
    yield from rare_screens.dragged(window, folder)
    yield "failed", partial(_fail, window, [*sorted(folder.glob("*.png")), _broken(folder)])
    yield from rare_screens.unusable(window)
    yield "failed_surveyed", lambda: (model.show_data_set(True), _survey(window))
    yield from rare_screens.long_names(window, folder)
    yield "wide", partial(_open, window, [_wide(folder.parent)])
    yield "sample", partial(window.open_sample, _wide(folder.parent))
    yield from _given(window, folder.parent)


def _given(window: MainWindow, folder: Path) -> Iterator[Step]:
    model, docks = window.model, window.docks
    high, low = folder / "faulty" / "hr", folder / "faulty" / "lr"
    if not high.exists():
        write_faulty_pairs(folder / "faulty")
    window.open_pairs([high], GivenLR(low))
    wait(lambda: not window.opening.busy)
    wait_for_analysis(window)
    yield "given", lambda: window.choose_view("consistent")
    yield "given_displaced", lambda: (docks.by_name["displacement"].open(), _look(window, 4))
    yield "given_arrows", lambda: model.show_layers(frozenset({Layer.ARROWS, Layer.FIELD}))
    yield "given_in_part", lambda: (_look(window, 7), _keep_aligned(window))
    yield "given_surveyed", lambda: (model.show_data_set(True), _survey(window))
    yield "given_windows", window.data_set_view.show_windows
    yield "given_resizer", partial(_resizer, window)
    yield "given_resizer_named", partial(_name_resizer, window)


def _look(window: MainWindow, number: int) -> None:
    window.model.look_at(window.model.entries[number])
    wait_for_analysis(window)
    wait(lambda: window.alignment.found is not None or number != 4)


def _keep_aligned(window: MainWindow) -> None:
    assert window.model.current is not None
    assert window.model.current.path.name == WITH_BLOCK
    window.model.change("min_keypoints", 3)
    window.model.change("keep_windows", "aligned")
    window.choose_view("patches")
    window.model.show_layers(frozenset({Layer.BOX, Layer.ALIGNMENT}))
    wait_for_analysis(window)


def _resizer(window: MainWindow) -> None:
    window.model.show_data_set(False)
    window.compare_resizers()
    dialog = window.findChild(ResizersDialog)
    wait(lambda: dialog.found is not None)


def _name_resizer(window: MainWindow) -> None:
    window.name_resizer()
    dialog = window.findChild(ResizerDialog)
    wait(lambda: bool(dialog.ranking))


def _exclude_some(window: MainWindow) -> None:
    window.model.show_data_set(False)
    rejected_window(window)
    window.excluding.turn_windows()


def _begin_export(window: MainWindow) -> None:
    window.model.select(None)
    window.exporting.start()
    wait(lambda: window.exporting.run.state is not None or not window.exporting.run.busy)


def _open(window: MainWindow, paths: list[Path]) -> None:
    window.open_paths(paths)
    wait(lambda: not window.opening.busy)
    window.choose_view("patches")
    wait_for_analysis(window)


def _survey(window: MainWindow) -> None:
    window.data_set.start_survey()
    wait(lambda: not window.data_set.survey.busy)
    wait(lambda: window.data_set.is_current)


def _fail(window: MainWindow, paths: list[Path]) -> None:
    _open(window, paths)
    broken = window.model.entries[-1]
    window.model.look_at(broken)
    wait(lambda: broken.error is not None)


def _broken(folder: Path) -> Path:
    path = folder.parent / "cut_short.png"
    path.write_bytes(next(folder.glob("*.png")).read_bytes()[:5000])
    return path


def _wide(folder: Path) -> Path:
    path = folder / "panorama.png"
    Image.open(Path(__file__).parent / "sample.png").crop((0, 300, 1100, 560)).save(path)
    return path


def _menus(window: MainWindow) -> Iterator[tuple[str, QMenu]]:
    for action in window.menuBar().actions():
        menu = action.menu()
        if isinstance(menu, QMenu):
            yield action.text().strip("&"), menu
            for inner in menu.actions():
                if isinstance(below := inner.menu(), QMenu):
                    yield inner.text().replace("&", ""), below


def _dialogs(window: MainWindow) -> Iterator[Step]:
    yield "keys", window.help.show_keys
    yield "numbers", window.help.show_numbers
    yield "about", window.help.show_about
    yield "opacity", window.pair.ask_opacities
    yield "error", ErrorDialog("srviewer 1\nTraceback", Path("report.txt"), parent=window).show


def _settle() -> None:
    for _ in range(6):
        QTest.qWait(15)


def _prepare(window: MainWindow, folder: Path) -> Iterator[Step]:
    """Open and survey pieces of the sample; yield what is seen until then."""
    yield from rare_screens.nothing_open(window)
    window.open_paths([folder])
    wait(lambda: not window.opening.busy)
    wait_for_analysis(window)
    yield from rare_screens.under_way(window)
    window.model.show_data_set(True)
    window.data_set.start_survey()
    wait(lambda: not window.data_set.survey.busy)
    window.findChild(QSpinBox, "wanted_pairs").setValue(900)
    wait(lambda: window.data_set.pending == 0 and window.data_set.is_current)
    window.model.show_data_set(False)
    window.export.folder.setText(str(folder.parent / "pairs"))


def _take(shown: QWidget, name: str, out: Path) -> None:
    _settle()
    shown.grab().save(str(out / f"{name}.png"))


def _of_size(size: tuple[int, int], theme: ThemeChoice, folder: Path, out: Path) -> None:
    window = MainWindow()
    window.use_theme(theme)
    window.resize(*size)
    window.show()
    _take(window, "0_empty", out)
    for steps in (_prepare(window, folder), _steps(window), _more(window, folder)):
        for name, show in steps:
            show()
            _take(window, name, out)
            _take_dialogs(name, out)
    if size == SIZES[0]:
        for name, menu in _menus(window):
            menu.popup(window.pos())
            _take(menu, f"menu_{name}", out)
            menu.close()
        for name, show in _dialogs(window):
            show()
            _take_dialogs(name, out)
        rare_screens.modal(window, out)
    window.leaving.at_once()
    wait(lambda: not window.isVisible())


def _take_dialogs(name: str, out: Path) -> None:
    tops = [
        one for one in QApplication.topLevelWidgets() if isinstance(one, (QDialog, QMenu, Dock))
    ]
    for dialog in [one for one in tops if one.isVisible()]:
        _take(dialog, f"dialog_{name}", out)
        dialog.close()


def take(out: Path, *only: str) -> None:
    """Write all of them, or `only` those of a size and a theme, into folders below `out`."""
    make_application(offscreen=True)
    twice = _TWICE in os.environ
    with tempfile.TemporaryDirectory() as made:
        for size in TWICE if twice else SIZES:
            for theme in _THEMES:
                if only and only != ("{}x{}".format(*size), theme):
                    continue
                top = Path(made) / f"{size[0]}_{theme}"
                top.mkdir()
                below = out / f"{size[0]}x{size[1]}{'@2' if twice else ''}_{theme}"
                below.mkdir(parents=True, exist_ok=True)
                _of_size(size, theme, pieces(top), below)
                print(below)
    if not twice and not only:
        again = [sys.executable, __file__, str(out)]
        subprocess.run(again, env=os.environ | {_TWICE: "2"}, check=True)


if __name__ == "__main__":
    take(Path(sys.argv[1]), *sys.argv[2:])
