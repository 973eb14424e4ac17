"""Ctrl-C that arrives while Python is called from compiled code, where exceptions are ignored.

The compiler calls Python back when a kernel is ready, and that is the first moment at which Python hears of a
Ctrl-C that was pressed while it compiled. What is raised there is printed and forgotten.
"""

from __future__ import annotations

import _thread
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_AGAIN = 0.05  # seconds


@contextmanager
def heard_everywhere() -> Iterator[None]:
    """Raise KeyboardInterrupt for every Ctrl-C, also for one that was ignored or led to another error."""
    known, timers = sys.unraisablehook, []

    def ignored(what: Any) -> None:
        if not isinstance(what.exc_value, KeyboardInterrupt):
            known(what)
            return
        # Not from here: it would be raised, and ignored, in this very function.
        timers.append(threading.Timer(_AGAIN, _thread.interrupt_main))
        timers[-1].start()

    sys.unraisablehook = ignored
    try:
        yield
    except Exception:
        if timers:
            raise KeyboardInterrupt from None
        raise
    finally:
        for timer in timers:
            timer.cancel()
        sys.unraisablehook = known
