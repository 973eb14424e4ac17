"""Every way to say which features belong together, and what is no partition."""

import numpy as np
import pytest

from fastreg.jit.groups import group_numbers

pytestmark = pytest.mark.small


@pytest.mark.parametrize(
    ("groups", "numbers"),
    [
        (2, [0, 0, 1, 1, 2, 2]),
        (np.int32(6), [0] * 6),
        ([[4, 0], [1, 2, 3], np.array([5])], [0, 1, 1, 1, 0, 2]),
        ([7, 7, 3, 3, 7, 9], [1, 1, 0, 0, 1, 2]),
        (np.array(["b", "a", "a", "c", "c", "c"]), [1, 0, 0, 2, 2, 2]),
        (("x", "x", "y", "y", "x", "y"), [0, 0, 1, 1, 0, 1]),
        (np.array([1, 0, 0, 2, 2, 1]), [1, 0, 0, 2, 2, 1]),
        (np.array([1, 3, 3, 5, 5, 1]), [0, 1, 1, 2, 2, 0]),
        (np.array([[0, 1, 2], [5, 4, 3]]), [0, 0, 0, 1, 1, 1]),
    ],
)
def test_all_forms_give_numbers(groups, numbers):
    found = group_numbers("Mine", groups, 6)
    assert found.tolist() == numbers
    assert found.dtype == np.int64
    assert not found.flags.writeable


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (4, "groups=4 does not divide 6 features"),
        (0, "groups=0 does not divide"),
        ([[0, 1], [1, 2, 3, 4, 5]], "names feature 1 twice"),
        ([[0, 0, 1], [2, 3, 4, 5]], "names feature 0 twice"),
        ([[0, 1], [3, 4, 5]], "leaves out feature 2"),
        ([[0, 1], [], [2, 3, 4, 5]], r"groups\[1\] is empty"),
        ([[0, 1], [2, 3, 4, 6]], r"groups\[1\] holds something else than indices"),
        ([[0.5, 1], [2, 3, 4, 5]], r"groups\[0\] holds something else than indices"),
        ([2, 4], "holds 2 labels for 6 features"),
        ([0, 1, [2, 3]], "mixes numbers and lists"),
        (None, "groups=None is no partition"),
        (2.0, "is no partition"),
        (True, "is no partition"),
    ],
)
def test_what_is_no_partition_is_refused_in_one_sentence(groups, words):
    with pytest.raises((ValueError, TypeError), match=words) as refusal:
        group_numbers("Mine", groups, 6)
    text = str(refusal.value)
    assert text.startswith("Mine.groups")
    assert text.endswith(".")
    assert "\n" not in text
