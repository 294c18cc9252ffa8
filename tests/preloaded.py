"""What a process has imported that `multiprocessing` forks the workers of tests from."""

import errno
import socket
from multiprocessing import reduction

from tests import photos  # noqa: F401
from tests.fork_server import import_all

import_all()

_receive = reduction.recvfds


def _receive_or_go_on(asking: socket.socket, size: int) -> list[int]:
    """Receive descriptors, from one who may be killed between calling and handing them over.

    The fork server of `multiprocessing` ends with whoever does that, and with it every test that
    comes later. What it passes over is a connection that was aborted.
    """
    try:
        return _receive(asking, size)
    except EOFError as error:
        raise ConnectionAbortedError(errno.ECONNABORTED, "killed while it asked") from error


reduction.recvfds = _receive_or_go_on
