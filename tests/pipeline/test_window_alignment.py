"""How the windows of a given pair lie, as a stage that is run where it is asked for."""

from dataclasses import replace

import numpy as np
import pytest

from srviewer.pipeline import window_alignment
from srviewer.pipeline.alignment.windows import VERDICTS, WindowAlignment
from srviewer.pipeline.analysis import Analysis, analyse, refresh
from srviewer.pipeline.columns import csv_of
from srviewer.pipeline.exclusions import Excluded, Exclusions, Window
from srviewer.pipeline.next_steps import next_steps
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.stages import GIVEN_STAGES
from srviewer.pipeline.summary import summarise, window_verdict
from srviewer.pipeline.verdicts import Verdict
from srviewer.pipeline.window_alignment import (
    KnownAlignments,
    align_pair_windows,
    alignment_caption,
    alignment_words,
)
from srviewer.pipeline.window_columns import columns_of
from srviewer.pipeline.window_filter import LYING, Show, choose, why_empty
from tests.analyses import assert_same
from tests.given import BLOCK_RECIPE, analysed_block, lies_in_block, pair_with_block, reduced
from tests.photos import as_source, crop

RECIPE = BLOCK_RECIPE
analysed = analysed_block


def lies(a: Analysis, verdict: str) -> np.ndarray:
    return a.alignment.verdict == VERDICTS.index(verdict)


def test_what_lies_elsewhere_is_not_kept_and_nearly_all_else_is():
    a = analysed()
    inside, outside = lies_in_block(a.windows.x, a.windows.y, a.windows.patch)
    rich = a.texture.deciding >= RECIPE.min_keypoints
    assert (inside & rich).sum() > 20
    assert not a.patches.kept[inside].any()
    assert a.patches.kept[outside & rich].mean() > 0.9


@pytest.mark.parametrize(
    ("keep", "rejected"),
    [("all", ()), ("not_moved", ("moved",)), ("aligned", ("moved", "changed", "unknown"))],
)
def test_each_value_rejects_its_verdicts_after_other_reasons(keep, rejected):
    a = refresh(analysed(), RECIPE.replace(keep_windows=keep))
    reasons = {"moved": Verdict.MOVED, "changed": Verdict.CHANGED, "unknown": Verdict.UNSURE}
    poor = a.texture.deciding < RECIPE.min_keypoints
    expected = np.where(poor, Verdict.LITTLE_TEXTURE, Verdict.KEPT)
    for one in rejected:
        expected[~poor & lies(a, one)] = reasons[one]
    np.testing.assert_array_equal(a.patches.verdict, expected)
    assert {"moved", "aligned"} <= {VERDICTS[one] for one in a.alignment.verdict}


def test_a_threshold_that_is_pulled_takes_over_what_is_known(monkeypatch):
    a = analysed()
    monkeypatch.setattr(window_alignment, "align_windows", None)  # it would fail
    for change in ({"min_keypoints": 3}, {"error_margin": 0.01}, {"keep_windows": "not_moved"}):
        moved = refresh(a, RECIPE.replace(**change))
        assert moved.finished
        assert moved.alignment is a.alignment
    # The resizer enlarges a given LR: how that lies does not depend on it.
    filtered = analyse(a.image, RECIPE.replace(filter="lanczos"), previous=a)
    assert filtered.alignment is a.alignment
    assert filtered.pair_alignment is a.pair_alignment
    assert not refresh(a, RECIPE.replace(stride=15)).has("alignment")


@pytest.mark.parametrize("change", [{"stride": 60}, {"patch": 96, "stride": 48}])
def test_other_windows_of_a_pair_that_is_known_are_aligned_alone(change):
    a, told = analysed(), []
    recipe = RECIPE.replace(**change)
    progress = Progress(report=lambda stage, *_: told.append(stage))
    found = analyse(a.image, recipe, previous=a, progress=progress)
    ran = set(told)
    assert ran == {"box", "windows", "quality", "texture", "alignment", "patches"} - (
        set() if "patch" in change else {"box"}
    )
    assert found.pair_alignment is a.pair_alignment
    assert_same(found, analyse(a.image, recipe))


def test_it_is_run_where_it_is_needed_or_looked_at_alone(monkeypatch):
    hr, lr = pair_with_block()
    plain = RECIPE.replace(keep_windows="all")
    given, made = as_source(hr).with_lr(as_source(lr)), as_source(hr)
    with monkeypatch.context() as patch:
        patch.setattr(window_alignment, "align_pair", None)
        a, b = analyse(given, plain), analyse(made, RECIPE, look_at_alignment=True)
    assert not any(one.has(name) for one in (a, b) for name in GIVEN_STAGES)
    assert [one.finished for one in (a, b)] == [True, True]
    assert (b.patches.verdict <= Verdict.FEW_MATCHES).all()
    asked = refresh(a, plain, look_at_alignment=True)
    assert (asked.complete, asked.finished, asked.patches is a.patches) == (True, False, True)
    looked = analyse(given, plain, previous=asked, look_at_alignment=True)
    assert looked.patches is a.patches
    np.testing.assert_array_equal(looked.alignment.verdict, analysed().alignment.verdict)
    assert refresh(looked, plain).alignment is looked.alignment  # until it is of other windows


def test_words_numbers_and_lists_tell_it():
    a = analysed()
    moved = int(np.flatnonzero(a.patches.verdict == Verdict.MOVED)[0])
    dx, dy = a.alignment.moved[moved]
    assert f"rejected: moved by {dx:+.2f}, {dy:+.2f}" in window_verdict(a, moved)
    assert "aligned are kept" in window_verdict(a, moved)
    kept = int(np.flatnonzero(a.patches.kept)[0])
    assert window_verdict(a, kept).startswith("kept: ")
    assert "; aligned: " in window_verdict(a, kept)
    counts = summarise(a)["alignment"]
    assert counts == {one: int(lies(a, one).sum()) for one in VERDICTS}
    header, line = csv_of(columns_of(a.recipe, given=True), a, np.array([moved])).split()
    told = dict(zip(header.split(","), line.split(","), strict=True))
    assert (told["alignment"], told["dx"], told["verdict"]) == ("moved", f"{dx:.3f}", "moved")
    for show, verdict in LYING.items():
        np.testing.assert_array_equal(choose(a, show), np.flatnonzero(lies(a, verdict)))
    unknown = refresh(a, RECIPE.replace(stride=15, min_keypoints=0, keep_windows="all"))
    assert why_empty(unknown, Show.MOVED) == "how the windows lie is being found out"


def test_how_they_lie_is_the_reason_where_those_with_matches_lie_elsewhere():
    a = refresh(analysed(), RECIPE.replace(min_matches=1))
    rich = a.texture.deciding >= RECIPE.min_keypoints
    patches = replace(a.patches, matches=np.where(a.patches.misaligned, 5, 0))
    count = int((rich & patches.candidates & patches.misaligned).sum())
    assert count > 0
    why = why_empty(replace(a, patches=patches), Show.KEPT)
    assert why.endswith(f"and none of the {count:,} with enough texture and matches is")
    none = replace(a.patches, matches=np.zeros_like(a.patches.matches))
    assert "the highest has 0 matches" in why_empty(replace(a, patches=none), Show.KEPT)


def test_thresholds_count_what_they_decide_alone():
    a = analysed()
    (down, *_) = next_steps(a)["min_keypoints"]
    less = refresh(a, RECIPE.replace(min_keypoints=int(down.value)))
    assert down.more == less.patches.kept.sum() - a.patches.kept.sum()


def test_what_is_excluded_by_hand_counts_where_it_lies_right_alone():
    a = analysed()
    inside, _ = lies_in_block(a.windows.x, a.windows.y, a.windows.patch)
    chosen = [int(np.flatnonzero(mask)[0]) for mask in (inside, a.patches.kept)]
    places = [Window(int(a.windows.x[n]), int(a.windows.y[n]), 48, 4) for n in chosen]
    excluded = Exclusions({a.image.content: Excluded(windows=frozenset(places))})
    b = refresh(a, RECIPE, excluded.of(a.image.content))
    assert b.patches.excluded_alone == 1
    assert window_verdict(b, chosen[0]).startswith("excluded by hand; else rejected: ")


@pytest.mark.parametrize(
    ("lr", "verdict"),
    [
        (lambda lr: np.ascontiguousarray(lr[:, ::-1]), "moved"),  # mirrored
        (lambda lr: np.ascontiguousarray(crop("grass", 0, 0, 80, 80)), "changed"),
        (lambda lr: np.full_like(lr, 90), "unknown"),
    ],
)
def test_of_a_pair_without_any_place_all_windows_have_one_verdict(lr, verdict):
    hr, low = pair_with_block()
    a = analyse(as_source(hr), RECIPE.replace(stride=60), lr=lr(low))
    assert lies(a, verdict).all()
    assert not np.isfinite(a.alignment.moved).any()
    assert not a.patches.kept.any()


def test_a_given_pair_without_a_box_is_looked_at_last_and_says_what_is_wrong_with_it() -> None:
    hr = crop("astronaut", 120, 30, 240, 240)
    mirrored = reduced(np.ascontiguousarray(hr[:, ::-1]))
    told: list[Analysis] = []
    found = analyse(as_source(hr), Recipe(), lr=mirrored, on_stage=told.append)
    assert found.box.hr is None
    before = told[-2]
    assert (before.complete, before.finished, found.finished) == (True, False, True)
    assert before.why_no_box == before.box.reason
    assert found.why_no_box == f"LR is mirrored left to right; {found.box.reason}"
    assert why_empty(found, Show.KEPT) == f"no box: {found.why_no_box}"


def test_each_way_to_lie_is_said_at_length_and_in_a_caption() -> None:
    nan, inf = float("nan"), float("inf")
    lying = [
        ("aligned", (0.02, -0.01), 0.05),
        ("moved", (1.5, -2), 0.1),
        ("moved", (nan, nan), inf),
        ("unknown", (nan, nan), inf),
        ("unknown", (0.1, 0.2), 3),
        ("changed", (0.3, 0.4), 0.1),
    ]
    verdicts, moved, u95 = zip(*lying, strict=True)
    a = WindowAlignment(
        np.array(moved), np.array(u95), np.array(list(map(VERDICTS.index, verdicts)))
    )
    minus, within = "\N{MINUS SIGN}", "\N{PLUS-MINUS SIGN}"
    assert [alignment_words(a, window) for window in range(len(lying))] == [
        f"aligned: +0.02, {minus}0.01 {within} 0.05 LR px",
        f"moved by +1.50, {minus}2.00 {within} 0.10 LR px",
        "moved: LR is turned",
        "alignment not known: no texture",
        f"alignment not known: +0.10, +0.20 {within} 3.00 LR px",
        "other content: no displacement makes it HR's",
    ]
    assert [alignment_caption(a, window) for window in range(len(lying))] == [
        "aligned, 0.02 LR px off",
        "moved by 2.50 LR px",
        "moved: LR is turned",
        "not known how it lies",
        "not known how it lies",
        "other content",
    ]


def test_of_the_pairs_that_were_looked_at_the_oldest_are_let_go_of() -> None:
    known, found = KnownAlignments(), analysed().pair_alignment
    for number in range(201):
        known.keep((str(number),), found)
    assert len(known) == 200
    assert ("0",) not in known
    assert known["200",] is found


def test_no_window_of_a_pair_is_none_to_align() -> None:
    a = analysed()
    none = replace(a.windows, x=a.windows.x[:0], y=a.windows.y[:0])
    assert align_pair_windows(a.pair, a.pair_alignment, none).counts() == dict.fromkeys(VERDICTS, 0)
