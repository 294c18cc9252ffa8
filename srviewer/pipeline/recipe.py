"""The recipe: every knob of the pipeline once, with its default, range, unit and help.

The command line's flags, the window's controls, the TOML file and its comments are all made from
the knobs below; `srviewer.pipeline.stages` says which stage reads each.
"""

from __future__ import annotations

import dataclasses
import difflib
from functools import partial
from types import MappingProxyType

from srviewer.errors import Keyed, RecipeError, shown
from srviewer.pipeline.knobs import Knob as Knob
from srviewer.pipeline.knobs import Range, declare, documented, knobs_of
from srviewer.pipeline.knobs import Value as Value

FILTERS: dict[str, tuple[str, ...]] = {
    "pil": ("nearest", "bilinear", "bicubic", "lanczos", "box"),
    "opencv": ("nearest", "bilinear", "bicubic", "lanczos", "area"),
    "matlab": ("nearest", "bilinear", "bicubic", "lanczos", "box"),
    "torch": ("nearest", "bilinear", "bicubic", "area", "bilinear_antialias", "bicubic_antialias"),
}
ALL_FILTERS = tuple(dict.fromkeys(name for names in FILTERS.values() for name in names))

SMALLEST_PATCH = 11  # SSIM's Gaussian window must fit wholly inside a patch


GIVEN = "Given pairs"
"""The group of the knobs that only given pairs have."""
_pair, _keypoints, _consistency, _box, _patches, _metrics, _given = (
    partial(declare, group)
    for group in ("Pair", "Keypoints", "Consistency", "Box", "Patches", "Metrics", GIVEN)
)


@dataclasses.dataclass(frozen=True, repr=False)
class Recipe:
    """All that decides which pairs come out of an image. A Recipe that exists is valid.

    Its attributes, at the end, are the knobs that flags, controls and TOML are made from.

    Raises
    ------
    RecipeError
        For a value of the wrong type or out of range, and for combinations that exclude each
        other; the message names key, value and what is allowed.
    """

    scale: int = _pair(
        4, "Scale", "how many times smaller LR is than HR", Range(2, 64, usual=8), unit="x"
    )
    resizer: str = _pair(
        "pil",
        "Resizer",
        "the library that reduces HR to LR and enlarges LR again",
        choices=tuple(FILTERS),
    )
    filter: str = _pair(
        "bicubic",
        "Filter",
        "the interpolation; each library has its own set",
        choices=ALL_FILTERS,
        choice_names={name: name.replace("_antialias", ", antialiased") for name in ALL_FILTERS},
    )
    quantize_after: bool = _pair(
        True,
        "Round to 8 bits",
        "round to 8 bits after each resize; without it float32 is kept through the metrics",
    )
    colour: str = _pair(
        "srgb",
        "Colours",
        "sRGB: colours with a profile are converted to it; as stored: profiles are left out",
        choices=("srgb", "as_stored"),
        choice_names={"srgb": "sRGB", "as_stored": "as stored"},
    )
    sift_nfeatures: int = _keypoints(
        0,
        "Features",
        "keep only so many of the strongest keypoints; 0 keeps all",
        Range(0, 1_000_000, usual=20_000, step=100),
        none="all",
    )
    sift_n_octave_layers: int = _keypoints(
        3, "Octave layers", "layers in each octave of SIFT", Range(1, 16, usual=8)
    )
    sift_contrast_threshold: float = _keypoints(
        0.04,
        "Contrast threshold",
        "higher drops more keypoints of weak contrast",
        Range(0, 1, usual=0.2, step=0.005),
    )
    sift_edge_threshold: float = _keypoints(
        10.0,
        "Edge threshold",
        "lower drops more keypoints that lie on edges",
        Range(0, 1000, usual=50, step=0.5),
    )
    sift_sigma: float = _keypoints(
        1.6,
        "Sigma",
        "Gaussian blur of the first octave",
        Range(0.1, 20, usual=4, step=0.1),
        unit="px",
    )
    consistency: str = _consistency(
        "radial",
        "Test",
        "radial: distances from the origin agree with the scale; position: the keypoint lies "
        "where the resize puts it",
        choices=("radial", "position"),
    )
    error_margin: float = _consistency(
        0.05,
        "Error margin",
        "how far a ratio may be from 1, and the sides of the boxes from each other",
        Range(0, 1, usual=0.25, step=0.005),
        percent=True,
        slider=True,
    )
    position_tolerance: float = _consistency(
        1.0,
        "Position tolerance",
        Keyed(
            "how far an LR keypoint may lie from its place (consistency position)", "consistency"
        ),
        Range(0, 1000, usual=10, step=0.1),
        unit="LR px",
        slider=True,
    )
    crop: str = _box(
        "corners",
        "Crop",
        "corners: the box that the corner matches span; bounding: that of all kept matches; "
        "whole: the clean image",
        choices=("corners", "bounding", "whole"),
    )
    patch: int = _patches(
        33, "Patch", "side of a window", Range(SMALLEST_PATCH, 4096, usual=128), unit="px"
    )
    stride: int = _patches(
        14, "Stride", "from one window to the next", Range(1, 4096, usual=128), unit="px"
    )
    min_keypoints: int = _patches(
        10,
        "Keypoints, at least",
        Keyed("a window with fewer keypoints is rejected (texture sift)", "texture"),
        Range(0, 100_000, usual=60),
        short="keypoints",
        unit="keypoints",
        slider=True,
    )
    min_matches: int = _patches(
        0,
        "Matches, at least",
        "a window with fewer consistent matches is rejected",
        Range(0, 100_000, usual=20),
        short="matches",
        unit="matches",
        slider=True,
    )
    texture: str = _patches(
        "sift",
        "Texture by",
        "sift: count keypoints; canny: share of edge pixels",
        choices=("sift", "canny"),
    )
    keypoint_scope: str = _patches(
        "patch",
        "Keypoint scope",
        "patch: SIFT on each window alone; image: the image's own keypoints in the window",
        choices=("patch", "image"),
    )
    canny_low: float = _patches(
        100.0,
        "Canny, low",
        "weaker edges are dropped",
        Range(0, 10_000, usual=500, step=5),
        short="Canny low",
    )
    canny_high: float = _patches(
        200.0,
        "Canny, high",
        "stronger edges start an edge",
        Range(0, 10_000, usual=500, step=5),
        short="Canny high",
    )
    min_edge_density: float = _patches(
        0.05,
        "Edge density",
        Keyed(
            "a window with a smaller share of edge pixels is rejected (texture canny)", "texture"
        ),
        Range(0, 1, usual=0.5, step=0.005),
        percent=True,
        slider=True,
    )
    lr_layout: str = _patches(
        "upscaled",
        "LR layout",
        "upscaled: LR enlarged to HR's size (SRCNN's); native: cut from LR itself",
        choices=("upscaled", "native"),
    )
    metrics_on: str = _metrics(
        "rgb",
        "PSNR and SSIM on",
        "RGB: all channels; Y: BT.601 luma as in MATLAB's rgb2ycbcr",
        choices=("rgb", "y"),
        choice_names={"rgb": "RGB", "y": "Y"},
    )
    straighten: str = _given(
        "off",
        "Straighten",
        "resample one side of a given pair, once, so that it lies on the other; HR leaves LR's own "
        "pixels as they are",
        choices=("off", "hr", "lr"),
        choice_names={"off": "off", "hr": "HR", "lr": "LR"},
    )
    straighten_filter: str = _given(
        "bicubic",
        "Straighten by",
        "the interpolation, OpenCV's: bicubic (a = -0.75), lanczos (8 x 8) or bilinear",
        choices=("bicubic", "lanczos", "bilinear"),
    )
    keep_windows: str = _given(
        "all",
        "Keep windows",
        "by how they lie on HR: all; not moved: all but those that lie elsewhere; aligned: those "
        "alone that surely lie within 0.25 LR px of their place",
        choices=("all", "not_moved", "aligned"),
        choice_names={"all": "all", "not_moved": "not moved", "aligned": "aligned"},
    )

    def __post_init__(self) -> None:
        for knob in KNOBS.values():
            object.__setattr__(self, knob.name, knob.checked(getattr(self, knob.name)))
        _check_combinations(self)

    def __repr__(self) -> str:
        """Return what differs from the defaults."""
        changed = Recipe().differences(self)
        return f"Recipe({', '.join(f'{name}={mine!r}' for name, (_, mine) in changed.items())})"

    @property
    def resizing(self) -> str:
        """The resizer and its filter, as people read them."""
        return f"{KNOBS['resizer'].said(self.resizer)} {KNOBS['filter'].said(self.filter)}"

    def replace(self, /, **changes: Value) -> Recipe:
        """Return a recipe with `changes`; unknown keys raise `RecipeError`."""
        for key in changes:
            require_known(key)
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    def differences(self, other: Recipe) -> dict[str, tuple[Value, Value]]:
        """Return ``{key: (own value, other's value)}`` where the two differ."""
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in KNOBS}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


KNOBS = knobs_of(Recipe)
Recipe.__doc__ = f"{Recipe.__doc__ or ''}\n{documented(KNOBS)}"


def require_known(key: str) -> None:
    """Raise `RecipeError` where `key` is no knob, with the nearest that is."""
    if key in KNOBS:
        return
    near = difflib.get_close_matches(key, KNOBS, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise RecipeError(f"unknown recipe key {shown(key)}{hint} Allowed: {', '.join(KNOBS)}")


def _check_combinations(recipe: Recipe) -> None:
    if recipe.filter not in FILTERS[recipe.resizer]:
        cause = f"resizer {recipe.resizer!r} has {', '.join(FILTERS[recipe.resizer])}"
        raise RecipeError(Keyed(cause, "resizer"), key="filter", value=recipe.filter)
    if recipe.canny_low > recipe.canny_high:
        cause = f"canny_low = {recipe.canny_low:g}: allowed is at most canny_high, "
        cause += f"{recipe.canny_high:g}"
        raise RecipeError(Keyed(cause, "canny_low", "canny_high"))
    if recipe.lr_layout == "native":
        for key in ("patch", "stride"):
            value = getattr(recipe, key)
            if value % recipe.scale:
                near = " or ".join(str(n) for n in nearest_multiples(key, value, recipe.scale))
                cause = (
                    "with lr_layout = 'native' allowed is a multiple of scale, "
                    f"{recipe.scale}; the nearest: {near}"
                )
                raise RecipeError(Keyed(cause, "lr_layout", "scale"), key=key, value=value)


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
    KNOBS[key].checked(value)
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


def keypoints_by_area(recipe: Recipe, patch: int) -> int:
    """Return the `min_keypoints` that asks of the recipe's patch what it asks of one of `patch`."""
    scaled = int(recipe.min_keypoints * (recipe.patch / patch) ** 2 + 0.5)
    return min(max(scaled, min(recipe.min_keypoints, 1)), int(KNOBS["min_keypoints"].high))


def on_given(preset: Recipe, recipe: Recipe) -> Recipe:
    """Return `preset` with what `recipe` asks of given pairs.

    How a given pair is mended is a matter of the pair: a preset decides on it only where it
    says so itself, as a person's own may.
    """
    said = Recipe().differences(preset)
    of_pair = (one.name for one in KNOBS.values() if one.group == GIVEN and one.name not in said)
    return preset.replace(**{name: getattr(recipe, name) for name in of_pair})


PRESETS = MappingProxyType(
    {
        "article": Recipe(),
        "v2": Recipe(crop="whole", min_keypoints=10),
        "v1": Recipe(crop="whole", min_keypoints=0),
        "recommended": Recipe(consistency="position", crop="bounding", keypoint_scope="image"),
        "modern": Recipe(
            crop="whole",
            patch=256,
            stride=128,
            min_keypoints=100,
            keypoint_scope="image",
            lr_layout="native",
        ),
    }
)


def preset(name: str) -> Recipe:
    """Return the preset `name`; `RecipeError` with all names where there is none."""
    if name not in PRESETS:
        raise RecipeError(key="preset", value=name, allowed=f"one of {', '.join(PRESETS)}")
    return PRESETS[name]
