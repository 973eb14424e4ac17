import numpy as np
import problems
import pytest
import scipy.sparse as sp

import fastreg
from fastreg.designs import Dense, Sparse
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2
from fastreg.solvers.passes import vector_products
from fastreg.testing import check_design

TIGHT = 1e-13
DENSE, SPARSE = problems.dense(), problems.sparse()


def stacked(X):
    """Return a CSR or CSC matrix as a stack of its compressed vectors."""
    return Sparse(X.data, X.indices.astype(np.uint32), X.indptr.astype(np.int64))


# 19 vectors: two eights and a rest of three, as the unrolled loops see them.
DENSE_MATRIX = problems.dense(n=19, p=19).X
SPARSE_MATRIX = problems.sparse(n=23, p=11).X


@pytest.mark.small
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_dense_columns_and_rows_are_numpys(dtype):
    X = DENSE_MATRIX.astype(dtype)
    check_design(Dense(np.ascontiguousarray(X.T)), X.T)
    check_design(Dense(np.ascontiguousarray(X)), X)


@pytest.mark.small
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_sparse_columns_and_rows_are_numpys(dtype):
    X = SPARSE_MATRIX.astype(dtype)
    check_design(stacked(X.tocsc()), X.toarray().T)
    check_design(stacked(X.tocsr()), X.toarray())


@pytest.mark.small
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (4, 4), (8, 3), (3, 8)])
def test_every_small_shape(shape):
    matrix = np.random.default_rng(0).standard_normal(shape)
    check_design(Dense(matrix), matrix)
    check_design(stacked(sp.csr_matrix(matrix)), matrix)


@pytest.mark.small
def test_empty_vectors_and_explicit_zeros():
    matrix = SPARSE_MATRIX.toarray()
    matrix[:, [0, 3, 4, 10]] = 0.0
    stored = sp.csc_matrix(matrix)
    stored.data[::4] = 0.0
    check_design(stacked(stored), stored.toarray().T)


@pytest.mark.small
def test_unsorted_vectors():
    X = SPARSE_MATRIX.tocsc().copy()
    for j in range(X.shape[1]):
        part = slice(X.indptr[j], X.indptr[j + 1])
        X.indices[part], X.data[part] = X.indices[part][::-1].copy(), X.data[part][::-1].copy()
    check_design(stacked(X), SPARSE_MATRIX.toarray().T)


@pytest.mark.small
def test_nothing_is_read_behind_the_last_entry():
    room = np.append(np.arange(4.0), np.nan)
    data, indices = np.array([1.0, 2.0, 3.0, 9.0, 9.0, 9.0]), np.array([0, 1, 2, 4, 4, 4], dtype=np.uint32)
    products = np.zeros(2)
    vector_products(0, 0, 2, Sparse(data, indices, np.array([0, 2, 3])), room[:4], products)
    assert products.tolist() == [2.0, 6.0]


@pytest.mark.small
@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_weighted_sums_of_vectors(kind):
    full = DENSE_MATRIX if kind == "dense" else SPARSE_MATRIX.toarray()
    design = Dense(np.ascontiguousarray(full.T)) if kind == "dense" else stacked(SPARSE_MATRIX)
    weights = np.random.default_rng(0).uniform(0.5, 2.0, full.shape[0])
    for j, column in enumerate(full.T):
        assert design.weighted_sum(j, weights) == pytest.approx(weights @ column, rel=1e-13)
        squares = design.weighted_squares(j, weights, 0.3, weights.sum())
        assert squares == pytest.approx(weights @ (column - 0.3) ** 2, rel=1e-12)
        assert design.weighted_sum(j, 2.0) == pytest.approx(2 * column.sum(), rel=1e-12, abs=1e-13)


def _copy_the_next_entries(self, entries, start, stop, out):
    for k in range(entries.size):
        for j in range(start, stop):
            out[k, j] = self.values[j, entries[k] - 1]


def _wrong(word, method):
    return type("Wrong", (Dense,), {"__slots__": (), word: method})(DENSE_MATRIX)


@pytest.mark.small
@pytest.mark.parametrize(
    ("law", "design"),
    [
        ("dot is NumPy's", _wrong("dot", lambda self, j, v: 2 * (self.values[j] * v).sum())),
        ("sum_of_squares is NumPy's", _wrong("sum_of_squares", lambda self, j: abs(self.values[j]).sum())),
        ("axpy is NumPy's", _wrong("axpy", lambda self, j, a, scale, v: v.__setitem__(0, 1.0))),
        ("products is NumPy's", _wrong("products", lambda self, v, start, stop, out: out.fill(1.0))),
        ("combine is NumPy's", _wrong("combine", lambda self, a, start, stop, out: out.fill(1.0))),
        ("copy_entries copies entries", _wrong("copy_entries", _copy_the_next_entries)),
    ],
)
def test_each_law_finds_the_design_that_breaks_it(law, design):
    with pytest.raises(AssertionError) as raised:
        check_design(design, DENSE_MATRIX)
    assert str(raised.value).startswith(f"Wrong breaks the law '{law}'")
    assert "\n" not in str(raised.value)


def layouts(problem):
    """Return the matrix of a problem in every form that is taken, by name."""
    full = problem.X.toarray() if sp.issparse(problem.X) else problem.X
    csc = sp.csc_matrix(full)
    split = sp.csc_matrix(
        (np.repeat(csc.data / 2, 2), np.repeat(csc.indices, 2), 2 * csc.indptr), shape=csc.shape
    )
    unsorted = csc.copy()
    for j in range(csc.shape[1]):
        part = slice(csc.indptr[j], csc.indptr[j + 1])
        unsorted.indices[part], unsorted.data[part] = csc.indices[part][::-1], csc.data[part][::-1]
    unsorted.has_sorted_indices = False
    zeros = sp.csc_matrix(np.where(full == 0, 1.0, full))
    zeros.data[(full == 0).ravel(order="F")] = 0.0
    wide = csc.copy()
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    frozen = np.asfortranarray(full).copy(order="F")
    frozen.flags.writeable = False
    return {
        "F": np.asfortranarray(full),
        "C": np.ascontiguousarray(full),
        "read-only": frozen,
        "strided": np.repeat(full, 2, axis=1)[:, ::2],
        "reversed": np.ascontiguousarray(full[::-1])[::-1],
        "list": full.tolist(),
        "big-endian": full.astype(">f8"),
        "matrix": np.matrix(full),
        "csc": csc,
        "csr": csc.tocsr(),
        "csc array": sp.csc_array(csc),
        "csr array": sp.csr_array(csc),
        "coo": csc.tocoo(),
        "lil": csc.tolil(),
        "int64 indices": wide,
        "int64 indices, rows": sp.csr_matrix(wide.tocsr()),
        "duplicates": split,
        "unsorted": unsorted,
        "explicit zeros": zeros,
    }


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize("penalty", [L1(0.03), L2(0.03)], ids=repr)
def test_every_layout_gives_the_same_answer(penalty):
    words = {"loss": Logistic(), "penalty": penalty, "standardize": True, "tol": TIGHT}
    forms = layouts(SPARSE)
    expected = fastreg.solve(forms["F"], SPARSE.labels, **words)
    problems.assert_optimal(
        expected, SPARSE.X, SPARSE.labels, loss=Logistic(), penalty=penalty, standardize=True
    )
    in_place = {"F", "read-only", "csc", "csc array"}
    for name, X in forms.items():
        solution = fastreg.solve(X, SPARSE.labels, **words)
        assert solution.coef == pytest.approx(expected.coef, abs=1e-7), name
        assert solution.gap <= TIGHT, name
        if name in in_place:
            factored = sp.issparse(X) and isinstance(penalty, L2)  # a small sparse X is made dense for that
            assert solution.work.bytes_copied == (8 * X.shape[0] * X.shape[1] if factored else 0), name


def test_rows_are_read_in_place_where_no_column_is_asked_for():
    words = {"loss": Squared(), "penalty": L2(0.03)}
    text = problems.text_like()
    for X, y in ((np.ascontiguousarray(DENSE.X), DENSE.y), (sp.csr_matrix(text.X), text.y)):
        assert fastreg.solve(X, y, **words).work.bytes_copied == 0


def test_only_the_working_set_of_a_row_ordered_matrix_is_copied():
    wide = problems.wide(p=2000, correlation=0.5)
    words = {"loss": Squared(), "penalty": L1(problems.critical(wide.X, wide.y, Squared()) / 3), "tol": 1e-8}
    rows = fastreg.solve(np.ascontiguousarray(wide.X), wide.y, **words)
    columns = fastreg.solve(wide.X, wide.y, **words)
    assert columns.work.bytes_copied == 0
    assert 0 < rows.work.bytes_copied < wide.X.nbytes
    assert rows.coef == pytest.approx(columns.coef, abs=1e-6)


def test_csr_is_converted_once():
    X = SPARSE.X.tocsr()
    solution = fastreg.solve(X, SPARSE.y, loss=Squared(), penalty=L1(0.03), tol=TIGHT)
    assert solution.work.bytes_copied == X.data.nbytes + X.indices.nbytes


def test_a_memory_map_is_read_where_it_lies(tmp_path):
    stored = np.lib.format.open_memmap(
        tmp_path / "X.npy", "w+", DENSE.X.dtype, DENSE.X.shape, fortran_order=True
    )
    stored[:] = DENSE.X
    stored.flush()
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    words = {"loss": Squared(), "penalty": L1(0.03), "tol": TIGHT}
    solution = fastreg.solve(mapped, DENSE.y, **words)
    assert solution.work.bytes_copied == 0
    assert solution.coef.tobytes() == fastreg.solve(DENSE.X, DENSE.y, **words).coef.tobytes()


@pytest.mark.parametrize("kind", ["dense float32", "sparse float32"])
def test_single_precision_columns_give_the_answer_of_the_same_numbers_in_double(kind):
    problem = DENSE if kind.startswith("dense") else SPARSE
    single = problem.X.astype(np.float32)
    words = {"loss": Squared(), "penalty": L1(0.03), "standardize": True, "tol": 1e-12}
    solution = fastreg.solve(single, problem.y.astype(np.float32), **words)
    double = fastreg.solve(single.astype(np.float64), problem.y.astype(np.float32), **words)
    assert solution.coef.dtype == np.float64
    assert solution.work.bytes_copied == 0
    assert solution.gap <= 1e-12
    assert solution.coef == pytest.approx(double.coef, abs=1e-8)


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint16", "bool", "float16"])
def test_other_numbers_are_cast(dtype):
    X = np.asfortranarray(np.random.default_rng(0).integers(0, 2, (60, 6)).astype(dtype))
    words = {"loss": Squared(), "penalty": L1(0.03), "tol": TIGHT}
    solution = fastreg.solve(X, DENSE.y, **words)
    assert solution.coef == pytest.approx(fastreg.solve(X.astype(float), DENSE.y, **words).coef, abs=1e-12)
    assert solution.work.bytes_copied == 8 * X.size
    assert np.count_nonzero(solution.coef) > 0
