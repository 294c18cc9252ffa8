"""How a given LR lies on its HR, from two images to all figures and a verdict."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from srviewer.pipeline.alignment.ecc import ecc
from srviewer.pipeline.alignment.field import Field, cell_sums
from srviewer.pipeline.alignment.figures import Figures, figures_of
from srviewer.pipeline.alignment.fitting import FEWEST, TOLERANCE, Fit, agreeing, fitted, missed
from srviewer.pipeline.alignment.kernels import Reductions, float_grey, is_sampled
from srviewer.pipeline.alignment.models import MODELS, Frame, applied
from srviewer.pipeline.alignment.orientation import (
    AS_IT_IS,
    EVERY,
    MIRRORED,
    Orientation,
    turned_by,
)
from srviewer.pipeline.alignment.registration import Registration, register, register_simplest
from srviewer.pipeline.alignment.searching import at_best_phase, correlated, searched
from srviewer.pipeline.alignment.sizes import Sizes
from srviewer.pipeline.alignment.tone import Tone, tone_of
from srviewer.pipeline.alignment.uncertainty import jackknife
from srviewer.pipeline.arrays import AnyImage, FloatImage, Floats, Image
from srviewer.pipeline.consistency import DETECTOR_OFFSET
from srviewer.pipeline.features import Features, SiftSettings, detect, match
from srviewer.pipeline.opencv import cv2
from srviewer.pipeline.pairing import grey
from srviewer.pipeline.progress import UNHEARD, Progress
from srviewer.pipeline.recipe import Recipe
from srviewer.pipeline.resizing import resize

_TEXTURE = 0.5  # grey levels a px
_EVEN = 2.0  # grey levels from the darkest to the brightest pixel of an even picture
_TONE_PIXELS = 20_000
_ALIKE = 0.5  # correlation from which an orientation is tried that no matches tell
_REDUCED = 1.5  # HR px an LR px, below which a pixel is nearly one of HR anyway
_LEAST = 12  # px of a side of LR, below which nothing is tried
_EXPLAINED = 0.25  # share of LR's detail that HR explains in a pair, at least
_ALONE = 0.6  # the same where no matches agree


@dataclass(frozen=True, eq=False)
class Alignment:
    """All that is known of how LR lies on HR.

    Attributes
    ----------
    sizes : Sizes
    orientation : Orientation
        How LR was turned back before all that follows.
    matches : int
        Of keypoints.
    sift : Fit or None
        The model fitted to the matches.
    warp : ndarray or None
        LR pixels to HR pixels, by all that is known; None where the two have nothing in common.
    factors : ndarray or None
        Of the terms that LR is a sum of, as in `Registration`; None without a warp.
    model : str
        Of `warp`; ``none`` without one.
    figures : Figures or None
        Of `warp`.
    by_sift, by_ecc : ndarray or None
        Displacement (x, y) of LR's centre by each estimator, in LR px.
    tone : Tone or None
    field : Field or None
        What is left in each cell beside `warp`.
    uneven : float
        How far a part of the picture surely lies off beside `warp`, in LR px.
    explained : float
        Share of LR's detail that HR explains.
    texture : (float, float)
        Of reduced HR and of LR: root mean square of the gradient along the direction that has
        least of it, in grey levels a px.
    even : str
        Which side is of one grey level, and how bright, in words; empty where neither is.
    sampled : bool
        Whether LR's pixels are single ones of HR: it was not antialiased.
    """

    sizes: Sizes
    orientation: Orientation
    matches: int
    sift: Fit | None
    warp: Floats | None
    factors: Floats | None
    model: str
    figures: Figures | None
    by_sift: Floats | None
    by_ecc: Floats | None
    tone: Tone | None
    field: Field | None
    uneven: float
    explained: float
    texture: tuple[float, float]
    even: str = ""
    sampled: bool = False

    @property
    def has_texture(self) -> bool:
        """Whether both images hold enough to be compared."""
        return min(self.texture) >= _TEXTURE

    @property
    def disagreement(self) -> float | None:
        """How far the two estimators' displacements are apart, in LR px."""
        if self.by_sift is None or self.by_ecc is None:
            return None
        return float(np.hypot(*(self.by_sift - self.by_ecc)))


def align(
    hr: Image,
    lr: Image,
    recipe: Recipe = Recipe(),  # noqa: B008 - it cannot be changed
    progress: Progress = UNHEARD,
) -> Alignment:
    """Find how `lr` lies on `hr`, as a whole.

    Parameters
    ----------
    hr, lr : ndarray of uint8, shape (H, W, 3)
        Of any sizes.
    recipe : Recipe
        Its resizer reduces HR for ECC; its SIFT settings find the keypoints.
    progress : Progress, optional
        Asked between the steps whether to stop.
    """
    return _Aligning(hr, lr, recipe, progress).result()


class _Aligning:
    def __init__(self, hr: Image, lr: Image, recipe: Recipe, progress: Progress) -> None:
        self._hr, self._lr, self._recipe, self._progress = hr, lr, recipe, progress
        self._settings = SiftSettings.of(vars(recipe))
        self._hr_features = self._detect(hr, 0)
        self._reduced: Reductions | None = None

    def _detect(self, image: Image, beside: int) -> Features:
        self._progress.check()
        return detect(grey(image), self._settings, self._progress, beside)

    def result(self) -> Alignment:
        """Try LR as it is, and then in other orientations where nothing fits."""
        first = self._try(AS_IT_IS)
        # A face is like its mirror image, too: a weak answer is held against the other.
        if first.explained >= _ALONE or first.sizes.is_enlarged or not first.has_texture:
            return first
        mirrored = self._try(MIRRORED)
        is_better = mirrored.warp is not None and mirrored.explained > first.explained
        found = mirrored if is_better else first
        if found.warp is None and (likely := self._likely()) is not None:
            turned = self._try(likely)
            found = found if turned.warp is None else turned
        return found

    def _likely(self) -> Orientation | None:
        """Return the orientation in which LR is most like reduced HR, where too few matches tell.

        None where it is none, or LR as it is.
        """
        best, alike = AS_IT_IS, _ALIKE
        for orientation in EVERY:
            self._progress.check()
            lr = orientation.applied(self._lr)
            sizes = _sizes(self._hr, lr)
            if sizes.fit and min(sizes.lr) >= _LEAST:
                _, most = correlated(self._small(sizes), float_grey(lr))
                best, alike = (orientation, most) if most > alike else (best, alike)
        return None if best == AS_IT_IS else best

    def _try(self, orientation: Orientation) -> Alignment:
        lr = orientation.applied(self._lr)
        sizes = _sizes(self._hr, lr)
        if sizes.is_enlarged:
            return _unknown(sizes, orientation)
        found = match(
            self._hr_features,
            self._detect(lr, self._hr.shape[0] * self._hr.shape[1]),
            self._progress,
        )
        hr_points, lr_points = (
            points.astype(np.float64) - DETECTOR_OFFSET
            for points in (found.hr_points, found.lr_points)
        )
        start = agreeing(hr_points, lr_points, sizes.frame)
        if start is not None:
            quarters = turned_by(sizes.frame, start)
            if quarters:
                orientation = replace(orientation, quarters=orientation.quarters + quarters)
                lr_points = Orientation(False, quarters).points(lr_points, sizes.lr)
                lr = orientation.applied(self._lr)
                sizes = _sizes(self._hr, lr)
                start = agreeing(hr_points, lr_points, sizes.frame)
        self._progress.check()
        return self._refined(orientation, sizes, lr, start, hr_points, lr_points)

    def _refined(
        self,
        orientation: Orientation,
        sizes: Sizes,
        lr: Image,
        start: Floats | None,
        hr_points: Floats,
        lr_points: Floats,
    ) -> Alignment:
        frame, lr_grey = sizes.frame, float_grey(lr)
        simplest = 0 if sizes.fit else 1
        model, sift = list(MODELS)[simplest], None
        small = self._small(sizes)
        texture = (_texture(small), _texture(lr_grey))
        unknown = _unknown(sizes, orientation, len(lr_points), texture)
        if not unknown.has_texture:
            return replace(unknown, even=_even(small, "HR") or _even(lr_grey, "LR"))
        if start is not None:
            sift = fitted(start, hr_points, lr_points, frame, simplest)
            model = sift.model
        if self._reduced is None:
            self._reduced = Reductions(self._hr, frame.mean_ratio, self._progress)
        if sift is not None:
            begin = sift.warp
        else:
            begin = searched(small, lr_grey, frame)
            begin = at_best_phase(self._reduced, lr_grey, frame, begin)
        registered = register_simplest(self._reduced, lr_grey, frame, begin, model)
        if registered is not None and registered.is_uneven(frame):
            # A block of its own may hold most matches: what explains more of the area counts.
            other = register(self._reduced, lr_grey, frame, frame.nominal, list(MODELS)[simplest])
            if other is not None and other.explains_more_than(registered):
                registered = other
                near = np.hypot(*missed(other.warp, hr_points, lr_points).T) <= TOLERANCE
                sift = None  # matches may all be of the block
                if near.sum() >= FEWEST:
                    sift = fitted(other.warp, hr_points, lr_points, frame, simplest)
        enough = _ALONE if sift is None else _EXPLAINED
        if registered is None or not registered.converged or registered.explained < enough:
            return replace(unknown, explained=registered.explained if registered else 0.0)
        self._progress.check()
        return self._with_figures(unknown, frame, registered, sift, small, lr_grey)

    def _with_figures(
        self,
        known: Alignment,
        frame: Frame,
        registered: Registration,
        sift: Fit | None,
        small: FloatImage,
        lr_grey: FloatImage,
    ) -> Alignment:
        centre = frame.centre[None]
        directions = registered.directions
        weighted = directions * registered.weights[:, None]
        covariance, freedom = jackknife(
            cell_sums(registered.cells, np.einsum("ni,nj->nij", weighted, directions)),
            cell_sums(registered.cells, weighted * registered.residual[:, None]),
        )
        trusted = np.zeros(lr_grey.shape, bool)
        trusted[tuple(registered.pixels[registered.weights > 0].T[::-1])] = True
        second = ecc(small, lr_grey, frame, registered.warp, trusted, self._progress)
        return replace(
            known,
            sift=sift,
            warp=registered.warp,
            factors=registered.factors,
            model=registered.model,
            figures=figures_of(frame, registered.warp, registered.model, covariance, freedom),
            by_sift=None if sift is None else frame.displacement(sift.warp, centre)[0],
            by_ecc=None if second is None else frame.displacement(second, centre)[0],
            tone=self._tone(registered, known.orientation.applied(self._lr)),
            field=registered.field(),
            uneven=registered.left_over(frame),
            explained=registered.explained,
            sampled=self._is_sampled(registered, lr_grey),
        )

    def _is_sampled(self, registered: Registration, lr_grey: FloatImage) -> bool:
        reduced, pixels = self._reduced, registered.pixels[registered.weights > 0]
        if reduced is None or len(pixels) < _LEAST**2 or reduced.ratio < _REDUCED:
            return False
        places = applied(registered.warp, pixels.astype(np.float64))
        return is_sampled(reduced, places, lr_grey[pixels[:, 1], pixels[:, 0]])

    def _tone(self, registered: Registration, lr: Image) -> Tone | None:
        """Fit the tone to all three channels: a curve of each is none of their grey."""
        few = np.s_[:: max(1, len(registered.pixels) // _TONE_PIXELS)]
        pixels = registered.pixels[few]
        places = applied(registered.warp, pixels.astype(np.float64))
        ratio = 1.0 if self._reduced is None else self._reduced.ratio
        layers = [
            Reductions(channel, ratio, self._progress).at(places) for channel in cv2.split(self._hr)
        ]
        return tone_of(
            np.concatenate(layers),
            lr[pixels[:, 1], pixels[:, 0]].T.ravel().astype(np.float64),
            np.tile(registered.cells[few], 3),
            np.tile(registered.weights[few], 3),
        )

    def _small(self, sizes: Sizes) -> FloatImage:
        """Return HR reduced to LR's size by the recipe's resizer, in grey."""
        hr: AnyImage = self._hr
        if sizes.fit:
            hr = hr[: sizes.scale * sizes.lr[1], : sizes.scale * sizes.lr[0]]
        recipe = self._recipe
        reduced = resize(
            np.ascontiguousarray(hr),
            sizes.lr,
            resizer=recipe.resizer,
            filter=recipe.filter,
            quantize_after=False,
            progress=self._progress,
        )
        return float_grey(reduced)


def _unknown(
    sizes: Sizes,
    orientation: Orientation,
    matches: int = 0,
    texture: tuple[float, float] = (0.0, 0.0),
) -> Alignment:
    nothing: dict[str, Any] = dict.fromkeys(
        ("sift", "warp", "factors", "figures", "by_sift", "by_ecc", "tone", "field")
    )
    return Alignment(
        sizes,
        orientation,
        matches,
        model="none",
        uneven=0.0,
        explained=0.0,
        texture=texture,
        **nothing,
    )


def _sizes(hr: Image, lr: Image) -> Sizes:
    return Sizes.of((hr.shape[1], hr.shape[0]), (lr.shape[1], lr.shape[0]))


def _even(image: FloatImage, side: str) -> str:
    """Return that `image` is of one grey level, in words; empty where it is not."""
    low, high = float(image.min()), float(image.max())
    if high - low > _EVEN:
        return ""
    black, white = high <= _EVEN, low >= 255 - _EVEN
    return f"{side} is {'all black' if black else 'all white' if white else 'of one grey level'}"


def _texture(image: FloatImage) -> float:
    """Return the root mean square of the gradient along the direction that has least of it."""
    if min(image.shape) < _LEAST:
        return 0.0
    smooth = cv2.GaussianBlur(image, (5, 5), 0)[2:-2, 2:-2].astype(np.float64)
    y, x = (axis.ravel() for axis in np.gradient(smooth))
    tensor = np.array([[x @ x, x @ y], [x @ y, y @ y]]) / len(x)
    return float(np.sqrt(max(np.linalg.eigvalsh(tensor)[0], 0.0)))
