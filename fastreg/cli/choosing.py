"""The choice of lambda: what is held out, cross-validation as a plain loop over folds, and scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from .activity import Activity

TOLERANCE = 1e-6
_SEED = 0
_STRENGTHS = 100
# The path starts at max |gradient| / l1_share, where all weights are zero (l2 has no such place: a share
# below the least counts as the least), and ends at a thousandth of max |gradient|.
_LAST, _LEAST_SHARE = 1e-3, 1e-3


class Target(NamedTuple):
    """What shall be learnt: numbers, or -1 and +1 for two classes."""

    task: str
    reason: str
    y: np.ndarray
    classes: list[Any] | None

    def parts(self, count: int) -> np.ndarray:
        """Return the part (0 to count - 1) of each row: drawn with a fixed seed, each class spread evenly."""
        import numpy as np

        drawn = np.random.default_rng(_SEED).permutation(len(self.y))
        if self.classes is not None:
            drawn = drawn[np.argsort(self.y[drawn], kind="stable")]
        parts = np.empty(len(self.y), dtype=np.intp)
        parts[drawn] = np.arange(len(self.y)) % count
        return parts

    def losses(self, y: np.ndarray, predictions: np.ndarray) -> np.ndarray:
        """Return the sum of losses of each column of predictions."""
        import numpy as np

        if self.classes is None:
            return ((y[:, None] - predictions) ** 2).sum(axis=0) / 2
        return np.logaddexp(0.0, -y[:, None] * predictions).sum(axis=0)

    def score(self, y: np.ndarray, prediction: np.ndarray) -> float | None:
        """Return the share of rows in the right class, or R^2 (None where y is constant)."""
        import numpy as np

        if self.classes is not None:
            return float(np.mean(np.where(prediction > 0, 1.0, -1.0) == y))
        spread = float(((y - y.mean()) ** 2).sum())
        return 1.0 - float(((y - prediction) ** 2).sum()) / spread if spread > 0 else None


class Model(NamedTuple):
    """Loss and penalty with everything that all fits of one run share."""

    loss: Any
    penalty: Any
    l1_share: float
    standardize: bool

    def solve(self, X: Any, y: np.ndarray, strength: float, callback: Any = None) -> Any:
        """Fit at one strength."""
        import fastreg

        penalty = self.penalty._replace(strength=strength)
        return fastreg.solve(X, y, penalty=penalty, callback=callback, **self._settings())

    def path(self, X: Any, y: np.ndarray, strengths: Any = _STRENGTHS, callback: Any = None) -> Any:
        """Fit at several strengths, given or from the one at which all weights are zero downwards."""
        import fastreg

        ratio = _LAST * max(self.l1_share, _LEAST_SHARE)
        return fastreg.path(
            X,
            y,
            penalty=self.penalty,
            strengths=strengths,
            ratio=ratio,
            callback=callback,
            **self._settings(),
        )

    def _settings(self) -> dict[str, Any]:
        return {"loss": self.loss, "standardize": self.standardize, "tol": TOLERANCE}


class Choice(NamedTuple):
    """A strength, how it was chosen, and the fit at it on the rows that are not held out."""

    strength: float
    how: str
    coef: Any
    intercept: float


class _Counter:
    """A callback that shows how much of a sequence of paths is done."""

    def __init__(self, activity: Activity, paths: int):
        self.activity, self.paths = activity, paths
        self.path = -1
        self.fits = 0

    def next_path(self) -> _Counter:
        """Begin the next path."""
        self.path, self.fits = self.path + 1, 0
        return self

    def __call__(self, progress: Any) -> bool:
        self.fits += progress.n_iter == 0  # the first word of each fit
        what = "on the rows not held out" if self.path == 0 else f"fold {self.path} of {self.paths - 1}"
        done = (self.path + (self.fits - 1) / _STRENGTHS) / self.paths
        self.activity.now(f"choosing lambda, {what}", done)
        return False


def rows_of(X: Any, rows: Any) -> Any:
    """Return some rows in the layout that coordinate descent reads in place: CSC or F order."""
    import numpy as np
    import scipy.sparse

    return X[rows].tocsc() if scipy.sparse.issparse(X) else np.asfortranarray(X[rows])


def choose(model: Model, target: Target, X: Any, folds: int, activity: Activity) -> Choice:
    """Choose the strength with the least mean loss on the rows left out in turn.

    The strengths are those of the path on all rows given here, the same for all folds.
    """
    import numpy as np

    counter = _Counter(activity, folds + 1)
    path = model.path(rows_of(X, slice(None)), target.y, callback=counter.next_path())
    parts = target.parts(folds)
    losses = np.zeros(len(path.strengths))
    for fold in range(folds):
        inside, outside = np.flatnonzero(parts != fold), np.flatnonzero(parts == fold)
        fits = model.path(rows_of(X, inside), target.y[inside], path.strengths, counter.next_path())
        losses += target.losses(target.y[outside], X[outside] @ fits.coefs.toarray() + fits.intercepts)
    best = int(np.argmin(losses))
    ends = {0: ", the largest of them", len(losses) - 1: ", the smallest of them (--strength goes further)"}
    how = f"the least loss of {len(losses)} strengths in {folds}-fold cross-validation{ends.get(best, '')}"
    return Choice(
        float(path.strengths[best]),
        how,
        path.coefs[:, [best]].toarray().ravel(),
        float(path.intercepts[best]),
    )


def given(model: Model, target: Target, X: Any, strength: float, activity: Activity) -> Choice:
    """Fit at the strength that was given."""
    activity.now("fitting the rows not held out")
    solution = model.solve(rows_of(X, slice(None)), target.y, strength)
    return Choice(strength, "as given", solution.coef, solution.intercept)
