import os
import tomllib

import pytest

from srviewer.errors import RecipeError
from srviewer.pipeline.recipe import KNOBS, PRESETS, Recipe
from srviewer.pipeline.recipe_file import from_toml, load_recipe, to_toml
from srviewer.pipeline.texts import MOST_BYTES
from tests.pipeline.test_recipe import DEFAULTS

OTHERS = {
    "scale": 3, "resizer": "matlab", "filter": "lanczos", "quantize_after": False,
    "colour": "as_stored", "straighten": "lr", "straighten_filter": "lanczos",
    "keep_windows": "not_moved",
    "sift_nfeatures": 500, "sift_n_octave_layers": 5, "sift_contrast_threshold": 0.013,
    "sift_edge_threshold": 7.25, "sift_sigma": 1.4142135623730951,
    "consistency": "position", "error_margin": 1e-05, "position_tolerance": 0.1, "crop": "bounding",
    "patch": 64, "stride": 32, "min_keypoints": 0, "min_matches": 3, "texture": "canny",
    "keypoint_scope": "image", "canny_low": 0.0, "canny_high": 10000.0,
    "min_edge_density": 0.30000000000000004, "lr_layout": "native", "metrics_on": "y",
}  # fmt: skip


def complaint(text: str) -> str:
    with pytest.raises(RecipeError) as caught:
        from_toml(text, "my.toml")
    assert str(caught.value).startswith("my.toml: ")
    return str(caught.value).removeprefix("my.toml: ")


def test_the_table_names_every_knob_with_another_value():
    assert OTHERS.keys() == KNOBS.keys()
    assert not any(OTHERS[name] == DEFAULTS[name] for name in KNOBS)


@pytest.mark.parametrize("name", KNOBS)
def test_each_knob_survives_the_file(name):
    along = {"patch": 32, "stride": 16} if name == "lr_layout" else {}
    recipe = Recipe(**along | {name: OTHERS[name]})
    assert from_toml(to_toml(recipe), "a") == recipe
    assert tomllib.loads(to_toml(recipe))[name] == OTHERS[name]


def test_all_knobs_together_survive_the_file():
    recipe = Recipe(**OTHERS | {"patch": 63, "stride": 30})
    assert from_toml(to_toml(recipe), "a", base=PRESETS["v1"]) == recipe


@pytest.mark.parametrize("recipe", PRESETS.values())
def test_every_knob_has_a_line_with_a_comment(recipe):
    lines = to_toml(recipe).splitlines()
    for name, knob in KNOBS.items():
        (line,) = [line for line in lines if line.startswith(f"{name} =")]
        _, _, comment = line.partition("#")
        assert knob.help in comment
        assert knob.allowed in comment
        assert knob.unit in comment
    assert tomllib.loads(to_toml(recipe)).keys() == KNOBS.keys()


def test_keys_that_are_left_out_come_from_the_base():
    assert from_toml("scale = 2", "a") == Recipe(scale=2)
    assert from_toml("scale = 2", "a", base=PRESETS["v1"]) == PRESETS["v1"].replace(scale=2)
    assert from_toml("", "a", base=PRESETS["v2"]) == PRESETS["v2"]


def test_an_unknown_key():
    message = complaint("min_keypoint = 3")
    assert message.startswith("unknown recipe key 'min_keypoint'; did you mean 'min_keypoints'?")
    assert complaint("[patches]\nstride = 3").startswith("unknown recipe key 'patches'")


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("scale = 1", "scale = 1: allowed is a whole number from 2 to 64"),
        ("scale = 4.0", "scale = 4.0: allowed is a whole number"),
        ("scale = true", "scale = True: allowed is a whole number"),
        ("scale = '4'", "scale = '4': allowed is a whole number"),
        ("scale = [4]", "scale = [4]: allowed is a whole number"),
        ("error_margin = nan", "error_margin = nan: allowed is a number from 0 to 1"),
        ("error_margin = inf", "error_margin = inf: allowed is a number from 0 to 1"),
        ("error_margin = '5 %'", "error_margin = '5 %': allowed is a number from 0 to 1"),
        ("quantize_after = 1", "quantize_after = 1: allowed is true or false"),
        ("crop = 'hull'", "crop = 'hull': allowed is one of corners, bounding, whole"),
        ("scale = 1979-05-27", "scale = datetime.date(1979, 5, 27): allowed is"),
        ("lr_layout = 'native'", "patch = 33: with lr_layout = 'native' allowed is a multiple"),
    ],
)
def test_a_wrong_value_names_key_value_and_what_is_allowed(text, start):
    assert complaint(text).startswith(start)


@pytest.mark.parametrize("text", ["scale", "scale = ", "scale = 4\nscale = 3", "{}", "a = 'b"])
def test_text_that_is_no_toml(text):
    assert complaint(text).startswith("not a TOML file: ")


def test_a_byte_order_mark_is_no_fault(tmp_path):
    file = tmp_path / "my.toml"
    file.write_text("stride = 7", encoding="utf-8-sig")
    assert load_recipe(file) == from_toml("\ufeffstride = 7", "a") == Recipe(stride=7)


def test_a_file_is_read(tmp_path):
    file = tmp_path / "рецепт.toml"
    file.write_text(to_toml(PRESETS["recommended"]), encoding="utf-8")
    assert load_recipe(file) == PRESETS["recommended"]
    file.write_text("stride = 7", encoding="utf-8")
    assert load_recipe(file, base=PRESETS["v1"]) == PRESETS["v1"].replace(stride=7)


def test_a_file_that_a_windows_editor_wrote(tmp_path):
    file = tmp_path / "a.toml"
    file.write_bytes(to_toml(PRESETS["v1"]).replace("\n", "\r\n").encode())
    assert load_recipe(file) == PRESETS["v1"]


@pytest.mark.parametrize(
    ("make", "cause"),
    [
        (lambda path: None, "No such file or directory"),
        (lambda path: path.mkdir(), "a folder, not a plain file"),
        (lambda path: path.write_bytes(b"scale = 4 # \xff\xfe"), "it is not UTF-8 text"),
        (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n"), "it is not UTF-8 text"),
        (lambda path: path.write_text("scale = 1"), "scale = 1: allowed is"),
        (lambda path: path.write_text("scale = 4", "utf-16"), "it is not UTF-8 text"),
        (lambda path: path.write_bytes(b"#" * (MOST_BYTES + 1)), "more than 65.5 kB of text"),
        (lambda path: path.symlink_to(path), "Too many levels of symbolic links"),
        (lambda path: path.symlink_to("/dev/zero"), "a device, not a plain file"),
        (os.mkfifo, "a pipe, not a plain file"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_cause(tmp_path, make, cause):
    file = tmp_path / "my.toml"
    make(file)
    with pytest.raises(RecipeError) as caught:
        load_recipe(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert cause in str(caught.value)
