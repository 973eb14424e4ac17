"""However X is stored, the answer is that of its numbers; what can be read in place is not copied."""

import numpy as np
import problems
import pytest
import reference
import scipy.sparse as sp

import fastreg
from fastreg import CertificateKind, Status
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2

TOL = 1e-9
DENSE, TEXT = problems.dense(n=80, p=50), problems.text_like(n=200, p=300)
LOSSES = [Squared(), Logistic()]
PENALTIES = [L1(0.01), L2(0.01)]
with_both_losses = pytest.mark.parametrize("loss", LOSSES, ids=repr)
with_both_solvers = pytest.mark.parametrize("penalty", PENALTIES, ids=repr)


def solved(X, problem, loss, penalty, tol=TOL):
    return fastreg.solve(X, problem.target(loss), loss=loss, penalty=penalty, tol=tol)


def bits(solution):
    numbers = [solution.intercept, solution.objective, solution.gap]
    return solution.coef.tobytes(), np.array(numbers).tobytes(), solution.status


def copied(solution):
    return solution.work.bytes_copied


@with_both_losses
@with_both_solvers
@pytest.mark.parametrize("form", ["F", "C", "csc", "csr"])
def test_single_precision_is_certified_in_double(form, penalty, loss):
    """The gap is reached far below what float32 resolves, for the very numbers that X holds."""
    problem = DENSE if form in "FC" else TEXT
    X = problem.X.asformat(form) if sp.issparse(problem.X) else np.asarray(problem.X, order=form)
    X = X.astype(np.float32)
    exact = X.astype(np.float64)
    found = solved(X, problem, loss, penalty)
    words = {"loss": loss, "penalty": penalty}
    true = reference.certify(exact, problem.target(loss), found.coef, found.intercept, **words)
    assert found.status is Status.CONVERGED
    assert found.certificate.kind is CertificateKind.DUALITY_GAP
    assert found.gap <= TOL
    assert found.coef.dtype == np.float64
    assert found.gap == pytest.approx(true.gap, rel=1e-5, abs=1e-13)
    assert found.objective == pytest.approx(true.primal, rel=1e-12)
    double = solved(exact, problem, loss, penalty)
    assert found.objective == pytest.approx(double.objective, rel=2 * TOL)


@with_both_losses
@pytest.mark.parametrize("form", ["F", "csc"])
def test_single_precision_is_read_in_place(form, loss):
    problem = DENSE if form == "F" else TEXT
    assert copied(solved(problem.X.astype(np.float32), problem, loss, L1(0.01))) == 0


@with_both_losses
@with_both_solvers
@pytest.mark.parametrize("form", ["csc", "csr"])
def test_wide_indices_have_the_bits_of_narrow_ones(form, penalty, loss):
    narrow = TEXT.X.asformat(form)
    parts = (narrow.data, narrow.indices.astype(np.int64), narrow.indptr.astype(np.int64))
    wide = type(narrow)(parts, shape=narrow.shape)
    wide.indices, wide.indptr = parts[1:]  # the constructor narrows them
    assert wide.indices.dtype == np.int64
    one, other = solved(narrow, TEXT, loss, penalty), solved(wide, TEXT, loss, penalty)
    assert bits(one) == bits(other)
    narrowed = narrow.indices.nbytes if form == "csc" else wide.indices.nbytes  # a twin is made of the wide
    assert copied(other) <= copied(one) + narrowed
    assert np.array_equal(wide.indices, parts[1])


@with_both_losses
@with_both_solvers
@pytest.mark.parametrize("order", ["F", "C"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_file_is_read_through_its_map(dtype, order, penalty, loss, tmp_path):
    X = np.asarray(DENSE.X, dtype=dtype, order=order)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    assert isinstance(mapped, np.memmap)
    assert not mapped.flags.writeable
    in_memory, through_the_map = (solved(each, DENSE, loss, penalty) for each in (X, mapped))
    assert bits(in_memory) == bits(through_the_map)
    assert copied(through_the_map) == copied(in_memory)
    if order == "F" or isinstance(penalty, L2):
        assert copied(through_the_map) == 0


@with_both_losses
def test_sparse_parts_are_read_through_their_maps(loss, tmp_path):
    maps = []
    for name in ("data", "indices", "indptr"):
        np.save(tmp_path / f"{name}.npy", getattr(TEXT.X, name))
        maps.append(np.load(tmp_path / f"{name}.npy", mmap_mode="r"))
    mapped = sp.csc_matrix(tuple(maps), shape=TEXT.X.shape)
    assert np.shares_memory(mapped.data, maps[0])
    mapped.has_canonical_format = True  # to find out, scipy would only read
    found = solved(mapped, TEXT, loss, L1(0.01))
    assert bits(found) == bits(solved(TEXT.X, TEXT, loss, L1(0.01)))
    assert copied(found) == 0


@pytest.mark.parametrize("order", ["F", "C"])
def test_estimators_read_a_map_in_place(order, tmp_path):
    np.save(tmp_path / "X.npy", np.asarray(DENSE.X, order=order))
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    for model in (fastreg.Lasso(0.01), fastreg.Ridge(1.0), fastreg.LogisticRegression(l1_ratio=1.0)):
        y = DENSE.labels if isinstance(model, fastreg.LogisticRegression) else DENSE.y
        model.fit(mapped, y)
        for solution in model.solution_ if isinstance(model.solution_, list) else [model.solution_]:
            assert solution.gap <= 1e-3
            # Of rows, the columns of the working sets are copied, and no more.
            assert copied(solution) <= (0 if order == "F" else solution.work.rounds * DENSE.X.nbytes)


@with_both_losses
@with_both_solvers
@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.bool_, np.float16])
def test_other_numbers_are_cast_once(dtype, penalty, loss):
    """Counts as of SNPs: the answer of the same numbers in double, and one copy that is told."""
    X = np.asfortranarray(np.abs(DENSE.X) > 1).astype(dtype, order="F")
    found, exact = (solved(each, DENSE, loss, penalty) for each in (X, X.astype(np.float64, order="F")))
    assert bits(found) == bits(exact)
    assert copied(found) == copied(exact) + 8 * X.size
