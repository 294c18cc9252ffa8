"""What srviewer reads back of its own, damaged: texts, survey files, run files."""

import contextlib
import io
import random
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from srviewer.errors import SrviewerError
from srviewer.export.checksums import CHECKSUMS, PAIR_CHECKSUMS, read_checksums
from srviewer.export.manifest import EXCLUDED, EXPORT, MANIFEST, META, RECIPE, read_image_text
from srviewer.export.manifest_rows import stream_rows
from srviewer.export.options import Options, read_record
from srviewer.export.run_file import RUN_FILE
from srviewer.export.runner import export
from srviewer.export.session import read_session
from srviewer.export.spool import new_spool, read_spool, spool_name
from srviewer.export.verification.verifying import verify
from srviewer.gui.state.settings import Settings
from srviewer.pipeline.exclusions import load_exclusions
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipe_file import load_recipe
from srviewer.pipeline.texts import parse_json
from srviewer.survey.record import Outline
from srviewer.survey.runner import survey
from srviewer.survey.whole_set import load
from tests.export.hostile import listed
from tests.fuzz.mutations import mutate
from tests.photos import crop, save
from tests.pipeline.test_texts import HOSTILE

SECONDS = 10.0
# What a person or a program may have put into the place of a value.
WORDS = (b"[", b"{", b"'", b'"', b"\\", b"=", b",", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"nan",
         b"-", b"true", b"[[[]]]", b"{}", b"1e999", b"9" * 30, b"../../x", b"\xed\xa0\x80", b"\r",
         b"\n" * 9, b'"""', b"#")  # fmt: skip
LONGEST = 1500  # characters of a message, paths included
_UNSHOWN = re.compile(r"[\x01-\x1f\x7f-\x9f\ud800-\udfff]")  # what a terminal cannot show


class Text(NamedTuple):
    """A text that is whole, where it lies in a folder, and who reads it."""

    name: str
    whole: bytes
    read: Callable[[Path], object]


def _read_settings(folder: Path) -> None:
    settings = Settings(folder / "window.ini")
    settings.dropped()
    settings.recent()
    for name in vars(Settings):
        if not name.startswith("_") and not callable(getattr(Settings, name, None)):
            getattr(settings, name)


def _read_json(folder: Path) -> None:
    text = (folder / "survey.json").read_bytes().decode("utf-8", "surrogateescape")
    with contextlib.suppress(ValueError):
        parse_json(text)
    notes, _, encoded = text.partition("\n")
    with contextlib.suppress(ValueError):
        Outline.from_row([60, 45, 60, 44, 3, 2, 1, 1, 1, notes, 0.5, encoded])


def _read_manifest(folder: Path) -> None:
    for _ in stream_rows(folder, Recipe(), str):
        pass


def readers() -> list[Text]:
    """Return every text that is read back as a file, with what reads it."""
    row = b"image,hr,lr,x,y,width,height,scale,keypoints,matches,psnr,ssim\n"
    row += b"a.png,hr/a_x00000_y00000.bmp,lr/a_x00000_y00000.bmp,0,0,33,33,4,12,3,31.5,0.91\n" * 2
    digest = b"0123456789abcdef" * 4
    meta = b"image: a.png\nsha256: " + digest + b"\nkept pairs: 3\nnote: none\n"
    excluded = digest + b" 14 28 33 4  # a.png\n# ours\n" + digest + b" image\n"
    pairs = b"hr,lr,sha256_hr,sha256_lr\nhr.lmdb/a,lr.lmdb/a," + digest + b"," + digest + b"\n"
    record = b'format = "bmp"\nseed = 3\nmax_pairs = 20\n[made_with]\nopencv = "5.0"\n'
    session = b'{"kind": "srviewer session", "version": 1, "recipe": {"scale": 2}, "preset": "v1",'
    session += b'"images": [{"folder": "in", "names": ["a.png"]}], "excluded": "' + digest
    session += b' image", "look": {"image": 0, "camera": [1, 2.5, 3], "layers": ["BOX"]},'
    session += b'"export": {"folder": "out", "options": {"seed": 3}, "jobs": 2}}'
    recipe = b"# srviewer recipe\nscale = 4\nerror_margin = 0.05  # help\ncrop = 'whole'\n"
    settings = (
        b'[General]\nrecent="[\\"/a.png\\"]"\ntheme="\\"dark\\""\n'
        b'recipe="\\"scale = 2\\""\n[export]\njobs=3\noptions="{\\"seed\\": 3}"\n'
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / spool_name("a")).parent.mkdir()
        with new_spool(folder, "a") as write:
            write(b"high" * 9, b"low" * 9)
            write(b"h", b"l")
        spooled = (folder / spool_name("a")).read_bytes()
    texts = [
        Text("recipe.toml", recipe, lambda folder: load_recipe(folder / "recipe.toml")),
        Text(EXPORT, record, lambda folder: read_record(folder / EXPORT)),
        Text(MANIFEST, row, _read_manifest),
        Text(CHECKSUMS, digest + b"  hr/a.bmp\n", lambda folder: list(read_checksums(folder))),
        Text(PAIR_CHECKSUMS, pairs, lambda folder: list(read_checksums(folder))),
        Text(f"{META}/a.txt", meta, lambda folder: read_image_text(folder, f"{META}/a.txt")),
        Text(spool_name("a"), spooled, lambda folder: list(read_spool(folder, "a"))),
        Text("window.ini", settings, _read_settings),
        Text(EXCLUDED, excluded, lambda folder: load_exclusions(folder / EXCLUDED)),
        Text("my.srviewer", session, lambda folder: read_session(folder / "my.srviewer")),
        Text("survey.json", b'["a note"]\n{"png upscaled": 812.5}', _read_json),
    ]
    # What went wrong once is damaged again.
    texts += [
        Text("recipe.toml", text.encode("utf-8", "surrogatepass")[:5000], texts[0].read)
        for text in HOSTILE.values()
    ]
    return texts


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """Return `whole` with damage that bytes have, or that words have."""
    if chance.random() < 0.5:
        return mutate(whole, [whole], chance)[1]
    at, word = chance.randrange(len(whole)), chance.choice(WORDS)
    return whole[:at] + word * chance.choice((1, 1, 200)) + whole[at + chance.choice((0, 1, 5)) :]


def try_text(text: Text, number: int, folder: Path) -> str:
    """Read a damaged text; return what is wrong, empty where nothing is."""
    data = damaged(text.whole, random.Random(number))
    path = folder / text.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    try:
        return _wrong(lambda: text.read(folder), f"{text.name} {number}")
    finally:
        path.unlink()


def _wrong(do: Callable[[], object], called: str) -> str:
    """Do something that may fail in words, and in time."""
    begun = time.monotonic()
    try:
        do()
    except SrviewerError as error:
        said = str(error)
        if _UNSHOWN.search(said) or len(said) > LONGEST:
            return f"{called}: words {said[:2000]!r}"
    except Exception as error:
        return f"{called}: {type(error).__name__}: {error}"
    seconds = time.monotonic() - begun
    return f"{called}: {seconds:.0f} s" if seconds > SECONDS else ""


# Whole folders, of which a file is damaged


class Stage:
    """Two images, a survey and data sets of them, and a folder outside that nothing may change."""

    RECIPE = Recipe(crop="whole", keypoint_scope="image", min_keypoints=1, stride=30)

    def __init__(self, top: Path) -> None:
        self.top, self.images, self.work = top, top / "images", top / "work"
        (top / "outside").mkdir(parents=True)
        (top / "outside" / "file.txt").write_text("secret\n")
        for name, x in (("a", 150), ("b", 230)):
            save(crop("motorcycle", x, 150, 95, 70), self.images / f"{name}.png")
        self.whole = {}
        for name in ("bmp", "webdataset"):
            out = top / "whole" / name
            export([self.images], out, self.RECIPE, format=name, jobs=1)
            self.whole[name] = out
        survey([self.images], top / "survey.sqlite", self.RECIPE, jobs=1)
        self._outside = listed(top / "outside") | listed(self.images)

    def try_survey(self, number: int) -> str:
        """Answer from a damaged survey file, and go on with it."""
        chance = random.Random(number)
        self._fresh()
        file = self.work / "survey.sqlite"
        _damage_database(self.top / "survey.sqlite", file, chance)
        return self._first_wrong(
            f"survey {number}",
            lambda: load(file, [self.images], self.RECIPE).under(self.RECIPE).curve(),
            lambda: survey([self.images], file, self.RECIPE, jobs=1),
        )

    def try_data_set(self, number: int) -> str:
        """Verify a data set of which a file is damaged, and go on with it."""
        chance = random.Random(number)
        kind = chance.choice(list(self.whole))
        self._fresh()
        out = self.work / "out"
        shutil.copytree(self.whole[kind], out)
        texts = (RECIPE, EXPORT, MANIFEST, CHECKSUMS, PAIR_CHECKSUMS, f"{META}/a.txt")
        name = chance.choice([RUN_FILE] * 6 + [name for name in texts if (out / name).exists()])
        if name == RUN_FILE:
            _damage_database(self.whole[kind] / RUN_FILE, out / RUN_FILE, chance)
        else:
            (out / name).write_bytes(damaged((out / name).read_bytes(), chance))
            if chance.random() < 0.5:  # so that the text is what counts
                (out / RUN_FILE).unlink()
        return self._first_wrong(
            f"{kind} {name} {number}",
            lambda: verify(out, images=[self.images], jobs=1),
            lambda: export([self.images], out, self.RECIPE, format=kind, options=Options(),
                           jobs=1),
        )  # fmt: skip

    def _fresh(self) -> None:
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir()

    def _first_wrong(self, called: str, *steps: Callable[[], object]) -> str:
        for step in steps:
            if wrong := _wrong(step, called):
                return wrong
        if listed(self.top / "outside") | listed(self.images) != self._outside:
            return f"{called}: something outside has changed"
        return ""


def _damage_database(whole: Path, file: Path, chance: random.Random) -> None:
    """Write a copy of an SQLite file with other bytes, or with values of other types."""
    if chance.random() < 0.5:
        data = whole.read_bytes()
        for _ in range(chance.choice((1, 1, 5, 40))):
            data = mutate(data, [data], chance)[1]
        file.write_bytes(data)
        return
    shutil.copy(whole, file)
    values = (b"\xff\0", "", "[", '{"a": [1]}', "[1, 2]", "9" * 400, -1, 1 << 62, 0.5, None,
              b"../../outside/file.txt", "../../outside/file.txt", b"x" * 300)  # fmt: skip
    with contextlib.closing(sqlite3.connect(file)) as base, base:
        tables = [name for (name,) in base.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        )]  # fmt: skip
        for _ in range(chance.choice((1, 1, 3))):
            table = chance.choice(tables)
            columns = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
            with contextlib.suppress(sqlite3.Error, OverflowError):
                base.execute(f"UPDATE {table} SET {chance.choice(columns)} = ?",
                             (chance.choice(values),))  # fmt: skip


def quietly(do: Callable[[int], str], numbers: range, seconds: float) -> tuple[int, list[str]]:
    """Try numbers until the time is over; return how many were, and what is wrong."""
    end, wrong, tried = time.monotonic() + seconds, [], 0
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        for number in numbers:
            if time.monotonic() > end:
                break
            tried += 1
            wrong += filter(None, [do(number)])
    return tried, wrong
