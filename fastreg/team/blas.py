"""BLAS at one thread while anyone needs it so."""

import contextlib
import os
import threading


class _BlasLimiter:
    """Keeps BLAS at one thread while it has users, and restores what was there after the last.

    The number of threads of most BLAS libraries is the process's, so two overlapping users that each
    restored what they found would leave BLAS at one thread for good. And threadpoolctl lets one thread
    at a time set it, so a thread of the limiter's own sets and restores it. OpenBLAS over OpenMP keeps
    one number per thread: there each user sets its own.
    """

    def __init__(self):
        self.lock = threading.Lock()
        self.users = 0
        self.shared = None  # libraries with one number of threads for the process: looked for once
        self.per_thread = None
        self.found = ()  # shared libraries and their number of threads before the first user
        self.caretaker = None
        self.ended = None

    @contextlib.contextmanager
    def __call__(self):
        try:
            self._enter()
            with self.per_thread.limit(limits=1):
                yield
        finally:
            self._leave()

    def _enter(self):
        with self.lock:
            self.users += 1
            if self.users > 1:
                return
            if self.shared is None:
                self._look_for_libraries()
            self.found = [(library, library.num_threads) for library in self.shared.lib_controllers]
            begun, self.ended = threading.Event(), threading.Event()
            self.caretaker = threading.Thread(target=self._limit, args=(begun, self.ended), daemon=True)
            self.caretaker.start()
            begun.wait()

    def _leave(self):
        with self.lock:
            self.users = max(0, self.users - 1)
            if self.users == 0 and self.caretaker is not None:
                self.ended.set()
                self.caretaker.join()
                self.caretaker = None

    def _limit(self, begun, ended):
        try:
            with self.shared.limit(limits=1):
                begun.set()
                ended.wait()
        finally:
            begun.set()

    def _look_for_libraries(self):
        from threadpoolctl import ThreadpoolController

        blas = ThreadpoolController().select(user_api="blas")
        self.per_thread = blas.select(internal_api="openblas").select(threading_layer="openmp")
        others = [
            library for library in blas.lib_controllers if library not in self.per_thread.lib_controllers
        ]
        self.shared = blas.select(filepath=[library.filepath for library in others])

    def forget_users(self):
        """Start afresh in the child of a fork: the threads that would have left are not there."""
        self.lock = threading.Lock()
        if self.caretaker is not None:
            self.caretaker = None
            for library, count in self.found:
                library.set_num_threads(count)
                if hasattr(library, "clear_controlling_thread"):
                    library.clear_controlling_thread()  # else nobody but this thread could set it again
        self.users = 0


single_threaded_blas = _BlasLimiter()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=single_threaded_blas.forget_users)
