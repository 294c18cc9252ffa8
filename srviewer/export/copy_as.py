"""An export as text that does it again: a command line, lines of Python, a recipe as TOML.

Each is text alone: nothing is looked up, so that whoever has an `Order` can write it. What has to
be looked up before, `folders_as_whole` and `with_given_lr` do.
"""

import os
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from srviewer.errors import Cancelled, ExportError, SrviewerError
from srviewer.export.options import OPTIONS, USUAL_FORMAT, Options, of_format
from srviewer.pipeline.knobs import Value
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.recipe import PRESETS, Recipe
from srviewer.pipeline.recipe_file import to_toml
from srviewer.runs.inputs import MARK, GivenLR, Rooted, collect
from srviewer.runs.rooted import rooted
from srviewer.runs.searching import real

LONGEST = 1_000_000  # characters of a command line: a shell takes about twice as many
_LONGEST_COMMENT = 4_000  # of a recipe, which is read back up to 64 kB
_RECIPE_FILE = "recipe.toml"


@dataclass(frozen=True)
class Order:
    """An export that somebody may ask for.

    Attributes
    ----------
    sources : tuple of Path or Rooted
        The images, and folders that are taken whole.
    out : Path
    recipe : Recipe
    preset : str
        The one that the recipe is told by; where it is none of `PRESETS`, all defaults.
    format : str
    options : Options
    jobs : int or None
    exclude : Path or None
        The file with what is excluded by hand, where anything is.
    lr : GivenLR or None
        Where the LR of all images come from, which are made without it.
    """

    sources: tuple[Path | Rooted, ...]
    out: Path
    recipe: Recipe
    preset: str = "article"
    format: str = USUAL_FORMAT
    options: Options = field(default_factory=Options)
    jobs: int | None = None
    exclude: Path | None = None
    lr: GivenLR | None = None

    @property
    def base(self) -> str:
        """The preset that the text starts from."""
        return self.preset if self.preset in PRESETS else "article"

    @property
    def changes(self) -> dict[str, Value]:
        """What the recipe has otherwise than that preset."""
        found = PRESETS[self.base].differences(self.recipe)
        changes = {name: mine for name, (_, mine) in found.items()}
        # Where LR are given and no scale is, a command takes that of the first pair.
        return changes if self.lr is None else changes | {"scale": self.recipe.scale}

    @property
    def chosen(self) -> dict[str, Value]:
        """What was chosen for the format in use, and is no default."""
        mine, usual = asdict(of_format(self.format, self.options)), asdict(Options())
        return {name: mine[name] for name in OPTIONS if mine[name] != usual[name]}


def folders_as_whole(order: Order, listed: Mapping[Path, Collection[Path]]) -> Order:
    """Return `order` with a folder in the place of its images, where all of them are meant.

    Parameters
    ----------
    order : Order
    listed : mapping of Path to collection of Path
        The images that a search finds in each folder.
    """
    mine: dict[Path, set[Path]] = {}
    for image in map(rooted, order.sources):
        if image.root is not None:
            mine.setdefault(image.root, set()).add(image.path)
    whole = {root for root, images in mine.items() if images == set(listed.get(root, ()))}
    sources: dict[Path | Rooted, None] = {}
    for one in order.sources:
        root = rooted(one).root
        sources[root if root is not None and root in whole else one] = None
    return replace(order, sources=tuple(sources))


def with_given_lr(order: Order, progress: Progress = UNHEARD) -> Order:
    """Return `order` with its pairs told as images and where their LR are, as a command takes them.

    Raises
    ------
    ExportError
        Where no one file or folder of LR gives just these pairs.
    Cancelled
    """
    pairs = [one for one in map(rooted, order.sources) if one.lr is not None]
    if not pairs:
        return order
    meant = _collected(order.sources, None, progress)
    lr_files = [one.lr for one in pairs if one.lr is not None]
    folder = Path(os.path.commonpath([file.absolute().parent for file in lr_files]))
    roots = tuple(dict.fromkeys(one.root for one in pairs if one.root is not None))
    files = tuple(one.path for one in pairs)
    places = lr_files if len(pairs) == 1 else [folder]
    for sources in filter(None, (roots, files)):
        for lr in (GivenLR(place, by_order) for place in places for by_order in (False, True)):
            if meant is not None and _collected(sources, lr, progress) == meant:
                return replace(order, sources=sources, lr=lr)
    raise ExportError(
        "no command pairs just these images; export all pairs of the two folders, or one alone"
    )


def _collected(
    sources: Sequence[Path | Rooted], lr: GivenLR | None, progress: Progress
) -> list[tuple[str, Path, Path | None]] | None:
    """Return names and files of all images; None where they cannot be exported so."""
    try:
        images, failures = collect(sources, progress=progress, lr=lr)
    except SrviewerError as error:
        if isinstance(error, Cancelled):
            raise
        return None
    found = [(one.name, real(one.path), one.lr and real(one.lr)) for one in images]
    return None if failures else found


def command_line(order: Order) -> str:
    """Return the command for a shell that does `order`, wherever it is typed."""
    words = ["srviewer", "export", *_inputs(order.sources), "--out", _whole(order.out)]
    if order.lr is not None:
        words += ["--lr", _whole(order.lr.path), *(["--pair-by", "order"] * order.lr.by_order)]
    words += ["--preset", order.base, *_flags(order.changes), "--format", order.format]
    words += _flags(order.chosen)
    if order.jobs is not None:
        words += ["--jobs", str(order.jobs)]
    if order.exclude is not None:
        words += ["--exclude", _whole(order.exclude)]
    return " ".join(map(quoted, words))


def python_lines(order: Order) -> str:
    """Return the lines of Python that do `order`, for a script as for a notebook."""
    recipe = f"srviewer.PRESETS[{order.base!r}]"
    if order.changes:
        recipe += f".replace({_keywords(order.changes)})"
    more = {"format": repr(order.format)}
    if order.chosen:
        more["options"] = f"srviewer.Options({_keywords(order.chosen)})"
    if order.jobs is not None:
        more["jobs"] = repr(order.jobs)
    if order.lr is not None:
        more["lr"] = repr(_whole(order.lr.path))
        if order.lr.by_order:
            more["lr"] = f"srviewer.GivenLR({_whole(order.lr.path)!r}, by_order=True)"
    if order.exclude is not None:
        more["exclusions"] = f"srviewer.load_exclusions({_whole(order.exclude)!r})"
    return "\n".join(
        [
            "import srviewer",
            "",
            f"recipe = {recipe}",
            "images = [",
            *(f"    {name!r}," for name in _inputs(order.sources)),
            "]",
            # The processes that share the work read a script again from its beginning.
            'if __name__ == "__main__":',
            "    state = srviewer.export_pairs(",
            "        images,",
            f"        {_whole(order.out)!r},",
            "        recipe,",
            *(f"        {name}={value}," for name, value in more.items()),
            "    )",
            '    print(f"{state.pairs:,} pairs of {state.exported:,} images")',
            "",
        ]
    )


def recipe_toml(order: Order) -> str:
    """Return the recipe as TOML, with the command that makes the pairs of it as a comment."""
    by_file = replace(order, recipe=PRESETS["article"], preset="article")
    command = command_line(by_file).replace("--preset article", f"--recipe {_RECIPE_FILE}", 1)
    if len(command) > _LONGEST_COMMENT or "\n" in command:
        command = f"srviewer export ... --recipe {_RECIPE_FILE}"
    return f"# saved as {_RECIPE_FILE}: {command}\n{to_toml(order.recipe)}"


def quoted(word: str) -> str:
    """Return `word` as a shell reads it, in one line and as text that a clipboard can hold.

    Bytes that are no text, and signs that a terminal would act on, are written as numbers, in the
    way that every shell knows.
    """
    kept = word.rstrip("\n")
    if word.isprintable():
        return shlex.quote(word)
    escaped = "".join(
        sign if sign.isprintable() and sign != "\\" else _escapes(sign) for sign in kept
    )
    # What a command prints loses line ends at its end, so they stand behind it.
    ends = "'\n'" * (len(word) - len(kept))
    return f'"$(printf %b {shlex.quote(escaped)})"{ends}'


def _escapes(sign: str) -> str:
    return "".join(f"\\0{byte:03o}" for byte in os.fsencode(sign))


def _flags(values: Mapping[str, Value]) -> list[str]:
    words: list[str] = []
    for name, value in values.items():
        flag = (name in OPTIONS and OPTIONS[name].flag) or name.replace("_", "-")
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            words += [f"--{flag}", str(value)]
    return words


def _keywords(values: Mapping[str, Value]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items())


def _whole(path: Path) -> str:
    return str(path.absolute())  # which begins with no dash, and is found from everywhere


def _inputs(sources: Sequence[Path | Rooted]) -> list[str]:
    """Return how each is given as text; a mark parts an image's folder from its name there."""
    roots = {one.root if isinstance(one, Rooted) else one for one in sources}
    texts = []
    for one in sources:
        if isinstance(one, Path):
            texts.append(_whole(one))
        elif one.root is None or (len(roots) == 1 and one.root == one.path.parent):
            texts.append(_whole(one.path))  # none of another folder can have its name
        else:
            texts.append(f"{_whole(one.root)}{MARK}{one.name}")
    return texts
