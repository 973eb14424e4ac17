"""The C table: version, size, and a pointer to each function, behind one capsule."""

import ctypes
import functools

from fastreg.interop.capsules import capsule
from fastreg.interop.table import ENTRIES
from fastreg.jit import one_at_a_time

ABI_VERSION = 1  # raised when something that was published changes; appending changes nothing
CAPSULE = "fastreg.interop._C_API"  # where PyCapsule_Import finds it


class _Table(ctypes.Structure):
    """What fastreg.h calls fastreg_api."""

    _fields_ = (
        ("abi_version", ctypes.c_int32),
        ("size", ctypes.c_int32),
        *((entry.name, ctypes.c_void_p) for entry in ENTRIES),
    )


@one_at_a_time
@functools.cache
def _table():
    pointers = (entry.address() for entry in ENTRIES)
    table = _Table(ABI_VERSION, ctypes.sizeof(_Table), *pointers)
    return table, capsule(ctypes.addressof(table), CAPSULE)


def c_api_capsule():
    """Return the capsule of the C table; all its functions are compiled, or loaded from disk, first."""
    return _table()[1]


def c_api_address():
    """Return the address of the C table, for those who have no Python headers: ctypes, cffi, Rust, Julia.

    Returns
    -------
    int
        Of a ``fastreg_api`` as ``fastreg.h`` and ``fastreg.rs`` describe it, valid as long as the process
        lives. All functions are compiled, or loaded from disk, the first time.

    Examples
    --------
    >>> import ctypes
    >>> from fastreg.interop import c_api_address
    >>> ctypes.c_int32.from_address(c_api_address()).value  # abi_version
    1
    """
    return ctypes.addressof(_table()[0])
