"""What the canvas paints, by its pixels: where windows, matches and image pixels are on it."""

import cv2
import numpy as np

from srviewer.gui.views.camera import Pane, lr_in_hr
from srviewer.gui.views.canvas import PairCanvas
from srviewer.pipeline.analysis import Analysis
from tests.gui.helpers import pixels

PILLS = 60  # screen pixels at the top and the bottom that captions, legend and bars may cover


def samples(
    canvas: PairCanvas, pane: Pane, left: float, right: float, scale: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return screen pixels of `pane` between two columns, (N, 2), and the image pixels there.

    Only those well inside an image pixel, which is `scale` HR pixels wide.
    """
    xs = np.arange(int(left) + 4, int(right) - 4, 5)
    ys = np.arange(int(pane.top) + PILLS, int(pane.top + pane.height) - PILLS, 7)
    screen = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    camera = canvas.camera
    middle = np.array([pane.left + pane.width / 2, pane.top + pane.height / 2])
    hr = (screen + 0.5 - middle) / camera.zoom + (camera.x, camera.y)
    at = (hr + 0.5) / scale
    pixel = np.floor(at).astype(int)
    inner = np.abs(at - pixel - 0.5).max(axis=1) < 0.5 - 0.9 / (camera.zoom * scale)
    assert inner.sum() > 40
    return screen[inner], pixel[inner]


def shown_and_expected(
    canvas: PairCanvas, image: np.ndarray, pane: Pane, left: float, right: float, scale: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return the colours between two columns of `pane`, (N, 3), and those of `image` there."""
    screen, pixel = samples(canvas, pane, left, right, scale)
    on_it = ((pixel >= 0) & (pixel < image.shape[1::-1])).all(axis=1)
    assert on_it.sum() > 40
    (x, y), (column, row) = screen[on_it].T, pixel[on_it].T
    return pixels(canvas)[y, x], image[row, column].astype(int)


def assert_shows(
    canvas: PairCanvas, image: np.ndarray, pane: Pane, left: float, right: float, scale: int = 1
) -> None:
    """Fail unless `pane` shows `image` between two columns of the screen."""
    shown, expected = shown_and_expected(canvas, image, pane, left, right, scale)
    np.testing.assert_array_equal(shown, expected)


def inferno(levels: np.ndarray) -> np.ndarray:
    """Return the colours of `levels`, 0 to 255, as RGB in one more axis."""
    flat = np.clip(levels, 0, 255).astype(np.uint8).reshape(1, -1)
    colors = cv2.applyColorMap(flat, cv2.COLORMAP_INFERNO)[0, :, ::-1].astype(int)
    return colors.reshape(*levels.shape, 3)


def assert_colors_of_difference(shown: np.ndarray, hr: np.ndarray, upscaled: np.ndarray) -> None:
    """Fail unless `shown` are the colours of numpy's own mean absolute difference.

    64 grey levels have the last colour. All are RGB in the last axis.
    """
    levels = np.abs(hr.astype(float) - upscaled.astype(float)).mean(axis=-1) * 255 / 64
    # A level that float32 puts just below or above a whole number is the next colour.
    off = [np.abs(shown - inferno(levels + small)).max(axis=-1) for small in (-0.01, 0.01)]
    assert np.minimum(*off).max() == 0


def assert_difference(canvas: PairCanvas, a: Analysis, left: float, right: float) -> None:
    """Fail unless the canvas shows the difference of `a` between two columns of the screen."""
    (pane,) = canvas.panes()
    shown, hr = shown_and_expected(canvas, a.pair.hr, pane, left, right)
    _, upscaled = shown_and_expected(canvas, a.pair.upscaled, pane, left, right)
    assert np.ptp(np.abs(hr - upscaled).mean(axis=1)) > 10, "pixels that differ much and little"
    assert_colors_of_difference(shown, hr, upscaled)


def cell(canvas: PairCanvas, a: Analysis, pane: Pane, window: int) -> tuple[slice, slice] | None:
    """Return the inner screen pixels of a window's cell, None where captions may cover it."""
    middle = np.array([(a.windows.x[window], a.windows.y[window])]) + (a.windows.patch - 1) / 2
    x, y = pane.to_screen(canvas.camera, middle)[0]
    reach = a.windows.stride * canvas.camera.zoom / 2 - 3
    in_x = pane.left + 2 < x - reach < x + reach < pane.left + pane.width - 2
    in_y = y - reach > PILLS and y + reach < canvas.height() - PILLS
    if not (in_x and in_y):
        return None
    return slice(int(y - reach), int(y + reach)), slice(int(x - reach), int(x + reach))


def match_ends(canvas: PairCanvas, a: Analysis) -> tuple[np.ndarray, np.ndarray]:
    """Return the screen points of all matches' HR and LR ends, each in its pane, (M, 2) each."""
    panes = canvas.panes()
    lr = lr_in_hr(a.matches.lr_points, a.pair.scale)
    hr_ends = panes[0].to_screen(canvas.camera, a.matches.hr_points)
    return hr_ends, panes[-1].to_screen(canvas.camera, lr)
