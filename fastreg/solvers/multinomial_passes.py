"""Kernels over rows of predictions, one prediction per class; each block writes slots of its own."""

from typing import NamedTuple

import numpy as np

from fastreg.jit import elementwise, expose, kernel, reduction
from fastreg.solvers.passes import dot

expose("add")


@elementwise
def _clear(array):
    for k in range(array.size):
        array[k] = 0.0


@kernel
def wide_products(block, start, stop, design, positions, matrix, out):
    """Write vectors positions[start:stop] times a matrix."""
    for v in range(start, stop):
        design.dots(positions[v], matrix, out[v])


class _Moments(NamedTuple):
    """Adds up, over the entries x of a column, x and x**2 times a row of curvatures."""

    curvatures: np.ndarray
    mass: np.ndarray
    squares: np.ndarray

    def add(self, i, amount):
        row = self.curvatures[i]
        square = amount * amount
        for k in range(row.size):
            self.mass[k] += amount * row[k]
            self.squares[k] += square * row[k]


@kernel
def wide_moments(block, start, stop, design, positions, curvatures, mass, squares):
    """Write the sums of x and of x**2 times the curvatures of each class, column by column."""
    for v in range(start, stop):
        _clear(mass[v])
        _clear(squares[v])
        design.axpy_through(positions[v], 1.0, _Moments(curvatures, mass[v], squares[v]))


@elementwise
def _shifted(prediction, shift, out):
    for k in range(out.size):
        out[k] = prediction[k] + shift[k]


@reduction
def _scaled(row, weight, sums):
    """Multiply a row by a weight, add it to sums; return its sum of absolute values."""
    magnitude = 0.0
    for k in range(row.size):
        row[k] *= weight
        sums[k] += row[k]
        magnitude += abs(row[k])
    return magnitude


@kernel
def evaluate_wide_rows(block, start, stop, loss, y, weights, prediction, shift, slopes, partial):
    """Write the weighted slopes at prediction + shift.

    partial[block] = sums of the weighted loss and of absolute slopes, then of the slopes of each class.
    """
    sums = partial[block, 2:]
    _clear(partial[block])
    for i in range(start, stop):
        row = slopes[i]
        _shifted(prediction[i], shift, row)
        partial[block, 0] += weights[i] * loss.evaluate(y[i], row)
        partial[block, 1] += _scaled(row, weights[i], sums)


@kernel
def slack_wide_rows(block, start, stop, loss, y, weights, prediction, scale, partial):
    """Sum the Fenchel-Young slack of the loss at the dual point scale * slopes."""
    row = np.empty(prediction.shape[1])
    result = 0.0
    for i in range(start, stop):
        if weights[i] > 0:
            for k in range(row.size):
                row[k] = prediction[i, k]
            value = loss.evaluate(y[i], row)
            for k in range(row.size):
                row[k] *= scale
            result += weights[i] * (value + loss.conjugate(y[i], row) - dot(row, prediction[i]))
    partial[block, 0] = result


@kernel
def spread_rows(block, start, stop, loss, weights, slopes, out):
    """Write the diagonals of the Hessians of the rows."""
    for i in range(start, stop):
        for k in range(slopes.shape[1]):
            out[i, k] = loss.spread(weights[i], slopes[i, k])


@kernel
def couple_rows(block, start, stop, loss, y, weights, slopes, partial):
    """Sum the Hessians of the rows in a matrix of (n_classes, n_classes) per block."""
    for k in range(partial.shape[1]):
        _clear(partial[block, k])
    for i in range(start, stop):
        loss.couple(y[i], weights[i], slopes[i], partial[block])


@kernel
def curve_rows(block, start, stop, loss, y, weights, slopes, direction, shift, out, partial):
    """Write the Hessian of each row times (direction + shift), which direction becomes; sum the results."""
    sums = partial[block]
    _clear(sums)
    for i in range(start, stop):
        _shifted(direction[i], shift, direction[i])
        loss.curve(y[i], weights[i], slopes[i], direction[i], out[i])
        for k in range(sums.size):
            sums[k] += out[i, k]


@kernel
def smooth_wide_terms(block, start, stop, penalty, features, coef, gradient, curvatures):
    """Add the derivatives of the penalty to the gradient, write its second derivatives."""
    for m in range(start, stop):
        gradient[m] += penalty.gradient(coef[m], features[m])
        curvatures[m] = penalty.curvature(coef[m], features[m])


@kernel
def penalty_along(block, start, stop, penalty, features, coef, direction, step, partial):
    """Sum the penalty at coef + step * direction."""
    result = 0.0
    for m in range(start, stop):
        result += penalty.value(coef[m] + step * direction[m], features[m])
    partial[block, 0] = result
