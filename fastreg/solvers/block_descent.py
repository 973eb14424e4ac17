"""Proximal Newton over working sets of groups, with exact block coordinate descent inside.

Outer round: one pass over all columns gives the certificate and the groups that violate optimality most;
they join the groups that are not 0 in the working set. Inner rounds: a quadratic model of the loss, solved by
`block_kernels.descend`, and a step that decreases the objective. A quadratic loss is its own model: one
inner round solves the working set.
"""

import numpy as np

from fastreg.solvers import line_search, passes
from fastreg.solvers.block_kernels import EPOCHS, UPDATES, descend, gap_of_blocks, penalty_of_blocks
from fastreg.solvers.block_models import model_of
from fastreg.solvers.solution import CertificateKind

_INNER_SHARE = 1e-2  # a working set is solved to this share of the gap over all groups
_CHEAP_EPOCHS = 20  # where so many epochs cost no more than a pass over X, it is solved as far as is wanted
_ROUND_WORK = 1_000_000  # element operations in the time of a round without its pass
_MODEL_SHARE = 0.1  # the model of a loss that is not quadratic, to this share of the working set's gap
_FIRST_COLUMNS = 100
_MOST_INNER_ROUNDS = 100
_PATIENCE = 5
_STALE = 0.1  # while no row's curvature moves by more the model stays; the objective judges its steps
_KERNEL_WORK = 4_000_000_000  # element operations of one call of the kernel, which hears the abort word


def improve(state, tol, previous):
    """Run one outer round; return the working set's groups. Arguments as in `working_set.improve`."""
    groups = choose(state, previous)
    target = 0.5 * tol
    if groups.size < state.columns.scores.size:
        target = max(_INNER_SHARE * state.gap, target)
    working_set = _WorkingSet(state, groups)
    if state.problem.is_quadratic:
        cost_of_round = state.problem.matrix.nnz + _ROUND_WORK
        cheap = _CHEAP_EPOCHS * working_set.model.epoch_cost() <= cost_of_round
        working_set.solve_model(0.5 * tol if cheap else target)
    else:
        working_set.solve(target)
    state.coef[working_set.model.features] = working_set.coef
    return groups


def choose(state, previous):
    """Return the working set: groups that are not 0 or not penalised, and the largest violations.

    The room for new ones is what makes the products of the working set's columns with one another about as
    dear as a pass over all columns.
    """
    columns = state.columns
    sizes = columns.partition.sizes
    first_members = columns.partition.members[columns.partition.starts[:-1]]
    wanted = state.problem.free[first_members]
    wanted |= np.logical_or.reduceat(
        state.coef[columns.partition.members] != 0, columns.partition.starts[:-1]
    )
    if previous is not None:
        wanted[previous] = True
    kept = int(sizes[wanted].sum())
    room = max(_FIRST_COLUMNS, 5 * int(np.sqrt(state.coef.size)), kept)
    if state.coef.size <= room:
        return np.arange(sizes.size)
    violating = np.flatnonzero((columns.scores > 0) & ~wanted)
    if sizes[violating].sum() > room:
        violating = violating[np.argsort(-columns.scores[violating], kind="stable")]
        count = np.searchsorted(np.cumsum(sizes[violating]), room, side="right")
        violating = violating[: max(1, count)]
    wanted[violating] = True
    return np.flatnonzero(wanted)


class _WorkingSet:
    """The problem over the groups of one working set; the state follows."""

    def __init__(self, state, groups):
        self.state, self.problem = state, state.problem
        self.damping = line_search.LEAST_DAMPING
        self._take_model(groups)
        self.coef = state.coef[self.model.features]
        self.slopes = state.columns.gradient[self.model.features]

    def _take_model(self, groups):
        """Take a model of at least these groups: the last one, grown, while curvatures hardly move."""
        state, problem = self.state, self.problem
        known = state.kept
        curvatures = state.model_curvatures(self.damping)
        if known is not None and np.all(np.abs(curvatures - known.curvatures) <= _STALE * known.curvatures):
            curvatures = known.curvatures
        partition = state.columns.partition
        self.model = state.kept = model_of(problem, partition, curvatures, groups, known)
        self.groups, self.starts = self.model.groups, self.model.starts
        self.free = problem.free[self.model.features[self.starts[:-1]]]

    def solve(self, target):
        """Run inner rounds until the gap over these groups is at most ``target``."""
        state = self.state
        gap = state.gap
        best, idle = np.inf, 0
        for k in range(_MOST_INNER_ROUNDS):
            if k:
                self._take_model(self.groups)
            before = self.coef
            self.solve_model(max(_MODEL_SHARE * gap, 0.5 * target))
            if not self._search(before, self.coef - before):
                break
            self.slopes = self.model.slopes(state.slopes)
            gap = self._gap()
            if gap <= target:
                break
            idle = 0 if gap < 0.99 * best else idle + 1
            best = min(best, gap)
            if idle == _PATIENCE:
                break  # rounding: it gets no better

    def solve_model(self, target):
        """Minimise the quadratic model at the state to a gap (or, without a dual, a share of the steps)."""
        problem, state, model = self.problem, self.state, self.model
        inner, full_every = model.at(self.slopes, state.slopes)
        coef = self.coef.copy()
        gap_known = state.kind is CertificateKind.DUALITY_GAP
        report = np.zeros(4)
        cost = model.epoch_cost()
        epochs = max(1, min(1000, _KERNEL_WORK // cost))
        problem.crew.alone(
            descend, epochs * cost,
            inner, problem.penalty, self.groups, self.starts, *model.rotation(), self.free, model.eigenvalues,
            coef, model.thetas, report, target * problem.objective_at_zero if gap_known else -1.0,
            0.0 if gap_known else 1e-2, full_every, epochs, problem.crew.abort,
        )  # fmt: skip
        problem.counter.epochs += int(report[EPOCHS])
        problem.counter.coordinate_updates += int(report[UPDATES])
        problem.counter.newton_steps += 1
        self.coef = coef

    def _gap(self):
        """Return the gap over these groups; infinite where no dual point is known."""
        state, problem = self.state, self.problem
        if state.kind is CertificateKind.KKT_RESIDUAL:
            return np.inf
        words = problem.penalty, self.groups, self.starts, self.free, self.coef, self.slopes
        slack, scaled, scale = gap_of_blocks(*words)
        if scale < 1:
            slack = min(slack, scaled + state.slack_of_rows(scale))
        return slack / problem.objective_at_zero

    def _search(self, before, direction):
        """Step along a direction until the objective falls enough (Armijo); return whether it did."""
        state, problem = self.state, self.problem
        if not direction.any():
            return False
        words = problem.penalty, self.groups, self.starts
        penalty_before = penalty_of_blocks(*words, before)
        change = self.model.predictions(direction)
        rise = penalty_of_blocks(*words, before + direction) - penalty_before
        expected = min(0.0, passes.inner_product(self.slopes, direction) + rise)
        step = line_search.search(
            state, lambda step: penalty_of_blocks(*words, before + step * direction),
            state.loss + penalty_before, expected, change, 0.0,
        )  # fmt: skip
        self.damping = line_search.damped(self.damping, step)
        self.coef = before + step * direction if step else before
        return step > 0
