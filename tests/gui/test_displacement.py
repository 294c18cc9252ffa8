"""The panel of displacements and its layers, through the window's widgets."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPainter, QPicture
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from srviewer.errors import SrviewerError
from srviewer.gui.state import entry, pair_alignment
from srviewer.gui.state.displacing import RULES, DisplacementLook, classes_of_rule
from srviewer.gui.state.layers import DISPLACEMENT_LAYERS, Layer
from srviewer.gui.state.model import Model
from srviewer.gui.state.pair_alignment import PairAlignment
from srviewer.gui.state.selection import Selected
from srviewer.gui.state.shared import Shared
from srviewer.gui.views import displacement_panel, painting
from srviewer.gui.views.alignment_line import AlignmentLine
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.views.displacement_marks import MARKS, TEXT, class_color
from srviewer.gui.views.displacement_overlay import expected_places
from srviewer.gui.views.displacement_panel import DisplacementPanel
from srviewer.gui.views.scatter_plot import DENSE, ScatterPlot
from srviewer.gui.views.scattered import Scattered
from srviewer.gui.widgets.labels import LinesLabel
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import analyse
from srviewer.pipeline.displacement import MatchClass, class_counts, coarse_field, robust_centre
from srviewer.pipeline.pairing import Straightened
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import SourceImage
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.summary import match_verdict
from srviewer.runs.inputs import GivenLR
from srviewer.runs.rooted import Rooted
from tests.analyses import analysed_photo
from tests.given import given_pair
from tests.gui.helpers import (
    TIMEOUT,
    around,
    find,
    know,
    known,
    near,
    pixels,
    points_asked_for,
    turn_wheel,
    wait_for_analysis,
)
from tests.gui.test_room import settle
from tests.photos import crop, save

SOME = analysed_photo()
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(new_window: MainWindow) -> MainWindow:
    """Return a new window: what of a given pair was aligned is kept in it."""
    return new_window


@pytest.fixture
def panel(qtbot: QtBot, model: Model) -> DisplacementPanel:
    """Return the panel, as large as its dock is at first, with the photograph's matches."""
    made = DisplacementPanel(model, Shared(DisplacementLook(), model), PairAlignment(model, model))
    qtbot.addWidget(made)
    made.resize(930, 210)
    made.show()
    qtbot.waitExposed(made)
    know(model, SOME)
    QApplication.processEvents()
    return made


def count_of(panel: DisplacementPanel, one: MatchClass, rule: str) -> int:
    return int(find(panel, QLabel, f"displacement_count_{one.name}_{rule}").text().replace(",", ""))


def point_of(plot: ScatterPlot, value: np.ndarray) -> QPoint:
    """Return where a displacement is in the plot."""
    point: QPoint = plot.mapFromScene(plot._box.mapViewToScene(QPointF(*map(float, value))))
    return point


def place_of(panel: DisplacementPanel, match: int) -> QPoint:
    """Return where a match is in the scatter."""
    plot = panel.scatter.plot
    return plot.mapTo(panel.scatter, point_of(plot, SOME.consistent.displacement[match]))


def alone(panel: DisplacementPanel) -> int:
    """Return a match in view that no other is close to."""
    scattered, plot = panel.scatter.scattered, panel.scatter.plot
    assert scattered is not None
    (left, right), (top, bottom) = plot.view_range
    points = scattered.points
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    inside = ((points > (left, top)) & (points < (right, bottom))).all(axis=1)
    return int(np.argmax(np.where(inside, apart.min(axis=1), -1)))


# What it shows


def test_both_rules_are_counted_side_by_side(panel: DisplacementPanel, model: Model) -> None:
    for rule in RULES:
        expected = class_counts(classes_of_rule(SOME, rule))
        assert tuple(count_of(panel, one, rule) for one in MatchClass) == expected
    used = analyse(SOME.image, Recipe(error_margin=0.002), previous=SOME)
    know(model, used)
    kept, right = used.consistent.kept, used.consistent.inlier
    assert count_of(panel, MatchClass.KEPT, "radial") == (kept & right).sum()
    assert count_of(panel, MatchClass.REJECTED_INLIER, "radial") == (~kept & right).sum() > 0
    assert count_of(panel, MatchClass.KEPT, "position") == right.sum()


def test_the_rule_that_colours_is_the_recipes_until_another_is_clicked(
    qtbot: QtBot, panel: DisplacementPanel, model: Model
) -> None:
    button = find(panel, QToolButton, "displacement_position")
    assert find(panel, QToolButton, "displacement_radial").isChecked()
    know(model, analyse(SOME.image, Recipe(consistency="position"), previous=SOME))
    assert button.isChecked()
    know(model, SOME)
    assert not button.isChecked()
    qtbot.mouseClick(button, LEFT)
    assert panel.scatter.scattered is not None
    np.testing.assert_array_equal(
        panel.scatter.scattered.classes, classes_of_rule(SOME, "position")
    )
    qtbot.mouseClick(button, LEFT)
    assert button.isChecked()


def test_the_centre_is_told_with_its_interval(panel: DisplacementPanel) -> None:
    found = robust_centre(SOME.consistent.displacement, SOME.matches.lr_points.astype(float))
    assert found is not None
    words = find(panel, QLabel, "displacement_centre").text()
    assert f"{found.at[0]:+.3f}, {found.at[1]:+.3f}" in words
    assert f"{found.u95:.3f} LR px (95 %)" in words
    assert f"{found.matches} of {len(SOME.matches)}" in words
    assert words.replace("\n", " ") in panel.scatter.accessibleDescription()


def test_each_class_has_a_colour_and_a_shape_of_its_own() -> None:
    assert len({one.symbol for one in MARKS.values()}) == len(MatchClass)
    lightness = sorted(class_color(one).lightnessF() for one in MatchClass)
    assert min(np.diff(lightness)) > 0.02
    assert len({class_color(one).rgb() for one in MatchClass}) == len(MatchClass)


def test_points_lie_where_their_axes_say(panel: DisplacementPanel) -> None:
    match = alone(panel)
    shown = pixels(panel.scatter)
    at = place_of(panel, match)
    found = around(shown, at.x(), at.y(), 4)
    one = MatchClass(int(classes_of_rule(SOME, "radial")[match]))
    assert near(found, class_color(one, displacement_panel.current_theme()), 40).any()
    assert SOME.consistent.displacement[match][1] == pytest.approx(
        panel.scatter.plot.value_at(panel.scatter.plot.mapFrom(panel.scatter, at))[1],
        abs=panel.scatter.plot.pixel,
    )
    down = (
        panel.scatter.plot.value_at(QPoint(50, 90))[1]
        - panel.scatter.plot.value_at(QPoint(50, 40))[1]
    )
    assert down > 0  # y is downwards, as on the picture


def test_a_class_that_is_not_wanted_is_not_drawn_nor_picked(
    qtbot: QtBot, panel: DisplacementPanel, model: Model
) -> None:
    match = alone(panel)
    one = MatchClass(int(classes_of_rule(SOME, "radial")[match]))
    box = find(panel, QCheckBox, f"displacement_class_{one.name.lower()}")
    at, before = place_of(panel, match), pixels(panel.scatter)
    box.click()
    assert (
        around(pixels(panel.scatter), at.x(), at.y(), 3) != around(before, at.x(), at.y(), 3)
    ).any()
    assert panel.scatter.match_at(at) != match
    box.click()
    assert panel.scatter.match_at(at) == match


def test_very_many_are_drawn_as_their_density(qtbot: QtBot) -> None:
    plot = ScatterPlot()
    qtbot.addWidget(plot)
    plot.resize(300, 300)
    plot.restyle(displacement_panel.current_theme(), plot.font())
    plot.show()
    points = np.random.default_rng(0).normal((1, 0), 0.2, (4 * DENSE, 2))
    points[:10] = (-1, 0)
    classes = np.zeros(len(points), np.uint8)
    classes[:10] = MatchClass.KEPT_DISPLACED
    many = Scattered(points, classes, frozenset(MatchClass), 1.0, None)
    plot.show_scattered(many)
    plot.look_at(2)
    QApplication.processEvents()
    assert len(plot._points[MatchClass.KEPT].data) == 0
    assert len(plot._points[MatchClass.KEPT_DISPLACED].data) == 10
    shown, middle = pixels(plot), point_of(plot, np.array((1.0, 0.0)))
    blue = class_color(MatchClass.KEPT, displacement_panel.current_theme())
    assert near(around(shown, middle.x(), middle.y(), 6), blue, 60).mean() > 0.5
    plot.show_scattered(replace(many, shown=frozenset({MatchClass.KEPT_DISPLACED})))
    QApplication.processEvents()
    shown = pixels(plot)
    assert near(around(shown, middle.x(), middle.y(), 6), blue, 60).mean() < 0.1


# Asking


def test_a_click_picks_the_match_and_one_picked_elsewhere_is_ringed(
    qtbot: QtBot, panel: DisplacementPanel, model: Model
) -> None:
    points, match = points_asked_for(model), alone(panel)
    before = pixels(panel.scatter)
    qtbot.mouseClick(panel.scatter, LEFT, pos=place_of(panel, match))
    assert model.selection == Selected("match", match)
    assert points == [tuple(SOME.matches.hr_points[match].tolist())]
    assert f"Match {match}\n" in find(panel, QLabel, "displacement_match").text()
    QApplication.processEvents()
    at = place_of(panel, match)
    ring = around(pixels(panel.scatter), at.x(), at.y(), 10)
    assert (ring != around(before, at.x(), at.y(), 10)).any()
    other = (match + 1) % len(SOME.matches)
    model.select(Selected("match", other))
    assert f"Match {other}\n" in find(panel, QLabel, "displacement_match").text()
    assert len(points) == 1
    qtbot.keyClick(panel.scatter, Qt.Key.Key_Escape)
    assert model.selection is None


def test_arrow_keys_go_outwards_and_back(
    qtbot: QtBot, panel: DisplacementPanel, model: Model
) -> None:
    length = np.hypot(*SOME.consistent.displacement.T)
    order = np.argsort(length, kind="stable")
    panel.scatter.setFocus()
    for key, expected in (("Right", 0), ("Up", 1), ("Right", 2), ("Left", 1), ("Down", 0)):
        qtbot.keyClick(panel.scatter, getattr(Qt.Key, f"Key_{key}"))
        assert model.selection == Selected("match", int(order[expected]))
    qtbot.keyClick(panel.scatter, Qt.Key.Key_Left)
    assert model.selection == Selected("match", int(order[-1]))  # beyond the axes: at their border
    assert f"Match {order[-1]}" in find(panel, QLabel, "displacement_match").text()


def test_the_wheel_comes_closer_to_what_is_under_it_and_home_goes_back(
    qtbot: QtBot, panel: DisplacementPanel
) -> None:
    scatter, home = panel.scatter, panel.scatter.plot.view_range
    at = place_of(panel, alone(panel))
    inside = scatter.plot.mapFrom(scatter, at)
    before, unit = scatter.plot.value_at(inside), scatter.plot.pixel
    turn_wheel(scatter, QPointF(at), 3)
    assert scatter.plot.pixel < unit / 2
    np.testing.assert_allclose(scatter.plot.value_at(inside), before, atol=unit)
    qtbot.keyClick(scatter, Qt.Key.Key_Home)
    np.testing.assert_allclose(scatter.plot.view_range, home)
    for _ in range(80):
        qtbot.keyClick(scatter, Qt.Key.Key_Plus)
    assert scatter.plot.pixel > 0


# What it costs


def test_it_does_nothing_while_hidden_and_a_threshold_changes_only_classes(
    qtbot: QtBot, panel: DisplacementPanel, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    centres: list[object] = []

    def counted(*arguments: object) -> None:
        centres.append(arguments)

    monkeypatch.setattr(displacement_panel, "robust_centre", counted)
    used = analyse(SOME.image, Recipe(error_margin=0.002), previous=SOME)
    scattered = panel.scatter.scattered
    assert scattered is not None
    know(model, used)
    assert centres == []
    assert panel.scatter.scattered is not None
    assert panel.scatter.scattered.points is scattered.points
    panel.hide()
    monkeypatch.setattr(panel.scatter, "show_scattered", counted)
    know(model, SOME)
    assert centres == []
    panel.show()
    QApplication.processEvents()
    assert len(centres) == 1


def test_without_an_image_it_says_so(panel: DisplacementPanel, model: Model) -> None:
    model.look_at(None)
    assert panel.scatter.words == "no image yet"
    assert panel.scatter.match_at(QPoint(100, 100)) is None
    assert panel.line.words.text() == "", "nothing lies anywhere"


# The layers


def test_arrows_begin_where_keypoints_are_expected_and_are_magnified(canvas: PairCanvas) -> None:
    a = SOME
    classes = classes_of_rule(a, "radial")
    match = int(np.flatnonzero(classes == MatchClass.REJECTED)[0])
    pane = canvas.panes()[-1]
    start = pane.to_screen(canvas.camera, expected_places(a)[[match]])[0]
    unit = a.consistent.displacement[match] / np.hypot(*a.consistent.displacement[match])
    before = pixels(canvas)
    canvas.show_as(layers=frozenset({Layer.ARROWS}))
    canvas.show_as(displacement=DisplacementLook(shown=frozenset({MatchClass.REJECTED})))
    shown = pixels(canvas)
    orange = class_color(MatchClass.REJECTED)
    for share in (0.3, 0.6):
        x, y = start + 80 * share * unit
        if pane.contains(x + 4, y + 4) and pane.contains(x - 4, y - 4):
            assert near(around(shown, x, y, 2), orange, 60).any()
    left = shown[:, : int(pane.left) - 8]
    assert (left[40:-40] == before[40:-40, : left.shape[1]]).all()  # HR is not displaced


def test_the_magnification_is_chosen_in_the_panel_and_told_on_the_picture(
    qtbot: QtBot, opened: MainWindow, painted_texts: list[str]
) -> None:
    opened.turn_panel("displacement")
    qtbot.mouseClick(find(opened, QPushButton, "displacement_show"), LEFT)
    assert opened.model.layers == DISPLACEMENT_LAYERS
    box = find(opened, QComboBox, "displacement_factor")
    box.setCurrentIndex(box.findData(50))
    box.activated.emit(box.currentIndex())
    painted_texts.clear()
    opened.canvas.grab()
    assert "displacement \N{MULTIPLICATION SIGN} 50" in painted_texts
    assert "not known" in painted_texts


def test_the_field_tells_not_known_from_zero(canvas: PairCanvas, painted_texts: list[str]) -> None:
    field = coarse_field(SOME.matches, SOME.consistent, SOME.pair.lr.shape[1::-1])
    before = pixels(canvas)
    painted_texts.clear()
    canvas.show_as(layers=frozenset({Layer.FIELD}))
    shown, pane = pixels(canvas), canvas.panes()[-1]
    assert painted_texts.count("?") == (~field.known).sum() > 0
    blue = class_color(MatchClass.KEPT)
    middles = [(e[1:] + e[:-1]) / 2 for e in (field.columns, field.rows)]
    for row, column in np.ndindex(field.known.shape):
        at = (np.array([[middles[0][column], middles[1][row]]]) + 0.5) * SOME.pair.scale - 0.5
        x, y = pane.to_screen(canvas.camera, at)[0]
        middle = around(shown, x, y, 3)
        assert (near(middle, blue, 40).any()) == bool(field.zero[row, column])
        if not field.known[row, column]:
            assert (around(shown, x - 15, y, 6) != around(before, x - 15, y, 6)).any()


def test_arrows_lie_over_no_figure_of_the_field(canvas: PairCanvas) -> None:
    pane = canvas.panes()[-1]
    area = np.s_[int(pane.top) + 60 : int(pane.top + pane.height) - 60, int(pane.left) + 4 :]
    canvas.show_as(layers=frozenset(), displacement=DisplacementLook(factor=50))
    bare = pixels(canvas)[area]
    canvas.show_as(layers=frozenset({Layer.FIELD}))
    figures = near(pixels(canvas)[area], TEXT, 30) & ~near(bare, TEXT, 60)
    assert figures.sum() > 100
    canvas.show_as(layers=frozenset({Layer.ARROWS}))
    orange = class_color(MatchClass.REJECTED)
    assert near(pixels(canvas)[area], orange, 60)[figures].any(), "arrows go where figures are"
    canvas.show_as(layers=frozenset({Layer.ARROWS, Layer.FIELD}))
    assert near(pixels(canvas)[area], TEXT, 40)[figures].all()


def test_a_straightened_pair_shows_the_field_before_and_after(
    canvas: PairCanvas, painted_texts: list[str]
) -> None:
    shift = np.array([[4.0, 0, 9.5], [0, 4, 1.5], [0, 0, 1]])  # LR's content lay 2 px to the left
    told = Straightened("hr", "bicubic", "shift", shift, (0, 0, 0, 0), 0.1, 1, 0, 0, 0)
    straight = replace(SOME, pair=replace(SOME.pair, straightened=told))
    canvas.show_image(SOME.image, straight)
    canvas.show_as(layers=frozenset())
    before = pixels(canvas)
    painted_texts.clear()
    canvas.show_as(layers=frozenset({Layer.FIELD}))
    shown, (hr_pane, lr_pane) = pixels(canvas), canvas.panes()
    assert "before: HR, after: LR" in painted_texts
    lengths = [text for text in painted_texts if "\N{PLUS-MINUS SIGN}" in text]
    far = [text for text in lengths if 1.8 < float(text.split()[0]) < 2.2]
    assert len(far) * 2 == len(lengths) > 0
    for pane in (hr_pane, lr_pane):
        area = np.s_[int(pane.top) + 1 : int(pane.top + pane.height) - 1]
        columns = np.s_[int(pane.left) + 1 : int(pane.left + pane.width) - 1]
        assert (shown[area, columns] != before[area, columns]).any()


def test_the_field_is_made_once_for_all_thresholds(
    canvas: PairCanvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []

    def counting(*arguments: object) -> object:
        made.append(arguments)
        return coarse_field(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(painting, "coarse_field", counting)
    canvas.show_as(layers=frozenset({Layer.ARROWS}))
    canvas.grab()
    assert made == []
    canvas.show_as(layers=frozenset({Layer.FIELD}))
    canvas.grab()
    canvas.show_image(SOME.image, analyse(SOME.image, Recipe(error_margin=0.01), previous=SOME))
    canvas.grab()
    assert len(made) == 1


def test_its_counts_have_room_beside_a_list_of_many_images(opened: MainWindow) -> None:
    opened.docks.by_name["displacement"].open()
    QApplication.processEvents()
    assert opened.displacement.isVisible()
    assert opened.displacement.minimumSizeHint().width() <= 342, "in a window of 900 x 600"


def test_a_bar_that_was_needed_goes_where_all_fits_beside_each_other(opened: MainWindow) -> None:
    opened.docks.by_name["displacement"].open()
    opened.resize(950, 800)
    settle()
    panel = opened.displacement
    area = panel.parentWidget().parentWidget()
    assert isinstance(area, QScrollArea)
    assert area.verticalScrollBar().isVisible(), "the words beside the scatter are below it"
    opened.resize(opened.width() - area.width() + panel.sizeHint().width() + 4, 800)
    settle()
    assert not area.verticalScrollBar().isVisible()
    assert panel.width() == area.width()


def test_the_verdict_wraps_where_it_has_no_line(qtbot: QtBot) -> None:
    words = LinesLabel(None)
    qtbot.addWidget(words)
    words.say("Shifted: LR's content lies 0.497 LR px too far left\nModel shift")
    words.resize(1000, 40)
    assert [one.split() for one in words.wrapped()] == [
        one.split() for one in words.text().split("\n")
    ]
    words.resize(200, 40)
    assert len(words.wrapped()) == 3
    assert " ".join(words.wrapped()).split() == words.text().split()
    assert words.sizeHint().height() == 3 * words.fontMetrics().lineSpacing()


def test_a_vector_file_has_the_field_as_lines(canvas: PairCanvas, painted_texts: list[str]) -> None:
    canvas.show_as(layers=DISPLACEMENT_LAYERS)
    canvas.grab()
    painted_texts.clear()
    picture = QPicture()
    painter = QPainter(picture)
    canvas.render_to(painter)
    painter.end()
    assert "?" in painted_texts  # and not a kept sheet of pixels


def test_a_click_on_the_beginning_of_an_arrow_picks_its_match(
    qtbot: QtBot, opened: MainWindow
) -> None:
    opened.turn_panel("displacement")
    opened.model.show_layers(frozenset({Layer.ARROWS}))
    a, canvas = known(opened), opened.canvas
    pane = canvas.panes()[-1]
    places = pane.to_screen(canvas.camera, expected_places(a))
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    match = int(np.argmax(apart.min(axis=1)))
    qtbot.mouseClick(canvas, LEFT, pos=QPoint(*map(round, places[match])))
    assert opened.model.selection == Selected("match", match)
    assert f"Match {match}\n" in find(opened, QLabel, "displacement_match").text()
    assert opened.inspector.verdict.text() == match_verdict(a, match)


# Given pairs


@pytest.fixture
def shifted(tmp_path: Path) -> tuple[Path, Path]:
    """Return the files of a pair whose LR lies 1.5 LR px to the left of its place."""
    hr, lr, _ = given_pair(crop("motorcycle", 200, 100, 230, 200), 4, (6, 0))
    return save(hr, tmp_path / "hr.png"), save(lr, tmp_path / "lr.png")


def summary_of(window: MainWindow) -> str:
    return find(window, QLabel, "alignment_summary").text()


@pytest.mark.parametrize("size", [(900, 600), (1280, 800), (1920, 1000)])
def test_what_is_said_of_a_given_pair_can_be_read_in_a_window_of(
    qtbot: QtBot, new_window: MainWindow, shifted: tuple[Path, Path], size: tuple[int, int]
) -> None:
    new_window.resize(*size)
    new_window.open_pairs([shifted[0]], GivenLR(shifted[1]))
    wait_for_analysis(qtbot, new_window, shifted[0])
    new_window.turn_panel("displacement")
    qtbot.waitUntil(lambda: "Shifted" in summary_of(new_window), timeout=TIMEOUT)
    settle()
    words = find(new_window, LinesLabel, "alignment_summary")
    lines = words.wrapped()
    assert " ".join(lines).split() == summary_of(new_window).split()
    assert any(line.startswith("Model shift") for line in lines), "in a line of its own"
    metrics = words.fontMetrics()
    assert max(map(metrics.horizontalAdvance, lines)) <= words.width()
    assert words.height() >= len(lines) * metrics.lineSpacing()
    area = words.parentWidget().parentWidget()
    assert words.mapTo(area, words.rect().bottomRight()).x() < area.width()


def test_the_summary_of_a_given_pair_is_computed_while_it_is_looked_at_and_kept(
    qtbot: QtBot,
    window: MainWindow,
    shifted: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []
    real = pair_alignment.align_images

    def counting(*arguments: object) -> object:
        asked.append(arguments)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pair_alignment, "align_images", counting)
    window.open_pairs([shifted[0]], GivenLR(shifted[1]))
    wait_for_analysis(qtbot, window, shifted[0])
    assert asked == []  # nobody looks
    window.turn_panel("displacement")
    qtbot.waitUntil(lambda: "Shifted" in summary_of(window), timeout=TIMEOUT)
    assert "1.5" in summary_of(window)
    assert "odel shift" in summary_of(window)
    qtbot.waitUntil(lambda: not window.alignment.busy, timeout=TIMEOUT)
    assert find(window, QPushButton, "alignment_button").isHidden()
    window.model.change("error_margin", 0.02)
    wait_for_analysis(qtbot, window)
    assert "Shifted" in summary_of(window)
    assert len(asked) == 1
    centre = find(window, QLabel, "displacement_centre").text()
    assert "-1.5" in centre or "-1.4" in centre


def aligned(reason: str, *remarks: str) -> dict[str, object]:
    return {
        "verdict": "aligned",
        "reason": reason,
        "remarks": remarks,
        "model": "shift",
        "estimators": {"sift": None, "ecc": None},
        "tone": None,
        "residual": None,
    }


@pytest.fixture
def line(qtbot: QtBot, model: Model) -> AlignmentLine:
    """Return the line of the panel alone, which somebody looks at."""
    alignment = PairAlignment(model, model)
    made = AlignmentLine(alignment)
    qtbot.addWidget(made)
    alignment.want(True)
    return made


def test_each_pair_has_its_sentence_however_quickly_others_were_looked_at(
    qtbot: QtBot,
    model: Model,
    line: AlignmentLine,
    shifted: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other, other_lr, _ = given_pair(crop("motorcycle", 100, 100, 230, 200), 4)
    files = (
        save(other, shifted[0].with_name("b.png")),
        save(other_lr, shifted[0].with_name("l.png")),
    )
    slow, done = threading.Event(), []

    def aligning(hr: SourceImage, lr: object, recipe: Recipe, progress: Progress) -> object:
        assert slow.wait(TIMEOUT / 1000)
        progress.check()  # only now: it runs on for a while where it was dropped
        done.append(hr.path.stem)
        return aligned(f"within {hr.path.stem}")

    def says(words: str) -> None:
        qtbot.waitUntil(lambda: words in line.words.text(), timeout=TIMEOUT)

    monkeypatch.setattr(pair_alignment, "align_images", aligning)
    monkeypatch.setattr(entry, "_MOST", 1)  # what is left is let go, and read again
    model.add_images([Rooted(hr, None, lr) for hr, lr in (shifted, files)])
    assert "after its analysis" in line.words.text()
    try:
        says("Measuring how the pair lies")
        model.step_image(1)
        says("Measuring how the pair lies")
        model.step_image(1)
        says("Measuring how the pair lies")
    finally:
        slow.set()
    for name in ("hr", "b", "hr", "b"):
        says(f"Aligned: within {name}\n")
        model.step_image(1)
        assert model.image is None
    says("Aligned: within hr\n")
    assert done == ["hr", "b"]


def test_why_a_pair_that_cannot_be_read_is_not_aligned_is_told(
    qtbot: QtBot, model: Model, line: AlignmentLine, shifted: tuple[Path, Path]
) -> None:
    shifted[1].write_bytes(b"no image")
    model.add_images([Rooted(shifted[0], None, shifted[1])])
    qtbot.waitUntil(lambda: line.words.text().startswith("Not aligned: "), timeout=TIMEOUT)
    assert "lr.png" in line.words.text()


def test_aligning_can_be_stopped_and_begun_again(
    qtbot: QtBot,
    window: MainWindow,
    shifted: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = aligned("within 0.01 LR px", "x; y: z", "v")
    waits = [True]

    def waiting(hr: object, lr: object, recipe: Recipe, progress: Progress) -> object:
        progress.report("features", 1, 4)
        while waits[0]:
            progress.cancel.wait(TIMEOUT)
            progress.check()
        return found

    monkeypatch.setattr(pair_alignment, "align_images", waiting)
    window.open_pairs([shifted[0]], GivenLR(shifted[1]))
    wait_for_analysis(qtbot, window, shifted[0])
    window.turn_panel("displacement")
    qtbot.waitUntil(lambda: "features, 25 %" in summary_of(window), timeout=TIMEOUT)
    button = find(window, QPushButton, "alignment_button")
    assert button.text() == "Cancel"
    qtbot.mouseClick(button, LEFT)
    assert "stopped" in summary_of(window)
    window.model.change("error_margin", 0.02)  # begins nothing
    wait_for_analysis(qtbot, window)
    assert not window.alignment.busy
    waits[0] = False
    assert button.text() == "Align"
    qtbot.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: "within 0.01" in summary_of(window), timeout=TIMEOUT)
    assert summary_of(window) == "Aligned: within 0.01 LR px\nModel shift; x; y: z; v"


def test_why_it_cannot_be_aligned_is_told(
    qtbot: QtBot,
    window: MainWindow,
    shifted: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(*arguments: object) -> object:
        raise SrviewerError("no reason")

    monkeypatch.setattr(pair_alignment, "align_images", failing)
    window.open_pairs([shifted[0]], GivenLR(shifted[1]))
    wait_for_analysis(qtbot, window, shifted[0])
    window.turn_panel("displacement")
    qtbot.waitUntil(lambda: "no reason" in summary_of(window), timeout=TIMEOUT)


def test_a_made_pair_is_not_aligned(opened: MainWindow) -> None:
    opened.turn_panel("displacement")
    QApplication.processEvents()
    assert summary_of(opened).startswith("Made pair")
    assert not opened.alignment.busy


def test_a_pair_whose_sizes_do_not_fit_is_aligned_all_the_same(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    hr, lr, _ = given_pair(crop("motorcycle", 200, 100, 230, 200), 4)
    files = save(hr[:, :-9], tmp_path / "hr.png"), save(lr, tmp_path / "lr.png")
    window.turn_panel("displacement")
    window.open_pairs([files[0]], GivenLR(files[1]))
    qtbot.waitUntil(lambda: "sizes do not fit" in summary_of(window).lower(), timeout=TIMEOUT)
    assert window.model.analysis is None


def test_its_dock_is_reached_by_its_key_and_stays_when_a_match_is_picked(
    qtbot: QtBot, opened: MainWindow
) -> None:
    qtbot.keyClick(opened, Qt.Key.Key_Minus, Qt.KeyboardModifier.AltModifier)
    QApplication.processEvents()
    assert opened.docks.by_name["displacement"].is_seen
    assert opened.displacement.isVisible()
    opened.model.select(Selected("match", 0), go_there=True)
    QApplication.processEvents()
    assert opened.docks.by_name["displacement"].is_seen  # it tells of the match itself
