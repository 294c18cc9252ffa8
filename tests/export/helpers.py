"""What the export's tests share: how a data set is read back, and when it is whole."""

import csv
import io
import os
import shutil
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

import lmdb
import numpy as np
from PIL import Image

from srviewer.export.export_run import ExportState
from srviewer.export.how_to_train import HOW_TO_TRAIN
from srviewer.export.run_file import RUN_FILE
from srviewer.export.runner import export
from srviewer.pipeline.recipe import Recipe
from tests.fork_server import Run
from tests.killing import kill_at_random

# Many small windows from small photographs: whole image, so that all have pairs.
RECIPE = Recipe(crop="whole", min_keypoints=8, stride=27)
PROFILE_SHARE = 0.34  # for validation, so that of three images one is

FIRST_FILE = {
    "lmdb": "lr.lmdb/data.mdb",
    "webdataset": "pairs-000000.tar",
    "parquet": "pairs-000000.parquet",
}


def run(paths, out: Path, format: str = "bmp", recipe: Recipe = RECIPE, **more) -> ExportState:
    """Export in this process, unless told otherwise."""
    paths = [paths] if isinstance(paths, Path) else paths
    return export(paths, out, recipe, format=format, **{"jobs": 1} | more)


def recipe_for(profile: str) -> Recipe:
    """Return a recipe of small patches whose layout the trainer reads."""
    recipe = RECIPE.replace(min_keypoints=1)
    if profile.startswith("srcnn"):
        return recipe
    return recipe.replace(lr_layout="native", patch=32, stride=28)


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below `folder` with its bytes, but for the run file, which tells times."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != RUN_FILE
    }


def without_place(out: Path) -> dict[str, bytes]:
    """Return the files; the one that says where they are as if they were elsewhere."""
    files = tree(out)
    if HOW_TO_TRAIN in files:
        files[HOW_TO_TRAIN] = files[HOW_TO_TRAIN].replace(os.fsencode(out), b"...")
    return files


def kill_exports(
    begin: Callable[[], Run], out: Path, quiet: dict[str, bytes], kills: int, *, seed: str
) -> None:
    """Begin an export again and again, kill it so often, and fail unless it ends as `quiet`."""

    def is_as_quiet() -> None:
        assert without_place(out) == quiet

    kill_at_random(begin, is_as_quiet, lambda: shutil.rmtree(out), kills, seed=seed)


def rows_of(out: Path) -> list[dict[str, str]]:
    with open(out / "manifest.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as opened:
        assert opened.mode == "RGB"
        return np.asarray(opened)


def meta_of(out: Path, stem: str) -> dict[str, str]:
    lines = (out / "meta" / f"{stem}.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines)


def assert_nothing_half_written(out: Path) -> None:
    """Fail unless every file opens and has its partner and its row, and its image is done."""
    rows = rows_of(out)
    places = [row[side] for row in rows for side in ("hr", "lr")]
    assert len(places) == len(set(places))
    there = [name for name in tree(out) if name.startswith(("hr/", "lr/"))]
    assert sorted(there) == sorted(places)
    for row in rows:
        size = (int(row["height"]), int(row["width"]), 3)
        assert pixels(out / row["hr"]).shape == size
        assert pixels(out / row["lr"]).shape == size
    done = {
        line.removeprefix("image: ")
        for path in (out / "meta").rglob("*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("image: ")
    }
    assert {row["image"] for row in rows} <= done
    folders = ("hr", "lr", "meta", "meta_info")
    left = [name for name in tree(out) if name.split("/")[0] not in folders]
    own = ["checksums.sha256", "export.toml", "manifest.csv", "meta_info.txt", "recipe.toml"]
    assert sorted(left) == own


# Containers changed on purpose


def as_png(pixels: np.ndarray, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", **options)
    return file.getvalue()


def put(folder: Path, key: str, value: bytes | None) -> None:
    """Change or delete what the LMDB environment `folder` holds under `key`."""
    environment = lmdb.open(str(folder), map_size=1 << 26, lock=False, sync=False)
    with environment, environment.begin(write=True) as transaction:
        if value is None:
            assert transaction.delete(key.encode())
        else:
            transaction.put(key.encode(), value)


def write_shard(shard: Path, members: Iterable[tuple[str, bytes | None]]) -> None:
    with tarfile.open(shard, "w") as file:
        for name, data in members:
            if data is not None:
                member = tarfile.TarInfo(name)
                member.size = len(data)
                file.addfile(member, io.BytesIO(data))
