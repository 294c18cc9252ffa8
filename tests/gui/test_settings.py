"""What the window remembers, through the file on disk, and what it makes of a damaged file."""

import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QByteArray, QLockFile, QSettings, Qt
from PySide6.QtWidgets import QSplitter, QWidget
from pytestqt.qtbot import QtBot

from srviewer.export.options import Options
from srviewer.gui.state.displacing import DisplacementLook
from srviewer.gui.state.layers import Arrangement, Scale
from srviewer.gui.state.settings import MOST_RECENT, Settings, own_file
from srviewer.pipeline import resizing
from srviewer.pipeline.exclusions import NONE, Excluded, Exclusions, Window
from srviewer.pipeline.recipe import PRESETS, Recipe

STRANGE = ["a, b.png", '"quoted".png', "写真 ü.png", "@Invalid().png", "100%20.png", "a\\b.png"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings" / "window.ini"


def images(folder: Path, *names: str) -> list[Path]:
    """Return files of these names, which are made."""
    folder.mkdir(exist_ok=True)
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(b"")
    return paths


def again(settings: Settings, file: Path) -> Settings:
    """Return what the next run finds."""
    settings.save()
    return Settings(file)


def test_all_is_there_again_in_the_next_run(file: Path, tmp_path: Path) -> None:
    settings = Settings(file)
    recipe = Recipe(scale=3, min_keypoints=4, consistency="position")
    settings.geometry = QByteArray(b"\x01\x00geometry, \xff")
    settings.docks = QByteArray(b"\x00\x02")
    settings.arrangement = Arrangement.STACKED
    settings.closed_groups = ["Box", "Pair"]
    settings.last_folder = tmp_path
    settings.export_folder = "~/pairs, mine"
    settings.export_format = "png"
    settings.export_options = Options("rgb", 50, 0, 500, None, 0.125, 7)
    settings.export_jobs = 3
    settings.recipe = recipe
    settings.preset = "v2"
    settings.stage = "matches"
    settings.theme = "light"
    found = again(settings, file)
    assert found.geometry == QByteArray(b"\x01\x00geometry, \xff")
    assert found.docks == QByteArray(b"\x00\x02")
    assert found.data_set_split.isEmpty()
    assert found.arrangement is Arrangement.STACKED
    assert found.closed_groups == ["Box", "Pair"]
    assert found.last_folder == tmp_path
    assert found.export_folder == "~/pairs, mine"
    assert found.export_format == "png"
    assert found.export_options == Options("rgb", 50, 0, 500, None, 0.125, 7)
    assert found.export_jobs == 3
    assert found.recipe == recipe
    assert found.preset == "v2"
    assert found.stage == "matches"
    assert found.theme == "light"
    assert file.is_file()


def test_what_is_excluded_by_hand_is_kept_however_much_it_is(file: Path) -> None:
    some = Exclusions(
        {f"{n:064x}": Excluded(windows=frozenset([Window(n, 0, 33, 4)])) for n in range(2000)}
    )
    beside = file.with_name("exclude.txt")
    Settings(file).keep_exclusions(some)
    assert Settings(file).exclusions() == some
    Settings(file).keep_exclusions(NONE)
    assert Settings(file).exclusions() == NONE
    assert not beside.exists()
    beside.write_text("1 image")
    settings = Settings(file)
    assert settings.exclusions() == NONE
    assert "line 1, SHA-256 = '1'" in "".join(settings.dropped())
    Settings.none().keep_exclusions(some)  # goes nowhere
    assert beside.read_text() == "1 image"


def test_a_window_and_its_splitter_come_back_as_they_were_left(qtbot: QtBot, file: Path) -> None:
    def make() -> tuple[QWidget, QSplitter]:
        window = QWidget()
        splitter = QSplitter(Qt.Orientation.Horizontal, window)
        splitter.addWidget(QWidget())
        splitter.addWidget(QWidget())
        qtbot.addWidget(window)
        return window, splitter

    window, splitter = make()
    window.resize(432, 321)
    splitter.resize(400, 300)
    splitter.setSizes([100, 300])
    sizes = splitter.sizes()
    settings = Settings(file)
    settings.geometry = window.saveGeometry()
    settings.data_set_split = splitter.saveState()
    found = again(settings, file)
    window, splitter = make()
    assert window.restoreGeometry(found.geometry)
    assert (window.width(), window.height()) == (432, 321)
    splitter.resize(400, 300)
    assert splitter.restoreState(found.data_set_split)
    assert splitter.sizes() == sizes


def test_a_first_run_knows_nothing(file: Path) -> None:
    settings = Settings(file)
    assert settings.recent() == []
    assert settings.theme == "system"
    assert settings.geometry.isEmpty()
    for name in ("last_folder", "export_folder", "export_format"):
        assert getattr(settings, name) is None
    for name in ("recipe", "preset", "stage", "export_jobs"):
        assert getattr(settings, name) is None
    assert settings.export_options == Options()


def test_what_is_set_to_nothing_is_forgotten(file: Path, tmp_path: Path) -> None:
    settings = Settings(file)
    settings.recipe = PRESETS["v1"]
    settings.geometry = QByteArray(b"x")
    settings.last_folder = tmp_path
    settings.recipe = settings.geometry = settings.last_folder = None
    found = again(settings, file)
    assert (found.recipe, found.geometry.isEmpty(), found.last_folder) == (None, True, None)


def test_recent_files_are_newest_first_each_once_and_at_most_ten(
    file: Path, tmp_path: Path
) -> None:
    paths = images(tmp_path / "in", *(f"{number:02d}.png" for number in range(14)))
    settings = Settings(file)
    for path in paths:
        settings.add_recent([path])
    settings.add_recent([paths[7]])
    recent = again(settings, file).recent()
    assert recent == [paths[7], *(paths[number] for number in (13, 12, 11, 10, 9, 8, 6, 5, 4))]
    assert len(recent) == MOST_RECENT


def test_several_opened_together_keep_their_order(file: Path, tmp_path: Path) -> None:
    paths = images(tmp_path / "in", *(f"{number:02d}.png" for number in range(12)))
    settings = Settings(file)
    settings.add_recent(paths)
    assert settings.recent() == paths[:MOST_RECENT]


def test_recent_files_are_listed_without_a_look_at_the_disk_until_they_are_forgotten(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = images(tmp_path / "in", "first.png", "second.png")
    settings = Settings(file)
    settings.add_recent([first, second])
    first.unlink()
    with monkeypatch.context() as patch:
        for name in ("stat", "lstat"):  # of a share that is gone neither would come back
            patch.setattr(os, name, None)
        assert settings.recent() == [first, second]
    settings.forget_recent([first])
    assert again(settings, file).recent() == [second]


def test_strange_names_come_back_as_they_were(file: Path, tmp_path: Path) -> None:
    paths = images(tmp_path / "in, side", *STRANGE)
    if sys.platform == "linux":
        paths += images(tmp_path / "in, side", os.fsdecode(b"no unicode \xff.png"))
    settings = Settings(file)
    settings.add_recent(paths)
    settings.last_folder = tmp_path / "in, side"
    found = again(settings, file)
    assert found.recent() == paths
    assert found.last_folder == tmp_path / "in, side"


def test_the_last_folder_is_told_without_a_look_at_the_disk(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(file)
    settings.last_folder = tmp_path / "far away"
    found = again(settings, file)
    monkeypatch.setattr(Path, "stat", lambda *_, **__: pytest.fail("the disk was asked"))
    assert found.last_folder == tmp_path / "far away"


KEYS = ["recent", "last_folder", "geometry", "docks", "theme", "stage"]
KEYS += ["arrangement", "export/folder", "export/format", "export/options", "recipe", "preset"]
KEYS += ["difference", "opacities", "recent_recipes", "displacement", "data_set/windows"]
BROKEN = ["", "x", "{", '"no such thing"', "12", "null", "[1, null, {}]", '{"a": 1}', "[" * 10_000]
BROKEN += ["a, b, c", "@Invalid()", "@Variant(\x00)", "@ByteArray(\xff)"]


@pytest.mark.parametrize("value", [*BROKEN, 12, ["a", "b"], QByteArray(b"x")], ids=repr)
def test_broken_values_count_as_missing(file: Path, value: object) -> None:
    store = QSettings(str(file), QSettings.Format.IniFormat)
    for key in KEYS:
        store.setValue(key, value)
    store.sync()
    found = Settings(file)
    assert found.recent() == []
    assert found.theme == "system"
    assert found.geometry.isEmpty()
    assert found.docks.isEmpty()
    assert found.export_folder in (None, "no such thing")
    for name in ("last_folder", "export_format", "recipe", "stage", "arrangement"):
        assert getattr(found, name) is None
    assert found.preset in (None, "no such thing")  # which may be a preset that is gone
    assert (found.scale, found.opacities) == (Scale(), {})
    assert (found.displacement, found.data_set_windows) == (DisplacementLook(), None)
    assert found.export_options == Options()
    dropped = found.dropped()
    assert all(len(line) < 160 and "\n" not in line for line in dropped)
    named = {line.split(" = ")[0].removeprefix("settings: ") for line in dropped}
    if isinstance(value, str) and value not in ('"no such thing"', "[1, null, {}]"):
        assert named >= set(KEYS) or store.value("theme") in (None, "")  # as Qt's own @Invalid()


def test_what_makes_sense_is_not_called_dropped(file: Path, tmp_path: Path) -> None:
    settings = Settings(file)
    settings.export_folder, settings.geometry = "", QByteArray()
    settings.export_options, settings.recipe = Options(seed=3, shard_size=9), Recipe(scale=2)
    settings.last_folder, settings.data_set_shown = tmp_path / "gone", False
    settings.add_recent([tmp_path / "gone.png"])
    assert again(settings, file).dropped() == []
    settings.remember("export/options", {"seed": 4, "speed": 5})
    (line,) = again(settings, file).dropped()
    assert line.startswith("settings: export/options = ")
    assert settings.export_options == Options(seed=4)


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "loop", "huge", "locked"])
def test_a_file_that_is_none_is_told_left_alone_and_never_waited_for(file: Path, kind: str) -> None:
    file.parent.mkdir()
    makers = {
        "pipe": lambda: os.mkfifo(file),
        "folder": file.mkdir,
        "device": lambda: file.symlink_to("/dev/zero"),
        "loop": lambda: file.symlink_to(file),
        "huge": lambda: file.write_bytes(b"[General]\n" + b"a" * (1 << 21)),
        "locked": lambda: file.write_bytes(b"") or file.chmod(0),
    }
    makers[kind]()
    if kind == "locked" and os.access(file, os.R_OK):
        pytest.skip("this user may read everything")
    before = file.lstat()
    settings = Settings(file)
    (line,) = settings.dropped()
    assert line.startswith(f"the settings were not read, and will not be kept: {file}: ")
    settings.theme = "dark"
    settings.add_recent([file])
    settings.save()
    assert settings.theme == "dark"
    after = file.lstat()
    assert (after.st_ino, after.st_mode, after.st_size) == (
        before.st_ino, before.st_mode, before.st_size
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ('{"seed": 3, "max_pairs": 0, "channels": "red"}', Options(seed=3)),
        ('{"seed": true, "max_pairs": 7.5, "shard_size": "9"}', Options()),
        ('{"validation_share": NaN, "seed": 1e400}', Options()),
        ('{"validation_share": 1, "max_per_image": 9}', Options(max_per_image=9)),
        ('{"channels": ["y"], "no such": 1, "": 2, "label_border": null}', Options()),
        (f'{{"seed": {10**400}, "label_border": 4}}', Options(label_border=4)),
    ],
)
def test_choices_that_are_not_allowed_count_as_not_made(
    file: Path, stored: str, found: Options
) -> None:
    store = QSettings(str(file), QSettings.Format.IniFormat)
    store.setValue("export/options", stored)
    assert Settings(store).export_options == found


@pytest.mark.parametrize("stored", ["0", "-1", "1025", "2.0", "true", '"2"', "[2]", "1e9"])
def test_a_number_of_processes_that_cannot_be_counts_as_not_chosen(file: Path, stored: str) -> None:
    store = QSettings(str(file), QSettings.Format.IniFormat)
    store.setValue("export/jobs", stored)
    assert Settings(store).export_jobs is None


@pytest.mark.parametrize(
    "content",
    [b"\x00\xff\xfe" * 500, b"[General\nrecipe=\n=\n", b"recent=@Variant(\\0\\0\\0\\x7f\\xff)\n"],
)
def test_a_damaged_file_is_an_empty_one_and_can_be_written(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    settings = Settings(file)
    assert settings.recent() == []
    assert settings.recipe is None
    settings.stage = "box"
    assert settings.stage == "box"


def test_a_recipe_that_is_no_longer_valid_is_ignored(file: Path) -> None:
    settings = Settings(file)
    for text in ("scale = 1", "no_such_knob = 3", "scale = ", "patch = 33\nlr_layout = 'native'"):
        settings.remember("recipe", text)
        assert settings.recipe is None
    settings.remember("recipe", "scale = 2")
    assert settings.recipe == Recipe(scale=2)


def test_a_recipe_whose_resizer_is_not_installed_is_ignored(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(file)
    settings.recipe = Recipe(resizer="torch")
    monkeypatch.setattr(resizing, "has_torch", lambda: False)
    assert settings.recipe is None
    monkeypatch.setattr(resizing, "has_torch", lambda: True)
    assert settings.recipe == Recipe(resizer="torch")


def test_settings_that_remember_nothing_leave_the_disk_alone(tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    one, other = Settings.none(), Settings.none()
    path = tmp_path / "image.png"
    one.add_recent([tmp_path])
    one.recipe = Recipe(scale=2)
    one.theme = "dark"
    one.save()
    assert (one.recent(), one.recipe, one.theme) == ([tmp_path], Recipe(scale=2), "dark")
    assert (other.recipe, other.theme) == (None, "system")
    assert set(tmp_path.rglob("*")) == before
    assert not path.exists()


def test_a_store_of_ones_own_is_used(file: Path) -> None:
    store = QSettings(str(file), QSettings.Format.IniFormat)
    settings = Settings(store)
    settings.stage = "pairs"
    assert store.value("stage") == '"pairs"'


def test_a_folder_that_cannot_be_written_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    file = tmp_path / "taken" / "window.ini"
    settings = Settings(file)
    settings.theme = "dark"
    assert (settings.save() or "").startswith(f"{file}: the settings of this run were not kept: ")
    assert settings.theme == "dark"


def test_what_is_kept_is_not_told(file: Path) -> None:
    settings = Settings(file)
    settings.theme = "dark"
    assert settings.save() is None
    assert Settings.none().save() is None


def test_what_a_killed_window_has_left_beside_its_file_goes_and_nothing_else(file: Path) -> None:
    settings = Settings(file)
    settings.theme = "dark"
    settings.save()
    mine = [f"{file.name}.bak", f"{file.name}.old.ab", f"x{file.name}.abcdef"]
    for name in (f"{file.name}.aBcDeF", *mine):
        (file.parent / name).touch()
    lock = QLockFile(f"{file}.lock")
    assert lock.tryLock(0)  # as another window has it that saves at the moment
    Settings(file)
    assert (file.parent / f"{file.name}.aBcDeF").exists()
    lock.unlock()
    assert Settings(file).theme == "dark"
    assert sorted(os.listdir(file.parent)) == sorted([file.name, *mine])


def test_ones_own_file_is_in_the_folder_for_configuration(tmp_path: Path) -> None:
    code = "from srviewer.gui.state.settings import own_file; print(own_file())"
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    name = Path(printed.stdout.strip())
    assert (name.parent.name, name.name) == ("srviewer", "window.ini")
    assert own_file().name == "window.ini"
    if sys.platform == "linux":
        assert name.is_relative_to(tmp_path)
