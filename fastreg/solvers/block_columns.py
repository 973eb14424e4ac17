"""The columns that a certificate ranges over, where the penalty acts on the norms of groups of weights.

For phi even, convex and growing from 0 the conjugate of phi(|w|_2) is phi*(|u|_2), and its proximal step
scales w by prox_phi(|w|) / |w| (Beck 2017, Theorems 4.16 and 6.18). So every formula of `columns` holds with
one slack, one critical strength and one score for each group, taken of norms:

    P - D = (rows as before) + sum_g [phi_g(|w_g|) + phi_g*(|c g_g|) + c g_g.w_g].
"""

import numpy as np

from fastreg import team
from fastreg.jit import elementwise, kernel
from fastreg.solvers.columns import Columns

_GROUP_WORK = 30  # element operations that the penalty's functions cost for a group


class Partition:
    """Features in groups.

    Attributes
    ----------
    members : int array of n_features
        The features, those of group 0 first.
    sizes : int array of n_groups
    starts : int array of n_groups + 1
        Group g is members[starts[g]:starts[g + 1]].
    """

    def __init__(self, numbers):
        self.members = np.argsort(numbers, kind="stable")
        self.sizes = np.bincount(numbers)
        self.starts = np.concatenate([[0], np.cumsum(self.sizes)])


class BlockColumns(Columns):
    """All columns, scored in groups: ``scores`` has one entry per group."""

    def __init__(self, problem, features, reader, coef):
        super().__init__(problem, features, reader, coef)
        self.partition = Partition(problem.penalty.groups)
        n_groups = self.partition.starts.size - 1
        self.scores = np.zeros(n_groups)
        self._bounds = team.blocks(n_groups, 4 * features.size + _GROUP_WORK * n_groups)

    @staticmethod
    def unpenalised(penalty, n_features):
        """Return which features nothing penalises: those of groups whose norm costs nothing."""
        free = np.empty(int(penalty.groups.max()) + 1, dtype=np.bool_)
        classify_groups(penalty, free)
        return free[penalty.groups]

    def score(self, slopes):
        """Compute gradient and scores at the slopes, in one pass over the columns."""
        self._problem.matrix.transpose_product(slopes, self.gradient)
        self.gradient *= self.scale
        self.rescore()

    def penalty_at(self, coef):
        """Return the penalty of other weights."""
        partition = self.partition
        return penalty_of_groups(self._problem.penalty, partition.members, partition.starts, coef)

    def move_into_domain(self, forgiven):
        """Shrink groups of infinite penalty to the nearest allowed norm, if within a share of theirs."""
        partition = self.partition
        penalty = self._problem.penalty
        shrink_into_domain(penalty, partition.members, partition.starts, self.coef, forgiven)

    def holds_zero(self, penalty):
        """Return whether norm 0 of every penalised group is a fixed point of the prox step."""
        partition = self.partition
        return groups_hold_zero(penalty, partition.members, partition.starts, self.gradient, self.free)

    def _rescored(self, dual_scale, scores):
        partition = self.partition
        partial = np.empty((len(self._bounds) - 1, 4))
        self._problem.crew.each(
            score_groups, self._bounds, self._problem.penalty, partition.members, partition.starts, self.coef,
            self.free, self.gradient, dual_scale, scores, partial,
        )  # fmt: skip
        return partial


@elementwise
def norm_of(vector, members, start, stop):
    """Return the L2 norm of vector[members[start:stop]]."""
    squares = 0.0
    for k in range(start, stop):
        squares += vector[members[k]] * vector[members[k]]
    return np.sqrt(squares)


@kernel
def score_groups(
    block, start, stop, penalty, members, starts, coef, free, gradient, dual_scale, scores, partial
):
    """Sum up penalty, critical strength and slack of groups, and score them, at dual_scale * gradient.

    A group's score is the length of its proximal step: 0 exactly where it is optimal.
    partial[block] = penalty, largest critical strength, slack, largest score.
    """
    penalties = 0.0
    critical = 0.0
    slack = 0.0
    largest = 0.0
    for g in range(start, stop):
        norm = 0.0
        slope = 0.0
        moved = 0.0
        product = 0.0
        for k in range(starts[g], starts[g + 1]):
            w = coef[members[k]]
            u = gradient[members[k]]
            norm += w * w
            slope += u * u
            moved += (w - u) * (w - u)
            product += w * u
        norm = np.sqrt(norm)
        slope = np.sqrt(slope)
        moved = np.sqrt(moved)
        value = penalty.value(norm, g)
        penalties += value
        if free[members[starts[g]]]:
            scores[g] = slope
        else:
            ratio = penalty.prox(moved, 1.0, g) / moved if moved > 0 else 0.0
            step = 0.0
            for k in range(starts[g], starts[g + 1]):
                w = coef[members[k]]
                change = w - ratio * (w - gradient[members[k]])
                step += change * change
            scores[g] = np.sqrt(step)
            critical = max(critical, penalty.critical_strength(slope, g))
            slack += value + penalty.conjugate(dual_scale * slope, g) + dual_scale * product
        largest = max(largest, scores[g])
    partial[block, 0] = penalties
    partial[block, 1] = critical
    partial[block, 2] = slack
    partial[block, 3] = largest


@kernel
def penalty_of_groups(penalty, members, starts, coef):
    """Return the sum of the penalty over all groups."""
    result = 0.0
    for g in range(starts.size - 1):
        result += penalty.value(norm_of(coef, members, starts[g], starts[g + 1]), g)
    return result


@kernel
def classify_groups(penalty, free):
    """Mark the groups that nothing penalises: no norm costs anything, however large."""
    for g in range(free.size):
        free[g] = penalty.value(1e100, g) == 0


@kernel
def shrink_into_domain(penalty, members, starts, coef, forgiven):
    """Scale groups of infinite penalty to the nearest allowed norm: the prox of step 0 projects."""
    for g in range(starts.size - 1):
        norm = norm_of(coef, members, starts[g], starts[g + 1])
        if penalty.value(norm, g) == np.inf:
            nearest = penalty.prox(norm, 0.0, g)
            if abs(nearest - norm) <= forgiven * norm:
                for k in range(starts[g], starts[g + 1]):
                    coef[members[k]] *= nearest / norm


@kernel
def groups_hold_zero(penalty, members, starts, gradient, free):
    """Return whether the prox step of every penalised group leaves 0 where it is."""
    for g in range(starts.size - 1):
        slope = norm_of(gradient, members, starts[g], starts[g + 1])
        if not free[members[starts[g]]] and penalty.prox(slope, 1.0, g) != 0:
            return False
    return True
