"""Which of the images at hand a data set was made of, by what it knows of them itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from srviewer.errors import RunError
from srviewer.export.held import look
from srviewer.export.plan import is_another
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.runs.inputs import Rooted, collect
from srviewer.wording import counted

_MOST_NAMED = 3


@dataclass(frozen=True)
class AtHand:
    """The images of a data set, held against those at hand.

    Attributes
    ----------
    named : int
        Images that the data set was made of; 0 where it is none.
    missing : tuple of str
        The names of those that are not at hand.
    """

    named: int = 0
    missing: tuple[str, ...] = ()

    @property
    def none(self) -> bool:
        """Whether it was made of other images altogether."""
        return 0 < self.named == len(self.missing)

    @property
    def words(self) -> str:
        """What is missing; empty where nothing is."""
        if not self.missing:
            return ""
        first = ", ".join(self.missing[:_MOST_NAMED])
        more = ", ..." if len(self.missing) > _MOST_NAMED else ""
        of = counted(self.named, "image")
        are = "is" if len(self.missing) == 1 else "are"
        return f"{len(self.missing):,} of the {of} that it was made of {are} missing: {first}{more}"


def at_hand(
    out: Path, images: Iterable[Path | str | Rooted], progress: Progress = UNHEARD
) -> AtHand:
    """Return which of the images that the data set `out` was made of are among `images`.

    They are known by their names, as for a verification; a file of another size is another.

    Raises
    ------
    Cancelled
    """
    held = look(out, progress)
    try:
        there, _ = collect(images, progress=progress)
    except RunError:  # two of one name: the check will say so
        return AtHand()
    names = {one.name for one in there if one.name in held.marks and not is_another(one, held)}
    names |= {one.name for one in there if one.name not in held.marks}
    return AtHand(len(held.of_image), tuple(sorted(held.of_image.keys() - names)))
