"""The step sizes, and the penalty taken with them, that the parameters of SGD* mean."""

import warnings

import numpy as np

from fastreg import conventions
from fastreg.estimators import validation
from fastreg.estimators.sgd_validation import refuse_rows
from fastreg.solvers import race, schedules
from fastreg.solvers import stochastic_kernels as rules
from fastreg.solvers.momentum import checked_momentum
from fastreg.solvers.validation import checked_number
from fastreg.solvers.weight_decay import WeightDecay

_SCHEDULES = ("constant", "optimal", "invscaling", "adaptive", "pa1", "pa2", "cosine", "auto", "adagrad")
_ADAPTED = ("l2", "l1", "elasticnet")
_PENALTIES = (*_ADAPTED, None, "weight_decay")


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
    if not validation.is_term(model.penalty):
        validation.checked_choice("penalty", model.penalty, _PENALTIES)
    if model.penalty == "elasticnet" and model.l1_ratio is None:
        raise ValueError("l1_ratio must be set when penalty is 'elasticnet': pass a number in [0, 1].")
    if is_adaptive(model):
        _check_adaptive(model)
    if not _is_adaptive(model.alpha):
        checked_number("alpha", model.alpha, 0)
    if name == "adagrad":
        _check_adagrad(model)
    if checked_momentum(model.momentum) > 0:
        _check_with_momentum(model)
    if name not in ("pa1", "pa2"):
        return rules.GradientStep()
    if model.loss != model._passive_aggressive_loss:
        raise ValueError(
            f"Learning rate {name!r} only works with loss {model._passive_aggressive_loss!r}, not "
            f"with {model.loss!r}."
        )
    return rules.PassiveAggressive(eta0) if name == "pa1" else rules.SoftPassiveAggressive(eta0)


def is_adaptive(model):
    """Tell whether alpha, or the strength of a term, is to be adapted during the fit."""
    return adapts_term(model) or _is_adaptive(model.alpha)


def adapts_term(model):
    """Tell whether the penalty is a term whose strength is to be adapted."""
    return validation.is_term(model.penalty) and _is_adaptive(getattr(model.penalty, "strength", None))


def _is_adaptive(value):
    return isinstance(value, str) and value == "adaptive"


def _check_adaptive(model):
    if adapts_term(model):
        if not (hasattr(model.penalty, "threshold") and hasattr(model.penalty, "shrinkage")):
            raise TypeError(
                f"strength='adaptive' begins where thresholds or shrinkages hold all weights, and "
                f"{type(model.penalty).__name__} has none: pass L1, L2 or ElasticNet."
            )
    elif validation.is_term(model.penalty) or model.penalty not in _ADAPTED:
        raise ValueError(
            f"alpha='adaptive' adapts the strength of a penalty it knows by name, and penalty="
            f"{model.penalty!r} is none of those: pass 'l2', 'l1', 'elasticnet', or a term whose strength is "
            f"'adaptive'."
        )
    if model.average is not False:
        raise ValueError(f"average={model.average!r} would be a mean over strengths that adapt: pass False.")


def _check_with_momentum(model):
    for word, wrong in (
        ("average", model.average is not False),
        ("learning_rate", model.learning_rate in ("pa1", "pa2", "adagrad")),
    ):
        if wrong:
            raise ValueError(
                f"{word}={getattr(model, word)!r} does not go with momentum={model.momentum!r}: leave one of "
                "them at its default."
            )


def _check_adagrad(model):
    for word, wrong in (
        ("average", model.average is not False),
        ("penalty" if adapts_term(model) else "alpha", is_adaptive(model)),
        ("penalty", model.penalty == "weight_decay"),
    ):
        if wrong:
            raise ValueError(
                f"{word}={getattr(model, word)!r} asks for the same step of every weight, which "
                "learning_rate='adagrad' does not take: pass another schedule, such as 'auto'."
            )


def terms_of(model, loss, eta0, n_steps):
    """Return the function from a strength to the penalty and the schedule of step sizes.

    Parameters
    ----------
    model : SGDClassifier or SGDRegressor
    loss : NamedTuple
    eta0 : float
        The parameter, or what `raced` found.
    n_steps : int
        Of all epochs there may be.
    """

    def terms_at(alpha):
        schedule = _schedule(model, loss, alpha, eta0, n_steps)
        return _penalty(model, alpha, float(schedule.steps(np.ones(1))[0])), schedule

    return terms_at


def _schedule(model, loss, alpha, eta0, n_steps):
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


def _penalty(model, alpha, first):
    if adapts_term(model):
        return model.penalty._replace(strength=alpha)
    if validation.is_term(model.penalty):
        return model.penalty
    if model.penalty == "weight_decay":
        return WeightDecay(alpha, first)
    words = {"l1_ratio": model.l1_ratio} if model.penalty == "elasticnet" else {}
    return conventions.from_scikit_learn("SGDClassifier", alpha=alpha, penalty=model.penalty, **words)


def raced(model, X, y, target_of, weights, plan, loss, alpha, n_problems, cooled):
    """Return the first step size that a race between five suggests, see `fastreg.solvers.race`.

    Where noise dies out in the end, it need not be shorter for more rows.
    """
    refuse_rows(X)
    rows = race.rows_of_race(X.shape[0])
    return race.first_step(
        X[rows], target_of(y[rows]), loss,
        lambda eta0: _penalty(model, alpha, eta0), plan, n_problems=n_problems,
        n_samples=rows.size if cooled else X.shape[0], strength=alpha,
        sample_weight=None if weights is None else weights[rows],
    )  # fmt: skip
