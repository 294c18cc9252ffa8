"""A sample of what `make soak` tries in full: folders made by a stranger."""

import ast
import os
import random

import pytest

from tests.conftest import REPOSITORY
from tests.export.hostile import PLANTS, Stage

TRIED = 6  # for each plant

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Stage:
    return Stage(tmp_path_factory.mktemp("stage"), ("bmp-split", "lmdb", "webdataset"))


@pytest.mark.parametrize("plant", PLANTS)
def test_nothing_outside_changes_whatever_a_stranger_has_planted(stage, plant):
    cases = [case for case in stage.cases() if case.plant == plant]
    chosen = random.Random(plant).sample(cases, TRIED)
    chosen += [case for case in cases if case.base == "surveyed"][: 2 if plant == "text" else 1]
    for case in chosen:
        stage.try_out(case)


# Calls that change something by its path: functions of these modules, methods of a Path, open.
OF_MODULES = {
    "os": {"open", "mkdir", "makedirs", "unlink", "remove", "rmdir", "rename", "replace", "link",
           "symlink", "truncate"},
    "shutil": {"rmtree", "move", "copy", "copy2", "copyfile", "copytree"},
}  # fmt: skip
OF_PATHS = {
    *("mkdir", "unlink", "rmdir", "touch", "write_bytes", "write_text", "symlink_to"),
    "hardlink_to",
}
ALLOWED = {
    ("streams.py", "open"): "the null device, where nobody reads any more",
    ("pipeline/apart_child.py", "open"): "the same",
    ("pipeline/formats/opening.py", "open"): "plain files, for reading alone",
    ("export/image.py", "unlink"): "a patch that this process has made",
    ("export/image.py", "replace"): "the same, on its way to its name",
    ("export/container_store.py", "mkdir"): "a folder that must be new",
}


def changing_calls():
    """Yield the module and the name of each call that changes a file by its path."""
    package = REPOSITORY / "srviewer"
    for path in package.rglob("*.py"):
        module = path.relative_to(package).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = getattr(node, "func", None)
            if isinstance(called, ast.Attribute):
                owner = getattr(called.value, "id", "")
                if called.attr in OF_MODULES.get(owner, OF_PATHS):
                    yield module, called.attr
            elif getattr(called, "id", "") == "open" and not read_only(node):
                yield module, "open"


def read_only(call: ast.Call) -> bool:
    how = [word.value for word in call.args[1:2] if isinstance(word, ast.Constant)]
    is_new = isinstance(call.args[0], ast.Call) and getattr(call.args[0].func, "id", "")
    return is_new == "new_file" or not set("".join(how)) & set("wxa+")


def test_all_writing_and_removing_goes_through_the_module_that_looks_first():
    found = {call for call in changing_calls() if call[0] != "runs/folders.py"}
    assert found == ALLOWED.keys()
