"""`fastreg fit`: read, hold out, choose lambda, fit, report."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .choosing import Choice, choose, given
from .models import TOLERANCE, certified, deviations, rows_of
from .outputs import check_outputs, write_outputs
from .preparing import Kernels, Prepared, check_classes, data_told, prepared, problem_told
from .running import run
from .targets import Target

if TYPE_CHECKING:
    import argparse

    import numpy as np

    from .activity import Activity

_PARTS = 4  # one of them is held out
FOLDS = 5
_SHOWN = 10


def fit(arguments: argparse.Namespace) -> int:
    """Run the command and print what it found."""
    from .tables import text_of
    from .telling import fit_told

    return run(arguments, _fitted, lambda report: text_of(fit_told(report)))


def _fitted(arguments: argparse.Namespace, activity: Activity) -> dict[str, Any]:
    """Do the work of the command and return what the table and the JSON show."""
    check_outputs(arguments)
    ready = prepared(arguments, activity)
    import numpy as np

    import fastreg
    from fastreg.display import Trace

    from .model_file import write_model
    from .pictures import choice_drawn, convergence_drawn, pictures_of
    from .telling import fit_told

    table, target, model, clock = ready
    X, names = table.X, table.feature_names
    folds = (arguments.cv or FOLDS) if arguments.strength is None else 1
    _check_rows(ready, folds)
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
        solution = model.solve(whole, target.y, choice.strength, callback=(trace := Trace()))
        # Only a penalty with an l1 part has a lambda_max, from which on all weights are zero.
        critical = float(model.path(whole, target.y, 1).strengths[0]) if model.l1_share > 0 else None
    described = {**problem_told(ready, arguments.drop), "strength": choice.strength}
    plot = partial(choice_drawn, ready, choice, solution)
    page = [plot, partial(convergence_drawn, trace)]
    pictures = pictures_of(arguments, activity, clock, plot, page)
    report = {
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
        "largest_weights": largest_weights(X, solution.coef, names, model.standardize),
        "score": _score(choice, target, X[held_out], target.y[held_out], training),
        "seconds": {**clock.seconds, "total": activity.seconds()},
        "kernels": kernels.counted(),
        "certificate": certified(solution.certificate),
        "work": solution.work._asdict(),
        "out": arguments.out,
        "plot": arguments.plot,
        "report": arguments.report,
    }
    write_outputs(
        arguments, activity, report, fit_told(report), pictures,
        lambda path: write_model(path, solution.coef, solution.intercept, names, described),
    )  # fmt: skip
    return report


def _check_rows(ready: Prepared, folds: int) -> None:
    """Refuse a table that is too small to hold out a quarter and to be cut into folds."""
    rows = len(ready.target.y)
    kept = rows - -(-rows // _PARTS)
    if rows < 2 or kept < folds:
        remedy = "use fewer folds (--cv) or give lambda (--strength)" if rows >= _PARTS else "more are needed"
        raise ValueError(
            f"{ready.table.source} has {rows} rows, of which {kept} are left to choose lambda; {remedy}."
        )
    # One may be held out and one left out of a fold; the others must still show both classes.
    check_classes(ready, 2 + (folds > 1))


def largest_weights(X: Any, coef: np.ndarray, names: Any, standardize: bool) -> list[dict[str, Any]]:
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
