"""BLAS at one thread while anyone needs it so."""

import contextlib
import os
import threading


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
                self.users = max(0, self.users - 1)
                if self.users == 0:
                    self._restore()

    def forget_users(self):
        """Start afresh in the child of a fork: the threads that would have left are not there."""
        self.lock = threading.Lock()
        self.users = 0
        self._restore()

    def _restore(self):
        if self.limits is not None:
            self.limits.restore_original_limits()
            self.limits = None


single_threaded_blas = _BlasLimiter()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=single_threaded_blas.forget_users)
