"""What is printed, written and drawn."""

import importlib.metadata
import json
import platform

import fastreg

from .measuring import TARGETS
from .solvers import SOLVERS

# Of Okabe and Ito, which colour-blind readers tell apart; fastreg in black.
COLOURS = ["#000000", "#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#D55E00", "#999999"]
MARKERS = "os^vDPX*"
# What is closer to the reference is drawn here.
CLOSEST = 1e-9
DISTRIBUTIONS = {"sklearn": "scikit-learn"}


def versions():
    """Return the version of every package that can take part, None where it is missing."""
    found = {}
    for package in dict.fromkeys(solver.package for solver in SOLVERS.values()):
        name = DISTRIBUTIONS.get(package, package)
        try:
            found[name] = fastreg.__version__ if package == "fastreg" else importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


def heading(names):
    """Return the first lines of the table, a column for every solver."""
    targets = " / ".join(f"{target:.0e}" for target in TARGETS)
    ran = ", ".join(f"{name} {version}" for name, version in versions().items() if version)
    machine = f"{fastreg.get_num_threads()} cores of {platform.machine()}, Python {platform.python_version()}"
    return [
        f"Seconds to a relative suboptimality of {targets} (best of all rounds, compilation excluded).",
        "- : not reached; empty: left out, the reason stands below.",
        f"{machine}, {ran}.",
        "",
        f"| problem | {' | '.join(names)} |",
        "|" + "---|" * (1 + len(names)),
    ]


def row(result, names):
    """Return the line of the table for one problem; the shortest time to each target in bold."""
    times = {name: [result.seconds_to(name, target) for target in TARGETS] for name in names}
    best = [
        min((t[i] for t in times.values() if t[i] is not None), default=None) for i in range(len(TARGETS))
    ]
    cells = []
    for name in names:
        if not any(run.solver == name for run in result.runs):
            cells.append("")
            continue
        cells.append(" / ".join(_seconds(t, t == b) for t, b in zip(times[name], best, strict=True)))
    return f"| {result.problem.name} | {' | '.join(cells)} |"


def _seconds(seconds, is_best):
    if seconds is None:
        return "-"
    text = f"{seconds:.3f}" if seconds < 1 else f"{seconds:.1f}"
    return f"**{text}**" if is_best else text


def footing(results):
    """Return what each problem is, its reference and its proof, and who was left out."""
    lines = ["", "Problems, and how far the best objective anyone reached can be above the optimum:", ""]
    for result in results:
        best, solver, bound = result.reference
        above = max(1e-16, (best - bound) / result.problem.objective_at_zero)
        lines.append(f"- {result.problem.name}: {result.problem.described()}.")
        lines.append(
            f"  Reference {best:.10g} by {solver}; by fastreg's dual bound at most {above:.0e} of the "
            f"objective at 0 above the optimum."
        )
    left_out = {}
    for result in results:
        for name, reason in result.left_out.items():
            left_out.setdefault((name, reason), []).append(result.problem.name)
    if left_out:
        lines += ["", "Left out:", ""]
        lines += [
            f"- {name}: {reason} ({'all' if len(problems) == len(results) else ', '.join(problems)})."
            for (name, reason), problems in left_out.items()
        ]
    return lines


def write_json(file, results, names):
    """Write every run, so that other targets or pictures can be made from it."""
    stored = {
        "n_threads": fastreg.get_num_threads(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "versions": versions(),
        "targets": TARGETS,
        "problems": [
            {
                "name": result.problem.name,
                "described": result.problem.described(),
                "objective_at_zero": result.problem.objective_at_zero,
                "reference": result.reference._asdict(),
                "left_out": result.left_out,
                "seconds": {n: [result.seconds_to(n, target) for target in TARGETS] for n in names},
                "runs": [
                    {**run._asdict(), "suboptimality": result.suboptimality(run)} for run in result.runs
                ],
            }
            for result in results
        ],
    }
    file.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")


def draw(file, results, names):
    """Draw suboptimality over seconds: a panel for every problem, a line for every solver."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot, ticker

    n_columns = min(len(results), 3)
    n_rows = -(-len(results) // n_columns)
    figure, axes = pyplot.subplots(
        n_rows, n_columns, figsize=(4.6 * n_columns, 3.4 * n_rows + 0.8), squeeze=False, sharey=True
    )
    handles = {}
    for axis, result in zip(axes.flat, results, strict=False):
        for name, colour, marker in zip(names, COLOURS, MARKERS, strict=False):
            points = _curve(result, name)
            if points:
                (handles[name],) = axis.plot(
                    *zip(*points, strict=True), color=colour, marker=marker, markersize=5, linewidth=1.5
                )
        axis.set(xscale="log", yscale="log", title=result.problem.name, ylim=(CLOSEST / 2, 2))
        axis.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 3)))
        axis.xaxis.set_major_formatter("{x:g}")
        axis.xaxis.set_minor_formatter(ticker.NullFormatter())
        for target in TARGETS:
            axis.axhline(target, color="#999999", linewidth=0.8, linestyle=":")
    for axis in axes.flat[len(results) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel("relative suboptimality")
    for axis in axes.flat[max(0, len(results) - n_columns) : len(results)]:
        axis.set_xlabel("seconds")
    drawn = [name for name in names if name in handles]
    figure.legend(
        [handles[name] for name in drawn], drawn, loc="lower center", ncols=len(drawn), frameon=False
    )
    figure.tight_layout(rect=(0, 0.8 / figure.get_figheight() * 0.5, 1, 1))
    figure.savefig(file, dpi=120)
    pyplot.close(figure)


def _curve(result, name):
    """Return (seconds, suboptimality) by rising seconds, each better than all before it."""
    points = []
    for run in sorted((r for r in result.runs if r.solver == name), key=lambda r: r.seconds):
        reached = max(result.suboptimality(run), CLOSEST)
        if not points or reached < points[-1][1]:
            points.append((run.seconds, reached))
    return points
