"""Where a thread leaves an error that nobody expected, for whoever tells a person of it."""

from __future__ import annotations

from collections.abc import Callable

Listener = Callable[[BaseException, str], object]


def _nobody(error: BaseException, where: str) -> None:
    pass


_listener: list[Listener] = [_nobody]


def listen(listener: Listener | None) -> None:
    """Have `listener` called, in any thread, with each error and where it was; None ends it."""
    _listener[0] = listener or _nobody


def tell_unexpected(error: BaseException, where: str) -> None:
    """Leave `error`, which happened `where` the words say."""
    _listener[0](error, where)
