"""The pairs of a few images, checked: the work of one task of a verification."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np

from srviewer.errors import SrviewerError
from srviewer.export.formats import container_of
from srviewer.export.manifest import Row
from srviewer.export.options import FOLDER_FORMATS, Options
from srviewer.export.verification.findings import (
    HR,
    LR,
    META_TEXT,
    MISSING,
    SHAPE,
    SOURCE,
    UNREADABLE,
    Checked,
    Finding,
)
from srviewer.export.verification.image_text import ImageText, check_text, text_of
from srviewer.export.verification.interior import NOWHERE, Span, is_regular, reduced
from srviewer.export.verification.manifest_index import Figures, Rows
from srviewer.export.verification.pair_metrics import check_metrics, metrics_differ
from srviewer.export.verification.reading_back import (
    Layout,
    MissingError,
    Stored,
    UnreadableError,
    Wanted,
    stored,
)
from srviewer.export.verification.row_checks import (
    check_figures,
    check_place,
    check_row,
    figures_place,
)
from srviewer.pipeline.arrays import AnyImage, Image, to_uint8
from srviewer.pipeline.metrics import Quality, map_quality, window_quality
from srviewer.pipeline.pairing import make_pair, require_room
from srviewer.pipeline.patching import Windows
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.marks import fingerprint

# What was checked, and what could not be.
WITH_IMAGE, WITHIN, TOO_SMALL, LUMA_ONLY = (
    "compared with the image",
    "LR compared with reduced HR",
    "too small to compare LR with reduced HR",
    "LR compared with reduced HR by luma",
)

_AT_ONCE = 128  # pairs in memory

# Fractions of a pixel are computed from other origins than in the whole image, so that sums that
# end in exactly one half may be rounded the other way: by one level, as LR is rounded last.
_LEVELS = 1
# Of pixels whose luma alone is left, HR, LR and the enlarged LR were rounded by half a level each.
_LUMA_LEVELS = 2.5
# Filters that overshoot are cut off at 0 and 255 in each channel, which luma does not show: by no
# more than a few levels in the mean of many pixels, since they overshoot beside edges alone.
_OVERSHOOT = ("bicubic", "lanczos")
_LUMA_MEAN = 20


@dataclass(frozen=True)
class Plan:
    """How a data set was written, as its files tell."""

    out: Path
    recipe: Recipe
    format: str
    options: Options

    @cached_property
    def layout(self) -> Layout:
        """How pairs are stored."""
        return Layout.of(self.format, self.options, self.recipe)


@dataclass(frozen=True)
class Piece:
    """Rows of one image.

    Attributes
    ----------
    rows : Rows
    folder : str
        Where its pairs are in a data set that is split.
    first : int
        Rows before these in that folder.
    figures : Figures, optional
        Of all rows of the image, to check its text file; with the first of its pieces.
    source : Path, optional
        The image file.
    """

    rows: Rows
    folder: str
    first: int
    figures: Figures | None
    source: Path | None


@dataclass(frozen=True)
class Share:
    """What a task checks."""

    path: Path
    pieces: tuple[Piece, ...]


def check_share(share: Share, progress: Progress, *, plan: Plan) -> Checked:
    """Check all rows of `share`."""
    findings: list[Finding] = []
    counts: Counter[str] = Counter()
    pairs = 0
    with stored(plan.out, plan.format) as store:
        for piece in share.pieces:
            check = _Check(piece, plan, store)
            check.run(progress)
            findings += check.findings
            counts += check.counts
            pairs += piece.rows.count
    return Checked(pairs, tuple(findings), counts)


@dataclass
class _Source:
    """The pair that the pipeline makes of an image, and the metrics of its rows."""

    hr: Image
    lr: Image
    quality: Quality


@dataclass
class _Check:
    """One piece being checked."""

    piece: Piece
    plan: Plan
    store: Stored
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def run(self, progress: Progress) -> None:
        image = self.piece.rows.image
        rows = self.piece.rows.read(self.plan.out)
        text = text_of(self.plan.out, image)
        if self.piece.figures is not None:
            if text is None:
                words = "no text file in meta/ is about this image"
                self.findings.append(Finding(META_TEXT, image, words))
            else:
                self.findings += check_text(
                    text, self.piece.figures, self.plan.recipe, self.plan.options
                )
        self._check_rows(rows, text)
        source = self._source(rows, text)
        if source:
            for index, row in enumerate(rows):
                psnr, ssim = source.quality.psnr[index], source.quality.ssim[index]
                self.findings += metrics_differ(row, float(psnr), float(ssim))
        remaining = iter(self._read(rows))
        while batch := list(islice(remaining, _AT_ONCE)):
            progress.check()
            for row, hr, lr in batch:
                if source:
                    self._compare_with_image(row, {"hr": hr, "lr": lr}, source)
                else:
                    self._compare_within(row, hr, lr, text)
            if not source:
                found, counts = check_metrics(batch, self.plan.layout, self.plan.recipe)
                self.findings += found
                self.counts += counts

    def _check_rows(self, rows: Sequence[Row], text: ImageText | None) -> None:
        container = container_of(self.plan.format, self.plan.options, self.plan.recipe)
        numbered = self.plan.format not in (*FOLDER_FORMATS, "lmdb")
        misplaced = None
        for index, row in enumerate(rows, self.piece.first):
            self.findings += check_row(row, self.plan.recipe, text)
            if misplaced and numbered:
                continue  # all that follow have moved along
            misplaced = check_place(row, text, format=self.plan.format, container=container,
                                    folder=self.piece.folder, index=index)  # fmt: skip
            if misplaced:
                self.findings.append(misplaced)

    # What is stored

    def _read(self, rows: Sequence[Row]) -> Iterator[tuple[Row, AnyImage, AnyImage]]:
        """Yield the pairs that can be read."""
        for row in rows:
            if self.plan.format == "webdataset":
                self._check_figures(row)
            hr, lr = (self._values(place, side) for place, side in ((row.hr, "hr"), (row.lr, "lr")))
            if hr is not None and lr is not None:
                yield row, hr, lr

    def _get(self, place: str) -> bytes | None:
        try:
            return self.store.read(place)
        except MissingError as error:
            self.findings.append(Finding(MISSING, place, str(error)))
        except UnreadableError as error:
            self.findings.append(Finding(UNREADABLE, place, str(error)))
        return None

    def _values(self, place: str, side: str) -> AnyImage | None:
        data = self._get(place)
        if data is None:
            return None
        try:
            values = self.plan.layout.decode(data, side)
        except UnreadableError as error:
            self.findings.append(Finding(UNREADABLE, place, str(error)))
            return None
        if isinstance(values, Wanted):
            words = "not what the recipe makes"
            self.findings.append(Finding(SHAPE, place, words, values.expected, values.found))
            return None
        return values

    def _check_figures(self, row: Row) -> None:
        data = self._get(figures_place(row))
        found = check_figures(row, data) if data is not None else None
        if found:
            self.findings.append(found)

    # Against the image

    def _source(self, rows: Sequence[Row], text: ImageText | None) -> _Source | None:
        path = self.piece.source
        if path is None or text is None:
            return None
        image = self.piece.rows.image
        first = self.piece.figures is not None
        try:
            there = fingerprint(path)
            if there != text.fingerprint:
                if first:
                    words = "not the image that the pairs were made of: its SHA-256"
                    self.findings.append(Finding(SOURCE, image, words, text.fingerprint, there))
                return None
            rgb = read_image(path).rgb
            r = self.plan.recipe
            require_room(rgb.shape[1], rgb.shape[0], scale=r.scale, patch=r.patch)
            pair = make_pair(rgb, scale=r.scale, resizer=r.resizer, filter=r.filter,
                             quantize_after=r.quantize_after)  # fmt: skip
        except SrviewerError as error:
            if first:
                self.findings.append(Finding(SOURCE, image, str(error)))
            return None
        size = f"{rgb.shape[1]} x {rgb.shape[0]} px"
        if first and text.told.get("size") != size:
            there = text.told.get("size", "nothing")
            self.findings.append(Finding(META_TEXT, text.name, "size", size, there))
        x, y = (np.array([int(getattr(row, axis)) for row in rows], np.int64) for axis in "xy")
        width, height = pair.size
        if len(rows) and not (
            min(x.min(), y.min()) >= 0
            and x.max() + r.patch <= width
            and y.max() + r.patch <= height
        ):
            return None  # a row that lies outside the image has been told already
        maps = map_quality(pair.hr, pair.upscaled, metrics_on=r.metrics_on)
        quality = window_quality(maps, Windows(x, y, len(rows), 1, r.patch, r.stride))
        lr = to_uint8(pair.lr if r.lr_layout == "native" else pair.upscaled)
        return _Source(pair.hr, lr, quality)

    def _compare_with_image(self, row: Row, there: dict[str, AnyImage], source: _Source) -> None:
        layout, patch = self.plan.layout, self.plan.recipe.patch
        step = self.plan.recipe.scale if self.plan.recipe.lr_layout == "native" else 1
        x, y = int(row.x), int(row.y)
        self.counts[WITH_IMAGE] += 1
        for side, kind, image, shrink in (
            ("hr", HR, source.hr, 1), ("lr", LR, source.lr, step)
        ):  # fmt: skip
            part = image[y // shrink : (y + patch) // shrink, x // shrink : (x + patch) // shrink]
            off = np.abs(there[side] - layout.kept(part, side).astype(np.float64))
            wrong = off > layout.tolerance
            if wrong.any():
                words = "the pixels of the image" if side == "hr" else "its reduction"
                self.findings.append(
                    Finding(kind, getattr(row, side), f"not {words}", *_difference(off, wrong))
                )

    # Without it

    def _compare_within(self, row: Row, hr: AnyImage, lr: AnyImage, text: ImageText | None) -> None:
        """Compare LR with what becomes of HR alone, where nothing beyond the patch has a part."""
        recipe, layout = self.plan.recipe, self.plan.layout
        x, y = (_span(int(start), layout, text.clean[side] if text and text.clean else NOWHERE)
                for side, start in enumerate((row.x, row.y)))  # fmt: skip
        regular = is_regular(recipe.resizer, recipe.filter, recipe.scale)
        luma = layout.values != "rgb"
        if min(x.start, y.start) < 0 or not regular:
            self.counts[TOO_SMALL] += 1
            return
        part = reduced(hr, x, y, recipe)
        step = recipe.scale if recipe.lr_layout == "native" else 1
        left, top = part.x - int(row.x) // step, part.y - int(row.y) // step
        height, width = part.pixels.shape[:2]
        there = lr[top : top + height, left : left + width]
        if not part.pixels.size or there.shape[:2] != (height, width):
            self.counts[TOO_SMALL] += 1
            return
        if luma:
            self.counts[LUMA_ONLY] += 1
            off = np.abs(there - np.clip(part.pixels, 16, 235))
            wrong = off > _LUMA_LEVELS
            overshoots = recipe.filter.startswith(_OVERSHOOT)
            bad = bool(off.mean() > _LUMA_MEAN if overshoots else wrong.any())
        else:
            self.counts[WITHIN] += 1
            off = np.abs(there.astype(np.int64) - to_uint8(part.pixels))
            wrong = off > _LEVELS
            bad = bool(wrong.any())
        if bad:
            words = "not the reduction of HR where HR alone decides it"
            self.findings.append(Finding(LR, row.lr, words, *_difference(off, wrong)))


def _span(start: int, layout: Layout, length: int) -> Span:
    return Span(start + layout.border, start + layout.border + layout.hr, length)


def _difference(off: AnyImage, wrong: AnyImage) -> tuple[str, str]:
    """Return what is expected and found where values are off."""
    y, x, _ = (int(place) for place in np.argwhere(wrong)[0])
    most = float(off.max())
    return (
        "the same values",
        f"{int(wrong.sum()):,} of {wrong.size:,} that differ, by up to {most:.4g}, "
        f"the first {x} px from the left and {y} from the top of what is compared",
    )
