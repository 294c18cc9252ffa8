"""Each profile alike: the same bytes whoever writes it, checked, made again and converted into."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from srviewer.export.converting import convert
from srviewer.export.how_to_train import HOW_TO_TRAIN
from srviewer.export.options import Options
from srviewer.export.profiles import PROFILES
from srviewer.export.runner import export
from srviewer.export.verification.reproducing import reproduce
from srviewer.export.verification.verifying import verify
from srviewer.pipeline.progress import Progress
from tests.export.helpers import PROFILE_SHARE, recipe_for, run, without_place

SHARE = {"validation_share": PROFILE_SHARE}
# Forms that hold all of a pair, with what says so of those that usually do not.
WHOLE = {
    "bmp": {"layout": "folders"},
    "lmdb": {},
    "webdataset": {},
    "parquet": {},
    "hdf5": {"channels": "rgb"},
    "srcnn-hdf5": {"channels": "rgb", "label_border": 0},
}

Make = Callable[[str], Path]


@pytest.fixture(scope="module")
def made(tiny, tmp_path_factory) -> Make:
    """Return a function that gives the data set for a trainer, made once."""
    found: dict[str, Path] = {}

    def give(profile: str) -> Path:
        if profile not in found:
            found[profile] = tmp_path_factory.mktemp("made") / "out"
            options = Options(profile=profile, **SHARE)
            state = run(tiny, found[profile], None, recipe_for(profile), options=options)
            assert (state.exported, state.failures) == (3, ())
        return found[profile]

    return give


@pytest.fixture(scope="module")
def plain(tiny, tmp_path_factory) -> Callable[[str, str], Path]:
    """Return a function that gives the pairs of a trainer's recipe in a form of no trainer."""
    found: dict[object, Path] = {}

    def give(profile: str, format: str) -> Path:
        recipe, of_split = recipe_for(profile), dict(PROFILES[profile].of_split)
        key = (format, recipe, *of_split)
        if key not in found:
            found[key] = tmp_path_factory.mktemp("plain") / "out"
            run(
                tiny,
                found[key],
                format,
                recipe,
                options=Options(**SHARE, **of_split, **WHOLE[format]),
            )
        return found[key]

    return give


@pytest.mark.parametrize("profile", PROFILES)
def test_the_same_bytes_whoever_does_it_and_however_often(tiny, made, tmp_path, profile):
    options, recipe = Options(profile=profile, **SHARE), recipe_for(profile)
    expected = without_place(made(profile))
    threads, twice = tmp_path / "threads", tmp_path / "twice"
    with ThreadPoolExecutor(2) as executor:
        export([tiny], threads, recipe, options=options, executor=executor)
    assert without_place(threads) == expected
    # Stopped after an image, then one image less, which changes the sets.
    fewer = Path(shutil.copytree(tiny, tmp_path / "fewer"))
    next(fewer.glob("*.png")).unlink()
    progress = Progress()
    run(fewer, twice, None, recipe, options=options, progress=progress,
        on_state=lambda state: state.done == 1 and progress.cancel.set())  # fmt: skip
    # The folder's own profile, where none is named.
    run(fewer, twice, None, recipe, options=Options(**SHARE))
    assert without_place(twice) != expected
    run(tiny, twice, None, recipe, options=options)
    assert without_place(twice) == expected


@pytest.mark.parametrize("profile", PROFILES)
def test_it_is_checked_and_made_again(tiny, made, tmp_path, profile):
    out = made(profile)
    assert not verify(out, images=[tiny], jobs=1).wrong
    assert reproduce(out, [tiny], jobs=1).same
    moved = Path(shutil.copytree(out, tmp_path / "moved"))
    assert not verify(moved, jobs=1).wrong
    (moved / HOW_TO_TRAIN).write_text("mine")
    assert verify(moved, jobs=1).wrong.total() == 1


@pytest.mark.parametrize("profile", PROFILES)
def test_it_is_converted_into_from_each_form(made, plain, tmp_path, profile):
    expected = without_place(made(profile))
    named = {"profile": profile}
    for form in WHOLE:
        if form == "srcnn-hdf5" and PROFILES[profile].of_split:
            continue  # its pairs are all of one size, so that it has no whole images
        out = tmp_path / form
        state = convert(plain(profile, form), out, named=named, jobs=1)
        assert (state.exported, state.in_set, state.failures) == (3, state.pairs, ())
        assert without_place(out) == expected
    assert convert(plain(profile, "bmp"), tmp_path / "bmp", named=named, jobs=1).already == 3
