import numpy as np
import pytest

from fastreg.selection.folds import folds_of

pytestmark = pytest.mark.small


def test_folds_that_are_drawn_hold_every_row_once_and_differ_by_one():
    folds = folds_of(4, 10, seed=3)
    assert sorted(np.concatenate([fold.held for fold in folds])) == list(range(10))
    assert sorted(fold.held.size for fold in folds) == [2, 2, 3, 3]
    assert all(fold.splits(10) for fold in folds)
    again = folds_of(4, 10, seed=3)
    assert all(np.array_equal(a.held, b.held) for a, b in zip(folds, again, strict=True))
    assert any(
        not np.array_equal(a.held, b.held) for a, b in zip(folds, folds_of(4, 10, seed=4), strict=True)
    )


def test_groups_stay_together():
    groups = np.array(list("aabbccddee"))
    for fold in folds_of(3, 10, groups):
        assert not set(groups[fold.held]) & set(groups[fold.learned])
        assert fold.splits(10)


def test_numbers_of_folds_and_pairs_say_the_same():
    numbers = np.array([7, 5, 7, 5, 9])
    pairs = [(numbers != each, np.flatnonzero(numbers == each)) for each in (5, 7, 9)]
    for a, b in zip(folds_of(numbers, 5), folds_of(pairs, 5), strict=True):
        assert a.held.tolist() == b.held.tolist()
        assert a.learned.tolist() == b.learned.tolist()


def test_rows_on_neither_side_and_on_both_are_told():
    (neither,) = folds_of([([0, 1], [2])], 4)
    (both,) = folds_of([([0, 1, 2], [2])], 4)
    assert not neither.splits(4)
    assert not both.splits(4)


@pytest.mark.parametrize(
    ("folds", "groups", "says"),
    [
        (1, None, "folds=1 is out of range: pass 2 up to the number of rows"),
        (6, None, "folds=6 is out of range"),
        (3, [0, 0, 1, 1, 1], "number of groups \\(2\\)"),
        (2, [0, 1], "groups has shape \\(2,\\)"),
        (np.zeros(5, dtype=int), None, "names a single fold"),
        (np.zeros(4, dtype=int), None, "folds has 4 entries"),
        (np.arange(5), [0] * 5, "groups is for folds that are drawn"),
        ("many", None, "folds='many' are no folds"),
        (2.5, None, "folds=2.5 are no folds"),
        ([], None, "folds is empty"),
        ([[1, 2, 3]], None, "Fold 0 is \\[1, 2, 3\\]"),
        ([([0, 1, 0], [2])], None, "Fold 0 names row 0 twice"),
        ([([0, 1], [5])], None, "Fold 0 names row 5, and X has rows 0 to 4"),
        ([([0, 1], [])], None, "Fold 0 holds float64"),
        ([([0, 1], np.array([], dtype=int))], None, "Fold 0 has no rows on one side"),
    ],
)
def test_folds_that_say_nothing_are_refused(folds, groups, says):
    with pytest.raises((ValueError, TypeError), match=says):
        folds_of(folds, 5, groups)
