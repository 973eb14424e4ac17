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
