import warnings

import numpy as np
import problems
import pytest
import reference
import scipy.sparse as sp

import fastreg
from fastreg import Status
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2, Bounded, ElasticNet, NoPenalty
from fastreg.solvers.state import State

TIGHT = 1e-13
DENSE, SPARSE = problems.dense(), problems.sparse()
LOSSES = [Squared(), Logistic()]
FACTORS = np.r_[0.0, 0.0, 0.5, np.ones(DENSE.X.shape[1] - 3)]
# Its dual points are feasible up to rounding only, so its certificate is a KKT residual.
ONLY_BOUNDED = Bounded(NoPenalty(), 0.0, np.inf)
PENALTIES = [
    NoPenalty(),
    L1(0.04),
    L1(0.04 * FACTORS),
    L2(0.05),
    L2(0.05 * FACTORS),
    ElasticNet(0.05, 0.5),
    Bounded(L1(0.02), -0.3, 0.5),
    ONLY_BOUNDED,
]


def settings(problem):
    """Return keywords for `solve`: the plain problem, everything at once, no intercept."""
    everything = {"sample_weight": problem.sample_weight, "offset": problem.offset, "standardize": True}
    return {}, everything, {"fit_intercept": False}


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda penalty: type(penalty).__name__)
@pytest.mark.parametrize("problem", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_every_combination_reaches_the_oracle(problem, penalty, loss):
    for words in settings(problem):
        words = {"loss": loss, "penalty": penalty, **words}
        solution = fastreg.solve(problem.X, problem.target(loss), tol=TIGHT, **words)
        assert solution.status is Status.CONVERGED
        dual = penalty is not ONLY_BOUNDED
        problems.assert_optimal(solution, problem.X, problem.target(loss), dual=dual, **words)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("penalty", [L1(0.03), ElasticNet(0.05, 0.5), L2(0.02)], ids=repr)
def test_many_more_columns_than_rows(penalty, loss):
    wide = problems.wide()
    solution = fastreg.solve(wide.X, wide.target(loss), loss=loss, penalty=penalty, tol=TIGHT)
    problems.assert_optimal(solution, wide.X, wide.target(loss), loss=loss, penalty=penalty)


@pytest.mark.small
@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("penalty", [L1(0.05), L2(0.05)], ids=repr)
@pytest.mark.parametrize(
    "tiny", [problems.dense(n=9, p=3), problems.sparse(n=9, p=3)], ids=["dense", "sparse"]
)
def test_tiny_problems_reach_the_oracle(tiny, penalty, loss):
    words = {"loss": loss, "penalty": penalty, "sample_weight": tiny.sample_weight, "standardize": True}
    solution = fastreg.solve(tiny.X, tiny.target(loss), tol=TIGHT, **words)
    problems.assert_optimal(solution, tiny.X, tiny.target(loss), **words)


@pytest.mark.small
def test_orthogonal_columns_have_the_closed_form():
    y = np.array([3.0, 0.1, -2.0, 0.0])
    words = {"loss": Squared(), "fit_intercept": False, "tol": TIGHT}
    lasso = fastreg.solve(np.eye(4), y, penalty=L1(0.25), **words)
    assert lasso.coef == pytest.approx([2.0, 0.0, -1.0, 0.0], abs=1e-12)
    ridge = fastreg.solve(np.eye(4), y, penalty=L2(0.25), **words)
    assert ridge.coef == pytest.approx(y / 3, abs=1e-12)
    net = fastreg.solve(np.eye(4), y, penalty=ElasticNet(0.5, 0.5), **words)
    assert net.coef == pytest.approx(np.array([2.0, 0.0, -1.0, 0.0]) / 3, abs=1e-12)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("penalty", [L1(0.01), ElasticNet(0.01, 0.5), L2(0.01)], ids=repr)
def test_the_gap_bounds_what_is_missing_after_every_round(penalty, loss):
    problem = problems.wide(p=300, correlation=0.9)
    words = {"loss": loss, "penalty": penalty}
    best = reference.minimise(problem.X, problem.target(loss), **words).objective
    at_zero = reference.certify(problem.X, problem.target(loss), np.zeros(300), 0.0, **words).at_zero
    told = []
    fastreg.solve(problem.X, problem.target(loss), tol=TIGHT, callback=lambda p: told.append(p), **words)
    assert len(told) >= 2
    for progress in told:
        assert progress.gap * at_zero >= progress.objective - best - 1e-14 * at_zero
        assert progress.tol == TIGHT
    assert [p.n_iter for p in told] == list(range(len(told)))
    assert told[0].n_nonzero == 0
    assert told[0].objective == pytest.approx(at_zero, rel=1e-13)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize(
    ("rounds", "penalty"),  # one round is all that L2 with a squared loss needs
    [(rounds, penalty) for rounds in (0, 1) for penalty in (L1(0.01), L1(0.01 * FACTORS))] + [(0, L2(0.01))],
    ids=str,
)
def test_an_unfinished_fit_says_how_far_it_came(rounds, penalty, loss):
    words = {"loss": loss, "penalty": penalty, "sample_weight": DENSE.sample_weight, "offset": DENSE.offset}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        solution = fastreg.solve(DENSE.X, DENSE.target(loss), tol=0, max_iter=rounds, **words)
    assert [w.category for w in caught] == [fastreg.ConvergenceWarning]
    text = str(caught[0].message)
    assert f"{solution.gap:.3g}" in text
    assert "tolerance 0" in text
    assert "\n" not in text
    assert solution.status is Status.MAX_ITER
    assert solution.n_iter == rounds
    problems.assert_optimal(solution, DENSE.X, DENSE.target(loss), coef_tolerance=None, **words)


def test_the_warning_points_at_the_caller():
    with pytest.warns(fastreg.ConvergenceWarning) as caught:
        fastreg.solve(DENSE.X, DENSE.y, loss=Squared(), penalty=L1(0.01), max_iter=0)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("tol", [1e-11, 1e-13, 1e-15])
def test_a_converged_fit_has_the_gap_it_was_asked_for(tol):
    """Among iterates that rounding alone tells apart, the one that was certified is returned."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((40, 8))
        y = X[:, 0] + 0.1 * rng.standard_normal(40)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", fastreg.ConvergenceWarning)
            solution = fastreg.solve(X, y, loss=Squared(), penalty=L1(0.02), tol=tol)
        assert (solution.gap <= tol) == (solution.status is Status.CONVERGED), seed


def test_statuses_are_sentences():
    for status in Status:
        assert str(status)[0].isupper()
        assert str(status).endswith(".")
        assert "\n" not in str(status)


def test_the_best_iterate_of_a_stopped_fit_is_returned():
    wide = problems.wide(p=300, correlation=0.9)
    told = []

    def stop(progress):
        told.append(progress)
        return progress.n_iter == 2

    solution = fastreg.solve(wide.X, wide.y, loss=Squared(), penalty=L1(0.01), tol=0, callback=stop)
    assert solution.status is Status.STOPPED
    assert solution.n_iter == 2
    assert solution.objective == min(p.objective for p in told)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("problem", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_weight_two_is_the_row_twice_and_weight_zero_no_row(problem, loss):
    X, y = problem.X, problem.target(loss)
    rng = np.random.default_rng(3)
    weights = rng.choice([0.0, 1.0, 2.0, 3.0], X.shape[0])
    rows = np.repeat(np.arange(X.shape[0]), weights.astype(int))
    words = {"loss": loss, "penalty": L1(0.03), "standardize": True, "tol": TIGHT}
    weighted = fastreg.solve(X, y, sample_weight=weights, **words)
    copies = X.tocsr()[rows].tocsc() if sp.issparse(X) else np.asfortranarray(X[rows])
    repeated = fastreg.solve(copies, y[rows], **words)
    assert weighted.coef == pytest.approx(repeated.coef, abs=1e-9)
    assert weighted.intercept == pytest.approx(repeated.intercept, abs=1e-9)
    assert weighted.objective == pytest.approx(repeated.objective, rel=1e-12)
    assert np.count_nonzero(weighted.coef) > 0


@pytest.mark.parametrize("factor", [1e-12, 1e12])
def test_the_scale_of_the_weights_does_not_matter(factor):
    words = {"loss": Logistic(), "penalty": L1(0.03), "tol": TIGHT}
    one = fastreg.solve(DENSE.X, DENSE.labels, sample_weight=DENSE.sample_weight, **words)
    other = fastreg.solve(DENSE.X, DENSE.labels, sample_weight=factor * DENSE.sample_weight, **words)
    assert other.coef == pytest.approx(one.coef, abs=1e-9)
    assert other.objective == pytest.approx(one.objective, rel=1e-12)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("problem", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_permuting_rows_or_columns_permutes_the_answer(problem, loss):
    X, y = problem.X, problem.target(loss)
    rng = np.random.default_rng(4)
    rows, columns = rng.permutation(X.shape[0]), rng.permutation(X.shape[1])
    words = {"loss": loss, "tol": TIGHT}
    penalty = L1(0.03 * rng.uniform(0.5, 2, X.shape[1]))
    plain = fastreg.solve(X, y, penalty=penalty, sample_weight=problem.sample_weight, **words)
    mixed = X[rows][:, columns] if not sp.issparse(X) else X.tocsr()[rows].tocsc()[:, columns]
    moved = fastreg.solve(
        mixed,
        y[rows],
        penalty=L1(penalty.strength[columns]),
        sample_weight=problem.sample_weight[rows],
        **words,
    )
    assert moved.coef == pytest.approx(plain.coef[columns], abs=1e-9)
    assert moved.intercept == pytest.approx(plain.intercept, abs=1e-9)


def test_scaling_a_column_and_its_strength_scales_its_weight():
    factors = np.geomspace(1e-3, 1e3, DENSE.X.shape[1])
    words = {"loss": Squared(), "tol": TIGHT}
    plain = fastreg.solve(DENSE.X, DENSE.y, penalty=L1(np.full(factors.size, 0.03)), **words)
    scaled = fastreg.solve(DENSE.X * factors, DENSE.y, penalty=L1(0.03 * factors), **words)
    assert scaled.coef * factors == pytest.approx(plain.coef, abs=1e-8)


@pytest.mark.parametrize("problem", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_standardize_is_scaling_the_columns_by_hand(problem):
    weights = problem.sample_weight / problem.sample_weight.sum()
    full = problem.X.toarray() if sp.issparse(problem.X) else problem.X
    deviations = np.sqrt(weights @ (full - weights @ full) ** 2)
    words = {"loss": Squared(), "penalty": L1(0.05), "sample_weight": problem.sample_weight, "tol": TIGHT}
    inside = fastreg.solve(problem.X, problem.y, standardize=True, **words)
    by_hand = fastreg.solve(np.asfortranarray(full / deviations), problem.y, **words)
    assert inside.coef * deviations == pytest.approx(by_hand.coef, abs=1e-9)
    assert inside.intercept == pytest.approx(by_hand.intercept, abs=1e-9)
    assert inside.objective == pytest.approx(by_hand.objective, rel=1e-12)


def test_an_offset_is_part_of_the_prediction():
    words = {"loss": Squared(), "penalty": L1(0.05), "tol": TIGHT}
    offset = fastreg.solve(DENSE.X, DENSE.y, offset=DENSE.offset, **words)
    moved = fastreg.solve(DENSE.X, DENSE.y - DENSE.offset, **words)
    assert offset.coef == pytest.approx(moved.coef, abs=1e-9)
    constant = fastreg.solve(DENSE.X, DENSE.y, offset=np.full(DENSE.y.size, 7.0), **words)
    plain = fastreg.solve(DENSE.X, DENSE.y, **words)
    assert constant.coef == pytest.approx(plain.coef, abs=1e-9)
    assert constant.intercept + 7 == pytest.approx(plain.intercept, abs=1e-9)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_strength_zero_is_no_penalty(loss):
    y = DENSE.target(loss)
    none = fastreg.solve(DENSE.X, y, loss=loss, penalty=NoPenalty(), tol=TIGHT)
    problems.assert_optimal(none, DENSE.X, y, loss=loss, penalty=NoPenalty())
    for penalty in (L1(0), L2(0), ElasticNet(0, 0.5), Bounded(L1(0), -np.inf, np.inf)):
        zero = fastreg.solve(DENSE.X, y, loss=loss, penalty=penalty, tol=TIGHT)
        assert zero.coef == pytest.approx(none.coef, abs=1e-6)
        assert zero.objective == pytest.approx(none.objective, rel=1e-11)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_bounds_beyond_one_around_nothing_are_bounds_still(loss):
    problem = problems.dense(n=60, p=4, correlation=0.0)
    penalty = Bounded(NoPenalty(), -1.05, 1.05)
    solution = fastreg.solve(problem.X, problem.target(loss), loss=loss, penalty=penalty, tol=TIGHT)
    assert np.abs(solution.coef).max() == 1.05
    problems.assert_optimal(solution, problem.X, problem.target(loss), loss=loss, penalty=penalty)


def test_more_unpenalised_weights_than_the_dual_is_projected_for():
    problem = problems.dense(n=80, p=50)
    penalty = L1(np.r_[np.zeros(40), np.full(10, 0.05)])
    solution = fastreg.solve(problem.X, problem.y, loss=Squared(), penalty=penalty, tol=1e-12)
    best = reference.minimise(problem.X, problem.y, loss=Squared(), penalty=penalty)
    assert solution.status is Status.CONVERGED
    assert solution.coef == pytest.approx(best.coef, abs=1e-8)
    assert solution.objective == pytest.approx(best.objective, rel=1e-12)


def test_it_starts_where_it_is_told():
    words = {"loss": Logistic(), "penalty": L1(0.03), "tol": 1e-10}
    cold = fastreg.solve(DENSE.X, DENSE.labels, **words)
    for start in (cold, (cold.coef, cold.intercept), (list(cold.coef), 0)):
        warm = fastreg.solve(DENSE.X, DENSE.labels, start=start, **words)
        assert warm.n_iter == 0
        assert warm.coef == pytest.approx(cold.coef, abs=1e-9)
    near = fastreg.solve(DENSE.X, DENSE.labels, start=cold, loss=Logistic(), penalty=L1(0.029), tol=1e-10)
    assert near.work.coordinate_updates < cold.work.coordinate_updates


def test_inputs_are_left_alone():
    for problem in (DENSE, SPARSE):
        X, y = problem.X.copy(), problem.labels.copy()
        weights, offset = problem.sample_weight.copy(), problem.offset.copy()
        coef = np.ones(X.shape[1])
        fastreg.solve(
            X, y, loss=Logistic(), penalty=L1(0.03), sample_weight=weights, offset=offset,
            standardize=True, start=(coef, 1.0),
        )  # fmt: skip
        assert np.array_equal(
            X.data if sp.issparse(X) else X, problem.X.data if sp.issparse(X) else problem.X
        )
        assert np.array_equal(y, problem.labels)
        assert np.array_equal(weights, problem.sample_weight)
        assert np.array_equal(offset, problem.offset)
        assert np.array_equal(coef, np.ones(X.shape[1]))


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_the_same_bits_for_every_number_of_threads(kind, loss):
    problem = (
        problems.dense(n=700, p=900) if kind == "dense" else problems.text_like(n=8000, p=6000, nnz_row=40)
    )
    words = {"loss": loss, "penalty": L1(0.01), "standardize": True}
    answers = [fastreg.solve(problem.X, problem.target(loss), n_threads=n, **words) for n in (1, 2, 3, 8)]
    assert np.count_nonzero(answers[0].coef) > 5
    for other in answers[1:]:
        assert other.coef.tobytes() == answers[0].coef.tobytes()
        assert (other.intercept, other.objective, other.gap) == (
            answers[0].intercept, answers[0].objective, answers[0].gap
        )  # fmt: skip
        assert other.work == answers[0].work


def test_work_is_counted_in_integers():
    solution = fastreg.solve(DENSE.X, DENSE.y, loss=Squared(), penalty=L1(0.01), tol=TIGHT)
    work = solution.work
    assert all(type(count) is int for count in work)
    assert work.rounds == solution.n_iter + 1 == work.full_passes
    assert work.coordinate_updates >= np.count_nonzero(solution.coef)
    assert work.epochs >= 1
    assert work.products == 0
    assert work.bytes_copied == 0
    assert work.bytes_read >= work.full_passes * DENSE.X.nbytes
    ridge = fastreg.solve(DENSE.X, DENSE.y, loss=Squared(), penalty=L2(0.01), tol=TIGHT).work
    assert ridge.newton_steps >= 1
    assert ridge.products >= 2
    assert ridge.coordinate_updates == 0


def test_targets_of_any_shape_and_type_are_one_vector():
    words = {"loss": Squared(), "penalty": L1(0.03), "tol": TIGHT}
    expected = fastreg.solve(DENSE.X, np.round(DENSE.y), **words).coef
    for y in (np.round(DENSE.y).astype(int), np.round(DENSE.y)[:, None], list(np.round(DENSE.y))):
        assert fastreg.solve(DENSE.X, y, **words).coef.tobytes() == expected.tobytes()


def test_the_answer_is_made_of_plain_numbers():
    solution = fastreg.solve(DENSE.X, DENSE.y, loss=Squared(), penalty=L1(0.03))
    assert type(solution.coef) is np.ndarray
    assert type(solution.intercept) is type(solution.objective) is type(solution.gap) is float
    assert type(solution.n_iter) is int
    assert solution.coef.shape == (DENSE.X.shape[1],)
    assert (
        fastreg.solve(DENSE.X, DENSE.y, loss=Squared(), penalty=L1(0.03), fit_intercept=False).intercept
        == 0.0
    )


def test_ctrl_c_before_the_first_certificate_is_ctrl_c(monkeypatch):
    def pressed(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(State, "certify", pressed)
    with pytest.raises(KeyboardInterrupt):
        fastreg.solve(DENSE.X, DENSE.y, loss=Squared(), penalty=L1(0.01))
