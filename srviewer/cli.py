"""The command line: it parses, then calls what the window calls."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from srviewer import __version__
from srviewer.errors import Cancelled, OptionError, RecipeError, SrviewerError
from srviewer.export.options import CHANNELS, FORMATS, HELP, from_texts
from srviewer.pipeline.recipe import KNOBS, PRESETS, Knob, Recipe, Value, preset

DONE, SOME_FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130

VIEWS = ("source", "pair", "matches", "consistent", "box", "patches", "pairs")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` and return the exit code.

    0: done. 1: some images failed, each named on stderr with its cause; the others are done.
    2: wrong use. 130: interrupted, with nothing half-written.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # names may hold what the terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _command_parser() if arguments[:1] and arguments[0] in _COMMANDS else _window_parser()
    options = parser.parse_args(arguments)
    cancel = threading.Event()
    try:
        with _interrupts(cancel):
            code = _COMMANDS.get(getattr(options, "command", ""), _window)(options, cancel)
            if sys.stdout:
                sys.stdout.flush()
            return code
    except (RecipeError, OptionError) as error:
        return _complain(error, WRONG_USE)
    except (Cancelled, KeyboardInterrupt):
        return _complain("interrupted", INTERRUPTED)
    except SrviewerError as error:
        return _complain(error, SOME_FAILED)
    except BrokenPipeError:  # whoever read our output has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED


def _complain(message: object, code: int) -> int:
    print(f"srviewer: {message}", file=sys.stderr)
    return code


@contextlib.contextmanager
def _interrupts(cancel: threading.Event) -> Iterator[None]:
    """Let Ctrl+C ask the work to stop; a second one stops it where it is."""

    def ask(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# Parsing


def _window_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="srviewer",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="The window on the pipeline that makes super-resolution training pairs.",
        epilog="commands, each with a --help of its own:\n"
        "  srviewer inspect    what the pipeline makes of images, in numbers\n"
        "  srviewer export     write the pairs of images to a data set\n"
        "  srviewer snapshot   the window as a picture, without a display\n"
        "  srviewer recipe     print the recipe as TOML",
    )
    parser.add_argument("images", nargs="*", type=Path, metavar="IMAGE", help="images to open")
    parser.add_argument("--version", action="version", version=f"srviewer {__version__}")
    return parser


def _command_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="srviewer")
    commands = parser.add_subparsers(dest="command", required=True)

    inspect = commands.add_parser("inspect", help="what the pipeline makes of images, in numbers")
    inspect.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    inspect.add_argument("--json", action="store_true", help="one JSON object a line")
    _add_recipe_flags(inspect)

    export = commands.add_parser("export", help="write the pairs of images to a data set")
    export.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="image or folder")
    export.add_argument("--out", required=True, type=Path, metavar="DIR")
    export.add_argument(
        "--format",
        default="bmp",
        choices=FORMATS,
        help="; ".join(f"{name}: {words}" for name, words in HELP.items()) + "; default bmp",
    )
    export.add_argument("--jobs", type=_jobs, metavar="N", help="processes; default: the cores")
    export.add_argument(
        "--overwrite",
        action="store_true",
        help="replace pairs of another recipe, format or choice",
    )
    export.add_argument("--json", action="store_true", help="the summary as a JSON object")
    _add_export_flags(export)
    _add_recipe_flags(export)

    snapshot = commands.add_parser("snapshot", help="the window as a picture, without a display")
    snapshot.add_argument("image", type=Path, metavar="IMAGE")
    snapshot.add_argument("out", type=Path, metavar="OUT.png")
    snapshot.add_argument("--size", type=_size, default=(1440, 900), metavar="1440x900")
    snapshot.add_argument("--stage", default="patches", choices=VIEWS)
    _add_recipe_flags(snapshot)

    recipe = commands.add_parser("recipe", help="print the recipe as TOML")
    _add_recipe_flags(recipe)
    return parser


_EXPORT_FLAGS = {
    "channels": f"of the HDF5 formats, one of {', '.join(CHANNELS)}; default y",
    "shard_size": "pairs in a shard of format webdataset; default 1000",
    "label_border": "px that format srcnn-hdf5 cuts from each side of a label; default 6, "
    "none with LR in its own size",
    "max_per_image": "at most so many pairs of an image, those with the most keypoints",
    "max_pairs": "at most so many pairs in all, those with the most keypoints",
    "validation_share": "share of the images whose pairs are for validation, from 0 to below 1",
    "seed": "which images those are; default 0",
}


def _add_export_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("format and choice of pairs")
    for key, words in _EXPORT_FLAGS.items():
        flag = "--" + key.replace("_", "-")
        metavar = key.rpartition("_")[2].upper()
        group.add_argument(flag, dest=f"export_{key}", metavar=metavar, help=words)


def _add_recipe_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("recipe")
    group.add_argument("--recipe", type=Path, metavar="F", help="a recipe as TOML")
    group.add_argument("--preset", metavar="P", help=f"one of {', '.join(PRESETS)}")
    for knob in KNOBS.values():
        flag = "--" + knob.name.replace("_", "-")
        # Flags are checked as recipe values, so that one message serves them and the file.
        if knob.kind is bool:
            action: type[argparse.Action] | str = argparse.BooleanOptionalAction
            more: dict[str, object] = {}
        else:
            action, more = "store", {"metavar": knob.kind.__name__.upper()}
        words = f"{knob.help} [{knob.unit}]" if knob.unit else knob.help
        group.add_argument(
            flag,
            dest=f"knob_{knob.name}",
            action=action,
            default=None,
            help=f"{words}; {knob.allowed}; default {knob.default}".replace("%", "%%"),
            **more,  # type: ignore[arg-type]
        )


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    size = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (320 <= size[0] <= 10_000 and 240 <= size[1] <= 10_000):
        raise argparse.ArgumentTypeError(
            f"{text!r}: allowed is WIDTHxHEIGHT from 320x240 to 10000x10000"
        )
    return size


def _jobs(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r}: allowed is a whole number from 1 to 1024")
    return int(text)


def _recipe(options: argparse.Namespace) -> Recipe:
    """Return the recipe that the preset, then the file, then the flags make."""
    from srviewer.pipeline.recipe_file import load_recipe

    recipe = preset(options.preset) if options.preset else Recipe()
    if options.recipe:
        recipe = load_recipe(options.recipe, base=recipe)
    given = {knob: getattr(options, f"knob_{knob.name}") for knob in KNOBS.values()}
    return recipe.replace(
        **{knob.name: _value(knob, text) for knob, text in given.items() if text is not None}
    )


def _usable_recipe(options: argparse.Namespace) -> Recipe:
    """Return the recipe, which this installation can run."""
    from srviewer.pipeline.resizing import require_available

    recipe = _recipe(options)
    require_available(recipe.resizer)
    return recipe


def _value(knob: Knob, text: str | bool) -> Value:
    if isinstance(text, bool) or knob.kind is str:
        return text
    try:
        number: Value = knob.kind(text)
    except ValueError as error:
        raise RecipeError(f"{knob.name} = {text!r}: allowed is {knob.allowed}") from error
    return number


# Commands


def _window(options: argparse.Namespace, cancel: threading.Event) -> int:
    from srviewer.gui.app import run_window

    return run_window(options.images, cancel)


def _print_recipe(options: argparse.Namespace, cancel: threading.Event) -> int:
    from srviewer.pipeline.recipe_file import to_toml

    print(to_toml(_recipe(options)), end="")
    return DONE


def _inspect(options: argparse.Namespace, cancel: threading.Event) -> int:
    from srviewer.pipeline.analysis import analyse_file
    from srviewer.pipeline.progress import Progress
    from srviewer.pipeline.summary import summarise
    from srviewer.terminal import print_summaries

    recipe = _usable_recipe(options)
    code = DONE
    for path in options.images:
        try:
            analysis = analyse_file(
                path, recipe, every_window=False, progress=Progress(cancel=cancel)
            )
        except Cancelled:
            raise
        except SrviewerError as error:
            code = _complain(_named(path, error), SOME_FAILED)
            continue
        if options.json:
            _print_json(summarise(analysis))
        else:
            print_summaries([summarise(analysis)])
    return code


def _print_json(value: dict[str, object]) -> None:
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value)
    print(text, flush=True)


def _named(path: Path, error: SrviewerError) -> str:
    return str(error) if str(error).startswith(str(path)) else f"{path}: {error}"


def _export(options: argparse.Namespace, cancel: threading.Event) -> int:
    from srviewer.export.runner import export
    from srviewer.pipeline.progress import Progress
    from srviewer.terminal import ExportReport, export_summary, print_export_summary

    recipe = _usable_recipe(options)
    chosen = from_texts({key: getattr(options, f"export_{key}") for key in _EXPORT_FLAGS})
    with ExportReport() as report:
        state = export(
            options.inputs,
            options.out,
            recipe,
            format=options.format,
            options=chosen,
            jobs=options.jobs,
            overwrite=options.overwrite,
            progress=Progress(report.work, cancel),
            on_state=report.show,
        )
    if options.json:
        _print_json(export_summary(state))
    else:
        print_export_summary(state)
    if state.cancelled:
        return _complain("interrupted; the same command does what is missing", INTERRUPTED)
    return SOME_FAILED if state.failures else DONE


def _snapshot(options: argparse.Namespace, cancel: threading.Event) -> int:
    from srviewer.gui.snapshot import snapshot

    snapshot(options.image, options.out, _usable_recipe(options), options.size, options.stage)
    return DONE


_COMMANDS = {
    "inspect": _inspect,
    "export": _export,
    "snapshot": _snapshot,
    "recipe": _print_recipe,
}
