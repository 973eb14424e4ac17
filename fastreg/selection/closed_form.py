r"""Ridge regression in closed form, for every strength from one eigendecomposition.

With rows x_i and targets y_i less their means by the weights s_i, X and Y multiplied by sqrt(s_i), and

    X'X = V diag(l) V'   or   X X' = Q diag(l) Q'

(whichever is smaller) the weights at each alpha are sums over eigenvectors, and so is the share h_i of its
own target in a row's prediction. A row that is left out errs by

    e_i = (y_i - prediction_i) / (1 - h_i)

exactly, so that leaving out each row in turn costs one fit (Allen 1974; Golub, Heath, Wahba 1979). Sums over
rows add up: a fold learns from those of all rows less those of the rows that it holds out.
"""

import numpy as np
import scipy.sparse as sp

from fastreg.solvers.validation import normalised_weights

_AT_ONCE = 1024  # rows, or columns of a wide X
_MOST_PARTS = 4  # partial sums of products
_ZERO = 1e-14  # eigenvalues below this share of the largest are those of no direction, where alpha is 0
_LARGEST = 1 << 15  # order of a matrix of 8 GiB


class RidgeRows:
    """Rows that ridge regressions learn from and are judged by.

    Parameters
    ----------
    crew : Crew
    X : array or sparse matrix of (n_samples, n_features)
    targets : array of (n_samples, n_targets)
    sample_weight : array of n_samples or None
    fit_intercept : bool

    Raises
    ------
    ValueError
        If neither X'X nor XX' is of a size that can be decomposed.
    """

    def __init__(self, crew, X, targets, sample_weight, fit_intercept):
        n_samples, n_features = X.shape
        if min(n_samples, n_features) > _LARGEST:
            raise ValueError(
                f"X has {n_samples} rows and {n_features} columns, and the closed form decomposes a matrix "
                f"of the smaller order, {_LARGEST} at most: choose alpha by GridSearchCV of Ridge."
            )
        self.is_sparse = sp.issparse(X)
        self._X = X.tocsr().astype(np.float64, copy=False) if self.is_sparse else X
        self.has_intercept = fit_intercept
        self.weights = np.ones(n_samples) if sample_weight is None else sample_weight
        self.centre, target_centre = np.zeros(n_features), np.zeros(targets.shape[1])
        if fit_intercept:  # sums of what is near 0 lose no digits to centring
            shares = normalised_weights(sample_weight, n_samples)
            self.centre, target_centre = self.combined(shares[:, None]).ravel(), shares @ targets
        self.target_centre = target_centre
        self.targets = targets - target_centre
        crew.limit_blas()
        self.is_tall = n_features < n_samples
        if self.is_tall:
            self._sums = self._sums_over(crew, np.arange(n_samples))
        else:
            self._kernel = self._products_of_rows(crew)

    def all(self, *, by_svd=False):
        """Return the fits to all rows; ``by_svd`` of a dense X instead of its products."""
        if self.is_tall:
            return Tall(self, self._sums, by_svd)
        return Wide(self, np.arange(self.weights.size), by_svd)

    def fold(self, crew, fold):
        """Return the fits to the rows that a `Fold` learns from."""
        if not self.is_tall:
            return Wide(self, fold.learned)
        if fold.splits(self.weights.size):
            return Tall(self, self._sums - self._sums_over(crew, fold.held))
        return Tall(self, self._sums_over(crew, fold.learned))

    def weighted(self):
        """Return all rows less the centre, times the roots of their weights: a copy of a dense X."""
        return np.sqrt(self.weights)[:, None] * (self._X - self.centre)

    def times(self, rows, matrix):
        """Yield (place in rows, the product of these rows of X, less the centre, with a matrix)."""
        shift = self.centre @ matrix
        for place in _pieces(rows.size):
            if self.is_sparse:
                yield place, self._X[rows[place]] @ matrix - shift
            else:
                yield place, self._block(rows[place]) @ matrix

    def combined(self, duals):
        """Return X' @ duals, of all rows, not centred."""
        if self.is_sparse:
            return self._X.T @ duals
        return sum(self._X[place].T @ duals[place] for place in _pieces(duals.shape[0]))

    def products(self, rows, others):
        """Return the products of some rows of a wide X, less the centre, with others."""
        return self._kernel[np.ix_(rows, others)]

    def _block(self, rows):
        """Return rows of a dense X less the centre, as doubles."""
        adjacent = rows[-1] - rows[0] + 1 == rows.size
        return self._X[slice(rows[0], rows[-1] + 1) if adjacent else rows] - self.centre

    def _sums_over(self, crew, rows):
        """Return sum_i s_i z_i z_i', z the row of X and its targets, less their centres, and 1."""
        if self.is_sparse:
            return self._sparse_sums_over(rows)
        parts = max(1, min(_MOST_PARTS, rows.size // (4 * _AT_ONCE)))
        size = self.centre.size + self.target_centre.size + 1
        partial = np.zeros((parts, size, size))

        def add(part, start, stop):
            for place in _pieces(stop - start):
                chosen = rows[start:stop][place]
                z = np.column_stack([self._block(chosen), self.targets[chosen], np.ones(chosen.size)])
                z *= np.sqrt(self.weights[chosen])[:, None]
                partial[part] += z.T @ z

        crew.each(add, [rows.size * part // parts for part in range(parts + 1)])
        return partial.sum(axis=0)

    def _sparse_sums_over(self, rows):
        roots = np.sqrt(self.weights[rows])[:, None]
        X = self._X[rows].multiply(roots).tocsr()
        others = roots * np.column_stack([self.targets[rows], np.ones(rows.size)])
        across = X.T @ others
        total = others[:, -1] @ others[:, -1]
        sums = across[:, -1] - 0.5 * total * self.centre
        shift = np.outer(sums, self.centre)
        products = (X.T @ X).toarray() - shift - shift.T
        across = across - np.outer(self.centre, others[:, -1] @ others)
        return np.block([[products, across], [across.T, others.T @ others]])

    def _products_of_rows(self, crew):
        """Return the products of all rows, less the centre, with each other."""
        n_samples, n_features = self._X.shape
        if self.is_sparse:
            shift = self._X @ self.centre - 0.5 * self.centre @ self.centre
            return (self._X @ self._X.T).toarray() - shift - shift[:, None]
        parts = max(1, min(_MOST_PARTS, n_features // (4 * _AT_ONCE)))
        partial = np.zeros((parts, n_samples, n_samples))

        def add(part, start, stop):
            for place in _pieces(stop - start):
                columns = slice(start + place.start, start + place.stop)
                block = self._X[:, columns] - self.centre[columns]
                partial[part] += block @ block.T

        crew.each(add, [n_features * part // parts for part in range(parts + 1)])
        return partial.sum(axis=0)


def _pieces(count):
    return [slice(first, min(first + _AT_ONCE, count)) for first in range(0, count, _AT_ONCE)]


def _mirrored(direction, matrix):
    """Return a matrix whose columns are mirrored along a direction, unless that is 0."""
    square = direction @ direction
    return matrix if square == 0 else matrix - np.outer(direction * (2 / square), direction @ matrix)


class _Fits:
    """Fits of some rows at every alpha, all in units less the centre of `RidgeRows`.

    ``_values`` are eigenvalues, ``_parts`` the targets along the eigenvectors.
    """

    def _inverse(self, alphas):
        """Return 1 / (eigenvalue + alpha), of (n_eigenvalues, n_alphas)."""
        values = np.maximum(self._values, 0.0)
        shifted = values[:, None] + alphas
        kept = (shifted > _ZERO * values.max(initial=0.0)) | (alphas > 0)
        return np.where(kept, 1.0 / np.where(kept, shifted, 1.0), 0.0)

    def _spread(self, alphas):
        """Return the inverse times the parts of the targets, a column for each alpha and target."""
        inverse = self._inverse(alphas)
        return (inverse[:, :, None] * self._parts[:, None, :]).reshape(len(inverse), -1)

    def fits(self, alphas):
        """Return weights of (n_alphas, n_targets, n_features), and intercepts, in the units of X and y."""
        rows = self._rows
        coefs, intercepts = self._coefs(alphas)
        coefs = coefs.T.reshape(*intercepts.shape, -1)
        return coefs, intercepts + rows.target_centre - coefs @ rows.centre


class Tall(_Fits):
    """Fits by the eigenvectors of X'X, from the sums over the rows that are learned from."""

    def __init__(self, rows, sums, by_svd=False):
        self._rows = rows
        n_features = rows.centre.size
        self._total = sums[-1, -1]
        mean = sums[-1, :-1] / self._total if rows.has_intercept else np.zeros(len(sums) - 1)
        products = sums[:-1, :-1] - self._total * np.outer(mean, mean)
        self._mean, self._target_mean = mean[:n_features], mean[n_features:]
        if by_svd and not rows.is_sparse:
            _, singular, vectors = np.linalg.svd(rows.weighted(), full_matrices=False)
            self._values, self._vectors = singular**2, vectors.T
        else:
            self._values, self._vectors = np.linalg.eigh(products[:n_features, :n_features])
        self._parts = self._vectors.T @ products[:n_features, n_features:]

    def _coefs(self, alphas):
        """Return weights, a column for each alpha and target, and intercepts of (n_alphas, n_targets)."""
        coefs = self._vectors @ self._spread(alphas)
        return coefs, self._target_mean - (self._mean @ coefs).reshape(alphas.size, -1)

    def predictions(self, held, alphas):
        """Return what is predicted for other rows, of (n_held, n_alphas, n_targets)."""
        coefs, intercepts = self._coefs(alphas)
        found = np.empty((held.size, coefs.shape[1]))
        for place, product in self._rows.times(held, coefs):
            found[place] = product
        return found.reshape(held.size, *intercepts.shape) + intercepts + self._rows.target_centre

    def left_out(self, alphas):
        """Yield (rows, the error of each where it is left out, of (n_rows, n_alphas, n_targets))."""
        rows = self._rows
        spread, inverse = self._spread(alphas), self._inverse(alphas)
        mean = self._mean @ self._vectors
        for place, product in rows.times(np.arange(rows.weights.size), self._vectors):
            along = product - mean
            fitted = (along @ spread).reshape(len(along), alphas.size, -1) + self._target_mean
            shares = along**2 @ inverse + (1.0 / self._total if rows.has_intercept else 0.0)
            own = 1.0 - rows.weights[place, None] * shares
            yield place, (rows.targets[place, None, :] - fitted) / own[:, :, None]


class Wide(_Fits):
    """Fits by the eigenvectors of X X'; of rows of weight 0 nothing is learned."""

    def __init__(self, rows, learned, by_svd=False):
        self._rows = rows
        self._learned = learned = learned[rows.weights[learned] > 0]
        weights, targets = rows.weights[learned], rows.targets[learned]
        self._roots = np.sqrt(weights)
        self._shares = weights / weights.sum() if rows.has_intercept else np.zeros(learned.size)
        self._target_mean = self._shares @ targets
        kernel = rows.products(learned, learned)
        self._mean_products = kernel @ self._shares
        kernel = self._centred(kernel) * self._roots * self._roots[:, None]
        # The constant direction has no part in the weights. Mirrored onto the first axis it is left out.
        first = int(rows.has_intercept)
        mirror = np.sqrt(self._shares)
        mirror[:first] += 1.0
        if by_svd and not rows.is_sparse:
            centred = rows.weighted()[learned] - np.outer(self._roots, self._mean())
            vectors, singular, _ = np.linalg.svd(_mirrored(mirror, centred)[first:], full_matrices=False)
            self._values = singular**2
        else:
            kernel = _mirrored(mirror, _mirrored(mirror, kernel).T)
            self._values, vectors = np.linalg.eigh(kernel[first:, first:])
        vectors = np.concatenate([np.zeros((first, vectors.shape[1])), vectors])
        self._vectors = _mirrored(mirror, vectors)
        self._parts = self._vectors.T @ (self._roots[:, None] * (targets - self._target_mean))

    def _centred(self, products):
        """Return products of some rows with those learned from, less the means of the latter."""
        other = products @ self._shares
        return products - self._mean_products - other[:, None] + self._shares @ self._mean_products

    def _duals(self, alphas):
        """Return the weights of rows of which the weights are sums, a column for each alpha and target."""
        return self._vectors @ self._spread(alphas)

    def _combined(self, duals):
        """Return sums over the rows learned from, less the centre."""
        rows = self._rows
        every = np.zeros((rows.weights.size, duals.shape[1]))
        every[self._learned] = duals
        return rows.combined(every) - np.outer(rows.centre, duals.sum(axis=0))

    def _mean(self):
        return self._combined(self._shares[:, None]).ravel()

    def _coefs(self, alphas):
        """As `Tall._coefs`."""
        duals = self._roots[:, None] * self._duals(alphas)
        coefs = self._combined(duals - np.outer(self._shares, duals.sum(axis=0)))
        return coefs, self._target_mean - (self._mean() @ coefs).reshape(alphas.size, -1)

    def predictions(self, held, alphas):
        """As `Tall.predictions`."""
        duals = self._roots[:, None] * self._duals(alphas)
        found = self._centred(self._rows.products(held, self._learned)) @ duals
        found = found.reshape(held.size, alphas.size, -1)
        return found + self._target_mean + self._rows.target_centre

    def left_out(self, alphas):
        """As `Tall.left_out`."""
        rows = self._rows
        own = self._vectors**2 @ self._inverse(alphas)
        duals = self._duals(alphas).reshape(self._learned.size, alphas.size, -1)
        yield self._learned, duals / own[:, :, None] / self._roots[:, None, None]
        others = np.flatnonzero(rows.weights == 0)
        if others.size:
            y = rows.targets[others] + rows.target_centre
            yield others, y[:, None, :] - self.predictions(others, alphas)
