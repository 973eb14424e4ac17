"""Rows, labels and a model that the tests of SGDRegressor and SGDClassifier share."""

import numpy as np

from fastreg import SGDClassifier

RNG = np.random.default_rng(8)
X = RNG.standard_normal((400, 6))
SIGNAL = X @ [1.0, -1.0, 0.5, 0.0, 0.0, 0.2] + 0.7 * RNG.standard_normal(400) + 0.4
PAIR = np.where(SIGNAL > 0.3, "yes", "no")
TRIPLE = np.array(["ash", "birch", "cedar"])[np.digitize(SIGNAL, [-0.5, 1.0])]
WEIGHTS = RNG.uniform(0.5, 2.0, 400)


def logistic(**words):
    return SGDClassifier(**{"loss": "log_loss", "alpha": 0.01, "random_state": 0, **words})
