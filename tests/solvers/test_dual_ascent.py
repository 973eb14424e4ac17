"""Dual coordinate ascent: its steps and identities in NumPy, and where it is used."""

import numpy as np
import problems
import pytest
import scipy.sparse as sp

import fastreg
from fastreg import team
from fastreg.jit import checked, completed
from fastreg.losses import Huber, Logistic, Squared, SquaredHinge
from fastreg.penalties import L2, ElasticNet, NoPenalty
from fastreg.solvers import dual_ascent
from fastreg.solvers.problem import assemble

pytestmark = pytest.mark.small

TEXT = problems.text_like(n=300, p=4500, nnz_row=9)
ROWS = TEXT.X.tocsr()
STRENGTH = 0.5 / 300  # 1 / (2 n): a row meets a quarter of the curvature of its penalty


def assembled(crew, loss, penalty, **options):
    words = {"fit_intercept": False, "standardize": False, "sample_weight": None, "offset": None, **options}
    return assemble(crew, ROWS, TEXT.target(loss), loss, penalty, **words)


@pytest.mark.parametrize("loss", [Logistic(), Squared(), Huber(0.3), SquaredHinge()])
@pytest.mark.parametrize("factor", [1e-3, 1.0, 1e4])
def test_the_proximal_point_solves_its_equation(loss, factor):
    whole = completed(checked(loss, "loss", 1))
    for y in (-1.0, 1.0):
        for before in (-30.0, -0.5, 0.0, 2.0, 400.0):
            for slope in (0.0, float(whole.slope(y, 0.3))):
                point = dual_ascent.proximal_point(whole, y, before, slope, factor)
                error = point - before + factor * (whole.slope(y, point) - slope)
                first = factor * (whole.slope(y, before) - slope)
                assert abs(error) <= 1e-3 * abs(first) + 1e-12 * (1 + abs(before))


@pytest.mark.parametrize("per_feature", [False, True])
def test_weights_are_those_of_the_slopes(per_feature):
    strength = STRENGTH * np.linspace(0.5, 2.0, 4500) if per_feature else STRENGTH
    with team.lease(2) as crew:
        problem = assembled(
            crew, Logistic(), L2(strength), sample_weight=TEXT.sample_weight, offset=TEXT.offset
        )
        ascent = dual_ascent._Ascent(problem, np.broadcast_to(2.0 * strength, 4500), 0.0)
        met = [ascent.epoch() for _ in range(6)]
    weights = -(ROWS.T @ (problem.weights * ascent.dual)) / (2 * strength)
    np.testing.assert_allclose(ascent.merged, weights, rtol=1e-9, atol=1e-12)
    assert met[5] < 1e-3 * met[0]
    # At a fixed point every slope is that of its prediction.
    slopes = -TEXT.labels / (1 + np.exp(TEXT.labels * (ROWS @ weights + TEXT.offset)))
    assert np.abs(slopes - ascent.dual).max() < 0.05


@pytest.mark.parametrize("with_all", [False, True], ids=["plain", "weights, offset, intercept"])
@pytest.mark.parametrize("loss", [Logistic(), Squared()])
def test_it_arrives_where_the_oracle_does(loss, with_all):
    words = {"fit_intercept": with_all}
    if with_all:
        words |= {"sample_weight": TEXT.sample_weight, "offset": TEXT.offset}
    X, y = ROWS[:, :250], TEXT.target(loss)
    solution = fastreg.solve(X, y, loss=loss, penalty=L2(8 * STRENGTH), tol=1e-10, **words)
    assert solution.gap <= 1e-10
    assert solution.work.epochs > 0
    problems.assert_optimal(solution, X, y, loss=loss, penalty=L2(8 * STRENGTH), coef_tolerance=1e-4, **words)


def test_it_does_most_of_the_way_and_bits_do_not_depend_on_threads(monkeypatch):
    words = {"loss": Logistic(), "penalty": L2(STRENGTH), "tol": 1e-7}
    monkeypatch.setattr(dual_ascent, "_SEGMENT", 500)  # several calls an epoch
    found = [fastreg.solve(TEXT.X, TEXT.labels, n_threads=threads, **words) for threads in (1, 2, 3)]
    assert found[0].work.epochs >= 3
    assert found[0].work.newton_steps <= 2
    assert len({(each.coef.tobytes(), each.intercept, each.gap, each.work) for each in found}) == 1
    for each, layout in zip(found, ("csc", "csr", "csc"), strict=True):
        other = fastreg.solve(TEXT.X.asformat(layout), TEXT.labels, **words)
        assert other.coef.tobytes() == each.coef.tobytes()


@pytest.mark.parametrize(
    "penalty",
    [NoPenalty(), L2(np.r_[0.0, np.full(4499, STRENGTH)]), L2(1e-4 * STRENGTH)],
    ids=["none", "one weight free", "rows too crowded"],
)
def test_it_is_left_out_where_it_cannot_help(penalty):
    solution = fastreg.solve(
        TEXT.X, TEXT.labels, loss=Logistic(), penalty=penalty, callback=lambda progress: progress.n_iter == 2
    )
    assert solution.work.epochs == 0


def test_a_short_matrix_is_factored_instead():
    solution = fastreg.solve(ROWS[:, :40], TEXT.labels, loss=Logistic(), penalty=L2(STRENGTH))
    assert solution.work.epochs == 0


def test_what_is_quadratic():
    def quadratic(penalty):
        return dual_ascent._quadratic(checked(penalty, "penalty", 3), 3)

    np.testing.assert_array_equal(quadratic(L2(0.5)), np.ones(3))
    np.testing.assert_array_equal(quadratic(L2([1.0, 2.0, 3.0])), [2.0, 4.0, 6.0])
    assert quadratic(NoPenalty()) is None
    assert quadratic(ElasticNet(1.0, 0.5)) is None


def test_rows_of_no_weight_change_nothing():
    twice = sp.vstack([ROWS, ROWS[:40]])
    labels = np.r_[TEXT.labels, -TEXT.labels[:40]]
    weights = np.r_[np.ones(300), np.zeros(40)]
    words = {"loss": Logistic(), "penalty": L2(STRENGTH), "tol": 1e-12}
    found = fastreg.solve(twice, labels, sample_weight=weights, **words)
    expected = fastreg.solve(ROWS, TEXT.labels, **words)
    assert found.work.epochs > 0
    np.testing.assert_allclose(found.coef, expected.coef, atol=1e-5)
