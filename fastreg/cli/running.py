"""How every command on data runs: progress, warnings, Ctrl-C, and a report as a table or as JSON."""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .activity import Activity

if TYPE_CHECKING:
    import argparse


def run(
    arguments: argparse.Namespace,
    work: Callable[[argparse.Namespace, Activity], Mapping[str, Any]],
    table: Callable[[Mapping[str, Any]], str],
) -> int:
    """Do the work of a command and print its report.

    Parameters
    ----------
    arguments : argparse.Namespace
        What the command was given.
    work : callable
        Returns the report: every number that the command tells, under its name.
    table : callable
        Turns the report into lines for people; with `--json` it is printed as it stands.

    Returns
    -------
    int
        The exit status, 0.
    """
    activity = Activity()
    with warnings.catch_warnings(record=True) as caught:
        try:
            with activity:
                report = work(arguments, activity)
        except KeyboardInterrupt as pressed:
            raise KeyboardInterrupt(_reached(activity, pressed)) from None
    for line in _told(caught):
        print(f"fastreg: {line}", file=sys.stderr)
    print(json.dumps(report, indent=2, allow_nan=False) if arguments.json else table(report))
    return 0


def _reached(activity: Activity, pressed: KeyboardInterrupt) -> str:
    """Return the line that Ctrl-C leaves."""
    solution = getattr(pressed, "solution", None)
    gap, coefs = getattr(solution, "gap", None), getattr(solution, "coefs", None)
    reached = "" if gap is None else f"the gap had reached {gap:.1e}, "
    if solution is not None and coefs is not None and len(solution.strengths):
        reached = f"this path had reached strength {solution.strengths[-1]:.4g}, "
    written = (
        f"{' and '.join(activity.written)} had been written" if activity.written else "nothing was written"
    )
    return f"interrupted after {activity.seconds():.1f} s while {activity.stage}; {reached}{written}."


def _told(caught: list[warnings.WarningMessage]) -> Iterator[str]:
    """Yield one line for each kind of warning: the first text, and how many more there were."""
    kinds: dict[type[Warning], list[str]] = {}
    for warning in caught:
        kinds.setdefault(warning.category, []).append(" ".join(str(warning.message).split()))
    for texts in kinds.values():
        yield texts[0] + (f" ({len(texts) - 1} more like it.)" if len(texts) > 1 else "")


class Clock:
    """Seconds by label."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, label: str) -> Iterator[None]:
        """Add the seconds of a block to a label."""
        began = time.perf_counter()
        yield
        self.seconds[label] = self.seconds.get(label, 0.0) + time.perf_counter() - began
