"""The step along the direction that a model found, and how cautious the next model is.

Backtracking until the objective falls enough (Armijo 1966), on the true objective, the intercept fitted
at every trial.
"""

import math

LEAST_DAMPING = 1e-10  # least curvature of a row in a model, as a share of the largest
_DAMPING_STEP = 1e3
_SUFFICIENT = 1e-4
_ROUNDING = 4e-16
_SHORTEST = 1e-10
_HALVINGS_FORGIVEN = 3


def search(state, penalty_at, before, expected, change, shift):
    """Move the state's prediction and intercept along a direction; return the step, 0 for none.

    Parameters
    ----------
    penalty_at : function
        Of the step: the penalty of the weights there.
    before : float
        The objective at step 0.
    expected : float
        Its change per unit of the step, at most 0.
    change : array
        Of the prediction, per unit of the step.
    shift : float or array
        The part of it that the intercept has.
    """
    prediction, intercept = state.prediction, state.intercept
    step = 1.0
    while step > _SHORTEST:
        state.prediction = prediction + (change if step == 1 else step * change)
        state.intercept = intercept + step * shift
        state.fit_intercept()
        after = state.loss + penalty_at(step)
        if after <= before + _SUFFICIENT * step * expected + _ROUNDING * abs(before):
            return step
        step /= 2
    state.prediction, state.intercept = prediction, intercept
    state.fit_intercept()
    return 0.0


def damped(damping, step):
    """Return the damping of the next model: less after a step, more where it had to be short."""
    if step == 0:
        return 1.0
    short = max(0, round(-math.log2(step)) - _HALVINGS_FORGIVEN)
    return max(LEAST_DAMPING, min(1.0, damping * _DAMPING_STEP**short) / _DAMPING_STEP)
