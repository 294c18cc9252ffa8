"""What each trainer finds in an export for it, by the lines that it is told."""

import ast
import csv
import json
import os
import re
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from braceexpand import braceexpand

from srviewer.cli import _command_parser
from srviewer.commands.recipe_flags import given
from srviewer.commands.recipe_flags import recipe_of as recipe_of_words
from srviewer.errors import ConflictError, OptionError
from srviewer.export.converting import convert
from srviewer.export.findings import Finding, Kind
from srviewer.export.how_to_train import HOW_TO_TRAIN, how_to_train, wrong_how_to_train
from srviewer.export.options import FORMATS, LABELS, OPTIONS, Options
from srviewer.export.profiles import PROFILES
from srviewer.export.run_file import RUN_FILE, RunFile
from srviewer.export.settling import How, read_by, settled, suited, unusual, unusual_patch
from srviewer.export.target import Target
from srviewer.export.verification.verifying import verify
from srviewer.pipeline.recipe import PRESETS, Recipe
from tests.conftest import REPOSITORY
from tests.export.consumers import basicsr_lmdb, png, tar_members
from tests.export.helpers import RECIPE, pixels, recipe_for, rows_of, run, tree

NATIVE = RECIPE.replace(lr_layout="native", patch=32, stride=28)
OUT = Path("/pairs")
RECIPES = {"srcnn-caffe": RECIPE, "srcnn-pytorch": RECIPE}
SPLIT = 0.34
PAGE = "docs/training.md"


def recipe_of(profile: str):
    return RECIPES.get(profile, NATIVE)


def told(out: Path, key: str) -> list[str]:
    """Return what stands in quotes behind `key` in what the data set tells of training."""
    text = (out / HOW_TO_TRAIN).read_text("utf-8")
    return [json.loads(found) for found in re.findall(rf'\b{key}"?\W*[:=] ?\[?(".*?")', text)]


def both(hr: list[Path], lr: list[Path]) -> list[tuple[np.ndarray, np.ndarray]]:
    assert len(hr) == len(lr)
    return [(pixels(one), pixels(other)) for one, other in zip(hr, lr, strict=True)]


def by_folder(out: Path, hr_key: str, lr_key: str, suffixes: tuple[str, ...], *, recursive: bool):
    """Take all files of each two folders that are told, LR by the name of HR."""
    found = []
    for hr, lr in zip(told(out, hr_key), told(out, lr_key), strict=True):
        files = sorted(Path(hr).glob("**/*" if recursive else "*"))
        files = [path for path in files if path.is_file()]
        assert all(path.suffix in suffixes for path in files)
        assert len(files) == len([path for path in Path(lr).rglob("*") if path.is_file()])
        found.append(both(files, [Path(str(path).replace(hr, lr)) for path in files]))
    return found


def real_esrgan(out: Path):
    found = []
    for list_file in told(out, "meta_info"):
        lines = [line.strip().split(", ") for line in Path(list_file).read_text().splitlines()]
        root = told(out, "dataroot_gt")[0]
        assert told(out, "dataroot_lq")[0] == root
        hr, lr = ([Path(root, line[side]) for line in lines] for side in (0, 1))
        found.append(both(hr, lr))
    held = told(out, "dataroot_gt")[1:]
    return found + [both(sorted(Path(hr).glob("*")), sorted(Path(hr).parent.glob("lr/*")))
                    for hr in held]  # fmt: skip


def edsr(out: Path):
    text = (out / HOW_TO_TRAIN).read_text("utf-8")
    ranges = re.search(r"--data_range (\d+)-(\d+)/(\d+)-(\d+)", text)
    first, last, test_first, test_last = map(int, ranges.groups())
    names = sorted((out / "DIV2K" / "DIV2K_train_HR").glob("*.png"))
    lr = [out / "DIV2K" / "DIV2K_train_LR_bicubic" / "X4" / f"{one.stem}x4.png" for one in names]
    ends = [(first, last)] + ([(test_first, test_last)] if test_first > last else [])
    return [both(names[a - 1 : b], lr[a - 1 : b]) for a, b in ends]


def shards(out: Path):
    found = []
    for folder in [path for path in (out / "train", out / "validation") if path.is_dir()]:
        tars = sorted(folder.glob("*.tar"))
        patterns = re.findall(r'^ +- "(.*)"$', (out / "README.md").read_text(), re.MULTILINE)
        assert tars == [tar for one in patterns for tar in sorted(out.glob(one)) if tar in tars]
        members = [one for tar in tars for one in tar_members(tar)]
        hr, lr = ([png(data) for member, data in members if member.name.endswith(f".{side}.png")]
                  for side in ("hr", "lr"))  # fmt: skip
        found.append(list(zip(hr, lr, strict=True)))
    return found


def by_metadata(out: Path):
    """Take what each list of pictures names, as `imagefolder` does."""
    found = []
    for folder in [path for path in (out / "train", out / "validation") if path.is_dir()]:
        with open(folder / "metadata.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        hr, lr = ([folder / row[f"{side}_file_name"] for row in rows] for side in ("hr", "lr"))
        found.append(both(hr, lr))
    return found


LOADERS = {
    "basicsr": lambda out: by_folder(out, "dataroot_gt", "dataroot_lq", (".png",), recursive=False),
    "real-esrgan": real_esrgan,
    "trainner": lambda out: by_folder(out, "dataroot_gt", "dataroot_lq", (".png",), recursive=True),
    "neosr": lambda out: by_folder(out, "dataroot_gt", "dataroot_lq", (".png",), recursive=True),
    "kair": lambda out: by_folder(out, "dataroot_H", "dataroot_L", (".png",), recursive=True),
    "edsr": edsr,
    "huggingface": by_metadata,
    "webdataset": shards,
}


def as_bytes(pairs) -> list[tuple[bytes, bytes]]:
    return sorted((hr.tobytes(), lr.tobytes()) for hr, lr in pairs)


@pytest.mark.parametrize("share", [0.0, SPLIT])
@pytest.mark.parametrize("profile", LOADERS)
def test_a_trainer_finds_all_pairs_and_their_very_pixels(photos, whole, tmp_path, profile, share):
    out = tmp_path / "it's a set"
    run(photos, out, None, NATIVE, options=Options(profile=profile, validation_share=share))
    plain = whole("bmp", recipe=NATIVE)
    rows = rows_of(plain)
    held = {row["image"] for row in rows_of(out) if "validation" in row["hr"]}
    assert len(held) == (1 if share else 0)
    sets = LOADERS[profile](out)
    assert len(sets) == 1 + bool(share)
    for number, found in enumerate(sets):
        mine = [row for row in rows if (row["image"] in held) == bool(number)]
        assert as_bytes(found) == as_bytes((pixels(plain / row["hr"]), pixels(plain / row["lr"]))
                                           for row in mine)  # fmt: skip


def test_basicsr_reads_the_environments_that_it_is_told(photos, out):
    run(photos, out, "lmdb", NATIVE, options=Options(profile="basicsr", validation_share=SPLIT))
    (hr, held), lr = told(out, "dataroot_gt"), told(out, "dataroot_lq")[0]
    assert Path(hr).parent == Path(lr).parent
    assert "type: lmdb" in (out / HOW_TO_TRAIN).read_text()
    count = len(basicsr_lmdb(Path(hr).parent)) + len(basicsr_lmdb(Path(held).parent))
    assert count == len(rows_of(out))


# What is refused, and what is told


def test_a_profile_settles_what_is_not_named():
    none = Options()
    assert settled(None, none, NATIVE).format == "png"
    how = settled(None, Options(profile="edsr"), NATIVE)
    assert (how.format, how.options.layout) == ("png", "div2k")
    assert settled("lmdb", Options(profile="neosr"), NATIVE).options.layout is None
    there = How("webp", Options(layout="flat", lists="names"))
    assert settled(None, none, NATIVE, there) == there
    assert settled(None, Options(profile="trainner"), NATIVE, there).format == "webp"
    assert settled(None, Options(profile="kair"), NATIVE, there).format == "png"
    old = How("tiff", Options(layout="earlier"))
    assert settled("tiff", none, NATIVE, old).options.layout == "earlier"
    assert settled("png", none, NATIVE, old).options.layout == "folders"


@pytest.mark.parametrize(
    ("format", "options", "recipe", "words"),
    [
        ("bmp", Options(profile="neosr"), NATIVE, "format = 'bmp'.*neosr.*png or webp or lmdb"),
        (None, Options(profile="kair", layout="div2k"), NATIVE, "layout = 'div2k'.*KAIR.*flat"),
        (None, Options(profile="basicsr", lists="pairs", layout="folders"), NATIVE, "layout"),
        (None, Options(profile="edsr"), RECIPE, "lr_layout = 'upscaled'.*EDSR.*native"),
        (None, Options(profile="srcnn-caffe"), NATIVE, "lr_layout = 'native'.*Caffe.*upscaled"),
        (None, Options(profile="srcnn-caffe", axes="nhwc"), RECIPE, "axes = 'nhwc'.*Caffe.*nchw"),
        (None, Options(profile="srcnn-pytorch", whole="all"), RECIPE, "whole = 'all'.*validation"),
    ],
)
def test_what_the_trainer_does_not_read_is_refused(format, options, recipe, words):
    with pytest.raises(OptionError, match=words):
        settled(format, options, recipe)


@pytest.mark.parametrize(
    ("format", "options", "words"),
    [
        ("png", Options(card=True), "load_dataset of datasets, BasicSR by meta_info_file, others"),
        ("bmp", Options(lists="pairs", layout="hub"), "others by the folders train/hr"),
        ("webdataset", Options(card=True), "load_dataset of datasets"),
        ("hdf5", Options(), "yjn870's .* by --train-file"),
        ("hdf5", Options(whole="all"), "yjn870's .* by --eval-file"),
        ("hdf5", Options(channels="rgb"), "RDN-pytorch"),
        ("srcnn-hdf5", Options(), "SRCNN's Caffe"),
        ("srcnn-hdf5", Options(axes="nhwc"), "SRCNN-TensorFlow"),
        ("png", Options(layout="div2k"), "EDSR-PyTorch, as DIV2K$"),
        (None, Options(profile="neosr"), "neosr: .*; see how-to-train.md$"),
    ],
)
def test_who_reads_what_is_exported_for_no_trainer(format, options, words):
    assert re.match(words, read_by(settled(format, options, NATIVE)))


def test_an_unusual_patch_is_told_with_a_usual_one():
    small = unusual(Options(profile="neosr"), NATIVE, OUT)
    assert "neosr: patches of 128 to 256 px are usual, not 32; set patch = 256" in small
    assert unusual(Options(profile="neosr"), NATIVE.replace(patch=512), OUT) == ""
    large = NATIVE.replace(patch=96)
    assert "17 to 64 px are usual, not 96" in unusual(Options(profile="srcnn-pytorch"), large, OUT)
    srcnn = {"profile": "srcnn-pytorch", "validation_share": SPLIT}
    assert "of which there will be none" in unusual(Options(**srcnn), RECIPE, OUT)
    assert unusual(settled(None, Options(**srcnn), RECIPE).options, RECIPE, OUT) == ""
    assert unusual(Options(), NATIVE, OUT) == ""


@pytest.mark.parametrize(
    ("profile", "name", "told"),
    [
        ("huggingface", "a[1]", "'['"),  # datasets look for what it stands for
        ("huggingface", "a#b", ""),
        ("webdataset", "a#b ::", "'::', '#'"),
        ("srcnn-caffe", "a b", "' '"),
        ("basicsr", "a [b] *", ""),
    ],
)
def test_a_place_that_the_loader_takes_for_another_is_told(profile, name, told):
    out = OUT / name
    words = unusual(Options(profile=profile), RECIPE.replace(patch=64), out)
    assert words.startswith(f"{PROFILES[profile].label}: {told} in the folder") == bool(told)
    how = settled(None, Options(profile=profile), RECIPE)
    text = how_to_train(Target(out, RECIPE, how.format, how.options), {"train": 2, "validation": 0})
    assert (f"{told} in the folder" in text) == bool(told)


@pytest.mark.parametrize("profile", PROFILES)
def test_an_lr_of_hrs_size_is_told_or_refused_where_networks_enlarge(profile):
    options, article = Options(profile=profile), PRESETS["article"]
    takes = PROFILES[profile].lr_layouts
    told = unusual(options, article, Path("pairs"))
    enlarges = PROFILES[profile].crop is not None
    assert ("set lr_layout = native" in told) == enlarges
    assert enlarges <= ("patches of" in told)
    assert "lr_layout" not in unusual(options, PRESETS["modern"], Path("pairs"))
    for recipe in (article, NATIVE, article.replace(scale=3, patch=200)):
        suits = suited(options, recipe)
        settled(None, options, suits)  # which is not refused
        assert unusual_patch(PROFILES[profile], suits) == ""
        assert suits.lr_layout == ("native" if enlarges else recipe.lr_layout) or len(takes) == 1
        assert suited(options, suits) == suits
        assert suits.differences(recipe).keys() <= {"lr_layout", "patch", "stride"}
    assert suited(Options(), article) == article


def test_larger_patches_are_cropped_by_who_trains(photos, out):
    recipe = NATIVE.replace(patch=128, stride=40, min_keypoints=0, scale=2, lr_layout="native")
    run(photos, out, None, recipe, options=Options(profile="edsr"))
    assert "--scale 2 --patch_size 96 " in (out / HOW_TO_TRAIN).read_text()


def how_to(profile: str, recipe: Recipe = NATIVE, held: int = 0, whole: str = "none") -> str:
    """Return what a data set that need not be there tells of training."""
    share = SPLIT if held else 0.0
    how = settled(None, Options(profile=profile, validation_share=share, whole=whole), recipe)
    target = Target(Path("pairs"), recipe, how.format, how.options)
    return how_to_train(target, {"train": 20, "validation": held})


def test_any_place_is_told_in_utf_8_and_stays_in_its_line(tmp_path):
    place = tmp_path / os.fsdecode(b"\xff'\n```\n# `x` {a,b} $HOME \\")
    target = Target(place, RECIPE, "webdataset", Options(profile="webdataset"))
    text = how_to_train(target, {"train": 20, "validation": 0})
    assert [line[:3] for line in text.splitlines() if line.startswith(("#", "```"))] == [
        "# H", "```", "```",
    ]  # fmt: skip
    loaded = re.search(r"load_dataset\((.*?)\)\[", text)
    assert ast.literal_eval(loaded[1]) == str(place)
    shards = ast.literal_eval(re.search("shards = (.*)", text)[1])
    assert list(braceexpand(shards))[-1] == f"{place}/pairs-000019.tar"
    target = replace(target, format="hdf5", options=Options(profile="srcnn-pytorch"))
    text = how_to_train(target, {"train": 20, "validation": 0})
    file = re.search(r"--train-file (.*) \\\n", text)[1]
    told = subprocess.run(["bash", "-c", f"printf %s {file}"], capture_output=True, check=True)
    assert told.stdout == os.fsencode(place / "pairs.h5")
    assert wrong_how_to_train(target, {"train": 20, "validation": 0}).what == "no such file"
    place.mkdir()
    (place / HOW_TO_TRAIN).write_text(text, "utf-8")
    assert wrong_how_to_train(target, {"train": 20, "validation": 0}) is None


def test_what_is_whole_is_told_as_that(tmp_path):
    sizes = "HR 32 x 32 px, LR 8 x 8 px"
    assert f'20 pairs, 3 for validation, in "{Path.cwd()}' in how_to("kair", held=3)
    assert sizes in how_to("kair", held=3)
    some = how_to("kair", held=1, whole="validation")
    assert "20 pairs, 1 whole image for validation, in " in some
    assert sizes in some
    text = how_to("kair", held=3, whole="all")
    assert re.search('20 pairs, 3 for validation, in ".*": whole images, made at x4', text)
    assert sizes not in text
    options = Options(profile="kair", layout="flat", validation_share=SPLIT, whole="all")
    (tmp_path / HOW_TO_TRAIN).write_text(text, "utf-8")
    target = Target(tmp_path, NATIVE, "png", options)
    assert wrong_how_to_train(target, {"train": 20, "validation": 3}) is None


@pytest.mark.parametrize("profile", PROFILES)
def test_what_was_told_of_the_patch_is_told_with_the_lines(profile):
    recipe = recipe_of(profile)
    words = unusual_patch(PROFILES[profile], recipe)
    assert (f"**{PROFILES[profile].label}: {words}.**" in how_to(profile, recipe)) == bool(words)
    if PROFILES[profile].crop:
        assert words
        assert "are usual" not in how_to(profile, recipe.replace(patch=256))


def test_an_lr_that_is_enlarged_is_told_with_what_that_asks_for():
    enlarged = how_to("basicsr", RECIPE)
    assert "scale: 1\n" in enlarged
    assert "LR is enlarged to HR's size" in enlarged
    assert "`lr_layout = native`" in enlarged
    assert "preset `modern`" in enlarged
    assert "`upscale: 1` in its `network_g`" in enlarged
    assert "`upscale: 4` in its `network_g`" in how_to("basicsr")
    assert PRESETS["modern"].lr_layout == "native"
    for profile in PROFILES:
        other = RECIPE if profile == "srcnn-caffe" else NATIVE
        assert "enlarged" not in how_to(profile, other)


@pytest.mark.parametrize(
    ("profile", "file", "command"),
    [
        ("basicsr", "options/train/", "python basicsr/train.py -opt "),
        ("real-esrgan", "options/finetune_", "python realesrgan/train.py -opt "),
        ("trainner", "options/_templates/train/", "python train.py -opt "),
        ("neosr", "options/train_", "python train.py -opt "),
        ("srcnn-caffe", "SRCNN_net.prototxt", "caffe train --solver="),
        ("kair", "options/train_", "python main_train_psnr.py --opt "),
    ],
)
def test_where_the_lines_go_and_what_starts_the_training_is_told_once(profile, file, command):
    for held in (0, 5):
        text = how_to(profile, recipe_of(profile), held)
        assert file in text
        assert text.count(command) == 1
        assert ("as Set5" in text) == bool(PROFILES[profile].start)


def test_a_set_that_cannot_be_split_says_so_and_how_to_split_is_not_told(tiny, out):
    options = Options(profile="kair", validation_share=SPLIT)
    state = run(tiny / "test.png", out, None, recipe_for("kair"), options=options)
    assert state.in_set
    converted = convert(out, out.with_name("other"), named={"profile": "neosr"}, jobs=1)
    for one in (state, converted):
        assert [note for _, note in one.notes if "no pairs are held back for validation" in note]
    text = (out / HOW_TO_TRAIN).read_text("utf-8")
    assert "all are of one image" in text
    assert "--validation-share" not in text
    state = run(tiny, out, None, recipe_for("kair"), options=options)
    assert not [note for _, note in state.notes if "held back" in note]


@pytest.mark.parametrize("profile", PROFILES)
def test_no_lines_are_told_where_there_is_nothing_to_train_on(profile):
    share = Options(profile=profile, validation_share=SPLIT)
    recipe = recipe_of(profile)
    how = settled(None, share, recipe)
    text = how_to_train(Target(Path("x"), recipe, *how), dict.fromkeys(("train", "validation"), 0))
    assert "nothing to train on" in text
    assert "```" not in text


def test_pairs_for_validation_are_told_of_each_loader_of_python():
    assert '["validation"]' in how_to("huggingface", held=5)
    assert '/pairs/validation/pairs-{000000..000000}.tar"' in how_to("webdataset", held=5)
    assert "held_back" not in how_to("huggingface") + how_to("webdataset")


def test_a_trainer_that_there_is_not_is_told_by_its_flag(call, tmp_path):
    code, _, told = call("export", tmp_path, "--out", tmp_path / "out", "--for", "bascsr")
    assert code == 2
    assert f"--for = 'bascsr': allowed is one of {', '.join(PROFILES)}" in told


def test_a_share_for_validation_is_named_as_in_the_window_and_as_a_flag():
    both = (f"*{LABELS['validation_share']}*", "`--validation-share 0.1`")
    assert all(one in how_to("neosr") for one in both)
    assert not any(one in how_to("neosr", held=5) for one in both)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_names_what_there_is(profile):
    one = PROFILES[profile]
    assert one.formats
    assert set(one.formats) <= set(FORMATS)
    settled(None, Options(profile=profile), recipe_of(profile))


def test_pairs_for_another_trainer_are_a_conflict_where_they_lie_otherwise(photos, out):
    run(photos, out, None, NATIVE, options=Options(profile="neosr"))
    before = tree(out)
    run(photos, out, None, NATIVE, options=Options(profile="kair"))
    changed = {name for name, data in tree(out).items() if data != before.get(name)}
    assert changed == {HOW_TO_TRAIN, "export.toml", "checksums.sha256"}
    with pytest.raises(ConflictError, match="layout flat there, div2k here"):
        run(photos, out, None, NATIVE, options=Options(profile="edsr"))
    run(photos, out, None, NATIVE, options=Options(profile="edsr"), overwrite=True)
    assert not (out / "hr").exists() or not any((out / "hr").iterdir())


# What is told of the trainers


def commands(text: str) -> list[list[str]]:
    """Return the words of each command of ours in the blocks of a Markdown `text`."""
    blocks = "\n".join(re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ")
    small = re.findall(r'^SMALL="(.*)"$', blocks, re.MULTILINE)
    lines = [line.replace("$SMALL", small[0]) if small else line for line in blocks.splitlines()]
    return [
        shlex.split(line.partition(" >")[0], comments=True)[1:]
        for line in lines
        if line.startswith("srviewer ")
    ]


@pytest.mark.parametrize("page", ["README.md", "docs/training.md"])
def test_commands_that_are_shown_are_those_that_there_are(page):
    shown = commands((REPOSITORY / page).read_text("utf-8"))
    assert len(shown) >= 10
    for words in (_command_parser(one[0]).parse_args(one[1:]) for one in shown):
        if words.command == "export" and words.recipe is None:
            settled(words.format, Options(**given(words, OPTIONS)), recipe_of_words(words))


def test_the_pages_tell_of_each_trainer_what_its_profile_says():
    readme, page = ((REPOSITORY / name).read_text("utf-8") for name in ("README.md", PAGE))
    assert f"({PAGE})" in readme
    assert set(re.findall(r"--for ([a-z-]+)", page)) == set(PROFILES)
    rows = re.findall(r"^\| (.+) \| `(\w[a-z-]+)` \| (.+) \| (.+) \| .+ \|$", readme, re.MULTILINE)
    assert [name for _, name, _, _ in rows] == list(PROFILES)
    for label, name, formats, patch in rows:
        profile = PROFILES[name]
        assert label.startswith(profile.label)
        assert tuple(formats.split(", ")) == profile.formats
        side = profile.crop or profile.whole
        of = "LR" if profile.crop else "HR"
        usual = " to ".join(map(str, sorted(set(side)))) + f" px of {of}" if side else "any"
        assert patch == usual


def test_files_of_a_run_that_was_not_whole_are_noted_no_more_than_they_are_there(photos, tmp_path):
    options = Options(profile="srcnn-caffe", validation_share=SPLIT)
    names = sorted(path.name for path in photos.rglob("*.*"))
    images, made = tmp_path / "images", set()
    images.mkdir()
    for first in names:
        out = tmp_path / f"out of {first}"
        for wholes in ([first], names):  # those that can be read
            for name in names:
                stored = next(photos.rglob(name)).read_bytes()
                (images / name).write_bytes(stored if name in wholes else stored[:100])
            run(images, out, None, options=options)
            with RunFile(out, looking=True) as run_file:
                keys = [key for (key,) in run_file.rows("SELECT key FROM about")]
            noted = {key.removeprefix("file ") for key in keys if key.startswith("file ")}
            there = {name for name in tree(out) if name.endswith((".h5", "pairs.txt"))}
            assert noted - {"checksums-pairs.csv"} == there
            made.add(frozenset(there))
    assert len(made) > 1  # so that some had to go


@pytest.mark.parametrize("without_run_file", [False, True])
def test_lines_for_a_trainer_go_with_the_pairs_that_they_are_of(tiny, out, without_run_file):
    run(tiny, out, None, NATIVE, options=Options(profile="basicsr"))
    assert (out / HOW_TO_TRAIN).is_file()
    if without_run_file:
        (out / RUN_FILE).unlink()
    run(tiny, out, "bmp", NATIVE, overwrite=True)
    run(tiny, out.with_name("fresh"), "bmp", NATIVE)
    assert tree(out) == tree(out.with_name("fresh"))
    (out / HOW_TO_TRAIN).write_text("mine")
    run(tiny, out, "png", NATIVE, overwrite=True)
    assert (out / HOW_TO_TRAIN).read_text() == "mine", "no trainer was named"


def test_lines_for_a_trainer_that_cannot_be_read_are_told(tiny, out):
    run(tiny, out, None, NATIVE, options=Options(profile="basicsr"))
    (out / HOW_TO_TRAIN).unlink()
    (out / HOW_TO_TRAIN).mkdir()
    found: list[Finding] = []
    verify(out, jobs=1, on_finding=found.append)
    assert [(one.kind, one.name) for one in found] == [(Kind.UNREADABLE, HOW_TO_TRAIN)]
