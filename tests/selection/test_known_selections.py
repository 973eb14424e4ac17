"""Selections on real data that others have published, or that R's glmnet makes of the same folds.

The folds of cv.glmnet are given as its ``foldid``, and its numbers are those of glmnet 4.1-6 in R 4.2.2 with
``thresh=1e-14``. The folds of the book are not published: only its coefficients are met, and its strength is
compared with those of many draws of folds.
"""

import numpy as np
import problems
import pytest

import fastreg
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1

LCAVOL, LWEIGHT, LBPH, SVI = 0, 1, 3, 4
# The rows of the test set, from 1 on: column `train` of prostate.data, Elements of Statistical Learning.
TEST_ROWS = [
    7, 9, 10, 15, 22, 25, 26, 28, 32, 34, 36, 42, 44, 48, 49, 50, 53, 54, 55, 57, 62, 64, 65, 66, 73, 74, 80,
    84, 95, 97,
]  # fmt: skip
# The folds that cv.glmnet draws after set.seed(1), less 1: sample(rep(seq(10), length.out = 100)) - 1.
FOLDS_OF_SEED_1 = np.array(
    list(
        "7803623180403362862633249517971998480453131471197391268940652567586460151085285859495479270067022473"
    ),
    dtype=np.int64,
)


def prostate():
    """Return the rows learned from and those of the test, columns scaled by all rows as the book has them."""
    X, y = problems.real("prostate")
    X = (X - X.mean(axis=0)) / X.std(axis=0, ddof=1)
    test = np.isin(np.arange(1, 98), TEST_ROWS)
    return np.asfortranarray(X[~test]), y[~test], X[test], y[test]


def error(solution, X, y):
    return np.mean((X @ solution.coef + solution.intercept - y) ** 2)


def test_least_squares_and_lasso_of_the_elements_of_statistical_learning():
    """Table 3.3: the lasso at the strength where the norm of the weights is the published one."""
    X, y, X_test, y_test = prostate()
    least_squares = fastreg.solve(X, y, loss=Squared(), penalty=L1(0.0), tol=1e-12)
    published = [0.680, 0.263, -0.141, 0.210, 0.305, -0.288, -0.021, 0.267]
    assert least_squares.coef == pytest.approx(published, abs=6e-4)
    assert least_squares.intercept == pytest.approx(2.465, abs=6e-4)
    assert error(least_squares, X_test, y_test) == pytest.approx(0.521, abs=6e-4)
    published = np.zeros(8)
    published[[LCAVOL, LWEIGHT, LBPH, SVI]] = 0.533, 0.169, 0.002, 0.094
    low, high = 0.1, 0.5
    while high - low > 1e-9:
        middle = (low + high) / 2
        lasso = fastreg.solve(X, y, loss=Squared(), penalty=L1(middle), standardize=True, tol=1e-12)
        low, high = (middle, high) if lasso.coef.sum() > published.sum() else (low, middle)
    assert lasso.coef == pytest.approx(published, abs=6e-4)
    assert np.flatnonzero(lasso.coef).tolist() == [LCAVOL, LWEIGHT, LBPH, SVI]
    assert lasso.intercept == pytest.approx(2.468, abs=6e-4)
    assert error(lasso, X_test, y_test) == pytest.approx(0.479, abs=6e-4)
    chosen = [
        fastreg.cross_validate(
            X, y, loss=Squared(), penalty=L1(1.0), standardize=True, folds=10, seed=seed, rule="1se"
        )
        for seed in range(15)
    ]
    assert np.median([found.strength for found in chosen]) == pytest.approx(middle, rel=0.1)
    assert all(found.solution.coef[[LCAVOL, LWEIGHT, SVI]].all() for found in chosen)


@pytest.mark.parametrize("rule", ["1se", "bic", "ebic"])
def test_the_lasso_of_tibshirani(rule):
    """Tibshirani 1996, section 5: of all 97 rows it keeps lcavol, lweight and svi."""
    X, y = problems.real("prostate")
    words = {"loss": Squared(), "penalty": L1(1.0), "standardize": True, "rule": rule}
    if rule == "1se":
        found = fastreg.cross_validate(X, y, folds=np.arange(97) % 10, strengths=100, ratio=1e-4, **words)
    else:
        found = fastreg.information_criteria(X, y, **words)
    assert np.flatnonzero(found.solution.coef).tolist() == [LCAVOL, LWEIGHT, SVI]


@pytest.mark.parametrize(
    ("name", "loss", "folds", "chosen", "least"),
    [
        (
            "glmnet_quickstart", Squared(), FOLDS_OF_SEED_1,
            (0.0830732711526, 0.159327079214), (1.07440049277, 0.124960947214),
        ),
        (
            "glmnet_quickstart", Squared(), np.arange(100) % 10,
            (0.0689688891531, 0.132276140243), (1.02147320123, 0.0820829766623),
        ),
        (
            "prostate", Squared(), np.arange(97) % 10,
            (0.0356705948333, 0.208923416531), (0.536837226658, 0.0703784480444),
        ),
        (
            "glmnet_binomial", Logistic(), np.arange(100) % 10,
            (0.023494767424, 0.0595677991208), (0.835305146655, 0.142507015645),
        ),
    ],
    ids=["quick start, seed 1", "quick start", "prostate", "binomial"],
)  # fmt: skip
def test_cv_glmnet(name, loss, folds, chosen, least):
    """lambda.min and lambda.1se, cvm and cvsd there; all folds at the strengths of all rows (``lambda=``).

    Without ``lambda`` cv.glmnet follows other strengths in each fold and interpolates: same choices here.
    """
    X, y = problems.real(name)
    y = problems.signs(y) if isinstance(loss, Logistic) else y
    found = fastreg.cross_validate(
        X, y, loss=loss, penalty=L1(1.0), standardize=True, folds=folds, strengths=100, ratio=1e-4, tol=1e-11
    )
    assert found.strengths[[found.best, found.simplest]] == pytest.approx(chosen, rel=1e-9)
    curves = np.array([found.mean[found.best], found.error[found.best]])
    assert 2 * curves == pytest.approx(least, rel=2e-6)  # a deviance is twice a loss


def test_the_coefficients_of_glmnets_vignette():
    """An Introduction to glmnet: ``coef(cvfit, s = "lambda.min")`` of the quick start."""
    X, y = problems.real("glmnet_quickstart")
    found = fastreg.cross_validate(
        X, y, loss=Squared(), penalty=L1(1.0), standardize=True, folds=FOLDS_OF_SEED_1, strengths=100,
        ratio=1e-4, tol=1e-11,
    )  # fmt: skip
    published = np.zeros(20)
    published[[0, 2, 4, 5, 6, 7, 10, 13, 19]] = (
        1.32975267, 0.69096092, -0.83122558, 0.53669611, 0.02005438, 0.33193760, 0.16239419, -1.07081121,
        -1.04340741,
    )  # fmt: skip
    assert found.strength == pytest.approx(0.08307327, abs=5e-9)
    assert found.solution.coef == pytest.approx(published, abs=2e-5)
    assert np.array_equal(found.solution.coef != 0, published != 0)
    assert found.solution.intercept == pytest.approx(0.14936467, abs=1e-5)
