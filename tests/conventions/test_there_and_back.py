"""Every translation there and back, and what is refused."""

import numpy as np
import pytest

from fastreg import conventions
from fastreg.penalties import L1, L2, Bounded, ElasticNet, NoPenalty

pytestmark = pytest.mark.small

Y = np.array([1.0, 4.0, 2.0, 8.0, 5.0])
WEIGHTS = np.array([1.0, 2.0, 1.0, 3.0, 0.5])
SUMMED = {"total_weight": 70.0}
AVERAGED = {"total_weight": 70.0, "n_samples": 40}
TRAINED = {"y": Y, "sample_weight": WEIGHTS}
FACTORS = np.array([0.5, 2.0, 0.5])  # mean 1

# peer, its estimator, what both directions need, the peer's parameters.
CASES = [
    ("scikit_learn", "Lasso", {}, {"alpha": 0.3}),
    ("scikit_learn", "ElasticNet", {}, {"alpha": 0.3, "l1_ratio": 0.2}),
    ("scikit_learn", "Ridge", SUMMED, {"alpha": 3.0}),
    ("scikit_learn", "LogisticRegression", SUMMED, {"C": 0.7, "l1_ratio": 0.3}),
    ("scikit_learn", "LogisticRegression", SUMMED, {"C": np.inf, "l1_ratio": 0.0}),
    ("scikit_learn", "SGDClassifier", AVERAGED, {"alpha": 0.1, "l1_ratio": 0.2, "penalty": "elasticnet"}),
    ("scikit_learn", "SGDRegressor", {}, {"penalty": None}),
    ("glmnet", "gaussian", TRAINED, {"lam": 0.3, "alpha": 0.2}),
    ("glmnet", "gaussian", TRAINED | {"fit_intercept": False}, {"lam": 0.3, "alpha": 0.2}),
    ("glmnet", "gaussian", TRAINED, {"lam": 0.3, "alpha": 0.2, "penalty_factor": FACTORS}),
    ("glmnet", "binomial", {}, {"lam": 0.3, "alpha": 0.2}),
    ("skglm", "Lasso", {}, {"alpha": 0.3}),
    ("skglm", "WeightedLasso", {}, {"alpha": 0.3, "weights": FACTORS}),
    ("skglm", "ElasticNet", {}, {"alpha": 0.3, "l1_ratio": 0.2}),
    ("skglm", "SparseLogisticRegression", {}, {"alpha": 0.3, "l1_ratio": 0.2}),
    ("celer", "Lasso", {}, {"alpha": 0.3, "weights": FACTORS}),
    ("celer", "ElasticNet", {}, {"alpha": 0.3, "l1_ratio": 0.2, "weights": None}),
    ("celer", "LogisticRegression", SUMMED, {"C": 0.7}),
    ("statsmodels", "OLS", {}, {"alpha": 0.3, "L1_wt": 0.2}),
    ("statsmodels", "WLS", {}, {"alpha": FACTORS, "L1_wt": 0.2}),
    ("statsmodels", "GLM", AVERAGED, {"alpha": 0.3, "L1_wt": 0.2}),
    ("statsmodels", "Logit", SUMMED, {"alpha": 0.3}),
    ("vowpal_wabbit", "squared", {}, {"l1": 0.3, "l2": 0.2}),
    ("vowpal_wabbit", "logistic", {}, {"l1": 0.3, "l2": 0.2}),
    ("vowpal_wabbit", "squared", SUMMED | {"bfgs": True}, {"l1": 0.0, "l2": 0.2}),
    ("spark", "LinearRegression", TRAINED, {"regParam": 0.3, "elasticNetParam": 0.2}),
    ("spark", "LinearRegression", TRAINED | {"solver": "l-bfgs"}, {"regParam": 0.3, "elasticNetParam": 0.2}),
    ("spark", "LogisticRegression", TRAINED, {"regParam": 0.3, "elasticNetParam": 0.2}),
    ("spark", "LogisticRegression", TRAINED, {"regParam": 0.0, "elasticNetParam": 0.0}),
]
TERMS = [
    NoPenalty(),
    L1(0.3),
    L2(0.2),
    ElasticNet(0.7, 0.4),
    L1(FACTORS),
    ElasticNet(3 * FACTORS, 0.4),
    Bounded(L1(0.1), 0.0, np.inf),
]
# Which estimators have no L1 part, no L2 part, no strengths per feature.
WITHOUT_L1 = {("scikit_learn", "Ridge"), ("vowpal_wabbit", "squared", "bfgs")}
WITHOUT_L2 = {
    ("scikit_learn", "Lasso"),
    ("skglm", "Lasso"),
    ("skglm", "WeightedLasso"),
    ("celer", "Lasso"),
    ("celer", "LogisticRegression"),
    ("statsmodels", "Logit"),
}
WITH_FACTORS = {
    ("glmnet", "gaussian"),
    ("glmnet", "binomial"),
    ("skglm", "WeightedLasso"),
    ("celer", "Lasso"),
    ("celer", "ElasticNet"),
    ("statsmodels", "OLS"),
    ("statsmodels", "WLS"),
    ("statsmodels", "GLM"),
    ("statsmodels", "Logit"),
}


def translate(direction, peer, *args, **words):
    return getattr(conventions, f"{direction}_{peer}")(*args, **words)


def assert_same_parameters(left, right):
    assert left.keys() == right.keys()
    for name, value in left.items():
        if value is None or isinstance(value, str):
            assert right[name] == value
        else:
            assert right[name] == pytest.approx(value, rel=1e-14, abs=1e-16)


@pytest.mark.parametrize(("peer", "estimator", "needs", "parameters"), CASES)
def test_parameters_come_back(peer, estimator, needs, parameters):
    penalty = translate("from", peer, estimator, **needs, **parameters)
    assert_same_parameters(parameters, translate("to", peer, estimator, penalty, **needs))


def expressible(peer, estimator, needs, penalty):
    """Whether the estimator has the parts that the penalty is made of."""
    key = (peer, estimator, "bfgs") if "bfgs" in needs else (peer, estimator)
    l1 = isinstance(penalty, L1 | ElasticNet)
    l2 = isinstance(penalty, L2 | ElasticNet)
    factors = l1 and np.ndim(penalty.strength)
    return not (
        isinstance(penalty, Bounded)
        or (l1 and key in WITHOUT_L1)
        or (l2 and key in WITHOUT_L2)
        or (factors and key not in WITH_FACTORS)
    )


@pytest.mark.parametrize("penalty", TERMS)
@pytest.mark.parametrize(("peer", "estimator", "needs", "_"), CASES)
def test_penalties_come_back_or_are_refused(peer, estimator, needs, _, penalty):
    if expressible(peer, estimator, needs, penalty):
        parameters = translate("to", peer, estimator, penalty, **needs)
        again = translate("from", peer, estimator, **needs, **parameters)
        assert type(again) is type(penalty)
        assert_same_parameters(penalty._asdict(), again._asdict())
    else:
        with pytest.raises(ValueError, match=r"^[^\n]*: [^\n]*\.$"):
            translate("to", peer, estimator, penalty, **needs)


@pytest.mark.parametrize(
    ("penalty", "simplest"),
    [
        (L1(0.0), NoPenalty()),
        (L2(0), NoPenalty()),
        (ElasticNet(0.3, 0.0), L2(0.3)),
        (ElasticNet(0.3, 1.0), L1(0.3)),
        (L1(np.zeros(3)), NoPenalty()),
    ],
)
def test_the_simplest_term_is_returned(penalty, simplest):
    parameters = conventions.to_glmnet("binomial", penalty)
    assert conventions.from_glmnet("binomial", **parameters) == simplest


@pytest.mark.parametrize(
    "nothing", [{"alpha": 0.0}, {"alpha": 0}, {"penalty": None}, {"alpha": 0.0, "l1_ratio": 0.5}]
)
def test_no_penalty(nothing):
    assert conventions.from_scikit_learn("SGDClassifier", **nothing) == NoPenalty()


def test_an_l1_ratio_is_meant_unless_a_penalty_says_otherwise():
    from_sgd = conventions.from_scikit_learn
    assert type(from_sgd("SGDRegressor", alpha=0.1, l1_ratio=0.5)) is ElasticNet
    assert from_sgd("SGDRegressor", alpha=0.1) == L2(0.05)
    assert from_sgd("SGDRegressor", alpha=0.1, l1_ratio=0.5, penalty="l1") == L1(0.1)


def test_any_number_will_do():
    assert conventions.from_scikit_learn("Lasso", alpha=np.float32(0.5)) == L1(0.5)
    assert conventions.from_scikit_learn("Ridge", alpha=np.int64(1), total_weight=2) == L2(0.25)


REFUSED = [
    ("scikit_learn", ("Lasso",), {"alpha": -1.0}, "Lasso: alpha=-1.0 is no strength"),
    ("scikit_learn", ("Lasso",), {"alpha": np.nan}, "Lasso: alpha=nan is no strength"),
    ("scikit_learn", ("Lasso",), {"alpha": np.inf}, "Lasso: alpha=inf is no strength"),
    ("scikit_learn", ("Lasso",), {"alpha": "big"}, "Lasso: alpha='big' is no strength"),
    ("scikit_learn", ("Lasso",), {"C": 1.0}, "Lasso: C=1.0 makes no penalty: pass alpha"),
    ("scikit_learn", ("Lars",), {}, "scikit-learn has no 'Lars' here: pass one of Lasso, ElasticNet, Ridge"),
    ("scikit_learn", ("ElasticNet",), {"l1_ratio": 1.1}, "ElasticNet: l1_ratio=1.1 is no share"),
    ("scikit_learn", ("Ridge",), {"alpha": 1.0}, "Ridge sums the loss: pass total_weight"),
    ("scikit_learn", ("Ridge",), {"total_weight": 0}, "Ridge: total_weight=0 is impossible"),
    (
        "scikit_learn",
        ("LogisticRegression",),
        {"C": 1.0},
        "LogisticRegression sums the loss: pass total_weight",
    ),
    ("scikit_learn", ("LogisticRegression",), {"C": 0, **SUMMED}, "LogisticRegression: C=0 is impossible"),
    ("scikit_learn", ("SGDRegressor",), SUMMED, "SGDRegressor divides the loss by the number of rows"),
    ("scikit_learn", ("SGDRegressor",), {"penalty": "l3"}, "SGDRegressor: penalty='l3' is unknown"),
    ("glmnet", ("poisson",), {"lam": 1.0}, "glmnet: family='poisson' has no translation"),
    ("glmnet", ("gaussian",), {"lam": -1.0}, "glmnet: lam=-1.0 is no strength"),
    ("glmnet", ("gaussian",), {"lam": 1.0, "alpha": 0.5}, "glmnet standardises by the target: pass y"),
    ("glmnet", ("gaussian",), {"lam": 1.0, "alpha": 0.5, "y": np.ones(3)}, "glmnet fits no constant y"),
    ("glmnet", ("binomial",), {"lam": 1.0, "penalty_factor": [0.0, 0.0]}, "glmnet: penalty_factor is 0 for"),
    (
        "glmnet",
        ("binomial",),
        {"lam": 1.0, "penalty_factor": [-1.0, 2.0]},
        "glmnet: penalty_factor is no vector",
    ),
    ("skglm", ("WeightedLasso",), {"weights": "many"}, "WeightedLasso: weights is no vector of strengths"),
    ("celer", ("LogisticRegression",), {"C": 1.0}, "LogisticRegression sums the loss: pass total_weight"),
    ("statsmodels", ("OLS",), {"alpha": [0.1, np.nan]}, "OLS: alpha is no vector of strengths"),
    ("statsmodels", ("Logit",), {"alpha": 1.0}, "Logit sums the loss: pass total_weight"),
    ("vowpal_wabbit", ("hinge",), {}, "Vowpal Wabbit has no 'hinge' here: pass one of squared, logistic"),
    ("vowpal_wabbit", ("squared",), {"l1": 0.1, "bfgs": True}, "Vowpal Wabbit: --bfgs minimises no L1 part"),
    ("vowpal_wabbit", ("squared",), {"l2": 0.1, "bfgs": True}, "--bfgs sums the loss: pass total_weight"),
    (
        "spark",
        ("LinearRegression",),
        {"y": Y, "solver": "auto"},
        "LinearRegression: solver='auto' is unknown",
    ),
    ("spark", ("LinearRegression",), {"y": np.ones(3)}, "LinearRegression of Spark fits no constant y"),
    (
        "spark",
        ("LinearRegression",),
        {"y": Y, "sample_weight": [1.0]},
        "LinearRegression: sample_weight does not",
    ),
    (
        "spark",
        ("LinearRegression",),
        {"y": ["a", "b"]},
        "LinearRegression standardises by the target: pass y",
    ),
]


@pytest.mark.parametrize(("peer", "args", "words", "sentence"), REFUSED)
def test_refused(peer, args, words, sentence):
    with pytest.raises(ValueError, match=r"^[^\n]*: [^\n]*\.$") as refusal:
        translate("from", peer, *args, **words)
    assert str(refusal.value).startswith(sentence)


@pytest.mark.parametrize("penalty", [L1(-1.0), L2(np.inf), ElasticNet(1.0, 2.0), L1(np.array([-1.0, 1.0]))])
def test_impossible_terms_are_refused(penalty):
    with pytest.raises(ValueError, match=r"^(L1|L2|ElasticNet): (strength|l1_ratio)[^\n]*\.$"):
        conventions.to_glmnet("binomial", penalty)
