import threading

import pytest

from srviewer.errors import Cancelled
from srviewer.pipeline.progress import Counted, Progress


def test_nothing_happens_until_somebody_asks_to_stop():
    progress = Progress()
    assert progress.check() is None
    assert progress.report("texture", 1, 2) is None


def test_a_set_token_raises_every_time():
    progress = Progress()
    progress.cancel.set()
    for _ in range(2):
        with pytest.raises(Cancelled):
            progress.check()
    progress.cancel.clear()
    assert progress.check() is None


def test_one_token_can_be_shared_and_two_are_apart():
    token = threading.Event()
    one, other, apart = Progress(cancel=token), Progress(cancel=token), Progress()
    token.set()
    for progress in (one, other):
        with pytest.raises(Cancelled):
            progress.check()
    assert apart.check() is None


def test_a_paused_check_waits_until_it_goes_on():
    progress = Progress()
    progress.pause.set()
    passed = threading.Event()
    thread = threading.Thread(target=lambda: (progress.check(), passed.set()))
    thread.start()
    assert not passed.wait(0.3)
    progress.pause.clear()
    assert passed.wait(10)
    thread.join()


def test_a_paused_check_can_be_cancelled():
    progress = Progress()
    progress.pause.set()
    threading.Timer(0.05, progress.cancel.set).start()
    with pytest.raises(Cancelled):
        progress.check()


def test_what_threads_have_done_is_counted():
    told = []
    counted = Counted(Progress(lambda *now: told.append(now)), "texture", 400)
    callers = [
        threading.Thread(target=lambda: [counted.add(2) for _ in range(20)]) for _ in range(10)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert told == [("texture", done, 400) for done in range(2, 401, 2)]
