"""The functions of the C table, through plain pointers: bits, statuses, threads, the disk cache."""

import math
import os
import re
import threading

import kernel_cases
import numpy as np
import pytest
from c_table import BY_NAME, DTYPES, c_function
from kernel_cases import same_bits
from numba import config
from numba.core.caching import NullCache
from subprocesses import run

from fastreg import kernels
from fastreg.interop.table import ENTRIES, TABLE
from fastreg.jit import c_functions

KERNELS = {kernel.function.__name__: kernel for kernel, _ in TABLE}


def calls(name, dtype):
    """What a kernel is called with: parts of all lengths that an unrolled loop sees apart."""
    for case in kernel_cases.cases(dtype):
        if case.name == name:
            lengths = (0, 1, 3, 37, case.x.size) if name in kernel_cases.NUMBERS else (case.x.size,)
            yield from (case._replace(x=case.x[:n].copy()) for n in lengths)


def expected(case):
    return getattr(kernels, case.name)(case.x, *case.parameters)


def parameters(kernel, dtype):
    return [dtype(parameter.least + 0.7) for parameter in kernel.parameters]


# In plain Python ctypes makes every number a double.
@pytest.mark.parametrize("suffix", ["f32", pytest.param("f64", marks=pytest.mark.small)])
@pytest.mark.parametrize("name", KERNELS)
def test_vectors_have_the_bits_of_the_universal_functions(name, suffix):
    function = c_function(f"{name}_{suffix}")
    for case in calls(name, DTYPES[suffix]):
        x, target = case.x, expected(case)
        out = np.full(x.size + 1, 7, x.dtype)
        assert function(x.ctypes.data, x.size, *case.parameters, out.ctypes.data) == 0
        assert same_bits(out[:-1], target)
        assert out[-1] == 7
        assert function(x.ctypes.data, x.size, *case.parameters, x.ctypes.data) == 0
        assert same_bits(x, target)


@pytest.mark.parametrize("name", kernel_cases.NUMBERS)
def test_scalars_and_callbacks_have_the_bits_of_the_universal_functions(name):
    for suffix, dtype in DTYPES.items():
        case = list(calls(name, dtype))[-1]
        function = c_function(f"{name}_scalar_{suffix}")
        assert same_bits(np.array([function(x, *case.parameters) for x in case.x], dtype), expected(case))
    callback = c_function(f"{name}_callback")
    arguments = [np.array([x, *case.parameters]) for x in case.x]
    results = [callback(each.size, each.ctypes.data) for each in arguments]
    assert same_bits(np.array(results), expected(case))
    assert math.isnan(callback(arguments[0].size - 1, arguments[0].ctypes.data))


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
    x = np.linspace(-40, 40, 100_000)
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


@pytest.mark.skipif(bool(config.BOUNDSCHECK), reason="bounds checks raise")
@pytest.mark.parametrize(("suffix", "names"), [("f32", kernel_cases.NUMBERS), ("f64", KERNELS)])
def test_code_raises_nothing_allocates_nothing_and_is_vectorised(suffix, names, monkeypatch):
    monkeypatch.setattr(c_functions, "_made", {})
    monkeypatch.setattr(c_functions, "KernelCache", lambda *_: NullCache())
    for name in names:
        entry = BY_NAME[f"{name}_{suffix}"]
        entry.address()
        code = c_functions._made[entry.name][0].inspect_llvm()
        # Numba's wrapper asks for the GIL where this returns anything else.
        (function,) = re.findall(r"^define [^@]*@_ZN.*?^}", code, re.M | re.S)
        assert set(re.findall(r"\bret i32 (\S+)", function)) == {"0"}, name
        assert not re.findall(r"call [^\n]*alloc", code), name
        if name in kernel_cases.NUMBERS:
            number = "float" if suffix == "f32" else "double"
            # One loop for x that is out, one for x that is not.
            assert len(re.findall(r"^vector\.body\S*:", function, re.M)) >= 2, name
            assert re.search(rf"store <\d+ x {number}>", function), name


ASK_AT_ONCE = """
import threading
import fastreg, numba
from fastreg.interop import c_api_address, cython_api
from numba.extending import get_cython_function_address, overload
from subprocesses import tell
start = threading.Barrier(8)
given = []

def asked_for():
    pass

@overload(asked_for)
def _():
    get_cython_function_address("fastreg.interop.cython_api", "sigmoid_f64")
    fastreg.interop._C_API
    return lambda: 1.0

def ask():
    start.wait()
    given.append((c_api_address(), fastreg.interop._C_API, id(cython_api.__pyx_capi__)))

def compile():
    start.wait()
    assert numba.njit(lambda: asked_for())() == 1.0
    given.append((c_api_address(), fastreg.interop._C_API, id(cython_api.__pyx_capi__)))

threads = [threading.Thread(target=target, daemon=True) for target in (ask, compile) * 4]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(120)
tell(different=len(set(map(repr, given))), answers=len(given))
"""


def test_a_second_process_compiles_nothing_and_threads_are_given_one_table():
    first, second = (run("-c", ASK_AT_ONCE, cache=os.environ["FASTREG_CACHE_DIR"]) for _ in range(2))
    for told in (first, second):
        assert (told["answers"], told["different"]) == (8, 1)
        assert told["misses"] + told["hits"] == len(ENTRIES)
    assert second["misses"] == 0
