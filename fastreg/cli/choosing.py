"""The choice of lambda: cross-validation as a plain loop over folds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .models import STRENGTHS, Model, rows_of
from .targets import Target

if TYPE_CHECKING:
    import numpy as np

    from .activity import Activity


class Tried(NamedTuple):
    """The strengths among which one was chosen, and their losses on the rows left out in turn.

    Attributes
    ----------
    strengths, losses : ndarray of n_strengths
        The losses are means over all rows.
    errors : ndarray of n_strengths
        Standard errors of the means over folds.
    folds : int
        How many folds there were.
    """

    strengths: np.ndarray
    losses: np.ndarray
    errors: np.ndarray
    folds: int


class Choice(NamedTuple):
    """A strength, how it was chosen, and the fit at it on the rows that are not held out.

    What it was chosen from is None for a strength that was given.
    """

    strength: float
    how: str
    coef: Any
    intercept: float
    tried: Tried | None = None


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
        done = (self.path + (self.fits - 1) / STRENGTHS) / self.paths
        self.activity.now(f"choosing lambda, {what}", done)
        return False


def choose(model: Model, target: Target, X: Any, folds: int, activity: Activity) -> Choice:
    """Choose the strength with the least mean loss on the rows left out in turn.

    The strengths are those of the path on all rows given here, the same for all folds.
    """
    import numpy as np

    counter = _Counter(activity, folds + 1)
    path = model.path(rows_of(X, slice(None)), target.y, callback=counter.next_path())
    parts = target.parts(folds)
    sums = np.zeros((folds, len(path.strengths)))
    for fold in range(folds):
        inside, outside = np.flatnonzero(parts != fold), np.flatnonzero(parts == fold)
        fits = model.path(rows_of(X, inside), target.y[inside], path.strengths, callback=counter.next_path())
        sums[fold] = target.losses(target.y[outside], X[outside] @ fits.coefs.toarray() + fits.intercepts)
    losses = sums.sum(axis=0) / len(target.y)
    means = sums / np.bincount(parts, minlength=folds)[:, None]
    best = int(np.argmin(losses))
    ends = {0: ", the largest of them", len(losses) - 1: ", the smallest of them (--strength goes further)"}
    how = f"the least loss of {len(losses)} strengths in {folds}-fold cross-validation{ends.get(best, '')}"
    return Choice(
        float(path.strengths[best]),
        how,
        path.coefs[:, [best]].toarray().ravel(),
        float(path.intercepts[best]),
        Tried(path.strengths, losses, means.std(axis=0, ddof=1) / np.sqrt(folds), folds),
    )


def given(model: Model, target: Target, X: Any, strength: float, activity: Activity) -> Choice:
    """Fit at the strength that was given."""
    activity.now("fitting the rows not held out")
    solution = model.solve(rows_of(X, slice(None)), target.y, strength)
    return Choice(strength, "as given", solution.coef, solution.intercept)
