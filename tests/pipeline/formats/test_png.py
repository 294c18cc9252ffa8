import collections
import io
import random
import struct
import tracemalloc
import zlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from srviewer.errors import ReadError
from srviewer.pipeline.formats import png as module
from srviewer.pipeline.formats.png import read_png
from srviewer.pipeline.formats.raster import BEYOND_PALETTE
from srviewer.pipeline.reading import read_image
from tests.photos import crop
from tests.pipeline.formats.writers import PNG, chunk, head, png, rows_of

RGB = crop("coffee", 200, 100, 61, 40)
LIAR = PNG + head(61, 40) + struct.pack(">I", 0xFF000000) + b"IDAT" + bytes(31)
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def refusal(data: bytes) -> str:
    with pytest.raises(ReadError) as caught:
        read_png(data)
    return caught.value.sentence


def notes_of(tmp_path: Path, data: bytes) -> tuple[str, ...]:
    file = tmp_path / "a.png"
    file.write_bytes(data)
    image = read_image(file)
    np.testing.assert_array_equal(image.rgb, RGB)
    return image.notes


def test_no_damage_passes():
    image = Image.fromarray(crop("astronaut", 0, 0, 200, 160))
    file = io.BytesIO()
    image.save(file, "PNG")
    whole, random_ = file.getvalue(), random.Random(5)
    outcomes = collections.Counter()
    for number in range(240):
        data, kind = bytearray(whole), number % 4
        if kind == 0:
            data[random_.randrange(len(data))] ^= 1 << random_.randrange(8)
        elif kind == 1:
            at = random_.randrange(len(data) - 512)
            data[at : at + 512] = bytes(512)
        elif kind == 2:
            data = data[: random_.randrange(8, len(data))] + chunk(b"IEND")
        else:
            data = data[: random_.randrange(len(data))]
        try:
            raster = read_png(bytes(data))
        except ReadError:
            outcomes["refused"] += 1
        else:
            np.testing.assert_array_equal(raster.samples, np.asarray(image))
            outcomes["the same"] += 1  # the bit of a text that nobody needs
    assert outcomes["refused"] >= 235


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: zlib.compress(raw)[:-1] + b"\0",
        lambda raw: zlib.compress(raw)[:-4],
        lambda raw: zlib.compress(raw)[:-200],
        lambda raw: zlib.compress(raw[: -184 * 3]),
        lambda raw: zlib.compress(b"\x07" + raw[1:]),
        lambda raw: zlib.compress(raw[: 184 * 20]) + zlib.compress(raw[184 * 20 :]),
    ],
    ids=["adler", "no adler", "cut", "few rows", "filter", "two streams"],
)
def test_wrong_data_with_right_checksums_of_chunks_is_damaged(change):
    raw = rows_of(RGB)
    assert len(raw) == 184 * 40
    np.testing.assert_array_equal(read_png(png(RGB, data=zlib.compress(raw))).samples, RGB)
    assert "does not fit" in refusal(png(RGB, data=change(raw)))


@pytest.mark.parametrize("kind", ["iCCP", "sRGB", "gAMA", "cHRM", "cICP", "tRNS", "sBIT"])
def test_a_wrong_checksum_of_colours_is_damage(kind):
    cause = f"damaged: the checksum of the chunk {kind} does not fit"
    assert refusal(png(RGB, chunk(kind.encode(), b"abc", flip=1))) == cause


@pytest.mark.parametrize("kind", ["tEXt", "zTXt", "iTXt", "tIME", "pHYs", "prVt"])
def test_a_wrong_checksum_of_a_text_is_a_note(tmp_path, kind):
    found = notes_of(tmp_path, png(RGB, chunk(kind.encode(), b"abc", flip=1)))
    assert found == (f"the chunk {kind} has a wrong checksum and was skipped",)
    assert notes_of(tmp_path, png(RGB, chunk(kind.encode(), b"abc"))) == ()


def test_a_wrong_checksum_of_exif_tells_what_is_lost(tmp_path):
    (found,) = notes_of(tmp_path, png(RGB, chunk(b"eXIf", b"abc", flip=1)))
    assert found.endswith("was skipped, so its orientation is not known")


@cache
def bomb(size: int) -> bytes:
    return zlib.compress(bytes(size), 1)


@pytest.mark.parametrize(
    "body",
    [
        lambda: b"Comment\0\0" + bomb(100_000_000),
        lambda: b"Comment\0\0" + b"no zlib at all",
        lambda: b"x" * 5_000_000,
        bytes,
    ],
    ids=["bomb", "broken", "large", "empty"],
)
@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"tEXt", b"eXIf"])
def test_text_is_never_looked_at(tmp_path, kind, body):
    body = body()
    tracemalloc.start()
    try:
        notes = notes_of(tmp_path, png(RGB, chunk(kind, body)))
        assert bool(notes) == (kind == b"eXIf" and bool(body))
        assert tracemalloc.get_traced_memory()[1] < 5 * len(body) + 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "packed",
    [lambda: bomb(50_000_000), lambda: b"broken", bytes],
    ids=["bomb", "broken", "empty"],
)
def test_a_profile_that_cannot_be_unpacked_is_a_note(tmp_path, packed):
    found = notes_of(tmp_path, png(RGB, chunk(b"iCCP", b"name\0\0" + packed())))
    assert found == ("the colour profile is broken and was left out",)


@pytest.mark.parametrize(
    ("kind", "lost"), [("eXIf", "its orientation is not known"), ("iCCP", "its colours are left")]
)
def test_what_is_too_large_to_be_looked_at_is_a_note(tmp_path, kind, lost, monkeypatch):
    monkeypatch.setattr(module, "MOST_PROFILE", 1 << 20)
    data = png(RGB, chunk(kind.encode(), b"x" * ((1 << 20) + 1)))
    (found,) = notes_of(tmp_path, data)
    assert found.startswith(f"the chunk {kind} is too large and was skipped, so {lost}")


def test_what_the_84_bytes_that_ask_for_4_gb_are_told():
    assert len(LIAR) < 84
    assert refusal(LIAR) == "damaged: truncated: the chunk IDAT needs 4,278,190,080 bytes"


def test_no_memory_is_taken_for_pixels_that_cannot_be_there(monkeypatch):
    monkeypatch.setattr(module.cv2, "imdecode", None)
    nothing = chunk(b"IDAT", zlib.compress(bytes(1000)))
    data = PNG + head(19_000, 19_000) + nothing + chunk(b"IEND")
    assert refusal(data).startswith("damaged: truncated: 19000 x 19000 px need 1,083,019,000 bytes")


def test_so_many_chunks_are_no_image(monkeypatch):
    monkeypatch.setattr(module, "MOST_CHUNKS", 50)
    assert refusal(png(RGB, *[chunk(b"tEXt")] * 50)) == "more than 50 chunks"


@pytest.mark.parametrize(
    "data",
    [
        PNG,
        PNG + chunk(b"IEND"),
        PNG + head(5, 5) + chunk(b"IEND"),
        PNG + head(5, 5) * 2 + chunk(b"IDAT", b"x") + chunk(b"IEND"),
        PNG + head(0, 5) + chunk(b"IDAT", b"x") + chunk(b"IEND"),
        PNG + head(5, 5, 3) + chunk(b"IDAT", b"x") + chunk(b"IEND"),
        PNG + head(5, 5, 8, 3) + chunk(b"IDAT", b"x") + chunk(b"IEND"),
        PNG + head(5, 5) + chunk(b"ABCD") + chunk(b"IDAT", b"x") + chunk(b"IEND"),
        png(RGB)[:-12] + chunk(b"tEXt") + chunk(b"IDAT", b"x") + chunk(b"IEND"),
        PNG + b"\0\0\0\0    \0\0\0\0",
    ],
)
def test_what_is_no_png_is_refused(data):
    assert refusal(data)


@pytest.mark.parametrize("with_transparency", [False, True])
@pytest.mark.parametrize("interlace", [0, 1])
@pytest.mark.parametrize(
    ("colour", "depth"), [(colour, depth) for colour in DEPTHS for depth in DEPTHS[colour]]
)
def test_every_type_is_as_pillow_and_the_bits_themselves_say(
    tmp_path, colour, depth, interlace, with_transparency
):
    random_ = np.random.default_rng(colour * 16 + depth)
    width, height = 33, 17
    passes = [(height, width)]
    if interlace:
        passes = [
            (-(-(height - y) // dy), -(-(width - x) // dx))
            for y, x, dy, dx in [
                (0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4),
                (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1),
            ]
        ]  # fmt: skip
    raw = b""
    for rows, columns in passes:
        size = 1 + -(-columns * CHANNELS[colour] * depth // 8)
        part = random_.integers(0, 256, (rows, size), dtype=np.uint8)
        part[:, 0] = random_.integers(0, 5, rows)
        raw += part.tobytes()
    extra = b""
    if colour == 3:
        extra += chunk(b"PLTE", random_.integers(0, 256, 3 << depth, np.uint8).tobytes())
    if with_transparency and colour in (0, 2, 3):
        extra += chunk(b"tRNS", {0: b"\0\1", 2: b"\0\1\0\2\0\3", 3: b"\0"}[colour])
    data = PNG + head(width, height, depth, colour, interlace) + extra
    file = tmp_path / "a.png"
    file.write_bytes(data + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND"))
    image = read_image(file)
    with Image.open(file) as opened:
        if depth < 16:
            np.testing.assert_array_equal(image.rgb, np.asarray(opened.convert("RGB")))
        elif colour == 0:
            rounded = np.round(np.asarray(opened) / 257)
            np.testing.assert_array_equal(image.rgb[..., 1], rounded)
        else:  # Pillow has the upper eight bits only
            deep = np.broadcast_to(read_png(file.read_bytes()).samples, image.rgb.shape)
            np.testing.assert_array_equal(deep >> 8, np.asarray(opened.convert("RGB")))
            np.testing.assert_array_equal(image.rgb, np.round(deep / 257))
    has_alpha = colour in (4, 6) or (with_transparency and colour in (0, 2, 3))
    wanted = [
        *(["16-bit scaled to 8-bit"] if depth == 16 else []),
        *(["alpha dropped"] if has_alpha else []),
    ]
    if colour == 3:
        wanted.append("palette converted to RGB")
    elif colour in (0, 4):
        wanted.append(f"{'black and white' if depth == 1 else 'grey'} converted to RGB")
    assert list(image.notes) == wanted


def test_16_bit_rgb_with_a_transparent_colour_keeps_all_its_bits(tmp_path):
    deep = np.random.default_rng(3).integers(0, 65536, (20, 30, 3)).astype(np.uint16)
    data = PNG + head(30, 20, 16) + chunk(b"tRNS", bytes(6))
    data += chunk(b"IDAT", zlib.compress(rows_of(deep))) + chunk(b"IEND")
    (tmp_path / "a.png").write_bytes(data)
    image = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(image.rgb, np.round(deep / 257))
    assert image.notes == ("16-bit scaled to 8-bit", "alpha dropped")


def test_sides_beyond_libpngs_are_read_and_their_data_is_checked_too():
    wide = np.zeros((1, 1_000_001, 3), np.uint8)
    wide[0, -1] = 7
    np.testing.assert_array_equal(read_png(png(wide)).samples, wide)
    raw = rows_of(np.concatenate([wide, wide]))
    assert "does not fit its size" in refusal(png(wide, data=zlib.compress(raw)))
    assert "truncated" in refusal(png(wide, data=zlib.compress(raw[:2_900_000])))
    assert "does not fit its size" in refusal(png(wide, data=zlib.compress(raw[:2_900_000], 1)))


def test_of_an_animation_the_first_frame_is_taken(tmp_path):
    found = notes_of(tmp_path, png(RGB, chunk(b"acTL", struct.pack(">II", 3, 0))))
    assert found == ("first of 3 frames taken",)


def test_what_stands_after_the_end_is_left_alone(tmp_path):
    assert notes_of(tmp_path, png(RGB) + b"anything") == ()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (PNG + chunk(b"IHDR", bytes(12)) + chunk(b"IEND"), "the chunk IHDR has a wrong length"),
        (png(RGB, chunk(b"PLTE", bytes(4))), "its palette is broken"),
        (png(RGB, chunk(b"PLTE", bytes(3)), chunk(b"PLTE", bytes(3))), "its palette is broken"),
        (
            PNG + head(1_000_001, 1, 16) + chunk(b"IDAT", zlib.compress(bytes(6_000_007)))
            + chunk(b"IEND"),
            "16-bit PNG with a side of more than 1,000,000 px is not read",
        ),
    ],
)  # fmt: skip
def test_what_is_broken_or_too_much_is_told(data, words):
    assert words in refusal(data)


def test_colours_are_those_of_srgb_where_their_figures_are_near_it():
    assert module._is_srgb(b"gAMA", struct.pack(">I", 45455))
    assert not module._is_srgb(b"gAMA", struct.pack(">I", 100_000))
    assert not module._is_srgb(b"gAMA", struct.pack(">I", 45455)[:3])


@pytest.mark.parametrize("depth", DEPTHS[3])
def test_numbers_that_a_palette_lacks_are_told(depth):
    numbers = np.arange(1 << depth, dtype=np.uint8)
    row = b"\0" + np.packbits(np.unpackbits(numbers[:, None], axis=1)[:, 8 - depth :]).tobytes()
    colours = np.random.default_rng(depth).integers(0, 256, (1 << depth, 3)).astype(np.uint8)
    for missing in (0, 1):
        known = colours[: len(colours) - missing]
        extra = chunk(b"PLTE", known.tobytes()), chunk(b"IDAT", zlib.compress(row)), chunk(b"IEND")
        found = read_png(b"".join((PNG, head(len(numbers), 1, depth, 3), *extra)))
        np.testing.assert_array_equal(found.samples[0, : len(known)], known)
        assert found.damage == (BEYOND_PALETTE,) * missing


def test_what_apple_calls_png_is_named():
    assert "Apple CgBI" in refusal(PNG + chunk(b"CgBI", bytes(4)) + head(61, 40))
