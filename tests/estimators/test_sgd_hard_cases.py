"""SGDRegressor and SGDClassifier where others overflow, divide by 0 or run out of memory."""

import itertools
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
import subprocesses

from fastreg import SGDClassifier, SGDRegressor

# At the end: an installed fastreg is tested rather than the checkout.
sys.path.append(str(Path(__file__).parent.parent.parent))

from benchmarks.suite import memory

RNG = np.random.default_rng(11)
X = RNG.standard_normal((200, 5))
SIGNAL = X @ [1.0, -1.0, 0.5, 0.0, 0.0] + 0.5 * RNG.standard_normal(200)
PAIR = np.where(SIGNAL > 0, "yes", "no")
SCHEDULES = ["constant", "optimal", "invscaling", "adaptive", "cosine", "auto", "adagrad"]
COMBINED = [each for each in itertools.product(SCHEDULES, (False, True)) if each != ("adagrad", True)]
PENALTIES = ["l2", "l1", "elasticnet"]
STRENGTHS = [*itertools.product(PENALTIES, (0.0, 1.0, 1e300)), ("weight_decay", 0.0), ("weight_decay", 0.999)]
ENDS = {"max_iter": 3, "tol": None, "random_state": 0}


def regressor(**words):
    return SGDRegressor(**{**ENDS, **words}).fit(X, SIGNAL)


def classifier(**words):
    return SGDClassifier(**{"loss": "log_loss", **ENDS, **words}).fit(X, PAIR)


@pytest.mark.parametrize(("schedule", "average"), COMBINED)
@pytest.mark.parametrize("make", [regressor, classifier])
def test_strength_zero_is_no_penalty(make, schedule, average):
    words = {"alpha": 0.0, "learning_rate": schedule, "eta0": 0.02, "average": average}
    if (make, schedule) == (regressor, "optimal"):
        words["loss"] = "huber"  # the steps in place of strength 0 are too long for squares
    expected = make(penalty=None, **words)
    assert np.isfinite(expected.coef_).all()
    assert np.abs(expected.coef_).max() > 0.05
    for penalty in (*PENALTIES, *(["weight_decay"] if schedule != "adagrad" else [])):
        assert make(penalty=penalty, **words).coef_ == pytest.approx(expected.coef_, rel=1e-12)


@pytest.mark.parametrize("average", [False, True])
@pytest.mark.parametrize(("penalty", "alpha"), STRENGTHS)
@pytest.mark.parametrize("eta0", [1e-300, 1e30, 1e300], ids=str)
def test_huge_steps_and_strengths_end_finite_or_are_told(eta0, alpha, penalty, average):
    for schedule, averaged in COMBINED:
        if averaged != average or (schedule, penalty) == ("adagrad", "weight_decay"):
            continue
        words = {
            "eta0": eta0,
            "alpha": alpha,
            "penalty": penalty,
            "average": average,
            "learning_rate": schedule,
        }
        for make in (regressor, classifier):
            try:
                model = make(**words)
            except ValueError as error:
                message = str(error)
                told = re.search(r"overflow occurred at epoch #\d, .* a step size of (\S+)\. ", message)
                assert told, message
                assert np.isfinite(float(told[1])) or told[1] == "inf"
                continue
            assert np.isfinite(model.coef_).all(), (schedule, make)
            assert np.isfinite(model.intercept_).all(), (schedule, make)


def test_the_step_size_that_is_told_is_the_one_that_was_used():
    with pytest.raises(ValueError, match=r"epoch #1, which began with a step size of 1e\+300"):
        regressor(learning_rate="constant", eta0=1e300)


@pytest.mark.parametrize("form", [np.asarray, sp.csr_array])
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
@pytest.mark.parametrize("learn", ["fit", "partial_fit", "fit_blocks"])
def test_rows_and_labels_that_are_no_numbers_are_refused(learn, wrong, form):
    rows, target = X.copy(), SIGNAL.copy()
    rows[3, 4] = target[7] = wrong
    kinds = (
        (SGDRegressor, SIGNAL, target),
        (SGDClassifier, PAIR, np.where(np.isfinite(target), 1.0, target)),
    )
    for kind, labels, broken in kinds:
        for data, y, message in (
            (rows, labels, r"X\[3, 4\] is"),
            (X, broken, "y contains|NaN|infinity|y holds"),
        ):
            model = kind()
            words = {"classes": np.unique(labels)} if kind is SGDClassifier and learn != "fit" else {}
            arguments = ([(form(data), y)],) if learn == "fit_blocks" else (form(data), y)
            with pytest.raises(ValueError, match=message):
                getattr(model, learn)(*arguments, **words)
            assert not hasattr(model, "coef_")


WIDE = (
    memory.RESIDENT
    + """
import sys
import numpy as np, scipy.sparse as sp
from fastreg import SGDClassifier
from subprocesses import tell

average, learning_rate = sys.argv[1] == "True", sys.argv[2]
rng = np.random.default_rng(0)

def rows(n_features, count=200, entries=50):
    indices = np.sort(rng.integers(n_features, size=(count, entries), dtype=np.int32), axis=1)
    X = sp.csr_array((rng.random(count * entries), indices.ravel(), np.arange(count + 1) * entries),
                     shape=(count, n_features))
    X.sum_duplicates()
    return X, np.arange(count) % 2

model = SGDClassifier(loss="log_loss", penalty="elasticnet", average=average, max_iter=2, tol=None,
                      learning_rate=learning_rate)
model.fit(*rows(10**5))  # compiles
X, y = rows(10**7)
before = resident("VmRSS")
forget_highest()
model.fit(X, y)
tell(added=resident("VmHWM") - before, nonzero=int((model.coef_ != 0).sum()))
"""
)


@pytest.mark.slow
@pytest.mark.skipif(not memory.can_be_measured(), reason="asks Linux for the highest resident size")
@pytest.mark.parametrize(
    ("average", "learning_rate", "vectors"),
    [(False, "optimal", 2), (True, "optimal", 3), (False, "adagrad", 3)],
)
def test_ten_million_columns_take_a_few_vectors(average, learning_rate, vectors):
    found = subprocesses.run("-c", WIDE, str(average), learning_rate)
    assert 0 < found["nonzero"] <= 10_000
    assert found["added"] <= 1.1 * vectors * 8e7
