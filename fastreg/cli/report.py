"""The tables that commands print: every number in them stands under its name in the JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from fastreg.display.texts import columns_of, fitted, printable, shortened

from .targets import shown

WIDTH = 80
_LABEL = 12
_NUMBER = 12
_BAR = 14
_PATH_LINES = 20
_GLUE = "\N{NO-BREAK SPACE}"
_SHOWN = 10


def table(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return lines of at most 80 columns: labels on the left, texts wrapped on the right."""
    lines = []
    for label, text in rows:
        wrapped = textwrap.wrap(printable(text), WIDTH - _LABEL, break_on_hyphens=False) or [""]
        wrapped = [line.replace(_GLUE, " ") for line in wrapped]
        lines += [
            f"{head:<{_LABEL}}{line}"
            for head, line in zip([label] + [""] * len(wrapped), wrapped, strict=False)
        ]
    return lines


def in_megabytes(size: int) -> str:
    """Return a number of bytes for people."""
    return f"{size / 1e6:.1f} MB"


def fit_table(report: Mapping[str, Any]) -> str:
    """Return the table of a fit."""
    rows = [
        ("model", _model(report)),
        ("data", report["data"]),
        ("target", _target(report)),
        (
            "rows",
            f"{report['rows']:,}; {report['rows_held_out']:,} held out for the score, the final fit on all",
        ),
        ("columns", f"{report['columns']:,}"),
        ("non-zeros", _non_zeros(report)),
        ("lambda", _strength(report)),
        ("gap", f"{report['gap']:.1e} (tolerance {report['tol']:.0e}). {report['status']}"),
        (
            "weights",
            f"{report['non_zero_weights']:,} of {report['columns']:,} are not zero; "
            f"intercept {report['intercept']:.6g}",
        ),
        ("score", _score(report)),
        *_costs(report),
        *_written(report),
    ]
    return "\n".join([*table(rows), "", *_weights(report)])


def _model(report: Mapping[str, Any]) -> str:
    mixture = f" (l1_ratio {report['l1_ratio']:g})" if report["l1_ratio"] is not None else ""
    scaled = "columns standardised" if report["standardize"] else "columns as they are"
    return f"{report['task']}: {report['loss']} loss, {report['penalty']} penalty{mixture}, {scaled}"


def _target(report: Mapping[str, Any]) -> str:
    text = f"{report['target']}, {report['task_reason']}"
    if report["classes"] is not None:
        negative, positive = map(shown, report["classes"])
        text += f"; positive weights speak for {positive}, negative for {negative}"
    return text


def _strength(report: Mapping[str, Any]) -> str:
    share = report["strength_over_critical"]
    relative = "" if share is None else f" = {share:.3g} lambda_max"
    return f"{report['strength']:.6g}{relative}, {report['strength_chosen']}"


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


def _non_zeros(report: Mapping[str, Any]) -> str:
    return f"{report['non_zeros']:,} ({report['non_zeros'] / (report['rows'] * report['columns']):.3%})"


def _costs(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the rows on seconds and on compiled kernels."""
    kernels = report["kernels"]
    late = kernels["compiled_while_solving"]
    text = f"{kernels['compiled']} kernels compiled, {kernels['loaded']} loaded from the cache"
    return [
        ("seconds", "  ".join(f"{key}{_GLUE}{value:.2f}" for key, value in report["seconds"].items())),
        ("", text + (f"; {late} more compiled on the way" if late else "")),
    ]


def _written(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return a row for each file that was written."""
    labels = {"out": "written to", "plot": "picture"}
    return [(label, report[key]) for key, label in labels.items() if report.get(key) is not None]


def _weights(report: Mapping[str, Any]) -> list[str]:
    largest = report["largest_weights"]
    if not largest:
        return ["All weights are zero: at this lambda the constant model is the best one."]
    heads, keys = ["weight"], ["weight"]
    title = f"the {len(largest)} largest weights"
    if report["standardize"]:
        heads, keys = [*heads, "x sd"], [*keys, "weight_times_sd"]
        title += ", by weight times standard deviation of the column (x sd)"
    # A name gets what the numbers leave, two blanks between all of them.
    width = min(
        WIDTH - (_NUMBER + 2) * len(keys) - _BAR - 2,
        max(len("name"), *(columns_of(printable(entry["name"])) for entry in largest)),
    )
    lines = [title, "  ".join(["name".ljust(width), *(head.rjust(_NUMBER) for head in heads)])]
    most = max(abs(entry[keys[-1]]) for entry in largest)
    for entry in largest:
        value = entry[keys[-1]]
        bar = ("+" if value > 0 else "-") * max(1, round(_BAR * abs(value) / most))
        lines.append(
            "  ".join([fitted(entry["name"], width), *(f"{entry[key]:{_NUMBER}.5g}" for key in keys), bar])
        )
    return lines


def path_table(report: Mapping[str, Any]) -> str:
    """Return the table of a path; of many strengths some, evenly spread, from the first to the last."""
    strengths = report["path"]
    count = len(strengths)
    step = -(-(count - 1) // (_PATH_LINES - 1)) or 1
    some = [*strengths[:-1:step], strengths[-1]]
    rows = [
        ("model", _model(report)),
        ("data", report["data"]),
        ("target", _target(report)),
        ("rows", f"{report['rows']:,}"),
        ("columns", f"{report['columns']:,}"),
        ("non-zeros", _non_zeros(report)),
        (
            "lambda",
            f"{count:,} strengths from {strengths[0]['strength']:.6g} down to {strengths[-1]['strength']:.6g}"
            + (f"; one in {step} below, --json prints all" if step > 1 else ""),
        ),
        ("gap", f"at most {max(entry['gap'] for entry in strengths):.1e} (tolerance {report['tol']:.0e})"),
        *_costs(report),
        *_written(report),
    ]
    heads = ("lambda", "non-zero weights", "objective", "gap")
    grid = [
        (
            f"{entry['strength']:.6g}",
            f"{entry['non_zero_weights']:,}",
            f"{entry['objective']:.6g}",
            f"{entry['gap']:.1e}",
        )
        for entry in some
    ]
    return "\n".join([*table(rows), "", *_grid(heads, grid)])


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return columns under their heads, set to the right."""
    widths = [max(columns_of(row[j]) for row in [heads, *rows]) for j in range(len(heads))]
    return [
        "  ".join(" " * (width - columns_of(cell)) + cell for cell, width in zip(row, widths, strict=True))
        for row in [heads, *rows]
    ]


def certificate_table(report: Mapping[str, Any]) -> str:
    """Return the table of a certificate."""
    excess = report["objective_above_least"]
    rows = [
        ("model file", report["model"]),
        ("model", _model(report)),
        ("lambda", f"{report['strength']:.6g}"),
        ("weights", f"{report['non_zero_weights']:,} of {report['columns']:,} are not zero"),
        ("data", report["data"]),
        ("rows", f"{report['rows']:,}"),
        (
            "objective",
            f"{report['objective']:.9g}"
            + ("" if excess is None else f", at most {excess:.3g} above the least there is"),
        ),
        ("gap", f"{report['gap']:.1e} (tolerance {report['tol']:.0e}). {report['gap_meaning']}"),
        ("verdict", report["verdict"]),
        *_costs(report),
    ]
    return "\n".join(table(rows))


def prediction_table(report: Mapping[str, Any]) -> str:
    """Return the table of predictions: their summary, and the first of them unless a file holds them."""
    rows = [
        ("model file", report["model"]),
        ("model", _model(report)),
        ("lambda", f"{report['strength']:.6g}"),
        ("data", report["data"]),
        ("rows", f"{report['rows']:,}"),
        ("predicted", _summary(report)),
        ("score", _score_here(report)),
        *_written(report),
    ]
    entries = report["predictions"]
    if entries is None:
        return "\n".join(table(rows))
    heads = ["row", "prediction"]
    if report["classes"] is not None:
        heads.append(f"P({shortened(shown(report['classes'][1]), 40)})")
    grid = [
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
    more = len(entries) - len(grid)
    ending = [f"and {more:,} more; --out FILE.csv writes all, --out - prints them"] if more else []
    return "\n".join([*table(rows), "", *_grid(heads, grid), *ending])


def _summary(report: Mapping[str, Any]) -> str:
    if report["classes"] is not None:
        return ", ".join(f"{entry['rows']:,} {shown(entry['class'])}" for entry in report["predicted"])
    return "  ".join(f"{key} {value:.6g}" for key, value in report["predicted"].items())


def _score_here(report: Mapping[str, Any]) -> str:
    score = report["score"]
    if score["value"] is None:
        return f"none: {score['why_none']}"
    return f"{score['name']} {round(score['value'], 4) + 0:.4f} on these rows (target: {report['target']})"
