"""Proximal maps of one number, as minima and maxima: no branch, so that loops over them vectorise.

float32 stays float32 (a literal would make it float64), and NaN in any argument comes out as NaN.
"""

from fastreg.jit import elementwise


@elementwise
def clipped(x, bound):
    """Return x moved into [-bound, bound]."""
    # min and max keep the first of two numbers that do not compare: the bound, so that its NaN stays.
    return min(bound, max(-bound, x))


@elementwise
def soft_threshold(x, threshold):
    """Return the minimiser over w of (w - x)**2 / 2 + threshold * |w|.

    Written as x minus its clipped self: exactly 0 inside the threshold.
    """
    return x - clipped(x, threshold)


@elementwise
def shrink(x, amount):
    """Return x / (1 + amount), the minimiser over w of (w - x)**2 / 2 + amount * w**2 / 2."""
    return x / (type(amount)(1) + amount)


@elementwise
def prox_elastic_net(x, l1, l2):
    """Return the minimiser over w of (w - x)**2 / 2 + l1 * |w| + l2 * w**2 / 2."""
    return shrink(soft_threshold(x, l1), l2)


@elementwise
def firm_threshold(x, threshold, gamma):
    """Return the proximal step of length 1 of the minimax concave penalty (Zhang 2010), gamma above 1.

    The penalty is threshold * |w| - w**2 / (2 gamma) up to |w| = gamma * threshold, and constant from there
    on. Its step is a soft threshold that is stretched until it meets the identity, at gamma * threshold.
    """
    one = type(gamma)(1)
    stretched = abs(soft_threshold(x, threshold)) / (one - one / gamma)
    return clipped(x, min(stretched, abs(x)))


@elementwise
def scad_threshold(x, threshold, gamma):
    """Return the proximal step of length 1 of SCAD (Fan and Li 2001), gamma above 2.

    The slope of the penalty is threshold up to |w| = threshold, falls linearly to 0 at gamma * threshold and
    is 0 from there on. Its step is the soft threshold up to 2 * threshold, the identity from
    gamma * threshold on, and the line between them: the middle one of three numbers.
    """
    inverse = type(gamma)(1) / gamma
    size = abs(x)
    line = size + (size * inverse - threshold) / (type(gamma)(1) - (inverse + inverse))
    return clipped(x, min(max(line, abs(soft_threshold(x, threshold))), size))
