r"""Degrees of freedom of a fit: how far its predictions follow the targets.

.. math:: df = \sum_i \frac{\partial\, prediction_i}{\partial\, target_i}
    = \mathrm{tr}\,[(X_A' D X_A + Q)^{-1} X_A' D X_A] + (1 \text{ for an intercept})

A are the weights that a small change of the targets moves, D holds the weighted curvatures of the loss, Q is
the second derivative of the penalty on A; X is centred under D for an intercept. Every penalty says A and Q
by its ``stiffness``. L1: Q = 0, so df is the number of non-zeros (Zou, Hastie, Tibshirani 2007; Tibshirani,
Taylor 2012); L2: the trace of the hat matrix; elastic net: that of the active columns (Zou 2005); norms of
groups: Q is the second derivative of the norm (Vaiter, Deledalle, Fadili, Peyre, Dossal 2017). For a squared
loss the expectation of df is Stein's; for other losses it is that of the last Newton step.
"""

import numpy as np
from scipy.linalg import LinAlgError, block_diag, cho_factor, cho_solve

from fastreg.jit import completed, kernel
from fastreg.solvers import block_columns
from fastreg.solvers.gram import Gram

_LARGEST = 4096  # columns, or rows, of a matrix that is factored
_COLUMNS_AT_ONCE = 256
_WITHIN_BOUNDS = 1.0, 1e-300, -1e-300  # one of them is within any bounds around 0
_RIDGE = 1e-12  # for columns that are alike or 0


@kernel
def _stiffnesses(penalty, coef, out):
    for j in range(coef.size):
        out[j] = penalty.stiffness(coef[j], j)


@kernel
def _stiffnesses_of_groups(penalty, members, starts, coef, norms, pulls, out):
    """Write norm, gradient and stiffness of every group."""
    for g in range(norms.size):
        norms[g] = block_columns.norm_of(coef, members, starts[g], starts[g + 1])
        pulls[g] = penalty.gradient(norms[g], g)
        out[g] = penalty.stiffness(norms[g], g)


class DegreesOfFreedom:
    """Those of the fits along a path; products of columns are kept from one to the next.

    Parameters
    ----------
    problem : Problem
        Also kept as an attribute.

    Raises
    ------
    TypeError
        If the penalty does not say its stiffness.
    """

    def __init__(self, problem):
        self.problem = problem
        self._gram = Gram(problem.has_intercept)
        penalty, needed = problem.penalty, "stiffness(weight, j)"
        if problem.has_blocks:
            needed = "stiffness(norm, g) and gradient(norm, g)"
        with np.errstate(all="ignore"):
            tried = [completed(penalty).stiffness(np.float64(weight), 0) for weight in _WITHIN_BOUNDS]
        known = not np.isnan(tried).any()
        if not known or (problem.has_blocks and not hasattr(type(penalty), "gradient")):
            raise TypeError(
                f"{type(penalty).__name__} does not say how many degrees of freedom its fits have: give it "
                f"{needed}, or choose by fastreg.cross_validate."
            )

    def of(self, state):
        """Return those of a certified state; NaN where it is no strict minimum.

        Raises
        ------
        ValueError
            If they are the trace of a matrix that is too large.
        """
        problem = self.problem
        moved, second = self._by_groups(state) if problem.has_blocks else self._by_weights(state)
        most = np.count_nonzero(problem.weights) - problem.has_intercept
        if np.any(second):
            trace = self._trace(state, moved, second)
        else:
            trace = float(min(moved.size, most))
        return trace + problem.has_intercept

    def _by_weights(self, state):
        """Return which weights move, and the diagonal of Q."""
        stiffness = np.empty_like(state.coef)
        _stiffnesses(self.problem.penalty, state.coef, stiffness)
        moved = np.flatnonzero(stiffness < np.inf)
        return moved, stiffness[moved]

    def _by_groups(self, state):
        """Return which weights move, and Q.

        Of phi(|w|) it is phi'' u u' + phi' / |w| (I - u u') with u = w / |w|.
        """
        partition = state.columns.partition
        norms, pulls, stiffness = np.empty((3, partition.sizes.size))
        parts = partition.members, partition.starts
        _stiffnesses_of_groups(self.problem.penalty, *parts, state.coef, norms, pulls, stiffness)
        moved, blocks = [], []
        for g in np.flatnonzero(stiffness < np.inf):
            members = partition.members[partition.starts[g] : partition.starts[g + 1]]
            unit = state.coef[members] / (norms[g] or 1.0)
            across = pulls[g] / norms[g] if norms[g] > 0 else stiffness[g]
            along = np.outer(unit, unit)
            blocks.append(stiffness[g] * along + across * (np.eye(members.size) - along))
            moved.append(members)
        if not moved:
            return np.empty(0, dtype=np.int64), np.empty((0, 0))
        return np.concatenate(moved), block_diag(*blocks)

    def _trace(self, state, moved, second):
        problem = self.problem
        n_samples = problem.y.size
        dual = second.ndim == 1 and moved.size > n_samples and np.all(second > 0)
        size = n_samples if dual else moved.size
        if size > _LARGEST:
            raise ValueError(
                f"The degrees of freedom are the trace of a matrix of {size} x {size}, above the limit of "
                f"{_LARGEST}: pass a penalty that makes more weights 0, or choose by fastreg.cross_validate."
            )
        problem.crew.limit_blas()
        if dual:
            products = self._products_of_rows(state, moved, second)
            return _trace_of_share(products, np.eye(n_samples))
        products, order = self._products_of_columns(state, moved)
        second = np.diag(second[order]) if second.ndim == 1 else second[np.ix_(order, order)]
        return _trace_of_share(products, second)

    def _products_of_columns(self, state, moved):
        """Return X_A' D X_A and the order that its columns are in."""
        problem = self.problem
        reader = problem.matrix.select(moved)
        curvatures = state.curvatures.copy()  # the matrix is kept with them, and the state goes on
        plan = self._gram.plan(reader, moved, curvatures)
        total = curvatures.sum()
        mass = reader.sums(curvatures)
        self._gram.follow(plan, curvatures, mass / total)
        order = plan.order
        return self._gram.block(problem.scale[moved[order]], mass[order], total), order

    def _products_of_rows(self, state, moved, second):
        """Return D^1/2 X_A Q^-1 X_A' D^1/2, which shares its eigenvalues with Q^-1 X_A' D X_A."""
        curvatures = state.curvatures
        roots = np.sqrt(curvatures)
        products = np.zeros((roots.size, roots.size))
        for start in range(0, moved.size, _COLUMNS_AT_ONCE):
            some = slice(start, start + _COLUMNS_AT_ONCE)
            block = state.dense_columns(moved[some])[: moved[some].size]
            if self.problem.has_intercept:
                block -= (block @ curvatures / curvatures.sum())[:, None]
            block *= roots
            block /= np.sqrt(second[some])[:, None]
            products += block.T @ block
        return products


def _trace_of_share(products, second):
    """Return tr[(G + Q)^-1 G]; NaN where G + Q is not positive definite."""
    both = products + second
    diagonal = both.diagonal()
    equal = 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    spread = np.outer(equal, equal)
    try:
        scaled = both * spread
        scaled[np.diag_indices(equal.size)] += _RIDGE
        factor = cho_factor(scaled, overwrite_a=True, check_finite=False)
    except LinAlgError:
        return np.nan
    return float(np.trace(cho_solve(factor, products * spread, check_finite=False)))
