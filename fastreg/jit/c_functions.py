"""C functions: compiled by Numba, kept on disk, called through a plain pointer by code that knows no Python.

What is compiled here raises nothing, allocates nothing and does not ask for the GIL. Under
``NUMBA_DISABLE_JIT=1`` the same pointers lead to plain Python, which does.
"""

import ctypes
import functools

import numpy as np
from numba.core import config, types
from numba.core.ccallback import CFunc
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target
from numba.extending import intrinsic, overload

from fastreg.jit.compile import ctrl_c_held_back
from fastreg.jit.diskcache import KernelCache
from fastreg.jit.marks import CONTRACT

_TYPES = {
    "int": (types.intc, ctypes.c_int),
    "int64_t": (types.int64, ctypes.c_int64),
    "float": (types.float32, ctypes.c_float),
    "double": (types.float64, ctypes.c_double),
}
# Whoever holds a pointer does not tell when it is done with it, so nothing here is ever freed.
_made: dict[str, tuple[object, int]] = {}


def _both_types(spelled):
    """Return the types of Numba and of ctypes for a type as C spells it; neither knows const."""
    plain = spelled.removeprefix("const ")
    number, in_python = _TYPES[plain.removesuffix("*").strip()]
    if plain.endswith("*"):
        return types.CPointer(number), ctypes.POINTER(in_python)
    return number, in_python


def _compiled(name, function, result, arguments):
    options = {"nopython": True, "error_model": "numpy", "fastmath": set(CONTRACT)}
    made = CFunc(function, (arguments, result), locals={}, options=options)
    made._cache = KernelCache(function, name)
    with ctrl_c_held_back():
        made.compile()
    return made, made.address


def _in_plain_python(function, result, arguments):
    def quiet(*values):
        with np.errstate(all="ignore"):  # compiled code does not warn either
            return function(*values)

    made = ctypes.CFUNCTYPE(result, *arguments)(quiet)
    return made, address(made)


def one_at_a_time(function):
    """Let threads call a function that compiles one after the other, under the compiler's lock and no other.

    Code that is being compiled may then ask for what the function makes.
    """

    @functools.wraps(function)
    def call(*arguments):
        # Numba makes this under another lock, in which it asks for the compiler's: later would be too late.
        _ = cpu_target.target_context
        with global_compiler_lock:
            return function(*arguments)

    return call


@one_at_a_time  # else of two threads that ask at once, one throws away what the other was given
def c_function(name, function, result, arguments):
    """Return the address of a C function, compiled or loaded from disk the first time it is asked for.

    Parameters
    ----------
    name : str
        What tells it from all others: two functions made by one closure differ in nothing else that is
        looked at.
    function : function
        fastreg's own (its sources are part of the key of the disk cache), with positional arguments.
    result : str
        "int", "float" or "double".
    arguments : list of str
        The types of the arguments: "int", "int64_t", "float", "double", and pointers (``"const double *"``).

    Returns
    -------
    int
        Valid as long as the process lives.
    """
    if name not in _made:
        kinds, in_python = zip(*map(_both_types, (result, *arguments)), strict=True)
        if config.DISABLE_JIT:
            _made[name] = _in_plain_python(function, in_python[0], in_python[1:])
        else:
            _made[name] = _compiled(name, function, kinds[0], kinds[1:])
    return _made[name][1]


def address(pointer):
    """Return where a pointer points to, as an integer: 0 for null."""
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


@intrinsic
def _address(typing_context, pointer):
    def generate(context, builder, signature, arguments):
        return builder.ptrtoint(arguments[0], context.get_value_type(types.intp))

    return types.intp(pointer), generate


@overload(address)
def _(pointer):
    return lambda pointer: _address(pointer)
