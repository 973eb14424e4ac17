"""`fastreg predict`: what a model says about the rows of a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from .outputs import check_outputs
from .running import run
from .targets import known_target, shown

if TYPE_CHECKING:
    import argparse

    import numpy as np

    from .activity import Activity
    from .model_file import Stored

_KINDS = (".csv", ".npz")
_STANDARD = "-"


class Predictions(NamedTuple):
    """What a model says, one entry a row.

    Attributes
    ----------
    values : ndarray
        Numbers, or names of classes.
    probabilities : ndarray or None
        Of the second class; None for numbers.
    """

    values: np.ndarray
    probabilities: np.ndarray | None


def predict(arguments: argparse.Namespace) -> int:
    """Run the command and print what it found."""
    from .tables import text_of
    from .telling import predictions_told

    if arguments.out == _STANDARD:
        return run(arguments, _predicted, _csv_text)
    return run(arguments, _predicted, lambda report: text_of(predictions_told(report)))


def _predicted(arguments: argparse.Namespace, activity: Activity) -> dict[str, Any]:
    """Do the work of the command and return what the table and the JSON show."""
    out = arguments.out
    to_file = out not in (None, _STANDARD)
    if to_file and not out.lower().endswith(_KINDS):
        raise ValueError(f"--out {out!r} is no name for predictions; let it end in {' or '.join(_KINDS)}.")
    check_outputs(arguments)
    activity.now("loading libraries")
    import numpy as np

    from fastreg import __version__
    from fastreg.data import read_rows, write_whole

    from .model_file import read_model

    activity.now(f"reading {arguments.model}")
    stored = read_model(arguments.model)
    activity.now(f"reading {arguments.file}")
    rows = read_rows(arguments.file, stored.columns(arguments.drop), arguments.format)
    activity.now("predicting")
    with np.errstate(over="ignore", invalid="ignore"):
        margins = rows.X @ stored.coef + stored.intercept
    if not np.isfinite(margins).all():
        row = int(np.flatnonzero(~np.isfinite(margins))[0]) + 1
        raise ValueError(
            f"{rows.source}: the prediction of row {row} is not finite; its numbers are too large."
        )
    predictions = _predictions(stored, margins)
    entries = _entries(predictions)
    if to_file:
        activity.now(f"writing {out}")
        write = _write_npz if out.lower().endswith(".npz") else _write_csv
        write_whole(out, lambda file: write(file, stored.classes, entries))
    return {
        "fastreg": __version__,
        "model": arguments.model,
        **stored.told(),
        "data": rows.source,
        "rows": rows.X.shape[0],
        "columns": rows.X.shape[1],
        "predicted": _summary(stored, predictions),
        "score": _score(stored, rows.y, margins),
        "predictions": None if to_file else entries,
        "out": out,
    }


def _predictions(stored: Stored, margins: np.ndarray) -> Predictions:
    """Return numbers, or the likelier class and the probability of the second."""
    import numpy as np
    from scipy.special import expit

    if stored.classes is None:
        return Predictions(margins, None)
    return Predictions(np.array(stored.classes)[(margins > 0).astype(np.intp)], expit(margins))


def _summary(stored: Stored, predictions: Predictions) -> Any:
    """Return the rows of each class, or the range of the numbers."""
    values = predictions.values
    if stored.classes is None:
        return {"least": float(values.min()), "mean": float(values.mean()), "largest": float(values.max())}
    return [{"class": name, "rows": int((values == name).sum())} for name in stored.classes]


def _score(stored: Stored, y: np.ndarray | None, margins: np.ndarray) -> dict[str, Any]:
    """Return the score where the file holds the target, else the reason why there is none."""
    if y is None:
        return {
            "name": None,
            "value": None,
            "why_none": f"the file does not hold the target {stored.target!r}",
        }
    try:
        target = known_target(stored.target, stored.classes, y)
    except ValueError as error:
        return {"name": None, "value": None, "why_none": str(error)}
    value = target.score(target.y, margins)
    why = None if value is not None else f"the target {stored.target!r} is the same in every row"
    return {"name": target.score_name(), "value": value, "why_none": why}


def _entries(predictions: Predictions) -> list[dict[str, Any]]:
    """Return a mapping for each row; rows are counted from 1."""
    entries = [{"row": row, "prediction": value} for row, value in enumerate(predictions.values.tolist(), 1)]
    if predictions.probabilities is not None:
        for entry, probability in zip(entries, predictions.probabilities.tolist(), strict=True):
            entry["probability"] = probability
    return entries


def _write_npz(file: IO[bytes], classes: list[Any] | None, entries: list[dict[str, Any]]) -> None:
    """Write predictions as arrays."""
    import numpy as np

    arrays: dict[str, Any] = {"prediction": np.array([entry["prediction"] for entry in entries])}
    if classes is not None:
        arrays["probability"] = np.array([entry["probability"] for entry in entries])
        arrays["classes"] = np.array(classes)
    np.savez(file, **arrays)


def _write_csv(file: IO[bytes], classes: list[Any] | None, entries: list[dict[str, Any]]) -> None:
    """Write predictions as a table."""
    file.write(_as_csv(classes, entries).encode())


def _csv_text(report: Mapping[str, Any]) -> str:
    """Return what is printed in place of a report."""
    return _as_csv(report["classes"], report["predictions"]).rstrip("\n")


def _as_csv(classes: list[Any] | None, entries: list[dict[str, Any]]) -> str:
    """Return one record a row, each number with all digits that it has."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if classes is None:
        writer.writerow(["prediction"])
        writer.writerows([entry["prediction"]] for entry in entries)
    else:
        names = {name: shown(name) for name in classes}
        writer.writerow(["prediction", f"probability_{names[classes[1]]}"])
        writer.writerows([names[entry["prediction"]], entry["probability"]] for entry in entries)
    return text.getvalue()
