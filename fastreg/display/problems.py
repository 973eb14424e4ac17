"""What an estimator minimises, in the words of `fastreg.solve`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

_OPEN = "LinearRegressor", "LinearClassifier"
_WEAKEST = 1e-3  # of the largest gradient; for L2, whose grid begins at a thousand times that, a millionth


class Problem(NamedTuple):
    """Data and terms of an estimator.

    Attributes
    ----------
    X : array or sparse matrix
    y : array
        -1 and +1 for two classes.
    words : dict
        The other arguments of `fastreg.solve`.
    names : sequence of str or None
        Those of the columns that the estimator has seen.
    """

    X: Any
    y: np.ndarray
    words: dict[str, Any]
    names: Any

    @property
    def strength(self) -> float | None:
        """The strength of the penalty where it is one number above 0."""
        strength = getattr(self.words["penalty"], "strength", None)
        return None if strength is None or np.ndim(strength) or strength <= 0 else float(strength)

    def grid(self) -> dict[str, Any]:
        """Return the arguments of `fastreg.path`, with the place where it ends."""
        from fastreg.penalties import L2

        penalty = self.words["penalty"]
        if self.strength is None:
            raise ValueError(
                f"{type(penalty).__name__} has no strength to follow: fit with a penalty that has one number "
                "above 0 for it."
            )
        inner = getattr(penalty, "penalty", penalty)
        share = 0.0 if isinstance(inner, L2) else getattr(inner, "l1_ratio", 1.0)
        return {**self.words, "ratio": _WEAKEST * max(float(share), 1e-3)}


def problem_of(estimator: Any, X: Any, y: Any) -> Problem:
    """Return what an estimator minimises on some data.

    Parameters
    ----------
    estimator : estimator of fastreg with a certified solver, or its variant with cross-validation, fitted
    X, y : as in its ``fit``; weights of rows and of classes are not known here

    Raises
    ------
    TypeError
        For an estimator of another kind.
    ValueError
        For more than two classes.
    """
    from fastreg import conventions
    from fastreg.losses import Logistic, Squared
    from fastreg.penalties import Bounded, NoPenalty

    known = "Lasso", "ElasticNet", "Ridge", "LogisticRegression", *_OPEN
    kinds = [base.__name__.removesuffix("CV") for base in type(estimator).__mro__]
    kind = next((name for name in kinds if name in known), None)
    if kind is None:
        raise TypeError(f"{type(estimator).__name__} cannot be drawn: pass one of {', '.join(known)}.")
    X = X if sp.issparse(X) else np.asarray(X)
    y = np.asarray(y)
    is_classifier = hasattr(estimator, "classes_")
    if is_classifier:
        if len(estimator.classes_) > 2:
            raise ValueError(
                f"{type(estimator).__name__} tells {len(estimator.classes_)} classes apart: pass two, so "
                "that each weight is one line."
            )
        y = np.where(y == estimator.classes_[1], 1.0, -1.0)
    if kind in _OPEN:
        default = Logistic() if is_classifier else Squared()
        loss = default if estimator.loss is None else estimator.loss
        penalty = NoPenalty() if estimator.penalty is None else estimator.penalty
    else:
        loss = Logistic() if kind == "LogisticRegression" else Squared()
        penalty = conventions.from_scikit_learn(kind, total_weight=len(y), **_parameters(estimator, kind))
        if getattr(estimator, "positive", False):
            penalty = Bounded(penalty, 0.0, np.inf)
    words = {"loss": loss, "penalty": penalty, "fit_intercept": estimator.fit_intercept}
    words["standardize"] = getattr(estimator, "standardize", False)
    return Problem(X, y, words, getattr(estimator, "feature_names_in_", None))


def _parameters(estimator: Any, kind: str) -> dict[str, Any]:
    """Return alpha or C, and l1_ratio, as they were chosen or given."""
    if kind == "LogisticRegression" and hasattr(estimator, "_meant") and not hasattr(estimator, "C_"):
        return dict(zip(("C", "l1_ratio"), estimator._meant(), strict=True))
    takes = {"Lasso": ("alpha",), "Ridge": ("alpha",), "ElasticNet": ("alpha", "l1_ratio")}
    found = {
        name: getattr(estimator, f"{name}_", getattr(estimator, name, None))
        for name in takes.get(kind, ("C", "l1_ratio"))
    }
    return {name: float(np.ravel(value)[0]) for name, value in found.items() if value is not None}
