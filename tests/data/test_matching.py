"""The columns of a model in a file: found by name in any order, or refused in a sentence that names them."""

import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

from fastreg.data import Columns, Numbered, read, read_rows

pytestmark = pytest.mark.small

CARS = Columns(["weight", "power"], "price")
TABLE = "weight,power,price\n1,2,3\n4,5,6.5\n"
PLAIN = Columns(["column 1", "column 3"], "column 2")
PLACES = Columns(Numbered("x", 0, 3), "y")
WORDS = Columns(Numbered("", 1, 4), "label")


def archive(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "target"),
    [
        (TABLE, ["3", "6.5"]),
        ("price,power,weight\n3,2,1\n6.5,5,4\n", ["3", "6.5"]),
        ("power;weight\n2;1\n5;4\n", None),
        ("price,power,weight\n?,2,1\n,5,4\n", ["?", ""]),
        (',power,weight\n"row 1",2,1\n"row 2",5,4\n', None),
        (archive(X=[[2.0, 1.0], [5.0, 4.0]], feature_names=np.array(["power", "weight"])), None),
        (
            archive(
                X=[[2.0, 3.0, 1.0], [5.0, 6.5, 4.0]], feature_names=np.array(["power", "price", "weight"])
            ),
            [3.0, 6.5],
        ),
        (
            archive(
                X=[[1, 2], [4, 5]],
                price=np.array(["dear", "cheap"]),
                feature_names=np.array(["weight", "power"]),
            ),
            ["dear", "cheap"],
        ),
    ],
)
def test_columns_are_found_by_name(file, content, target):
    rows = read_rows(file(content), CARS)
    np.testing.assert_array_equal(rows.X, [[1, 2], [4, 5]])
    assert rows.X.dtype == np.float64
    assert (None if rows.y is None else rows.y.tolist()) == target


def test_names_that_are_numbers_are_recognised(file):
    rows = read_rows(file("2020,2019\n1,2\n"), Columns(["2019", "2020"], "2021"))
    np.testing.assert_array_equal(rows.X, [[2, 1]])
    one = read_rows(file("size\n1\n2\n"), Columns(["size"], "price"))
    np.testing.assert_array_equal(one.X, [[1], [2]])


def test_names_that_stand_twice_are_taken_by_place_where_all_are_the_same(file):
    twice = Columns(["a", "a"], "b")
    np.testing.assert_array_equal(read_rows(file("a,b,a\n1,2,3\n"), twice).X, [[1, 3]])


def test_columns_that_were_dropped_are_not_looked_at(file):
    content = "id,size,kind,price\nx1,1,red,10\nx2,2,,20\n"
    table = read(file(content), dropped=["kind", "id"])
    np.testing.assert_array_equal(table.X, [[1], [2]])
    assert (list(table.feature_names), table.target_name) == (["size"], "price")
    assert "left out: id, kind" in table.source
    columns = Columns(["size"], "price", ["kind", "id"])
    for rows in (content, "size,kind\n1,?\n2,blue\n", "price,size\n10,1\n20,2\n"):
        np.testing.assert_array_equal(read_rows(file(rows), columns).X, [[1], [2]])
    plain = Columns(["column 1", "column 4"], "column 3", ["column 2"])
    for rows in ("1,x,0,4\n5,y,0,8\n", "1,4\n5,8\n"):
        np.testing.assert_array_equal(read_rows(file(rows), plain).X, [[1, 4], [5, 8]])
    X = np.arange(8.0).reshape(2, 4)
    table = read(file(archive(X=X, y=[0, 1])), dropped=["x1"])
    np.testing.assert_array_equal(table.X, X[:, [0, 2, 3]])
    columns = Columns(table.feature_names, "y", ["x1"])
    for matrix in (X, X[:, [0, 2, 3]]):
        np.testing.assert_array_equal(read_rows(file(archive(X=matrix)), columns).X, table.X)


def test_columns_without_names_are_found_by_place(file):
    with_target = read_rows(file("1,2,3\n4,5,6\n"), PLAIN)
    np.testing.assert_array_equal(with_target.X, [[1, 3], [4, 6]])
    assert with_target.y.tolist() == ["2", "5"]
    without = read_rows(file("1,3\n4,6\n"), PLAIN)
    np.testing.assert_array_equal(without.X, [[1, 3], [4, 6]])
    assert without.y is None
    X = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(read_rows(file(archive(X=X)), PLACES).X, X)


def test_an_index_that_a_sparse_file_does_not_mention_is_zero(file):
    rows = read_rows(file("0 3:7\n1 1:5\n"), WORDS)
    assert isinstance(rows.X, sp.csr_array)
    np.testing.assert_array_equal(rows.X.toarray(), [[0, 0, 7, 0], [5, 0, 0, 0]])
    np.testing.assert_array_equal(rows.y, [0, 1])
    from_zero = read_rows(file("0 3:7\n"), Columns(Numbered("", 0, 4), "label"))
    np.testing.assert_array_equal(from_zero.X.toarray(), [[0, 0, 0, 7]])


@pytest.mark.parametrize(
    ("columns", "content", "words"),
    [
        (CARS, "weight,price\n1,2\n", ["no column 'power'"]),
        (CARS, "Weight,power\n1,2\n", ["no column 'weight'", "'Weight' is unknown"]),
        (CARS, "power,a,b\n1,2,3\n", ["no column 'weight'", "'a', 'b' are unknown"]),
        (CARS, "a,b\n1,2\n", ["no column 'weight' and 1 more"]),
        (CARS, "id,weight,power\n1,2,3\n", ["column 'id'", "drop it."]),
        (CARS, "id,k,weight,power\n1,2,3,4\n", ["column 'id'", "1 more"]),
        (CARS, "power,power,weight\n1,2,3\n", ["two columns called 'power'"]),
        (CARS, "1,2,3\n4,5,6\n", ["no line of names", "'weight', 'power'"]),
        (CARS, "weight,power\n1,red\n", ["line 2", "'power'", "'red'", "encode"]),
        (CARS, "weight,power\n1,nan\n", ["line 2", "'power'", "no value"]),
        (CARS, "weight,power\n1,inf\n", ["line 2", "'power'", "not finite"]),
        (CARS, "weight,power\n", ["no rows"]),
        (CARS, "1 1:2\n", ["svmlight", "'weight', 'power'"]),
        (CARS, archive(X=np.ones((2, 2))), ["'feature_names'", "'weight', 'power'"]),
        (CARS, archive(X=np.ones((2, 1)), feature_names=np.array(["power"])), ["no column 'weight'"]),
        (PLAIN, "1,2,3,4\n5,6,7,8\n", ["4 columns", "with 2"]),
        (PLAIN, "a,b\n5,6\n", ["no column 'column 1'"]),
        (PLACES, archive(X=np.ones((2, 4))), ["4 columns", "with 3"]),
        (PLACES, archive(X=np.full((2, 3), np.nan)), ["row 0", "'x0'", "nan"]),
        (PLACES, archive(X=np.ones((2, 3)), feature_names=np.array([None] * 3)), ["Python objects"]),
        (WORDS, "1 5:1\n", ["column '5'", "'1' to '4'"]),
        (WORDS, "1 0:1 2:3\n", ["column '0'", "'1' to '4'"]),
        (WORDS, "1:5 2:3\n", ["no label before '1:5'", "put 0"]),
    ],
)  # fmt: skip
def test_what_does_not_match_is_one_sentence(file, columns, content, words):
    with pytest.raises(ValueError, match=r"\A[^\n]{10,300}\.\Z") as caught:
        read_rows(file(content, "rows"), columns)
    assert [word for word in words if word not in str(caught.value)] == []


def test_standard_input_is_read(monkeypatch):
    for content in (TABLE.encode(), b"3 1:1 2:2\n6.5 1:4 2:5\n", archive(X=[[1, 2], [4, 5]], y=[3, 6.5])):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
        table = read("-")
        np.testing.assert_array_equal(table.y, [3, 6.5])
        assert table.source.startswith("standard input (")
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"a,b\n1,x\n2,y\nz,x\n")))
    with pytest.raises(ValueError, match="standard input, line 4: column 'a'"):
        read("-")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(OSError, match="closed"):
        read("-")


def test_the_form_may_be_said(file):
    # The only line of the first could be either: a label and a pair, or one column.
    assert read(file("1 1:2\n"), form="svmlight").feature_names[0] == "1"
    with pytest.raises(ValueError, match="one column"):
        read(file("1 1:2\n"), form="csv")
    with pytest.raises(ValueError, match="no npz archive"):
        read(file(TABLE), form="npz")
    with pytest.raises(ValueError, match="is an npz archive"):
        read(file(archive(X=np.ones((2, 2)))), form="csv")


def test_a_spreadsheet_is_told_from_an_archive(file):
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(ValueError, match="spreadsheet; save it as CSV"):
        read(file(stream.getvalue()))
