"""The forms in which a kernel is called from C: over vectors, and as SciPy's callbacks.

There is one of each for every number of parameters, because a C function has a fixed number of arguments.
Those over vectors return 0, or -k where the k-th argument is wrong. Each has its loop twice: where x
is out, a compiler that is not told so expects what was written to be read again, and does not vectorise.
"""

import math

from numba import carray

from fastreg.jit import address, elementwise


@elementwise
def _wrong_vectors(x, n, out, place_of_out):
    """Return the status of two vectors of n numbers, by their addresses."""
    if n < 0:
        return -2
    if n > 0 and x == 0:
        return -1
    if n > 0 and out == 0:
        return -place_of_out
    return 0


def _without_parameter(function):
    def form(x, n, out):
        status = _wrong_vectors(address(x), n, address(out), 3)
        if status == 0:
            if address(x) == address(out):
                for i in range(n):
                    out[i] = function(out[i])
            else:
                for i in range(n):
                    out[i] = function(x[i])
        return status

    return form


def _with_one_parameter(function, least):
    def form(x, n, parameter, out):
        status = _wrong_vectors(address(x), n, address(out), 4)
        if not parameter >= least:
            status = -3
        if status == 0:
            if address(x) == address(out):
                for i in range(n):
                    out[i] = function(out[i], parameter)
            else:
                for i in range(n):
                    out[i] = function(x[i], parameter)
        return status

    return form


def _with_two_parameters(function, least_first, least_second):
    def form(x, n, first, second, out):
        status = _wrong_vectors(address(x), n, address(out), 5)
        if not second >= least_second:
            status = -4
        if not first >= least_first:
            status = -3
        if status == 0:
            if address(x) == address(out):
                for i in range(n):
                    out[i] = function(out[i], first, second)
            else:
                for i in range(n):
                    out[i] = function(x[i], first, second)
        return status

    return form


def of_each_number(function, *least):
    """Return a C function (x, n, parameters, out) that calls ``function`` on every number of a vector.

    Parameters
    ----------
    function : function
        Of a number and its parameters.
    least : float
        The least that each parameter may be.
    """
    return (_without_parameter, _with_one_parameter, _with_two_parameters)[len(least)](function, *least)


def of_the_vector(function, least):
    """Return a C function (x, n, parameter, out) that calls ``function`` on two whole vectors."""

    def form(x, n, parameter, out):
        status = _wrong_vectors(address(x), n, address(out), 4)
        if not parameter >= least:
            status = -3
        if status == 0 and n > 0:
            function(carray(x, n), parameter, carray(out, n))
        return status

    return form


def _callback_without_parameter(function):
    return lambda n, numbers: function(numbers[0]) if n >= 1 else math.nan


def _callback_with_one_parameter(function):
    return lambda n, numbers: function(numbers[0], numbers[1]) if n >= 2 else math.nan


def _callback_with_two_parameters(function):
    return lambda n, numbers: function(numbers[0], numbers[1], numbers[2]) if n >= 3 else math.nan


def as_callback(function, n_parameters):
    """Return a C function (n, numbers) that calls ``function`` on x and its parameters.

    SciPy hands the arguments of an integrand over in this way. NaN says that some are missing.
    """
    forms = (_callback_without_parameter, _callback_with_one_parameter, _callback_with_two_parameters)
    return forms[n_parameters](function)
