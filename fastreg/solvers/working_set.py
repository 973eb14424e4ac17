"""Proximal Newton over working sets, with coordinate descent inside.

Outer round: one fused pass over all columns gives the certificate and the columns that violate
optimality most; they join the support in the working set. Inner rounds: a quadratic model of the
loss at the current prediction, coordinate descent on it, a step that decreases the objective. For a
quadratic loss the model is exact, and the inner rounds are coordinate descent on the objective itself.
"""

import numpy as np

from fastreg.solvers import passes
from fastreg.solvers.columns import Columns
from fastreg.solvers.coordinate import EPOCHS, READS, SHIFT, UPDATES, descend
from fastreg.solvers.proximal_newton import InnerRounds, choose
from fastreg.solvers.quadratic import Quadratic

FIRST_SIZE = 100  # columns of the first working set
_INNER_SHARE = 0.1  # a working set is solved to this share of the gap over all columns, or less
_NEAR = 0.05  # how far below its critical strength a penalty holds a weight that may well move
_MODEL_SHARE = 0.1  # a model is solved until its violations have fallen to this share
_EXACT = 1e-6  # and to this one if it is quadratic and sweeps cost little beside a pass over X
_CHEAP = 64  # entries of X to one of the Gram matrix from which on they do
_SMALL = 1 << 20  # entries of an X beside which they do anyway
_LARGEST_GRAM = 4096
_COPIES = 3  # of a Gram matrix: itself, the one of the support, and the factor
_DEAR = 8  # twice the times that descent may read X from one certificate to the next, if that spares memory
_WALKS = 4  # over a Gram matrix, for the copies that a model makes of it
_CALLS = 1_000_000  # what a model costs beside the work: half a millisecond, in entries of a coordinate step
_TRIFLE = 200_000  # work that is not worth a thought
_CREDIT = 6  # epochs of coordinate descent that a Gram matrix may cost beyond what descent has cost
_KERNEL_WORK = 4_000_000_000  # element operations of one call of the kernel, which hears the abort word


def improve(state, tol, previous):
    """Run one outer round; return the working set.

    Parameters
    ----------
    state : State
        Certified; improved in place.
    tol : float
        The gap that is wanted in the end.
    previous : int array or None
        A working set whose columns stay, because the gap did not fall.
    """
    scores, support = state.columns.scores, (state.coef != 0) | state.problem.free
    features = choose(scores, support, previous, first=FIRST_SIZE, growth=2, near=_NEAR)
    fresh = np.any((state.coef[features] == 0) & (scores[features] > 0))
    share = min(_INNER_SHARE, state.gap)  # as Newton's steps converge
    target = max(share * state.gap, 0.5 * tol) if fresh else 0.5 * tol
    _WorkingSet(state, features).solve(target)
    return features


class _WorkingSet(InnerRounds):
    """The problem over the columns of one working set, its models solved in one of two ways."""

    def __init__(self, state, features):
        self.reader = state.problem.matrix.select(features)
        columns = Columns(state.problem, features, self.reader, state.coef[features])
        super().__init__(state, columns, features)
        self.moments_at = None  # curvatures the column moments were computed for
        self.gradient_known = False  # whether the columns' gradient is that at the present weights

    def _score(self):
        """Score the columns, by a pass over them where their gradient is not known."""
        if self.gradient_known:
            self.columns.rescore()
        else:
            super()._score()

    def _newton_round(self, penalty):
        """Minimise the model, then step towards its minimum; return whether anything changed."""
        state, columns = self.state, self.columns
        curvatures = state.gram.settle(self._curvatures())
        plan = self._plan(curvatures)
        self.problem.counter.newton_steps += 1
        gradient = columns.gradient.copy()
        if plan is None:
            coef, change, shift = self._descend(curvatures)
        else:
            coef, change, shift = self._descend_on_gram(plan, curvatures, gradient)
        if not np.any(coef != columns.coef):
            return False
        step = self._search(coef - columns.coef, change, shift, penalty)
        self.gradient_known = plan is not None and self.problem.is_quadratic and step == 1
        if self.gradient_known:
            columns.gradient[:] = gradient  # the model is the loss
        return step > 0

    def _curvatures(self):
        """Return the curvatures of the model, one number where they are all the same."""
        first = self.state.curvatures[0]
        if self.problem.uniform and first > 0 and np.all(self.state.curvatures == first):
            return float(first)
        if self.problem.is_quadratic:
            return self.state.curvatures  # 0 in rows of weight 0
        return self.state.model_curvatures(self.damping)

    def _plan(self, curvatures):
        """Return how to get a Gram matrix, or None while coordinate descent has not cost as much as one."""
        state, size = self.state, self.columns.features.size
        if size > _LARGEST_GRAM or not self._has_room_for(size):
            return None
        epochs = _CREDIT if self.problem.is_quadratic else 2 * _CREDIT  # there are several models to come
        credit = state.descent_cost + max(epochs * 2 * self.reader.n_entries, _TRIFLE)
        if self.stalled:
            credit = np.inf  # where descent gets no further Newton's steps may
        # Its copies are walked some times, and a loss that is not quadratic pays with every model anew, for
        # the calls around it too.
        upkeep = _WALKS * size * size + (0 if self.problem.is_quadratic else _CALLS)
        if upkeep > credit:
            return None
        plan = state.gram.plan(self.reader, self.columns.features, curvatures)
        cost = plan.cost(credit - upkeep)
        if cost + upkeep > credit:
            return None
        if cost < _CALLS and not self.problem.is_quadratic:
            state.descent_cost -= _CALLS
        return plan

    def _has_room_for(self, size):
        """Return whether a Gram matrix of so many columns fits into memory, or is too dear to do without."""
        state, problem = self.state, self.problem
        most = problem.matrix.spare_bytes / (8 * _COPIES)  # entries
        if size**2 <= most or state.gram.features.size**2 > most:  # there is one already
            return True
        return state.descent_cost > _DEAR * problem.matrix.nnz * problem.counter.rounds

    def _descend_on_gram(self, plan, curvatures, gradient):
        """Minimise the model by its Gram matrix; return weights, and the changes of prediction and intercept.

        The gradient becomes the model's at the new weights.
        """
        problem, columns, gram, order = self.problem, self.columns, self.state.gram, plan.order
        total = curvatures * problem.y.size if np.ndim(curvatures) == 0 else curvatures.sum()
        mass = self.reader.sums(curvatures) if problem.has_intercept else np.zeros(order.size)
        mean, scale = mass / total, columns.scale[order]
        gram.follow(plan, curvatures, mean)
        matrix = gram.block(scale, mass[order], total)
        steps = _inverse(np.diag(matrix), scale**2 * (mass * mean)[order])
        cheap = _CHEAP * order.size**2 <= max(problem.matrix.nnz, _SMALL)
        share = _EXACT if problem.is_quadratic and cheap else _MODEL_SHARE
        coef, slopes = columns.coef[order], gradient[order]
        Quadratic(problem, matrix, plan.features, steps).minimise(coef, slopes, share)
        found = np.empty_like(coef)
        found[order], gradient[order] = coef, slopes
        shift = -passes.inner_product(mean, columns.scale * (found - columns.coef))
        return found, self._change_of_prediction(found, shift), shift

    def _change_of_prediction(self, coef, shift):
        """Return what other weights, and a shift of the intercept, add to the prediction."""
        change = np.empty_like(self.state.prediction)
        self.reader.combination(self.columns.scale * (coef - self.columns.coef), change)
        change += shift
        return change

    def _measure(self, curvatures):
        """Set steps, mass and mean of the columns for a model of these curvatures."""
        if self.moments_at is not None and np.array_equal(self.moments_at, curvatures):
            return
        problem, scale = self.problem, self.columns.scale
        total = curvatures * problem.y.size if np.ndim(curvatures) == 0 else curvatures.sum()
        mass, squares = self.reader.moments(curvatures, total, float(problem.has_intercept))
        if not problem.has_intercept:
            mass[:] = 0
        self.mass, self.mean = mass, mass / total
        self.steps = _inverse(scale**2 * squares, scale**2 * mass * self.mean)
        self.moments_at = curvatures

    def _descend(self, curvatures):
        """Minimise the model by coordinate descent on the slopes; return as `_descend_on_gram`."""
        problem, state, columns, reader = self.problem, self.state, self.columns, self.reader
        self._measure(curvatures)
        coef = columns.coef.copy()
        slopes = state.slopes.copy()
        report = np.zeros(5)
        cost = 2 * reader.n_entries + 10 * coef.size
        epochs = max(1, min(100, _KERNEL_WORK // cost))
        problem.crew.alone(
            descend, epochs * cost,
            reader.design, reader.positions, columns.features, reader.entries, problem.penalty, curvatures,
            self.steps, columns.scale, self.mass, self.mean, coef, slopes, report, epochs, _MODEL_SHARE,
            problem.crew.abort,
        )  # fmt: skip
        problem.counter.epochs += int(report[EPOCHS])
        problem.counter.coordinate_updates += int(report[UPDATES])
        problem.matrix.count_entries(int(report[READS]))
        state.descent_cost += 2 * int(report[READS])
        shift = report[SHIFT] if problem.has_intercept else 0.0
        if np.all(curvatures):
            return coef, (slopes - state.slopes) / curvatures + shift, shift
        return coef, self._change_of_prediction(coef, shift), shift


def _inverse(squares, offset):
    """Return 1 / squares; 0 where a column is constant up to rounding: no telling it from the intercept."""
    usable = squares > 1e-26 * offset + np.finfo(np.float64).tiny
    return np.where(usable, 1.0 / np.where(usable, squares, 1.0), 0.0)
