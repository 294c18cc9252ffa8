"""What a screen reader is told, and the order in which Tab goes."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget
from pytestqt.qtbot import QtBot

from srviewer.gui.views.error_dialog import ErrorDialog
from srviewer.gui.window import MainWindow
from tests.gui.helpers import find, known, open_paths, wait_for_analysis
from tests.gui.test_docks import click_window, settle

Role = QAccessible.Role
CONTROLS = {
    Role.Button,
    Role.ButtonDropDown,
    Role.ButtonDropGrid,
    Role.ButtonMenu,
    Role.CheckBox,
    Role.ColumnHeader,
    Role.ComboBox,
    Role.Dial,
    Role.EditableText,
    Role.HotkeyField,
    Role.Link,
    Role.List,
    Role.ListItem,
    Role.MenuItem,
    Role.PageTab,
    Role.ProgressBar,
    Role.RadioButton,
    Role.Slider,
    Role.SpinBox,
    Role.Table,
    Role.Tree,
}
MOST_CHILDREN = 60  # of a list, which may be long


def tree(
    one: QAccessibleInterface, above: tuple[str, ...] = ()
) -> Iterator[tuple[QAccessibleInterface, str]]:
    """Yield what a screen reader finds at `one` and below, with the way to it."""
    role = str(one.role()).rpartition(".")[2]
    made = one.object()
    name = made.objectName() or type(made).__name__ if made is not None else ""
    way = (*above, f"{role} {name} {one.text(QAccessible.Text.Name)!r}")
    yield one, " > ".join(way[-4:])
    for number in range(min(one.childCount(), MOST_CHILDREN)):
        child = one.child(number)
        if child is not None and child.isValid() and not child.state().invisible:
            yield from tree(child, way)


def is_part(one: QAccessibleInterface) -> bool:
    """Tell whether it is a part of a control that has a name: the line of a box of numbers."""
    parent = one.parent()
    kinds = Role.SpinBox, Role.ComboBox
    return parent is not None and parent.role() in kinds and bool(name_of(parent))


def name_of(one: QAccessibleInterface) -> str:
    return one.text(QAccessible.Text.Name).strip()


def nameless(top: QWidget) -> list[str]:
    found = QAccessible.queryAccessibleInterface(top)
    assert found is not None
    return [
        way
        for one, way in tree(found)
        if (one.role() in CONTROLS or one.state().focusable)
        and not name_of(one)
        and not is_part(one)
        and one.role() != Role.Cell  # which may be empty
    ]


@pytest.fixture
def two(qtbot: QtBot, window: MainWindow, photo_path: Path, other_path: Path) -> MainWindow:
    window.resize(1280, 800)
    open_paths(qtbot, window, [photo_path, other_path])
    wait_for_analysis(qtbot, window, photo_path)
    settle()
    return window


def test_every_control_has_a_name(qtbot: QtBot, two: MainWindow) -> None:
    for group in two.recipe.closed_groups:
        find(two, QWidget, f"section_{group.lower()}").click()  # type: ignore[attr-defined]
    two.export.choices.button.click()
    for view in ("source", "consistent", "patches", "pairs"):
        two.choose_view(view)
        settle()
        assert not nameless(two), view
    two.choose_view("patches")
    for name, dock in two.docks.by_name.items():
        dock.open()
        settle()
        assert not nameless(two), name
    click_window(qtbot, two)
    assert not nameless(two), "inspector"
    two.model.show_data_set(True)
    settle()
    assert not nameless(two), "data set"


def test_every_dialog_has_names(
    qtbot: QtBot,
    make_window: Callable[[], MainWindow],
    analysed: Callable[[MainWindow, Path], None],
    photo_path: Path,
) -> None:
    two = make_window()
    analysed(two, photo_path)
    before = set(QApplication.topLevelWidgets())
    for show in (
        two.help.show_keys,
        two.help.show_numbers,
        two.help.show_about,
        two.verification.show,
        two.reproduction.show,
        two.name_resizer,
        two.compare_resizers,
        ErrorDialog("what happened", Path("report.txt"), parent=two).show,
    ):
        show()
    settle()
    dialogs = [
        one for one in QApplication.topLevelWidgets() if one not in before and one.isVisible()
    ]
    assert len(dialogs) == 8
    for one in dialogs:
        assert not nameless(one), one.windowTitle()
        assert one.windowTitle() or one.accessibleName()
        one.close()


def test_a_chart_tells_its_figures_and_follows_its_threshold(opened: MainWindow) -> None:
    matches, texture, psnr, ssim = opened.findChildren(QWidget, "dock_charts")[0].part.charts  # type: ignore[attr-defined]

    def told(one: QWidget) -> str:
        found = QAccessible.queryAccessibleInterface(one)
        return found.text(QAccessible.Text.Description)

    for least in (10, 4):
        opened.model.change("min_keypoints", least)
        patches = known(opened).patches
        kept, total = int(patches.kept.sum()), int(patches.candidates.sum())
        words = f"Keypoints a window: {kept:,} of {total:,} kept, at least {least} needed"
        assert told(texture) == words
        assert told(psnr).startswith(f"PSNR: {known(opened).quality.psnr[patches.kept].mean():.2f}")
        assert f"mean of {kept:,} kept" in told(ssim)
    a = known(opened)
    kept, total = int(a.consistent.kept.sum()), len(a.matches)
    assert (
        told(matches) == f"Distance ratio of the matches: {kept} of {total} kept, at most 5.0 % off"
    )


def test_the_picture_tells_its_image_and_what_its_stage_found(opened: MainWindow) -> None:
    found = QAccessible.queryAccessibleInterface(opened.canvas)
    opened.choose_view("consistent")
    a = known(opened)
    words = f"Consistent: {a.consistent.kept.sum()} of {len(a.matches)}"
    assert found.text(QAccessible.Text.Description) == f"engine.png, {words}"


# The order of Tab


def walked(qtbot: QtBot, window: MainWindow) -> Iterator[tuple[QWidget, QWidget]]:
    """Yield what Tab leads from and to, round to where it began, while the second has the focus."""
    window._focus.go_home()
    before = QApplication.focusWidget()
    found: list[QWidget] = []
    while before is not None and before not in found:
        found.append(before)
        assert len(found) < 200
        now: QWidget | None = before
        while now is before and before is not None:  # a text with links has a stop for each
            qtbot.keyClick(before, Qt.Key.Key_Tab)
            now = QApplication.focusWidget()
        assert before is not None
        assert now is not None
        yield before, now
        before = now


def panel_of(widget: QWidget, window: MainWindow) -> str:
    parent: QWidget | None = widget
    while parent is not None and parent is not window:
        if isinstance(parent, QDockWidget) or parent.objectName() in ("stages", "data_set_view"):
            return parent.objectName()
        parent = parent.parentWidget()
    return "middle"


def place_of(widget: QWidget, window: MainWindow) -> QRect:
    return QRect(widget.mapTo(window, QPoint()), widget.size())


def is_before(one: QRect, other: QRect) -> bool:
    """Tell whether `one` is read before `other`: it is above, or in the same line at the left."""
    if one.bottom() <= other.top() or other.bottom() <= one.top():
        return one.bottom() <= other.top()
    return one.left() < other.left()


@pytest.mark.parametrize("page", ["charts", "gallery", "windows", "matches", "compare", "log",
                                  "displacement", "inspector", "pairs", "data set"])  # fmt: skip
def test_tab_goes_as_one_reads(qtbot: QtBot, two: MainWindow, page: str) -> None:
    if page == "data set":
        two.model.show_data_set(True)
    elif page == "pairs":
        two.choose_view("pairs")
    elif page == "inspector":
        click_window(qtbot, two)
    else:
        two.docks.by_name[page].open()
    settle()
    wrong, panels = [], []
    for before, now in walked(qtbot, two):
        one, other = place_of(before, two), place_of(now, two)
        panels.append(panel_of(now, two))
        there = two.childAt(other.center())
        if there is None or not (there is now or now.isAncestorOf(there)):
            wrong.append(f"{panels[-1]}: {now} is not to be seen")
        if panel_of(before, two) == panels[-1] and not is_before(one, other):
            wrong.append(f"{panels[-1]}: {before} {one} comes before {now} {other}")
    assert not wrong
    turns = [one for one, before in pairwise([*panels, ""]) if one != before]
    assert len(turns) - len(set(turns)) <= 1, "each panel is walked at once, the first is entered"
    assert len(panels) > 15
