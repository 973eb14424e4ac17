"""However a process was started, and beside whatever else runs, its fits have the same bits."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest
from joblib import Parallel, delayed
from test_threads_and_fork import bits, data, fit

from fastreg.losses import Squared
from fastreg.penalties import L1

# Python warns of a fork beside threads, which is what is tried here; some fits are ended early.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::fastreg.ConvergenceWarning"),
]


def bits_of_a_fit(_=None):
    X, y, _ = data("F")
    return bits(fit(X, y, Squared(), L1(1e-3)))


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_processes_of_every_start_method(method):
    expected = bits_of_a_fit()  # the pool of threads exists from here on
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as processes:
        found = list(processes.map(bits_of_a_fit, range(3)))
    assert found == [expected] * 3


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_workers_of_joblib(backend):
    found = Parallel(n_jobs=2, backend=backend)(delayed(bits_of_a_fit)() for _ in range(3))
    assert found == [bits_of_a_fit()] * 3
