import numpy as np
import pytest

import fastreg
from fastreg.losses import (
    EpsilonInsensitive,
    Hinge,
    Huber,
    ModifiedHuber,
    SquaredEpsilonInsensitive,
    SquaredHinge,
)
from fastreg.penalties import L1

X = np.random.default_rng(0).standard_normal((40, 3))
LABELS = np.where(X[:, 0] + 0.5 * X[:, 1] > 0.1, 1.0, -1.0) * np.where(np.arange(40) % 9, 1.0, -1.0)


@pytest.mark.parametrize("loss", [Hinge(), Hinge(0.0), EpsilonInsensitive(0.1)], ids=repr)
@pytest.mark.parametrize("call", ["solve", "path", "certify"])
def test_a_loss_with_a_kink_is_refused(call, loss):
    place = (np.zeros(3), 0.0) if call == "certify" else ()
    message = f"{type(loss).__name__} has a kink.*SGDClassifier or fastreg.SGDRegressor"
    with pytest.raises(ValueError, match=message) as raised:
        getattr(fastreg, call)(X, LABELS, *place, loss=loss, penalty=L1(0.1))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "loss", [SquaredHinge(), ModifiedHuber(), Huber(0.4), SquaredEpsilonInsensitive(0.1)], ids=repr
)
def test_a_loss_without_a_kink_is_solved(loss):
    solution = fastreg.solve(X, LABELS, loss=loss, penalty=L1(0.02), tol=1e-9)
    assert solution.status is fastreg.Status.CONVERGED
    prediction = X @ solution.coef + solution.intercept
    slopes = [loss.slope(y, p) / 40 for y, p in zip(LABELS, prediction, strict=True)]
    assert sum(slopes) == pytest.approx(0.0, abs=1e-12)
    gradient = X.T @ slopes
    pulled = np.sign(solution.coef - gradient) * np.maximum(np.abs(solution.coef - gradient) - 0.02, 0)
    assert solution.coef == pytest.approx(pulled, abs=1e-4)
    assert np.count_nonzero(solution.coef) >= 2
