"""Step sizes of stochastic gradient descent, in plain Python: a kernel is given the numbers.

A schedule has ``steps(t)``, the step sizes at an array of step numbers that begin at 1, and
``slower(rate)``, the share of them to go on with where the objective falls no more, or None to stop.
"""

from typing import Any, NamedTuple

import numpy as np

# As in scikit-learn: where most entries are 0 the intercept is moved by every row, a weight by few.
INTERCEPT_RATE_IF_SPARSE = 0.01
# What takes the place of strength 0 in `optimal`, which would have no step size: scikit-learn's default.
_STRENGTH_WITHOUT = 1e-4
_COOLING = 0.4  # the share of the steps that fall
_SLOWER = 5.0
_LEAST_STEP = 1e-6


class Constant(NamedTuple):
    """eta0."""

    eta0: float

    def steps(self, t):
        """Return eta0 for every t."""
        return np.full(t.size, self.eta0)

    def slower(self, rate):
        """Return None."""
        return None


class Adaptive(NamedTuple):
    """eta0, a fifth of it each time the objective falls no more, until it is below 1e-6."""

    eta0: float

    def steps(self, t):
        """Return eta0 for every t."""
        return np.full(t.size, self.eta0)

    def slower(self, rate):
        """Return a fifth of the rate, None where the step is small enough."""
        return rate / _SLOWER if self.eta0 * rate > _LEAST_STEP else None


class InverseScaling(NamedTuple):
    """eta0 / t^power."""

    eta0: float
    power: float

    def steps(self, t):
        """Return eta0 / t**power."""
        return self.eta0 / t**self.power

    def slower(self, rate):
        """Return None."""
        return None


class Optimal(NamedTuple):
    """1 / (strength (begin + t - 1)) (Bottou 2012)."""

    strength: float
    begin: float

    def steps(self, t):
        """Return 1 / (strength * (begin + t - 1))."""
        return 1.0 / (self.strength * (self.begin + (t - 1)))

    def slower(self, rate):
        """Return None."""
        return None


class Cosine(NamedTuple):
    """Half a wave from eta0 at step ``first`` to 0 after ``length`` steps (Loshchilov and Hutter 2017)."""

    eta0: float
    length: float
    first: float = 1.0

    def steps(self, t):
        """Return eta0 (1 + cos(pi (t - first) / length)) / 2, 0 after its length."""
        return self.eta0 * (1 + np.cos(np.pi * np.minimum((t - self.first) / self.length, 1.0))) / 2

    def slower(self, rate):
        """Return None."""
        return None


class Cooled(NamedTuple):
    """Another schedule, that falls to 0 as a square in the last 40 % of ``length`` steps from ``first`` on.

    Noise that long steps leave in the weights dies out, so that it matters less how long they were (linear
    falls: Zamani and Glineur 2023; of whole schedules: Hägele et al. 2024).
    """

    schedule: Any
    first: float
    length: float

    def steps(self, t):
        """Return the steps of the schedule times min(1, (first + length - t) / (0.4 length))**2."""
        left = np.maximum(self.first + self.length - t, 0.0) / self.length
        return self.schedule.steps(t) * np.minimum(1.0, left / _COOLING) ** 2

    def slower(self, rate):
        """Return None."""
        return None


def optimal_from(eta0, strength):
    """Return the `Optimal` schedule whose first step is eta0: eta0 / (1 + eta0 strength (t - 1))."""
    strength = strength if strength > 0 else _STRENGTH_WITHOUT
    return Optimal(strength, 1.0 / (eta0 * strength))


def optimal(strength, loss):
    """Return the `Optimal` schedule that begins where a typical weight is reached in one step.

    Parameters
    ----------
    strength : float
        s where the penalty is s w^2 / 2; 1e-4 takes the place of 0.
    loss : NamedTuple
    """
    strength = strength if strength > 0 else _STRENGTH_WITHOUT
    typical = np.sqrt(1.0 / np.sqrt(strength))
    first = typical / max(1.0, loss.slope(1.0, -typical))
    return Optimal(strength, 1.0 / (first * strength))
