"""Ctrl-C while a kernel compiles ends the fit, after the compiler is done; it is never lost."""

import ctypes
import os
import signal
import sys
import threading
import time

import numpy as np
import pytest
from numba.core.registry import CPUDispatcher

import fastreg

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself Ctrl-C")


@fastreg.kernel
def doubled(x):
    return 2 * x


@fastreg.kernel
def arrays_of(size):
    return np.zeros(size), np.ones(size)


@pytest.fixture
def pressed(monkeypatch):
    """Press Ctrl-C while compiled code calls Python, as the compiler does when it is done."""
    seen = []

    @ctypes.CFUNCTYPE(None)
    def callback():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        seen.append("called to its end")

    def compile_for_args(self, *args):
        callback()
        return compiled(self, *args)

    compiled = CPUDispatcher._compile_for_args
    monkeypatch.setattr(CPUDispatcher, "_compile_for_args", compile_for_args)
    return seen


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")
def test_it_is_raised_once_the_kernel_is_whole(pressed):
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        doubled(1.5)
    assert pressed == ["called to its end"]
    assert signal.getsignal(signal.SIGINT) is handler
    assert doubled(1.5) == 3.0
    assert pressed == ["called to its end"], "what was compiled is kept"


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")
def test_it_is_raised_while_a_result_is_handed_over():
    """Numba hands arrays over through Python code, the first to hear of a Ctrl-C during a kernel."""
    heard = []

    def press(frame, event, argument):
        if frame.f_code.co_name == "_numba_unpickle":
            heard.append(True)
            raise KeyboardInterrupt

    arrays_of(2)
    sys.settrace(press)
    try:
        with pytest.raises(KeyboardInterrupt):
            arrays_of(2)
    finally:
        sys.settrace(None)
    assert heard
    assert arrays_of(2)[1].tolist() == [1.0, 1.0]


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")
def test_other_threads_compile_as_ever():
    found = []
    worker = threading.Thread(target=lambda: found.append(doubled(2)))
    worker.start()
    worker.join()
    assert found == [4]
