"""Programs that are killed at random moments, and started again until they come to their end."""

import random
import time
from collections.abc import Callable

from tests.fork_server import Run


def kill_at_random(
    begin: Callable[[], Run],
    check: Callable[[], None],
    remove: Callable[[], object],
    kills: int,
    *,
    seed: str,
) -> None:
    """Begin a run again and again and kill it so often; what it leaves at its end is checked.

    Where it ends before it is killed, `check` looks at what it made, and `remove` takes it away.
    """
    begun = time.monotonic()
    assert begin().wait(250) == 0
    seconds = time.monotonic() - begun
    check()
    remove()
    moments = random.Random(seed)
    killed = 0
    while killed < kills:
        begun = time.monotonic()
        run = begin()
        try:
            run.wait(moments.uniform(0.1, 1.1) * seconds)
        except TimeoutError:
            run.kill()
            killed += 1
            continue
        # So that it ends where others leave the machine to it only now.
        seconds = (seconds + time.monotonic() - begun) / 2
        check()
        remove()
    assert begin().wait(250) == 0
    check()
