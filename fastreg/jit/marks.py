"""The floating-point liberties a small function takes, chosen where it is written.

A function without a mark of its own would inherit the liberties of whoever calls it, so one
careless caller could change our bits. Every mark keeps NaN and infinity meaningful.
"""

import functools

from numba import njit
from numba.core.registry import CPUDispatcher
from numba.extending import overload

# LLVM may fuse a multiplication and an addition: one rounding less, the same everywhere.
CONTRACT = frozenset({"contract"})
# Sums may also be taken in another order: without it a dense dot product is not vectorised.
REASSOCIATE = frozenset({"reassoc", "contract", "nsz", "arcp"})

# What kernels alone call needs no doors for Python and C: each is compiled as a function of its own.
_INSIDE = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

_ATTRIBUTE = "__fastreg_fastmath__"


def fastmath_of(function):
    """Return the liberties ``function`` was marked with, by default those of `elementwise`."""
    return getattr(function, _ATTRIBUTE, CONTRACT)


@functools.cache
def compiled(function):
    """Return the uncached dispatcher that compiles ``function`` with its own mark.

    It has no disk cache on purpose: code loaded from disk can be linked but not inlined, and a
    small function that is not inlined is slow. It is stored with the kernel that uses it.
    """
    if isinstance(function, CPUDispatcher):
        return function
    options = {"fastmath": set(fastmath_of(function)), "error_model": "numpy", "forceinline": True, **_INSIDE}
    return njit(**options)(function)


def _marked(function, fastmath):
    setattr(function, _ATTRIBUTE, fastmath)

    # The options make this function's own mark win over that of its caller.
    @overload(
        function,
        strict=False,
        jit_options={"fastmath": set(fastmath), "error_model": "numpy", "forceinline": True, **_INSIDE},
    )
    def _(*args):
        return function

    return function


def elementwise(function):
    """Mark a function of a few numbers: fused multiply-add, nothing else. The default."""
    return _marked(function, CONTRACT)


def gather(function):
    """Mark a loop over sparse entries.

    Same liberties as `elementwise`: allowed to reorder the sum, LLVM would emit vector gathers,
    which are up to four times slower than scalar loads.
    """
    return _marked(function, CONTRACT)


def reduction(function):
    """Mark a dense sum: LLVM may reorder it, so that it is vectorised."""
    return _marked(function, REASSOCIATE)
