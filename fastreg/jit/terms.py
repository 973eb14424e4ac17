"""The vocabulary of terms, the default of every optional word, and what a term must offer.

A term is a `typing.NamedTuple` class with ordinary methods. Solvers know a term by these words
only; what it does not define is taken from here, in plain Python and compiled alike.
"""

import functools
import inspect
from numbers import Real

import numpy as np

from fastreg.jit.groups import group_numbers


class PenaltyDefaults:
    """Words a penalty may leave out; NaN says that the answer is not known."""

    def conjugate(self, u, j):
        """Return sup over w of u * w - value(w, j), infinite outside its domain."""
        return np.nan

    def maximiser(self, u, j):
        """Return the weight that attains the conjugate (infinite outside its domain)."""
        return np.nan

    def curvature(self, weight, j):
        """Return the second derivative; only terms that are smooth everywhere define it."""
        return np.nan

    def stiffness(self, weight, j):
        """Return the second derivative, infinity where a small change of the data leaves the weight."""
        return self.curvature(weight, j)

    def critical_strength(self, gradient, j):
        """Return the multiple of this penalty at which weight 0 is optimal at this gradient."""
        return np.nan

    def threshold(self, step, j):
        """Return t where prox(w, step, j) is soft_threshold(w, t) * shrinkage(step, j)."""
        return np.nan

    def shrinkage(self, step, j):
        """Return the factor, in (0, 1], that prox multiplies the soft-thresholded weight by."""
        return np.nan


class LossDefaults:
    """Words a loss may leave out."""

    def curvature(self, y, prediction):
        """Return the second derivative in the prediction: a central difference of the slope."""
        width = 6e-6 * max(1.0, abs(prediction))
        return (self.slope(y, prediction + width) - self.slope(y, prediction - width)) / (2 * width)

    def curvature_bound(self, y):
        """Return the most by which the slope grows per unit of the prediction, infinity where it jumps."""
        return np.nan

    def conjugate(self, y, u):
        """Return sup over p of u * p - value(y, p); NaN says that it is not known."""
        return np.nan


class DesignDefaults:
    """Words a design may leave out: the bulk forms of its dot and axpy, and a hint."""

    def products(self, v, start, stop, out):
        """Write the dot products of vectors start:stop with v into out[start:stop]."""
        for j in range(start, stop):
            out[j] = self.dot(j, v)

    def combine(self, a, start, stop, out):
        """Add a[j] times vector j to out, for j in start:stop."""
        for j in range(start, stop):
            if a[j] != 0:
                self.axpy(j, a[j], 1.0, out)

    def fetch_between(self, first, last):
        """Do nothing: the processor sees by itself what is read next."""


# The words a noun is recognised by, with their signatures, and the defaults of the others.
# A block penalty has a field `groups` and is a penalty of the norm of each group's weights.
REQUIRED = {
    "penalty": {"value": ("weight", "j"), "prox": ("weight", "step", "j")},
    "block penalty": {"value": ("norm", "g"), "prox": ("norm", "step", "g")},
    "loss": {"value": ("y", "prediction"), "slope": ("y", "prediction")},
    "design": {"dot": ("j", "v"), "axpy": ("j", "a", "scale", "v"), "sum_of_squares": ("j",)},
}
DEFAULTS = {
    "penalty": PenaltyDefaults,
    "block penalty": PenaltyDefaults,
    "loss": LossDefaults,
    "design": DesignDefaults,
}
_TELLTALE = {"prox": "penalty", "slope": "loss", "dot": "design"}
# Words without a default that are called when a term has them.
OPTIONAL = (
    "gradient",
    "copy_entries",
    "span",
    "dot_between",
    "axpy_between",
    "axpy_through",
    "count_entries",
    "first_entry",
    "count_before",
    "count_until",
    "list_entries",
)
# Functions that every NamedTuple class has.
_GENERATED = ("_make", "_replace", "_asdict")


def noun(term_class):
    """Return "penalty", "block penalty", "loss", "design" or None: what a class is, told by its methods."""
    if not hasattr(term_class, "_fields"):
        return None
    if "groups" in term_class._fields and hasattr(term_class, "prox"):
        return "block penalty"
    return next((kind for word, kind in _TELLTALE.items() if hasattr(term_class, word)), None)


def words():
    """Return every word of the vocabulary."""
    defaults = (name for group in DEFAULTS.values() for name in vars(group) if not name.startswith("_"))
    required = (name for group in REQUIRED.values() for name in group)
    return sorted({*defaults, *required, *OPTIONAL})


def methods_of(term_class):
    """Return the plain functions a term class defines or inherits, by name."""
    return {
        name: member
        for base in reversed(term_class.__mro__)
        for name, member in vars(base).items()
        if not name.startswith("__")
        and name not in _GENERATED
        and (inspect.isfunction(member) or hasattr(member, "py_func"))
    }


def find_method(term_class, name):
    """Return the function behind ``term.name(...)``: the class's own, else the default, else None."""
    own = getattr(term_class, name, None)
    if own is not None:
        return own
    return getattr(DEFAULTS.get(noun(term_class)), name, None)


def kind_of_penalty(penalty):
    """Return "block penalty" or "penalty", which is also the word for what is no penalty at all."""
    return "block penalty" if noun(type(penalty)) == "block penalty" else "penalty"


@functools.cache
def _completed_class(term_class):
    return type(term_class.__name__, (term_class, DEFAULTS[noun(term_class)]), {"__slots__": ()})


def completed(term):
    """Return the term with the defaults mixed in, for plain Python to call any word of it."""
    fields = (completed(field) if noun(type(field)) else field for field in term)
    return _completed_class(type(term))(*fields)


def checked(term, kind, n_features, dtype=np.float64):
    """Return ``term`` validated and cast for ``n_features`` columns.

    Parameters
    ----------
    term : NamedTuple
        A penalty, loss or design, fastreg's or a user's own.
    kind : {"penalty", "block penalty", "loss"}
        What it must be.
    n_features : int
        Length that an array field of a penalty must have.
    dtype : dtype
        Type that numbers and arrays are cast to, so that ``L1(1)`` and ``L1(1.0)`` share their code.

    Returns
    -------
    NamedTuple
        A new term of the same class. The groups of a block penalty are group numbers, and its other array
        fields have one entry per group.

    Raises
    ------
    TypeError
        If it is no term of that kind, or a method is missing or takes other arguments.
    ValueError
        If a field has a value it cannot have.
    """
    term_class = type(term)
    if inspect.isclass(term):
        raise TypeError(f"{kind}={term.__name__} is a class: pass an instance, {term.__name__}(...).")
    if not (isinstance(term, tuple) and hasattr(term_class, "_fields")):
        raise TypeError(
            f"{kind}={term!r} is no term: pass a typing.NamedTuple with the methods "
            f"{_spelled(kind)}, such as those in fastreg.{'losses' if kind == 'loss' else 'penalties'}."
        )
    _check_words(term_class, kind)
    if kind == "block penalty":
        term = term._replace(groups=group_numbers(term_class.__name__, term.groups, n_features))
        n_features = int(term.groups.max()) + 1
    elif noun(term_class) == "block penalty":
        raise TypeError(
            f"{term_class.__name__} penalises groups of weights, and this takes penalties of single weights: "
            f"pass one of those, such as L1, or fit it with fastreg.solve and one prediction per row."
        )
    own = getattr(term_class, "checked", None)
    return own(term, n_features, dtype) if own is not None else cast_fields(term, dtype)


@functools.cache
def _check_words(term_class, kind):
    """Refuse a class that lacks a word of its kind, or takes other arguments for it."""
    for word, arguments in REQUIRED[kind].items():
        method = getattr(term_class, word, None)
        if method is None:
            raise TypeError(
                f"{term_class.__name__} is no {kind}: it has no method {word}({', '.join(arguments)})."
            )
        found = tuple(inspect.signature(getattr(method, "py_func", method)).parameters)[1:]
        if len(found) != len(arguments):
            raise TypeError(
                f"{term_class.__name__}.{word} takes ({', '.join(found)}): "
                f"a {kind} needs {word}({', '.join(arguments)})."
            )


def cast_fields(term, dtype):
    """Return the term with every number and array cast to ``dtype``, terms inside it too."""
    return type(term)(
        *(_cast(term, name, value, dtype) for name, value in zip(term._fields, term, strict=True))
    )


def _cast(term, name, value, dtype):
    if noun(type(value)) is not None:
        return cast_fields(value, dtype)
    if name == "groups" and noun(type(term)) == "block penalty":
        return value
    if isinstance(value, Real):
        return np.dtype(dtype).type(value)
    try:
        return np.ascontiguousarray(value, dtype=dtype)
    except (TypeError, ValueError):
        raise TypeError(
            f"{type(term).__name__}.{name}={value!r} is neither a number nor an array of numbers: "
            f"compiled terms hold nothing else."
        ) from None


def _spelled(kind):
    return " and ".join(f"{word}({', '.join(arguments)})" for word, arguments in REQUIRED[kind].items())
