"""Cross-validation says what a naive loop over folds says, whichever way it goes."""

import numpy as np
import problems
import pytest
import scipy.sparse as sp

import fastreg
from fastreg.losses import Huber, Logistic, Squared
from fastreg.penalties import L1, L2, Bounded, ElasticNet
from fastreg.selection import fold_paths
from fastreg.selection.folds import folds_of
from fastreg.solvers import matrices, working_set

TOL = 1e-11
STRENGTHS = {"strengths": 12, "ratio": 1e-2}


def naive(X, y, found, folds, *, loss, penalty, sample_weight=None, offset=None, **words):
    """Fit the rows of each fold for themselves."""
    losses = np.empty_like(found.losses)
    rows = sp.csr_matrix(X) if sp.issparse(X) else np.asarray(X)
    parts = {"sample_weight": sample_weight, "offset": offset}
    for number, fold in enumerate(folds_of(folds, len(y))):
        learned, held = (
            {name: None if part is None else part[rows_] for name, part in parts.items()} for rows_ in fold
        )
        path = fastreg.path(
            rows[fold.learned], y[fold.learned], loss=loss, penalty=penalty, strengths=found.strengths,
            tol=TOL, **learned, **words,
        )  # fmt: skip
        predictions = (
            (rows[fold.held] @ path.coefs).toarray() if sp.issparse(X) else rows[fold.held] @ path.coefs
        )
        predictions = predictions + path.intercepts
        if offset is not None:
            predictions += held["offset"][:, None]
        values = [
            [loss.value(label, z) for z in row] for label, row in zip(y[fold.held], predictions, strict=True)
        ]
        losses[:, number] = np.average(values, axis=0, weights=held["sample_weight"])
    return losses


def agree(problem, *, loss=None, penalty=None, folds=4, weighted=False, by_moments=False, **words):
    loss, penalty = loss or Squared(), penalty or L1(1.0)
    if weighted:
        words |= {"sample_weight": problem.sample_weight, "offset": problem.offset}
    y = problem.target(loss)
    found = fastreg.cross_validate(
        problem.X, y, loss=loss, penalty=penalty, folds=folds, tol=TOL, **STRENGTHS, **words
    )
    assert (found.work.full_passes < 10) == by_moments
    expected = naive(problem.X, y, found, folds, loss=loss, penalty=penalty, **words)
    # An objective within tol of its least leaves weights, and losses elsewhere, within its root.
    assert found.losses == pytest.approx(expected, abs=20 * np.sqrt(TOL))
    counts = np.array([len(fold.held) for fold in folds_of(folds, len(y))])
    if not weighted:
        assert found.mean == pytest.approx(found.losses @ counts / counts.sum())
    assert found.best == np.argmin(found.mean)
    alone = fastreg.solve(
        problem.X, y, loss=loss, penalty=fold_paths.Grid.checked(penalty, 1, 1.0).at_strength(found.strength),
        tol=TOL, **words,
    )  # fmt: skip
    assert found.solution.gap <= TOL
    assert found.solution.certificate.primal == pytest.approx(alone.certificate.primal, rel=1e-10)
    return found


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("weighted", [False, True])
def test_by_moments(fit_intercept, weighted):
    agree(problems.dense(200, 12), weighted=weighted, fit_intercept=fit_intercept, by_moments=True)


@pytest.mark.parametrize("penalty", [ElasticNet(1.0, 0.5), L2(1.0), Bounded(L1(1.0), 0.0, np.inf)], ids=str)
def test_other_penalties_by_moments(penalty):
    agree(problems.dense(200, 12), penalty=penalty, standardize=True, by_moments=True)


def test_features_without_a_penalty_by_moments():
    factors = np.ones(12)
    factors[[0, 7]] = 0.0
    agree(problems.dense(200, 12), penalty=L1(factors), by_moments=True)


def test_constant_and_duplicated_columns_by_moments():
    problem = problems.dense(200, 12)
    problem.X[:, 3] = 1e6
    problem.X[:, 5] = problem.X[:, 2]
    found = agree(problem, by_moments=True)
    assert found.solution.coef[3] == 0


def test_layouts_and_types_by_moments():
    problem = problems.dense(200, 12)
    words = {"loss": Squared(), "penalty": L1(1.0), "tol": TOL, **STRENGTHS}
    fortran = fastreg.cross_validate(problem.X, problem.y, **words)
    rows = fastreg.cross_validate(np.ascontiguousarray(problem.X), problem.y, **words)
    single = fastreg.cross_validate(problem.X.astype(np.float32), problem.y, **words)
    assert rows.losses == pytest.approx(fortran.losses, rel=1e-9)
    assert single.losses == pytest.approx(fortran.losses, rel=1e-4)


@pytest.mark.parametrize("standardize", [False, True])
@pytest.mark.parametrize("loss", [Squared(), Logistic()], ids=str)
@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_by_rows(kind, loss, standardize):
    agree(getattr(problems, kind)(), loss=loss, standardize=standardize)


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_folds_without_room_for_gram_matrices(kind, monkeypatch):
    roomy = agree(getattr(problems, kind)())
    monkeypatch.setattr(matrices, "_LEAST_SPARE", 0)
    monkeypatch.setattr(matrices, "_SPARE", 0.0)
    monkeypatch.setattr(working_set, "_DEAR", np.inf)
    tight = agree(getattr(problems, kind)())
    assert tight.work.newton_solves < roomy.work.newton_solves  # what is left is the fit of all rows
    assert tight.losses == pytest.approx(roomy.losses, abs=20 * np.sqrt(TOL))
    monkeypatch.setattr(working_set, "_DEAR", 0)
    dear = agree(getattr(problems, kind)())
    assert tight.work.newton_solves < dear.work.newton_solves


def test_weights_and_offsets_by_rows():
    agree(problems.sparse(), weighted=True)
    agree(problems.dense(), loss=Logistic(), weighted=True)


def test_other_losses_and_wide_data():
    agree(problems.dense(), loss=Huber(1.0))
    agree(problems.wide(), folds=5)


def test_more_rows_than_folds_use_are_no_harm():
    """Folds that leave rows out on both sides, as shuffled splits do, cannot subtract moments."""
    problem = problems.dense(200, 12)
    order = np.random.default_rng(0).permutation(200)
    agree(problem, folds=[(order[:120], order[130:]), (order[50:170], order[:40])])


@pytest.mark.parametrize("threads", [1, 2])
def test_each_fit_of_a_fold_is_told(threads):
    told = []
    for problem in (problems.dense(200, 12), problems.dense()):  # by moments, by rows
        fastreg.cross_validate(
            problem.X, problem.y, loss=Squared(), penalty=L1(1.0), n_threads=threads, **STRENGTHS,
            callback=lambda *counts: told.append(counts),
        )  # fmt: skip
    assert sorted(told) == sorted([(done, 60) for done in range(1, 61)] * 2)


def test_bits_do_not_depend_on_threads():
    for problem in (problems.dense(200, 12), problems.dense()):
        found = [
            fastreg.cross_validate(
                problem.X, problem.y, loss=Squared(), penalty=L1(1.0), n_threads=count, **STRENGTHS
            )
            for count in (1, 2, 3, 8)
        ]
        for other in found[1:]:
            assert np.array_equal(other.losses, found[0].losses)
            assert np.array_equal(other.solution.coef, found[0].solution.coef)
            assert other.work == found[0].work


def test_one_pass_gives_the_moments_of_all_folds():
    """Beside certificates: means, and moments; of a large grid the same. Of folds that overlap once more."""
    problem = problems.dense(200, 12)

    def work(folds, count):
        return fastreg.cross_validate(
            problem.X, problem.y, loss=Squared(), penalty=L1(1.0), folds=folds, strengths=count, ratio=1e-2
        ).work

    certificates = 2  # of coef 0 for the grid, and of the solution
    few, many = work(2, 20), work(4, 60)
    assert few.full_passes == many.full_passes <= certificates + 2
    assert abs(few.bytes_read - many.bytes_read) < problem.X.nbytes
    twice = work([*folds_of(2, 200), *folds_of(2, 200, seed=1)], 20)
    assert twice.bytes_read - few.bytes_read == 2 * problem.X.nbytes


def test_folds_whose_moments_take_much_room_and_folds_that_overlap():
    agree(problems.dense(200, 12), folds=10, by_moments=True)
    agree(problems.dense(200, 12), folds=[*folds_of(2, 200), *folds_of(3, 200, seed=1)], by_moments=True)


def test_the_rule_decides_which_solution_is_returned():
    problem = problems.dense()
    words = {"loss": Squared(), "penalty": L1(1.0), **STRENGTHS}
    least = fastreg.cross_validate(problem.X, problem.y, **words)
    simple = fastreg.cross_validate(problem.X, problem.y, rule="1se", **words)
    assert least.chosen == least.best == simple.best
    assert simple.chosen == simple.simplest == least.simplest < least.best
    assert simple.strength > least.strength
    assert np.count_nonzero(simple.solution.coef) < np.count_nonzero(least.solution.coef)


def test_one_standard_error_never_weakens_the_penalty():
    for seed in range(30):
        problem = problems.dense(40, 12, seed=seed, correlation=0.9 * (seed % 2))
        found = fastreg.cross_validate(
            problem.X, problem.y, loss=Squared(), penalty=L1(1.0), seed=seed, rule="1se", **STRENGTHS
        )
        assert found.strength >= found.strengths[found.best]
        assert found.mean[found.chosen] <= found.mean[found.best] + found.error[found.best]


@pytest.mark.small
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"rule": "best"}, "rule='best' is unknown here: pass one of 'min', '1se'."),
        ({"rule": "bic"}, "pass one of 'min', '1se', or call fastreg.information_criteria."),
        ({"strengths": []}, "strengths is empty"),
        ({"strengths": [1.0, -1.0]}, "strengths holds -1"),
        ({"folds": 61}, "folds=61 is out of range"),
        ({"seed": -1}, "seed=-1 is out of range"),
        (
            {"sample_weight": np.arange(60) < 6, "folds": np.arange(60) // 6},
            "learns from rows of weight 0 only",
        ),
        (
            {"sample_weight": np.arange(60) > 6, "folds": np.arange(60) // 6},
            "holds out rows of weight 0 only",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused(words, says):
    problem = problems.dense()
    with pytest.raises((ValueError, TypeError), match=says):
        fastreg.cross_validate(problem.X, problem.y, loss=Squared(), penalty=L1(1.0), **words)


@pytest.mark.small
def test_a_fold_of_one_class_is_refused():
    problem = problems.dense()
    rows = np.flatnonzero(problem.labels > 0)
    folds = [(rows, np.flatnonzero(problem.labels < 0))]
    with pytest.raises(ValueError, match="Fold 0 learns from rows of one class only, y = 1: "):
        fastreg.cross_validate(problem.X, problem.labels, loss=Logistic(), penalty=L1(1.0), folds=folds)


def test_a_fit_that_does_not_end_is_told_once():
    problem = problems.wide()
    with pytest.warns(fastreg.ConvergenceWarning, match="in a fold at strength") as told:
        fastreg.cross_validate(
            problem.X, problem.labels, loss=Logistic(), penalty=L1(1.0), max_iter=0, **STRENGTHS
        )
    assert len(told) <= 2
