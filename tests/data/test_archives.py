"""Npz: what was written comes back, and every fault is one sentence with its row."""

import io

import numpy as np
import pytest
import scipy.sparse as sp
from problems import real

from fastreg.data import read

pytestmark = pytest.mark.small


def matrix():
    rng = np.random.default_rng(0)
    return sp.csr_array(rng.random((20, 7)) * (rng.random((20, 7)) < 0.4))


def archive(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def sparse_archive(X, **others):
    return archive(data=X.data, indices=X.indices, indptr=X.indptr, shape=X.shape, format=X.format, **others)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dense_archive_comes_back(file, dtype):
    X, y = np.arange(12, dtype=dtype).reshape(4, 3), np.array([1, -1, 1, -1], dtype=np.int8)
    table = read(file(archive(X=X, y=y), "a.npz"))
    np.testing.assert_array_equal(table.X, X)
    np.testing.assert_array_equal(table.y, y)
    assert table.X.dtype == dtype
    assert table.y.dtype == np.float64
    assert list(table.feature_names) == ["x0", "x1", "x2"]


def test_archive_names_and_target(file):
    X, price = np.arange(6).reshape(3, 2), np.array(["a", "b", "a"])
    content = archive(X=X, y=np.zeros(3), price=price, feature_names=np.array(["first", "second"]))
    table = read(file(content, "a.npz"), "price")
    assert table.y.tolist() == price.tolist()
    assert (list(table.feature_names), table.target_name) == (["first", "second"], "price")
    assert table.X.dtype == np.float64


@pytest.mark.parametrize("form", ["csr", "csc"])
def test_sparse_archive_comes_back(file, form):
    X = matrix().asformat(form)
    table = read(file(sparse_archive(X, y=np.arange(20)), "a.npz"))
    assert table.X.format == "csr"
    np.testing.assert_array_equal(table.X.toarray(), X.toarray())


def test_what_scipy_saves_is_read_once_a_target_is_added(file):
    stream = io.BytesIO()
    sp.save_npz(stream, matrix())
    with pytest.raises(ValueError, match="no array 'y'"):
        read(file(stream.getvalue(), "a.npz"))
    stored = dict(np.load(io.BytesIO(stream.getvalue())))
    table = read(file(archive(**stored, y=np.arange(20)), "a.npz"))
    np.testing.assert_array_equal(table.X.toarray(), matrix().toarray())


def broken_sparse(**changes):
    X = matrix()
    arrays = dict(
        data=X.data, indices=X.indices, indptr=X.indptr, shape=X.shape, format="csr", y=np.arange(20)
    )
    return archive(**{key: value for key, value in (arrays | changes).items() if value is not None})


def with_nan(row, column):
    X = np.ones((4, 3))
    X[row, column] = np.nan
    return X


@pytest.mark.parametrize(
    ("content", "target", "words"),
    [
        (archive(A=np.ones(3)), None, ["'A'", "X and y"]),
        (archive(X=np.ones((3, 2))), None, ["no array 'y'", "'X'"]),
        (archive(X=np.ones((3, 2)), y=np.ones(3)), "z", ["no array 'z'", "'y'"]),
        (archive(X=np.ones((3, 2)), y=np.ones(4)), None, ["'y'", "(4,)", "3 rows"]),
        (archive(X=np.ones(3), y=np.ones(3)), None, ["'X'", "1 dimensions"]),
        (archive(X=np.ones((0, 2)), y=np.ones(0)), None, ["empty", "0 x 2"]),
        (archive(X=np.ones((3, 2)) * 1j, y=np.ones(3)), None, ["'X'", "complex128"]),
        (archive(X=np.array([[1, "a"]], dtype=object), y=np.ones(1)), None, ["'X'", "Python objects"]),
        (archive(X=np.ones((1, 1)), y=np.array([None])), None, ["'y'", "Python objects"]),
        (archive(X=with_nan(2, 1), y=np.ones(4)), None, ["row 2", "'x1'", "nan"]),
        (archive(X=np.ones((2, 2)), y=np.array([1, np.inf])), None, ["row 1", "'y'", "inf"]),
        (broken_sparse(indptr=np.zeros(3, dtype=int)), None, ["sparse", "damaged"]),
        (broken_sparse(indices=np.full(matrix().nnz, 99)), None, ["sparse", "damaged"]),
        (broken_sparse(shape=None), None, ["'shape'", "not there"]),
        (broken_sparse(format="coo"), None, ["'coo'", ".tocsr()"]),
        (broken_sparse(data=np.full(matrix().nnz, np.nan)), None, ["row 0", "nan"]),
        (archive(X=np.ones((3, 2)), y=np.ones(3))[:-40], None, ["a.npz", "damaged"]),
        (archive(X=np.ones((30, 2)), y=np.ones(30)).replace(b"\xf0?", b"\xf1?", 1), None, ["damaged"]),
        (b"PK\x03\x04 and nothing else", None, ["a.npz", "damaged"]),
    ],
)
def test_archive_faults_are_one_sentence(file, content, target, words):
    with pytest.raises(ValueError, match=r"\A[^\n]{10,300}\Z") as caught:
        read(file(content, "a.npz"), target)
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(("name", "shape"), [("a9a", (48842, 123)), ("prostate", (97, 8))])
def test_real_files_are_read(name, shape):
    X, y = real(name)
    from problems import _folder

    table = read(_folder("FASTREG_DATA", "data") / f"{name}.npz")
    assert table.X.shape == shape
    assert abs(table.X - X).max() == 0
    np.testing.assert_array_equal(table.y, y)
