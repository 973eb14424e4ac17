"""GroupLasso: what its parameters mean, against a plain oracle, grpreg, and celer and skglm."""

import group_reference
import numpy as np
import problems
import pytest
import reference

import fastreg
from fastreg.losses import Logistic, Squared
from fastreg.penalties import GroupL2

NUMBERS = np.array([0, 0, 0, 1, 1, 2, 3, 3, 3, 3, 4, 4])
LISTS = [np.flatnonzero(NUMBERS == g) for g in range(5)]


def test_it_minimises_its_documented_objective():
    problem = problems.dense()
    words = {"groups": NUMBERS, "alpha": 0.05, "weights": "sqrt", "tol": 1e-12}
    model = fastreg.GroupLasso(**words).fit(problem.X, problem.y, problem.sample_weight)
    oracle = group_reference.Norms(0.05, NUMBERS, np.sqrt(np.bincount(NUMBERS)))
    best = reference.minimise(
        problem.X, problem.y, loss=Squared(), penalty=oracle, sample_weight=problem.sample_weight
    )
    assert model.coef_ == pytest.approx(best.coef, abs=1e-6)
    assert model.intercept_ == pytest.approx(best.intercept, abs=1e-6)
    assert 0 <= model.dual_gap_ <= 2e-12 * np.var(problem.y)
    assert model.predict(problem.X) == pytest.approx(problem.X @ model.coef_ + model.intercept_)


def test_several_targets_and_a_warm_start():
    problem = problems.dense()
    targets = np.column_stack([problem.y, problem.offset])
    model = fastreg.GroupLasso(groups=3, alpha=0.02, tol=1e-9, warm_start=True).fit(problem.X, targets)
    alone = fastreg.GroupLasso(groups=3, alpha=0.02, tol=1e-9).fit(problem.X, problem.offset)
    assert np.array_equal(model.coef_[1], alone.coef_)
    assert model.dual_gap_.shape == (2,)
    assert model.fit(problem.X, targets).n_iter_.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"alpha": -1.0}, "alpha=-1.0"),
        ({"groups": 5}, "groups=5 does not divide 12"),
        ({"groups": [[0, 1], [1, 2]]}, "names feature 1 twice"),
        ({"weights": [1.0]}, r"weights has shape \(1,\)"),
        ({"tol": -1.0}, "tol=-1.0"),
        ({"max_iter": 0}, "max_iter=0"),
    ],
)
def test_an_impossible_value_is_one_sentence(words, text):
    problem = problems.dense()
    with pytest.raises(ValueError, match=text) as refusal:
        fastreg.GroupLasso(**words).fit(problem.X, problem.y)
    assert str(refusal.value).endswith(".")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("library", ["celer", "skglm"])
def test_the_libraries_it_is_named_after_mean_the_same(library):
    theirs = pytest.importorskip(library)
    problem = problems.dense()
    groups = [list(map(int, part)) for part in LISTS]
    words = {"groups": groups, "alpha": 0.1, "weights": np.array([1.0, 2.0, 0.5, 1.5, 1.0])}
    mine = fastreg.GroupLasso(tol=1e-12, **words).fit(problem.X, problem.y)
    other = theirs.GroupLasso(tol=1e-12, **words).fit(problem.X, problem.y)
    assert 0 < np.count_nonzero(mine.coef_) < 12
    assert mine.coef_ == pytest.approx(other.coef_, abs=1e-5)


def _orthonormal_groups(X, numbers):
    """Return X with each group's centred columns made orthonormal, as grpreg does, and the way back."""
    centred = X - X.mean(axis=0)
    rotated, back = np.empty_like(centred), np.zeros((X.shape[1],) * 2)
    for g in np.unique(numbers):
        members = np.flatnonzero(numbers == g)
        q, r = np.linalg.qr(centred[:, members])
        rotated[:, members] = q * np.sqrt(len(X))
        back[np.ix_(members, members)] = np.linalg.inv(r) * np.sqrt(len(X))
    return np.asfortranarray(rotated), back


@pytest.mark.parametrize("index", [0, 1, 2])
def test_grpreg(index):
    stored = problems.reference_solution("grpreg_group_lasso")["problems"][index]
    X, y = problems.real("birthwt" if index == 0 else "birthwt@low")
    numbers = problems.real("birthwt@groups")[1]
    loss = Squared() if index == 0 else Logistic()
    rotated, back = _orthonormal_groups(X, numbers)
    found = fastreg.solve(
        rotated, y if index == 0 else problems.signs(y), loss=loss, tol=1e-13,
        penalty=GroupL2(stored["lam"], numbers, "sqrt"),
    )  # fmt: skip
    coef = back @ found.coef
    exact = np.array(stored["exact"])
    assert coef == pytest.approx(exact[1:], abs=2e-6 * np.abs(exact).max())
    assert found.intercept - X.mean(axis=0) @ coef == pytest.approx(exact[0], abs=1e-5)
