"""Ctrl+C: the first one asks the work to stop, a second one ends the program."""

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Collection, Iterator
from types import FrameType
from typing import Any

from srviewer.commands.outcomes import INTERRUPTED
from srviewer.streams import tell

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_HANG_UP = getattr(signal, "SIGHUP", None)  # the terminal is closed; Windows does not have it
_QUIET = 0.5  # seconds that work may take to stop before it is told that it does
_TO_CLEAN_UP = 1.0  # seconds from the second to the end, whatever the program is at
_SHOW_CURSOR = b"\x1b[?25h"  # which a bar hides


@contextlib.contextmanager
def interrupts(cancel: threading.Event) -> Iterator[None]:
    """Let Ctrl+C set `cancel`, and a second one end this process and those that it began.

    A terminal that is closed sets it too, unless the program was started to outlive it. It may
    tell so twice, by the shell and by the system, and that asks for no more than once.

    Python hears of a signal only where it runs, which it does not while the first thread is in a
    long call of OpenCV or waits for another thread. So another thread is told of it as well.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = 0

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal heard
        heard += number != _HANG_UP
        cancel.set()
        if heard == 2:
            raise KeyboardInterrupt

    told, telling = socket.socketpair()
    telling.setblocking(False)
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=(told, cancel, ended), daemon=True)
    watch.start()
    before = {number: signal.signal(number, ask) for number in _SIGNALS}
    if _HANG_UP is not None and signal.getsignal(_HANG_UP) == signal.SIG_DFL:
        before[_HANG_UP] = signal.signal(_HANG_UP, ask)
    told_before = signal.set_wakeup_fd(telling.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        ended.set()
        signal.set_wakeup_fd(told_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        telling.close()
        watch.join()
        told.close()


def _watch(told: socket.socket, cancel: threading.Event, ended: threading.Event) -> None:
    first = _asked_by(told, (*_SIGNALS, _HANG_UP))
    if first is None:
        return
    cancel.set()
    told.settimeout(_QUIET)
    try:
        again = _asked_by(told, _SIGNALS)
    except TimeoutError:
        if first == signal.SIGINT:  # others come from programs
            tell("srviewer: stopping; Ctrl+C again ends it at once")
        told.settimeout(None)
        again = _asked_by(told, _SIGNALS)
    if again is not None and not ended.wait(_TO_CLEAN_UP):
        _end_now()


def _asked_by(told: socket.socket, signals: Collection[int | None]) -> int | None:
    """Return the first of `signals` that comes; None where there will be none any more."""
    while number := told.recv(1):
        if number[0] in signals:
            return number[0]
    return None


def _end_now() -> None:
    """End this process and its own, wherever they are; what is half-written has no name yet."""
    with contextlib.suppress(Exception):
        import multiprocessing

        for child in multiprocessing.active_children():
            child.kill()
        apart: Any = sys.modules.get("srviewer.pipeline.apart")
        if apart is not None:
            apart.decoder().close()
    with contextlib.suppress(OSError):
        os.write(2, (_SHOW_CURSOR if os.isatty(2) else b"") + b"srviewer: interrupted\n")
    os._exit(INTERRUPTED)
