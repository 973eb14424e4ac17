"""The outer loop every solver shares: certify, tell, stop or improve."""

import warnings

import numpy as np

from fastreg.solvers.solution import Certificate, CertificateKind, ConvergenceWarning, Progress, Status

_ROUNDING = 4e-16
_PATIENCE = 4  # rounds without any progress


class Best:
    """The iterate of lowest objective among those that were certified."""

    def __init__(self):
        self.coef = None

    def keep(self, state):
        """Keep the state's iterate if it is at least as good."""
        if self.coef is None or state.objective <= self.objective:
            self.take(state)

    def take(self, state):
        """Take the state's iterate, all of it or, where Ctrl-C comes meanwhile, nothing."""
        certificate = Certificate(float(state.gap), state.kind, float(state.objective), float(state.dual))
        intercept = state.intercept.copy() if np.ndim(state.intercept) else float(state.intercept)
        taken = certificate, state.coef.copy(), intercept
        self.certificate, self.coef, self.intercept = taken

    @property
    def objective(self):
        """The objective of the iterate, infinite while there is none."""
        return np.inf if self.coef is None else self.certificate.primal


def minimise(state, improve, *, tol, max_iter, callback, certified=False):
    """Improve a state until its gap is at most ``tol``.

    Parameters
    ----------
    improve : function
        ``improve(state, tol, previous)`` makes a certified state better and returns its working set, or
        None.
    certified : bool
        Whether only the penalty changed since the state was last certified.

    Returns
    -------
    best : Best
        The best certified iterate.
    status : Status
    n_iter : int
        Rounds done.
    interrupted : bool
        Whether Ctrl-C ended it.
    """
    best = Best()
    columns = None
    lowest_gap, idle = np.inf, 0
    n_iter = 0
    status = Status.MAX_ITER
    try:
        while True:
            if certified:
                state.recertify()
            else:
                state.certify()
            certified = False
            state.problem.counter.rounds += 1
            before = best.objective
            best.keep(state)
            if callback is not None:
                progress = Progress(
                    n_iter, state.objective, state.gap, int(np.count_nonzero(state.coef)), tol,
                    state.problem.counter.full_passes, state.weights,
                )  # fmt: skip
                if callback(progress):
                    status = Status.STOPPED
                    break
            if state.gap <= tol:
                best.take(state)  # its objective may be a rounding above another's
                status = Status.CONVERGED
                break
            progressed = best.objective < before - _ROUNDING * abs(before) or state.gap < 0.99 * lowest_gap
            idle = 0 if progressed or not np.isfinite(before) else idle + 1
            previous = columns if state.gap > 0.9 * lowest_gap else None
            lowest_gap = min(lowest_gap, state.gap)
            if idle == _PATIENCE:
                status = Status.STALLED
                break
            if n_iter == max_iter:
                break
            columns = improve(state, tol, previous)
            n_iter += 1
    except KeyboardInterrupt:
        if best.coef is None:
            best.take(state)
        return best, Status.STOPPED, n_iter, True
    return best, status, n_iter, False


def warn_unless_converged(
    status, certificate, tol, n_iter, *, where="", category=ConvergenceWarning, stacklevel=3
):
    """Warn with gap and tolerance in the text."""
    if status not in (Status.MAX_ITER, Status.STALLED):
        return
    name = "gap" if certificate.kind is CertificateKind.DUALITY_GAP else "KKT residual"
    remedy = "raise max_iter" if status is Status.MAX_ITER else "this is as far as double precision goes here"
    warnings.warn(
        f"{status} After {n_iter} rounds{where} the {name} is {certificate.gap:.3g}, "
        f"the tolerance {tol:.3g}: {remedy}, or accept a larger tol.",
        category,
        stacklevel=stacklevel,
    )
