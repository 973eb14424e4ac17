"""CSV: what was written comes back, and every fault is one sentence with its line."""

import numpy as np
import pytest

from fastreg.data import read

pytestmark = pytest.mark.small


CARS = "weight,power,price\n1,2,3\n4,5,6.5\n7,8,-9e1\n"


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
        (CARS + "\n\n1,red,3\n", None, ["line 7", "'power'", "'red'", "0/1", "target"]),
        ("a;b\n1,5;2\n", None, ["line 2", "'a'", "'1,5'", "decimal point"]),
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
