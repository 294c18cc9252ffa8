"""The command line: it parses, then hands over to the command, or opens the window."""

import argparse
import difflib
import io
import os
import sys
import textwrap
import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from srviewer import __version__
from srviewer.commands.flag_types import path
from srviewer.commands.interrupts import interrupts
from srviewer.commands.lr_flags import add_lr_flags, given_lr
from srviewer.commands.outcomes import (
    CODES,
    DONE,
    INTERRUPTED,
    SOME_FAILED,
    WRONG_USE,
    OutputEnded,
    code_of,
    complain,
    deliver,
)
from srviewer.errors import Cancelled, OptionError, SrviewerError, cut, reason, shown_path
from srviewer.pipeline.allocator import tune_allocator
from srviewer.streams import open_streams, settle

# A module each, of the same name: only what is asked for is loaded.
_COMMANDS = (
    "inspect",
    "align",
    "survey",
    "export",
    "convert",
    "verify",
    "reproduce",
    "resizer-of",
    "resizers",
    "snapshot",
    "recipe",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` and return the exit code, which `CODES` explains."""
    open_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):  # names may hold what the terminal cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    # Our own threads share the cores already; NumPy's start slowly and then only get in the way.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        try:
            return deliver(_answer(arguments), lambda: None)
        except SystemExit as ended:  # argparse has said what there is to say
            code = ended.code if isinstance(ended.code, int) else DONE
            raise SystemExit(deliver(code, lambda: None)) from None
    except OutputEnded as ended:
        return ended.code
    finally:
        settle(sys.stderr)


def _answer(arguments: list[str]) -> int:
    is_command = bool(arguments) and arguments[0] in _COMMANDS
    cancel = threading.Event()
    try:
        with interrupts(cancel):  # what a command needs may take a second to load
            parser = _command_parser(arguments[0]) if is_command else _WindowParser()
            return _run(parser.parse_args(arguments[1:] if is_command else arguments), cancel)
    except (Cancelled, KeyboardInterrupt):
        return complain("interrupted", INTERRUPTED)
    except SrviewerError as error:
        in_a_file = error.path is not None
        return complain(error if in_a_file else error.told(_flags()), code_of(error))
    except OSError as error:
        named = "" if error.filename is None else f"{shown_path(os.fsdecode(error.filename))}: "
        return complain(f"{named}{reason(error)}", SOME_FAILED)
    except MemoryError:
        return complain("not enough memory", SOME_FAILED)


def _run(options: argparse.Namespace, cancel: threading.Event) -> int:
    if "command" in options:
        tune_allocator()
        code: int = _module(options.command).run(options, cancel)
        return code
    meant = _command_meant(options.images)
    if meant is not None:
        return complain(f"{options.images[0]}: no such file; is {meant} meant?", WRONG_USE)
    from srviewer.gui.app import run_window

    return run_window(options.images, cancel, _given_lr(options))


def _given_lr(options: argparse.Namespace) -> Any:
    if options.lr is None and options.pair_by is None:
        return None  # without a look at what pairs need
    if not options.images:
        raise OptionError("allowed with images only", key="--lr", value=str(options.lr))
    return given_lr(options)


def _command_meant(images: Sequence[Path]) -> str | None:
    """Return the command that a first word which is no file seems to be a slip of."""
    if not images or os.path.exists(images[0]):
        return None
    close = difflib.get_close_matches(str(images[0]), _COMMANDS, 1)
    return close[0] if close else None


def _module(command: str) -> Any:
    return import_module(f"srviewer.commands.{command.replace('-', '_')}")


def _flags() -> dict[str, str]:
    """Return what options of an export are called here."""
    from srviewer.export.options import OPTIONS

    return {name: f"--{knob.flag}" for name, knob in OPTIONS.items() if knob.flag}


def _command_parser(command: str) -> argparse.ArgumentParser:
    module = _module(command)
    parser = _Parser(
        prog=f"srviewer {command}",
        description=module.HELP,
        epilog=_exit_codes(),
        formatter_class=_HelpFormatter,
    )
    parser.set_defaults(command=command)
    module.add_flags(parser)
    return parser


def _exit_codes() -> str:
    return "\n".join(["exit codes:", *(f"  {code:<4}{words}" for code, words in CODES.items())])


class _Parser(argparse.ArgumentParser):
    """Complains in one line, as our own errors do; help that cannot be written is told."""

    def error(self, message: str) -> NoReturn:
        """Leave the usage, which has up to thirty lines, to those who ask for it."""
        words = f"{self.prog}: {cut(message, 400)}; {self.prog} --help has what it takes"
        self.exit(WRONG_USE, f"{words}\n")

    def _print_message(self, message: str, file: Any = None) -> None:
        if file is sys.stdout:  # argparse would hide that it cannot be written
            deliver(DONE, lambda: print(message, end=""))
        else:
            super()._print_message(message, file)


class _WindowParser(_Parser):
    """Takes what the window is opened with; its help lists the commands too."""

    def __init__(self) -> None:
        super().__init__(
            prog="srviewer",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            description="The window on the pipeline that makes super-resolution training pairs.",
        )
        self.add_argument(
            "images",
            nargs="*",
            type=path,
            metavar="IMAGE",
            help="images and folders to open, a recipe (.toml) to take, or a session",
        )
        add_lr_flags(self)
        self.add_argument("--version", action="version", version=f"srviewer {__version__}")

    def format_help(self) -> str:
        """Return the help, for which alone each command is asked for its words."""
        lines = (f"  srviewer {name:<10} {_module(name).HELP}" for name in _COMMANDS)
        title = "commands, each with a --help of its own:"
        self.epilog = "\n".join([title, *lines, "", _exit_codes()])
        return super().format_help()


class _HelpFormatter(argparse.HelpFormatter):
    """Keeps the lines of the epilog, and fills those of everything else.

    A name with a hyphen stays in one piece, as it is to be typed.
    """

    def _split_lines(self, text: str, width: int) -> list[str]:
        return textwrap.wrap(" ".join(text.split()), width, break_on_hyphens=False)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "".join(f"{indent}{line}\n" for line in text.splitlines())
