"""``how-to-train.md``: what to tell a trainer so that it reads the data set that this lies in."""

import json
import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from string import Template

from srviewer.errors import ExportError, SrviewerError, reason
from srviewer.export.findings import Finding, Kind
from srviewer.export.layout import SETS
from srviewer.export.options import LABELS
from srviewer.export.profiles import PROFILES
from srviewer.export.run_file import WITH_PAIRS, RunFile
from srviewer.export.selecting import validation_in
from srviewer.export.settling import unusual_patch, unusual_place
from srviewer.export.target import Target
from srviewer.pipeline.texts import read_text
from srviewer.runs.folders import is_file, write_text
from srviewer.wording import counted

HOW_TO_TRAIN = "how-to-train.md"
_SHARE = LABELS["validation_share"]
_NO_SPLIT = f"""\
No pairs are held back for validation. To hold back a tenth, export with *{_SHARE}* at 10 % in the
window, or `--validation-share 0.1` on the command line.
"""
_NO_OTHER_IMAGE = """\
No pairs are held back for validation, as all are of one image, or of images with equal content.
"""
_NO_PAIRS = "There is nothing to train on: no image has given a pair.\n"
_ENLARGED = """\
LR is enlarged to HR's size (`lr_layout = upscaled`, as for SRCNN): therefore `scale: 1`, and a
network that does not enlarge, in BasicSR `type: SRVGGNetCompact` with `upscale: 1`. Networks of
x2, x3 or x4, as HAT and SwinIR, need `lr_layout = native`, which the preset `modern` has.
"""

_OWN_SETS = (
    "Other sets that the file names for validation, as Set5, go out where you have not got them.\n"
)

_NO_WHOLE = f"""
It also wants `--eval-file`, with whole images, of which there are none here: an export of the
images with `--validation-share 0.1 --whole validation` (in the window *{_SHARE}* and
*{LABELS["whole"]}*) holds them back; no conversion can.
"""


def write_how_to_train(target: Target, run_file: RunFile) -> None:
    """Write the file of a complete data set, where a trainer is named.

    It names the folder where that lies now, so it is no part of what `checksums.sha256` lists:
    a data set may be moved.
    """
    if target.options.profile is None:
        return
    held = validation_in(run_file, target.options)
    counts = dict.fromkeys(SETS, 0)
    for known in run_file.images(WITH_PAIRS):
        counts[SETS[known.name in held]] += known.pairs
    write_text(target.out, HOW_TO_TRAIN, how_to_train(target, counts))


def how_to_train(target: Target, counts: Mapping[str, int]) -> str:
    """Return the text of the file; `counts` are the pairs of each set.

    Without a split, all are of the first.
    """
    profile = PROFILES[target.options.profile or ""]
    train, validation = (counts[name] for name in SETS)
    whole, whole_held = (target.options.whole in ("all", name) for name in SETS)
    some = counted(validation, "whole image") if whole_held and not whole else f"{validation:,}"
    held = f", {some} for validation" if validation else ""
    patch, small = target.recipe.patch, target.recipe.patch // target.shrink
    sizes = "whole images" if whole else f"HR {patch} x {patch} px, LR {small} x {small} px"
    values = _values(target, train, validation)
    validate = Template(profile.validate if validation else "").substitute(values)
    no_split = _NO_OTHER_IMAGE if target.options.validation_share else _NO_SPLIT
    told = unusual_place(profile, target.out), unusual_patch(profile, target.recipe)
    is_enlarged = target.shrink < target.recipe.scale and profile.crop is not None
    lines = (
        Template(profile.train).substitute(values),
        validate,
        Template(profile.start).substitute(values) + (_OWN_SETS if profile.start else ""),
        "" if validation else no_split,
    )
    parts = (
        f"# How to train with {profile.label}\n",
        f"{counted(train, 'pair')}{held}, in {values['root']}: {sizes}, "
        f"made at x{target.recipe.scale}.\n"
        "Each export into this folder writes these lines anew, with its place.\n",
        *(f"**{profile.label}: {words}.**\n" for words in told if words),
        _ENLARGED if is_enlarged else "",
        *(lines if train else [_NO_PAIRS]),
    )
    return "\n".join(part for part in parts if part)


def wrong_how_to_train(target: Target, counts: Mapping[str, int]) -> Finding | None:
    """Return what is wrong with the file of a complete data set; it may name another folder."""
    if target.options.profile is None:
        return None
    try:
        if not is_file(target.out, HOW_TO_TRAIN):
            return Finding(Kind.MISSING, HOW_TO_TRAIN, "no such file")
        text = read_text(target.out / HOW_TO_TRAIN, ExportError)
        place = re.search(r'in ("(?:[^"\\]|\\.)*"): (?:HR|whole) ', text)
        there = replace(target, out=Path(json.loads(place[1]))) if place else target
    except (SrviewerError, OSError, ValueError) as error:
        return Finding(Kind.UNREADABLE, HOW_TO_TRAIN, reason(error))
    if text == how_to_train(there, counts):
        return None
    return Finding(Kind.CHECKSUM, HOW_TO_TRAIN, "not what the export writes")


def _values(target: Target, train: int, validation: int) -> dict[str, object]:
    """Return what the names in a profile's words stand for."""
    root, split = target.out.absolute(), validation > 0
    patch, shrink = target.recipe.patch, target.shrink
    crop = PROFILES[target.options.profile or ""].crop
    side = patch if crop is None else min(patch, crop[1] * target.recipe.scale)
    sets = SETS if split else ("", "")
    folders = {which: _folders(target, name) for which, name in zip(SETS, sets, strict=True)}
    first = f"{SETS[0]}/" if split or target.options.card else ""
    per_shard = target.options.shard_size or 1
    last_shards = (max(1, -(-count // per_shard)) - 1 for count in (train, validation))
    shard, held = (f"pairs-{{000000..{number:06d}}}.tar" for number in last_shards)
    last = f"{train + 1}-{train + validation}" if split else f"1-{min(train, 10)}"
    file, whole = root / f"{first}pairs.h5", root / "validation/pairs.h5"
    has_eval = split and target.has_whole
    return {
        "root": _quoted(root),
        "sh_root": _for_shell(root),
        "train_hr": _quoted(root / folders[SETS[0]][0]),
        "train_lr": _quoted(root / folders[SETS[0]][1]),
        "hr": _quoted(root / folders[SETS[1]][0]),
        "lr": _quoted(root / folders[SETS[1]][1]),
        "list": _quoted(root / ("train.txt" if split else "meta_info.txt")),
        "sh_file": _for_shell(file),
        "eval_file": f" --eval-file {_for_shell(whole)}" if has_eval else "",
        "no_eval_file": "" if has_eval else _NO_WHOLE,
        "file_list": _quoted(file.with_suffix(".txt")),
        "eval_list": _quoted(root / "validation/pairs.txt"),
        "shards": _quoted(_pattern(root, f"{first}{shard}")),
        "held_shards": _quoted(_pattern(root, f"{SETS[1]}/{held}")),
        "io": "lmdb" if target.format == "lmdb" else "disk",
        "scale": target.recipe.scale,
        "factor": shrink,
        "patch": side,
        "lr_patch": side // shrink,
        "pairs": train,
        "test_range": last,
    }


def _folders(target: Target, which: str) -> tuple[str, str]:
    """Return where HR and LR of a set lie."""
    if target.container is not None:
        return f"{which}/hr.lmdb".lstrip("/"), f"{which}/lr.lmdb".lstrip("/")
    layout = target.layout
    if which not in layout.sets:
        which = layout.first
    return layout.root(which, "hr"), layout.root(which, "lr")


def _quoted(path: Path | str) -> str:
    """Return `path` in quotes, in one line of UTF-8, as YAML, TOML, JSON and Python read it.

    A byte of it that is no UTF-8 is what Python has for that; TOML alone takes none.
    """
    return "".join(
        one if one.isprintable() else json.dumps(one)[1:-1]
        for one in json.dumps(str(path), ensure_ascii=False)
    )


def _for_shell(path: Path) -> str:
    """Return `path` as a shell takes it, in one line of UTF-8."""
    if str(path).isprintable():
        return shlex.quote(str(path))
    letters = (
        chr(one) if 0x20 <= one < 0x7F and one not in b"\\'" else f"\\{one:03o}"
        for one in os.fsencode(path)
    )
    return f"$'{''.join(letters)}'"


def _pattern(path: Path, files: str) -> str:
    """Return, as webdataset expands it, the pattern `files` in the folder `path`."""
    plain = re.sub(r"[\\{}]", r"\\\g<0>", str(path))
    return f"{plain}/{files}"
