"""Methods of terms inside kernels: the same source, the same answer, compiled and in plain Python."""

from typing import NamedTuple

import numpy as np
import pytest
from numba import config, njit
from numba.core.errors import NumbaError
from subprocesses import run

import fastreg
from fastreg.jit import TermError, at, completed, elementwise
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2, Bounded, NoPenalty

needs_compiler = pytest.mark.skipif(config.DISABLE_JIT, reason="says something of compiled code only")


@fastreg.kernel
def value_of(term, weight):
    return term.value(weight, 0)


@fastreg.kernel
def prox_of(term, weight):
    return term.prox(weight, 0.5, 0)


@njit
def value_in_plain_numba(term, weight):
    return term.value(weight, 0)


class Fieldless(NamedTuple):
    def value(self, weight, j):
        return weight * 4.0

    def prox(self, weight, step, j):
        return self.value(weight, j) + step


class Defaults(NamedTuple):
    strength: float

    def scaled(self, weight, factor=2.0):
        return self.strength * weight * factor

    def value(self, weight, j):
        return self.scaled(weight) + self.scaled(weight, factor=8.0)

    def prox(self, weight, step, j):
        return self._halved(self._halved(weight)) * step

    def _halved(self, weight):
        return self.scaled(weight, 0.5)


class Heir(Defaults):
    def prox(self, weight, step, j):
        return self.scaled(weight, step)


@elementwise
def or_one(number):
    return 1.0 if number is None else number


class Mixed(NamedTuple):
    inner: Defaults
    empty: Fieldless
    pair: tuple
    nothing: None
    numbers: np.ndarray

    def value(self, weight, j):
        return self.inner.value(weight, j) + self.empty.value(weight, j) + self.pair[1] * self.pair[0]

    def prox(self, weight, step, j):
        return self.inner.prox(weight, step, j) * or_one(self.nothing) + at(self.numbers, 1)


class NamedLikeWords(NamedTuple):
    """A penalty whose fields bear the names of a loss's methods."""

    slope: float
    curvature: float

    def value(self, weight, j):
        return self.slope * abs(weight) + self.curvature

    def prox(self, weight, step, j):
        return weight * self.curvature


MIXED = Mixed(Defaults(2.0), Fieldless(), (3.0, 5), None, np.array([1.0, 7.0]))


@pytest.mark.small
@pytest.mark.parametrize(
    ("term", "value", "prox"),
    [
        (Fieldless(), 12.0, 12.5),
        (Defaults(2.0), 60.0, 1.5),
        (Heir(2.0), 60.0, 3.0),
        (MIXED, 87.0, 8.5),
        (NamedLikeWords(2.0, 0.5), 6.5, 1.5),
        (L1(0.5), 1.5, 2.75),
        (L1(np.array([0.5, 9.0])), 1.5, 2.75),
        (Bounded(L1(0.5), -1.0, 2.0), np.inf, 2.0),
    ],
    ids=lambda term: type(term).__name__ if isinstance(term, tuple) else "",
)
def test_methods_mean_what_they_mean_in_python(term, value, prox):
    assert (term.value(3.0, 0), term.prox(3.0, 0.5, 0)) == (value, prox)
    assert (value_of(term, 3.0), prox_of(term, 3.0)) == (value, prox)
    assert value_in_plain_numba(term, 3.0) == value


@fastreg.kernel
def fields_of(term):
    return term.slope + term.curvature


@pytest.mark.small
def test_a_field_wins_over_a_word_of_its_name():
    term = NamedLikeWords(2.0, 0.5)
    assert fields_of(term) == 2.5
    assert completed(term).curvature == 0.5


@fastreg.kernel
def optional_words(penalty, loss):
    return penalty.conjugate(0.25, 0), penalty.curvature(1.0, 0), loss.curvature(1.0, 2.0)


class OwnLoss(NamedTuple):
    def value(self, y, prediction):
        return (prediction - y) ** 4

    def slope(self, y, prediction):
        return 4.0 * (prediction - y) ** 3


@pytest.mark.small
def test_defaults_stand_in_for_what_a_term_leaves_out():
    unknown, also_unknown, curvature = optional_words(Fieldless(), OwnLoss())
    assert np.isnan(unknown)
    assert np.isnan(also_unknown)
    assert curvature == pytest.approx(12.0, rel=1e-8)  # a central difference of the slope
    assert completed(OwnLoss()).curvature(1.0, 2.0) == pytest.approx(curvature, rel=1e-9)
    conjugate, curvature, one = optional_words(L2(1.0), Squared())
    assert (conjugate, curvature, one) == (0.015625, 2.0, 1.0)


@needs_compiler
def test_classes_without_fields_keep_their_methods():
    @njit
    def slopes(loss, y, prediction):
        return loss.slope(y, prediction)

    assert slopes(Squared(), 1.0, 3.0) == 2.0
    assert slopes(Logistic(), 1.0, 0.0) == -0.5
    assert value_in_plain_numba(NoPenalty(), 3.0) == 0.0


@pytest.mark.parametrize(
    "term", [L1(0.7), L2(0.7), Bounded(L1(0.7), -0.5, 1.0)], ids=lambda t: type(t).__name__
)
def test_single_precision_stays_single_and_close(term):
    w = np.linspace(-2, 2, 41)
    single = fastreg.kernels.prox(term, w.astype(np.float32), 0.5)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, fastreg.kernels.prox(term, w, 0.5), rtol=0, atol=5e-7)


class Careful(NamedTuple):
    """Its value is lost to whoever may regroup sums."""

    large: float

    def value(self, weight, j):
        return (weight + self.large) - self.large

    def prox(self, weight, step, j):
        return weight


@needs_compiler
def test_a_careless_caller_does_not_change_the_bits_of_a_term():
    @njit(fastmath=True)
    def careless(term, weight):
        return term.value(weight, 0)

    @njit(fastmath=True)
    def careless_itself(term, weight):
        return (weight + term.large) - term.large

    term, weight = Careful(2.0**60), 3.0
    assert careless(term, weight) == term.value(weight, 0) == 0.0
    assert careless_itself(term, weight) == weight  # the freedom it takes elsewhere


class Broken(NamedTuple):
    strength: float

    def value(self, weight, j):
        return weight.nothing

    def prox(self, weight, step, j):
        return undecorated(weight)

    def gradient(self, weight, j):
        return self.value(weight, k=j)


def undecorated(weight):
    return weight


@fastreg.kernel
def slope_of(term, y):
    return term.slope(y, 0.0)


@fastreg.kernel
def gradient_of(term, weight):
    return term.gradient(weight, 0)


@fastreg.kernel
def nonsense(term, weight):
    return term.strength + "text"


def sentence(error):
    text = str(error.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert isinstance(error.value, TypeError)
    return text


@needs_compiler
@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: value_of(Broken(1.0), 3.0), "Broken.value does not compile: Unknown attribute 'nothing'"),
        (
            lambda: prox_of(Broken(1.0), 3.0),
            "Broken.prox does not compile: Untyped global name 'undecorated'",
        ),
        (
            lambda: prox_of(Bounded(Broken(1.0), -1.0, 1.0), 3.0),
            "Broken.prox does not compile: Untyped global",
        ),
        (lambda: gradient_of(Broken(1.0), 3.0), "missing a required argument: 'j'"),
        (lambda: nonsense(L1(1.0), 3.0), "nonsense does not compile for L1: No implementation of function"),
        (lambda: value_in_plain_numba(Broken(1.0), 3.0), "Broken.value does not compile: Unknown attribute"),
        (
            lambda: fastreg.solve(np.eye(3), np.ones(3), loss=Squared(), penalty=Broken(1.0)),
            "Broken.value does not compile: Unknown attribute 'nothing'",
        ),
    ],
)
def test_a_term_that_does_not_compile_is_told_in_one_sentence(call, says):
    with pytest.raises(TermError) as error:
        call()
    assert says in sentence(error)
    assert isinstance(error.value.__cause__, NumbaError)


@needs_compiler
@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: slope_of(L1(1.0), 3.0), "L1 has no method slope, which this computation needs."),
        (
            lambda: gradient_of(Defaults(1.0), 3.0),
            "Defaults has no method gradient, which this computation needs.",
        ),
    ],
)
def test_a_missing_method_is_named(call, says):
    with pytest.raises(TermError) as error:
        call()
    assert sentence(error) == says


@needs_compiler
def test_kernels_take_keywords_and_defaults_for_classes_of_one_name_too():
    @fastreg.kernel
    def scaled(term, weight, factor=2.0):
        return term.value(weight, 0) * factor

    def namesake(slope):
        class Namesake(NamedTuple):
            strength: float

            def value(self, weight, j):
                return slope * weight

        return Namesake(1.0)

    terms = [namesake(slope) for slope in (1.0, 5.0)]
    assert [scaled(term, 3.0) for term in terms] == [6.0, 30.0]
    assert [scaled(term, 3.0, 4.0) for term in terms] == [12.0, 60.0]
    assert [scaled(weight=3.0, term=term, factor=1.0) for term in terms] == [3.0, 15.0]
    assert [scaled(term, 3.0) for term in reversed(terms)] == [30.0, 6.0]


def test_our_terms_in_a_cached_function_of_plain_numba(tmp_path):
    script = tmp_path / "main.py"
    script.write_text(
        """
import numba, fastreg.jit
from fastreg.losses import Logistic
from fastreg.penalties import L1
from subprocesses import tell

@numba.njit(cache=True)
def total(loss, penalty):
    return loss.value(1.0, 0.0) + penalty.value(3.0, 0)

answer = total(Logistic(), L1(0.5))
tell(answer=answer, numba_hits=sum(total.stats.cache_hits.values()))
""",
        "utf-8",
    )
    for hits in (0, 1):
        told = run(script, cache=tmp_path / "ours", NUMBA_CACHE_DIR=str(tmp_path / "numba"))
        assert told["answer"] == pytest.approx(np.log(2) + 1.5, rel=1e-15)
        assert told["numba_hits"] == hits
