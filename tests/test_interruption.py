"""Ctrl-C at any moment of a fit: what is returned is whole, and the next fit knows nothing of it."""

import sys

import numpy as np
import pytest
from subprocesses import PACKAGE

import fastreg
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2, GroupL2
from fastreg.solvers.held_out import HeldOut
from fastreg.solvers.loop import minimise

_random = np.random.default_rng(0)
X = _random.standard_normal((60, 12))
Y = X @ _random.standard_normal(12) + _random.standard_normal(60)
MOMENTS = 150
TERMS = {
    "coordinate descent": (Squared(), L1(0.01)),
    "working set": (Logistic(), L1(0.001)),
    "newton": (Logistic(), L2(1e-4)),
    "blocks": (Squared(), GroupL2(0.01, np.repeat(np.arange(4), 3))),
}


def _is_inside_a_fit(frame):
    while frame is not None:
        if frame.f_code is minimise.__code__:
            return True
        frame = frame.f_back
    return False


def interrupted_at(call, fit):
    """Press Ctrl-C as this call inside the fit begins; return what is raised, and how many calls began.

    Python hears of Ctrl-C where a function begins or a loop turns. The functions are ours: the standard
    library's locks are not made for it.
    """
    calls = 0

    def trace(frame, event, argument):
        nonlocal calls
        if frame.f_code.co_filename.startswith(str(PACKAGE)) and _is_inside_a_fit(frame.f_back):
            calls += 1
            if calls == call:
                raise KeyboardInterrupt

    sys.settrace(trace)
    try:
        fit()
    except KeyboardInterrupt as raised:
        return raised, calls
    finally:
        sys.settrace(None)
    return None, calls


def at_many_moments(fit):
    """Yield what each of many Ctrl-C, spread over a fit, makes of it."""
    _, calls = interrupted_at(-1, fit)
    assert calls > MOMENTS / 2
    for call in range(2, calls + 1, 1 + calls // MOMENTS):  # the first makes the place for the best iterate
        raised, _ = interrupted_at(call, fit)
        assert isinstance(raised, fastreg.Interrupted), f"at call {call} of {calls}"
        yield raised.solution


@pytest.mark.parametrize(("loss", "penalty"), TERMS.values(), ids=TERMS)
def test_the_certificate_is_that_of_the_weights(loss, penalty):
    y = Y if isinstance(loss, Squared) else np.sign(Y)

    def fit():
        return fastreg.solve(X, y, loss=loss, penalty=penalty, tol=1e-10, n_threads=1)

    expected, certified = fit(), 0
    for found in at_many_moments(fit):
        assert found.status is fastreg.Status.STOPPED
        if np.isnan(found.objective):  # nothing was certified yet
            assert (found.gap, found.coef.any()) == (np.inf, False)
            continue
        certified += 1
        again = fastreg.certify(X, y, found.coef, found.intercept, loss=loss, penalty=penalty)
        assert again.primal == pytest.approx(found.objective, rel=1e-12)
        assert found.objective >= expected.objective * (1 - 1e-12)
    assert certified > MOMENTS / 4
    assert fit().coef.tobytes() == expected.coef.tobytes()


def test_a_path_keeps_whole_strengths():
    held = {"X_val": X[:9], "y_val": Y[:9]}

    def fit():
        return fastreg.path(X, Y, loss=Squared(), penalty=L1(1.0), strengths=6, n_threads=1, **held)

    whole, sizes = fit(), set()
    for part in at_many_moments(fit):
        size = part.strengths.size
        sizes.add(size)
        assert part.coefs.shape == (12, size)
        assert part.coefs.toarray().tolist() == whole.coefs.toarray()[:, :size].tolist()
        assert part.validation_losses.tolist() == whole.validation_losses[:size].tolist()
        assert len(part.statuses) == part.gaps.size == size
        assert part.best == (int(np.argmin(part.validation_losses)) if size else None)
    assert sizes >= {0, 1, 2, 3, 4, 5}


def test_a_strength_that_was_scored_but_not_kept(monkeypatch):
    def judge_and_press(self, coef, intercept):
        judge(self, coef, intercept)
        if len(self.losses) == 3:
            raise KeyboardInterrupt

    judge = HeldOut.judge
    monkeypatch.setattr(HeldOut, "judge", judge_and_press)
    with pytest.raises(fastreg.Interrupted) as pressed:
        fastreg.path(X, Y, loss=Squared(), penalty=L1(1.0), strengths=6, X_val=X[:9], y_val=Y[:9])
    part = pressed.value.solution
    assert part.strengths.size == part.validation_losses.size == 2
    assert part.best == int(np.argmin(part.validation_losses))
