"""Decoupled weight decay: weights shrink by a share of their own, whatever steps the loss takes."""

from typing import NamedTuple

from fastreg.solvers.validation import checked_number


class WeightDecay(NamedTuple):
    """After each row w <- w (1 - decay m), with m the step size over the first one (Loshchilov, Hutter 2019).

    `L2` is coupled: it shrinks by the step size times its strength, so that a longer step is a stronger
    decay beside an equally stronger gradient, and eta0 does not change what is minimised. Here the decay
    stays what it is when eta0, or what a rule makes of it, changes the steps of the loss: halving eta0
    doubles the weight of the decay. For plain steps, and for them only, these are the gradient steps of a
    penalty; `value` is that penalty.

    Parameters
    ----------
    decay : float
        In [0, 1): the share taken off at the first step.
    first : float
        The schedule's first step size.
    """

    decay: float
    first: float

    @property
    def strength(self):
        """Strength of the L2 penalty whose plain gradient steps these are."""
        return self.decay / (2 * self.first)

    def value(self, weight, j):
        """Return decay / (2 first) * weight**2."""
        return self.decay / (2 * self.first) * weight * weight

    def prox(self, weight, step, j):
        """Return the shrunken weight."""
        return weight * self.shrinkage(step, j)

    def threshold(self, step, j):
        """Return 0."""
        return 0.0

    def shrinkage(self, step, j):
        """Return 1 - decay * step / first."""
        return 1.0 - self.decay * step / self.first

    def checked(self, n_features, dtype):
        """Return a validated copy."""
        decay = checked_number("decay", self.decay, 0)
        if decay >= 1:
            raise ValueError(f"decay={decay!r} leaves nothing of a weight: pass a share below 1.")
        return WeightDecay(decay, checked_number("first", self.first, 0, strict=True))
