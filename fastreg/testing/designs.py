"""`check_design`: a design reads the matrix it stands for."""

from typing import NamedTuple

import numpy as np

from fastreg.jit import completed, expose, kernel
from fastreg.testing.laws import hold


def check_design(design, matrix):
    """Assert that a design reads the matrix it stands for, in plain Python and compiled.

    Parameters
    ----------
    design : NamedTuple
        A stack of vectors, with at least ``dot``, ``axpy`` and ``sum_of_squares``.
    matrix : ndarray of shape (n_vectors, length)
        The same vectors, one per row.

    Raises
    ------
    AssertionError
        If a method returns anything else than NumPy does, beyond rounding.
    """
    matrix = np.asarray(matrix, dtype=np.float64)
    n_vectors, length = matrix.shape
    rng = np.random.default_rng(0)
    v, weights = rng.standard_normal(length), rng.uniform(0.5, 2.0, length)
    a = rng.standard_normal(n_vectors) * (np.arange(n_vectors) % 3 != 0)
    start, stop = n_vectors // 3, n_vectors - n_vectors // 4
    inside = (np.arange(n_vectors) >= start) & (np.arange(n_vectors) < stop)
    expected = {
        "dot": matrix @ v,
        "sum_of_squares": (matrix**2).sum(1),
        "axpy": v + a @ matrix,
        "axpy with a weight per entry": v + weights * (a @ matrix),
        "products": np.where(inside, matrix @ v, 0.0),
        "combine": v + (a * inside) @ matrix,
    }
    largest = max(1.0, np.abs(matrix).max(initial=0.0))
    slack = 1e-14 * largest**2 * max(length, n_vectors)
    for form, term, read in (("in Python", completed(design), _read), ("compiled", design, _compiled_read)):
        found = [np.zeros(n_vectors), np.zeros(n_vectors), v.copy(), v.copy(), np.zeros(n_vectors), v.copy()]
        read(term, v, weights, a, start, stop, *found)
        for (word, wanted), got in zip(expected.items(), found, strict=True):
            worst = np.abs(got - wanted).max(initial=0.0)
            hold(worst <= slack, design, f"{word} is NumPy's", f"{form} it is off by {worst}")
    if hasattr(design, "copy_entries"):
        entries = np.arange(length)[::-2].copy()
        wanted = np.where(inside, matrix[:, entries].T, 0.0)
        for form, term, copy in (
            ("in Python", completed(design), _copy),
            ("compiled", design, _compiled_copy),
        ):
            got = np.zeros((entries.size, n_vectors))
            copy(term, entries, start, stop, got)
            hold(np.array_equal(got, wanted), design, "copy_entries copies entries", f"{form} it does not")

    if hasattr(design, "dot_between"):
        for form, term, look in (
            ("in Python", completed(design), _look),
            ("compiled", design, _compiled_look),
        ):
            dots, held = np.zeros(n_vectors), v.copy()
            look(term, a, held, dots)
            seen = [np.abs(dots - 2 * expected["dot"]).max(), np.abs(held - v - a @ matrix / 2).max()]
            said = f"{form} they are off by {seen}"
            hold(max(seen) <= 2 * slack, design, "dot_between and axpy_through see what the view shows", said)

    if hasattr(design, "dots"):
        operand = rng.standard_normal((length, 3))
        for form, term, multiply in (
            ("in Python", completed(design), _multiply),
            ("compiled", design, _compiled_multiply),
        ):
            got = np.ones((n_vectors, 3))
            multiply(term, operand, got)
            worst = np.abs(got - matrix @ operand).max(initial=0.0)
            hold(worst <= slack, design, "dots is NumPy's product", f"{form} it is off by {worst}")


def _multiply(design, operand, out):
    for j in range(len(out)):
        design.dots(j, operand, out[j])


_compiled_multiply = kernel(_multiply)


class _Doubled(NamedTuple):
    """A vector that is shown at twice its size."""

    held: np.ndarray

    def read(self, i):
        return 2 * self.held[i]

    def add(self, i, amount):
        self.held[i] += amount / 2


expose("read")
expose("add")


def _look(design, a, held, dots):
    for j in range(len(dots)):
        first, last = design.span(j)
        middle = first + design.count_before(j, held.size // 3)
        design.fetch_between(first, last)
        view = _Doubled(held)
        dots[j] = design.dot_between(j, first, middle, view) + design.dot_between(j, middle, last, view)
    for j in range(len(dots)):
        design.axpy_through(j, a[j], _Doubled(held))


_compiled_look = kernel(_look)


def _copy(design, entries, start, stop, out):
    design.copy_entries(entries, start, stop, out)


_compiled_copy = kernel(_copy)


def _read(design, v, weights, a, start, stop, dots, squares, moved, weighted, products, combined):
    for j in range(len(dots)):
        dots[j] = design.dot(j, v)
        squares[j] = design.sum_of_squares(j)
        design.axpy(j, a[j], 1.0, moved)
        design.axpy(j, a[j], weights, weighted)
    design.products(v, start, stop, products)
    design.combine(a, start, stop, combined)


_compiled_read = kernel(_read)
