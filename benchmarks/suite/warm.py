"""Benchmarks that compile nothing while they are timed."""

from fastreg import jit


class Warm:
    """Calls ``warm`` with the parameters first, which must compile all that is timed: the exact types.

    asv calls `setup` before every timed call, so ``warm`` has to remember what it has done. A benchmark that
    compiled while it was timed fails.
    """

    def setup(self, *parameters):
        self.warm(*parameters)
        self.compiled = jit.cache_info().misses

    def teardown(self, *parameters):
        compiled = jit.cache_info().misses - self.compiled
        if compiled:
            raise RuntimeError(f"{compiled} kernels were compiled while {parameters} was timed.")
