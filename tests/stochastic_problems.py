"""A small problem of stochastic gradient descent, dense and sparse, and its steps in NumPy."""

import numpy as np
import scipy.sparse as sp

from fastreg.penalties import Bounded
from fastreg.solvers.schedules import InverseScaling
from fastreg.solvers.stochastic import Means, Plan, descend
from fastreg.solvers.stochastic_kernels import (
    GradientStep,
    OneAgainstTheRest,
    PassiveAggressive,
    SoftPassiveAggressive,
    Values,
)

ROWS, COLUMNS = 300, 12
rng = np.random.default_rng(3)
_filled = rng.random((ROWS, COLUMNS)) < 0.2
_filled[7] = False  # an empty row
SPARSE = sp.csr_array(rng.uniform(0.2, 2.0, (ROWS, COLUMNS)) * _filled)
DENSE = SPARSE.toarray() + 0.1 * rng.standard_normal((ROWS, COLUMNS))
Y = np.where(DENSE @ rng.standard_normal(COLUMNS) + 0.3 * rng.standard_normal(ROWS) > 0.2, 1.0, -1.0)
WEIGHTS = rng.uniform(0.5, 2.0, ROWS)
PER_FEATURE = rng.uniform(0.0, 0.1, COLUMNS)
CODES = rng.integers(3, size=ROWS)


def plan(
    schedule=None, rule=None, *, max_iter=3, tol=None, seed=0, shuffle=True, rate=0.5, patience=2, score=None,
    exact=False, course=None, momentum=0.0,
):  # fmt: skip
    return Plan(
        InverseScaling(0.3, 0.25) if schedule is None else schedule, GradientStep() if rule is None else rule,
        rate, max_iter, tol, patience, shuffle, np.random.default_rng(seed), score, exact, course,
        momentum=momentum,
    )  # fmt: skip


def fit(X, loss, penalty, plan, *, target=None, start=None, means_from=None, means=None, **options):
    if means_from is not None:
        means = Means.none(1, COLUMNS, means_from)
    coef, intercept = (np.zeros((1, COLUMNS)), np.zeros(1)) if start is None else start
    return descend(
        X, Values(Y) if target is None else target, loss, penalty, plan, coef=coef, intercept=intercept,
        means=means, **options,
    )  # fmt: skip


def against_the_rest(weights=(1.0, 1.0, 1.0), rest=(1.0, 1.0, 1.0), positive=(0, 1, 2)):
    return OneAgainstTheRest(CODES, np.array(positive), np.array(weights), np.array(rest))


def written_out(X, loss, penalty, plan, *, weights=None, means_from=np.inf, y=Y):
    """The same steps, one weight at a time, in blocks of one row."""
    cumulative = not isinstance(penalty, Bounded) and np.ndim(getattr(penalty, "strength", 0.0)) == 0
    z, owed = np.zeros(COLUMNS), 0.0
    X = X.toarray() if sp.issparse(X) else X
    weights = np.ones(len(X)) if weights is None else weights
    w, b, sums, intercept_sum, counted, t = np.zeros(COLUMNS), 0.0, np.zeros(COLUMNS), 0.0, 0, 1
    velocity, intercept_velocity = np.zeros(COLUMNS), 0.0
    objective = []
    for _ in range(plan.max_iter):
        order = np.arange(len(X))
        if plan.shuffle:
            plan.random.shuffle(order)
        losses = 0.0
        for i in order:
            p = X[i] @ w + b
            step = plan.schedule.steps(np.array([float(t)]))[0]
            value, squares = loss.value(y[i], p), X[i] @ X[i]
            length = step
            if type(plan.rule) is PassiveAggressive:
                length = min(plan.rule.longest, value / squares) if squares else 0.0
            elif type(plan.rule) is SoftPassiveAggressive:
                length = value / (squares + 1 / (2 * plan.rule.aggressiveness))
            change = -length * weights[i] * loss.slope(y[i], p)
            kept = plan.momentum
            velocity = kept * velocity + (1 - kept) * change * X[i]
            intercept_velocity = kept * intercept_velocity + (1 - kept) * plan.intercept_rate * change
            b += intercept_velocity
            if cumulative:
                shrinkage = penalty.shrinkage(step, 0)
                owed = (owed + penalty.threshold(step, 0)) * shrinkage
                z, velocity = (z + velocity) * shrinkage, velocity * shrinkage
                w = np.sign(z) * np.maximum(np.abs(z) - owed, 0.0)
            else:
                w = np.array([penalty.prox(w[j] + velocity[j], step, j) for j in range(COLUMNS)])
            if t >= means_from:
                sums, intercept_sum, counted = sums + w, intercept_sum + b, counted + 1
            losses += weights[i] * value
            t += 1
        objective.append(losses / len(X) + sum(penalty.value(w[j], j) for j in range(COLUMNS)))
    return w, b, sums / max(1, counted), intercept_sum / max(1, counted), objective[-1]
