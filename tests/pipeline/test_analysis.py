import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from srviewer.errors import Cancelled, ImageTooSmallError
from srviewer.pipeline import analysis as analysis_module
from srviewer.pipeline import features, stages, threads
from srviewer.pipeline.analysis import (
    Analysis,
    analyse,
    analyse_file,
    is_instant,
    refresh,
    window_count,
)
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import KNOBS, PRESETS, Recipe
from srviewer.pipeline.stages import LAYOUT_KNOBS, STAGES, Stage, When, stages_reached, unused_knobs
from tests import reference
from tests.analyses import assert_same, fresh, motorcycle
from tests.photos import as_source, crop, photo, save

ALL = tuple(stage.name for stage in STAGES if not stage.given)  # of a pair that is made
FEW = 1000  # windows
FROM_KEYPOINTS = ("keypoints", "matches", "consistent", "box", "texture", "patches")

# field: (the recipe before, the value after, the stages that must run again)
REACH = {
    "scale": ({}, 3, ALL),
    "resizer": ({}, "opencv", ALL),
    "filter": ({}, "bilinear", ALL),
    "quantize_after": ({}, False, ALL),
    "colour": ({}, "as_stored", ALL),
    "straighten": ({}, "hr", ALL),
    "straighten_filter": ({"straighten": "hr"}, "lanczos", ALL),
    "keep_windows": ({}, "aligned", ("patches",)),
    "sift_nfeatures": ({}, 200, FROM_KEYPOINTS),
    "sift_n_octave_layers": ({}, 4, FROM_KEYPOINTS),
    "sift_contrast_threshold": ({}, 0.05, FROM_KEYPOINTS),
    "sift_edge_threshold": ({}, 8.0, FROM_KEYPOINTS),
    "sift_sigma": ({}, 1.8, FROM_KEYPOINTS),
    "consistency": ({}, "position", ("consistent", "box", "patches")),
    "error_margin": ({}, 0.02, ("consistent", "box", "patches")),
    "position_tolerance": ({}, 0.4, ("consistent", "box", "patches")),
    "crop": ({}, "bounding", ("box", "patches")),
    "patch": ({}, 40, ("box", "windows", "quality", "texture", "patches")),
    "stride": ({}, 9, ("windows", "quality", "texture", "patches")),
    "min_keypoints": ({}, 4, ("patches",)),
    "min_matches": ({}, 2, ("patches",)),
    "texture": ({}, "canny", ("texture", "patches")),
    "keypoint_scope": ({}, "image", ("texture", "patches")),
    "canny_low": ({"texture": "canny"}, 50.0, ("texture", "patches")),
    "canny_high": ({"texture": "canny"}, 300.0, ("texture", "patches")),
    "min_edge_density": ({"texture": "canny"}, 0.2, ("patches",)),
    "lr_layout": ({"patch": 32, "stride": 16}, "native", ()),
    "metrics_on": ({}, "y", ("quality_maps", "quality")),
}
VALUES_THAT_NOTHING_READS = [
    ({}, {"straighten_filter": "lanczos"}),
    ({}, {"canny_low": 50.0}),
    ({}, {"canny_high": 300.0}),
    ({}, {"min_edge_density": 0.2}),
    ({"texture": "canny"}, {"min_keypoints": 4}),
    ({"consistency": "position", "crop": "bounding"}, {"error_margin": 0.02}),
]


@pytest.fixture
def image():
    return motorcycle()


def test_the_table_below_names_every_knob():
    assert REACH.keys() == KNOBS.keys()


@pytest.mark.parametrize("name", REACH)
def test_a_change_runs_what_it_reaches_and_gives_what_a_fresh_run_gives(image, name):
    start, value, stages = REACH[name]
    previous = fresh(Recipe(**start))
    recipe = previous.recipe.replace(**{name: value})
    ran: list[Analysis] = []
    changed = analyse(image, recipe, previous=previous, on_stage=ran.append)
    new = [stage for stage in ALL if getattr(changed, stage) is not getattr(previous, stage)]
    assert len(ran) == len(stages)
    assert tuple(new) == stages
    reached = stages_reached(previous.recipe, recipe)
    assert tuple(stage for stage in reached if stage in ALL) == stages
    assert changed.recipe == recipe
    assert changed.complete
    assert_same(changed, fresh(recipe))


@pytest.mark.parametrize(("start", "change"), VALUES_THAT_NOTHING_READS)
def test_a_value_that_no_stage_reads_runs_nothing(image, start, change):
    previous = fresh(Recipe(**start))
    recipe = previous.recipe.replace(**change)
    assert change.keys() <= unused_knobs(recipe).keys()
    ran: list[Analysis] = []
    changed = analyse(image, recipe, previous=previous, on_stage=ran.append)
    assert not ran
    assert changed.patches is previous.patches
    assert_same(changed, fresh(recipe))


def test_the_whole_image_as_box_does_not_wait_for_matches(image):
    previous = fresh(PRESETS["v2"])
    recipe = previous.recipe.replace(error_margin=0.01, sift_sigma=1.8)
    assert "box" not in stages_reached(previous.recipe, recipe)
    shown = refresh(previous, recipe)
    assert not shown.has("consistent")
    assert shown.box is previous.box
    assert_same(analyse(image, recipe, previous=shown), fresh(recipe))


# The table of stages


def test_every_knob_is_read_by_a_stage_or_by_the_layout_of_an_export():
    read = {name for stage in STAGES for when in stage.knobs for name in when.names}
    assert read | set(LAYOUT_KNOBS) == KNOBS.keys()


def test_a_made_up_stage_brings_all_that_follows_from_its_knobs(monkeypatch):
    """A knob is added to the recipe and to one stage; here a knob that is there finds a new one."""
    ran = []

    def run(context, *, keypoints, stride, canny_low):
        ran.append((len(keypoints.hr), stride, canny_low))
        return len(ran)

    made_up = Stage(
        "earlier",  # an attribute that Analysis has
        run,
        needs=(When("keypoints"),),
        knobs=(When("stride"), When("canny_low", metrics_on="y")),
        instant=When(metrics_on="y"),
    )
    y = Recipe(metrics_on="y")
    before = fresh(y)
    monkeypatch.setattr(stages, "STAGES", (*STAGES, made_up))
    assert stages_reached(Recipe(), Recipe(stride=9))[-1] == "earlier"
    assert stages_reached(Recipe(), Recipe(sift_sigma=1.8))[-1] == "earlier"
    assert stages_reached(Recipe(), Recipe(canny_low=9.0)) == ()
    assert stages_reached(y, y.replace(canny_low=9.0)) == ("earlier",)
    sift = [name for name in KNOBS if name.startswith("sift_")]
    pair = ["scale", "resizer", "filter", "quantize_after", "colour"]
    read = [*pair, *sift, "stride", "straighten"]
    assert list(stages.knobs_read("earlier", recipe=Recipe())) == read
    every = [*read[:-1], "canny_low", "straighten", "straighten_filter"]
    assert list(stages.knobs_read("earlier")) == every
    assert unused_knobs(Recipe())["canny_low"] == (
        "read only where Texture by is canny or PSNR and SSIM on is Y"
    )
    assert "canny_low" not in unused_knobs(y)
    assert (made_up.is_instant(y, 9), made_up.is_instant(Recipe(), 9)) == (True, False)
    analysis = analysis_module._run(made_up, before, Progress())
    assert (analysis.earlier, ran) == (1, [(len(analysis.keypoints.hr), 14, 100.0)])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, {"position_tolerance": "Test is position", "canny_low": "Texture by is canny",
              "canny_high": "Texture by is canny", "min_edge_density": "Texture by is canny"}),
        ({"texture": "canny", "consistency": "position", "crop": "bounding"},
         {"error_margin": "Test is radial or Crop is corners",
          "min_keypoints": "Texture by is sift"}),
    ],
)  # fmt: skip
def test_knobs_that_decide_nothing_are_told_with_the_reason(changes, words):
    expected = {name: f"read only where {when}" for name, when in words.items()}
    expected["straighten_filter"] = "read only where the LR is given and Straighten is HR or LR"
    assert unused_knobs(Recipe(**changes)) == expected


def test_what_only_given_pairs_have_decides_nothing_of_others():
    straight = Recipe(straighten="hr")
    unused = unused_knobs(straight, given=False).keys() - unused_knobs(straight).keys()
    assert unused == {"straighten", "straighten_filter", "keep_windows"}
    assert unused_knobs(straight, given=False)["straighten"] == "read only where the LR is given"


def test_keypoint_settings_do_not_reach_windows_that_count_the_images_own_edges(image):
    recipe = Recipe(texture="canny", sift_sigma=1.6)
    previous = fresh(recipe)
    changed = recipe.replace(sift_sigma=1.7)
    assert_same(analyse(image, changed, previous=previous), fresh(changed))


def test_what_was_changed_on_the_way_is_noted(image, monkeypatch):
    noted = replace(image, notes=("grey",))
    begun = Analysis(noted, Recipe())
    assert begun.notes == ("grey",)
    found = analyse(noted, Recipe(scale=3, keypoint_scope="image"))
    width, height = image.size
    trimmed = f"trimmed from {width} x {height} to {width // 3 * 3} x {height // 3 * 3} px"
    assert found.notes == ("grey", trimmed)
    monkeypatch.setattr(features, "WHOLE_UP_TO", 1000)
    assert found.notes[2:] == ("large image: keypoints searched in tiles",)


def test_a_file_is_read_and_analysed(image, tmp_path):
    path = save(image.rgb, tmp_path / "a.png")
    recipe = Recipe(keypoint_scope="image", crop="bounding")
    found = analyse(str(path), recipe, every_window=False)
    assert_same(found, fresh(recipe, every_window=False))
    assert "read" in found.seconds
    assert not found.every_window


def test_the_two_of_a_given_pair_may_be_arrays_images_or_files(image, tmp_path):
    lr = as_source(fresh(Recipe()).pair.lr)
    files = save(image.rgb, tmp_path / "hr.png"), save(lr.rgb, tmp_path / "lr.png")
    recipe = Recipe(min_keypoints=1)
    wanted = analyse(image.with_lr(lr), recipe)
    assert wanted.pair.given
    for hr, low in ((image, lr), (image.rgb, lr.rgb), (str(files[0]), files[1]), (files[0], lr)):
        assert_same(analyse(hr, recipe, lr=low), wanted)


def test_nothing_is_taken_over_from_another_image(image):
    other = as_source(np.ascontiguousarray(image.rgb[::-1]))  # of the same size
    recipe = Recipe(keypoint_scope="image")
    previous = analyse(other, recipe)
    assert_same(analyse(image, recipe, previous=previous), fresh(recipe))


@pytest.mark.parametrize("name", REACH)
def test_refresh_shows_at_once_what_is_instant_and_never_what_is_stale(image, name):
    start, value, stages = REACH[name]
    previous = fresh(Recipe(**start))
    recipe = previous.recipe.replace(**{name: value})
    shown = refresh(previous, recipe)
    assert shown.recipe == recipe
    for stage in ALL:
        if stage not in stages:
            assert getattr(shown, stage) is getattr(previous, stage), stage
    if all(is_instant(stage, recipe, FEW) for stage in stages):
        assert shown.complete
        assert_same(shown, fresh(recipe))
    else:
        slow = next(stage for stage in stages if not is_instant(stage, recipe, FEW))
        assert not shown.has(slow)
        assert not shown.complete
    # What refresh left out, analyse adds to it.
    assert_same(analyse(image, recipe, previous=shown), fresh(recipe))


def test_thresholds_are_instant_in_every_scope_and_texture():
    for recipe in (*PRESETS.values(), Recipe(texture="canny")):
        for stage in ("consistent", "box", "patches"):
            assert is_instant(stage, recipe, FEW)
    assert is_instant("texture", PRESETS["recommended"], FEW)
    assert not is_instant("texture", PRESETS["article"], FEW)
    assert not is_instant("keypoints", PRESETS["article"], FEW)


def test_what_takes_long_for_many_windows_is_not_done_at_once(image):
    many = Recipe(keypoint_scope="image", crop="whole", stride=1)
    wide = as_source(np.tile(image.rgb, (2, 2, 1)))  # 500 x 508 px: 222,768 windows
    previous = analyse(wide, many)
    assert window_count(wide.size, many) == len(previous.windows) > 200_000
    recipe = many.replace(min_keypoints=3)
    shown = refresh(previous, recipe)
    assert (shown.has("texture"), shown.has("patches")) == (True, False)
    assert_same(analyse(wide, recipe, previous=shown), analyse(wide, recipe))
    for stage in ("windows", "quality", "texture", "patches"):
        assert is_instant(stage, many, 10_125)
        assert not is_instant(stage, many, 2_700_000)
    for stage in ("consistent", "box"):
        assert is_instant(stage, many, 2_700_000)


@pytest.mark.parametrize("preset", PRESETS)
def test_looking_only_inside_the_box_keeps_the_same_windows(preset):
    recipe = PRESETS[preset]
    if recipe.patch > 64:  # than the photograph is high
        recipe = recipe.replace(patch=64, stride=32, min_keypoints=6)
    every = fresh(recipe)
    inside = fresh(recipe, every_window=False)
    kept = every.patches.kept
    assert kept.any()
    np.testing.assert_array_equal(inside.patches.kept, kept)
    np.testing.assert_array_equal(inside.patches.verdict, every.patches.verdict)
    np.testing.assert_array_equal(inside.texture.keypoints[kept], every.texture.keypoints[kept])
    assert inside.box.hr == every.box.hr


def test_going_from_windows_in_the_box_to_all_counts_the_others_too(image):
    inside = fresh(Recipe(), every_window=False)
    assert (inside.texture.keypoints == -1).any()
    assert_same(analyse(image, Recipe(), previous=inside), fresh(Recipe()))


def test_a_moved_box_counts_again_where_only_the_box_was_counted(image):
    inside = fresh(Recipe(), every_window=False)
    wider = Recipe(crop="whole")
    moved = analyse(image, wider, previous=inside, every_window=False)
    assert_same(moved, fresh(wider, every_window=False))
    assert moved.patches.kept.sum() > inside.patches.kept.sum()


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        Recipe(scale=2, quantize_after=False, metrics_on="y"),
        Recipe(texture="canny", keypoint_scope="image", resizer="matlab"),
    ],
    ids=["article", "float and y", "canny and matlab"],
)
def test_one_and_two_threads_give_the_same(image, keep_threads, recipe):
    threads.use_threads(1)
    one = analyse(image, recipe)
    threads.use_threads(2)
    assert_same(one, analyse(image, recipe))


def test_a_set_token_stops_before_the_first_stage(image):
    progress = Progress()
    progress.cancel.set()
    ran: list[Analysis] = []
    with pytest.raises(Cancelled):
        analyse(image, Recipe(), progress=progress, on_stage=ran.append)
    assert ran == []


@pytest.mark.parametrize("stage", ALL)
def test_a_token_set_in_a_stage_stops_before_the_next(image, stage):
    cancel = threading.Event()
    finished: list[str] = []

    def note(analysis: Analysis) -> None:
        finished.append(next(name for name in reversed(ALL) if analysis.has(name)))
        if finished[-1] == stage:
            cancel.set()

    if stage == ALL[-1]:
        whole = analyse(image, Recipe(), progress=Progress(cancel=cancel), on_stage=note)
        assert whole.complete
    else:
        with pytest.raises(Cancelled):
            analyse(image, Recipe(), progress=Progress(cancel=cancel), on_stage=note)
    assert finished == list(ALL[: ALL.index(stage) + 1])


@pytest.mark.parametrize("count", [1, 2])
def test_cancelling_inside_the_windows_stops_there(image, keep_threads, count):
    threads.use_threads(count)
    cancel = threading.Event()
    counted = []

    def report(name: str, done: int, total: int) -> None:
        if name == "texture" and done:
            counted.append((done, total))
            cancel.set()

    with pytest.raises(Cancelled):
        analyse(image, Recipe(), progress=Progress(report, cancel))
    assert 0 < max(done for done, _ in counted) < counted[0][1]


def test_progress_ends_with_all_windows_counted(image):
    reports = []
    analyse(image, Recipe(), progress=Progress(lambda *what: reports.append(what)))
    stages = [name for name, done, _ in reports if done == 0]
    assert stages == list(ALL)
    assert max(done for name, done, total in reports if name == "texture") == reports[-2][2]


def test_an_image_smaller_than_a_patch_tells_both_sizes():
    with pytest.raises(ImageTooSmallError, match=r"20 x 600 px.*33 x 33 px"):
        analyse(as_source(crop("coffee", 0, 0, 20, 400).repeat(2, axis=0)[:600]), Recipe())


def test_trimming_can_make_an_image_too_small():
    image = as_source(crop("coffee", 0, 0, 35, 35))
    assert len(analyse(image, Recipe(scale=5)).windows) == 1
    with pytest.raises(ImageTooSmallError, match="35 x 35 px, 32 x 32 px when trimmed"):
        analyse(image, Recipe(scale=4))


def test_an_image_of_one_patch_has_one_window():
    one = analyse(as_source(crop("grass", 0, 0, 36, 36)), Recipe(crop="whole", patch=36))
    assert (one.windows.x.tolist(), one.windows.y.tolist()) == ([0], [0])
    assert one.patches.kept.tolist() == [True]


def test_a_flat_image_has_no_keypoints_no_matches_no_pairs_and_no_error():
    flat = as_source(np.full((256, 260, 3), 128, np.uint8))
    for recipe in PRESETS.values():
        a = analyse(flat, recipe)
        assert (len(a.keypoints.hr), len(a.keypoints.lr), len(a.matches)) == (0, 0, 0)
        if recipe.crop == "whole":
            assert a.box.hr == (0, 0, 260, 256)
            assert a.patches.kept.all() == (recipe.min_keypoints == 0)
        else:
            assert a.box.hr is None
            assert a.box.reason == "0 consistent matches; a box needs at least 4"
            assert not a.patches.kept.any()


def test_notes_tell_what_was_trimmed():
    assert fresh(Recipe()).notes == ("trimmed from 250 x 254 to 248 x 252 px",)
    assert fresh(Recipe(scale=2)).notes == ()


def test_stages_say_how_long_they_took(image, tmp_path):
    file = save(image.rgb, tmp_path / "photo.png")
    begun = time.perf_counter()
    analysis = analyse_file(file, Recipe())
    passed = time.perf_counter() - begun
    assert list(analysis.seconds) == ["read", *ALL]
    assert all(seconds >= 0 for seconds in analysis.seconds.values())
    assert sum(analysis.seconds.values()) <= passed
    assert_same(analysis, fresh(Recipe()))


# The whole pipeline against a plain script made of other people's functions


def assert_agrees_with_script(rgb: np.ndarray, recipe: Recipe) -> reference.Script:
    script = reference.run_script(
        rgb,
        scale=recipe.scale,
        patch=recipe.patch,
        stride=recipe.stride,
        min_keypoints=recipe.min_keypoints,
        margin=recipe.error_margin,
        consistency=recipe.consistency,
        tolerance=recipe.position_tolerance,
        crop=recipe.crop,
        scope=recipe.keypoint_scope,
    )
    a = analyse(as_source(rgb), recipe)
    np.testing.assert_array_equal(a.pair.hr, script.hr)
    np.testing.assert_array_equal(a.pair.lr, script.lr)
    np.testing.assert_array_equal(a.pair.upscaled, script.upscaled)
    assert list(map(tuple, a.keypoints.hr.points.tolist())) == script.hr_points
    assert list(map(tuple, a.keypoints.lr.points.tolist())) == script.lr_points
    matches = zip(a.matches.hr_index, a.matches.lr_index, a.matches.distance, strict=True)
    assert [(int(q), int(t), float(d)) for q, t, d in matches] == script.matches
    assert np.flatnonzero(a.consistent.kept).tolist() == script.kept
    assert a.box.hr == script.box
    if script.box:
        assert a.box.lr == tuple(side // recipe.scale for side in script.box)
    assert a.patches.candidates.sum() == script.windows
    kept = np.flatnonzero(a.patches.kept)
    places = list(zip(a.windows.x[kept].tolist(), a.windows.y[kept].tolist(), strict=True))
    assert places == list(script.pairs)
    for index, (count, psnr, ssim) in zip(kept, script.pairs.values(), strict=True):
        assert a.texture.keypoints[index] == count
        assert a.quality.psnr[index] == pytest.approx(psnr, abs=1e-6)
        assert a.quality.ssim[index] == pytest.approx(ssim, abs=1e-6)
    return script


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "camera", "motorcycle"])
def test_the_articles_preset_agrees_with_a_plain_script(name):
    x, y = (120, 100) if name == "coffee" else (60, 10)  # where it has pairs
    part = crop(name, x, y, 301, 290)  # no multiples of the scale
    script = assert_agrees_with_script(part, PRESETS["article"])
    assert script.pairs


@pytest.mark.parametrize(
    "recipe",
    [
        PRESETS["recommended"],
        Recipe(scale=2, patch=41, stride=41, min_keypoints=3),
        Recipe(scale=3, error_margin=0.01, crop="bounding"),
        Recipe(scale=8, crop="whole", patch=48, stride=20, min_keypoints=20),
        Recipe(consistency="position", position_tolerance=0.3, scale=2),
        Recipe(min_keypoints=0, stride=30),
    ],
    ids=["recommended", "x2", "x3", "x8", "position", "no threshold"],
)
def test_other_recipes_agree_with_a_plain_script(recipe):
    script = assert_agrees_with_script(crop("motorcycle", 100, 150, 403, 307), recipe)
    assert script.pairs


def test_an_image_without_a_box_agrees_with_a_plain_script():
    script = assert_agrees_with_script(photo("rocket")[:, :300], Recipe(error_margin=0.0001))
    assert script.box is None


# The published counts


@pytest.mark.parametrize(
    ("file", "clean", "keypoints", "matches", "box", "windows", "metrics"),
    [
        ("baboon", (500, 480), (2639, 153), (137, 111), (92, 64, 440, 400), (506, 130),
         (20.0747, 0.391041)),
        ("monarch", (768, 512), (1930, 403), (342, 293), (32, 172, 468, 460), (522, 112),
         (23.6003, 0.717051)),
        ("comic", (248, 360), (1402, 111), (100, 85), (48, 40, 196, 316), (144, 98),
         (18.7969, 0.436068)),
        ("foreman", (352, 288), (358, 46), (42, 41), (80, 108, 276, 212), (60, 0), None),
    ],
)  # fmt: skip
def test_the_expected_counts(data_dir, file, clean, keypoints, matches, box, windows, metrics):
    a = analyse_file(data_dir / "set14" / f"{file}.bmp", Recipe())
    assert a.pair.size == clean
    assert (len(a.keypoints.hr), len(a.keypoints.lr)) == keypoints
    assert (len(a.matches), a.consistent.kept.sum()) == matches
    assert a.box.hr == box
    assert (a.patches.candidates.sum(), a.patches.kept.sum()) == windows
    if metrics:
        kept = a.patches.kept
        assert a.quality.psnr[kept].mean() == pytest.approx(metrics[0], abs=1e-4)
        assert a.quality.ssim[kept].mean() == pytest.approx(metrics[1], abs=1e-4)


def test_the_expected_counts_where_the_sides_disagree(data_dir):
    a = analyse_file(data_dir / "set5" / "bird.bmp", Recipe())
    assert (len(a.keypoints.hr), len(a.keypoints.lr)) == (450, 98)
    assert (len(a.matches), a.consistent.kept.sum()) == (78, 65)
    assert a.box.hr is None
    assert a.box.lr is None
    assert "sides disagree" in a.box.reason
    assert "22.4 px" in a.box.reason
    assert "14.5 px" in a.box.reason
    assert (a.patches.candidates.sum(), a.patches.kept.sum()) == (0, 0)


def test_set14_gives_1413_pairs(data_dir):
    files = sorted((data_dir / "set14").glob("*.bmp"))
    assert len(files) == 14
    pairs = [analyse_file(f, Recipe(), every_window=False).patches.kept.sum() for f in files]
    assert sum(pairs) == 1413


def test_of_a_change_only_stages_are_asked_that_it_can_concern(monkeypatch):
    asked: list[str] = []
    read = Stage.read

    def noted(stage: Stage, *how: object) -> set[str]:
        asked.append(stage.name)
        return read(stage, *how)

    monkeypatch.setattr(Stage, "read", noted)
    assert "patches" in stages_reached(Recipe(), Recipe(min_keypoints=3))
    assert set(asked) == {"patches"}  # of a pulled threshold that is asked at each frame
