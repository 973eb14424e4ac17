"""What SGDClassifier and SGDRegressor share: what their parameters mean, the run, what is kept of it."""

import warnings
from typing import ClassVar

import numpy as np
from sklearn.utils import check_random_state

from fastreg.estimators import sgd_steps, validation
from fastreg.estimators.base import ConvergenceWarning
from fastreg.estimators.sgd_validation import held_out, score_on
from fastreg.losses import EpsilonInsensitive, Huber, Squared, SquaredEpsilonInsensitive
from fastreg.solvers import schedules, solution, stochastic
from fastreg.solvers.continuation import Course
from fastreg.solvers.problem import refuse_many_predictions
from fastreg.solvers.stochastic import Means, Plan
from fastreg.solvers.stopping import Reason
from fastreg.solvers.validation import checked_count, checked_number, checked_weights

_WIDTH = 0.1
_ALPHA = 1e-4  # where the race is run for a strength that is not known yet: scikit-learn's default

REGRESSION_LOSSES: dict[str, tuple] = {
    "squared_error": (Squared,),
    "huber": (Huber, _WIDTH),
    "epsilon_insensitive": (EpsilonInsensitive, _WIDTH),
    "squared_epsilon_insensitive": (SquaredEpsilonInsensitive, _WIDTH),
}


class Stochastic:
    """The part of an estimator that `stochastic.descend` does not know: scikit-learn's parameters.

    Attributes
    ----------
    loss_functions : dict
        Class and default field of the loss behind each name.
    """

    loss_functions: ClassVar[dict[str, tuple]] = {}
    _passive_aggressive_loss: ClassVar[str] = ""

    def _term(self):
        """Return the loss."""
        if validation.is_term(self.loss):
            refuse_many_predictions(self.loss)
            return self.loss
        name = validation.checked_choice("loss", self.loss, self.loss_functions)
        kind, *fields = self.loss_functions[name]
        if name in REGRESSION_LOSSES and fields:
            fields = [checked_number("epsilon", self.epsilon, 0)]
        return kind(*fields)

    def _plan(self, *, max_iter, tol, sparse):
        """Return what the parameters say of the run, but for the schedule: it may ask the rows."""
        fitted = validation.checked_flag("fit_intercept", self.fit_intercept)
        rule, of_its_own = sgd_steps.rule_of(self), self.learning_rate == "adagrad"
        rate_if_sparse = 1.0 if of_its_own else schedules.INTERCEPT_RATE_IF_SPARSE
        return Plan(
            schedule=None,
            rule=rule,
            intercept_rate=(rate_if_sparse if sparse else 1.0) if fitted else 0.0,
            max_iter=checked_count("max_iter", max_iter, 1),
            tol=None if tol is None else checked_number("tol", tol, 0),
            n_iter_no_change=checked_count("n_iter_no_change", self.n_iter_no_change, 1),
            shuffle=validation.checked_flag("shuffle", self.shuffle),
            random=check_random_state(self.random_state),
            exact=validation.checked_flag("exact_objective", self.exact_objective),
            rate=float(self.eta0) if of_its_own else None,
            momentum=float(self.momentum),
        )  # fmt: skip

    def _run(self, X, y, target_of, weights, plan, loss, start, copied, n_threads=None, ends=True):
        """Descend from ``start`` (words of `stochastic.descend`) and keep what is reached.

        ``ends`` says that no partial fit will go on from there.
        """
        interrupted, eta0 = None, self.eta0
        adaptive = sgd_steps.is_adaptive(self)
        alpha = _ALPHA if adaptive else self.alpha
        cooled = ends and self.learning_rate == "auto" and plan.tol is None and self.average is False
        if self.learning_rate == "auto":
            if start["step"] == 1 or not hasattr(self, "eta0_"):
                self.eta0_ = sgd_steps.raced(
                    self, X, y, target_of, weights, plan, loss, alpha, len(start["intercept"]), cooled
                )
            eta0 = self.eta0_
        terms_at = sgd_steps.terms_of(self, loss, eta0, plan.max_iter * X.shape[0])
        penalty, schedule = terms_at(alpha)
        if cooled:
            schedule = schedules.Cooled(schedule, start["step"], float(plan.max_iter * X.shape[0]))
        plan = plan._replace(schedule=schedule)
        if adaptive:
            course = Course(terms_at, plan.n_iter_no_change, plan.tol or 0.0)
            plan = plan._replace(course=course, tol=None)
        try:
            found = stochastic.descend(
                X, target_of(y), loss, penalty, plan, sample_weight=weights, n_threads=n_threads, **start
            )
        except solution.Interrupted as pressed:
            found, interrupted = pressed.solution, pressed
        self._keep_weights(*found.reached, X.dtype)
        work = found.work._replace(bytes_copied=found.work.bytes_copied + copied)
        self.solution_ = found._replace(work=work)
        self.n_iter_, self.t_ = int(found.n_iter.max()), found.step
        self.stop_reason_ = str(max(found.reasons, key=list(Reason).index))
        self.history_ = _history(found.curve)
        if adaptive:
            name = "strength" if sgd_steps.adapts_term(self) else "alpha"
            self.history_[name] = np.array(course.strengths)
            setattr(self, f"{name}_", course.best)
        if interrupted is not None:
            raise interrupted

    def _keep_weights(self, coef, intercept, dtype):
        """Set the weights that predict."""
        self.coef_ = coef.astype(dtype, copy=False)
        self.intercept_ = intercept.astype(dtype, copy=False)

    def _first_start(self, n_problems, coef_init=None, intercept_init=None):
        """Return where a fit starts: at what is given, else at the last fit's weights, else at 0."""
        shape = n_problems, self.n_features_in_
        if validation.checked_flag("warm_start", self.warm_start) and hasattr(self, "coef_"):
            coef_init = self._dense_coef() if coef_init is None else coef_init
            intercept_init = self.intercept_ if intercept_init is None else intercept_init
        return {
            "coef": _started("coef_init", coef_init, shape),
            "intercept": _started("intercept_init", intercept_init, (n_problems,)),
            "means": self._means_from_now(n_problems),
            "step": 1.0,
        }

    def _next_start(self, n_problems):
        """Return where a partial fit starts: where the last one ended, or at weights set since by hand."""
        if not hasattr(self, "coef_"):
            return self._first_start(n_problems)
        last, means, leader = self.solution_, self._means_from_now(n_problems), None
        start = {"coef": self._dense_coef(), "intercept": self.intercept_}
        left = (values.astype(self.coef_.dtype, copy=False) for values in last.reached)
        if all(np.array_equal(*pair, equal_nan=True) for pair in zip(left, start.values(), strict=True)):
            start = {"coef": last.coef, "intercept": last.intercept}
            leader = last.leader
            if self.learning_rate != "adagrad":
                start |= {"coef": last.gathered, "owed": last.owed, "share": last.share}
            if means is not None and last.means is not None:
                means = last.means._replace(counted_from=means.counted_from)
            if self.momentum > 0:
                start["lags"] = last.lags
        return {**start, "leader": leader, "means": means, "step": self.t_, "features": last.features}

    def _means_from_now(self, n_problems):
        if self.average is False:
            return None
        first = 1 if self.average is True else checked_count("average", self.average, 0)
        return Means.none(n_problems, self.n_features_in_, first) if first else None

    def _held_out(self, X, y, weights, plan, given, target_of):
        """Hold out rows to be judged on, where no others are given.

        Parameters
        ----------
        X, y, weights : the rows; y codes or numbers, weights an array or None
        plan : Plan
        given : tuple of X, y, weights, or None
            The user's own.
        target_of : function
            From y to the target of `stochastic.descend`.

        Returns
        -------
        X, y, weights
            The rows to learn from, in their order.
        plan : Plan
            With the score.
        copied : int
            Bytes of X that were copied.
        """
        held, copied = given, 0
        asked = validation.checked_flag("early_stopping", self.early_stopping)
        adaptive = sgd_steps.is_adaptive(self)
        if given is None and (asked or adaptive):
            (X, y, weights), held, copied = held_out(self, X, y, weights)
        # As in scikit-learn: what nothing ends early keeps its last weights, but for rows of the user's own.
        if held is not None and not (given is None and plan.tol is None and not adaptive):
            scoring = "loss" if adaptive else self.scoring
            plan = plan._replace(score=score_on(self, scoring, held, target_of, X.dtype))
        return X, y, weights, plan, copied

    def _refuse_in_part(self):
        """Refuse what needs all the data, before a part of it is learned from."""
        if self.early_stopping:
            raise ValueError("early_stopping should be False with partial_fit, which runs one epoch.")
        if sgd_steps.is_adaptive(self):
            raise ValueError("alpha='adaptive' needs many epochs, and partial_fit runs one: pass a number.")
        if self.learning_rate == "cosine":
            raise ValueError(
                "learning_rate='cosine' ends at a last step, which partial_fit does not know: pass 'optimal'."
            )

    def _warn_unless_done(self):
        if self.tol is not None and not self.solution_.converged.all():
            warnings.warn(
                "Maximum number of iteration reached before convergence. Consider increasing max_iter to "
                "improve the fit.",
                ConvergenceWarning,
                stacklevel=3,
            )


def _history(curve):
    """Return a curve as a dict of arrays, those of a single problem of one axis."""
    names = {"score": "validation_score"}
    return {
        names.get(name, name): values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
        for name, values in curve._asdict().items()
    }


def row_weights(sample_weight, n_samples):
    """Return sample weights as one number per row, None where all are 1."""
    weights = checked_weights(sample_weight, n_samples)
    if weights is None and sample_weight is not None:
        return np.full(n_samples, float(sample_weight))
    return weights


def _started(name, values, shape):
    """Return values to start from in a shape, 0 for None."""
    if values is None:
        return np.zeros(shape)
    array = np.asarray(values, dtype=np.float64)
    fits = array.shape == shape or (shape[0] == 1 and array.size == np.prod(shape) and array.ndim < 2)
    if not fits:
        raise ValueError(
            f"Provided {name} does not match dataset: it has shape {array.shape}, and {shape} is needed."
        )
    return array.reshape(shape)
