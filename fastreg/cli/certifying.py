"""`fastreg certify`: how far the weights of a model are from the optimum on some data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .models import TOLERANCE, certified
from .preparing import Kernels, import_libraries
from .running import Clock, run
from .targets import known_target

if TYPE_CHECKING:
    import argparse

    from .activity import Activity


def certify(arguments: argparse.Namespace) -> int:
    """Run the command and print what it found."""
    from .tables import text_of
    from .telling import certificate_told

    return run(arguments, _certified, lambda report: text_of(certificate_told(report)))


def _certified(arguments: argparse.Namespace, activity: Activity) -> dict[str, Any]:
    """Do the work of the command and return what the table and the JSON show."""
    from .model_file import read_model

    clock = Clock()
    import_libraries(False, activity, clock)
    import numpy as np

    import fastreg
    from fastreg.data import read_rows

    activity.now(f"reading {arguments.model}")
    with clock("read"):
        stored = read_model(arguments.model)
        activity.now(f"reading {arguments.file}")
        rows = read_rows(arguments.file, stored.columns(arguments.drop), arguments.format)
    if rows.y is None:
        raise ValueError(
            f"{rows.source} does not hold the target {stored.target!r}, which a certificate needs."
        )
    try:
        target = known_target(stored.target, stored.classes, rows.y)
    except ValueError as error:
        raise ValueError(f"{rows.source}: {error}.") from None
    activity.now("certifying")
    kernels = Kernels()
    with clock("certify"):
        certificate = stored.model().certify(rows.X, target.y, stored.coef, stored.intercept, stored.strength)
    told = certified(certificate)
    excess = None if told["least"] is None else max(0.0, told["objective"] - told["least"])
    if not math.isfinite(certificate.primal):
        raise ValueError(f"{rows.source}: the objective of the model is not finite on these rows.")
    return {
        "fastreg": fastreg.__version__,
        "model": arguments.model,
        **stored.told(),
        "data": rows.source,
        "rows": rows.X.shape[0],
        "columns": rows.X.shape[1],
        "non_zero_weights": int(np.count_nonzero(stored.coef)),
        "objective": certificate.primal,
        "objective_above_least": excess,
        "gap": certificate.gap,
        "gap_kind": told["kind"],
        "gap_meaning": told["meaning"],
        "tol": TOLERANCE,
        "optimal": certificate.gap <= TOLERANCE,
        "verdict": _verdict(certificate.gap <= TOLERANCE),
        "seconds": {**clock.seconds, "total": activity.seconds()},
        "kernels": kernels.counted(),
    }


def _verdict(optimal: bool) -> str:
    """Say what the certificate means."""
    if optimal:
        return "These are the best weights for this data and lambda, within the tolerance."
    return (
        "Other weights may be better for this data and lambda. That is as it should be where "
        "the model was fitted on other rows."
    )
