"""Follow the proximally regularised leader: each weight has steps of its own (McMahan et al. 2013).

After t rows weight j minimises what its gradients g sum up to, plus t penalties, plus its distance from
where it has been,

    z_j w + t penalty_j(w) + root_j w**2 / (2 rate),

with root_j = sqrt(sum g**2) (AdaGrad: Duchi, Hazan and Singer 2011) and z_j the sum of g less the growth of
root_j times w_j / rate. That is a proximal step from -h z_j of length t h, with h = rate / root_j: a weight
is found where it is needed, from two numbers, and a row costs its entries whatever the penalty is. Begun
elsewhere than at 0, with a tiny root r, z = -r w / rate makes the first distance that from there.
"""

from typing import NamedTuple

import numpy as np

from fastreg.jit import elementwise

# Where no row has been: small, but its inverse times a billion rows is a number.
_LEAST_ROOT = 1e-100


@elementwise
def _weight(z, root, rate, steps, penalty, j):
    length = rate / root
    return penalty.prox(-z * length, steps * length, j)


class _Leader(NamedTuple):
    """The weights of one problem behind their sums."""

    z: np.ndarray
    roots: np.ndarray
    k: int
    penalty: tuple
    rate: float
    steps: float

    def read(self, j):
        """Return weight j."""
        return _weight(self.z[self.k, j], self.roots[self.k, j], self.rate, self.steps, self.penalty, j)

    def add(self, j, gradient):
        """Add a gradient of weight j."""
        z, root = self.z[self.k, j], self.roots[self.k, j]
        weight = _weight(z, root, self.rate, self.steps, self.penalty, j)
        grown = np.sqrt(root * root + gradient * gradient)
        self.z[self.k, j] = z + gradient - (grown - root) / self.rate * weight
        self.roots[self.k, j] = grown


class FollowTheLeader(NamedTuple):
    """A model, see `stochastic_models`.

    Attributes
    ----------
    coef, z, roots : arrays of (n_problems, n_features)
    clock : array of (n_problems, 3)
        Intercept, t, and the root of the intercept.
    rate : float
    """

    coef: np.ndarray
    z: np.ndarray
    roots: np.ndarray
    clock: np.ndarray
    rate: float

    @classmethod
    def beginning_at(cls, coef, intercept, rate):
        """Return the model before the first row.

        Parameters
        ----------
        coef, intercept : arrays of (n_problems, n_features) and n_problems
        rate : float
        """
        clock = np.column_stack([intercept, np.zeros_like(intercept), np.full_like(intercept, _LEAST_ROOT)])
        roots = np.full(coef.shape, _LEAST_ROOT)
        return cls(np.array(coef, np.float64), coef * (-_LEAST_ROOT / rate), roots, clock, rate)

    def predict(self, design, i, first, last, penalty, k, clock):
        """Return what entries first:last of row i add to the prediction."""
        return design.dot_between(
            i, first, last, _Leader(self.z, self.roots, k, penalty, self.rate, clock[1])
        )

    def take(self, worker, i, push, length, step, threshold, shrinkage, intercept_rate, k, now, clock, note):
        """Note the gradient, move the intercept."""
        note[0] = push
        note[1] = clock[1]
        clock[2] = np.sqrt(clock[2] * clock[2] + push * push)
        clock[0] -= intercept_rate * self.rate * push / clock[2]
        clock[1] += 1.0
        return False

    def move(self, worker, design, i, first, last, penalty, k, note):
        """Add the gradient to the sums."""
        if note[0] != 0:
            view = _Leader(self.z, self.roots, k, penalty, self.rate, note[1])
            design.axpy_between(i, first, last, note[0], view)

    def write(self, k, start, stop, penalty, clock, out):
        """Write weights start:stop."""
        z, roots = self.z[k, start:stop], self.roots[k, start:stop]
        for i in range(z.size):
            out[i] = _weight(z[i], roots[i], self.rate, clock[1], penalty, start + i)

    def rest(self, k, start, stop, clock):
        """Do nothing."""

    def resume(self, clock):
        """Do nothing."""
