"""What the command line shows: tables, and progress on a terminal or as plain lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from srviewer.errors import printable, shown_path
from srviewer.runs.state import RunState
from srviewer.streams import tell
from srviewer.wording import counted, size_texts, time_left, time_text

S = TypeVar("S", bound=RunState)
# What is said once when such work begins, before or after the images.
_BEFORE_AND_AFTER: dict[str, Callable[[int], str]] = {
    "compare": lambda total: f"comparing {_look_changed(total)}",
    "compare_files": lambda total: "comparing file by file",
    "pack": lambda total: f"packing {counted(total, 'pair')}",
}


def _look_changed(count: int) -> str:
    return counted(count, "image that looks changed", "images that look changed")


def print_summary(summary: dict[str, Any]) -> None:
    """Print what the pipeline made of an image, a row a stage."""
    box = summary["box"]
    seconds = summary["seconds"]
    matches, patches = summary["matches"], summary["patches"]
    rows = [
        ("given LR", str(summary.get("lr", "")), ""),
        ("size", size_texts(summary["size"])[0], ""),
        ("clean size", size_texts(summary["clean_size"])[0], f"scale x{summary['scale']}"),
        ("keypoints", f"{summary['keypoints']['hr']:,} HR", f"{summary['keypoints']['lr']:,} LR"),
        ("matches", f"{matches['total']:,}", f"{matches['kept']:,} kept"),
        ("HR box", _box(box["hr"]), box["reason"] or ""),
        ("LR box", _box(box["lr"]), ""),
        ("patches", f"{patches['total']:,} in the box", f"{patches['kept']:,} kept"),
        excluded_row(patches["excluded"]),
        alignment_row(summary.get("alignment", {})),
        *mean_rows(summary["kept_pairs"]),
        ("time", time_text(sum(seconds.values())), _slowest(seconds)),
    ]
    print_run_summary(
        shown_path(summary["image"]), [*rows, *(("note", n, "") for n in summary["notes"])]
    )


def _box(box: list[int] | None) -> str:
    return f"x {box[0]} to {box[2]}, y {box[1]} to {box[3]} px" if box else "none"


def mean_rows(summary: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the rows of a summary that tell the mean PSNR and SSIM of kept pairs."""
    psnr, ssim = summary["mean_psnr"], summary["mean_ssim"]
    return [
        ("mean PSNR", "none" if psnr is None else f"{psnr:.4f} dB", ""),
        ("mean SSIM", "none" if ssim is None else f"{ssim:.6f}", ""),
    ]


def _slowest(seconds: dict[str, float]) -> str:
    name = max(seconds, key=lambda name: seconds[name])
    return f"{time_text(seconds[name])} of it {name.replace('_', ' ')}"


def _inside(doing: str, stage: str, done: int, total: int) -> str:
    return f"{doing}: {stage.replace('_', ' ')} {done / total:.0%}"


@contextmanager
def inside_image(doing: str) -> Iterator[Callable[[str, int, int], None]]:
    """Give what tells on stderr, where that is a terminal, how far the work in an image is."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as line:
        task = line.add_task(doing)
        yield lambda stage, done, total: line.update(
            task, description=_inside(doing, stage, done, total)
        )


class RunReport(Generic[S]):
    """Progress of a run over many things on stderr: a bar on a terminal, lines elsewhere.

    Parameters
    ----------
    doing : str
        As "exporting".
    words : callable
        Says of a state what was made so far, as "1,200 pairs".
    unit : str
        What is counted, as "images".
    """

    def __init__(self, doing: str, words: Callable[[S], str], *, unit: str = "images") -> None:
        self._doing, self._words = doing, words
        self._unit = unit
        self._console = Console(stderr=True, highlight=False)
        self._failures = 0
        self._notes = 0
        self._stage = ""
        self._bar: Progress | None = None
        if self._console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn(f"{unit}  {{task.fields[words]}}"),
                console=self._console,
            )
            self._task = self._bar.add_task(doing, total=None, words="")

    def __enter__(self) -> RunReport[S]:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            self._bar.stop()

    def show(self, state: S) -> None:
        """Show `state`, and what failed since the last one."""
        words = "  ".join(filter(None, (self._words(state), time_left(state.seconds_left))))
        if self._bar:
            self._bar.update(self._task, total=state.total, completed=state.done, words=words)
        elif state.total:  # it is not known while the images are looked for
            self.say(f"{state.done:,}/{state.total:,} {self._unit}  {words}")
        for image, note in state.notes[self._notes :]:
            self.say(f"note: {shown_path(image)}: {note}")
        for failure in state.failures[self._failures :]:
            self.say(f"failed: {shown_path(failure.image)}: {failure.cause}")
        self._notes, self._failures = len(state.notes), len(state.failures)

    def work(self, stage: str, done: int, total: int) -> None:
        """Say once what is done before the first or after the last image."""
        if stage in _BEFORE_AND_AFTER and stage != self._stage:
            self.say(_BEFORE_AND_AFTER[stage](total))
        elif self._bar and total > 1:
            self._bar.update(self._task, description=_inside(self._doing, stage, done, total))
        self._stage = stage

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        if self._bar:
            self._console.print(Text(line))
        else:
            tell(line)


def run_summary(state: RunState) -> dict[str, Any]:
    """Return what the end of every run has, for a JSON object."""
    return {
        "images": state.images,
        "already_done": state.already,
        "seconds": round(state.seconds, 3),
        "failed": [{"image": f.image, "cause": f.cause} for f in state.failures],
        "cancelled": state.cancelled,
    }


_PIPED = 200  # columns: a pipe has no width of its own, and this breaks no row


def print_run_summary(
    title: str, *sections: Sequence[tuple[str, str, str]], piped: int = _PIPED
) -> None:
    """Print what came of work as a table of three columns; what has no second one is left out.

    No cell is markup, nor does a terminal obey what is in it: names of files are among them.

    Into a pipe it is at most `piped` columns wide.
    """
    table = Table(title=Text(title), show_header=False, title_justify="left")
    for rows in sections:
        for row in rows:
            if row[1]:
                table.add_row(*(Text(printable(cell)) for cell in row))
        table.add_section()
    _draw(table, piped)


def print_matrix(title: str, names: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    """Print what is told of each two of `names`; the columns have the numbers of the rows."""
    table = Table(title=title, title_justify="left", padding=(0, 0, 0, 1), box=None)
    table.add_column("")
    for number in range(1, len(names) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    for number, (name, row) in enumerate(zip(names, cells, strict=True), 1):
        table.add_row(Text(f"{number} {name}"), *map(Text, row))
    _draw(table)


def _draw(table: Table, piped: int = _PIPED) -> None:
    width = None if sys.stdout.isatty() else piped
    console = Console(width=width, highlight=False)
    with console.capture() as drawn:  # rich would end the program where the reader has left
        console.print(table)
    print(drawn.get(), end="")


def excluded_row(count: int) -> tuple[str, str, str]:
    """Return the row of a summary that tells how many windows were excluded by hand."""
    return "excluded by hand", f"{count:,}" if count else "", "would be kept otherwise"


def alignment_row(counts: dict[str, int]) -> tuple[str, str, str]:
    """Return the row of a summary that tells how the windows of given pairs lie, if known."""
    if not any(counts.values()):
        return "alignment", "", ""
    others = "{moved:,} moved, {changed:,} of other content, {unknown:,} not known".format(**counts)
    return "alignment", f"{counts['aligned']:,} aligned", others


def failed_row(failures: int) -> tuple[str, str, str]:
    """Return the row of a summary that tells how many images failed."""
    return "failed", f"{failures:,}" if failures else "", "each is named above with its cause"
