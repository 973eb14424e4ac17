"""Threads: how many, who gets them, where work is cut, and what becomes of errors and of Ctrl-C."""

import builtins
import io
import os
import re
import signal
import threading

import numpy as np
import pytest
from subprocesses import run
from threadpoolctl import threadpool_info, threadpool_limits

import fastreg
from fastreg import team
from fastreg.jit import stop_requested
from fastreg.team import counting
from fastreg.team.blas import single_threaded_blas


@pytest.fixture(autouse=True)
def _fresh_choice(monkeypatch):
    """Start from a process in which nobody chose a number of threads, and leave it so."""
    monkeypatch.delenv("FASTREG_NUM_THREADS", raising=False)
    fastreg.set_num_threads(None)
    yield
    fastreg.set_num_threads(None)


# How many.


@pytest.mark.small
def test_the_closest_choice_counts(monkeypatch):
    system = fastreg.get_num_threads()
    assert system >= 1
    monkeypatch.setenv("FASTREG_NUM_THREADS", "5")
    assert fastreg.get_num_threads() == 5
    fastreg.set_num_threads(4)
    assert fastreg.get_num_threads() == 4
    with fastreg.num_threads(3):
        assert fastreg.get_num_threads() == 3
        assert team.thread_count(2).threads == 2
        with fastreg.num_threads(7):
            assert fastreg.get_num_threads() == 7
        assert fastreg.get_num_threads() == 3
    assert fastreg.get_num_threads() == 4
    fastreg.set_num_threads(None)
    assert fastreg.get_num_threads() == 5
    monkeypatch.setenv("FASTREG_NUM_THREADS", "")
    assert fastreg.get_num_threads() == system


@pytest.mark.small
def test_the_source_of_the_count_is_told(monkeypatch):
    told = [team.thread_count(1).source, team.thread_count().source]
    monkeypatch.setenv("FASTREG_NUM_THREADS", "1")
    told.append(team.thread_count().source)
    fastreg.set_num_threads(1)
    told.append(team.thread_count().source)
    with fastreg.num_threads(1):
        told.append(team.thread_count().source)
    assert len(set(told)) == 5


@pytest.mark.small
def test_a_context_is_left_on_error_and_is_of_one_thread():
    before, seen = fastreg.get_num_threads(), []
    with fastreg.num_threads(before + 1):
        thread = threading.Thread(target=lambda: seen.append(fastreg.get_num_threads()))
        thread.start()
        thread.join()
    assert seen == [before]
    with pytest.raises(ZeroDivisionError), fastreg.num_threads(before + 1):
        raise ZeroDivisionError
    assert fastreg.get_num_threads() == before


@pytest.mark.small
@pytest.mark.parametrize("count", [0, -1, 1.5, "2", True, np.float64(2)])
def test_what_is_no_number_of_threads_is_refused(count):
    def enter():
        with fastreg.num_threads(count):
            pass

    X = np.eye(3)
    for call, name in (
        (lambda: fastreg.set_num_threads(count), "count"),
        (enter, "count"),
        (lambda: team.thread_count(count), "n_threads"),
        (
            lambda: fastreg.solve(
                X, X[0], loss=fastreg.losses.Squared(), penalty=fastreg.penalties.L1(1), n_threads=count
            ),
            "n_threads",
        ),
    ):
        with pytest.raises(ValueError, match=re.escape(f"{name}={count!r} is no number of threads: ")):
            call()
    assert fastreg.get_num_threads() >= 1
    fastreg.set_num_threads(np.int64(2))
    assert fastreg.get_num_threads() == 2


@pytest.mark.small
@pytest.mark.parametrize("text", ["0", "-1", "1.5", "two", " 2"])
def test_a_wrong_variable_is_named(monkeypatch, text):
    monkeypatch.setenv("FASTREG_NUM_THREADS", text)
    with pytest.raises(ValueError, match=rf"^FASTREG_NUM_THREADS='{text}' is no number of threads: .*\.$"):
        fastreg.get_num_threads()
    assert team.thread_count(2).threads == 2  # it is not asked for


@pytest.mark.small
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, 6),
        ({"/sys/fs/cgroup/cpu.max": "max 100000\n"}, 6),
        ({"/sys/fs/cgroup/cpu.max": "250000 100000\n"}, 2),
        ({"/sys/fs/cgroup/cpu.max": "50000 100000\n"}, 1),
        ({"/sys/fs/cgroup/cpu.max": "900000 100000\n"}, 6),
        ({"/sys/fs/cgroup/cpu.max": "nonsense\n"}, 6),
        (
            {
                "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "300000\n",
                "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            3,
        ),
        (
            {
                "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            6,
        ),
    ],
)
def test_affinity_and_quota_are_obeyed(monkeypatch, files, expected):
    def fake_open(name, *arguments, **keywords):
        if str(name).startswith("/sys/fs/cgroup"):
            if name not in files:
                raise FileNotFoundError(name)
            return io.StringIO(files[name])
        return builtins.open(name, *arguments, **keywords)

    monkeypatch.setattr(counting, "open", fake_open, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(6)), raising=False)
    assert fastreg.get_num_threads() == expected


# Where work is cut.

SIZES = [
    (1, 10),
    (5, 10**9),
    (1000, 999_999),
    (1000, 10**6),
    (10**6, 10**6),
    (12_345, 3 * 10**6),
    (10**9, 10**11),
]


@pytest.mark.small
@pytest.mark.parametrize(("count", "work"), SIZES)
def test_blocks_cover_the_range_evenly(count, work):
    bounds = team.blocks(count, work)
    lengths = np.diff(bounds)
    assert (bounds[0], bounds[-1]) == (0, count)
    assert 1 <= lengths.min()
    assert lengths.max() <= lengths.min() + 1
    if work < team.SERIAL_BELOW:
        assert bounds == [0, count]
    else:
        assert len(bounds) > 2 or count == 1
    for threads in (1, 2, 3, 8):
        with fastreg.num_threads(threads):
            assert team.blocks(count, work) == bounds


@pytest.mark.small
def test_nothing_is_one_empty_block():
    assert team.blocks(0, 0) == team.blocks(0, 10**9) == [0, 0]


@pytest.mark.small
@pytest.mark.parametrize("first", [0, 17])
@pytest.mark.parametrize("skewed", [False, True])
def test_blocks_by_size_cover_the_range_by_work(first, skewed):
    rng = np.random.default_rng(0)
    sizes = rng.integers(0, 3000, 2000)
    if skewed:
        sizes[sizes < 2000] = 0
        sizes[1234] = 500_000
    before = first + np.concatenate([[0], np.cumsum(sizes)])
    work = int(sizes.sum())
    bounds = team.blocks_by_size(before, sizes.size, work)
    assert (bounds[0], bounds[-1]) == (0, sizes.size)
    assert np.all(np.diff(bounds) >= 0)
    shares = before[bounds[1:]] - before[bounds[:-1]]
    assert shares.sum() == work
    assert shares.size == len(team.blocks(sizes.size, work)) - 1 > 2
    assert shares.max() <= work / shares.size + sizes.max()
    for threads in (1, 2, 3, 8):
        with fastreg.num_threads(threads):
            assert team.blocks_by_size(before, sizes.size, work) == bounds


# Who gets them.


@pytest.mark.small
@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_each_block_is_worked_once(threads):
    bounds = [0, 3, 3, 7, 20]
    seen = []
    with team.lease(threads) as crew:
        assert crew.size == threads
        for _ in range(20):
            seen.clear()
            crew.each(lambda block, start, stop, other: seen.append((block, start, stop, other)), bounds, "x")
            assert sorted(seen) == [(0, 0, 3, "x"), (1, 3, 3, "x"), (2, 3, 7, "x"), (3, 7, 20, "x")]


@pytest.mark.small
def test_blocks_are_worked_at_once():
    meeting = threading.Barrier(3, timeout=60)
    with team.lease(3) as crew:
        crew.each(lambda block, start, stop: meeting.wait(), [0, 1, 2, 3])
    assert meeting.n_waiting == 0
    assert not meeting.broken


@pytest.mark.small
@pytest.mark.parametrize("threads", [1, 2, 8])
def test_the_error_of_a_block_reaches_the_caller(threads):
    def fail(block, start, stop):
        if block == 5:
            raise ZeroDivisionError("block 5")

    ended = []
    with team.lease(threads) as crew:
        for _ in range(10):
            with pytest.raises(ZeroDivisionError, match="block 5"):
                crew.each(fail, list(range(9)))
        crew.each(lambda block, start, stop: ended.append(block), list(range(9)))
    assert sorted(ended) == list(range(8))


@pytest.mark.small
def test_nested_leases_are_serial_and_all_are_given_back():
    for _ in range(3):
        with team.lease(3) as outer, team.lease(3) as inner, team.lease(3) as innermost:
            assert (outer.size, inner.size, innermost.size) == (3, 1, 1)
        with pytest.raises(ZeroDivisionError), team.lease(3):
            raise ZeroDivisionError
        with team.lease(2) as outer, team.lease(4) as inner:
            assert (outer.size, inner.size) == (2, 3)  # one worker is lent, two more make three


@pytest.mark.small
def test_workers_are_used_again():
    with team.lease(4) as crew:
        crew.each(lambda block, start, stop: None, [0, 1, 2, 3, 4])
    before = threading.active_count()
    for _ in range(5):
        with team.lease(4) as crew:
            crew.each(lambda block, start, stop: None, [0, 1, 2, 3, 4])
    assert threading.active_count() == before


@pytest.mark.small
def test_a_long_kernel_leaves_the_main_thread_free():
    with team.lease(1) as crew:
        assert crew.alone(threading.get_ident, 10) == threading.get_ident()
        assert crew.alone(threading.get_ident, 10**12) != threading.get_ident()
        assert crew.alone(lambda a, b: a + b, 10**12, 1, 2) == 3
        with pytest.raises(ZeroDivisionError):
            crew.alone(lambda: 1 / 0, 10**12)
    seen = []

    def elsewhere():
        with team.lease(2) as crew:
            seen.append(crew.alone(threading.get_ident, 10**12) == threading.get_ident())

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [True]  # Ctrl-C is the main thread's alone


# Ctrl-C.


@fastreg.kernel
def until_stopped(abort):
    """Loop for hours, unless stopped."""
    turns = 0
    while turns < 10**14:
        if stop_requested(abort):
            return turns
        turns += 1
    return -1


def press(how):
    if how == "signal":
        os.kill(os.getpid(), signal.SIGINT)
    else:
        import _thread

        _thread.interrupt_main()  # no signal, so nothing wakes the main thread


@pytest.mark.skipif(os.name == "nt", reason="os.kill ends the process there")
@pytest.mark.parametrize("how", ["signal", "interrupt_main"])
@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_ends_a_long_kernel(threads, how):
    until_stopped(np.ones(1, np.int64))  # compiled before the clock ticks
    timer = threading.Timer(0.3, press, [how])
    with team.lease(threads) as crew:
        rescue = threading.Timer(60, crew.abort.fill, [1])
        rescue.start()
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            crew.alone(until_stopped, 10**14, crew.abort)
        assert rescue.is_alive()
        rescue.cancel()
        assert crew.abort[0] == 1
    timer.join()
    with team.lease(threads) as crew:  # the next crew knows nothing of it
        assert crew.abort[0] == 0
        assert crew.alone(lambda: 7, 10**14) == 7


@pytest.mark.skipif(os.name == "nt", reason="os.kill ends the process there")
def test_ctrl_c_waits_until_the_arrays_are_free():
    """Workers are in the middle of their blocks when Ctrl-C comes: it is raised when they are through."""
    begun, ended = [], []
    go = threading.Event()

    def block(number, start, stop):
        begun.append(number)
        if threading.current_thread() is threading.main_thread():
            while len(begun) < 2:
                pass
            threading.Timer(0.2, go.set).start()
            signal.raise_signal(signal.SIGINT)
        assert go.wait(60)
        ended.append(number)

    with team.lease(2) as crew:
        with pytest.raises(KeyboardInterrupt):
            crew.each(block, list(range(50)))
        assert len(begun) == 2  # none was begun after
        assert len(ended) == 1  # the worker's


# BLAS.


def blas_threads():
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def set_blas_threads(count):
    """Set the process's number from a thread that ends: threadpoolctl listens to one living thread only."""
    thread = threading.Thread(target=threadpool_limits, kwargs={"limits": count, "user_api": "blas"})
    thread.start()
    thread.join()


def test_blas_gets_its_threads_back_from_the_last_user():
    before = blas_threads()
    set_blas_threads(2)
    original, one = blas_threads(), [1 for _ in before]
    entered, left = threading.Event(), threading.Event()
    may_leave = threading.Event()

    def first():
        with single_threaded_blas():
            entered.set()
            assert may_leave.wait(60)
        left.set()

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(60)
    with single_threaded_blas():
        may_leave.set()
        assert left.wait(60)  # the first leaves while the second is inside
        assert blas_threads() == one
    assert blas_threads() == original
    with single_threaded_blas():
        assert blas_threads() == one
    with pytest.raises(ZeroDivisionError), single_threaded_blas():
        raise ZeroDivisionError
    assert blas_threads() == original
    set_blas_threads(3)  # nobody is kept from setting it after us
    assert blas_threads() != original
    thread.join()
    set_blas_threads(max(before, default=1))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_the_child_of_a_fork_has_blas_to_itself():
    told = run(
        "-c",
        """
import os, signal, threading
import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits
from fastreg.team import single_threaded_blas
from subprocesses import tell

def blas_threads():
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]

setter = threading.Thread(target=threadpool_limits, kwargs={"limits": 2, "user_api": "blas"})
setter.start()
setter.join()
original = blas_threads()
inside, leave = threading.Event(), threading.Event()

def user():
    with single_threaded_blas():
        inside.set()
        leave.wait()

threading.Thread(target=user).start()
inside.wait()
process = os.fork()
if process == 0:
    signal.alarm(60)
    with single_threaded_blas():
        limited = blas_threads()
    os._exit(int(not (set(limited) == {1} and blas_threads() == original)))
leave.set()
tell(status=os.waitpid(process, 0)[1])
""",
    )
    assert told["status"] == 0
