"""C functions: compiled by Numba, kept on disk, called through a plain pointer by code that knows no Python.

What is compiled here raises nothing, allocates nothing and does not ask for the GIL.
"""

from numba.core import types
from numba.core.ccallback import CFunc
from numba.core.compiler_lock import global_compiler_lock
from numba.extending import intrinsic

from fastreg.jit.compile import ctrl_c_held_back
from fastreg.jit.diskcache import KernelCache
from fastreg.jit.marks import CONTRACT

_TYPES = {
    "int": types.intc,
    "int64_t": types.int64,
    "float": types.float32,
    "double": types.float64,
}
# Whoever holds a pointer does not tell when it is done with it, so nothing here is ever freed.
_compiled: dict[str, CFunc] = {}


def _numba_type(spelled):
    """Return Numba's type for a type as C spells it; const is a promise that Numba does not know."""
    plain = spelled.removeprefix("const ")
    number = _TYPES[plain.removesuffix("*").strip()]
    return types.CPointer(number) if plain.endswith("*") else number


@global_compiler_lock  # of two threads that ask at once, one must not throw away what the other was given
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
        The types of the arguments: "int", "int64_t", "float", "double", and pointers ("const double *").

    Returns
    -------
    int
        Valid as long as the process lives.
    """
    if name not in _compiled:
        signature = tuple(map(_numba_type, arguments)), _numba_type(result)
        options = {"nopython": True, "error_model": "numpy", "fastmath": set(CONTRACT)}
        made = CFunc(function, signature, locals={}, options=options)
        made._cache = KernelCache(function, name)
        with ctrl_c_held_back():
            made.compile()
        _compiled[name] = made
    return _compiled[name].address


@intrinsic
def address(typing_context, pointer):
    """Return where a pointer points to, as an integer: 0 for null."""

    def generate(context, builder, signature, arguments):
        return builder.ptrtoint(arguments[0], context.get_value_type(types.intp))

    return types.intp(pointer), generate
