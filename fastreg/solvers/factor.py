"""The Cholesky factor of a support that changes little: rows leave it and join it.

From one strength to the next, and from one Newton step to the next, a few weights become 0 or stop being 0.
A row that leaves or joins costs two triangles, where a new factor of a by a costs a / 6 of them.
"""

import numpy as np

from fastreg.jit import elementwise, kernel
from fastreg.solvers.passes import dot
from fastreg.solvers.support import add_row, curvatures_of, delete

RIDGE = 1e-13  # added to the diagonal, as a share of it per row: copies of columns leave a factor
_FEW = 16  # rows that leave or join for less than a new factor costs
_FEW_PER_ROW = 0.1  # and so many for each that stays
_SAME = 1e-7  # of its diagonal entry, by which the curvature of a penalty may differ from that of the factor


class Factor:
    """U of U'U = G + the curvatures of the penalty, over some coordinates of a model.

    Attributes
    ----------
    rows : array of (most, most)
        The upper triangle of the first ``size`` rows and columns.
    members : int array of n_coordinates
        Whose rows they are.
    curvatures : array of n_coordinates
        Of the penalty, at the members.
    size : int
    """

    def __init__(self, n_coordinates):
        self.members = np.empty(n_coordinates, dtype=np.int64)
        self.curvatures = np.empty(n_coordinates)
        self.forget()

    def forget(self):
        """Hold nothing."""
        self.rows, self.size = np.empty((0, 0)), 0

    def take(self, rows, members, curvatures):
        """Take a factor that was made anew."""
        self.rows, self.size = rows, members.size
        self.members[: members.size] = members
        self.curvatures[members] = curvatures


@elementwise
def _append(factor, size, members, row, curvature, join):
    """Write the column of a joining member into the factor; return whether it is independent of the rest."""
    column = np.empty(size)
    for k in range(size):
        column[k] = row[members[k]]
    for k in range(size):
        column[k] /= factor[k, k]
        add_row(-column[k], factor[k, k + 1 : size], column[k + 1 :])
    diagonal = (row[join] + curvature) * (1 + RIDGE * row.size)
    rest = diagonal - dot(column, column)
    if not rest > 0.5 * RIDGE * row.size * diagonal:
        return False
    for k in range(size):
        factor[k, size] = column[k]
    factor[size, size] = rest**0.5
    members[size] = join
    return True


@elementwise
def _with_room(factor, size, most):
    """Return the factor in an array of so many rows: of those not in use none is ever touched."""
    result = np.empty((most, most))
    for k in range(size):
        for i in range(k, size):
            result[k, i] = factor[k, i]
    return result


@kernel
def adapt(factor, size, members, kept, matrix, features, penalty, steps, coef):
    """Let the factor be that of the weights that are not 0 and can move, where few of them are others.

    Parameters
    ----------
    factor, size, members, kept
        Of a `Factor`: its rows, size, members, curvatures.
    matrix, features, penalty, steps, coef
        As for `quadratic.sweep`.

    Returns
    -------
    factor, size
        The rows may be in another array.
    bool
        Whether it is so; else nothing has changed. A row that depends on others is left out.
    """
    count = coef.size
    curvatures = np.empty(count)
    curvatures_of(penalty, features, coef, curvatures)
    missing = np.zeros(count, dtype=np.bool_)
    joining, leaving = 0, 0
    for k in range(count):
        missing[k] = steps[k] > 0 and curvatures[k] < np.inf
        joining += missing[k]
    for k in range(size):
        m = members[k]
        if missing[m] and abs(curvatures[m] - kept[m]) <= _SAME * matrix[m, m]:
            missing[m] = False
            joining -= 1
        else:
            leaving += 1
    if joining + leaving > max(_FEW, _FEW_PER_ROW * (size - leaving)):
        return factor, size, False
    scratch = np.empty(size)
    if leaving > 0:
        for k in range(size - 1, -1, -1):
            m = members[k]
            if missing[m] or not curvatures[m] < np.inf:
                delete(factor, size, k, members, scratch)
                size -= 1
    if size + joining > factor.shape[0]:
        factor = _with_room(factor, size, count)
    for k in range(count):
        if missing[k] and _append(factor, size, members, matrix[k], curvatures[k], k):
            kept[k] = curvatures[k]
            size += 1
    return factor, size, True
