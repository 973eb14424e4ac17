"""What the commands draw: their numbers put into words and units for `fastreg.display`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .models import deviations, rows_of
from .targets import shown

if TYPE_CHECKING:
    import numpy as np

    from .choosing import Choice
    from .preparing import Prepared


def choice_drawn(ready: Prepared, choice: Choice, solution: Any) -> Any:
    """Draw how lambda was chosen, or that it was given, and the path on all rows.

    Parameters
    ----------
    ready : Prepared
        Data and model.
    choice : Choice
        The strength and what it was chosen from.
    solution : Solution
        The fit at it on all rows.

    Returns
    -------
    matplotlib.figure.Figure
    """
    import numpy as np
    import scipy.sparse

    from fastreg.display import Validation

    rows, y, tried = rows_of(ready.table.X, slice(None)), ready.target.y, choice.tried
    path = ready.model.path(rows, y) if tried is None else ready.model.path(rows, y, tried.strengths)
    strengths, weights, validation = path.strengths, path.coefs, None
    if tried is not None:
        loss = "(y - p)² / 2" if ready.target.classes is None else "log(1 + exp(-y p))"
        label = f"loss on rows left out:\nmean of {loss}, {tried.losses.shape[1]} folds"
        validation = Validation(tried.mean, tried.error, label)
    elif choice.strength > 0:
        strengths = np.append(strengths, choice.strength)
        weights = scipy.sparse.hstack([weights, scipy.sparse.csc_array(solution.coef[:, None])], format="csc")
    used, count = np.count_nonzero(solution.coef), len(solution.coef)
    title = f"{used:,} of {count:,} weights are not zero at lambda = {choice.strength:.4g}"
    return _drawn(ready, strengths, weights, title, choice.strength, validation)


def path_drawn(ready: Prepared, path: Any) -> Any:
    """Draw a path."""
    count = len(path.strengths)
    title = f"{ready.table.X.shape[1]:,} weights at {count:,} strengths of the penalty"
    return _drawn(ready, path.strengths, path.coefs, title, None, None)


def _drawn(
    ready: Prepared,
    strengths: np.ndarray,
    weights: Any,
    title: str,
    chosen: float | None,
    validation: Any,
) -> Any:
    import numpy as np
    import scipy.sparse

    from fastreg.display import path_picture

    target, name = ready.target, ready.table.target_name
    unit = f"units of {name}" if target.classes is None else f"log-odds of {shown(target.classes[1])}"
    what = "weight per unit of its column"
    if ready.model.standardize:
        what = "weight x standard deviation of its column"
        columns = np.arange(len(ready.table.feature_names))
        weights = scipy.sparse.diags_array(deviations(ready.table.X, columns)) @ weights
    return path_picture(
        strengths,
        weights,
        ready.table.feature_names,
        title=f"{name}: {title}",
        weight_label=f"{what}\n({unit})",
        chosen=chosen,
        validation=validation,
    )
