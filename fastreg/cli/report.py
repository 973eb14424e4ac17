"""The table that a fit prints: every number in it stands under the same key in the JSON."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 80
_LABEL = 12
_NUMBER = 12
_BAR = 14


def table(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return lines of at most 80 columns: labels on the left, texts wrapped on the right."""
    lines = []
    for label, text in rows:
        wrapped = textwrap.wrap(printable(text), WIDTH - _LABEL, break_on_hyphens=False) or [""]
        lines += [
            f"{head:<{_LABEL}}{line}"
            for head, line in zip([label] + [""] * len(wrapped), wrapped, strict=False)
        ]
    return lines


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
        (
            "non-zeros",
            f"{report['non_zeros']:,} ({report['non_zeros'] / (report['rows'] * report['columns']):.3%})",
        ),
        ("lambda", _strength(report)),
        ("gap", f"{report['gap']:.1e} (tolerance {report['tol']:.0e}). {report['status']}"),
        (
            "weights",
            f"{report['non_zero_weights']:,} of {report['columns']:,} are not zero; "
            f"intercept {report['intercept']:.6g}",
        ),
        ("score", _score(report)),
        ("seconds", "  ".join(f"{key} {value:.2f}" for key, value in report["seconds"].items())),
        ("", _kernels(report)),
    ]
    if report["out"] is not None:
        rows.append(("written to", report["out"]))
    return "\n".join([*table(rows), "", *_weights(report)])


def _model(report: Mapping[str, Any]) -> str:
    mixture = f" (l1_ratio {report['l1_ratio']:g})" if report["l1_ratio"] is not None else ""
    scaled = "columns standardised" if report["standardize"] else "columns as they are"
    return f"{report['task']}: {report['loss']} loss, {report['penalty']} penalty{mixture}, {scaled}"


def _target(report: Mapping[str, Any]) -> str:
    text = f"{report['target']}, {report['task_reason']}"
    if report["classes"] is not None:
        negative, positive = (f"{name:g}" if isinstance(name, float) else name for name in report["classes"])
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


def _kernels(report: Mapping[str, Any]) -> str:
    kernels = report["kernels"]
    late = kernels["compiled_while_solving"]
    text = f"{kernels['compiled']} kernels compiled, {kernels['loaded']} loaded from the cache"
    return text + (f"; solve includes compiling {late} more" if late else "")


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


def printable(text: str) -> str:
    """Return a text without what would move the cursor or ring the bell."""
    return "".join(character if character.isprintable() else "?" for character in text)


def fitted(text: str, width: int) -> str:
    """Return a text of exactly this width on a terminal: padded, or cut with an ellipsis."""
    text = printable(text)
    if columns_of(text) > width:
        while columns_of(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - columns_of(text))


def columns_of(text: str) -> int:
    """Return the columns that a text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )
