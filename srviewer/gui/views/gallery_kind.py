"""What a gallery is there for: any windows of the picture, or its pairs."""

from dataclasses import dataclass, replace

from PySide6.QtWidgets import QComboBox

from srviewer.gui.widgets.controls import offer
from srviewer.pipeline.window_columns import PSNR, WindowColumn
from srviewer.pipeline.window_filter import LYING, ONLY_GIVEN, Show


@dataclass(frozen=True)
class Kind:
    """What a gallery is there for.

    Attributes
    ----------
    name, title : str
        Of the object, and for a screen reader.
    shows : tuple of Show
        What a person may choose to see.
    sort : WindowColumn or None
        What the windows are sorted by at first; None is by place.
    sides : (int, int, int)
        Screen pixels of one picture's side: the smallest, that at first, the largest.
    enlarged : bool
        LR is shown enlarged, whatever an export writes.
    """

    name: str
    title: str
    shows: tuple[Show, ...]
    sort: WindowColumn | None
    sides: tuple[int, int, int]
    enlarged: bool


WINDOWS = Kind(
    "gallery",
    "Gallery of windows: HR, LR and difference",
    (Show.KEPT, Show.REJECTED, Show.EXCLUDED, Show.IN_BOX, *LYING),
    None,
    (33, 66, 132),
    enlarged=False,
)
PAIRS = Kind(
    "pairs",
    "The pairs: HR, LR enlarged and difference",
    (Show.KEPT,),
    PSNR,
    (66, 99, 264),
    enlarged=True,
)
SET = replace(
    WINDOWS,
    name="set_gallery",
    title="Gallery of the data set's windows: HR, LR and difference",
    sort=PSNR,
)


def offer_lying(box: QComboBox, known: bool) -> None:
    """Offer in a `box` of what to show windows by how they lie, where that can be known."""
    for show in LYING:
        row = box.findData(show)
        if row >= 0:
            offer(box, row, None if known else ONLY_GIVEN)
