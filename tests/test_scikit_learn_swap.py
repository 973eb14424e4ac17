"""scikit-learn's own tests pass with fastreg's estimators in place of its own, all but those with reasons."""

import importlib.util

import pytest
import scikit_learn_swap as swap
import sklearn

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not sklearn.__version__.startswith(swap.VERSION),
        reason=f"the list of reasons is for the tests of scikit-learn {swap.VERSION}",
    ),
    pytest.mark.skipif(
        importlib.util.find_spec("sklearn.linear_model.tests") is None,
        reason="scikit-learn is installed without its tests",
    ),
]

# More than half of the tests that count, in the least time; `python tests/scikit_learn_swap.py` runs all.
QUICK = ("ridge", "sparse_coordinate_descent")


@pytest.fixture(scope="module")
def comparison():
    return swap.compare(QUICK)


def test_every_failure_has_a_reason(comparison):
    assert swap.unexplained(comparison) == {}


def test_every_reason_is_that_of_a_failure(comparison):
    assert swap.stale(comparison, QUICK) == []


def test_most_pass(comparison):
    assert comparison.share >= swap.LEAST_SHARE


def test_a_test_that_makes_no_estimator_of_ours_does_not_count(comparison):
    counted = {name.partition("[")[0] for name in [*comparison.passed, *comparison.failed]}
    assert "test_ridge::test_ridge_intercept" in counted
    assert "test_ridge::test_ridge_classifier_cv_store_cv_results" not in counted  # makes RidgeClassifierCV


def test_what_fails_with_scikit_learn_itself_does_not_count(monkeypatch):
    def outcomes(files, module, only=None):
        assert only in (None, ["a", "b"])
        if module == swap.ITSELF:
            return {"a": {"outcome": "failed"}, "b": {"outcome": "passed"}}
        failed = {name: {"outcome": "failed", "message": f"no {name}", "touched": True} for name in "ab"}
        return {**failed, "c": {"outcome": "passed", "touched": True}}

    monkeypatch.setattr(swap, "outcomes", outcomes)
    assert swap.compare(["ridge"]) == swap.Comparison(["c"], {"b": "no b"})


def test_a_pattern_explains_what_it_names():
    reason = swap.Reason("private", "", "test_ridge::test_n_iter[*-svd]")
    assert reason.explains("test_ridge::test_n_iter[42-svd]")
    assert not reason.explains("test_ridge::test_n_iter[42-svd-True]")
    assert not reason.explains("test_ridge::test_n_iter4")


def test_every_reason_is_of_a_kind_and_for_one_file():
    for reason in swap.expected():
        assert reason.kind in swap.KINDS
        assert reason.text
        assert reason.file in {f"test_{file}" for file in swap.FILES}
