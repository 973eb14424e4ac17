"""How often a kernel is compiled: once for each type of entry, whatever the input looks like.

Orders of memory, read-only arrays, memory maps and the integers of sparse indices are made alike before a
kernel sees them. What is a specialisation of its own on purpose: float32 beside float64, sparse beside dense,
the classes of the terms, and one number for all rows (or features) beside an array of them.
"""

import os
from collections import Counter

import pytest
from subprocesses import run

# Fits of one problem given in many forms; then the signatures of every kernel of the solvers.
FITS = """
import importlib, itertools, pkgutil, tempfile, warnings
from pathlib import Path
import numpy as np, scipy.sparse as sp, fastreg
from fastreg.jit.bridge import classes_in
from fastreg.jit.keys import _spelled
from subprocesses import tell
warnings.simplefilter("ignore")

def frozen(array):
    array = array.copy(order="K")
    array.flags.writeable = False
    return array

def mapped(array):
    file = Path(tempfile.mkdtemp()) / "array"
    array.tofile(file)
    return np.memmap(file, dtype=array.dtype, shape=array.shape, mode="r")

def dense(X):
    F = np.asfortranarray(X)
    return X, F, frozen(X), frozen(F), mapped(X), np.repeat(X, 2, axis=0)[::2]

def sparse(X):
    X = np.where(X > 0.5, X, 0)
    for form, index in itertools.product((sp.csr_matrix, sp.csc_array), (np.int32, np.int64)):
        matrix = form(X)
        matrix.indices, matrix.indptr = frozen(matrix.indices.astype(index)), matrix.indptr.astype(index)
        yield matrix

def signatures():
    found = {}
    for _, name, _ in pkgutil.iter_modules(fastreg.solvers.__path__, "fastreg.solvers."):
        for kernel in vars(importlib.import_module(name)).values():
            for signature in getattr(kernel, "overloads", ()):
                classes = {id(each): each.__name__ for each in classes_in(signature)}
                spelled = [_spelled(kind, classes) for kind in signature]
                found.setdefault(f"{kernel.__module__}.{kernel.__name__}", {})[", ".join(spelled)] = True
    return {name: list(spelled) for name, spelled in found.items()}

X = np.random.default_rng(0).standard_normal((40, 7))
y = X[:, 0] + 0.3 * X[:, 1] ** 2
told = []
for forms, weights in (
    (dense(X), (None,)),
    (dense(X.astype(np.float32)), (None,)),
    (sparse(X), (None,)),
    (dense(X), (1.0 + np.arange(40) % 3,)),
):
    for matrix, weight in itertools.product(forms, weights):
        for target in (y, frozen(y), mapped(y), y.astype(np.float32), y.tolist()):
            if weight is not None:
                weight = frozen(weight) if target is y else weight.astype(np.float32)
            fastreg.Lasso(alpha=0.01).fit(matrix, target, sample_weight=weight).predict(matrix)
            fastreg.SGDRegressor(max_iter=2).fit(matrix, target, sample_weight=weight)
    told.append(signatures())
tell(stages=told)
"""


@pytest.fixture(scope="module")
def stages():
    return run("-c", FITS, cache=os.environ["FASTREG_CACHE_DIR"])["stages"]


def added(before, after):
    """How many signatures of each kernel are new."""
    counts = Counter({name.rpartition(".")[2]: len(signatures) for name, signatures in after.items()})
    counts.subtract({name.rpartition(".")[2]: len(signatures) for name, signatures in before.items()})
    return {name: count for name, count in counts.items() if count}


def test_forms_of_dense_data_share_one_specialisation(stages):
    twice = {name: found for name, found in stages[0].items() if len(found) != 1}
    assert twice == {}
    assert len(stages[0]) > 20


def test_float32_is_one_more_of_the_kernels_that_read_the_matrix(stages):
    found = added(stages[0], stages[1])
    assert set(found.values()) == {1}
    assert {"all_finite", "score_columns", "visit_rows"} <= found.keys() <= {
        "accumulate", "all_finite", "column_sums", "copy_entries", "score_columns", "small_products",
        "vector_products", "visit_rows",
    }  # fmt: skip


def test_forms_of_sparse_data_share_one_specialisation(stages):
    found = added(stages[1], stages[2])
    assert set(found.values()) == {1}
    spelled = {signature for found in stages[2].values() for signature in found if "Sparse" in signature}
    assert all("indices: readonly array(uint32, 1d, C)" in signature for signature in spelled)


def test_weights_are_one_more_of_the_kernels_that_take_one_number_for_all_rows(stages):
    found = added(stages[2], stages[3])
    assert set(found.values()) == {1}
    assert "visit_rows" not in found
