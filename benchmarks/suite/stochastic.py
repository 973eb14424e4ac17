"""Epochs of stochastic gradient: seconds, and the objective they reach."""

import functools

import numpy as np
import scipy.sparse as sp

import fastreg

from .problems import dense, text_like, with_32_bit_indices
from .warm import Warm

DATA = {"text": lambda: text_like(10_000, 40_000, 60), "tall": lambda: dense(50_000, 50, 20)}
PENALTIES = {"L2": {}, "elastic net": {"penalty": "elasticnet", "l1_ratio": 0.15}}
ITERATES = {"last": {}, "mean": {"average": True}}
STEPS = {"text": 2.0, "tall": 0.01}  # rows of the one have length 1, of the other about 7
N_EPOCHS = 5


@functools.cache
def rows(data):
    """X in rows and y, made once per process."""
    X, response = DATA[data]()
    y = np.where(response > np.median(response), 1, -1)
    return with_32_bit_indices(sp.csr_array(X)) if sp.issparse(X) else np.ascontiguousarray(X), y


@functools.cache
def fit(data, penalty, iterate, n_threads=1):
    """Fit once per process: compiles with the exact types, and serves what only counts."""
    model = fastreg.SGDClassifier(
        "log_loss", alpha=1e-4, learning_rate="invscaling", eta0=STEPS[data], power_t=0.25, random_state=0,
        max_iter=N_EPOCHS, tol=None, **PENALTIES[penalty], **ITERATES[iterate],
    )  # fmt: skip
    with fastreg.num_threads(n_threads):
        return model.fit(*rows(data))


def objective(model, X, y):
    """Return the penalised objective of the weights, which the run itself only estimates."""
    coef, ratio = model.coef_[0], model.l1_ratio if model.penalty == "elasticnet" else 0.0
    penalty = ratio * np.abs(coef).sum() + (1 - ratio) / 2 * (coef @ coef)
    return float(np.logaddexp(0, -y * model.decision_function(X)).mean() + model.alpha * penalty)


class Seconds(Warm):
    """Of five epochs."""

    version = "2"
    params = [list(DATA), list(PENALTIES), list(ITERATES)]
    param_names = ["data", "penalty", "iterate"]

    def warm(self, data, penalty, iterate):
        fit(data, penalty, iterate)

    def time_epochs(self, data, penalty, iterate):
        fit.__wrapped__(data, penalty, iterate)


class Reached:
    version = "1"
    params = [list(DATA), list(PENALTIES)]
    param_names = ["data", "penalty"]

    def setup_cache(self):
        return {
            (data, penalty): objective(fit(data, penalty, "last"), *rows(data))
            for data in DATA
            for penalty in PENALTIES
        }

    setup_cache.timeout = 600

    def track_objective(self, found, data, penalty):
        return found[data, penalty]
