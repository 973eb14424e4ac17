"""The Gram matrix of a working set, kept while columns join and leave and while curvatures move a little.

    matrix[k, l] = sum_i h_i (x_ik - c_k) (x_il - c_l)

The centres c stay where they were when a column joined: near the mean, so that `block`, which moves
them to the mean under the present h, loses no digits.
"""

import numpy as np

# Rows whose curvature has moved by less than this share keep the old one in the model. A model that is
# off by a tenth leaves a tenth of the error; the step is accepted by the true objective only.
_STALE = 0.1
# Where more rows than this share have changed, all products are made anew.
_MOST_CHANGED = 0.5


class Gram:
    """Products of the columns of a working set under the curvatures of a model.

    Attributes
    ----------
    features : int array
        The columns, in the order of the matrix: those that have been here longest first.
    curvatures : float or array of n_samples
        h, of which some rows may lag behind.
    """

    def __init__(self, has_intercept):
        self._has_intercept = has_intercept
        self.features = np.empty(0, dtype=np.int64)
        self.curvatures = None
        self._matrix = np.empty((0, 0))
        self._centre = np.empty(0)

    def settle(self, curvatures):
        """Return the curvatures that a model at ``curvatures`` may use: old ones where they hardly moved."""
        old = self.curvatures
        if old is None or np.ndim(curvatures) == 0 or np.ndim(old) == 0:
            return curvatures
        return np.where(np.abs(curvatures - old) <= _STALE * old, old, curvatures)

    def plan(self, features, reader, curvatures):
        """Return how to come to hold the products of other columns under curvatures of `settle`."""
        return _Plan(self, features, reader, curvatures)

    def follow(self, plan, mean):
        """Hold what the plan says; new columns are centred at their mean."""
        known, size = plan.known, plan.order.size
        matrix = np.zeros((size, size))
        centre = mean[plan.order] if self._has_intercept and plan.pairs.centred else np.zeros(size)
        if known:
            matrix[:known, :known] = self._matrix[np.ix_(plan.kept, plan.kept)]
            centre[:known] = self._centre[plan.kept]
            change = plan.curvatures - self.curvatures
            if np.any(change):
                plan.pairs.add(0, known, change, centre, matrix)
        if known < size:
            plan.pairs.add(known, size, plan.curvatures, centre, matrix)
        matrix = np.tril(matrix)
        matrix += np.tril(matrix, -1).T
        self.features, self.curvatures = plan.features[plan.order], plan.curvatures
        self._matrix, self._centre = matrix, centre

    def block(self, features, scale, mass, total):
        """Return the Gram matrix of scaled columns, centred at their means where there is an intercept."""
        order = np.argsort(self.features)[np.searchsorted(np.sort(self.features), features)]
        matrix = self._matrix[np.ix_(order, order)]
        matrix *= scale
        matrix *= scale[:, None]
        if self._has_intercept:
            moved = scale * (mass - total * self._centre[order])
            matrix -= np.outer(moved, moved / total)
        return matrix


class _Plan:
    """How a Gram matrix comes to hold other columns.

    Attributes
    ----------
    order : int array
        Of the features, those that are known first.
    known : int
        How many of them are kept, and ``kept`` where they stand now.
    cost : int
        The work, in entries of a coordinate step.
    """

    def __init__(self, gram, features, reader, curvatures):
        self.features, self.curvatures = features, curvatures
        old = gram.curvatures
        usable = (
            old is not None
            and np.ndim(old) == np.ndim(curvatures)
            and np.count_nonzero(old != curvatures) <= _MOST_CHANGED * np.size(old)
        )
        self.kept = (
            np.flatnonzero(np.isin(gram.features, features)) if usable else np.empty(0, dtype=np.int64)
        )
        self.known = self.kept.size
        new = np.flatnonzero(~np.isin(features, gram.features[self.kept]))
        new = new[np.argsort(-reader.entries[new], kind="stable")]  # the busiest stand close together
        self.order = np.concatenate([np.searchsorted(features, gram.features[self.kept]), new])
        self.pairs = reader.pairs(self.order)
        self.cost = self.pairs.cost(self.known) if self.known < features.size else 0
