"""An export as a command, as Python and as TOML: what a shell and Python read is what was meant."""

import os
import shlex
import subprocess
import threading
from pathlib import Path

import pytest

from srviewer.commands import export as command
from srviewer.commands.recipe_flags import recipe_of
from srviewer.errors import Cancelled, ExportError
from srviewer.export.copy_as import (
    Order,
    command_line,
    folders_as_whole,
    python_lines,
    quoted,
    recipe_toml,
    with_given_lr,
)
from srviewer.export.options import Options
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe import PRESETS, Recipe
from srviewer.pipeline.recipe_file import from_toml
from srviewer.runs.inputs import GivenLR, Rooted, as_given, collect

AWKWARD = [
    "plain",
    "with blank",
    "it's",
    'a "quote"',
    "-rf",
    "--out",
    "$HOME `id` $(id) ; & | > * ? [a] {b} ~ # !",
    "back\\slash \\0101",
    "line\nbreak",
    "ends with a line\n\n",
    "tab\tand \x1b[31m escape",
    "caf\N{LATIN SMALL LETTER E WITH ACUTE}",
    os.fsdecode(b"caf\xe9 %s 'x'.png"),
    os.fsdecode(b"\xff\n"),
    "\N{RIGHT-TO-LEFT OVERRIDE}gnp.exe",
]


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_shell_reads_every_name_as_it_is(shell: str) -> None:
    words = " ".join(map(quoted, AWKWARD))
    assert words.replace("\n", "").isprintable(), "a clipboard and a terminal hold it as it is"
    words.encode()
    done = subprocess.run([shell, "-c", f"printf '%s\\0' {words}"], capture_output=True, check=True)
    assert done.stdout.split(b"\0")[:-1] == list(map(os.fsencode, AWKWARD))


def test_plain_names_are_quoted_as_shlex_does() -> None:
    names = [name for name in AWKWARD if name.isprintable()]
    assert " ".join(map(quoted, names)) == shlex.join(names)


def parsed(line: str) -> object:
    """Return the options that the command line reads from its own `line`."""
    import argparse

    words = shlex.split(line)
    assert words[:2] == ["srviewer", "export"]
    parser = argparse.ArgumentParser()
    command.add_flags(parser)
    return parser.parse_args(words[2:])


def test_the_command_has_the_recipe_as_differences_from_its_preset(tmp_path: Path) -> None:
    recipe = PRESETS["v2"].replace(scale=3, quantize_after=False, error_margin=0.07)
    order = Order((tmp_path / "-a b.png",), tmp_path / "-out", recipe, "v2", "png")
    line = command_line(order)
    assert "--preset v2 --scale 3 --no-quantize-after --error-margin 0.07 --format png" in line
    options = parsed(line)
    assert recipe_of(options) == recipe  # type: ignore[arg-type]
    assert options.inputs == [tmp_path / "-a b.png"]  # type: ignore[attr-defined]
    assert options.out == tmp_path / "-out"  # type: ignore[attr-defined]
    excluding = Order((tmp_path / "a",), tmp_path, PRESETS["v2"], "v2", exclude=tmp_path / "-x y")
    assert parsed(command_line(excluding)).exclude == tmp_path / "-x y"  # type: ignore[attr-defined]
    assert "recipe = srviewer.PRESETS['v2']\n" in python_lines(excluding)


def test_a_preset_of_ones_own_is_told_from_the_defaults() -> None:
    recipe = Recipe(scale=3)
    line = command_line(Order((Path("a.png"),), Path("out"), recipe, "mine; rm -rf"))
    assert "--preset article --scale 3" in line
    assert recipe_of(parsed(line)) == recipe  # type: ignore[arg-type]


def test_only_the_options_of_the_format_are_told() -> None:
    options = Options(shard_size=7, channels="rgb", max_pairs=100, validation_share=0.25)
    line = command_line(
        Order((Path("a.png"),), Path("o"), Recipe(), options=options, format="webdataset", jobs=2)
    )
    assert line.endswith(
        "--format webdataset --shard-size 7 --max-pairs 100 --validation-share 0.25 --jobs 2"
    )
    assert "channels" not in line
    assert "--scale" not in line


def test_a_folder_stands_for_its_images_only_where_all_are_meant(tmp_path: Path) -> None:
    images = [tmp_path / "photos" / name for name in ("a.png", "b.png", "sub/c.png")]
    root = images[0].parent
    sources = tuple(Rooted(image, root) for image in images)
    order = Order(sources, tmp_path / "out", Recipe())
    assert folders_as_whole(order, {root: images}).sources == (root,)
    alone = tmp_path / "alone.png"
    mixed = Order((alone, *sources, Rooted(alone, None)), tmp_path / "out", Recipe())
    assert folders_as_whole(mixed, {root: images}).sources == (alone, root, Rooted(alone, None))
    assert with_given_lr(order) is order, "there is no given LR to tell"
    for more in ([], [*images, root / "new.png"], images[1:]):
        assert folders_as_whole(order, {root: more}).sources == sources
    some = Order(sources[:2], tmp_path / "out", Recipe())
    assert f"export {images[0]} {images[1]} --out" in command_line(some)
    line = command_line(Order(sources[1:], tmp_path / "out", Recipe()))
    assert f"{root}/b.png {root}/./sub/c.png" in line
    assert parsed(line).inputs == [images[1], sources[2]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("case", ["folders", "some of them", "one", "by order"])
def test_given_lr_are_told_as_a_command_takes_them(tmp_path: Path, case: str) -> None:
    high, low = tmp_path / "high", tmp_path / "low x4"
    names = {"a.png": "a_x4.png", "sub/b.png": "sub/b_x4.png", "c.png": "c_x4.png"}
    if case == "by order":
        names = {"a.png": "1.png", "b.png": "2.png", "c.png": "3.png"}
    for file in (*(high / one for one in names), *(low / one for one in names.values())):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    sources = tuple(Rooted(high / one, high, low / lr) for one, lr in names.items())
    if case == "some of them":
        sources = sources[::2]
    elif case == "one":
        sources = (Rooted(high / "a.png", None, low / "a_x4.png"),)
    order = with_given_lr(Order(sources, tmp_path / "out", Recipe()))
    options = parsed(command_line(order))
    lr = GivenLR(options.lr, options.pair_by == "order")  # type: ignore[attr-defined]
    found, failures = collect(options.inputs, lr=lr)  # type: ignore[attr-defined]
    assert not failures
    assert found == collect(sources)[0]
    assert options.knob_scale == "4", "and not that of the first pair"  # type: ignore[attr-defined]
    given = "srviewer.GivenLR(" if case == "by order" else "lr='"
    assert given in python_lines(order)
    cancel = threading.Event()
    cancel.set()
    if case == "folders":  # which are searched
        with pytest.raises(Cancelled):
            with_given_lr(Order(sources, tmp_path / "out", Recipe()), Progress(cancel=cancel))


def test_pairs_that_no_folder_gives_are_told(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "low/x.png", "low/y.png", "low/z.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    pairs = ("a.png", "low/z.png"), ("b.png", "low/x.png")
    sources = tuple(Rooted(tmp_path / hr, None, tmp_path / lr) for hr, lr in pairs)
    with pytest.raises(ExportError, match="no command pairs just these images"):
        with_given_lr(Order(sources, tmp_path / "out", Recipe()))


def test_an_image_of_a_folder_is_known_by_its_name_there(tmp_path: Path) -> None:
    for name in ("sub/a.png", "a.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found, _ = collect([f"{tmp_path}/./sub/a.png"])
    assert [one.name for one in found] == ["sub/a.png"]
    for text in (f"{tmp_path}/./sub", f"{tmp_path}/./../a.png", "./a.png", f"{tmp_path}/./"):
        assert as_given(text) == Path(text)
    assert as_given(f"{tmp_path}/.//a.png") == Rooted(tmp_path / "a.png", tmp_path)


def test_the_lines_of_python_are_valid_and_say_the_same(tmp_path: Path) -> None:
    names = tuple(tmp_path / name.replace("/", "") for name in AWKWARD)
    recipe = PRESETS["v1"].replace(stride=20)
    options = Options(max_per_image=5)
    order = Order(names, tmp_path / "out", recipe, "v1", "tiff", options, 3, tmp_path / "ex.txt")
    lines = python_lines(order)
    lines.encode()
    seen: dict[str, object] = {}

    class Stub:
        PRESETS, Options = PRESETS, Options

        @staticmethod
        def load_exclusions(path: str) -> str:
            return f"of {path}"

        @staticmethod
        def export_pairs(*given: object, **more: object) -> object:
            seen.update(given=given, more=more)
            return type("State", (), {"pairs": 1, "exported": 1})

    compiled = compile(lines.replace("import srviewer\n", "", 1), "lines", "exec")
    exec(compiled, {"srviewer": Stub, "__name__": "__main__", "print": lambda *_: None})
    assert seen["given"] == (list(map(str, names)), str(tmp_path / "out"), recipe)
    assert seen["more"] == {
        "format": "tiff", "options": options, "jobs": 3, "exclusions": f"of {tmp_path / 'ex.txt'}"
    }  # fmt: skip


def test_the_toml_is_a_recipe_with_its_command_as_a_comment(tmp_path: Path) -> None:
    recipe = PRESETS["recommended"].replace(scale=2)
    names = tuple(tmp_path / name for name in AWKWARD if not name.endswith("\n"))
    text = recipe_toml(Order(names, tmp_path / "out", recipe, "recommended", "png"))
    assert from_toml(text, "copied") == recipe
    assert text.startswith("# saved as recipe.toml: srviewer export ")
    assert "--recipe recipe.toml --format png" in text.split("\n# srviewer recipe")[0]
    ends = recipe_toml(Order((tmp_path / "a\n",), tmp_path, recipe))
    assert from_toml(ends, "copied") == recipe
    many = tuple(tmp_path / f"{n}.png" for n in range(5000))
    assert from_toml(recipe_toml(Order(many, tmp_path / "out", recipe)), "copied") == recipe
