"""States of the window for `take_all_screens` that a person meets rarely.

Nothing open yet, work under way, errors in each view, long names, menus and questions.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QDialog,
    QMessageBox,
    QPushButton,
    QToolButton,
    QWidget,
)
from take_screenshots import wait

from srviewer.gui.snapshot import wait_for_analysis
from srviewer.gui.state.interrupted import Interrupted
from srviewer.gui.views.check_dialog import CheckDialog
from srviewer.gui.window import MainWindow

Step = tuple[str, Callable[[], object]]

_PANELS = ("gallery", "windows", "matches", "compare", "log", "inspector", "displacement", "charts")
_LONG = "holiday-at-the-lake_2026-08-14_10-22-31_panorama_stitched_denoised_final-version-3.png"
_PRESET = "for the second network, as of Monday"
_DAMAGED = 40  # bytes that are left of a file


def nothing_open(window: MainWindow) -> Iterator[Step]:
    """Yield what panels and the data set say without an image."""
    for name in _PANELS:
        yield f"empty_{name}", window.docks.by_name[name].open
    yield "empty_data_set", partial(window.model.show_data_set, True)
    yield "empty_windows_of_set", window.data_set_view.show_windows
    window.data_set_view.lists.setCurrentIndex(0)
    window.model.show_data_set(False)


def under_way(window: MainWindow) -> Iterator[Step]:
    """Yield the data set before its survey, and during it."""
    yield "unsurveyed", partial(window.model.show_data_set, True)
    yield "surveying", lambda: (window.data_set.start_survey(), QTest.qWait(1500))
    window.data_set.survey.cancel()
    wait(lambda: not window.data_set.survey.busy)
    yield "survey_stopped", partial(window.model.show_data_set, True)


def unusable(window: MainWindow) -> Iterator[Step]:
    """Yield each view of an image that cannot be used, which is the current one."""
    for name in _PANELS:
        yield f"unusable_{name}", window.docks.by_name[name].open
    yield "unusable_source", partial(window.choose_view, "source")
    yield "unusable_pairs", partial(window.choose_view, "pairs")
    window.choose_view("patches")


def refused(window: MainWindow, images: Path) -> Iterator[Step]:
    """Yield exports that cannot be: among the images, and into a file."""
    folder, before = window.export.folder, window.export.folder.text()
    yield "export_among_images", partial(folder.setText, str(images))
    yield "export_refused", lambda: (window.exporting.start(), QTest.qWait(800))
    file = next(images.glob("*.png"))
    yield "export_into_file", lambda: (folder.setText(str(file)), QTest.qWait(600))
    yield "export_into_file_refused", lambda: (window.exporting.start(), QTest.qWait(800))
    folder.setText(before)
    window.banner.hide()


def long_names(window: MainWindow, images: Path) -> Iterator[Step]:
    """Yield an image, a folder and a preset with long names, and the offer to go on."""
    made = images.parent / "a folder of a project whose name is longer than most of them are"
    made.mkdir(exist_ok=True)
    for number in range(3):
        shutil.copy(next(images.glob("*.png")), made / f"{number}{_LONG}")
    window.open_paths([made])
    wait(lambda: not window.opening.busy)
    wait_for_analysis(window)
    before = window.export.folder.text()
    window.export.folder.setText(str(made / "pairs for the training of the second network"))
    window.presets.keep(_PRESET)
    window.model.change("min_keypoints", 12)
    yield "long_names", partial(window.choose_view, "patches")
    yield "long_names_of_set", partial(window.model.show_data_set, True)
    one = Interrupted("export", tuple(made.glob("*.png")), window.model.recipe, made / "pairs")
    window.settings.interrupted = one
    yield "offer", lambda: (window.model.show_data_set(False), window.leaving.offer())
    window.offer.hide()
    window.settings.interrupted = None
    window.export.folder.setText(before)
    window.presets.delete(_PRESET)  # it is among those of whoever takes the pictures
    window.model.use_preset("article")


def dragged(window: MainWindow, images: Path) -> Iterator[Step]:
    """Yield what a drop would do."""
    for name, what in (("images", images), ("recipe", Path("recipe.toml"))):
        yield f"drop_{name}", partial(_drag, window, what)
    window.incoming.leave()


def _drag(window: MainWindow, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(300, 300), copy, mime, left, keys))


def menus(window: MainWindow) -> Iterator[Step]:
    """Yield the menus that a right click opens, and those of buttons."""
    docks, at = window.docks.by_name, QPoint(60, 60)
    window.choose_view("patches")
    window.canvas.fit()
    yield "menu_of_picture", partial(window.canvas.customContextMenuRequested.emit, _middle(window))
    yield "menu_of_chart", lambda: (docks["charts"].open(), _ask(_charts(window)))
    tables = (("windows", window.table.view), ("matches", window.match_table.view))
    for name, view in tables:
        asked = partial(view.customContextMenuRequested.emit, at)
        yield f"menu_of_{name}", lambda name=name, asked=asked: (docks[name].open(), asked())  # type: ignore[misc]
    yield "menu_of_gallery", lambda: (docks["gallery"].open(), _ask(window.gallery.gallery))
    yield "menu_of_images", partial(_ask, window.images.list)
    yield "menu_of_panels", lambda: window.createPopupMenu().popup(window.pos())
    for button in window.findChildren(QToolButton):
        menu = button.menu()
        if menu is not None and button.isVisible():
            yield f"menu_of_button_{button.text() or button.objectName()}", partial(_drop, button)
    docks["charts"].open()


def _middle(window: MainWindow) -> QPoint:
    area = window.canvas.rect()
    return QPoint(area.width() // 4, area.height() // 2)


def _charts(window: MainWindow) -> QWidget:
    found = window.findChild(QWidget, "chart_texture")
    assert isinstance(found, QWidget)
    return found


def _ask(widget: QWidget) -> None:
    """Ask for the context menu of `widget`."""
    QTest.qWait(100)
    at = QPoint(60, 60)
    target = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, target.mapToGlobal(at))
    QApplication.sendEvent(target, event)


def _drop(button: QToolButton) -> None:
    """Open the menu of `button`, as far as it fills it then."""
    button.menu().popup(button.mapToGlobal(QPoint(0, button.height())))


def modal(window: MainWindow, out: Path) -> None:
    """Take what waits for an answer: files and presets that are asked for."""
    dialogs, presets = window.dialogs, window.preset_dialogs
    window.presets.keep(_PRESET)
    asked: dict[str, Callable[[], object]] = {
        "open_images": dialogs.open_images,
        "open_folder": dialogs.open_folder,
        "save_recipe": dialogs.save_recipe,
        "save_session": window.sessions.ask_to_save,
        "open_exclusions": dialogs.open_exclusions,
        "keep_preset": presets.keep,
        "rename_preset": presets.rename,
        "delete_preset": presets.delete,
    }
    for name, ask in asked.items():
        looker = QTimer(interval=200)
        looker.timeout.connect(partial(_take_asked, out / f"dialog_{name}.png"))
        looker.start()
        ask()
        looker.stop()
    window.presets.delete(_PRESET)


def _take_asked(path: Path) -> None:
    asked = QApplication.activeModalWidget()
    if isinstance(asked, QDialog):
        asked.grab().save(str(path))
        asked.reject()


def questions(window: MainWindow) -> Iterator[Step]:
    """Yield what is asked before pairs are replaced, and before work is broken off."""
    window.model.change("stride", 15)
    wait_for_analysis(window)
    yield "replace", lambda: (window.exporting.start(), wait(lambda: not window.exporting.run.busy))
    window.banner.hide()
    window.model.reset_recipe()
    wait_for_analysis(window)


def leaving(window: MainWindow) -> Iterator[Step]:
    """Yield the question of a window that is closed while it exports."""
    window.export.folder.setText(str(window.export_settings.out) + "-more")
    QTest.qWait(400)
    window.exporting.start()
    wait(lambda: window.exporting.run.state is not None or not window.exporting.run.busy)
    yield "leaving", window.close
    yield "finishing", partial(_finish, window)
    window.findChild(QPushButton, "offer_button").click()
    window.exporting.run.cancel()
    wait(lambda: not window.exporting.run.busy)
    yield "export_cancelled", lambda: QTest.qWait(100)


def _finish(window: MainWindow) -> None:
    """Have the window close once the export is done."""
    window.close()
    for button in window.findChild(QMessageBox, "leaving_box").buttons():
        if "Finish" in button.text():
            button.click()


def checked(window: MainWindow) -> Iterator[Step]:
    """Damage what was exported, and yield what is found, and a pair of it."""
    folder = window.export_settings.out
    for number, path in enumerate(sorted(folder.rglob("*.png"))):
        if number % 90 == 0:
            path.write_bytes(path.read_bytes()[:_DAMAGED])
        elif number % 200 == 7:
            path.unlink()
    yield "verify_begun", window.verification.show
    yield "verify", partial(_check, window, "verify")
    yield "reproduce", partial(_check, window, "reproduce")
    yield "pair", partial(_open_finding, window)


def _check(window: MainWindow, name: str) -> None:
    checking = window.verification if name == "verify" else window.reproduction
    checking.show()
    QTest.qWait(1000)  # until the images are known
    _dialog(window, name).start.click()
    wait(lambda: not checking.run.busy)


def _dialog(window: MainWindow, name: str) -> CheckDialog:
    found: Iterable[CheckDialog] = window.findChildren(CheckDialog)
    return next(one for one in found if one.objectName() == f"{name}_dialog")


def _open_finding(window: MainWindow) -> None:
    """Open the pair of a finding of the verification."""
    table = _dialog(window, "verify").table
    rows = (table.listed.index(row, 1) for row in range(table.listed.rowCount()))
    table.view.setCurrentIndex(next(one for one in rows if one.data().startswith("hr/")))
    table.ask_current()
    QTest.qWait(1500)
