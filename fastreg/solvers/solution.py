"""What a solver returns and says: solution, certificate, status, work, warning, interruption."""

import enum
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Status(enum.Enum):
    """How a fit ended; ``str(status)`` is a sentence."""

    CONVERGED = "The gap is within the tolerance."
    MAX_ITER = "The max_iter was reached which means the coef_ did not converge."
    STALLED = "No step improves the objective any more in double precision."
    STOPPED = "The callback asked to stop."

    def __str__(self):
        """Return the sentence."""
        return self.value


class CertificateKind(enum.Enum):
    """What the gap of a certificate measures."""

    DUALITY_GAP = "duality gap: the objective is at most this share of P(0) above its minimum"
    KKT_RESIDUAL = "KKT residual: the largest |w - prox(w - gradient)|, as a share of that at coef 0"

    def __str__(self):
        """Return the description."""
        return self.value


class Certificate(NamedTuple):
    """How far coefficients are from optimal, computed in double precision over all features.

    Attributes
    ----------
    gap : float
        (primal - dual) / P(0), or the relative KKT residual.
    kind : CertificateKind
        Which of the two.
    primal : float
        The objective at the given coefficients.
    dual : float
        The dual objective at the best feasible point found; NaN for a KKT residual.
    """

    gap: float
    kind: CertificateKind
    primal: float
    dual: float


class Work(NamedTuple):
    """What a fit did, in exact integers that do not depend on machine or thread count.

    Attributes
    ----------
    full_passes : int
        Products of all of X with a vector.
    epochs : int
        Sweeps over a working set, or over all rows (dual ascent).
    coordinate_updates : int
        Weights changed by coordinate steps.
    newton_steps : int
        Quadratic models built.
    newton_solves : int
        Systems solved on the support of a working set.
    products : int
        Products with X or its transpose inside conjugate gradients.
    bytes_read : int
        Bytes of X read, a column read for a product and again for its update counted once.
    bytes_copied : int
        Bytes of X copied or converted.
    rounds : int
        Outer rounds, each with a certificate.
    """

    full_passes: int = 0
    epochs: int = 0
    coordinate_updates: int = 0
    newton_steps: int = 0
    newton_solves: int = 0
    products: int = 0
    bytes_read: int = 0
    bytes_copied: int = 0
    rounds: int = 0


class Solution(NamedTuple):
    """The result of `fastreg.solve`.

    Attributes
    ----------
    coef : float64 array of n_features, or (n_features, n_classes) with the multinomial loss
        Weights in the units of X.
    intercept : float, or array of n_classes
        0.0 without an intercept.
    certificate : Certificate
        How far from optimal they are.
    status : Status
        How the fit ended.
    work : Work
        What it did.
    n_iter : int
        Outer rounds.
    """

    coef: np.ndarray
    intercept: float | np.ndarray
    certificate: Certificate
    status: Status
    work: Work
    n_iter: int

    @property
    def objective(self) -> float:
        """Mean loss plus penalty at these weights."""
        return self.certificate.primal

    @property
    def gap(self) -> float:
        """The certificate's gap: relative to the objective at coef 0."""
        return self.certificate.gap


class Progress(NamedTuple):
    """What a callback is told after each certificate.

    Attributes
    ----------
    n_iter : int
        Rounds so far.
    objective, gap : float
    n_nonzero : int
        Weights that are not 0.
    tol : float
        The gap that is wanted.
    full_passes : int
        Products of all of X with a vector so far.
    weights : function
        Returns a copy of the weights, in the units of X, and the intercept.
    """

    n_iter: int
    objective: float
    gap: float
    n_nonzero: int
    tol: float
    full_passes: int
    weights: Callable[[], tuple]


class ConvergenceWarning(UserWarning):
    """A fit ended before its tolerance; the text says which gap was reached."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a fit; ``solution`` holds the best iterate.

    Attributes
    ----------
    solution : Solution, Path or Study
        What was reached; its status is ``Status.STOPPED``.
    """

    def __init__(self, solution):
        super().__init__("The fit was interrupted; the exception's `solution` holds the best iterate.")
        self.solution = solution


class Overflowed(ValueError):
    """The weights of a stochastic descent overflowed.

    Attributes
    ----------
    epoch : int
        The epoch in which they did.
    step_size : float
        The step size at its beginning.
    """

    def __init__(self, epoch, step_size):
        self.epoch, self.step_size = int(epoch), float(step_size)
        super().__init__(
            f"Floating-point under-/overflow occurred at epoch #{epoch}, which began with a step size of "
            f"{step_size:g}. Scaling input data with StandardScaler or MinMaxScaler might help, or a smaller "
            f"eta0."
        )
