"""NumPy universal functions from scalar functions and from functions of vectors: real ones, of type np.ufunc.

Numba's own (`numba.vectorize`) are objects around one: they refuse ``where=``, cost more per call, and
their loops do not reach the speed of memory.
"""

import ctypes
import functools
import inspect

import numpy as np
from numba.core import config

from fastreg.jit import loops
from fastreg.jit.c_functions import c_function, one_at_a_time
from fastreg.jit.foreign import offer_numbers, offer_vectors

_NUMBERS = np.float32, np.float64
_FORWARDED = ["int64_t *"] * 4
_CREATE = 31  # PyUFunc_FromFuncAndDataAndSignature in NumPy's table, whose places never change
_NO_IDENTITY = -1
_kept: list[object] = []  # what NumPy points to: a universal function lives as long as the process


@functools.cache
def _creator():
    """Return NumPy's C function that makes universal functions."""
    pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
        ("PyCapsule_GetPointer", ctypes.pythonapi)
    )
    table = ctypes.cast(pointer(np._core._multiarray_umath._UFUNC_API, None), ctypes.POINTER(ctypes.c_void_p))
    integer, text, address = ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p
    kind = ctypes.PYFUNCTYPE(
        ctypes.py_object,
        address,
        address,
        address,
        integer,
        integer,
        integer,
        integer,
        text,
        text,
        integer,
        text,
    )
    return kind(table[_CREATE])


@one_at_a_time
@functools.cache
def universal_function(function, home, text):
    """Return a NumPy universal function with loops for float32 and float64, compiled or loaded from disk.

    Parameters
    ----------
    function : function
        Of one to three numbers, or (x, parameter, out) of a vector, a number and a vector; fastreg's own.
    home : str
        The module that will hold it under the name of ``function``: a pickle says no more than that.
    text : str
        Its documentation, to which NumPy adds the call.

    Returns
    -------
    np.ufunc
        Of signature "(n),()->(n)" for functions of vectors. It never warns: NaN in, NaN out.
    """
    name = function.__name__
    arguments = list(inspect.signature(function).parameters)
    of_vectors = arguments[-1] == "out"
    make = loops.of_vectors if of_vectors else loops.of_numbers
    n_inputs = len(arguments) - of_vectors
    addresses = [
        c_function(f"{name}-ufunc-{number.__name__}", make(function, number), "int", _FORWARDED)
        for number in _NUMBERS
    ]
    types = [np.dtype(number).num for number in _NUMBERS for _ in range(n_inputs + 1)]
    kept = (
        (ctypes.c_void_p * len(_NUMBERS))(*addresses),
        (ctypes.c_void_p * len(_NUMBERS))(),
        (ctypes.c_char * len(types))(*types),
        name.encode(),
        text.encode(),
    )
    _kept.append(kept)
    made = _creator()(
        *map(ctypes.addressof, kept[:3]),
        len(_NUMBERS),
        n_inputs,
        1,
        _NO_IDENTITY,
        *kept[3:],
        0,
        b"(n),()->(n)" if of_vectors else None,
    )
    if hasattr(made, "__dict__"):  # NumPy 2.2; before, pickle looks through all modules for it
        made.__module__ = home
    if not config.DISABLE_JIT:
        (offer_vectors if of_vectors else offer_numbers)(made, function)
    return made
