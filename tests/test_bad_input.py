"""Whatever cannot be fitted is refused in one sentence that names it, before any work."""

import numpy as np
import problems
import pytest
import scipy.sparse as sp

import fastreg
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2, Bounded, ElasticNet

pytestmark = pytest.mark.small

DENSE = problems.dense(n=12, p=4)
X, Y, LABELS = DENSE.X, DENSE.y, DENSE.labels
WITH_NAN, WITH_INF = X.copy(order="F"), X.copy(order="F")
WITH_NAN[3, 2] = np.nan
WITH_INF[7, 1] = -np.inf
ONES = np.ones(12)


def spoiled(values, place, value):
    """Return a copy with one entry replaced."""
    copy = np.array(values, dtype=float)
    copy[place] = value
    return copy


def assert_refused(function, error, words, **settings):
    """Assert that a call is refused before any work, in one sentence that holds these words."""
    told = []
    settings.setdefault("callback", told.append)
    if function is fastreg.certify:
        del settings["callback"]
    with pytest.raises(error) as raised:
        function(**{"X": X, "y": Y, "loss": Squared(), "penalty": L1(0.1), **settings})
    text = str(raised.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert len(text) < 300
    for word in words:
        assert word in text
    assert told == []


MATRICES = {
    "NaN": (WITH_NAN, ValueError, ["X[3, 2]", "NaN"]),
    "infinity": (WITH_INF, ValueError, ["X[7, 1]", "-inf"]),
    "NaN, C order": (np.ascontiguousarray(WITH_NAN), ValueError, ["X[3, 2]", "NaN"]),
    "NaN, CSC": (sp.csc_matrix(WITH_NAN), ValueError, ["X[3, 2]", "NaN"]),
    "NaN, CSR": (sp.csr_matrix(WITH_NAN), ValueError, ["X[3, 2]", "NaN"]),
    "NaN, float32": (WITH_NAN.astype(np.float32), ValueError, ["X[3, 2]", "NaN"]),
    "a square too large": (
        np.asfortranarray(np.where(WITH_NAN == WITH_NAN, 1.0, 1e200)),
        ValueError,
        ["X[3, 2]", "1e+200", "scale"],
    ),
    "infinity, COO": (sp.coo_matrix(WITH_INF), ValueError, ["X[7, 1]", "-inf"]),
    "too large for float64": (np.array([[10**400, 1], [1, 2]], dtype=object), (ValueError, TypeError), ["X"]),
    "one dimension": (X[:, 0], ValueError, ["X", "1 dimension"]),
    "three dimensions": (X[:, :, None], ValueError, ["X", "3 dimension"]),
    "a number": (3.0, ValueError, ["X", "0 dimension"]),
    "nothing": (None, (TypeError, ValueError), ["X"]),
    "no rows": (np.empty((0, 4)), ValueError, ["X", "(0, 4)", "rows"]),
    "no columns": (np.empty((12, 0)), ValueError, ["X", "(12, 0)", "columns"]),
    "no rows, sparse": (sp.csc_matrix((0, 4)), ValueError, ["X", "(0, 4)", "rows"]),
    "no columns, sparse": (sp.csr_matrix((12, 0)), ValueError, ["X", "(12, 0)", "columns"]),
    "text": (np.array([["a", "b"]] * 12), TypeError, ["X"]),
    "text among numbers": ([[1.0, "b"]] * 12, TypeError, ["X"]),
    "objects": (np.array([[object()] * 2] * 12), TypeError, ["X"]),
    "complex": (X.astype(complex), TypeError, ["X", "complex128"]),
    "complex, sparse": (sp.csc_matrix(X.astype(complex)), TypeError, ["X", "complex128"]),
    "dates": (np.full((12, 2), np.datetime64("2020-01-01")), TypeError, ["X", "datetime64"]),
    "ragged": ([[1.0, 2.0]] * 11 + [[1.0]], (ValueError, TypeError), ["X"]),
    "other number of rows": (X[:11], ValueError, ["y", "(12,)", "11"]),
}


@pytest.mark.parametrize("function", [fastreg.solve, fastreg.path], ids=["solve", "path"])
@pytest.mark.parametrize("case", MATRICES)
def test_matrices(case, function):
    matrix, error, words = MATRICES[case]
    assert_refused(function, error, words, X=matrix)


@pytest.mark.parametrize("case", MATRICES)
def test_matrices_to_certify(case):
    matrix, error, words = MATRICES[case]
    assert_refused(fastreg.certify, error, words, X=matrix, coef=np.zeros(4))


VECTORS = {
    "y of NaN": ({"y": spoiled(Y, 5, np.nan)}, ValueError, ["y[5]", "NaN"]),
    "y of infinity": ({"y": spoiled(Y, 0, np.inf)}, ValueError, ["y[0]", "inf"]),
    "y too short": ({"y": Y[:7]}, ValueError, ["y", "(7,)", "12"]),
    "y a number": ({"y": 1.0}, ValueError, ["y", "()", "12"]),
    "y of two columns": ({"y": np.ones((12, 2))}, ValueError, ["y", "(12, 2)"]),
    "y of text": ({"y": ["a"] * 12}, TypeError, ["y"]),
    "y nothing": ({"y": None}, (TypeError, ValueError), ["y"]),
    "y complex": ({"y": Y.astype(complex)}, TypeError, ["y", "complex128"]),
    "y sparse": ({"y": sp.csc_matrix(Y[:, None])}, (TypeError, ValueError), ["y"]),
    "labels 0 and 1": ({"y": (LABELS + 1) / 2, "loss": Logistic()}, ValueError, ["label 0", "-1 and +1"]),
    "labels of three classes": ({"y": np.arange(12) % 3, "loss": Logistic()}, ValueError, ["y", "label"]),
    "a label that is off": ({"y": spoiled(LABELS, 4, 0.5), "loss": Logistic()}, ValueError, ["label 0.5"]),
    "labels of NaN": ({"y": spoiled(LABELS, 4, np.nan), "loss": Logistic()}, ValueError, ["y[4]", "NaN"]),
    "a negative weight": (
        {"sample_weight": spoiled(ONES, 2, -1.0)}, ValueError, ["sample_weight[2]", "-1"]
    ),
    "a weight of NaN": ({"sample_weight": spoiled(ONES, 2, np.nan)}, ValueError, ["sample_weight[2]", "NaN"]),
    "an infinite weight": ({"sample_weight": spoiled(ONES, 2, np.inf)}, ValueError, ["weight[2]", "inf"]),
    "only weights of 0": ({"sample_weight": 0 * ONES}, ValueError, ["sample_weight", "zero"]),
    "too few weights": ({"sample_weight": ONES[:5]}, ValueError, ["sample_weight", "(5,)", "12"]),
    "weights of text": ({"sample_weight": ["heavy"] * 12}, TypeError, ["sample_weight"]),
    "too few offsets": ({"offset": ONES[:5]}, ValueError, ["offset", "(5,)", "12"]),
    "an offset of NaN": ({"offset": spoiled(ONES, 9, np.nan)}, ValueError, ["offset[9]", "NaN"]),
}  # fmt: skip


@pytest.mark.parametrize("function", [fastreg.solve, fastreg.path], ids=["solve", "path"])
@pytest.mark.parametrize("case", VECTORS)
def test_vectors(case, function):
    settings, error, words = VECTORS[case]
    assert_refused(function, error, words, **settings)


@pytest.mark.parametrize("case", VECTORS)
def test_vectors_to_certify(case):
    settings, error, words = VECTORS[case]
    assert_refused(fastreg.certify, error, words, coef=np.zeros(4), **settings)


TERMS = {
    "negative strength": ({"penalty": L1(-0.5)}, ValueError, ["L1.strength", "-0.5"]),
    "one negative strength": ({"penalty": L1([1.0, 2.0, -3.0, 0.0])}, ValueError, ["L1.strength", "-3"]),
    "strength of NaN": ({"penalty": L2(np.nan)}, ValueError, ["L2.strength", "nan"]),
    "infinite strength": ({"penalty": L2(np.inf)}, ValueError, ["L2.strength", "inf"]),
    "strength of text": ({"penalty": L1("much")}, TypeError, ["L1.strength", "'much'"]),
    "too few strengths": ({"penalty": L1(np.ones(3))}, ValueError, ["L1.strength", "(3,)", "4"]),
    "l1_ratio above 1": ({"penalty": ElasticNet(1.0, 1.2)}, ValueError, ["l1_ratio", "1.2"]),
    "l1_ratio below 0": ({"penalty": ElasticNet(1.0, -0.2)}, ValueError, ["l1_ratio", "-0.2"]),
    "l1_ratio of NaN": ({"penalty": ElasticNet(1.0, np.nan)}, ValueError, ["l1_ratio", "nan"]),
    "bounds without 0": ({"penalty": Bounded(L1(1.0), 1.0, 2.0)}, ValueError, ["lower=1.0", "upper=2.0"]),
    "bounds of NaN": ({"penalty": Bounded(L1(1.0), np.nan, 2.0)}, ValueError, ["lower=nan"]),
    "bounds around no penalty": ({"penalty": Bounded(0.3, 0.0, 2.0)}, TypeError, ["0.3"]),
    "a class": ({"penalty": L1}, TypeError, ["L1"]),
    "a number for a penalty": ({"penalty": 0.1}, TypeError, ["penalty=0.1"]),
    "a name for a penalty": ({"penalty": "l1"}, TypeError, ["penalty='l1'"]),
    "no penalty": ({"penalty": None}, TypeError, ["penalty=None"]),
    "a name for a loss": ({"loss": "squared"}, TypeError, ["loss='squared'"]),
    "a class for a loss": ({"loss": Squared}, TypeError, ["Squared"]),
    "loss and penalty exchanged": ({"loss": L1(1.0), "penalty": Squared()}, TypeError, ["no"]),
}


# A path puts its own strengths in the place of a single one.
REPLACED = {"negative strength", "strength of NaN", "infinite strength", "strength of text"}


@pytest.mark.parametrize("case", TERMS)
def test_terms(case):
    settings, error, words = TERMS[case]
    assert_refused(fastreg.solve, error, words, **settings)


@pytest.mark.parametrize("case", [case for case in TERMS if case not in REPLACED])
def test_terms_of_a_path(case):
    settings, error, words = TERMS[case]
    assert_refused(fastreg.path, error, words, **settings)


SETTINGS = {
    "tol of text": ({"tol": "small"}, TypeError, ["tol='small'"]),
    "negative tol": ({"tol": -1e-3}, ValueError, ["tol=-0.001"]),
    "tol of NaN": ({"tol": np.nan}, ValueError, ["tol=nan"]),
    "infinite tol": ({"tol": np.inf}, ValueError, ["tol=inf"]),
    "tol of nothing": ({"tol": None}, TypeError, ["tol=None"]),
    "negative max_iter": ({"max_iter": -1}, ValueError, ["max_iter=-1"]),
    "half a round": ({"max_iter": 2.5}, (ValueError, TypeError), ["max_iter=2.5"]),
    "max_iter of text": ({"max_iter": "ten"}, (ValueError, TypeError), ["max_iter='ten'"]),
    "no threads": ({"n_threads": 0}, ValueError, ["n_threads", "0"]),
    "negative threads": ({"n_threads": -2}, ValueError, ["n_threads", "-2"]),
    "half a thread": ({"n_threads": 1.5}, (ValueError, TypeError), ["n_threads", "1.5"]),
    "a callback that cannot be called": ({"callback": 3}, TypeError, ["callback=3"]),
}


@pytest.mark.parametrize("function", [fastreg.solve, fastreg.path], ids=["solve", "path"])
@pytest.mark.parametrize("case", SETTINGS)
def test_settings(case, function):
    settings, error, words = SETTINGS[case]
    assert_refused(function, error, words, **settings)


STARTS = {
    "too few": ((np.zeros(3), 0.0), ValueError, ["start", "(3,)", "4"]),
    "NaN": ((spoiled(np.zeros(4), 1, np.nan), 0.0), ValueError, ["start", "NaN"]),
    "no pair": (np.zeros(4), (TypeError, ValueError), ["start"]),
    "a number": (3.0, (TypeError, ValueError), ["start"]),
    "text": ("here", (TypeError, ValueError), ["start"]),
    "an intercept of NaN": ((np.zeros(4), np.nan), ValueError, ["start", "nan"]),
}


@pytest.mark.parametrize("case", STARTS)
def test_starts(case):
    start, error, words = STARTS[case]
    assert_refused(fastreg.solve, error, words, start=start)


def test_unknown_words_are_pythons_own_error():
    with pytest.raises(TypeError, match="alpha"):
        fastreg.solve(X, Y, loss=Squared(), penalty=L1(0.1), alpha=1.0)
    with pytest.raises(TypeError, match="penalty"):
        fastreg.solve(X, Y, loss=Squared())
