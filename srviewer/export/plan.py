"""What an export will find in its folder and do to it, told before it begins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from srviewer.errors import ConflictError, MisplacedError, RunError, renamed
from srviewer.export.conflict import conflict
from srviewer.export.held import MOST_COUNTED, Held
from srviewer.export.options import Options
from srviewer.export.run_rows import UNKNOWN
from srviewer.export.sample import (
    HOLDS_SAMPLE,
    SAMPLE,
    is_sample,
    require_no_mixture,
    require_no_other_files,
)
from srviewer.export.selecting import validation_images
from srviewer.export.settling import How, for_split, settled, unusual
from srviewer.export.target import Target
from srviewer.pipeline.exclusions import NONE, Exclusions
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.data_sets import is_data_set
from srviewer.runs.inputs import GivenLR, Input, Rooted, are_given, collect
from srviewer.runs.marks import are_unchanged, look_at_files
from srviewer.runs.placement import require_apart
from srviewer.runs.state import Failure
from srviewer.wording import counted, pairs_of, sentence


@dataclass(frozen=True)
class Coming:
    """The images of an export, held against what the folder holds.

    Attributes
    ----------
    kept, changed, new : int
        Images whose pairs are there; that were exported and look changed; of which nothing is
        there.
    others : tuple of str
        The names of those of the changed ones whose files are certainly others.
    again : tuple of (str, str)
        Those of the new ones whose files seem to be there under another name: that, and theirs.
    sample : bool
        Whether the painted sample is among them.
    given : bool, optional
        Whether their LR are given; None without any image.
    refused : str
        Why they are not exported there at all; empty where they are.
    failed : tuple of Failure
        What nothing comes of, as an LR without its HR.
    """

    kept: int = 0
    changed: int = 0
    new: int = 0
    others: tuple[str, ...] = ()
    again: tuple[tuple[str, str], ...] = ()
    sample: bool = False
    given: bool | None = None
    refused: str = ""
    failed: tuple[Failure, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What an export will find and do.

    Attributes
    ----------
    held : Held
    coming : Coming
    refused : str
        Why it will not begin; empty where it will.
    replaces : str
        Why what is there would have to be replaced, which is asked first; empty where it stays.
    at_most : bool
        Whether fewer images may be added, as equal ones are dropped.
    unusual : str
        What of the recipe the trainer is not made for; empty where there is nothing.
    """

    held: Held
    coming: Coming
    refused: str = ""
    replaces: str = ""
    at_most: bool = False
    unusual: str = ""

    @property
    def is_blocked(self) -> bool:
        """Whether nothing can be written into this folder."""
        return bool(self.refused or self.held.problem)

    @property
    def warns(self) -> bool:
        """Whether a person has to know before anything is written."""
        refused = self.refused and not self._of_sample_alone
        mine = refused or self.replaces or self.unusual or self.coming.others
        return bool(mine or self.held.problem or self.held.files)

    @property
    def is_done(self) -> bool:
        """Whether all that it would write is there already."""
        nothing = not (self.coming.new or self.coming.changed)
        is_ours = self.held.there is not None and not self.held.in_work
        return nothing and is_ours and not (self.is_blocked or self.replaces or self.held.files)

    @property
    def words(self) -> str:
        """The plan as a sentence or two, without the folder's name."""
        return self.worded({})

    def worded(self, names: Mapping[str, str], more: str = "") -> str:
        """Return what `words` says, with other `names` for the keys of recipe and options.

        A sentence `more` comes before what is unusual.
        """
        held = self.held
        if (self.unusual or more) and not (self.refused or held.problem):
            alone = replace(self, unusual="").worded(names)
            unusual = self.unusual and f"{sentence(renamed(self.unusual, names))}."
            return " ".join(filter(None, (alone, more, unusual)))
        if self._of_sample_alone and self.refused:
            return f"The sample is not for this folder: it {self.refused}."
        if self.refused:
            return f"Nothing will be written: this folder {self.refused}."
        if held.problem:
            return f"{sentence(held.problem)}."
        if self.replaces:
            there = self._there if held.marks else "what was begun there"
            would = f"{sentence(there)} would be replaced, if you say so"
            known = self.replaces == HOLDS_SAMPLE  # it is said with the count already
            return f"{would}." if known else f"{would}: the folder {renamed(self.replaces, names)}."
        return f"{sentence(self._there)}; {self._to_add}."

    @property
    def _of_sample_alone(self) -> bool:
        """Whether nothing of a person's own is to be exported."""
        coming = self.coming
        return coming.sample and coming.kept + coming.changed + coming.new == 1

    @property
    def _is_sample(self) -> bool:
        return self.held.contents == {SAMPLE}

    @property
    def _there(self) -> str:
        held = self.held
        if not held.exists:
            return "a new folder"
        if held.there is None:
            if held.files:
                more = "more than " if held.files >= MOST_COUNTED else ""
                return f"not empty, not srviewer's: {more}{counted(held.files, 'file')}"
            return "an empty folder"
        sample = "the painted sample"
        some = sum(count > 0 for count in held.of_image.values())
        pairs = pairs_of(held.pairs, len(held.marks), some) if held.marks else "no pairs yet"
        if self._is_sample:
            pairs = f"{counted(held.pairs, 'pair')} of {sample}"
        same = "" if self.replaces else " of this recipe"
        more = "; an export into it runs, or was stopped amid" if held.in_work else ""
        return f"{pairs}{same}{more}"

    @property
    def _to_add(self) -> str:
        """What comes to it."""
        coming = self.coming
        parts = []
        if coming.new:
            first = "more " if coming.kept or self.held.marks else ""
            most = "at most " if self.at_most else ""
            images = "image" if coming.new == 1 else "images"
            parts.append(f"{most}{coming.new:,} {first}{images} to come")
        if coming.again:
            there, name = coming.again[0]
            named = f"{len(coming.again):,} of them there already by another name"
            parts.append(f"{named} ({there}, now {name})")
        if looking := coming.changed - len(coming.others):
            looks = "looks" if looking == 1 else "look"
            parts.append(f"{counted(looking, 'image')} {looks} changed, to be compared")
        if coming.others:
            named = f"{counted(len(coming.others), 'other image')} by a name that is there"
            parts.append(f"{named} ({coming.others[0]}), to be replaced if you say so")
        return ", ".join(parts) or "nothing is missing"


def compare(
    held: Held,
    paths: Iterable[Path | str | Rooted],
    progress: Progress = UNHEARD,
    *,
    lr: GivenLR | None = None,
) -> Coming:
    """Return how the images at `paths` stand to what a folder holds; their files are not read.

    Raises
    ------
    RunError
        Where two images have the same name, or LR are given of some alone.
    Cancelled
    """
    given = list(paths)
    try:
        require_apart(held.out, [*given, lr.path] if lr else given)
        own = held.out if is_data_set(held.out) else None
        images, failed = collect(given, own, progress, lr=lr)
        require_apart(held.out, images)
        require_no_other_files(held.out, (image.path for image in images))
    except MisplacedError as error:
        return Coming(refused=error.sentence)
    kept = new = 0
    changed: list[Input] = []
    again: list[tuple[str, str]] = []
    names = {(one.bytes, one.mtime_ns): name for name, one in held.marks.items()}
    sample = False
    for image in progress.each(images):
        sample = sample or is_sample(image.path)
        if image.name not in held.marks:
            new += 1
            there = names.get(_look(image))
            again += [(there, image.name)] if there else []
        elif _is_as_it_was(image, held):
            kept += 1
        else:
            changed.append(image)
    return Coming(
        kept,
        len(changed),
        new,
        tuple(one.name for one in changed if is_another(one, held)),
        tuple(again),
        sample,
        are_given(images) if images else None,
        failed=tuple(failed),
    )


@dataclass(frozen=True)
class Known:
    """What a folder knows of images whose files are as they were.

    Attributes
    ----------
    written : mapping of Path to int
        How many pairs it holds of those that were exported.
    failed : mapping of Path to str
        Why nothing came of others.
    """

    written: Mapping[Path, int] = field(default_factory=dict)
    failed: Mapping[Path, str] = field(default_factory=dict)


def known_of(
    held: Held, paths: Iterable[Path | str | Rooted], progress: Progress = UNHEARD
) -> Known:
    """Return what a folder knows of the images at `paths`.

    Raises
    ------
    Cancelled
    """
    if held.there is None:
        return Known()
    try:
        images, _ = collect(paths, progress=progress)
    except RunError:  # two of one name: which of them it was is not known
        return Known()
    written, failed = {}, {}
    for image in progress.each(images):
        mark, cause = held.failed.get(image.name, (None, ""))
        if image.name in held.marks and _is_as_it_was(image, held):
            written[image.path] = held.of_image[image.name]
        elif mark is not None and are_unchanged(image.files, mark):
            failed[image.path] = cause
    return Known(written, failed)


def _is_as_it_was(image: Input, held: Held) -> bool:
    mark = held.marks[image.name]
    return mark.mtime_ns == UNKNOWN or are_unchanged(image.files, mark)


def _look(image: Input) -> tuple[int, int]:
    """Return bytes and time of the files of `image`, -1 where one of them is not there."""
    try:
        return look_at_files(image.files)
    except (OSError, ValueError):
        return -1, -1


def is_another(image: Input, held: Held) -> bool:
    """Tell whether `image`, which has changed, certainly is another: files of other sizes are."""
    size, there = _look(image)[0], held.marks[image.name].bytes
    return size != -1 and UNKNOWN not in (there, held.marks[image.name].mtime_ns) and size != there


def plan(
    held: Held,
    coming: Coming,
    recipe: Recipe,
    format: str | None = None,
    options: Options | None = None,
    exclusions: Exclusions = NONE,
) -> Plan:
    """Return what an export of `coming` images will find and do; no file is looked at.

    Raises
    ------
    OptionError
        For options that exclude each other.
    """
    there = None if held.there is None else How(held.there.format, held.there.options)
    how = settled(format, options or Options(), recipe, there)
    options = how.options
    refused, replaces = coming.refused, ""
    try:
        require_no_mixture(held.out, sample=coming.sample, held=held.contents)
    except MisplacedError as error:
        refused = error.sentence
    except ConflictError as error:
        replaces = error.cause
    if held.there is not None and not replaces:
        given = held.there.given if coming.given is None else coming.given
        here = Target(held.out, recipe, how.format, options, exclusions=exclusions, given=given)
        replaces = conflict(held.there, here, held.made_with, held.contents)
    drops = options.duplicates == "drop"
    return Plan(held, coming, refused, replaces, drops, unusual(options, recipe, held.out))


def expected_pairs(
    kept: Sequence[int], options: Options, contents: Mapping[str, str] | None = None
) -> int | None:
    """Return how many pairs an export writes of images that keep so many each.

    None where that cannot be told, as it depends on which images are equal, or for validation:
    what `contents` tell by name, in the order of `kept`.
    """
    drops, splits = options.duplicates == "drop", for_split(options).whole == "validation"
    if contents is None:
        if (drops or splits) and len(kept) > 1:
            return None
        contents = dict.fromkeys(map(str, range(len(kept))), "")
    total = sum(_expected(kept, options, contents)[0].values())
    return total if options.max_pairs is None else min(total, options.max_pairs)


def expected_for_validation(
    kept: Sequence[int], options: Options, contents: Mapping[str, str] | None
) -> tuple[int, int] | None:
    """Return of how many images pairs will be for validation, and how many.

    None where that cannot be told, or no share of the images is; the rest as in `expected_pairs`.
    """
    if contents is None or not options.validation_share or options.max_pairs is not None:
        return None
    pairs, held = _expected(kept, options, contents)
    return len(held), sum(pairs[name] for name in held)


def _expected(
    kept: Sequence[int], options: Options, contents: Mapping[str, str]
) -> tuple[Mapping[str, int], frozenset[str]]:
    """Return how many pairs each image gives that gives any, and which are for validation."""
    options = for_split(options)
    drops, splits = options.duplicates == "drop", options.whole == "validation"
    counts = dict(zip(contents, kept, strict=True))
    if drops:
        firsts = {contents[name]: name for name in sorted(contents, reverse=True)}
        counts = {name: counts[name] for name in firsts.values()}
    some = {name: contents[name] for name, count in counts.items() if count}
    held = validation_images(some, options.validation_share, options.seed, some)
    whole = some if options.whole == "all" else held if splits else ()
    most = options.max_per_image
    each = {name: 1 if name in whole else counts[name] for name in some}
    return {name: min(count, most or count) for name, count in each.items()}, held


def stays(options: Options) -> bool:
    """Tell whether the pairs of an image remain the same ones when other images come."""
    return for_split(options).whole != "validation" and options.max_pairs is None
