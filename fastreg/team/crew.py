"""The crew of a computation: workers leased from one pool, and how Ctrl-C ends their work."""

import contextlib
import itertools
import os
import threading
from queue import Empty, SimpleQueue

import numpy as np

from fastreg.team.blas import single_threaded_blas
from fastreg.team.counting import thread_count

# A kernel that may run longer than this moves off the main thread, so that Ctrl-C is heard.
_LONG_KERNEL = 20_000_000
# Seconds between two looks at whether Ctrl-C was pressed, where nothing wakes the waiting thread.
_SLICE = 0.05


class _Job:
    """One call of a kernel."""

    def __init__(self, kernel, arguments, abort):
        self.kernel, self.arguments, self.abort = kernel, arguments, abort
        self.result = None
        self.cancelled = False
        self.ended = []  # what each worker that was given it ended with: an error or None
        self.bell = SimpleQueue()  # rung at each end

    def work(self):
        self.result = self.kernel(*self.arguments)


class _Blocks(_Job):
    """Calls of a kernel, one per block, made by whoever is free."""

    def __init__(self, kernel, bounds, arguments, abort):
        super().__init__(kernel, arguments, abort)
        self.bounds = bounds
        self.counter = itertools.count()

    def work(self):
        last = len(self.bounds) - 1
        while not self.cancelled:
            block = next(self.counter)
            if block >= last:
                return
            self.kernel(block, self.bounds[block], self.bounds[block + 1], *self.arguments)


def _jit():
    """Return `fastreg.jit`, loaded late: to count threads nobody needs Numba."""
    from fastreg import jit

    return jit


class _Member(_Job):
    """The call of one of several threads that meet inside a kernel."""

    def __init__(self, kernel, member, arguments, gate, abort):
        super().__init__(kernel, (member, member, member + 1, gate, *arguments), abort)
        self.gate = gate

    def work(self):
        try:
            super().work()
        except BaseException:
            _jit().open_gate(self.gate)  # nobody waits for one who failed
            raise


# The abort word of the job a worker is at: a computation inside that job ends with it.
_of_thread = threading.local()


class _Worker(threading.Thread):
    def __init__(self):
        super().__init__(name="fastreg-worker", daemon=True)
        self.inbox = SimpleQueue()
        self.start()

    def run(self):
        while True:
            job = self.inbox.get()
            _of_thread.abort = job.abort
            try:
                job.work()
            except BaseException as error:  # handed to the caller, who raises it
                job.ended.append(error)
            else:
                job.ended.append(None)
            job.bell.put(None)
            del job


class _Pool:
    def __init__(self):
        self.lock = threading.Lock()
        self.idle = []
        self.lent = {}  # lists of workers, by identity

    def take(self, most):
        """Take workers while fewer than ``most`` are lent in the whole process."""
        with self.lock:
            free = max(0, most - sum(map(len, self.lent.values())))
            taken = [self.idle.pop() if self.idle else _Worker() for _ in range(free)]
            self.lent[id(taken)] = taken
            return taken

    def give_back(self, workers):
        with self.lock:
            self.idle.extend(workers)
            del self.lent[id(workers)]


_pool = _Pool()


def _forget_threads():
    """Start afresh in the child of a fork: the parent's threads did not come along, its locks did."""
    global _pool
    for workers in _pool.lent.values():
        workers.clear()  # the crew of the computation that forked goes on by itself
    _pool.lock = threading.Lock()
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

    def __init__(self, workers, size, abort, ending):
        self._workers = workers
        self.size = size
        self.abort = abort
        self._ending = ending  # what is undone when the lease ends
        self._limits_blas = False

    def limit_blas(self):
        """Keep BLAS at one thread until the lease ends: blocks call it, and bits must not depend on it."""
        if not self._limits_blas:
            self._ending.enter_context(single_threaded_blas())
            self._limits_blas = True

    def _refuse_after_abort(self):
        """End a computation inside a job that Ctrl-C ended in another thread."""
        if self.abort[0]:
            raise KeyboardInterrupt

    def each(self, kernel, bounds, *arguments):
        """Call ``kernel(block, start, stop, *arguments)`` for every block of ``bounds``.

        Parameters
        ----------
        kernel : callable
            Writes only to slots that belong to its block.
        bounds : sequence of int
            Block b covers bounds[b]:bounds[b + 1].
        """
        self._refuse_after_abort()
        if len(bounds) == 2:
            self._here(kernel, bounds, arguments)
            return
        helpers = self._workers[: min(self.size, len(bounds) - 1) - 1] if bounds[-1] > bounds[0] else []
        job = _Blocks(kernel, bounds, arguments, self.abort)
        given = 0
        try:
            for worker in helpers:
                worker.inbox.put(job)
                given += 1
            job.work()
        except BaseException as error:
            job.cancelled = True
            if isinstance(error, KeyboardInterrupt):
                self.abort[0] = 1
            self._await(job, given)
            raise
        self._await(job, given)

    def together(self, kernel, members, *arguments):
        """Call ``kernel(member, member, member + 1, gate, *arguments)`` in several threads at once.

        They meet inside the kernel (`fastreg.jit.meet`) as often as they like.

        Parameters
        ----------
        kernel : callable
            Returns as soon as a meeting fails.
        members : int
            At most `most_together`.
        """
        self._refuse_after_abort()
        gate = _jit().new_gate()
        jobs = [_Member(kernel, member, arguments, gate, self.abort) for member in range(members)]
        given = []
        try:
            for worker, job in zip(self._workers, jobs[1:], strict=False):
                worker.inbox.put(job)
                given.append(job)
            jobs[0].work()
        except BaseException as error:
            _jit().open_gate(gate)
            if isinstance(error, KeyboardInterrupt):
                self.abort[0] = 1
            for job in given:
                self._await(job, 1)
            raise
        for job in given:
            self._await(job, 1)

    @property
    def most_together(self):
        """How many threads can meet inside a kernel."""
        return self.size if _jit().CAN_MEET else 1

    def _here(self, kernel, bounds, arguments):
        """Call a kernel for its only block."""
        try:
            kernel(0, *bounds, *arguments)
        except KeyboardInterrupt:
            self.abort[0] = 1
            raise

    def alone(self, kernel, work, *arguments):
        """Return ``kernel(*arguments)``, run where Ctrl-C can end it.

        Parameters
        ----------
        kernel : callable
            Returns early once `abort` is set.
        work : int
            Element operations it may take at most.
        """
        self._refuse_after_abort()
        if (
            work < _LONG_KERNEL
            or not self._workers
            or threading.current_thread() is not threading.main_thread()
        ):
            return kernel(*arguments)
        job = _Job(kernel, arguments, self.abort)
        self._workers[0].inbox.put(job)
        self._await(job, 1)
        return job.result

    def _await(self, job, count):
        """Wait for the workers; on Ctrl-C set the abort word and wait until the arrays are free again.

        In slices: not every system wakes a thread that waits for a lock, and not every Ctrl-C is a signal.
        """
        interrupt = None
        while len(job.ended) < count:
            try:
                with contextlib.suppress(Empty):
                    job.bell.get(timeout=_SLICE)
            except KeyboardInterrupt as pressed:
                interrupt = pressed
                self.abort[0] = 1
                job.cancelled = True
        for error in (interrupt, *job.ended):
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
        abort = getattr(_of_thread, "abort", None)
        abort = np.zeros(1, dtype=np.int64) if abort is None else abort
        with contextlib.ExitStack() as ending:
            yield Crew(workers, min(size, len(workers) + 1), abort, ending)
    finally:
        pool.give_back(workers)
