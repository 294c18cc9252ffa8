"""The reader of patches: what is kept, what is read first, what is let go."""

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from srviewer.errors import ReadError
from srviewer.gui.jobs import patches as patches_module
from srviewer.gui.jobs.patches import Patches
from srviewer.gui.jobs.runner import stop_runners
from srviewer.pipeline.recipe import Recipe
from srviewer.survey.patches import Patch, PatchReader
from srviewer.survey.record import SurveyedImage
from tests.gui.helpers import TIMEOUT

BYTES = 3 * 33 * 33 * 3  # of a patch here


class Image:
    """As much of a surveyed image as a reader that is not asked for pixels looks at."""

    def __init__(self, sha256: str) -> None:
        self.sha256, self.path = sha256, None


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[int]]]:
    """Return a list that gets what is read."""
    asked: list[tuple[str, list[int]]] = []

    def reading(
        self: PatchReader, image: SurveyedImage, windows: list[int], *_: object
    ) -> dict[int, Patch]:
        asked.append((image.sha256, list(windows)))
        if image.sha256 == "gone":
            raise ReadError("no such file")
        blank = np.zeros((33, 33, 3), np.uint8)
        return {window: Patch(blank, blank, blank) for window in windows}

    monkeypatch.setattr(PatchReader, "read", reading)
    return asked


@pytest.fixture
def patches(qtbot: QtBot) -> Iterator[Patches]:
    made = Patches()
    yield made
    qtbot.waitUntil(lambda: stop_runners(made), timeout=TIMEOUT)
    made.deleteLater()


def want(qtbot: QtBot, patches: Patches, *wanted: tuple[Image, int]) -> None:
    patches.want(Recipe(), wanted)  # type: ignore[arg-type]
    qtbot.waitUntil(
        lambda: all(patches.of(*one) is not None for one in wanted),  # type: ignore[arg-type]
        timeout=TIMEOUT,
    )


def test_an_image_is_read_once_for_all_its_windows_that_are_seen(
    qtbot: QtBot, patches: Patches, read: list[tuple[str, list[int]]]
) -> None:
    one, other = Image("one"), Image("other")
    want(qtbot, patches, (one, 5), (other, 1), (one, 2))
    assert read == [("one", [5, 2]), ("other", [1])]
    want(qtbot, patches, (one, 2), (one, 3))
    assert read[2:] == [("one", [3])], "what is there is not read again"


def test_what_is_seen_no_longer_is_not_read(
    qtbot: QtBot, patches: Patches, read: list[tuple[str, list[int]]]
) -> None:
    images = [Image(str(number)) for number in range(9)]
    patches.want(Recipe(), [(image, 0) for image in images])  # type: ignore[misc]
    want(qtbot, patches, (images[8], 0))
    assert len(read) <= 2


def test_memory_is_bounded(
    qtbot: QtBot,
    patches: Patches,
    read: list[tuple[str, list[int]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patches_module, "_MOST_BYTES", 10 * BYTES)
    one = Image("one")
    for number in range(30):
        want(qtbot, patches, (one, number))
        assert len(patches._made) <= 10
        assert patches._bytes == len(patches._made) * BYTES
    assert patches.of(one, 0) is None  # type: ignore[arg-type]
    assert patches.of(one, 29) is not None  # type: ignore[arg-type]


def test_what_is_seen_at_once_stays_however_large(
    qtbot: QtBot,
    patches: Patches,
    read: list[tuple[str, list[int]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patches_module, "_MOST_BYTES", 2 * BYTES)
    images = [Image(str(number)) for number in range(5)]
    want(qtbot, patches, *((image, 0) for image in images))
    assert len(patches._made) == 5
    want(qtbot, patches, (images[0], 1))
    assert len(patches._made) == 2


def test_what_cannot_be_read_is_told_and_tried_again_when_it_is_looked_at_anew(
    qtbot: QtBot, patches: Patches, read: list[tuple[str, list[int]]]
) -> None:
    gone = Image("gone")
    want(qtbot, patches, (gone, 0))
    assert isinstance(patches.of(gone, 0), ReadError)  # type: ignore[arg-type]
    want(qtbot, patches, (gone, 1))
    assert len(read) == 1
    patches.rest()
    want(qtbot, patches, (gone, 1))
    assert len(read) == 2


def test_another_pair_has_other_pixels(
    qtbot: QtBot, patches: Patches, read: list[tuple[str, list[int]]]
) -> None:
    one = Image("one")
    want(qtbot, patches, (one, 0))
    patches.want(Recipe(min_keypoints=3), [(one, 0)])  # type: ignore[list-item]
    assert patches.of(one, 0) is not None  # type: ignore[arg-type]
    patches.want(Recipe(resizer="opencv"), [(one, 0)])  # type: ignore[list-item]
    assert patches.of(one, 0) is None  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: patches.of(one, 0) is not None, timeout=TIMEOUT)  # type: ignore[arg-type]
    assert len(read) == 2
