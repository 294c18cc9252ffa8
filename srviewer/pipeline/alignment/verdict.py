"""The verdict on a given pair, with its reason."""

from dataclasses import dataclass, replace

import numpy as np

from srviewer.pipeline.alignment.alignment import Alignment
from srviewer.pipeline.alignment.figures import Figures
from srviewer.pipeline.alignment.fitting import start_of
from srviewer.pipeline.alignment.models import Frame, applied
from srviewer.pipeline.arrays import Floats, Size
from srviewer.wording import percent

ALIGNED, SHIFTED, SCALED = "aligned", "shifted", "scaled"
ROTATED, MIRRORED, TURNED = "rotated", "mirrored", "turned"
WARPED, PARTLY, OTHER = "warped", "partly aligned", "other content"
NO_FIT, UNKNOWN = "sizes do not fit", "unknown"
VERDICTS = (
    ALIGNED, SHIFTED, SCALED, ROTATED, MIRRORED, TURNED, WARPED, PARTLY, OTHER, NO_FIT, UNKNOWN,
)  # fmt: skip
"""Every verdict there is."""

WORST_FIRST = (
    OTHER, NO_FIT, MIRRORED, TURNED, WARPED, ROTATED, SCALED, PARTLY, SHIFTED, UNKNOWN, ALIGNED,
)  # fmt: skip
"""The same by how much is wrong with a pair."""

_SAID = {UNKNOWN: "cannot say"}
_EVEN = (ALIGNED, PARTLY, SHIFTED, SCALED, ROTATED)

SAMPLED = "reduced by nearest neighbour: not antialiased"
"""What is told of an LR whose pixels are single ones of HR, wherever they lie."""
WITHIN = 0.1
"""LR px: content that is nowhere further from its place is aligned."""
_ALIKE = 0.5  # share of LR's detail that HR explains
_UNEVEN = 0.25  # LR px that a part of a shifted picture may lie off
_BLOCK = 0.1  # share of the picture beyond which what lies elsewhere is a block of its own
_PART = 0.05  # share of the picture that has to lie elsewhere to be told
_APART = 0.1  # LR px between the two estimators that are told
_TOO_WIDE = 0.25  # LR px: half an interval with which nothing can be said


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a pair, and why.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`.
    reason : str
        In words, with its figures.
    remarks : tuple of str
        What else is told of the pair.
    """

    verdict: str
    reason: str
    remarks: tuple[str, ...] = ()

    @property
    def brief(self) -> str:
        """The verdict with its reason."""
        return f"{said(self.verdict)}: {self.reason}"

    @property
    def sentence(self) -> str:
        """The verdict, its reason and all remarks."""
        return "; ".join((self.brief, *self.remarks))


def said(verdict: str) -> str:
    """Return one of `VERDICTS` as a sentence begins with it."""
    return _SAID.get(verdict, verdict)


def judge(a: Alignment) -> Verdict:
    """Return the verdict on the alignment `a`."""
    if a.warp is None or a.figures is None:
        return _without_warp(a)
    found = _of_the_whole(a, a.warp, a.figures)
    share = 0.0 if a.field is None else a.field.wrong_share
    remarks = []
    if share >= _PART:
        rest = f"{percent(share)} of the picture has moved or is of other content"
        if found.verdict == ALIGNED:
            found = Verdict(PARTLY, rest, (f"the other parts are {ALIGNED} {found.reason}",))
        else:
            remarks.append(f"{rest}, of what can be told")
    # Where a block lies elsewhere, its border makes parts uneven too; and a tool that moves by
    # linear interpolation moves fine detail less than the rest.
    bound = _UNEVEN if found.verdict == SHIFTED else WITHIN
    if share < _BLOCK and a.uneven >= bound and found.verdict in _EVEN:
        words = f"a part of the picture lies more than {a.uneven:.2f} LR px off any model"
        found = Verdict(WARPED, words)
    if a.disagreement is not None and a.disagreement > _APART:
        remarks.append(f"the two estimators disagree by {a.disagreement:.2f} LR px")
    if a.sampled:
        remarks.append(SAMPLED)
    return replace(found, remarks=(*found.remarks, *remarks))


def _without_warp(a: Alignment) -> Verdict:
    if a.sizes.is_enlarged or not (a.sizes.fit or a.has_texture):
        return Verdict(NO_FIT, a.sizes.trim)
    if not a.has_texture:
        side = "HR" if a.texture[0] <= a.texture[1] else "LR"
        why = a.even or f"{side} has too little texture to be compared"
        return Verdict(UNKNOWN, why)
    if a.explained >= _ALIKE:
        return Verdict(UNKNOWN, "the content is alike, but no place is surely its own")
    sizes = () if a.sizes.fit else (f"nor do the sizes fit: {a.sizes.trim}",)
    return Verdict(OTHER, "LR shows in no place what HR shows", sizes)


def _of_the_whole(a: Alignment, warp: Floats, figures: Figures) -> Verdict:
    if a.orientation.words:
        kind = MIRRORED if a.orientation.mirrored else TURNED
        still = np.hypot(*figures.shift) + figures.shift_u95 < WITHIN
        rest = "it lies in its place" if still else _shift(figures)
        return Verdict(kind, f"LR is {a.orientation.words}", (f"turned back, {rest}",))
    if figures.shift_u95 > _TOO_WIDE:
        wide = f"the interval is \N{PLUS-MINUS SIGN}{figures.shift_u95:.2f} LR px"
        return Verdict(UNKNOWN, f"there is too little texture, {wide}")
    if not a.sizes.fit:
        whole = max(1, round(sum(figures.magnification) / 2))
        found = _at_scale(a.sizes.lr, whole)
        if _apart(found, warp, start_of("shift", warp, found)) < WITHIN:
            x, y = applied(warp, np.zeros((1, 2)))[0] - (whole - 1) / 2
            at = f"LR begins {x:.2f} px from the left and {y:.2f} px from the top of HR at x{whole}"
            return Verdict(NO_FIT, at, tuple(filter(None, [a.sizes.trim_at(whole)])))
    return _by_model(a, _at_scale(a.sizes.lr, a.sizes.scale), warp, figures)


def _at_scale(lr: Size, scale: int) -> Frame:
    return Frame(lr, (float(scale), float(scale)))


def _apart(frame: Frame, warp: Floats, other: Floats) -> float:
    """Return how far two warps are apart at most over LR, in LR px."""
    apart = (_grid(frame, warp) - _grid(frame, other)) / frame.ratio
    return float(np.hypot(*apart.T).max())


def _grid(frame: Frame, warp: Floats) -> Floats:
    """Return where `warp` takes LR's corners, edges and centre in HR."""
    x, y = (np.linspace(0, side - 1, 3) for side in frame.lr)
    grid = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
    return applied(warp, grid)


def _by_model(a: Alignment, frame: Frame, warp: Floats, figures: Figures) -> Verdict:
    def rest(other: Floats) -> float:
        return _apart(frame, warp, other)

    nearest = {name: start_of(name, warp, frame) for name in ("shift", "anamorphic", "similarity")}
    most = rest(frame.nominal)
    if most < WITHIN:
        if most + figures.shift_u95 < WITHIN:
            within = max(most, figures.shift_u95, 0.001)
            return Verdict(ALIGNED, f"within {within:.3f} LR px")
        if np.hypot(*figures.shift) <= figures.shift_u95:
            return Verdict(UNKNOWN, f"it may be within {WITHIN} LR px or not: {_shift(figures)}")
    if rest(nearest["shift"]) < WITHIN:
        return Verdict(SHIFTED, _shift(figures))
    x, y = figures.magnification
    size = f"a pixel of LR is {x:.3f} x {y:.3f} HR px where x{a.sizes.scale} is expected"
    if rest(nearest["anamorphic"]) < WITHIN:
        larger = f"{_larger(a.sizes.scale / x)} across and {_larger(a.sizes.scale / y)} down"
        return Verdict(SCALED, f"LR's content is {larger}", (size,))
    if rest(nearest["similarity"]) < WITHIN or a.model == "similarity":
        way = "clockwise" if figures.rotation > 0 else "anticlockwise"
        turned = f"by {abs(figures.rotation):.2f} degrees {way}"
        uneven = (size,) if abs(x / a.sizes.scale - 1) > 0.002 else ()
        return Verdict(ROTATED, f"{turned}, \N{PLUS-MINUS SIGN}{figures.u95[4]:.2f}", uneven)
    return Verdict(
        WARPED,
        f"up to {rest(nearest['similarity']):.2f} LR px from any shift, scale and turn",
    )


def _larger(ratio: float) -> str:
    """Return how much larger or smaller something is than it should be, in words."""
    return f"{100 * abs(ratio - 1):.2f} % {'too large' if ratio >= 1 else 'too small'}"


def _shift(figures: Figures) -> str:
    ways = ("right", "left"), ("down", "up")
    sides = [(abs(by), way[by < 0]) for by, way in zip(figures.shift, ways, strict=True)]
    told = [(by, way) for by, way in sides if by >= 0.0005] or sides
    lies = " and ".join(f"{by:.3f} LR px too far {way}" for by, way in told)
    return f"LR's content lies {lies}, \N{PLUS-MINUS SIGN}{figures.shift_u95:.3f}"
