"""GroupL2 is a penalty of vectors: its step over a whole group, its dual norm, and who cannot take it."""

import group_reference
import numpy as np
import pytest

import fastreg
from fastreg.jit import checked, completed
from fastreg.losses import Squared
from fastreg.penalties import L1, Bounded, GroupL2
from fastreg.testing import check_penalty

pytestmark = pytest.mark.small
PAIR = np.array([0, 0])


@pytest.mark.parametrize("penalty", [GroupL2(0.7, 1), GroupL2(0.0, 1), GroupL2(0.7, 1, [0, 1, 3])], ids=repr)
def test_as_a_function_of_the_norm_it_obeys_the_laws(penalty):
    check_penalty(penalty)


@pytest.mark.parametrize("step", [0.3, 1.0, 4.0])
def test_the_step_over_a_group_minimises_its_value_on_a_grid(step):
    term = completed(checked(GroupL2(0.5, 2, [1.5]), "block penalty", 2))
    grid = np.stack(np.meshgrid(*[np.linspace(-3, 3, 241)] * 2), axis=-1).reshape(-1, 2)
    for point in ([2.0, -1.0], [0.3, 0.2], [-2.5, 0.0]):
        norm = np.hypot(*point)
        reached = np.array(point) * term.prox(norm, step, 0) / norm

        def objective(w, point=point):
            distance = ((w - point) ** 2).sum(axis=-1) / (2 * step)
            return distance + term.value(np.linalg.norm(w, axis=-1), 0)

        assert objective(reached) <= objective(grid).min() + 1e-12


def test_moreau_and_the_dual_norm():
    rng = np.random.default_rng(0)
    term = completed(checked(GroupL2(0.5, 4, "sqrt"), "block penalty", 4))
    for point in 2 * rng.standard_normal((20, 4)):
        norm = np.linalg.norm(point)
        left = point * term.prox(norm, 1.0, 0) / norm
        taken = point - left  # the projection onto the ball of the dual norm
        assert np.linalg.norm(taken) <= 0.5 * 2 + 1e-12
        assert term.conjugate(np.linalg.norm(taken) * (1 - 1e-12), 0) == 0
        assert taken @ left == pytest.approx(term.value(np.linalg.norm(left), 0), rel=1e-12)
    assert term.conjugate(1.0 + 1e-9, 0) == np.inf
    assert term.critical_strength(3.0, 0) == pytest.approx(3.0)


def test_the_weights_of_the_literature_are_roots_of_sizes():
    term = checked(GroupL2(1.0, [[0], [1, 2, 3, 4]], "sqrt"), "block penalty", 5)
    assert term.weights.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("penalty", "words"),
    [
        (GroupL2(-1.0, 1), "GroupL2.strength is -1"),
        (GroupL2(np.ones(3), 1), "GroupL2.strength is an array"),
        (GroupL2(1.0, 1, [1.0, -2.0, 0.0]), "GroupL2.weights holds -2"),
        (GroupL2(1.0, 1, np.nan), "GroupL2.weights holds nan"),
        (GroupL2(1.0, 1, [1.0, 2.0]), r"GroupL2.weights has shape \(2,\)"),
        (GroupL2(1.0, 1, "size"), "GroupL2.weights='size' is unknown"),
        (GroupL2(1.0, 2), "GroupL2.groups=2 does not divide 3"),
    ],
)
def test_fields_that_cannot_be_are_refused(penalty, words):
    with pytest.raises(ValueError, match=words):
        fastreg.solve(np.eye(3), np.arange(3.0), loss=Squared(), penalty=penalty)


def test_what_works_on_single_weights_refuses_it_in_one_sentence():
    X, y = np.eye(4), np.arange(4.0)
    penalty = GroupL2(0.1, 2)
    asks = [
        lambda: fastreg.SGDRegressor(penalty=penalty).fit(X, y),
        lambda: fastreg.solve(X, y, loss=Squared(), penalty=Bounded(penalty, 0.0, np.inf)),
    ]
    for ask in asks:
        with pytest.raises((TypeError, ValueError)) as refusal:
            ask()
        text = str(refusal.value)
        assert "GroupL2" in text
        assert text.endswith(".")
        assert "\n" not in text


def test_certify_judges_groups():
    rng = np.random.default_rng(1)
    X, coef = rng.standard_normal((30, 4)), rng.standard_normal(4)
    y = X @ coef + rng.standard_normal(30)
    found = fastreg.certify(X, y, coef, 0.1, loss=Squared(), penalty=GroupL2(0.3, 2))
    oracle = group_reference.Norms(0.3, np.array([0, 0, 1, 1]))
    gap, primal, _ = group_reference.certify(X, y, coef, 0.1, loss=Squared(), penalty=oracle)
    assert found.gap == pytest.approx(gap, rel=1e-10)
    assert found.primal == pytest.approx(primal, rel=1e-12)
    alone = fastreg.certify(X, y, coef, 0.1, loss=Squared(), penalty=GroupL2(0.3, 1))
    assert alone.gap == pytest.approx(fastreg.certify(X, y, coef, 0.1, loss=Squared(), penalty=L1(0.3)).gap)
