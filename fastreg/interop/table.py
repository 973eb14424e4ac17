"""The one table of kernels that C, C++, Rust, Cython and SciPy call.

Whatever tells of these functions (the capsules, fastreg.h, fastreg.rs, cython_api.pxd) is made from `TABLE`.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from fastreg import numerics
from fastreg.interop import forms
from fastreg.jit import c_function


class Parameter(NamedTuple):
    """A parameter of a kernel, and the least that it may be."""

    name: str
    least: float
    rule: str  # the same in words


class Kernel(NamedTuple):
    """A kernel of numerics, and what there is to say about it in a header."""

    function: Callable
    parameters: tuple[Parameter, ...]
    formula: str
    of_vectors: bool = False  # called with (x, parameter, out) instead of a number and its parameters


class Entry(NamedTuple):
    """A C function: its name, its types as C spells them, and what it is compiled from."""

    name: str
    result: str
    arguments: tuple[tuple[str, str], ...]  # type and name
    source: Callable

    @property
    def types(self):
        return [kind for kind, _ in self.arguments]

    def address(self):
        """Return the address of the function, compiled or loaded from disk the first time it is asked for."""
        return c_function(self.name, self.source, self.result, self.types)


def _at_least_0(name):
    return Parameter(name, 0.0, "at least 0")


def _above(name, bound):
    return Parameter(name, math.nextafter(bound, math.inf), f"above {bound:g}")


THRESHOLD = _at_least_0("threshold")

# Programs compiled against an older fastreg.h find a function by its place: only ever append.
_KERNELS = (
    Kernel(
        numerics.soft_threshold,
        (THRESHOLD,),
        "sign(x) max(|x| - threshold, 0), the minimiser over w of (w - x)^2 / 2 + threshold |w|",
    ),
    Kernel(
        numerics.shrink,
        (_at_least_0("amount"),),
        "x / (1 + amount), the minimiser over w of (w - x)^2 / 2 + amount w^2 / 2",
    ),
    Kernel(
        numerics.prox_elastic_net,
        (_at_least_0("l1"), _at_least_0("l2")),
        "the minimiser over w of (w - x)^2 / 2 + l1 |w| + l2 w^2 / 2",
    ),
    Kernel(
        numerics.firm_threshold,
        (THRESHOLD, _above("gamma", 1)),
        "the proximal step of length 1 of the minimax concave penalty, threshold |w| - w^2 / (2 gamma) up to"
        " |w| = gamma threshold and constant from there on",
    ),
    Kernel(
        numerics.scad_threshold,
        (THRESHOLD, _above("gamma", 2)),
        "the proximal step of length 1 of SCAD, whose slope is threshold up to |w| = threshold and falls"
        " linearly to 0 at gamma threshold",
    ),
    Kernel(numerics.sigmoid, (), "1 / (1 + exp(-x))"),
    Kernel(numerics.log1pexp, (), "log(1 + exp(x))"),
    Kernel(
        numerics.group_soft_threshold,
        (THRESHOLD,),
        "x max(1 - threshold / |x|, 0), the minimiser over w of |w - x|^2 / 2 + threshold |w|, in L2 norms",
        of_vectors=True,
    ),
    Kernel(
        numerics.project_simplex,
        (_at_least_0("total"),),
        "the point nearest to x without negative entries that adds up to total",
        of_vectors=True,
    ),
    Kernel(
        numerics.project_l1_ball,
        (_at_least_0("radius"),),
        "the point nearest to x whose absolute values add up to no more than radius",
        of_vectors=True,
    ),
)

PRECISIONS = {"f32": "float", "f64": "double"}


def _over_vectors(kernel):
    make = forms.of_the_vector if kernel.of_vectors else forms.of_each_number
    form = make(kernel.function, *(parameter.least for parameter in kernel.parameters))
    for suffix, number in PRECISIONS.items():
        arguments = (
            (f"const {number} *", "x"),
            ("int64_t", "n"),
            *((number, parameter.name) for parameter in kernel.parameters),
            (f"{number} *", "out"),
        )
        yield Entry(f"{kernel.function.__name__}_{suffix}", "int", arguments, form)


def _on_one_number(kernel):
    name = kernel.function.__name__
    names = ("x", *(parameter.name for parameter in kernel.parameters))
    for suffix, number in PRECISIONS.items():
        arguments = tuple((number, each) for each in names)
        yield Entry(f"{name}_scalar_{suffix}", number, arguments, kernel.function)
    form = forms.as_callback(kernel.function, len(kernel.parameters))
    yield Entry(f"{name}_callback", "double", (("int", "n"), ("double *", "numbers")), form)


def _entries(kernel):
    return (*_over_vectors(kernel), *(() if kernel.of_vectors else _on_one_number(kernel)))


# The entries of each kernel, in the order of the C table.
TABLE = tuple((kernel, _entries(kernel)) for kernel in _KERNELS)
ENTRIES = tuple(entry for _, entries in TABLE for entry in entries)
