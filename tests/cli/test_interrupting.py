"""Ctrl-C is heard where Python ignores exceptions, and nothing else is changed."""

import ctypes
import os
import signal
import sys
import threading
import time

import pytest

from fastreg.cli.interrupting import heard_everywhere

pytestmark = [
    pytest.mark.small,
    pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself Ctrl-C"),
]


def pressed_inside_a_callback():
    """Press Ctrl-C while compiled code calls Python: what is raised there is ignored."""

    @ctypes.CFUNCTYPE(None)
    def callback():
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)

    callback()


def goes_on():
    pressed_inside_a_callback()
    for _ in range(3000):
        time.sleep(0.01)
    raise AssertionError("it was never heard")


def fails():
    pressed_inside_a_callback()
    raise RuntimeError("half of it is missing")


def guarded(work):
    with heard_everywhere():
        work()


@pytest.mark.parametrize("work", [goes_on, fails])
def test_an_ignored_ctrl_c_is_heard_and_leaves_nothing_behind(work):
    known, threads = sys.unraisablehook, threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        guarded(work)
    assert sys.unraisablehook is known
    for _ in range(20):
        time.sleep(0.01)  # a Ctrl-C that comes late would be raised here
    assert threading.active_count() == threads


def test_errors_of_other_kinds_stay_what_they_are(monkeypatch):
    @ctypes.CFUNCTYPE(None)
    def callback():
        raise ValueError("told as ever")

    def has_a_bug():
        callback()
        raise RuntimeError("a bug")

    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: seen.append(type(what.exc_value)))
    with pytest.raises(RuntimeError, match="a bug"):
        guarded(has_a_bug)
    assert seen == [ValueError]
