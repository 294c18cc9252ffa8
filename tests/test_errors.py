import pickle

import pytest

from srviewer import errors

CLASSES = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, Exception)
]


def test_every_error_is_one_of_ours():
    assert len(CLASSES) > 5
    for error in CLASSES:
        assert issubclass(error, errors.SrviewerError)


def test_the_tree_at_the_top_names_every_error():
    for error in CLASSES:
        assert error.__name__ in errors.__doc__
        assert error.__doc__


def test_a_full_disk_ends_any_run_not_only_exports():
    assert issubclass(errors.RunStopped, errors.RunError)
    assert not issubclass(errors.RunStopped, errors.ExportError)


@pytest.mark.parametrize("error", CLASSES)
def test_errors_travel_between_processes_with_all_their_fields(error):
    one = error("the cause", path="a.png", key="patch", value=None, allowed="a number")
    other = pickle.loads(pickle.dumps(one))
    assert type(other) is error
    assert str(other) == str(one)
    assert vars(other) == vars(one)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"cause": "the file is empty"}, "the file is empty"),
        ({"key": "patch", "value": 3, "allowed": "11 to 99"}, "patch = 3: allowed is 11 to 99"),
        ({"key": "seed", "value": None, "allowed": "0"}, "seed = None: allowed is 0"),
        ({"cause": "too large", "allowed": "400 MP"}, "too large; allowed is 400 MP"),
        ({"key": "format", "cause": "unknown"}, "format: unknown"),
    ],
)
def test_fields_make_a_sentence(fields, sentence):
    assert str(errors.SrviewerError(**fields)) == sentence
    error = errors.SrviewerError(**fields, path="folder/a.png")
    assert str(error) == f"folder/a.png: {sentence}"
    assert error.sentence == sentence


def test_an_error_is_about_the_first_path_that_was_named():
    error = errors.RecipeError(key="patch", value=3, allowed="11 to 99")
    about = error.about("a.png")
    assert str(about) == "a.png: patch = 3: allowed is 11 to 99"
    assert about.about("b.png") is about
    assert isinstance(about, errors.RecipeError)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("x" * 80, "'" + "x" * 75 + " ..."),
        ("x" * 10_000_000, "'" + "x" * 75 + " ..."),
        (16**5000, "<int>"),
        ([16**5000], "<list>"),
        ("\x1b[2J\n", r"'\x1b[2J\n'"),
        ("\ud800", r"'\ud800'"),
        (None, "None"),
    ],
    ids=["text", "long text", "number", "list", "control", "surrogate", "nothing"],
)
def test_values_are_cut_at_80_characters(value, told):
    assert errors.SrviewerError(key="a", value=value).sentence == f"a = {told}"
    assert len(told) <= 80


def test_paths_are_told_in_one_line_that_a_terminal_can_show():
    error = errors.SrviewerError("missing", path="a\n\x1b[2J\udcff\u2028\u202e" + "x" * 5000)
    assert str(error).startswith(r"a\n\x1b[2J\udcff\u2028\u202ex")
    assert str(error).endswith("x ...: missing")
    assert len(str(error)) < 450


def test_what_a_library_says_of_a_file_is_told_in_one_line_that_has_an_end():
    error = errors.ReadError("damaged: \x1b[2J\n\udcff" + "x" * 5000, path="a.png")
    assert str(error).startswith(r"a.png: damaged: \x1b[2J\n\udcffx")
    assert str(error).endswith("x ...")
    assert len(str(error)) < 1100


def test_the_edge_calls_keys_what_it_calls_them_and_touches_no_other_word():
    names = {"patch": "Patch", "scale": "Scale", "lr_layout": "LR layout"}
    cause = errors.Keyed("with lr_layout = 'native' a multiple of scale, 4", "lr_layout", "scale")
    error = errors.RecipeError(cause, key="patch", value=33, path="scale/patch.png")
    told = "Patch = 33: with LR layout = 'native' a multiple of Scale, 4"
    assert error.worded(names) == told
    assert error.told(names) == f"scale/patch.png: {told}"
    assert str(error) == f"scale/patch.png: patch = 33: {cause}"
    assert errors.ReadError("no scale in it").worded(names) == "no scale in it"
    allowed = errors.Keyed("up to half of patch", "patch")
    there = errors.ConflictError(cause, key="stride", allowed=allowed)
    other = pickle.loads(pickle.dumps(there))
    assert other.worded(names) == there.worded(names)
    assert "allowed is up to half of Patch; choose another folder" in other.worded(names)
    assert (
        errors.renamed(errors.Keyed("min_patch of patch", "patch"), names) == "min_patch of Patch"
    )
