"""Which format a file is of, by its content; nothing else is given to a decoder."""

from srviewer.errors import ReadError
from srviewer.pipeline.formats.raster import FLOATING
from srviewer.pipeline.suffixes import RAW, has_extra

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
    b"\xff\x0a": "JXL",
    b"\0\0\0\x0cJXL ": "JXL",
}
_AVIF = {b"avif", b"avis"}
_HEIF = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_BY_SUFFIX = {
    **dict.fromkeys((".tga", ".icb", ".vda", ".vst"), "TGA"),  # a TGA begins with anything
    ".dib": "DIB",
}
_CAMERA = "a camera's raw file, which is not read; develop it to TIFF or PNG"
_NOT_READ = {
    b"%!": "a PostScript file, which is not read; save it as PNG",
    b"\xc5\xd0\xd3\xc6": "a PostScript file, which is not read; save it as PNG",
    b"%PDF": "a PDF file, which is not read; save it as PNG",
    b"8BPS": "a Photoshop file, which is not read; save it as PNG or TIFF",
    b"DDS ": "a DDS texture, which is not read; save it as PNG",
    b"\0\0\1\0": "an icon, which is not read; save it as PNG",
    b"\x01\xda": "an SGI image, which is not read; save it as PNG",
    b"SIMPLE": "a FITS file, which is not read; save it as 16-bit PNG or TIFF",
    b"v/1\x01": "an OpenEXR image, which is HDR and not read; convert it to sRGB in PNG",
    b"#?RADIANCE": "a Radiance image, which is HDR and not read; convert it to sRGB in PNG",
    b"PF\n": FLOATING,
    b"Pf\n": FLOATING,
    b"IIRO": _CAMERA,
    b"MMOR": _CAMERA,
    b"IIU\0": _CAMERA,
}
# What a package more reads: the extra that brings it, and what such a file is called.
_BY_EXTRA = {"HEIF": ("heif", "a HEIC picture"), "JXL": ("jxl", "a JPEG XL image")}


def kind_of(data: bytes, suffix: str) -> str:
    """Return the format of a file that begins with `data`, by the name that Pillow has for it.

    The file name's `suffix` (in lower case) decides only where the content cannot.

    Raises
    ------
    ReadError
        For what is not read, with its name where that is known.
    """
    if suffix in RAW or (data[:2] in (b"II", b"MM") and data[8:10] == b"CR"):
        raise ReadError(_CAMERA)
    for start, cause in _NOT_READ.items():
        if data.startswith(start):
            raise ReadError(cause)
    by_start = next((kind for start, kind in _KINDS.items() if data.startswith(start)), "")
    kind = by_start or _by_inner_mark(data) or _BY_SUFFIX.get(suffix, "")
    if not kind:
        raise ReadError("not an image in a format that is read")
    extra, name = _BY_EXTRA.get(kind, ("", ""))
    if extra and not has_extra(extra):
        raise ReadError(f"{name}, which needs a package more: pip install 'srviewer[{extra}]'")
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
            return "HEIF"
    return ""
