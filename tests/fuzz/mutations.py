"""Ways to damage a file, blind ones and those that know how its format is put together."""

import random
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tests.pipeline.formats.writers import PNG, chunk

SECTOR = 512
ENDS = {"PNG": chunk(b"IEND"), "JPEG": b"\xff\xd9", "GIF": b";"}
EXTREMES = (0, 1, 2, 3, 127, 128, 255, 256, 20_000, 32_767, 32_768, 65_535, 0x10_0000, 0x7FFF_FFFF,
            0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFF)  # fmt: skip
SIZES = ((20_000, 20_000), (16_383, 16_383), (65_535, 6_000), (6_000, 65_535), (9_000, 9_000),
         (3, 16_000_000), (1, 1), (61, 46), (62, 45))  # fmt: skip
NUMBERS = (b"0", b"-1", b"65536", b"20000", b"4294967297", b"9" * 40, b"1e9", b"")
_HEAD = 64  # bytes in which a format that is not known has its header
_BOXES = {b"meta": 4, b"moov": 0, b"iprp": 0, b"ipco": 0, b"jp2h": 0, b"trak": 0, b"iinf": 6}


class Field(NamedTuple):
    """A whole number in a file."""

    at: int
    size: int
    order: str


class Anatomy(NamedTuple):
    """Where the parts of a file begin and end, and the numbers that say how long or large."""

    parts: Sequence[tuple[int, int]]
    fields: Sequence[Field]


def anatomy(data: bytes) -> Anatomy:
    """Return the parts of a file, as far as it is known how it is put together."""
    if data.startswith(PNG):
        return _of_chunks(list(_png_chunks(data)), ">", 13)
    if data.startswith(b"\xff\xd8"):
        return _of_segments(data)
    if data[:2] in (b"II", b"MM"):
        return _of_tiff(data)
    if data.startswith(b"RIFF"):
        return _of_chunks(list(_riff_chunks(data)), "<", 10)
    if data[4:8] in (b"ftyp", b"jP  ", b"JXL "):
        return _of_boxes(data)
    bounds = range(0, len(data), max(8, len(data) // 12))
    blocks = [(at, min(at + bounds.step, len(data))) for at in bounds]
    return Anatomy(blocks, [*_every_field(0, min(_HEAD, len(data)))])


def _every_field(start: int, end: int) -> Iterator[Field]:
    """Yield all that can be numbers where nothing is known of them."""
    for at in range(start, end):
        yield Field(at, 1, "<")
        for size in (2, 3, 4):
            if at + size <= end and (at - start) % 2 == 0:
                yield Field(at, size, "<")
                yield Field(at, size, ">")


def _of_chunks(chunks: list[tuple[int, int, int]], order: str, head: int) -> Anatomy:
    """Return the anatomy of chunks, each given as start, place of its length and end."""
    parts = [(start, end) for start, _, end in chunks]
    lengths = [Field(length, 4, order) for _, length, _ in chunks]
    first = parts[0][0] + 8 if parts else 0
    return Anatomy(parts, [*lengths, *_every_field(first, first + head)])


def _png_chunks(data: bytes) -> Iterator[tuple[int, int, int]]:
    at = len(PNG)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        yield at, at, end
        at = end


def _riff_chunks(data: bytes) -> Iterator[tuple[int, int, int]]:
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield at, at + 4, min(at + 8 + length + length % 2, len(data))
        at += 8 + length + length % 2


def _of_segments(data: bytes) -> Anatomy:
    """Return the segments of a JPEG up to its first scan, and that with all behind it."""
    parts, fields, at = [], [], 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        end = len(data) if data[at + 1] == 0xDA else at + 2 + length
        parts.append((at, end))
        fields.append(Field(at + 2, 2, ">"))
        if data[at + 1] in (0xC0, 0xC1, 0xC2):  # the size, and how the colours are sampled
            fields += [Field(at + 4, 1, ">"), Field(at + 5, 2, ">"), Field(at + 7, 2, ">")]
            fields += [Field(at + 9 + byte, 1, ">") for byte in range(8)]
        if data[at + 1] in (0xC4, 0xDB, 0xDD):  # tables, and the restart interval
            fields += [Field(at + 4 + byte, 1, ">") for byte in range(6)]
        at = end
    return Anatomy(parts, fields)


def _of_tiff(data: bytes) -> Anatomy:
    """Return each entry of each directory as a part; type, count and value are fields."""
    order = "<" if data[:2] == b"II" else ">"
    is_big = 43 in data[2:4]
    word, count, entry = ("Q", "Q", 20) if is_big else ("I", "H", 12)
    size, few = struct.calcsize(word), struct.calcsize(f"={count}")
    link, parts, fields = (8 if is_big else 4), [], []
    for _ in range(20):
        fields.append(Field(link, size, order))
        (at,) = struct.unpack_from(f"{order}{word}", data, link)
        if not 0 < at <= len(data) - few:
            break
        (number,) = struct.unpack_from(f"{order}{count}", data, at)
        fields.append(Field(at, few, order))
        for start in range(at + few, at + few + entry * number, entry):
            parts.append((start, start + entry))
            fields += [Field(start, 2, order), Field(start + 2, 2, order)]
            fields += [Field(start + 4 + n * size, size, order) for n in range(2)]
            fields.append(Field(start + 4 + size, 2, order))
        link = at + few + entry * number
        if link + size > len(data):
            break
    return Anatomy(parts, fields)


def _of_boxes(data: bytes) -> Anatomy:
    """Return the boxes, and those in boxes, whose bodies are small enough to hold fields only."""
    parts, fields = [], []

    def walk(at: int, end: int) -> None:
        while at + 8 <= end:
            length = int.from_bytes(data[at : at + 4], "big") or end - at
            kind, stop = data[at + 4 : at + 8], min(at + length, end)
            parts.append((at, stop))
            fields.append(Field(at, 4, ">"))
            if kind in _BOXES:
                walk(at + 8 + _BOXES[kind], stop)
            elif stop - at < 120:
                fields.extend(_every_field(at + 8, stop))
            elif (code := data.find(b"\xff\x4f\xff\x51", at, stop)) >= 0:
                fields.extend(_every_field(code + 4, min(code + 60, stop)))
            at = max(stop, at + 8)

    walk(0, len(data))
    return Anatomy(parts, fields)


# The mutations: each takes a file, others of its format, chance, and what its parts are.

Mutation = Callable[[bytes, Sequence[bytes], random.Random, Anatomy], bytes]


def _put(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new[: max(0, len(data) - at)] + data[at + len(new) :]


def flip_a_bit(data: bytes, others: Sequence[bytes], chance: random.Random, _: Anatomy) -> bytes:
    at = chance.randrange(len(data))
    return _put(data, at, bytes([data[at] ^ 1 << chance.randrange(8)]))


def change_bytes(data: bytes, others: Sequence[bytes], chance: random.Random, _: Anatomy) -> bytes:
    start = chance.randrange(len(data))
    for _ in range(chance.randrange(2, 9)):
        at = min(start + chance.randrange(300), len(data) - 1)
        data = _put(data, at, chance.randbytes(1))
    return data


def zero_a_sector(data: bytes, others: Sequence[bytes], chance: random.Random, _: Anatomy) -> bytes:
    size = min(SECTOR, max(1, len(data) // 4))
    return _put(data, chance.randrange(len(data)) // size * size, bytes(size))


def cut(data: bytes, others: Sequence[bytes], chance: random.Random, _: Anatomy) -> bytes:
    return data[: chance.randrange(1, max(2, len(data)))]


def cut_and_close(data: bytes, others: Sequence[bytes], chance: random.Random, _: Anatomy) -> bytes:
    start = cut(data, others, chance, _)
    end = next((end for end in ENDS.values() if data.endswith(end)), data[-12:])
    return start + end


def splice(data: bytes, others: Sequence[bytes], chance: random.Random, _: Anatomy) -> bytes:
    """Lay a stretch of another file over this one, or put it between."""
    other = chance.choice(others)
    start = chance.randrange(len(other))
    piece = other[start : start + chance.randrange(1, max(2, len(other) // 2))]
    at = chance.randrange(len(data))
    return _put(data, at, piece) if chance.random() < 0.7 else data[:at] + piece + data[at:]


def repeat_a_part(
    data: bytes, others: Sequence[bytes], chance: random.Random, of: Anatomy
) -> bytes:
    start, end = chance.choice(of.parts)
    at = chance.choice(of.parts)[0]
    return data[:at] + data[start:end] * chance.choice((1, 1, 1, 30)) + data[at:]


def swap_parts(data: bytes, others: Sequence[bytes], chance: random.Random, of: Anatomy) -> bytes:
    (start, end), (first, last) = sorted(chance.choices(of.parts, k=2))
    if first < end:
        return data[:start] + data[end:last] + data[start:end] + data[last:]
    return data[:start] + data[first:last] + data[end:first] + data[start:end] + data[last:]


def drop_a_part(data: bytes, others: Sequence[bytes], chance: random.Random, of: Anatomy) -> bytes:
    start, end = chance.choice(of.parts)
    return data[:start] + data[end:]


def set_a_field(data: bytes, others: Sequence[bytes], chance: random.Random, of: Anatomy) -> bytes:
    """Set one or two numbers to extremes."""
    for at, size, order in chance.choices(of.fields, k=chance.choice((1, 1, 2))):
        value = chance.choice(EXTREMES) & (1 << 8 * size) - 1
        data = _put(data, at, value.to_bytes(size, "little" if order == "<" else "big"))
    return data


def set_a_size(data: bytes, others: Sequence[bytes], chance: random.Random, of: Anatomy) -> bytes:
    """Set two numbers beside each other to what can be a width and a height."""
    wide = [one for one in of.fields if one.size > 1]
    if not wide:
        return flip_a_bit(data, others, chance, of)
    at, size, order = chance.choice(wide)
    for value in chance.choice(SIZES):
        value &= (1 << 8 * size) - 1
        data = _put(data, at, value.to_bytes(size, "little" if order == "<" else "big"))
        at += size
    return data


def set_a_number(data: bytes, others: Sequence[bytes], chance: random.Random, _: Anatomy) -> bytes:
    """Set a number that is written in digits to an extreme, in what is text or begins with it."""
    found = list(re.finditer(rb"[0-9]+", data[:4000]))
    if not found:
        return flip_a_bit(data, others, chance, _)
    start, end = chance.choice(found).span()
    return data[:start] + chance.choice(NUMBERS) + data[end:]


MUTATIONS: tuple[Mutation, ...] = (
    flip_a_bit,
    change_bytes,
    zero_a_sector,
    cut,
    cut_and_close,
    splice,
    repeat_a_part,
    swap_parts,
    drop_a_part,
    set_a_field,
    set_a_field,
    set_a_size,
    set_a_size,
    set_a_number,
)


def mutate(
    data: bytes, others: Sequence[bytes], chance: random.Random, of: Anatomy | None = None
) -> tuple[str, bytes]:
    """Return the name of a mutation and what it makes of `data`, which is something else.

    `others` are files of the same format, `of` is what `anatomy` says.
    """
    of = anatomy(data) if of is None else of
    while True:
        mutation = chance.choice(MUTATIONS)
        made = mutation(data, others, chance, of)
        if made and made != data:
            return mutation.__name__, made


def repaired(data: bytes) -> bytes:
    """Return a PNG with the right checksum behind every chunk, so that the next line is tried."""
    out = bytearray(data)
    for start, _, end in _png_chunks(data):
        if end <= len(data):
            out[end - 4 : end] = struct.pack(">I", zlib.crc32(data[start + 4 : end - 4]))
    return bytes(out)
