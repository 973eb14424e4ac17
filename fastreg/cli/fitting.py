"""`fastreg fit`: read, hold out, choose lambda, fit, report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .choosing import Choice, choose, given
from .models import TOLERANCE, deviations, rows_of
from .outputs import check_outputs, picture_bytes
from .preparing import Kernels, data_told, prepared, problem_told
from .running import run
from .targets import Target

if TYPE_CHECKING:
    import argparse

    import numpy as np

    from fastreg.data import Table

    from .activity import Activity

_PARTS = 4  # one of them is held out
_FOLDS = 5
_SHOWN = 10


def fit(arguments: argparse.Namespace) -> int:
    """Run the command and print what it found."""
    from .report import fit_table

    return run(arguments, _fitted, fit_table)


def _fitted(arguments: argparse.Namespace, activity: Activity) -> dict[str, Any]:
    """Do the work of the command and return what the table and the JSON show."""
    check_outputs(arguments)
    ready = prepared(arguments, activity)
    import numpy as np

    import fastreg
    from fastreg.data import write_whole

    table, target, model, clock = ready
    X, names = table.X, table.feature_names
    folds = (arguments.cv or _FOLDS) if arguments.strength is None else 1
    _check_rows(table, target, folds)
    parts = target.parts(_PARTS)
    train, held_out = np.flatnonzero(parts != 0), np.flatnonzero(parts == 0)
    training = target._replace(y=target.y[train])

    kernels = Kernels()
    kernels.warm_up(ready, activity)
    with clock("solve"):
        if arguments.strength is None:
            choice = choose(model, training, X[train], folds, activity)
        else:
            choice = given(model, training, X[train], arguments.strength, activity)
        activity.now(f"fitting all {len(target.y):,} rows")
        whole = rows_of(X, slice(None))
        solution = model.solve(whole, target.y, choice.strength)
        # Only a penalty with an l1 part has a lambda_max, from which on all weights are zero.
        critical = float(model.path(whole, target.y, 1).strengths[0]) if model.l1_share > 0 else None
    described = {**problem_told(ready, arguments), "strength": choice.strength}
    picture = b""
    if arguments.plot is not None:
        activity.now(f"drawing {arguments.plot}")
        with clock("draw"):
            from .pictures import choice_drawn

            picture = picture_bytes(choice_drawn(ready, choice, solution), arguments.plot)
    if arguments.out is not None:
        from .model_file import write_model

        activity.now(f"writing {arguments.out}")
        write_model(arguments.out, solution.coef, solution.intercept, names, described)
        activity.wrote(arguments.out)
    if arguments.plot is not None:
        write_whole(arguments.plot, lambda file: file.write(picture))
    return {
        "fastreg": fastreg.__version__,
        **described,
        **data_told(ready),
        "rows_train": len(train),
        "rows_held_out": len(held_out),
        "strength_chosen": choice.how,
        "strength_over_critical": choice.strength / critical if critical else None,
        "gap": solution.gap,
        "tol": TOLERANCE,
        "status": str(solution.status),
        "objective": solution.objective,
        "intercept": solution.intercept,
        "non_zero_weights": int(np.count_nonzero(solution.coef)),
        "largest_weights": _largest(X, solution.coef, names, model.standardize),
        "score": _score(choice, target, X[held_out], target.y[held_out], training),
        "seconds": {**clock.seconds, "total": activity.seconds()},
        "kernels": kernels.counted(),
        "out": arguments.out,
        "plot": arguments.plot,
    }


def _check_rows(table: Table, target: Target, folds: int) -> None:
    """Refuse a table that is too small to hold out a quarter and to be cut into folds."""
    import numpy as np

    rows = len(target.y)
    kept = rows - -(-rows // _PARTS)
    if rows < 2 or kept < folds:
        remedy = "use fewer folds (--cv) or give lambda (--strength)" if rows >= _PARTS else "more are needed"
        raise ValueError(
            f"{table.source} has {rows} rows, of which {kept} are left to choose lambda; {remedy}."
        )
    if target.classes is not None:
        numbers = [int(np.sum(target.y == sign)) for sign in (-1.0, 1.0)]
        # One may be held out and one left out of a fold; the others must still show both classes.
        least = 2 + (folds > 1)
        if min(numbers) < least:
            rare = target.classes[int(np.argmin(numbers))]
            raise ValueError(
                f"{table.source}: class {rare!s} has {min(numbers)} rows where at least {least} are needed."
            )


def _largest(X: Any, coef: np.ndarray, names: Any, standardize: bool) -> list[dict[str, Any]]:
    """Return the largest weights; where columns are standardised, by weight times standard deviation."""
    import numpy as np

    used = np.flatnonzero(coef)
    scaled = coef[used] * deviations(X, used) if standardize else coef[used]
    order = np.argsort(-np.abs(scaled), kind="stable")[:_SHOWN]
    largest = []
    for k in order:
        entry = {"name": names[int(used[k])], "weight": float(coef[used[k]])}
        largest.append({**entry, "weight_times_sd": float(scaled[k])} if standardize else entry)
    return largest


def _score(choice: Choice, target: Target, X: Any, y: np.ndarray, training: Target) -> dict[str, Any]:
    """Return the score on the rows held out, and that of the constant model there."""
    import numpy as np

    constant = np.full(len(y), training.y.mean())
    return {
        "name": target.score_name(),
        "held_out": target.score(y, X @ choice.coef + choice.intercept),
        "constant_model": target.score(y, constant),
    }
