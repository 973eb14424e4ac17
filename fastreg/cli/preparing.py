"""What comes before the fits: read the data, see what is to be learnt, compile what the fits will use."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from .models import Model, model_of
from .running import Clock
from .targets import Target, target_of

if TYPE_CHECKING:
    import argparse

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
    return Prepared(
        table, target, model_of(target.task, arguments.penalty, arguments.l1_ratio, standardize), clock
    )


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

    def warm_up(self, prepared: Prepared, activity: Activity) -> None:
        """Compile what the fits will use, on a few rows of the same types."""
        activity.now("compiling (kept for later runs)")
        with prepared.clock("compile"):
            _fit_a_few(prepared)
        self._warm = self._count()

    def counted(self) -> dict[str, int]:
        """Return the counts since this was made."""
        now = self._count()
        return {
            "compiled": self._warm.misses - self._before.misses,
            "loaded": now.hits - self._before.hits,
            "compiled_while_solving": now.misses - self._warm.misses,
        }


def _fit_a_few(prepared: Prepared) -> None:
    import numpy as np

    from .models import rows_of

    target, model = prepared.target, prepared.model
    few = np.flatnonzero(target.parts(max(1, len(target.y) // 40)) == 0)
    few_rows, y = rows_of(prepared.table.X, few), target.y[few]
    strengths = model.path(few_rows, y, 3).strengths
    model.solve(few_rows, y, float(strengths[-1]))


def is_sparse(X: Any) -> bool:
    """Whether a matrix is sparse."""
    import scipy.sparse

    return scipy.sparse.issparse(X)


def problem_told(prepared: Prepared, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what model files, tables and JSON tell of a problem."""
    target, model = prepared.target, prepared.model
    return {
        "task": target.task,
        "loss": type(model.loss).__name__.lower(),
        "penalty": arguments.penalty,
        "l1_ratio": getattr(model.penalty, "l1_ratio", None),
        "classes": target.classes,
        "standardize": model.standardize,
        "target": prepared.table.target_name,
        "dropped": arguments.drop,
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
