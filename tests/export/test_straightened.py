"""Data sets of given pairs that were straightened: the warp is told, and all is made again."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srviewer.export.findings import Kind
from srviewer.export.verification.reproducing import reproduce
from srviewer.export.verification.verifying import verify
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.reading import read_source
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.straightening import pair_of
from tests.export.helpers import meta_of, pixels, rows_of, run, tree
from tests.given import reduced
from tests.photos import crop, save

RECIPE = Recipe(
    straighten="hr", crop="whole", min_keypoints=4, patch=32, stride=32, lr_layout="native"
)
KNOBS = {
    name: getattr(RECIPE, name)
    for name in ("scale", "resizer", "filter", "quantize_after", "straighten", "straighten_filter")
}
TURN = np.array([[1, -0.0175, 3.5], [0.0175, 1, -2], [0, 0, 1]])


@pytest.fixture(scope="session")
def pairs(tmp_path_factory) -> tuple[Path, Path]:
    """Return folders of HR and LR: one turned by a degree, one wider than it should be."""
    folder = tmp_path_factory.mktemp("aslant")
    hr = crop("motorcycle", 200, 100, 320, 240)
    turned = cv2.warpPerspective(hr, TURN, (320, 240), borderMode=cv2.BORDER_REFLECT)
    save(hr, folder / "hr" / "turned.png")
    save(reduced(turned), folder / "lr" / "turned.png")
    hr = crop("astronaut", 60, 0, 320, 240)
    save(hr, folder / "hr" / "wide.png")
    wide = Image.fromarray(hr).resize((84, 60), Image.Resampling.BICUBIC)
    save(np.array(wide), folder / "lr" / "wide.png")
    return folder / "hr", folder / "lr"


@pytest.fixture(scope="session")
def there(pairs, tmp_path_factory) -> Path:
    """Return the data set of them."""
    out = tmp_path_factory.mktemp("straight") / "out"
    assert run(pairs[0], out, "png", RECIPE, lr=pairs[1]).failures == ()
    return out


def test_lr_is_cut_as_it_is_and_the_texts_tell_the_warp(pairs, there) -> None:
    assert {row["image"] for row in rows_of(there)} == {"turned.png", "wide.png"}
    told = meta_of(there, "turned")
    assert told["straightened"] == "HR by similarity, bicubic"
    warp = np.array(list(map(float, told["warp"].split()))).reshape(3, 3)
    truth = np.linalg.inv(TURN) @ np.array([[4, 0, 1.5], [0, 4, 1.5], [0, 0, 1]])
    np.testing.assert_allclose(warp, truth, atol=0.01, rtol=0)
    cut = pair_of(read_source(*(side / "turned.png" for side in pairs)), **KNOBS).straightened.cut
    left, top = cut[:2]
    assert "cut off, where no whole LR px has a source: " in told["note"]
    lr = pixels(pairs[1] / "turned.png")
    for row in (row for row in rows_of(there) if row["image"] == "turned.png"):
        x, y = (int(row["x"]) + left) // 4, (int(row["y"]) + top) // 4
        np.testing.assert_array_equal(pixels(there / row["lr"]), lr[y : y + 8, x : x + 8])
    assert meta_of(there, "wide")["straightened"] == "HR by anamorphic, bicubic"


def test_the_same_bytes_come_of_several_processes_and_again(pairs, there, out) -> None:
    run(pairs[0], out, "png", RECIPE, lr=pairs[1], jobs=2)
    assert tree(out) == tree(there)
    assert reproduce(there, [pairs[0]], lr=pairs[1], jobs=1).same


def test_another_warp_in_the_texts_is_told(pairs, there, out) -> None:
    shutil.copytree(there, out)
    found = []
    verify(out, images=[pairs[0]], lr=pairs[1], jobs=1, on_finding=found.append)
    assert found == []
    text = out / "meta" / "turned.txt"
    text.write_text(text.read_text().replace("warp: 3.", "warp: 4."))
    verify(out, images=[pairs[0]], lr=pairs[1], jobs=1, on_finding=found.append)
    assert (Kind.META_TEXT, "warp") in [(one.kind, one.what) for one in found]
    assert not reproduce(out, [pairs[0]], lr=pairs[1], jobs=1).same


def test_who_does_not_fit_fails_alone(pairs, out, tmp_path) -> None:
    low = Path(shutil.copytree(pairs[1], tmp_path / "low"))
    shutil.copy(low / "turned.png", low / "wide.png")
    state = run(pairs[0], out, "png", RECIPE, lr=low)
    assert state.exported == 1
    (failure,) = state.failures
    assert Path(failure.image).name == "wide.png"
    assert "the pair cannot be straightened: other content" in failure.cause


def test_a_data_set_that_is_not_straightened_says_nothing_of_it(pairs, out, tmp_path) -> None:
    low = tmp_path / "low"
    save(pixels(pairs[1] / "turned.png"), low / "turned.png")
    plain = RECIPE.replace(straighten="off")
    run(pairs[0] / "turned.png", out, "png", plain, lr=low / "turned.png")
    assert meta_of(out, "turned").keys().isdisjoint({"straightened", "warp", "warp seed"})
