"""The universal functions of `fastreg.kernels` beside NumPy's: bandwidth on long arrays, cost of short calls.

Shares and differences of what is measured in turn in one run, so that the load of the machine cancels.
"""

import os
import subprocess
import sys
import tempfile
import time

import numpy as np

from fastreg import kernels

from .interop import DTYPES, N
from .turns import shortest

# Parameters that leave some numbers alone and change others; the groups are rows of so many numbers.
OF_NUMBERS = {
    "soft_threshold": (0.5,),
    "shrink": (0.5,),
    "prox_elastic_net": (0.5, 0.3),
    "firm_threshold": (0.5, 3.0),
    "scad_threshold": (0.5, 3.7),
    "sigmoid": (),
    "log1pexp": (),
}
OF_VECTORS = {"group_soft_threshold": 2.0, "project_simplex": 1.0, "project_l1_ball": 1.0}
GROUP_SIZE = 100
CALLS = 20_000


def fraction_of_copy(name, parameters, x):
    ufunc, out = getattr(kernels, name), np.zeros_like(x)
    seconds = shortest(copy=lambda: np.copyto(out, x), kernel=lambda: ufunc(x, *parameters, out=out))
    return seconds["copy"] / seconds["kernel"]


def normal(dtype):
    return np.random.default_rng(0).standard_normal(N).astype(DTYPES[dtype])


class Bandwidth:
    version = "2"
    params = [list(OF_NUMBERS)]
    param_names = ["kernel"]

    def track_fraction_of_copy_bandwidth(self, name):
        return fraction_of_copy(name, OF_NUMBERS[name], normal("f64"))

    track_fraction_of_copy_bandwidth.unit = "fraction"


class BandwidthOfVectors:
    version = "2"
    params = [list(OF_VECTORS)]
    param_names = ["kernel"]

    def track_fraction_of_copy_bandwidth(self, name):
        return fraction_of_copy(name, (OF_VECTORS[name],), normal("f64").reshape(-1, GROUP_SIZE))

    track_fraction_of_copy_bandwidth.unit = "fraction"


class Expression:
    version = "1"

    def track_soft_threshold_over_numpys_expression(self):
        x = normal("f64")
        out = np.zeros_like(x)
        seconds = shortest(
            expression=lambda: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
            kernel=lambda: kernels.soft_threshold(x, 0.5, out=out),
        )
        return seconds["expression"] / seconds["kernel"]

    track_soft_threshold_over_numpys_expression.unit = "times as fast"


class Call:
    """Ten numbers: nothing but the call. The sum of two arrays costs NumPy about the same."""

    version = "1"
    params = [["soft_threshold", "group_soft_threshold"]]
    param_names = ["kernel"]

    def track_nanoseconds_above_add(self, name):
        ufunc, parameters = getattr(kernels, name), OF_NUMBERS.get(name, (1.0,))
        x, out = np.linspace(-1, 1, 10), np.empty(10)

        def many(function, *arguments):
            began = time.perf_counter()
            for _ in range(CALLS):
                function(*arguments, out=out)
            return (time.perf_counter() - began) / CALLS

        pairs = [(many(np.add, x, 0.5), many(ufunc, x, *parameters)) for _ in range(5)]
        add, call = map(min, zip(*pairs, strict=True))
        return (call - add) * 1e9

    track_nanoseconds_above_add.unit = "ns"


class Specialisations:
    """Exact: one for each universal function and dtype."""

    version = "1"

    def track_compiled_for_all_universal_functions(self):
        code = (
            "from fastreg import jit, kernels\n"
            "for name in kernels.__all__: getattr(kernels, name)\n"
            "print(jit.cache_info().misses)"
        )
        with tempfile.TemporaryDirectory() as folder:
            environment = os.environ | {"FASTREG_CACHE_DIR": folder}
            told = subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
            )
        return int(told.stdout)
