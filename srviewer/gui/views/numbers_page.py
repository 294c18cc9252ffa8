"""The page "About the numbers": what each stage computes, in a few lines with its formula.

The text is in ``numbers.html`` beside this file, with what the recipe is set to to be filled in.
"""

from html import escape
from importlib.resources import files

from PySide6.QtCore import QEvent, QSignalBlocker
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QTextBrowser, QWidget

from srviewer.gui.state.layers import VIEWS
from srviewer.gui.state.model import Model
from srviewer.gui.theme import Theme, current_theme
from srviewer.gui.widgets.building import filled, named
from srviewer.gui.widgets.dialogs import Dialog
from srviewer.pipeline.consistency import DETECTOR_OFFSET
from srviewer.pipeline.cropping import FEWEST_MATCHES
from srviewer.pipeline.recipe import KNOBS, Recipe
from srviewer.pipeline.textures import TEXTURES
from srviewer.wording import counted

_MARGIN = 24  # px round the text


SECTIONS = {view.name: view.title for view in VIEWS} | {"data_set": "Data set"}
"""The titles of the page's sections."""


def page_text(recipe: Recipe) -> str:
    """Return the page with what `recipe` says in it."""
    said = {name: escape(knob.said(getattr(recipe, name))) for name, knob in KNOBS.items()}
    measure = TEXTURES[recipe.texture]
    is_one = not measure.share and getattr(recipe, measure.threshold) == 1
    asked = [f"at least {said[measure.threshold]} {measure.thing if is_one else measure.things}"]
    if recipe.min_matches:
        asked.append(f"at least {counted(recipe.min_matches, 'match', 'matches')}")
    text = files(__package__).joinpath("numbers.html").read_text("utf-8")
    return text.format(
        recipe=recipe,
        said=said,
        clean=tuple(side - side % recipe.scale for side in (250, 361)),
        of_400=400 * recipe.error_margin,
        threshold=" and ".join(asked),
        offset=DETECTOR_OFFSET,
        offset_now=DETECTOR_OFFSET * (1 - 1 / recipe.scale),
        fewest=FEWEST_MATCHES,
        title={view.name: view.title for view in VIEWS},
    )


class NumbersPage(Dialog):
    """The seven stages and the data set, and beside them a page on what each computes.

    Parameters
    ----------
    model : Model
        The values of its recipe are told.
    parent : QWidget, optional
    """

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__("numbers_page", "About the numbers", parent)
        self._model = model
        self._build()
        self._write()
        self.stages.setCurrentRow(0)
        self.stages.currentRowChanged.connect(self._turn_to)
        model.recipe_changed.connect(self._follow_recipe)
        # Only what a person does: a change of size moves the bar as well.
        self.page.verticalScrollBar().actionTriggered.connect(self._on_scrolled)

    def _build(self) -> None:
        self.stages = named(QListWidget(), "numbers_stages", "Stages")
        for number, title in enumerate(SECTIONS.values(), start=1):
            self.stages.addItem(f"{number}  {title}")
        self.stages.setStyleSheet("QListWidget::item { padding: 6px 12px; }")
        self.stages.setFixedWidth(self.stages.sizeHintForColumn(0) + 36)
        self.page = named(QTextBrowser(), "numbers_text", "About the numbers")
        self.page.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.page.document().setDocumentMargin(_MARGIN)
        filled(QHBoxLayout(self), self.stages, self.page, grows=self.page)
        self.setMinimumSize(560, 360)
        self.resize(860, 640)

    def show_stage(self, name: str) -> None:
        """Turn to the stage `name`, as in `SECTIONS`."""
        row = list(SECTIONS).index(name)
        self.stages.setCurrentRow(row)
        self._turn_to(row)

    def _follow_recipe(self) -> None:
        """Tell the values of another recipe, and stay at what is read."""
        at = self.page.verticalScrollBar().value()
        self._write()
        self._make_room()
        self.page.verticalScrollBar().setValue(at)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the stage at the top that is there."""
        row = self.stages.currentRow()
        super().resizeEvent(event)
        self._turn_to(row)

    def changeEvent(self, event: QEvent) -> None:
        """Write the page again in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._write()
            self._turn_to(self.stages.currentRow())

    def _write(self) -> None:
        self.page.document().setDefaultStyleSheet(_style_sheet(current_theme()))
        self.page.setHtml(page_text(self._model.recipe))
        document = self.page.document()
        blocks = map(document.findBlockByNumber, range(document.blockCount()))
        self._headings = [block for block in blocks if block.blockFormat().headingLevel()]

    def _turn_to(self, row: int) -> None:
        """Bring the heading of the stage in `row` to the top; the first brings the whole top."""
        self._make_room()
        top = self._top_of(row) - _MARGIN / 2
        bar = self.page.verticalScrollBar()
        bar.setValue(round(top) if row > 0 else 0)

    def _make_room(self) -> None:
        """Leave so much below the last stage that its heading can come to the top, too."""
        root = self.page.document().rootFrame()
        shape = root.frameFormat()
        text = self.page.document().size().height() - shape.bottomMargin()
        last = text - self._top_of(len(self._headings) - 1)
        room = max(self.page.viewport().height() - last - _MARGIN / 2, _MARGIN)
        if room != shape.bottomMargin():
            shape.setBottomMargin(room)
            root.setFrameFormat(shape)

    def _top_of(self, row: int) -> float:
        layout = self.page.document().documentLayout()
        return layout.blockBoundingRect(self._headings[row]).top()

    def _on_scrolled(self, action: int) -> None:
        """Mark the stage that is read, where a person scrolls."""
        reached = self.page.verticalScrollBar().sliderPosition() + _MARGIN
        passed = sum(self._top_of(row) <= reached for row in range(len(self._headings)))
        with QSignalBlocker(self.stages):
            self.stages.setCurrentRow(max(passed - 1, 0))


def _style_sheet(theme: Theme) -> str:
    return f"""
    h2 {{ color: {theme.accent}; margin-top: 22px; margin-bottom: 4px; }}
    p {{ color: {theme.text}; margin-top: 6px; margin-bottom: 6px; line-height: 120%; }}
    table {{ margin-top: 2px; margin-bottom: 4px; }}
    td {{ color: {theme.text}; background-color: {theme.window}; }}
    """
