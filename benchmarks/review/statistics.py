"""From rounds to rows: ratios with their intervals, the split into work and cost, and the verdict."""

import enum
from typing import NamedTuple

import numpy as np
from scipy import stats

CONFIDENCE = 0.99
POWER = 0.8
SHORTEST = 0.01  # seconds of the baseline, below which nothing blocks
UNIT = "bytes_read"


class Verdict(enum.Enum):
    """What is said of a row."""

    SAME = "no difference seen"
    SLOWER = "SLOWER"
    A_LITTLE_SLOWER = "slower, within the factor"
    FASTER = "faster"
    SHORT = "slower, too short to judge"
    UNSETTLED = "not judged: the control differs"
    RAISED = "RAISED"
    NEW = "raised in base"


class Ratio(NamedTuple):
    """A ratio with its interval."""

    middle: float
    low: float
    high: float

    def over(self, exact):
        """Return the ratio over a number without error."""
        return Ratio(*(number / exact for number in self))

    def excludes(self, factor):
        """Return whether the interval lies beyond a factor to either side."""
        return self.low > factor or self.high < 1 / factor


class Row(NamedTuple):
    """One row of the table.

    Attributes
    ----------
    verdict : Verdict
    errors : tuple of str
    base, head : float
        Median seconds.
    time, control : Ratio
        Head over baseline; control over base.
    smallest : float
        The least slowdown, as a ratio, that these rounds would have told from none in four cases of five.
    work : float
        Units of work of head over those of base; time is work times cost.
    changed : tuple of (counter, old, new)
        Exact counts that differ.
    """

    verdict: Verdict
    errors: tuple = ()
    base: float = np.nan
    head: float = np.nan
    time: Ratio | None = None
    control: Ratio | None = None
    smallest: float = np.nan
    work: float = 1.0
    changed: tuple = ()

    @property
    def cost(self):
        """Seconds per unit of work of head, over those of base."""
        return self.time.over(self.work)

    @property
    def cause(self):
        """Why it takes longer or less long."""
        if self.time is None or not self.time.excludes(1):
            return ""
        causes = []
        if self.work != 1:
            causes.append("more work" if self.work > 1 else "less work")
        if self.cost.excludes(1):
            causes.append("slower work" if self.cost.middle > 1 else "faster work")
        return " and ".join(causes)


def paired(logarithms):
    """Return the `Ratio` of differences of logarithms, by Student's t, and the least that would be seen."""
    test = stats.ttest_1samp(logarithms, 0.0)
    interval = test.confidence_interval(CONFIDENCE)
    middle, freedom = float(np.mean(logarithms)), logarithms.size - 1
    error = float(np.std(logarithms, ddof=1) / np.sqrt(logarithms.size))
    seen = (stats.t.ppf((1 + CONFIDENCE) / 2, freedom) + stats.t.ppf(POWER, freedom)) * error
    low, high = (float(end) if error else middle for end in (interval.low, interval.high))
    return Ratio(*np.exp([middle, low, high]).tolist()), float(np.exp(seen))


def judged(time, control, base, factor):
    """Return the verdict on a ratio of times."""
    if control.excludes(factor):
        return Verdict.UNSETTLED
    if time.low > factor:
        return Verdict.SLOWER if base >= SHORTEST else Verdict.SHORT
    if time.low > 1:
        return Verdict.A_LITTLE_SLOWER
    return Verdict.FASTER if time.high < 1 else Verdict.SAME


def row(name, rounds, factor):
    """Return what the rounds say of one row."""
    errors = {
        arm: found["rows"][name]["error"]
        for each in rounds
        for arm, found in each.items()
        if "error" in found["rows"][name]
    }
    if errors:
        told = tuple(f"{arm}: {error}" for arm, error in sorted(errors.items()))
        return Row(Verdict.RAISED if "head" in errors else Verdict.NEW, told)
    counts = {arm: [each[arm]["rows"][name]["counts"] for each in rounds] for arm in ("base", "head")}
    moved = [arm for arm, of_rounds in counts.items() if any(each != of_rounds[0] for each in of_rounds)]
    if moved:
        return Row(Verdict.RAISED, (f"{moved[0]}: its exact counts differ from process to process",))
    old, new = counts["base"][0], counts["head"][0]
    changed = tuple(
        (counter, old.get(counter), new.get(counter))
        for counter in sorted(old.keys() | new.keys())
        if old.get(counter) != new.get(counter)
    )
    seconds = {arm: np.array([each[arm]["rows"][name]["seconds"] for each in rounds]) for arm in rounds[0]}
    base, head, control = (np.log(seconds[arm]) for arm in ("base", "head", "control"))
    time, smallest = paired(head - (base + control) / 2)
    of_control, _ = paired(control - base)
    middle = float(np.median(np.concatenate([seconds["base"], seconds["control"]])))
    units = old.get(UNIT, 0), new.get(UNIT, 0)
    return Row(
        judged(time, of_control, middle, factor), (), middle, float(np.median(seconds["head"])), time,
        of_control, smallest, units[1] / units[0] if all(units) else 1.0, changed,
    )  # fmt: skip
