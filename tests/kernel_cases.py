"""What the kernels are called with in the tests of every door to them, whose bits must be the same."""

from typing import NamedTuple

import numpy as np

from fastreg.losses import Logistic
from fastreg.penalties import L1, L2, ElasticNet, GroupL2

# The parameters of each function; those of the vectors are a row apart in VECTORS.
NUMBERS = {
    "soft_threshold": (0.75,),
    "shrink": (0.375,),
    "prox_elastic_net": (0.5, 3.0),
    "firm_threshold": (0.75, 3.0),
    "scad_threshold": (0.75, 3.7),
    "sigmoid": (),
    "log1pexp": (),
}
VECTORS = {"group_soft_threshold": 1.25, "project_simplex": 1.5, "project_l1_ball": 1.5}
NAMES = (*NUMBERS, *VECTORS)
DTYPES = np.float32, np.float64


class Case(NamedTuple):
    """A call: function(x, *parameters)."""

    name: str
    x: np.ndarray
    parameters: tuple


def numbers(dtype):
    """Numbers of every kind: ties with the thresholds, signed zeros, huge and tiny, infinite, none."""
    rng = np.random.default_rng(5)
    ties = [0.75, -0.75, 0.375, 1.5, 2.25, 2.775, 0.0, -0.0]
    ends = [np.finfo(dtype).max, -np.finfo(dtype).max, np.finfo(dtype).tiny, np.inf, -np.inf, np.nan]
    sizes = 10.0 ** rng.uniform(-30, 30, 50)
    return np.concatenate([ties, 3 * rng.standard_normal(203), sizes, -sizes, ends]).astype(dtype)


def vectors(dtype):
    """Vectors of many lengths, with ties, zeros, huge numbers, and one that is no number."""
    rng = np.random.default_rng(6)
    made = [rng.standard_normal(n) for n in (*range(20), 64, 101, 1000)]
    made += [np.ones(9), np.zeros(5), -np.arange(7.0), np.arange(40) / 8, np.array([1.0, np.nan, 2.0])]
    made += [np.array([1.0, -3.0, 2.0]) * (np.finfo(dtype).max / 8)]
    return [vector.astype(dtype) for vector in made]


def cases(dtype):
    """All calls of all functions in one dtype; parameters are NumPy's numbers of that dtype."""
    found = [
        Case(name, numbers(dtype), tuple(map(dtype, parameters))) for name, parameters in NUMBERS.items()
    ]
    return found + [
        Case(name, vector, (dtype(parameter),))
        for name, parameter in VECTORS.items()
        for vector in vectors(dtype)
    ]


def terms(case):
    """The term whose proximal step of length 1 (of a loss: the value or slope at y = -1) is the same map."""
    return {
        "soft_threshold": L1(0.75),
        "shrink": L2(0.1875),
        "prox_elastic_net": ElasticNet(2.0, 0.25),
        "sigmoid": Logistic(),
        "log1pexp": Logistic(),
        "group_soft_threshold": GroupL2(1.25, max(case.x.size, 1)),
    }.get(case.name)


def same_bits(first, second):
    """Tell whether two arrays hold the same bits, one NaN as good as another."""
    first, second = np.asarray(first), np.asarray(second)
    words = {4: np.uint32, 8: np.uint64}[first.dtype.itemsize]
    equal = first.view(words) == second.view(words)
    return first.dtype == second.dtype and bool(np.all(equal | (np.isnan(first) & np.isnan(second))))
