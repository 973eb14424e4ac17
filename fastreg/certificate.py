"""`certify`: how far any coefficients are from optimal, ours or another library's."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from fastreg import team
from fastreg.solvers.beginning import begin
from fastreg.solvers.solution import Certificate, CertificateKind

# Scaling a weight that lies at its bound to the units of X and back may leave it this far outside.
_ROUNDING = 1e-15


def certify(
    X: Any,
    y: ArrayLike,
    coef: ArrayLike,
    intercept: ArrayLike = 0.0,
    *,
    loss: tuple,
    penalty: tuple,
    fit_intercept: bool = True,
    standardize: bool = False,
    sample_weight: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    n_threads: int | None = None,
) -> Certificate:
    """Certify coefficients: an upper bound on how far their objective is above the minimum.

    Parameters
    ----------
    X, y, loss, penalty, fit_intercept, standardize, sample_weight, offset, n_threads : see `fastreg.solve`
        The problem the coefficients are to be judged by.
    coef : array of n_features, or (n_features, n_classes) with the multinomial loss
        Weights in the units of X.
    intercept : float, or array of n_classes
        Must be 0 without ``fit_intercept``.

    Returns
    -------
    Certificate
        gap = (P - D) / P(0) with P the objective here, D the dual objective at a feasible point and P(0)
        the objective at coef 0 with the best intercept. Where the penalty has no conjugate, or none can be
        made feasible, the KKT residual instead; ``kind`` says which.

    Raises
    ------
    ValueError, TypeError
        As `fastreg.solve`.

    Examples
    --------
    >>> import numpy as np, fastreg
    >>> from fastreg.losses import Squared
    >>> from fastreg.penalties import L1
    >>> X, y = np.eye(3), np.array([3.0, -2.0, 1.0])
    >>> problem = {"loss": Squared(), "penalty": L1(0.5), "fit_intercept": False}
    >>> for coef in ([1.5, -0.5, 0.0], [1.0, 0.0, 0.0]):
    ...     print(f"{fastreg.certify(X, y, coef, **problem).gap:.3f}")
    0.000
    0.040
    """
    with team.lease(n_threads) as crew:
        state = begin(
            crew, X, y, loss, penalty, fit_intercept=fit_intercept, standardize=standardize,
            sample_weight=sample_weight, offset=offset, by_rows=True,
        )  # fmt: skip
        problem = state.problem
        coef, intercept = state.checked_start(coef, intercept)
        if np.any(intercept) and not fit_intercept:
            raise ValueError(
                f"intercept={intercept!r} without an intercept in the problem: pass fit_intercept=True."
            )
        state.start_at(coef, intercept, _ROUNDING)
        residual = state.examine()
        primal = state.objective
        # The dual point comes from the best intercept and unpenalised weights: it must be orthogonal to them.
        state.certify()
        if not np.isfinite(primal):
            gap = np.inf
        elif state.kind is CertificateKind.DUALITY_GAP:
            gap = max(0.0, primal - state.dual) / problem.objective_at_zero
        else:
            gap = residual / problem.residual_at_zero
    return Certificate(float(gap), state.kind, float(primal), float(state.dual))
