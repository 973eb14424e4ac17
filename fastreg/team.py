"""Everything fastreg asks of threads: one pool of workers over kernels that run without the GIL.

A computation leases a `Crew`. Work is cut into blocks that depend on the data only, never on the
number of threads; each block writes its own slots, and the caller adds them up in order. So the
bits of a result do not depend on who did the work. A lease that finds no idle worker (a fit inside
a fit, eight fits at once) is a crew of one: nested use is serial, never wrong and never stuck.
"""

import contextlib
import itertools
import os
import threading
from contextvars import ContextVar
from queue import SimpleQueue
from typing import NamedTuple

import numpy as np

# Element operations (about a nanosecond each) below which a pass stays on the calling thread.
SERIAL_BELOW = 1_000_000
# Work of one block: some 0.2 ms, against some 0.03 ms for handing it over.
_BLOCK_WORK = 200_000
_MOST_BLOCKS = 64
# A kernel that may run longer than this moves off the main thread, so that Ctrl-C is heard.
_LONG_KERNEL = 20_000_000

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


def get_num_threads():
    """Return the number of threads a fit started here would use."""
    return thread_count().threads


def set_num_threads(count):
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
def num_threads(count):
    """Use ``count`` threads inside a ``with`` block, in this thread or task only.

    Parameters
    ----------
    count : int
        At least 1.
    """
    token = _in_context.set(_positive(count, "count"))
    try:
        yield
    finally:
        _in_context.reset(token)


class _Task:
    """Blocks of one kernel, taken by whoever is free."""

    def __init__(self, kernel, bounds, arguments):
        self.kernel, self.bounds, self.arguments = kernel, bounds, arguments
        self.counter = itertools.count()
        self.finished = SimpleQueue()
        self.cancelled = False

    def work(self):
        last = len(self.bounds) - 1
        while not self.cancelled:
            block = next(self.counter)
            if block >= last:
                return
            self.kernel(block, self.bounds[block], self.bounds[block + 1], *self.arguments)


class _Errand:
    """One call of one kernel."""

    def __init__(self, kernel, arguments):
        self.kernel, self.arguments = kernel, arguments
        self.finished = SimpleQueue()
        self.result = None

    def work(self):
        self.result = self.kernel(*self.arguments)


class _Worker(threading.Thread):
    def __init__(self):
        super().__init__(name="fastreg-worker", daemon=True)
        self.inbox = SimpleQueue()
        self.start()

    def run(self):
        while True:
            task = self.inbox.get()
            try:
                task.work()
            except BaseException as error:  # handed to the caller, who raises it
                task.finished.put(error)
            else:
                task.finished.put(None)
            del task


class _Pool:
    def __init__(self):
        self.lock = threading.Lock()
        self.idle = []
        self.leased = 0

    def take(self, most):
        """Take workers while fewer than ``most`` are leased in the whole process."""
        with self.lock:
            free = max(0, most - self.leased)
            taken = [self.idle.pop() if self.idle else _Worker() for _ in range(free)]
            self.leased += len(taken)
            return taken

    def give_back(self, workers):
        with self.lock:
            self.idle.extend(workers)
            self.leased -= len(workers)


_pool = _Pool()


def _forget_threads():
    """Start afresh in the child of a fork: the parent's threads did not come along."""
    global _pool
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)


class Crew:
    """The threads leased by one computation; the calling thread is one of them.

    Attributes
    ----------
    size : int
        How many blocks are worked on at once.
    abort : int64 array of one word
        Kernels that loop long ask `fastreg.jit.stop_requested` of it and return early.
    """

    def __init__(self, workers, size):
        self._workers = workers
        self.size = size
        self.abort = np.zeros(1, dtype=np.int64)

    def each(self, kernel, bounds, *arguments):
        """Call ``kernel(block, start, stop, *arguments)`` for every block of ``bounds``.

        Parameters
        ----------
        kernel : callable
            Writes only to slots that belong to its block.
        bounds : sequence of int
            Block b covers bounds[b]:bounds[b + 1].
        """
        helpers = self._workers[: min(self.size, len(bounds) - 1) - 1] if bounds[-1] > bounds[0] else []
        task = _Task(kernel, bounds, arguments)
        for worker in helpers:
            worker.inbox.put(task)
        try:
            task.work()
        except BaseException:
            task.cancelled = True
            self._await(task, len(helpers))
            raise
        self._await(task, len(helpers))

    def alone(self, kernel, work, *arguments):
        """Return ``kernel(*arguments)``, run where Ctrl-C can end it.

        Parameters
        ----------
        kernel : callable
            Returns early once `abort` is set.
        work : int
            Element operations it may take at most.
        """
        if (
            work < _LONG_KERNEL
            or not self._workers
            or threading.current_thread() is not threading.main_thread()
        ):
            return kernel(*arguments)
        errand = _Errand(kernel, arguments)
        self._workers[0].inbox.put(errand)
        self._await(errand, 1)
        return errand.result

    def _await(self, task, count):
        """Wait for the workers; on Ctrl-C set the abort word and wait until the arrays are free again."""
        interrupt, error = None, None
        while count:
            try:
                error = task.finished.get() or error
                count -= 1
            except KeyboardInterrupt as pressed:
                interrupt = pressed
                self.abort[0] = 1
                task.cancelled = True
        if interrupt is not None:
            raise interrupt
        if error is not None:
            raise error


@contextlib.contextmanager
def lease(n_threads=None):
    """Lease a `Crew` for one computation.

    Parameters
    ----------
    n_threads : int or None
        An explicit number of threads, see `thread_count`.

    Yields
    ------
    Crew
        Of ``n_threads`` threads, or fewer where others have leased them.
    """
    size = thread_count(n_threads).threads
    pool = _pool
    # Even a crew of one has a worker, when it is the main thread's and none is leased: see `alone`.
    on_main = threading.current_thread() is threading.main_thread()
    workers = pool.take(max(size - 1, 1 if on_main else 0))
    try:
        yield Crew(workers, min(size, len(workers) + 1))
    finally:
        pool.give_back(workers)


def blocks(count, work):
    """Cut ``range(count)`` into blocks of about equal length, by the work and nothing else.

    Parameters
    ----------
    count : int
        Length of the range.
    work : int
        Element operations over the whole range.

    Returns
    -------
    list of int
        Bounds: block b is bounds[b]:bounds[b + 1].
    """
    number = 1 if work < SERIAL_BELOW else min(_MOST_BLOCKS, count, work // _BLOCK_WORK)
    return [count * block // number for block in range(number + 1)] if number > 0 else [0, count]


def blocks_by_size(sizes_before, count, work):
    """Cut ``range(count)`` into blocks of about equal work.

    Parameters
    ----------
    sizes_before : int array of count + 1
        Work before each item, such as the ``indptr`` of a sparse matrix.
    count, work : int
        As in `blocks`.
    """
    number = len(blocks(count, work)) - 1
    marks = (
        sizes_before[0] + (int(sizes_before[count]) - int(sizes_before[0])) * np.arange(1, number) // number
    )
    inner = np.searchsorted(sizes_before[: count + 1], marks)
    return [0, *sorted(int(mark) for mark in inner), count]


class _BlasLimiter:
    """Keeps BLAS at one thread while anyone needs it so, and restores what was there after the last.

    threadpoolctl's limits are process-wide: two overlapping fits that each restore what they found
    would leave BLAS at one thread for good.
    """

    def __init__(self):
        self.lock = threading.Lock()
        self.users = 0
        self.controller = None  # looking for libraries takes milliseconds, so once
        self.limits = None

    @contextlib.contextmanager
    def __call__(self):
        with self.lock:
            if self.users == 0:
                if self.controller is None:
                    from threadpoolctl import ThreadpoolController

                    self.controller = ThreadpoolController()
                self.limits = self.controller.limit(limits=1, user_api="blas")
            self.users += 1
        try:
            yield
        finally:
            with self.lock:
                self.users -= 1
                if self.users == 0:
                    self.limits.restore_original_limits()
                    self.limits = None


single_threaded_blas = _BlasLimiter()
