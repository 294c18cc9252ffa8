"""What system calls fail under: exports in each format, survey, reproduce, saving settings."""

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from srviewer.export.options import FORMATS
from srviewer.export.run_file import RUN_FILE
from tests.export.hostile import listed
from tests.photos import crop, save
from tests.soak.faults import Case, Faults, why_not
from tests.survey.helpers import contents

LONGEST = 3600  # seconds; a case that was begun is done
_RECIPE = ["--crop", "whole", "--keypoint-scope", "image", "--min-keypoints", "1", "--stride", "40"]
_OTHER = [*_RECIPE[:-3], "2", *_RECIPE[-2:]]
_ALONE = ["--jobs", "1"]
_OF_EACH_KIND = ("bmp", "lmdb", "hdf5", "webdataset")
_FLAGS = {"webdataset": ["--shard-size", "3"], "parquet": ["--shard-size", "3"]}
# Folders of other names, lists, a card, whole images: what the formats alone have not.
_NATIVE = ["--lr-layout", "native", "--patch", "32"]
_PROFILES = {
    "huggingface": [],
    "real-esrgan": _NATIVE,
    "edsr": [*_NATIVE, "--whole", "validation"],
    "srcnn-caffe": [],
}
# What a run file has that every run has for itself.
_OF_A_RUN = "SELECT key, CASE WHEN key LIKE 'file %' OR key = 'writer' THEN '' ELSE value END"
_TABLES = {
    "about": f"{_OF_A_RUN} FROM about",
    "image": "SELECT name, stem, bytes, mtime_ns, sha256, kept, waits, text FROM image",
    "pair": "SELECT name, y, x, hr, lr, sha256_hr, sha256_lr FROM pair JOIN image ON id = image",
}


class Stage:
    """Two tiny images, and a folder for what is made of them.

    Parameters
    ----------
    top : Path
    faults : Faults
    """

    def __init__(self, top: Path, faults: Faults) -> None:
        self.faults = faults
        self.images, self.below = top / "images", top / "in"
        self.out = self.below / "out"
        self.one = self.images / "a.png"
        for name, x in (("a", 150), ("b", 230)):
            save(crop("motorcycle", x, 150, 95, 70), self.images / f"{name}.png")
        self.below.mkdir()

    def cases(self) -> dict[str, Callable[[], Case]]:
        """Return what makes each case, by its name."""
        found: dict[str, Callable[[], Case]] = {
            name: partial(self._export, name) for name in FORMATS
        }
        for name in _OF_EACH_KIND:
            found[f"{name}, one more"] = partial(self._more, name)
            found[f"{name}, overwritten"] = partial(self._overwritten, name)
        found["bmp, two jobs"] = partial(self._two_jobs, "bmp")
        found["lmdb, two jobs"] = partial(self._two_jobs, "lmdb")
        found |= {profile: partial(self._trained, profile) for profile in _PROFILES}
        found |= {"convert": self._convert, "convert to lmdb": partial(self._convert, "lmdb")}
        found |= {"reproduce": self._reproduce, "survey": self._survey}
        return found | {"settings": self._settings}

    def _words(self, source: Path, format: str, recipe: Iterable[str], *flags: str) -> list[object]:
        flags = flags or tuple(_ALONE)
        more = [*_FLAGS.get(format, ()), *recipe, *flags]
        return ["export", source, "--out", self.out, "--format", format, *more]

    def _case(self, name: str, words: list[object], before: Callable[[], None]) -> Case:
        return Case(
            name, words, self.below, before, lambda: _state(self.out),
            lambda: listed(self.images), ["verify", self.out, *_ALONE],
        )  # fmt: skip

    def _clear(self) -> None:
        shutil.rmtree(self.below)
        self.below.mkdir()

    def _case_after(self, made: Path, name: str, words: list[object]) -> Case:
        """Return a case in a folder as `made`, which is whole as long as nothing has begun."""

        def prepare() -> None:
            self._clear()
            shutil.copytree(made, self.out)

        case = self._case(name, words, prepare)
        case.check = None
        return case

    def _made(self, words: list[object]) -> Path:
        """Return a copy of what the command makes."""
        self._clear()
        ended = self.faults.run(words, self.below)
        assert ended.code == 0, ended.said
        made = self.below.with_name("made")
        shutil.rmtree(made, ignore_errors=True)
        return Path(shutil.copytree(self.out, made))

    def _export(self, format: str) -> Case:
        return self._case(format, self._words(self.images, format, _RECIPE), self._clear)

    def _trained(self, profile: str) -> Case:
        split = ["--validation-share", "0.5", *_PROFILES[profile], *_ALONE]
        words = ["export", self.images, "--out", self.out, "--for", profile, *_RECIPE, *split]
        return self._case(profile, words, self._clear)

    def _convert(self, format: str = "png") -> Case:
        source = self.below.with_name("source")
        shutil.rmtree(source, ignore_errors=True)
        shutil.move(self._made(self._words(self.images, "bmp", _RECIPE)), source)
        words = ["convert", source, "--out", self.out, "--format", format, *_ALONE]
        case = self._case(f"convert to {format}", words, self._clear)
        case.outside = lambda: listed(source)
        return case

    def _two_jobs(self, format: str) -> Case:
        words = self._words(self.images, format, _RECIPE, "--jobs", "2")
        case = self._case(f"{format}, two jobs", words, self._clear)
        case.every = 10
        return case

    def _more(self, format: str) -> Case:
        split = ["--validation-share", "0.5", *_ALONE]
        made = self._made(self._words(self.one, format, _RECIPE, *split))
        words = self._words(self.images, format, _RECIPE, *split)
        words[1:2] = [self.one, self.images / "b.png"]
        return self._case_after(made, f"{format}, one more", words)

    def _overwritten(self, format: str) -> Case:
        made = self._made(self._words(self.images, format, _OTHER))
        words = [*self._words(self.images, format, _RECIPE), "--overwrite"]
        return self._case_after(made, f"{format}, overwritten", words)

    def _reproduce(self) -> Case:
        made = self._made(self._words(self.images, "bmp", _RECIPE))
        words = ["reproduce", self.out, self.images, *_ALONE]
        case = self._case_after(made, "reproduce", words)
        case.state = lambda: listed(self.below)
        return case

    def _survey(self) -> Case:
        photos = self.below / "photos"
        file = photos / ".srviewer-survey.sqlite"

        def prepare() -> None:
            self._clear()
            shutil.copytree(self.images, photos)

        def state() -> object:
            found = listed(self.below)
            copy = self.images.with_name("survey.sqlite")
            # One that is not whole yet is compared by its bytes.
            with contextlib.suppress(sqlite3.Error, OSError, AssertionError):
                shutil.copy(file, copy)
                found[f"photos/{file.name}"] = contents(copy)
            return found

        words = ["survey", photos, *_RECIPE, *_ALONE]
        return Case("survey", words, self.below, prepare, state, lambda: listed(self.images))

    def _settings(self) -> Case:
        file = self.below / "config" / "window.ini"

        def prepare() -> None:
            self._clear()
            self.faults.run(["settings", file, "old"], self.images)

        def state() -> object:
            # Qt says itself where it cannot remove its lock, and takes it away the next time.
            return {name: one for name, one in listed(self.below).items() if "lock" not in name}

        words = ["settings", file, "new"]
        return Case("settings", words, self.below, prepare, state, lambda: listed(self.images))


def _state(out: Path) -> dict[str, object]:
    """Return all that is in the folder of a data set and beside it, and what its run file has."""
    found = listed(out.parent)
    run_file = out / RUN_FILE
    if run_file.is_file() and run_file.stat().st_size:
        found[f"{out.name}/{RUN_FILE}"] = ""
        # A copy, as to look into a file of a killed run changes it.
        with contextlib.suppress(sqlite3.Error):
            base = sqlite3.connect(":memory:")
            with contextlib.closing(base):
                data = bytearray(run_file.read_bytes())
                data[18:20] = b"\1\1"  # as without a log
                base.deserialize(bytes(data))
                for table, query in _TABLES.items():
                    found[f"{RUN_FILE} {table}"] = sorted(map(repr, base.execute(query)))
    return found


def check_faults(folder: Path, every: int = 1) -> list[str]:
    """Try every case, as long as there is time; return what is wrong."""
    wrong: list[str] = []
    missing = why_not()
    if missing:
        print(f"calls that fail: not tried, {missing}")
        return wrong
    end = time.monotonic() + LONGEST
    with Faults(folder / "tools") as faults:
        stage = Stage(folder, faults)
        for name, make in stage.cases().items():
            if time.monotonic() > end:
                print(f"calls that fail, {name}: not tried, for want of time")
                continue
            case = make()
            case.every *= every
            case.try_all(faults)
            tried = ", ".join(f"{kind} at {count}" for kind, count in case.tried.items())
            print(f"calls that fail, {name}: {tried}; {len(case.wrong)} wrong", flush=True)
            wrong += case.wrong
    return wrong
