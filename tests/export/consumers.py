"""Data sets read the way that those read them who train on them: each pair as HR and LR."""

import gc
import io
import json
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

Pair = tuple[np.ndarray, np.ndarray]


def basicsr_lmdb(folder: Path) -> dict[str, Pair]:
    """Read both environments by the keys in their lists, as BasicSR's LMDB backend does."""
    import lmdb

    keys, environments = [], []
    for name in ("hr.lmdb", "lr.lmdb"):
        lines = (folder / name / "meta_info.txt").read_text("ascii").splitlines()
        keys.append([line.split(".")[0] for line in lines])
        environments.append(
            lmdb.open(str(folder / name), readonly=True, lock=False, readahead=False)
        )
    assert keys[0] == keys[1] == sorted(keys[0])
    found = {}
    for key in keys[0]:
        pair = []
        for environment in environments:
            with environment.begin(write=False) as transaction:
                value = transaction.get(key.encode("ascii"))
            bgr = cv2.imdecode(np.frombuffer(value, np.uint8), cv2.IMREAD_COLOR)
            pair.append(bgr[..., ::-1])
        found[key] = tuple(pair)
    for environment in environments:
        assert environment.stat()["entries"] == len(keys[0])
        environment.close()
    return found


def basicsr_meta_info(gt: Path, lq: Path, list_file: Path) -> list[Pair]:
    """Read pairs by a list: a name up to the first space; LR by its last part alone."""
    found = []
    for line in list_file.read_text("utf-8").splitlines():
        name, shape = line.split(" ")
        hr, lr = gt / name, lq / Path(name).name
        height, width, channels = map(int, shape.strip("()").split(","))
        pair = tuple(np.asarray(Image.open(path)) for path in (hr, lr))
        assert pair[0].shape == (height, width, channels)
        found.append(pair)
    return found


def yjn870_evaluation(file: Path) -> list[Pair]:
    """Read whole images, or patches of any size, by number as yjn870's EvalDataset does."""
    import h5py

    with h5py.File(file) as opened:
        count = len(opened["lr"])
        return [
            (opened["hr"][str(number)][:, :], opened["lr"][str(number)][:, :])
            for number in range(count)
        ]


rdn_pytorch = yjn870_evaluation  # its training data too, in RGB


def webdataset_package(shards: list[Path]) -> dict[str, tuple[np.ndarray, np.ndarray, dict]]:
    import webdataset

    data = webdataset.WebDataset(
        [str(path) for path in shards], shardshuffle=False, empty_check=False
    ).decode("pilrgb")
    return {
        sample["__key__"]: (
            np.asarray(sample["hr.png"]), np.asarray(sample["lr.png"]), sample["json"]
        )
        for sample in data
    }  # fmt: skip


def hugging_face(shards: Path, cache: Path) -> dict[str, tuple[np.ndarray, np.ndarray, dict]]:
    """Return what `datasets` loads; `shards` is a pattern. Nothing is asked of its hub."""
    import datasets

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
        datasets.disable_progress_bars()
        loaded = datasets.load_dataset(
            "webdataset", data_files=str(shards), split="train", cache_dir=str(cache)
        )
    return {
        sample["__key__"]: (
            np.asarray(sample["hr.png"]), np.asarray(sample["lr.png"]), sample["json"]
        )
        for sample in loaded
    }  # fmt: skip


def hugging_face_folder(
    folder: Path, cache: Path, kind: str | None = None
) -> dict[str, list[dict]]:
    """Return the rows of each split that `datasets` finds in a data set by itself, or as `kind`."""
    import datasets

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
        datasets.disable_progress_bars()
        where = {"data_dir": str(folder)} if kind else {}
        loaded = datasets.load_dataset(kind or str(folder), cache_dir=str(cache), **where)
    sides = ("hr.png", "lr.png") if kind == "webdataset" else ("hr", "lr")
    found = {
        split: [
            row | {side: np.asarray(row[side].convert("RGB")) for side in sides} for row in rows
        ]
        for split, rows in loaded.items()
    }
    gc.collect()  # it leaves its lists open until then
    return found


def parquet_pairs(file: Path) -> list[Pair]:
    """Return the pictures of a shard."""
    from pyarrow import parquet

    rows = parquet.read_table(file).to_pylist()
    return [tuple(png(row[side]["bytes"]) for side in ("hr", "lr")) for row in rows]


def lmdb_value(folder: Path, key: str) -> np.ndarray:
    import lmdb

    environment = lmdb.open(str(folder), readonly=True, lock=False)
    with environment, environment.begin() as transaction:
        return png(transaction.get(key.encode()))


def tar_members(shard: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(shard) as opened:
        return [(member, opened.extractfile(member).read()) for member in opened]


def png(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def figures(data: bytes) -> dict:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(data, parse_constant=refuse)
