"""What is carried along, and names that are only numbered."""

import numpy as np
import pytest

from fastreg.data import Numbered, builtin

pytestmark = pytest.mark.small


def test_the_regression_data_shows_products():
    table = builtin("regression")
    names = list(table.feature_names)
    assert table.X.shape == (442, 64) == (442, len(set(names)))
    columns = {name: table.X[:, j] for j, name in enumerate(names)}
    np.testing.assert_allclose(columns["bmi*bp"], columns["bmi"] * columns["bp"])
    np.testing.assert_allclose(columns["bmi^2"], columns["bmi"] ** 2)
    np.testing.assert_allclose(columns["bmi"].std(), 1.0)
    assert "sex^2" not in names


def test_the_classification_data_names_its_classes():
    table = builtin("classification")
    assert table.X.shape == (569, 30) == (569, len(table.feature_names))
    assert dict(zip(*np.unique(table.y, return_counts=True), strict=True)) == {
        "benign": 357,
        "malignant": 212,
    }


def test_unknown_task():
    with pytest.raises(ValueError, match="'clustering'"):
        builtin("clustering")


def test_numbered_names():
    names = Numbered("x", 3, 4)
    assert list(names) == ["x3", "x4", "x5", "x6"]
    assert (names[-1], names[1:3]) == ("x6", ["x4", "x5"])
