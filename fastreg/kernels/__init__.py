"""Kernels for other libraries: terms over whole arrays, and universal functions of NumPy.

The universal functions are compiled, or loaded from disk, when they are first asked for.
"""

from fastreg.kernels.arrays import gradient, prox, value
from fastreg.kernels.texts import TEXTS

__all__ = [*TEXTS, "gradient", "prox", "value"]


def __getattr__(name):
    if name not in TEXTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fastreg import jit, numerics

    globals()[name] = made = jit.universal_function(getattr(numerics, name), __name__, TEXTS[name])
    return made


def __dir__():
    return __all__
