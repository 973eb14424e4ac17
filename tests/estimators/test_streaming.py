"""Fits to blocks of rows: what they are beside a fit of the whole, and how little memory they take."""

import gc
import pickle
import weakref

import numpy as np
import pytest
import scipy.sparse as sp

from fastreg import Lasso, LogisticRegression, SGDClassifier, SGDRegressor, num_threads
from fastreg.data import blocks
from fastreg.solvers import visits

RNG = np.random.default_rng(5)
X = RNG.standard_normal((320, 8)) * (RNG.random((320, 8)) < 0.4)
SIGNAL = X @ RNG.standard_normal(8) + 0.3 * RNG.standard_normal(320)
TRIPLE = np.array(["ash", "birch", "cedar"])[np.digitize(SIGNAL, [-0.5, 0.8])]
WEIGHTS = RNG.uniform(0.5, 2.0, 320)
WORDS = {"penalty": "l1", "alpha": 0.01, "shuffle": False, "learning_rate": "invscaling", "eta0": 0.05}


def classifier(**words):
    return SGDClassifier(**{"loss": "log_loss", **WORDS, **words})


def regressor(**words):
    return SGDRegressor(**{**WORDS, **words})


@pytest.mark.parametrize("average", [False, True])
@pytest.mark.parametrize("make", [classifier, regressor])
def test_a_fit_to_blocks_is_a_fit(make, average):
    y = TRIPLE if make is classifier else SIGNAL
    whole = make(average=average, max_iter=3, tol=None).fit(X, y)
    model = make(average=average)
    for _ in range(2):  # a second fit begins anew
        assert model.fit_blocks(blocks(X, y, rows=64), epochs=3) is model
        assert model.coef_.shape == whole.coef_.shape
        assert model.coef_ == pytest.approx(whole.coef_, abs=1e-12)
        assert (model.n_iter_, model.t_) == (3, whole.t_)
    assert np.array_equal(model.predict(X), whole.predict(X)) or make is regressor


BITS = {
    "regressor, l1, dense": (regressor, "l1", np.asarray),
    "regressor, l2, sparse": (regressor, "l2", sp.csr_array),
    "regressor, elasticnet, sparse": (regressor, "elasticnet", sp.csr_array),
    "classifier, l1, sparse": (classifier, "l1", sp.csr_array),
    "classifier, l2, dense": (classifier, "l2", np.asarray),
    "classifier, elasticnet, dense": (classifier, "elasticnet", np.asarray),
}


def in_parts(model, rows, y, size):
    """Partial fits of parts of the rows, through a pickle after each."""
    for start in range(0, len(y), size):
        words = {"classes": np.unique(y)} if y is TRIPLE else {}
        model.partial_fit(rows[start : start + size], y[start : start + size], **words)
        model = pickle.loads(pickle.dumps(model))
    return model


@pytest.mark.parametrize("average", [False, True, 150], ids=["last", "mean", "late mean"])
@pytest.mark.parametrize("case", BITS)
def test_partial_fits_are_a_pass_over_the_whole_bit_for_bit(case, average):
    make, penalty, layout = BITS[case]
    rows, y = layout(X), TRIPLE if make is classifier else SIGNAL
    words = {"penalty": penalty, "average": average, "alpha": 0.01}
    whole = make(**words, max_iter=1, tol=None).fit(rows, y)
    for size in (32, 160):
        parts = in_parts(make(**words), rows, y, size)
        assert parts.coef_.tobytes() == whole.coef_.tobytes()
        assert parts.intercept_.tobytes() == whole.intercept_.tobytes()
        assert parts.t_ == whole.t_


@pytest.mark.parametrize("average", [False, True], ids=["last", "mean"])
def test_partial_fits_of_long_rows_are_a_pass_bit_for_bit(average, monkeypatch):
    """Rows that threads share: the features are cut by the first rows, whoever reads them."""
    monkeypatch.setattr(visits.team, "SERIAL_BELOW", 0)  # or so little would stay on one thread
    long = sp.random_array((320, 1200), density=0.08, rng=np.random.default_rng(2), format="csr")
    words = {"penalty": "elasticnet", "average": average}
    whole = regressor(**words, max_iter=1, tol=None).fit(long, SIGNAL)
    assert whole.solution_.features.size > 2, "rows are not cut: nothing is tested"
    for threads in (1, 3):
        with num_threads(threads):
            parts = in_parts(regressor(**words), long, SIGNAL, 64)
        assert parts.coef_.tobytes() == whole.coef_.tobytes()


def pairs():
    return ((X[start : start + 64], TRIPLE[start : start + 64]) for start in range(0, 320, 64))


def test_blocks_come_in_many_forms():
    expected = classifier().fit_blocks(blocks(X, TRIPLE, rows=64), epochs=2)
    for form in (list(pairs()), pairs):
        assert np.array_equal(classifier().fit_blocks(form, epochs=2).coef_, expected.coef_)
    once = classifier().fit_blocks(pairs(), classes=["cedar", "birch", "ash"])
    assert np.array_equal(once.coef_, classifier().fit_blocks(list(pairs())).coef_)
    assert once.classes_.tolist() == ["ash", "birch", "cedar"]


def test_a_block_may_bear_weights():
    weighted = [(X[rows], SIGNAL[rows], WEIGHTS[rows]) for rows in (slice(0, 160), slice(160, 320))]
    whole = regressor(max_iter=1, tol=None).fit(X, SIGNAL, sample_weight=WEIGHTS)
    assert regressor().fit_blocks(weighted).coef_ == pytest.approx(whole.coef_, abs=1e-12)


def test_a_warm_start_goes_on():
    """Where it ended, as further epochs would."""
    twice = regressor(warm_start=True).fit_blocks(blocks(X, SIGNAL)).fit_blocks(blocks(X, SIGNAL))
    assert np.array_equal(twice.coef_, regressor().fit_blocks(blocks(X, SIGNAL), epochs=2).coef_)


def test_sparse_blocks_are_sparse_rows():
    sparse = regressor(average=True).fit_blocks(blocks(sp.csc_array(X), SIGNAL, rows=32))
    whole = regressor(average=True, max_iter=1, tol=None).fit(sp.csr_array(X), SIGNAL)
    assert sparse.coef_ == pytest.approx(whole.coef_, abs=1e-12)


FITS = {
    "Lasso": lambda rows: Lasso().fit(rows, SIGNAL),
    "SGDRegressor": lambda rows: regressor().fit_blocks([(rows, SIGNAL)]),
    "multinomial": lambda rows: LogisticRegression().fit(rows, TRIPLE),
}
LAYOUTS = {"C": np.ascontiguousarray, "F": np.asfortranarray, "csr": sp.csr_array, "csc": sp.csc_array}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", FITS)
def test_a_fit_lets_go_of_its_rows(name, layout):
    """At once, and not when cycles of references are looked for: blocks would pile up until then."""
    rows = LAYOUTS[layout](X.copy())
    watch = weakref.ref(rows.data if sp.issparse(rows) else rows)
    gc.disable()
    try:
        FITS[name](rows)
        del rows
        assert watch() is None
    finally:
        gc.enable()


REFUSED = {
    "an iterator for two epochs": (classifier, pairs, {"epochs": 2, "classes": [0, 1]}, "read once, not for"),
    "an iterator without classes": (classifier, pairs, {}, "read once: pass classes"),
    "no block": (regressor, list, {}, "blocks holds no block"),
    "rows alone": (regressor, lambda: [X], {}, "Block 0 of blocks is of type ndarray"),
    "no epoch": (regressor, lambda: [(X, SIGNAL)], {"epochs": 0}, "epochs=0"),
    "early stopping": (
        lambda: regressor(early_stopping=True), lambda: [(X, SIGNAL)], {}, "early_stopping should be False",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_one_sentence(case):
    make, of_blocks, words, message = REFUSED[case]
    with pytest.raises((ValueError, TypeError), match=message) as raised:
        make().fit_blocks(of_blocks(), **words)
    assert "\n" not in str(raised.value)


def test_what_cannot_be_leaves_the_last_fit():
    model = regressor().fit_blocks([(X, SIGNAL)])
    coef = model.coef_.copy()
    for wrong in ({"blocks": [], "epochs": 1}, {"blocks": [(X, SIGNAL)], "epochs": 0}):
        with pytest.raises(ValueError, match=r"epochs=0|no block"):
            model.fit_blocks(**wrong)
        assert np.array_equal(model.coef_, coef)
