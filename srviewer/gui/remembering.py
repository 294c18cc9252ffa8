"""What a window is left with, and the next one begins with."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QGuiApplication

from srviewer.gui.window_parts import WindowParts
from srviewer.streams import tell

_FIRST_SIZE = (1600, 1000)
_TITLE_BAR = 32  # px that a desktop puts above a window


def restore(window: WindowParts) -> None:
    """Let `window` be as the one before was left."""
    settings, model, export = window.settings, window.model, window.export
    room = QGuiApplication.primaryScreen().availableSize() - QSize(0, _TITLE_BAR)
    window.resize(QSize(*_FIRST_SIZE).boundedTo(room))
    window.restoreGeometry(settings.geometry)
    window.docks.arrange()
    window.docks.restore(settings.docks)
    window.pair.arrange(settings.arrangement)
    window.pair.use_scale(settings.scale)
    model.opacities.restore(settings.opacities)
    if settings.closed_groups is not None:
        window.recipe.close_groups(settings.closed_groups)
    preset = settings.preset or model.preset
    if preset not in model.presets:
        preset = model.preset
    recipe = settings.recipe or model.presets[preset]
    model.start_from(preset, recipe, settings.exclusions())
    if settings.stage is not None:
        model.show_view(settings.stage)
    export.restore(settings.export_folder, settings.export_format, settings.export_scope)
    export.choices.restore(settings.export_options, settings.export_jobs)
    window.chart_choices.use(settings.count_scale, entire=settings.entire_axes)
    model.data_set_wanted = settings.data_set_shown
    for line in (*settings.dropped(), *window.presets.problems):
        window.log.add("note", line)


def remember(window: WindowParts) -> None:
    """Write to disk what the window after `window` begins with."""
    settings, model, export = window.settings, window.model, window.export
    settings.geometry = window.saveGeometry()
    settings.docks = _docks_state(window)
    settings.closed_groups = window.recipe.closed_groups
    settings.arrangement = window.pair.by_hand
    settings.scale = window.pair.scale
    settings.opacities = model.opacities.by_layer
    settings.preset = model.preset
    settings.recipe = model.recipe
    settings.keep_exclusions(model.exclusions)
    settings.stage = model.view.name
    settings.export_folder = export.folder.text()
    settings.export_format = export.format.currentText()
    settings.export_scope = export.scope
    settings.export_options = export.choices.remembered
    settings.export_jobs = export.choices.jobs
    settings.count_scale = window.chart_choices.scale
    settings.entire_axes = window.chart_choices.entire
    settings.data_set_shown = model.data_set_wanted or model.data_set_shown
    refused = settings.save()
    if refused:  # the window is being closed: its log is not seen any more
        tell(f"srviewer: {refused}")


def _docks_state(window: WindowParts) -> QByteArray:
    """Return where the panels are with the picture, whatever is shown now."""
    page = window.pages.currentIndex()
    window.pages.setCurrentWidget(window.pair)
    state = window.docks.state()
    window.pages.setCurrentIndex(page)
    return state
