import threading
import time

import cv2
import pytest

from srviewer.pipeline import threads
from srviewer.pipeline.threads import run_in_threads, use_threads


@pytest.mark.parametrize("count", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(keep_threads, count):
    use_threads(count)

    def later_ones_first(number: int) -> int:
        time.sleep((10 - number) / 2000)
        return number**2

    assert run_in_threads(later_ones_first, range(10)) == [n**2 for n in range(10)]
    assert run_in_threads(later_ones_first, []) == []


def test_as_many_threads_work_as_were_asked_for(keep_threads):
    use_threads(2)
    both = threading.Barrier(2)
    assert run_in_threads(lambda _: both.wait(timeout=10) >= 0, range(2)) == [True, True]
    use_threads(1)
    assert set(run_in_threads(lambda _: threading.get_ident(), range(4))) == {threading.get_ident()}


def test_no_more_threads_work_than_may(keep_threads):
    use_threads(4)
    inside, most, lock = [0], [0], threading.Lock()

    def work(_: int) -> None:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        time.sleep(0.01)
        with lock:
            inside[0] -= 1

    run_in_threads(work, range(12), most=2)
    assert most == [2]


def test_opencv_uses_no_threads_of_its_own_inside_ours(keep_threads):
    use_threads(2)
    assert cv2.getNumThreads() == 2
    assert run_in_threads(lambda _: cv2.getNumThreads(), range(3)) == [1, 1, 1]
    assert cv2.getNumThreads() == 2
    use_threads(1)
    assert cv2.getNumThreads() == 1


@pytest.mark.parametrize("asked", [None, 3])
@pytest.mark.parametrize("told", [True, False])
def test_whoever_is_done_first_leaves_opencv_to_the_other(keep_threads, monkeypatch, told, asked):
    use_threads(2)
    if not told:  # as in a notebook, where the number is its own affair
        monkeypatch.setattr(threads, "_opencv_threads", None)
    begun, may_end = threading.Event(), threading.Event()
    found: list[int] = []

    def work(_: int) -> int:
        begun.set()
        may_end.wait(timeout=10)
        return cv2.getNumThreads()

    slow = threading.Thread(target=lambda: found.extend(run_in_threads(work, [0])))
    slow.start()
    begun.wait(timeout=10)
    assert run_in_threads(lambda _: cv2.getNumThreads(), [0]) == [1]
    if asked:
        use_threads(asked)
    may_end.set()
    slow.join()
    assert found == [1]
    assert cv2.getNumThreads() == (asked or 2)


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_stops_what_has_not_begun(keep_threads, count):
    use_threads(count)
    begun = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise ZeroDivisionError
        time.sleep(0.01)

    with pytest.raises(ZeroDivisionError):
        run_in_threads(work, range(500))
    assert len(begun) < 100
    assert cv2.getNumThreads() == count
