"""What a person can hand on of an unexpected error: it says what happened, and of them nothing."""

import os
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from srviewer.errors import cut
from srviewer.runs.folders import find, make_folders, remove_file, write_text
from srviewer.runs.home import home

MOST_KEPT = 20  # reports in the folder
_MOST_FRAMES = 60  # of a stack: an endless recursion has a thousand
_MOST_CHAINED = 10
_MOST_OF_A_MESSAGE = 4000  # characters
_PACKAGE = Path(__file__).parents[2]
_NAME = re.compile(r"error-[0-9-]+\.txt")
_QUOTED = re.compile(r"""(['"])(?:~|[A-Za-z]:)?[\\/][^'"\n]*[\\/](?=[^'"\n]*\1)""")
# All up to the last slash before whatever ends a path as a rule: rather too much than too little.
_PLAIN = re.compile(r"""(?<![\w.])(?:~|[A-Za-z]:)?[\\/](?=\S)(?:[^\n'":;,]*[\\/])?""")


def shortened(text: str, known: Iterable[Path] = ()) -> str:
    """Return `text` with all paths in it cut to their names.

    Parameters
    ----------
    text : str
    known : iterable of Path
        Paths that may be in it, whatever letters they have.
    """
    mine = home()
    for path in sorted({str(one) for one in known}, key=len, reverse=True):
        if len(Path(path).parts) > 1 and path != str(mine):
            text = text.replace(path, Path(path).name)
    if mine is not None and mine.name:
        text = text.replace(str(mine), "~")
    text = _QUOTED.sub(r"\1", text)
    return _PLAIN.sub("", text)


def report_text(
    error: BaseException,
    *,
    when: datetime,
    where: str,
    versions: Mapping[str, str],
    recipe: str,
    known: Iterable[Path] = (),
) -> str:
    """Return a report of `error`.

    Parameters
    ----------
    error : BaseException
    when : datetime
    where : str
        In what it happened, in words.
    versions : mapping of str to str
        Of all that may matter.
    recipe : str
        As TOML.
    known : iterable of Path
        Paths that may be in its message; none is told, only their names.
    """
    chain = list(_chain(error))
    known = {*known, *(path for one in chain for path in _paths_of(one))}
    parts = [f"srviewer met an unexpected error on {when:%Y-%m-%d %H:%M:%S} {where}."]
    for one, link in chain:
        parts += [link] if link else []
        parts.append(shortened(_message(one), known))
        parts.append(_stack(one))
    parts.append("versions: " + ", ".join(f"{name} {one}" for name, one in versions.items()))
    parts.append(f"recipe:\n{recipe.strip()}")
    return "\n\n".join(filter(None, parts)) + "\n"


def save_report(folder: Path, text: str, when: datetime) -> Path:
    """Write a report to a file of its own in `folder`, of which the oldest go, and return it.

    Raises
    ------
    OSError
    """
    make_folders(folder)
    stem = f"error-{when:%Y%m%d-%H%M%S}"
    names = (f"{stem}{more}.txt" for more in ("", *(f"-{number}" for number in range(2, 1000))))
    name = next(name for name in names if not find(folder, name))
    write_text(folder, name, text)
    reports = sorted(one for one in os.listdir(folder) if _NAME.fullmatch(one))
    for old in reports[:-MOST_KEPT]:
        with suppress(OSError):
            remove_file(folder, old)
    return folder / name


def place_of(error: BaseException) -> tuple[object, ...]:
    """Return what tells this error from others: its kind, and the line that raised it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace is not None else ()
    return (type(error), *where)


def _chain(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """Yield `error` and those that it came of, each with what links it to the one before."""
    one: BaseException | None = error
    link = ""
    for _ in range(_MOST_CHAINED):
        if one is None:
            return
        yield one, link
        if one.__cause__ is not None:
            one, link = one.__cause__, "which came of:"
        else:
            one, link = None if one.__suppress_context__ else one.__context__, "while handling:"


def _paths_of(link: tuple[BaseException, str]) -> Iterator[Path]:
    error = link[0]
    for name in ("path", "filename", "filename2"):
        value = getattr(error, name, None)
        if isinstance(value, str | bytes | Path):
            yield Path(os.fsdecode(value))


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception as second:  # an error whose own words fail is an error too
        text = f"<its message cannot be told: {type(second).__name__}>"
    return f"{type(error).__name__}: {cut(text, _MOST_OF_A_MESSAGE)}"


def _stack(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__, limit=-_MOST_FRAMES)
    return "\n".join(
        f"  {_file_name(one.filename)}:{one.lineno} in {one.name}\n    {one.line or ''}".rstrip()
        for one in frames
    )


def _file_name(filename: str) -> str:
    """Return our own files below the package, any other by its name."""
    try:
        return Path(filename).relative_to(_PACKAGE).as_posix()
    except ValueError:
        return Path(filename).name
