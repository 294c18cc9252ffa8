import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from srviewer.cli import _COMMANDS, _command_parser, main
from srviewer.errors import RunError
from srviewer.pipeline.analysis import analyse_file
from srviewer.pipeline.recipe import KNOBS, PRESETS, Recipe
from srviewer.pipeline.recipe_file import from_toml, to_toml
from srviewer.pipeline.summary import summarise
from srviewer.runs import workers
from srviewer.runs.processes import Processes
from tests.analyses import analysed_once
from tests.conftest import REPOSITORY
from tests.export.helpers import assert_nothing_half_written, rows_of, tree
from tests.photos import crop, photo, save
from tests.pipeline.test_recipe_file import OTHERS

COMMANDS = ("inspect", "export", "recipe", "snapshot")


@pytest.fixture(autouse=True, scope="module")
def each_image_is_looked_at_once() -> Iterator[None]:
    with analysed_once():
        yield


@pytest.fixture(scope="module")
def photograph(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    return save(crop("motorcycle", 100, 150, 250, 254), folder / "motor.png")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("folder")
    save(crop("motorcycle", 100, 150, 120, 130), folder / "motor.png")
    save(crop("grass", 0, 0, 100, 100), folder / "sub" / "grass.png")
    return folder


def shell(*argv: object, environment, code=("-m", "srviewer"), **options):
    return subprocess.run(
        [sys.executable, *code, *map(str, argv)],
        env=environment, cwd=REPOSITORY, capture_output=True, timeout=200, **options,
    )  # fmt: skip


def recipe_of(text: str) -> Recipe:
    return from_toml(text, "stdout")


# The recipe


def test_the_recipe_is_printed_with_a_comment_on_each_line(call):
    assert call("recipe") == (0, to_toml(Recipe()), "")
    for line in call("recipe")[1].splitlines():
        assert not line or "#" in line


@pytest.mark.parametrize("name", KNOBS)
def test_every_knob_has_a_flag(call, name):
    flag = "--" + name.replace("_", "-")
    value = OTHERS[name]
    along = {"patch": 32, "stride": 16} if name == "lr_layout" else {}
    before = [word for key, number in along.items() for word in (f"--{key}", number)]
    given = ["--no-quantize-after"] if name == "quantize_after" else [flag, value]
    code, out, err = call("recipe", *before, *given)
    assert (code, err) == (0, "")
    assert recipe_of(out) == Recipe(**along | {name: value})


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_every_flag_and_tells_what_is_allowed(call, command):
    code, out, _ = call(command, "--help")
    assert code == 0
    words = " ".join(out.split())
    for name, knob in KNOBS.items():
        assert "--" + name.replace("_", "-") in words
        assert "".join(knob.help.split()) in "".join(words.split())
    for flag in ("--recipe", "--preset"):
        assert flag in words


@pytest.mark.parametrize("name", PRESETS)
def test_presets(call, name):
    code, out, _ = call("recipe", "--preset", name)
    assert code == 0
    assert recipe_of(out) == PRESETS[name]


def test_flags_win_over_the_file_and_the_file_over_the_preset(call, tmp_path):
    file = tmp_path / "my.toml"
    file.write_text("stride = 7\nmin_keypoints = 3\n")
    flags = ("--preset", "v1", "--recipe", file, "--stride", 9)
    for order in (flags, (*flags[4:], *flags[2:4], *flags[:2])):
        code, out, _ = call("recipe", *order)
        assert code == 0
        assert recipe_of(out) == Recipe(crop="whole", min_keypoints=3, stride=9)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--scale", "1"), "scale = 1: allowed is a whole number from 2 to 64"),
        (("--scale", "four"), "scale = 'four': allowed is a whole number from 2 to 64"),
        (("--scale", "4.5"), "scale = '4.5': allowed is a whole number from 2 to 64"),
        (("--scale", ""), "scale = '': allowed is a whole number from 2 to 64"),
        (("--error-margin", "nan"), "error_margin = nan: allowed is a number from 0 to 1"),
        (("--error-margin", "5%"), "error_margin = '5%': allowed is a number from 0 to 1"),
        (
            ("--preset", "v3"),
            "preset = 'v3': allowed is one of article, v2, v1, recommended, mod",
        ),
        (("--lr-layout", "native"), "patch = 33: with lr_layout = 'native' allowed is a multiple"),
        (("--recipe", "missing.toml"), "missing.toml: No such file or directory"),
    ],
)
@pytest.mark.parametrize("command", ["recipe", "inspect", "export"])
def test_wrong_values_are_wrong_use(call, photograph, tmp_path, command, flags, message):
    more = {"inspect": [photograph], "export": [photograph, "--out", tmp_path / "out"]}
    code, out, err = call(command, *more.get(command, []), *flags)
    assert (code, out) == (2, "")
    assert err.startswith(f"srviewer: {message}")
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "argv",
    [
        ("inspect",),
        ("export", "a.png"),
        ("export", "--out", "out"),
        ("export", "a.png", "--out", "out", "--format", "jpg"),
        ("export", "a.png", "--out", "out", "--jobs", "0"),
        ("export", "a.png", "--out", "out", "--jobs", "two"),
        ("inspect", "a.png", "--min-keypoint-s", "3"),
        ("inspect", "a.png", "--scale"),
        ("snapshot", "a.png"),
        ("snapshot", "a.png", "out.png", "--size", "wide"),
        ("snapshot", "a.png", "out.png", "--stage", "first"),
        ("recipe", "more"),
    ],
)
def test_wrong_use(call, argv, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = call(*argv)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert line.startswith(f"srviewer {argv[0]}: ")
    assert line.endswith(f"; srviewer {argv[0]} --help has what it takes")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", _COMMANDS)
def test_the_help_of_a_command_says_what_each_part_is(call, command):
    code, out, err = call(command, "--help")
    assert (code, err) == (0, "")
    parser = _command_parser(command)
    assert parser.description
    assert parser.description in out
    for action in parser._actions:
        assert action.help, action.dest
        if action.dest.startswith("knob_") and action.nargs != 0:
            assert action.metavar in ("INT", "FLOAT", "STR")  # no file, as IMAGE would say
    assert not re.search(r"[a-z]-$", out, re.MULTILINE)  # a name is not torn at its hyphen


@pytest.mark.parametrize(("slip", "meant"), [("inspct", "inspect"), ("exprot", "export")])
def test_a_slip_in_a_command_is_told(call, slip, meant):
    code, out, err = call(slip, "picture.png")
    assert (code, out) == (2, "")
    assert err == f"srviewer: {slip}: no such file; is {meant} meant?\n"


def test_no_images_are_counted_before_they_are_found(call, photograph, tmp_path):
    flags = ("--for", "basicsr", "--out", tmp_path / "out", "--jobs", 1)
    code, _, err = call("export", photograph, *flags)
    assert code == 0
    first, second, *_ = err.splitlines()
    assert first.startswith("note: ")  # of the recipe, which the trainer is not made for
    assert second.startswith("0/1 images")


# inspect


def test_inspect_json_is_the_summary_in_the_described_order(call, photograph):
    code, out, err = call("inspect", photograph, "--json")
    assert (code, err) == (0, "")
    (line,) = out.splitlines()
    found = json.loads(line)
    expected = summarise(analyse_file(photograph, Recipe(), every_window=False))
    assert list(found) == [
        "image", "size", "clean_size", "scale", "keypoints", "matches", "box", "patches",
        "kept_pairs", "notes", "seconds",
    ]  # fmt: skip
    seconds = found.pop("seconds")
    assert seconds.keys() == expected.pop("seconds").keys()
    assert all(isinstance(one, float) for one in seconds.values())
    assert found == expected
    assert found["image"] == str(photograph)


def test_inspect_tells_why_there_is_no_box(call, photograph):
    reason = "0 consistent matches; a box needs at least 4"
    for flags in ([], ["--json"]):
        assert reason in call("inspect", photograph, "--error-margin", 0, *flags)[1]


def test_inspect_takes_images_and_folders_a_line_each(call, photograph, folder, tmp_path):
    code, out, _ = call("inspect", photograph, folder, "--json", "--preset", "v2")
    files = [photograph, folder / "motor.png", folder / "sub" / "grass.png"]
    assert code == 0
    assert [json.loads(line)["image"] for line in out.splitlines()] == list(map(str, files))
    code, out, err = call("inspect", tmp_path)
    assert (code, out) == (1, "")
    assert f"{tmp_path}: no images in this folder" in err


def test_inspect_without_json_is_a_table(call, photograph):
    found = json.loads(call("inspect", photograph, "--json")[1])
    code, out, err = call("inspect", photograph)
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    text = "\n".join(lines)
    box = found["box"]["hr"]
    for words in (
        photograph.name,
        "250 x 254 px",
        "248 x 252 px",
        f"{found['keypoints']['hr']} HR",
        f"{found['keypoints']['lr']} LR",
        f"{found['matches']['kept']} kept",
        f"x {box[0]} to {box[2]}, y {box[1]} to {box[3]} px",
        f"{found['patches']['kept']} kept",
        f"{found['kept_pairs']['mean_psnr']:.4f} dB",
        f"{found['kept_pairs']['mean_ssim']:.6f}",
        "trimmed from 250 x 254 to 248 x 252 px",
    ):
        assert words in text


def test_a_name_is_neither_markup_nor_obeyed_by_the_terminal(call, tmp_path):
    file = save(crop("grass", 0, 0, 60, 60), tmp_path / "in" / "[red]a\x1b[2J\u202e[/red].png")
    out = tmp_path / "out\x1b[2J"
    for words in (
        ("inspect", file), ("inspect", file, "--lr", file), ("align", file, file),
        ("export", file, "--out", out, "--dry-run"), ("export", file, "--out", out, *SMALL),
        ("verify", out), ("reproduce", out, file, "--keep", f"{out}2"),
    ):  # fmt: skip
        _, told, said = call(*words)
        assert not set(told + said) & {"\x1b", "\u202e"}
        shown = "".join(line.strip() for line in (told + said).splitlines())
        assert words[0] != "inspect" or r"[red]a\x1b[2J\u202e[/red].png" in shown


@pytest.mark.parametrize("json_flag", [[], ["--json"]])
def test_bad_images_are_named_and_the_others_are_shown(call, photograph, tmp_path, json_flag):
    text = tmp_path / "notes.png"
    text.write_text("no picture")
    thin = save(crop("coffee", 0, 0, 20, 100), tmp_path / "thin.png")
    missing = tmp_path / "missing.png"
    empty = tmp_path / "empty"
    empty.mkdir()
    code, out, err = call("inspect", text, photograph, thin, missing, empty, *json_flag)
    assert code == 1
    assert photograph.name in out
    lines = err.splitlines()
    assert len(lines) == 4
    assert lines[0] == f"srviewer: {text}: not an image in a format that is read"
    assert lines[1].startswith(f"srviewer: {thin}: the image is 20 x 100 px")
    assert lines[2] == f"srviewer: {missing}: No such file or directory"
    assert lines[3].startswith(f"srviewer: {empty}: no images in this folder; searched for")


# export


SMALL = ("--crop", "whole", "--min-keypoints", 8, "--stride", 20)


def test_export_writes_a_data_set_and_a_summary(call, folder, tmp_path):
    out_folder = tmp_path / "out"
    code, out, err = call("export", folder, "--out", out_folder, "--jobs", 1, *SMALL)
    assert code == 0
    assert_nothing_half_written(out_folder)
    pairs = len(rows_of(out_folder))
    assert pairs > 10
    text = " ".join(out.split())
    assert "2 of 2" in text
    assert str(pairs) in text
    assert "pairs/s" in text
    assert str(out_folder) in "".join(line.strip() for line in out.splitlines())
    lines = [line for line in err.splitlines() if "images" in line]
    assert [line.split()[0] for line in lines] == ["0/2", "1/2", "2/2"]
    assert not any("left" in line for line in lines)  # so few tell nothing of those to come
    assert "note: motor.png: trimmed from 120 x 130 to 120 x 128 px" in err


def test_processes_of_an_export_begin_once_and_end_with_it(call, folder, tmp_path, monkeypatch):
    started = []

    class Counted(Processes):
        def __init__(self, *words):
            super().__init__(*words)
            started.append(self._context.started)

    monkeypatch.setattr(workers, "Processes", Counted)
    words = ("export", folder, "--out", tmp_path / "out", "--jobs", 2, *SMALL)
    assert call(*words)[0] == 0
    assert call(*words)[0] == 0  # nothing is left to do
    assert call(*words, "--recipe", tmp_path / "none.toml")[0] == 2
    assert len(started) == 3
    assert all(1 <= len(processes) <= 2 for processes in started)
    assert not any(process.is_alive() for processes in started for process in processes)


def test_one_image_of_a_folder_is_exported_as_of_the_whole(call, folder, tmp_path):
    words = (f"{folder}/./sub/grass.png", f"{folder}/./motor.png", "--jobs", 2, *SMALL)
    assert call("export", *words, "--out", tmp_path / "two")[0] == 0
    assert call("export", folder, "--out", tmp_path / "all", *SMALL)[0] == 0
    assert tree(tmp_path / "two") == tree(tmp_path / "all")


def test_no_process_begins_here_where_a_scheduler_has_workers(call, folder, tmp_path, monkeypatch):
    def refuse(executor, scheduler):
        raise RunError(f"nobody at {scheduler}")

    monkeypatch.setattr(workers, "Processes", pytest.fail)
    monkeypatch.setattr("srviewer.export.runner.lent_workers", refuse)
    words = ("export", folder, folder, "--out", tmp_path / "out", "--scheduler", "tcp://a:1")
    assert "nobody at tcp://a:1" in call(*words)[2]


def test_export_json_is_one_object(call, folder, tmp_path):
    out_folder = tmp_path / "out"
    words = ("export", folder, "--out", out_folder, "--jobs", 1, "--json", *SMALL)
    code, out, _ = call(*words)
    found = json.loads(out)
    assert code == 0
    assert len(out.splitlines()) == 1
    assert found == {
        "out": str(out_folder),
        "images": 2,
        "exported": 2,
        "already_done": 0,
        "pairs": len(rows_of(out_folder)),
        "pairs_in_set": len(rows_of(out_folder)),
        "seconds": found["seconds"],
        "pairs_per_second": pytest.approx(found["pairs"] / found["seconds"], rel=0.02),
        "failed": [],
        "cancelled": False,
        "read_by": found["read_by"],
    }
    assert found["read_by"].startswith("BasicSR by meta_info_file")
    again = json.loads(call(*words)[1])
    assert (again["already_done"], again["pairs"]) == (2, 0)
    assert again["pairs_in_set"] == found["pairs"]


@pytest.mark.parametrize("format", ["bmp", "png", "tiff", "webp"])
def test_export_formats(call, folder, tmp_path, format):
    words = ("export", folder / "motor.png", "--out", tmp_path, "--format", format, *SMALL)
    assert call(*words)[0] == 0
    assert {Path(row["hr"]).suffix for row in rows_of(tmp_path)} == {
        ".tif" if format == "tiff" else f".{format}"
    }
    assert_nothing_half_written(tmp_path)


def test_export_with_bad_images_does_the_others(call, folder, tmp_path):
    copy = Path(shutil.copytree(folder, tmp_path / "in"))
    (copy / "notes.png").write_text("no picture")
    (copy / "empty.bmp").touch()
    out_folder = tmp_path / "out"
    code, out, err = call("export", copy, "--out", out_folder, "--jobs", 1, *SMALL)
    assert code == 1
    assert f"failed: {copy / 'notes.png'}: not an image in a format that is read" in err
    assert f"failed: {copy / 'empty.bmp'}: the file is empty" in err
    assert "2 of 4" in " ".join(out.split())
    assert {row["image"] for row in rows_of(out_folder)} == {"motor.png", "sub/grass.png"}
    assert_nothing_half_written(out_folder)
    (copy / "notes.png").unlink()
    (copy / "empty.bmp").unlink()
    assert call("export", copy, "--out", out_folder, "--jobs", 1, *SMALL)[0] == 0


def test_export_of_another_recipe_is_refused_unless_overwriting(call, folder, tmp_path):
    words = ("export", folder / "motor.png", "--out", tmp_path / "out", "--jobs", 1)
    assert call(*words, *SMALL)[0] == 0
    before = tree(tmp_path / "out")
    code, _, err = call(*words, *SMALL, "--patch", 40)
    assert code != 0
    assert "patch 33 there, 40 here" in err
    assert len(err.splitlines()) == 1
    assert tree(tmp_path / "out") == before
    assert call(*words, *SMALL, "--patch", 40, "--overwrite")[0] == 0
    assert {row["width"] for row in rows_of(tmp_path / "out")} == {"40"}


def test_export_into_a_file(call, folder, tmp_path):
    file = tmp_path / "out"
    file.write_text("mine")
    code, _, err = call("export", folder, "--out", file)
    assert code != 0
    assert err.startswith(f"srviewer: {file}")
    assert file.read_text() == "mine"


# In a shell


def test_main_py_and_the_module_are_the_same_command(environment, photograph):
    module = shell("recipe", "--stride", 9, environment=environment)
    script = shell("recipe", "--stride", 9, environment=environment, code=("main.py",))
    assert module.returncode == script.returncode == 0
    assert module.stdout == script.stdout
    assert recipe_of(module.stdout.decode()) == Recipe(stride=9)
    assert module.stderr == script.stderr == b""


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
@pytest.mark.parametrize("json_flag", [[], ["--json"]])
def test_names_that_the_terminal_cannot_show(environment, tmp_path, encoding, json_flag):
    file = save(crop("grass", 0, 0, 60, 60), tmp_path / "写真 é 😀.png")
    done = shell(
        "inspect", file, *json_flag, environment=environment | {"PYTHONIOENCODING": encoding}
    )
    assert done.stderr == b""
    assert done.returncode == 0
    if json_flag:
        assert json.loads(done.stdout.decode(encoding))["image"] == str(file)


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_names_that_are_no_unicode(environment, tmp_path):
    data = save(crop("grass", 0, 0, 60, 60), tmp_path / "a.png").read_bytes()
    name = os.fsencode(tmp_path) + b"/caf\xe9.png"
    try:
        Path(os.fsdecode(name)).write_bytes(data)
    except OSError:
        pytest.skip("this file system takes no such name")
    strict = environment | {"PYTHONIOENCODING": "utf-8:strict"}
    for flags in ([], ["--json"]):
        done = subprocess.run(
            [sys.executable, "-m", "srviewer", "inspect", name, *flags],
            env=strict, cwd=REPOSITORY, capture_output=True, timeout=200,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
    assert os.fsencode(json.loads(done.stdout)["image"]) == name


def test_a_reader_that_leaves_early_is_no_error(environment):
    process = subprocess.Popen(
        [sys.executable, "-m", "srviewer", "recipe"],
        env=environment, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=200)
    assert err == b""
    assert process.returncode in (0, 1)


@contextlib.contextmanager
def exporting(folder: Path, out: Path, environment, *flags) -> Iterator[subprocess.Popen]:
    """Start an export and wait until its first image is done."""
    process = subprocess.Popen(
        [sys.executable, "-m", "srviewer", "export", folder, "--out", out, *map(str, flags)],
        env=environment, cwd=REPOSITORY, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        for line in process.stderr:
            if line.startswith("1/"):
                break
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(timeout=200)
        process.stdout.close()
        process.stderr.close()


MANY = 12
DENSE = ("--preset", "v1", "--stride", 25, "--max-per-image", 100)  # much to look at, few files


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> tuple[Path, Path]:
    """Return a folder that takes a while to export, and the data set that comes of it."""
    folder, quiet = tmp_path_factory.mktemp("many"), tmp_path_factory.mktemp("quiet")
    first = save(photo("grass")[:300, :300], folder / "a0.bmp")
    for number in range(1, MANY):
        shutil.copy(first, folder / f"a{number}.bmp")
    assert main(["export", str(folder), "--out", str(quiet), *map(str, DENSE)]) == 0
    return folder, quiet


# A call that cannot be stopped, in a thread that the first one waits for, as in a large image.
STUCK = """
import sys, time
from srviewer.pipeline import features, threads
threads.use_threads(2)
features.is_tiled = lambda *size: True
features._table = lambda *args: print("stuck", flush=True) or time.sleep(100)
from srviewer.cli import main
sys.exit(main(sys.argv[1:]))
"""


def child_processes(pid: int) -> set[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = {int(child) for task in tasks for child in task.read_text().split()}
    return children.union(*map(child_processes, children))


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
def test_what_cannot_be_stopped_says_so_and_ends_at_once_when_asked_again(
    environment, photograph, tmp_path
):
    webp = tmp_path / "read_apart.webp"  # by a process of its own
    Image.open(photograph).save(webp)
    process = subprocess.Popen(
        [sys.executable, "-c", STUCK, "inspect", webp],
        env=environment, cwd=REPOSITORY, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    with process:
        try:
            assert process.stdout.readline() == "stuck\n"
            children = child_processes(process.pid)
            assert children
            process.send_signal(signal.SIGINT)
            assert process.stderr.readline().startswith("srviewer: stopping; Ctrl+C again")
            process.send_signal(signal.SIGINT)
            asked = time.monotonic()
            assert process.wait(timeout=60) == 130
            assert time.monotonic() - asked < 30, "and not after the call"
            assert process.stderr.read() == "srviewer: interrupted\n"
        finally:
            process.kill()
    end = time.monotonic() + 60
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < end, "its processes stay"
        time.sleep(0.1)


# Ctrl+C before what the command needs is loaded, and when all is done.
AT_ONCE = """
import os, signal, sys
from srviewer import cli
load = cli.import_module
def ask_and_load(name):
    os.kill(os.getpid(), signal.SIGINT)
    return load(name)
cli.import_module = ask_and_load
sys.exit(cli.main())
"""
AT_THE_END = """
import os, signal
from srviewer.__main__ import main
main()
os.kill(os.getpid(), signal.SIGINT)
"""
# And before the command line itself is loaded.
BEFORE = """
import os, signal, sys
from srviewer.__main__ import main
class Finder:
    def find_spec(self, name, *places):
        if name == "srviewer.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are others there")
@pytest.mark.parametrize(("moment", "code"), [(BEFORE, -2), (AT_ONCE, 130), (AT_THE_END, -2)])
def test_ctrl_c_shows_no_stack_as_the_program_begins_and_ends(
    environment, folder, tmp_path, moment, code
):
    words = ["export", str(folder), "--out", str(tmp_path / "out"), "--jobs", "1", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", moment, *words],
        env=environment, cwd=REPOSITORY, text=True, capture_output=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert ("interrupted" in done.stderr) is (moment == AT_ONCE)
    assert not list(tmp_path.glob("out/manifest.csv")) or moment == AT_THE_END


@pytest.mark.skipif(os.name == "nt", reason="signals are others there")
@pytest.mark.parametrize(
    ("number", "jobs", "times"),
    [
        ("SIGINT", 1, 1), ("SIGINT", 1, 2), ("SIGINT", 2, 1), ("SIGINT", 2, 2),
        ("SIGTERM", 1, 1), ("SIGHUP", 1, 2), ("SIGHUP", 2, 1),
    ],
)  # fmt: skip
def test_interrupted_by_a_signal_then_continued(
    environment, tmp_path, many, call, number, jobs, times
):
    folder, quiet = many
    out = tmp_path / "out"
    words = ("--jobs", jobs, *DENSE)
    with exporting(folder, out, environment, *words) as process:
        for _ in range(times):
            if number == "SIGHUP":  # a terminal that is closed sends it to all
                os.killpg(process.pid, signal.SIGHUP)
            else:
                process.send_signal(getattr(signal, number))
            time.sleep(0.1)  # else they are one
        _, err = process.communicate(timeout=200)
        assert process.returncode == 130
        assert "interrupted" in err
        assert "Traceback" not in err
    if times == 1 or number == "SIGHUP":  # it takes the time to write its lists
        done = {row["image"] for row in rows_of(out)}
        assert 0 < len(done) < MANY
        assert_nothing_half_written(out)
    with analysed_once():
        assert call("export", folder, "--out", out, *words)[0] == 0
    assert tree(out) == tree(quiet)
