"""`fastreg study`: stochastic gradient descent at every pair of a learning rate and a lambda."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from .choosing import counted
from .models import deviations
from .outputs import check_outputs, write_outputs
from .preparing import Kernels, Prepared, a_few, check_classes, data_told, is_sparse, prepared, problem_told
from .running import run

if TYPE_CHECKING:
    import argparse

    import numpy as np

    from .activity import Activity

_PARTS = 5  # one of them is held out
_EPOCHS = 20
_COUNT = 7


def study(arguments: argparse.Namespace) -> int:
    """Run the command and print what it found."""
    from .tables import text_of
    from .telling_studies import study_told

    return run(arguments, _studied, lambda report: text_of(study_told(report)))


def _studied(arguments: argparse.Namespace, activity: Activity) -> dict[str, Any]:
    """Do the work of the command and return what the table and the JSON show."""
    check_outputs(arguments)
    ready = prepared(arguments, activity)

    import fastreg

    from .pictures import pictures_of, study_drawn
    from .telling_studies import study_told

    target, clock = ready.target, ready.clock
    if len(target.y) < _PARTS:
        raise ValueError(f"{ready.table.source} has {len(target.y)} rows where at least {_PARTS} are needed.")
    check_classes(ready, 2)  # one may be held out
    X, parts = _scaled(ready), target.parts(_PARTS)
    learned, held = parts != 0, parts == 0
    rates = _axis(arguments.learning_rates, _highest_rate(ready, X))
    strengths = _axis(arguments.strengths, _highest_strength(ready, X))
    epochs = arguments.epochs or _EPOCHS

    def fit(rows: np.ndarray, rates: list[float], strengths: list[float], **words: Any) -> Any:
        return fastreg.study(
            X[rows], target.y[rows], loss=ready.model.loss, penalty=ready.model.penalty,
            learning_rates=rates, strengths=strengths, power=arguments.power or 0.0,
            average=arguments.average, X_val=X[held], y_val=target.y[held], **words,
        )  # fmt: skip

    kernels = Kernels()
    kernels.warm_up(ready, activity, lambda _: fit(a_few(target), rates[:1], strengths[:1], epochs=1))
    with clock("solve"):
        activity.now("studying")
        found = fit(learned, rates, strengths, epochs=epochs, callback=counted(activity, "studying"))
    if found.diverged.all():
        raise ValueError(
            f"{ready.table.source}: every fit of the study diverged; study smaller --learning-rates."
        )
    plot = partial(study_drawn, found)
    pictures = pictures_of(arguments, activity, clock, plot, [plot])
    cells = [_cell(found, k) for k in range(len(found.strength))]
    ridge = found.ridge
    report = {
        "fastreg": fastreg.__version__,
        **problem_told(ready, arguments.drop),
        **data_told(ready),
        "rows_held_out": int(held.sum()),
        "epochs": epochs,
        "power": arguments.power or 0.0,
        "average": arguments.average,
        "study": cells,
        "best": cells[found.best],
        "constant_model": target.constant_loss(held) / int(held.sum()),
        "ridge": {
            "cells": ridge.cells.tolist(),
            **{key: _finite(getattr(ridge, key)) for key in ("constant", "spread", "slope")},
            "meaning": str(ridge),
        },
        "seconds": {**clock.seconds, "total": activity.seconds()},
        "kernels": kernels.counted(),
        "certificate": None,
        "work": found.work._asdict(),
        "plot": arguments.plot,
        "report": arguments.report,
    }
    write_outputs(arguments, activity, report, study_told(report), pictures)
    return report


def _scaled(ready: Prepared) -> Any:
    """Return X by rows; where columns are standardised, of variance 1, and dense ones of mean 0."""
    import numpy as np
    import scipy.sparse

    X = ready.table.X
    if ready.model.standardize:
        scale = deviations(X, np.arange(X.shape[1]))
        scale = 1.0 / np.where(scale > 0, scale, 1.0)
        X = X @ scipy.sparse.diags_array(scale) if is_sparse(X) else (X - X.mean(axis=0)) * scale
    return scipy.sparse.csr_array(X) if is_sparse(X) else np.ascontiguousarray(X)


def _highest_rate(ready: Prepared, X: Any) -> float:
    """Return 3 / (curvature x mean square of a row): steps of about that length overshoot."""
    import numpy as np

    squares = X.multiply(X).sum() if is_sparse(X) else np.einsum("ij,ij->", X, X)
    return 3.0 * len(ready.target.y) / (ready.model.loss.curvature_bound(1.0) * max(float(squares), 1e-300))


def _highest_strength(ready: Prepared, X: Any) -> float:
    """Return a lambda that leaves little of the weights.

    For l1 it is that from which on all are zero, for l2 the largest curvature of a weight.
    """
    import numpy as np

    loss, y = ready.model.loss, ready.target.y
    if ready.model.l1_share > 0:
        slopes = np.array([loss.slope(each, 0.0) for each in y])
        return float(np.abs(X.T @ (slopes - slopes.mean())).max()) / (len(y) * ready.model.l1_share)
    squares = X.multiply(X).sum(axis=0) if is_sparse(X) else np.einsum("ij,ij->j", X, X)
    return float(loss.curvature_bound(1.0) * np.max(squares) / len(y))


def _axis(asked: int | list[float] | None, highest: float) -> list[float]:
    """Return the numbers that were asked for, or so many of 1, 3, 10, 30 ... up to about the highest."""
    if isinstance(asked, list):
        return asked
    top = math.floor(2.0 * math.log10(highest) + 0.5) if highest > 0 else 0
    # Two steps to a factor of ten: 1, 3, 10 are easier to type again than powers of the root of ten.
    return [float(f"{(1, 3)[k % 2]}e{k // 2}") for k in range(top - (asked or _COUNT) + 1, top + 1)]


def _cell(found: Any, k: int) -> dict[str, Any]:
    """Return an entry of the table; what overflowed has no number."""
    numbers = ("learning_rate", "strength", "objective", "validation_loss", "norm", "sparsity")
    return {
        **{name: _finite(getattr(found, name)[k]) for name in numbers},
        "epochs": int(found.epochs[k]),
        "diverged": bool(found.diverged[k]),
    }


def _finite(number: Any) -> float | None:
    """Return a number as JSON knows it."""
    return float(number) if math.isfinite(number) else None
