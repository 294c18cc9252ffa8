"""What is for people and other programs to read in a data set, written from the run file."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from srviewer.export.checksums import write_checksums
from srviewer.export.dataset_card import write_metadata
from srviewer.export.how_to_train import write_how_to_train
from srviewer.export.manifest import (
    EXCLUDED,
    EXPORT,
    MANIFEST,
    RECIPE,
    row_kind,
    text_name,
    write_rows,
)
from srviewer.export.options import export_toml
from srviewer.export.run_file import DONE, PLACING, WITH_PAIRS, RunFile
from srviewer.export.stores import Store
from srviewer.export.target import Target
from srviewer.pipeline.exclusions import Exclusions, to_text
from srviewer.runs.folders import file_in, is_file, make_folder, remove_file, write_text
from srviewer.runs.marks import fingerprint, is_unchanged, mark_file


class Rendering:
    """The texts, lists and checksums of a data set that is written as `target` says."""

    def __init__(self, target: Target, run_file: RunFile) -> None:
        self._target, self._out, self._run_file = target, target.out, run_file

    def render(self, store: Store, *, complete: bool) -> None:
        """Write everything; lists and checksums only where `store` has its files in place."""
        for known in self._run_file.images(DONE):
            name = text_name(known.stem)
            text = self._run_file.text(known.name)
            data = text.encode("utf-8", "surrogateescape")
            if not _holds(self._out, name, data):
                make_folder(self._out, name.rpartition("/")[0])
                write_text(self._out, name, text)
        self.write_export_toml()
        self.write_exclusions(self._target.exclusions.only(self._run_file.contents()))
        files = store.describe(complete=complete)
        if files is None:
            return
        columns = row_kind(given=self._target.given)._fields
        rows = self._run_file.manifest(self._target.recipe, by_text=self._target.told_by_text)
        write_rows(self._out, rows, columns)
        files += write_metadata(self._target, self._run_file)
        write_checksums(self._out, self._checksums(files))
        if complete:
            write_how_to_train(self._target, self._run_file)
        self._run_file.set(PLACING, None)

    def write_export_toml(self) -> None:
        """Write format, options and versions, and note them for where the file is gone."""
        target = self._target
        versions = self._run_file.versions()
        text = export_toml(target.format, target.options, versions, given=target.given)
        self._run_file.set(EXPORT, text)
        write_text(self._out, EXPORT, text)

    def write_exclusions(self, exclusions: Exclusions) -> None:
        """Write those of the images that are there, or remove what an earlier run wrote."""
        if exclusions:
            names = {known.content: known.name for known in self._run_file.images(DONE)}
            text = to_text(exclusions, names)
            self._run_file.set(EXCLUDED, text)
            write_text(self._out, EXCLUDED, text)
        elif self._run_file.get(EXCLUDED) is not None:
            remove_file(self._out, EXCLUDED)
            self._run_file.set(EXCLUDED, None)

    def _checksums(self, files: Sequence[str]) -> Iterator[tuple[str, str]]:
        own = (EXCLUDED, EXPORT, MANIFEST, RECIPE)
        for name in own if self._run_file.get(EXCLUDED) is not None else own[1:]:
            yield name, fingerprint(self._out / name)
        for name in files:
            mark = self._run_file.file_mark(name)
            path = file_in(self._out, name)
            if mark is None or not is_unchanged(path, mark):
                mark = mark_file(path)
                self._run_file.note_file(name, mark)
            yield name, mark.sha256
        self._run_file.forget_files_but(files)
        for known in self._run_file.images(DONE):
            text = self._run_file.text(known.name).encode("utf-8", "surrogateescape")
            yield text_name(known.stem), hashlib.sha256(text).hexdigest()
        if self._target.container is None:
            for known in self._run_file.images(WITH_PAIRS):
                for hr, lr, digest_of_hr, digest_of_lr in self._run_file.checksums(known.name):
                    yield hr, digest_of_hr
                    yield lr, digest_of_lr


def _holds(out: Path, name: str, data: bytes) -> bool:
    """Tell whether the file `name` in `out` holds `data`, without reading one of another size."""
    path = out / name
    return is_file(out, name) and path.stat().st_size == len(data) and path.read_bytes() == data
