from __future__ import annotations

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


def test_a_full_disk_is_an_export_error_too():
    assert issubclass(errors.ExportStopped, errors.ExportError)


@pytest.mark.parametrize("error", CLASSES)
def test_errors_travel_between_processes(error):
    one = error("a.png", "the cause") if error is errors.ReadError else error("the cause")
    other = pickle.loads(pickle.dumps(one))
    assert type(other) is error
    assert str(other) == str(one)
    assert vars(other) == vars(one)


def test_a_read_error_names_the_file_and_the_cause():
    error = errors.ReadError("folder/a.png", "the file is empty")
    assert str(error) == "folder/a.png: the file is empty"
    assert (error.path, error.cause) == ("folder/a.png", "the file is empty")
