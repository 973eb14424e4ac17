"""How many threads a fit may use, and who says so."""

import builtins
import io
import os
import re
import threading

import numpy as np
import pytest

import fastreg
from fastreg import team
from fastreg.team import counting


@pytest.fixture(autouse=True)
def _fresh_choice(monkeypatch):
    """Start from a process in which nobody chose a number of threads, and leave it so."""
    monkeypatch.delenv("FASTREG_NUM_THREADS", raising=False)
    fastreg.set_num_threads(None)
    yield
    fastreg.set_num_threads(None)


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
