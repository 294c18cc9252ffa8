"""What is said of an export, on the command line and in the window alike.

How far it is, what came of it, what was chosen.
"""

from collections.abc import Sequence
from pathlib import Path

from srviewer.export.export_run import ExportState
from srviewer.export.options import Options
from srviewer.export.plan import Plan
from srviewer.runs.state import Failure
from srviewer.wording import counted, pairs_of, rate_text, time_left, time_taken

_MOST_CAUSES = 5
_WORK = {
    "list": "images found",
    "compare": "images compared",
    "write": "pairs written",
    "texture": "windows looked at",
    "pack": "pairs packed",
}


def done_so_far(state: ExportState) -> str:
    """Return how many images are done, and how many pairs this run has written."""
    pairs = counted(state.pairs, "new pair" if state.already else "pair")
    return f"{state.done:,} of {counted(state.images, 'image')}, {pairs}"


def running(state: ExportState) -> str:
    """Return how far an export of several images is, how fast, and how long it will take."""
    rate = rate_text(state.rate, "pairs") if state.pairs else ""
    return ", ".join(filter(None, (done_so_far(state), rate, time_left(state.seconds_left))))


def work(stage: str, done: int, total: int) -> str:
    """Return how far the work on one image, or the packing of all, is."""
    return f"{done:,} of {total:,} {_WORK[stage]}" if stage in _WORK else stage


def last_failure(failures: Sequence[Failure]) -> str:
    """Return how many images failed, and why the last did."""
    last = failures[-1]
    which = "" if len(failures) == 1 else ", the last"
    name = Path(last.image).name
    # The name comes last, as the end is cut where there is little room.
    return f"{counted(len(failures), 'image')} failed{which}: {last.cause}: {name}"


def what_is_exported(
    pairs: int | None, images: int, some: int | None, *, several: bool
) -> tuple[str, ...]:
    """Return what the button does: how many `pairs`, where that is known, of which images.

    `some` of them have any, where that is known. The last text is the shortest.
    """
    short = f"Export {'pairs' if pairs is None else counted(pairs, 'pair')}"
    if several and pairs is not None:
        return f"Export {pairs_of(pairs, images, some)}", short
    return f"{short} of {counted(images, 'image') if several else 'this image'}", short


def has_given_up(plan: Plan | None, failed: int) -> bool:
    """Tell whether all that is left of an export are images that `failed` in the last one."""
    if plan is None or plan.replaces or plan.held.there is None or not failed:
        return False
    return 0 < plan.coming.new + plan.coming.changed <= failed


def what_is_left(plan: Plan | None, pairs: int | None, failed: int = 0) -> tuple[str, ...]:
    """Return what the button does where a part is there already; empty where none is.

    The last text is the shortest. `pairs` are those that are missing, where that is known, and
    `failed` images did so in the last export.
    """
    if has_given_up(plan, failed):
        return f"Try {counted(failed, 'failed image')} again", "Try again"
    if plan is None or plan.replaces or plan.held.there is None:
        return ()
    images = plan.coming.new + plan.coming.changed
    if not images:
        return ("Finish the export",) if plan.held.in_work else ()
    if not plan.coming.kept:
        return ()
    short = f"Export {counted(pairs, 'more pair') if pairs else 'pairs'}"
    return f"{short} of {counted(images, 'more image')}", short


def all_failures(failures: Sequence[Failure]) -> str:
    """Return how many images failed, and the causes of the first."""
    causes = "\n".join(f"{one.image}: {one.cause}" for one in failures[:_MOST_CAUSES])
    more = len(failures) - _MOST_CAUSES
    rest = f"\nand {more:,} more, which are in the log" if more > 0 else ""
    return f"{counted(len(failures), 'image')} could not be exported:\n{causes}{rest}"


def outcome(state: ExportState) -> str:
    """Return what came of an export."""
    if not (state.pairs or state.already or state.cancelled or state.failures):
        notes = "; ".join(note for _, note in state.notes)
        return f"no pairs: {notes or 'no window in the box has enough in it'}"
    if state.cancelled and not (state.pairs or state.already or state.exported or state.failures):
        return "cancelled before an image was done"
    if state.already and not (state.exported or state.failures or state.cancelled):
        words = f"{counted(state.already, 'image')} done already; nothing was missing"
    else:
        words = (
            f"{pairs_of(state.pairs, state.exported, state.with_pairs)} in "
            f"{time_taken(state.seconds)}, {rate_text(state.rate, 'pairs')}"
        )
        if state.already:
            words += f"; {counted(state.already, 'image')} done already"
    if state.failures:
        words += f"; {len(state.failures):,} failed"
    if in_set := _other_pairs(state):
        words += f"; {in_set} in the data set"
    if state.for_validation is not None and state.in_set:
        words += f"; {for_validation(*state.for_validation)}"
    return f"cancelled: {words}" if state.cancelled else words


def outcome_rows(state: ExportState) -> list[tuple[str, str, str]]:
    """Return what came of it as rows of three cells; those with an empty second say nothing."""
    of = counted(state.exported, "image")
    some = f"from {state.with_pairs:,} of {of}, " if state.with_pairs != state.exported else ""
    already = f"{state.already:,} were there already" if state.already else ""
    images, pairs = state.for_validation or (0, 0)
    return [
        ("images", f"{state.exported:,} of {state.images:,}", already),
        ("pairs", f"{state.pairs:,}", f"{some}{rate_text(state.rate, 'pairs')}"),
        ("data set", _other_pairs(state), ""),
        ("validation", pairs_of(pairs, images) if state.for_validation else "", ""),
        ("time", time_taken(state.seconds), ""),
        ("folder", str(state.out), ""),
    ]


def _other_pairs(state: ExportState) -> str:
    """Return how many pairs are in the data set, empty where all are of this run."""
    other = state.in_set is not None and state.in_set != state.pairs
    return counted(state.in_set or 0, "pair") if other else ""


def for_validation(images: int, pairs: int) -> str:
    """Return how many pairs are for validation, of how many images."""
    return f"for validation {pairs_of(pairs, images)}"


_LAYOUTS = {
    "flat": "flat names",
    "div2k": "as DIV2K",
    "hub": "in train",
    "earlier": "layout of earlier versions",
}


def chosen(options: Options, jobs: int | None) -> str:
    """Return in one line which pairs are chosen and how they are written.

    Parameters
    ----------
    options : Options
        With the defaults of the format filled in: what it has no use for is None.
    jobs : int, optional
        Processes; not told where there are as many as cores.
    """
    most = [
        f"{count:,} {of}"
        for count, of in ((options.max_per_image, "an image"), (options.max_pairs, "in all"))
        if count is not None
    ]
    words = [f"at most {' and '.join(most)}" if most else "all kept pairs"]
    if options.validation_share:
        percent = f"{100 * options.validation_share:.10g}"
        words.append(f"{percent} % for validation (seed {options.seed})")
    if options.whole != "none":
        words.append("all whole images" if options.whole == "all" else "whole images")
    if options.duplicates == "drop":
        words.append("equal images once")
    words += [_LAYOUTS[name] for name in (options.layout,) if name in _LAYOUTS]
    if options.card:
        words.append("with a card")
    if options.channels is not None:
        words.append({"y": "Y", "rgb": "RGB"}[options.channels])
    if options.axes == "nhwc":
        words.append("channels last")
    if options.label_border is not None:
        words.append(f"border {options.label_border} px")
    if options.shard_size is not None:
        words.append(f"{options.shard_size:,} a shard")
    if jobs is not None:
        words.append(counted(jobs, "process", "processes"))
    return ", ".join(words)
