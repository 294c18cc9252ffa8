"""The checksums of a data set, as ``sha256sum -c`` takes them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from srviewer.export.manifest import csv_text, replacing

CHECKSUMS, PAIR_CHECKSUMS = "checksums.sha256", "checksums-pairs.csv"
_ESCAPES = {"\\": "\\", "n": "\n", "r": "\r"}
_COLUMNS = ("hr", "lr", "sha256_hr", "sha256_lr")


def write_checksums(out: Path, known: Iterable[tuple[str, str]]) -> None:
    """Write the checksums of the files of the data set `out`.

    Parameters
    ----------
    out : Path
    known : iterable of (str, str)
        Each file, relative to `out` with ``/``, and its SHA-256 in hex.
    """
    with replacing(out / CHECKSUMS) as file:
        for name, digest in known:
            escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
            start = "\\" if escaped != name else ""
            file.write(f"{start}{digest}  {escaped}\n".encode("utf-8", "surrogateescape"))


def write_pair_checksums(out: Path, known: Iterable[tuple[str, str, bytes, bytes]]) -> None:
    """Write the checksums of the pairs in a container: their names, and the digests of both."""
    with replacing(out / PAIR_CHECKSUMS) as file:
        file.write(csv_text([_COLUMNS]).encode("utf-8"))
        for hr, lr, *digests in known:
            line = csv_text([(hr, lr, *(digest.hex() for digest in digests))])
            file.write(line.encode("utf-8", "surrogateescape"))


def read_checksums(out: Path) -> Iterator[tuple[str, str]]:
    """Yield what `write_checksums` and `write_pair_checksums` wrote: names and digests."""
    if (out / PAIR_CHECKSUMS).is_file():
        with open(
            out / PAIR_CHECKSUMS, encoding="utf-8", errors="surrogateescape", newline=""
        ) as lines:
            for row in csv.DictReader(lines):
                yield row["hr"], row["sha256_hr"]
                yield row["lr"], row["sha256_lr"]
    elif (out / CHECKSUMS).is_file():
        with open(out / CHECKSUMS, "rb") as file:
            for line in file:
                text = line.decode("utf-8", "surrogateescape").rstrip("\n")
                digest, _, name = text.removeprefix("\\").partition("  ")
                if text.startswith("\\"):
                    name = re.sub(r"\\([\\nr])", lambda found: _ESCAPES[found[1]], name)
                yield name, digest
