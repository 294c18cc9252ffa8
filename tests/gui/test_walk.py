"""A short walk of a person who cannot sit still; `make soak` takes the long one."""

import time
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication

from tests.gui.conftest import process_deletions
from tests.photos import crop, save
from tests.soak.walk import Walker

EVENTS = 300
PATIENCE = 20.0  # seconds, after which the walk is cut short on a slow machine


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    """Return photographs, and files that are none or hold nothing."""
    good = [
        save(crop("motorcycle", 200, 100, 180, 140), tmp_path / "engine.png"),
        save(crop("astronaut", 100, 0, 160, 170), tmp_path / "portrait.png"),
        save(crop("coffee", 150, 80, 170, 130), tmp_path / "cup.jpg"),
    ]
    text, flat, small = (tmp_path / f"{name}.png" for name in ("text", "flat", "small"))
    text.write_text("no picture")
    Image.new("RGB", (150, 120), (128, 128, 128)).save(flat)
    Image.new("RGB", (5, 5)).save(small)
    return [*good, text, flat, small, tmp_path / "missing.png"]


def test_a_walk_raises_nothing_and_leaves_nothing(
    leaves_nothing: None, images: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    walker = Walker(images, tmp_path / "pairs", seed=3)
    begun = time.monotonic()
    for _ in range(EVENTS):
        walker.step()
        if time.monotonic() - begun > PATIENCE:
            break
    walker.close()
    assert walker.faults == []
    process_deletions()
    enough = sum(walker.done.values()) > 100  # unless the machine was very slow
    assert len(walker.done) > 8 or not enough, "it did many kinds of things"
    after = sorted(path.name for path in tmp_path.iterdir() if path.name != "pairs")
    assert after == before, "and wrote pairs only"
    assert not list((tmp_path / "pairs").rglob("*.part"))


def test_a_walk_goes_on_in_another_window_where_one_closes_over_a_stopped_export(
    leaves_nothing: None, images: list[Path], tmp_path: Path
) -> None:
    walker = Walker(images[:1], tmp_path / "pairs")
    window = walker.window
    while window.model.analysis is None or not window.model.analysis.complete:
        QApplication.processEvents()
    walker._start_export()
    window.exporting.run.cancel()
    assert window.exporting.run.busy
    walker._ask_to_close()
    assert walker.window is not window
    walker._go_into()
    walker.close()
    assert walker.faults == []
