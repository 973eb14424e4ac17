"""One name in two worlds: what a NumPy universal function means inside somebody's ``@njit``.

Numba compiles the function behind it into the caller, with that function's own floating-point liberties.
"""

import numpy as np
from numba import vectorize
from numba.core import types
from numba.core.registry import cpu_target
from numba.core.typing.templates import infer, infer_global, make_overload_template

from fastreg.jit.marks import CONTRACT

_INLINED = {
    "nopython": True,
    "no_cpython_wrapper": True,
    "fastmath": set(CONTRACT),
    "error_model": "numpy",
    "forceinline": True,
}


def _number_of(kinds):
    """Return the type that arguments of these types are computed in, as NumPy chooses the loop."""
    dtypes = [np.dtype(str(getattr(kind, "dtype", kind))) for kind in kinds]
    return types.float32 if np.result_type(np.float16, *dtypes) != np.float64 else types.float64


def _are_numbers(kinds):
    return all(isinstance(kind, (types.Integer, types.Float, types.Boolean)) for kind in kinds)


def _computing_in(number, function, arity):
    return (
        lambda x: number(function(number(x))),
        lambda x, p: number(function(number(x), number(p))),
        lambda x, p, q: number(function(number(x), number(p), number(q))),
    )[arity - 1]


def _calling(ufunc, arity):
    return (lambda x: ufunc(x), lambda x, p: ufunc(x, p), lambda x, p, q: ufunc(x, p, q))[arity - 1]


def _offer(ufunc, choose):
    """Let compiled code take the universal function for a function that ``choose`` implements."""

    # Numba merges all calls of an np.ufunc into one loop over numbers: it must not know that this is one.
    def stand_in(*arguments):
        return ufunc(*arguments)

    stand_in.__name__ = ufunc.__name__
    template = make_overload_template(stand_in, choose, _INLINED, strict=False, inline="never")
    infer(template)
    infer_global(ufunc, types.Function(template))
    cpu_target.typing_context.refresh()  # the code that asks may be on its way through the compiler


def offer_numbers(ufunc, function):
    """Let compiled code call a universal function by its name, on numbers and on arrays, ``out`` included."""
    # Numba's own universal function knows how to broadcast inside compiled code.
    over_arrays = vectorize(fastmath=set(CONTRACT))(_calling(ufunc, ufunc.nin))

    def choose(*arguments):
        kinds = [types.unliteral(kind) for kind in arguments]
        if len(kinds) == ufunc.nin and _are_numbers(kinds):
            return _computing_in(_number_of(kinds), function, ufunc.nin)
        return lambda *arguments: over_arrays(*arguments)

    _offer(ufunc, choose)


def offer_vectors(ufunc, function):
    """Let compiled code call a universal function of one vector and a number by its name, or with ``out``."""

    def choose(x, parameter, out=None):
        if not (
            isinstance(x, types.Array) and x.ndim == 1 and _are_numbers([x.dtype, types.unliteral(parameter)])
        ):
            return None
        number = _number_of([x])
        if out is None or isinstance(out, (types.NoneType, types.Omitted)):

            def with_new_array(x, parameter, out=None):
                result = np.empty(x.size, number)
                function(x.astype(number), number(parameter), result)
                return result

            return with_new_array

        def with_array(x, parameter, out=None):
            function(x, number(parameter), out)
            return out

        return with_array

    _offer(ufunc, choose)
