"""What ``cimport fastreg.interop.cython_api`` finds: pointers under the signatures that Cython expects.

`scipy.LowLevelCallable.from_cython` and `numba.extending.get_cython_function_address` look here too. The
functions are compiled, or loaded from disk, when the table is first asked for; the declarations are in
``cython_api.pxd``.
"""

import functools

from fastreg.interop.capsules import capsule
from fastreg.interop.declarations import cython_signature
from fastreg.interop.table import ENTRIES
from fastreg.jit import one_at_a_time


@one_at_a_time
@functools.cache
def _table():
    return {entry.name: capsule(entry.address(), cython_signature(entry)) for entry in ENTRIES}


def __getattr__(name):
    if name != "__pyx_capi__":
        raise AttributeError(f"module 'fastreg.interop.cython_api' has no attribute {name!r}")
    return _table()
