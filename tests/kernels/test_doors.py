"""The same numbers, bit for bit, from universal functions, compiled code, array functions and terms."""

import kernel_cases
import numba
import numpy as np
import pytest
from kernel_cases import same_bits

from fastreg import kernels


@numba.njit
def one_by_one(x, p, out):
    for i in range(x.size):
        out[0, i] = kernels.soft_threshold(x[i], p[0])
        out[1, i] = kernels.shrink(x[i], p[1])
        out[2, i] = kernels.prox_elastic_net(x[i], p[2], p[3])
        out[3, i] = kernels.firm_threshold(x[i], p[4], p[5])
        out[4, i] = kernels.scad_threshold(x[i], p[6], p[7])
        out[5, i] = kernels.sigmoid(x[i])
        out[6, i] = kernels.log1pexp(x[i])


@numba.njit
def whole_arrays(x, p):
    return kernels.soft_threshold(x, p[0]), kernels.prox_elastic_net(x, p[2], p[3]), kernels.sigmoid(x)


@numba.njit
def whole_vectors(x, p, out):
    out[0] = kernels.group_soft_threshold(x, p[0])
    out[1] = kernels.project_simplex(x, p[1])
    kernels.project_l1_ball(x, p[2], out[2])


def expected(case):
    return getattr(kernels, case.name)(case.x, *case.parameters)


@pytest.mark.small
@pytest.mark.parametrize("dtype", kernel_cases.DTYPES)
def test_numbers_in_compiled_code_of_others(dtype):
    cases = [case for case in kernel_cases.cases(dtype) if case.name in kernel_cases.NUMBERS]
    x = cases[0].x
    parameters = np.array([each for case in cases for each in case.parameters], dtype)
    out = np.empty((len(cases), x.size), dtype)
    with np.errstate(all="ignore"):
        one_by_one(x, parameters, out)
    assert [
        case.name for case, row in zip(cases, out, strict=True) if not same_bits(row, expected(case))
    ] == []
    arrays = dict(
        zip(("soft_threshold", "prox_elastic_net", "sigmoid"), whole_arrays(x, parameters), strict=True)
    )
    assert [
        case.name for case in cases if not same_bits(arrays.get(case.name, expected(case)), expected(case))
    ] == []


@pytest.mark.small
@pytest.mark.parametrize("dtype", kernel_cases.DTYPES)
def test_vectors_in_compiled_code_of_others(dtype):
    parameters = np.array(list(kernel_cases.VECTORS.values()), dtype)
    for x in kernel_cases.vectors(dtype):
        out = np.empty((3, x.size), dtype)
        whole_vectors(x, parameters, out)
        for row, (name, parameter) in zip(out, kernel_cases.VECTORS.items(), strict=True):
            assert same_bits(row, getattr(kernels, name)(x, dtype(parameter))), name


# Not in plain Python, where a term rounds to float32 after each operation.
@pytest.mark.parametrize("dtype", kernel_cases.DTYPES)
def test_terms_over_arrays(dtype):
    seen = set()
    for case in kernel_cases.cases(dtype):
        term = kernel_cases.terms(case)
        if term is None or case.x.size == 0:
            continue
        if case.name == "sigmoid":
            found = kernels.gradient(term, case.x, y=-np.ones_like(case.x))
        elif case.name == "log1pexp":
            found = np.array([kernels.value(term, [x], y=[-1.0]) for x in case.x.tolist()]).astype(dtype)
        else:
            found = kernels.prox(term, case.x, 1.0)
        assert same_bits(found, expected(case)), case.name
        seen.add(case.name)
    assert seen == {
        "soft_threshold",
        "shrink",
        "prox_elastic_net",
        "sigmoid",
        "log1pexp",
        "group_soft_threshold",
    }
