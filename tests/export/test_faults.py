"""A sample of what `make soak` tries in full: the Nth system call fails, or ends the process."""

from collections.abc import Iterator

import pytest

from tests.soak.faults import Faults, why_not
from tests.soak.faulty_runs import Stage

TRIED = 2  # calls, with each of two kinds of fault

pytestmark = pytest.mark.skipif(why_not() is not None, reason=f"{why_not()}")


@pytest.fixture(scope="module")
def stage(tmp_path_factory) -> Iterator[Stage]:
    top = tmp_path_factory.mktemp("faults")
    with Faults(top / "tools") as faults:
        yield Stage(top, faults)


# Of each way to write one: bmp, tiff and webp go the way of png, srcnn-hdf5 that of hdf5.
WAYS = ("png", "lmdb", "hdf5", "webdataset", "parquet", "edsr")


@pytest.mark.parametrize("name", [*WAYS, "convert", "reproduce", "survey", "settings"])
def test_after_a_fault_the_same_command_makes_what_a_quiet_run_makes(stage, name):
    case = stage.cases()[name]()
    case.try_all(stage.faults, TRIED)
    assert case.wrong == []
    assert case.tried == {"ENOSPC": TRIED, "KILL": TRIED}
