"""`kernel`: compile a function over terms, without the GIL, cached on disk under our own key."""

from numba import njit
from numba.core.errors import NumbaError
from numba.core.registry import CPUDispatcher

from fastreg.jit.bridge import TermError, first_sentence
from fastreg.jit.diskcache import KernelCache
from fastreg.jit.marks import CONTRACT


def kernel(function):
    """Compile ``function`` with Numba: no GIL, NumPy's division, cached on disk for later processes.

    Inside a kernel the methods of a term (any `typing.NamedTuple` with ordinary methods: a penalty, a
    loss, a design, fastreg's or your own) are called as in Python. The compiled code is stored under a
    key that holds the sources of fastreg, of the kernel's module and of the modules of every term in
    the signature, so that an edit recompiles exactly what it touches.

    Parameters
    ----------
    function : function
        A module-level function with positional arguments.

    Returns
    -------
    numba.core.registry.CPUDispatcher
        The compiled function (``function`` itself under ``NUMBA_DISABLE_JIT=1``).

    Raises
    ------
    TermError
        When called with a term that does not compile; one sentence names class and method.
    """
    dispatcher = njit(nogil=True, error_model="numpy", fastmath=set(CONTRACT))(function)
    if not isinstance(dispatcher, CPUDispatcher):  # NUMBA_DISABLE_JIT
        return function
    dispatcher._cache = KernelCache(function)
    compile_for = dispatcher._compile_for_args

    def compile_or_explain(*args, **keywords):
        try:
            return compile_for(*args, **keywords)
        except TermError:
            raise
        except NumbaError as error:
            names = [type(a).__name__ for a in args if hasattr(a, "_fields")]
            terms = f" for {', '.join(names)}" if names else ""
            raise TermError(
                f"{function.__name__} does not compile{terms}: {first_sentence(error)} "
                f"(Numba's full report is this error's cause)."
            ) from error

    dispatcher._compile_for_args = compile_or_explain
    return dispatcher
