"""The inner loops of NumPy's universal functions, each with a path for contiguous arrays that vectorises.

A loop is called as (addresses of the arguments, lengths, steps in bytes, nothing). It has its contiguous path
twice: where an argument is the result, a compiler that is not told so expects what was written to be read
again, and does not vectorise.
"""

import inspect

import numpy as np

from fastreg.jit.marks import gather
from fastreg.jit.memory import forget_errors, raised_errors, strided, vector


def _of_one(function, number):
    size = np.dtype(number).itemsize

    @gather
    def each(x, out):
        for i in range(out.size):
            out[i] = function(x[i])

    @gather
    def in_place(out):
        for i in range(out.size):
            out[i] = function(out[i])

    def loop(arguments, lengths, steps, _):
        before = raised_errors()
        n = lengths[0]
        if steps[0] == size and steps[1] == size:
            out = vector(arguments[1], n, number)
            if arguments[0] == arguments[1]:
                in_place(out)
            else:
                each(vector(arguments[0], n, number), out)
        else:
            each(strided(arguments[0], n, steps[0], number), strided(arguments[1], n, steps[1], number))
        forget_errors(before)
        return 0

    return loop


def _of_two(function, number):
    size = np.dtype(number).itemsize

    @gather
    def each(x, p, out):
        for i in range(out.size):
            out[i] = function(x[i], p[i])

    @gather
    def each_with_one(x, p, out):
        for i in range(out.size):
            out[i] = function(x[i], p)

    @gather
    def in_place(p, out):
        for i in range(out.size):
            out[i] = function(out[i], p)

    def loop(arguments, lengths, steps, _):
        before = raised_errors()
        n = lengths[0]
        if steps[0] == size and steps[2] == size and (steps[1] == 0 or steps[1] == size):
            out = vector(arguments[2], n, number)
            if steps[1] == 0:
                p = vector(arguments[1], 1, number)[0]
                if arguments[0] == arguments[2]:
                    in_place(p, out)
                else:
                    each_with_one(vector(arguments[0], n, number), p, out)
            else:
                each(vector(arguments[0], n, number), vector(arguments[1], n, number), out)
        else:
            each(
                strided(arguments[0], n, steps[0], number),
                strided(arguments[1], n, steps[1], number),
                strided(arguments[2], n, steps[2], number),
            )
        forget_errors(before)
        return 0

    return loop


def _of_three(function, number):
    size = np.dtype(number).itemsize

    @gather
    def each(x, p, q, out):
        for i in range(out.size):
            out[i] = function(x[i], p[i], q[i])

    @gather
    def each_with_one(x, p, q, out):
        for i in range(out.size):
            out[i] = function(x[i], p, q)

    @gather
    def in_place(p, q, out):
        for i in range(out.size):
            out[i] = function(out[i], p, q)

    def loop(arguments, lengths, steps, _):
        before = raised_errors()
        n = lengths[0]
        if steps[0] == size and steps[3] == size and steps[1] == 0 and steps[2] == 0:
            p = vector(arguments[1], 1, number)[0]
            q = vector(arguments[2], 1, number)[0]
            out = vector(arguments[3], n, number)
            if arguments[0] == arguments[3]:
                in_place(p, q, out)
            else:
                each_with_one(vector(arguments[0], n, number), p, q, out)
        else:
            each(
                strided(arguments[0], n, steps[0], number),
                strided(arguments[1], n, steps[1], number),
                strided(arguments[2], n, steps[2], number),
                strided(arguments[3], n, steps[3], number),
            )
        forget_errors(before)
        return 0

    return loop


def of_numbers(function, number):
    """Return the loop that calls ``function`` on one number of each argument.

    Parameters
    ----------
    function : function
        Of one, two or three numbers.
    number : np.float32 or np.float64
    """
    return (_of_one, _of_two, _of_three)[len(inspect.signature(function).parameters) - 1](function, number)


def of_vectors(function, number):
    """Return the loop over vectors that calls ``function`` with (x, parameter, out)."""
    size = np.dtype(number).itemsize

    def loop(arguments, lengths, steps, _):
        before = raised_errors()
        n = lengths[1]
        x, p, out = arguments[0], arguments[1], arguments[2]
        contiguous = steps[3] == size and steps[4] == size
        for _row in range(lengths[0]):
            parameter = vector(p, 1, number)[0]
            if contiguous:
                function(vector(x, n, number), parameter, vector(out, n, number))
            else:
                function(strided(x, n, steps[3], number), parameter, strided(out, n, steps[4], number))
            x, p, out = x + steps[0], p + steps[1], out + steps[2]
        forget_errors(before)
        return 0

    return loop
