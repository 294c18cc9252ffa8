"""Two files or folders that a person hands over together: which are HR and LR of each other."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srviewer.errors import Cancelled
from srviewer.pipeline.progress import Progress
from srviewer.runs.two_given import as_pairs
from tests.photos import photo, save


def reduced(rgb: np.ndarray, scale: int = 4) -> np.ndarray:
    size = rgb.shape[1] // scale, rgb.shape[0] // scale
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BICUBIC))


HR, OTHER = photo("astronaut")[:320, :320], photo("coffee")[:320, :320]
LR = reduced(HR)


def found(one: Path, other: Path) -> tuple[list[tuple[Path, Path]] | None, int]:
    """Return HR and LR of each pair, whichever is named first, and how often it is in doubt."""
    doubts: list[int] = []
    ways = [
        as_pairs(*both, on_doubt=lambda: doubts.append(1)) for both in ((one, other), (other, one))
    ]
    first, second = (way and [(pair.path, pair.lr) for pair in way.pairs] for way in ways)
    assert first == second
    assert len(doubts) in (0, 2)
    return first, len(doubts) // 2


@pytest.mark.parametrize(
    ("large", "small", "small_name", "is_pair", "doubts"),
    [
        (HR, LR, "other.png", True, 0),  # it is the same picture
        (HR, reduced(OTHER), "a_x4.png", True, 0),  # by its name
        (HR, LR[:, :50], "a_LR.png", True, 0),  # the sizes are told later
        (HR, reduced(OTHER), "other.png", False, 1),
        (HR, LR[:, :50], "other.png", False, 0),  # the sizes do not fit
        (HR, HR, "a_x4.png", False, 0),  # neither is larger
        (HR, HR[:, :100], "a_x4.png", False, 0),  # nor along both sides
    ],
)
def test_two_files_are_a_pair_by_their_name_or_their_picture(
    tmp_path, large, small, small_name, is_pair, doubts
):
    high, low = save(large, tmp_path / "a.png"), save(small, tmp_path / small_name)
    assert found(high, low) == ([(high, low)] if is_pair else None, doubts)


def test_what_cannot_be_read_is_no_half_of_a_pair(tmp_path):
    high = save(HR, tmp_path / "a.png")
    broken = tmp_path / "a_x4.png"
    broken.write_bytes(b"no image")
    for other in (broken, tmp_path / "missing_x4.png", tmp_path):
        assert found(high, other) == (None, 0)


def test_two_folders_are_pairs_by_the_first_that_can_be_read(tmp_path):
    high, low = tmp_path / "high", tmp_path / "low"
    for name in ("b.png", "c.png"):
        save(HR, high / name)
        save(LR, low / name)
    pairs = [(high / name, low / name) for name in ("b.png", "c.png")]
    assert found(high, low) == (pairs, 0)
    (high / "a.png").write_bytes(b"no image")
    save(HR, low / "a.png")  # of which the broken one may be an LR
    assert found(high, low) == ([(high / "a.png", low / "a.png"), *pairs], 0)
    for name in ("b.png", "c.png"):
        (low / name).write_bytes(b"no image")
    assert found(high, low) == (None, 0)


def test_folders_of_one_size_or_of_other_names_are_no_pairs(tmp_path):
    save(HR, tmp_path / "one" / "a.png")
    save(HR, tmp_path / "same" / "a.png")
    save(LR, tmp_path / "other" / "b.png")
    for name in ("same", "other"):
        assert found(tmp_path / "one", tmp_path / name) == (None, 0)


def test_it_can_be_stopped(tmp_path):
    high, low = save(HR, tmp_path / "a.png"), save(LR, tmp_path / "a_x4.png")
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        as_pairs(high, low, Progress(cancel=cancel))
