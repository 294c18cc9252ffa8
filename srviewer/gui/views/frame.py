"""All that a painted canvas depends on, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QSize

from srviewer.gui.state.displacing import DisplacementLook
from srviewer.gui.state.layers import Arrangement, Layer, Scale
from srviewer.gui.state.selection import Selected
from srviewer.gui.views.camera import Camera, Pane
from srviewer.gui.views.pair_pictures import Placed
from srviewer.gui.views.pictures import USUAL
from srviewer.pipeline.analysis import Analysis
from srviewer.pipeline.reading import SourceImage

_NO_PANE = Pane(0, 0, 1, 1)


@dataclass(frozen=True, eq=False)
class Frame:
    """All that a painted canvas depends on.

    Attributes
    ----------
    size : QSize
        Of the canvas in screen pixels.
    ratio : float
        Device pixels for a screen pixel.
    placed : tuple of Placed
        The pictures.
    hr_pane, lr_pane : Pane
        Where HR and LR points are drawn: one pane where both images lie on each other.
    single : bool
        The source alone is shown, without findings.
    hovered : Selected or None
        The window under the pointer.
    other : Analysis or None
        Under the recipe that this one is compared with.
    scale : Scale
        Of the difference.
    opacities : mapping of Layer to float
        From 0 to 1, which those have that are not in it.
    displacement : DisplacementLook
        How arrows and the field are drawn.
    """

    size: QSize = field(default_factory=QSize)
    ratio: float = 1.0
    camera: Camera = field(default_factory=Camera)
    placed: tuple[Placed, ...] = ()
    hr_pane: Pane = _NO_PANE
    lr_pane: Pane = _NO_PANE
    arrangement: Arrangement = Arrangement.SIDE_BY_SIDE
    single: bool = True
    image: SourceImage | None = None
    analysis: Analysis | None = None
    layers: frozenset[Layer] = frozenset()
    selection: Selected | None = None
    hovered: Selected | None = None
    other: Analysis | None = None
    scale: Scale = USUAL
    opacities: Mapping[Layer, float] = field(default_factory=dict)
    displacement: DisplacementLook = field(default_factory=DisplacementLook)

    def opacity_of(self, layer: Layer) -> float:
        """Return how opaque `layer` is drawn, from 0 to 1."""
        return self.opacities.get(layer, 1.0)

    @property
    def panes(self) -> tuple[Pane, ...]:
        """The panes that findings are drawn in, each once."""
        return tuple(dict.fromkeys((self.hr_pane, self.lr_pane)))

    @property
    def findings(self) -> Analysis | None:
        """The analysis where there is something to draw of it."""
        ready = self.analysis is not None and self.analysis.has("pair") and not self.single
        return self.analysis if ready else None
