"""Readers: what was written comes back, and every fault is one sentence with its place."""

import bz2
import gzip
import io
import lzma
import os
import stat
import threading

import numpy as np
import pytest
import scipy.sparse as sp
from problems import real
from sklearn.datasets import dump_svmlight_file

from fastreg.data import Numbered, builtin, read, write_whole

pytestmark = pytest.mark.small
needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
CARS = "weight,power,price\n1,2,3\n4,5,6.5\n7,8,-9e1\n"


@pytest.fixture
def file(tmp_path):
    """Write a file and return its path."""

    def write(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def matrix(seed=0):
    return sp.random_array((20, 7), density=0.4, format="csr", rng=np.random.default_rng(seed))


def archive(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def sparse_archive(X, **others):
    return archive(data=X.data, indices=X.indices, indptr=X.indptr, shape=X.shape, format=X.format, **others)


# CSV


def test_csv_with_names(file):
    table = read(file(CARS))
    np.testing.assert_array_equal(table.X, [[1, 2], [4, 5], [7, 8]])
    np.testing.assert_array_equal(table.y, [3, 6.5, -90])
    assert (list(table.feature_names), table.target_name) == (["weight", "power"], "price")
    assert table.X.flags.f_contiguous
    assert table.X.dtype == table.y.dtype == np.float64


def test_csv_target_is_chosen_by_name(file):
    table = read(file(CARS), "weight")
    np.testing.assert_array_equal(table.y, [1, 4, 7])
    np.testing.assert_array_equal(table.X, [[2, 3], [5, 6.5], [8, -90]])
    assert list(table.feature_names) == ["power", "price"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_csv_delimiters_agree(file, delimiter):
    np.testing.assert_array_equal(read(file(CARS.replace(",", delimiter))).X, read(file(CARS)).X)


@pytest.mark.parametrize(
    "same",
    [
        CARS.replace("\n", "\r\n"),
        "\ufeff" + CARS,
        CARS.rstrip("\n"),
        CARS.replace("\n", "\n\n"),
        '"weight", power ,"price"\n"1",2,3\n4, 5 ,6.5\n7,8,-9e1\n',
    ],
    ids=["windows", "byte order mark", "no last newline", "blank lines", "quotes and blanks"],
)
def test_csv_dialects_agree(file, same):
    table, expected = read(file(same)), read(file(CARS))
    np.testing.assert_array_equal(table.X, expected.X)
    np.testing.assert_array_equal(table.y, expected.y)
    assert list(table.feature_names) == list(expected.feature_names)


def test_csv_without_names(file):
    table = read(file("1,2,3\n4,5,6\n"))
    assert table.X.shape == (2, 2)
    assert (list(table.feature_names), table.target_name) == (["column 1", "column 2"], "column 3")
    assert read(file("1,2,3\n4,5,6\n"), "2").target_name == "column 2"


def test_a_line_of_names_may_hold_numbers(file):
    assert list(read(file("age,2019,2020\n31,5,6\n32,7,8\n")).feature_names) == ["age", "2019"]


def test_csv_text_target_names_classes(file):
    table = read(file("size,kind\n1,yes\n2, no\n3,yes\n"))
    assert table.y.tolist() == ["yes", "no", "yes"]
    assert read(file("1,2,yes\n2,3,no\n")).y.tolist() == ["yes", "no"]


def test_csv_names_of_rows_are_left_out_and_it_is_said(file):
    table = read(file('"","mpg","hp","wt"\n"Mazda RX4",21,110,2.62\n"Datsun 710",22.8,93,2.32\n'))
    assert list(table.feature_names) == ["mpg", "hp"]
    np.testing.assert_array_equal(table.y, [2.62, 2.32])
    assert "names of rows" in table.source


@pytest.mark.parametrize(
    ("content", "target", "words"),
    [
        ("", None, ["table.csv", "empty"]),
        ("a,b\n", None, ["names", "no rows"]),
        ("1 2 3\n4 5 6\n", None, ["line 1", "one column", "commas"]),
        (CARS, "prize", ["'prize'", "'weight', 'power', 'price'"]),
        ("a,a,b\n1,2,3\n", "a", ["2 columns", "'a'"]),
        (CARS + "1,2\n", None, ["line 5", "2 columns", "3"]),
        (CARS + "1,2,3,4\n", None, ["line 5", "4 columns", "3"]),
        (CARS + "\n\n1,red,3\n", None, ["line 7", "'power'", "'red'", "0/1"]),
        (CARS + "1,,3\n", None, ["line 5", "'power'", "no value"]),
        (CARS + "1,NA,3\n", None, ["line 5", "'power'", "no value", "'NA'"]),
        (CARS + "1,nan,3\n", None, ["line 5", "'power'", "no value", "'nan'"]),
        (CARS + "1,inf,3\n", None, ["line 5", "'power'", "not finite"]),
        (CARS + "1,2,oops\n", None, ["line 5", "'price'", "'oops'", "correct"]),
        (CARS + "1,2,\n", None, ["line 5", "'price'", "no value"]),
        ("a,b\n1,yes\n2,\n", None, ["line 3", "'b'", "no value"]),
        ("a,b\n1_000,2\n", None, ["line 2", "'a'", "'1_000'"]),
        (b"a,b\n1,2\n\xff\xfe,3\n", None, ["line 3", "UTF-8"]),
        ("a,b\n" + "x" * 500 + ",3\n1,2\n", None, ["line 2", "'a'", "…'"]),
        ('a,b\n1,2\n"3,4\n', None, ["line 3", "1 columns"]),
    ],
)
def test_csv_faults_are_one_sentence(file, content, target, words):
    with pytest.raises(ValueError, match=r"\A[^\n]{10,300}\Z") as caught:
        read(file(content), target)
    assert [word for word in words if word not in str(caught.value)] == []


# svmlight


@pytest.mark.parametrize("zero_based", [True, False])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_svmlight_comes_back(file, pack, zero_based):
    X, y = matrix(), np.arange(20.0) - 10
    X[0, 0] = 1.0
    stream = io.BytesIO()
    dump_svmlight_file(X, y, stream, zero_based=zero_based)
    table = read(file(pack(stream.getvalue()), "data"))
    np.testing.assert_allclose(table.X.toarray(), X.toarray(), rtol=1e-15)
    np.testing.assert_array_equal(table.y, y)
    assert table.feature_names[0] == ("0" if zero_based else "1")
    assert len(table.feature_names) == table.X.shape[1] == 7


def test_svmlight_comments_and_query_ids(file):
    table = read(file("# made by hand\n\n1 qid:3 2:0.5 # fine\n-1 qid:3 1:2\n"))
    np.testing.assert_array_equal(table.X.toarray(), [[0, 0.5], [2, 0]])
    np.testing.assert_array_equal(table.y, [1, -1])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1 2:x", ["line 2", "'2:x'", "not a number"]),
        ("1 2", ["line 2", "'2'", "index:value"]),
        ("1 b:2", ["line 2", "'b:2'", "index:value"]),
        ("1 -2:2", ["line 2", "'-2:2'", "index:value"]),
        ("one 2:2", ["line 2", "'one'", "label"]),
        ("1,2 2:2", ["line 2", "'1,2'", "label"]),
        ("nan 2:2", ["line 2", "'nan'", "label"]),
        ("1 2:nan", ["line 2", "'2:nan'", "not finite"]),
        ("1 2:1 3:-inf", ["line 2", "'3:-inf'", "not finite"]),
        ("1 5:1 3:2", ["line 2", "index 3", "index 5"]),
        ("1 5:1 5:2", ["line 2", "index 5"]),
        ("1 99999999999:1", ["line 2", "99999999999", "too large"]),
    ],
)
def test_svmlight_faults_are_one_sentence(file, line, words):
    with pytest.raises(ValueError, match=r"\A[^\n]{10,300}\Z") as caught:
        read(file(f"1 1:0.5 2:1\n{line}\n-1 3:1\n"))
    assert [word for word in words if word not in str(caught.value)] == []


def test_svmlight_has_no_target_to_choose(file):
    with pytest.raises(ValueError, match="'price'"):
        read(file("1 1:0.5\n"), "price")


# npz


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


# files


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_packed_file_that_was_cut_off(file, pack):
    packed = pack(CARS.encode() * 300)
    with pytest.raises(ValueError, match=r"damaged or cut off.*fetch it again"):
        read(file(packed[: len(packed) // 2]))


def test_a_packed_file_with_a_wrong_checksum(file):
    packed = bytearray(gzip.compress(b"1 1:2\n" * 20))
    packed[-6] ^= 1
    with pytest.raises(ValueError, match="damaged or cut off"):
        read(file(bytes(packed)))


@needs_pipes
def test_a_pipe_is_read(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(CARS))
    writer.start()
    table = read(pipe)
    writer.join()
    np.testing.assert_array_equal(table.y, [3, 6.5, -90])


def test_what_cannot_be_opened(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no file '.*nowhere\.csv'"):
        read(tmp_path / "nowhere.csv")
    with pytest.raises(IsADirectoryError, match="is a directory"):
        read(tmp_path)


def test_no_permission_to_read(file):
    path = file(CARS)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(PermissionError, match="No permission"):
        read(path)


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "model"

    def fails(file):
        file.write(b"half of it")
        raise RuntimeError("stop")

    for content in (None, b"what was there"):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(RuntimeError, match="stop"):
            write_whole(path, fails)
        assert [p.name for p in tmp_path.iterdir()] == ([] if content is None else ["model"])
    assert path.read_bytes() == b"what was there"
    write_whole(path, lambda file: file.write(b"new"))
    assert path.read_bytes() == b"new"


def test_written_files_keep_their_permissions_and_links(tmp_path):
    path, link, plain = tmp_path / "model", tmp_path / "link", tmp_path / "plain"
    plain.write_bytes(b"")
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_whole(link, lambda file: file.write(b"new"))
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    write_whole(tmp_path / "fresh", lambda file: file.write(b"new"))
    assert (tmp_path / "fresh").stat().st_mode == plain.stat().st_mode


@needs_pipes
def test_where_nothing_can_be_written(tmp_path):
    device = tmp_path / "pipe"
    os.mkfifo(device)
    for place, words in [
        (tmp_path / "no" / "model", "no directory"),
        (tmp_path, "is a directory"),
        (device, "a device or a pipe"),
    ]:
        with pytest.raises(OSError, match=rf"Cannot write '.*'.*{words}"):
            write_whole(place, lambda file: file.write(b"x"))
    assert stat.S_ISFIFO(device.stat().st_mode)


# what is carried along


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


@pytest.mark.parametrize(("name", "shape"), [("a9a", (48842, 123)), ("prostate", (97, 8))])
def test_real_files_are_read(name, shape):
    X, y = real(name)
    from problems import _folder

    table = read(_folder("FASTREG_DATA", "data") / f"{name}.npz")
    assert table.X.shape == shape
    assert abs(table.X - X).max() == 0
    np.testing.assert_array_equal(table.y, y)
