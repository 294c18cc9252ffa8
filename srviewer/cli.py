"""The command line: it parses, then hands over to the command, or opens the window."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from srviewer import __version__
from srviewer.commands import export, inspect, recipe, reproduce, snapshot, survey, verify
from srviewer.commands.outcomes import INTERRUPTED, SOME_FAILED, WRONG_USE, complain
from srviewer.errors import Cancelled, OptionError, RecipeError, SrviewerError
from srviewer.pipeline.allocator import tune_allocator

_MODULES = (inspect, survey, export, verify, reproduce, snapshot, recipe)
_COMMANDS = {module.__name__.rpartition(".")[2]: module for module in _MODULES}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` and return the exit code.

    0: done. 1: some images failed, each named on stderr with its cause; the others are done.
    2: wrong use. 130: interrupted, with nothing half-written.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # names may hold what the terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    # Our own threads share the cores already; NumPy's start slowly and then only get in the way.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _command_parser() if arguments[:1] and arguments[0] in _COMMANDS else _window_parser()
    options = parser.parse_args(arguments)
    cancel = threading.Event()
    try:
        with _interrupts(cancel):
            code = _run(options, cancel)
            if sys.stdout:
                sys.stdout.flush()
            return code
    except (RecipeError, OptionError) as error:
        return complain(error, WRONG_USE)
    except (Cancelled, KeyboardInterrupt):
        return complain("interrupted", INTERRUPTED)
    except SrviewerError as error:
        return complain(error, SOME_FAILED)
    except BrokenPipeError:  # whoever read our output has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SOME_FAILED


def _run(options: argparse.Namespace, cancel: threading.Event) -> int:
    if "command" in options:
        tune_allocator()
        code: int = _COMMANDS[options.command].run(options, cancel)
        return code
    meant = _command_meant(options.images)
    if meant is not None:
        return complain(f"{options.images[0]}: no such file; is {meant} meant?", WRONG_USE)
    from srviewer.gui.app import run_window

    return run_window(options.images, cancel)


def _command_meant(images: Sequence[Path]) -> str | None:
    """Return the command that a first word which is no file seems to be a slip of."""
    if not images or images[0].exists():
        return None
    close = difflib.get_close_matches(str(images[0]), _COMMANDS, 1)
    return close[0] if close else None


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


def _window_parser() -> argparse.ArgumentParser:
    lines = (f"  srviewer {name:<10} {module.HELP}" for name, module in _COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="srviewer",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="The window on the pipeline that makes super-resolution training pairs.",
        epilog="\n".join(["commands, each with a --help of its own:", *lines]),
    )
    parser.add_argument("images", nargs="*", type=Path, metavar="IMAGE", help="images to open")
    parser.add_argument("--version", action="version", version=f"srviewer {__version__}")
    return parser


def _command_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="srviewer")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, module in _COMMANDS.items():
        module.add_flags(commands.add_parser(name, help=module.HELP))
    return parser
