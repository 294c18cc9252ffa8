"""The parts of the main window, and where they stand."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QToolBar

from srviewer.gui.checking import Checking, reproducing, verifying
from srviewer.gui.docks import Docks, Panel
from srviewer.gui.file_dialogs import FileDialogs
from srviewer.gui.incoming import Incoming
from srviewer.gui.messages import Messages
from srviewer.gui.panels.export_panel import ExportPanel
from srviewer.gui.panels.images_panel import ImagesPanel
from srviewer.gui.panels.recipe_panel import RecipePanel
from srviewer.gui.preset_dialogs import PresetDialogs
from srviewer.gui.state.chart_choices import ChartChoices
from srviewer.gui.state.comparison import Comparison
from srviewer.gui.state.copying import Copying
from srviewer.gui.state.data_set import DataSet
from srviewer.gui.state.displacing import DisplacementLook
from srviewer.gui.state.excluding import Excluding
from srviewer.gui.state.export_settings import ExportSettings
from srviewer.gui.state.exporting import Exporting
from srviewer.gui.state.known import Known
from srviewer.gui.state.model import Model
from srviewer.gui.state.opening import Opening
from srviewer.gui.state.own_presets import OwnPresets
from srviewer.gui.state.pair_alignment import PairAlignment
from srviewer.gui.state.settings import Settings
from srviewer.gui.state.shared import Shared
from srviewer.gui.state.visit import Visit
from srviewer.gui.theme import styled_at_the_end
from srviewer.gui.views.banner import Banner
from srviewer.gui.views.charts import Charts
from srviewer.gui.views.check_dialog import REPRODUCE, VERIFY
from srviewer.gui.views.compare_panel import ComparePanel
from srviewer.gui.views.displacement_panel import DisplacementPanel
from srviewer.gui.views.gallery import GalleryView
from srviewer.gui.views.inspector import Inspector
from srviewer.gui.views.log_panel import LogPanel
from srviewer.gui.views.pair_view import PairView
from srviewer.gui.views.picture_table import MatchTable, WindowTable
from srviewer.gui.views.stage_bar import DataSetButton, StageBar
from srviewer.gui.views.status import Status
from srviewer.gui.views.zoom_box import ZoomBox
from srviewer.gui.widgets.building import Pages, at_the_top, column, named, row

_SMALLEST = (900, 560)


class WindowParts(QMainWindow):
    """What the main window is made of, without what it does.

    Parameters
    ----------
    settings : Settings, optional
        What it was left with the last time; nothing is remembered where it is not given.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings.none()
        self.model = Model(self)
        self.presets = OwnPresets(self.settings.folder / "presets", self.model, self)
        self.comparison = Comparison(self.model, self)
        self.data_set = DataSet(self.model, self)
        self.known = Known(self.model, self.data_set, self)
        self.export_settings = ExportSettings(self.model, self)
        self.exporting = Exporting(self.model, self.export_settings)
        self.excluding = Excluding(self.model, self)
        self.opening = Opening(self.model, self.settings, self)
        self.displacing = Shared(DisplacementLook(), self)
        self.alignment = PairAlignment(self.model, self)
        self.chart_choices = Shared(ChartChoices(), self)
        self.copying = Copying(self.settings.folder, self)
        self.setAcceptDrops(True)
        self.setMinimumSize(*_SMALLEST)
        with styled_at_the_end(self):
            self._make_parts()
            # After the canvas, which fits an image that is new.
            self.visit = Visit(self.model, self)
            self._lay_out()

    def _make_parts(self) -> None:
        model = self.model
        self.stage_bar = StageBar(model)
        self.data_set_button = DataSetButton(model, self.data_set)
        self.banner = Banner()
        self.offer = Banner("offer")
        # What is shown at once is in the window from the first: with each move it is styled anew.
        self.pages = Pages()
        self.setCentralWidget(column(self.offer, self.banner, self.pages, grows=self.pages))
        self.pair = PairView(model, self.comparison, self.excluding, self.displacing, self.pages)
        self.canvas = self.pair.canvas
        self.images = ImagesPanel(model, self.data_set, self.known)
        self.recipe = RecipePanel(model)
        self.inspector = Inspector(model)
        self.export = ExportPanel(model, self.data_set, self.exporting)
        self.log = LogPanel()
        self.verification = Checking(VERIFY, verifying, model, self._data_set_folder, self)
        self.reproduction = Checking(REPRODUCE, reproducing, model, self._data_set_folder, self)
        self.dialogs = FileDialogs(
            model, self.opening, self.excluding, lambda: self.pair.shown, self.settings, self
        )
        self.preset_dialogs = PresetDialogs(self.presets, lambda: self.model.preset, self)
        self.incoming = Incoming(self.opening, self)
        self.zoom = ZoomBox(self.canvas)
        self.status = Status(model)
        self.status.addPermanentWidget(self.zoom)
        self.messages = Messages(model, self.banner, self.status, self.log, self)
        self.compare = ComparePanel(model, self.comparison)
        self.table = WindowTable(model, self.excluding)
        self.match_table = MatchTable(model)
        self.gallery = GalleryView(model, self.excluding)
        self.displacement = DisplacementPanel(model, self.displacing, self.alignment)

    def _lay_out(self) -> None:
        stages = row(self.stage_bar, self.data_set_button, grows=self.stage_bar)
        stages.setMinimumWidth(1)  # a tool bar leaves out what does not fit
        top = named(QToolBar("Stages", movable=False, floatable=False), "stages")
        top.addWidget(stages)
        self.addToolBar(top)
        self.pages.addWidget(self.pair)
        self.setStatusBar(self.status)
        right, left = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.LeftDockWidgetArea
        panels = (
            Panel("charts", "Distributions", Charts(self.model, self.chart_choices)),
            Panel("gallery", "Gallery", self.gallery),
            Panel("windows", "All windows", self.table),
            Panel("matches", "All matches", self.match_table),
            Panel("compare", "Compare A/B", self.compare),
            Panel("log", "Log", self.log),
            Panel("inspector", "Inspector", self.inspector),
            Panel("images", "Images", self.images, left, self.images.position),
            Panel("recipe", "Recipe", self.recipe, right),
            Panel("export", "Export", at_the_top(self.export), right),
            Panel("displacement", "Displacement", self.displacement),
        )
        self.docks = Docks(self, panels)
        self.inspector.hint.setFocusProxy(self.canvas)
        self.canvas.setFocus()

    def _data_set_folder(self) -> Path:
        return self.export_settings.out
