"""LAPACK in place and without the GIL, by the addresses that SciPy keeps for Cython."""

import ctypes
import functools


@functools.cache
def _function(name, parameters):
    """Return a function of LAPACK that takes addresses only."""
    from scipy.linalg import cython_lapack  # late: most users of this room factor nothing

    python = ctypes.pythonapi
    capsule = ctypes.py_object(cython_lapack.__pyx_capi__[name])
    name_of = ctypes.PYFUNCTYPE(ctypes.c_char_p, ctypes.py_object)(("PyCapsule_GetName", python))
    address_of = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
        ("PyCapsule_GetPointer", python)
    )
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * parameters)(address_of(capsule, name_of(capsule)))


def cholesky(system):
    """Overwrite the upper triangle by U of U'U; return whether it could be.

    Parameters
    ----------
    system : C-contiguous float64 array of (size, size)
        Symmetric; of it the upper triangle is read. What is below the diagonal is kept.
    """
    size, status = ctypes.c_int(system.shape[0]), ctypes.c_int()
    triangle = ctypes.c_char(b"L")  # the upper one of rows is the lower one of columns
    count, told = ctypes.addressof(size), ctypes.addressof(status)
    _function("dpotrf", 5)(ctypes.addressof(triangle), count, system.ctypes.data, count, told)
    return status.value == 0
