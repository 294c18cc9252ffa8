"""The manifest of a data set, and the text file of each image."""

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, Self

from srviewer.pipeline.alignment.fitting import SEED
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.cropping import Box
from srviewer.pipeline.reading import pair_content
from srviewer.pipeline.summary import lying_counts, mean_quality, summary_notes
from srviewer.runs.data_sets import EXCLUDED as EXCLUDED
from srviewer.runs.data_sets import EXPORT as EXPORT
from srviewer.runs.data_sets import MANIFEST as MANIFEST
from srviewer.runs.data_sets import RECIPE as RECIPE
from srviewer.runs.folders import files_in, is_file, replacing

META = "meta"
_WHOLE = "one pair of the whole box"  # what the text of an image calls it
_BOX = re.compile(r"(\d{1,9}) (\d{1,9}) (\d{1,9}) (\d{1,9})")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LONGEST_TEXT, _LONGEST_COUNT = 1 << 20, 18  # bytes and digits: ours have far less


class Row(NamedTuple):
    """A pair in the manifest: coordinates and sizes in HR pixels, PSNR in dB."""

    image: str
    hr: str
    lr: str
    x: str
    y: str
    width: str
    height: str
    scale: str
    keypoints: str
    matches: str
    psnr: str
    ssim: str

    @property
    def place(self) -> tuple[str, int, int]:
        """What the manifest is sorted by."""
        return self.image, int(self.y), int(self.x)


COLUMNS = Row._fields
COLUMNS_OF_NUMBERS = ("x", "y", "width", "height", "scale", "keypoints", "matches")
"""Those of whole numbers."""
FIGURES = ("psnr", "ssim", "dx", "dy", "u95")
"""Those of other numbers."""
LYING = ("verdict", "dx", "dy", "u95")
"""The columns that tell how the window of a given pair lies."""


class GivenRow(Row):
    """A pair whose LR was given, in the manifest: it has more columns.

    Attributes
    ----------
    lr_image : str
        What the LR is called.
    verdict, dx, dy, u95 : str
        How the window lies, and how far to the right and down of its place with the radius that
        holds the truth in 95 of 100, in LR px, as ``srviewer align --windows`` writes them.
    """

    __slots__ = ()
    _fields = (*Row._fields, "lr_image", *LYING)  # type: ignore[assignment] # a tuple of more

    def __new__(cls, *cells: str) -> Self:
        """Return the row of all `cells`."""
        return tuple.__new__(cls, cells)

    @property
    def lr_image(self) -> str:
        """What the LR is called."""
        return self[len(COLUMNS)]

    verdict, dx, dy, u95 = (property(itemgetter(len(COLUMNS) + 1 + n)) for n in range(len(LYING)))

    @property
    def lying(self) -> tuple[str, ...]:
        """Verdict, dx, dy and u95."""
        return tuple(self[len(COLUMNS) + 1 :])


def row_kind(*, given: bool) -> type[Row]:
    """Return what the rows of a manifest of pairs are whose LR was `given`, or was made."""
    return GivenRow if given else Row


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Return `rows` as CSV."""
    rows = list(rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    if "\r" not in text.getvalue():
        return text.getvalue()
    # Not every version of Python puts a carriage return into quotes.
    text = io.StringIO()
    plain = csv.writer(text, lineterminator="\n")
    quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in map(tuple, rows):
        (quoted if any("\r" in value for value in row) else plain).writerow(row)
    return text.getvalue()


def write_rows(
    out: Path, images: Iterable[Iterable[Row]], columns: tuple[str, ...] = COLUMNS
) -> None:
    """Write the manifest of `out`: the rows of one image after the other, in order."""
    with replacing(out, MANIFEST) as file:
        for rows in itertools.chain([[columns]], images):
            file.write(csv_text(rows).encode("utf-8", "surrogateescape"))


def meta_text(
    analysis: Analysis, name: str, fingerprint: str, lr_name: str = "", *, whole: bool = False
) -> str:
    """Return the text file of an image: its sizes, counts at each stage, box, metrics and notes.

    Parameters
    ----------
    analysis : Analysis
        Complete.
    name : str
        The image's name in the manifest.
    fingerprint : str
        Of the image file, so that a later run sees whether it is still the same. Of a given pair
        its own files tell.
    lr_name : str
        What the given LR is called.
    whole : bool
        Whether its pair is the whole box, where any window in it is kept.
    """
    a = analysis
    width, height = a.pair.size
    scale = a.recipe.scale
    psnr, ssim = mean_quality(a)
    kept, excluded = int(a.patches.kept.sum()), a.patches.excluded_alone
    lines = {
        "image": one_line(name),
        **_files(a, fingerprint, lr_name),
        "size": "{} x {} px".format(*a.image.size),
        "clean size": f"{width} x {height} px",
        "LR size": f"{width // scale} x {height // scale} px",
        "scale": f"{scale}",
        **_straightened(a),
        "keypoints": f"{len(a.keypoints.hr)} HR, {len(a.keypoints.lr)} LR",
        "matches": f"{len(a.matches)}",
        "consistent matches": f"{int(a.consistent.kept.sum())}",
        "HR box": _box_text(a.box.hr, a.box.reason),
        "LR box": _box_text(a.box.lr, a.box.reason),
        "windows in the box": f"{int(a.patches.candidates.sum())}",
        **_lying(a),
        **({"excluded by hand": f"{excluded}"} if excluded else {}),
        "kept pairs": f"{kept}",
        **({_WHOLE: _box_text(a.box.hr, None)} if whole and kept else {}),
        "mean PSNR": "none" if psnr is None else f"{psnr:.4f} dB",
        "mean SSIM": "none" if ssim is None else f"{ssim:.6f}",
    }
    notes = [f"note: {note}" for note in summary_notes(a)]
    return "\n".join([*(f"{key}: {value}" for key, value in lines.items()), *notes]) + "\n"


def _files(a: Analysis, fingerprint: str, lr_name: str) -> dict[str, str]:
    """Return the lines about the files that the pairs were made of."""
    if a.image.lr is None:
        return {"sha256": fingerprint}
    about_lr = {"LR image": one_line(lr_name), "LR sha256": a.image.lr.sha256}
    return {"sha256": a.image.sha256, **about_lr}


def _straightened(a: Analysis) -> dict[str, str]:
    """Return the lines that say how a side was resampled, by which it can be done again."""
    told = a.pair.straightened
    if told is None:
        return {}
    return {
        "straightened": f"{told.side.upper()} by {told.model}, {told.filter}",
        "warp": " ".join(map(repr, told.warp.ravel().tolist())),
        "warp seed": f"{SEED}",
    }


def _lying(a: Analysis) -> dict[str, str]:
    """Return the line that says how the windows in the box of a given pair lie."""
    counts = lying_counts(a)
    words = ", ".join(f"{count} {lies}" for lies, count in counts.items())
    return {"alignment of them": words} if counts else {}


def _box_text(box: Box | None, reason: str | None) -> str:
    return " ".join(map(str, box)) if box else f"none: {reason}"


def one_line(name: str) -> str:
    """Return `name` without what would end its line in a text file."""
    return "".join(repr(part)[1:-1] if part.splitlines() == [""] else part for part in name)


class ImageText(NamedTuple):
    """What the text file of an image tells of it.

    Attributes
    ----------
    image : str
        Its name, as `one_line` writes it.
    sha256 : str
        What tells the content that the pairs were made of: of the image file, or of both files of
        a given pair.
    kept : int
        Pairs, before any were chosen.
    text : str
        The whole text.
    lr_image : str
        What the given LR is called; empty where it was made.
    whole : Box, optional
        What its one pair shows of HR, where that is no window.
    """

    image: str
    sha256: str
    kept: int
    text: str
    lr_image: str = ""
    whole: Box | None = None

    @property
    def pairs(self) -> int:
        """How many pairs were written, before any were chosen."""
        return 1 if self.whole else self.kept


def read_image_text(out: Path, name: str) -> ImageText | None:
    """Return what the text file `name` of the data set `out` tells, None where it is no image's."""
    path = out / name
    try:
        if not is_file(out, name) or path.stat().st_size > _LONGEST_TEXT:
            return None
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    return image_text(text)


def image_text(text: str) -> ImageText | None:
    """Return what the `text` of an image tells, None where it is no image's."""
    told: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.partition(": ")
        told.setdefault(key, value)
    kept = told.get("kept pairs", "")
    is_count = kept.isdecimal() and len(kept) <= _LONGEST_COUNT
    content, lr = told.get("sha256", ""), told.get("LR sha256")
    are_digests = all(_DIGEST.fullmatch(one) for one in (content, *filter(None, [lr])))
    if not (told.get("image") and are_digests and is_count):
        return None
    content = pair_content(content, lr) if lr else content
    found = _BOX.fullmatch(told.get(_WHOLE, ""))
    whole = Box(*map(int, found.groups())) if found else None
    return ImageText(told["image"], content, int(kept), text, told.get("LR image", ""), whole)


def image_texts(out: Path) -> Iterator[ImageText]:
    """Yield what the text files of the images of the data set `out` tell."""
    for name in files_in(out, META):
        told = read_image_text(out, name)
        if told:
            yield told


def text_name(stem: str) -> str:
    """Return the text file of the image with `stem`, relative to the data set."""
    return f"{META}/{stem}.txt"
