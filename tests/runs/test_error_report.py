"""The report of an unexpected error: all that helps, and nothing of whose machine it is."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from srviewer.errors import ReadError
from srviewer.runs.error_report import MOST_KEPT, place_of, report_text, save_report, shortened

NOW = datetime(2026, 3, 4, 5, 6, 7)


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


def report(error: BaseException, *known: Path) -> str:
    return report_text(
        error,
        when=NOW,
        where="in a test",
        versions={"srviewer": "1.2", "Python": "3"},
        recipe="scale = 2\n",
        known=known,
    )


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/maria")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/maria/My photos/a b.png: bad", "a b.png: bad"),
        ("cannot open '/home/maria/it, now/a.png'", "cannot open 'a.png'"),
        ('of "/mnt/disk: 2/set/hr/1.png" and more', 'of "1.png" and more'),
        ("C:\\Users\\maria\\pics\\a.png is odd", "a.png is odd"),
        ("at /home/maria", "at ~"),
        ("in ~/photos/2024/a.png", "in a.png"),
        ("relative photos/of maria/b.png", "relative b.png"),
        ("/srv/é/ü/一.png", "一.png"),
        ("3 / 4 is 0.75, and/or 1/2", "3 / 4 is 0.75, and/or 1/2"),
        ("no path at all", "no path at all"),
    ],
)
def test_paths_are_cut_to_their_names(text: str, expected: str) -> None:
    assert shortened(text, [Path("photos/of maria/b.png")]) == expected


def test_a_path_that_is_known_is_cut_whatever_is_in_it() -> None:
    odd = Path('/data/it\'s; "1:2", so/x/a.png')
    assert shortened(f"{odd} and {odd.parent}", [odd, odd.parent]) == "a.png and x"


def test_it_has_the_stack_the_versions_and_the_recipe_and_no_folder() -> None:
    error = raised(ReadError("odd", path="/home/maria/secret place/a.png"))
    text = report(error)
    for part in (
        "2026-03-04 05:06:07 in a test",
        "ReadError: a.png: odd",
        "tests/runs/test_error_report.py:",
        "in raised",
        "raise error",
        "srviewer 1.2, Python 3",
        "recipe:\nscale = 2",
    ):
        assert part in text
    assert "maria" not in text
    assert "secret" not in text
    assert str(Path(__file__).parents[2]) not in text


def test_a_file_of_a_library_is_told_by_its_name() -> None:
    try:
        json.loads("{")
    except ValueError as error:
        text = report(error)
    assert "  decoder.py:" in text
    assert "/decoder.py" not in text


def test_what_an_error_came_of_is_told_too() -> None:
    missing = Path("/home/maria/not there/x.bin")
    try:
        try:
            missing.read_bytes()
        except OSError as first:
            raise ValueError("second") from first
    except ValueError as error:
        text = report(error)
    assert text.index("ValueError: second") < text.index("which came of:")
    assert "No such file or directory: 'x.bin'" in text
    assert "maria" not in text


def test_an_endless_recursion_and_an_endless_message_make_a_short_report() -> None:
    def deeper(number: int) -> int:
        return deeper(number + 1) + 1

    with pytest.raises(RecursionError) as caught:
        deeper(0)
    assert len(report(caught.value)) < 10_000
    assert len(report(raised(ValueError("x" * 1_000_000)))) < 10_000


def test_an_error_without_words_of_its_own_and_one_that_came_of_itself_are_told() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    mute = raised(MuteError())
    mute.__cause__ = mute
    assert "MuteError: <its message cannot be told: RuntimeError>" in report(mute)


def test_the_same_line_and_kind_are_the_same_error() -> None:
    one, other = (raised(ValueError(text)) for text in ("a", "b"))
    assert place_of(one) == place_of(other)
    assert place_of(one) != place_of(raised(KeyError("a")))
    assert place_of(ValueError()) == (ValueError,)


def test_reports_have_files_of_their_own_and_the_oldest_go(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "srviewer"
    names = [save_report(folder, f"{number}", NOW).name for number in range(2)]
    assert names == ["error-20260304-050607.txt", "error-20260304-050607-2.txt"]
    assert (folder / names[1]).read_text() == "1"
    (folder / "window.ini").touch()
    for minute in range(MOST_KEPT):
        last = save_report(folder, "", NOW.replace(minute=minute + 10))
    assert len(list(folder.glob("error-*"))) == MOST_KEPT
    assert last.exists()
    assert (folder / "window.ini").exists()
    assert not (folder / names[0]).exists()


def test_the_home_folder_the_root_and_a_bare_name_are_no_paths_to_cut() -> None:
    known = [Path("/home/maria"), Path("/"), Path("maria"), Path("/home/maria/a.png")]
    text = "maria: 1 / 2 of /home/maria/a.png at /home/maria"
    assert shortened(text, known) == "maria: 1 / 2 of a.png at ~"


def test_errors_of_one_line_that_is_called_from_two_are_the_same() -> None:
    def fail() -> None:
        raise ValueError

    places = []
    for _ in range(2):
        try:
            fail()
        except ValueError as error:
            places.append(place_of(error))
    try:
        fail()
    except ValueError as error:
        places.append(place_of(error))
    assert len(set(places)) == 1
    assert places[0][1:] == (fail.__code__.co_filename, fail.__code__.co_firstlineno + 1)
