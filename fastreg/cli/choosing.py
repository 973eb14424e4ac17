"""The choice of lambda: as given, or by cross-validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .models import Model, rows_of
from .targets import Target

if TYPE_CHECKING:
    from fastreg.selection import CrossValidation

    from .activity import Activity


class Choice(NamedTuple):
    """A strength, how it was chosen, and the fit at it on the rows that are not held out.

    What it was chosen from is None for a strength that was given.
    """

    strength: float
    how: str
    coef: Any
    intercept: float
    tried: CrossValidation | None = None


def choose(model: Model, target: Target, X: Any, folds: int, activity: Activity) -> Choice:
    """Choose the strength with the least mean loss on the rows left out in turn.

    The strengths are those of the path on all rows given here, the same for all folds.
    """
    found = model.cross_validate(
        rows_of(X, slice(None)), target.y, target.parts(folds), callback=counted(activity)
    )
    how = f"the least loss of {len(found.strengths)} strengths in {folds}-fold cross-validation" + at_the_end(
        found, "--strength goes further"
    )
    return Choice(found.strength, how, found.solution.coef, found.solution.intercept, found)


def counted(activity: Activity, what: str = "choosing lambda", before: int = 0, runs: int = 1) -> Any:
    """Return a callback that shows how many of the fits of some equal runs are done.

    Parameters
    ----------
    activity : Activity
    what : str
        What the fits are for.
    before, runs : int
        How many runs are done, and how many there are.
    """

    def tell(done: int, total: int) -> None:
        done, total = done + before * total, total * runs
        activity.now(f"{what}, {done:,} of {total:,} fits", done / total)

    return tell


def at_the_end(found: CrossValidation, remedy: str) -> str:
    """Say where the chosen strength is the first or the last of those tried."""
    if found.chosen == 0:
        return ", the largest of them"
    return f", the smallest of them ({remedy})" if found.chosen == len(found.strengths) - 1 else ""


def given(model: Model, target: Target, X: Any, strength: float, activity: Activity) -> Choice:
    """Fit at the strength that was given."""
    activity.now("fitting the rows not held out")
    solution = model.solve(rows_of(X, slice(None)), target.y, strength)
    return Choice(strength, "as given", solution.coef, solution.intercept)
