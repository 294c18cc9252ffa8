"""The trainers that an export can be written for: what each of them reads unchanged.

``trainers.toml`` beside this file is all that there is to say about a trainer: a new one is an
entry there. Option ``--for``, the window's list, the checks, ``how-to-train.md`` and what is said
at the end follow.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

_ANY = ("native", "upscaled")


@dataclass(frozen=True)
class Profile:
    """What a trainer reads.

    Attributes
    ----------
    label : str
        What people call it.
    formats : tuple of str
        Those that it reads; the first is taken where none is named.
    options : mapping of str to str
        Other options that it needs, those of formats in use alone.
    lr_layouts : tuple of str
        What the recipe's ``lr_layout`` may be.
    crop : (int, int) or None
        The sides in LR px that it is usually trained with, the least and the most; it takes them
        at random from larger patches. Smaller patches are told, and written.
    whole : (int, int) or None
        The same in HR px of a trainer that takes patches whole.
    of_split : mapping of str to str
        Options that it needs besides where images are held back for validation, and none is named.
    not_in_path : tuple of str
        What its loader takes for something else in the path of a data set, which is told.
    reads : str
        How it finds the pairs, in a few words.
    train : str
        What to write where, as Markdown. What stands for ``$name`` is in `how_to_train.py`:
        paths in quotes (for a shell ``$sh_name``), numbers as they are.
    validate : str
        The same of the pairs for validation, where there are any.
    start : str
        Into which file those lines go and what starts the training, where `train` has not told.
    """

    label: str
    formats: tuple[str, ...]
    reads: str
    train: str
    validate: str = ""
    start: str = ""
    options: Mapping[str, str | bool] = field(default_factory=dict)
    lr_layouts: tuple[str, ...] = _ANY
    crop: tuple[int, int] | None = None
    whole: tuple[int, int] | None = None
    of_split: Mapping[str, str] = field(default_factory=dict)
    not_in_path: tuple[str, ...] = ()


def _profile(told: dict[str, Any]) -> Profile:
    lists = {key: tuple(value) for key, value in told.items() if isinstance(value, list)}
    return Profile(**told | lists)


_TOLD = tomllib.loads(Path(__file__).with_name("trainers.toml").read_text("utf-8"))
PROFILES: Mapping[str, Profile] = MappingProxyType(
    {name: _profile(told) for name, told in _TOLD.items()}
)
