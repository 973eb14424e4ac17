"""What comes before the fits: read the data, see what is to be learnt, compile what the fits will use."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .models import Model, model_of
from .running import Clock
from .targets import Target, target_of

if TYPE_CHECKING:
    import argparse

    import numpy as np

    from fastreg.data import Table

    from .activity import Activity


class Prepared(NamedTuple):
    """Data and model of a command that fits."""

    table: Table
    target: Target
    model: Model
    clock: Clock


def prepared(arguments: argparse.Namespace, activity: Activity) -> Prepared:
    """Read the data that was named, or that scikit-learn carries, and say what is to be learnt from it."""
    import_libraries(arguments.file is None, activity, clock := Clock())
    from fastreg.data import builtin, read

    activity.now(f"reading {arguments.file or 'built-in data'}")
    with clock("read"):
        if arguments.file is None:
            table = builtin("classification" if arguments.task == "classification" else "regression")
        else:
            table = read(arguments.file, arguments.target, arguments.format, arguments.drop)
    target = target_of(table, arguments.task)
    standardize = not is_sparse(table.X) if arguments.standardize is None else arguments.standardize
    penalty, l1_ratio = penalties_of(arguments)[0]
    return Prepared(table, target, model_of(target.task, penalty, l1_ratio, standardize), clock)


def penalties_of(arguments: argparse.Namespace) -> list[tuple[str, float | None]]:
    """Return the penalties that were asked for, with the share of l1 in an elastic net."""
    names, ratios = arguments.penalty, arguments.l1_ratio
    names = [names] if isinstance(names, str) else names
    shares = ratios if isinstance(ratios, list) else [ratios]
    return [(name, share) for name in names for share in (shares if name == "elasticnet" else [None])]


def import_libraries(bundled: bool, activity: Activity, clock: Clock) -> None:
    """Import what takes long, under a stage of its own."""
    activity.now("loading libraries")
    with clock("import"):
        import scipy.sparse  # noqa: F401

        import fastreg.functional

        if bundled:
            import sklearn.datasets  # noqa: F401
        warnings.simplefilter("always", fastreg.ConvergenceWarning)


class Kernels:
    """Counts the kernels that a command compiled, while warming up and later, and those it loaded."""

    def __init__(self) -> None:
        from fastreg import jit

        self._count = jit.cache_info
        self._before = self._warm = self._count()

    def warm_up(
        self, prepared: Prepared, activity: Activity, fits: Callable[[Prepared], object] | None = None
    ) -> None:
        """Compile what the fits will use, on a few rows of the same types."""
        activity.now("compiling (kept for later runs)")
        with prepared.clock("compile"):
            _fit_a_few(prepared) if fits is None else fits(prepared)
        self._warm = self._count()

    def counted(self) -> dict[str, int]:
        """Return the counts since this was made."""
        now = self._count()
        return {
            "compiled": self._warm.misses - self._before.misses,
            "loaded": now.hits - self._before.hits,
            "compiled_while_solving": now.misses - self._warm.misses,
        }


def a_few(target: Target) -> np.ndarray:
    """Return the numbers of some 40 rows."""
    import numpy as np

    return np.flatnonzero(target.parts(max(1, len(target.y) // 40)) == 0)


def _fit_a_few(prepared: Prepared) -> None:
    from .models import rows_of

    target, model = prepared.target, prepared.model
    few = a_few(target)
    few_rows, y = rows_of(prepared.table.X, few), target.y[few]
    strengths = model.path(few_rows, y, 3).strengths
    model.solve(few_rows, y, float(strengths[-1]))


def is_sparse(X: Any) -> bool:
    """Whether a matrix is sparse."""
    import scipy.sparse

    return scipy.sparse.issparse(X)


def check_classes(prepared: Prepared, least: int) -> None:
    """Refuse a table with too few rows of a class."""
    import numpy as np

    table, target = prepared.table, prepared.target
    if target.classes is None:
        return
    numbers = [int(np.sum(target.y == sign)) for sign in (-1.0, 1.0)]
    if min(numbers) < least:
        rare = target.classes[int(np.argmin(numbers))]
        raise ValueError(
            f"{table.source}: class {rare!s} has {min(numbers)} rows where at least {least} are needed."
        )


def problem_told(prepared: Prepared, dropped: Sequence[str]) -> dict[str, Any]:
    """Return what model files, tables and JSON tell of a problem."""
    target, model = prepared.target, prepared.model
    return {
        "task": target.task,
        "loss": type(model.loss).__name__.lower(),
        "penalty": type(model.penalty).__name__.lower(),
        "l1_ratio": getattr(model.penalty, "l1_ratio", None),
        "classes": target.classes,
        "standardize": model.standardize,
        "target": prepared.table.target_name,
        "dropped": list(dropped),
    }


def data_told(prepared: Prepared) -> dict[str, Any]:
    """Return what tables and JSON tell of the data."""
    import numpy as np

    X = prepared.table.X
    return {
        "data": prepared.table.source,
        "task_reason": prepared.target.reason,
        "rows": X.shape[0],
        "columns": X.shape[1],
        "non_zeros": int(X.count_nonzero() if is_sparse(X) else np.count_nonzero(X)),
    }
