"""Proximal maps and projections of a vector: a few passes over it, no sort and no memory.

All are called with (x, parameter, out), where ``out`` may be ``x``. Sums are float64, added up in an order
that is written here, so that the bits do not depend on who calls. NaN in x or in the parameter makes every
number of the result NaN.
"""

import math

from fastreg.jit import elementwise, gather
from fastreg.numerics.thresholds import clipped, soft_threshold

# Squares that add up to something between these two have lost nothing; else powers of two bring them there.
_SMALL, _LARGE = 1e-280, 1e280
_DOWN, _UP = 2.0**-600, 2.0**600


@gather
def _sum_of_squares(x, scale):
    a = b = c = d = e = f = g = h = 0.0
    whole = x.size & ~7
    for i in range(0, whole, 8):
        p, q = float(x[i]) * scale, float(x[i + 1]) * scale
        r, s = float(x[i + 2]) * scale, float(x[i + 3]) * scale
        t, u = float(x[i + 4]) * scale, float(x[i + 5]) * scale
        v, w = float(x[i + 6]) * scale, float(x[i + 7]) * scale
        a += p * p
        b += q * q
        c += r * r
        d += s * s
        e += t * t
        f += u * u
        g += v * v
        h += w * w
    for i in range(whole, x.size):
        p = float(x[i]) * scale
        a += p * p
    return ((a + e) + (c + g)) + ((b + f) + (d + h))


@gather
def norm(x):
    """Return the L2 norm of a vector, also where its squares would overflow or vanish."""
    square = _sum_of_squares(x, 1.0)
    if square > _LARGE:
        return math.sqrt(_sum_of_squares(x, _DOWN)) * _UP
    if square < _SMALL:
        return math.sqrt(_sum_of_squares(x, _UP)) * _DOWN
    return math.sqrt(square)


@elementwise
def scaling(kept, length):
    """Return what multiplies a vector of this norm to give it the norm ``kept``."""
    if kept == length:  # both may be 0, or infinite
        return 1.0
    return kept / length if length > 0 else kept


@gather
def group_soft_threshold(x, threshold, out):
    """Write the minimiser over w of |w - x|**2 / 2 + threshold * |w|, in L2 norms: x made shorter, or 0."""
    length = norm(x)
    factor = scaling(soft_threshold(length, float(threshold)), length)
    for i in range(x.size):
        out[i] = float(x[i]) * factor + 0.0  # no zero with the sign of what it was


@elementwise
def _height(x, in_size):
    return abs(float(x)) if in_size else float(x)


@gather
def _largest(x, in_size):
    """Return the largest number or absolute value, NaN if there is one."""
    largest = -math.inf
    for i in range(x.size):
        height = _height(x[i], in_size)
        if height != height:
            return height
        largest = max(largest, height)
    return largest


@gather
def _above(x, in_size, top, bar):
    """Return the sum of heights above ``top`` of those that are above top + bar, and how many they are."""
    a = b = c = d = 0.0
    i = j = k = m = 0.0
    whole = x.size & ~3
    for n in range(0, whole, 4):
        p, q = _height(x[n], in_size) - top, _height(x[n + 1], in_size) - top
        r, s = _height(x[n + 2], in_size) - top, _height(x[n + 3], in_size) - top
        a += p if p > bar else 0.0
        b += q if q > bar else 0.0
        c += r if r > bar else 0.0
        d += s if s > bar else 0.0
        i += 1.0 if p > bar else 0.0
        j += 1.0 if q > bar else 0.0
        k += 1.0 if r > bar else 0.0
        m += 1.0 if s > bar else 0.0
    for n in range(whole, x.size):
        p = _height(x[n], in_size) - top
        a += p if p > bar else 0.0
        i += 1.0 if p > bar else 0.0
    return (a + b) + (c + d), (i + j) + (k + m)


@gather
def _waterline(x, in_size, top, total):
    """Return the bar, relative to ``top``, above which the heights add up to ``total``.

    Newton's method on a convex function of straight pieces, from the left, where it can only fall short: each
    step drops those that are below the new bar, and a step that drops nobody is exact (Michelot 1986; Condat
    2016 starts elsewhere). Heights are taken from the largest, so that huge ones lose nothing.
    """
    bar, count = -total, -1.0
    while True:
        depth, left = _above(x, in_size, top, bar)
        if left == count or left == 0:
            return bar
        count = left
        bar = max(bar, (depth - total) / count)


@gather
def _fill(out, value):
    for i in range(out.size):
        out[i] = value


@gather
def project_simplex(x, total, out):
    """Write the point nearest to x without negative entries that adds up to ``total`` (at least 0)."""
    total = float(total)
    top = _largest(x, False)
    if not total >= 0 or top != top:
        _fill(out, math.nan)
        return
    bar = _waterline(x, False, top, total)
    for i in range(x.size):
        out[i] = max(float(x[i]) - top - bar, 0.0)


@gather
def project_l1_ball(x, radius, out):
    """Write the point nearest to x whose absolute values add up to no more than ``radius``, at least 0."""
    radius = float(radius)
    top = _largest(x, True)
    if not radius >= 0 or top != top:
        _fill(out, math.nan)
        return
    size, _ = _above(x, True, 0.0, -1.0)
    if size <= radius:
        for i in range(x.size):
            out[i] = x[i]
        return
    bar = _waterline(x, True, top, radius)
    for i in range(x.size):
        out[i] = clipped(float(x[i]), max(abs(float(x[i])) - top - bar, 0.0))
