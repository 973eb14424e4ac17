"""The functions of the C table, through plain pointers: bits, statuses, threads, the disk cache."""

import itertools
import math
import os
import re
import threading

import numpy as np
import pytest
from c_table import BY_NAME, DTYPES, c_function
from numba.core.caching import NullCache
from subprocesses import run

import fastreg
from fastreg.interop.table import EACH_NUMBER, ENTRIES, TABLE, THE_VECTOR
from fastreg.jit import c_functions

KERNELS = {kernel.function.__name__: kernel for kernel, _ in TABLE}
LENGTHS = (0, 1, 3, 37, 1000)
# Enough numbers for every part of an unrolled loop, and the hard ones.
HARD = [0.0, -0.0, 0.5, -0.5, 1e-310, 1e30, -1e30, math.inf, -math.inf, math.nan, 745.0, -745.0]


def numbers(n, dtype, hard=False):
    x = (3 * np.random.default_rng(n).standard_normal(n)).astype(dtype)
    if hard:
        x[: len(HARD)] = HARD[:n]
    return x


def parameters(kernel, dtype):
    return [dtype(parameter.least + 0.7) for parameter in kernel.parameters]


def expected(kernel, x):
    """What the function of fastreg.numerics returns: number by number, or for the whole vector."""
    function = fastreg.kernel(kernel.function)
    if kernel in THE_VECTOR:
        out = np.empty_like(x)
        function(x, *parameters(kernel, x.dtype.type), out)
        return out
    return np.array([function(each, *parameters(kernel, x.dtype.type)) for each in x], x.dtype)


def assert_same_bits(result, target):
    assert result.dtype == target.dtype
    numbers_of = ~np.isnan(target)
    assert np.array_equal(np.isnan(result), ~numbers_of)
    assert result[numbers_of].tobytes() == target[numbers_of].tobytes()


# In plain Python ctypes makes every number a double.
@pytest.mark.parametrize("suffix", ["f32", pytest.param("f64", marks=pytest.mark.small)])
@pytest.mark.parametrize("name", KERNELS)
def test_vectors_have_the_bits_of_numerics(name, suffix):
    kernel, dtype = KERNELS[name], DTYPES[suffix]
    function = c_function(f"{name}_{suffix}")
    for n, hard in itertools.product(LENGTHS, (False, True)):
        x = numbers(n, dtype, hard)
        target = expected(kernel, x)
        out = np.full(n + 1, 7, dtype)
        assert function(x.ctypes.data, n, *parameters(kernel, dtype), out.ctypes.data) == 0
        assert_same_bits(out[:n], target)
        assert out[n] == 7
        assert function(x.ctypes.data, n, *parameters(kernel, dtype), x.ctypes.data) == 0
        assert_same_bits(x, target)


@pytest.mark.parametrize("kernel", EACH_NUMBER, ids=lambda kernel: kernel.function.__name__)
def test_scalars_and_callbacks_have_the_bits_of_numerics(kernel):
    name = kernel.function.__name__
    for suffix, dtype in DTYPES.items():
        x = numbers(40, dtype, hard=True)
        function = c_function(f"{name}_scalar_{suffix}")
        assert_same_bits(
            np.array([function(each, *parameters(kernel, dtype)) for each in x], dtype), expected(kernel, x)
        )
    callback = c_function(f"{name}_callback")
    for each, target in zip(x, expected(kernel, x), strict=True):
        arguments = np.array([each, *parameters(kernel, np.float64)])
        result = callback(arguments.size, arguments.ctypes.data)
        assert_same_bits(np.array([result]), np.array([target]))
        assert math.isnan(callback(arguments.size - 1, arguments.ctypes.data))


@pytest.mark.small
@pytest.mark.parametrize("name", [f"{name}_{suffix}" for name in KERNELS for suffix in DTYPES])
def test_a_wrong_argument_is_named_and_nothing_written(name):
    kernel = KERNELS[name.rpartition("_")[0]]
    function, dtype = c_function(name), DTYPES[name.rpartition("_")[2]]
    x, out = np.ones(8, dtype), np.full(8, 7, dtype)
    right = [x.ctypes.data, 8, *parameters(kernel, dtype), out.ctypes.data]
    wrong = {1: [None], 2: [-1, -(2**62)], len(right): [None]}
    for place, parameter in enumerate(kernel.parameters, start=3):
        bound = dtype(math.floor(parameter.least))
        below = np.nextafter(bound, dtype(-math.inf))
        wrong[place] = [math.nan, -math.inf, below, *([bound] if "above" in parameter.rule else [])]
    for place, values in wrong.items():
        for value in values:
            arguments = [*right]
            arguments[place - 1] = value
            assert function(*arguments) == -place, (place, value)
    assert out.tolist() == [7] * 8
    assert function(None, 0, *parameters(kernel, dtype), None) == 0
    assert function(*right) == 0


def test_many_threads_at_once():
    function = c_function("sigmoid_f64")
    x = numbers(100_000, np.float64)
    alone = np.empty_like(x)
    function(x.ctypes.data, x.size, alone.ctypes.data)
    results = [np.empty_like(x) for _ in range(8)]

    def work(out):
        for _ in range(20):
            assert function(x.ctypes.data, x.size, out.ctypes.data) == 0

    threads = [threading.Thread(target=work, args=(out,)) for out in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {out.tobytes() for out in results} == {alone.tobytes()}


@pytest.mark.parametrize("suffix", DTYPES)
def test_loops_are_vectorised_in_place_and_not(suffix, monkeypatch):
    monkeypatch.setattr(c_functions, "_made", {})
    monkeypatch.setattr(c_functions, "KernelCache", lambda *_: NullCache())
    for kernel in EACH_NUMBER:
        name = f"{kernel.function.__name__}_{suffix}"
        BY_NAME[name].address()
        code = c_functions._made[name][0].inspect_llvm()
        number = "float" if suffix == "f32" else "double"
        stores = re.findall(rf"store <\d+ x {number}>.*?, ptr (%\S+),", code)
        assert len(re.findall(r"^vector.body\S*:", code, re.M)) >= 2, name
        assert stores, name


ASK_AT_ONCE = """
import threading
import fastreg
from fastreg.interop import c_api_address, cython_api
from subprocesses import tell
start = threading.Barrier(8)
given = []

def ask():
    start.wait()
    given.append((c_api_address(), fastreg.interop._C_API, id(cython_api.__pyx_capi__)))

threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
tell(different=len(set(map(repr, given))), answers=len(given))
"""


def test_a_second_process_compiles_nothing_and_threads_are_given_one_table():
    first, second = (run("-c", ASK_AT_ONCE, cache=os.environ["FASTREG_CACHE_DIR"]) for _ in range(2))
    for told in (first, second):
        assert (told["answers"], told["different"]) == (8, 1)
        assert told["misses"] + told["hits"] == len(ENTRIES)
    assert second["misses"] == 0
