"""One review as Markdown, for a comment, and as one HTML page that needs nothing else."""

import html

import numpy as np

from .statistics import CONFIDENCE, Verdict

_BARS = "▁▂▃▄▅▆▇█"
_COLUMNS = (
    "benchmark", "verdict", "base", "head", "time", "= work", "x cost", "why", "control", "least seen",
    "history",
)  # fmt: skip
_TONES = {
    Verdict.SLOWER: "bad", Verdict.RAISED: "bad", Verdict.FASTER: "good", Verdict.UNSETTLED: "doubt",
    Verdict.A_LITTLE_SLOWER: "doubt", Verdict.SHORT: "doubt",
}  # fmt: skip
_STYLE = """
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 100rem; padding: 0 1rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; white-space: nowrap }
th, td { padding: .3rem .5rem; text-align: right; border-bottom: 1px solid #8884 }
th:nth-child(-n+2), td:first-child, .word { text-align: left }
.bad { color: #c62828; font-weight: 600 } .good { color: #2e7d32 } .doubt { color: #b26a00 }
td > svg { float: left; margin: .2rem .5rem 0 0 }
.axis { stroke: #8888 } .bar { stroke: currentColor; stroke-width: 2 }
.dot { fill: currentColor } .line { fill: none; stroke: currentColor; stroke-width: 1.5 }
"""


def spelled(seconds):
    """Return seconds with a unit that suits them."""
    if np.isnan(seconds):
        return ""
    unit, size = next(each for each in (("s", 1.0), ("ms", 1e-3), ("us", 0.0)) if seconds >= each[1])
    return f"{seconds / (size or 1e-6):.3g} {unit}"


def percent(ratio):
    """Return a ratio as a change."""
    return f"{100 * (ratio - 1):+.1f} %"


def with_interval(ratio):
    return "" if ratio is None else f"{percent(ratio.middle)} [{percent(ratio.low)}, {percent(ratio.high)}]"


def sparkline(values):
    """Return a row of bars, from the least to the greatest."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    steps = [int((value - low) / (high - low) * (len(_BARS) - 1)) if high > low else 0 for value in values]
    return "".join(_BARS[step] for step in steps)


def cells(name, row):
    """Return the words of one line but the last."""
    if row.time is None:
        return [name, row.verdict.value, *[""] * (len(_COLUMNS) - 3)]
    return [
        name, row.verdict.value, spelled(row.base), spelled(row.head), with_interval(row.time),
        "the same" if row.work == 1 else percent(row.work), percent(row.cost.middle), row.cause,
        with_interval(row.control), percent(row.smallest),
    ]  # fmt: skip


def explanation(factor, n_rounds):
    return (
        f"{n_rounds} rounds of fresh processes, base, head and base again (the control) by turns. Intervals "
        f"are those of {CONFIDENCE:.0%} for the mean of the paired logarithms. Time is work times cost: work "
        f"is bytes of X read, counted exactly; cost is time per byte. A row is SLOWER, and blocks, where the "
        f"whole interval lies above {percent(factor)}, the baseline takes 10 ms or more and the control "
        f"agrees with the base. `least seen` is the slowdown that these rounds would have told from none in "
        f"four cases of five."
    )


def details(rows):
    """Return a sentence for each thing that a table cannot hold: errors, and counts that changed."""
    for name, row in rows.items():
        for error in row.errors:
            yield f"{name} raised in {error}"
        for counter, old, new in row.changed:
            yield f"{counter} of [{name}]: {old} -> {new}"


def _guarded(word):
    return str(word).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def markdown(review):
    """Return the review as Markdown."""
    lines = [f"## {_guarded(review.sentence)}", ""]
    lines += [f"- {name}: {_guarded(value)}" for name, value in review.environment.items()]
    lines += ["", f"| {' | '.join(_COLUMNS)} |", "|" + "---|" * len(_COLUMNS)]
    for name, row in review.rows.items():
        words = [*cells(name, row), sparkline(review.history.get(name, []))]
        lines.append(f"| {' | '.join(map(_guarded, words))} |")
    told = list(details(review.rows))
    lines += ["", *(f"- {_guarded(each)}" for each in told), *([""] if told else [])]
    return "\n".join([*lines, _guarded(explanation(review.factor, review.n_rounds)), ""])


def _interval_picture(ratio, factor, reach):
    """Return an interval between 1 / reach and reach, with lines at 1 and at the factor."""
    if ratio is None:
        return ""
    x = {end: f"{60 + 55 * np.log(end) / np.log(reach):.1f}" for end in (*ratio, 1.0, factor)}
    lines = "".join(f'<line class="axis" x1="{x[at]}" x2="{x[at]}" y1="0" y2="16"/>' for at in (1.0, factor))
    return (
        f'<svg width="120" height="16" role="img" aria-label="interval">{lines}'
        f'<line class="bar" x1="{x[ratio.low]}" x2="{x[ratio.high]}" y1="8" y2="8"/>'
        f'<circle class="dot" cx="{x[ratio.middle]}" cy="8" r="3"/></svg>'
    )


def _history_picture(values):
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    across, up = 96 / (len(values) - 1), 16 / ((high - low) or 1.0)
    points = " ".join(f"{2 + across * k:.1f},{18 - up * (value - low):.1f}" for k, value in enumerate(values))
    title = f"{spelled(values[0])} at first, {spelled(values[-1])} at last"
    return (
        f'<svg width="100" height="20" role="img"><title>{title}</title>'
        f'<polyline class="line" points="{points}"/></svg>'
    )


def page(review):
    """Return the review as one HTML page; every word in it is escaped."""
    escape = html.escape
    body = []
    ends = [end for row in review.rows.values() if row.time for end in row.time]
    reach = np.exp(max(np.abs(np.log([*ends, review.factor**2]))))
    for name, row in review.rows.items():
        words = [f"<td>{escape(str(word))}</td>" for word in cells(name, row)]
        picture = _interval_picture(row.time, review.factor, reach)
        words[4] = f"<td>{picture} {escape(with_interval(row.time))}</td>"
        tone = _TONES.get(row.verdict, "")
        words[1] = f'<td class="word {tone}">{escape(row.verdict.value)}</td>'
        words.append(f"<td>{_history_picture(review.history.get(name, []))}</td>")
        body.append(f"<tr>{''.join(words)}</tr>")
    facts = "".join(
        f"<li>{escape(name)}: {escape(str(value))}</li>" for name, value in review.environment.items()
    )
    told = "".join(f"<li>{escape(each)}</li>" for each in details(review.rows))
    heads = "".join(f"<th>{escape(each)}</th>" for each in _COLUMNS)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(review.sentence)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(review.sentence)}</h1><ul>{facts}</ul>"
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div><ul>{told}</ul>"
        f"<p>{escape(explanation(review.factor, review.n_rounds))}</p></body></html>\n"
    )
