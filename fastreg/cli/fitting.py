"""`fastreg fit`: read, hold out, choose lambda, fit, report."""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .activity import Activity
from .choosing import TOLERANCE, Choice, Model, Target, choose, given, rows_of

if TYPE_CHECKING:
    import argparse

    import numpy as np

    from fastreg.data import Table

_PARTS = 4  # one of them is held out
_FOLDS = 5
_SHOWN = 10


def fit(arguments: argparse.Namespace) -> int:
    """Run the command and print what it found."""
    from .report import fit_table

    activity = Activity()
    with warnings.catch_warnings(record=True) as caught:
        try:
            with activity:
                report = _fitted(arguments, activity)
        except KeyboardInterrupt as pressed:
            raise KeyboardInterrupt(_reached(activity, pressed)) from None
    for line in _told(caught):
        print(f"fastreg: {line}", file=sys.stderr)
    print(json.dumps(report, indent=2, allow_nan=False) if arguments.json else fit_table(report))
    return 0


def _reached(activity: Activity, pressed: KeyboardInterrupt) -> str:
    """Return the line that Ctrl-C leaves."""
    gap = getattr(getattr(pressed, "solution", None), "gap", None)
    reached = "" if gap is None else f"the gap had reached {gap:.1e}, "
    return (
        f"interrupted after {activity.seconds():.1f} s while {activity.stage}; {reached}nothing was written."
    )


def _told(caught: list[warnings.WarningMessage]) -> Iterator[str]:
    """Yield one line for each kind of warning: the first text, and how many more there were."""
    kinds: dict[type[Warning], list[str]] = {}
    for warning in caught:
        kinds.setdefault(warning.category, []).append(" ".join(str(warning.message).split()))
    for texts in kinds.values():
        yield texts[0] + (f" ({len(texts) - 1} more like it.)" if len(texts) > 1 else "")


class _Clock:
    """Seconds by label."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, label: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[label] = self.seconds.get(label, 0.0) + time.perf_counter() - began


def _fitted(arguments: argparse.Namespace, activity: Activity) -> dict[str, Any]:
    """Do the work of the command and return what the table and the JSON show."""
    from fastreg.data import builtin, read

    _check_out(arguments)
    clock = _Clock()
    activity.now("loading libraries")
    with clock("import"):
        import numpy as np
        import scipy.sparse

        import fastreg
        from fastreg import jit

        if arguments.file is None:
            import sklearn.datasets  # noqa: F401
        warnings.simplefilter("always", fastreg.ConvergenceWarning)
    activity.now(f"reading {arguments.file or 'built-in data'}")
    with clock("read"):
        if arguments.file is None:
            table = builtin("classification" if arguments.task == "classification" else "regression")
        else:
            table = read(arguments.file, arguments.target)
    X, names = table.X, table.feature_names
    target = _target(table, arguments.task)
    folds = (arguments.cv or _FOLDS) if arguments.strength is None else 1
    _check_rows(table, target, folds)
    sparse = scipy.sparse.issparse(X)
    model = _model(arguments, target, sparse)
    parts = target.parts(_PARTS)
    train, held_out = np.flatnonzero(parts != 0), np.flatnonzero(parts == 0)
    training = target._replace(y=target.y[train])

    before = jit.cache_info()
    activity.now("compiling (kept for later runs)")
    with clock("compile"):
        _warm_up(model, target, X)
    warm = jit.cache_info()
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
    after = jit.cache_info()

    described = {
        "task": target.task,
        "loss": type(model.loss).__name__.lower(),
        "penalty": arguments.penalty,
        "strength": choice.strength,
        "l1_ratio": getattr(model.penalty, "l1_ratio", None),
        "classes": target.classes,
        "standardize": model.standardize,
    }
    if arguments.out is not None:
        from .model_file import write_model

        activity.now(f"writing {arguments.out}")
        write_model(arguments.out, solution.coef, solution.intercept, names, described)
    return {
        "fastreg": fastreg.__version__,
        **described,
        "data": table.source,
        "target": table.target_name,
        "task_reason": target.reason,
        "rows": X.shape[0],
        "rows_train": len(train),
        "rows_held_out": len(held_out),
        "columns": X.shape[1],
        "non_zeros": int(X.count_nonzero() if sparse else np.count_nonzero(X)),
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
        "kernels": {
            "compiled": warm.misses - before.misses,
            "loaded": after.hits - before.hits,
            "compiled_while_solving": after.misses - warm.misses,
        },
        "out": arguments.out,
    }


def _check_out(arguments: argparse.Namespace) -> None:
    """Refuse an output that cannot be written, before the work whose result it shall hold."""
    from fastreg.data import check_writable

    if arguments.out is None:
        return
    check_writable(arguments.out)
    if (
        arguments.file is not None
        and os.path.exists(arguments.out)
        and os.path.samefile(arguments.file, arguments.out)
    ):
        raise ValueError(f"--out {arguments.out!r} is the data file itself; name another file.")


def _target(table: Table, task: str) -> Target:
    """Return what shall be learnt from the column of the target."""
    import numpy as np

    values = np.unique(table.y)
    text = table.y.dtype.kind == "U"
    name = f"the target {table.target_name!r}"
    count = f"{len(values):,} distinct {'texts' if text else 'values'}"
    if len(values) == 1:
        raise ValueError(
            f"{table.source}: {name} is {values[0]!s} in every row, so there is nothing to learn."
        )
    if task == "classification" or (task == "auto" and (text or len(values) == 2)):
        if len(values) != 2:
            raise ValueError(
                f"{table.source}: {name} has {count}, and classification takes exactly two for now; "
                f"choose another target{'' if text else ' or --task regression'}."
            )
        return Target(
            "classification",
            "two classes" if task == "auto" else "as asked",
            np.where(table.y == values[1], 1.0, -1.0),
            values.tolist(),
        )
    if text:
        raise ValueError(
            f"{table.source}: {name} is text ({values[0]!s}, ...), and regression needs numbers."
        )
    return Target("regression", count if task == "auto" else "as asked", table.y, None)


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


def _model(arguments: argparse.Namespace, target: Target, sparse: bool) -> Model:
    """Return the loss and penalty that were asked for."""
    from fastreg.losses import Logistic, Squared
    from fastreg.penalties import L1, L2, ElasticNet

    loss = Squared() if target.classes is None else Logistic()
    standardize = not sparse if arguments.standardize is None else arguments.standardize
    if arguments.penalty == "l1":
        return Model(loss, L1(1.0), 1.0, standardize)
    if arguments.penalty == "l2":
        return Model(loss, L2(1.0), 0.0, standardize)
    l1_ratio = 0.5 if arguments.l1_ratio is None else arguments.l1_ratio
    return Model(loss, ElasticNet(1.0, l1_ratio), l1_ratio, standardize)


def _warm_up(model: Model, target: Target, X: Any) -> None:
    """Compile what the fits will use, on a few rows of the same types."""
    import numpy as np

    few = np.flatnonzero(target.parts(max(1, len(target.y) // 40)) == 0)
    few_rows, y = rows_of(X, few), target.y[few]
    strengths = model.path(few_rows, y, 3).strengths
    model.solve(few_rows, y, float(strengths[-1]))


def _largest(X: Any, coef: np.ndarray, names: Any, standardize: bool) -> list[dict[str, Any]]:
    """Return the largest weights; where columns are standardised, by weight times standard deviation."""
    import numpy as np

    used = np.flatnonzero(coef)
    scaled = coef[used] * _deviations(X, used) if standardize else coef[used]
    order = np.argsort(-np.abs(scaled), kind="stable")[:_SHOWN]
    largest = []
    for k in order:
        entry = {"name": names[int(used[k])], "weight": float(coef[used[k]])}
        largest.append({**entry, "weight_times_sd": float(scaled[k])} if standardize else entry)
    return largest


def _deviations(X: Any, columns: np.ndarray) -> np.ndarray:
    """Return the standard deviations (1/n) of some columns."""
    import numpy as np
    import scipy.sparse

    if not scipy.sparse.issparse(X):
        return X[:, columns].std(axis=0)
    chosen = X.tocsc()[:, columns]
    means = np.asarray(chosen.mean(axis=0)).ravel()
    squares = np.asarray(chosen.multiply(chosen).mean(axis=0)).ravel()
    return np.sqrt(np.maximum(squares - means**2, 0.0))


def _score(choice: Choice, target: Target, X: Any, y: np.ndarray, training: Target) -> dict[str, Any]:
    """Return the score on the rows held out, and that of the constant model there."""
    import numpy as np

    constant = np.full(len(y), training.y.mean())
    return {
        "name": "R^2" if target.classes is None else "accuracy",
        "held_out": target.score(y, X @ choice.coef + choice.intercept),
        "constant_model": target.score(y, constant),
    }
