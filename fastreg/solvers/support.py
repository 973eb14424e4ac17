"""Newton steps on the support of a quadratic plus a separable penalty: the active-set end of a solve.

Where the penalty is smooth, at weights that are not 0, the model is minimised by one linear system. Its
solution may change signs or leave the penalty's domain: then the best point on the way is taken, a weight
that stops at 0 or at the border leaves the support and its row the Cholesky factor, and the next system is
solved at the price of two triangles (feature-sign search, Lee, Battle, Raina, Ng 2007). The model falls at
every step, so nothing cycles.
"""

import numpy as np

from fastreg.jit import elementwise, kernel, stop_requested
from fastreg.solvers.passes import dot

_ROUNDING = 1e-15  # of the values that a second difference is made of


@elementwise
def add_row(amount, row, out):
    """Add amount * row to out."""
    for k in range(out.size):
        out[k] += amount * row[k]


@elementwise
def _reach(penalty, weight, j):
    """Return how far to both sides the penalty is looked at: some way to 0, within its domain."""
    width = 0.25 * abs(weight)
    above = penalty.prox(weight + width, 0.0, j) - weight
    below = weight - penalty.prox(weight - width, 0.0, j)
    return 0.5 * min(width, above, below)


@elementwise
def _slope(penalty, weight, j):
    """Return the derivative of the penalty by a central difference: exact where it is piecewise quadratic."""
    width = _reach(penalty, weight, j)
    return (penalty.value(weight + width, j) - penalty.value(weight - width, j)) / (2 * width)


@kernel
def curvatures_of(penalty, features, coef, curvatures):
    """Write the second difference of the penalty at each weight; infinity holds one at 0 or at a border."""
    for k in range(coef.size):
        j = features[k]
        width = _reach(penalty, coef[k], j)
        curvatures[k] = np.inf
        if width > 0:
            below, here = penalty.value(coef[k] - width, j), penalty.value(coef[k], j)
            above = penalty.value(coef[k] + width, j)
            rise = (above - here) - (here - below)
            # Next to 0 the difference is all rounding, which a square that small would blow up.
            is_seen = abs(rise) > _ROUNDING * (abs(below) + abs(here) + abs(above))
            curvatures[k] = rise / (width * width) if is_seen else 0.0


@elementwise
def _solve(factor, size, vector):
    """Overwrite vector with the solution of U'U x = vector; row k of ``factor`` holds U from k on."""
    for k in range(size):
        row = factor[k]
        vector[k] /= row[k]
        add_row(-vector[k], row[k + 1 : size], vector[k + 1 : size])
    for k in range(size - 1, -1, -1):
        row = factor[k]
        vector[k] = (vector[k] - dot(row[k + 1 : size], vector[k + 1 : size])) / row[k]


@elementwise
def delete(factor, size, position, members, scratch):
    """Delete a member and its row of U'U from the factor: close the gap, then add what the row held below."""
    rest = size - position - 1
    for k in range(rest):
        scratch[k] = factor[position, position + 1 + k]
    for i in range(position):
        row = factor[i]
        for k in range(position, size - 1):
            row[k] = row[k + 1]
    for i in range(position, size - 1):
        target, source = factor[i], factor[i + 1]
        for k in range(i, size - 1):
            target[k] = source[k + 1]
    for i in range(rest):
        row = factor[position + i, position + i : size - 1]
        x = scratch[i:rest]
        length = (row[0] * row[0] + x[0] * x[0]) ** 0.5
        cosine, sine = row[0] / length, x[0] / length
        for k in range(row.size):
            kept = row[k]
            row[k] = cosine * kept + sine * x[k]
            x[k] = cosine * x[k] - sine * kept
    for k in range(position, size - 1):
        members[k] = members[k + 1]


@elementwise
def _along(penalty, features, coef, direction, time, stopped, at):
    """Return the change of the penalty at coef + time * direction, where weight ``stopped`` is ``at``."""
    result = 0.0
    for k in range(features.size):
        if direction[k] != 0:
            weight = at if k == stopped else coef[k] + time * direction[k]
            result += penalty.value(weight, features[k]) - penalty.value(coef[k], features[k])
    return result


@elementwise
def _stop(penalty, weight, wanted, j):
    """Return where a weight on its way stops: at 0, at the border of the domain, or where it is wanted."""
    if weight * wanted < 0:
        return 0.0
    if penalty.value(wanted, j) == np.inf:
        return penalty.prox(wanted, 0.0, j)
    return wanted


@elementwise
def _move(coef, direction, image, gradient, time, stopped, at):
    for k in range(coef.size):
        coef[k] = at if k == stopped else coef[k] + time * direction[k]
        gradient[k] += time * image[k]


@kernel
def factorise(system):
    """Overwrite the upper triangle of a small symmetric matrix by U of U'U; return whether it could be."""
    for k in range(system.shape[0]):
        row = system[k]
        if not row[k] > 0:
            return False
        root = row[k] ** 0.5
        for i in range(k, row.size):
            row[i] /= root
        for i in range(k + 1, row.size):
            add_row(-row[i], row[i:], system[i, i:])
    return True


@kernel
def finish(factor, size, members, matrix, gradient, features, penalty, coef, abort):
    """Take Newton steps until the signs are those of the minimum or no step lowers the model.

    Parameters
    ----------
    factor : array of (most, most)
        U of the Cholesky factor U'U of the system, upper triangle of its first ``size`` rows; loses those
        of members that stop at 0 or at a border.
    size : int
    members : int array
        The positions that move, ``size`` of them; loses those that stop.
    matrix, gradient, features, penalty, coef
        As for `quadratic.sweep`.
    abort : int64 array

    Returns
    -------
    size, solved : int
        How many members are left, and how many systems were solved.
    """
    vector = np.empty(size)
    scratch = np.empty(size)
    direction = np.empty(coef.size)
    image = np.empty(coef.size)
    solved = 0
    while size > 0:
        if stop_requested(abort):
            break
        for k in range(size):
            m = members[k]
            vector[k] = -gradient[m] - _slope(penalty, coef[m], features[m])
        _solve(factor, size, vector[:size])
        solved += 1
        for k in range(coef.size):
            direction[k] = 0.0
            image[k] = 0.0
        slope = 0.0
        for k in range(size):
            m = members[k]
            direction[m] = vector[k]
            slope += vector[k] * gradient[m]
            add_row(vector[k], matrix[m], image)
        bend = 0.5 * dot(direction, image)
        best = slope + bend + _along(penalty, features, coef, direction, 1.0, -1, 0.0)
        time, stopped, at, clean = 1.0, -1, 0.0, True
        for k in range(size):
            m = members[k]
            wanted = coef[m] + direction[m]
            end = _stop(penalty, coef[m], wanted, features[m])
            if end != wanted:
                clean = False
                t = (end - coef[m]) / direction[m]
                value = t * slope + t * t * bend + _along(penalty, features, coef, direction, t, m, end)
                if not value >= best:
                    best, time, stopped, at = value, t, m, end
        if not best <= 0:
            break
        _move(coef, direction, image, gradient, time, stopped, at)
        if clean or best == 0:
            break
        if stopped < 0:
            continue  # signs have changed, and the best point is beyond all of them
        position = 0
        while members[position] != stopped:
            position += 1
        delete(factor, size, position, members, scratch)
        size -= 1
    return size, solved
