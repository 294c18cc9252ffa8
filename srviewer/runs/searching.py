"""The images in a folder and below it, and what of it is passed over."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from srviewer.errors import reason
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.suffixes import SUFFIXES, not_read
from srviewer.runs.data_sets import is_data_set
from srviewer.wording import counted

Note = Callable[[str], object]
_NAMED = 3  # data sets


def images_in(
    folder: Path,
    leave_out: Path | None = None,
    progress: Progress = UNHEARD,
    on_note: Note = lambda words: None,
) -> list[Path]:
    """Return the image files in `folder` and below, sorted, without hidden ones.

    Linked folders are looked into as well, each folder once however many ways lead to it. Data
    sets of srviewer below `folder` are not: they hold patches, and no photographs.

    Parameters
    ----------
    folder : Path
    leave_out : Path, optional
        A folder not to look into, of which nothing is said: an export's own output.
    progress : Progress, optional
        Told of ``list`` as images are found, asked at every file whether to stop.
    on_note : callable, optional
        Given what was passed over in words, where a person may miss it.

    Raises
    ------
    Cancelled
    """
    search = _Search(folder, leave_out, progress)
    found = outside(leave_out, sorted(search.run()))
    if words := ", ".join([*search.told_data_sets(), *_counted(+search.passed_over)]):
        on_note(f"passed over: {words}")
    return found


def outside(folder: Path | None, paths: list[Path]) -> list[Path]:
    """Return those of `paths` that do not lead into `folder`."""
    if folder is None:
        return paths
    shut = real(folder)
    return [path for path in paths if shut not in real(path).parents]


def real(path: Path) -> Path:
    """Return where `path` leads, itself where that cannot be told."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return path.absolute()


def _counted(passed_over: Counter[tuple[str, str]]) -> Iterator[str]:
    found = sorted(passed_over.items(), key=lambda one: (not one[0][0].startswith("."), one))
    for (what, why), count in found:
        plural = "s" if count > 1 and what.endswith("folder") else ""
        yield f"{count:,} {what}{plural}" + (f" ({why})" if why else "")


class _Search:
    def __init__(self, folder: Path, leave_out: Path | None, progress: Progress) -> None:
        self.passed_over: Counter[tuple[str, str]] = Counter()  # what, and why if it is told
        self._root = folder
        self._data_sets: list[Path] = []
        self._progress = progress
        self._folders = [folder]
        self._links: list[Path] = []
        self._shut = None if leave_out is None else identity(leave_out)
        # A link to a folder above is a loop as well.
        self._seen = {identity(above) for above in real(folder).parents} - {None}

    def run(self) -> Iterator[Path]:
        """Yield the images; links are followed after all that is really there."""
        found = 0
        while self._folders or self._links:
            is_link = not self._folders
            folder = self._links.pop(0) if is_link else self._folders.pop()
            which = identity(folder)
            if which is not None:
                if which in self._seen or which == self._shut:
                    self.passed_over["linked folder", ""] += is_link and which != self._shut
                    continue
                self._seen.add(which)
            if self._is_patches(folder, is_link=is_link):
                self._data_sets.append(folder)
                continue
            for image in self._images(folder):
                found += 1
                self._progress.report("list", found, found)
                yield image
            self._links.sort()

    def _is_patches(self, folder: Path, *, is_link: bool) -> bool:
        """Tell whether `folder` is a data set below the one that is searched, or a link into one.

        The folder itself may be one: a person has named it.
        """
        if folder == self._root:
            return False
        if is_data_set(folder) or not is_link:
            return is_data_set(folder)
        root = real(self._root)
        around = real(folder).parents
        return any(is_data_set(one) for one in around if one not in (root, *root.parents))

    def told_data_sets(self) -> Iterator[str]:
        """Yield in words how many data sets were passed over, and the first of them."""
        names = sorted(f"{one.relative_to(self._root).as_posix()}/" for one in self._data_sets)
        if names:
            more = ", ..." if len(names) > _NAMED else ""
            which = f"{', '.join(names[:_NAMED])}{more}"
            yield f"{counted(len(names), 'data set')} of srviewer ({which})"

    def _images(self, folder: Path) -> Iterator[Path]:
        """Yield the images of one folder, and note the folders in it."""
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._progress.check()
                    if not entry.name.startswith(".") and self._is_image(entry):
                        yield folder / entry.name
        except OSError as error:
            self.passed_over["folder", reason(error)] += 1

    def _is_image(self, entry: os.DirEntry[str]) -> bool:
        suffix = os.path.splitext(entry.name)[1].lower()
        if holds(entry.is_dir):
            (self._links if entry.is_symlink() else self._folders).append(Path(entry.path))
        elif suffix not in SUFFIXES:
            if (remedy := not_read(suffix)) is not None:
                self.passed_over[suffix, remedy] += 1
        elif holds(entry.is_file):
            return True
        else:
            self.passed_over[suffix, "no plain file"] += 1
        return False


def holds(question: Callable[[], bool]) -> bool:
    """Return the answer to `question` about a folder's entry, no where it cannot be looked at."""
    try:
        return question()
    except OSError:  # a loop of links, or a folder that may not be looked into
        return False


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells the file or folder `path` from all others, None where nothing is there."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino
