"""The page about the numbers: it turns to each stage, and what it says holds."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QTextBlock
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from srviewer.gui import theme
from srviewer.gui.state.model import Model
from srviewer.gui.views.numbers_page import SECTIONS, NumbersPage
from srviewer.pipeline.consistency import DETECTOR_OFFSET
from srviewer.pipeline.recipe import Recipe
from tests.gui.helpers import TIMEOUT, near, pixels, turn_wheel

NAMES = list(SECTIONS)
SAID = {
    "source": ["mod s", "250 \u00d7 361 px", "248 \u00d7 360 px"],
    "pair": ["resize(HR, 1/s)", "\u22120.75", "matlab"],
    "matches": ["SIFT", "128", "nearest"],
    "consistent": ["1 \u2212 m < ratio < 1 + m", "0.25 (1 \u2212 1/s)", "0.19 LR px", "5 %"],
    "box": ["max(xtl, xbl)", "\u2264 m \u00b7 h + s", "fewer than 4"],
    "patches": ["scope patch", "scope image", "canny", "33", "14 px", "(10)", "now sift"],
    "data_set": ["survey", "Wanted pairs", "Next step", "On disk", "at least 10 keypoints"],
    "pairs": ["log10(2552 / MSE)", "0.03 \u00b7 255", "11 \u00d7 11", "65.481", "rgb"],
}


@pytest.fixture
def page(qtbot: QtBot, model: Model) -> NumbersPage:
    one = NumbersPage(model)
    qtbot.addWidget(one)
    one.show()
    qtbot.waitExposed(one)
    return one


def block_at_the_top(page: NumbersPage) -> QTextBlock:
    """Return the first paragraph that is seen whole."""
    return page.page.cursorForPosition(QPoint(40, 20)).block()


def section(page: NumbersPage, title: str) -> str:
    """Return the text from the heading `title` to the next one."""
    parts, block, inside = [], page.page.document().begin(), False
    while block.isValid():
        if block.blockFormat().headingLevel():
            inside = block.text() == title
        elif inside:
            parts.append(block.text().replace("\xa0", " "))
        block = block.next()
    return "\n".join(parts)


@pytest.mark.parametrize("name", NAMES)
def test_each_stage_is_explained_in_a_few_lines_with_its_formula(
    page: NumbersPage, name: str
) -> None:
    title = SECTIONS[name]
    text = section(page, title)
    for words in SAID[name]:
        assert words in text, words
    assert 40 < len(text.split()) < 260


def test_what_the_recipe_is_set_to_is_told_also_while_it_changes(
    page: NumbersPage, model: Model
) -> None:
    page.show_stage("patches")
    at = page.page.verticalScrollBar().value()
    changed = {"scale": 3, "error_margin": 0.125, "patch": 42, "min_keypoints": 17}
    model.set_recipe(model.recipe.replace(**changed, sift_nfeatures=500, texture="canny"))
    text = page.page.toPlainText().replace("\xa0", " ")
    for words in ("(3 x)", "(12.5 %)", "(42 px)", "(17)", "(500)", "now canny"):
        assert words in text, words
    for words in ("at \u00d73 become 249 \u00d7 360 px", "12.5 % of 400 px are 50 px"):
        assert words in " ".join(text.split()), words
    assert "0.17 LR px off at \u00d73" in " ".join(text.split())
    assert "margin m (5 %)" not in text
    assert page.page.verticalScrollBar().value() == at
    assert block_at_the_top(page).text() == "Patches"


def test_what_is_said_of_defaults_is_the_pipelines(page: NumbersPage) -> None:
    recipe, text = Recipe(), page.page.toPlainText()
    assert "(5 %)" in text
    assert f"({recipe.position_tolerance:g} LR px)" in text
    assert f"({recipe.patch} px)" in text
    assert f"{DETECTOR_OFFSET:g} px too far right and down" in text


@pytest.mark.parametrize("name", [*NAMES[::-1], "pairs", "box"])
def test_it_turns_to_a_stage(page: NumbersPage, name: str) -> None:
    page.show_stage(name)
    title = SECTIONS[name]
    assert NAMES[page.stages.currentRow()] == name
    assert page.stages.currentItem().text().endswith(title)
    if name != "source":
        assert block_at_the_top(page).text() == title
    else:
        assert page.page.verticalScrollBar().value() == 0


def test_it_turns_back_to_the_stage_that_is_asked_for_again(page: NumbersPage) -> None:
    page.show_stage("patches")
    at = page.page.verticalScrollBar().value()
    page.page.verticalScrollBar().setValue(at + 8)
    page.show_stage("patches")
    assert page.page.verticalScrollBar().value() == at


def test_an_unknown_stage_is_refused(page: NumbersPage) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        page.show_stage("nowhere")


def test_a_click_on_a_stage_turns_to_it(qtbot: QtBot, page: NumbersPage) -> None:
    place = page.stages.visualItemRect(page.stages.item(4)).center()
    qtbot.mouseClick(page.stages.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert block_at_the_top(page).text() == "Box"
    qtbot.keyClick(page.stages, Qt.Key.Key_Down)
    assert block_at_the_top(page).text() == "Patches"


def test_the_mark_follows_the_wheel(page: NumbersPage) -> None:
    seen = {NAMES[page.stages.currentRow()]}
    viewport = page.page.viewport()
    for _ in range(60):
        turn_wheel(viewport, viewport.rect().center().toPointF(), -1)
        seen.add(NAMES[page.stages.currentRow()])
    assert seen == set(NAMES)
    assert NAMES[page.stages.currentRow()] == "data_set"


def test_a_stage_stays_at_the_top_when_the_page_is_resized(page: NumbersPage) -> None:
    for name in ("consistent", "pairs"):
        page.show_stage(name)
        for size in ((560, 360), (1200, 900), (820, 640)):
            page.resize(*size)
            QApplication.processEvents()
            assert NAMES[page.stages.currentRow()] == name
            assert block_at_the_top(page).text() == SECTIONS[name]
            assert page.page.horizontalScrollBar().maximum() == 0


def test_esc_closes_it_for_good_and_it_is_not_modal(qtbot: QtBot, model: Model) -> None:
    page = NumbersPage(model)
    page.show()
    assert not page.isModal()
    with qtbot.waitSignal(page.destroyed, timeout=TIMEOUT):
        qtbot.keyClick(page.page, Qt.Key.Key_Escape)


def test_it_follows_the_theme(page: NumbersPage, all_themes: Iterator[theme.Theme]) -> None:
    page.show_stage("box")
    for one in all_themes:
        assert NAMES[page.stages.currentRow()] == "box"
        seen = pixels(page.page)
        assert near(seen, QColor(one.field), 4).mean() > 0.4
        assert near(seen, QColor(one.window), 4).mean() > 0.05
        assert near(seen, QColor(one.text)).any()
        assert near(seen, QColor(one.accent)).any()
