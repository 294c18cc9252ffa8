from pathlib import Path

import pytest

from srviewer.gui.state.export_settings import default_folder
from srviewer.runs.error_report import shortened
from srviewer.runs.home import expanded, home


def test_the_home_folder_is_what_a_person_writes_as_a_tilde():
    assert home() == Path.home()
    assert expanded("~/a") == str(Path.home() / "a")


def test_what_can_be_no_name_stays_as_it_is():
    assert expanded("~\0/a") == "~\0/a"


def test_nothing_needs_a_home_folder(monkeypatch):
    pwd = pytest.importorskip("pwd")  # not on Windows

    def find(number: int) -> None:
        raise KeyError(number)

    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", find)  # as with a number of one's own in a container
    assert home() is None
    assert default_folder().endswith("srviewer-pairs")
    assert shortened("in '/a/b.png'") == "in 'b.png'"
