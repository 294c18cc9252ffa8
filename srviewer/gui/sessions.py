"""Sessions in the window: what it shows as a file, and back."""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from srviewer.errors import SessionError, SrviewerError, shown_path
from srviewer.export.session import SUFFIX, Look, Session, read_session, to_text
from srviewer.gui.jobs.runner import Job, Queue, Runner, Tell
from srviewer.gui.state.layers import VIEW_BY_NAME, Arrangement, Layer
from srviewer.gui.views.camera import CLOSEST, FARTHEST, Camera
from srviewer.gui.window_parts import WindowParts
from srviewer.pipeline.progress import Progress
from srviewer.runs.folders import write_text
from srviewer.runs.rooted import rooted
from srviewer.wording import counted

_FILES = f"Sessions (*{SUFFIX})"
_NAMED = 3  # missing images


@dataclass(frozen=True)
class _Found:
    """A session whose images were looked for."""

    path: Path
    session: Session
    missing: tuple[Path, ...]


class Sessions(QObject):
    """Saves and opens the session of a window.

    Signals
    -------
    failed(message)
    """

    failed = Signal(str)

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window, self._model = window, window.model
        self._runner = Runner("session", Queue.REPLACE, self)
        self._runner.done.connect(self._on_found)
        self._runner.failed.connect(self._on_failed)

    @property
    def busy(self) -> bool:
        """Whether a session is being read."""
        return self._runner.busy

    # Saving

    def ask_to_save(self) -> None:
        """Let a person save the session."""
        session = self.now()

        def write(path: Path) -> None:
            write_text(path.parent, path.name, to_text(session, path.parent))

        self._window.dialogs.ask_to_save("Save the session", f"session{SUFFIX}", _FILES, write)

    def now(self) -> Session:
        """Return what the window shows."""
        model, window = self._model, self._window
        step = model.history.now
        return Session(
            images=tuple(entry.source for entry in model.entries),
            preset=step.preset,
            base=step.base,
            recipe=step.recipe,
            exclusions=step.exclusions,
            look=self._look(),
            export=window.export_settings.chosen_now(),
        )

    def _look(self) -> Look:
        model, pair = self._model, self._window.pair
        camera = pair.canvas.camera
        by_hand = pair.by_hand
        return Look(
            image=model.entries.index(model.current) if model.current in model.entries else None,
            stage=model.view.name,
            layers=tuple(layer.name for layer in Layer if layer in model.layers),
            arrangement=None if by_hand is None else by_hand.value,
            camera=None if pair.canvas.is_fitted else (camera.x, camera.y, camera.zoom),
            data_set=model.data_set_shown,
            panels=tuple(name for name, dock in self._window.docks.by_name.items() if dock.opened),
        )

    # Opening

    def ask_to_open(self) -> None:
        """Let a person choose a session."""
        path = self._window.dialogs.ask_to_open("Open a session", _FILES)
        if path is not None:
            self.open(path)

    def open(self, path: Path) -> None:
        """Show what the file `path` holds, once it is read; nothing changes where it is wrong."""
        self._window.settings.add_recent([path])
        self._runner.start(Job(partial(_find, path), path=path))

    def _on_failed(self, error: SrviewerError) -> None:
        self.failed.emit(str(error))

    def _on_found(self, found: _Found) -> None:
        session, window, model = found.session, self._window, self._model
        try:
            layers, arrangement = _layers(session.look), _arrangement(session.look)
            stage = _stage(session.look)
        except SessionError as error:
            self.failed.emit(str(error.about(found.path)))
            return
        gone = frozenset(found.missing)
        there = [one for one in session.images if gone.isdisjoint(rooted(one).files)]
        model.start_with(session.preset, session.base, session.recipe, session.exclusions)
        window.export_settings.choose(session.export)
        window.opening.reopen(there, replace=True)
        self._open_panels(session.look.panels)
        model.show_view(stage)
        if layers is not None:
            model.show_layers(layers)
        window.pair.arrange(arrangement)
        self._look_at(session)
        model.show_data_set(session.look.data_set)
        self._tell(found, len(there))

    def _open_panels(self, names: tuple[str, ...] | None) -> None:
        if names is None:
            return
        for name, dock in self._window.docks.by_name.items():
            if name in names and not dock.opened:
                dock.open()
            elif name not in names and dock.opened:
                dock.close()

    def _look_at(self, session: Session) -> None:
        look, model = session.look, self._model
        path = None if look.image is None else rooted(session.images[look.image]).path
        entry = next((one for one in model.entries if one.path == path), None)
        if entry is None:
            return
        canvas = self._window.canvas
        if look.camera is None:
            self._window.visit.look_at(entry, canvas.fit)
        else:
            x, y, zoom = look.camera
            camera = Camera(x, y, min(max(zoom, FARTHEST), CLOSEST))
            self._window.visit.look_at(entry, partial(canvas.set_camera, camera))

    def _tell(self, found: _Found, there: int) -> None:
        gone = found.missing
        if gone:
            names = ", ".join(shown_path(path) for path in gone[:_NAMED])
            more = f" and {len(gone) - _NAMED:,} more" if len(gone) > _NAMED else ""
            are = "is" if len(gone) == 1 else "are"
            of = f"{len(gone):,} of {counted(len(found.session.images), 'image')}"
            self.failed.emit(f"{shown_path(found.path)}: {of} {are} not there: {names}{more}")
        self._model.noted.emit(
            f"session opened: {shown_path(found.path)}, {counted(there, 'image')}"
        )


def _find(path: Path, progress: Progress, tell: Tell) -> _Found:
    session = read_session(path)
    files = (file for one in progress.each(session.images) for file in rooted(one).files)
    missing = tuple(file for file in files if not os.path.lexists(file))
    return _Found(path, session, missing)


def _stage(look: Look) -> str:
    if look.stage and look.stage not in VIEW_BY_NAME:
        raise SessionError(
            key="stage", value=look.stage, allowed=f"one of {', '.join(VIEW_BY_NAME)}"
        )
    return look.stage or "patches"


def _layers(look: Look) -> frozenset[Layer] | None:
    for name in look.layers or ():
        if name not in Layer.__members__:
            raise SessionError(
                key="layers", value=name, allowed=f"some of {', '.join(Layer.__members__)}"
            )
    return None if look.layers is None else frozenset(Layer[name] for name in look.layers)


def _arrangement(look: Look) -> Arrangement | None:
    try:
        return None if look.arrangement is None else Arrangement(look.arrangement)
    except ValueError:
        allowed = f"one of {', '.join(one.value for one in Arrangement)}"
        raise SessionError(key="arrangement", value=look.arrangement, allowed=allowed) from None
