import numpy as np
import pytest

from fastreg.selection import rules

pytestmark = pytest.mark.small


def test_mean_and_error_are_those_of_the_folds():
    losses = np.random.default_rng(0).random((4, 6))
    mean, error = rules.mean_and_error(losses, np.ones(6))
    assert mean == pytest.approx(losses.mean(axis=1))
    assert error == pytest.approx(losses.std(axis=1, ddof=1) / np.sqrt(6))


def test_a_fold_counts_by_its_weight():
    losses = np.array([[1.0, 4.0]])
    mean, _ = rules.mean_and_error(losses, np.array([2.0, 1.0]))
    assert mean == pytest.approx(2.0)


def test_one_fold_has_no_error():
    mean, error = rules.mean_and_error(np.array([[2.0], [1.0]]), np.ones(1))
    assert mean.tolist() == [2.0, 1.0]
    assert np.isnan(error).all()
    assert rules.within_one_error(mean, error) == rules.least(mean) == 1


def test_one_error_never_means_a_weaker_penalty():
    generator = np.random.default_rng(1)
    for _ in range(1000):
        mean, error = generator.random((2, 30))
        simplest, best = rules.within_one_error(mean, error), rules.least(mean)
        assert simplest <= best
        assert mean[simplest] <= mean[best] + error[best]
        assert np.all(mean[:simplest] > mean[best] + error[best])


def test_of_equal_means_the_strongest_penalty():
    assert rules.least(np.array([3.0, 1.0, 1.0, 2.0])) == 1


def test_what_is_no_number_is_not_chosen():
    assert rules.least(np.array([np.nan, 2.0, 3.0])) == 1
    with pytest.raises(ValueError, match="No strength has a loss"):
        rules.least(np.array([np.nan, np.nan]))


def test_one_error_never_means_a_weaker_penalty_of_a_lasso():
    """A thousand lassos of one feature, whose solutions and curves are known in closed form."""
    generator = np.random.default_rng(2)
    simpler = 0
    for _ in range(1000):
        x, noise = generator.standard_normal((2, 30))
        y = generator.uniform(-1, 1) * x + noise
        strengths = np.abs(x @ y) / 30 * np.geomspace(1, 1e-2, 25)
        losses = np.empty((25, 5))
        for fold in range(5):
            held = np.arange(30) % 5 == fold
            product, square = x[~held] @ y[~held] / 24, x[~held] @ x[~held] / 24
            coef = np.sign(product) * np.maximum(np.abs(product) - strengths, 0) / square
            losses[:, fold] = np.mean((y[held] - np.outer(coef, x[held])) ** 2, axis=1) / 2
        mean, error = rules.mean_and_error(losses, np.ones(5))
        best, simplest = rules.least(mean), rules.within_one_error(mean, error)
        assert strengths[simplest] >= strengths[best]
        simpler += simplest < best
    assert simpler > 500


def test_the_criteria_of_the_smallest_models():
    found = rules.criteria(
        np.array([10.0, 7.0]), np.array([1.0, 3.0]), np.array([0, 2]), count=4, n_features=5, gamma=1.0
    )
    assert found["aic"].tolist() == [12.0, 13.0]
    assert found["aicc"].tolist() == [12.0 + 4 / 2, np.inf]
    assert found["bic"] == pytest.approx([10 + np.log(4), 7 + 3 * np.log(4)])
    assert found["ebic"] - found["bic"] == pytest.approx([0.0, 2 * np.log(10)], abs=1e-12)


@pytest.mark.parametrize("rule", [*rules.RULES, *rules.CRITERIA])
def test_a_rule_is_known_in_one_place(rule):
    here, there = (rules.RULES, rules.CRITERIA)[:: 1 if rule in rules.RULES else -1]
    assert rules.checked_rule(rule, here) == rule
    with pytest.raises(ValueError, match=f"rule='{rule}' is unknown here: .*, or call fastreg."):
        rules.checked_rule(rule, there)
