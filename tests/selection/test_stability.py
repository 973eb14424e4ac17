"""Stability selection finds what was planted, and little else; the bound is the one that was asked for."""

import numpy as np
import problems
import pytest
import scipy.sparse as sp

import fastreg
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2, GroupL2
from fastreg.selection import stability

LASSO, SQUARED = L1(1.0), Squared()
PLANTED = np.array([3, 17, 40, 41])


def planted(seed=0, n=80, p=60, noise=0.7, wanted=PLANTED):
    rng = np.random.default_rng(seed)
    X = np.asfortranarray(rng.standard_normal((n, p)))
    return X, X[:, wanted] @ rng.choice([-1.0, 1.0], len(wanted)) + noise * rng.standard_normal(n)


def select(X, y, penalty=LASSO, loss=SQUARED, **words):
    return fastreg.stability_selection(X, y, loss=loss, penalty=penalty, **{"pairs": 15, **words})


def test_it_finds_what_was_planted():
    found = select(*planted())
    assert found.selected.tolist() == PLANTED.tolist()
    assert found.highest[PLANTED].min() >= 0.9
    others = np.delete(found.highest, PLANTED)
    assert others.mean() < 0.1
    assert found.expected_false <= 1


def test_false_selections_are_fewer_than_the_bound():
    false = [
        len(set(found.selected) - set(PLANTED))
        for found in (select(*planted(seed, noise=1.5), pairs=10) for seed in range(8))
    ]
    assert np.mean(false) <= 1


def test_nothing_is_found_in_noise():
    X = planted()[0]
    assert select(X, np.random.default_rng(5).standard_normal(80)).selected.size <= 1


def test_shares_are_those_of_a_naive_loop():
    X, y = planted()
    found = select(X, y, pairs=3, seed=4, strengths=20, threshold=0.6, tol=1e-9)
    shares = np.zeros((60, 20))
    for half in stability._halves(80, 3, 4):
        path = fastreg.path(
            X[half.learned],
            y[half.learned],
            loss=Squared(),
            penalty=L1(1.0),
            strengths=found.strengths,
            tol=1e-9,
        )
        entered = np.logical_or.accumulate(path.coefs.toarray() != 0, axis=1)
        counts = entered.sum(axis=0) <= found.most_entering
        last = np.flatnonzero(counts)[-1]
        entered[:, last:] = entered[:, [last]]
        shares += entered / 6
    assert found.probabilities.toarray() == pytest.approx(shares, abs=1e-12)
    assert found.highest == pytest.approx(shares[:, -1])
    assert found.selected.tolist() == np.flatnonzero(shares[:, -1] >= 0.6).tolist()
    assert found.mean_entering == pytest.approx(shares[:, -1].sum())
    assert found.expected_false == pytest.approx(found.mean_entering**2 / (0.2 * 60))
    assert found.most_entering == int(np.sqrt(0.2 * 60))


def test_shares_grow_along_the_path():
    found = select(*planted(), pairs=5)
    shares = found.probabilities.toarray()
    assert found.probabilities.shape == (60, 100)
    assert np.all(np.diff(shares, axis=1) >= 0)
    assert shares.max() <= 1


def test_halves_have_no_row_in_common():
    for size in (20, 21):
        halves = stability._halves(size, 4, 0)
        assert len(halves) == 8
        for first, second in zip(halves[::2], halves[1::2], strict=True):
            assert first.learned.size == second.learned.size == size // 2
            assert np.array_equal(first.learned, second.held)
            assert not np.isin(first.learned, second.learned).any()


@pytest.mark.parametrize("n", [80, 600], ids=["by rows", "by moments"])
def test_bits_depend_on_the_seed_only(n):
    X, y = planted(n=n)
    one, three, other = (
        select(X, y, pairs=4, seed=seed, n_threads=threads, threshold=0.6, most_false=4.0)
        for seed, threads in ((0, 1), (0, 3), (1, 1))
    )
    assert np.array_equal(one.probabilities.toarray(), three.probabilities.toarray())
    assert np.array_equal(one.selected, three.selected)
    assert one.work == three.work
    assert not np.array_equal(one.probabilities.toarray(), other.probabilities.toarray())


def test_x_is_not_copied():
    X, y = planted()
    assert select(X, y, pairs=3).work.bytes_copied == 0


def test_sparse_columns_and_classes():
    X = planted(n=160)[0]
    sparse = sp.csc_matrix(np.where(np.abs(X) > 0.7, X, 0.0))
    signal = sparse[:, PLANTED].sum(axis=1).A1
    labels = np.where(signal + 0.3 * np.random.default_rng(1).standard_normal(160) > 0, 1.0, -1.0)
    found = select(sparse, labels, loss=Logistic(), pairs=8)
    assert set(PLANTED) <= set(found.selected)
    assert found.selected.size <= PLANTED.size + 1


def test_groups_enter_whole():
    X, y = planted(wanted=[6, 7, 8])
    found = select(X, y, GroupL2(1.0, 3), most_false=3.0, pairs=8)
    assert found.selected.tolist() == [6, 7, 8]


def test_features_without_a_penalty_are_not_counted():
    X, y = planted()
    factors = np.ones(60)
    factors[[0, 3]] = 0.0
    found = select(X, y, L1(factors), pairs=5)
    assert {0, 3} <= set(found.selected)
    assert found.probabilities.toarray()[[0, 3]].max() == 0
    assert found.most_entering == int(np.sqrt(0.5 * 58))


def test_a_fit_that_does_not_end_is_told_once():
    with pytest.warns(fastreg.ConvergenceWarning, match="in a fold at strength") as told:
        select(*planted(), pairs=2, max_iter=0)
    assert len(told) == 1


@pytest.mark.small
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"threshold": 0.5}, "threshold=0.5 is out of range"),
        ({"threshold": 1.5}, "threshold=1.5 is out of range"),
        ({"most_false": 0.01}, "most_false=0.01 with threshold=0.75 and 12 features lets none enter"),
        ({"pairs": 0}, "pairs=0 is out of range"),
        ({"penalty": L2(1.0)}, "L2 holds no weight at 0, so it selects nothing"),
        ({"penalty": L1(np.zeros(12))}, "there is nothing to select"),
        ({"strengths": [-1.0]}, "strengths holds -1"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(words, says):
    problem = problems.dense()
    with pytest.raises(ValueError, match=says):
        select(problem.X, problem.y, **words)


@pytest.mark.small
def test_too_few_rows_are_refused():
    with pytest.raises(ValueError, match=r"X has 3 row\(s\), too few for halves"):
        select(np.eye(3), np.arange(3.0), most_false=4.0)
