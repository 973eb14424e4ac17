"""Svmlight: what was written comes back, and every fault is one sentence with its line."""

import bz2
import gzip
import io
import lzma

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.datasets import dump_svmlight_file

from fastreg.data import read

pytestmark = pytest.mark.small


def matrix():
    rng = np.random.default_rng(0)
    dense = rng.random((20, 7)) * (rng.random((20, 7)) < 0.4)
    dense[0, 0] = 1.0  # the file tells by its smallest index whether it counts from 0
    return sp.csr_array(dense)


@pytest.mark.parametrize("zero_based", [True, False])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_svmlight_comes_back(file, pack, zero_based):
    X, y = matrix(), np.arange(20.0) - 10
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
