"""LassoCV and ElasticNetCV choose what scikit-learn's choose."""

import numpy as np
import pytest
import scipy.sparse as sp
import sklearn
import sklearn.linear_model
from sklearn.model_selection import GroupKFold, ShuffleSplit

import fastreg

RNG = np.random.default_rng(0)
X = RNG.standard_normal((150, 12)) + 1
Y = X[:, :3].sum(axis=1) + RNG.standard_normal(150)
WEIGHTS = RNG.uniform(0.5, 2, 150)
TIGHT = {"tol": 1e-12, "max_iter": 100_000}


def agree(name, X=X, sample_weight=None, **parameters):
    ours = getattr(fastreg, name)(**TIGHT, **parameters).fit(X, Y, sample_weight)
    theirs = getattr(sklearn.linear_model, name)(**TIGHT, **parameters).fit(X, Y, sample_weight)
    assert ours.alpha_ == pytest.approx(theirs.alpha_, rel=1e-12)
    assert ours.alphas_ == pytest.approx(theirs.alphas_, rel=1e-12)
    assert ours.mse_path_.shape == theirs.mse_path_.shape
    assert ours.mse_path_ == pytest.approx(theirs.mse_path_, abs=1e-5)
    assert ours.coef_ == pytest.approx(theirs.coef_, abs=1e-6)
    assert ours.intercept_ == pytest.approx(theirs.intercept_, abs=1e-6)
    if name == "ElasticNetCV":
        assert ours.l1_ratio_ == theirs.l1_ratio_
    else:
        assert not hasattr(ours, "l1_ratio_")
    return ours


newest = pytest.mark.skipif(
    "alphas" not in fastreg.LassoCV().get_params()
    or sklearn.linear_model.LassoCV().get_params()["alphas"] is None,
    reason="scikit-learn before 1.9 spells the number of alphas otherwise",
)


@newest
@pytest.mark.parametrize("sample_weight", [None, WEIGHTS], ids=["plain", "weighted"])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"positive": True},
        {"fit_intercept": False},
        {"alphas": [0.1, 0.5, 0.1, 0.01]},
        {"alphas": 7, "eps": 0.1, "cv": ShuffleSplit(4, random_state=0)},
    ],
    ids=str,
)
def test_lasso(parameters, sample_weight):
    agree("LassoCV", sample_weight=sample_weight, **parameters)


@newest
@pytest.mark.parametrize("ratio", [0.5, [0.1, 0.5, 1.0], [0.5]], ids=str)
def test_elastic_net(ratio):
    agree("ElasticNetCV", l1_ratio=ratio)
    agree("ElasticNetCV", l1_ratio=ratio, alphas=[0.5, 0.1], positive=True)


@newest
def test_sparse_rows():
    sparse = sp.csr_array(X * (X > 1))
    columns = agree("LassoCV", X=sparse.tocsc(), alphas=10)
    rows = fastreg.LassoCV(**TIGHT, alphas=10).fit(sparse, Y)
    assert np.array_equal(rows.mse_path_, columns.mse_path_)


def test_ridge_without_an_l1_part_has_a_grid():
    model = fastreg.ElasticNetCV(l1_ratio=[0.0, 0.5], alphas=5).fit(X, Y)
    assert model.alphas_.shape == (2, 5)
    # max|gradient| over 0.001 and over 2/3, in the terms without halves; alpha is 2 and 4/3 times those.
    assert model.alphas_[0, 0] == pytest.approx(1000 * model.alphas_[1, 0])


def test_threads_change_no_bit():
    found = [fastreg.LassoCV(n_jobs=count).fit(X, Y) for count in (1, 2, 3, 8)]
    for other in found[1:]:
        assert np.array_equal(other.mse_path_, found[0].mse_path_)
        assert np.array_equal(other.coef_, found[0].coef_)


def test_groups_are_routed_to_the_splitter():
    groups = np.arange(150) // 10
    pairs = list(GroupKFold(3).split(X, Y, groups))
    with sklearn.config_context(enable_metadata_routing=True):
        routed = fastreg.LassoCV(cv=GroupKFold(3)).fit(X, Y, groups=groups)
    given = fastreg.LassoCV(cv=pairs).fit(X, Y)
    assert np.array_equal(routed.mse_path_, given.mse_path_)
    with pytest.raises(ValueError, match="fit got groups: call"):
        fastreg.LassoCV(cv=GroupKFold(3)).fit(X, Y, groups=groups)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"alphas": []}, "alphas is empty"),
        ({"alphas": [1.0, -1.0]}, r"alphas\[1\] == -1, must be >= 0"),
        ({"alphas": 0}, "alphas=0 is out of range"),
        ({"cv": [([0, 0], [1])]}, "Fold 0 names row 0 twice"),
    ],
)
def test_what_cannot_be_chosen_from_is_refused(parameters, says):
    with pytest.raises(ValueError, match=says):
        fastreg.LassoCV(**parameters).fit(X, Y)


def test_two_targets_are_refused():
    with pytest.raises(ValueError, match="1d array"):
        fastreg.LassoCV().fit(X, np.stack([Y, Y], axis=1))
