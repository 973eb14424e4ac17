"""A small problem of stochastic gradient descent, dense and sparse, that several files fit."""

import numpy as np
import scipy.sparse as sp

from fastreg.solvers.schedules import InverseScaling
from fastreg.solvers.stochastic import Means, Plan, descend
from fastreg.solvers.stochastic_kernels import GradientStep, OneAgainstTheRest, Values

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
    exact=False, course=None,
):  # fmt: skip
    return Plan(
        InverseScaling(0.3, 0.25) if schedule is None else schedule, GradientStep() if rule is None else rule,
        rate, max_iter, tol, patience, shuffle, np.random.default_rng(seed), score, exact, course,
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
