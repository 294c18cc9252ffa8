"""What can be drawn over the pair, and which of it each stage shows."""

from dataclasses import dataclass
from enum import Enum


class Layer(Enum):
    """Something that can be drawn over the pair, in the order in which they stand above it.

    Attributes
    ----------
    group, text : str
        The title that it stands under there, and its text.
    words : str
        What it is where the title does not stand before it.
    keys : str
        What shows it and hides it.
    """

    KEYPOINTS = "", "Keypoints", "Keypoints", "K"
    BOX = "", "Box", "Box", "B"
    ALL_MATCHES = "Matches", "All", "All matches", "A"
    KEPT_MATCHES = "Matches", "Kept", "Kept matches", "M"
    REJECTED_MATCHES = "Matches", "Rejected", "Rejected matches", "Shift+M"
    EVERY_LINE = "Matches", "Every line", "Every match line, however close they lie", "L"
    ARROWS = "Matches", "Arrows", "Arrows of displacement", "R"
    FIELD = "Matches", "Field", "Field of displacement, in cells", "F"
    KEPT_WINDOWS = "Windows", "Kept", "Kept windows", "P"
    REJECTED_WINDOWS = "Windows", "Rejected", "Rejected windows", "Shift+P"
    HEAT = "Windows", "Heat", "Heat map of what is in each window", "H"
    COMPARISON = "Windows", "A/B", "Windows that only A or only B keeps", "C"
    ALIGNMENT = "Windows", "Alignment", "How the windows of a given pair lie", "G"

    def __init__(self, group: str, text: str, words: str, keys: str) -> None:
        self.group, self.text, self.words, self.keys = group, text, words, keys

    @property
    def drawn(self) -> str:
        """What is done where it is shown: "draw kept matches"."""
        return f"draw {self.words[0].lower()}{self.words[1:]}"


WINDOW_LAYERS = frozenset(layer for layer in Layer if layer.group == "Windows")
"""The layers that mark windows, so that one can be pointed at."""


MAPS = frozenset({Layer.HEAT, Layer.COMPARISON, Layer.ALIGNMENT})
"""The layers that take the place of the windows' marks: one at a time."""


MATCH_LAYERS = frozenset({Layer.ALL_MATCHES, Layer.KEPT_MATCHES, Layer.REJECTED_MATCHES})
"""The layers that choose which matches are drawn."""


DISPLACEMENT_LAYERS = frozenset({Layer.ARROWS, Layer.FIELD})
"""The layers that show how far LR's content is from its place."""


FADING = tuple(layer for layer in Layer if layer is not Layer.EVERY_LINE)
"""The layers with an opacity of their own: the others only say how much is drawn of one."""


@dataclass(frozen=True)
class Scale:
    """How the difference of HR and LR enlarged is put into colours.

    Attributes
    ----------
    top : int
        Grey levels that have the last colour.
    signed : bool
        HR minus LR enlarged, from -top to top; otherwise the absolute difference from 0.
    """

    top: int = 64
    signed: bool = False


TOPS = (8, 16, 32, 64, 128, 255)
"""What the top of a `Scale` may be."""


class Arrangement(Enum):
    """How HR and LR are put on the canvas; the value is what a person reads."""

    SIDE_BY_SIDE = "Side by side"
    STACKED = "Stacked"
    SWIPE = "Swipe"
    DIFFERENCE = "Difference"


TWO_PANES = (Arrangement.SIDE_BY_SIDE, Arrangement.STACKED)
"""The arrangements with a pane for HR and one for LR."""


def suited(size: tuple[int, int], room: tuple[int, int]) -> Arrangement:
    """Return in which way two panes show an image of `size` larger in `room`, both in pixels.

    Beside each other it is where an image is no wider, for its height, than the room.
    """
    return TWO_PANES[size[0] * room[1] > size[1] * room[0]]


@dataclass(frozen=True)
class View:
    """A stage as the window shows it.

    Attributes
    ----------
    name : str
        As in ``srviewer snapshot --stage``.
    title : str
    stages : tuple of str
        The stages of the pipeline that it waits for.
    layers : frozenset of Layer
    help : str
    in_picture : bool
        It is shown in the picture, and not by a list in its place.
    """

    name: str
    title: str
    stages: tuple[str, ...]
    layers: frozenset[Layer]
    help: str
    in_picture: bool = True


VIEWS = (
    View("source", "Source", (), frozenset(), "the image as it was read; what is trimmed is dark"),
    View("pair", "Pair", ("pair",), frozenset(), "HR beside LR, drawn at HR's scale"),
    View(
        "matches",
        "Matches",
        ("keypoints", "matches"),
        frozenset({Layer.KEYPOINTS, Layer.ALL_MATCHES}),
        "keypoints, and all matches before the filter",
    ),
    View(
        "consistent",
        "Consistent",
        ("consistent",),
        frozenset({Layer.KEPT_MATCHES, Layer.REJECTED_MATCHES}),
        "matches that agree with the known scale, and those that do not",
    ),
    View(
        "box",
        "Box",
        ("box",),
        frozenset({Layer.KEPT_MATCHES, Layer.BOX}),
        "the box, and the matches that span it",
    ),
    View(
        "patches",
        "Patches",
        ("windows", "texture", "patches"),
        frozenset({Layer.BOX, Layer.KEPT_WINDOWS, Layer.REJECTED_WINDOWS}),
        "kept and rejected windows inside the box",
    ),
    View(
        "pairs",
        "Pairs",
        ("quality_maps", "quality", "patches"),
        frozenset({Layer.BOX, Layer.KEPT_WINDOWS}),
        "the windows that become pairs, with the largest difference first",
        in_picture=False,
    ),
)
VIEW_BY_NAME = {view.name: view for view in VIEWS}


def with_layer(layers: frozenset[Layer], layer: Layer, shown: bool, view: View) -> frozenset[Layer]:
    """Return `layers` with `layer`, or without it, at the stage `view`."""
    if not shown:
        layers = layers - {layer}
    if shown and layer in MAPS:
        return (layers | {layer}) - (MAPS - {layer})
    if layer is Layer.COMPARISON and not layers & WINDOW_LAYERS:
        return layers | view.layers
    if shown and layer is Layer.EVERY_LINE and not layers & MATCH_LAYERS:
        return layers | {layer, Layer.ALL_MATCHES}
    return layers | {layer} if shown else layers
