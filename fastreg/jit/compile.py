"""`kernel`: compile a function over terms, without the GIL, cached on disk under our own key."""

import contextlib
import functools
import inspect
import signal
import threading

import numpy as np
from numba import njit
from numba.core.errors import NumbaError
from numba.core.registry import CPUDispatcher

from fastreg.jit.bridge import TermError, first_sentence
from fastreg.jit.diskcache import KernelCache
from fastreg.jit.marks import CONTRACT
from fastreg.jit.terms import completed, noun

# Numba tells classes of NamedTuples apart by name and fields alone (the fingerprint in _typeof.cpp), so
# that of two classes of one name the second would run the code of the first.
_first_of_name: dict[bytes, type] = {}
_seen: set[type] = set()
_namesakes: set[type] = set()
# Types that are no namesake and hold none: a call of nothing else is looked at no further.
_harmless: set[type] = {np.ndarray, int, float, np.float64}
_NUMBERS = (int, float, np.ndarray, float | np.ndarray)


def _holds_numbers_only(term_class):
    fields = getattr(term_class.__new__, "__annotations__", {})
    return len(fields) == len(getattr(term_class, "_fields", [None])) and all(
        kind in _NUMBERS for kind in fields.values()
    )


def _register(term_class):
    first = _first_of_name.setdefault(term_class.__name__.encode("ascii", "ignore"), term_class)
    if first is not term_class:
        _namesakes.update((first, term_class))
        _harmless.difference_update(_namesakes)
    elif _holds_numbers_only(term_class):
        _harmless.add(term_class)
    _seen.add(term_class)


def _has_namesake(value):
    """Tell whether a tuple, or one inside it, is of a class that shares its name with another class."""
    term_class = type(value)
    if term_class not in _seen:
        _register(term_class)
    if term_class in _namesakes:
        return True
    for field in value:
        if isinstance(field, tuple) and _has_namesake(field):
            return True
    return False


@contextlib.contextmanager
def ctrl_c_held_back():
    """Let Ctrl-C wait until the compiler is done.

    The compiler calls Python back from compiled code, and that is the first moment at which Python hears of
    a Ctrl-C. What is raised there is printed and forgotten, and half of what it should have kept is missing.
    """
    known = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(known):
        yield
        return
    pressed = []
    signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, known)
        if pressed:
            known(signal.SIGINT, None)


class _Kernel(CPUDispatcher):
    """A dispatcher with our disk cache and our errors, that never mixes up two classes of one name."""

    def __init__(self, *args, **keywords):
        super().__init__(*args, **keywords)
        self._cache = KernelCache(self.py_func)

    def __call__(self, *args, **keywords):
        try:
            if not keywords and _harmless.issuperset(map(type, args)):
                return super().__call__(*args)
            for argument in (*args, *keywords.values()):
                if isinstance(argument, tuple) and _has_namesake(argument):
                    bound = inspect.signature(self.py_func).bind(*args, **keywords)
                    bound.apply_defaults()
                    return self._compile_for_args(*bound.args)(*bound.args)
            return super().__call__(*args, **keywords)
        except SystemError as error:
            # Arrays that are returned are made by Python code that Numba calls, where a Ctrl-C that came
            # while the kernel ran is raised. Numba goes on; Python then finds a result and an error.
            cause = error
            while isinstance(cause, SystemError):
                cause = cause.__cause__
            if isinstance(cause, KeyboardInterrupt):
                raise cause from None
            raise

    def _compile_for_args(self, *args, **keywords):
        """Return the compiled code for these arguments; Numba calls this where its fast path knows none."""
        try:
            with ctrl_c_held_back():
                return super()._compile_for_args(*args, **keywords)
        except TermError:
            raise
        except NumbaError as error:
            names = [type(a).__name__ for a in args if hasattr(a, "_fields")]
            terms = f" for {', '.join(names)}" if names else ""
            raise TermError(
                f"{self.py_func.__name__} does not compile{terms}: {first_sentence(error)} "
                f"(Numba's full report is this error's cause)."
            ) from error


def _in_plain_python(function):
    """Return the function with the defaults of the vocabulary mixed into the terms it is called with."""

    @functools.wraps(function)
    def call(*args):
        return function(*(completed(a) if noun(type(a)) is not None else a for a in args))

    return call


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
        The compiled function (plain Python under ``NUMBA_DISABLE_JIT=1``).

    Raises
    ------
    TermError
        When called with a term that does not compile; one sentence names class and method.
    """
    # A door for C would be compiled too, and nobody enters by it.
    options = {"nogil": True, "error_model": "numpy", "fastmath": set(CONTRACT), "no_cfunc_wrapper": True}
    dispatcher = njit(**options)(function)
    if not isinstance(dispatcher, CPUDispatcher):  # NUMBA_DISABLE_JIT
        return _in_plain_python(function)
    return _Kernel(function, targetoptions=dispatcher.targetoptions)
