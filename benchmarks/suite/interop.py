"""What a foreign program gets from the C table: the cost of a call, and bandwidth against plain copying.

Every kernel of the table reads and writes a vector once (or a few times), so its speed is a share of what
`numpy.copyto` reaches in the same run and not a number of seconds.
"""

import ctypes

import numba
import numpy as np

from fastreg.interop.table import TABLE

from .turns import shortest

N = 10_000_000
CALLS = 100_000
KERNELS = {kernel.function.__name__: kernel for kernel, _ in TABLE}
MEASURED = ["soft_threshold", "log1pexp"]  # what is bound by memory, and what by arithmetic
ENTRIES = {entry.name: entry for _, entries in TABLE for entry in entries}
DTYPES = {"f32": np.float32, "f64": np.float64}
POINTER = ctypes.c_void_p


class Bandwidth:
    version = "1"
    params = [MEASURED, list(DTYPES)]
    param_names = ["kernel", "numbers"]

    def track_fraction_of_copy_bandwidth(self, name, suffix):
        kernel, dtype = KERNELS[name], DTYPES[suffix]
        number = np.ctypeslib.as_ctypes_type(dtype)
        kinds = [POINTER, ctypes.c_int64, *[number] * len(kernel.parameters), POINTER]
        function = ctypes.CFUNCTYPE(ctypes.c_int, *kinds)(ENTRIES[f"{name}_{suffix}"].address())
        x = np.random.default_rng(0).standard_normal(N).astype(dtype)
        out = np.zeros_like(x)
        parameters = [parameter.least + 0.7 for parameter in kernel.parameters]
        arguments = x.ctypes.data, N, *parameters, out.ctypes.data
        seconds = shortest(copy=lambda: np.copyto(out, x), kernel=lambda: function(*arguments))
        return seconds["copy"] / seconds["kernel"]

    track_fraction_of_copy_bandwidth.unit = "fraction"


class Call:
    version = "1"
    params = [[10]]
    param_names = ["n"]

    def setup(self, n):
        kinds = [POINTER, ctypes.c_int64, ctypes.c_double, POINTER]
        function = ctypes.CFUNCTYPE(ctypes.c_int, *kinds)(ENTRIES["soft_threshold_f64"].address())

        @numba.njit
        def call(x, out):
            for _ in range(CALLS):
                function(x.ctypes, x.size, 0.5, out.ctypes)

        self.call = call
        self.x = np.linspace(-1, 1, n)
        self.out = np.empty(n)

    def track_nanoseconds_per_call(self, n):
        return shortest(call=lambda: self.call(self.x, self.out))["call"] / CALLS * 1e9

    track_nanoseconds_per_call.unit = "ns"
