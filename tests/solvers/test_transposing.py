"""From CSC to CSR and back: the same matrix as SciPy's, in any number of parts and pieces."""

import numpy as np
import pytest
import scipy.sparse as sp

from fastreg import team
from fastreg.solvers import transposing

pytestmark = pytest.mark.small


@pytest.mark.parametrize("piece", [7, 1_000_000])
@pytest.mark.parametrize("shape", [(5, 60), (60, 5), (1, 1), (40, 300)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_is_the_same_matrix(shape, piece, dtype, monkeypatch):
    monkeypatch.setattr(transposing, "_PIECE", piece)
    X = sp.random_array(shape, density=0.4, format="csc", dtype=dtype, rng=np.random.default_rng(0))
    indices, indptr = X.indices.astype(np.uint32), X.indptr.astype(np.int64)
    with team.lease(2) as crew:
        data, columns, starts = transposing.transposed(crew, X.data, indices, indptr, shape[0])
    expected = X.tocsr()
    expected.sort_indices()
    assert data.dtype == dtype
    np.testing.assert_array_equal(data, expected.data)
    np.testing.assert_array_equal(columns, expected.indices)
    np.testing.assert_array_equal(starts, expected.indptr)


def test_an_empty_matrix_stays_empty():
    with team.lease(1) as crew:
        data, _, starts = transposing.transposed(
            crew, np.empty(0), np.empty(0, np.uint32), np.zeros(4, np.int64), 2
        )
    assert data.size == 0
    np.testing.assert_array_equal(starts, np.zeros(3))
