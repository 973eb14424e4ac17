"""Small fits that together compile what the estimators, `fastreg.kernels` and the C table can come to need.

What is compiled depends on types, but which kernels a solver takes depends on sizes. So every fit is done
with the solvers as they are, and again with their limits where larger data would be. The data stay tiny.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import product, zip_longest
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

_FOR_EVER = 1 << 60
# Names of fastreg.solvers: what would be different for larger data.
_PRODUCTS_PAY: dict[str, float] = {"_TRIFLE": _FOR_EVER, "_CALLS": 0}
_LIMITS: tuple[dict[str, dict[str, float]], ...] = (
    {},
    {"working_set": _PRODUCTS_PAY},
    {
        "working_set": _PRODUCTS_PAY,
        "pairs": {"_SMALL": 0},
        "matrices": {"_MOST_ENTRIES_DENSIFIED": 0},
        "preconditioners": {"_STEPS_FOR_SPARSE_ROWS": _FOR_EVER},
        "block_models": {"_SPARSE": 1.0},
    },
    {
        "working_set": {"_LARGEST_GRAM": 0},
        "matrices": {"_MOST_ENTRIES_DENSIFIED": 0},
        "preconditioners": dict.fromkeys(
            ("_STEPS_FOR_A_QUADRATIC", "_STEPS_FOR_A_MODEL", "_STEPS_FOR_SPARSE_ROWS"), 0
        ),
        "multinomial_preconditioners": {"_STEPS": 0},
        "dual_ascent": {"_MOST_CROWDED": np.inf, "_MOST_CROWDED_QUADRATIC": np.inf},
        "shards": {"_FEWEST_FEATURES": 0, "_ENTRIES_PER_SHARD": 1},
    },
)
_ROUNDS = 4
KERNELS = "kernels"


class Rehearsal(NamedTuple):
    """What one worker does in one go: the fits of an estimator on data of one kind.

    Attributes
    ----------
    subject : str
        The name of an estimator, or `KERNELS`.
    layout : str
        "dense" or "sparse".
    dtype : str
        "float64" or "float32".
    """

    subject: str
    layout: str
    dtype: str

    def run(self, indices: Sequence[str]) -> None:
        """Fit and predict; what comes out is not looked at."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if self.subject == KERNELS:
                _call_kernels(self.dtype)
                return
            for limits in _LIMITS:
                with _moved(limits):
                    for X, model in product(self._matrices(indices), _MODELS[self.subject]()):
                        _fit(model, X)

    def _matrices(self, indices: Sequence[str]) -> Iterator[Any]:
        """Yield a tall and a wide X, in both orders."""
        for shape in ((60, 8), (30, 70)):
            X = np.random.default_rng(0).standard_normal(shape).astype(self.dtype)
            if self.layout == "dense":
                yield from (np.asfortranarray(X), X)
                continue
            X[X < 0.5] = 0.0
            for form, index in product((sp.csc_array, sp.csr_array), indices):
                matrix = form(X)
                matrix.indices, matrix.indptr = matrix.indices.astype(index), matrix.indptr.astype(index)
                yield matrix


def subjects() -> tuple[str, ...]:
    """Return what there are fits for, besides `KERNELS`."""
    return tuple(_MODELS)


def planned(subjects: Sequence[str], dtypes: Sequence[str]) -> list[Rehearsal]:
    """Return the rehearsals of some subjects; neighbours have little in common that both would compile."""
    dense, sparse = (
        [Rehearsal(subject, layout, dtype) for dtype, subject in product(dtypes, subjects)]
        for layout in ("dense", "sparse")
    )
    sparse = [each for each in sparse if each.subject != KERNELS]
    half = len(sparse) // 2
    pairs = zip_longest(dense, sparse[half:] + sparse[:half])
    return [each for pair in pairs for each in pair if each is not None]


@contextmanager
def _moved(limits: dict[str, dict[str, float]]) -> Iterator[None]:
    """Move limits of the solvers for a while."""
    before = []
    try:
        for name, values in limits.items():
            module = import_module(f"fastreg.solvers.{name}")
            for limit, value in values.items():
                before.append((module, limit, getattr(module, limit)))
                setattr(module, limit, value)
        yield
    finally:
        for module, limit, value in before:
            setattr(module, limit, value)


class _Asked(NamedTuple):
    """An estimator, what it learns, and whether rows are weighted."""

    model: Any
    kind: str = "numbers"
    weighted: bool = False


class _Solve:
    """`fastreg.solve` and its neighbours in the form of an estimator, for one loss and one penalty."""

    def __init__(self, loss: Any, penalty: Any):
        self.terms = {"loss": loss, "penalty": penalty}

    def fit(self, X: Any, y: np.ndarray, sample_weight: np.ndarray | None) -> _Solve:
        """Follow a path, solve with standardised columns, certify."""
        import fastreg

        y = 2.0 * y - 1.0 if y.dtype.kind == "i" else y
        words = {**self.terms, "sample_weight": sample_weight}
        fastreg.path(X, y, strengths=3, ratio=0.01, **words)
        solution = fastreg.solve(X, y, standardize=True, max_iter=_ROUNDS, **words)
        fastreg.certify(X, y, coef=solution.coef, intercept=solution.intercept, **words)
        return self

    def predict(self, X: Any) -> None:
        """Do nothing: the functions leave predictions to NumPy."""


def _fit(asked: _Asked, X: Any) -> None:
    """Fit and predict once."""
    n_samples = X.shape[0]
    y: np.ndarray = X @ np.linspace(1.0, -1.0, X.shape[1]) + 0.1 * np.arange(n_samples) % 0.7
    if asked.kind != "numbers":
        cuts = np.quantile(y, (1 / 3, 2 / 3) if asked.kind == "three classes" else (0.5,))
        y = np.digitize(y, cuts)
    weights = 1.0 + np.arange(n_samples) % 3 if asked.weighted else None
    asked.model.fit(X, y, sample_weight=weights).predict(X)


def _each(models: Iterable[Any], kind: str = "numbers") -> list[_Asked]:
    """Return models to be fitted with weights and without."""
    return [_Asked(model, kind, weighted) for model, weighted in product(models, (False, True))]


def _solved() -> list[_Asked]:
    from fastreg.losses import Logistic, Squared
    from fastreg.penalties import L1, L2, ElasticNet

    penalties = L1(0.02), L2(0.02), ElasticNet(0.02, 0.5)
    return [
        asked
        for loss, kind in ((Squared(), "numbers"), (Logistic(), "two classes"))
        for asked in _each((_Solve(loss, penalty) for penalty in penalties), kind)
    ]


def _lassos(name: str) -> Callable[[], list[_Asked]]:
    def models() -> list[_Asked]:
        from fastreg import estimators

        model = getattr(estimators, name)
        return _each(model(alpha=0.05, positive=positive, max_iter=_ROUNDS) for positive in (False, True))

    return models


def _cross_validated(name: str) -> Callable[[], list[_Asked]]:
    def models() -> list[_Asked]:
        from fastreg import estimators

        model = getattr(estimators, name)
        return _each(
            model(eps=0.1, alphas=3, cv=3, positive=positive, max_iter=_ROUNDS) for positive in (False, True)
        )

    return models


def _ridges() -> list[_Asked]:
    from fastreg.estimators import Ridge

    return _each(Ridge(alpha=10.0, positive=positive, max_iter=_ROUNDS) for positive in (False, True))


def _ridge_cvs() -> list[_Asked]:
    from fastreg.estimators import RidgeCV

    return _each(RidgeCV(cv=cv) for cv in (None, 3))


def _group_lassos() -> list[_Asked]:
    from fastreg.estimators import GroupLasso

    return _each(
        GroupLasso(groups=2, alpha=0.05, weights=weights, standardize=standardize, max_iter=_ROUNDS)
        for weights, standardize in ((None, False), ("sqrt", True))
    )


def _logistic() -> list[_Asked]:
    from fastreg.estimators import LogisticRegression

    return [
        asked
        for kind in ("two classes", "three classes")
        for asked in _each(
            (LogisticRegression(l1_ratio=ratio, max_iter=_ROUNDS) for ratio in (0.0, 1.0, 0.5)), kind
        )
    ]


def _logistic_cvs() -> list[_Asked]:
    from fastreg.estimators import LogisticRegressionCV

    return [
        asked
        for kind in ("two classes", "three classes")
        for asked in _each(
            (
                LogisticRegressionCV(Cs=2, l1_ratios=ratios, cv=2, max_iter=_ROUNDS)
                for ratios in ([0.0], [1.0], [0.5])
            ),
            kind,
        )
    ]


def _linear(name: str, kind: str, **words: Any) -> Callable[[], list[_Asked]]:
    def models() -> list[_Asked]:
        from fastreg import estimators

        model = getattr(estimators, name)
        return _each((model(standardize=scaled, max_iter=_ROUNDS, **words) for scaled in (False, True)), kind)

    return models


def _sgd(name: str, kind: str, losses: Sequence[str], averaged: Sequence[str]) -> Callable[[], list[_Asked]]:
    """Return what is asked of stochastic gradient descent: each loss with each penalty, and some means."""

    def models() -> list[_Asked]:
        from fastreg import estimators

        penalties = "l2", "l1", "elasticnet"
        words: list[dict[str, Any]] = [
            *({"loss": loss, "penalty": penalty} for loss, penalty in product(losses, penalties)),
            *(
                {"loss": loss, "penalty": penalty, "average": True}
                for loss, penalty in product(averaged, penalties)
            ),
            {"penalty": "weight_decay"},
            {"alpha": "adaptive", "learning_rate": "auto"},
            {"early_stopping": True, "exact_objective": True},
        ]
        model = getattr(estimators, name)
        return [_Asked(model(max_iter=2, **each), kind) for each in words]

    return models


_MODELS: dict[str, Callable[[], list[_Asked]]] = {
    "Lasso": _lassos("Lasso"),
    "SGDClassifier": _sgd(
        "SGDClassifier",
        "two classes",
        ("hinge", "log_loss", "modified_huber", "squared_hinge"),
        ("hinge", "log_loss"),
    ),
    "LogisticRegression": _logistic,
    "LogisticRegressionCV": _logistic_cvs,
    "SGDRegressor": _sgd(
        "SGDRegressor",
        "numbers",
        ("squared_error", "huber", "epsilon_insensitive", "squared_epsilon_insensitive"),
        ("squared_error",),
    ),
    "GroupLasso": _group_lassos,
    "ElasticNet": _lassos("ElasticNet"),
    "Ridge": _ridges,
    "RidgeCV": _ridge_cvs,
    "LassoCV": _cross_validated("LassoCV"),
    "ElasticNetCV": _cross_validated("ElasticNetCV"),
    "LinearClassifier": _linear("LinearClassifier", "two classes"),
    "LinearClassifierCV": _linear("LinearClassifierCV", "two classes", strengths=3, cv=3),
    "LinearRegressor": _linear("LinearRegressor", "numbers"),
    "LinearRegressorCV": _linear("LinearRegressorCV", "numbers", strengths=3, cv=3),
    "solve": _solved,
}


def _call_kernels(dtype: str) -> None:
    """Ask for every kernel of `fastreg.kernels` and for every C function, for arrays of one dtype."""
    from fastreg import kernels, losses, penalties
    from fastreg.interop.table import ENTRIES

    for entry in ENTRIES:
        if entry.name.endswith("_f32") == (dtype == "float32"):
            entry.address()
    # A ufunc has the loops of both dtypes: two workers begin at two ends, and find what the other made.
    for name in sorted(kernels.__all__, reverse=dtype == "float32"):
        getattr(kernels, name)
    weights, labels = np.linspace(-2.0, 2.0, 6).astype(dtype), np.ones(6, dtype)
    l1 = penalties.L1(0.5)
    for penalty in (
        l1, penalties.L2(0.5), penalties.ElasticNet(0.5, 0.5), penalties.NoPenalty(),
        penalties.Bounded(l1, -1.0, 1.0), penalties.GroupL2(0.5, 2),
    ):  # fmt: skip
        kernels.value(penalty, weights)
        kernels.prox(penalty, weights, 0.5)
        if hasattr(penalty, "gradient"):
            kernels.gradient(penalty, weights)
    for loss in (losses.Squared(), losses.Logistic()):
        kernels.value(loss, weights, labels)
        kernels.gradient(loss, weights, y=labels)
