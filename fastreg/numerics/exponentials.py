"""Exponentials, logarithms and what is made of them, in a form that vectorises.

Numba has no vector mathematics library, so ``math.exp`` in a loop is one call of libm per element.
The versions here are branch-free polynomials that LLVM vectorises, accurate to about two units in
the last place. They compute in float64 whatever they are given: what is kept in float32 is rounded once.
"""

from fastreg.jit import bits_to_float, elementwise, float_to_bits

_LOG2_E = 1.4426950408889634
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
# Adding and subtracting 1.5 * 2**52 rounds to an integer and leaves it in the low bits.
_ROUND = 6755399441055744.0
_ROUND_BITS = 0x4338000000000000
_SQRT2 = 1.4142135623730951


@elementwise
def exp(x):
    """Return e**x for x clamped to [-708, 709].

    Cody and Waite reduction to |r| <= ln(2)/2, then the Taylor polynomial of degree 13 (error below
    2e-17 relative).
    """
    clipped = min(max(float(x), -708.0), 709.0)
    shifted = clipped * _LOG2_E + _ROUND
    whole = shifted - _ROUND
    r = clipped - whole * _LN2_HIGH - whole * _LN2_LOW
    p = 1.0 / 6227020800.0
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    exponent = ((float_to_bits(shifted) & 4095) + 1023) & 2047
    return p * bits_to_float(exponent << 52)


@elementwise
def _log_near_one(f, lost):
    """Return log(1 + f + lost) for f in [sqrt(1/2) - 1, sqrt(2) - 1]: the polynomial of fdlibm."""
    s = f / (2.0 + f)
    z = s * s
    q = 1.479819860511658591e-01
    q = q * z + 1.531383769920937332e-01
    q = q * z + 1.818357216161805012e-01
    q = q * z + 2.222219843214978396e-01
    q = q * z + 2.857142874366239149e-01
    q = q * z + 3.999999999940941908e-01
    q = q * z + 6.666666666666735130e-01
    half_square = 0.5 * f * f
    return f - (half_square - (s * (half_square + q * z) + lost))


@elementwise
def log(x):
    """Return the natural logarithm of a positive normal number."""
    bits = float_to_bits(float(x))
    exponent = (bits >> 52) - 1023
    mantissa = bits_to_float((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000)
    halved = mantissa > _SQRT2
    f = (0.5 * mantissa if halved else mantissa) - 1.0
    whole = (bits_to_float(exponent + _ROUND_BITS) - _ROUND) + (1.0 if halved else 0.0)
    return whole * _LN2_HIGH + _log_near_one(f, whole * _LN2_LOW)


@elementwise
def log1p_of_unit(x):
    """Return log(1 + x) for x in [0, 1]; what 1 + x loses by rounding is given back."""
    x = float(x)
    total = 1.0 + x
    lost = (x - (total - 1.0)) / total
    halved = total > _SQRT2
    f = (0.5 * total if halved else total) - 1.0
    whole = 1.0 if halved else 0.0
    return whole * _LN2_HIGH + _log_near_one(f, whole * _LN2_LOW + lost)


@elementwise
def log1pexp(x):
    """Return log(1 + e**x) without overflow."""
    return max(float(x), 0.0) + log1p_of_unit(exp(-abs(x)))


@elementwise
def sigmoid(x):
    """Return 1 / (1 + e**-x) without overflow, accurate in both tails."""
    small = exp(-abs(x))
    return (1.0 if x >= 0 else small) / (1.0 + small)


@elementwise
def entropy_term(t):
    """Return t * log(t), 0 at t = 0."""
    return t * log(max(t, 1e-300))
