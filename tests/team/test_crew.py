"""Crews: who gets the workers, and what becomes of errors and of Ctrl-C."""

import os
import signal
import threading

import numpy as np
import pytest

import fastreg
from fastreg import team
from fastreg.jit import meet, stop_requested


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
@pytest.mark.parametrize("blocks", [1, 3])
def test_ctrl_c_in_a_block_sets_the_abort_word(blocks):
    def pressed(block, start, stop):
        raise KeyboardInterrupt

    with team.lease(1) as crew:
        with pytest.raises(KeyboardInterrupt):
            crew.each(pressed, list(range(blocks + 1)))
        assert crew.abort[0] == 1


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


@fastreg.kernel
def count_together(member, start, stop, gate, members, meetings, counts, seen):
    """Count at every meeting, and look at what the others have counted."""
    for turn in range(meetings):
        counts[turn % 2, member] += 1
        if not meet(gate, members):
            return
        for other in range(members):
            seen[member] += counts[turn % 2, other]


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_meet_inside_a_kernel(threads):
    with team.lease(threads) as crew:
        members = crew.most_together
        for meetings in (0, 1, 1000):
            counts, seen = np.zeros((2, members), dtype=np.int64), np.zeros(members, dtype=np.int64)
            crew.together(count_together, members, members, meetings, counts, seen)
            assert np.array_equal(seen, np.full(members, members * sum(t // 2 + 1 for t in range(meetings))))


def test_nobody_waits_for_one_who_failed():
    def fail(member, start, stop, gate, members, counts):
        if member == 1:
            raise ZeroDivisionError("member 1")
        count_together(member, start, stop, gate, members, 10**9, counts, np.zeros(members, dtype=np.int64))

    with team.lease(3) as crew:
        counts = np.zeros((2, 3), dtype=np.int64)
        with pytest.raises(ZeroDivisionError, match="member 1"):
            crew.together(fail, 3, 3, counts)
        assert counts.max() <= 1
