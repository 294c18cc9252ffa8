"""The folder of a data set while an export writes to it: what is done, and what is not."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from srviewer.errors import ConflictError, ExportError, SrviewerError
from srviewer.export.checksums import (
    CHECKSUMS,
    PAIR_CHECKSUMS,
    write_checksums,
    write_pair_checksums,
)
from srviewer.export.folders import make_below
from srviewer.export.image import (
    Written,
    fingerprint,
    remove_leftovers,
    remove_unfinished,
    vanished,
    write_error,
)
from srviewer.export.lock import FolderLock
from srviewer.export.manifest import (
    EXPORT,
    JOURNAL,
    MANIFEST,
    META,
    RECIPE,
    fingerprint_in,
    image_in,
    kept_in,
    one_line,
    write_text,
)
from srviewer.export.options import Options, export_toml, read_export_toml, recorded
from srviewer.export.own_files import own_files
from srviewer.export.row_log import RowLog, stream_rows
from srviewer.export.stores import store_of
from srviewer.export.target import Target
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe_file import load_recipe, to_toml
from srviewer.runs.inputs import Input, possible_inputs


class DataSet:
    """A data set that is written to; used in a ``with``, which puts its manifest in place."""

    def __init__(self, target: Target, overwrite: bool) -> None:
        self._target = target
        self._out = target.out
        self._store = store_of(target)
        self._finished = False
        self._overwrite = overwrite
        self._lost: set[str] = set()
        self._may_be_cut = False
        try:
            (self._out / META).mkdir(parents=True, exist_ok=True)
            self._lock = FolderLock(self._out)
        except OSError as error:
            raise write_error(Path(error.filename or self._out), error) from error
        try:
            there = self._there()
            if there:
                store_of(there).recover()
            self._rows = RowLog(self._out)
            conflict = self._conflict(there)
            if conflict and not overwrite:
                raise ConflictError(conflict, path=self._out)
            if conflict and there:
                self._clear(there)
            self._store.prepare()
            self._forget_lost()
            write_text(self._out / RECIPE, to_toml(target.recipe))
            write_text(self._out / EXPORT, export_toml(target.format, target.options))
            self._rows.begin()
        except OSError as error:
            self._lock.release()
            raise write_error(Path(error.filename or self._out), error) from error
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> DataSet:
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Put the manifest of an incomplete data set in place."""
        try:
            if not self._finished:
                self._finish(False, Progress())
        finally:
            self._lock.release()

    def _forget_lost(self) -> None:
        """Let images that the journal has and whose pairs are not there be done again."""
        # Pairs that made way for better ones are removed before the rows: any may be gone.
        doubtful = self._rows if self._target.options.max_pairs else self._rows.noted
        for image in doubtful:
            if image in self._rows and not self._store.has(image, self._rows):
                self._lost.add(image)
        if self._lost:
            lost = set(map(one_line, self._lost))
            for path in (self._out / META).rglob("*.txt"):
                if image_in(path) in lost:
                    path.unlink()
        for image in self._lost:
            self._discard(image)

    def _forget_unfinished(self) -> None:
        """Leave nothing of images that were begun, by this run or a killed one, and not done."""
        if self._target.shared:
            remove_unfinished(self._target)
        begun = [name for name in self._rows.noted if not self._has_meta(name)]
        for name in begun:
            self._discard(name)
        remove_leftovers((image for name in begun for image in possible_inputs(name)), self._target)

    def _has_meta(self, name: str) -> bool:
        metas = map(self._meta, possible_inputs(name))
        return any(image_in(meta) == one_line(name) for meta in metas)

    def _discard(self, image: str) -> None:
        """Remove the pairs of `image` and forget them."""
        self._store.discard(image, self._rows[image])
        self._rows.discard(image)

    def complete(self, progress: Progress) -> int:
        """Choose among the pairs of all images, put everything in place, and return how many.

        Raises
        ------
        Cancelled
            With everything as it was; the next run goes on from there.
        """
        return self._finish(True, progress)

    def _finish(self, complete: bool, progress: Progress) -> int:
        """Rows stay in the journal where this fails."""
        self._finished = True
        try:
            self._rows.close()
            self._forget_unfinished()
            pairs = self._store.finish(self._rows, complete, progress)
            self._write_checksums()
            return pairs
        except OSError as error:
            if not self._out.is_dir():
                raise vanished(self._target) from error
            raise write_error(Path(error.filename or self._out / MANIFEST), error) from error

    def _write_checksums(self) -> None:
        container, manifest = self._target.container, self._out / MANIFEST
        if container is not None and manifest.exists():
            with container.reader(self._out) as reader:

                def digest(place: str) -> bytes:
                    return hashlib.sha256(reader.value(place)).digest()

                rows = stream_rows(manifest)
                known = ((row.hr, row.lr, digest(row.hr), digest(row.lr)) for row in rows)
                write_pair_checksums(self._out, known)
        pairs = {place for row in stream_rows(manifest) for place in (row.hr, row.lr)}
        own = own_files(self._out, self._target.format, container)
        mine = (name for name in own if name in pairs or not name.startswith(("hr/", "lr/")))
        names = sorted(mine, key=os.fsencode)
        write_checksums(self._out, ((name, fingerprint(self._out / name)) for name in names))

    def _there(self) -> Target | None:
        """Return how the pairs that are there were written, None where there are none yet."""
        recipe = self._target.recipe
        with contextlib.suppress(FileNotFoundError):
            recipe = load_recipe(self._out / RECIPE) if (self._out / RECIPE).exists() else recipe
            text = (self._out / EXPORT).read_text("utf-8", errors="surrogateescape")
            values: dict[str, Any] = read_export_toml(text, self._out / EXPORT)
            return Target(self._out, recipe, values.pop("format"), _options(values, self._out))
        for name in (MANIFEST, JOURNAL):  # of a version that had folders only
            for row in stream_rows(self._out / name):
                return Target(self._out, recipe, Path(row.hr).suffix[1:])
        if (self._out / RECIPE).exists():
            return replace(self._target, recipe=recipe)
        return None

    def _conflict(self, there: Target | None) -> str | None:
        if there is None:
            return None
        here = self._target
        differences = there.recipe.differences(here.recipe)
        if differences:
            words = (f"{key} {one} there, {other} here" for key, (one, other) in
                     differences.items())  # fmt: skip
            return f"holds pairs of another recipe ({'; '.join(words)})"
        if there.format != here.format:
            return f"holds pairs in format {there.format}, not {here.format}"
        theirs, mine = (recorded(one.format, one.options) for one in (there, here))
        if theirs != mine:
            words = (
                f"{key} {theirs.get(key, 'none')} there, {mine.get(key, 'none')} here"
                for key in {**theirs, **mine}
                if theirs.get(key) != mine.get(key)
            )
            return f"holds another choice of pairs ({'; '.join(words)})"
        return None

    def _clear(self, there: Target) -> None:
        """Remove what the earlier export wrote, and nothing else; first what says it is done."""
        for path in (self._out / META).rglob("*.txt"):
            if fingerprint_in(path):
                path.unlink()
        store_of(there).clear(self._rows)
        # A run that was killed may have left pairs of an image whose rows nobody has noted.
        begun = (image for name in self._rows.noted for image in possible_inputs(name))
        remove_leftovers(begun, there)
        for name in (MANIFEST, JOURNAL, CHECKSUMS, PAIR_CHECKSUMS):
            (self._out / name).unlink(missing_ok=True)
        self._rows.clear()

    def _meta(self, image: Input) -> Path:
        return self._out / META / f"{image.stem}.txt"

    def missing(self, images: Sequence[Input]) -> list[Input]:
        """Return those of `images` that are to be done; the remains of changed ones are removed.

        Where only so many pairs are chosen, a changed image may give others back the pairs that
        it had pushed out: those are to be done again too.
        """
        most = self._target.options.max_pairs
        self._may_be_cut = most is not None and sum(map(self._rows.count, self._rows)) >= most
        missing = {image for image in images if not self._is_done(image)}
        self._refuse_others(missing)
        changed = bool(self._lost) or any(self._rows.count(image.name) for image in missing)
        if changed and self._target.options.max_pairs:
            missing |= {image for image in images if self._is_cut(image)}
        try:
            for image in missing:
                self._meta(image).unlink(missing_ok=True)
            # Those that were begun by a run that may have been killed.
            begun = [image for image in missing if image.name in self._rows.noted]
            remove_leftovers(begun, self._target)
            for image in missing:
                self._discard(image.name)
                self._rows.noted.add(image.name)
            self._rows.begin()
        except OSError as error:
            raise write_error(Path(error.filename or self._out), error) from error
        return [image for image in images if image in missing]

    def _refuse_others(self, images: set[Input]) -> None:
        """Raise `ExportError` where another image has left its pairs under the name of one.

        It may be an older state of the same file, or one from another folder: whose pairs they
        are only the person knows.
        """
        others = []
        for image in images:
            there = fingerprint_in(self._meta(image))
            with contextlib.suppress(SrviewerError):
                if there is not None and there != fingerprint(image.path):
                    others.append(image.name)
        if others and not self._overwrite:
            names = ", ".join(sorted(others)[:3]) + (", ..." if len(others) > 3 else "")
            raise ConflictError(
                f"holds pairs of other images under the same names ({names})", path=self._out
            )

    def _is_done(self, image: Input) -> bool:
        there = fingerprint_in(self._meta(image))
        if there is None or not self._store.has(image.name, self._rows):
            return False
        if self._is_cut(image) and not self._may_be_cut:
            return False  # its rows are lost, however that came about
        try:
            return there == fingerprint(image.path)
        except SrviewerError:
            return False

    def _is_cut(self, image: Input) -> bool:
        """Tell whether pairs of `image` were left out to the benefit of other images."""
        kept = kept_in(self._meta(image))
        most = self._target.options.max_per_image
        return self._rows.count(image.name) < (min(kept, most) if most else kept)

    def add(self, written: Written) -> Written | ExportError:
        """Note what was written; the image counts as done once its text file is there."""
        meta = self._meta(written.image)
        name = written.image.name
        try:
            self._rows.add(name, written.entry, written.pairs)
            make_below(self._out, meta.parent)
            write_text(meta, written.meta)
        except OSError as error:
            self._store.discard(name, written.rows)
            self._rows.discard(name)
            if not self._out.is_dir():
                return vanished(self._target)
            return write_error(meta, error)
        return written


def _options(values: dict[str, Any], out: Path) -> Options:
    try:
        return Options(**values)
    except (TypeError, ExportError) as error:
        raise ExportError(f"{out / EXPORT}: {error}") from error
