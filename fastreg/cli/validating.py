"""`fastreg cv`: choose lambda, and one of several penalties, by cross-validation on all rows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from .choosing import Choice, at_the_end, counted
from .fitting import FOLDS, largest_weights
from .models import TOLERANCE, certified, model_of, rows_of
from .outputs import check_outputs, write_outputs
from .preparing import Kernels, Prepared, check_classes, data_told, penalties_of, prepared, problem_told
from .running import run

if TYPE_CHECKING:
    import argparse

    from .activity import Activity


class _Candidate(NamedTuple):
    """A penalty and what its cross-validation found."""

    ready: Prepared
    found: Any

    def told(self) -> dict[str, Any]:
        """Return what the table and the JSON say of it."""
        found, model = self.found, self.ready.model
        return {
            "penalty": type(model.penalty).__name__.lower(),
            "l1_ratio": getattr(model.penalty, "l1_ratio", None),
            "strength": found.strength,
            "loss": float(found.mean[found.chosen]),
            "error": float(found.error[found.chosen]),
            "least_loss": float(found.mean[found.best]),
        }


def cv(arguments: argparse.Namespace) -> int:
    """Run the command and print what it found."""
    from .tables import text_of
    from .telling import cv_told

    return run(arguments, _validated, lambda report: text_of(cv_told(report)))


def _validated(arguments: argparse.Namespace, activity: Activity) -> dict[str, Any]:
    """Do the work of the command and return what the table and the JSON show."""
    check_outputs(arguments)
    ready = prepared(arguments, activity)
    import numpy as np

    import fastreg

    from .model_file import write_model
    from .pictures import bias_and_variance_drawn, choice_drawn, pictures_of, validation_drawn
    from .telling import cv_told

    table, target, clock = ready.table, ready.target, ready.clock
    folds = arguments.folds or FOLDS
    _check_rows(ready, folds)
    parts = target.parts(folds)
    asked = [
        ready._replace(model=model_of(target.task, *each, ready.model.standardize))
        for each in penalties_of(arguments)
    ]
    kernels = Kernels()
    for each in asked:
        kernels.warm_up(each, activity)
    whole = rows_of(table.X, slice(None))
    candidates = []
    with clock("solve"):
        for number, each in enumerate(asked):
            activity.now("choosing lambda", number / len(asked))
            found = each.model.cross_validate(
                whole, target.y, parts, **_grid(arguments), rule=arguments.rule,
                callback=counted(activity, before=number, runs=len(asked)),
            )  # fmt: skip
            candidates.append(_Candidate(each, found))
    chosen = min(candidates, key=lambda each: each.found.mean[each.found.best])
    ready, found = chosen
    solution = found.solution
    choice = Choice(found.strength, _how(found, arguments.rule), solution.coef, solution.intercept, found)
    described = {**problem_told(ready, arguments.drop), "strength": choice.strength}
    plot = partial(choice_drawn, ready, choice, solution)
    page = [
        partial(validation_drawn, ready, found),
        partial(choice_drawn, ready, choice._replace(tried=None), solution),
        partial(bias_and_variance_drawn, found),
    ]
    pictures = pictures_of(arguments, activity, clock, plot, page)
    critical = float(ready.model.path(whole, target.y, 1).strengths[0]) if ready.model.l1_share > 0 else None
    report = {
        "fastreg": fastreg.__version__,
        **described,
        **data_told(ready),
        "folds": folds,
        "rule": arguments.rule,
        "strength_chosen": choice.how,
        "strength_over_critical": choice.strength / critical if critical else None,
        "strength_of_least_loss": float(found.strengths[found.best]),
        "strength_within_one_error": float(found.strengths[found.simplest]),
        "left_out": {
            "loss": float(found.mean[found.chosen]),
            "error": float(found.error[found.chosen]),
            "constant_model": sum(target.constant_loss(parts == fold) for fold in range(folds)) / len(parts),
        },
        "candidates": [{**each.told(), "chosen": each is chosen} for each in candidates],
        "curve": [
            {
                "strength": float(strength),
                "loss": float(mean),
                "error": float(error),
                "learned_loss": float(learned.mean()),
                "fold_losses": losses.tolist(),
            }
            for strength, mean, error, learned, losses in zip(
                found.strengths, found.mean, found.error, found.learned_losses, found.losses, strict=True
            )
        ],
        "gap": solution.gap,
        "tol": TOLERANCE,
        "status": str(solution.status),
        "objective": solution.objective,
        "intercept": solution.intercept,
        "non_zero_weights": int(np.count_nonzero(solution.coef)),
        "largest_weights": largest_weights(
            table.X, solution.coef, table.feature_names, ready.model.standardize
        ),
        "seconds": {**clock.seconds, "total": activity.seconds()},
        "kernels": kernels.counted(),
        "certificate": certified(solution.certificate),
        "work": {
            name: sum(getattr(each.found.work, name) for each in candidates) for name in found.work._fields
        },
        "out": arguments.out,
        "plot": arguments.plot,
        "report": arguments.report,
    }
    write_outputs(
        arguments, activity, report, cv_told(report), pictures,
        lambda path: write_model(path, solution.coef, solution.intercept, table.feature_names, described),
    )  # fmt: skip
    return report


def _grid(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what was asked of the strengths."""
    asked = {"strengths": arguments.strengths, "ratio": arguments.ratio}
    return {key: value for key, value in asked.items() if value is not None}


def _check_rows(ready: Prepared, folds: int) -> None:
    """Refuse a table that is too small to be cut into folds."""
    rows = len(ready.target.y)
    if rows < folds:
        raise ValueError(
            f"{ready.table.source} has {rows} rows, too few for {folds} folds; use fewer (--folds)."
        )
    check_classes(ready, 2)  # one may be left out


def _how(found: Any, rule: str) -> str:
    """Say why this lambda was chosen."""
    count, folds = found.losses.shape
    end = at_the_end(found, "--ratio goes further")
    if rule == "min":
        return f"the least mean loss of {count} strengths on the rows left out of {folds} folds{end}"
    return (
        f"the strongest of {count} whose mean loss on the rows left out of {folds} folds is within one "
        f"standard error ({found.error[found.best]:.3g}) of the least, at "
        f"{found.strengths[found.best]:.4g}{end}"
    )
