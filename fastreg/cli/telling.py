"""What commands tell people, on a terminal or on a page: every number of it stands in the JSON too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fastreg.display.texts import shortened

from .targets import shown

GLUE = "\N{NO-BREAK SPACE}"
_LINES = 20
_SHOWN = 10


class Grid(NamedTuple):
    """A table of columns.

    Attributes
    ----------
    title : str
        May be empty.
    heads, rows : sequences of str
        Every row has a text for each head.
    named : bool
        Whether the first column holds names, of any length; all others hold numbers or words.
    bars : sequence of float or None
        For each row the length of a bar, -1 to 1.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    named: bool = False
    bars: Sequence[float] | None = None


class Told(NamedTuple):
    """What a command tells.

    Attributes
    ----------
    facts : sequence of (label, text)
        No label stands for the label before.
    grids : sequence of Grid
    ending : str
        The last word; may be empty.
    """

    facts: Sequence[tuple[str, str]]
    grids: Sequence[Grid] = ()
    ending: str = ""


def in_megabytes(size: int) -> str:
    """Return a number of bytes for people."""
    return f"{size / 1e6:.1f} MB"


def fit_told(report: Mapping[str, Any]) -> Told:
    """Tell of a fit."""
    held_out = f"{report['rows_held_out']:,} held out for the score, the final fit on all"
    facts = [
        *problem_told(report),
        ("rows", f"{report['rows']:,}; {held_out}"),
        *columns_told(report),
        ("lambda", _strength(report)),
        *_solution(report),
        ("score", _score(report)),
        *costs_told(report),
        *written_told(report),
    ]
    return Told(facts, *_weights(report))


def path_told(report: Mapping[str, Any]) -> Told:
    """Tell of a path; of many strengths some, evenly spread, from the first to the last."""
    entries = report["path"]
    some, note = _some(entries)
    facts = [
        *problem_told(report),
        ("rows", f"{report['rows']:,}"),
        *columns_told(report),
        ("lambda", _range(entries) + note),
        ("gap", f"at most {max(entry['gap'] for entry in entries):.1e} (tolerance {report['tol']:.0e})"),
        *costs_told(report),
        *written_told(report),
    ]
    heads = "lambda", "non-zero weights", "objective", "gap"
    rows = [
        (
            f"{entries[k]['strength']:.6g}",
            f"{entries[k]['non_zero_weights']:,}",
            f"{entries[k]['objective']:.6g}",
            f"{entries[k]['gap']:.1e}",
        )
        for k in some
    ]
    return Told(facts, [Grid("fits from the strongest penalty down", heads, rows)])


def cv_told(report: Mapping[str, Any]) -> Told:
    """Tell of a cross-validation: lambda and why, the penalties that were compared, the curve."""
    curve, left_out = report["curve"], report["left_out"]
    strengths = [entry["strength"] for entry in curve]
    marks = {strengths.index(report[key]): mark for key, mark in _MARKS.items()}
    some, note = _some(curve, marks)
    facts = [
        *problem_told(report),
        ("rows", f"{report['rows']:,}, each left out of one of {report['folds']} folds"),
        *columns_told(report),
        ("lambda", _strength(report)),
        ("tried", _range(curve) + note),
        (
            "loss",
            f"{left_out['loss']:.5g}{_error(left_out['error'])} on rows left out "
            f"({against_constant(left_out['loss'], left_out['constant_model'])})",
        ),
        *_solution(report),
        *costs_told(report),
        *written_told(report),
    ]
    grids, ending = _weights(report)
    rows = [
        (
            f"{curve[k]['strength']:.6g}",
            f"{curve[k]['loss']:.5g}",
            f"{curve[k]['error']:.3g}",
            f"{curve[k]['learned_loss']:.5g}",
            marks.get(k, ""),
            "chosen" if curve[k]["strength"] == report["strength"] else "",
        )
        for k in some
    ]
    heads = "lambda", "rows left out", "standard error", "rows learned from", "", ""
    losses = Grid("mean loss by lambda; *: the least, +: within one standard error of it", heads, rows)
    return Told(facts, [*_compared(report), losses, *grids], ending)


_MARKS = {"strength_within_one_error": "+", "strength_of_least_loss": "*"}


def _compared(report: Mapping[str, Any]) -> list[Grid]:
    """Return the penalties that were compared, where there were several."""
    candidates = report["candidates"]
    if len(candidates) == 1:
        return []
    rows = [
        (
            _penalty(each),
            f"{each['least_loss']:.5g}",
            f"{each['strength']:.6g}",
            f"{each['loss']:.5g}",
            "chosen" if each["chosen"] else "",
        )
        for each in candidates
    ]
    heads = "penalty", "least loss", "lambda", "loss there", ""
    return [Grid("penalties by mean loss on rows left out", heads, rows, named=True)]


def certificate_told(report: Mapping[str, Any]) -> Told:
    """Tell of a certificate."""
    excess = report["objective_above_least"]
    above = "" if excess is None else f", at most {excess:.3g} above the least there is"
    facts = [
        ("model file", report["model"]),
        ("model", _model(report)),
        ("lambda", f"{report['strength']:.6g}"),
        ("weights", f"{report['non_zero_weights']:,} of {report['columns']:,} are not zero"),
        ("data", report["data"]),
        ("rows", f"{report['rows']:,}"),
        ("objective", f"{report['objective']:.9g}{above}"),
        ("gap", f"{report['gap']:.1e} (tolerance {report['tol']:.0e}). {report['gap_meaning']}"),
        ("verdict", report["verdict"]),
        *costs_told(report),
    ]
    return Told(facts)


def predictions_told(report: Mapping[str, Any]) -> Told:
    """Tell of predictions: their summary, and the first of them unless a file holds them."""
    facts = [
        ("model file", report["model"]),
        ("model", _model(report)),
        ("lambda", f"{report['strength']:.6g}"),
        ("data", report["data"]),
        ("rows", f"{report['rows']:,}"),
        ("predicted", _summary(report)),
        ("score", _score_here(report)),
        *written_told(report),
    ]
    entries = report["predictions"]
    if entries is None:
        return Told(facts)
    heads = ["row", "prediction"]
    if report["classes"] is not None:
        heads.append(f"P({shortened(shown(report['classes'][1]), 40)})")
    rows = [
        (
            f"{entry['row']:,}",
            *(
                (f"{entry['prediction']:.6g}",)
                if report["classes"] is None
                else (shortened(shown(entry["prediction"]), 20), f"{entry['probability']:.4f}")
            ),
        )
        for entry in entries[:_SHOWN]
    ]
    more = len(entries) - len(rows)
    ending = f"and {more:,} more; --out FILE.csv writes all, --out - prints them" if more else ""
    return Told(facts, [Grid("", heads, rows)], ending)


def problem_told(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the facts on model and data."""
    return [("model", _model(report)), ("data", report["data"]), ("target", _target(report))]


def _model(report: Mapping[str, Any]) -> str:
    scaled = "columns standardised" if report["standardize"] else "columns as they are"
    return f"{report['task']}: {report['loss']} loss, {_penalty(report)}, {scaled}"


def _penalty(told: Mapping[str, Any]) -> str:
    mixture = f" (l1_ratio {told['l1_ratio']:g})" if told["l1_ratio"] is not None else ""
    return f"{told['penalty']} penalty{mixture}"


def _target(report: Mapping[str, Any]) -> str:
    text = f"{report['target']}, {report['task_reason']}"
    if report["classes"] is not None:
        negative, positive = map(shown, report["classes"])
        text += f"; positive weights speak for {positive}, negative for {negative}"
    return text


def columns_told(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the facts on the columns."""
    share = report["non_zeros"] / (report["rows"] * report["columns"])
    return [("columns", f"{report['columns']:,}"), ("non-zeros", f"{report['non_zeros']:,} ({share:.3%})")]


def _strength(report: Mapping[str, Any]) -> str:
    share = report["strength_over_critical"]
    relative = "" if share is None else f" = {share:.3g} lambda_max"
    return f"{report['strength']:.6g}{relative}, {report['strength_chosen']}"


def _range(entries: Sequence[Mapping[str, Any]]) -> str:
    first, last = entries[0]["strength"], entries[-1]["strength"]
    return f"{len(entries):,} strengths from {first:.6g} down to {last:.6g}"


def _some(entries: Sequence[Any], kept: Any = ()) -> tuple[list[int], str]:
    """Return the places of some 20 entries, evenly spread, and those to be kept; and a note on the others."""
    count = len(entries)
    step = -(-(count - 1) // (_LINES - 1)) or 1
    some = sorted({*range(0, count - 1, step), count - 1, *kept})
    return some, f"; one in {step} below, --json prints all" if step > 1 else ""


def _error(error: float | None) -> str:
    return "" if error is None else f" with a standard error of {error:.3g}"


def against_constant(loss: float, constant: float) -> str:
    """Compare a loss with that of the constant model."""
    share = 1 - loss / constant if constant > 0 else 0.0
    more = f"{share:.1%} of that is explained" if share > 0 else "none of that is explained"
    return f"constant model: {constant:.5g}; {more}"


def _solution(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    used = f"{report['non_zero_weights']:,} of {report['columns']:,} are not zero"
    return [
        ("gap", f"{report['gap']:.1e} (tolerance {report['tol']:.0e}). {report['status']}"),
        ("weights", f"{used}; intercept {report['intercept']:.6g}"),
    ]


def _score(report: Mapping[str, Any]) -> str:
    score = report["score"]
    model, constant = (
        # Adding 0 takes the sign from what is rounded to -0.
        "undefined" if score[key] is None else f"{round(score[key], 4) + 0:.4f}"
        for key in ("held_out", "constant_model")
    )
    return (
        f"{score['name']} {model} on the rows held out (constant model: {constant}), "
        f"by a fit at this lambda on the {report['rows_train']:,} others"
    )


def costs_told(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the facts on seconds and on compiled kernels."""
    kernels = report["kernels"]
    late = kernels["compiled_while_solving"]
    text = f"{kernels['compiled']} kernels compiled, {kernels['loaded']} loaded from the cache"
    return [
        ("seconds", "  ".join(f"{key}{GLUE}{value:.2f}" for key, value in report["seconds"].items())),
        ("", text + (f"; {late} more compiled on the way" if late else "")),
    ]


def written_told(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return a fact for each file that was written."""
    labels = {"out": "written to", "plot": "picture", "report": "report"}
    return [(label, report[key]) for key, label in labels.items() if report.get(key) is not None]


def _weights(report: Mapping[str, Any]) -> tuple[list[Grid], str]:
    """Return the largest weights, or the sentence that there are none."""
    largest = report["largest_weights"]
    if not largest:
        return [], "All weights are zero: at this lambda the constant model is the best one."
    heads, keys = ["weight"], ["weight"]
    title = f"the {len(largest)} largest weights" if len(largest) > 1 else "the largest weight"
    if report["standardize"]:
        heads, keys = [*heads, "x sd"], [*keys, "weight_times_sd"]
        title += ", by weight times standard deviation of the column (x sd)"
    values = [entry[keys[-1]] for entry in largest]
    most = max(map(abs, values))
    rows = [(entry["name"], *(f"{entry[key]:.5g}" for key in keys)) for entry in largest]
    return [Grid(title, ["name", *heads], rows, named=True, bars=[value / most for value in values])], ""


def _summary(report: Mapping[str, Any]) -> str:
    if report["classes"] is not None:
        return ", ".join(f"{entry['rows']:,} {shown(entry['class'])}" for entry in report["predicted"])
    return "  ".join(f"{key} {value:.6g}" for key, value in report["predicted"].items())


def _score_here(report: Mapping[str, Any]) -> str:
    score = report["score"]
    if score["value"] is None:
        return f"none: {score['why_none']}"
    return f"{score['name']} {round(score['value'], 4) + 0:.4f} on these rows (target: {report['target']})"
