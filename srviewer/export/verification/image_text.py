"""The text file of an image, read back and checked against the recipe and the manifest."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from srviewer.export.manifest import META, one_line
from srviewer.export.options import Options
from srviewer.export.verification.findings import META_TEXT, Finding
from srviewer.export.verification.manifest_index import Figures
from srviewer.pipeline.cropping import Box
from srviewer.pipeline.pairing import clean_size
from srviewer.pipeline.patching import lay_windows
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import possible_inputs

_NUMBER = re.compile(r"-?(\d+\.\d+|inf)")


@dataclass(frozen=True)
class ImageText:
    """What the text file of an image tells.

    Attributes
    ----------
    name : str
        Of the file, in the data set.
    stem : str
        What the image's files begin with.
    told : dict of str to str
        Without notes.
    """

    name: str
    stem: str
    told: dict[str, str]

    @property
    def image(self) -> str:
        """`one_line` of the image that it is about."""
        return self.told.get("image", "")

    @property
    def fingerprint(self) -> str:
        """The image file's SHA-256."""
        return self.told.get("sha256", "")

    @property
    def kept(self) -> int | None:
        """How many pairs were kept, None where it does not say."""
        return _whole(self.told.get("kept pairs", ""))

    @property
    def clean(self) -> tuple[int, int] | None:
        """The clean size in px, None where it does not say."""
        return _size(self.told.get("clean size", ""))

    @property
    def box(self) -> Box | None:
        """HR's box, None where there is none."""
        found = re.fullmatch(r"(\d+) (\d+) (\d+) (\d+)", self.told.get("HR box", ""))
        return Box(*map(int, found.groups())) if found else None

    def chosen(self, options: Options) -> int | None:
        """Return how many pairs the choice for each image leaves, None where it does not say."""
        if self.kept is None or options.max_per_image is None:
            return self.kept
        return min(self.kept, options.max_per_image)


def read_image_text(path: Path, out: Path) -> ImageText | None:
    """Return what `path` below the data set `out` tells, None where it is no image's text file."""
    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return None
    told: dict[str, str] = {}
    for line in text.split("\n"):
        key, mark, value = line.partition(": ")
        if mark and key != "note":
            told.setdefault(key, value)
    if "image" not in told and "sha256" not in told:
        return None
    name = path.relative_to(out).as_posix()
    return ImageText(name, name.removeprefix(f"{META}/").removesuffix(".txt"), told)


def text_of(out: Path, image: str) -> ImageText | None:
    """Return what the text file of `image`, its name in the manifest, tells; None without one."""
    for candidate in possible_inputs(image):
        text = read_image_text(out / META / f"{candidate.stem}.txt", out)
        if text and text.image == one_line(image):
            return text
    return None


def check_text(
    text: ImageText, figures: Figures, recipe: Recipe, options: Options
) -> list[Finding]:
    """Return what is wrong with `text`.

    What stands in it is checked as far as it follows from the rest: sizes from each other and the
    scale, the windows from the box, counts and means from the rows in the manifest. Numbers of
    keypoints and matches follow from the image alone.
    """
    found: list[Finding] = []

    def differs(key: str, expected: str, what: str | None = None) -> None:
        there = text.told.get(key, "nothing")
        found.append(Finding(META_TEXT, text.name, what or key, expected, there))

    def require(key: str, expected: str) -> None:
        if text.told.get(key) != expected:
            differs(key, expected)

    for key, pattern, words in _PATTERNS:
        if not re.fullmatch(pattern, text.told.get(key, "")):
            differs(key, words)
    size = _size(text.told.get("size", ""))
    if size:
        width, height = clean_size(*size, recipe.scale)
        require("clean size", f"{width} x {height} px")
        require("LR size", f"{width // recipe.scale} x {height // recipe.scale} px")
    require("scale", f"{recipe.scale}")
    _check_windows(text, recipe, differs)
    most = text.chosen(options)
    fits = most is None or figures.count == most
    if not fits and (not options.max_pairs or figures.count > (most or 0)):
        words = "" if most == text.kept else f" of {text.kept:,} kept"
        what = f"kept pairs: the manifest has {figures.count:,}, this has {most:,}{words}"
        found.append(Finding(META_TEXT, text.name, what))
    elif figures.count == text.kept:
        _check_means(text, figures, differs)
    return found


_PATTERNS = (
    ("sha256", r"[0-9a-f]{64}", "64 hexadecimal digits"),
    ("size", r"\d+ x \d+ px", "W x H px"),
    ("keypoints", r"\d+ HR, \d+ LR", "N HR, N LR"),
    ("matches", r"\d+", "a whole number"),
    ("consistent matches", r"\d+", "a whole number"),
    ("HR box", r"\d+ \d+ \d+ \d+|none: .*", "four whole numbers, or none and why"),
    ("LR box", r"\d+ \d+ \d+ \d+|none: .*", "four whole numbers, or none and why"),
    ("windows in the box", r"\d+", "a whole number"),
    ("kept pairs", r"\d+", "a whole number"),
    ("mean PSNR", r"\d+\.\d{4} dB|none", "N.NNNN dB, or none"),
    ("mean SSIM", r"-?\d\.\d{6}|none", "N.NNNNNN, or none"),
)


def _check_windows(text: ImageText, recipe: Recipe, differs: Callable[..., None]) -> None:
    """Check the count of windows against the box, and the other counts against those above."""
    if text.clean and "HR box" in text.told:
        inside = lay_windows(text.clean, patch=recipe.patch, stride=recipe.stride).inside(text.box)
        windows = _whole(text.told.get("windows in the box", ""))
        if windows is not None and windows != int(inside.sum()):
            differs("windows in the box", f"{int(inside.sum())} by the HR box")
    for key, above in (("consistent matches", "matches"), ("kept pairs", "windows in the box")):
        part, whole = (_whole(text.told.get(name, "")) for name in (key, above))
        if part is not None and whole is not None and part > whole:
            differs(key, f"at most the {whole} {above}")


def _check_means(text: ImageText, figures: Figures, differs: Callable[..., None]) -> None:
    # Both are means of rounded numbers here and rounded means there: at most a digit apart.
    means = (
        ("mean PSNR", figures.psnr, figures.finite, 4, " dB"),
        ("mean SSIM", figures.ssim, figures.count, 6, ""),
    )
    for key, total, count, digits, unit in means:
        number = _NUMBER.match(text.told.get(key, ""))
        if count == 0 and number:
            differs(key, "none")
        if count and (not number or abs(float(number[0]) - total / count) > 1.01 * 10**-digits):
            differs(key, f"{total / count:.{digits}f}{unit} by the manifest")


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() else None


def _size(text: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"(\d+) x (\d+) px", text)
    return (int(found[1]), int(found[2])) if found else None
