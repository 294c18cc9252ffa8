import threading

import cv2
import numpy as np
import pytest

from srviewer.errors import Cancelled
from srviewer.pipeline import matching, threads
from srviewer.pipeline.matching import choose_each_other
from srviewer.pipeline.progress import Progress

SIZES = [(3000, 700), (700, 3000), (1, 1), (1, 40), (40, 1), (500, 2000)]
SLICES = [(4096, 4096), (700, 90), (137, 1000), (1, 333)]


def descriptors(count: int, kind: str, seed: int) -> np.ndarray:
    """Return descriptors; of the kinds but `photo` many are equal, or at equal distances."""
    random = np.random.default_rng(seed)
    if kind == "photo":
        return np.minimum(np.abs(random.normal(0, 40, (count, 128))), 255).astype(np.uint8)
    if kind == "flat":
        return np.full((count, 128), 7, np.uint8)
    found = np.zeros((count, 128), np.uint8)
    used = {"two values": 8, "few": 2}[kind]
    found[:, :used] = random.integers(0, 2, (count, used))
    return found


def by_opencv(first: np.ndarray, second: np.ndarray) -> list[tuple[int, int, float]]:
    found = cv2.BFMatcher(cv2.NORM_L1, crossCheck=True).match(first, second)
    return [(m.queryIdx, m.trainIdx, m.distance) for m in found]


def in_slices(first: np.ndarray, second: np.ndarray, **options) -> list[tuple[int, int, float]]:
    found = choose_each_other(first, second, **options)
    return list(zip(*(part.tolist() for part in found), strict=True))


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("kind", ["photo", "flat", "two values", "few"])
def test_slices_find_what_opencvs_matcher_finds_in_the_whole(monkeypatch, sizes, kind):
    first, second = (descriptors(n, kind, seed) for seed, n in enumerate(sizes))
    expected = by_opencv(first, second)
    assert expected
    for queries, searched in SLICES if kind != "photo" else SLICES[:3]:
        monkeypatch.setattr(matching, "QUERIES", queries)
        monkeypatch.setattr(matching, "SEARCHED", searched)
        assert in_slices(first, second) == expected


def test_ties_go_to_the_lowest_number_across_slices(monkeypatch):
    monkeypatch.setattr(matching, "QUERIES", 3)
    monkeypatch.setattr(matching, "SEARCHED", 2)
    first = descriptors(9, "photo", 0)
    first[[1, 4, 5, 8]] = first[1]
    second = first[[8, 0, 4, 2]]
    distances = np.abs(first[:, None].astype(int) - second[None]).sum(axis=2)
    mutual = [
        (one, int(distances[one].argmin()))
        for one in range(9)
        if distances[:, distances[one].argmin()].argmin() == one
    ]
    assert mutual == [(0, 1), (1, 0), (2, 3)]
    assert in_slices(first, second) == [(*pair, 0) for pair in mutual]


def test_the_number_of_threads_makes_no_difference(keep_threads):
    first, second = descriptors(900, "photo", 1), descriptors(400, "photo", 2)
    found = []
    for count in (1, 2):
        threads.use_threads(count)
        found.append(in_slices(first, second))
    assert found[0] == found[1] == by_opencv(first, second)


def test_more_descriptors_than_opencvs_matcher_can_number():
    first = descriptors(2**18 + 60, "photo", 3)
    second = first[-40:]
    with pytest.raises(cv2.error):
        by_opencv(second, first)
    assert in_slices(second, first) == [(n, 2**18 + 20 + n, 0) for n in range(40)]
    assert in_slices(first, second) == [(2**18 + 20 + n, n, 0) for n in range(40)]


def test_the_work_is_told_and_can_be_stopped(monkeypatch):
    monkeypatch.setattr(matching, "QUERIES", 100)
    monkeypatch.setattr(matching, "SEARCHED", 50)
    first, second = descriptors(600, "photo", 4), descriptors(250, "photo", 5)
    told: list[tuple[int, int]] = []
    in_slices(first, second, progress=Progress(lambda stage, *counts: told.append(counts)))
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert len(told) > 36
    assert len({total for _, total in told}) == 1
    assert told[-1][0] <= told[-1][1] <= 36 + 15

    cancel = threading.Event()
    told.clear()

    def stop_at_seven(stage: str, done: int, total: int) -> None:
        assert stage == "matches"
        told.append((done, total))
        if done == 7:
            cancel.set()

    with pytest.raises(Cancelled):
        in_slices(first, second, progress=Progress(stop_at_seven, cancel))
    assert len(told) == 7
