"""What Hugging Face's datasets load the pairs of a data set by: a card, and lists of pictures."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from srviewer.export.containers.base import FOLDERS as PARTS
from srviewer.export.manifest import Row, csv_text
from srviewer.export.options import FOLDERS, Options
from srviewer.export.run_file import WITH_PAIRS, RunFile
from srviewer.export.target import Target
from srviewer.pipeline.recipe_file import to_toml
from srviewer.runs.folders import find, is_file, remove_file, replacing, write_text
from srviewer.wording import counted

CARD, METADATA = "README.md", "metadata.csv"
_CARD = "card"  # what the run file has of the card that was written
_FILES = {
    "parquet": ("pairs-*.parquet",),
    "webdataset": ("pairs-*.tar",),
    **dict.fromkeys(FOLDERS, (METADATA, "hr/**", "lr/**")),
}
"""The files of a part of a data set that datasets load, by its format."""


def wants_card(format: str, options: Options) -> bool:
    """Tell whether a data set has a card: one that nothing else reads always does."""
    return options.card or format == "parquet"


def metadata_files(target: Target) -> list[str]:
    """Return the lists of pictures that the data set has."""
    if target.container is not None or not wants_card(target.format, target.options):
        return []
    return [f"{part}{METADATA}" for part in PARTS if find(target.out, f"{part}{METADATA}")]


def write_metadata(target: Target, run_file: RunFile) -> list[str]:
    """Write a list of pictures beside those of each part, as ``imagefolder`` takes pairs by.

    Returns
    -------
    list of str
        The lists, relative to the data set.
    """
    if target.container is not None or not wants_card(target.format, target.options):
        return []
    files: dict[str, IO[bytes]] = {}
    with ExitStack() as stack:
        for row in itertools.chain.from_iterable(_rows(target, run_file)):
            part = _part(row.hr)
            if part not in files:
                files[part] = stack.enter_context(replacing(target.out, f"{part}{METADATA}"))
                columns = [f"{name}_file_name" for name in ("hr", "lr")]
                _write(files[part], [*columns, *_others(row._fields, row)])
            places = (row.hr.removeprefix(part), row.lr.removeprefix(part))
            _write(files[part], [*places, *_others(row, row)])
    written = [f"{part}{METADATA}" for part in files]
    for name in metadata_files(target):
        if name not in written:
            remove_file(target.out, name)
    return written


def _rows(target: Target, run_file: RunFile) -> Iterator[list[Row]]:
    return run_file.manifest(target.recipe, by_text=target.told_by_text)


def _part(place: str) -> str:
    """Return the part of the data set that a `place` is in, with ``/``."""
    return next(part for part in reversed(PARTS) if place.startswith(part))


def _others(cells: Iterable[str], row: Row) -> list[str]:
    """Return those of `cells` that are not in the columns of places."""
    pairs = zip(row._fields, cells, strict=True)
    return [cell for name, cell in pairs if name not in ("hr", "lr")]


def _write(file: IO[bytes], cells: list[str]) -> None:
    file.write(csv_text([cells]).encode("utf-8", "surrogateescape"))


def write_card(target: Target, run_file: RunFile) -> str:
    """Write the card, unless a person has changed it or has one of their own there.

    Returns
    -------
    str
        In words that it was left as it is; empty where it was written.
    """
    if not wants_card(target.format, target.options):
        return ""
    text = card_text(target, run_file)
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    if find(target.out, CARD):
        there = _digest(target.out)
        if there == digest:
            run_file.set(_CARD, digest)
            return ""
        if there != run_file.get(_CARD):
            return f"{CARD} was written by hand and is left as it is: its counts may be others"
    write_text(target.out, CARD, text)
    run_file.set(_CARD, digest)
    return ""


def remove_card(target: Target, run_file: RunFile) -> None:
    """Remove what `write_card` and `write_metadata` wrote, and nothing that a person did."""
    for name in metadata_files(target):
        remove_file(target.out, name)
    if find(target.out, CARD) and run_file.get(_CARD) == _digest(target.out):
        remove_file(target.out, CARD)


def _digest(out: Path) -> str | None:
    """Return the checksum of the card; None where it is no plain file."""
    return hashlib.sha256((out / CARD).read_bytes()).hexdigest() if is_file(out, CARD) else None


_TEXT = """\
---
# license: to be filled in
task_categories:
- image-to-image
tags:
- super-resolution
configs:
- config_name: default
  data_files:
{files}
---

# Pairs for super-resolution, x{scale}

{parts}

{hr} and {lr} are the pictures; what the manifest tells of a pair (image, place, keypoints, matches,
and PSNR and SSIM of LR enlarged to the size of HR) stands beside them.

```python
from datasets import load_dataset

pairs = load_dataset("FOLDER")  # or the name on the hub
```

## Licence

To be filled in: whose are the photographs, and under which licence?

## Recipe

Made by srviewer:

```toml
{recipe}```
"""


def card_text(target: Target, run_file: RunFile) -> str:
    """Return the card: how datasets find the pairs, counts, sizes and the recipe."""
    counts, images = dict.fromkeys(PARTS, 0), dict.fromkeys(PARTS, 0)
    for known in run_file.images(WITH_PAIRS):
        part = _part(run_file.pairs(known.name, "NOT dropped", 1)[0].hr)
        counts[part] += known.pairs
        images[part] += 1
    recipe, files, parts = target.recipe, [], []
    for part in [part for part in PARTS[1:] if images[part]] or [""]:
        split = part.rstrip("/") or "train"
        files += [f"  - split: {split}", "    path:"]
        files += [f'    - "{part}{pattern}"' for pattern in _FILES[target.format]]
        size = f"HR {recipe.patch} px, LR {recipe.patch // target.shrink} px"
        if target.options.whole in ("all", split):
            size = "whole images"
        of = f"{counted(counts[part], 'pair')} of {counted(images[part], 'image')}"
        parts.append(f"- {split}: {of}; {size}")
    dot = ".png" if target.format == "webdataset" else ""
    return _TEXT.format(
        files="\n".join(files),
        scale=recipe.scale,
        parts="\n".join(parts),
        hr=f"`hr{dot}`",
        lr=f"`lr{dot}`",
        recipe=to_toml(recipe),
    )
