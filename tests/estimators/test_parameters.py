"""What becomes of every parameter of scikit-learn's, against the published table."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
import sklearn.linear_model

import fastreg

PAGE = (Path(__file__).parents[2] / "docs" / "scikit_learn.md").read_text("utf-8")
# Parameters of ours that scikit-learn does not have, and their defaults.
_OF_SGD = {"scoring": None, "exact_objective": False, "momentum": 0.0}
OWN = {name: _OF_SGD for name in ("SGDRegressor", "SGDClassifier")}
NAMES = [
    "Lasso",
    "ElasticNet",
    "LassoCV",
    "ElasticNetCV",
    "Ridge",
    "LogisticRegression",
    "SGDRegressor",
    "SGDClassifier",
]
X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, -1.0], [4.0, 0.5], [5.0, 2.0]])
Y = np.array([0, 0, 1, 0, 1, 1])


def fates(name):
    """Return {parameter: text} of the section that names an estimator, without rows of its neighbour only."""
    for heading, body in re.findall(r"^### (.+?)\n(.*?)(?=^##|\Z)", PAGE, re.M | re.S):
        if name in heading.split(", "):
            others = {f"({other})" for other in NAMES} - {f"({name})"}
            rows = re.findall(r"^\| `(\w+)`([^|]*)\| (.+?) \|$", body, re.M)
            return {key: text for key, mark, text in rows if mark.strip() not in others}
    raise AssertionError(f"the page has no section for {name}")


def parameters(estimator_class):
    return list(inspect.signature(estimator_class.__init__).parameters)[1:]


newest_names = pytest.mark.skipif(
    inspect.signature(sklearn.linear_model.LogisticRegression).parameters["penalty"].default != "deprecated",
    reason="scikit-learn before 1.8 has other defaults",
)


@newest_names
@pytest.mark.parametrize("name", NAMES)
def test_the_table_names_every_parameter_of_scikit_learn_and_no_other(name):
    theirs = set(parameters(getattr(sklearn.linear_model, name)))
    told = set(fates(name)) - {"check_input"}
    assert told == theirs
    assert set(parameters(getattr(fastreg, name))) - set(OWN.get(name, {})) == theirs
    assert all(re.match("honoured|ignored: |refused: ", text) for text in fates(name).values())


@newest_names
@pytest.mark.parametrize("name", NAMES)
def test_the_defaults_are_scikit_learns(name):
    ours, theirs = getattr(fastreg, name)().get_params(), getattr(sklearn.linear_model, name)().get_params()
    if name == "LogisticRegression":
        assert ours.pop("penalty") == "auto"  # theirs says that the parameter goes away
        theirs.pop("penalty")
    assert ours == theirs | OWN.get(name, {})


OTHER = {
    "precompute": True,
    "copy_X": False,
    "random_state": 7,
    "selection": "random",
    "solver": "saga",
    "dual": True,
    "intercept_scaling": 3.0,
    "verbose": 1,
}


@pytest.mark.parametrize("name", ["Lasso", "ElasticNet", "LassoCV", "Ridge", "LogisticRegression"])
def test_what_is_ignored_changes_no_bit(name, capfd):
    estimator_class = getattr(fastreg, name)
    ignored = {key for key, text in fates(name).items() if text.startswith("ignored")} - {"check_input"}
    plain = estimator_class().fit(X, Y)
    other = estimator_class(**{key: OTHER[key] for key in ignored}).fit(X, Y)
    assert ignored
    assert np.array_equal(plain.coef_, other.coef_)
    assert np.array_equal(plain.intercept_, other.intercept_)
    assert capfd.readouterr() == ("", "")


IMPOSSIBLE = {
    "alpha": -1.0,
    "C": 0.0,
    "l1_ratio": 1.5,
    "fit_intercept": "yes",
    "max_iter": -1,
    "tol": -1e-3,
    "warm_start": 2,
    "positive": "no",
    "selection": "best",
    "solver": "magic",
    "penalty": "l0",
    "class_weight": "fair",
    "n_jobs": 0,
    "alphas": -2,
    "eps": -0.5,
}


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        (name, parameter)
        for name in ["Lasso", "ElasticNet", "ElasticNetCV", "Ridge", "LogisticRegression"]
        for parameter in parameters(getattr(fastreg, name))
        if parameter in IMPOSSIBLE
    ],
)
def test_an_impossible_value_is_one_sentence_that_names_it(name, parameter):
    value = IMPOSSIBLE[parameter]
    model = getattr(fastreg, name)(**{parameter: value})
    with pytest.raises((ValueError, TypeError)) as refusal:
        model.fit(X, Y)
    text = str(refusal.value)
    assert re.search(rf"\b{parameter}\b", text)
    assert str(value) in text or repr(value) in text
    assert text.endswith(".")
    assert "\n" not in text


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"penalty": "l2", "l1_ratio": 0.5}, "contradicts"),
        ({"penalty": "l1", "l1_ratio": 0.5}, "contradicts"),
        ({"penalty": "l2", "l1_ratio": 1.0}, "contradicts"),
        ({"penalty": None, "C": 0.1}, "leave out one"),
        ({"penalty": "elasticnet", "l1_ratio": None}, "pass l1_ratio"),
    ],
)
def test_contradictory_spellings_are_refused(parameters, words):
    with pytest.raises(ValueError, match=words):
        fastreg.LogisticRegression(**parameters).fit(X, Y)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"penalty": "l2"}, {"l1_ratio": 0.0}),
        ({"penalty": "l1"}, {"l1_ratio": 1.0}),
        ({"penalty": "l1", "l1_ratio": 1.0}, {"penalty": "deprecated", "l1_ratio": 1.0}),
        ({"penalty": "elasticnet", "l1_ratio": 0.5}, {"l1_ratio": 0.5}),
        ({"penalty": None}, {"C": np.inf}),
        ({"penalty": "l2", "l1_ratio": None}, {"l1_ratio": None}),
    ],
)
def test_old_and_new_spelling_say_the_same(old, new):
    labels = np.array([0, 1, 0, 1, 0, 1])  # not separable
    found = [fastreg.LogisticRegression(**words).fit(X, labels) for words in (old, new)]
    assert np.array_equal(found[0].coef_, found[1].coef_)
    assert np.array_equal(found[0].intercept_, found[1].intercept_)
