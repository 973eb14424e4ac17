"""The universal functions are NumPy's own: dtypes, broadcasting, out, where, axes, overrides, pickles."""

import copy
import doctest
import pickle

import kernel_cases
import numba
import numpy as np
import pytest

from fastreg import kernels, numerics

pytestmark = pytest.mark.small

X = np.array([3.0, -0.5, -2.0, 0.0, 1.0, -1.0])
SOFT = np.array([2.0, 0.0, -1.0, 0.0, 0.0, 0.0])
PAIRS = np.array([[3.0, 4.0], [0.3, 0.4], [-6.0, 8.0]])
SHORTENED = np.array([[1.5, 2.0], [0.0, 0.0], [-4.5, 6.0]])


def call(case):
    return getattr(kernels, case.name)(case.x, *case.parameters)


@pytest.mark.parametrize("name", kernel_cases.NAMES)
def test_they_are_numpys_own(name):
    ufunc = getattr(kernels, name)
    assert isinstance(ufunc, np.ufunc)
    assert ufunc.__name__ == name
    assert [types[-1] for types in ufunc.types] == ["f", "d"]
    assert ufunc.signature == ("(n),()->(n)" if name in kernel_cases.VECTORS else None)
    assert all(word in ufunc.__doc__ for word in ("Return", "Parameters", "Returns", "Examples"))


@pytest.mark.parametrize("dtype", kernel_cases.DTYPES)
@pytest.mark.parametrize("name", kernel_cases.NAMES)
def test_they_are_the_functions_of_numerics(name, dtype):
    """To the last bit, but for the fused multiplications and additions that Python does not have."""
    function = getattr(numerics, name)
    for case in kernel_cases.cases(dtype):
        if case.name != name:
            continue
        found = call(case)
        assert found.dtype == dtype
        with np.errstate(all="ignore"):
            if name in kernel_cases.VECTORS:
                expected = np.empty_like(case.x)
                function(case.x, *case.parameters, expected)
            else:
                expected = np.array([function(number, *case.parameters) for number in case.x], dtype)
        np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", kernel_cases.DTYPES)
@pytest.mark.parametrize("name", kernel_cases.NAMES)
def test_bits_do_not_depend_on_the_layout(name, dtype):
    for case in kernel_cases.cases(dtype):
        if case.name != name:
            continue
        ufunc, expected = getattr(kernels, name), call(case)
        frozen = case.x.copy()
        frozen.flags.writeable = False
        spread = np.repeat(case.x, 3)[::3]
        out = np.zeros(2 * case.x.size + 1, dtype)[1::2]
        assert kernel_cases.same_bits(ufunc(spread, *case.parameters), expected)
        assert ufunc(frozen, *case.parameters, out=out) is out
        assert kernel_cases.same_bits(out, expected)
        in_place = case.x.copy()
        ufunc(in_place, *case.parameters, out=in_place)
        assert kernel_cases.same_bits(in_place, expected)
        if name not in kernel_cases.VECTORS:
            backwards = ufunc(case.x[::-1], *case.parameters)[::-1]
            many = [np.full(case.x.size, parameter) for parameter in case.parameters]
            assert kernel_cases.same_bits(backwards, expected)
            assert kernel_cases.same_bits(ufunc(case.x, *many), expected)
            in_place = case.x.copy()
            assert kernel_cases.same_bits(ufunc(in_place, *many, out=in_place), expected)


@pytest.mark.parametrize("name", kernels.__all__)
def test_examples_of_the_documentation(name):
    text = getattr(kernels, name).__doc__
    example = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
    assert example.examples
    report = []
    assert doctest.DocTestRunner().run(example, out=report.append).failed == 0, "".join(report)


def test_broadcasting():
    thresholds = np.array([[0.0], [1.0], [10.0]])
    found = kernels.soft_threshold(X, thresholds)
    assert found.tolist() == [X.tolist(), SOFT.tolist(), [0.0] * 6]
    assert kernels.prox_elastic_net(X[:, None], 1.0, np.array([0.0, 1.0])).tolist() == [
        [number, number / 2] for number in SOFT
    ]
    assert kernels.group_soft_threshold(PAIRS, [2.5, 0.0, 20.0]).tolist() == [
        [1.5, 2.0],
        [0.3, 0.4],
        [0.0, 0.0],
    ]
    assert kernels.soft_threshold(3.0, 1.0) == 2.0
    assert kernels.soft_threshold.outer([3.0, -3.0], [1.0, 2.0]).tolist() == [[2.0, 1.0], [-2.0, -1.0]]


@pytest.mark.parametrize("axis", [0, 1, -1, 2])
def test_vectors_along_any_axis(axis):
    x = np.random.default_rng(0).standard_normal((3, 4, 5))
    for name, parameter in kernel_cases.VECTORS.items():
        ufunc = getattr(kernels, name)
        expected = np.apply_along_axis(ufunc, axis, x, parameter)
        assert np.array_equal(ufunc(x, parameter, axes=[axis, (), axis]), expected)
        assert np.array_equal(ufunc(x.T, parameter, axes=[-1 - axis % 3, (), -1 - axis % 3]).T, expected)


def test_out_and_where():
    out = np.full(6, 7.0)
    assert kernels.soft_threshold(X, 1.0, out=out, where=X > 0) is out
    assert out.tolist() == [2.0, 7.0, 7.0, 7.0, 0.0, 7.0]
    out = np.full((2, 6), 7.0, np.float32)
    kernels.soft_threshold(X, 1.0, out=out, casting="same_kind")
    assert out.tolist() == [SOFT.tolist()] * 2


def test_arguments_that_overlap():
    x = np.arange(2000.0)
    kernels.soft_threshold(x[:-1], 1.0, out=x[1:])
    assert x.tolist() == [0.0, 0.0, *range(1998)]
    x = np.full(5, 3.0)
    assert kernels.soft_threshold(x, x, out=x).tolist() == [0.0] * 5
    thresholds = np.arange(5.0)
    assert kernels.soft_threshold(np.full(5, 3.0), thresholds, out=thresholds).tolist() == [3, 2, 1, 0, 0]


@pytest.mark.parametrize("kind", ["i1", "u4", "i8", "?", ">f8", ">f4", "f2"])
def test_numbers_of_other_kinds(kind):
    x = np.array([3, 0, 1, 2]).astype(kind)
    found = kernels.soft_threshold(x, 1.0)
    assert found.tolist() == kernels.soft_threshold(x.astype(float), 1.0).tolist()
    assert found.dtype == (np.float32 if kind in (">f4", "f2") else np.float64)


def test_memory_that_is_not_aligned():
    whole = np.zeros(6 * 8 + 1, np.uint8)[1:].view(float)
    whole[:] = X
    assert kernels.soft_threshold(whole, 1.0, out=whole).tolist() == SOFT.tolist()


@pytest.mark.parametrize("x", [np.ones(3, complex), np.array(["a"]), np.array([None, 1.0])])
def test_what_is_no_real_number_is_refused(x):
    with pytest.raises(TypeError):
        kernels.soft_threshold(x, 1.0)


def test_float32_with_pythons_numbers_stays_float32():
    assert kernels.soft_threshold(X.astype(np.float32), 1.0).dtype == np.float32
    assert kernels.soft_threshold(X.astype(np.float32), np.float64(1.0)).dtype == np.float64
    assert kernels.soft_threshold(X, 1.0, dtype=np.float32).dtype == np.float32


@pytest.mark.parametrize("name", kernel_cases.NAMES)
def test_they_never_warn(name):
    for dtype in kernel_cases.DTYPES:
        for case in kernel_cases.cases(dtype):
            if case.name == name:
                with np.errstate(all="raise"):
                    call(case)


def test_warnings_of_numpys_own_conversions_stay():
    # The second is more than is converted at once; in plain Python each number's errors are forgotten.
    for size in (2,) if numba.config.DISABLE_JIT else (2, 50_000):
        x = np.append(1e300, np.ones(size - 1))
        with np.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow"):
            kernels.soft_threshold(x, 1.0, dtype=np.float32, casting="same_kind")


class Labelled:
    """An array of somebody else's, as NumPy's protocol has it."""

    def __init__(self, numbers):
        self.numbers = numbers

    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        plain = (each.numbers if isinstance(each, Labelled) else each for each in inputs)
        return Labelled(getattr(ufunc, method)(*plain, **keywords))


def test_other_libraries_arrays():
    assert kernels.soft_threshold(Labelled(X), 1.0).numbers.tolist() == SOFT.tolist()
    assert kernels.group_soft_threshold(Labelled(PAIRS), 2.5).numbers == pytest.approx(SHORTENED)


def test_xarray():
    xarray = pytest.importorskip("xarray", reason="xarray")
    table = xarray.DataArray(PAIRS, dims=["group", "feature"], coords={"group": list("abc")})
    found = kernels.soft_threshold(table, 1.0)
    assert found.coords["group"].values.tolist() == list("abc")
    assert found.values.tolist() == kernels.soft_threshold(PAIRS, 1.0).tolist()
    found = xarray.apply_ufunc(
        kernels.group_soft_threshold,
        table.T,
        2.5,
        input_core_dims=[["feature"], []],
        output_core_dims=[["feature"]],
    )
    assert found.dims == ("group", "feature")
    assert found.values == pytest.approx(SHORTENED)


def test_dask():
    array = pytest.importorskip("dask.array", reason="dask")
    chunks = array.from_array(PAIRS, chunks=(2, 2))
    assert (
        kernels.soft_threshold(chunks, 1.0).compute().tolist() == kernels.soft_threshold(PAIRS, 1.0).tolist()
    )
    assert kernels.group_soft_threshold(chunks, 2.5).compute() == pytest.approx(SHORTENED)


@pytest.mark.parametrize("name", kernel_cases.NAMES)
def test_pickles_and_copies_are_the_same_object(name):
    ufunc = getattr(kernels, name)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(ufunc, protocol)) is ufunc
    assert copy.deepcopy(ufunc) is ufunc
    if hasattr(ufunc, "__dict__"):  # NumPy 2.2
        assert b"fastreg.kernels" in pickle.dumps(ufunc)


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="hard_threshold"):
        kernels.hard_threshold  # noqa: B018
    assert set(kernel_cases.NAMES) <= set(dir(kernels))
