"""The libraries, each asked for the same problem in its own words.

A solver fits to a tolerance in its own meaning; what that reached is measured elsewhere. Each is given X in
the order it reads in place.
"""

import importlib.util
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

import fastreg

# Above this many columns a solver that forms the columns x columns Hessian is left out.
MOST_HESSIAN_COLUMNS = 5_000
# Enough for every tolerance of the ladder; the budget of seconds stops what is too slow.
MANY = 100_000


class Fit(NamedTuple):
    """What a solver found."""

    coef: np.ndarray
    intercept: float


class Solver(NamedTuple):
    """A function (problem, tol) -> `Fit`, its package, and why it does not take a problem ("" if it does)."""

    package: str
    fit: Callable
    refuses: Callable


def kept(model):
    """Return what a fitted model in scikit-learn's manner holds."""
    return Fit(np.ravel(model.coef_).astype(np.float64), float(np.ravel(model.intercept_)[0]))


def _fastreg(problem, tol):
    if problem.logistic:
        # The gap it stops at is 1e-4 * tol, relative to the objective at 0.
        model = fastreg.LogisticRegression(
            C=problem.C, l1_ratio=problem.l1_ratio, fit_intercept=problem.fit_intercept, tol=1e4 * tol
        )
        return kept(model.fit(problem.X, problem.y))
    if problem.l1_ratio == 1:
        model = fastreg.Lasso(alpha=problem.alpha, fit_intercept=problem.fit_intercept, tol=tol)
    else:
        model = fastreg.ElasticNet(
            alpha=problem.alpha, l1_ratio=problem.l1_ratio, fit_intercept=problem.fit_intercept, tol=tol
        )
    return kept(model.fit(problem.X, problem.y))


def _scikit_learn(problem, tol):
    """Lasso and ElasticNet; for a logistic loss saga where there is an L1 part, else the default, lbfgs."""
    from sklearn.linear_model import ElasticNet

    if problem.logistic:
        return kept(logistic_regression("saga" if problem.l1_ratio else "lbfgs", problem, tol))
    model = ElasticNet(
        alpha=problem.alpha, l1_ratio=problem.l1_ratio, fit_intercept=problem.fit_intercept, tol=tol,
        max_iter=MANY,
    )  # fmt: skip
    return kept(model.fit(problem.X, problem.y))


def _newton_cholesky(problem, tol):
    return kept(logistic_regression("newton-cholesky", problem, tol))


def _liblinear(problem, tol):
    return kept(logistic_regression("liblinear", problem, tol))


def logistic_regression(solver, problem, tol, max_iter=MANY):
    """Return scikit-learn's LogisticRegression, fitted with one of its solvers."""
    from sklearn.linear_model import LogisticRegression

    if LogisticRegression().penalty == "deprecated":  # scikit-learn 1.8 and newer
        penalty = {"l1_ratio": problem.l1_ratio}
    elif problem.l1_ratio in (0, 1):
        penalty = {"penalty": "l1" if problem.l1_ratio else "l2"}
    else:
        penalty = {"penalty": "elasticnet", "l1_ratio": problem.l1_ratio}
    model = LogisticRegression(
        solver=solver, C=problem.C, fit_intercept=problem.fit_intercept, tol=tol, max_iter=max_iter,
        random_state=0, **penalty,
    )  # fmt: skip
    return model.fit(problem.rows, problem.y)


def _celer(problem, tol):
    import celer

    if problem.logistic:
        model = celer.LogisticRegression(C=problem.C, tol=tol, max_iter=1000)
    else:
        model = celer.ElasticNet(
            alpha=problem.alpha, l1_ratio=problem.l1_ratio, fit_intercept=problem.fit_intercept, tol=tol,
            max_iter=1000,
        )  # fmt: skip
    return kept(model.fit(problem.X, problem.y))


def _skglm(problem, tol):
    import skglm

    if problem.logistic:
        model = skglm.SparseLogisticRegression(
            alpha=problem.alpha, fit_intercept=problem.fit_intercept, tol=tol, max_iter=1000
        )
    else:
        model = skglm.ElasticNet(
            alpha=problem.alpha, l1_ratio=problem.l1_ratio, fit_intercept=problem.fit_intercept, tol=tol,
            max_iter=1000,
        )  # fmt: skip
    return kept(model.fit(problem.X, problem.y))


def _adelie(problem, tol):
    import adelie

    n_threads = fastreg.get_num_threads()
    stored = adelie.matrix.sparse if sp.issparse(problem.X) else adelie.matrix.dense
    X = sp.csc_matrix(problem.X) if sp.issparse(problem.X) else problem.X
    loss = adelie.glm.binomial(problem.labels) if problem.logistic else adelie.glm.gaussian(problem.y)
    # Its own way to one strength is a path down to it.
    strengths = np.geomspace(problem.critical, problem.alpha, 10) if problem.l1_ratio else [problem.alpha]
    path = adelie.grpnet(
        stored(X, method="naive", n_threads=n_threads), loss, alpha=problem.l1_ratio, tol=tol,
        intercept=problem.fit_intercept, lmda_path=strengths,
        early_exit=False, progress_bar=False, n_threads=n_threads,
    )  # fmt: skip
    return Fit(path.betas[-1].toarray().ravel(), float(path.intercepts[-1]))


def _glum(problem, tol):
    import glum

    model = glum.GeneralizedLinearRegressor(
        alpha=problem.alpha, l1_ratio=problem.l1_ratio, fit_intercept=problem.fit_intercept,
        family="binomial" if problem.logistic else "normal", gradient_tol=tol, max_iter=1000,
    )  # fmt: skip
    return kept(model.fit(problem.X, problem.labels if problem.logistic else problem.y))


def _anything(problem):
    return ""


def _no_hessian(problem):
    if problem.X.shape[1] > MOST_HESSIAN_COLUMNS:
        return f"forms a Hessian, here of more than {MOST_HESSIAN_COLUMNS:,} columns"
    return ""


def _no_newton_cholesky(problem):
    if not problem.logistic or problem.l1_ratio:
        return "logistic loss with L2 only"
    return _no_hessian(problem)


def _no_liblinear(problem):
    if not problem.logistic or problem.l1_ratio not in (0, 1):
        return "logistic loss with L1 or L2 only"
    return "penalises the intercept" if problem.fit_intercept else ""


def _no_celer(problem):
    if not problem.l1_ratio:
        return "L1 part only"
    return "fits no intercept to a logistic loss" if problem.logistic and problem.fit_intercept else ""


def _no_skglm(problem):
    return "" if problem.l1_ratio else "L1 part only"


SOLVERS = {
    "fastreg": Solver("fastreg", _fastreg, _anything),
    "scikit-learn": Solver("sklearn", _scikit_learn, _anything),
    "newton-cholesky": Solver("sklearn", _newton_cholesky, _no_newton_cholesky),
    "liblinear": Solver("sklearn", _liblinear, _no_liblinear),
    "celer": Solver("celer", _celer, _no_celer),
    "skglm": Solver("skglm", _skglm, _no_skglm),
    "adelie": Solver("adelie", _adelie, _anything),
    "glum": Solver("glum", _glum, _no_hessian),
}


def installed(name):
    """Return whether the package of a solver is there, without importing it."""
    return importlib.util.find_spec(SOLVERS[name].package) is not None
