"""Copies, collinear columns, far more columns than rows, saturated supports, every scale: the gap is reached.

Each answer is judged by the oracle's certificate, which shares no code with fastreg.
"""

import warnings

import hard_data
import numpy as np
import problems
import pytest
import reference
import scipy.sparse as sp

import fastreg
from fastreg import CertificateKind, Status
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, Bounded, ElasticNet

TOL = 1e-8
MOST_ROUNDS = 60  # some ten are usual; a solver that cycles needs them all
LOSSES = [Squared(), Logistic()]
FORMS = {
    "F": np.asfortranarray,
    "C": np.ascontiguousarray,
    "csc": sp.csc_matrix,
    "csr": sp.csr_matrix,
}
# Data, and strengths as shares of the critical one.
DATA = {
    "copies": (hard_data.copies, [0.1, 0.01]),
    "equicorrelated": (hard_data.equicorrelated, [0.1, 1e-3]),
    "very wide": (hard_data.very_wide, [0.1, 1e-3]),
    "scaled": (hard_data.scaled, [0.1, 1e-4]),
    "degenerate": (hard_data.degenerate, [0.1, 1e-3]),
    "saturated": (hard_data.saturated, [1e-2, 1e-4]),
}
with_both_losses = pytest.mark.parametrize("loss", LOSSES, ids=repr)


def penalties(strength):
    """Return the penalties with a kink that fastreg ships, free and bounded."""
    return [
        L1(strength),
        ElasticNet(strength, 0.5),
        Bounded(L1(strength), 0.0, np.inf),
        Bounded(L1(strength), -0.1, 0.2),
    ]


def rounding_of_gradients(X, y, solution, loss, penalty):
    """Return how far the rounding of X.T @ slopes can move the gap.

    By its share of the strength where the L1 part bounds the dual point, by its product with the weight's
    bound where that does.
    """
    slopes = reference.LOSSES[type(loss).__name__].slope(y, X @ solution.coef + solution.intercept)
    rounding = 8e-16 * (np.abs(X.T) @ np.abs(slopes)).max() / y.size
    terms = reference.separable(penalty, 1)
    bounds = np.abs([terms.lower[0], terms.upper[0]])
    return rounding * (1 / terms.absolute[0] + bounds[np.isfinite(bounds)].max(initial=0.0))


def assert_honest(X, y, *, tol=TOL, form="F", **words):
    """Solve; assert that the gap is reached, or that a warning says which is, and that it is true."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        solution = fastreg.solve(FORMS[form](X), y, tol=tol, max_iter=MOST_ROUNDS, **words)
    found = reference.certify(X, y, solution.coef, solution.intercept, **words)
    assert solution.certificate.kind is CertificateKind.DUALITY_GAP
    assert solution.objective == pytest.approx(found.primal, rel=1e-11, abs=1e-13 * found.at_zero)
    rounding = (
        1e-13 + 1e-6 * found.gap + rounding_of_gradients(X, y, solution, words["loss"], words["penalty"])
    )
    gaps = found.gap, found.primal / found.at_zero  # far from the optimum the dual point 0 may be better
    assert min(abs(solution.gap - gap) for gap in gaps) <= rounding, (solution.gap, gaps)
    assert solution.n_iter < MOST_ROUNDS, "it cycles"
    if solution.status is Status.CONVERGED:
        assert solution.gap <= tol
        assert not caught
    else:
        assert solution.status is Status.STALLED
        assert [w.category for w in caught] == [fastreg.ConvergenceWarning]
        assert f"{solution.gap:.3g}" in str(caught[0].message)
    return solution


@with_both_losses
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", DATA)
def test_the_gap_asked_for_is_reached(name, form, loss):
    make, shares = DATA[name]
    problem = make()
    X, y = problem.X, problem.target(loss)
    for fit_intercept in (True, False):
        top = problems.critical(X, y, loss, fit_intercept)
        for penalty in (penalty for share in shares for penalty in penalties(share * top)):
            solution = assert_honest(X, y, form=form, loss=loss, penalty=penalty, fit_intercept=fit_intercept)
            assert solution.status is Status.CONVERGED, (penalty, fit_intercept, solution.gap)


@with_both_losses
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [1e-7, 1e-9])
def test_where_rounding_forbids_the_gap_a_warning_says_which_was_reached(share, form, loss):
    """Columns of 1e8 beside such strengths: their gradients at the optimum are rounding alone."""
    problem = hard_data.scaled()
    y = problem.target(loss)
    for penalty in penalties(share * problems.critical(problem.X, y, loss)):
        solution = assert_honest(problem.X, y, form=form, loss=loss, penalty=penalty)
        assert solution.gap <= 1e-5


@with_both_losses
@pytest.mark.parametrize("form", FORMS)
def test_copies_of_columns_change_no_optimum(form, loss):
    """A copy of a column offers nothing new to L1: objective and predictions are those without copies."""
    problem = hard_data.copies()
    y = problem.target(loss)
    distinct = np.unique(problem.X, axis=1)
    assert distinct.shape[1] < problem.X.shape[1] / 5
    words = {"loss": loss, "penalty": L1(0.02 * problems.critical(problem.X, y, loss)), "tol": 1e-11}
    once = fastreg.solve(np.asfortranarray(distinct), y, **words)
    often = fastreg.solve(FORMS[form](problem.X), y, **words)
    assert often.status is once.status is Status.CONVERGED
    assert often.objective == pytest.approx(once.objective, rel=1e-10)
    predictions = [X @ s.coef + s.intercept for X, s in ((distinct, once), (problem.X, often))]
    assert predictions[1] == pytest.approx(predictions[0], abs=1e-4)


@with_both_losses
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_a_support_of_as_many_columns_as_rows(fit_intercept, loss):
    """At next to no strength the squared loss is fitted exactly, by as many columns as there are rows."""
    problem = hard_data.saturated()
    y = problem.target(loss)
    top = problems.critical(problem.X, y, loss, fit_intercept)
    solution = assert_honest(problem.X, y, loss=loss, penalty=L1(1e-5 * top), fit_intercept=fit_intercept)
    assert solution.status is Status.CONVERGED
    assert np.count_nonzero(solution.coef) >= 30
    if isinstance(loss, Squared):
        rest = y - problem.X @ solution.coef - solution.intercept
        assert np.abs(rest).max() <= 1e-2 * np.abs(y).max()


@with_both_losses
@pytest.mark.parametrize("form", FORMS)
def test_a_tolerance_beyond_rounding_ends_in_a_warning(form, loss):
    """Nothing reaches 0: the fit ends by itself, and says how far it came."""
    for make in (hard_data.copies, hard_data.equicorrelated, hard_data.saturated):
        problem = make()
        y = problem.target(loss)
        strength = 0.1 * problems.critical(problem.X, y, loss)
        solution = assert_honest(problem.X, y, tol=0, form=form, loss=loss, penalty=L1(strength))
        assert solution.gap <= 1e-12


@with_both_losses
@pytest.mark.parametrize("form", FORMS)
def test_columns_of_the_same_everywhere_keep_the_weight_zero(form, loss):
    problem = hard_data.degenerate()
    y = problem.target(loss)
    for penalty in penalties(1e-3 * problems.critical(problem.X, y, loss)):
        solution = fastreg.solve(FORMS[form](problem.X), y, loss=loss, penalty=penalty, tol=TOL)
        assert not solution.coef[10:30].any()


@with_both_losses
@pytest.mark.parametrize("name", ["copies", "equicorrelated", "very wide"])
def test_a_path_on_hard_data_is_certified_at_every_strength(name, loss):
    problem = DATA[name][0]()
    X, y = problem.X, problem.target(loss)
    path = fastreg.path(X, y, loss=loss, penalty=L1(1.0), strengths=30, ratio=0.01, tol=TOL)
    assert set(path.statuses) == {Status.CONVERGED}
    for k, strength in enumerate(path.strengths):
        coef = path.coefs[:, [k]].toarray().ravel()
        found = reference.certify(X, y, coef, path.intercepts[k], loss=loss, penalty=L1(strength))
        assert path.objectives[k] == pytest.approx(found.primal, rel=1e-12)
        assert path.gaps[k] == pytest.approx(found.gap, rel=1e-6, abs=1e-13)
