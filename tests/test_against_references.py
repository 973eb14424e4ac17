"""The solutions of R's glmnet, gamlr, lars and CVX, as other projects publish them.

Where the stored file holds an ``exact`` optimum, found by an independent solver, it is met to 1e-6; the
published numbers are met as closely as they meet that optimum (glmnet stops early at small strengths).
"""

import numpy as np
import problems
import pytest

import fastreg
from fastreg.losses import Logistic, Multinomial, Squared
from fastreg.penalties import L1

GLMNET = {
    "glmnetjl_gaussian": Squared(),
    "glmnetjl_gaussian_weighted": Squared(),
    "glmnetjl_binomial": Logistic(),
}
GAMLR = {"gamlr_lasso_gaussian": Squared(), "gamlr_lasso_binomial": Logistic()}


def stored(name, loss):
    """Return the file, X, y and the weights of a stored problem."""
    file = problems.reference_solution(name)
    y = np.array(file["y"])
    weights = np.array(file["sample_weight"]) if "sample_weight" in file else None
    X = np.asfortranarray(np.array(file["X"], dtype=np.float64))
    return file, X, problems.signs(y) if isinstance(loss, Logistic) else y, weights


@pytest.mark.parametrize("name", GLMNET)
def test_glmnet_at_chosen_strengths(name):
    loss = GLMNET[name]
    file, X, y, weights = stored(name, loss)
    words = {"loss": loss, "standardize": True, "sample_weight": weights, "tol": 1e-13}
    for index, exact in zip(file["model_index"], file["exact_rows_intercept_coef"], strict=True):
        solution = fastreg.solve(X, y, penalty=L1(file["lam"][index - 1]), **words)
        assert solution.coef == pytest.approx(exact[1:], abs=1e-6)
        assert solution.intercept == pytest.approx(exact[0], abs=1e-5)
    published = np.array(file["betas_cols"])[:, 0]
    first = fastreg.solve(X, y, penalty=L1(file["lam"][file["model_index"][0] - 1]), **words)
    assert first.coef == pytest.approx(published, abs=1e-6)


def test_glmnet_multinomial():
    file, X, y, _ = stored("glmnetjl_multinomial", Multinomial())
    for exact in file["exact"]:
        words = {"loss": Multinomial(), "penalty": L1(exact["lam"]), "standardize": True}
        solution = fastreg.solve(X, y, tol=1e-13, **words)
        assert solution.coef == pytest.approx(np.array(exact["coef"]), abs=1e-6, rel=1e-6)
        assert solution.intercept == pytest.approx(exact["intercept"], abs=1e-5, rel=1e-5)


@pytest.mark.parametrize("name", GLMNET)
def test_the_path_of_glmnet(name):
    loss = GLMNET[name]
    file, X, y, weights = stored(name, loss)
    words = {"loss": loss, "standardize": True, "sample_weight": weights, "penalty": L1(1.0)}
    path = fastreg.path(X, y, strengths=file["lam"], tol=1e-12, **words)
    assert path.strengths == pytest.approx(file["lam"], rel=1e-15)
    allowed = max(1e-6, 2 * file["verification"]["max_abs_dev_intercept"])
    assert path.intercepts == pytest.approx(file["a0"], abs=allowed)
    allowed = max(1e-6, 2 * file["verification"]["max_abs_dev_coef"])
    for column, published in zip(file["model_index"], np.array(file["betas_cols"]).T, strict=True):
        assert path.coefs[:, [column - 1]].toarray().ravel() == pytest.approx(published, abs=allowed)
    # Early on the path R and we have the same support; later its loose stop may lag behind by one.
    found = np.diff(path.coefs.indptr)
    assert found[: len(found) // 3].tolist() == file["df"][: len(found) // 3]
    explained = 1 - (path.objectives - path.strengths * _penalties(path, X, weights)) / path.objectives[0]
    assert explained == pytest.approx(file["dev_ratio"], abs=3e-4)


def _penalties(path, X, weights):
    """Return sum_j |w_j| sd_j along a path."""
    deviations = np.sqrt(np.cov(X.T, aweights=weights, ddof=0).diagonal())
    return np.abs(path.coefs.toarray()).T @ deviations


@pytest.mark.parametrize("name", GLMNET)
def test_glmnet_starts_its_path_where_we_do(name):
    loss = GLMNET[name]
    file, X, y, weights = stored(name, loss)
    words = {"loss": loss, "standardize": True, "sample_weight": weights, "penalty": L1(1.0)}
    assert fastreg.path(X, y, strengths=1, **words).strengths[0] == pytest.approx(file["lam"][0], rel=1e-9)


@pytest.mark.parametrize("name", GAMLR)
def test_gamlr_with_penalty_factors(name):
    loss = GAMLR[name]
    file, X, y, _ = stored(name, loss)
    assert [problem["penalty_factor"] for problem in file["problems"]]
    for problem in file["problems"]:
        factors = np.array(problem["penalty_factor"])
        path = fastreg.path(X, y, loss=loss, penalty=L1(factors), strengths=problem["lam"], tol=1e-13)
        for index, exact in zip(problem["verified_index"], problem["exact_at_verified"], strict=True):
            assert path.strengths[index] == pytest.approx(problem["lam"][index], rel=1e-15)
            assert path.coefs[:, [index]].toarray().ravel() == pytest.approx(exact[1:], abs=1e-6)
            assert path.intercepts[index] == pytest.approx(exact[0], abs=1e-6)
        # gamlr stops early between the verified points, by as much as it does at those.
        allowed = 2 * file["verification"]["max_abs_dev"]
        assert path.coefs.toarray() == pytest.approx(np.array(problem["coef"]), abs=allowed)
        assert path.intercepts == pytest.approx(np.array(problem["intercept"]), abs=allowed)


def test_the_vignette_of_glmnet():
    file = problems.reference_solution("glmnet_vignette_gaussian")
    X, y = problems.real("glmnet_quickstart")
    for problem in file["problems"]:
        words = {
            "fit_intercept": problem.get("intercept", True),
            "standardize": problem.get("standardize", True),
        }
        solution = fastreg.solve(X, y, loss=Squared(), penalty=L1(problem["lam"]), tol=1e-13, **words)
        exact = np.array(problem["exact"])
        weights = np.r_[solution.intercept, solution.coef][-exact.size :]
        assert weights == pytest.approx(exact, abs=1e-6)
        if "expected_cvx" in problem:
            assert weights == pytest.approx(np.array(problem["expected_cvx"]), abs=1e-8)
