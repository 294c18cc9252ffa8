"""Data sets and image folders as a stranger may have made them, and what commands do in them."""

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from srviewer.cli import main
from srviewer.export.run_file import RUN_FILE
from tests.conftest import REPOSITORY
from tests.photos import crop, save

FORMATS = {
    "bmp": ["--format", "bmp"],
    "bmp-split": ["--format", "bmp", "--validation-share", "0.5"],
    "lmdb": ["--format", "lmdb"],
    "lmdb-split": ["--format", "lmdb", "--validation-share", "0.5"],
    "hdf5": ["--format", "hdf5"],
    "webdataset": ["--format", "webdataset", "--shard-size", "3"],
    "webdataset-split": ["--format", "webdataset", "--validation-share", "0.5"],
    "parquet": ["--format", "parquet", "--shard-size", "3"],
    "hub": ["--for", "huggingface", "--validation-share", "0.5"],
    "edsr": [
        "--for",
        "edsr",
        "--lr-layout",
        "native",
        "--patch",
        "32",
        "--stride",
        "32",
        "--whole",
        "validation",
        "--validation-share",
        "0.5",
    ],
}
RECIPE = ["--crop", "whole", "--keypoint-scope", "image", "--min-keypoints", "1", "--stride", "30"]
OTHER = [*RECIPE[:-3], "2", "--stride", "30"]
ALONE = ["--jobs", "1"]
LONGEST = 60  # seconds that a command may take, with the test machine's other work
PLANTS = ("file link", "folder link", "new link", "hard link", "folder", "pipe", "text")

# Ends a process where it opens, renames or removes something below a folder the Nth time.
_DIE = """
import os, shutil, sys
from srviewer.cli import main

def look(event, arguments):
    global seen
    if event in ("open", "os.rename", "os.remove") and below in str(arguments[0]):
        seen += 1
        if seen == last:
            os._exit(9)

def end_of(words):
    if not (child := os.fork()):
        sys.stdout = sys.stderr = open(os.devnull, "w")
        main(words)
        os.write(tell, seen.to_bytes(4, "big"))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

below, seen, last = sys.argv[1] + os.sep, 0, None
told, tell = os.pipe()
sys.addaudithook(look)
for words, moment in eval(sys.argv[2]):
    assert end_of(words) == 0
    shutil.rmtree(words[3])
    last = int(int.from_bytes(os.read(told, 4), "big") * moment)
    assert end_of(words) == 9
    last = None
"""


class Case(NamedTuple):
    """A plant in the place of a name of what a run has left."""

    base: str
    name: str
    plant: str


class Stage:
    """Two images, what runs over them leave, and a tree outside that nothing may change."""

    def __init__(self, top: Path, formats: Iterable[str] = FORMATS) -> None:
        self.top = top
        self.images, self.outside = top / "images", top / "outside"
        self.out, self.bases = top / "in" / "out", top / "bases"
        self.plain, self.converted = top / "plain", top / "converted"
        for name, x in (("a", 150), ("b", 230)):
            save(crop("motorcycle", x, 150, 95, 70), self.images / f"{name}.png")
        self.flags: dict[str, list[str]] = {}
        deaths = []
        for name in formats:
            flags = FORMATS[name]
            for moment in (0.5, 0.9):
                base = self.bases / f"{name}-killed-at-{moment}"
                deaths.append((self._export(base, flags), moment))
                self.flags[base.name] = flags
            base = self.bases / f"{name}-finished"
            self.flags[base.name] = flags
            assert main(self._export(base, flags)) == 0
        subprocess.run(
            [sys.executable, "-c", _DIE, str(self.bases), repr(deaths)],
            check=True, cwd=REPOSITORY, env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        )  # fmt: skip
        assert main(self._export(self.plain, ["--format", "webp"])) == 0
        assert main(["survey", str(self.images), *ALONE]) == 0
        shutil.copytree(self.images, self.bases / "surveyed")

    def _export(self, out: Path, flags: list[str], recipe: list[str] = RECIPE) -> list[str]:
        return ["export", str(self.images), "--out", str(out), *recipe, *flags, *ALONE]

    def cases(self) -> list[Case]:
        """Return a case for each name that any of the folders shows, and each plant."""
        found = []
        for base in sorted(self.bases.iterdir()):
            names = {path.relative_to(base).as_posix() for path in base.rglob("*")}
            if base.name == "surveyed":
                names = {name for name in names if name.startswith(".")}
                names |= {f"{name}{end}" for name in names for end in ("-journal", "-wal", "-shm")}
            found += [Case(base.name, name, plant) for name in sorted(names) for plant in PLANTS]
        return found

    def try_out(self, case: Case) -> None:
        """Plant, run every command, and fail where one is stuck or anything outside changes."""
        for path in (self.outside, self.out.parent, self.converted):
            shutil.rmtree(path, ignore_errors=True)
        (self.outside / "hr").mkdir(parents=True)
        (self.outside / "file.txt").write_text("secret\n")
        shutil.copy(self.images / "a.png", self.outside / "picture.png")
        shutil.copy(self.images / "a.png", self.outside / "hr" / "a_x00000_y00000.bmp")
        shutil.copytree(self.bases / case.base, self.out)
        self._plant(case)
        before, there = listed(self.outside), listed(self.out)
        for words in self._commands(case.base):
            called = f"{case}: {' '.join(words[:2])}"
            with _limited(LONGEST, called):
                try:
                    code = main(words)
                except SystemExit as stop:
                    code = stop.code
            assert code in (0, 1, 2, 3, 4), called
            assert listed(self.outside) == before, called
            assert os.listdir(self.out.parent) == ["out"], called
            if words[0] in ("verify", "reproduce") or words[1] == str(self.out):
                assert listed(self.out) == there, called

    def _commands(self, base: str) -> Iterator[list[str]]:
        out = str(self.out)
        if base == "surveyed":
            yield ["survey", out, *ALONE]
            return
        yield ["verify", out, *ALONE]
        yield ["verify", out, "--images", str(self.images), *ALONE]
        yield ["reproduce", out, str(self.images), *ALONE]
        yield ["convert", out, "--out", str(self.converted), "--format", "webp", *ALONE]
        form = [word for word in self.flags[base][:2] if base.split("-")[0] != "edsr"]
        yield ["convert", str(self.plain), "--out", out, *form, "--overwrite", *ALONE]
        yield self._export(self.out, self.flags[base])
        yield [*self._export(self.out, self.flags[base], OTHER), "--overwrite"]

    def _plant(self, case: Case) -> None:
        path = self.out / case.name
        if path.is_dir():
            if case.plant == "folder":
                return
            shutil.rmtree(path)
        held = path.read_bytes() if path.exists() else b""
        if case.plant != "text":
            path.unlink(missing_ok=True)
        if case.plant.endswith(" link"):
            victim = {"folder": "hr", "new": "new"}.get(case.plant.split()[0], "file.txt")
            link = os.link if case.plant == "hard link" else os.symlink
            link(self.outside / victim, path)
        elif case.plant == "folder":
            path.mkdir()
            (path / "inner").symlink_to(self.outside)
        elif case.plant == "pipe":
            os.mkfifo(path)
        else:
            self._write(path, held)

    def _write(self, path: Path, held: bytes) -> None:
        """Give a file what would be hostile in it."""
        up, away = b"../../outside/hr/a_x00000_y00000.bmp", bytes(self.outside / "file.txt")
        if path.name == RUN_FILE:
            _falsify(path, up, away)
            return
        if path.suffix in (".csv", ".sha256"):
            lines = held.splitlines(keepends=True)
            if path.name == "manifest.csv":
                rows = (row.split(b",", 3) for row in lines[1:4])
                places = (
                    (b"../../outside/hr/a", up, up),
                    (b"b.png", away, away),
                    (b"a\0", b"", up),
                )
                lines[1:4] = [b",".join((*place, row[3]))
                              for place, row in zip(places, rows, strict=False)]  # fmt: skip
            else:
                lines[1:1] = [b"0" * 64 + b"  " + name + b"\n" for name in (up, away, b"hr/../x")]
            for file in path.parent.glob(f"{RUN_FILE}*") if path.stat().st_size % 2 else ():
                file.unlink()  # so that the manifest is what counts
            path.write_bytes(b"".join(lines))
        elif path.name.endswith("-journal"):
            end = len(away).to_bytes(4, "big") + sum(away).to_bytes(4, "big")
            path.write_bytes(away + end + bytes.fromhex("d9d505f920a163d7"))
        elif path.suffix in (".mdb", ".h5", ".tar") and len(held) % 3:
            path.write_bytes(held[: len(held) // 2])
        elif path.suffix == ".txt":
            path.write_bytes(held.replace(b"a.png", b"../../outside/hr/a"))
        else:
            path.write_bytes(random.Random(path.name).randbytes(5000))


def _falsify(path: Path, up: bytes, away: bytes) -> None:
    """Let a run file tell of other places."""
    with contextlib.closing(sqlite3.connect(path)) as base, base:
        base.execute("UPDATE pair SET hr = ?, lr = ?, dropped = 1 WHERE x = 0", (up, away))
        base.execute("UPDATE image SET stem = ? WHERE id = 1", (b"../../outside/hr/a",))
        base.execute("UPDATE image SET sha256 = NULL, name = ? WHERE id = 2", (away,))
        names = '["../../outside/file.txt", "hr.lmdb/data.mdb", "/tmp/x"]'
        base.execute("INSERT OR REPLACE INTO about VALUES ('placing', ?)", (names,))


def listed(folder: Path) -> dict[str, object]:
    """Return all that is in `folder`, with the bytes of files and where links lead."""
    found: dict[str, object] = {}
    for path in folder.rglob("*"):
        mode = path.lstat().st_mode
        name = path.relative_to(folder).as_posix()
        if stat.S_ISLNK(mode):
            found[name] = os.readlink(path)
        else:
            found[name] = path.read_bytes() if stat.S_ISREG(mode) else stat.S_IFMT(mode)
    return found


@contextlib.contextmanager
def _limited(seconds: int, what: str) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise AssertionError(f"{what}: takes more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
