"""The real window, rendered without a display and saved as a picture."""

import threading
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from srviewer.errors import Cancelled, ReadError, SrviewerError
from srviewer.gui.app import make_application
from srviewer.gui.views.picture_file import write_picture
from srviewer.gui.window import MainWindow
from srviewer.pipeline.exclusions import NONE, Exclusions
from srviewer.pipeline.recipe import Recipe
from srviewer.runs.inputs import GivenLR
from srviewer.runs.placement import require_no_input


def snapshot(
    image: Path,
    out: Path,
    recipe: Recipe,
    size: tuple[int, int],
    stage: str,
    exclusions: Exclusions = NONE,
    lr: GivenLR | None = None,
    *,
    sets_scale: bool = False,
    cancel: threading.Event | None = None,
) -> None:
    """Save the window that shows `image` at `stage` under `recipe` as the PNG file `out`.

    What is excluded by hand is marked. With `lr` it is a given pair, at its own scale unless
    `recipe` `sets_scale`.

    Raises
    ------
    SrviewerError
        Where the image cannot be analysed or `out` cannot be written.
    Cancelled
        Where `cancel` was set before its analysis was complete.
    """
    if out.suffix.lower() != ".png":
        raise SrviewerError("a snapshot is a PNG", allowed="a name that ends with .png", path=out)
    require_no_input(out, [image, lr.path] if lr else [image])
    app = make_application(offscreen=True)
    window = MainWindow()
    try:
        window.setFixedSize(*size)  # below the least size that the window has for a person, too
        window.model.set_recipe(recipe)
        window.model.takes_scale = not sets_scale
        window.model.use_exclusions(exclusions)
        window.model.show_view(stage)
        window.show()
        if lr is None:
            window.open_paths([image])
        else:
            window.open_pairs([image], lr)
        wait_for_analysis(window, cancel)
        write_picture(lambda buffer: window.grab().save(buffer, "PNG"), out)
    finally:
        window.close()
        window.deleteLater()
        app.processEvents()


def wait_for_analysis(window: MainWindow, cancel: threading.Event | None = None) -> None:
    """Let the window work until the analysis of its image is complete.

    Raises
    ------
    ReadError
        Where there is none, with the cause.
    Cancelled
        Where `cancel` is set meanwhile.
    """
    model = window.model
    turns = QTimer()  # so that there are more events, after each of which `cancel` is asked
    turns.start(200)
    while window.opening.busy or model.analysis is None or not model.analysis.finished:
        if cancel is not None and cancel.is_set():
            raise Cancelled
        if model.current is None and not window.opening.busy:
            raise SrviewerError(window.banner.text or "no image to show")
        if model.current is not None and model.current.error is not None:
            raise ReadError(model.current.error.sentence, path=model.current.path)
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    QApplication.processEvents()
