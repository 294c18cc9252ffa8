"""Given pairs in the window: opened by the menu, dropped, listed as what they are, exported."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QTextEdit, QToolButton
from pytestqt.qtbot import QtBot

from srviewer.gui.panels.images_list import size_words, state_of
from srviewer.gui.state.interrupted import Interrupted, as_stored, from_stored
from srviewer.gui.state.known import Fact
from srviewer.gui.views.canvas import PairCanvas
from srviewer.gui.views.resizer_dialog import ResizerDialog
from srviewer.gui.window import MainWindow
from srviewer.pipeline.analysis import analyse_file
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.resizing import resize
from srviewer.runs.inputs import GivenLR
from srviewer.runs.rooted import Rooted
from tests.analyses import assert_same
from tests.gui.helpers import TIMEOUT, find, wait_for_analysis
from tests.gui.test_incoming import drop, names, of_paths
from tests.gui.test_window import banner_text
from tests.photos import crop, save

HR = crop("motorcycle", 200, 100, 200, 160)


def reduced(scale: int) -> np.ndarray:
    size = HR.shape[1] // scale, HR.shape[0] // scale
    return np.asarray(Image.fromarray(HR).resize(size, Image.Resampling.HAMMING))


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Return the files of HR and of an LR that no resizer of the recipe has made."""
    return save(HR, tmp_path / "photo.png"), save(reduced(4), tmp_path / "small.png")


def assert_is_given(window: MainWindow, hr: Path, lr: Path) -> None:
    entry = window.model.current
    assert entry is not None
    assert (entry.path, entry.lr) == (hr, lr)
    assert size_words(entry)[0] == "200 x 160 px, LR given"
    a = window.model.analysis
    assert a is not None
    assert a.pair.given
    assert_same(a, analyse_file(hr, window.model.recipe, lr=lr))


def test_open_pair_asks_for_hr_then_lr(
    qtbot: QtBot, window: MainWindow, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def choose(parent: object, title: str, *more: object) -> tuple[list[str], str]:
        asked.append(title)
        return [str(pair[len(asked) - 1])], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", choose)
    action = next(one for one in window.menus.actions if one.text() == "Open &pair...")
    action.trigger()
    wait_for_analysis(qtbot, window, pair[0])
    assert asked == ["Open a pair: the HR", "Open a pair: the LR of photo.png"]
    assert_is_given(window, *pair)
    window.model.change("error_margin", 0.01)  # as on a made pair
    wait_for_analysis(qtbot, window)
    assert_is_given(window, *pair)


def test_of_two_dropped_files_the_smaller_is_lr(
    qtbot: QtBot, window: MainWindow, pair: tuple[Path, Path]
) -> None:
    drop(window, of_paths(pair[1], pair[0]))
    wait_for_analysis(qtbot, window, pair[0])
    assert names(window) == ["photo.png"]
    assert_is_given(window, *pair)


def test_two_dropped_files_of_other_sizes_are_two_images(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    first = save(HR, tmp_path / "a.png")
    second = save(HR[:150, :170], tmp_path / "b.png")
    drop(window, of_paths(first, second))
    qtbot.waitUntil(lambda: names(window) == ["a.png", "b.png"], timeout=TIMEOUT)
    assert not any("Open pair..." in line.message for line in window.log.lines)


def test_two_dropped_photographs_of_fitting_sizes_are_two_images(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    first = save(HR, tmp_path / "a.png")
    second = save(HR[60:100, 100:150], tmp_path / "b.png")
    assert (HR.shape[0], HR.shape[1]) == (160, 200)
    drop(window, of_paths(first, second))
    qtbot.waitUntil(lambda: names(window) == ["a.png", "b.png"], timeout=TIMEOUT)
    assert any("File > Open pair..." in line.message for line in window.log.lines), (
        "they may be a pair"
    )


def test_two_dropped_folders_are_paired_whichever_comes_first(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        save(HR, tmp_path / "x" / f"{name}.png")
        save(reduced(4), tmp_path / "y" / f"{name}_lq.png")
    save(HR, tmp_path / "x" / "alone.png")
    drop(window, of_paths(tmp_path / "y", tmp_path / "x"))
    wait_for_analysis(qtbot, window, tmp_path / "x" / "a.png")
    assert [entry.lr for entry in window.model.entries] == [
        tmp_path / "y" / f"{name}_lq.png" for name in ("a", "b")
    ]
    log = find(window, QTextEdit, "log").toPlainText()
    assert "2 pairs with a given LR; 1 image without a partner" in log
    assert "alone.png: no LR has its name" in log
    assert window.model.entries[0].source == Rooted(
        tmp_path / "x" / "a.png", tmp_path / "x", tmp_path / "y" / "a_lq.png"
    )


@pytest.mark.parametrize("width", range(340, 900, 40))
def test_a_caption_says_less_and_cuts_no_unit(
    qtbot: QtBot, width: int, painted_texts: list[str], pair: tuple[Path, Path]
) -> None:
    a = analyse_file(pair[0], Recipe(), lr=pair[1])
    canvas = PairCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(width, 230)
    canvas.show_as(single=False)
    canvas.show_image(a.image, a)
    painted_texts.clear()
    canvas.grab()
    captions = [text for text in painted_texts if text.startswith(("HR", "LR"))]
    assert len(captions) == 2
    assert all(text.endswith(("px", "drawn x4")) for text in captions)


def test_folders_without_a_pair_say_why(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    save(HR, tmp_path / "x" / "a.png")
    save(reduced(4), tmp_path / "y" / "b.png")
    window.open_pairs([tmp_path / "x"], GivenLR(tmp_path / "y"))
    qtbot.waitUntil(lambda: "nothing to pair" in banner_text(window), timeout=TIMEOUT)
    assert "a.png: no LR has its name; the nearest name is b.png" in banner_text(window)


def test_the_scale_follows_a_new_pair_and_then_the_person(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    hr, lr = save(HR, tmp_path / "a.png"), save(reduced(2), tmp_path / "a_x2.png")
    window.open_pairs([hr], GivenLR(lr))
    wait_for_analysis(qtbot, window, hr)
    assert window.model.recipe == Recipe(scale=2)
    window.model.undo()
    assert window.model.current is not None
    error = window.model.current.error
    assert error is not None
    assert "scale 2 fits" in banner_text(window)
    window.model.redo()
    wait_for_analysis(qtbot, window, hr)
    assert_is_given(window, hr, lr)


def test_the_same_hr_is_a_made_pair_again_when_it_is_opened_alone(
    qtbot: QtBot, window: MainWindow, pair: tuple[Path, Path]
) -> None:
    window.open_pairs([pair[0]], GivenLR(pair[1]))
    wait_for_analysis(qtbot, window, pair[0])
    window.add_paths([pair[0]])
    qtbot.waitUntil(lambda: not window.opening.busy, timeout=TIMEOUT)
    assert window.model.entries[0].lr == pair[1]
    window.open_paths([pair[0]])
    qtbot.waitUntil(lambda: window.model.entries[0].lr is None, timeout=TIMEOUT)
    wait_for_analysis(qtbot, window, pair[0])
    assert window.model.analysis is not None
    assert not window.model.analysis.pair.given


def test_a_pair_of_no_whole_scale_is_straightened_by_its_control(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, qtlog: object
) -> None:
    hr, small = save(HR, tmp_path / "a.png"), Image.fromarray(HR).resize((90, 71))
    lr = save(np.asarray(small), tmp_path / "b.png")
    window.open_pairs([hr], GivenLR(lr))
    qtbot.waitUntil(lambda: "trimmed by" in banner_text(window), timeout=TIMEOUT)
    assert window.model.recipe.scale == 2
    below = find(window, QToolButton, "section_keypoints")
    mending = find(window, QToolButton, "section_given pairs")
    assert mending.isChecked()
    assert mending.mapTo(window, QPoint()).y() < below.mapTo(window, QPoint()).y()
    # The list of a box that was opened is no stop between the groups.
    find(window, QComboBox, "filter").view()
    window.open_paths([hr])
    qtbot.waitUntil(lambda: window.model.entries[0].lr is None, timeout=TIMEOUT)
    window.open_pairs([hr], GivenLR(lr))
    qtbot.waitUntil(lambda: window.model.entries[0].lr == lr, timeout=TIMEOUT)
    assert not [one for one in qtlog.records if "setTabOrder" in one.message]
    straighten, by = (find(window, QComboBox, f"straighten{end}") for end in ("", "_filter"))
    assert (straighten.isEnabled(), by.isEnabled()) == (True, False)
    straighten.setFocus()
    qtbot.keyClick(straighten, Qt.Key.Key_Down)  # off, hr, lr
    wait_for_analysis(qtbot, window, hr)
    assert window.model.recipe == Recipe(scale=2, straighten="hr")
    assert by.isEnabled()
    a = window.model.analysis
    assert a is not None
    assert (a.pair.size, a.pair.lr.shape) == ((180, 142), (71, 90, 3))
    assert_same(a, analyse_file(hr, window.model.recipe, lr=lr))
    window.open_paths([hr])
    qtbot.waitUntil(lambda: window.model.entries[0].lr is None, timeout=TIMEOUT)
    wait_for_analysis(qtbot, window, hr)
    assert not straighten.isEnabled()
    assert mending.mapTo(window, QPoint()).y() > below.mapTo(window, QPoint()).y()
    assert straighten.toolTip().endswith("Not used now: read only where the LR is given.")


def test_pairs_are_surveyed_and_exported_and_not_with_made_ones(
    qtbot: QtBot, window: MainWindow, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    model, out = window.model, tmp_path / "out"
    model.set_recipe(Recipe(crop="whole", min_keypoints=3))
    window.open_pairs([pair[0]], GivenLR(pair[1]))
    wait_for_analysis(qtbot, window, pair[0])
    assert model.analysis is not None
    kept = int(model.analysis.patches.kept.sum())
    assert kept
    with qtbot.waitSignal(window.data_set.survey.finished, timeout=TIMEOUT):
        window.data_set.start_survey()
    state = window.data_set.survey.state
    assert state is not None
    assert (state.surveyed, len(state.failures)) == (1, 0)
    window.export.folder.setText(str(out))
    with qtbot.waitSignal(window.exporting.run.finished, timeout=TIMEOUT):
        window.exporting.start()
    assert 'lr = "given"' in (out / "export.toml").read_text()
    assert len((out / "manifest.csv").read_text().splitlines()) == 1 + kept
    window.add_paths([save(HR, tmp_path / "made.png")])
    wait_for_analysis(qtbot, window, tmp_path / "made.png")
    window.export_settings.use_scope("all")
    window.export.folder.setText(str(tmp_path / "both"))
    with qtbot.waitSignal(window.exporting.run.finished, timeout=TIMEOUT):
        window.exporting.start()
    assert "they go into different data sets" in banner_text(window)


def test_the_resizer_of_a_given_lr_is_named_and_taken(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    how = {"resizer": "matlab", "filter": "bilinear", "quantize_after": True}
    hr = save(HR, tmp_path / "a.png")
    lr = save(resize(HR, (50, 40), **how), tmp_path / "a_lr.png")
    window.open_pairs([hr], GivenLR(lr))
    wait_for_analysis(qtbot, window, hr)
    window.name_resizer()
    dialog = find(window, ResizerDialog, "resizer_dialog")
    qtbot.waitUntil(lambda: bool(dialog.ranking), timeout=TIMEOUT)
    assert dialog.status.text() == "This LR is made by matlab bilinear, to the last pixel."
    assert dialog.table.item(0, 1).text() == "identical"
    assert "largest difference" in dialog.table.item(1, 2).text()
    qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)
    assert window.model.recipe == Recipe(resizer="matlab", filter="bilinear")


def test_what_was_broken_off_is_kept_with_its_lr(tmp_path: Path) -> None:
    sources = (
        Rooted(tmp_path / "in" / "a.png", tmp_path / "in", tmp_path / "lr" / "a.png"),
        Rooted(tmp_path / "b.png", None, tmp_path / "b_lr.png"),
        tmp_path / "c.png",
    )
    one = Interrupted("survey", sources, Recipe())
    stored = as_stored(one)
    assert stored is not None
    again = from_stored(stored)
    assert again is not None
    assert set(again.sources) == set(sources)


@pytest.mark.parametrize(
    ("fact", "texts", "warns"),
    [
        (Fact(0, lies="mirrored"), ("no pairs, mirrored", "mirrored"), True),
        (Fact(21, lies="scaled"), ("21 pairs, scaled", "21 pairs"), False),
        (Fact(0), ("no pairs",), True),
    ],
)
def test_the_list_names_what_is_wrong_with_a_pair(
    fact: Fact, texts: tuple[str, ...], warns: bool
) -> None:
    known = SimpleNamespace(doing=lambda entry: "", of=lambda entry: fact)
    assert state_of(SimpleNamespace(error=None), None, known) == (texts, warns)
