"""The recipe: every knob of the pipeline once, with its default, range, unit and help.

The command line's flags, the window's controls, the TOML file and its comments are all made from
the knobs below, so a knob is added or changed in this one place.
"""

from __future__ import annotations

import dataclasses
import difflib
from dataclasses import dataclass, field
from typing import Any, get_type_hints

from srviewer.errors import RecipeError

Value = bool | int | float | str

FILTERS: dict[str, tuple[str, ...]] = {
    "pil": ("nearest", "bilinear", "bicubic", "lanczos", "box"),
    "opencv": ("nearest", "bilinear", "bicubic", "lanczos", "area"),
    "matlab": ("nearest", "bilinear", "bicubic", "lanczos", "box"),
    "torch": (
        "nearest",
        "bilinear",
        "bicubic",
        "area",
        "bilinear_antialias",
        "bicubic_antialias",
    ),
}
ALL_FILTERS = tuple(dict.fromkeys(name for names in FILTERS.values() for name in names))

SMALLEST_PATCH = 11  # SSIM's Gaussian window must fit wholly inside a patch


@dataclass(frozen=True)
class Knob:
    """One knob of the recipe, as the flags, the controls and the file describe it.

    Attributes
    ----------
    name : str
        The recipe's field.
    kind : type
        ``bool``, ``int``, ``float`` or ``str``.
    default : bool, int, float or str
    group : str
        The stage of the pipeline that reads it.
    label, help, unit : str
        Words for people; `unit` is empty for a choice or a count without unit.
    choices : tuple of str
        The allowed values of a ``str`` knob.
    low, high : float
        The allowed range, both ends included.
    usual : float
        The end of a slider, where `high` is far beyond what people use.
    step : float
        What one step of a control changes.
    percent : bool
        Whether people read it in percent.
    """

    name: str
    kind: type
    default: Value
    group: str
    label: str
    help: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    low: float = 0
    high: float = 0
    usual: float = 0
    step: float = 1
    percent: bool = False

    @property
    def allowed(self) -> str:
        """What may be given, in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.kind is bool:
            return "true or false"
        kind = "a whole number" if self.kind is int else "a number"
        return f"{kind} from {self.low:.7g} to {self.high:.7g}"


def _knob(default: Value, group: str, label: str, help: str, **more: Any) -> Any:
    return field(default=default, metadata={"group": group, "label": label, "help": help, **more})


@dataclass(frozen=True)
class Recipe:
    """All that decides which pairs come out of an image. A Recipe that exists is valid.

    Raises
    ------
    RecipeError
        For a value of the wrong type or out of range, and for combinations that exclude each
        other; the message names key, value and what is allowed.
    """

    scale: int = _knob(
        4,
        "Pair",
        "Scale",
        "how many times smaller LR is than HR",
        unit="x",
        low=2,
        high=64,
        usual=8,
    )
    resizer: str = _knob(
        "pil",
        "Pair",
        "Resizer",
        "the library that reduces HR to LR and enlarges LR again",
        choices=tuple(FILTERS),
    )
    filter: str = _knob(
        "bicubic",
        "Pair",
        "Filter",
        "the interpolation; each library has its own set",
        choices=ALL_FILTERS,
    )
    quantize_after: bool = _knob(
        True,
        "Pair",
        "Round to 8 bits",
        "round to 8 bits after each resize; without it float32 is kept through the metrics",
    )
    sift_nfeatures: int = _knob(
        0,
        "Keypoints",
        "Features",
        "keep only so many of the strongest keypoints; 0 keeps all",
        low=0,
        high=1_000_000,
        usual=20_000,
        step=100,
    )
    sift_n_octave_layers: int = _knob(
        3, "Keypoints", "Octave layers", "layers in each octave of SIFT", low=1, high=16, usual=8
    )
    sift_contrast_threshold: float = _knob(
        0.04,
        "Keypoints",
        "Contrast threshold",
        "higher drops more keypoints of weak contrast",
        low=0,
        high=1,
        usual=0.2,
        step=0.005,
    )
    sift_edge_threshold: float = _knob(
        10.0,
        "Keypoints",
        "Edge threshold",
        "lower drops more keypoints that lie on edges",
        low=0,
        high=1000,
        usual=50,
        step=0.5,
    )
    sift_sigma: float = _knob(
        1.6,
        "Keypoints",
        "Sigma",
        "Gaussian blur of the first octave",
        unit="px",
        low=0.1,
        high=20,
        usual=4,
        step=0.1,
    )
    consistency: str = _knob(
        "radial",
        "Consistency",
        "Test",
        "radial: distances from the origin agree with the scale; position: the keypoint lies "
        "where the resize puts it",
        choices=("radial", "position"),
    )
    error_margin: float = _knob(
        0.05,
        "Consistency",
        "Error margin",
        "how far a ratio may be from 1, and the sides of the boxes from each other",
        low=0,
        high=1,
        usual=0.25,
        step=0.005,
        percent=True,
    )
    position_tolerance: float = _knob(
        1.0,
        "Consistency",
        "Position tolerance",
        "how far an LR keypoint may lie from its place (test position)",
        unit="LR px",
        low=0,
        high=1000,
        usual=10,
        step=0.1,
    )
    crop: str = _knob(
        "corners",
        "Box",
        "Crop",
        "corners: the box that the corner matches span; bounding: that of all kept matches; "
        "whole: the clean image",
        choices=("corners", "bounding", "whole"),
    )
    patch: int = _knob(
        33,
        "Patches",
        "Patch",
        "side of a window",
        unit="px",
        low=SMALLEST_PATCH,
        high=4096,
        usual=128,
    )
    stride: int = _knob(
        14,
        "Patches",
        "Stride",
        "from one window to the next",
        unit="px",
        low=1,
        high=4096,
        usual=128,
    )
    min_keypoints: int = _knob(
        10,
        "Patches",
        "Keypoints, at least",
        "a window with fewer keypoints is rejected (texture sift)",
        unit="keypoints",
        low=0,
        high=100_000,
        usual=60,
    )
    min_matches: int = _knob(
        0,
        "Patches",
        "Matches, at least",
        "a window with fewer consistent matches is rejected",
        unit="matches",
        low=0,
        high=100_000,
        usual=20,
    )
    texture: str = _knob(
        "sift",
        "Patches",
        "Texture by",
        "sift: count keypoints; canny: share of edge pixels",
        choices=("sift", "canny"),
    )
    keypoint_scope: str = _knob(
        "patch",
        "Patches",
        "Keypoint scope",
        "patch: SIFT on each window alone; image: the image's own keypoints in the window",
        choices=("patch", "image"),
    )
    canny_low: float = _knob(
        100.0,
        "Patches",
        "Canny, low",
        "weaker edges are dropped",
        low=0,
        high=10_000,
        usual=500,
        step=5,
    )
    canny_high: float = _knob(
        200.0,
        "Patches",
        "Canny, high",
        "stronger edges start an edge",
        low=0,
        high=10_000,
        usual=500,
        step=5,
    )
    min_edge_density: float = _knob(
        0.05,
        "Patches",
        "Edge density",
        "a window with a smaller share of edge pixels is rejected (texture canny)",
        low=0,
        high=1,
        usual=0.5,
        step=0.005,
        percent=True,
    )
    lr_layout: str = _knob(
        "upscaled",
        "Patches",
        "LR layout",
        "upscaled: LR enlarged to HR's size (SRCNN's); native: cut from LR itself",
        choices=("upscaled", "native"),
    )
    metrics_on: str = _knob(
        "rgb",
        "Metrics",
        "PSNR and SSIM on",
        "rgb: all channels; y: BT.601 luma as in MATLAB's rgb2ycbcr",
        choices=("rgb", "y"),
    )

    def __post_init__(self) -> None:
        for knob in KNOBS.values():
            value = _checked(knob, getattr(self, knob.name))
            object.__setattr__(self, knob.name, value)
        _check_combinations(self)

    def replace(self, **changes: Value) -> Recipe:
        """Return a recipe with `changes`; unknown keys raise `RecipeError`."""
        for key in changes:
            require_known(key)
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    def differences(self, other: Recipe) -> dict[str, tuple[Value, Value]]:
        """Return ``{key: (own value, other's value)}`` where the two differ."""
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in KNOBS}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _knobs() -> dict[str, Knob]:
    kinds = get_type_hints(Recipe)
    return {
        spec.name: Knob(spec.name, kinds[spec.name], getattr(Recipe, spec.name), **spec.metadata)
        for spec in dataclasses.fields(Recipe)
    }


KNOBS: dict[str, Knob] = _knobs()


def require_known(key: str) -> None:
    """Raise `RecipeError` where `key` is no knob, with the nearest that is."""
    if key in KNOBS:
        return
    near = difflib.get_close_matches(key, KNOBS, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise RecipeError(f"unknown recipe key {key!r}{hint} Allowed: {', '.join(KNOBS)}")


def _checked(knob: Knob, value: object) -> Value:
    wrong = RecipeError(f"{knob.name} = {value!r}: allowed is {knob.allowed}")
    if knob.kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not knob.kind:
        raise wrong
    if knob.choices and value not in knob.choices:
        raise wrong
    if isinstance(value, (int, float)) and knob.kind is not bool:
        in_range = knob.low <= value <= knob.high  # nan is not
        if not in_range:
            raise wrong
    return value  # type: ignore[return-value]


def _check_combinations(recipe: Recipe) -> None:
    if recipe.filter not in FILTERS[recipe.resizer]:
        raise RecipeError(
            f"filter = {recipe.filter!r}: resizer {recipe.resizer!r} has "
            f"{', '.join(FILTERS[recipe.resizer])}"
        )
    if recipe.canny_low > recipe.canny_high:
        raise RecipeError(
            f"canny_low = {recipe.canny_low:g}: allowed is at most canny_high, "
            f"{recipe.canny_high:g}"
        )
    if recipe.lr_layout == "native":
        for key in ("patch", "stride"):
            value = getattr(recipe, key)
            if value % recipe.scale:
                near = " or ".join(str(n) for n in nearest_multiples(key, value, recipe.scale))
                raise RecipeError(
                    f"{key} = {value}: with lr_layout = 'native' allowed is a multiple of scale, "
                    f"{recipe.scale}; the nearest: {near}"
                )


def nearest_multiples(key: str, value: int, scale: int) -> tuple[int, ...]:
    """Return the multiples of `scale` next to `value` that the knob `key` allows, nearest first."""
    low, high = KNOBS[key].low, KNOBS[key].high
    below, above = value // scale * scale, -(-value // scale) * scale
    found = {multiple for multiple in (below, above) if low <= multiple <= high}
    return tuple(sorted(found, key=lambda multiple: (abs(multiple - value), multiple)))


def adapted(recipe: Recipe, key: str, value: Value) -> Recipe:
    """Return `recipe` with `key` set to `value`, and whatever would exclude it moved along.

    A filter that the new resizer lacks becomes bicubic; with the native LR layout patch and stride
    snap to the nearest multiple of the scale; the other Canny threshold follows.

    Raises
    ------
    RecipeError
        Where `value` itself is not allowed.
    """
    require_known(key)
    _checked(KNOBS[key], value)
    changes: dict[str, Value] = {key: value}

    def of(name: str) -> Value:
        value: Value = changes.get(name, getattr(recipe, name))
        return value

    filters = FILTERS[str(of("resizer"))]
    if of("filter") not in filters:
        changes["filter"] = "bicubic"
    if of("lr_layout") == "native":
        for name in ("patch", "stride"):
            changes[name] = nearest_multiples(name, int(of(name)), int(of("scale")))[0]
    if float(of("canny_low")) > float(of("canny_high")):
        changes["canny_low"] = changes["canny_high"] = value
    return recipe.replace(**changes)


PRESETS: dict[str, Recipe] = {
    "article": Recipe(),
    "v2": Recipe(crop="whole", min_keypoints=10),
    "v1": Recipe(crop="whole", min_keypoints=0),
    "recommended": Recipe(consistency="position", crop="bounding", keypoint_scope="image"),
}


def preset(name: str) -> Recipe:
    """Return the preset `name`; `RecipeError` with all names where there is none."""
    if name not in PRESETS:
        raise RecipeError(f"preset = {name!r}: allowed is one of {', '.join(PRESETS)}")
    return PRESETS[name]
