"""What is said of a verification or a reproduction, on the command line and in the window alike."""

from collections.abc import Sequence

from srviewer.errors import cut, shown_path
from srviewer.export.export_run import ExportState
from srviewer.export.findings import Check, VerifyState
from srviewer.export.verification.reproducing import Reproduced
from srviewer.wording import counted, pairs_of, rate_text, size_text, time_left, time_taken


def going(state: VerifyState | ExportState) -> str:
    """Return how far the work is, how fast, how long it will take, and what is wrong so far."""
    units = "pairs" if isinstance(state, VerifyState) else "images"
    parts = [f"{state.done:,} of {state.total:,} {units}", rate_text(state.rate, "pairs")]
    parts += filter(None, [time_left(state.seconds_left)])
    if isinstance(state, VerifyState) and state.wrong:
        parts.append(f"{state.wrong.total():,} wrong")
    return ", ".join(parts)


def verified_what(state: VerifyState) -> str:
    """Return which data set was verified."""
    pairs = pairs_of(state.pairs, max(state.in_all, state.images), state.images)
    return f"{shown_path(state.out)}: {pairs}, {state.format}"


def compared(state: VerifyState) -> str:
    """Return how many pairs were compared with their images, empty where none was."""
    count = state.checked[Check.COMPARED]
    return f"compared with what the images give: {counted(count, 'pair')}" if count else ""


def checked(state: VerifyState) -> list[str]:
    """Return what was checked, a line each."""
    return [f"checked: {counted(count, 'pair')}: {what}" for what, count in state.checked.items()]


def not_checked(state: VerifyState, images: str = "give --images FOLDER") -> list[str]:
    """Return what could not be checked, and what would; `images` says how to give them."""
    lines = []
    if not state.checksums:
        lines.append("texts, lists and changes of pixels: this data set has no checksums")
    left = state.checked[Check.READ] - state.checked[Check.MEASURED]
    if left:
        words = "PSNR and SSIM, which what is stored does not decide"
        lines.append(f"{counted(left, 'pair')}: {words}")
    if state.checked[Check.READ] and not (state.not_found or state.not_in_set):
        lines.append(f"whether the pairs are those of their images: {images}")
    if state.not_found:
        some = counted(len(state.not_found), "image is", "images are")
        lines.append(f"{some} not among those given: {_first(state.not_found)}")
    if state.not_in_set:
        some = counted(len(state.not_in_set), "given image")
        lines.append(f"{some} that the data set does not have: {_first(state.not_in_set)}")
    return lines


def _first(names: Sequence[str]) -> str:
    return ", ".join([*map(cut, names[:3]), *["..."][: len(names) > 3]])


def verified(state: VerifyState) -> str:
    """Return what came of a verification, in a line."""
    count = state.wrong.total()
    wrong = f"wrong: {counted(count, 'thing')}" if count else "nothing is wrong"
    return f"{wrong}; {time_taken(state.seconds)}, {rate_text(state.rate, 'pairs')}"


def reproduced(done: Reproduced) -> str:
    """Return what came of making a data set again, in a line."""
    packed = sum(one.only_bytes for one in done.differences)
    if done.same:
        words = "every byte is the same"
    elif packed == len(done.differences):
        words = f"the values are the same, the bytes of {counted(packed, 'file')} are not"
    else:
        words = f"not the same, {counted(len(done.differences), 'difference')}"
    made = f"{pairs_of(done.pairs, done.export.images, done.export.with_pairs)} made again"
    size = f"{counted(done.files, 'file')}, {size_text(done.bytes)}"
    return f"{made} in {time_taken(done.export.seconds)}: {words} ({size})"


def causes(done: Reproduced) -> list[str]:
    """Return what may be why it is not the same, a line each."""
    lines = []
    if done.differences and done.causes:
        one, many = "image is missing or has changed", "images are missing or have changed"
        named = f"{counted(len(done.causes), one, many)}, each is named above"
        lines.append(f"a likely cause: {named}")
    return lines + [f"another version: {library}" for library in done.versions]
