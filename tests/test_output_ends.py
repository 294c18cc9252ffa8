"""The standard streams end, and so do folders, names and texts: always in words, never in a
traceback, and with the exit code that says it. Through the real command line."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.photos import crop, save

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX is needed")
SMALL = "--crop whole --min-keypoints 2 --stride 20 --keypoint-scope image --jobs 1"


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("ends")
    save(crop("motorcycle", 100, 150, 120, 130), folder / "in" / "a.png")
    save(crop("grass", 0, 0, 100, 100), folder / "in" / "b.png")
    save(crop("motorcycle", 100, 150, 120, 130)[::2, ::2], folder / "lr" / "a.png")
    (folder / "in" / "broken.png").write_text("no picture")
    (folder / "wrong.toml").write_text("scale = 1")
    return folder


@pytest.fixture(scope="module")
def sets(work, environment) -> Path:
    """Return the folder of two data sets, one of which has a wrong pair."""
    assert run(f"export in/a.png in/b.png --out whole {SMALL}", work, environment).returncode == 0
    shutil.copytree(work / "whole", work / "damaged")
    next((work / "damaged" / "hr").iterdir()).write_bytes(b"BM")
    return work


REAL = [sys.executable, "-m", "srviewer"]


@pytest.fixture
def program(request) -> list[str]:
    """Return what begins a command line: for some of each kind, a real interpreter."""
    real = ("recipe", "export", "verify in")
    if request.getfixturevalue("words") in real:
        return REAL
    return request.getfixturevalue("server").words


def run(words: str, folder: Path, environment, unbuffered: bool = False, program=REAL):
    """Let a shell run srviewer with `words`, in which a redirection may stand."""
    command = f"exec {shlex.join(program)} {words}"
    streams = {"PYTHONUNBUFFERED": "1"} if unbuffered else {}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment | streams, timeout=120,
        stdin=subprocess.DEVNULL, capture_output=True,
    )  # fmt: skip
    for told in (done.stdout, done.stderr):
        assert b"Traceback" not in told
        assert b"Exception ignored" not in told
    return done


COMMANDS = {
    "recipe": 0,
    "inspect in/a.png": 0,
    "inspect in/a.png --json": 0,
    "inspect in/a.png in/b.png in/broken.png --json": 1,
    "verify whole": 0,
    "verify whole --json --jobs 1": 0,
    "verify damaged --jobs 1": 1,
    "reproduce whole in/a.png in/b.png --jobs 1": 0,
    "convert whole --out converted --format bmp --jobs 1": 0,
    "align in/a.png lr/a.png --json": 0,
    "resizer-of in/a.png lr": 0,
    "resizers in/a.png --to 60x65 --json": 0,
    f"survey in/a.png --file survey.sqlite {SMALL}": 0,
    f"export in/a.png in/b.png --out whole {SMALL}": 0,
    f"export in/a.png in/broken.png --out other {SMALL} --json": 1,
}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="it is Linux's")
@pytest.mark.parametrize("unbuffered", [False, True])
@pytest.mark.parametrize("words", COMMANDS)
def test_stdout_on_a_full_disk_is_told(sets, environment, program, words, unbuffered):
    if unbuffered and "--json" not in words:
        pytest.skip("it makes no difference")
    done = run(f"{words} >/dev/full", sets, environment, unbuffered, program)
    assert done.returncode == 1
    last = done.stderr.decode().splitlines()[-1]
    assert last == "srviewer: the output cannot be written: No space left on device"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="it is Linux's")
@pytest.mark.parametrize("words", ["--help", "--version", "verify --help"])
@pytest.mark.parametrize("unbuffered", [False, True])
def test_help_on_a_full_disk_is_told(sets, environment, words, unbuffered):
    done = run(f"{words} >/dev/full", sets, environment, unbuffered)
    assert done.returncode == 1
    words = "srviewer: the output cannot be written: No space left on device"
    assert done.stderr.decode().splitlines() == [words]


@pytest.mark.parametrize("words", ["--help", "--version", "verify --help"])
@pytest.mark.parametrize("unbuffered", [{}, {"PYTHONUNBUFFERED": "1"}])
def test_help_that_nobody_reads_any_more_is_no_failure(sets, environment, words, unbuffered):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "srviewer", *words.split()], env=environment | unbuffered,
            stdout=writer, stderr=subprocess.PIPE, timeout=120,
        )  # fmt: skip
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        *((words, ends) for words in COMMANDS for ends in (">&-", "2>/dev/full")),
        *((words, "<&- >&- 2>&-") for words in list(COMMANDS)[-2:]),
        ("inspect in/a.png", "2>&-"),
    ],
)
def test_a_stream_that_is_closed_or_full_changes_no_exit_code(
    sets, environment, program, words, ends
):
    if "full" in ends and not os.path.exists("/dev/full"):
        pytest.skip("it is Linux's")
    done = run(f"{words} {ends}", sets, environment, program=program)
    assert done.returncode == COMMANDS[words]
    if ends.startswith("2>"):
        assert done.stdout
    elif ends == ">&-" and "broken" not in words:
        assert b"srviewer: " not in done.stderr


@pytest.mark.parametrize("words", COMMANDS)
def test_a_reader_that_has_left_changes_no_exit_code(sets, environment, program, words):
    reader, writer = os.pipe()
    os.close(reader)  # before anything is written
    try:
        done = subprocess.run(
            [*program, *words.split()], cwd=sets, env=environment,
            stdout=writer, stderr=subprocess.PIPE, timeout=120,
        )  # fmt: skip
    finally:
        os.close(writer)
    assert b"Traceback" not in done.stderr
    assert b"roken pipe" not in done.stderr
    # An inspection stops there: what would have failed after it is not known.
    assert done.returncode == (0 if "in/broken.png --json" in words[:50] else COMMANDS[words])


ENDS = [
    ("recipe --scale 1", 2),
    ("recipe --recipe wrong.toml", 2),
    ("export", 2),
    ("export in --out ''", 2),
    ("inspect ''", 2),
    ("survey in --file ''", 2),
    ("recipe --recipe ''", 2),
    ("''", 2),
    ("verify missing", 2),
    ("verify in", 4),
    ("reproduce in in/a.png", 4),
    ("convert in --out new", 4),
    ("convert whole --out whole/new", 2),
    ("convert missing --out new", 2),
    ("convert whole --out ''", 2),
    ("align in lr --windows ''", 2),
    ("align in/a.png missing.png", 1),
    ("align in/broken.png lr/a.png", 1),
    ("resizer-of in/a.png in/broken.png", 1),
    ("resizers in/broken.png --to 9x9", 1),
    ("resizers in/a.png --to 0x9", 2),
    ("inspect in/a.png --lr in/broken.png", 1),
    ("snapshot in/broken.png out.png", 1),
    ("inspect missing.png", 1),
    ("export --help", 0),
    ("--help", 0),
]
# With a full stderr, one of each kind and code.
FULL = (
    "recipe --scale 1",
    "export",
    "verify missing",
    "verify in",
    "inspect missing.png",
    "--help",
)


@pytest.mark.parametrize(
    ("words", "code", "ends"),
    [
        *((words, code, "") for words, code in ENDS),
        *((words, code, "2>/dev/full") for words, code in ENDS if words in FULL),
    ],
)
def test_exit_codes_stay_what_they_are(sets, environment, program, words, code, ends):
    if "full" in ends and not os.path.exists("/dev/full"):
        pytest.skip("it is Linux's")
    done = run(f"{words} {ends}", sets, environment, program=program)
    assert done.returncode == code
    if not ends and code:
        assert done.stderr.decode().splitlines()[-1].startswith("srviewer")
    assert not (REPOSITORY / "manifest.csv").exists()


def test_a_folder_in_use_has_an_exit_code_of_its_own(sets, environment):
    from srviewer.export.run_file import RunFile

    with RunFile(sets / "whole"):
        done = run(f"export in --out whole {SMALL}", sets, environment)
    assert done.returncode == 3
    assert b"another export is writing into this folder" in done.stderr


def test_a_platform_that_qt_does_not_have_is_told(sets, environment):
    done = run("in/a.png", sets, environment | {"QT_QPA_PLATFORM": "nonsense"})
    assert done.returncode == 1
    assert b"QT_QPA_PLATFORM is 'nonsense'" in done.stderr


def test_the_help_tells_every_exit_code(sets, environment):
    for words in ("--help", "export --help", "recipe --help"):
        text = run(words, sets, environment).stdout.decode()
        lines = [line.split()[0] for line in text.partition("exit codes:\n")[2].splitlines()]
        assert lines == ["0", "1", "2", "3", "4", "130"]


# Names


LONG = "a" * 5000


@pytest.mark.parametrize(
    "words",
    [
        f"inspect {LONG}",
        f"inspect in/{'b' * 300}.png",
        f"inspect {'deep/' * 2000}a.png",
        f"export in --out {LONG} {SMALL}",
        f"export {LONG} --out out {SMALL}",
        f"survey {LONG} --file s.sqlite {SMALL}",
        f"survey in/a.png --file {LONG} {SMALL}",
        f"recipe --recipe {LONG}",
        f"recipe --preset {LONG}",
        f"recipe --scale {LONG}",
        f"recipe --scale {'9' * 5000}",
        f"export in --out out --format {LONG}",
        f"recipe --{LONG}",
        f"export in --out out --jobs {'9' * 5000}",
        f"verify {LONG}",
        f"verify whole --images {LONG}",
        f"reproduce whole {LONG} --jobs 1",
        f"reproduce whole in --keep {LONG} --jobs 1",
        f"convert {LONG} --out new",
        f"convert whole --out {LONG}",
        "convert pipe --out new",
        "convert whole --out pipe",
        f"align {LONG} lr",
        f"align in {LONG}",
        f"align in/a.png lr --windows {LONG}",
        "align in/a.png pipe",
        "align loop lr",
        f"resizer-of in/a.png {LONG}",
        "resizer-of pipe lr",
        f"resizers {LONG} --to 9x9",
        f"resizers in/a.png --to {'9' * 5000}x9",
        f"inspect in/a.png --lr {LONG}",
        f"export in --lr pipe --out out {SMALL}",
        f"export in --out out --exclude {LONG}",
        "survey in --exclude /dev/zero --file s.sqlite",
        f"snapshot {LONG} out.png",
        f"snapshot in/a.png {LONG}.png",
        "inspect loop",
        f"export loop --out out {SMALL}",
        "recipe --recipe loop",
        "verify loop",
        "inspect in/a.png/below.png",
        f"export in --out in/a.png/below {SMALL}",
        "verify in/a.png",
        f"export in --out pipe {SMALL}",
        "verify pipe",
        "recipe --recipe pipe",
        "recipe --recipe /dev/zero",
        f"survey in/a.png --file pipe {SMALL}",
    ],
    ids=lambda words: words[:40],
)
def test_names_that_no_file_has_end_in_words(sets, server, environment, call, monkeypatch, words):
    for name, make in {"loop": lambda path: path.symlink_to(path), "pipe": os.mkfifo}.items():
        if not os.path.lexists(sets / name):
            make(sets / name)
    if words.startswith("snapshot"):  # which makes the one application that a process may have
        done = run(words, sets, environment, program=server.words)
        code, out, err = done.returncode, done.stdout.decode(), done.stderr.decode()
    else:
        monkeypatch.chdir(sets)
        code, out, err = call(*shlex.split(words))
    assert code in (1, 2, 4)
    last = err.splitlines()[-1]
    assert last.startswith(("srviewer", "failed: ")) or "exported" in out
    assert len(last) < 700
