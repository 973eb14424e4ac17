"""Kernels that go once over rows or columns; each block writes its own slots of a partial sum."""

import numpy as np

from fastreg.jit import elementwise, kernel, reduction

_TILE = 1024  # rows


@reduction
def total(x):
    """Return the sum of an array."""
    result = 0.0
    for i in range(x.size):
        result += x[i]
    return result


@reduction
def total_magnitude(x):
    """Return the sum of absolute values of an array."""
    result = 0.0
    for i in range(x.size):
        result += abs(x[i])
    return result


@reduction
def weighted_square(x, weights):
    """Return the sum of x**2 / weights."""
    result = 0.0
    for i in range(x.size):
        result += x[i] * x[i] / weights[i]
    return result


@elementwise
def copy_into(source, target):
    """Copy an array; a slice assignment would compile two seconds of error messages along."""
    for i in range(target.size):
        target[i] = source[i]


@kernel
def evaluate_rows(
    block, start, stop, loss, y, weights, prediction, shift, values, slopes, curvatures, partial
):
    """Evaluate the weighted loss, its slopes and curvatures at prediction + shift.

    partial[block] = sums of loss, slopes, curvatures and absolute slopes. The values are stored before
    they are summed, and each is written by a loop of its own: one loop for all three does not vectorise.
    What one loop reads, the next finds in the cache.
    """
    loss_sum = slope_sum = curvature_sum = magnitude = 0.0
    for first in range(start, stop, _TILE):
        last = min(first + _TILE, stop)
        labels, shares, points = y[first:last], weights[first:last], prediction[first:last]
        own_values, own_slopes = values[start : start + last - first], slopes[first:last]
        own_curvatures = curvatures[first:last]
        for i in range(labels.size):
            own_values[i] = shares[i] * loss.value(labels[i], points[i] + shift)
        for i in range(labels.size):
            own_slopes[i] = shares[i] * loss.slope(labels[i], points[i] + shift)
        for i in range(labels.size):
            own_curvatures[i] = shares[i] * loss.curvature(labels[i], points[i] + shift)
        loss_sum += total(own_values)
        slope_sum += total(own_slopes)
        curvature_sum += total(own_curvatures)
        magnitude += total_magnitude(own_slopes)
    partial[block, 0] = loss_sum
    partial[block, 1] = slope_sum
    partial[block, 2] = curvature_sum
    partial[block, 3] = magnitude


@kernel
def row_losses(block, start, stop, loss, y, prediction, losses):
    """Write the loss of each row."""
    for i in range(start, stop):
        losses[i] = loss.value(y[i], prediction[i])


@kernel
def slack_rows(block, start, stop, loss, y, weights, prediction, scale, values, partial):
    """Sum the Fenchel-Young slack of the loss at the dual point scale * slope.

    Rows of weight 0 are dropped in a loop of their own, as the first would not vectorise with that branch.
    """
    slack = 0.0
    for first in range(start, stop, _TILE):
        last = min(first + _TILE, stop)
        labels, shares, points = y[first:last], weights[first:last], prediction[first:last]
        own_values = values[start : start + last - first]
        for i in range(labels.size):
            u = scale * loss.slope(labels[i], points[i])
            own_values[i] = loss.value(labels[i], points[i]) + loss.conjugate(labels[i], u) - u * points[i]
        for i in range(labels.size):
            own_values[i] = shares[i] * own_values[i] if shares[i] > 0 else 0.0
        slack += total(own_values)
    partial[block, 0] = slack


@elementwise
def stationarity(penalty, weight, gradient, j):
    """Return abs(weight - prox(weight - gradient)): 0 where coordinate j is optimal.

    For a weight 0 that is optimal the answer is negative, the critical strength less 1, where that is known:
    how far the weight is from being wanted.
    """
    distance = abs(weight - penalty.prox(weight - gradient, 1.0, j))
    if distance == 0 and weight == 0:
        below = penalty.critical_strength(gradient, j) - 1
        if below < 0:
            return below
    return distance


@kernel
def score_columns(
    block,
    start,
    stop,
    design,
    positions,
    features,
    scale,
    slopes,
    penalty,
    coef,
    free,
    gradient,
    scores,
    partial,
):
    """The fused pass: gradient, penalty value, critical strength, slack and priorities of columns.

    ``positions[k]`` is column k in the design, ``features[k]`` its number in the penalty. A free feature
    (unpenalised) has no slack: the dual point is orthogonal to it.
    partial[block] = penalty, largest critical strength, slack at the unscaled dual point, largest score.
    """
    if start < stop and positions[start] == start and positions[stop - 1] == stop - 1:
        design.products(slopes, start, stop, gradient)
    else:
        for k in range(start, stop):
            gradient[k] = design.dot(positions[k], slopes)
    for k in range(start, stop):
        gradient[k] *= scale[k]
    _score(start, stop, features, penalty, coef, free, gradient, 1.0, scores, partial[block])


@kernel
def rescore_columns(block, start, stop, features, penalty, coef, free, gradient, dual_scale, scores, partial):
    """As `score_columns` for a gradient that is known, with the slack at ``dual_scale`` times it."""
    _score(start, stop, features, penalty, coef, free, gradient, dual_scale, scores, partial[block])


@elementwise
def _score(start, stop, features, penalty, coef, free, gradient, dual_scale, scores, sums):
    penalties = 0.0
    critical = 0.0
    slack = 0.0
    largest = 0.0
    for k in range(start, stop):
        j = features[k]
        value = penalty.value(coef[k], j)
        penalties += value
        scores[k] = abs(gradient[k]) if free[k] else stationarity(penalty, coef[k], gradient[k], j)
        largest = max(largest, scores[k])
        if not free[k]:
            critical = max(critical, penalty.critical_strength(gradient[k], j))
            scaled = dual_scale * gradient[k]
            slack += value + penalty.conjugate(-scaled, j) + scaled * coef[k]
    sums[0] = penalties
    sums[1] = critical
    sums[2] = slack
    sums[3] = largest


@reduction
def dot(a, b):
    """Return a . b, inside a kernel."""
    result = 0.0
    for i in range(a.size):
        result += a[i] * b[i]
    return result


@kernel
def inner_product(a, b):
    """Return a . b; BLAS would split the sum by a number of threads that others may change."""
    return dot(a, b)


@elementwise
def sum_of_penalties(penalty, features, coef):
    """Return the sum of the penalty over some weights, inside a kernel."""
    result = 0.0
    for k in range(features.size):
        result += penalty.value(coef[k], features[k])
    return result


@kernel
def penalty_total(penalty, features, coef):
    """Return the sum of the penalty over some weights."""
    return sum_of_penalties(penalty, features, coef)


@kernel
def move_into_domain(penalty, coef, forgiven):
    """Move weights of infinite penalty to the nearest allowed one, if it is within a share of them.

    The prox of step 0 is the projection onto the domain.
    """
    for j in range(coef.size):
        if penalty.value(coef[j], j) == np.inf:
            nearest = penalty.prox(coef[j], 0.0, j)
            if abs(nearest - coef[j]) <= forgiven * abs(coef[j]):
                coef[j] = nearest


@kernel
def smooth_terms(penalty, coef):
    """Return first and second derivatives of a smooth penalty."""
    slopes, curvatures = np.empty_like(coef), np.empty_like(coef)
    for j in range(coef.size):
        slopes[j] = penalty.gradient(coef[j], j)
        curvatures[j] = penalty.curvature(coef[j], j)
    return slopes, curvatures


@kernel
def classify_features(penalty, n_features, free):
    """Mark the features that nothing penalises: no weight costs anything, however large."""
    for j in range(n_features):
        free[j] = penalty.value(1e100, j) == 0 and penalty.value(-1e100, j) == 0


@kernel
def holds_zero(penalty, gradient, free):
    """Return whether the weight 0 of every penalised feature is a fixed point of the prox step."""
    for j in range(gradient.size):
        if not free[j] and penalty.prox(-gradient[j], 1.0, j) != 0:
            return False
    return True


@kernel
def column_moments(block, start, stop, design, positions, weights, total_weight, centring, mass, squares):
    """Write the sums of weights * x and of weights * (x - centring * mean)**2 of columns.

    Without centring nobody asks for the mass, and it is 0. The squares are summed about the mean, not
    corrected for it after: a column far from 0 would lose them.
    """
    for k in range(start, stop):
        mass[k] = design.weighted_sum(positions[k], weights) if centring != 0 else 0.0
        centre = centring * mass[k] / total_weight
        squares[k] = design.weighted_squares(positions[k], weights, centre, total_weight)


@kernel
def column_sums(block, start, stop, design, positions, weights, out):
    """Write the sums of weights * x of columns."""
    for k in range(start, stop):
        out[k] = design.weighted_sum(positions[k], weights)


@kernel
def vector_products(block, start, stop, design, v, out):
    """Write the dot products of vectors start:stop with v."""
    design.products(v, start, stop, out)


@kernel
def copy_entries(block, start, stop, design, entries, out):
    """Write some entries of vectors start:stop, transposed, into out[:, start:stop]."""
    design.copy_entries(entries, start, stop, out)


@kernel
def accumulate(block, start, stop, design, positions, a, partial):
    """Write the sum of a[k] * vector positions[k], k in start:stop, into partial[block]."""
    out = partial[block]
    for i in range(out.size):
        out[i] = 0.0
    if start < stop and positions[start] == start and positions[stop - 1] == stop - 1:
        design.combine(a, start, stop, out)
    else:
        for k in range(start, stop):
            if a[k] != 0:
                design.axpy(positions[k], a[k], 1.0, out)


@kernel
def accumulate_pairs(part, start, stop, design, count, parts, piece, pieces, weights, partial):
    """Add weights[i] * x_i x_i' to partial[part], over one piece of the part's share of the vectors.

    Of each two entries that mirror each other one is written, whichever.
    """
    first = count * (part * pieces + piece) // (parts * pieces)
    last = count * (part * pieces + piece + 1) // (parts * pieces)
    design.combine_pairs(weights, first, last, partial[part])


@kernel
def accumulate_squares(block, start, stop, design, a, centre, partial):
    """Write the sum of a[j] * (vector j - centre)**2 over stored entries into partial[block]."""
    out = partial[block]
    for i in range(out.size):
        out[i] = 0.0
    design.combine_squares(a, centre, start, stop, out)


@kernel
def count_by_position(design, positions, counts):
    """Add to counts how many of some vectors have an entry at each position."""
    for k in range(positions.size):
        design.count_entries(positions[k], counts)


@kernel
def add_partials(block, start, stop, partial, out):
    """Write the sum of partial[0], partial[1], ... into out[start:stop], in that order."""
    part = out[start:stop]
    copy_into(partial[0, start:stop], part)
    for b in range(1, partial.shape[0]):
        row = partial[b, start:stop]
        for i in range(part.size):
            part[i] += row[i]


@kernel
def all_finite(block, start, stop, values, partial):
    """Write 0 into partial[block] if values[start:stop] and their squares are all finite, else NaN."""
    partial[block, 0] = _zero_if_finite(values[start:stop])


@reduction
def _zero_if_finite(x):
    result = 0.0
    for i in range(x.size):
        result += float(x[i]) * float(x[i]) * 0.0
    return np.float64(result)
