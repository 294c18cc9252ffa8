"""A run over many images that did not come to its end, as the next start knows of it."""

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from srviewer.export.options import FORMATS, Options
from srviewer.export.runner import export
from srviewer.pipeline.exclusions import NONE, Exclusions, to_text
from srviewer.pipeline.exclusions import from_text as from_exclusions
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.recipe_file import from_toml, to_toml
from srviewer.pipeline.texts import parse_json
from srviewer.runs.rooted import Rooted, rooted
from srviewer.survey.runner import survey

_MOST_STORED = 400_000  # characters of the names of images; 100,000 plain names need as many
_MOST_NAMES = 64 << 20  # bytes of them as they were
_SAID_ANEW = {"jobs", "overwrite", "retry_failed"}  # which say nothing of what is made
_HOW = ("format", "options", "jobs", "exclusions")
Source = Path | Rooted


@dataclass(frozen=True)
class Interrupted:
    """An export or a survey, with all that is needed to go on with it.

    Attributes
    ----------
    what : {'export', 'survey'}
    sources : tuple of Path or Rooted
        The images.
    recipe : Recipe
    out : Path or None
        Where the pairs go.
    format : str
    options : Options
    jobs : int or None
    exclusions : Exclusions
    """

    what: Literal["export", "survey"]
    sources: tuple[Source, ...]
    recipe: Recipe
    out: Path | None = None
    format: str = FORMATS[0]
    options: Options = field(default_factory=Options)
    jobs: int | None = None
    exclusions: Exclusions = NONE

    def export(self) -> partial[Any]:
        """Return the same export: it adds what is missing."""
        how: dict[str, Any] = {name: getattr(self, name) for name in _HOW}
        assert self.out is not None
        return partial(export, self.sources, self.out, self.recipe, **how)


def interrupted(run: object) -> Interrupted | None:
    """Return what `run`, a call of `export` or `survey`, does.

    None where it is told more than is kept here: the rest would not be the same.
    """
    if not isinstance(run, partial) or run.func not in (export, survey):
        return None
    more = {name for name, value in run.keywords.items() if value not in (None, False)}
    sources, out, recipe = run.args
    if run.func is survey:
        known = not more - _SAID_ANEW
        return Interrupted("survey", tuple(sources), recipe) if known else None
    if more - _SAID_ANEW - {*_HOW}:
        return None
    how = {name: run.keywords[name] for name in _HOW if name in run.keywords}
    return Interrupted("export", tuple(sources), recipe, Path(out), **how)


def as_stored(one: Interrupted) -> dict[str, Any] | None:
    """Return `one` as JSON can hold it, None where its images have too many names."""
    names = _packed(one.sources)
    excluded = to_text(one.exclusions) if one.exclusions else ""
    if len(names) + len(excluded) > _MOST_STORED:
        return None
    return {
        "what": one.what,
        "sources": names,
        "recipe": to_toml(one.recipe),
        "out": None if one.out is None else str(one.out),
        "format": one.format,
        "options": asdict(one.options),
        "jobs": one.jobs,
        "excluded": excluded,
    }


def from_stored(stored: Any) -> Interrupted | None:
    """Return what `as_stored` was given, None for anything else."""
    try:
        out = stored["out"]
        one = Interrupted(
            what=stored["what"],
            sources=_unpacked(stored["sources"]),
            recipe=from_toml(stored["recipe"], "settings"),
            out=None if out is None else Path(out),
            format=stored["format"],
            options=Options(**stored["options"]),
            jobs=stored["jobs"],
            exclusions=from_exclusions(stored.get("excluded", ""), "settings"),
        )
    except Exception:  # whatever a file may hold
        return None
    means_something = one.what in ("export", "survey") and one.format in FORMATS and one.sources
    has_out = one.what == "survey" or one.out is not None
    return one if means_something and has_out and type(one.jobs) in (int, type(None)) else None


def _packed(sources: Sequence[Source]) -> str:
    by_root: dict[str | None, list[str | list[str]]] = {}
    for one in map(rooted, sources):
        root = one.root
        name = str(one.path.absolute() if root is None else one.path.relative_to(root))
        stored = name if one.lr is None else [name, str(one.lr.absolute())]
        by_root.setdefault(None if root is None else str(root.absolute()), []).append(stored)
    text = json.dumps(list(by_root.items()))
    return base64.b64encode(zlib.compress(text.encode())).decode()


def _unpacked(packed: str) -> tuple[Source, ...]:
    data = base64.b64decode(packed, validate=True)
    text = zlib.decompressobj().decompress(data, _MOST_NAMES).decode()
    by_root = parse_json(text, _MOST_NAMES)
    return tuple(_source(root, name) for root, names in by_root for name in names)


def _source(root: str | None, stored: str | list[str]) -> Source:
    """Return an image by its name below `root`; a given pair has the path of its LR too."""
    folder = None if root is None else Path(root)
    name, *lr = [stored] if isinstance(stored, str) else stored
    path = Path(name) if folder is None else folder / name
    return Rooted(path, folder, *map(Path, lr)).source
