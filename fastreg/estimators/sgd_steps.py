"""The step sizes, and the penalty taken with them, that the parameters of SGD* mean."""

import warnings

import numpy as np

from fastreg import conventions
from fastreg.estimators import validation
from fastreg.estimators.sgd_validation import refuse_rows
from fastreg.solvers import race, schedules
from fastreg.solvers import stochastic_kernels as rules
from fastreg.solvers.validation import checked_number
from fastreg.solvers.weight_decay import WeightDecay

_SCHEDULES = ("constant", "optimal", "invscaling", "adaptive", "pa1", "pa2", "cosine", "auto")
_PENALTIES = ("l2", "l1", "elasticnet", None, "weight_decay")


def rule_of(model):
    """Check every parameter that says how steps are taken; return the rule that applies them."""
    name = validation.checked_choice("learning_rate", model.learning_rate, _SCHEDULES)
    eta0 = checked_number("eta0", model.eta0, 0, strict=True)
    if checked_number("power_t", model.power_t, -np.inf) < 0:
        warnings.warn(
            "Negative values for `power_t` are deprecated: steps grow, pass a number of at least 0.",
            FutureWarning,
            stacklevel=5,
        )
    validation.checked_choice("penalty", model.penalty, _PENALTIES)
    if model.penalty == "elasticnet" and model.l1_ratio is None:
        raise ValueError("l1_ratio must be set when penalty is 'elasticnet': pass a number in [0, 1].")
    checked_number("alpha", model.alpha, 0)
    if name not in ("pa1", "pa2"):
        return rules.GradientStep()
    if model.loss != model._passive_aggressive_loss:
        raise ValueError(
            f"Learning rate {name!r} only works with loss {model._passive_aggressive_loss!r}, not "
            f"with {model.loss!r}."
        )
    return rules.PassiveAggressive(eta0) if name == "pa1" else rules.SoftPassiveAggressive(eta0)


def schedule_of(model, loss, alpha, eta0, n_steps):
    """Return the schedule for a strength.

    Parameters
    ----------
    model : SGDClassifier or SGDRegressor
    loss : NamedTuple
    alpha : float
    eta0 : float
        The parameter, or what `race_for` found.
    n_steps : int
        Of all epochs there may be.
    """
    name = model.learning_rate
    if name == "optimal":
        return schedules.optimal(alpha, loss)
    if name == "auto":
        return schedules.optimal_from(eta0, alpha)
    if name == "invscaling":
        return schedules.InverseScaling(eta0, model.power_t)
    if name == "cosine":
        return schedules.Cosine(eta0, n_steps)
    return schedules.Adaptive(eta0) if name == "adaptive" else schedules.Constant(eta0)


def penalty_of(model, alpha, first):
    """Return the penalty of a strength; ``first`` is the first step size."""
    if model.penalty == "weight_decay":
        return WeightDecay(alpha, first)
    words = {"l1_ratio": model.l1_ratio} if model.penalty == "elasticnet" else {}
    return conventions.from_scikit_learn("SGDClassifier", alpha=alpha, penalty=model.penalty, **words)


def raced(model, X, y, target_of, weights, plan, loss, alpha, n_problems):
    """Return the first step size that a race between five suggests, see `fastreg.solvers.race`."""
    refuse_rows(X)
    rows = race.rows_of_race(X.shape[0])
    return race.first_step(
        X[rows], target_of(y[rows]), loss,
        lambda eta0: penalty_of(model, alpha, eta0), plan, n_problems=n_problems, n_samples=X.shape[0],
        strength=alpha, sample_weight=None if weights is None else weights[rows],
    )  # fmt: skip
