"""Blocks of rows: together they are the whole, read again whenever they are asked for."""

import gzip

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.datasets import dump_svmlight_file

from fastreg.data import blocks, read

pytestmark = pytest.mark.small

RNG = np.random.default_rng(0)
DENSE = RNG.standard_normal((70, 5))
STORED = RNG.random((70, 5)) < 0.4
STORED[3, 0] = STORED[60, 4] = True  # a file tells its columns by its smallest and its largest index
SPARSE = sp.csr_array(DENSE * STORED)
Y = np.arange(70.0)


def joined(parts):
    """The rows and targets of some blocks, and the size of each block."""
    rows = [X.toarray() if sp.issparse(X) else np.asarray(X) for X, _ in parts]
    return np.vstack(rows), np.concatenate([y for _, y in parts]), [len(y) for _, y in parts]


def saved(folder, array):
    path = folder / "X.npy"
    np.save(path, array)
    return np.load(path, mmap_mode="r")


LAYOUTS = {
    "C": lambda folder: DENSE,
    "F": lambda folder: np.asfortranarray(DENSE),
    "csr": lambda folder: SPARSE,
    "csc": lambda folder: SPARSE.tocsc(),
    "map": lambda folder: saved(folder, DENSE),
    "map, float32": lambda folder: saved(folder, DENSE.astype(np.float32)),
    "map, F": lambda folder: saved(folder, np.asfortranarray(DENSE)),
    "map of some rows": lambda folder: saved(folder, np.vstack([DENSE[:7], DENSE]))[7:],
    "map of some columns": lambda folder: saved(folder, np.hstack([DENSE, DENSE]))[:, 5:],
    "map as an array": lambda folder: np.asarray(saved(folder, DENSE)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_blocks_of_an_array_are_its_rows(layout, tmp_path):
    X = LAYOUTS[layout](tmp_path)
    source = blocks(X, Y, rows=32)
    for _ in range(2):
        rows, targets, sizes = joined(list(source))
        assert sizes == [32, 32, 6]
        expected = X.toarray() if sp.issparse(X) else np.asarray(X)
        assert rows.dtype == expected.dtype
        assert np.array_equal(rows, expected)
        assert np.array_equal(targets, Y)


def test_blocks_of_a_map_are_maps_of_their_own(tmp_path):
    """What is dropped is given back: a view would keep the pages of the whole map."""
    whole = saved(tmp_path, DENSE)
    for X, _ in blocks(whole, Y, rows=32):
        assert not np.shares_memory(X, whole)
        assert isinstance(X, np.memmap)
    for X, _ in blocks(DENSE, Y, rows=32):
        assert np.shares_memory(X, DENSE)


def test_what_is_written_to_a_map_is_read(tmp_path):
    """Copied on writing, its file does not have it."""
    saved(tmp_path, DENSE)
    for mode in ("r+", "c"):
        whole = np.load(tmp_path / "X.npy", mmap_mode=mode)
        whole[40, 2] = 17.0 if mode == "r+" else 18.0
        rows, *_ = joined(blocks(whole, Y, rows=32))
        assert rows[40, 2] == whole[40, 2]


@pytest.mark.parametrize("zero_based", [True, False])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_blocks_of_an_svmlight_file_are_its_rows(file, pack, zero_based, tmp_path):
    dump_svmlight_file(SPARSE, Y, str(tmp_path / "plain"), zero_based=zero_based, comment="made by hand")
    path = file(pack((tmp_path / "plain").read_bytes()), "data")
    whole = read(path)
    told = blocks(path, rows=32, n_features=5, first=0 if zero_based else 1)
    for source in (blocks(path, rows=32), told):
        for _ in range(2):
            parts = list(source)
            assert [block.shape for block, _ in parts] == [(32, 5), (32, 5), (6, 5)]
            rows, targets, _ = joined(parts)
            assert np.array_equal(rows, whole.X.toarray())
            assert np.array_equal(targets, whole.y)


def test_lines_that_are_no_rows_do_not_shorten_a_block(file):
    path = file("# made by hand\n\n1 1:1 # one\n  \n-1 2:1\n# the end\n1 3:1\n")
    assert [X.shape for X, _ in blocks(path, rows=2)] == [(2, 3), (1, 3)]


def test_blocks_are_of_some_megabytes(file):
    wide = np.zeros((5, 100_000), dtype=np.float32)  # 256 rows are more than a block is to hold
    assert blocks(wide, np.zeros(5)).rows == 256
    assert blocks(np.zeros((5, 1000)), np.zeros(5)).rows == 16_000_000 // 8000 // 256 * 256
    assert blocks(sp.eye_array(100), np.zeros(100)).rows == 16_000_000 // 8 // 256 * 256
    assert blocks(file("1 1:1\n" * 50)).rows == 16_000_000 // 6 // 256 * 256


REFUSED = {
    "no targets": ((DENSE,), {}, "y is missing"),
    "targets beside a file": (("train.svm", Y), {}, "y was passed beside a file"),
    "a list": (([[1.0]], [1.0]), {}, "X is of type list"),
    "other lengths": ((DENSE, Y[:3]), {}, r"X has shape \(70, 5\) and y 3 entries"),
    "rows": ((DENSE, Y), {"rows": 0}, "rows=0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_cut_is_one_sentence(case):
    arguments, words, message = REFUSED[case]
    with pytest.raises((ValueError, TypeError), match=message) as raised:
        blocks(*arguments, **words)
    assert "\n" not in str(raised.value)


FAULTS = {
    "no rows": ("# nothing\n", {}, "holds no rows"),
    "no values": ("1\n-1\n", {}, "holds no values"),
    "a fault": ("1 1:1\n" * 40 + "1 1:x\n", {"n_features": 1}, "line 41: the value in '1:x'"),
    "an index too high": ("1 1:1\n" * 40 + "1 9:1\n", {"n_features": 3}, "has an index 9, .* 1 to 3"),
    "an index too low": ("1 0:1\n", {"n_features": 3}, "has an index 0, .* 1 to 3"),
    "first": ("1 0:1\n", {"n_features": 3, "first": 2}, "first=2 and n_features=3"),
    "n_features": ("1 0:1\n", {"n_features": 0}, "first=1 and n_features=0"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_faults_of_a_file_are_one_sentence(case, file):
    text, words, message = FAULTS[case]
    with pytest.raises(ValueError, match=message) as raised:
        list(blocks(file(text), rows=32, **words))
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there():
    with pytest.raises(FileNotFoundError, match="There is no file 'nowhere'"):
        blocks("nowhere")
