"""Image files of every format and many layouts, damaged, and what may come of that.

``python -m tests.fuzz.images FIRST COUNT`` tries that many in a process of its own, for
`tests.soak.fuzzing`, and prints a line of JSON before and after each.
"""

import contextlib
import faulthandler
import io
import json
import os
import random
import re
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, features

from srviewer.errors import ReadError
from srviewer.pipeline import apart
from srviewer.pipeline.formats.limits import MOST_PIXELS
from srviewer.pipeline.reading import read_image
from srviewer.pipeline.suffixes import SUFFIXES, register_extras
from tests.fuzz.mutations import anatomy, mutate, repaired
from tests.photos import crop
from tests.pipeline.formats.test_tiff import LAYOUTS
from tests.pipeline.formats.writers import (
    PNG,
    Page,
    chunk,
    grey_profile,
    head,
    ink_profile,
    png,
    rows_of,
    tiff,
    wide_profile,
)

SECONDS, BYTES = 10.0, 2_000_000_000  # that a file may take
LONGEST = 400  # characters of a sentence, the path left out
_HANG = 60  # seconds until the process ends that reads
SIZE = (61, 45)
RGB = crop("coffee", 200, 100, *SIZE)
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6}")


@dataclass(frozen=True, eq=False)
class Seed:
    """A file that is whole.

    Attributes
    ----------
    name : str
        With the format first, and its suffix last.
    data : bytes
    packed : tuple of bytes
        The strips or tiles of a TIFF that have checksums.
    """

    name: str
    data: bytes
    packed: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def format(self) -> str:
        return self.name.split()[0]

    @property
    def suffix(self) -> str:
        return self.name.split()[-1]


class Case(NamedTuple):
    """A damaged file; `has_checksum` tells whether no damage of it may pass."""

    seed: Seed
    mutation: str
    data: bytes
    has_checksum: bool


class Outcome(NamedTuple):
    """What became of a file: how it ended, the seconds it took, and what is wrong with that."""

    ending: str
    seconds: float
    wrong: str = ""


# The files


def _saved(image: Image.Image, format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def _pngs() -> Iterator[tuple[str, bytes]]:
    random_ = np.random.default_rng(0)
    depths = {0: (1, 8, 16), 2: (8, 16), 3: (2, 8), 4: (8, 16), 6: (8, 16)}
    for colour, samples in {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.items():
        for depth in depths[colour]:
            size = 1 + -(-SIZE[0] * samples * depth // 8)
            rows = random_.integers(0, 256, (SIZE[1], size), np.uint8)
            rows[:, 0] = random_.integers(0, 5, SIZE[1])
            packed = zlib.compress(rows.tobytes())
            extra = b""
            if colour == 3:
                extra = chunk(b"PLTE", random_.integers(0, 256, 3 << depth, np.uint8).tobytes())
                extra += chunk(b"tRNS", b"\0\x80")
            halves = packed[: len(packed) // 2], packed[len(packed) // 2 :]
            body = b"".join(chunk(b"IDAT", half) for half in halves) + chunk(b"IEND")
            yield f"{colour}-{depth}", PNG + head(*SIZE, depth, colour) + extra + body
    profile = chunk(b"iCCP", b"wide\0\0" + zlib.compress(wide_profile()))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = chunk(b"eXIf", exif.tobytes()[6:])
    yield "chunks", png(RGB, profile, turned, chunk(b"tEXt", b"Comment\0text"))
    told = chunk(b"gAMA", struct.pack(">I", 99999)), chunk(b"cICP", b"\x01\x0d\0\x01")
    yield "colours", png(RGB, *told, chunk(b"tRNS", b"\0\1\0\2\0\3"))
    starts = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
              (1, 0, 2, 1))  # fmt: skip
    rows = b"".join(rows_of(RGB[y::down, x::across]) for y, x, down, across in starts)
    body = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND")
    yield "interlaced", PNG + head(*SIZE, interlace=1) + body
    image = Image.fromarray(RGB)
    yield "animated", _saved(image, "PNG", save_all=True, append_images=[image.rotate(90)] * 2)


def _jpegs() -> Iterator[tuple[str, bytes]]:
    image = Image.fromarray(RGB)
    exif = Image.Exif()
    exif[0x0112] = 8
    for name, options in {
        "plain": {},
        "progressive": {"progressive": True},
        "4:4:4 with restarts": {"subsampling": 0, "restart_marker_blocks": 3},
        "4:2:2 with exif": {"subsampling": 1, "exif": exif},
        "with a profile": {"icc_profile": wide_profile()},
        "RGB": {"keep_rgb": True},
    }.items():
        yield name, _saved(image, "JPEG", **options)
    yield "grey", _saved(image.convert("L"), "JPEG", icc_profile=grey_profile(1.4))
    yield "inks", _saved(image.convert("CMYK"), "JPEG", icc_profile=ink_profile())
    yield "two pictures", _saved(image, "MPO", save_all=True, append_images=[image])


def _tiffs() -> Iterator[tuple[str, bytes, tuple[bytes, ...]]]:
    for name, (pages, file, _) in LAYOUTS.items():
        largest = max(pages, key=lambda page: page.samples.size)
        packed = tuple(largest.pieces(file.get("order", "<"))) if largest.codec == "zlib" else ()
        yield name, tiff(*pages, **file), packed
    twelve = np.arange(61 * 45).reshape(45, 61, 1).astype(np.uint16)
    page = Page(twelve, bits=12, photometric=1, codec="zlib")
    yield "12 bits zlib", tiff(page), tuple(page.pieces("<"))
    image = Image.fromarray(RGB)
    codecs = ("packbits", "tiff_lzw", "lzma", "zstd", "jpeg", "tiff_adobe_deflate")
    for codec in codecs:
        yield f"{codec} of Pillow", _saved(image, "TIFF", compression=codec), ()
    for codec in ("group3", "group4", "tiff_ccitt"):
        yield f"{codec} of Pillow", _saved(image.convert("1"), "TIFF", compression=codec), ()
    yield "inks", _saved(image.convert("CMYK"), "TIFF", compression="jpeg"), ()
    yield "palette", _saved(image.convert("P"), "TIFF", icc_profile=wide_profile()), ()


def _bmps() -> Iterator[tuple[str, bytes]]:
    image = Image.fromarray(RGB)
    for mode in ("RGB", "RGBA", "L", "P", "1"):
        yield mode, _saved(image.convert(mode), "BMP")
    runs = b"".join(b"\x3d" + bytes([y * 5]) + b"\0\0" for y in range(45)) + b"\0\1"
    table = bytes(1024)
    at = 54 + len(table)
    start = struct.pack("<2sIHHI", b"BM", at + len(runs), 0, 0, at)
    info = struct.pack("<IiiHHIIiiII", 40, *SIZE, 1, 8, 1, len(runs), 0, 0, 256, 0)
    yield "run lengths", start + info + table + runs


def _others() -> Iterator[tuple[str, str, bytes]]:
    """Yield name, suffix and content of what a process apart decodes."""
    image = Image.fromarray(RGB)
    alpha = Image.fromarray(np.dstack([RGB, RGB[..., 0]]))
    grey, palette = image.convert("L"), image.convert("P")
    frames = {"save_all": True, "append_images": [image.rotate(90, expand=False)] * 2}
    exif = Image.Exif()
    exif[0x0112] = 3
    yield "GIF plain", ".gif", _saved(palette, "GIF")
    yield "GIF animated", ".gif", _saved(palette, "GIF", **frames, duration=100, loop=0)
    yield "GIF see-through", ".gif", _saved(alpha, "GIF")
    yield "WEBP lossy", ".webp", _saved(image, "WEBP", exif=exif, icc_profile=wide_profile())
    yield "WEBP lossless", ".webp", _saved(image, "WEBP", lossless=True)
    yield "WEBP alpha", ".webp", _saved(alpha, "WEBP", quality=70)
    yield "WEBP animated", ".webp", _saved(image, "WEBP", **frames)
    yield "JPEG2000 boxes", ".jp2", _saved(image, "JPEG2000")
    yield "JPEG2000 bare", ".j2k", _saved(grey, "JPEG2000", no_jp2=True)
    yield (
        "JPEG2000 lossy tiles",
        ".jp2",
        _saved(alpha, "JPEG2000", irreversible=True, quality_layers=[20], tile_size=(32, 32)),
    )
    deep = (RGB.astype(np.uint16) * 257)[..., ::-1]
    yield "JPEG2000 deep", ".jp2", cv2.imencode(".jp2", deep)[1].tobytes()
    for kind, mode in {"P4": "1", "P5": "L", "P6": "RGB"}.items():
        yield f"PPM {kind}", ".ppm", _saved(image.convert(mode), "PPM")
    yield "PPM P6 deep", ".ppm", b"P6 # deep\n61 45\n1023\n" + (deep % 1024).astype(">u2").tobytes()
    words = " ".join(map(str, RGB.ravel())).encode()
    yield "PPM P3", ".ppm", b"P3\n61 45 255\n" + words + b"\n"
    bits = " ".join(str(value & 1) for value in RGB[..., 0].ravel()).encode()
    yield "PPM P1", ".pbm", b"P1\n61 45\n" + bits
    yield "QOI plain", ".qoi", _saved(image, "QOI")
    yield "QOI alpha", ".qoi", _saved(alpha, "QOI")
    for mode in ("RGB", "RGBA", "L", "P", "1"):
        yield f"TGA {mode}", ".tga", _saved(image.convert(mode), "TGA")
        if mode != "1":
            packed = _saved(image.convert(mode), "TGA", compression="tga_rle")
            yield f"TGA {mode} run lengths", ".tga", packed
    yield "DIB plain", ".dib", _saved(image, "DIB")
    if features.check("avif"):
        yield "AVIF plain", ".avif", _saved(image, "AVIF", speed=9, icc_profile=wide_profile())
        yield "AVIF alpha", ".avif", _saved(alpha, "AVIF", speed=9)
        yield "AVIF animated", ".avif", _saved(image, "AVIF", speed=9, **frames)
    register_extras()
    if ".heic" in SUFFIXES:
        yield "HEIF plain", ".heic", _saved(image, "HEIF", quality=60)
        yield "HEIF alpha and two", ".heic", _saved(alpha, "HEIF", save_all=True,
                                                    append_images=[image])  # fmt: skip
    if ".jxl" in SUFFIXES:
        yield "JXL plain", ".jxl", _saved(image, "JXL")
        yield "JXL lossless alpha", ".jxl", _saved(alpha, "JXL", lossless=True)


@cache
def seeds() -> tuple[Seed, ...]:
    """Return all files that are whole."""
    found = [Seed(f"PNG {name} .png", data) for name, data in _pngs()]
    found += [Seed(f"JPEG {name} .jpg", data) for name, data in _jpegs()]
    found += [Seed(f"TIFF {name} .tif", data, packed) for name, data, packed in _tiffs()]
    found += [Seed(f"BMP {name} .bmp", data) for name, data in _bmps()]
    found += [Seed(f"{name} {suffix}", data) for name, suffix, data in _others()]
    return tuple(found)


@cache
def _whole(seed: Seed) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the pixels and notes of a file that is whole."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"a{seed.suffix}")
        file.write_bytes(seed.data)
        image = read_image(file)
    return image.rgb, image.notes


@cache
def _by_format() -> dict[str, list[Seed]]:
    found: dict[str, list[Seed]] = {}
    for seed in seeds():
        found.setdefault(seed.format, []).append(seed)
    return found


def case(number: int) -> Case:
    """Return the damaged file of this number; formats take turns."""
    chance = random.Random(number)
    every = list(_by_format().values())
    of_format = every[number % len(every)]
    seed = chance.choice(of_format)
    name, data = mutate(seed.data, [other.data for other in of_format], chance, anatomy(seed.data))
    has_checksum = seed.format == "PNG" and name != "drop_a_part"
    if seed.format == "PNG" and chance.random() < 0.3:
        name, data, has_checksum = f"{name}, repaired", repaired(data), False
    elif seed.packed:
        has_checksum = any(piece not in data for piece in seed.packed)
    return Case(seed, name, data, has_checksum)


# What may come of them


def try_out(case: Case, folder: Path) -> Outcome:
    """Read a damaged file as every part of the program does, and judge what comes of it."""
    file = folder / f"a{case.seed.suffix}"
    file.write_bytes(case.data)
    begun = time.perf_counter()
    try:
        image = read_image(file)
    except ReadError as error:
        seconds = time.perf_counter() - begun
        return Outcome("refused", seconds, _wrong_words(error.sentence))
    except Exception as error:
        seconds = time.perf_counter() - begun
        return Outcome("raised", seconds, f"{type(error).__name__}: {error}")
    seconds = time.perf_counter() - begun
    rgb, notes = image.rgb, image.notes
    whole, told = _whole(case.seed)
    new = [note for note in notes if note not in told]
    same = rgb.shape == whole.shape and bool(np.array_equal(rgb, whole))
    wrong = next(filter(None, map(_wrong_words, notes)), "")
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or not rgb.flags.c_contiguous:
        wrong = f"{rgb.dtype} of shape {rgb.shape}"
    if rgb.shape[0] * rgb.shape[1] > MOST_PIXELS or not rgb.size:
        wrong = f"of shape {rgb.shape}"
    if case.has_checksum and not same and not new:
        wrong = "other pixels without a note"
    ending = "the same" if same else "other pixels with a note" if new else "other pixels"
    return Outcome(ending, seconds, wrong)


def _wrong_words(words: str) -> str:
    """Return what is wrong with a sentence or a note, empty where nothing is."""
    lost = ("did not answer", "died over it", "not enough memory", "Insufficient memory")
    if any(one in words for one in lost):
        return words
    fits = words and words.isprintable() and len(words) < LONGEST and not _ADDRESS.search(words)
    return "" if fits else f"words: {words!r}"


# A process that tries many


class _Peak:
    """How much memory this process and that of the decoders took since the last look."""

    def look(self) -> int:
        """Return bytes, the larger of both, and begin anew; 0 where the system does not tell."""
        found = [0]
        process = apart.decoder()._process
        for pid in (os.getpid(), *([process.pid] if process else [])):
            with contextlib.suppress(OSError, AttributeError, TypeError):
                status = Path(f"/proc/{pid}/status").read_text()
                found.append(1024 * int(re.search(r"VmHWM:\s*(\d+)", status)[1]))
                Path(f"/proc/{pid}/clear_refs").write_text("5")
        return max(found)


def main(first: int, count: int) -> None:
    """Try out the cases from `first` on, and tell of each."""
    peak = _Peak()
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds():
            _whole(seed)
        peak.look()
        for number in range(first, first + count):
            one = case(number)
            about = [number, one.seed.name, one.mutation]
            print(json.dumps(about), flush=True)
            faulthandler.dump_traceback_later(_HANG, exit=True)
            outcome = try_out(one, Path(folder))
            faulthandler.cancel_dump_traceback_later()
            print(json.dumps([*about, *outcome, peak.look()]), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
