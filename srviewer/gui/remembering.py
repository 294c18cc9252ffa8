"""What a window is left with, and the next one begins with."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QGuiApplication

from srviewer.gui.state.chart_choices import ChartChoices, CountScale
from srviewer.gui.window_parts import WindowParts
from srviewer.pipeline.recipe import Recipe
from srviewer.streams import tell

_FIRST_SIZE = (1600, 1000)
_TITLE_BAR = 32  # px that a desktop puts above a window


class _Kept(NamedTuple):
    """Values of `Settings`: where a window has each, and what gives them to the next one."""

    names: dict[str, Callable[[WindowParts], Any]]
    give: Callable[..., object]


def _arrange(window: WindowParts, geometry: QByteArray, docks: QByteArray) -> None:
    window.restoreGeometry(geometry)
    window.docks.arrange()
    window.docks.restore(docks)


def _docks_state(window: WindowParts) -> QByteArray:
    """Return where the panels are with the picture, whatever is shown now."""
    page = window.pages.currentIndex()
    window.pages.setCurrentWidget(window.pair)
    state = window.docks.state()
    window.pages.setCurrentIndex(page)
    return state


def _start_from(window: WindowParts, preset: str | None, recipe: Recipe | None) -> None:
    model = window.model
    if preset not in model.presets:
        preset = model.preset
    recipe = recipe or model.presets[preset]
    model.start_from(preset, recipe, window.settings.exclusions())


def _show_view(window: WindowParts, stage: str | None) -> None:
    if stage is not None:
        window.model.show_view(stage)


def _close_groups(window: WindowParts, closed: list[str] | None) -> None:
    if closed is not None:
        window.recipe.close_groups(closed)


def _want_data_set(window: WindowParts, shown: bool) -> None:
    window.model.data_set_wanted = shown


_KEPT = (
    _Kept({"geometry": lambda w: w.saveGeometry(), "docks": _docks_state}, _arrange),
    _Kept({"arrangement": attrgetter("pair.by_hand")}, lambda w, one: w.pair.arrange(one)),
    _Kept({"scale": attrgetter("pair.scale.value")}, lambda w, one: w.pair.scale.use(one)),
    _Kept(
        {"opacities": attrgetter("model.opacities.value")},
        lambda w, by_layer: w.model.opacities.use(by_layer),
    ),
    _Kept({"displacement": attrgetter("displacing.value")}, lambda w, look: w.displacing.use(look)),
    _Kept({"closed_groups": attrgetter("recipe.closed_groups")}, _close_groups),
    _Kept(
        {"preset": attrgetter("model.preset"), "recipe": attrgetter("model.recipe")}, _start_from
    ),
    _Kept({"compared_with": attrgetter("comparison.chosen")}, lambda w, b: w.comparison.restore(b)),
    _Kept({"looked_at": attrgetter("opening.looked_at")}, lambda w, path: w.opening.begin_at(path)),
    _Kept({"stage": attrgetter("model.view.name")}, _show_view),
    _Kept(
        {
            "export_options": attrgetter("export_settings.remembered"),
            "export_jobs": attrgetter("export_settings.jobs"),
            "export_folder": attrgetter("export_settings.folder"),
            "export_format": attrgetter("export_settings.chosen_format"),
            "export_scope": attrgetter("export_settings.scope"),
        },
        lambda w, *chosen: w.export_settings.restore(*chosen),
    ),
    _Kept(
        {
            "count_scale": attrgetter("chart_choices.value.scale"),
            "entire_axes": attrgetter("chart_choices.value.entire"),
        },
        lambda w, scale, entire: w.chart_choices.use(
            ChartChoices(scale or CountScale.ROOT, entire)
        ),
    ),
    _Kept(
        {"data_set_shown": lambda w: w.model.data_set_wanted or w.model.data_set_shown},
        _want_data_set,
    ),
)


def restore(window: WindowParts) -> None:
    """Let `window` be as the one before was left."""
    room = QGuiApplication.primaryScreen().availableSize() - QSize(0, _TITLE_BAR)
    window.resize(QSize(*_FIRST_SIZE).boundedTo(room))
    for kept in _KEPT:
        kept.give(window, *(getattr(window.settings, name) for name in kept.names))
    for line in (*window.settings.dropped(), *window.presets.problems):
        window.log.add("note", line)


def remember(window: WindowParts) -> None:
    """Write to disk what the window after `window` begins with."""
    settings = window.settings
    for kept in _KEPT:
        for name, of in kept.names.items():
            setattr(settings, name, of(window))
    settings.keep_exclusions(window.model.exclusions)
    refused = settings.save()
    if refused:  # the window is being closed: its log is not seen any more
        tell(f"srviewer: {refused}")
