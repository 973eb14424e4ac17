"""The limiter of BLAS's threads."""

import os
import threading

import pytest
from subprocesses import run
from threadpoolctl import threadpool_info, threadpool_limits

from fastreg.team import single_threaded_blas


def blas_threads():
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def set_blas_threads(count):
    """Set the process's number from a thread that ends: threadpoolctl listens to one living thread only."""
    thread = threading.Thread(target=threadpool_limits, kwargs={"limits": count, "user_api": "blas"})
    thread.start()
    thread.join()


def test_blas_gets_its_threads_back_from_the_last_user():
    before = blas_threads()
    set_blas_threads(2)
    original, one = blas_threads(), [1 for _ in before]
    entered, left = threading.Event(), threading.Event()
    may_leave = threading.Event()

    def first():
        with single_threaded_blas():
            entered.set()
            assert may_leave.wait(60)
        left.set()

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(60)
    with single_threaded_blas():
        may_leave.set()
        assert left.wait(60)  # the first leaves while the second is inside
        assert blas_threads() == one
    assert blas_threads() == original
    with single_threaded_blas():
        assert blas_threads() == one
    with pytest.raises(ZeroDivisionError), single_threaded_blas():
        raise ZeroDivisionError
    assert blas_threads() == original
    set_blas_threads(3)  # nobody is kept from setting it after us
    assert blas_threads() != original
    thread.join()
    set_blas_threads(max(before, default=1))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_the_child_of_a_fork_has_blas_to_itself():
    told = run(
        "-c",
        """
import os, signal, threading
import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits
from fastreg.team import single_threaded_blas
from subprocesses import tell

def blas_threads():
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

setter = threading.Thread(target=threadpool_limits, kwargs={"limits": 2, "user_api": "blas"})
setter.start()
setter.join()
original = blas_threads()
inside, leave = threading.Event(), threading.Event()

def user():
    with single_threaded_blas():
        inside.set()
        leave.wait()

threading.Thread(target=user).start()
inside.wait()
process = os.fork()
if process == 0:
    signal.alarm(60)
    with single_threaded_blas():
        limited = blas_threads()
    os._exit(int(not (set(limited) == {1} and blas_threads() == original)))
leave.set()
tell(status=os.waitpid(process, 0)[1])
""",
    )
    assert told["status"] == 0
