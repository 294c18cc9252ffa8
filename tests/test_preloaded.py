"""Tests of what the workers of other tests are forked from."""

import multiprocessing
import socket
import sys
from multiprocessing import forkserver

import pytest


def exit_code_of_a_worker() -> int | None:
    worker = multiprocessing.get_context("spawn").Process(target=len, args=([],))
    worker.start()
    worker.join(60)
    return worker.exitcode


@pytest.mark.skipif(sys.platform != "linux", reason="workers are spawned there")
def test_it_goes_on_after_one_who_is_killed_while_asking():
    assert exit_code_of_a_worker() == 0
    for _ in range(3):
        with socket.socket(socket.AF_UNIX) as killed:
            killed.connect(forkserver._forkserver._forkserver_address)
        assert exit_code_of_a_worker() == 0
