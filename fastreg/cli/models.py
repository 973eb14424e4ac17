"""Loss and penalty of a command: as asked for, or as a model file tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

TOLERANCE = 1e-6
STRENGTHS = 100
# The path starts at max |gradient| / l1_share, where all weights are zero (l2 has no such place: a share
# below the least counts as the least), and ends at a thousandth of max |gradient|.
_LAST, _LEAST_SHARE = 1e-3, 1e-3


_MEANINGS = {
    "DUALITY_GAP": "The objective is at most this share of the constant model's above the least there is.",
    "KKT_RESIDUAL": "No bound is known; this is the largest move of a step, as a share of the first one.",
}


def certified(certificate: Any) -> dict[str, Any]:
    """Return what JSON and pages tell of a certificate; no least objective is known of a residual."""
    kind = certificate.kind.name
    return {
        "gap": certificate.gap,
        "kind": kind.lower(),
        "meaning": _MEANINGS[kind],
        "objective": certificate.primal,
        "least": certificate.dual if kind == "DUALITY_GAP" else None,
    }


class Model(NamedTuple):
    """Loss and penalty with everything that all fits of one run share."""

    loss: Any
    penalty: Any
    l1_share: float
    standardize: bool

    def solve(self, X: Any, y: np.ndarray, strength: float, callback: Any = None) -> Any:
        """Fit at one strength."""
        import fastreg

        return fastreg.solve(X, y, **self._problem(strength), tol=TOLERANCE, callback=callback)

    def path(
        self,
        X: Any,
        y: np.ndarray,
        strengths: Any = STRENGTHS,
        ratio: float | None = None,
        callback: Any = None,
    ) -> Any:
        """Fit at several strengths, given or from the one at which all weights are zero downwards."""
        import fastreg

        return fastreg.path(X, y, **self._grid(strengths, ratio), callback=callback)

    def cross_validate(
        self,
        X: Any,
        y: np.ndarray,
        folds: np.ndarray,
        strengths: Any = STRENGTHS,
        ratio: float | None = None,
        rule: str = "min",
        callback: Any = None,
    ) -> Any:
        """Choose among the strengths of such a path by the loss on rows left out."""
        import fastreg

        words = self._grid(strengths, ratio)
        return fastreg.cross_validate(X, y, **words, folds=folds, rule=rule, callback=callback)

    def certify(self, X: Any, y: np.ndarray, coef: np.ndarray, intercept: float, strength: float) -> Any:
        """Certify weights as those of the fit at one strength."""
        import fastreg

        return fastreg.certify(X, y, coef, intercept, **self._problem(strength))

    def _grid(self, strengths: Any, ratio: float | None) -> dict[str, Any]:
        ratio = _LAST * max(self.l1_share, _LEAST_SHARE) if ratio is None else ratio
        return {**self._problem(1.0), "strengths": strengths, "ratio": ratio, "tol": TOLERANCE}

    def _problem(self, strength: float) -> dict[str, Any]:
        return {
            "loss": self.loss,
            "penalty": self.penalty._replace(strength=strength),
            "standardize": self.standardize,
        }


def model_of(task: str, penalty: str, l1_ratio: float | None, standardize: bool) -> Model:
    """Return the loss and penalty of these names.

    Parameters
    ----------
    task : {"regression", "classification"}
        Squared or logistic loss.
    penalty : {"l1", "l2", "elasticnet"}
        Its strength is named for each fit.
    l1_ratio : float or None
        The share of l1 in the elastic net, by default a half.
    standardize : bool
        Whether the penalty sees the weights of columns scaled to unit variance.
    """
    from fastreg.losses import Logistic, Squared
    from fastreg.penalties import L1, L2, ElasticNet

    loss = Squared() if task == "regression" else Logistic()
    if penalty == "l1":
        return Model(loss, L1(1.0), 1.0, standardize)
    if penalty == "l2":
        return Model(loss, L2(1.0), 0.0, standardize)
    share = 0.5 if l1_ratio is None else l1_ratio
    return Model(loss, ElasticNet(1.0, share), share, standardize)


def rows_of(X: Any, rows: Any) -> Any:
    """Return some rows in the layout that coordinate descent reads in place: CSC or F order."""
    import numpy as np
    import scipy.sparse

    return X[rows].tocsc() if scipy.sparse.issparse(X) else np.asfortranarray(X[rows])


def deviations(X: Any, columns: np.ndarray) -> np.ndarray:
    """Return the standard deviations (1/n) of some columns."""
    import numpy as np
    import scipy.sparse

    if not scipy.sparse.issparse(X):
        return X[:, columns].std(axis=0)
    chosen = X.tocsc()[:, columns]
    means = np.asarray(chosen.mean(axis=0)).ravel()
    squares = np.asarray(chosen.multiply(chosen).mean(axis=0)).ravel()
    return np.sqrt(np.maximum(squares - means**2, 0.0))
