"""What lies in a data set and looks like its own, though nothing of it names it."""

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from srviewer.errors import reason
from srviewer.export.checksums import CHECKSUMS, Checksums
from srviewer.export.containers.base import Reader, StoredError
from srviewer.export.findings import Finding, Kind
from srviewer.export.own_files import container_files, own_files, pair_files
from srviewer.export.target import Target
from srviewer.export.verification.checking import finding_of


def extras(
    target: Target,
    known: Checksums,
    named: Counter[str],
    *,
    has_checksums: bool,
    changed: Collection[str],
) -> Iterator[Finding]:
    """Yield a finding for each file, and for each container with pairs, that is not known.

    Parameters
    ----------
    target : Target
    known : Checksums
        The names that checksums and manifest have.
    named : Counter of str
        How many values the manifest names in each file of a container.
    has_checksums : bool
        Whether `known` has the files too; then only those that are `changed` can hold more.
    changed : collection of str
        Files that are not as they were written.
    """
    try:
        yield from _unknown_files(target, known, has_checksums=has_checksums)
        container = target.container
        files = list(container_files(target.out, container)) if container else []
    except OSError as error:
        name = Path(error.filename or target.out).relative_to(target.out).as_posix()
        yield Finding(Kind.UNREADABLE, name, reason(error))
        return
    with Reader(target.out, container) as reader:
        for file in files:
            if file in changed or not has_checksums:
                yield from _unknown_values(reader, file, named[file])


def _unknown_files(target: Target, known: Checksums, *, has_checksums: bool) -> Iterator[Finding]:
    if has_checksums:
        names, words = own_files(target), f"{CHECKSUMS} does not name it"
    else:
        names, words = pair_files(target), "the manifest has no such pair"
    for name in names:
        if name not in known:
            yield Finding(Kind.EXTRA, name, words)


def _unknown_values(reader: Reader, file: str, named: int) -> Iterator[Finding]:
    try:
        more = reader.count(file) - named
    except StoredError as error:
        yield finding_of(error, file)
        return
    if more > 0:
        yield Finding(Kind.EXTRA, file, f"{more:,} more in it than the manifest names")
