"""Every form of a term gives the same numbers: plain Python and compiled, float32 and float64."""

import numpy as np

from fastreg.jit import checked, completed
from fastreg.testing.laws import hold

_ULP = float(np.finfo(np.float64).eps)


def same_in_every_form(term, kind, n_features, words, tabulate, compiled, others, scale):
    """Assert that compiled code agrees with plain Python, and float32 with float64.

    Parameters
    ----------
    term : NamedTuple
        A penalty or a loss, as its user writes it.
    kind : {"penalty", "loss"}
        What it is.
    n_features : int
        Number of features to go through.
    words : tuple of str
        What ``tabulate`` writes, in order.
    tabulate : function
        ``tabulate(term, n_features, points, others, out)`` fills ``out[feature, other, point, word]``.
    compiled : function
        ``fastreg.kernel(tabulate)``.
    others : sequence of float
        The second argument besides the points: steps, or targets.
    scale : float
        The points lie in about [-scale, scale].

    Raises
    ------
    AssertionError
        If two forms disagree.
    """
    # Numbers of float32 that are not round: a jump of the term should fall between them.
    points = (scale * np.linspace(-1.003, 1.001, 29)).astype(np.float32)

    def table(run, term, dtype):
        out = np.zeros((n_features, len(others), len(points), len(words)))
        run(term, n_features, points.astype(dtype), np.asarray(others, dtype=dtype), out)
        return out

    # Under NUMBA_DISABLE_JIT a kernel is its Python function, which needs the defaults mixed in.
    form = completed if compiled is tabulate else lambda term: term
    single, double = checked(term, kind, n_features, np.float32), checked(term, kind, n_features)
    python = table(tabulate, completed(double), np.float64)
    # The vocabulary's defaults (a NaN, a difference of slopes) are not the term's to answer for.
    own = np.array([hasattr(type(term), word) for word in words])
    sizes = np.abs(python) + np.abs(points)[:, None]
    # A fused multiplication and addition rounds once less than Python: a few units in the last place.
    for law, found, tolerance in (
        ("compiled code is Python's", table(compiled, form(double), np.float64), 16 * _ULP * sizes),
        ("float32 is close to float64", table(compiled, form(single), np.float32), 1e-5 * (1 + sizes)),
    ):
        finite = np.isfinite(found) & np.isfinite(python)
        same = (found == python) | (np.isnan(found) & np.isnan(python))
        difference = np.abs(np.where(finite, found, np.inf) - np.where(finite, python, 0.0))
        same |= ~own
        for j, k, i, word in np.argwhere(~same & ~(difference <= tolerance))[:1]:
            call = f"{words[word]} at {points[i]} with {others[k]} for feature {j}"
            hold(False, term, law, f"{call} is {found[j, k, i, word]}, not {python[j, k, i, word]}")
