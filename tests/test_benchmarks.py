"""What ``make bench`` and ``make soak`` alone run is there when somebody runs it."""

import importlib
import pkgutil

import pytest

import tests.benchmarks
import tests.soak

MODULES = [
    f"{package.__name__}.{module.name}"
    for package in (tests.benchmarks, tests.soak)
    for module in pkgutil.iter_modules(package.__path__)
    if module.name != "__main__"
]


@pytest.mark.parametrize("name", MODULES)
def test_all_that_a_module_takes_from_others_is_there(name: str) -> None:
    assert importlib.import_module(name).__doc__
