"""What ``cimport fastreg.interop.cython_api`` finds: pointers under the signatures that Cython expects.

`scipy.LowLevelCallable.from_cython` and `numba.extending.get_cython_function_address` look here too. The
functions are compiled, or loaded from disk, when the table is first asked for; the declarations are in
``cython_api.pxd``.
"""

import functools
import threading

from fastreg.interop.capsules import capsule
from fastreg.interop.declarations import cython_signature
from fastreg.interop.table import ENTRIES, all_addresses

_lock = threading.Lock()


@functools.cache
def _made(addresses):
    pairs = zip(ENTRIES, addresses, strict=True)
    return {entry.name: capsule(address, cython_signature(entry)) for entry, address in pairs}


def __getattr__(name):
    if name != "__pyx_capi__":
        raise AttributeError(f"module 'fastreg.interop.cython_api' has no attribute {name!r}")
    addresses = all_addresses()
    with _lock:
        return _made(addresses)
