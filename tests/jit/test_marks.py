"""What each mark lets LLVM do, read from the code it makes; and that NaN and infinity keep their meaning."""

import platform
import re

import llvmlite.binding as llvm
import numpy as np
import pytest
from numba import config, njit

import fastreg
from fastreg import numerics
from fastreg.designs import Dense, Sparse
from fastreg.jit import elementwise, gather, reduction

MARKS = (elementwise, gather, reduction)

pytestmark = pytest.mark.skipif(config.DISABLE_JIT, reason="says something of compiled code only")
has_fma = platform.machine() in ("x86_64", "AMD64") and llvm.get_host_cpu_features().get("fma", False)
needs_fma = pytest.mark.skipif(not has_fma, reason="reads the instructions of x86-64 with FMA")


def dense():
    return Dense(np.random.default_rng(0).standard_normal((2, 1000)))


def sparse():
    rng = np.random.default_rng(0)
    indices = np.sort(rng.choice(1000, 301, replace=False)).astype(np.uint32)
    return Sparse(rng.standard_normal(301), indices, np.array([0, 301]))


def code_of(design):
    """Return LLVM's code and the machine's for the dot product of a design, and its value."""

    @njit(error_model="numpy")
    def dot(design, v):
        return design.dot(0, v)

    v = np.random.default_rng(1).standard_normal(1000)
    value = dot(design, v)
    return "".join(dot.inspect_llvm().values()), "".join(dot.inspect_asm().values()), value, v


def test_a_dense_dot_may_be_reordered():
    design = dense()
    code, assembly, value, v = code_of(design)
    assert re.search(r"fadd [a-z ]*reassoc", code)
    assert not re.search(r" (fast|nnan|ninf|afn) ", code)
    assert value == pytest.approx(design.values[0] @ v, rel=1e-12)
    if has_fma:
        assert re.search(r"vfmadd\w+pd", assembly)


def test_a_sparse_dot_keeps_its_order():
    design = sparse()
    code, assembly, value, v = code_of(design)
    assert "reassoc" not in code
    assert "gather" not in code
    assert "vgather" not in assembly
    assert value == pytest.approx(design.data @ v[design.indices], rel=1e-12)


@needs_fma
@pytest.mark.parametrize("function", [numerics.exp, numerics.sigmoid, numerics.log1pexp])
def test_loops_over_exponentials_are_vectorised(function):
    @njit(error_model="numpy")
    def each(x, out):
        for i in range(x.size):
            out[i] = function(x[i])

    x = np.linspace(-3, 3, 100)
    out = np.empty_like(x)
    each(x, out)
    assert re.search(r"vfn?madd\w+pd", "".join(each.inspect_asm().values()))
    assert out[0] == pytest.approx(function(-3.0), rel=1e-15)


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.__name__)
def test_not_a_number_and_infinity_survive(mark):
    @mark
    def total(x):
        result = 0.0
        for i in range(x.size):
            result += x[i]
        return result

    @mark
    def comparisons(x):
        return x != x, x == np.inf, x == -np.inf

    @mark
    def times_zero(x):
        return x * 0.0

    @njit
    def call(x, number):
        return total(x), comparisons(number), times_zero(number)

    x = np.arange(37.0)
    assert call(x, 2.0) == (x.sum(), (False, False, False), 0.0)
    for special in (np.inf, -np.inf):
        x[20] = special
        found, kind, zero = call(x, special)
        assert found == special
        assert kind == (False, special > 0, special < 0)
        assert np.isnan(zero)
    x[5] = np.inf  # inf - inf
    assert np.isnan(call(x, 0.0)[0])
    x[:] = 1.0
    x[36] = np.nan
    found, kind, zero = call(x, np.nan)
    assert np.isnan(found)
    assert kind == (True, False, False)
    assert np.isnan(zero)


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.__name__)
def test_a_marked_function_is_the_function_still(mark):
    def double(x):
        return 2 * x

    assert mark(double) is double
    assert double(3) == 6


@pytest.mark.parametrize("design", [dense(), sparse()], ids=lambda design: type(design).__name__)
def test_callers_have_no_say_in_the_bits(design):
    """The dot product and the exponentials have the bits of their own marks, whoever calls."""

    @fastreg.kernel
    def ours(design, v):
        return design.dot(0, v), numerics.log1p_of_unit(v[0] * v[0] * 1e-9), numerics.sigmoid(v[1])

    @njit(fastmath=True)
    def careless(design, v):
        return design.dot(0, v), numerics.log1p_of_unit(v[0] * v[0] * 1e-9), numerics.sigmoid(v[1])

    @njit
    def strict(design, v):
        return design.dot(0, v), numerics.log1p_of_unit(v[0] * v[0] * 1e-9), numerics.sigmoid(v[1])

    v = np.random.default_rng(2).standard_normal(1000)
    assert ours(design, v) == careless(design, v) == strict(design, v)
