"""How many threads: the argument, else the context, the process, the environment, the machine."""

import contextlib
import os
from collections.abc import Iterator
from contextvars import ContextVar
from typing import NamedTuple

import numpy as np

_chosen: int | None = None
_in_context: ContextVar[int | None] = ContextVar("fastreg_num_threads", default=None)


class ThreadCount(NamedTuple):
    """A number of threads and where it comes from."""

    threads: int
    source: str


def _positive(count, name):
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 1:
        raise ValueError(f"{name}={count!r} is no number of threads: pass an integer of at least 1.")
    return int(count)


def _allowed_by_system():
    """Return the processors this process may use: its affinity, cut by the container's quota."""
    try:
        allowed = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        allowed = os.cpu_count() or 1
    for file, fields in (
        ("/sys/fs/cgroup/cpu.max", lambda text: text.split()),
        ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", lambda text: (text, _period_v1())),
    ):
        with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
            with open(file) as stream:
                quota, period = fields(stream.read())
            if quota != "max" and int(quota) > 0:
                allowed = min(allowed, max(1, round(int(quota) / int(period))))
    return allowed


def _period_v1():
    with open("/sys/fs/cgroup/cpu/cpu.cfs_period_us") as stream:
        return stream.read()


def thread_count(argument=None):
    """Return the number of threads in force, and where it comes from.

    Parameters
    ----------
    argument : int or None
        An explicit ``n_threads``; it goes before everything else.

    Returns
    -------
    ThreadCount
        The argument, else `num_threads`, else `set_num_threads`, else ``FASTREG_NUM_THREADS``, else
        the processors that affinity and cgroup quota leave to this process.
    """
    if argument is not None:
        return ThreadCount(_positive(argument, "n_threads"), "the argument n_threads")
    if _in_context.get() is not None:
        return ThreadCount(_in_context.get(), "fastreg.num_threads")
    if _chosen is not None:
        return ThreadCount(_chosen, "fastreg.set_num_threads")
    variable = os.environ.get("FASTREG_NUM_THREADS")
    if variable:
        if not variable.isdecimal() or int(variable) < 1:
            raise ValueError(
                f"FASTREG_NUM_THREADS={variable!r} is no number of threads: set an integer of at least 1."
            )
        return ThreadCount(int(variable), "FASTREG_NUM_THREADS")
    return ThreadCount(_allowed_by_system(), "the processors this process may use")


def get_num_threads() -> int:
    """Return the number of threads a fit started here would use."""
    return thread_count().threads


def set_num_threads(count: int | None) -> None:
    """Set the number of threads of this process.

    Parameters
    ----------
    count : int or None
        At least 1; None returns to ``FASTREG_NUM_THREADS`` or the processors of this process.

    Raises
    ------
    ValueError
        If it is not an integer of at least 1.
    """
    global _chosen
    _chosen = None if count is None else _positive(count, "count")


@contextlib.contextmanager
def num_threads(count: int) -> Iterator[None]:
    """Use ``count`` threads inside a ``with`` block, in this thread or task only.

    Parameters
    ----------
    count : int
        At least 1.

    Examples
    --------
    >>> import fastreg
    >>> with fastreg.num_threads(3):
    ...     fastreg.get_num_threads()
    3
    """
    token = _in_context.set(_positive(count, "count"))
    try:
        yield
    finally:
        _in_context.reset(token)
