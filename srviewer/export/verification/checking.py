"""Files and pairs of a data set, checked: the work of one task of a verification."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import groupby, islice, zip_longest
from pathlib import Path
from typing import NamedTuple

import numpy as np

from srviewer.errors import Cancelled, SrviewerError
from srviewer.export.containers.base import Reader, StoredError, require_file
from srviewer.export.findings import Check, Checked, Finding, Kind
from srviewer.export.manifest import (
    ImageText,
    Row,
    image_text,
    meta_text,
    read_image_text,
    text_name,
)
from srviewer.export.manifest_rows import row_name
from srviewer.export.options import resolve
from srviewer.export.pairs import EncodedPair, encoded_pairs
from srviewer.export.target import Target
from srviewer.pipeline.analysis import Analysis, analyse_file
from srviewer.pipeline.arrays import AnyImage
from srviewer.pipeline.cropping import Box
from srviewer.pipeline.metrics import Quality, box_quality, map_quality, window_quality
from srviewer.pipeline.patching import Windows
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.runs.folders import file_in
from srviewer.runs.inputs import Input
from srviewer.runs.marks import fingerprint, mark_files

_AT_ONCE, _WHOLE_AT_ONCE = 128, 2  # pairs in memory

# One unit of the last digit in the manifest: both sides are rounded from the same number, which
# another machine may compute a few bits otherwise.
_PSNR_UNIT, _SSIM_UNIT, _OFF_UNIT = 1.01e-4, 1.01e-6, 1.01e-3
_OFF = ("dx", "dy", "u95")
# Luma is stored as float32, 2e-5 levels off, which in PSNR tells where the error is as small.
_PSNR_OF_LUMA, _SSIM_OF_LUMA, _NEARLY_EQUAL = 1e-2, 1e-4, 70


class PairToCheck(NamedTuple):
    """A row, and the checksums of HR and LR where the data set has them."""

    row: Row
    digests: tuple[str | None, str | None]


@dataclass(frozen=True)
class Share:
    """What a task checks.

    Attributes
    ----------
    path : Path
        What the share is called.
    pairs : sequence of PairToCheck
    files : sequence of (str, str)
        Files that are checked by checksum alone, with it.
    source : Input, optional
        The image that all of `pairs` are of, to compare them with.
    """

    path: Path
    pairs: Sequence[PairToCheck] = ()
    files: Sequence[tuple[str, str]] = ()
    source: Input | None = None


def check_share(share: Share, progress: Progress, *, target: Target) -> Checked:
    """Check all of `share`."""
    with Reader(target.out, target.container) as reader:
        check = _Check(target, reader, progress)
        for name, digest in progress.each(share.files):
            check.note(check_file(target.out, name, digest, progress))
        if not (share.source and check.against_image(share.source, share.pairs)):
            check.alone(share.pairs)
    return Checked(tuple(check.findings), check.counts)


def finding_of(error: StoredError, name: str) -> Finding:
    """Return what `error` says of `name`, or of the file or folder that it names itself."""
    about = error.path.as_posix() if error.path else name
    return Finding(error.kind, about, error.cause, error.allowed or "", f"{error.value or ''}")


def check_file(out: Path, name: str, digest: str, progress: Progress = UNHEARD) -> Finding | None:
    """Return how the file `name` of the data set `out` differs from its checksum."""
    try:
        found = fingerprint(require_file(out, name), progress)
    except Cancelled:
        raise
    except StoredError as error:
        return finding_of(error, name)
    except SrviewerError as error:
        return finding_of(StoredError(error.sentence), name)
    return _other_bytes(name, digest, found)


def _other_bytes(name: str, digest: str | None, found: str) -> Finding | None:
    words = "other bytes than the export wrote"
    is_same = digest in (None, found)
    return None if is_same else Finding(Kind.CHECKSUM, name, words, digest or "", found)


@dataclass
class _Check:
    """A share being checked."""

    target: Target
    reader: Reader
    progress: Progress
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[Check] = field(default_factory=Counter)

    def note(self, found: Finding | None) -> bool:
        """Keep what is wrong, if it is; tell whether nothing is."""
        if found:
            self.findings.append(found)
        return found is None

    # By themselves

    def alone(self, pairs: Iterable[PairToCheck]) -> None:
        """Check whether pairs can be read and are what was written, and their metrics."""
        measurable = is_measurable(self.target)
        remaining = iter(pairs)
        at_once = _WHOLE_AT_ONCE if self.target.has_whole else _AT_ONCE
        while batch := list(islice(remaining, at_once)):
            self.progress.check()
            read = []
            for pair in batch:
                sides = zip(("hr", "lr"), pair.digests, strict=True)
                hr, lr = (self._values(pair.row, *one) for one in sides)
                if hr is not None and lr is not None:
                    read.append((pair.row, hr, lr))
                    self.counts[Check.HASHED] += None not in pair.digests
            self.counts[Check.READ] += len(read)
            for _, same in groupby(read if measurable else (), lambda pair: pair[1].shape):
                self._measure(list(same))

    def _values(self, row: Row, side: str, digest: str | None) -> AnyImage | None:
        place: str = getattr(row, side)
        try:
            data = self.reader.value(place)
            values = self.target.decode(data, side, row)
        except StoredError as error:
            self.findings.append(finding_of(error, place))
            return None
        return values if self._is_as_written(place, data, digest) else None

    def _is_as_written(self, place: str, data: bytes, digest: str | None) -> bool:
        return self.note(_other_bytes(place, digest, hashlib.sha256(data).hexdigest()))

    def _measure(self, pairs: Sequence[tuple[Row, AnyImage, AnyImage]]) -> None:
        rows, hr, lr = zip(*pairs, strict=True)
        luma = hr[0].shape[2] == 1
        metrics_on = "rgb" if luma else self.target.recipe.metrics_on
        quality = quality_alone(hr, lr, metrics_on, self.progress)
        self.counts[Check.MEASURED] += len(rows)
        for row, psnr, ssim in zip(rows, quality.psnr, quality.ssim, strict=True):
            self._compare_metrics(row, float(psnr), float(ssim), luma=luma)

    def _compare_metrics(self, row: Row, psnr: float, ssim: float, *, luma: bool) -> None:
        told = float(row.psnr)
        off = _PSNR_OF_LUMA if luma else _PSNR_UNIT
        same = told == psnr or abs(told - psnr) <= off
        if not (same or (luma and min(told, psnr) > _NEARLY_EQUAL)):
            self._find(Kind.METRICS, row.hr, "PSNR", f"{psnr:.4f} dB", f"{row.psnr} dB")
        if not abs(float(row.ssim) - ssim) <= (_SSIM_OF_LUMA if luma else _SSIM_UNIT):
            self._find(Kind.METRICS, row.hr, "SSIM", f"{ssim:.6f}", row.ssim)

    def _find(self, kind: Kind, name: str, what: str, expected: str = "", found: str = "") -> None:
        self.findings.append(Finding(kind, name, what, expected, found))

    # Against the image

    def against_image(self, image: Input, pairs: Iterable[PairToCheck]) -> bool:
        """Compare pairs with those that the export makes of `image`; tell whether that was done."""
        text = text_name(image.stem)
        told = read_image_text(self.target.out, text)
        try:
            wanted = told.sha256 if told else ""
            there = mark_files(image.files, self.progress).sha256
            if there != wanted:
                what = "the files" if self.target.given else "the image"
                words = f"not {what} that the pairs were made of (SHA-256)"
                self._find(Kind.SOURCE, image.name, words, wanted, there)
                return False
            analysis = analyse_file(
                image.path,
                self.target.recipe,
                lr=image.lr,
                exclusions=self.target.exclusions,
                every_window=False,
                look_at_alignment=True,
                progress=self.progress,
            )
        except SrviewerError as error:
            self.progress.check()
            self._find(Kind.SOURCE, image.name, error.sentence)
            return False
        options = self.target.options
        whole = options.whole == "all" or (self.target.has_whole and bool(told and told.whole))
        expected = meta_text(analysis, image.name, there, image.lr_name, whole=whole)
        self._compare_text(text, expected)
        self._compare_pairs(analysis, image, pairs, image_text(expected))
        return True

    def _compare_text(self, name: str, expected: str) -> None:
        path = file_in(self.target.out, name)
        there = path.read_bytes().decode("utf-8", "surrogateescape")
        if there != expected:
            lines = zip_longest(expected.split("\n"), there.split("\n"), fillvalue="no more lines")
            mine, yours = next(pair for pair in lines if pair[0] != pair[1])
            self._find(Kind.META_TEXT, name, mine.partition(":")[0] or "end", mine, yours)

    def _compare_pairs(
        self,
        analysis: Analysis,
        image: Input,
        pairs: Iterable[PairToCheck],
        told: ImageText | None,
    ) -> None:
        stored = {pair.row.place: pair for pair in pairs}
        whole = told is not None and told.whole is not None
        for made in encoded_pairs(analysis, image, self.target, self.progress, whole=whole):
            row = made.pair.row(image.name, self.target.recipe, told)
            pair = stored.pop(row.place, None)
            if pair is not None:
                self._compare_pair(image, pair, row, made)
            elif self.target.options.max_pairs is None:
                self._find(Kind.MANIFEST, row_name(row), "there is no row of this pair")
        for pair in stored.values():
            self._find(Kind.MANIFEST, row_name(pair.row), "the image gives no such pair")

    def _possible_places(self, image: Input, row: Row) -> set[str]:
        """Return where a pair may lie: which set an image is in, it does not tell itself."""
        if self.target.container is not None:
            return {row.hr, row.lr}
        layout, x, y = self.target.layout, int(row.x), int(row.y)
        return {place for which in layout.sets for place in layout.places(image.stem, x, y, which)}

    def _compare_pair(
        self, image: Input, pair: PairToCheck, wanted: Row, made: EncodedPair
    ) -> None:
        row = pair.row
        places = self._possible_places(image, row)
        for column, expected, found in zip(row._fields, wanted, row, strict=True):
            is_place = column in ("hr", "lr") and found in places
            if column in _OFF and _is_near(expected, found):
                continue
            if expected != found and not is_place and column not in ("psnr", "ssim"):
                self._find(Kind.MANIFEST, row_name(row), column, expected, found)
        self._compare_metrics(row, float(wanted.psnr), float(wanted.ssim), luma=False)
        sides = (("hr", Kind.HR, made.hr), ("lr", Kind.LR, made.lr))
        other = [
            self._is_packed_otherwise(row, *side, digest)
            for side, digest in zip(sides, pair.digests, strict=True)
        ]
        self.counts[Check.COMPARED] += None not in other  # what cannot be read is not compared
        self.counts[Check.PACKED_OTHERWISE] += True in other

    def _is_packed_otherwise(
        self, row: Row, side: str, kind: Kind, wanted: bytes, digest: str | None
    ) -> bool | None:
        """Compare a side; tell whether its bytes alone differ, None where it cannot be read."""
        place = getattr(row, side)
        try:
            there = self.reader.value(place)
            is_same = there == wanted
            has_same_values = is_same or self._has_same_values(row, there, wanted, side, kind)
        except StoredError as error:
            self.findings.append(finding_of(error, place))
            return None
        if has_same_values:
            self._is_as_written(place, there, digest)
        return has_same_values and not is_same

    def _has_same_values(self, row: Row, data: bytes, wanted: bytes, side: str, kind: Kind) -> bool:
        """Tell whether `data` differs from `wanted` only as another version would pack it."""
        values = self.target.decode(data, side, row).astype(np.float64)
        off = np.abs(values - self.target.decode(wanted, side, row))
        if off.any():
            words = f"{np.count_nonzero(off):,} of {off.size:,} that differ, by up to"
            found = f"{words} {off.max():.4g}"
            self._find(
                kind, getattr(row, side), "not what the image gives", "the same values", found
            )
            return False
        return True


def _is_near(expected: str, found: str) -> bool:
    """Tell whether displacements differ only as another machine's sums do."""
    with suppress(ValueError):
        return abs(float(expected) - float(found)) <= _OFF_UNIT
    return False


def is_measurable(target: Target) -> bool:
    """Tell whether the pairs that `target` stores show what their metrics were computed from."""
    recipe, options = target.recipe, resolve(target.format, target.options, target.recipe)
    whole = recipe.lr_layout == "upscaled" and recipe.quantize_after and not options.label_border
    as_measured = options.channels != "y" or (target.format == "hdf5" and recipe.metrics_on == "y")
    return whole and as_measured


def quality_alone(
    hr: Sequence[AnyImage],
    upscaled: Sequence[AnyImage],
    metrics_on: str,
    progress: Progress = UNHEARD,
) -> Quality:
    """Return PSNR and SSIM of patches, all of one size, each alone.

    Parameters
    ----------
    hr, upscaled : sequence of ndarray, shape (H, W, C)
    metrics_on : {'rgb', 'y'}
    progress : Progress, optional
        Asked on the way whether to stop.
    """
    # One below the other: the windows of neither metric look across.
    height, width = hr[0].shape[:2]
    silent = replace(progress, report=UNHEARD.report)
    both = np.concatenate(hr), np.concatenate(upscaled)
    maps = map_quality(*both, metrics_on=metrics_on, progress=silent)
    y = np.arange(len(hr), dtype=np.int64) * height
    if height == width:
        return window_quality(maps, Windows(np.zeros_like(y), y, len(hr), 1, height, height))
    found = [box_quality(maps, Box(0, top, width, top + height)) for top in y.tolist()]
    psnr, ssim = map(np.array, zip(*found, strict=True))
    return Quality(psnr, ssim)
