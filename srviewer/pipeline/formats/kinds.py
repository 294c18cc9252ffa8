"""Which format a file is of, by its content; nothing else is given to a decoder."""

from __future__ import annotations

from srviewer.errors import ReadError

SUFFIXES = frozenset(
    {".bmp", ".dib", ".gif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm"}
    | {".ppm", ".tga", ".tif", ".tiff", ".webp"}
)
"""The file name endings that a search of a folder takes for images (in lower case)."""

_KINDS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"BM": "BMP",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG2000",
    b"\xff\x4f\xff\x51": "JPEG2000",
    b"qoif": "QOI",
}
_AVIF = {b"avif", b"avis"}
_HEIF = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_BY_SUFFIX = {
    **dict.fromkeys((".tga", ".icb", ".vda", ".vst"), "TGA"),  # a TGA begins with anything
    ".dib": "DIB",
}
_RAW = frozenset(
    {".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".k25", ".kdc"}
    | {".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl"}
    | {".sr2", ".srf", ".srw", ".x3f"}
)

_CAMERA = "a camera's raw file, which is not read; develop it to TIFF or PNG"
_HDR = "floating-point pixels, whose range is not defined; save it as 8-bit"
_NOT_READ = {
    b"%!": "a PostScript file, which is not read; save it as PNG",
    b"\xc5\xd0\xd3\xc6": "a PostScript file, which is not read; save it as PNG",
    b"%PDF": "a PDF file, which is not read; save it as PNG",
    b"8BPS": "a Photoshop file, which is not read; save it as PNG or TIFF",
    b"DDS ": "a DDS texture, which is not read; save it as PNG",
    b"\0\0\1\0": "an icon, which is not read; save it as PNG",
    b"\x01\xda": "an SGI image, which is not read; save it as PNG",
    b"SIMPLE": "a FITS file, which is not read; save it as 16-bit PNG or TIFF",
    b"\xff\x0a": "a JPEG XL image, which is not read; save it as PNG",
    b"\0\0\0\x0cJXL ": "a JPEG XL image, which is not read; save it as PNG",
    b"v/1\x01": "an OpenEXR image, which is HDR and not read; convert it to sRGB in PNG",
    b"#?RADIANCE": "a Radiance image, which is HDR and not read; convert it to sRGB in PNG",
    b"PF\n": _HDR,
    b"Pf\n": _HDR,
    b"IIRO": _CAMERA,
    b"MMOR": _CAMERA,
    b"IIU\0": _CAMERA,
}
_HEIC = "a HEIC picture, which is not read; save it as PNG or JPEG"


def kind_of(data: bytes, suffix: str) -> str:
    """Return the format of a file that begins with `data`, by the name that Pillow has for it.

    The file name's `suffix` (in lower case) decides only where the content cannot.

    Raises
    ------
    ReadError
        For what is not read, with its name where that is known.
    """
    if suffix in _RAW or (data[:2] in (b"II", b"MM") and data[8:10] == b"CR"):
        raise ReadError(_CAMERA)
    for start, cause in _NOT_READ.items():
        if data.startswith(start):
            raise ReadError(cause)
    for start, kind in _KINDS.items():
        if data.startswith(start):
            return kind
    kind = _by_inner_mark(data) or _BY_SUFFIX.get(suffix, "")
    if not kind:
        raise ReadError("not an image in a format that is read")
    return kind


def _by_inner_mark(data: bytes) -> str:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:1] == b"P" and data[1:2] in b"123456" and data[2:3] in b" \t\r\n#" and data[2:3]:
        return "PPM"
    if data[4:8] == b"ftyp":
        end = min(int.from_bytes(data[:4], "big"), 256)
        brands = {data[at : at + 4] for at in range(8, end, 4)}
        if brands & _AVIF:
            return "AVIF"
        if brands & _HEIF:
            raise ReadError(_HEIC)
    return ""
