"""Fits and threads: the bits do not depend on them, a fork does not break them, Ctrl-C ends them."""

import os
import signal
import threading

import numpy as np
import pytest
import scipy.sparse as sp
from subprocesses import run

import fastreg
from fastreg import team
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2

pytestmark = pytest.mark.filterwarnings("ignore::fastreg.ConvergenceWarning")  # some fits are ended early

ROWS, DENSE_COLUMNS, SPARSE_COLUMNS = 60_000, 20, 400


def data(layout):
    """Return a matrix of several blocks of rows and of columns, and targets."""
    rng = np.random.default_rng(0)
    if layout in ("C", "F"):
        X = np.asarray(rng.standard_normal((ROWS, DENSE_COLUMNS)) + 0.5, order=layout)
        work = X.size
    else:
        entries = ROWS * SPARSE_COLUMNS // 20
        places = rng.integers(ROWS, size=entries), rng.integers(SPARSE_COLUMNS, size=entries)
        X = sp.coo_array((rng.random(entries), places), shape=(ROWS, SPARSE_COLUMNS)).asformat(layout)
        work = X.nnz
    assert len(team.blocks(ROWS, 20 * ROWS)) > 3
    assert len(team.blocks(X.shape[1], work)) > 3
    coef = rng.standard_normal(X.shape[1])
    y = X @ coef + rng.standard_normal(ROWS)
    return X, y, np.where(y > np.median(y), 1.0, -1.0)


def fit(X, y, loss, penalty, n_threads=None, **options):
    return fastreg.solve(
        X, y, loss=loss, penalty=penalty, n_threads=n_threads, **{"tol": 1e-9, "max_iter": 4, **options}
    )


def bits(solution):
    numbers = [solution.intercept, solution.objective, solution.gap]
    return solution.coef.tobytes(), np.array(numbers).tobytes(), solution.work, solution.status


@pytest.mark.slow
@pytest.mark.parametrize("penalty", [L1(1e-3), L2(1e-3)], ids=["coordinate descent", "Newton"])
@pytest.mark.parametrize("loss", [Squared(), Logistic()], ids=["squared", "logistic"])
@pytest.mark.parametrize("layout", ["F", "C", "csc", "csr"])
def test_same_bits_for_any_number_of_threads(layout, loss, penalty):
    X, y, labels = data(layout)
    target = labels if type(loss) is Logistic else y
    one = fit(X, target, loss, penalty, n_threads=1)
    assert np.count_nonzero(one.coef) > 5
    for threads in (2, 3, 8):
        assert bits(fit(X, target, loss, penalty, n_threads=threads)) == bits(one)


@pytest.mark.slow
def test_same_bits_of_a_whole_path():
    X, y, _ = data("csc")
    paths = [
        fastreg.path(X, y, loss=Squared(), penalty=L1(1.0), strengths=5, ratio=0.1, n_threads=threads)
        for threads in (1, 3)
    ]
    assert paths[0].coefs.nnz > 5
    assert paths[0].coefs.data.tobytes() == paths[1].coefs.data.tobytes()
    assert paths[0].gaps.tobytes() == paths[1].gaps.tobytes()
    assert paths[0].work == paths[1].work


@pytest.mark.parametrize("layout", ["F", "csc"])
def test_eight_fits_at_once_have_the_bits_of_one(layout):
    X, y, labels = data(layout)
    jobs = [(y, Squared()), (labels, Logistic())] * 4
    alone = [bits(fit(X, target, loss, L1(1e-3), max_iter=2)) for target, loss in jobs[:2]] * 4
    start = threading.Barrier(8)
    found = [None] * 8

    def work(k):
        start.wait()
        found[k] = bits(fit(X, *jobs[k], L1(1e-3), n_threads=2, max_iter=2))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == alone


def test_a_fit_inside_a_fit_is_serial_and_right():
    X, y, _ = data("F")
    inner, sizes = [], []

    def callback(progress):
        with team.lease(2) as crew:
            sizes.append(crew.size)
        inner.append(bits(fit(X, y, Squared(), L1(1e-2), n_threads=2)))

    outer = fit(X, y, Squared(), L1(1e-3), n_threads=2, callback=callback)
    assert len(inner) == outer.n_iter + 1 > 1
    assert set(sizes) == {1}
    assert set(inner) == {bits(fit(X, y, Squared(), L1(1e-2), n_threads=1))}
    assert bits(outer) == bits(fit(X, y, Squared(), L1(1e-3), n_threads=1))


FORK = """
import os, signal, sys, threading
import numpy as np
import test_threads_and_fork as fits
from fastreg.losses import Squared
from fastreg.penalties import L1
from subprocesses import tell

X, y, _ = fits.data("F")

def fit(**options):
    return fits.fit(X, y, Squared(), L1(1e-3), n_threads=2, **options)

expected = fits.bits(fit())  # the pool exists from here on

def in_child(check):
    process = os.fork()
    if process == 0:
        signal.alarm(100)  # a child that hangs is ended, with a status that is not 0
        os._exit(0 if check() else 1)
    return process

children = []
"""
FORKS = {
    "while the pool is idle": """
children.append(in_child(lambda: fits.bits(fit()) == expected))
""",
    "in the middle of a fit, which both go on with": """
parent = os.getpid()
def callback(progress):
    if progress.n_iter == 1 and not children:
        children.append(os.fork())
        if children == [0]:
            signal.alarm(100)
found = fits.bits(fit(callback=callback))
if os.getpid() != parent:
    os._exit(0 if found == expected and fits.bits(fit()) == expected else 1)
assert found == expected
""",
    "while another thread fits": """
others = [threading.Thread(target=fit) for _ in range(3)]
for thread in others: thread.start()
children += [in_child(lambda: fits.bits(fit()) == expected) for _ in range(5)]
for thread in others: thread.join()
""",
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.parametrize("script", FORKS.values(), ids=FORKS)
def test_a_fit_after_a_fork(script):
    end = """
statuses = [os.waitpid(process, 0)[1] for process in children]
tell(statuses=statuses, after=fits.bits(fit()) == expected)
"""
    told = run(
        "-W", "ignore::DeprecationWarning", "-c", FORK + script + end, cache=os.environ["FASTREG_CACHE_DIR"]
    )
    assert told["statuses"] == [0] * (5 if "others" in script else 1)
    assert told["after"] is True


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_in_a_callback_keeps_the_best_iterate(threads):
    X, y, _ = data("F")
    seen = []

    def callback(progress):
        seen.append(progress)
        if progress.n_iter == 1:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(fastreg.Interrupted) as interrupted:
        fit(X, y, Squared(), L1(1e-3), n_threads=threads, tol=0.0, callback=callback)
    solution = interrupted.value.solution
    assert isinstance(interrupted.value, KeyboardInterrupt)
    assert solution.status is fastreg.Status.STOPPED
    assert (solution.n_iter, len(seen)) == (1, 2)
    assert solution.objective == min(progress.objective for progress in seen) < seen[0].objective
    certificate = fastreg.certify(X, y, solution.coef, solution.intercept, loss=Squared(), penalty=L1(1e-3))
    assert certificate.primal == pytest.approx(solution.objective, rel=1e-12)


LONG = """
import os, signal, sys, threading, time
import numpy as np, scipy.sparse as sp
import fastreg, test_threads_and_fork as fits
from fastreg.losses import Logistic, Squared
from fastreg.penalties import L1, L2
from subprocesses import tell

kind, threads = sys.argv[1], int(sys.argv[2])
rng = np.random.default_rng(0)
X = rng.standard_normal((3000, 2000)) + 3 * rng.standard_normal((3000, 1))  # correlation 0.9
if kind == "sparse":
    X = sp.csc_array(X * (rng.random(X.shape) < 0.3))
elif kind != "rows":
    X = np.asfortranarray(X)
loss = Logistic() if kind in ("logistic", "newton") else Squared()
y = X @ rng.standard_normal(2000) + rng.standard_normal(3000)
y = np.sign(y) if type(loss) is Logistic else y
penalty = L2(1e-12) if kind == "newton" else L1(1e-7)
objectives, pressed = [], []

def press():
    pressed.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)

def callback(progress):
    objectives.append(progress.objective)
    if progress.n_iter == 1:
        threading.Timer(0.1, press).start()

try:
    fits.fit(X, y, loss, penalty, threads, tol=0.0, max_iter=1_000_000, callback=callback)
    tell(ended="by itself")
except fastreg.Interrupted as interrupted:
    delay = time.perf_counter() - pressed[0]
    solution = interrupted.solution
    primal = fastreg.certify(X, y, solution.coef, solution.intercept, loss=loss, penalty=penalty).primal
    tell(ended="by Ctrl-C", status=solution.status.name, objectives=objectives, primal=primal,
         objective=solution.objective, n_iter=solution.n_iter, delay=delay)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="os.kill ends the process there")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kind", ["columns", "rows", "sparse", "logistic", "newton"])
def test_ctrl_c_ends_a_long_fit_with_the_best_iterate(kind, threads):
    told = run("-c", LONG, kind, threads, cache=os.environ["FASTREG_CACHE_DIR"])
    assert told["ended"] == "by Ctrl-C"
    assert told["status"] == "STOPPED"
    assert told["n_iter"] < 1000
    # Ctrl-C may come after the best iterate was certified and before the callback was told of it.
    assert told["objective"] <= min(told["objectives"]) < told["objectives"][0]
    assert told["primal"] == pytest.approx(told["objective"], rel=1e-9)
    print(f"{kind}, {threads} threads: Ctrl-C was heard after {told['delay']:.3f} s")


def test_ctrl_c_in_a_path_keeps_the_part_that_is_done():
    X, y, _ = data("F")
    calls = []

    def callback(progress):
        calls.append(progress)
        if len(calls) == 4:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(fastreg.Interrupted) as interrupted:
        fastreg.path(X, y, loss=Squared(), penalty=L1(1.0), strengths=50, callback=callback)
    path = interrupted.value.solution
    assert 0 < path.strengths.size < 50
    assert path.coefs.shape == (DENSE_COLUMNS, path.strengths.size)
    assert path.gaps.max() <= 1e-6
