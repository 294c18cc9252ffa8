"""The page "About the numbers": what each stage computes, in a few lines with its formula."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent, QTextBlock
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QTextBrowser, QWidget

from srviewer.gui.theme import Theme, current_theme
from srviewer.gui.views.layers import VIEW_BY_NAME, VIEWS
from srviewer.pipeline.consistency import DETECTOR_OFFSET
from srviewer.pipeline.cropping import FEWEST_MATCHES
from srviewer.pipeline.recipe import Recipe

_MARGIN = 24  # px round the text
_DEFAULT = Recipe()


def _formula(*lines: str) -> str:
    rows = "".join(f"<tr><td>{line}</td></tr>" for line in lines)
    return f'<table width="100%" cellspacing="0" cellpadding="5">{rows}</table>'


def _p(text: str) -> str:
    return f"<p>{text}</p>"


_INTRO = _p(
    "<i>s</i> is the scale. A point (<i>x</i>, <i>y</i>) counts from the centre of the top left "
    "pixel, <i>x</i> to the right and <i>y</i> down. In italics stand symbols and the settings of "
    "the recipe panel, in brackets their defaults."
)

_SECTIONS = {
    "source": (
        _p(
            "Whatever the file holds becomes RGB with 8 bits a channel: turned as its EXIF entry "
            "says, grey, palette and CMYK converted, transparency dropped, 16 bits brought to 8, "
            "and of several frames the first. Each such change is noted."
        ),
        _p(
            "Both sides must be whole multiples of the scale, or LR would not lie exactly under "
            "HR. What is left over goes at the right and at the bottom:"
        ),
        _formula(
            "<i>width</i>&prime; = <i>width</i> &minus; (<i>width</i> mod <i>s</i>), &nbsp; "
            "<i>height</i>&prime; = <i>height</i> &minus; (<i>height</i> mod <i>s</i>)"
        ),
        _p(
            "250 &times; 361 px at &times;4 become 248 &times; 360 px, the <i>clean size</i>; the "
            "rest is drawn dark. An image whose clean size has no room for a single patch cannot "
            "be used."
        ),
    ),
    "pair": (
        _p("The clean image is HR. One resizer makes the other two pictures from it:"),
        _formula(
            "LR = resize(HR, 1/<i>s</i>)",
            "upscaled = resize(LR, <i>s</i>), of the size of HR again",
        ),
        _p(
            "The name of a filter does not say all: Pillow's bicubic widens its kernel when it "
            "reduces, so that fine texture does not alias (<i>a</i> = &minus;0.5); OpenCV's does "
            "not, and has <i>a</i> = &minus;0.75. The resizer <i>matlab</i> gives what MATLAB's "
            "imresize gives. <i>Round to 8 bits</i> rounds after each resize; without it the "
            "metrics see the unrounded values."
        ),
    ),
    "matches": (
        _p(
            "SIFT finds keypoints in the grey of HR and in the grey of LR, and describes what is "
            "round each by 128 numbers, <i>d</i>. Two keypoints match where each is the other's "
            "nearest of all, by the sum of absolute differences:"
        ),
        _formula(
            "distance(<i>i</i>, <i>j</i>) = &sum;<sub><i>k</i></sub> "
            "|<i>d</i><sub>HR,<i>i</i></sub>[<i>k</i>] &minus; "
            "<i>d</i><sub>LR,<i>j</i></sub>[<i>k</i>]|",
            "<i>i</i> and <i>j</i> match if <i>j</i> is the nearest to <i>i</i>, and <i>i</i> "
            "the nearest to <i>j</i>",
        ),
        _p(
            "A match says only that two places look alike. Repeated texture looks alike in the "
            "wrong places too; the next stage sorts those out."
        ),
    ),
    "consistent": (
        _p(
            "LR was made from HR, so it is known where each keypoint of HR must be found in LR. "
            "The test <i>radial</i> compares distances from the origin, with the <i>error "
            f"margin</i> <i>m</i> ({_DEFAULT.error_margin:.0%}):"
        ),
        _formula(
            "<i>ratio</i> = (|<i>p</i><sub>HR</sub>| / <i>s</i>) / |<i>p</i><sub>LR</sub>|",
            "kept if 1 &minus; <i>m</i> &lt; <i>ratio</i> &lt; 1 + <i>m</i>",
        ),
        _p(
            "It does not see directions: a wrong match that happens to be as far from the corner "
            "passes. And the farther out, the more it lets through: 5% of 400 px are 20 px. The "
            "test <i>position</i> asks for the place itself, within the <i>position tolerance</i> "
            f"<i>t</i> ({_DEFAULT.position_tolerance:g} LR px):"
        ),
        _formula(
            "<i>expected</i> = (<i>p</i><sub>HR</sub> + 0.5) / <i>s</i> &minus; 0.5 "
            f"+ {DETECTOR_OFFSET:g} (1 &minus; 1/<i>s</i>), in <i>x</i> and in <i>y</i>",
            "kept if |<i>p</i><sub>LR</sub> &minus; <i>expected</i>| &le; <i>t</i>",
        ),
        _p(
            "The halves are there because a pixel's centre, not its edge, is a whole number. The "
            f"last term belongs to the detector: OpenCV's SIFT reports every point "
            f"{DETECTOR_OFFSET:g} px too far right and down, in either image. HR's share of that "
            "shrinks with the picture and LR's does not, so a match that is perfectly right still "
            f"seems {DETECTOR_OFFSET * (1 - 1 / 4):.2f} LR px off at &times;4."
        ),
        _p(
            "Both tests are always computed. One decides; the other tells which of the kept "
            "matches are displaced, and which were rejected though they are right."
        ),
    ),
    "box": (
        _p(
            "Windows are taken only from where the matches reach. With <i>corners</i>, the convex "
            "hull is laid round the kept HR keypoints, and for each corner of the rectangle round "
            "it the nearest point of the hull is taken. These four matches (top left, top right, "
            "bottom left, bottom right) span a box in HR, and their partners one in LR:"
        ),
        _formula(
            "left = max(<i>x</i><sub>tl</sub>, <i>x</i><sub>bl</sub>), &nbsp; "
            "top = max(<i>y</i><sub>tl</sub>, <i>y</i><sub>tr</sub>)",
            "right = min(<i>x</i><sub>tr</sub>, <i>x</i><sub>br</sub>), &nbsp; "
            "bottom = min(<i>y</i><sub>bl</sub>, <i>y</i><sub>br</sub>)",
        ),
        _p("Each side <i>h</i> in HR must agree with its fellow <i>l</i> in LR:"),
        _formula(
            "|<i>s</i> &middot; <i>l</i> &minus; <i>h</i>| &le; "
            "<i>m</i> &middot; <i>h</i> + <i>s</i>"
        ),
        _p(
            "The HR box then shrinks to multiples of <i>s</i>, and the LR box is exactly 1/"
            "<i>s</i> of it. <i>bounding</i> takes the rectangle round all kept keypoints instead, "
            "<i>whole</i> the clean image, whatever the matches. Otherwise there is no box, "
            f"and so no pair, where fewer than {FEWEST_MATCHES} matches are kept or a side "
            "disagrees; nor where the box is smaller than a patch."
        ),
    ),
    "patches": (
        _p(
            f"Windows of <i>P</i> &times; <i>P</i> px ({_DEFAULT.patch}) stand at every multiple "
            f"of the <i>stride</i> <i>t</i> ({_DEFAULT.stride} px) from the top left of the clean "
            "image. Those that lie wholly in the box are candidates:"
        ),
        _formula(
            "<i>x</i> = 0, <i>t</i>, 2<i>t</i>, ... &nbsp; candidate if left &le; <i>x</i> and "
            "<i>x</i> + <i>P</i> &le; right, and the same in <i>y</i>"
        ),
        _p("A candidate is kept if there is enough in it to learn from:"),
        _formula(
            "<b>sift</b>, scope <b>patch</b>: SIFT sees the window alone; its keypoints &ge; "
            f"<i>keypoints, at least</i> ({_DEFAULT.min_keypoints})",
            "<b>sift</b>, scope <b>image</b>: keypoints of the whole of HR whose pixel "
            "(&lfloor;<i>x</i> + 0.5&rfloor;, &lfloor;<i>y</i> + 0.5&rfloor;) is in the window "
            "&ge; the same",
            "<b>canny</b>, in either scope: edge pixels / <i>P</i><sup>2</sup> &ge; "
            f"<i>edge density</i> ({_DEFAULT.min_edge_density:.0%})",
            "and in any case: kept matches whose HR keypoint is in the window &ge; <i>matches, "
            f"at least</i> ({_DEFAULT.min_matches})",
        ),
        _p(
            "The two scopes count differently, because a window that is looked at alone ends at "
            "its edges. No count depends on the box, so the error margin only chooses among "
            "windows that are counted already. Each rejected window names the first test that it "
            "failed."
        ),
    ),
    "pairs": (
        _p(
            "Each kept window becomes a pair: the patch of HR, and the patch at the same place of "
            "upscaled, or of LR itself with the layout <i>native</i>. How much the reduction has "
            "taken from a patch is told by two numbers; <i>a</i> is HR, <i>b</i> upscaled."
        ),
        _formula(
            "PSNR = 10 log<sub>10</sub>(255<sup>2</sup> / MSE) dB, &nbsp; MSE = mean of "
            "(<i>a</i> &minus; <i>b</i>)<sup>2</sup> over all pixels and channels"
        ),
        _p(
            "Higher is closer: 6 dB more is half the error (root mean square). Where nothing was "
            "lost it is infinite; such a pair is left out of the mean."
        ),
        _formula(
            "SSIM = mean of "
            "(2&mu;<sub>a</sub>&mu;<sub>b</sub> + <i>C</i><sub>1</sub>)"
            "(2&sigma;<sub>ab</sub> + <i>C</i><sub>2</sub>) / "
            "((&mu;<sub>a</sub><sup>2</sup> + &mu;<sub>b</sub><sup>2</sup> + <i>C</i><sub>1</sub>)"
            "(&sigma;<sub>a</sub><sup>2</sup> + &sigma;<sub>b</sub><sup>2</sup> "
            "+ <i>C</i><sub>2</sub>))",
            "<i>C</i><sub>1</sub> = (0.01 &middot; 255)<sup>2</sup>, &nbsp; "
            "<i>C</i><sub>2</sub> = (0.03 &middot; 255)<sup>2</sup>",
        ),
        _p(
            "Means &mu;, variances &sigma;<sup>2</sup> and the covariance &sigma;<sub>ab</sub> are "
            "weighted by a Gaussian of 11 &times; 11 px with &sigma; = 1.5, at every place where "
            "it fits into the patch, in each channel alone. 1 is the same picture."
        ),
        _p(
            "Computed on <i>rgb</i>, all three channels count. On <i>y</i> it is luma alone, "
            "without rounding:"
        ),
        _formula("<i>Y</i> = 16 + (65.481 <i>R</i> + 128.553 <i>G</i> + 24.966 <i>B</i>) / 255"),
        _p(
            "Luma spans 16 to 235 and leaves colour errors out, so its numbers are not those of "
            "<i>rgb</i>: compare like with like."
        ),
    ),
}


class NumbersPage(QDialog):
    """The seven stages, and beside them a page on what each computes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("numbers_page")
        self.setWindowTitle("About the numbers")
        self.setModal(False)
        self._theme = current_theme()
        self._build()
        self._write()
        self.stages.setCurrentRow(0)
        self.stages.currentRowChanged.connect(self._turn_to)
        # Only what a person does: a change of size moves the bar as well.
        self.page.verticalScrollBar().actionTriggered.connect(self._on_scrolled)

    def _build(self) -> None:
        self.stages = QListWidget()
        self.stages.setObjectName("numbers_stages")
        self.stages.setAccessibleName("Stages")
        for number, view in enumerate(VIEWS, start=1):
            self.stages.addItem(f"{number}  {view.title}")
        self.stages.setStyleSheet("QListWidget::item { padding: 6px 12px; }")
        self.stages.setFixedWidth(self.stages.sizeHintForColumn(0) + 36)
        self.page = QTextBrowser()
        self.page.setObjectName("numbers_text")
        self.page.setAccessibleName("About the numbers")
        self.page.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.page.document().setDocumentMargin(_MARGIN)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.stages)
        row.addWidget(self.page, 1)
        self.setMinimumSize(560, 360)
        self.resize(860, 640)

    def show_stage(self, name: str) -> None:
        """Turn to the stage `name`, as in `layers.VIEWS`."""
        row = list(VIEW_BY_NAME).index(name)
        if self.stages.currentRow() == row:
            self._turn_to(row)
        self.stages.setCurrentRow(row)

    @property
    def stage(self) -> str:
        """The name of the stage whose text is at the top."""
        return VIEWS[self.stages.currentRow()].name

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the stage at the top that is there."""
        row = self.stages.currentRow()
        super().resizeEvent(event)
        self._turn_to(row)

    def changeEvent(self, event: QEvent) -> None:
        """Write the page again in the colours of another theme."""
        super().changeEvent(event)
        kinds = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange)
        if event.type() in kinds and self._theme is not current_theme():
            self._theme = current_theme()
            row = self.stages.currentRow()
            self._write()
            self._turn_to(row)

    def _write(self) -> None:
        self.page.document().setDefaultStyleSheet(_style_sheet(self._theme))
        parts = [_INTRO]
        for view in VIEWS:
            parts += [f'<h2><a name="{view.name}"></a>{view.title}</h2>', *_SECTIONS[view.name]]
        self.page.setHtml("".join(parts))
        block, self._headings = self.page.document().begin(), list[QTextBlock]()
        while block.isValid():
            if block.blockFormat().headingLevel():
                self._headings.append(block)
            block = block.next()

    def _turn_to(self, row: int) -> None:
        """Bring the heading of the stage in `row` to the top; the first brings the whole top."""
        self._make_room()
        top = self._top_of(row) - _MARGIN / 2
        bar = self.page.verticalScrollBar()
        bar.setValue(round(top) if row > 0 else 0)

    def _make_room(self) -> None:
        """Leave so much below the last stage that its heading can come to the top, too."""
        root = self.page.document().rootFrame()
        shape = root.frameFormat()
        text = self.page.document().size().height() - shape.bottomMargin()
        last = text - self._top_of(len(self._headings) - 1)
        room = max(self.page.viewport().height() - last - _MARGIN / 2, _MARGIN)
        if room != shape.bottomMargin():
            shape.setBottomMargin(room)
            root.setFrameFormat(shape)

    def _top_of(self, row: int) -> float:
        layout = self.page.document().documentLayout()
        return layout.blockBoundingRect(self._headings[row]).top()

    def _on_scrolled(self, action: int) -> None:
        """Mark the stage that is read, where a person scrolls."""
        reached = self.page.verticalScrollBar().sliderPosition() + _MARGIN
        passed = sum(self._top_of(row) <= reached for row in range(len(self._headings)))
        blocked = self.stages.blockSignals(True)
        self.stages.setCurrentRow(max(passed - 1, 0))
        self.stages.blockSignals(blocked)


def _style_sheet(theme: Theme) -> str:
    return f"""
    h2 {{ color: {theme.accent}; margin-top: 22px; margin-bottom: 4px; }}
    p {{ color: {theme.text}; margin-top: 6px; margin-bottom: 6px; line-height: 120%; }}
    table {{ margin-top: 2px; margin-bottom: 4px; }}
    td {{ color: {theme.text}; background-color: {theme.window}; }}
    """
