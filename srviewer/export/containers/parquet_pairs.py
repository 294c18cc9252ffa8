"""Parquet shards of pictures and the manifest's columns, as Hugging Face's datasets load them."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from srviewer.export.containers.base import NotThereError, Packed, StoredError, other_shape
from srviewer.export.containers.pictures import PngPairs
from srviewer.export.manifest import COLUMNS_OF_NUMBERS, FIGURES, Row, row_kind
from srviewer.runs.folders import new_file

_GROUP = 100  # rows that are written, and read, at once
_ROW = 150  # bytes of a row beside its pictures, about
_SIDES = ("hr", "lr")


@dataclass(frozen=True)
class ParquetPairs(PngPairs):
    """The format parquet.

    Pictures are PNG in a column each, with the feature ``Image`` noted as datasets notes it; they
    are not compressed again. The bytes of a file are also a matter of pyarrow's version.

    Attributes
    ----------
    shard_size : int
        Pairs in a shard; the last one holds what is left.
    given : bool
        Whether LR were given, of which the manifest tells more.
    """

    shard_size: int
    given: bool = False

    own = re.compile(r"pairs-\d{6,}\.parquet")
    mark = ".parquet/"

    def places(self, folder: str, key: str, index: int) -> tuple[str, str]:
        """Return column and row of the two pictures, after the shard that they are in."""
        number, row = divmod(index, self.shard_size)
        shard = f"{folder}{_shard(number)}"
        return f"{shard}/hr/{row}", f"{shard}/lr/{row}"

    @property
    def _columns(self) -> list[str]:
        """What there is beside the pictures."""
        return [name for name in row_kind(given=self.given)._fields if name not in _SIDES]

    def _schema(self) -> Any:
        import pyarrow

        picture = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
        kinds = dict.fromkeys(self._columns, "string")
        kinds |= dict.fromkeys(COLUMNS_OF_NUMBERS, "int64")
        kinds |= {name: "float64" for name in FIGURES if name in kinds}
        fields = [(side, picture) for side in _SIDES]
        fields += [(name, pyarrow.type_for_alias(kinds[name])) for name in self._columns]
        features: dict[str, dict[str, str]] = {side: {"_type": "Image"} for side in _SIDES}
        for name in self._columns:
            features[name] = {"dtype": kinds[name], "_type": "Value"}
        noted = json.dumps({"info": {"features": features}}, separators=(",", ":"))
        return pyarrow.schema(fields, metadata={"huggingface": noted})

    def write(self, folder: Path, pairs: Iterable[Packed], count: int) -> None:
        """Write shard after shard; without pairs there is one empty shard."""
        from pyarrow import Table, parquet

        schema, rest = self._schema(), iter(pairs)
        for number in range(max(1, -(-count // self.shard_size))):
            with (
                open(new_file(folder / _shard(number)), "wb") as file,
                parquet.ParquetWriter(
                    file, schema, compression="none", use_dictionary=False, write_statistics=False
                ) as shard,
            ):
                mine = islice(rest, self.shard_size)
                while group := list(islice(mine, _GROUP)):
                    rows = [self._row(pair) for pair in group]
                    shard.write_table(Table.from_pylist(rows, schema), row_group_size=_GROUP)

    def _row(self, pair: Packed) -> dict[str, Any]:
        found: dict[str, Any] = {
            side: {"bytes": getattr(pair, side), "path": f"{pair.key}.{side}.png"}
            for side in _SIDES
        }
        for name in self._columns:
            found[name] = _value(pair.row, name)
        return found

    def on_disk(self, payload: int) -> float:
        """Return about what a picture takes, with its name and half of its row."""
        return payload + _ROW / 2

    def open(self, path: Path) -> Any:
        """Open a shard."""
        return _Shard(path, self._schema().field("hr").type)

    def value(self, opened: Any, key: str) -> bytes:
        """Return the picture in a column and row."""
        side, _, row = key.partition("/")
        if side not in _SIDES or not row.isdecimal() or len(row) > 18:
            raise NotThereError("no such row")
        found: bytes = opened.picture(side, int(row))
        return found

    def count(self, opened: Any) -> int:
        """Return how many pictures there are."""
        return len(_SIDES) * int(opened.rows)


class _Shard:
    """An open shard, and of each side the rows that were read last."""

    def __init__(self, path: Path, picture: Any) -> None:
        from pyarrow import parquet

        self._file = parquet.ParquetFile(path, memory_map=False)
        self.close = self._file.close
        self.rows = self._file.metadata.num_rows
        self._read: dict[str, tuple[int, Any]] = {}
        for side in _SIDES:
            found = self._file.schema_arrow.field(side).type
            if found != picture:
                raise other_shape(f"column {side}: {found}", f"{picture}")

    def picture(self, side: str, row: int) -> bytes:
        """Return the bytes of a picture."""
        for group, (first, past) in enumerate(self._groups()):
            if first <= row < past:
                at, column = self._read.get(side, (-1, None))
                if at != group:
                    column = self._file.read_row_group(group, columns=[side]).column(side)
                    self._read[side] = group, column
                data = column[row - first].as_py()
                if not data or data["bytes"] is None:
                    raise StoredError("no picture in this row")
                return bytes(data["bytes"])
        raise NotThereError("no such row")

    def _groups(self) -> Iterator[tuple[int, int]]:
        """Yield the first row of each group, and that after its last."""
        first = 0
        for group in range(self._file.metadata.num_row_groups):
            past = first + self._file.metadata.row_group(group).num_rows
            yield first, past
            first = past


def _shard(number: int) -> str:
    return f"pairs-{number:06d}.parquet"


def _value(row: Row, name: str) -> int | float | str | None:
    """Return what `row` tells in a column, as its type; None for nothing."""
    told: str = getattr(row, name)
    if name in COLUMNS_OF_NUMBERS:
        return int(told)
    if name in FIGURES:
        return float(told) if told else None
    return told
