"""Names of images, and the stems of their files, as every format, list and system can carry them.

A name is where an image lies in the folder that was given. Where it is no plain text of a line, or
would be a formula in a spreadsheet, it is escaped with backslashes, as in Python; from then on that
is its name. A stem is made of the name alone: so a later run finds the same files.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath

_LONGEST = 200  # bytes of a part, which leaves room for places, endings and what is beside it
_MARK = "~"  # before the digits; no plain name has it
_DIGITS = 8
_RESERVED = re.compile(r"(con|prn|aux|nul|con(in|out)\$|(com|lpt)[0-9])(\..*)?", re.IGNORECASE)
_FORMULA = "=+-@"


def escaped(name: str) -> str:
    """Return `name`, with ``/``, as a line of text that no spreadsheet computes."""
    safe = "".join(map(_escaped, name))
    return f"\\{safe}" if safe.startswith(tuple(_FORMULA)) else safe


@lru_cache(4096)  # letters recur, of many images
def _escaped(letter: str) -> str:
    code = ord(letter)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is no UTF-8, as Python reads it
        return f"\\x{code - 0xDC00:02x}"
    if letter == "\\":
        return "\\\\"
    # Line ends of every kind are among them.
    if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp"):
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    return letter


def stems(name: str) -> tuple[str, str, str]:
    """Return what the files of the image `name` may begin with, subfolders included.

    Without its ending; with it, where another image differs in that alone; and with digits of its
    whole name, where even that is another's.
    """
    return _stem(name, 0), _stem(name, 1), _stem(name, 2)


def _stem(name: str, form: int) -> str:
    path = PurePosixPath(name)
    folders = "".join(f"{_portable(part)}/" for part in path.parts[:-1])
    long = f"{path.stem}_{path.suffix[1:]}"
    return folders + (_marked(long, name) if form == 2 else _portable(long if form else path.stem))


def choose_stems(names: Sequence[str]) -> list[str]:
    """Return a stem for each of `names`, the first of its `stems` that no other has too.

    Stems that are equal but for case or Unicode form are one file on some systems.
    """
    chosen = [_stem(name, 0) for name in names]
    for form in (1, 2):  # which few need: so they are made for those alone
        same = Counter(map(_key, chosen))
        chosen = [
            _stem(name, form) if same[_key(stem)] > 1 and stem == _stem(name, form - 1) else stem
            for name, stem in zip(names, chosen, strict=True)
        ]
    return chosen


def _key(stem: str) -> str:
    return unicodedata.normalize("NFC", stem.casefold())


def _portable(part: str) -> str:
    """Return `part` where it is plain, else what is left of it, with digits of its hash."""
    is_plain = (
        all(map(_is_plain, part))
        and unicodedata.is_normalized("NFC", part)
        and part[0] not in ".-"
        and part[-1] != "."
        and not _RESERVED.fullmatch(part)
        and len(part.encode()) <= _LONGEST
    )
    return part if is_plain else _marked(part, part)


def _marked(part: str, whole: str) -> str:
    """Return what is plain of `part`, with digits of the hash of `whole`."""
    digits = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    text = unicodedata.normalize("NFC", part)
    text = "".join(letter if _is_plain(letter) else "_" for letter in text)
    if text[:1] in (".", "-"):
        text = f"_{text[1:]}"
    cut = text.encode()[: _LONGEST - len(_MARK) - _DIGITS].decode("utf-8", "ignore")
    return f"{cut}{_MARK}{digits}"


@lru_cache(4096)
def _is_plain(letter: str) -> bool:
    """Tell whether `letter` is one of any script, its accent, a digit, or one of ``. _ -``."""
    return letter in "._-" or unicodedata.category(letter)[0] in "LNM"
