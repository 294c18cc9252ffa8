"""Distributions of one image, and the thresholds that stand in them."""

from dataclasses import replace

import numpy as np
import pytest

from srviewer.pipeline.analysis import refresh
from srviewer.pipeline.cropping import NO_CORNERS, Crop
from srviewer.pipeline.distributions import (
    BinCache,
    Bins,
    Distribution,
    Members,
    at_least,
    match_distances,
    window_psnr,
    window_ssim,
    window_texture,
)
from srviewer.pipeline.metrics import Quality
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.thresholds import Threshold, threshold_in
from tests.analyses import analysed_photo


def test_bins_hold_both_ends_and_tell_what_is_beyond() -> None:
    values = np.array([0.0, 0.5, 1.0, 2.0, 2.1, -0.1, np.inf, np.nan])
    bins = Bins("psnr", 0, 2, 4)
    counts = bins.counts(bins.sort(values))
    assert counts.tolist() == [1, 1, 1, 1, 1, 3]
    d = bins.distribution(counts, counts)
    assert (d.below, d.above, d.totals) == ((1, 1), (3, 3), (8, 8))
    assert [d.bin_of(x) for x in (-9, 0, 0.5, 1.99, 2, 9)] == [0, 0, 1, 3, 3, 3]


def test_share_counts_what_lies_beyond_too() -> None:
    bins = Bins("keypoints", -0.5, 3.5, 4)
    counts = bins.counts(bins.sort(np.array([0.0, 1, 1, 2, 9])))
    assert at_least(counts).tolist() == [5, 4, 2, 1, 1]


def test_bars_that_are_joined_added_or_cut_hold_what_they_held() -> None:
    every = np.array([1, 2, 3, 4, 5])
    d = Distribution("ssim", np.linspace(0, 1, 6), every, every // 2)
    joined = d.joined(2)
    assert joined.all.tolist() == [6, 9]
    assert joined.edges == pytest.approx([0, 0.6, 1.2])
    assert d.joined(5) is d
    wide = d.reaching(1.5)
    assert wide.all.tolist() == [1, 2, 3, 4, 5, 0, 0, 0]
    assert wide.edges[-1] == pytest.approx(1.6)
    cut = d.cut(1, 3)
    assert cut.all.tolist() == [2, 3]
    assert cut.range == pytest.approx((0.2, 0.6))
    assert (cut.below, cut.above, cut.totals) == ((1, 0), (9, 4), d.totals)


def test_bins_are_cached_until_the_source_changes() -> None:
    cache, calls = BinCache(), []
    sources = [object(), object()]
    both, none = np.ones(3, bool), np.zeros(3, bool)

    def values() -> np.ndarray:
        calls.append(1)
        return np.zeros(3)

    for source, high in ((0, 1), (0, 1), (1, 1), (1, 2)):
        found = cache.count(sources[source], Bins("a", 0, high), values, both, none)
        assert found.totals == (3, 0)
    assert len(calls) == 3


def test_threshold_takes_the_side_of_the_pointer() -> None:
    band = Threshold("error_margin", 0.0, 1.0, (-1, 1), 3)
    assert band.grabbed(1.01, 0.02) == 1
    assert band.grabbed(0.99, 0.02) == -1
    assert band.grabbed(1.1, 0.02) is None
    assert band.value_at(1.2504, 1) == 0.25
    assert band.value_at(0.7, 1) == 0.0
    assert Threshold("min_keypoints", 10, -0.5, (1,), 0).value_at(12.6, 1) == 13


def test_share_curve_is_what_each_threshold_would_keep() -> None:
    analysis = analysed_photo()
    analysis = refresh(analysis, replace(analysis.recipe, min_matches=1))
    d = window_texture(analysis, BinCache(), None)
    assert isinstance(d, Distribution)
    assert d.share is not None
    for number in (0, 1, 7, 10, 15):
        moved = refresh(analysis, replace(analysis.recipe, min_keypoints=number))
        kept = moved.patches.kept.sum() / moved.patches.candidates.sum()
        assert d.edges[number] == number - 0.5
        assert d.share[number] == pytest.approx(kept)


def test_identical_windows_are_told_not_drawn() -> None:
    analysis = analysed_photo()
    psnr = analysis.quality.psnr.copy()
    inside = np.flatnonzero(analysis.patches.candidates)
    psnr[inside[:2]] = np.inf
    changed = replace(analysis, quality=Quality(psnr, analysis.quality.ssim))
    d = window_psnr(changed, BinCache(), None)
    assert isinstance(d, Distribution)
    assert d.identical == 2
    assert d.all.sum() + d.beyond == len(inside) - 2
    assert d.members is not None
    assert d.members.nearest(1e9, d.members.among) not in inside[:2]
    assert d.members.neighbour(None, 1) not in inside[:2]
    flat = replace(analysis, quality=Quality(np.full_like(psnr, np.inf), analysis.quality.ssim))
    assert window_psnr(flat, BinCache(), None) == (
        "Every window is identical to its reduction: its PSNR is infinite."
    )


def drawn(made: Distribution | str, values: np.ndarray, kept: np.ndarray) -> Distribution:
    """Compare with NumPy's histogram, and return what was made."""
    assert isinstance(made, Distribution)
    low, high = made.range
    inside = (values >= low) & (values <= high)
    np.testing.assert_array_equal(made.all, np.histogram(values[inside], made.edges)[0])
    np.testing.assert_array_equal(made.kept, np.histogram(values[inside & kept], made.edges)[0])
    assert made.totals == (len(values), kept.sum())
    return made


@pytest.mark.parametrize("consistency", ["radial", "position"])
def test_matches_are_counted_by_what_is_tested(consistency: str) -> None:
    a = analysed_photo(consistency=consistency, position_tolerance=0.4)
    length = np.sqrt((a.consistent.displacement**2).sum(axis=1))
    values = a.consistent.ratio if consistency == "radial" else length
    d = drawn(match_distances(a, BinCache(), None), values, a.consistent.kept)
    assert d.name == ("ratio" if consistency == "radial" else "displacement")
    assert d.range == ((0.7, 1.3) if consistency == "radial" else (0.0, 5.0))
    held = drawn(match_distances(a, BinCache(), (0.25, 0.75)), values, a.consistent.kept)
    assert held.range == (0.25, 0.75)


def test_all_matches_are_shown_to_the_furthest_on_demand() -> None:
    a = analysed_photo(error_margin=0.05)
    cache = BinCache()
    usual = match_distances(a, cache, None)
    entire = drawn(
        match_distances(a, cache, None, entire=True), a.consistent.ratio, a.consistent.kept
    )
    assert entire.range[0] <= a.consistent.ratio.min()
    assert entire.range[1] >= a.consistent.ratio.max() > usual.range[1]  # type: ignore[union-attr]
    assert entire.all.sum() == len(a.matches)
    again = match_distances(a, cache, None, entire=True)
    assert again.range == entire.range  # type: ignore[union-attr]


def test_the_quality_of_candidates_is_counted_with_its_means() -> None:
    a = analysed_photo()
    inside, kept = a.patches.candidates, a.patches.kept[a.patches.candidates]
    for make, values in ((window_psnr, a.quality.psnr), (window_ssim, a.quality.ssim)):
        d = drawn(make(a, BinCache(), None), values[inside], kept)
        assert d.mean == pytest.approx(values[a.patches.kept].mean())
        assert d.mean_of_all == pytest.approx(values[inside].mean())
        assert d.beyond <= 1, "a tail"
    shares = analysed_photo(texture="canny", keypoint_scope="image")
    edges, inside = shares.texture.deciding, shares.patches.candidates
    d = window_texture(shares, BinCache(), None)
    drawn(d, edges[inside], shares.patches.kept[inside])


def test_windows_outside_the_box_stretch_no_axis() -> None:
    a = analysed_photo()
    few = a.patches.candidates & (a.texture.deciding <= 2)
    assert few.any()
    psnr = np.where(few, 20.0, a.quality.psnr + 30)
    patches = replace(a.patches, candidates=few, kept=np.zeros_like(few))
    inside = replace(a, patches=patches, quality=Quality(psnr, a.quality.ssim))
    d = window_texture(inside, BinCache(), None)
    assert isinstance(d, Distribution)
    assert d.range[1] < 15 < a.texture.deciding.max(), "room for the threshold, and no more"
    assert window_psnr(inside, BinCache(), None).range == (20, 21)  # type: ignore[union-attr]


def test_why_there_is_nothing_to_draw() -> None:
    a = analysed_photo()
    none = replace(a.patches, candidates=np.zeros(len(a.windows), bool))
    for box, words in (
        (Crop(None, None, "2 matches", NO_CORNERS), "No windows: 2 matches"),
        (a.box, "No window lies wholly inside the box."),
    ):
        empty = replace(a, patches=none, box=box)
        for make in (window_texture, window_psnr, window_ssim):
            assert make(empty, BinCache(), None) == words
    lonely = replace(a, matches=[])
    assert match_distances(lonely, BinCache(), None) == "No keypoint of HR has a match in LR."


def test_the_nearest_value_and_its_neighbours_are_found_round_and_round() -> None:
    values = np.array([3.0, 1.0, 3.0, np.inf, 2.0])
    every, none = np.ones(5, bool), np.zeros(5, bool)
    members = Members(values, every, every)
    assert [members.nearest(2.9, every, after) for after in (-1, 0, 2, 4)] == [0, 2, 0, 0]
    assert members.nearest(1e9, every) == 0
    assert members.nearest(3, none) is None
    assert [members.neighbour(1, step) for step in (-1, 0, 1, 2, 9)] == [1, 1, 4, 0, 2]
    assert members.neighbour(3, 1) == 1  # it is nowhere, so the lowest
    assert Members(values, none, none).neighbour(1, 1) is None


@pytest.mark.parametrize(
    ("name", "lines", "text", "needed"),
    [
        ("ratio", (0.95, 1.05), "\N{PLUS-MINUS SIGN} 5.0 %", "at most 5.0 % off"),
        ("displacement", (1.5,), "\N{LESS-THAN OR EQUAL TO} 1.5 LR px", "at most 1.5 LR px off"),
        ("keypoints", (9.5,), "\N{GREATER-THAN OR EQUAL TO} 10", "at least 10 needed"),
        ("edges", (0.05,), "\N{GREATER-THAN OR EQUAL TO} 5.0 %", "at least 5.0 % needed"),
    ],
)
def test_a_threshold_stands_where_it_cuts(
    name: str, lines: tuple[float, ...], text: str, needed: str
) -> None:
    found = threshold_in(name, Recipe(position_tolerance=1.5))
    assert found.lines == pytest.approx(lines)
    assert (found.text, found.needed) == (text, needed)
