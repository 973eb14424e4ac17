"""Strengths to and from other libraries' parameters: round trips, and what is refused."""

import numpy as np
import pytest

from fastreg.conventions import from_scikit_learn, to_scikit_learn
from fastreg.penalties import L1, L2, ElasticNet, NoPenalty

pytestmark = pytest.mark.small

SUMS = {"total_weight": 70.0}
SGD = {"total_weight": 70.0, "n_samples": 40}
NEEDS = {
    "Lasso": {},
    "ElasticNet": {},
    "Ridge": SUMS,
    "LogisticRegression": SUMS,
    "SGDClassifier": SGD,
    "SGDRegressor": SGD,
}
SCIKIT_LEARN = [
    ("Lasso", {"alpha": 0.3}),
    ("ElasticNet", {"alpha": 0.3, "l1_ratio": 0.2}),
    ("Ridge", {"alpha": 3.0}),
    ("LogisticRegression", {"C": 0.7, "l1_ratio": 0.3}),
    ("LogisticRegression", {"C": np.inf, "l1_ratio": 0.0}),
    ("SGDClassifier", {"alpha": 0.01, "l1_ratio": 0.15, "penalty": "elasticnet"}),
    ("SGDRegressor", {"penalty": None}),
]
TERMS = [NoPenalty(), L1(0.3), L2(0.2), ElasticNet(0.7, 0.4)]
EXPRESSES = {"Lasso": (NoPenalty, L1), "Ridge": (NoPenalty, L2)}


@pytest.mark.parametrize(("estimator", "parameters"), SCIKIT_LEARN)
def test_scikit_learn_and_back(estimator, parameters):
    penalty = from_scikit_learn(estimator, **parameters, **NEEDS[estimator])
    back = to_scikit_learn(estimator, penalty, **NEEDS[estimator])
    assert back.pop("penalty", None) == parameters.get("penalty")
    assert back == pytest.approx(
        {name: parameters[name] for name in parameters if name != "penalty"}, rel=1e-14
    )


@pytest.mark.parametrize("penalty", TERMS)
@pytest.mark.parametrize("estimator", NEEDS)
def test_through_scikit_learn(estimator, penalty):
    if isinstance(penalty, EXPRESSES.get(estimator, tuple(map(type, TERMS)))):
        parameters = to_scikit_learn(estimator, penalty, **NEEDS[estimator])
        again = from_scikit_learn(estimator, **parameters, **NEEDS[estimator])
        assert type(again) is type(penalty)
        assert again == pytest.approx(penalty, rel=1e-14)
    else:
        with pytest.raises(ValueError, match=f"^{estimator} cannot express .*: take ElasticNet, or .*\\.$"):
            to_scikit_learn(estimator, penalty, **NEEDS[estimator])
