"""What is dropped on the window or pasted into it: images, paths, a recipe, a session."""

import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Qt, QTemporaryDir, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from srviewer.errors import shown
from srviewer.export.session import SUFFIX
from srviewer.gui.state.opening import Opening
from srviewer.gui.views.drop_hint import DropHint
from srviewer.runs.data_sets import is_data_set
from srviewer.runs.home import expanded
from srviewer.wording import counted

_RECIPE, _SESSION = ".toml", SUFFIX
_MOST_LINES = 10_000  # of a pasted text
_ADDS = "Drop to add to the list\nWith Shift: open these in the place of the list"
_REPLACES = "Drop to open these in the place of the list"
_TAKES_RECIPE = "Drop to take this recipe"
_OPENS_SESSION = "Drop to open this session in the place of what is here"
_VERIFIES = "Drop to verify this data set"
_IS_ELSEWHERE = "This is not on this machine: save it first"
_PASTES = "Drop to add this picture to the list"


class Incoming(QObject):
    """Takes what comes from other programs; it is copied, never moved.

    Signals
    -------
    recipe_given(path), session_given(path), data_set_given(path)
    failed(message)
        Why something is not taken.

    Parameters
    ----------
    opening : Opening
        Of images and folders.
    window : QWidget
    """

    recipe_given = Signal(object)
    session_given = Signal(object)
    data_set_given = Signal(object)
    failed = Signal(str)

    def __init__(self, opening: Opening, window: QWidget) -> None:
        super().__init__(window)
        self._opening = opening
        self.hint = DropHint(window)
        self._dragged: list[Path] = []
        self._pasted: QTemporaryDir | None = None

    def open(self, paths: Sequence[Path]) -> None:
        """Open images and folders in the place of the list, or take a recipe or a session."""
        self._hand_on(list(paths), replace=True, maybe_pairs=False)

    # Dropping

    def drag(self, event: QDragMoveEvent) -> None:
        """Say what a drop would do here, where it does anything."""
        mime = event.mimeData()
        if isinstance(event, QDragEnterEvent):  # once: a text may name many files
            self._dragged = _paths_of(mime)
        paths = self._dragged
        if not (mime.hasUrls() or mime.hasImage() or paths):
            return
        self._copy(event)
        images, recipes, sessions = parted(paths)
        if sessions:
            self.hint.light(_OPENS_SESSION)
        elif _is_set(paths):
            self.hint.light(_VERIFIES)
        elif not (paths or mime.hasImage()):
            self.hint.light(_IS_ELSEWHERE)
        elif recipes and not images:
            self.hint.light(_TAKES_RECIPE)
        elif not images and mime.hasImage():
            self.hint.light(_PASTES)
        else:
            self.hint.light(_REPLACES if _with_shift(event) else _ADDS)

    def leave(self) -> None:
        """Say nothing more: what was dragged is gone."""
        self.hint.hide()

    def drop(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        self.hint.hide()
        self._copy(event)
        self._take(event.mimeData(), "what was dropped", replace=_with_shift(event))

    def _copy(self, event: QDropEvent) -> None:
        """Accept; a move, as Shift proposes one, would have the other program delete its files."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    # Pasting

    def paste(self) -> None:
        """Add the image, the files or the paths in the clipboard to the list."""
        mime = QGuiApplication.clipboard().mimeData() or QMimeData()  # none where it is empty
        text = mime.text().strip()
        if mime.hasUrls() or mime.hasImage() or _paths_of(mime):
            self._take(mime, "the clipboard", replace=False)
        else:
            holds = f"the text {shown(text)}" if text else "nothing that can be opened"
            self.failed.emit(f"the clipboard holds {holds}; an image, files or paths can be pasted")

    def _take(self, mime: QMimeData, what: str, *, replace: bool) -> None:
        paths = _paths_of(mime)
        elsewhere = [url for url in mime.urls() if not url.isLocalFile()]
        if _is_set(paths):
            self.data_set_given.emit(paths[0])
        elif paths:
            self._hand_on(paths, replace=replace)
        elif mime.hasImage():
            self._save(mime.imageData(), what)
            return
        unknown = _unknown_in(mime) if paths else []
        if unknown:
            names = ", ".join([*map(shown, unknown[:3]), *["..."][: len(unknown) > 3]])
            self.failed.emit(f"in {what} and no file or folder: {names}")
        if elsewhere:
            names = ", ".join(shown(url.toString()) for url in elsewhere[:3])
            which = f"{counted(len(elsewhere), 'part')} of {what}" if paths else what
            self.failed.emit(
                f"not on this machine is {which}: {names}; save it first, then open it"
            )

    def _hand_on(self, paths: list[Path], *, replace: bool, maybe_pairs: bool = True) -> None:
        """Open them; of what is dropped or pasted, two may be HR and LR."""
        images, recipes, sessions = parted(paths)
        if sessions:
            self._hand_on_session(paths, sessions)
            return
        if images:
            self._opening.open(images, replace=replace, maybe_pairs=maybe_pairs)
        if len(recipes) > 1:
            self.failed.emit(f"{counted(len(recipes), 'recipe')}: only one can be taken at a time")
        elif recipes:
            self.recipe_given.emit(recipes[0])

    def _hand_on_session(self, paths: list[Path], sessions: list[Path]) -> None:
        if len(paths) > 1:
            self.failed.emit(
                f"a session is opened by itself: {counted(len(paths) - 1, 'other file')} left out"
            )
        self.session_given.emit(sessions[0])

    def _save(self, image: object, what: str) -> None:
        """Add an image without a file as a PNG of its own, which goes with the window."""
        if not isinstance(image, QImage) or image.isNull():
            self.failed.emit(f"the image in {what} cannot be read")
            return
        if self._pasted is None:
            self._pasted = QTemporaryDir(os.path.join(tempfile.gettempdir(), "srviewer-XXXXXX"))
        stem = f"pasted-{datetime.now():%Y%m%d-%H%M%S}"
        names = (f"{stem}{more}.png" for more in ("", *(f"-{n}" for n in range(2, 1000))))
        folder = Path(self._pasted.path())
        path = next(folder / name for name in names if not (folder / name).exists())
        if self._pasted.isValid() and image.save(str(path)):
            self._opening.open([path])
        else:
            self.failed.emit(f"{path}: the image in {what} cannot be written there")

    def end(self) -> None:
        """Remove what was pasted."""
        if self._pasted is not None:
            self._pasted.remove()
            self._pasted = None


def _with_shift(event: QDropEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)


def _local(mime: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def _paths_of(mime: QMimeData) -> list[Path]:
    """Return the files and folders of this machine, those that a text names too."""
    if mime.hasUrls() or mime.hasImage():
        return _local(mime)
    return _paths_in(mime.text().strip()) if mime.hasText() else []


def _is_set(paths: Sequence[Path]) -> bool:
    """Tell whether a data set is meant: what it holds are no photographs."""
    return len(paths) == 1 and is_data_set(paths[0])


def parted(paths: Sequence[Path]) -> tuple[list[Path], list[Path], list[Path]]:
    """Return images and folders, recipes, and sessions."""
    recipes = [path for path in paths if path.suffix.lower() == _RECIPE]
    sessions = [path for path in paths if path.suffix.lower() == _SESSION]
    others = {*recipes, *sessions}
    return [path for path in paths if path not in others], recipes, sessions


def _unknown_in(mime: QMimeData) -> list[str]:
    """Return the lines of a text that name no file or folder."""
    if mime.hasUrls() or mime.hasImage():
        return []
    return [line for line in _lines_of(mime.text()) if _existing(line) is None]


def _paths_in(text: str) -> list[Path]:
    """Return the files and folders that a text names, one a line."""
    return [path for path in map(_existing, _lines_of(text)) if path is not None]


def _lines_of(text: str) -> list[str]:
    lines = (line.strip().strip("'\"") for line in text.splitlines()[:_MOST_LINES])
    return [line for line in lines if line]


def _existing(name: str) -> Path | None:
    """Return the file or folder that a person calls `name`, None where there is none."""
    is_url = name.startswith("file:")
    path = Path(QUrl(name).toLocalFile() if is_url else expanded(name))
    return path if os.path.exists(path) else None
