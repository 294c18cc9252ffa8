"""The folder of a data set while an export writes to it: what is done, and what is not."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from srviewer.errors import ConflictError, ExportError, SrviewerError
from srviewer.export.adopting import adopt
from srviewer.export.checksums import CHECKSUMS
from srviewer.export.conflict import conflict
from srviewer.export.dataset_card import metadata_files, remove_card, write_card
from srviewer.export.how_to_train import HOW_TO_TRAIN
from srviewer.export.image import (
    Written,
    leftovers,
    remove_leftovers,
    unfinished,
    vanished,
    write_error,
    write_errors,
)
from srviewer.export.manifest import EXCLUDED, EXPORT, MANIFEST, META, RECIPE, text_name
from srviewer.export.own_files import container_files
from srviewer.export.rendering import Rendering
from srviewer.export.run_file import BEGUN, DONE, UNDER_WAY, WITH_PAIRS, RunFile, images_with
from srviewer.export.run_rows import Known
from srviewer.export.sample import require_no_mixture
from srviewer.export.selecting import missing_split, validation_images, validation_in
from srviewer.export.settings_there import contents_there, pairs_there, target_there, versions_there
from srviewer.export.stores import Store, store_of
from srviewer.export.target import Target
from srviewer.pipeline.exclusions import to_text
from srviewer.pipeline.progress import Progress
from srviewer.pipeline.recipe_file import to_toml
from srviewer.runs.copies import alike_images, equal_images
from srviewer.runs.database import NO_LOCKS
from srviewer.runs.folders import (
    files_in,
    find,
    is_folder,
    make_folder,
    make_folders,
    remove_file,
    require_removable,
    write_text,
)
from srviewer.runs.inputs import Input
from srviewer.runs.marks import FileMark, are_unchanged, look_at_files
from srviewer.runs.versions import VERSIONS, other_libraries

_NO_SUMS = "sha256_hr IS NULL OR sha256_lr IS NULL"


class DataSet:
    """A data set that is written to; used in a ``with``, which puts its manifest in place.

    Parameters
    ----------
    target : Target
    overwrite : bool
        Replace pairs that others cannot be added to.
    sample : bool
        Whether the painted sample is among the images.

    Attributes
    ----------
    end_notes : tuple of str
        Once it is complete, what is to be said of it: a card that is a person's own, no split.
    """

    def __init__(self, target: Target, overwrite: bool, *, sample: bool = False) -> None:
        self._target = target
        self._out, folders = target.out, target.container is None
        self._overwrite = overwrite
        self._finished = False
        self.end_notes: tuple[str, ...] = ()
        self._known: dict[str, Known] = {}
        self._stale: set[str] = set()  # of those: images that are to be done again
        self._others: list[str] = []  # of those: images of which the file is another now
        with write_errors(self._out), contextlib.ExitStack() as undo:
            make_folders(self._out)
            self._run_file = RunFile(self._out)
            undo.callback(self._run_file.close)
            self._store = store_of(target, self._run_file)
            self._rendering = Rendering(target, self._run_file)
            there = self._there()
            self._made_with = versions_there(self._out, self._run_file)
            replaced = self._conflict(there, sample) if there else None
            if replaced and not overwrite:
                replaced.pairs = pairs_there(self._out, self._run_file)
                raise replaced
            self._other_libraries = other_libraries(self._made_with)
            if there:
                undone = adopt(self._run_file, there) if self._run_file.is_new else []
                if there.exclusions:
                    self._run_file.set(EXCLUDED, to_text(there.exclusions))
                store = store_of(there, self._run_file)
                if replaced:
                    require_removable(self._out, self._in_the_way(there, store, undone))
                remove_leftovers(undone, there)
                self._run_file.set(BEGUN, "yes")
                if store.recover() and not replaced:
                    self._rendering.render(store, complete=True)
                self._forget_unfinished(there)
                if replaced:
                    self._clear(store, there)
            for place in target.layout.places("", 0, 0, target.layout.first) if folders else ():
                make_folder(self._out, place.rpartition("/")[0])
            self._run_file.set(BEGUN, "yes")
            self._run_file.set(RECIPE, to_toml(target.recipe))
            write_text(self._out, RECIPE, to_toml(target.recipe))
            # All for now: which images the data set will hold is not known yet.
            self._rendering.write_exclusions(target.exclusions)
            self._rendering.write_export_toml()
            undo.pop_all()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of the folder."""
        locks = "" if self._run_file.has_locks else NO_LOCKS
        return tuple(note for note in (locks, self._other_libraries) if note)

    def __enter__(self) -> DataSet:
        return self

    def __exit__(self, kind: object, *exc_info: object) -> None:
        """Put the manifest of an incomplete data set in place."""
        try:
            if not self._finished:
                self._finish(False, Progress())
            if kind is None:
                self._run_file.settle()
        finally:
            self._run_file.close()

    # What is there at the beginning

    def _there(self) -> Target | None:
        """Return how the pairs that are there were written, None where there are none yet."""
        if not any(find(self._out, name) for name in (RECIPE, EXPORT, MANIFEST)):
            self._run_file.clear()  # all that can be seen was removed, so that this has no meaning
            if self._target.exclusions and find(self._out, EXCLUDED):
                cause = "there already, though this is no data set; move it elsewhere"
                raise ExportError(cause, path=self._out / EXCLUDED)
            return None
        return target_there(self._out, self._run_file, self._target)

    def _conflict(self, there: Target, sample: bool) -> ConflictError | None:
        """Return why pairs cannot be added to those that are there, and may replace them."""
        contents = contents_there(self._out, self._run_file)
        try:
            require_no_mixture(self._out, sample=sample, held=contents)
        except ConflictError as error:
            return error
        words = conflict(there, self._target, self._made_with, contents)
        return ConflictError(words, path=self._out) if words else None

    def _in_the_way(self, there: Target, store: Store, undone: Sequence[Input]) -> Iterator[str]:
        """Yield what is to be removed or written over, for a look before any of it is."""
        for known in self._run_file.images():
            yield text_name(known.stem)
        yield from (name for name in files_in(self._out, META) if name.endswith(".txt"))
        yield from store.files()
        yield from metadata_files(there)
        yield from unfinished(there)
        yield from leftovers([*undone, *self._run_file.images(UNDER_WAY)], there)
        yield from (MANIFEST, CHECKSUMS, RECIPE, EXPORT, EXCLUDED)
        if there.options.profile or self._target.options.profile:
            yield HOW_TO_TRAIN
        if self._target.container is not None:
            yield from container_files(self._out, self._target.container, locks=True)
        else:
            for root, _ in self._target.layout.roots:
                is_folder(self._out, root)  # raises where it is something else

    def _clear(self, store: Store, there: Target) -> None:
        """Remove what the earlier export wrote, and nothing else; first what says it is done."""
        self._run_file.doubt()
        for known in self._run_file.images():
            remove_file(self._out, text_name(known.stem))
        store.clear()
        remove_card(there, self._run_file)
        mine = {
            EXCLUDED: self._run_file.get(EXCLUDED) is not None,
            HOW_TO_TRAIN: there.options.profile is not None,
        }
        for name in (MANIFEST, CHECKSUMS, *filter(mine.get, mine)):
            remove_file(self._out, name)
        self._run_file.clear()

    def _forget_unfinished(self, target: Target) -> None:
        """Leave nothing of images that were begun, by this run or a killed one, and not done."""
        for name in list(unfinished(target)):
            remove_file(self._out, name)
        begun = list(self._run_file.images(UNDER_WAY))
        remove_leftovers(begun, target)
        for known in begun:
            remove_file(self._out, text_name(known.stem))
        self._run_file.forget_begun()

    # What is to be done

    def unsure(self, images: Sequence[Input]) -> tuple[list[Input], int]:
        """Return those of `images` that were done and look changed, and how many are not done.

        The first are to be read, for `compare`.
        """
        self._known = {known.name: known for known in self._run_file.images(DONE)}
        found, new = [], 0
        for image in images:
            known = self._known.get(image.name)
            if known is None or known.mark is None:
                new += 1
            elif not are_unchanged(image.files, known.mark):
                found.append(image)
        return found, new

    def compare(self, image: Input, found: FileMark | SrviewerError) -> None:
        """Note what the file of `image` holds now: if that is the same, it stays as it is."""
        mark = self._known[image.name].mark
        if isinstance(found, FileMark) and mark and found.sha256 == mark.sha256:
            self._run_file.update_mark(image.name, found)
            return
        self._stale.add(image.name)
        if isinstance(found, FileMark):
            self._others.append(image.name)

    def missing(self, images: Sequence[Input]) -> list[Input]:
        """Return those of `images` that are to be done; the remains of changed ones are removed.

        Where only so many pairs are chosen, a changed image may give others back the pairs that
        it had pushed out: those are to be done again too.

        Raises
        ------
        ConflictError
            Where other images have left their pairs under the names of these: they may be older
            states of the same files, or from another folder, and only the person knows.
        """
        if self._others and not self._overwrite:
            names = ", ".join(self._others[:3]) + (", ..." if len(self._others) > 3 else "")
            cause = f"holds pairs of other images under the same names ({names})"
            error = ConflictError(cause, path=self._out)
            error.pairs = pairs_there(self._out, self._run_file)
            raise error
        given = [self._known[image.name] for image in images if image.name in self._known]
        self._stale |= {known.name for known in given if not self._store.has(known)}
        if self._target.options.max_pairs and any(self._known[name].pairs for name in self._stale):
            self._stale |= {known.name for known in given if known.pairs < known.kept}
        missing = [
            image for image in images if image.name in self._stale or image.name not in self._known
        ]
        self._do_again(missing)
        self._known.clear()
        return missing

    def likely_whole(self, images: Sequence[Input]) -> frozenset[str]:
        """Return the names of those of `images` whose pair is the whole image, as far as is known.

        Which images are for validation depends on which of them give pairs.
        """
        names = {image.name for image in images}
        options = self._target.options
        if options.whole != "validation":
            return frozenset(names) if options.whole == "all" else frozenset()
        known = {known.name for known in self._run_file.images(DONE)}
        return validation_images(names | known, options.validation_share, options.seed) & names

    def moved(self) -> list[tuple[Known, bool]]:
        """Return the images whose pairs are windows and should be whole, or the other way round.

        With each whether it should be whole.
        """
        if self._target.options.whole != "validation":
            return []
        validation = validation_in(self._run_file, self._target.options)
        found = []
        for known in self._run_file.images(WITH_PAIRS):
            told, wanted = self._run_file.told(known.name), known.name in validation
            if bool(told and told.whole) != wanted:
                found.append((known, wanted))
        return found

    def undo(self, images: Sequence[Input]) -> None:
        """Remove the pairs of `images`, which are done and to be done once more."""
        self._stale = {image.name for image in images}
        self._do_again(images)

    def _do_again(self, images: Sequence[Input]) -> None:
        """Note that `images` are under way; what there was of those that are stale is removed."""
        with write_errors(self._out):
            for name in self._stale:
                self._run_file.doubt(name)
            self._forget_unfinished(self._target)
            self._run_file.begin(images)

    def add(self, written: Written) -> Written | SrviewerError:
        """Note what was written: from then on the image counts as done."""
        if not self._run_file.is_there():
            return vanished(self._target)
        waits = self._target.container is not None
        try:
            if written.likeness:  # first: an image that counts as done is not looked at again
                self._run_file.note_likeness(written.mark.sha256, written.likeness)
            self._run_file.add(
                written.image,
                written.mark,
                written.pairs,
                written.text,
                waits=waits,
                kept=written.kept,
                versions=dict(written.versions or VERSIONS),
            )
        except SrviewerError as error:
            remove_leftovers([written.image], self._target)
            return error
        return written

    def note_failure(self, image: Input, cause: str) -> None:
        """Note why nothing came of `image`, as long as its file is as it is now."""
        with contextlib.suppress(OSError, ValueError):  # one that is not there may come back
            mark = FileMark(*look_at_files(image.files), "")
            if self._run_file.is_there():
                self._run_file.note_failure(image.name, mark, cause)

    # The end

    def complete(self, progress: Progress) -> int:
        """Choose among the pairs of all images, put everything in place, and return how many.

        Raises
        ------
        Cancelled
            With everything as it was; the next run goes on from there.
        """
        self._finish(True, progress)
        card = write_card(self._target, self._run_file)
        count = self._run_file.count_pairs()
        split = missing_split(self._run_file, self._target.options) if count else ""
        self.end_notes = tuple(note for note in (card, split) if note)
        return count

    def for_validation(self) -> tuple[int, int] | None:
        """Return how many images are for validation, and their pairs; None without a share."""
        if not self._target.options.validation_share:
            return None
        held = validation_in(self._run_file, self._target.options)
        known = self._run_file.images(WITH_PAIRS)
        return len(held), sum(one.pairs for one in known if one.name in held)

    def equal_images(self) -> list[list[str]]:
        """Return the names of images with equal content, a list for each such content."""
        return equal_images({known.name: known.content for known in self._run_file.images(DONE)})

    def alike_images(self, progress: Progress) -> list[list[str]]:
        """Return the names of images that look the same, a list for each such picture."""
        return alike_images(self._run_file.likenesses(), progress)

    def _finish(self, complete: bool, progress: Progress) -> None:
        """Put everything in place; what is done stays in the run file where this fails."""
        self._finished = True
        try:
            if not self._run_file.is_there():
                raise vanished(self._target)
            self._forget_unfinished(self._target)
            if complete:
                self._fill_sums(progress)
                self._run_file.drop_all_but(self._target.options.max_pairs)
                self._store.finish(progress)
            self._rendering.render(self._store, complete=complete)
        except OSError as error:
            if not self._out.is_dir():
                raise vanished(self._target) from error
            raise write_error(Path(error.filename or self._out / MANIFEST), error) from error

    def _fill_sums(self, progress: Progress) -> None:
        """Find the checksums of pairs that came without."""
        for known in progress.each(self._run_file.images(images_with(_NO_SUMS))):
            found = []
            for pair, hr, lr in self._store.read(known):
                high, low = (hashlib.sha256(data).digest() for data in (hr, lr))
                found.append(pair._replace(sha256_hr=high, sha256_lr=low))
            with self._run_file.transaction():
                self._run_file.update(known.name, found)
