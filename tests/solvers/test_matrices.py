"""Some columns of a matrix combined: NumPy's numbers in every layout, nothing out of nothing."""

import numpy as np
import pytest
import scipy.sparse as sp

from fastreg import team
from fastreg.solvers.counter import Counter
from fastreg.solvers.matrices import dense_matrix, sparse_matrix

pytestmark = pytest.mark.small

LAYOUTS = {"F": np.asfortranarray, "C": np.ascontiguousarray, "CSC": sp.csc_array, "CSR": sp.csr_array}


@pytest.mark.parametrize("weights", [[0.0, 0.0, 0.0], [1.5, 0.0, -2.0], [0.0, 3.0, 0.0]], ids=str)
@pytest.mark.parametrize("columns", [[0, 1, 2], [1, 4, 6]], ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_combination_of_columns(layout, columns, weights):
    rng = np.random.default_rng(0)
    X = np.where(rng.random((50, 7)) < 0.5, rng.standard_normal((50, 7)), 0.0)
    columns, weights = np.array(columns), np.array(weights)
    stored = LAYOUTS[layout](X)
    out = np.full(50, np.nan)
    with team.lease(1) as crew:
        counter = Counter()
        matrix = (
            sparse_matrix(crew, counter, stored, by_columns=True)
            if sp.issparse(stored)
            else dense_matrix(crew, counter, stored)
        )
        matrix.select(columns).combination(weights, out)
    np.testing.assert_allclose(out, X[:, columns] @ weights, rtol=1e-14, atol=1e-14)
