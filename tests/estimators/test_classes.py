"""The classes of a target, and the number of each row's, are those of np.unique, sorted for or not."""

import numpy as np
import pytest

from fastreg.estimators.validation import classes_and_codes

TARGETS = {
    "integers": np.array([3, -1, 3, -1, -1]),
    "bytes": np.array([200, 3, 3], dtype=np.uint8),
    "floats": np.array([-1.0, 1.0, -1.0]),
    "flags": np.array([True, False, True]),
    "words": np.array(["no", "yes", "no"]),
    "longer words first": np.array(["yes", "a"]),
    "objects": np.array(["b", "a", "b"], dtype=object),
    "three": np.array([2, 0, 1, 0]),
    "three, the third last": np.array([1, 1, 0, 2]),
    "one": np.array([7, 7]),
    "not a number": np.array([1.0, np.nan, 1.0]),
    "not a number first": np.array([np.nan, 1.0]),
}


@pytest.mark.parametrize("y", TARGETS.values(), ids=TARGETS)
def test_they_are_those_of_unique(y):
    classes, codes = classes_and_codes(y)
    expected, expected_codes = np.unique(y, return_inverse=True)
    assert classes.dtype == expected.dtype
    assert codes.dtype == expected_codes.dtype
    np.testing.assert_array_equal(classes, expected)
    np.testing.assert_array_equal(codes, expected_codes)
